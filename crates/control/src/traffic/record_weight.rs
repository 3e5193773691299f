//! Weights of record sets, and what a release owns beside them, written by the rules of a change batch inside the
//! transaction that stores the deployment.
//!
//! Before: `deploy::step` said what shall be live and what must be live for that to be right. Here both are compared
//! with the store, and nothing but what it names is changed. Exactly once: the deployment's journal and the record sets are
//! one commit, and only the holder of the store's lock can commit, so no late writer exists to be fenced off by the
//! write's generation.

use std::collections::BTreeSet;

use deploy::SetWeights;
use model::change::{self, Action, ApplyError, Change, ChangeBatch, Elsewhere, Records, Touched};
use model::deployment::{Beside, Owned, RecordSetKey, RecordSetTtl, RecordSetWeight};
use model::hosted_zone::HostedZone;
use model::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId};
use model::limits::Limits;
use model::{Body, Name, RecordSet, RecordType, Routing, Ttl, Weight};
use store::Transaction;

use super::stick;
use crate::history::{ZoneChange, index};
use crate::keys;
use crate::record_rows::{StoredRecords, at, write_touched};
use crate::rows::{NoSuchHostedZone, Rows, StorageError, find, from_storage};
use crate::stickiness::TooManySticky;

/// Why weights were not written. Nothing was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// A record set is not as it must be for the write to be right.
    #[error("somebody else changed a record set: {0}")]
    Disturbed(RecordSetKey),
    /// The same, where all record sets of a name and type are to be made anew.
    #[error("somebody else changed the record sets of {name} {record_type}")]
    DisturbedName {
        /// The name.
        name: Name,
        /// The type.
        record_type: RecordType,
    },
    /// A name is not sticky as it must be for the write to be right.
    #[error("somebody else changed the stickiness of {0}")]
    DisturbedStickiness(Name),
    /// The zone has no room for another sticky name.
    #[error(transparent)]
    TooManySticky(TooManySticky),
    /// The hosted zone is gone.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The rules of change batches forbid it.
    #[error("the record sets cannot be changed: {0}")]
    Refused(ApplyError<StorageError>),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(WriteError);

