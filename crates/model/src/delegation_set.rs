//! A reusable delegation set: name servers under an id that hosted zones can be created with.
//!
//! Left out on purpose: the servers of all other zones, which have no id; they stand in the zone.

use crate::Name;
use crate::id::DelegationSetId;

/// A reusable delegation set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationSet {
    /// `N…`.
    pub id: DelegationSetId,
    /// What the caller chose to make its request unrepeatable; unique for ever, deleted sets included.
    pub caller_reference: String,
    /// What its zones are given.
    pub name_servers: Vec<Name>,
    /// How many hosted zones have it.
    pub zone_count: u64,
}
