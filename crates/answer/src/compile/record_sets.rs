//! The record sets of one name → the contents of its node, type by type.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::id::HealthCheckId;
use model::place::{Geoproximity, Location, Origin, Regions};
use model::{Body, FailoverRole, RecordSet, RecordType, Routing, Stickiness};

use super::CompileFault;
use crate::choose::ip_based::key;
use crate::choose::sticky::Sticky;
use crate::collections::Collections;
use crate::counted::Slot;
use crate::group::{Alias, Aside, Content, Elsewhere, Group, Member, Policy};
use crate::limits::GROUP_MEMBERS_MAX;
use crate::records::{self, Records};
use crate::sites::{PointSite, RegionSite, Site, Sites};
use crate::table::Contents;
use crate::target::relative_hash;
use crate::view::HealthIndex;
use crate::zone::Zone;

/// Gives what record sets name its places; places are never taken back, so that a view's bits stay true.
pub(super) struct Indexes<'a> {
    pub(super) health: &'a mut Arc<HashMap<HealthCheckId, HealthIndex>>,
    pub(super) collections: &'a mut Arc<Collections>,
    pub(super) regions: &'a Regions,
    /// What the name that is being compiled has set.
    pub(super) stickiness: Option<Stickiness>,
    /// Where its answers are counted.
    pub(super) slots: &'a [Slot],
}

impl Indexes<'_> {
    fn health(&mut self, id: &HealthCheckId) -> HealthIndex {
        if let Some(&index) = self.health.get(id) {
            return index;
        }
        let index = HealthIndex::after(self.health.len());
        Arc::make_mut(self.health).insert(id.clone(), index);
        index
    }
}

/// Compiles all record sets of one name.
pub(super) fn compile(
    zone: &Zone,
    record_sets: &[RecordSet],
    indexes: &mut Indexes<'_>,
) -> Result<Vec<(RecordType, Contents)>, CompileFault> {
    let mut compiled: Vec<(RecordType, Contents)> = Vec::with_capacity(1);
    for (i, first) in record_sets.iter().enumerate() {
        let record_type = first.record_type;
        if record_sets[..i].iter().any(|other| other.record_type == record_type) {
            continue;
        }
        let group: Vec<&RecordSet> = record_sets[i..].iter().filter(|r| r.record_type == record_type).collect();
        let contents = match (&group[..], &first.routing, &first.body, &first.health_check) {
            ([_], Routing::Simple, Body::Records { .. }, None) => Contents::Records(encode(zone, first)?),
            ([_], _, Body::TrafficPolicy(record), _) => super::traffic_policy::compile(zone, first, record, indexes)?,
            _ => Contents::Group(Arc::new(compile_group(zone, &group, indexes)?)),
        };
        compiled.push((record_type, contents));
    }
    Ok(compiled)
}

