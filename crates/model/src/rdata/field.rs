//! The table of record types: which fields their RDATA has, and how each kind of field is read, shown and folded.
//!
//! A new type is a line in [`fields`]. Types that are not here are [`super::rare`]'s.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::token::{self, Dialect, Token, push_quoted, unescape};
use super::{Misread, RdataFault, location, names, params};
use crate::RecordType;

/// One kind of field. Those from `Strings` on take all tokens that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A number of one byte.
    U8,
    /// A number of two bytes.
    U16,
    /// A number of four bytes.
    U32,
    /// Seconds, four bytes; in master files also with units (`1h30m`), as in BIND.
    Period,
    /// An uncompressed name.
    Name,
    /// A string of at most 255 bytes with its length before it.
    String,
    /// A string to the end of the RDATA, without a length.
    Text,
    /// Letters and digits with their length before them.
    Tag,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// One or more strings.
    Strings,
    /// Bytes as hexadecimal digits, blanks allowed between them.
    Hexadecimal,
    /// SVCB's parameters (RFC 9460 §2.1).
    Parameters,
    /// A place on earth (RFC 1876 §3).
    Location,
}

/// The fields of a type's RDATA; nothing for the types that are not in the table.
pub(crate) fn fields(record_type: RecordType) -> Option<&'static [Field]> {
    use Field::{
        Hexadecimal, Ipv4, Ipv6, Location, Name, Parameters, Period, String, Strings, Tag, Text, U8, U16, U32,
    };
    Some(match record_type.0 {
        1 => &[Ipv4],
        // NS MD MF CNAME MB MG MR PTR DNAME
        2..=5 | 7..=9 | 12 | 39 => &[Name],
        6 => &[Name, Name, U32, Period, Period, Period, Period],
        13 => &[String, String],                         // HINFO
        14 | 17 => &[Name, Name],                        // MINFO RP
        15 | 18 | 21 | 36 | 107 => &[U16, Name],         // MX AFSDB RT KX LP
        16 | 99 => &[Strings],                           // TXT SPF
        19 => &[String],                                 // X25
        26 => &[U16, Name, Name],                        // PX
        28 => &[Ipv6],                                   // AAAA
        29 => &[Location],                               // LOC
        33 => &[U16, U16, U16, Name],                    // SRV
        35 => &[U16, U16, String, String, String, Name], // NAPTR
        43 | 59 | 32769 => &[U16, U8, U8, Hexadecimal],  // DS CDS DLV
        44 => &[U8, U8, Hexadecimal],                    // SSHFP
        52 | 53 => &[U8, U8, U8, Hexadecimal],           // TLSA SMIMEA
        63 => &[U32, U8, U8, Hexadecimal],               // ZONEMD
        64 | 65 => &[U16, Name, Parameters],             // SVCB HTTPS
        105 => &[U16, Ipv4],                             // L32
        256 => &[U16, U16, Text],                        // URI
        257 => &[U8, Tag, Text],                         // CAA
        _ => return None,
    })
}

