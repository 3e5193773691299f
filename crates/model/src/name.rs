//! Domain names: one canonical form (wire format, lower case, absolute) made once at the border.
//!
//! The quirks of Route 53's text form end here: octal escapes (`\052`), the optional trailing dot, letters in either
//! case. What comes out for Route 53 is always escaped and always ends with a dot (spec: `DomainNameFormat`). Master
//! files use decimal escapes and are read by [`crate::zone_file`]. IDNs are taken as given (Punycode).

use std::fmt;
use std::hash::Hash;

/// Most bytes of a name in wire format, the root's zero included (RFC 1035 §2.3.4).
pub const WIRE_BYTES_MAX: usize = 255;
/// Most bytes of one label (RFC 1035 §2.3.4).
pub const LABEL_BYTES_MAX: usize = 63;

/// An absolute domain name in wire format and lower case.
///
/// ```
/// let name = model::Name::parse("WWW.Example.com").unwrap();
/// assert_eq!(name.to_string(), "www.example.com.");
/// assert!(name.is_in(&model::Name::parse("example.com.").unwrap()));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Box<[u8]>);

/// Why a text is not a domain name. The words before the brackets are Route 53's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all.
    #[error("DomainNameEmpty (Domain name is empty) encountered with '{0}'")]
    Empty(String),
    /// Two dots in a row, or a dot in front.
    #[error("DomainLabelEmpty (Domain label is empty) encountered with '{0}'")]
    LabelEmpty(String),
    /// A label of more than 63 bytes.
    #[error("DomainLabelTooLong (Domain label is too long) encountered with '{0}'")]
    LabelTooLong(String),
    /// More than 255 bytes in all.
    #[error("DomainNameTooLong (Domain name is too long) encountered with '{0}'")]
    TooLong(String),
    /// A character that must be written as an escape code, or an escape code that is none (seen on AWS: the character
    /// alone, not the name).
    #[error("UnsupportedCharacter (Value contains unsupported characters) encountered with '{0}'")]
    Character(String),
}

impl Name {
    /// The root, `.`.
    #[must_use]
    pub fn root() -> Self {
        Self(Box::new([0]))
    }

