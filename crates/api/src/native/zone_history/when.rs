//! Revisions as people type them: `41`, `now`, `now~2`, `10m` (so long ago), `2026-11-23T09:00Z`.

use control::history::{Base, When};
use model::deployment::Period;

use crate::native::problem::Problem;
use crate::time::parse_basic;

/// Reads one.
pub(in crate::native) fn parse(text: &str) -> Result<When, Problem> {
    let fault = || {
        Problem::invalid(format!("not a revision: {text}"))
            .hint("write a number that `history` lists, now, now~1, 10m (ago), or 2026-11-23T09:00Z")
    };
    let (base, back) = match text.split_once('~') {
        None => (text, 0),
        Some((base, "")) => (base, 1),
        Some((base, steps)) => (base, steps.parse().map_err(|_| fault())?),
    };
    let base = if base == "now" {
        Base::Now
    } else if let Ok(revision) = base.parse() {
        Base::Revision(revision)
    } else if let Some(ms) = utc_ms(base) {
        Base::At(ms)
    } else {
        Base::Ago(Period::parse(base).ok().filter(|_| !base.is_empty()).ok_or_else(fault)?)
    };
    Ok(When { base, back })
}

/// `2026-11-23`, with `T09:00`, `:15` and `.500` behind it, with `Z` or without: always UTC. The moment named is the
/// last one that is written so: at `09:00`, whatever happened within that minute has not happened yet.
fn utc_ms(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (date, mut time) = (digits(date, &[4, 2, 2], '-')?, time.to_owned());
    if time.len() == 5 {
        time.push_str(":00");
    }
    let time = digits(&time, &[2, 2, 2], ':')?;
    let seconds = parse_basic(&format!("{date}T{time}Z"))?;
    let ms: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(seconds * 1000 + ms)
}

/// The digits of `2026-11-23`, if each part has its length.
fn digits(text: &str, lengths: &[usize], between: char) -> Option<String> {
    let parts: Vec<&str> = text.split(between).collect();
    let fits = parts.len() == lengths.len() && parts.iter().zip(lengths).all(|(part, length)| part.len() == *length);
    (fits && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))).then(|| parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_name_revisions_in_many_ways() {
        let nine = 1_795_424_400_000;
        for (text, base, back) in [
            ("41", Base::Revision(41), 0),
            ("now", Base::Now, 0),
            ("now~", Base::Now, 1),
            ("now~3", Base::Now, 3),
            ("41~2", Base::Revision(41), 2),
            ("10m", Base::Ago(Period::from_seconds(600)), 0),
            ("2026-11-23T09:00Z", Base::At(nine), 0),
            ("2026-11-23T09:00:00.25", Base::At(nine + 250), 0),
            ("2026-11-23 09:00:01", Base::At(nine + 1000), 0),
            ("2026-11-23", Base::At(nine - 9 * 3_600_000), 0),
        ] {
            assert_eq!(parse(text).unwrap(), When { base, back }, "{text}");
        }
        for text in ["", "~1", "now~x", "-1", "yesterday", "2026-13-01", "2026-11-23T9:00", "10 m", "2026-11-23T09:00é"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