/// Writes all the weights, and the fields beside them, or none. Writing what is live already writes nothing.
pub(crate) fn write(transaction: &mut Transaction<'_>, write: &SetWeights) -> Result<(), WriteError> {
    let nothing = Owned::default();
    let made = write.beside.as_ref().map_or(&nothing, |beside| &beside.desired);
    let mut zones: BTreeSet<&HostedZoneId> = write.desired.iter().map(|wanted| &wanted.record_set.zone).collect();
    zones.extend(made.records.iter().map(|form| &form.zone));
    let mut judged = Vec::new();
    for id in zones {
        let zone: HostedZone = find(transaction, &keys::zone(id))?
            .ok_or_else(|| WriteError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
        let touched = judge(&*transaction, &zone, write)?;
        judged.push((zone, touched));
    }
    let sticky = stick::judge(&*transaction, write.beside.as_deref())?;
    // Everything was judged before the first row is written.
    for (zone, touched) in judged {
        write_touched(transaction, &zone, &touched);
        if !touched.is_empty() {
            index::note(transaction, &zone.id, ZoneChange::Weights);
        }
    }
    stick::write(transaction, &sticky);
    Ok(())
}

fn judge(rows: &impl Rows, zone: &HostedZone, write: &SetWeights) -> Result<Vec<Touched>, WriteError> {
    let nothing = Owned::default();
    let shall = write.beside.as_ref().map_or(&nothing, |beside| &beside.desired);
    let changes = changes(rows, &zone.id, write)?;
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let batch = ChangeBatch { comment: None, changes };
    let made = shall.records.iter().map(|form| (&form.name, form.record_type)).collect();
    let mut records = AsStored { stored: StoredRecords { rows, zone: &zone.id }, made };
    let mut touched = change::apply(zone, &batch, &unlimited(), &mut records).map_err(WriteError::Refused)?;
    touched.iter_mut().for_each(|touched| keep_ttls(touched, &zone.id, &shall.ttls));
    Ok(touched)
}

/// A batch that writes another TTL writes it to the whole group, but an imported group may have several, and the way
/// back must find them again: each record set has the TTL that the write says, or the one it had.
fn keep_ttls(touched: &mut Touched, zone: &HostedZoneId, wanted: &[RecordSetTtl]) {
    let Touched { name: _, before, after } = touched;
    for set in after {
        let is_of = |ttl: &&RecordSetTtl| {
            let key = &ttl.record_set;
            key.zone == *zone && key.name == set.name && is_named(key, set)
        };
        let is_same =
            |other: &&RecordSet| other.record_type == set.record_type && other.set_identifier() == set.set_identifier();
        let wished = wanted.iter().find(is_of).and_then(|ttl| Ttl::new(ttl.ttl_seconds.into()).ok());
        let had = before.iter().find(is_same).and_then(ttl_of);
        if let (Body::Records { ttl, .. }, Some(to)) = (&mut set.body, wished.or(had)) {
            *ttl = to;
        }
    }
}

fn ttl_of(set: &RecordSet) -> Option<Ttl> {
    match &set.body {
        Body::Records { ttl, .. } => Some(*ttl),
        Body::Alias(_) | Body::TrafficPolicy(_) => None,
    }
}

/// What one record set is, and what it shall be; never neither.
pub(super) struct Replaced {
    pub(super) before: Option<RecordSet>,
    pub(super) after: Option<RecordSet>,
}

/// The changes of one zone. What is as it shall be is left alone.
fn changes(rows: &impl Rows, zone: &HostedZoneId, write: &SetWeights) -> Result<Vec<Change>, WriteError> {
    let replaced = replaced(|name| at(rows, zone, &name.sort_key()), zone, write)?;
    let change = |Replaced { before, after }| match (before, after) {
        (Some(before), Some(after)) if before == after => None,
        (Some(_), Some(after)) => Some((Action::Upsert, after)),
        (None, Some(after)) => Some((Action::Create, after)),
        (before, None) => before.map(|before| (Action::Delete, before)),
    };
    let changes = replaced.into_iter().filter_map(change);
    Ok(changes.map(|(action, record_set)| Change { action, record_set }).collect())
}

/// What a write does to the record sets of one zone, which `at` shows by name: what makes way first, then what takes its
/// place, then weights and TTLs.
pub(super) fn replaced(
    at: impl Fn(&Name) -> Result<Vec<RecordSet>, StorageError>,
    zone: &HostedZoneId,
    write: &SetWeights,
) -> Result<Vec<Replaced>, WriteError> {
    let nothing = (Owned::default(), Owned::default());
    let (was, shall) = match write.beside.as_deref() {
        Some(Beside { precondition, desired }) => (precondition, desired),
        None => (&nothing.0, &nothing.1),
    };
    let mut all = Vec::new();
    for form in was.records.iter().filter(|form| form.zone == *zone) {
        let record_set = form.record_set();
        if !at(&form.name)?.contains(&record_set) {
            return Err(WriteError::DisturbedName { name: form.name.clone(), record_type: form.record_type });
        }
        all.push(Replaced { before: Some(record_set), after: None });
    }
    let made = shall.records.iter().filter(|form| form.zone == *zone);
    all.extend(made.map(|form| Replaced { before: None, after: Some(form.record_set()) }));
    for RecordSetWeight { record_set: key, weight } in write.desired.iter().filter(|m| m.record_set.zone == *zone) {
        if shall.records.iter().any(|form| form.is_at(key)) {
            continue;
        }
        let must = write.precondition.iter().find(|must| must.record_set == *key).map(|must| must.weight);
        let found = at(&key.name)?.into_iter().find(|found| is_named(key, found));
        let Some((live, found)) = found.and_then(|found| Some((weight_of(&found)?, found))) else {
            return Err(WriteError::Disturbed(key.clone()));
        };
        let of = |owned: &Owned| owned.ttls.iter().find(|ttl| ttl.record_set == *key).map(|ttl| ttl.ttl_seconds);
        let live_ttl = ttl_of(&found);
        if Some(live) != must || of(was).is_some_and(|must| live_ttl.map(Ttl::seconds) != Some(must)) {
            return Err(WriteError::Disturbed(key.clone()));
        }
        let routing = Routing::Weighted { set_identifier: key.set_identifier.clone(), weight: *weight };
        let mut after = RecordSet { routing, ..found.clone() };
        let to = of(shall).and_then(|seconds| Ttl::new(seconds.into()).ok());
        if let (Body::Records { ttl, .. }, Some(to)) = (&mut after.body, to) {
            *ttl = to;
        }
        all.push(Replaced { before: Some(found), after: Some(after) });
    }
    Ok(all)
}

fn is_named(key: &RecordSetKey, found: &RecordSet) -> bool {
    found.record_type == key.record_type && found.set_identifier() == Some(&key.set_identifier)
}

fn weight_of(found: &RecordSet) -> Option<Weight> {
    match &found.routing {
        Routing::Weighted { weight, .. } => Some(*weight),
        Routing::Simple
        | Routing::Failover { .. }
        | Routing::Multivalue { .. }
        | Routing::Latency { .. }
        | Routing::Geolocation { .. }
        | Routing::Geoproximity { .. }
        | Routing::IpBased { .. } => None,
    }
}

/// A change of weights adds nothing, so no quota speaks to it; least of all on the way back.
pub(crate) fn unlimited() -> Limits {
    Limits {
        batch_records_max: usize::MAX,
        batch_value_chars_max: usize::MAX,
        values_per_record_set_max: usize::MAX,
        record_sets_per_group_max: usize::MAX,
        geoproximity_per_group_max: usize::MAX,
        ..Limits::default().without_quotas()
    }
}

/// The stored zone, in which every health check and CIDR location exists: those of the batch stand in the record sets already, and one
/// that was deleted meanwhile must not bar the way back.
struct AsStored<'a, R> {
    stored: StoredRecords<'a, R>,
    /// Names and types that are made anew in the same change: an alias to them never loses its target.
    made: Vec<(&'a Name, RecordType)>,
}

impl<R: Rows> Records for AsStored<'_, R> {
    type Error = StorageError;

    fn at(&mut self, name: &Name) -> Result<Vec<RecordSet>, StorageError> {
        self.stored.at(name)
    }

    fn aliases_to(&mut self, target: &Name, record_type: RecordType, limit: usize) -> Result<Vec<Name>, StorageError> {
        if self.made.contains(&(target, record_type)) {
            return Ok(Vec::new());
        }
        self.stored.aliases_to(target, record_type, limit)
    }

    fn has_health_check(&mut self, _: &HealthCheckId) -> Result<bool, StorageError> {
        Ok(true)
    }

    fn cidr_location(&mut self, _: &CidrCollectionId, _: &CidrLocation) -> Result<Option<bool>, StorageError> {
        Ok(Some(true))
    }

    fn elsewhere(&mut self, zone: &HostedZoneId, name: &Name, of: RecordType) -> Result<Elsewhere, StorageError> {
        self.stored.elsewhere(zone, name, of)
    }
}

