//! The nouns of Cutover and their rules: what Route 53, the RFCs and deployments allow.
#![forbid(unsafe_code)]

pub mod access_key;
pub mod change;
pub mod deployment;
pub mod health_check;
pub mod health_status;
pub mod hosted_zone;
pub mod id;
pub mod limits;
pub mod metric;
pub mod name;
pub mod rdata;
pub mod record_set;
pub mod record_type;
pub mod tag;
pub mod zone_file;

pub use name::{Name, NameError};
pub use record_set::{AliasTarget, Body, FailoverRole, RecordSet, Routing, RoutingPolicy, Ttl, Weight};
pub use record_type::RecordType;
