//! RDATA: Route 53's value texts to and from the wire.
//!
//! A value text (`10 mail.example.com`) is split into tokens, the tokens are read field by field after the table in
//! `field`, and out comes uncompressed RDATA; showing walks the same table the other way. Types that the table does
//! not hold go through the `domain` crate or the generic form of RFC 3597 (`\# 4 0a000001`). Master files are the same
//! fields in another dialect (decimal escapes, relative names), so [`crate::zone_file`] shares all of this.
//!
//! Left out on purpose: whether a value makes sense in its zone (CNAME at the apex, number of values); that is the
//! change batch's business. Names in RDATA keep the case in which they were written.

mod fault;
mod field;
mod location;
pub(crate) mod names;
mod params;
mod rare;
pub(crate) mod read;
mod show;
pub(crate) mod token;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::RecordType;
pub use fault::RdataFault;
pub(crate) use token::Dialect;
use token::Token;

/// Most characters of one value of Route 53's types (API `RData`).
pub const VALUE_CHARACTERS_MAX: usize = 4000;

/// Reads a Route 53 value text as uncompressed RDATA. Other types than Route 53's are given as in a master file, but
/// with octal escapes and absolute names, or in RFC 3597's generic form.
///
/// ```
/// use model::{RecordType, rdata};
/// assert_eq!(rdata::wire(RecordType::A, "192.0.2.1"), Ok(vec![192, 0, 2, 1]));
/// let fault = rdata::wire(RecordType::A, "999.1.1.1").unwrap_err();
/// assert_eq!(
///     fault.to_string(),
///     "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '999.1.1.1'"
/// );
/// ```
///
/// # Errors
/// The text is no value of this type; see [`RdataFault`], whose words are Route 53's where those are known.
pub fn wire(record_type: RecordType, text: &str) -> Result<Vec<u8>, RdataFault> {
    // A million of these are read at start, so addresses take no detour through tokens.
    match record_type {
        RecordType::A => {
            if let Ok(address) = text.parse::<Ipv4Addr>() {
                return Ok(address.octets().to_vec());
            }
        }
        RecordType::AAAA => {
            if let Ok(address) = text.parse::<Ipv6Addr>() {
                return Ok(address.octets().to_vec());
            }
        }
        _ => {}
    }
    if record_type.is_route53() && text.chars().count() > VALUE_CHARACTERS_MAX {
        return Err(RdataFault::TooLong { record_type, value: text.to_owned() });
    }
    let mut wire = Vec::with_capacity(text.len());
    let tokens = token::split(text).ok_or_else(|| RdataFault::Unquoted(text.to_owned()))?;
    read(record_type, &tokens, Dialect::Route53, &mut wire)
        .map_err(|misread| misread.fault.with_whole(record_type, text))?;
    Ok(wire)
}

/// Shows RDATA as a Route 53 value text: octal escapes, absolute names with a dot, lower-case hexadecimal.
///
/// `wire(t, &text(t, w))` is `w` for every valid RDATA `w`. What is not valid RDATA of its type is shown in RFC 3597's
/// generic form.
#[must_use]
pub fn text(record_type: RecordType, wire: &[u8]) -> String {
    let mut text = String::new();
    show(record_type, wire, Dialect::Route53, &mut text);
    text
}

/// Whether two value texts mean the same record: the form in which DELETE and the check for duplicates compare.
/// Names in RDATA are compared without regard to case (RFC 4343). A text that is no value equals only itself.
#[must_use]
pub fn same(record_type: RecordType, a: &str, b: &str) -> bool {
    a == b
        || match (key(record_type, a), key(record_type, b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
}

/// The RDATA of a value text with the letters of its names folded; equal keys mean the same record.
pub(crate) fn key(record_type: RecordType, text: &str) -> Option<Vec<u8>> {
    let mut wire = wire(record_type, text).ok()?;
    if let Some(fields) = field::fields(record_type) {
        field::fold(fields, &mut wire);
    }
    Some(wire)
}

/// A fault, and the token at which it was found (the number of tokens if one was missing).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    pub(crate) fault: RdataFault,
    pub(crate) token: usize,
}

/// Reads the tokens of one value into `wire`, which must be empty.
pub(crate) fn read(
    record_type: RecordType,
    tokens: &[Token<'_>],
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), Misread> {
    debug_assert!(wire.is_empty(), "SVCB looks back at its priority");
    match field::fields(record_type) {
        // RFC 3597 §5: master files may give known types in the generic form too; Route 53's API may not.
        Some(fields) if !(rare::is_generic(tokens) && rare::may_be_generic(record_type, dialect)) => {
            read::read(record_type, fields, tokens, dialect, wire)?;
        }
        _ => rare::read(record_type, tokens, dialect, wire)?,
    }
    if wire.len() > usize::from(u16::MAX) {
        let fault = RdataFault::TooLong { record_type, value: token::join(tokens) };
        return Err(Misread { fault, token: 0 });
    }
    Ok(())
}

/// Appends RDATA as text in a dialect; in the generic form if it is not valid.
pub(crate) fn show(record_type: RecordType, wire: &[u8], dialect: Dialect<'_>, text: &mut String) {
    let start = text.len();
    let shown = match field::fields(record_type) {
        Some(fields) => show::show(fields, wire, dialect, text),
        None => rare::show(record_type, wire, dialect, text),
    };
    if shown.is_none() {
        text.truncate(start);
        rare::show_generic(wire, text);
    }
}

#[cfg(test)]
mod tests;
