//! From tokens to RDATA, field by field after the table in [`super::field`].

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::field::Field;
use super::token::{self, Dialect, Token, unescape};
use super::{Misread, RdataFault, location, names, params};
use crate::{NameError, RecordType};

/// Reads tokens after the table and appends the RDATA.
pub(super) fn read(
    record_type: RecordType,
    fields: &[Field],
    tokens: &[Token<'_>],
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), Misread> {
    let value = || token::join(tokens);
    let expected = fields.len() - usize::from(fields.ends_with(&[Field::Parameters]));
    let count = || RdataFault::FieldCount { record_type, expected, value: value() };
    if let ([Field::Ipv4 | Field::Ipv6 | Field::Name | Field::String], 2..) = (fields, tokens.len()) {
        return Err(Misread { fault: RdataFault::NotSingleField { record_type, value: value() }, token: 1 });
    }
    // Seen on AWS: fields are counted before one of them is read.
    if tokens.len() < expected {
        return Err(Misread { fault: empty(fields, tokens).unwrap_or_else(count), token: tokens.len() });
    }
    if tokens.len() > expected && !fields.last().is_some_and(|last| last.takes_all()) {
        return Err(Misread { fault: count(), token: expected });
    }
    let mut at = 0;
    for &field in fields {
        let left = &tokens[at..];
        at += match field {
            _ if field.takes_all() => {
                read_rest(record_type, field, left, dialect, wire)
                    .map_err(|misread| Misread { token: misread.token + at, ..misread })?;
                left.len()
            }
            _ => {
                read_one(record_type, field, left[0], dialect, wire).map_err(|fault| Misread { fault, token: at })?;
                1
            }
        };
    }
    Ok(())
}

/// The fault of a value of one field that is empty: the field's own rather than a count.
fn empty(fields: &[Field], tokens: &[Token<'_>]) -> Option<RdataFault> {
    match fields {
        _ if !tokens.is_empty() => None,
        [Field::Ipv4] => Some(RdataFault::Ipv4(String::new())),
        [Field::Ipv6] => Some(RdataFault::Ipv6(String::new())),
        [Field::Name] => Some(RdataFault::Name(NameError::Empty(String::new()))),
        [Field::Strings] => Some(RdataFault::Unquoted(String::new())),
        _ => None,
    }
}

fn read_one(
    record_type: RecordType,
    field: Field,
    token: Token<'_>,
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), RdataFault> {
    match field {
        Field::U8 => wire.push(number(record_type, u8::MAX.into(), token)?.to_be_bytes()[3]),
        Field::U16 => {
            wire.extend_from_slice(&number(record_type, u16::MAX.into(), token)?.to_be_bytes()[2..]);
        }
        Field::Certificate => {
            let kind =
                mnemonic(token, &CERTIFICATES).map_or_else(|| number(record_type, u16::MAX.into(), token), Ok)?;
            wire.extend_from_slice(&kind.to_be_bytes()[2..]);
        }
        Field::Algorithm => {
            let algorithm =
                mnemonic(token, &ALGORITHMS).map_or_else(|| number(record_type, u8::MAX.into(), token), Ok)?;
            wire.push(algorithm.to_be_bytes()[3]);
        }
        Field::U32 => wire.extend_from_slice(&number(record_type, u32::MAX, token)?.to_be_bytes()),
        Field::Period => {
            let seconds = match (dialect, number(record_type, u32::MAX, token)) {
                (Dialect::MasterFile { .. }, Err(fault)) => period(token.raw).ok_or(fault)?,
                (_, number) => number?,
            };
            wire.extend_from_slice(&seconds.to_be_bytes());
        }
        Field::Name => {
            if token.quoted {
                return Err(RdataFault::Name(NameError::Character(format!("\"{}\"", token.shown()))));
            }
            names::read(token.raw, dialect, wire).map_err(RdataFault::Name)?;
        }
        Field::Ipv4 => {
            let address: Option<Ipv4Addr> = plain(token).and_then(|text| text.parse().ok());
            wire.extend_from_slice(&address.ok_or_else(|| RdataFault::Ipv4(token.shown()))?.octets());
        }
        Field::Ipv6 => {
            let address: Option<Ipv6Addr> = plain(token).and_then(|text| text.parse().ok());
            wire.extend_from_slice(&address.ok_or_else(|| RdataFault::Ipv6(token.shown()))?.octets());
        }
        Field::String => {
            let bytes = string(token, dialect)?;
            let length = u8::try_from(bytes.len()).map_err(|_| RdataFault::StringTooLong(token.shown()))?;
            wire.push(length);
            wire.extend_from_slice(&bytes);
        }
        Field::Text => wire.extend_from_slice(&string(token, dialect)?),
        Field::Tag => {
            let length = u8::try_from(token.raw.len()).ok();
            let valid = !token.raw.is_empty() && token.raw.iter().all(u8::is_ascii_alphanumeric);
            let length = length.filter(|_| valid).ok_or_else(|| RdataFault::Tag(token.shown()))?;
            wire.push(length);
            wire.extend_from_slice(token.raw);
        }
        Field::Strings | Field::Hexadecimal | Field::Base64 | Field::Parameters | Field::Location => {
            unreachable!("the fields that take all tokens are read by read_rest")
        }
    }
    Ok(())
}

fn read_rest(
    record_type: RecordType,
    field: Field,
    tokens: &[Token<'_>],
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), Misread> {
    match field {
        Field::Strings => {
            for (index, &token) in tokens.iter().enumerate() {
                read_one(record_type, Field::String, token, dialect, wire)
                    .map_err(|fault| Misread { fault, token: index })?;
            }
            Ok(())
        }
        Field::Hexadecimal => hexadecimal(tokens, wire).ok_or_else(|| Misread {
            fault: RdataFault::Hexadecimal { record_type, value: token::join(tokens) },
            token: 0,
        }),
        Field::Base64 => base64(tokens, wire).ok_or_else(|| Misread {
            fault: RdataFault::Other {
                record_type,
                reason: "Value should be base 64".to_owned(),
                value: token::join(tokens),
            },
            token: 0,
        }),
        Field::Parameters => params::read(record_type, tokens, dialect, wire),
        _ => location::read(tokens, wire).ok_or_else(|| Misread {
            fault: RdataFault::Other {
                record_type,
                reason: "Value is not a location as in RFC 1876".to_owned(),
                value: token::join(tokens),
            },
            token: 0,
        }),
    }
}

/// The text of a token that may hold neither quotes nor escapes.
pub(crate) fn plain(token: Token<'_>) -> Option<&str> {
    if token.quoted { None } else { std::str::from_utf8(token.raw).ok() }
}

fn number(record_type: RecordType, max: u32, token: Token<'_>) -> Result<u32, RdataFault> {
    plain(token)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .filter(|&number| number <= max)
        .ok_or_else(|| RdataFault::Number { record_type, max, value: token.shown() })
}

/// Seconds as BIND writes them: digits with units (`1w2d3h4m5s`, any case), or digits alone.
pub(crate) fn period(text: &[u8]) -> Option<u32> {
    let mut seconds = 0u64;
    let mut number = None;
    for &byte in text {
        if byte.is_ascii_digit() {
            number = Some(number.unwrap_or(0u64).checked_mul(10)?.checked_add(u64::from(byte - b'0'))?);
            continue;
        }
        let unit = match byte.to_ascii_lowercase() {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        seconds = number.take()?.checked_mul(unit)?.checked_add(seconds)?;
    }
    match number {
        // Digits without a unit stand alone: `1h30` is a slip of the pen.
        Some(number) if text.iter().all(u8::is_ascii_digit) => u32::try_from(number).ok(),
        Some(_) => None,
        None if text.is_empty() => None,
        None => u32::try_from(seconds).ok(),
    }
}

/// The bytes of a character string. R53 TXT: quotation marks are obligatory.
fn string<'a>(token: Token<'a>, dialect: Dialect<'_>) -> Result<Cow<'a, [u8]>, RdataFault> {
    if matches!(dialect, Dialect::Route53) && !token.quoted {
        return Err(RdataFault::Unquoted(token.shown()));
    }
    unescape(token.raw, dialect).ok_or_else(|| RdataFault::Character(token.shown()))
}

/// Appends the bytes of hexadecimal digits; at least one byte.
pub(crate) fn hexadecimal(tokens: &[Token<'_>], wire: &mut Vec<u8>) -> Option<()> {
    let mut high = None;
    let start = wire.len();
    for token in tokens {
        plain(*token)?;
        for &byte in token.raw {
            let digit = u8::try_from(char::from(byte).to_digit(16)?).ok()?;
            match high.take() {
                None => high = Some(digit << 4),
                Some(high) => wire.push(high | digit),
            }
        }
    }
    (high.is_none() && wire.len() > start).then_some(())
}

/// Appends the bytes of base 64; at least one byte.
fn base64(tokens: &[Token<'_>], wire: &mut Vec<u8>) -> Option<()> {
    let text = tokens.iter().map(|token| plain(*token)).collect::<Option<String>>()?;
    let bytes: Vec<u8> = domain::utils::base64::decode(&text).ok()?;
    wire.extend_from_slice(&bytes);
    (!bytes.is_empty()).then_some(())
}

/// RFC 4398 §2.1.
const CERTIFICATES: [(&str, u32); 10] = [
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// IANA, "DNS Security Algorithm Numbers".
const ALGORITHMS: [(&str, u32); 14] = [
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("RSASHA1", 5),
    ("NSEC3DSA", 6),
    ("NSEC3RSASHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECDSAP256SHA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

fn mnemonic(token: Token<'_>, of: &[(&str, u32)]) -> Option<u32> {
    let text = plain(token)?;
    of.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, number)| *number)
}
