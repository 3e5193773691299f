//! Route 53's own API: REST-XML, as its unchanged clients speak it.
//!
//! The walk: [`call`] finds the operation, the generated code reads the request (`read`, `check`), [`operations`] calls
//! one function for it, the generated code writes the response (`write`), [`respond`] makes it HTTP. [`error`] alone
//! knows AWS's codes. Shapes never leave this crate.

pub(crate) mod call;
mod check;
mod checkers;
mod error;
mod generated;
mod operations;
mod read;
mod respond;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use error::Fault;
pub(crate) use respond::{refuse, respond};

/// The namespace of every document.
const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// What the operations work on. Cheap to share; the binary makes one.
#[derive(Debug, Clone, Default)]
pub struct Route53 {
    /// The networks that health checks come from, as CIDR blocks, for GetCheckerIpRanges.
    pub checker_ranges: Vec<String>,
}
