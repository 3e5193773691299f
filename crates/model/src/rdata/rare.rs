//! Types outside the table of [`super::field`]: through the `domain` crate's scanner (DNSKEY, RRSIG, NSEC, IPSECKEY,
//! OPENPGPKEY, …) and RFC 3597's generic form for all that it does not know.

use domain::base::iana::Rtype;
use domain::base::name::ParsedName;
use domain::base::rdata::{ComposeRecordData, ParseRecordData, RecordData};
use domain::base::zonefile_fmt::{DisplayKind, ZonefileFmt};
use domain::dep::octseq::Parser;
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry, Zonefile};

use super::read::{hexadecimal, plain};
use super::show::push_hexadecimal;
use super::token::{self, Dialect, Token};
use super::{Misread, RdataFault, field, names};
use crate::RecordType;

/// Whether the tokens are `\# length hex…` (RFC 3597 §5).
pub(super) fn is_generic(tokens: &[Token<'_>]) -> bool {
    tokens.first().is_some_and(|token| !token.quoted && token.raw == b"\\#")
}

/// Whether a type of the table may be given in the generic form: Route 53's types not on Route 53's API.
pub(super) fn may_be_generic(record_type: RecordType, dialect: Dialect<'_>) -> bool {
    !record_type.is_route53() || matches!(dialect, Dialect::MasterFile { .. })
}

/// Reads the generic form, or what `domain` knows.
pub(super) fn read(
    record_type: RecordType,
    tokens: &[Token<'_>],
    dialect: Dialect<'_>,
    wire: &mut Vec<u8>,
) -> Result<(), Misread> {
    let fault = |reason: &str| {
        let value = token::join(tokens);
        Misread { fault: RdataFault::Other { record_type, reason: reason.to_owned(), value }, token: 0 }
    };
    if is_generic(tokens) {
        read_generic(tokens, wire)
            .ok_or_else(|| fault("Value should be \\#, the number of bytes, and hexadecimal digits"))?;
        if !is_valid(record_type, wire) {
            return Err(fault("Value is not valid for its type"));
        }
        return Ok(());
    }
    let entry = entry(record_type, tokens, dialect).ok_or_else(|| fault("Value contains unsupported characters"))?;
    scan(&entry, wire).map_err(|reason| fault(&reason))
}

/// Whether RDATA given in the generic form can be given in its type's own form too.
fn is_valid(record_type: RecordType, wire: &[u8]) -> bool {
    let Some(fields) = field::fields(record_type) else { return true };
    let (mut text, mut again) = (String::new(), Vec::new());
    super::show::show(fields, wire, Dialect::Route53, &mut text).is_some()
        && token::split(&text)
            .is_some_and(|tokens| super::read::read(record_type, fields, &tokens, Dialect::Route53, &mut again).is_ok())
        && again == wire
}

fn read_generic(tokens: &[Token<'_>], wire: &mut Vec<u8>) -> Option<()> {
    let [_, length, digits @ ..] = tokens else { return None };
    let length: u16 = plain(*length)?.parse().ok()?;
    let start = wire.len();
    if !digits.is_empty() {
        hexadecimal(digits, wire)?;
    }
    (wire.len() - start == usize::from(length)).then_some(())
}

/// One record in `domain`'s dialect.
fn entry(record_type: RecordType, tokens: &[Token<'_>], dialect: Dialect<'_>) -> Option<String> {
    let master = Dialect::MasterFile { origin: b"\0" };
    let mut entry = "$ORIGIN ".to_owned();
    match dialect {
        Dialect::Route53 => entry.push('.'),
        Dialect::MasterFile { origin } => {
            names::show(origin, master, &mut entry)?;
        }
    }
    entry.push_str(&format!("\n. 0 IN {record_type}"));
    for token in tokens {
        entry.push(' ');
        match (token.raw, dialect) {
            (b"@", Dialect::MasterFile { origin }) if !token.quoted => {
                names::show(origin, master, &mut entry)?;
            }
            // Unescaped, these would end the record or begin another thing than a token.
            (raw, _) if !token.quoted && has_unescaped(raw, b"();\"") => return None,
            _ => token::push_translated(*token, dialect, master, &mut entry)?,
        }
    }
    entry.push('\n');
    Some(entry)
}

fn has_unescaped(raw: &[u8], bytes: &[u8]) -> bool {
    let mut escaped = false;
    raw.iter().any(|byte| {
        let hit = !escaped && bytes.contains(byte);
        escaped = !escaped && *byte == b'\\';
        hit
    })
}

fn scan(entry: &str, wire: &mut Vec<u8>) -> Result<(), String> {
    match Zonefile::from(entry).next_entry() {
        Ok(Some(Entry::Record(record))) => record.data().compose_rdata(wire).map_err(|error| error.to_string()),
        Ok(_) => Err("Value is empty".to_owned()),
        // The place in front of the message is a place in our one-line entry.
        Err(error) => {
            let message = error.to_string();
            if message.contains("unknown record type") {
                return Err("Value of this type should be \\#, the number of bytes, and hexadecimal digits".to_owned());
            }
            Err(message.split_once(": ").map_or(message.clone(), |(_, reason)| reason.to_owned()))
        }
    }
}

/// Shows RDATA as `domain` does, if that reads back as the same bytes.
pub(super) fn show(record_type: RecordType, wire: &[u8], dialect: Dialect<'_>, text: &mut String) -> Option<()> {
    let mut parser = Parser::from_ref(wire);
    let data: ZoneRecordData<&[u8], ParsedName<&[u8]>> =
        ZoneRecordData::parse_rdata(Rtype::from_int(record_type.0), &mut parser).ok().flatten()?;
    if parser.remaining() > 0 || matches!(data, ZoneRecordData::Unknown(_)) || data.rtype().to_int() != record_type.0 {
        return None;
    }
    let shown = data.display_zonefile(DisplayKind::Simple).to_string();
    let tokens = token::split(&shown)?;
    let master = Dialect::MasterFile { origin: b"\0" };
    let mut again = Vec::with_capacity(wire.len());
    read(record_type, &tokens, master, &mut again).ok()?;
    if again != wire {
        return None;
    }
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        token::push_translated(*token, master, dialect, text)?;
    }
    Some(())
}

/// Appends RDATA in the generic form.
pub(super) fn show_generic(wire: &[u8], text: &mut String) {
    text.extend(["\\# ", &wire.len().to_string()]);
    if !wire.is_empty() {
        text.push(' ');
        push_hexadecimal(wire, text);
    }
}