#[cfg(test)]
mod tests {
    use model::change::Action::Create;
    use model::hosted_zone::Delegation;
    use model::id::{DeploymentId, SetIdentifier};
    use model::{Body, Ttl};

    use super::*;
    use crate::testing::{Scratch, batch, change, listed, meta, name, random, set, weighted, zone};
    use crate::zone_import;

    fn weights(zone: &HostedZoneId, blue: u8, green: u8) -> Vec<RecordSetWeight> {
        let weight = |id: &str, weight| RecordSetWeight {
            record_set: RecordSetKey {
                zone: zone.clone(),
                name: name("shop.example.com"),
                record_type: RecordType::A,
                set_identifier: SetIdentifier::parse(id).unwrap(),
            },
            weight,
        };
        vec![weight("blue", blue), weight("green", green)]
    }

    #[tokio::test]
    async fn only_weights_change_and_only_from_what_was_expected() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let zone = zone(&store, "example.com").await;
        let blue = weighted("shop.example.com A 10.0.0.1,10.0.0.2", "blue", 100);
        let sets = [blue.clone(), weighted("shop.example.com A 10.0.0.3", "green", 0), set("x.example.com A 10.0.0.9")];
        change(&store, &zone.id, batch(Create, sets)).await.unwrap();
        let carry = async |before: (u8, u8), after: (u8, u8)| {
            let set_weights = SetWeights {
                deployment: DeploymentId::parse("D1").unwrap(),
                generation: 1,
                precondition: weights(&zone.id, before.0, before.1),
                desired: weights(&zone.id, after.0, after.1),
                beside: None,
            };
            let written = crate::rows::write(&store, meta(), move |transaction| write(transaction, &set_weights)).await;
            written.map(|committed| committed.revision)
        };
        let before = listed(&store, &zone.id, 100);
        assert!(
            matches!(carry((99, 0), (95, 5)).await, Err(WriteError::Disturbed(key)) if key.set_identifier.as_str() == "blue")
        );
        assert_eq!(listed(&store, &zone.id, 100), before);
        let revision = carry((100, 0), (95, 5)).await.unwrap();
        assert_eq!(carry((95, 5), (95, 5)).await.unwrap(), revision, "nothing is written twice");
        let mut expected = before.clone();
        for found in &mut expected {
            if let Routing::Weighted { set_identifier, weight } = &mut found.routing {
                *weight = if set_identifier.as_str() == "blue" { 95 } else { 5 };
            }
        }
        assert_eq!(listed(&store, &zone.id, 100), expected);
        change(&store, &zone.id, batch(Action::Delete, [weighted("shop.example.com A 10.0.0.3", "green", 5)]))
            .await
            .unwrap();
        assert!(
            matches!(carry((95, 5), (100, 0)).await, Err(WriteError::Disturbed(key)) if key.set_identifier.as_str() == "green")
        );
    }

    #[tokio::test]
    async fn an_imported_group_with_two_ttls_is_found_again_as_it_was() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let zone = zone(&store, "example.com").await;
        let mut slow = weighted("shop.example.com A 10.0.0.3", "green", 0);
        slow.body = Body::Records { ttl: Ttl::new(300).unwrap(), values: vec!["10.0.0.3".to_owned()] };
        let mut sets = listed(&store, &zone.id, 100);
        sets.extend([weighted("shop.example.com A 10.0.0.1", "blue", 100), slow]);
        let into = zone_import::Into::Existing(zone.id.clone());
        let (delegation, limits) = (Delegation::default(), Limits::default());
        zone_import::import(&store, meta(), &random(), into, sets, &delegation, &limits).await.unwrap();
        let before = listed(&store, &zone.id, 100);
        for (was, shall) in [((100, 0), (95, 5)), ((95, 5), (100, 0))] {
            let set_weights = SetWeights {
                deployment: DeploymentId::parse("D1").unwrap(),
                generation: 1,
                precondition: weights(&zone.id, was.0, was.1),
                desired: weights(&zone.id, shall.0, shall.1),
                beside: None,
            };
            crate::rows::write(&store, meta(), move |transaction| write(transaction, &set_weights)).await.unwrap();
        }
        assert_eq!(listed(&store, &zone.id, 100), before);
    }
}
