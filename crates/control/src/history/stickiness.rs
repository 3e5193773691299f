//! Which names were sticky at a revision, and what differs between two: the same way back through the log as for record
//! sets.

use std::collections::{BTreeMap, BTreeSet};

use model::id::HostedZoneId;
use model::{Name, Stickiness};
use store::Reader;

use super::past::{self, Values};
use super::{Fact, FieldChange};
use crate::keys;
use crate::rows::StorageError;
use crate::stickiness::read_row;

/// One name whose stickiness differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickinessChange {
    /// The name.
    pub name: Name,
    /// As it was; none: each query was drawn.
    pub before: Option<Stickiness>,
    /// As it is then.
    pub after: Option<Stickiness>,
}

impl StickinessChange {
    /// As one of the zone's settings: the name is part of what was set.
    pub(super) fn setting(&self) -> FieldChange {
        let side = |side: Option<Stickiness>| side.map(|set| Fact::Text(format!("{} {set}", self.name)));
        FieldChange { field: "sticky", before: side(self.before), after: side(self.after) }
    }
}

/// What differs between two states of the same keys, in Route 53's order.
pub(super) fn between(before: &Values, after: &Values) -> Result<Vec<StickinessChange>, StorageError> {
    let mut changes = Vec::new();
    for (key, before) in before.iter().filter(|(key, _)| keys::split_stickiness(key).is_some()) {
        let after = after.get(key).and_then(Option::as_ref);
        let side = |value: Option<&Vec<u8>>| value.map(|value| read_row(key, value)).transpose();
        let (before, after) = (side(before.as_ref())?, side(after)?);
        if before != after {
            let name = before.iter().chain(&after).map(|(name, _)| name.clone()).next();
            let set = |side: Option<(Name, Stickiness)>| side.map(|(_, set)| set);
            changes.extend(name.map(|name| StickinessChange { name, before: set(before), after: set(after) }));
        }
    }
    Ok(changes)
}

/// What the revisions after `after` up to `to` changed.
pub(super) fn changed(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    after: u64,
    to: u64,
) -> Result<Vec<StickinessChange>, StorageError> {
    let later = past::written_below(reader, zone, &keys::stickiness_of(zone), after, to)?;
    let earlier = past::values_at(reader, zone, later.keys().cloned().collect::<BTreeSet<_>>(), after)?;
    between(&earlier, &later)
}

/// The sticky names as they were at a revision.
pub(super) fn at(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    revision: u64,
) -> Result<Vec<(Name, Stickiness)>, StorageError> {
    let rows: BTreeMap<_, _> = past::rows_below(reader, zone, &keys::stickiness_of(zone), revision)?;
    rows.iter().map(|(key, value)| read_row(key, value)).collect()
}
