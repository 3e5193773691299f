//! Domain names inside RDATA: like [`crate::Name`], but in either dialect and with their letters as written.

use super::token::{Dialect, escape_code, push_code};
use crate::NameError;
use crate::name::{LABEL_BYTES_MAX, WIRE_BYTES_MAX};

/// Appends the name written in `raw` in wire format.
pub(crate) fn read(raw: &[u8], dialect: Dialect<'_>, wire: &mut Vec<u8>) -> Result<(), NameError> {
    let shown = || String::from_utf8_lossy(raw).into_owned();
    let start = wire.len();
    match (raw, dialect) {
        (b"", _) => return Err(NameError::Empty(String::new())),
        (b".", _) => {
            wire.push(0);
            return Ok(());
        }
        (b"@", Dialect::MasterFile { origin }) => {
            wire.extend_from_slice(origin);
            return Ok(());
        }
        _ => {}
    }
    let mut label = wire.len();
    wire.push(0);
    let mut at = 0;
    while at < raw.len() {
        match raw[at] {
            b'.' => {
                close(wire, &mut label, shown)?;
                at += 1;
            }
            b'\\' => {
                let (byte, length) =
                    escape_code(&raw[at..], dialect).ok_or_else(|| NameError::Character(from(raw, at, 4)))?;
                wire.push(byte);
                at += length;
            }
            // R53 names: 0x00–0x20 and 0x7F–0xFF must be written as escape codes.
            byte if matches!(dialect, Dialect::Route53) && !byte.is_ascii_graphic() => {
                return Err(NameError::Character(from(raw, at, 1)));
            }
            byte => {
                wire.push(byte);
                at += 1;
            }
        }
    }
    if wire.len() - label > 1 {
        close(wire, &mut label, shown)?;
        if let Dialect::MasterFile { origin } = dialect {
            wire.pop();
            wire.extend_from_slice(origin);
        }
    }
    if wire.len() - start > WIRE_BYTES_MAX { Err(NameError::TooLong(shown())) } else { Ok(()) }
}

/// The first `count` characters from `at` on.
fn from(raw: &[u8], at: usize, count: usize) -> String {
    String::from_utf8_lossy(&raw[at..]).chars().take(count).collect()
}

/// Ends the label that began at `*start` and opens the next one.
fn close(wire: &mut Vec<u8>, start: &mut usize, shown: impl Fn() -> String) -> Result<(), NameError> {
    match wire.len() - *start - 1 {
        0 => Err(NameError::LabelEmpty(shown())),
        length if length > LABEL_BYTES_MAX => Err(NameError::LabelTooLong(shown())),
        length => {
            wire[*start] = u8::try_from(length).expect("a label has at most 63 bytes");
            *start = wire.len();
            wire.push(0);
            Ok(())
        }
    }
}

/// The length of the uncompressed name at the front of `wire`; nothing if there is none.
pub(crate) fn length(wire: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let label = usize::from(*wire.get(at)?);
        if label > LABEL_BYTES_MAX || at >= WIRE_BYTES_MAX {
            return None;
        }
        at += 1 + label;
        if label == 0 {
            return (at <= WIRE_BYTES_MAX).then_some(at);
        }
    }
}

/// Appends the name at the front of `wire` as text, always absolute; returns what follows it.
pub(crate) fn show<'w>(wire: &'w [u8], dialect: Dialect<'_>, text: &mut String) -> Option<&'w [u8]> {
    let (mut name, rest) = wire.split_at(length(wire)?);
    if name.len() == 1 {
        text.push('.');
        return Some(rest);
    }
    while name[0] != 0 {
        let (label, after) = name[1..].split_at(usize::from(name[0]));
        for &byte in label {
            let special = matches!(byte, b'.' | b'"' | b'(' | b')' | b';' | b'@' | b'$');
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
                text.push(char::from(byte));
            } else if matches!(dialect, Dialect::MasterFile { .. }) && byte.is_ascii_graphic() && byte != b'\\' {
                text.extend(special.then_some('\\'));
                text.push(char::from(byte));
            } else {
                // The backslash too: NSD 4.6 refuses a label that ends with an escaped one.
                push_code(byte, dialect, text);
            }
        }
        text.push('.');
        name = after;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(raw: &str, dialect: Dialect<'_>) -> Result<Vec<u8>, NameError> {
        let mut wire = Vec::new();
        read(raw.as_bytes(), dialect, &mut wire).map(|()| wire)
    }

    #[test]
    fn names_are_absolute_for_route_53_and_relative_in_master_files() {
        let master = Dialect::MasterFile { origin: b"\x03com\0" };
        assert_eq!(wire("WWW.a", Dialect::Route53).unwrap(), b"\x03WWW\x01a\0");
        assert_eq!(wire("WWW.a.", Dialect::Route53).unwrap(), b"\x03WWW\x01a\0");
        assert_eq!(wire("a", master).unwrap(), b"\x01a\x03com\0");
        assert_eq!(wire("a.", master).unwrap(), b"\x01a\0");
        assert_eq!(wire("@", master).unwrap(), b"\x03com\0");
        assert_eq!(wire("@", Dialect::Route53).unwrap(), b"\x01@\0");
    }

    #[test]
    fn every_byte_survives_in_both_dialects() {
        for dialect in [Dialect::Route53, Dialect::MasterFile { origin: b"\x03com\0" }] {
            for byte in 0..=255u8 {
                let name = [2, b'x', byte, 1, byte, 0];
                let mut text = String::new();
                assert_eq!(show(&name, dialect, &mut text), Some(&b""[..]));
                assert_eq!(wire(&text, dialect).unwrap(), name, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert!(matches!(wire("", Dialect::Route53), Err(NameError::Empty(_))));
        assert!(matches!(wire("a..b", Dialect::Route53), Err(NameError::LabelEmpty(_))));
        assert!(matches!(wire(&"a".repeat(64), Dialect::Route53), Err(NameError::LabelTooLong(_))));
        assert!(matches!(wire(&"abc.".repeat(64), Dialect::Route53), Err(NameError::TooLong(_))));
        assert!(matches!(wire("ä.de", Dialect::Route53), Err(NameError::Character(_))));
        assert_eq!(length(b"\x03ab"), None);
        assert_eq!(length(b"\xc0\x00"), None);
    }
}
