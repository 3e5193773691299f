//! Route 53's own API: REST-XML, as its unchanged clients speak it.
//!
//! The walk: [`call`] finds the operation, the generated code reads the request (`read`, `check`), [`operations`] calls
//! one function for it, the generated code writes the response (`write`), [`mod@respond`] makes it HTTP. [`error`] alone
//! knows AWS's codes. Shapes never leave this crate.

#[cfg(test)]
mod any_request;
mod authorize;
pub(crate) mod call;
mod changes;
mod check;
mod checkers;
mod cidr_collections;
mod counts;
mod delegation_sets;
mod dnssec;
mod error;
mod generated;
mod geo_locations;
mod health_checks;
mod hosted_zones;
mod ids;
mod operations;
mod page;
mod query_logging;
mod read;
mod record_sets;
pub(crate) mod respond;
#[cfg(test)]
mod standing;
mod tags;
mod test_dns_answer;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod token;
mod traffic_policies;
mod traffic_policy_instances;
mod vpcs;
mod write;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::pace::Pace;
use control::seal::Seal;
use control::{Random, Store, Views};
use model::health_status::Observation;
use model::hosted_zone::{Delegation, Vpc};
use model::id::HealthCheckId;
use model::limits::Limits;

pub use cidr_collections::read_location_changes;
pub(crate) use error::Fault;
pub(crate) use record_sets::read_batch;
pub use record_sets::reads_batch;
pub(crate) use respond::{refuse, respond};

/// The namespace of every document.
const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// What the operations work on. Cheap to share; the binary makes one.
#[derive(Clone)]
pub struct Route53 {
    /// Where everything is kept.
    pub store: Store,
    /// For ids, and for the draw of TestDNSAnswer.
    pub random: &'static Random,
    /// What new hosted zones are given.
    pub delegation: Arc<Delegation>,
    /// What customers may write.
    pub limits: Arc<Limits>,
    /// What DNS answers from, for TestDNSAnswer.
    pub views: Views,
    /// The revision that every DNS worker answers from, or a later one, for GetChange.
    pub served: Arc<Served>,
    /// What was last seen of an endpoint.
    pub observed: Arc<Observed>,
    /// What was seen when an endpoint last failed.
    pub last_failure: Arc<Observed>,
    /// How fast senders may go.
    pub pace: Arc<Pace>,
    /// The networks that health checks come from, as CIDR blocks, for GetCheckerIpRanges.
    pub checker_ranges: Vec<String>,
    /// The VPCs that the operator configured; private hosted zones take no others.
    pub vpcs: Arc<BTreeSet<Vpc>>,
    /// Seals the private keys of DNSSEC.
    pub seal: Arc<Seal>,
    /// The account that owns everything here, 12 digits.
    pub account_id: Arc<str>,
}

/// Tells the oldest revision that any DNS worker answers from.
pub type Served = dyn Fn() -> u64 + Send + Sync;

/// Tells what the prober saw of a health check; none if it has not.
pub type Observed = dyn Fn(&HealthCheckId) -> Option<Observation> + Send + Sync;
