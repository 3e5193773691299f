//! What became of requests: a count for each operation and status, and one line in the log.
//!
//! Used by `route` for both APIs, after the response is made. Left out on purpose: queries and headers, where
//! signatures travel, and bodies; the server's own pages, which are asked every few seconds.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::message::Response;

/// The operation that a response is of, carried in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation(pub(crate) &'static str);

/// The name under which requests are counted that no operation took.
const NONE: &str = "none";

/// How many requests were answered since the start.
#[derive(Debug, Default)]
pub struct Requests(Mutex<BTreeMap<(&'static str, u16), u64>>);

/// A request under way: what its line will say.
pub(crate) struct UnderWay<'a> {
    pub(crate) id: &'a str,
    pub(crate) method: http::Method,
    pub(crate) path: String,
    pub(crate) began: Instant,
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
        let UnderWay { id, method, path, began } = request;
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if *method == http::Method::GET {
            tracing::debug!(request = id, by, operation, status, micros, %method, path, "answered");
        } else {
            tracing::info!(request = id, by, operation, status, micros, %method, path, "answered");
        }
    }
}

impl<'a> UnderWay<'a> {
    /// Begins to measure. Paths are as long as senders like; the line holds what tells them apart.
    pub(crate) fn begin(id: &'a str, parts: &http::request::Parts) -> Self {
        let path = parts.uri.path().chars().take(200).collect();
        UnderWay { id, method: parts.method.clone(), path, began: Instant::now() }
    }
}
