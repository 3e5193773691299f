//! Weights of record sets, written by the rules of a change batch inside the transaction that stores the deployment.
//!
//! Before: `deploy::step` said what shall be live and what must be live for that to be right. Here both are compared
//! with the store, and nothing but weights is changed. Exactly once: the deployment's journal and the record sets are
//! one commit, and only the holder of the store's lock can commit, so no late writer exists to be fenced off by the
//! write's generation.

use std::collections::BTreeMap;

use deploy::SetWeights;
use model::change::{self, Action, ApplyError, Change, ChangeBatch, Elsewhere, Records, Touched};
use model::deployment::{RecordSetKey, RecordSetWeight};
use model::hosted_zone::HostedZone;
use model::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId};
use model::limits::Limits;
use model::{Name, RecordSet, RecordType, Routing, Weight};
use store::Transaction;

use crate::history::{ZoneChange, index};
use crate::keys;
use crate::record_rows::{StoredRecords, at, write_touched};
use crate::rows::{NoSuchHostedZone, Rows, StorageError, find, from_storage};

/// Why weights were not written. Nothing was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// A record set is not as it must be for the write to be right.
    #[error("somebody else changed a record set: {0}")]
    Disturbed(RecordSetKey),
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

/// Writes all the weights or none of them. Writing what is live already writes nothing.
pub(crate) fn write(transaction: &mut Transaction<'_>, write: &SetWeights) -> Result<(), WriteError> {
    let mut zones = BTreeMap::<&HostedZoneId, Vec<&RecordSetWeight>>::new();
    for wanted in &write.desired {
        zones.entry(&wanted.record_set.zone).or_default().push(wanted);
    }
    let mut judged = Vec::new();
    for (id, wanted) in zones {
        let zone: HostedZone = find(transaction, &keys::zone(id))?
            .ok_or_else(|| WriteError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
        let touched = judge(&*transaction, &zone, &wanted, &write.precondition)?;
        judged.push((zone, touched));
    }
    // Everything was judged before the first row is written.
    for (zone, touched) in judged {
        write_touched(transaction, &zone, &touched);
        if !touched.is_empty() {
            index::note(transaction, &zone.id, ZoneChange::Weights);
        }
    }
    Ok(())
}

fn judge(
    rows: &impl Rows,
    zone: &HostedZone,
    wanted: &[&RecordSetWeight],
    precondition: &[RecordSetWeight],
) -> Result<Vec<Touched>, WriteError> {
    let mut changes = Vec::new();
    for RecordSetWeight { record_set: key, weight } in wanted {
        let before = precondition.iter().find(|must| must.record_set == *key).map(|must| must.weight);
        let found = at(rows, &zone.id, &key.name.sort_key())?.into_iter().find(|found| is_named(key, found));
        let Some((found, live)) = found.and_then(|found| Some((weight_of(&found)?, found))).map(|(w, f)| (f, w)) else {
            return Err(WriteError::Disturbed(key.clone()));
        };
        if Some(live) != before {
            return Err(WriteError::Disturbed(key.clone()));
        }
        if live != *weight {
            let routing = Routing::Weighted { set_identifier: key.set_identifier.clone(), weight: *weight };
            changes.push(Change { action: Action::Upsert, record_set: RecordSet { routing, ..found } });
        }
    }
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let batch = ChangeBatch { comment: None, changes };
    change::apply(zone, &batch, &unlimited(), &mut AsStored(StoredRecords { rows, zone: &zone.id }))
        .map_err(WriteError::Refused)
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
struct AsStored<'a, R>(StoredRecords<'a, R>);

impl<R: Rows> Records for AsStored<'_, R> {
    type Error = StorageError;

    fn at(&mut self, name: &Name) -> Result<Vec<RecordSet>, StorageError> {
        self.0.at(name)
    }

    fn aliases_to(&mut self, target: &Name, record_type: RecordType, limit: usize) -> Result<Vec<Name>, StorageError> {
        self.0.aliases_to(target, record_type, limit)
    }

    fn has_health_check(&mut self, _: &HealthCheckId) -> Result<bool, StorageError> {
        Ok(true)
    }

    fn cidr_location(&mut self, _: &CidrCollectionId, _: &CidrLocation) -> Result<Option<bool>, StorageError> {
        Ok(Some(true))
    }

    fn elsewhere(&mut self, zone: &HostedZoneId, name: &Name, of: RecordType) -> Result<Elsewhere, StorageError> {
        self.0.elsewhere(zone, name, of)
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
            };
            crate::rows::write(&store, meta(), move |transaction| write(transaction, &set_weights)).await.unwrap();
        }
        assert_eq!(listed(&store, &zone.id, 100), before);
    }
}
