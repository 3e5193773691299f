//! One turn of one deployment: load, observe, step, carry out and store, in one transaction.
//!
//! Before: `schedule` says that the deployment is due. After: measurements are started and hooks called, which is
//! all that is left to do outside the store. A crash finds either all of a turn or nothing of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use deploy::{Action, Endpoint, Guards, Observation, SetWeights, Step};
use model::deployment::{Deployment, HookCall, HookCallId, HookOutcome, MeasurementId, Phase, Waiting, WaitingOn};
use model::endpoint::Errand;
use model::health_status::Verdicts;
use model::id::DeploymentId;
use model::metric::{Measurement, MetricQuery};
use store::{Meta, Store, Transaction};

use crate::deployments::{earlier, measurements, rows as deployment_rows};
use crate::foreign;
use crate::keys;
use crate::rows::{StorageError, read, write};
use crate::services;
use crate::traffic::{foreign_weight, record_weight, stick};

use super::foreign::Looked;
use super::guards;
use super::lease::{self, Epoch, Fenced};

/// What is true outside the store.
#[derive(Debug, Clone)]
pub(super) struct Outside {
    pub(super) now_ms: u64,
    pub(super) calendar_ms: u64,
    pub(super) served: u64,
    pub(super) health: Arc<Verdicts>,
    pub(super) finished: Vec<(MeasurementId, Measurement)>,
    pub(super) measuring: BTreeSet<MeasurementId>,
    pub(super) called: Vec<(HookCallId, HookOutcome)>,
    pub(super) calling: BTreeSet<HookCallId>,
    /// What caches may hold from before is to be asked of the past.
    pub(super) needs_past: bool,
    /// What is known of the endpoint, for record sets of somebody else.
    pub(super) endpoint: Endpoint,
    /// What was seen there and is not kept yet.
    pub(super) looked: Option<Looked>,
    /// The runner's own.
    pub(super) epoch: Epoch,
}

/// How a turn ended.
#[derive(Debug)]
pub(super) enum Turned {
    /// There is nothing left to do for it. How it ended; none if it is not there any more.
    Over(Option<Phase>),
    /// It goes on.
    Open(Next),
    /// Another runner has taken over. Nothing was done.
    Fenced(Fenced),
}

/// What is to be done after a turn.
#[derive(Debug)]
pub(super) struct Next {
    /// Something was stored by which another look may find more to do. What was only measured is no such thing.
    pub(super) has_changed: bool,
    /// The snapshot is not taken yet, so the next turn asks what caches may hold from before.
    pub(super) needs_past: bool,
    /// The latest time for another look.
    pub(super) wake_ms: Option<u64>,
    /// To be started.
    pub(super) measures: Vec<(MeasurementId, MetricQuery)>,
    /// To be called.
    pub(super) calls: Vec<HookCall>,
    /// To be run, with the generation of a write.
    pub(super) errands: Vec<(Errand, Option<u64>)>,
    /// Whoever changes a key with one of these beginnings changes what the next turn sees.
    pub(super) watched: Vec<Vec<u8>>,
    /// It waits until DNS servers serve what was written.
    pub(super) awaits_servers: bool,
    /// It has ended in this turn, and its old environment is to be torn down.
    pub(super) ended: Option<Phase>,
}

/// The author of what a deployment changes, in the log.
pub(super) fn author(id: &DeploymentId) -> String {
    format!("deployment {id}")
}

pub(super) async fn turn(store: &Store, id: &DeploymentId, outside: Outside) -> Result<Turned, StorageError> {
    let (id, meta) = (id.clone(), Meta::new(author(id), outside.now_ms));
    let earlier_ttls = if outside.needs_past { earlier_ttls(store, &id, outside.now_ms)? } else { Vec::new() };
    Ok(write(store, meta, move |transaction| turn_in(transaction, &id, outside, earlier_ttls)).await?.value)
}

/// What caches may hold from before: asked of the past until the snapshot is taken, which keeps it.
fn earlier_ttls(store: &Store, id: &DeploymentId, now_ms: u64) -> Result<Vec<(u64, u32)>, StorageError> {
    read(store, |reader| match deployment_rows::load(reader, id)? {
        Some(deployment) if deployment.record.snapshot.is_none() => earlier::ttls(reader, &deployment.service, now_ms),
        Some(_) | None => Ok(Vec::new()),
    })
}

