//! Where a record set may stand: in the zone, beside its neighbours of the same name, in its group.
//!
//! [`check`] judges one record set when it is put; [`check_name_at_end`] judges a name when the batch is over, and asks
//! `group.rs` about each group of its record sets.

use super::{ChangeFault, group};
use crate::hosted_zone::HostedZone;
use crate::limits::Limits;
use crate::{Body, Name, RecordSet, RecordType, RoutingPolicy};

/// The faults of putting `new` beside the `others` of the same name.
pub(super) fn check<'a>(
    facts: &HostedZone,
    new: &RecordSet,
    others: impl Iterator<Item = &'a RecordSet> + Clone,
) -> Vec<ChangeFault> {
    let RecordSet { name, record_type, routing, body, health_check: _ } = new;
    let (zone, mut faults) = (&facts.name, Vec::new());
    if *record_type == RecordType::CNAME {
        if name == zone {
            faults.push(ChangeFault::CnameAtApex { name: name.clone() });
        } else if others.clone().any(|other| other.record_type != RecordType::CNAME) {
            faults.push(ChangeFault::CnameBesideOthers { name: name.clone(), zone: zone.clone() });
        }
    } else if others.clone().any(|other| other.record_type == RecordType::CNAME) {
        let (name, zone) = (name.clone(), zone.clone());
        faults.push(ChangeFault::OthersBesideCname { name, record_type: *record_type, zone });
    }
    if *record_type == RecordType::NS && name.is_wildcard() {
        faults.push(ChangeFault::WildcardNs { name: name.clone() });
    }
    if *record_type == RecordType::SOA && name != zone {
        faults.push(ChangeFault::NotOneSoa);
    }
    if !allows(*record_type, routing.policy()) {
        let policy = routing.policy();
        faults.push(ChangeFault::PolicyNotAllowed { name: name.clone(), record_type: *record_type, policy });
    }
    // DG `hosted-zone-private-considerations`: the policies of private zones are all but IP-based.
    if facts.is_private() && routing.policy() == RoutingPolicy::IpBased {
        let policy = routing.policy();
        faults.push(ChangeFault::PolicyNotPrivate { name: name.clone(), record_type: *record_type, policy });
    }
    if matches!(body, Body::Alias(_))
        && (matches!(*record_type, RecordType::NS | RecordType::SOA) || routing.policy() == RoutingPolicy::Multivalue)
    {
        faults.push(ChangeFault::AliasNotAllowed { name: name.clone(), record_type: *record_type });
    }
    faults.extend(check_group(new, others.filter(|other| other.record_type == *record_type)));
    faults
}

/// API `ResourceRecordSet.Type`: NS, SOA and DS know only simple routing; CNAME knows all but multivalue.
fn allows(record_type: RecordType, policy: RoutingPolicy) -> bool {
    match policy {
        RoutingPolicy::Simple => true,
        RoutingPolicy::Weighted
        | RoutingPolicy::Failover
        | RoutingPolicy::Latency
        | RoutingPolicy::Geolocation
        | RoutingPolicy::Geoproximity
        | RoutingPolicy::IpBased => !matches!(record_type, RecordType::NS | RecordType::SOA | RecordType::DS),
        RoutingPolicy::Multivalue => {
            !matches!(record_type, RecordType::NS | RecordType::SOA | RecordType::DS | RecordType::CNAME)
        }
    }
}

/// All record sets of one name and type share one policy and none of their places; a simple one stands alone.
fn check_group<'a>(new: &RecordSet, mut group: impl Iterator<Item = &'a RecordSet> + Clone) -> Option<ChangeFault> {
    let (name, record_type, routing) = (new.name.clone(), new.record_type, new.routing.clone());
    if new.set_identifier().is_none() {
        return group.next().map(|_| ChangeFault::SimpleBesideGroup { name, record_type });
    }
    if group.clone().any(|other| other.routing.policy() != routing.policy()) {
        return Some(ChangeFault::OtherPolicy { name, record_type, routing });
    }
    let place = group::place(&routing)?;
    group.any(|other| group::place(&other.routing).as_ref() == Some(&place)).then_some(ChangeFault::PlaceTaken {
        name,
        record_type,
        routing,
    })
}

/// The faults of a name once all changes are through. A group that was beyond its limit before, since the limit was
/// another then, may still shrink.
pub(super) fn check_name_at_end(
    zone: &Name,
    name: &Name,
    before: &[RecordSet],
    sets: &[RecordSet],
    limits: &Limits,
) -> Vec<ChangeFault> {
    let mut faults = Vec::new();
    let has = |record_type| sets.iter().any(|set| set.record_type == record_type);
    if name == zone {
        if !has(RecordType::SOA) {
            faults.push(ChangeFault::NotOneSoa);
        }
        if !has(RecordType::NS) {
            faults.push(ChangeFault::NoApexNs);
        }
    }
    let mut types: Vec<RecordType> = sets.iter().map(|set| set.record_type).collect();
    types.sort_unstable();
    types.dedup();
    for record_type in types {
        let group: Vec<&RecordSet> = sets.iter().filter(|set| set.record_type == record_type).collect();
        let count_before = before.iter().filter(|set| set.record_type == record_type).count();
        faults.extend(group::check(name, record_type, &group, count_before, limits));
    }
    faults
}
