//! A group: all record sets of one name and type, which share one policy.
//!
//! [`check`] judges a group at the end of a batch, so that a batch may swap the roles of a failover group. [`place`] tells
//! what a record set takes for itself; `place.rs` refuses a second one for it at once, as Route 53 was seen to do.

use std::collections::BTreeSet;

use super::ChangeFault;
use crate::limits::Limits;
use crate::place::{Location, Origin};
use crate::{FailoverRole, Name, RecordSet, RecordType, Routing};

/// What only one record set of a group may be for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Region(&'a str),
    Location(Location),
    LocalZoneGroup(&'a str),
    /// Hundredths of a degree: one point may be written in several ways.
    Point(i16, i16),
    Cidr(&'a str, &'a str),
}

/// What a record set takes for itself in its group; nothing for those that only a set identifier or a role tells apart.
pub(super) fn place(routing: &Routing) -> Option<Place<'_>> {
    match routing {
        Routing::Simple | Routing::Weighted { .. } | Routing::Multivalue { .. } | Routing::Failover { .. } => None,
        Routing::Latency { region, .. } => Some(Place::Region(region.as_str())),
        Routing::Geolocation { location, .. } => Some(Place::Location(*location)),
        Routing::Geoproximity { geoproximity, .. } => Some(match &geoproximity.origin {
            Origin::Region(region) => Place::Region(region.as_str()),
            Origin::LocalZoneGroup(group) => Place::LocalZoneGroup(group.as_str()),
            Origin::Coordinates { latitude, longitude } => Place::Point(latitude.hundredths(), longitude.hundredths()),
        }),
        Routing::IpBased { collection, location, .. } => Some(Place::Cidr(collection.as_str(), location.as_str())),
    }
}

/// The faults of a group. One that was beyond its limit before, since the limit was another then, may still shrink.
pub(super) fn check(
    name: &Name,
    record_type: RecordType,
    group: &[&RecordSet],
    count_before: usize,
    limits: &Limits,
) -> Vec<ChangeFault> {
    let mut faults = Vec::new();
    let name = || name.clone();
    let near = group.iter().any(|set| matches!(set.routing, Routing::Geoproximity { .. }));
    let max = if near { limits.geoproximity_per_group_max } else { limits.record_sets_per_group_max };
    if group.len() > max && group.len() > count_before {
        faults.push(ChangeFault::TooManyInGroup { name: name(), record_type, max });
    }
    for (searched, role) in [(FailoverRole::Primary, "PRIMARY"), (FailoverRole::Secondary, "SECONDARY")] {
        let held = group.iter().filter(|set| matches!(set.routing, Routing::Failover { role, .. } if role == searched));
        if held.count() > 1 {
            faults.push(ChangeFault::FailoverRoleTwice { name: name(), record_type, role });
        }
    }
    let collections: BTreeSet<&str> = group
        .iter()
        .filter_map(|set| match &set.routing {
            Routing::IpBased { collection, .. } => Some(collection.as_str()),
            _ => None,
        })
        .collect();
    if collections.len() > 1 {
        let collections = collections.into_iter().collect::<Vec<_>>().join(", ");
        faults.push(ChangeFault::SeveralCollections { name: name(), record_type, collections });
    }
    faults
}
