//! LOC: a place on earth (RFC 1876): `52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m`.

use std::fmt::Write as _;

use super::read::plain;
use super::token::Token;

/// Thousandths of a second of arc at the equator and the prime meridian.
const ZERO: i64 = 1 << 31;
/// Centimetres between altitude zero on the wire and the sea's (WGS 84).
const DEPTH_CM: i64 = 10_000_000;

/// Reads all tokens of a location.
pub(super) fn read(tokens: &[Token<'_>], wire: &mut Vec<u8>) -> Option<()> {
    let mut words = tokens.iter().map(|token| plain(*token)).collect::<Option<Vec<_>>>()?.into_iter().peekable();
    let latitude = angle(&mut words, 90, "N", "S")?;
    let longitude = angle(&mut words, 180, "E", "W")?;
    let altitude = centimetres(words.next()?)? + DEPTH_CM;
    // RFC 1876 §3: 1 m, 10000 m and 10 m unless given.
    let mut sizes = [0x12, 0x16, 0x13];
    for size in &mut sizes {
        if let Some(word) = words.next() {
            *size = precision(centimetres(word)?)?;
        }
    }
    if words.next().is_some() {
        return None;
    }
    wire.push(0);
    wire.extend_from_slice(&sizes);
    for value in [latitude, longitude, altitude] {
        wire.extend_from_slice(&u32::try_from(value).ok()?.to_be_bytes());
    }
    Some(())
}

/// `d [m [s]] {N|S}` as thousandths of a second.
fn angle<'a>(words: &mut impl Iterator<Item = &'a str>, degrees_max: i64, plus: &str, minus: &str) -> Option<i64> {
    let mut value = 0;
    for (unit, max) in [(3_600_000, degrees_max), (60_000, 59), (1_000, 59), (0, 0)] {
        let word = words.next()?;
        if word.eq_ignore_ascii_case(plus) || word.eq_ignore_ascii_case(minus) {
            let sign = if word.eq_ignore_ascii_case(plus) { 1 } else { -1 };
            return (unit != 3_600_000 && value <= degrees_max * 3_600_000).then_some(ZERO + sign * value);
        }
        let thousandths = decimal(word, 3)?;
        let whole = thousandths / 1000;
        if unit == 0 || whole > max || (unit != 1_000 && thousandths % 1000 != 0) {
            return None;
        }
        value += if unit == 1_000 { thousandths } else { whole * unit };
    }
    None
}

/// Metres with an optional `m` as centimetres.
fn centimetres(word: &str) -> Option<i64> {
    let word = word.strip_suffix(['m', 'M']).unwrap_or(word);
    match word.strip_prefix('-') {
        Some(depth) => Some(-decimal(depth, 2)?),
        None => decimal(word, 2),
    }
}

/// A decimal number without sign times 10^places.
fn decimal(word: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 10 || fraction.len() > places || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// Centimetres as one digit and a power of ten, rounded down.
fn precision(mut centimetres: i64) -> Option<u8> {
    if !(0..=9_000_000_000).contains(&centimetres) {
        return None;
    }
    let mut power = 0u8;
    while centimetres > 9 {
        centimetres /= 10;
        power += 1;
    }
    Some(u8::try_from(centimetres).ok()? << 4 | power)
}

/// Appends a location as text; nothing if it is of another version or out of bounds.
pub(super) fn show(wire: &[u8], text: &mut String) -> Option<()> {
    let ([0, sizes @ .., a, b, c, d, e, f, g, h, i, j, k, l], []) = wire.split_first_chunk::<16>()? else {
        return None;
    };
    for (value, plus, minus, max) in [([a, b, c, d], 'N', 'S', 90), ([e, f, g, h], 'E', 'W', 180)] {
        let value = i64::from(u32::from_be_bytes(value.map(|byte| *byte))) - ZERO;
        let (letter, value) = if value < 0 { (minus, -value) } else { (plus, value) };
        if value > max * 3_600_000 {
            return None;
        }
        let (degrees, minutes) = (value / 3_600_000, value / 60_000 % 60);
        let _ = write!(text, "{degrees} {minutes} {}.{:03} {letter} ", value / 1000 % 60, value % 1000);
    }
    let altitude = i64::from(u32::from_be_bytes([*i, *j, *k, *l])) - DEPTH_CM;
    let sign = if altitude < 0 { "-" } else { "" };
    let _ = write!(text, "{sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100);
    let sizes: [u8; 3] = *sizes;
    for size in sizes {
        let (digit, power) = (i64::from(size >> 4), u32::from(size & 15));
        // A zero has power zero and digits end at nine, so that reading gives the same byte back.
        if digit > 9 || power > 9 || (digit == 0 && power > 0) {
            return None;
        }
        let centimetres = digit * 10i64.pow(power);
        let _ = write!(text, " {}.{:02}m", centimetres / 100, centimetres % 100);
    }
    Some(())
}
