//! The parts of an entry: owner, TTL, class, type, value. For [`super::records`], which knows what to do with them.

use std::net::Ipv4Addr;

use super::Problem;
use super::lex::Entry;
use super::remark::Remark;
use crate::rdata::read::{period, plain};
use crate::rdata::{self, Dialect, RdataFault, VALUE_CHARACTERS_MAX, names};
use crate::{Body, Name, NameError, RecordSet, RecordType, Stickiness, Ttl};

/// What is wrong with an entry, at which of its tokens, and the text if it is not that token.
pub(super) struct Fault {
    pub(super) problem: Problem,
    pub(super) token: usize,
    pub(super) text: Option<String>,
}

pub(super) fn fault(problem: Problem, token: usize) -> Fault {
    Fault { problem, token, text: None }
}

/// What an entry without a TTL falls back to.
#[derive(Default)]
pub(super) struct Ttls {
    /// `$TTL` (RFC 2308 §4).
    pub(super) default: Option<Ttl>,
    /// The last one given (RFC 1035 §5.1), at first the SOA's minimum.
    last: Option<Ttl>,
}

/// What stands between owner and RDATA.
#[derive(Clone, Copy)]
pub(super) struct Head {
    ttl: Option<Ttl>,
    pub(super) record_type: RecordType,
}

impl Head {
    /// `[ttl] [class] type` or `[class] [ttl] type`.
    pub(super) fn read(entry: &Entry, at: &mut usize) -> Result<Self, Fault> {
        let (mut given, mut class) = (None, false);
        loop {
            let index = *at;
            let token = entry.token(index).ok_or_else(|| fault(Problem::TypeMissing, index))?;
            let text = plain(token).ok_or_else(|| fault(Problem::Type, index))?;
            *at += 1;
            if given.is_none() && text.starts_with(|c: char| c.is_ascii_digit()) {
                given = Some(ttl(entry, index)?);
            } else if !class && (text.eq_ignore_ascii_case("IN") || text.eq_ignore_ascii_case("CLASS1")) {
                class = true;
            } else if let Some(record_type) = record_type(text) {
                return Ok(Self { ttl: given, record_type });
            } else {
                let others = ["CH", "HS", "CS", "CHAOS", "HESIOD", "NONE", "ANY"];
                let other = others.iter().any(|other| other.eq_ignore_ascii_case(text))
                    || text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("CLASS"));
                return Err(fault(if other { Problem::Class } else { Problem::Type }, index));
            }
        }
    }
}

/// The types of nearly all records without a walk through IANA's table.
fn record_type(text: &str) -> Option<RecordType> {
    Some(match text {
        "A" => RecordType::A,
        "AAAA" => RecordType::AAAA,
        "CNAME" => RecordType::CNAME,
        "NS" => RecordType::NS,
        "TXT" => RecordType::TXT,
        "MX" => RecordType::MX,
        _ => RecordType::parse(text).ok().filter(|record_type| record_type.is_storable())?,
    })
}

impl Ttls {
    /// The TTL of a record, whose RDATA is `wire`.
    pub(super) fn settle(&mut self, head: Head, wire: &[u8]) -> Option<Ttl> {
        if head.ttl.is_some() {
            self.last = head.ttl;
            return head.ttl;
        }
        if let Some(ttl) = self.default.or(self.last) {
            return Some(ttl);
        }
        if head.record_type == RecordType::SOA {
            // As BIND does: with nothing else to go by, the SOA's minimum, the last of its fields.
            let minimum = wire.last_chunk().map(|bytes| u32::from_be_bytes(*bytes))?;
            self.last = Ttl::new(minimum.into()).ok();
            return self.last;
        }
        None
    }
}

pub(super) fn ttl(entry: &Entry, index: usize) -> Result<Ttl, Fault> {
    entry
        .token(index)
        .and_then(|token| period(plain(token)?.as_bytes()))
        .and_then(|seconds| Ttl::new(seconds.into()).ok())
        .ok_or_else(|| fault(Problem::Ttl, index))
}

pub(super) fn name(entry: &Entry, index: usize, origin: &[u8]) -> Result<Name, Fault> {
    let token = entry.token(index).expect("the caller counted the tokens");
    let bad = |error| fault(Problem::Name(RdataFault::Name(error).reason()), index);
    if token.quoted {
        return Err(bad(NameError::Character(token.shown())));
    }
    let mut wire = Vec::with_capacity(64);
    names::read(token.raw, Dialect::MasterFile { origin }, &mut wire).map_err(bad)?;
    Name::from_wire(&wire).map_err(bad)
}

/// Reads the RDATA that begins at a token: into `wire`, and as a Route 53 value text.
pub(super) fn read_value(
    record_type: RecordType,
    entry: &Entry,
    at: usize,
    origin: &[u8],
    wire: &mut Vec<u8>,
) -> Result<String, Fault> {
    wire.clear();
    // A million of these are read at start: an address in the only form that Rust reads is its own value text.
    if record_type == RecordType::A
        && entry.token_count() == at + 1
        && let Some(text) = entry.token(at).and_then(plain)
        && let Ok(address) = text.parse::<Ipv4Addr>()
    {
        wire.extend_from_slice(&address.octets());
        return Ok(text.to_owned());
    }
    let tokens = entry.tokens_from(at);
    rdata::read(record_type, &tokens, Dialect::MasterFile { origin }, wire).map_err(|misread| {
        let text = Some(misread.fault.value().to_owned());
        Fault { problem: Problem::Rdata(misread.fault), token: at + misread.token, text }
    })?;
    let value = rdata::text(record_type, wire);
    if record_type.is_route53() && value.len() > VALUE_CHARACTERS_MAX {
        return Err(fault(Problem::Rdata(RdataFault::TooLong { record_type, value: String::new() }), at));
    }
    Ok(value)
}

/// Reads `name attributes…` behind the mark of a sticky name.
pub(super) fn sticky(entry: &Entry, origin: &[u8]) -> Result<(Name, Stickiness), Fault> {
    let name = name(entry, 0, origin)?;
    let attributes = |problem| fault(problem, 1);
    let remark = Remark::parse(entry.tokens_from(1).into_iter()).map_err(attributes)?;
    Ok((name, remark.stickiness().map_err(attributes)?))
}

/// Reads `name type attributes…` behind the mark of an alias.
pub(super) fn alias(entry: &Entry, name: Name) -> Result<RecordSet, Fault> {
    let record_type = entry.token(1).and_then(plain).and_then(record_type).ok_or_else(|| fault(Problem::Type, 1))?;
    let attributes = |problem| fault(problem, 2);
    let mut remark = Remark::parse(entry.tokens_from(2).into_iter()).map_err(attributes)?;
    let routing = remark.routing().map_err(attributes)?;
    let health_check = remark.health_check.take();
    let body = Body::Alias(remark.alias_target().map_err(attributes)?);
    Ok(RecordSet { name, record_type, routing, body, health_check })
}
