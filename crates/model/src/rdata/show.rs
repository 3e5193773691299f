//! From RDATA to text, field by field after the table in [`super::field`].

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use super::field::Field;
use super::token::{Dialect, push_quoted};
use super::{location, names, params};

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
    for (index, &field) in fields.iter().enumerate() {
        if index > 0 && !(field == Field::Parameters && wire.is_empty()) {
            text.push(' ');
        }
        // Writing to a String cannot fail.
        let _ = match field {
            Field::U8 | Field::Algorithm => write!(text, "{}", take::<1>(&mut wire)?[0]),
            Field::U16 | Field::Certificate => write!(text, "{}", u16::from_be_bytes(*take(&mut wire)?)),
            Field::U32 | Field::Period => write!(text, "{}", u32::from_be_bytes(*take(&mut wire)?)),
            Field::Ipv4 => {
                let [a, b, c, d] = take::<4>(&mut wire)?;
                write!(text, "{a}.{b}.{c}.{d}")
            }
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
            Field::Hexadecimal | Field::Base64 if wire.is_empty() => return None,
            Field::Hexadecimal => push_hexadecimal(std::mem::take(&mut wire), text),
            Field::Base64 => text.push_str(&domain::utils::base64::encode_string(std::mem::take(&mut wire))),
            Field::Parameters => params::show(std::mem::take(&mut wire), dialect, text)?,
            Field::Location => location::show(std::mem::take(&mut wire), text)?,
            Field::U8
            | Field::U16
            | Field::U32
            | Field::Period
            | Field::Ipv4
            | Field::Ipv6
            | Field::Algorithm
            | Field::Certificate => {}
        }
    }
    wire.is_empty().then_some(())
}