    /// Reads Route 53's text form: labels joined by dots, `\ooo` for any byte, trailing dot optional.
    ///
    /// # Errors
    /// See [`NameError`]; what is wrong is repeated in the error.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty(String::new()));
        }
        if text == "." {
            return Ok(Self::root());
        }
        let mut wire = Vec::with_capacity(text.len() + 2);
        let mut label = 0;
        wire.push(0);
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'.' => {
                    close_label(&mut wire, &mut label, text)?;
                    continue;
                }
                b'\\' => octal(&mut bytes).ok_or_else(|| NameError::Character(unsupported(text)))?,
                // R53 names: 0x00–0x20 and 0x7F–0xFF must be written as escape codes.
                0x21..=0x7e => byte,
                _ => return Err(NameError::Character(unsupported(text))),
            };
            wire.push(byte.to_ascii_lowercase());
        }
        if !text.ends_with('.') || wire.len() - label > 1 {
            close_label(&mut wire, &mut label, text)?;
        }
        if wire.len() > WIRE_BYTES_MAX {
            return Err(NameError::TooLong(text.to_owned()));
        }
        Ok(Self(wire.into()))
    }

    /// Takes a complete uncompressed name in wire format; upper case is folded.
    ///
    /// # Errors
    /// The bytes are not exactly one name within the limits of RFC 1035.
    pub fn from_wire(wire: &[u8]) -> Result<Self, NameError> {
        let fault = || NameError::Character(format!("{wire:02x?}"));
        let mut at = 0;
        loop {
            let length = usize::from(*wire.get(at).ok_or_else(fault)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
            if length > LABEL_BYTES_MAX {
                return Err(fault());
            }
        }
        if at != wire.len() || at > WIRE_BYTES_MAX {
            return Err(fault());
        }
        // Length bytes are below 64 and so are no letters: folding the whole is folding the labels.
        Ok(Self(wire.to_ascii_lowercase().into()))
    }

    /// The wire format, ending with the root's zero byte.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.0
    }

    /// The labels from left to right, without the root.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let length = usize::from(rest[0]);
            if length == 0 {
                return None;
            }
            let (label, after) = rest[1..].split_at(length);
            rest = after;
            Some(label)
        })
    }

    /// How many labels, the root not counted.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// The name without its leftmost label; nothing above the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        match self.0[0] {
            0 => None,
            length => Some(Self(self.0[1 + usize::from(length)..].into())),
        }
    }

    /// Whether this name is `zone` or lies below it.
    #[must_use]
    pub fn is_in(&self, zone: &Self) -> bool {
        let mut rest = &self.0[..];
        while rest.len() > zone.0.len() {
            rest = &rest[1 + usize::from(rest[0])..];
        }
        *rest == *zone.0
    }

    /// Whether the complete leftmost label is `*` (RFC 4592; elsewhere `*` is an ordinary character).
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with(&[1, b'*'])
    }

    /// `*.self`, unless that would be too long.
    #[must_use]
    pub fn wildcard(&self) -> Option<Self> {
        self.child(b"*")
    }

    /// `label.self`, unless that would be too long or the label is not 1–63 bytes.
    #[must_use]
    pub fn child(&self, label: &[u8]) -> Option<Self> {
        let length = u8::try_from(label.len()).ok().filter(|l| (1..=63).contains(l))?;
        (self.0.len() + 1 + label.len() <= WIRE_BYTES_MAX).then(|| {
            let mut wire = Vec::with_capacity(self.0.len() + 1 + label.len());
            wire.push(length);
            wire.extend(label.iter().map(u8::to_ascii_lowercase));
            wire.extend_from_slice(&self.0);
            Self(wire.into())
        })
    }

    /// The key by which Route 53 sorts its listings: escaped labels from right to left, each followed by a dot
    /// (`com.example.www.`), compared as ASCII bytes. `a-b` therefore comes before `a` (0x2D < 0x2E).
    #[must_use]
    pub fn sort_key(&self) -> String {
        let mut key = String::with_capacity(self.0.len() + 8);
        let labels: Vec<&[u8]> = self.labels().collect();
        for label in labels.iter().rev() {
            escape(label, &mut key);
            key.push('.');
        }
        key
    }
}

/// Ends the label that began at `*start` and opens the next one.
fn close_label(wire: &mut Vec<u8>, start: &mut usize, text: &str) -> Result<(), NameError> {
    match wire.len() - *start - 1 {
        0 => Err(NameError::LabelEmpty(text.to_owned())),
        length if length > LABEL_BYTES_MAX => Err(NameError::LabelTooLong(text.to_owned())),
        length => {
            wire[*start] = u8::try_from(length).expect("a label has at most 63 bytes");
            *start = wire.len();
            wire.push(0);
            Ok(())
        }
    }
}

/// The first character of a name that must not stand there, or the first escape code that is none.
pub(crate) fn unsupported(text: &str) -> String {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' if octal(&mut rest[1..].bytes()).is_some() => 4,
            '\\' => return rest.chars().take(4).collect(),
            '!'..='~' => 1,
            _ => return c.to_string(),
        };
        rest = &rest[length..];
    }
    text.to_owned()
}

/// The three octal digits after a backslash.
fn octal(bytes: &mut std::str::Bytes<'_>) -> Option<u8> {
    let mut value = 0u32;
    for _ in 0..3 {
        let digit = bytes.next().filter(|d| (b'0'..=b'7').contains(d))?;
        value = value * 8 + u32::from(digit - b'0');
    }
    u8::try_from(value).ok()
}

