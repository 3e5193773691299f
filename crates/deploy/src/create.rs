//! From a request to a stored deployment, planned and validated. Before: `parse`, `plan`. After: `step`.

use std::collections::BTreeMap;

use model::RecordSet;
use model::deployment::{
    Analysis, BlueGreen, Code, Created, Deployment, Freeze, Guarded, Kind, OnFailure, Override, Period, Phase, Record,
    Rollback, Rolling, Service, Spec, Status, Strategy, named,
};
use model::id::{DeploymentId, HostedZoneId, ServiceName};

use crate::command::Refusal;
use crate::event::{cut, tell};
use crate::forecast::{Promised, Promises};
use crate::line;
use crate::plan::{PlanError, plan_with};
use crate::strategy::rolling;
use crate::teardown;
use crate::window::closed;

/// What a new deployment is made of.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Its id, new.
    pub id: DeploymentId,
    /// The service as stored.
    pub service: &'a Service,
    /// What is asked for.
    pub spec: Spec,
    /// Who asks.
    pub by: String,
    /// Why, in their words; may be empty.
    pub reason: String,
    /// The deployments of this service, and of any other service that shares a record set with it.
    pub others: &'a [Deployment],
    /// What guards ask before anything is created.
    pub guard: CreateGuard<'a>,
}

/// What guards ask before anything is created.
#[derive(Debug, Clone, Default)]
pub struct CreateGuard<'a> {
    /// Whether it brings something new or takes something back.
    pub kind: Kind,
    /// Every freeze that is stored.
    pub freezes: &'a [Freeze],
    /// Begin although windows or freezes forbid it, for this reason.
    pub override_window: Option<String>,
    /// Wait for a window instead of being refused.
    pub waits_for_window: bool,
    /// The id of the key that creates it, if one does.
    pub by_key: Option<String>,
    /// What was found of the plan's promises before, so that nothing is drawn in a transaction.
    pub promised: Option<&'a Promised>,
}

/// Why no deployment was created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// No plan can be made.
    #[error(transparent)]
    Plan(PlanError),
    /// One deployment at a time: for a service, and for a record set.
    #[error("service {service} already has deployment {deployment} in {phase}{step}; abort it, wait, or set on_busy")]
    Busy {
        /// Whose deployment it is.
        service: ServiceName,
        /// Which.
        deployment: DeploymentId,
        /// Where it is.
        phase: Phase,
        /// ` (step 2/7)`, if it is at one.
        step: String,
    },
    /// As many wait already as may.
    #[error("service {service} has {waiting} deployments in line, as many as its policy allows; cancel one or wait")]
    QueueFull {
        /// The service.
        service: ServiceName,
        /// How many wait.
        waiting: usize,
    },
    /// A window or freeze forbids to begin.
    #[error("{0}")]
    Window(String),
    /// Overriding a window needs a reason.
    #[error("a window is overridden for a reason, which is kept; give one")]
    NoReason,
}

impl CreateError {
    /// The code that programs match.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Plan(error) => error.code(),
            Self::Busy { .. } | Self::QueueFull { .. } => Code::Busy,
            Self::Window(_) => Code::Window,
            Self::NoReason => Code::Spec,
        }
    }
}

/// Creates a deployment in `Pending`. Store it; the first `step` starts it.
///
/// While another deployment is in the way, the policy of the service says whether it is refused or waits in line. One
/// that takes its place does too; end the others in the same transaction.
///
/// # Errors
/// Another deployment holds the service or one of its record sets, a window forbids to begin, or no plan can be made.
pub fn create(
    request: Request<'_>,
    record_sets: &[(HostedZoneId, RecordSet)],
    now_ms: u64,
) -> Result<Deployment, CreateError> {
    let Request { id, service, spec, by, reason, others, guard } = request;
    teardown::check_target(service, &spec, others).map_err(CreateError::Plan)?;
    let queued = line::place(service, others, guard.kind, now_ms)?;
    let promises = guard.promised.map_or(Promises::Ask, Promises::Known);
    let plan = match &queued {
        Some(_) => line::draft_with(service, &spec, record_sets, others, promises),
        None if guard.kind.asks() => plan_with(service, &spec, record_sets, promises),
        // What served before may have been made smaller; it is still better than what does not work.
        None => plan_with(&without_capacities(service), &spec, record_sets, promises),
    };
    let plan = plan.map_err(CreateError::Plan)?;
    let CreateGuard { kind, freezes, override_window, waits_for_window, by_key, promised: _ } = guard;
    let overridden = override_window.map(|reason| Override { by: by.clone(), reason: cut(reason), at_ms: now_ms });
    if overridden.as_ref().is_some_and(|overridden| overridden.reason.is_empty()) {
        return Err(CreateError::NoReason);
    }
    if kind.asks()
        && queued.is_none()
        && overridden.is_none()
        && !waits_for_window
        && let Some(closed) = closed(service, freezes, now_ms)
    {
        return Err(CreateError::Window(closed.reason().text));
    }
    let from = named(plan.from.as_ref());
    let text = format!("created: {} from {from} to {}, plan {}", plan.strategy, plan.to, plan.hash);
    let instances = rolling::instances(&spec, service, &plan.start);
    let status = Status {
        phase: Phase::Pending,
        phase_since_ms: now_ms,
        cursor: None,
        paused: None,
        waiting_on: Vec::new(),
        abort: None,
        healthy_since_ms: None,
        drift: None,
        guarded: Guarded { queued, window_override: overridden.clone(), ..Guarded::default() },
    };
    let mut deployment = Deployment {
        id,
        revision: 1,
        created: Created { at_ms: now_ms, by: by.clone(), reason: cut(reason), by_key },
        service: service.clone(),
        spec,
        plan,
        status,
        analysis: Analysis::default(),
        record: Record { instances, ..Record::default() },
        kind,
    };
    tell(&mut deployment, now_ms, &by, text);
    if let Some(overridden) = overridden {
        tell(&mut deployment, now_ms, &by, format!("windows and freezes overridden: {}", overridden.reason));
    }
    Ok(deployment)
}

