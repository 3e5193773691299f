//! One turn of one deployment: load, observe, step, carry out and store, in one transaction.
//!
//! Before: `schedule` says that the deployment is due. After: measurements are started, which is all that is left to
//! do outside the store. A crash finds either all of a turn or nothing of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use deploy::{Action, Observation, SetWeights, Step};
use model::deployment::{Binding, Deployment, MeasurementId, Phase, Waiting, WaitingOn};
use model::health_status::Verdicts;
use model::id::DeploymentId;
use model::metric::{Measurement, MetricQuery};
use store::{Meta, Store, Transaction};

use crate::deployments::rows as deployment_rows;
use crate::keys;
use crate::rows::{StorageError, write};
use crate::services;
use crate::traffic::record_weight;

/// What is true outside the store.
#[derive(Debug, Clone)]
pub(super) struct Outside {
    pub(super) now_ms: u64,
    pub(super) served: u64,
    pub(super) health: Arc<Verdicts>,
    pub(super) finished: Vec<(MeasurementId, Measurement)>,
    pub(super) measuring: BTreeSet<MeasurementId>,
}

/// How a turn ended.
#[derive(Debug)]
pub(super) enum Turned {
    /// There is nothing left to do for it. How it ended; none if it is not there any more.
    Over(Option<Phase>),
    /// It goes on.
    Open(Next),
}

/// What is to be done after a turn.
#[derive(Debug)]
pub(super) struct Next {
    /// Something was stored, so another look may find more to do.
    pub(super) has_changed: bool,
    /// The latest time for another look.
    pub(super) wake_ms: Option<u64>,
    /// To be started.
    pub(super) measures: Vec<(MeasurementId, MetricQuery)>,
    /// Whoever changes a key with one of these beginnings changes what the next turn sees.
    pub(super) watched: Vec<Vec<u8>>,
    /// It waits until DNS servers serve what was written.
    pub(super) awaits_servers: bool,
}

/// The author of what a deployment changes, in the log.
pub(super) fn author(id: &DeploymentId) -> String {
    format!("deployment {id}")
}

pub(super) async fn turn(store: &Store, id: &DeploymentId, outside: Outside) -> Result<Turned, StorageError> {
    let (id, meta) = (id.clone(), Meta::new(author(id), outside.now_ms));
    Ok(write(store, meta, move |transaction| turn_in(transaction, &id, outside)).await?.value)
}

fn turn_in(transaction: &mut Transaction<'_>, id: &DeploymentId, outside: Outside) -> Result<Turned, StorageError> {
    let Some(before) = deployment_rows::load(transaction, id)? else {
        transaction.delete(&keys::open_deployment(id));
        return Ok(Turned::Over(None));
    };
    if before.status.phase.is_terminal() {
        return Ok(Turned::Over(Some(before.status.phase)));
    }
    let service = deployment_rows::service(transaction, &before.service.name)?;
    let Outside { now_ms, served, health, finished, measuring } = outside;
    let observation = Observation {
        // Read in this transaction, before it writes: the state that its own revision will follow.
        revision: transaction.revision().0.saturating_sub(1),
        served_revision: served,
        record_sets: deployment_rows::record_sets_of(transaction, &before.service)?,
        active: service.map_or_else(|| before.service.active.clone(), |declared| declared.service.active),
        health,
        finished,
        measuring,
    };
    let Step { mut next, actions } = deploy::step(&before, &observation, now_ms);
    let (mut wake_ms, mut measures, mut has_acted) = (None, Vec::new(), false);
    for action in actions {
        match action {
            Action::SetWeights(write) => has_acted |= set_weights(transaction, &write, &mut next)?,
            Action::Activate { service, environment, version } => {
                has_acted = true;
                services::activate(transaction, &service, &environment, &version)?;
            }
            Action::Measure { id, metric: _, query } => measures.push((id, query)),
            Action::Wake { at_ms } => wake_ms = Some(at_ms),
        }
    }
    let has_changed = !is_same(&before, &next);
    if has_changed {
        deployment_rows::write(transaction, &before, &next);
        tell(&before, &next, transaction.revision().0);
    }
    if next.status.phase.is_terminal() {
        return Ok(Turned::Over(Some(next.status.phase)));
    }
    Ok(Turned::Open(Next {
        has_changed: has_changed || has_acted,
        wake_ms,
        measures,
        watched: watched(&next),
        awaits_servers: next.status.waiting_on.iter().any(|waiting| waiting.on == WaitingOn::Convergence),
    }))
}

/// Writes weights. What forbids it is told where people look; the deployment's own deadline ends the wait.
fn set_weights(
    transaction: &mut Transaction<'_>,
    write: &SetWeights,
    next: &mut Deployment,
) -> Result<bool, StorageError> {
    match record_weight::write(transaction, write) {
        Ok(()) => Ok(true),
        Err(record_weight::WriteError::Storage(error)) => Err(error),
        Err(refusal) => {
            tracing::warn!(deployment = %next.id, revision = transaction.revision().0, %refusal, "weights not written");
            let text = format!("weights are not written: {refusal}");
            next.status.waiting_on.push(Waiting { on: WaitingOn::Convergence, text, until_ms: None });
            Ok(false)
        }
    }
}

/// Equal but for the count of changes.
fn is_same(before: &Deployment, next: &Deployment) -> bool {
    let Deployment { id, revision: _, created, service, spec, plan, status, analysis, record } = next;
    (id, created, service, spec, plan) == (&before.id, &before.created, &before.service, &before.spec, &before.plan)
        && (status, analysis, record) == (&before.status, &before.analysis, &before.record)
}

/// The log of the program gets the story too, one line per event.
fn tell(before: &Deployment, next: &Deployment, revision: u64) {
    let known = before.record.events.last().map_or(0, |event| event.number);
    for event in next.record.events.iter().filter(|event| event.number > known) {
        let (deployment, service) = (&next.id, &next.service.name);
        if matches!(event.phase, Phase::RollingBack | Phase::RolledBack | Phase::RollbackBlocked | Phase::Cancelled) {
            tracing::warn!(revision, %deployment, %service, phase = %event.phase, "{}", event.text);
        } else {
            tracing::info!(revision, %deployment, %service, phase = %event.phase, "{}", event.text);
        }
    }
}

fn watched(deployment: &Deployment) -> Vec<Vec<u8>> {
    let names = deployment.service.traffic.iter();
    let names = names.map(|Binding::Dns(dns)| keys::record_sets_at(&dns.zone, &dns.name.sort_key()));
    names.chain([keys::deployment(&deployment.id), keys::service(&deployment.service.name)]).collect()
}