/// Compiles record sets that compete under one policy.
pub(super) fn compile_group(
    zone: &Zone,
    group: &[&RecordSet],
    indexes: &mut Indexes<'_>,
) -> Result<Group, CompileFault> {
    let first = group[0];
    if group.len() > GROUP_MEMBERS_MAX {
        return Err(CompileFault::GroupTooLarge {
            name: first.name.clone(),
            record_type: first.record_type,
            count: group.len(),
        });
    }
    let mut sorted = group.to_vec();
    let policy = match &first.routing {
        Routing::Simple => Policy::Simple,
        Routing::Weighted { .. } => Policy::Weighted { total: group.iter().map(|r| u32::from(weight(r))).sum() },
        Routing::Failover { .. } => {
            sorted.sort_by_key(|r| matches!(r.routing, Routing::Failover { role: FailoverRole::Secondary, .. }));
            Policy::Failover
        }
        Routing::Multivalue { .. } => Policy::Multivalue,
        Routing::Latency { .. } => Policy::Latency,
        Routing::Geolocation { .. } => Policy::Geolocation,
        Routing::Geoproximity { .. } => Policy::Geoproximity,
        Routing::IpBased { collection, .. } => Policy::IpBased(Collections::place(indexes.collections, collection)),
    };
    if matches!(policy, Policy::Latency | Policy::Geolocation | Policy::Geoproximity | Policy::IpBased(_)) {
        sorted.sort_by(|a, b| a.set_identifier().cmp(&b.set_identifier()));
    }
    let members = sorted.iter().map(|r| member(zone, r, indexes)).collect::<Result<Box<[Member]>, _>>()?;
    let always_healthy = members.iter().all(|member| member.health.is_none() && !member.content.is_evaluated());
    let repeats = policy == Policy::Multivalue && repeats(&members);
    let (sites, checks) = (Sites::of(policy, &members), Group::checks_of(&members));
    let is_counted = members.iter().any(|member| member.aside.slot.is_some());
    let mut group = Group { policy, members, sites, checks, always_healthy, repeats, is_counted, sticky: None };
    make_sticky(&mut group, first, "", indexes);
    Ok(group)
}

/// Lets a weighted group's clients keep their answers if its name says so. The identifiers of its members must be those
/// that stay the same when others come and go.
pub(super) fn make_sticky(group: &mut Group, first: &RecordSet, rule: &str, indexes: &Indexes<'_>) {
    let is_weighted = matches!(group.policy, Policy::Weighted { .. });
    group.sticky = indexes.stickiness.filter(|_| is_weighted).map(|by| {
        let identifiers = group.members.iter().map(|member| member.aside.set_identifier.as_deref());
        Sticky::compile(by, first.name.wire(), rule, identifiers)
    });
}

/// Whether any rdata stands in two members, as when two checks look at one address.
fn repeats(members: &[Member]) -> bool {
    let mut seen = HashSet::new();
    members
        .iter()
        .filter_map(|m| match &m.content {
            Content::Records(bytes) => Some(Records::new(bytes)),
            Content::Alias(_) | Content::Elsewhere(_) | Content::Nested(_) | Content::Outside => None,
        })
        .flat_map(Records::iter)
        .any(|rdata| !seen.insert(rdata))
}

fn member(zone: &Zone, record_set: &RecordSet, indexes: &mut Indexes<'_>) -> Result<Member, CompileFault> {
    let content = match &record_set.body {
        Body::Records { .. } => Content::Records(encode(zone, record_set)?.into()),
        Body::Alias(target) if target.hosted_zone_id == zone.id => {
            let wire = target.dns_name.wire();
            let relative = below(wire, &zone.apex)
                .ok_or_else(|| CompileFault::OutsideZone { name: target.dns_name.clone(), apex: apex_name(zone) })?;
            Content::Alias(Alias {
                hash: relative_hash(zone.apex_hash, relative),
                relative: relative.to_vec().into(),
                evaluate_target_health: target.evaluate_target_health,
            })
        }
        Body::Alias(target) => Content::Elsewhere(Box::new(Elsewhere {
            zone: target.hosted_zone_id.clone(),
            name: target.dns_name.wire().into(),
            evaluate_target_health: target.evaluate_target_health,
        })),
        // The endpoints of traffic policies that are resources of AWS.
        Body::TrafficPolicy(_) => Content::Outside,
    };
    Ok(Member {
        weight: weight(record_set),
        health: record_set.health_check.as_ref().map(|id| indexes.health(id)),
        content,
        aside: Box::new(Aside {
            site: site(&record_set.routing, indexes.regions),
            set_identifier: record_set.set_identifier().map(|s| s.as_str().into()),
            rule: rule(&record_set.routing).map(Into::into),
            health_check: record_set.health_check.clone(),
            slot: Slot::find(indexes.slots, record_set),
        }),
    })
}

