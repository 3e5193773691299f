//! The line in front of a service: who is refused, who waits, and what a plan looks like before it is known what it
//! starts from.

use model::RecordSet;
use model::deployment::{Deployment, Kind, OnBusy, Phase, Plan, PlanStep, Queued, RecordSetWeight, Service, Spec};
use model::id::{DeploymentId, HostedZoneId};
use model::{Routing, Weight};

use crate::command::changed;
use crate::create::{CreateError, is_in_the_way};
use crate::event::tell;
use crate::forecast::Promises;
use crate::plan::{PlanError, plan_with};
use crate::teardown;

/// The place of a new deployment in the line; none when nothing is in the way.
pub(crate) fn place(
    service: &Service,
    others: &[Deployment],
    kind: Kind,
    now_ms: u64,
) -> Result<Option<Queued>, CreateError> {
    // What takes a release back goes before releases that have not begun; they give way to it.
    let gives_way = |other: &Deployment| !kind.asks() && may_give_way(other) && other.service.name == service.name;
    let in_the_way = || others.iter().filter(|other| is_in_the_way(other, service) && !gives_way(other));
    let is_queued = |other: &&Deployment| other.status.guarded.queued.is_some();
    let Some(first) = in_the_way().find(|other| !is_queued(other)).or_else(|| in_the_way().next()) else {
        return Ok(None);
    };
    let queued = |until_ms| Ok(Some(Queued { behind: first.id.clone(), until_ms }));
    match &service.policy.on_busy {
        OnBusy::Queue(queue) if kind.asks() && first.service.name == service.name => {
            let waiting = in_the_way().filter(is_queued).count();
            if waiting >= queue.max {
                return Err(CreateError::QueueFull { service: service.name.clone(), waiting });
            }
            queued(Some(now_ms.saturating_add(queue.ttl.ms())))
        }
        OnBusy::Supersede if kind.asks() && first.service.name == service.name => queued(None),
        OnBusy::Reject | OnBusy::Queue(_) | OnBusy::Supersede => {
            let (service, deployment) = (first.service.name.clone(), first.id.clone());
            let count = first.plan.steps.len();
            let step = first.status.cursor.map_or(String::new(), |cursor| format!(" (step {}/{count})", cursor.step));
            Err(CreateError::Busy { service, deployment, phase: first.status.phase, step })
        }
    }
}

/// Two that take a release back do not give way to each other.
fn may_give_way(deployment: &Deployment) -> bool {
    deployment.status.phase == Phase::Pending && deployment.kind.asks()
}

/// Lets a deployment that has not begun wait for another that takes back what served, and plan anew after it; nothing if
/// it has begun, takes a release back itself, or waits in line already.
#[must_use]
pub fn give_way(deployment: &Deployment, to: &DeploymentId, now_ms: u64) -> Option<Deployment> {
    if !may_give_way(deployment) || deployment.status.guarded.queued.is_some() {
        return None;
    }
    Some(changed(deployment, |next| {
        next.status.guarded.queued = Some(Queued { behind: to.clone(), until_ms: None });
        tell(next, now_ms, crate::step::ENGINE, format!("gives way to deployment {to}, which takes a release back"));
    }))
}

/// The plan of a deployment that waits, as it would be if those in front of it went back, or else if they succeeded.
/// What it will really be is known when its turn comes.
///
/// # Errors
/// It can be made in neither case; the fault of the first.
pub fn draft(
    service: &Service,
    spec: &Spec,
    record_sets: &[(HostedZoneId, RecordSet)],
    others: &[Deployment],
) -> Result<Plan, PlanError> {
    teardown::check_target(service, spec, others)?;
    draft_with(service, spec, record_sets, others, Promises::Ask)
}

/// The same, with the answer to what the spec requires from elsewhere.
pub(crate) fn draft_with(
    service: &Service,
    spec: &Spec,
    record_sets: &[(HostedZoneId, RecordSet)],
    others: &[Deployment],
    promises: Promises<'_>,
) -> Result<Plan, PlanError> {
    let in_the_way = |other: &&Deployment| other.service.name == service.name && is_in_the_way(other, service);
    let is_running = |other: &&Deployment| other.status.guarded.queued.is_none();
    let Some(running) = others.iter().filter(in_the_way).find(is_running) else {
        return plan_with(service, spec, record_sets, promises);
    };
    let back = plan_with(service, spec, &with(record_sets, &running.plan.start), promises);
    let Err(fault) = back else { return back };
    let (to, last) = (&running.plan.to, running.plan.step(running.plan.last_shift()));
    let Some(PlanStep::Shift { weights, .. }) = last else { return Err(fault) };
    let mut released = service.clone();
    released.active = Some(to.environment.clone());
    if let Some(environment) = released.environments.get_mut(&to.environment) {
        environment.version.clone_from(&to.version);
    }
    plan_with(&released, spec, &with(record_sets, weights), promises).map_err(|_| fault)
}

/// The record sets with other weights.
fn with(record_sets: &[(HostedZoneId, RecordSet)], weights: &[RecordSetWeight]) -> Vec<(HostedZoneId, RecordSet)> {
    let weight_of = |zone: &HostedZoneId, found: &RecordSet| -> Option<Weight> {
        let is_named = |wanted: &&RecordSetWeight| {
            let key = &wanted.record_set;
            (&key.zone, &key.name, key.record_type, Some(&key.set_identifier))
                == (zone, &found.name, found.record_type, found.set_identifier())
        };
        weights.iter().find(is_named).map(|wanted| wanted.weight)
    };
    let changed = record_sets.iter().map(|(zone, found)| {
        let mut found = found.clone();
        let wanted = weight_of(zone, &found);
        if let (Routing::Weighted { weight, .. }, Some(wanted)) = (&mut found.routing, wanted) {
            *weight = wanted;
        }
        (zone.clone(), found)
    });
    changed.collect()
}
