//! Weights and traffic policies as the changes that they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::change::{Action, Change, ChangeBatch};
use model::hosted_zone::HostedZone;
use model::{Body, MadeRecords, Name, RecordSet, RecordType, Routing};
use store::Reader;

use super::{NewPolicy, NewWeight, SimulateError};
use crate::keys;
use crate::plan::Wish;
use crate::record_rows::at;
use crate::rows::exists;

/// All that is wished for as one wish; none if nothing is.
pub(super) fn compose(
    reader: &Reader<'_>,
    zone: &HostedZone,
    wish: Option<Wish>,
    weights: Vec<NewWeight>,
    policies: Vec<NewPolicy>,
) -> Result<Option<Wish>, SimulateError> {
    once(&weights)?;
    match wish {
        None if weights.is_empty() && policies.is_empty() => Ok(None),
        Some(Wish::Zone(mut contents)) => {
            if !policies.is_empty() {
                return Err(SimulateError::PolicyBesideZone);
            }
            for new in weights {
                let sets = &mut contents.record_sets;
                let place = sets.iter().position(|set| is_of(set, &new));
                let place = place.ok_or_else(|| no_such(&new, sets))?;
                weigh(&mut sets[place], new.weight);
            }
            Ok(Some(Wish::Zone(contents)))
        }
        batch => {
            let mut batch = match batch {
                Some(Wish::Batch(batch)) => batch,
                _ => ChangeBatch { comment: None, changes: Vec::new() },
            };
            for new in weights {
                // A record set that the batch writes has the weight that it would have then; what it deletes has none.
                let last = batch.changes.iter_mut().rev().find(|change| is_of(&change.record_set, &new));
                let is_deleted = match last {
                    Some(change) if change.action != Action::Delete => {
                        weigh(&mut change.record_set, new.weight);
                        continue;
                    }
                    deleted => deleted.is_some(),
                };
                let mut stored = at(reader, &zone.id, &new.name.sort_key())?;
                stored.retain(|set| !(is_deleted && is_of(set, &new)));
                let found = stored.iter().find(|set| is_of(set, &new));
                let mut record_set = found.cloned().ok_or_else(|| no_such(&new, &stored))?;
                weigh(&mut record_set, new.weight);
                batch.changes.push(Change { action: Action::Upsert, record_set });
            }
            for new in policies {
                let record_set = policy(reader, zone, new)?;
                batch.changes.push(Change { action: Action::Upsert, record_set });
            }
            Ok(Some(Wish::Batch(batch)))
        }
    }
}

fn once(weights: &[NewWeight]) -> Result<(), SimulateError> {
    let mut seen = BTreeSet::<(&Name, RecordType, &str)>::new();
    for NewWeight { name, record_type, set_identifier, weight: _ } in weights {
        if !seen.insert((name, *record_type, set_identifier)) {
            let (name, set_identifier) = (name.clone(), set_identifier.clone());
            return Err(SimulateError::WeightTwice { name, record_type: *record_type, set_identifier });
        }
    }
    Ok(())
}

fn is_of(set: &RecordSet, new: &NewWeight) -> bool {
    set.name == new.name
        && set.record_type == new.record_type
        && matches!(&set.routing, Routing::Weighted { set_identifier, .. } if set_identifier.as_str() == new.set_identifier)
}

fn weigh(set: &mut RecordSet, new: u8) {
    if let Routing::Weighted { weight, .. } = &mut set.routing {
        *weight = new;
    }
}

fn no_such(new: &NewWeight, sets: &[RecordSet]) -> SimulateError {
    let NewWeight { name, record_type, set_identifier, weight: _ } = new;
    let weighted = sets.iter().filter(|set| set.name == *name && set.record_type == *record_type);
    let there = weighted.filter(|set| matches!(set.routing, Routing::Weighted { .. }));
    SimulateError::NoSuchWeight {
        name: name.clone(),
        record_type: *record_type,
        set_identifier: set_identifier.clone(),
        there: there.filter_map(|set| Some(set.set_identifier()?.to_string())).collect(),
    }
}

/// The record set of the instance, as an update to the document would make it; its TTL stays.
fn policy(reader: &Reader<'_>, zone: &HostedZone, new: NewPolicy) -> Result<RecordSet, SimulateError> {
    let NewPolicy { name, document } = new;
    for id in document.health_checks() {
        if !exists(reader, &keys::health_check(id))? {
            return Err(SimulateError::NoSuchHealthCheck(id.clone()));
        }
    }
    let record_type = document.record_type();
    for mut set in at(reader, &zone.id, &name.sort_key())? {
        if set.record_type != record_type {
            continue;
        }
        if let Body::TrafficPolicy(record) = &mut set.body
            && let Some(made) = record.made.take()
        {
            record.made = Some(MadeRecords { ttl: made.ttl, document: Arc::new(document) });
            return Ok(set);
        }
    }
    Err(SimulateError::NoInstance(name, record_type))
}
