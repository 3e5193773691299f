//! From a request to a stored deployment, planned and validated. Before: `parse`, `plan`. After: `step`.

use std::collections::BTreeMap;

use model::RecordSet;
use model::deployment::{
    Analysis, BlueGreen, Code, Created, Deployment, OnFailure, Period, Phase, Record, Service, Spec, Status, Strategy,
};
use model::id::{DeploymentId, HostedZoneId, ServiceName};

use crate::command::Refusal;
use crate::event::{cut, tell};
use crate::plan::{PlanError, plan};

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
}

/// Why no deployment was created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// No plan can be made.
    #[error(transparent)]
    Plan(PlanError),
    /// One deployment at a time: for a service, and for a record set.
    #[error("service {service} already has deployment {deployment} in {phase}; abort it or wait")]
    Busy {
        /// Whose deployment it is.
        service: ServiceName,
        /// Which.
        deployment: DeploymentId,
        /// Where it is.
        phase: Phase,
    },
}

impl CreateError {
    /// The code that programs match.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Plan(error) => error.code(),
            Self::Busy { .. } => Code::Busy,
        }
    }
}

/// Creates a deployment in `Pending`. Store it; the first `step` starts it.
///
/// # Errors
/// Another deployment holds the service or one of its record sets, or no plan can be made.
pub fn create(
    request: Request<'_>,
    record_sets: &[(HostedZoneId, RecordSet)],
    now_ms: u64,
) -> Result<Deployment, CreateError> {
    let Request { id, service, spec, by, reason, others } = request;
    if let Some(other) = others.iter().find(|other| is_in_the_way(other, service)) {
        let (service, deployment) = (other.service.name.clone(), other.id.clone());
        return Err(CreateError::Busy { service, deployment, phase: other.status.phase });
    }
    let plan = plan(service, &spec, record_sets).map_err(CreateError::Plan)?;
    let text = format!("created: {} from {} to {}, plan {}", plan.strategy, plan.from, plan.to, plan.hash);
    let status = Status {
        phase: Phase::Pending,
        phase_since_ms: now_ms,
        cursor: None,
        paused: None,
        waiting_on: Vec::new(),
        abort: None,
        healthy_since_ms: None,
        drift: None,
    };
    let mut deployment = Deployment {
        id,
        revision: 1,
        created: Created { at_ms: now_ms, by: by.clone(), reason: cut(reason) },
        service: service.clone(),
        spec,
        plan,
        status,
        analysis: Analysis::default(),
        record: Record::default(),
    };
    tell(&mut deployment, now_ms, &by, text);
    Ok(deployment)
}

/// The spec that takes back a release that succeeded: all traffic to where it was, at once, without analysis. Create a
/// deployment of it; the old environment must still be there and healthy.
///
/// # Errors
/// The release has not succeeded; while it runs, abort it instead.
pub fn undo(deployment: &Deployment) -> Result<Spec, Refusal> {
    let phase = deployment.status.phase;
    if phase != Phase::Succeeded {
        let why = "only a release that has succeeded can be taken back; abort one that runs";
        return Err(Refusal::InvalidTransition { command: "roll back", phase, why });
    }
    let from = deployment.plan.from.clone();
    Ok(Spec {
        to: from.environment,
        version: Some(from.version),
        strategy: Strategy::BlueGreen(BlueGreen::default()),
        health_gate: None,
        analysis: BTreeMap::new(),
        background: None,
        bake: Period::ZERO,
        on_failure: OnFailure::Hold,
        settle: deployment.spec.settle.clone(),
        deadlines: deployment.spec.deadlines.clone(),
    })
}

fn is_in_the_way(other: &Deployment, service: &Service) -> bool {
    let shares = || {
        let keys = other.service.record_set_keys();
        service.record_set_keys().iter().any(|key| keys.contains(key))
    };
    !other.status.phase.is_terminal() && (other.service.name == service.name || shares())
}
