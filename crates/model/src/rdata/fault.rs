//! Why a text is not RDATA, in Route 53's words where those are known and in their manner where they are not.
//!
//! The caller puts `Invalid Resource Record: 'FATAL problem: …'` around it.

use std::fmt;

use crate::{NameError, RecordType};

/// Why a text is not a value of its type. The fields hold the offending text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RdataFault {
    /// Not four decimal bytes joined by dots.
    Ipv4(String),
    /// No text form of RFC 4291.
    Ipv6(String),
    /// A value of one field holds blanks.
    NotSingleField {
        /// The type asked for.
        record_type: RecordType,
        /// The value.
        value: String,
    },
    /// Too few fields, or too many (seen on AWS for MX).
    FieldCount {
        /// The type asked for.
        record_type: RecordType,
        /// How many it has; at least as many where the last one repeats.
        expected: usize,
        /// The value.
        value: String,
    },
    /// A character string without quotation marks, or a mark that nothing closes. Of TXT and SPF the whole value.
    Unquoted(String),
    /// A character string of more than 255 bytes. Of TXT and SPF the whole value.
    StringTooLong(String),
    /// More than 4000 characters of text, or more than 65535 bytes on the wire.
    TooLong {
        /// The type asked for.
        record_type: RecordType,
        /// The value.
        value: String,
    },
    /// A character that must be written as an escape code, or an escape code that is none.
    Character(String),
    /// Not a decimal number within its bounds.
    Number {
        /// The type asked for.
        record_type: RecordType,
        /// The greatest number allowed.
        max: u32,
        /// The field.
        value: String,
    },
    /// Not an even number of hexadecimal digits.
    Hexadecimal {
        /// The type asked for.
        record_type: RecordType,
        /// The field.
        value: String,
    },
    /// A CAA tag that is not letters and digits (RFC 8659 §4.1).
    Tag(String),
    /// A service parameter against RFC 9460.
    Parameter {
        /// `SVCB` or `HTTPS`.
        record_type: RecordType,
        /// What is wrong.
        reason: &'static str,
        /// The parameter.
        value: String,
    },
    /// A domain name that is none.
    Name(NameError),
    /// A value of one of the types that Route 53 does not have.
    Other {
        /// The type asked for.
        record_type: RecordType,
        /// What is wrong.
        reason: String,
        /// The value.
        value: String,
    },
}

impl RdataFault {
    /// What is wrong, in words, without the offending text.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Ipv4(_) => "Value is not a valid IPv4 address".to_owned(),
            Self::Ipv6(_) => "Value is not a valid IPv6 address".to_owned(),
            Self::NotSingleField { .. } => "Value contains spaces".to_owned(),
            Self::FieldCount { record_type, expected, .. } => {
                format!("{record_type} record doesn't have {expected} fields")
            }
            Self::Unquoted(_) => "Value should be enclosed in quotation marks".to_owned(),
            Self::StringTooLong(_) | Self::TooLong { .. } => "Value is too long".to_owned(),
            Self::Character(_) => "Value contains unsupported characters".to_owned(),
            Self::Number { max, .. } => format!("Value should be a number from 0 to {max}"),
            Self::Hexadecimal { .. } => "Value should be an even number of hexadecimal digits".to_owned(),
            Self::Tag(_) => "Value should consist of letters and digits".to_owned(),
            Self::Parameter { reason, .. } => (*reason).to_owned(),
            Self::Other { reason, .. } => reason.clone(),
            Self::Name(fault) => match fault {
                NameError::Empty(_) => "Domain name is empty",
                NameError::LabelEmpty(_) => "Domain label is empty",
                NameError::LabelTooLong(_) => "Domain label is too long",
                NameError::TooLong(_) => "Domain name is too long",
                NameError::Character(_) => "Value contains unsupported characters",
            }
            .to_owned(),
        }
    }

    /// Seen on AWS: of TXT and SPF the whole value is told, quotation marks and all, whichever string is at fault.
    pub(super) fn with_whole(self, record_type: RecordType, text: &str) -> Self {
        match self {
            Self::Unquoted(_) if matches!(record_type, RecordType::TXT | RecordType::SPF) => {
                Self::Unquoted(text.to_owned())
            }
            Self::StringTooLong(_) if matches!(record_type, RecordType::TXT | RecordType::SPF) => {
                Self::StringTooLong(text.to_owned())
            }
            other => other,
        }
    }

    /// The offending text.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Ipv4(value)
            | Self::Ipv6(value)
            | Self::NotSingleField { value, .. }
            | Self::FieldCount { value, .. }
            | Self::Unquoted(value)
            | Self::StringTooLong(value)
            | Self::TooLong { value, .. }
            | Self::Character(value)
            | Self::Number { value, .. }
            | Self::Hexadecimal { value, .. }
            | Self::Tag(value)
            | Self::Parameter { value, .. }
            | Self::Other { value, .. }
            | Self::Name(
                NameError::Empty(value)
                | NameError::LabelEmpty(value)
                | NameError::LabelTooLong(value)
                | NameError::TooLong(value)
                | NameError::Character(value),
            ) => value,
        }
    }

    /// Route 53's code. Unspecified: the codes of most types are not documented; these follow the pattern of the
    /// documented ones.
    fn code(&self) -> String {
        match self {
            Self::Ipv4(_) => "ARRDATAIllegalIPv4Address".to_owned(),
            Self::Ipv6(_) => "AAAARRDATAIllegalIPv6Address".to_owned(),
            Self::NotSingleField { record_type, .. } => format!("{record_type}RRDATANotSingleField"),
            Self::FieldCount { record_type, expected, .. } => {
                format!("{record_type}RRDATANot{}Fields", number_word(*expected))
            }
            Self::Unquoted(_) => "InvalidCharacterString".to_owned(),
            Self::StringTooLong(_) => "CharacterStringTooLong".to_owned(),
            // AWS writes this one code with a single R.
            Self::TooLong { record_type: record_type @ (RecordType::TXT | RecordType::SPF), .. } => {
                format!("{record_type}RDATATooLong")
            }
            Self::TooLong { record_type, .. } => format!("{record_type}RRDATATooLong"),
            Self::Character(_) | Self::Name(NameError::Character(_)) => "UnsupportedCharacter".to_owned(),
            Self::Number { record_type, .. } => format!("{record_type}RRDATAIllegalNumber"),
            Self::Hexadecimal { record_type, .. } => format!("{record_type}RRDATAIllegalHexadecimal"),
            Self::Tag(_) => "CAARRDATAIllegalTag".to_owned(),
            Self::Parameter { record_type, .. } => format!("{record_type}RRDATAIllegalParameter"),
            Self::Other { record_type, .. } => format!("{record_type}RRDATAIllegalValue"),
            Self::Name(NameError::Empty(_)) => "DomainNameEmpty".to_owned(),
            Self::Name(NameError::LabelEmpty(_)) => "DomainLabelEmpty".to_owned(),
            Self::Name(NameError::LabelTooLong(_)) => "DomainLabelTooLong".to_owned(),
            Self::Name(NameError::TooLong(_)) => "DomainNameTooLong".to_owned(),
        }
    }
}

/// How many fields the types of `field.rs` have, as the codes spell it.
fn number_word(number: usize) -> &'static str {
    ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven"].get(number).copied().unwrap_or("Enough")
}

impl fmt::Display for RdataFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) encountered with '{}'", self.code(), self.reason(), self.value())
    }
}

impl std::error::Error for RdataFault {}