fn turn_in(
    transaction: &mut Transaction<'_>,
    id: &DeploymentId,
    outside: Outside,
    earlier_ttls: Vec<(u64, u32)>,
) -> Result<Turned, StorageError> {
    if let Err(fenced) = lease::check(transaction, outside.epoch)? {
        return Ok(Turned::Fenced(fenced));
    }
    let Some(before) = deployment_rows::load(transaction, id)? else {
        transaction.delete(&keys::open_deployment(id));
        return Ok(Turned::Over(None));
    };
    let has_ended = before.status.phase.is_terminal();
    if has_ended && !has_afterlife(&before) {
        // What became of the old environment is over; the end was counted when it came.
        return Ok(Turned::Over(Some(before.status.phase).filter(|_| before.record.afterlife.is_none())));
    }
    let declared = deployment_rows::service(transaction, &before.service.name)?;
    let declared = declared.map_or_else(|| before.service.clone(), |declared| declared.service);
    let Outside {
        now_ms,
        calendar_ms,
        served,
        health,
        finished,
        measuring,
        called,
        calling,
        endpoint,
        looked,
        needs_past: _,
        epoch: _,
    } = outside;
    if let Some(Looked { zone, names, sets }) = looked {
        foreign::see(transaction, &before.service.name, &zone, &names, &sets)?;
    }
    let record_sets = deployment_rows::record_sets_of(transaction, &before.service)?;
    let guards = Guards { calendar_ms: Some(calendar_ms), ..guards::read(transaction, &before, &record_sets)? };
    let users = guards.users.clone();
    let observation = Observation {
        // Read in this transaction, before it writes: the state that its own revision will follow.
        revision: transaction.revision().0.saturating_sub(1),
        served_revision: served,
        record_sets,
        earlier_ttls,
        sticky: stick::of_service(transaction, &before.service)?,
        active: declared.active.clone(),
        environments: declared.environments.clone(),
        health,
        finished,
        measuring,
        called,
        calling,
        guards,
        endpoint: before.service.account().map(|_| endpoint),
    };
    let Step { mut next, actions } = deploy::step(&before, &observation, now_ms);
    let (mut wake_ms, mut has_acted) = (None, false);
    let (mut measures, mut calls, mut errands) = (Vec::new(), Vec::new(), Vec::new());
    let account = before.service.account();
    for action in actions {
        match action {
            Action::SetWeights(write) if account.is_some() => {
                errands.extend(
                    send_weights(transaction, &write, &mut next)?.map(|errand| (errand, Some(write.generation))),
                );
            }
            Action::Look => {
                let sight = foreign::sight(&before.service);
                errands.extend(sight.map(|(zone, names)| (Errand::Look(zone, names), None)));
            }
            Action::Confirm { change } => {
                errands.extend(account.map(|account| (Errand::Confirm(account.clone(), change), None)));
            }
            Action::SetWeights(write) => has_acted |= set_weights(transaction, &write, &mut next)?,
            Action::Activate { service, side } => {
                has_acted = true;
                services::activate(transaction, &service, side.as_ref(), &next.record.instances)?;
            }
            Action::Keep(measured) => measurements::keep(transaction, id, &measured),
            Action::NoteVersions { service, environment, versions } => {
                has_acted = true;
                services::note_versions(transaction, &service, &environment, &versions)?;
            }
            Action::Measure { id, metric: _, query } => measures.push((id, query)),
            Action::CallHook { call } => calls.push(call),
            Action::Wake { at_ms } => wake_ms = Some(at_ms),
        }
    }
    let has_changed = !is_same(&before, &next);
    if has_changed {
        deployment_rows::write(transaction, &before, &next, now_ms)?;
        tell(&before, &next, transaction.revision().0);
    }
    if next.status.phase.is_terminal() && !has_afterlife(&next) {
        return Ok(Turned::Over(Some(next.status.phase).filter(|_| !has_ended)));
    }
    Ok(Turned::Open(Next {
        ended: Some(next.status.phase).filter(|phase| phase.is_terminal() && !has_ended),
        has_changed: has_acted || before.status != next.status || before.record != next.record,
        needs_past: next.record.snapshot.is_none(),
        wake_ms,
        measures,
        calls,
        errands,
        watched: watched(&next, &users),
        awaits_servers: account.is_none()
            && next.status.waiting_on.iter().any(|waiting| waiting.on == WaitingOn::Convergence),
    }))
}

/// Whether its old environment is still to be torn down.
fn has_afterlife(deployment: &Deployment) -> bool {
    deployment.record.afterlife.as_ref().is_some_and(|after| after.state.is_open())
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
            note_refusal(transaction, next, &refusal);
            Ok(false)
        }
    }
}

/// The errand that writes weights of somebody else's record sets, unless what was seen forbids it.
fn send_weights(
    transaction: &Transaction<'_>,
    write: &SetWeights,
    next: &mut Deployment,
) -> Result<Option<Errand>, StorageError> {
    let Some((zone, _)) = foreign::sight(&next.service) else { return Ok(None) };
    match foreign_weight::errand(transaction, &next.service.name, zone, write) {
        Ok(errand) => Ok(Some(errand)),
        Err(record_weight::WriteError::Storage(error)) => Err(error),
        Err(refusal) => {
            note_refusal(transaction, next, &refusal);
            Ok(None)
        }
    }
}

fn note_refusal(transaction: &Transaction<'_>, next: &mut Deployment, refusal: &record_weight::WriteError) {
    tracing::warn!(deployment = %next.id, revision = transaction.revision().0, %refusal, "weights not written");
    let text = format!("weights are not written: {refusal}");
    next.status.waiting_on.push(Waiting { on: WaitingOn::Convergence, text, until_ms: None });
}

/// Equal but for the count of changes.
fn is_same(before: &Deployment, next: &Deployment) -> bool {
    let Deployment { id, revision: _, created, service, spec, plan, status, analysis, record, kind } = next;
    (id, created, service, spec, plan) == (&before.id, &before.created, &before.service, &before.spec, &before.plan)
        && *kind == before.kind
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

/// `users` are other deployments that use the environment which is to be torn down.
fn watched(deployment: &Deployment, users: &[DeploymentId]) -> Vec<Vec<u8>> {
    // Others' record sets change where no log tells: they are looked at.
    let names = deployment.service.records().filter(|_| deployment.service.account().is_none());
    let names = names.map(|dns| keys::record_sets_at(&dns.zone, &dns.name.sort_key()));
    let own = [keys::deployment(&deployment.id), keys::service(&deployment.service.name), keys::FREEZES.to_vec()];
    // Whoever waits in line waits for the end of others.
    let waits = deployment.status.guarded.queued.is_some();
    let line = waits.then(|| keys::OPEN_DEPLOYMENTS.to_vec());
    names.chain(own).chain(line).chain(users.iter().map(keys::open_deployment)).collect()
}
