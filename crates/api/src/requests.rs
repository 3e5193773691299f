//! What became of requests: a count for each operation and status, a line in the server's log, and one in the audit log.
//!
//! Used by `route` for both APIs, after the response is made. Left out on purpose: queries and headers, where
//! signatures travel, and bodies; the server's own pages, which are asked every few seconds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use control::Receipt;
use control::audit::{Entry, Who};
use http::header::{AUTHORIZATION, LOCATION};
use http::request::Parts;
use model::id::AccessKeyId;

use crate::message::{Client, Response, Sender};
use crate::route::Side;
use crate::route53::call::{Call, decode};
use crate::route53::respond::VERSION;

/// The operation that a response is of, carried in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation(pub(crate) &'static str);

/// The code of the error that a response tells, carried in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) Cow<'static, str>);

/// The name under which requests are counted that no operation took.
const NONE: &str = "none";

/// Characters of a path, and of a thing that it names, that are told. Senders make them as long as they like; what is
/// told holds what tells them apart.
const TOLD_CHARS_MAX: usize = 200;

/// How many requests were answered since the start.
#[derive(Debug, Default)]
pub struct Requests(Mutex<BTreeMap<(&'static str, u16), u64>>);

/// A request under way: what its lines will say.
pub(crate) struct UnderWay<'a> {
    id: &'a str,
    method: http::Method,
    path: String,
    client: Option<Client>,
    side: Side,
    /// The operation that the path means, and what it names.
    operation: Option<&'static str>,
    resources: Vec<String>,
    claimed: Option<String>,
    at_ms: u64,
    began: Instant,
    /// Where the revision is noted that it makes.
    pub(crate) receipt: Receipt,
}

impl Requests {
    /// Name of the operation, HTTP status, and how many; sorted. Requests that reached no operation are `none`.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, u16, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(&(operation, status), &count)| (operation, status, count)).collect()
    }

    /// Counts a response and tells of it: what may have changed something at `info`, reads at `debug`.
    pub(crate) fn note(&self, request: &UnderWay<'_>, by: &str, response: &Response) {
        let operation = response.extensions().get().map_or(NONE, |&Operation(name)| name);
        let status = response.status().as_u16();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((operation, status)).or_default() += 1;
        let UnderWay { id, method, path, .. } = request;
        let micros = request.micros();
        if *method == http::Method::GET {
            tracing::debug!(request = id, by, operation, status, micros, %method, path, "answered");
        } else {
            tracing::info!(request = id, by, operation, status, micros, %method, path, "answered");
        }
    }
}

impl<'a> UnderWay<'a> {
    /// Begins to measure a request that came at `at_ms`.
    pub(crate) fn begin(id: &'a str, parts: &Parts, side: Side, at_ms: u64) -> Self {
        let (operation, resources) = named(side, parts);
        UnderWay {
            id,
            method: parts.method.clone(),
            path: told(parts.uri.path()),
            client: parts.extensions.get().copied(),
            side,
            operation,
            resources,
            claimed: claimed(parts),
            at_ms,
            began: Instant::now(),
            receipt: Receipt::default(),
        }
    }

    /// What the audit log keeps of it, now that it is answered. Nobody proven is told with the key that was claimed.
    pub(crate) fn entry(self, sender: Option<&Sender>, response: &Response) -> Entry {
        let operation = response.extensions().get().map(|&Operation(name)| name).or(self.operation);
        let micros = self.micros();
        Entry {
            at_ms: self.at_ms,
            request: self.id.to_owned(),
            who: match sender {
                Some(Sender::Signed(identity)) => {
                    let credential = &identity.credential;
                    Who::Known { by: credential.id.to_string(), name: Some(credential.name.clone()) }
                }
                Some(sender) => Who::Known { by: sender.author().to_owned(), name: None },
                None => Who::Nobody { claimed: self.claimed },
            },
            client: self.client.map(|Client(address)| address),
            service: self.side.service(),
            operation,
            path: operation.is_none().then(|| format!("{} {}", self.method, self.path)),
            resources: self.resources,
            created: response.headers().get(LOCATION).and_then(|url| path_of(url.to_str().ok()?)),
            status: response.status().as_u16(),
            code: response.extensions().get().map(|Code(code)| code.clone().into_owned()),
            revision: self.receipt.revision(),
            micros,
        }
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

fn told(text: &str) -> String {
    text.chars().take(TOLD_CHARS_MAX).collect()
}

/// The operation that a path means, and the ids and names in it.
fn named(side: Side, parts: &Parts) -> (Option<&'static str>, Vec<String>) {
    let path = parts.uri.path();
    match side {
        Side::Route53 => {
            let path = path.strip_prefix(VERSION).unwrap_or_default();
            match Call::find(parts.method.as_str(), path, "", b"") {
                Ok(call) => (Some(call.row.name), call.labels().map(told).collect()),
                Err(_) => (None, Vec::new()),
            }
        }
        // `/v1/NOUN/NAME/…`; what the operation is called is known when it was answered.
        Side::Native => {
            let name = path.split('/').nth(3).filter(|name| !name.is_empty());
            (None, name.map(|name| told(&decode(name, false))).into_iter().collect())
        }
    }
}

/// The id of the key that a request claims to be signed with, if it has the form of one.
fn claimed(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (_, rest) = match header {
        Some(header) => header.split_once("Credential=")?,
        None => parts.uri.query()?.split_once("X-Amz-Credential=")?,
    };
    let key = rest.split(['/', '%', ',', ' ', '&']).next()?;
    AccessKeyId::parse(key).ok().map(|id| id.to_string())
}

/// A `Location` is a path, or a whole URL; which host that names does not matter here.
fn path_of(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map(|start| told(&rest[start..]))
}
