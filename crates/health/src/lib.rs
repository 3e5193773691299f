//! The prober: looks at endpoints, and says which health checks are healthy.
//!
//! **What it is.** An edge that owns outgoing probes. Health checks come in through a `watch` channel, verdicts go out
//! through another; the API reads what was last seen through [`Observations`]. It also measures metrics for deployments
//! ([`measure`]). **What it is not.** It knows no record sets, no store and no API, and it never decides what an
//! unhealthy check means for an answer.
//!
//! **The walk.** `run` (the list, one task for each check) → `rounds` (when) → `probe` (what is there) → `verdict`
//! (when a mind changes) → `board` (inverted, disabled, `calculated`) → `run` (send if different).
//!
//! **Invariants.** One probe's result never changes a verdict unless the failure threshold is 1. A probe that this host
//! could not make is not counted. Two probes of one check never overlap. The pure half (`verdict`, `calculated`,
//! `board`) knows no time. No certificate is validated in `probe/https.rs`, and every one in `probe/metric.rs`.
//!
//! **Tests.** The pure half on sequences; the documents' examples in `fixtures/examples.txt`; probes against real servers on loopback with hand-written bytes.
//!
//! ```
//! use std::sync::Arc;
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let (list, checks) = tokio::sync::watch::channel(Arc::new(Vec::new()));
//! let running = health::start(health::Config::default(), checks);
//! assert!(running.verdicts().borrow().is_empty());
//! # drop(list);
//! # });
//! ```
#![forbid(unsafe_code)]

mod board;
mod calculated;
#[cfg(test)]
mod examples;
mod observations;
mod probe;
mod rounds;
mod run;
mod verdict;

pub use observations::Observations;
pub use probe::Deadlines;
pub use probe::metric::{Meter, measure, read_json};
pub use run::{Config, Running, start};