/// R53 names: every byte that is not a–z 0–9 `-` `_` is returned as `\ooo`, whatever form was given.
fn escape(label: &[u8], text: &mut String) {
    for &byte in label {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            _ => {
                text.push('\\');
                for shift in [6, 3, 0] {
                    text.push(char::from(b'0' + ((byte >> shift) & 7)));
                }
            }
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() == 1 {
            return f.write_str(".");
        }
        let mut text = String::with_capacity(self.0.len() + 8);
        for label in self.labels() {
            escape(label, &mut text);
            text.push('.');
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::str::FromStr for Name {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(Name::parse(text).unwrap().to_string(), shown);
    }

    #[test]
    fn names_come_back_lower_case_escaped_and_absolute() {
        check("www.Example.COM", "www.example.com.");
        check("*.example.com.", "\\052.example.com.");
        check("\\052.example.com", "\\052.example.com.");
        check("A@B.Example.COM", "a\\100b.example.com.");
        check("a\\056b.example.com", "a\\056b.example.com.");
        check("\\344.example", "\\344.example.");
        check("\\101.example", "a.example.");
        check(".", ".");
    }

    #[test]
    fn what_is_no_name_is_refused_in_route_53_words() {
        let long = "a".repeat(64);
        assert!(matches!(Name::parse(""), Err(NameError::Empty(_))));
        for text in [".x.y", "x..y", "x.y..", ".."] {
            assert!(matches!(Name::parse(text), Err(NameError::LabelEmpty(_))), "{text}");
        }
        assert!(matches!(Name::parse(&long), Err(NameError::LabelTooLong(_))));
        assert!(matches!(Name::parse(&"abc.".repeat(64)), Err(NameError::TooLong(_))));
        for text in ["a b", "ä", "a\\9", "a\\08b", "a\\777"] {
            assert!(matches!(Name::parse(text), Err(NameError::Character(_))), "{text}");
        }
        assert_eq!(Name::parse(&"abc.".repeat(63)).unwrap().wire().len(), 253);
        // Seen on AWS: the character alone is told.
        for (text, told) in
            [("us-east -1.elb", " "), ("\\344ä\\9", "ä"), ("a\\777b", "\\777"), ("a\\9", "\\9"), ("a\\é", "\\é")]
        {
            assert_eq!(Name::parse(text), Err(NameError::Character(told.to_owned())), "{text}");
        }
    }

    #[test]
    fn listing_order_is_that_of_the_reversed_escaped_labels() {
        let mut names: Vec<Name> =
            ["a.example.com", "x.a.example.com", "*.example.com", "a-b.example.com", "example.com"]
                .iter()
                .map(|n| Name::parse(n).unwrap())
                .collect();
        names.sort_by_key(Name::sort_key);
        let shown: Vec<String> = names.iter().map(ToString::to_string).collect();
        // Scenario 62 of the examples puts `\052` before `a-b`: 0x5C < 0x61.
        assert_eq!(
            shown,
            ["example.com.", "\\052.example.com.", "a-b.example.com.", "a.example.com.", "x.a.example.com."]
        );
    }

    #[test]
    fn a_name_lies_in_its_zone_by_whole_labels() {
        let zone = Name::parse("example.com").unwrap();
        for (name, expected) in
            [("example.com", true), ("a.b.example.com", true), ("notexample.com", false), ("com", false)]
        {
            assert_eq!(Name::parse(name).unwrap().is_in(&zone), expected, "{name}");
        }
        assert!(zone.is_in(&Name::root()));
        assert_eq!(zone.child(b"WWW").unwrap().to_string(), "www.example.com.");
        assert_eq!(zone.parent().unwrap().to_string(), "com.");
        assert_eq!(Name::root().parent(), None);
    }

    #[test]
    fn wire_names_are_folded_and_checked() {
        assert_eq!(Name::from_wire(b"\x03WwW\x00").unwrap().to_string(), "www.");
        for wire in [&b""[..], b"\x03ww", b"\x00\x00", b"\xc0\x00", b"\x03www"] {
            assert!(Name::from_wire(wire).is_err(), "{wire:?}");
        }
    }
}
