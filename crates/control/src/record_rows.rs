//! The rows of a zone's record sets: reading the names a batch needs, writing what it touched, and the indexes of aliases
//! and of used CIDR collections that go with every name.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use model::change::{Elsewhere, Records, Touched};
use model::cidr::CidrCollection;
use model::hosted_zone::HostedZone;
use model::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, SetIdentifier};
use model::{Body, Name, RecordSet, RecordType, Routing};
use store::Transaction;

use crate::keys;
use crate::rows::{Rows, StorageError, exists, find, put, scan};
use crate::stored::{self, Stored, StoredFault};

/// A stored zone, as `model`'s transaction looks at it.
pub(crate) struct StoredRecords<'a, R> {
    pub(crate) rows: &'a R,
    pub(crate) zone: &'a HostedZoneId,
}

impl<R: Rows> Records for StoredRecords<'_, R> {
    type Error = StorageError;

    fn at(&mut self, name: &Name) -> Result<Vec<RecordSet>, StorageError> {
        at(self.rows, self.zone, &name.sort_key())
    }

    fn aliases_to(&mut self, target: &Name, record_type: RecordType, limit: usize) -> Result<Vec<Name>, StorageError> {
        let mut owners = Vec::new();
        let prefix = keys::aliases_to(self.zone, target, record_type);
        scan(self.rows, &prefix, &prefix, |key, owner| {
            let owner = Name::from_wire(owner).map_err(|fault| StorageError::damaged(key, StoredFault::Name(fault)))?;
            owners.push(owner);
            Ok(if owners.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(owners)
    }

    fn has_health_check(&mut self, id: &HealthCheckId) -> Result<bool, StorageError> {
        exists(self.rows, &keys::health_check(id))
    }

    fn cidr_location(&mut self, id: &CidrCollectionId, at: &CidrLocation) -> Result<Option<bool>, StorageError> {
        let collection: Option<CidrCollection> = find(self.rows, &keys::cidr_collection(id))?;
        Ok(collection.map(|collection| collection.has_location(at)))
    }

    fn elsewhere(&mut self, zone: &HostedZoneId, name: &Name, of: RecordType) -> Result<Elsewhere, StorageError> {
        elsewhere(self.rows, zone, name, of)
    }
}

/// What an alias into another hosted zone would find there.
pub(crate) fn elsewhere(
    rows: &impl Rows,
    zone: &HostedZoneId,
    name: &Name,
    record_type: RecordType,
) -> Result<Elsewhere, StorageError> {
    let zone: Option<HostedZone> = find(rows, &keys::zone(zone))?;
    Ok(match zone {
        None => Elsewhere::NotOurs,
        Some(zone) if zone.is_private() => Elsewhere::Private,
        Some(zone) if !name.is_in(&zone.name) => Elsewhere::Outside,
        Some(zone) => match at(rows, &zone.id, &name.sort_key())?.iter().any(|set| set.record_type == record_type) {
            true => Elsewhere::There,
            false => Elsewhere::Missing,
        },
    })
}

/// All record sets of a zone at one name.
pub(crate) fn at(rows: &impl Rows, zone: &HostedZoneId, sort_key: &str) -> Result<Vec<RecordSet>, StorageError> {
    below(rows, &keys::record_sets_at(zone, sort_key))
}

/// All record sets whose keys begin so.
pub(crate) fn below(rows: &impl Rows, prefix: &[u8]) -> Result<Vec<RecordSet>, StorageError> {
    let mut found = Vec::new();
    scan(rows, prefix, prefix, |key, value| {
        found.push(stored::record_set(value).map_err(|fault| StorageError::damaged(key, fault))?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// The key of a stored record set.
pub(crate) fn key(zone: &HostedZoneId, record_set: &RecordSet) -> Vec<u8> {
    let id = record_set.set_identifier().map(SetIdentifier::as_str);
    keys::record_set(zone, &record_set.name.sort_key(), record_set.record_type, id)
}

/// The alias index entries of one name.
pub(crate) fn alias_keys(zone: &HostedZoneId, owner: &Name, record_sets: &[RecordSet]) -> BTreeSet<Vec<u8>> {
    let targets = record_sets.iter().filter_map(|set| match &set.body {
        Body::Alias(target) if target.hosted_zone_id == *zone => Some((&target.dns_name, set.record_type)),
        Body::Alias(_) | Body::Records { .. } | Body::TrafficPolicy(_) => None,
    });
    targets.map(|(target, record_type)| keys::alias(zone, target, record_type, owner)).collect()
}

/// The entries of one name in the index of used CIDR collections.
pub(crate) fn cidr_use_keys(zone: &HostedZoneId, owner: &Name, record_sets: &[RecordSet]) -> BTreeSet<Vec<u8>> {
    let used = record_sets.iter().filter_map(|set| match &set.routing {
        Routing::IpBased { collection, .. } => Some(collection),
        Routing::Simple
        | Routing::Weighted { .. }
        | Routing::Failover { .. }
        | Routing::Multivalue { .. }
        | Routing::Latency { .. }
        | Routing::Geolocation { .. }
        | Routing::Geoproximity { .. } => None,
    });
    used.map(|collection| keys::cidr_use(zone, owner, collection)).collect()
}

/// Writes what a batch touched, and the zone's new number of record sets.
pub(crate) fn write_touched(transaction: &mut Transaction<'_>, zone: &HostedZone, touched: &[Touched]) {
    let mut count = zone.record_set_count;
    for Touched { name, before, after } in touched {
        let kept: BTreeSet<Vec<u8>> = after.iter().map(|set| key(&zone.id, set)).collect();
        for gone in before.iter().map(|set| key(&zone.id, set)).filter(|key| !kept.contains(key)) {
            transaction.delete(&gone);
        }
        for set in after.iter().filter(|set| !before.contains(set)) {
            transaction.put(&key(&zone.id, set), &set.encode());
        }
        let (old, new) = (alias_keys(&zone.id, name, before), alias_keys(&zone.id, name, after));
        for gone in old.difference(&new) {
            transaction.delete(gone);
        }
        for added in new.difference(&old) {
            transaction.put(added, name.wire());
        }
        let (old, new) = (cidr_use_keys(&zone.id, name, before), cidr_use_keys(&zone.id, name, after));
        for gone in old.difference(&new) {
            transaction.delete(gone);
        }
        for added in new.difference(&old) {
            transaction.put(added, &[]);
        }
        count = (count + after.len() as u64).saturating_sub(before.len() as u64);
    }
    if count != zone.record_set_count {
        put(transaction, &keys::zone(&zone.id), &HostedZone { record_set_count: count, ..zone.clone() });
    }
}