/// Reads tokens after the table and appends the RDATA.
pub(super) fn read(
    record_type: RecordType,
    fields: &[Field],
    tokens: &[Token<'_>],
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), Misread> {
    let value = || token::join(tokens);
    let count = || RdataFault::FieldCount { record_type, expected: fields.len(), value: value() };
    if let ([Field::Ipv4 | Field::Ipv6 | Field::Name | Field::String], 2..) = (fields, tokens.len()) {
        return Err(Misread { fault: RdataFault::NotSingleField { record_type, value: value() }, token: 1 });
    }
    let mut at = 0;
    for &field in fields {
        let left = &tokens[at.min(tokens.len())..];
        if left.is_empty() && field != Field::Parameters {
            return Err(Misread { fault: empty(fields, tokens).unwrap_or_else(count), token: at });
        }
        at += match field {
            Field::Strings | Field::Hexadecimal | Field::Parameters | Field::Location => {
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
    if at < tokens.len() {
        return Err(Misread { fault: count(), token: at });
    }
    Ok(())
}

/// The fault of a value of one field that is empty: the field's own rather than a count.
fn empty(fields: &[Field], tokens: &[Token<'_>]) -> Option<RdataFault> {
    match fields {
        _ if !tokens.is_empty() => None,
        [Field::Ipv4] => Some(RdataFault::Ipv4(String::new())),
        [Field::Ipv6] => Some(RdataFault::Ipv6(String::new())),
        [Field::Name] => Some(RdataFault::Name(crate::NameError::Empty(String::new()))),
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
                return Err(RdataFault::Name(crate::NameError::Character(format!("\"{}\"", token.shown()))));
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
        Field::Strings | Field::Hexadecimal | Field::Parameters | Field::Location => {
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
fn string<'a>(token: Token<'a>, dialect: Dialect<'_>) -> Result<std::borrow::Cow<'a, [u8]>, RdataFault> {
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

/// Appends bytes as hexadecimal digits.
pub(crate) fn push_hexadecimal(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).expect("four bits are one digit"));
        }
    }
}

/// Takes bytes off the front.
fn take<'w, const N: usize>(wire: &mut &'w [u8]) -> Option<&'w [u8; N]> {
    let (front, rest) = wire.split_first_chunk()?;
    *wire = rest;
    Some(front)
}

/// Takes a string with its length before it off the front.
pub(crate) fn take_string<'w>(wire: &mut &'w [u8]) -> Option<&'w [u8]> {
    let [length] = *take(wire)?;
    let (string, rest) = wire.split_at_checked(length.into())?;
    *wire = rest;
    Some(string)
}

/// Shows RDATA after the table; nothing if it is not valid.
pub(super) fn show(fields: &[Field], mut wire: &[u8], dialect: Dialect<'_>, text: &mut String) -> Option<()> {
    use std::fmt::Write as _;
    for (index, &field) in fields.iter().enumerate() {
        if index > 0 && !(field == Field::Parameters && wire.is_empty()) {
            text.push(' ');
        }
        // Writing to a String cannot fail.
        let _ = match field {
            Field::U8 => write!(text, "{}", take::<1>(&mut wire)?[0]),
            Field::U16 => write!(text, "{}", u16::from_be_bytes(*take(&mut wire)?)),
            Field::U32 | Field::Period => write!(text, "{}", u32::from_be_bytes(*take(&mut wire)?)),
            Field::Ipv4 => write!(text, "{}", Ipv4Addr::from(*take::<4>(&mut wire)?)),
            Field::Ipv6 => write!(text, "{}", Ipv6Addr::from(*take::<16>(&mut wire)?)),
            _ => Ok(()),
        };
        match field {
            Field::Name => wire = names::show(wire, dialect, text)?,
            Field::String => push_quoted(take_string(&mut wire)?, dialect, text),
            Field::Tag => {
                let tag = take_string(&mut wire)?;
                if tag.is_empty() || !tag.iter().all(u8::is_ascii_alphanumeric) {
                    return None;
                }
                text.extend(tag.iter().map(|&byte| char::from(byte)));
            }
            Field::Text => push_quoted(std::mem::take(&mut wire), dialect, text),
            Field::Strings => loop {
                push_quoted(take_string(&mut wire)?, dialect, text);
                if wire.is_empty() {
                    break;
                }
                text.push(' ');
            },
            Field::Hexadecimal if wire.is_empty() => return None,
            Field::Hexadecimal => push_hexadecimal(std::mem::take(&mut wire), text),
            Field::Parameters => params::show(std::mem::take(&mut wire), dialect, text)?,
            Field::Location => location::show(std::mem::take(&mut wire), text)?,
            Field::U8 | Field::U16 | Field::U32 | Field::Period | Field::Ipv4 | Field::Ipv6 => {}
        }
    }
    wire.is_empty().then_some(())
}

/// Makes the letters of all names in valid RDATA lower-case, so that equal bytes mean equal records.
pub(super) fn fold(fields: &[Field], wire: &mut [u8]) {
    let mut at = 0;
    for field in fields {
        at += match field {
            Field::U8 => 1,
            Field::U16 => 2,
            Field::U32 | Field::Period | Field::Ipv4 => 4,
            Field::Ipv6 => 16,
            Field::String | Field::Tag => 1 + usize::from(wire[at]),
            Field::Name => {
                let length = names::length(&wire[at..]).expect("the RDATA was read by this table");
                // Length bytes are below 64 and so are no letters.
                wire[at..at + length].make_ascii_lowercase();
                length
            }
            Field::Text | Field::Strings | Field::Hexadecimal | Field::Parameters | Field::Location => return,
        };
    }
}
