//! The nouns of Cutover and their rules: what Route 53, the RFCs and deployments allow.
//!
//! **What it is.** Types that cannot hold an invalid state, what they are read from and shown as, and the pure rules over
//! them. **What it is not.** No I/O, clock, randomness or async; no shapes of the API, which are `api`'s, and no stored
//! bytes, which are `control`'s. **The walk.** It stands at the bottom: every other crate with nouns speaks in these.
//! [`change::apply`] is its part of the walk of an API change. **Invariants.** What was parsed is valid; a batch is
//! judged whole and gives all its faults or what to write. **Tests.** Examples and properties beside each file.
#![forbid(unsafe_code)]

pub mod access_key;
pub mod change;
pub mod cidr;
pub mod delegation_set;
pub mod deployment;
pub mod dnssec;
pub mod endpoint;
pub mod health_check;
pub mod health_status;
pub mod hosted_zone;
pub mod id;
pub mod limits;
pub mod metric;
pub mod name;
pub mod place;
pub mod policy;
pub mod prefix;
pub mod query_logging;
pub mod rdata;
pub mod record_set;
pub mod record_type;
pub mod stickiness;
pub mod tag;
pub mod traffic_policy;
pub mod vpc;
pub mod zone_file;

pub use name::{Name, NameError};
pub use record_set::{
    AliasTarget, Body, FailoverRole, MadeRecords, PolicyRecord, RecordSet, Routing, RoutingPolicy, Ttl, Weight,
};
pub use record_type::RecordType;
pub use stickiness::Stickiness;
