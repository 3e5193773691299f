//! The one record set of an instance: put, taken away, and found again when a zone is written as a whole.

use std::ops::ControlFlow;
use std::sync::Arc;

use model::change::{self, Action, ApplyError, Change, ChangeBatch, Faults, RecordSetKey};
use model::hosted_zone::HostedZone;
use model::id::{HostedZoneId, TrafficPolicyInstanceId};
use model::limits::Limits;
use model::traffic_policy::{Document, TrafficPolicyInstance, TrafficPolicyVersion};
use model::{Body, MadeRecords, PolicyRecord, RecordSet, Routing};
use store::Transaction;

use crate::keys;
use crate::record_rows::{StoredRecords, write_touched};
use crate::rows::{Rows, StorageError, exists, find, scan};
use crate::stored::StoredFault;

/// Makes or replaces the record set; the inner error says why the rules forbid it.
pub(super) fn put(
    transaction: &mut Transaction<'_>,
    zone: &HostedZone,
    instance: &TrafficPolicyInstance,
    version: &TrafficPolicyVersion,
    limits: &Limits,
) -> Result<Result<(), String>, StorageError> {
    let document = Document::parse(&version.document).map_err(|faults| {
        let key = keys::traffic_policy_version(&version.policy, version.number);
        StorageError::damaged(&key, StoredFault::TrafficPolicy(faults))
    })?;
    // A record set may name a check that was deleted since; whoever names one now is to be told.
    for id in document.health_checks() {
        if !exists(transaction, &keys::health_check(id))? {
            return Ok(Err(format!("No health check exists with the specified ID: {id}")));
        }
    }
    let made = MadeRecords { ttl: instance.ttl, document: Arc::new(document) };
    change(transaction, zone, Action::Upsert, record_set(instance, Some(made)), limits)
        .map(|done| done.map_err(|faults| faults.to_string()))
}

/// Takes the record set away; whether it was there. The inner error says why it has to stay.
pub(super) fn remove(
    transaction: &mut Transaction<'_>,
    zone: &HostedZone,
    instance: &TrafficPolicyInstance,
) -> Result<Result<bool, Faults>, StorageError> {
    if stored(transaction, instance)?.is_none() {
        return Ok(Ok(false));
    }
    let gone = record_set(instance, None);
    Ok(change(transaction, zone, Action::Delete, gone, &Limits::default().without_quotas())?.map(|()| true))
}

/// The record sets that instances have in a zone.
pub(crate) fn in_zone(rows: &impl Rows, zone: &HostedZoneId) -> Result<Vec<RecordSet>, StorageError> {
    let (prefix, mut ids) = (keys::policy_instances_in(zone), Vec::new());
    scan(rows, &prefix, &prefix, |key, id| {
        let id = TrafficPolicyInstanceId::parse(&String::from_utf8_lossy(id));
        ids.push(id.map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))?);
        Ok(ControlFlow::Continue(()))
    })?;
    let mut found = Vec::new();
    for id in ids {
        if let Some(instance) = find::<TrafficPolicyInstance>(rows, &keys::policy_instance(&id))? {
            found.extend(stored(rows, &instance)?);
        }
    }
    Ok(found)
}

/// The record set of an instance, unless it failed or somebody deleted it.
fn stored(rows: &impl Rows, instance: &TrafficPolicyInstance) -> Result<Option<RecordSet>, StorageError> {
    let TrafficPolicyInstance { id, zone, name, record_type, .. } = instance;
    let found: Option<RecordSet> = find(rows, &keys::record_set(zone, &name.sort_key(), *record_type, None))?;
    Ok(found.filter(|set| matches!(&set.body, Body::TrafficPolicy(record) if record.instance == *id)))
}

fn record_set(instance: &TrafficPolicyInstance, made: Option<MadeRecords>) -> RecordSet {
    RecordSet {
        name: instance.name.clone(),
        record_type: instance.record_type,
        routing: Routing::Simple,
        body: Body::TrafficPolicy(PolicyRecord { instance: instance.id.clone(), made }),
        health_check: None,
    }
}

fn change(
    transaction: &mut Transaction<'_>,
    zone: &HostedZone,
    action: Action,
    record_set: RecordSet,
    limits: &Limits,
) -> Result<Result<(), Faults>, StorageError> {
    debug_assert!(RecordSetKey::of(&record_set).set_identifier.is_none(), "a policy's record set stands alone");
    let batch = ChangeBatch { comment: None, changes: vec![Change { action, record_set }] };
    let mut records = StoredRecords { rows: &*transaction, zone: &zone.id };
    let touched = match change::apply(zone, &batch, limits, &mut records) {
        Ok(touched) => touched,
        Err(ApplyError::Invalid(faults)) => return Ok(Err(faults)),
        Err(ApplyError::Records(error)) => return Err(error),
        Err(ApplyError::NoSuchHealthCheck(_) | ApplyError::CommentTooLong(_)) => {
            unreachable!("the record set names no health check itself, and the batch has no comment")
        }
    };
    write_touched(transaction, zone, &touched);
    Ok(Ok(()))
}