fn weight(record_set: &RecordSet) -> u8 {
    match record_set.routing {
        Routing::Weighted { weight, .. } => weight,
        Routing::Simple
        | Routing::Failover { .. }
        | Routing::Multivalue { .. }
        | Routing::Latency { .. }
        | Routing::Geolocation { .. }
        | Routing::Geoproximity { .. }
        | Routing::IpBased { .. } => 0,
    }
}

fn site(routing: &Routing, regions: &Regions) -> Site {
    match routing {
        Routing::Latency { region, .. } => Site::Region(RegionSite::of(region, regions)),
        Routing::Geolocation { location, .. } => Site::Location(*location),
        Routing::Geoproximity { geoproximity, .. } => Site::Point(PointSite::of(geoproximity, regions)),
        Routing::IpBased { location, .. } => Site::Blocks(key(location.as_str().as_bytes())),
        Routing::Simple | Routing::Weighted { .. } | Routing::Failover { .. } | Routing::Multivalue { .. } => {
            Site::Nowhere
        }
    }
}

/// What the policy goes by, in words; weights are told by their number.
fn rule(routing: &Routing) -> Option<String> {
    match routing {
        Routing::Failover { role: FailoverRole::Primary, .. } => Some("primary".to_owned()),
        Routing::Failover { role: FailoverRole::Secondary, .. } => Some("secondary".to_owned()),
        Routing::Latency { region, .. } => Some(region.to_string()),
        Routing::Geolocation { location, .. } => Some(location_text(*location)),
        Routing::Geoproximity { geoproximity, .. } => Some(geoproximity_text(geoproximity)),
        Routing::IpBased { location, .. } => Some(format!("location {location}")),
        Routing::Simple | Routing::Weighted { .. } | Routing::Multivalue { .. } => None,
    }
}

fn location_text(location: Location) -> String {
    match location {
        Location::Default => "*".to_owned(),
        Location::Continent(continent) => format!("continent {continent}"),
        Location::Country(country) => country.to_string(),
        Location::Subdivision(country, part) => format!("{country}-{part}"),
    }
}

fn geoproximity_text(geoproximity: &Geoproximity) -> String {
    let origin = match &geoproximity.origin {
        Origin::Region(region) => region.to_string(),
        Origin::LocalZoneGroup(group) => group.to_string(),
        Origin::Coordinates { latitude, longitude } => format!("{}:{}", latitude.as_str(), longitude.as_str()),
    };
    match geoproximity.bias {
        None | Some(0) => origin,
        Some(bias) => format!("{origin} bias {bias:+}"),
    }
}

pub(super) fn encode(zone: &Zone, record_set: &RecordSet) -> Result<Vec<u8>, CompileFault> {
    let (name, record_type) = (&record_set.name, record_set.record_type);
    let Body::Records { ttl, values } = &record_set.body else { unreachable!("only records are encoded") };
    if values.is_empty() {
        return Err(CompileFault::NoRecords { name: name.clone(), record_type });
    }
    if values.len() > usize::from(u16::MAX) {
        return Err(CompileFault::TooManyRecords { name: name.clone(), record_type });
    }
    let rdata = values
        .iter()
        .map(|value| {
            model::rdata::wire(record_type, value).map_err(|fault| CompileFault::Value {
                name: name.clone(),
                record_type,
                fault,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut bytes = Vec::new();
    records::encode(record_type, ttl.seconds(), &rdata, &zone.apex, &mut bytes);
    Ok(bytes)
}

/// The part of a name below the apex, if it lies in the zone.
pub(super) fn below<'a>(name: &'a [u8], apex: &[u8]) -> Option<&'a [u8]> {
    let mut at = 0;
    while name.len() - at > apex.len() {
        at += 1 + usize::from(name[at]);
    }
    (name[at..] == *apex).then(|| &name[..at])
}

pub(super) fn apex_name(zone: &Zone) -> model::Name {
    model::Name::from_wire(&zone.apex).expect("the apex was a name")
}