/// The spec that takes back a release that succeeded: all traffic to where it was, at once, without analysis; a rolling
/// release has no such way, and its instances are replaced again, batch by batch. Create a
/// deployment of it; the old environment must still be there and healthy.
///
/// # Errors
/// The release has not succeeded, and while it runs, abort it instead; or it did longer ago than its `retain_old`.
pub fn undo(deployment: &Deployment, now_ms: u64) -> Result<Spec, Refusal> {
    let phase = deployment.status.phase;
    let until = deployment.status.phase_since_ms.saturating_add(deployment.spec.retain_old.ms());
    let old = deployment.record.afterlife.as_ref();
    if phase == Phase::Succeeded && old.is_some_and(|old| old.state.is_begun()) {
        let why = "the environment that served before is torn down, or being torn down; release to it anew";
        return Err(Refusal::InvalidTransition { command: "roll back", phase, why });
    }
    if phase == Phase::Succeeded && now_ms >= until && !teardown::is_retained(deployment) {
        let why = "the time of its retain_old is over; release the old environment instead";
        return Err(Refusal::InvalidTransition { command: "roll back", phase, why });
    }
    if phase != Phase::Succeeded {
        let why = "only a release that has succeeded can be taken back; abort one that runs";
        return Err(Refusal::InvalidTransition { command: "roll back", phase, why });
    }
    let Some(from) = deployment.plan.from.clone() else {
        let why = "it was the first release, and nobody served before; release another environment instead";
        return Err(Refusal::InvalidTransition { command: "roll back", phase, why });
    };
    if let Some(rolling) = deployment.spec.rolling() {
        let rolling = Rolling { version: from.version, ..rolling.clone() };
        return Ok(Spec { strategy: Strategy::Rolling(Box::new(rolling)), ..deployment.spec.clone() });
    }
    Ok(Spec {
        to: Some(from.environment),
        version: Some(from.version),
        initial: None,
        strategy: Strategy::BlueGreen(BlueGreen::default()),
        health_gate: None,
        analysis: BTreeMap::new(),
        gates: BTreeMap::new(),
        headroom: deployment.spec.headroom,
        background: None,
        hooks: BTreeMap::new(),
        bake: Period::ZERO,
        on_failure: OnFailure::Hold,
        rollback: Rollback::default(),
        settle: deployment.spec.settle.clone(),
        deadlines: deployment.spec.deadlines.clone(),
        retain_old: deployment.spec.retain_old,
        // What a person takes back, a person tears down.
        teardown: None,
        accept_no_rollback: deployment.spec.accept_no_rollback,
        // Going back must not wait for a TTL first.
        stage_ttl: None,
        tolerance: deployment.spec.tolerance,
        require: None,
        resolvers: deployment.spec.resolvers.clone(),
    })
}

fn without_capacities(service: &Service) -> Service {
    let mut service = service.clone();
    service.environments.values_mut().for_each(|environment| environment.capacity = None);
    service
}

/// Whether a deployment holds, or waits for, a service or one of its record sets.
#[must_use]
pub fn is_in_the_way(other: &Deployment, service: &Service) -> bool {
    let shares = || {
        let keys = other.service.record_set_keys();
        // Ids of zones are told apart within an account only.
        other.service.account() == service.account() && service.record_set_keys().iter().any(|key| keys.contains(key))
    };
    !other.status.phase.is_terminal() && (other.service.name == service.name || shares())
}
