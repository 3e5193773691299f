//! One line: a JSON object whose last member is the hash of the line before and of itself.
//!
//! `hash` is SHA-256, in hexadecimal, of the hash of the line before (64 characters) followed by this line's text up to
//! the comma before `"hash"`. Before the very first line stand 64 zeros. The first line of a file repeats the hash of
//! the line before as `prev`, so that a file can be proven when the one before it is gone.

use std::borrow::Cow;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::{Entry, Who};

/// What stands between a line's text and its hash.
const BEFORE_HASH: &str = ",\"hash\":\"";

/// The hash of a line, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hash(pub(super) String);

impl Default for Hash {
    fn default() -> Self {
        Self("0".repeat(64))
    }
}

/// What a line tells.
pub(super) enum Told<'e> {
    /// A call, and how many others like it.
    Call(&'e Entry, u64),
    /// Calls that could not be written.
    Lost(u64),
}

/// The members of a line, in their order.
#[derive(Serialize, Default)]
struct Written<'e> {
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<&'e str>,
    at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<u64>,
    #[serde(flatten)]
    call: Option<WrittenCall<'e>>,
}

#[derive(Serialize)]
struct WrittenCall<'e> {
    request: &'e str,
    by: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<std::net::SocketAddr>,
    service: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'e str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    resources: &'e [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'e str>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    micros: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<u64>,
}

/// The word for who is not proven, as in the server's own log.
pub(super) const NOBODY: &str = "nobody";

/// Appends a line with its end and gives its hash. `begins_file` repeats the hash before it.
pub(super) fn write(
    out: &mut Vec<u8>,
    seq: u64,
    at_ms: u64,
    told: &Told<'_>,
    before: &Hash,
    begins_file: bool,
) -> Hash {
    let prev = begins_file.then_some(before.0.as_str());
    let written = match told {
        Told::Lost(calls) => Written { seq, prev, at_ms, lost: Some(*calls), call: None },
        Told::Call(entry, repeated) => {
            let Entry {
                at_ms,
                request,
                who,
                client,
                service,
                operation,
                path,
                resources,
                created,
                status,
                code,
                revision,
                micros,
            } = *entry;
            let (by, name, claimed) = match who {
                Who::Known { by, name } => (by.as_str(), name.as_deref(), None),
                Who::Nobody { claimed } => (NOBODY, None, claimed.as_deref()),
            };
            let call = WrittenCall {
                request,
                by,
                name,
                claimed,
                client: *client,
                service,
                operation: *operation,
                path: path.as_deref(),
                resources,
                created: created.as_deref(),
                status: *status,
                code: code.as_deref(),
                revision: revision.map(|revision| revision.0),
                micros: *micros,
                repeated: Some(*repeated).filter(|more| *more > 0),
            };
            Written { seq, prev, at_ms: *at_ms, lost: None, call: Some(call) }
        }
    };
    let start = out.len();
    serde_json::to_writer(&mut *out, &written).expect("our own shapes have text keys, and memory takes all");
    out.pop();
    let hash = hash(before, &out[start..]);
    out.extend_from_slice(BEFORE_HASH.as_bytes());
    out.extend_from_slice(hash.0.as_bytes());
    out.extend_from_slice(b"\"}\n");
    hash
}

/// The hash of a line with this text, without the member `hash` and the brace at the end.
pub(super) fn hash(before: &Hash, text: &[u8]) -> Hash {
    use std::fmt::Write as _;
    let bytes = digest(&SHA256, &[before.0.as_bytes(), text].concat());
    Hash(bytes.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    }))
}

/// A line taken apart again, as far as listing and proving need it.
#[derive(Debug, Deserialize)]
pub(super) struct Seen<'l> {
    pub(super) seq: u64,
    #[serde(borrow, default)]
    pub(super) prev: Option<Cow<'l, str>>,
    #[serde(default)]
    pub(super) at_ms: u64,
    #[serde(default)]
    pub(super) lost: Option<u64>,
    #[serde(borrow, default)]
    pub(super) by: Cow<'l, str>,
    #[serde(borrow, default)]
    pub(super) name: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    pub(super) claimed: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    pub(super) operation: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    pub(super) resources: Vec<Cow<'l, str>>,
    #[serde(borrow, default)]
    pub(super) created: Option<Cow<'l, str>>,
    #[serde(default)]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) revision: Option<u64>,
    #[serde(borrow, default)]
    pub(super) hash: Cow<'l, str>,
}

impl<'l> Seen<'l> {
    /// Reads a line; none if it is not one of ours.
    pub(super) fn parse(line: &'l [u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// What a line's hash is made of.
pub(super) fn hashed(line: &[u8]) -> Option<&[u8]> {
    let text = line.strip_suffix(b"\"}")?;
    let start = text.len().checked_sub(64 + BEFORE_HASH.len())?;
    text[start..].starts_with(BEFORE_HASH.as_bytes()).then_some(&text[..start])
}
