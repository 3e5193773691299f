//! Deployments: plans, creation, orders, and what people look at. The steps between them are `run_deployments`'.
//!
//! Before: `api` or the command line read a spec with [`parse`]. Each command is one transaction: it loads what it judges,
//! lets `deploy` decide, and stores the result. After: the runner sees the commit and takes the next step.

mod back;
mod difference;
mod drains;
pub(crate) mod earlier;
mod find;
mod forecast;
mod line;
mod list;
mod locks;
pub(crate) mod measurements;
pub(crate) mod rows;

use model::deployment::{Code, Deployment, DriftAnswer, Freeze, Kind, OnBusy, Plan, Service, Spec};
use model::id::{DeploymentId, ServiceName};
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::freezes;
use crate::keys;
use crate::rows::{Rows, StorageError, find as find_row, from_storage, list as list_rows, put as put_row, read, write};
use crate::services::{NoSuchService, ServiceBusy, busy};

pub use back::{RollBack, RollBackError, roll_back};
pub use deploy::{
    Begins, Expect, Forecast as Outlook, Order, OrderKey, Progress, Promised, Promote, Refusal, Replayed, SpecError,
    Timeline, forecast as outlook, lint, parse_spec as parse, progress, told,
};
pub use difference::{Difference, differences};
pub use drains::{Drain, drains};
pub use find::{Found, find};
pub use forecast::{Forecast, ForecastError, ForecastStep, forecast};
pub use list::{Filter, Listing, list};
pub use locks::Locked;
pub(crate) use locks::{hard_lock, hard_locks};
pub use measurements::{last_measurements, measurements, replay};

/// What a deployment is to be made of.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// The service to release.
    pub service: ServiceName,
    /// What is asked for.
    pub spec: Spec,
    /// Why, in the caller's words; may be empty.
    pub reason: String,
    /// The revision of the service that the caller saw, if they want to be safe from others.
    pub service_revision: Option<u64>,
    /// The plan that the caller saw, if exactly this one is wanted.
    pub plan_hash: Option<String>,
    /// A repeated request with this key creates nothing new.
    pub idempotency_key: Option<String>,
    /// What it does about windows and freezes.
    pub window: AtWindow,
    /// The id of the key that creates it, if one does.
    pub by_key: Option<String>,
    /// Whether it brings something new or takes something back.
    pub kind: Kind,
    /// What [`promised`] found, so that nothing is drawn in the transaction.
    pub promised: Option<Promised>,
}

/// What a new deployment does about windows and freezes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AtWindow {
    /// Nothing is created while one forbids it.
    #[default]
    Refuse,
    /// It begins when it may.
    Wait,
    /// It begins all the same, for this reason.
    Override(String),
}

/// The outcome of [`create`].
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// The deployment.
    pub deployment: Deployment,
    /// Whether this call made it; false when an earlier one with the same idempotency key did.
    pub is_new: bool,
}

/// What was created under an idempotency key, and by what request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreatedUnder {
    pub(crate) deployment: DeploymentId,
    /// Hexadecimal.
    pub(crate) request_sha256: String,
}

/// Why no plan was made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// There is no such service.
    #[error(transparent)]
    NoSuchService(NoSuchService),
    /// A deployment of it runs: what a release would start from is not known yet.
    #[error(transparent)]
    Busy(ServiceBusy),
    /// The service, the spec or the record sets do not allow it.
    #[error(transparent)]
    Plan(deploy::PlanError),
    /// The store cannot be read.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why no deployment was created. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is no such service.
    #[error(transparent)]
    NoSuchService(NoSuchService),
    /// Another revision of the service is current.
    #[error("revision {expected} of service {service} is not current, {found} is; look again and repeat")]
    StaleService {
        /// The service.
        service: ServiceName,
        /// As the caller expected.
        expected: u64,
        /// As it is.
        found: u64,
    },
    /// The plan would be another one than the caller saw.
    #[error("the plan is {found} now, not {expected}; look at it and repeat")]
    StalePlan {
        /// As the caller expected.
        expected: String,
        /// As it is.
        found: String,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request, which created deployment {0}; take a new one")]
    KeyReused(DeploymentId),
    /// Another deployment is in the way, or no plan can be made.
    #[error(transparent)]
    Refused(deploy::CreateError),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl CreateError {
    /// The code that programs match; none where it is not a deployment's fault.
    #[must_use]
    pub fn code(&self, service: &ServiceName) -> Option<Code> {
        match self {
            Self::StaleService { .. } | Self::StalePlan { .. } => Some(Code::Stale),
            Self::Refused(deploy::CreateError::Busy { service: other, .. }) if other != service => {
                Some(Code::ObjectLocked)
            }
            Self::Refused(error) => Some(error.code()),
            Self::NoSuchService(_) | Self::KeyReused(_) | Self::Storage(_) => None,
        }
    }

    /// The field of the spec that is wrong, if it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Refused(deploy::CreateError::Plan(error)) => error.field(),
            Self::Refused(_)
            | Self::NoSuchService(_)
            | Self::StaleService { .. }
            | Self::StalePlan { .. }
            | Self::KeyReused(_)
            | Self::Storage(_) => None,
        }
    }
}

/// What people may order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Stop everything forward.
    Pause,
    /// End a pause, or open a gate.
    Resume,
    /// Skip ahead.
    Promote(Promote),
    /// Go back to the weights as found.
    Abort,
    /// End with the weights as they are.
    Stop,
    /// Try a blocked rollback again.
    Retry,
    /// Go back though the old environment is unhealthy.
    ForceRestore,
    /// End a blocked rollback with the weights as they are.
    Detach,
    /// Agree to go on at a gate: the current one, if none is named.
    Approve(Option<String>),
    /// Shut a gate.
    Deny(Option<String>),
    /// Go on from weights that others wrote, or write over them.
    Drift(DriftAnswer),
    /// Move although windows or freezes forbid it.
    OverrideWindow,
}

/// Why an order was not carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such deployment.
    #[error("no such deployment: {0}")]
    NoSuchDeployment(DeploymentId),
    /// It makes no sense there, or came too late.
    #[error(transparent)]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, OrderError);

/// Plans a release against the record sets as they are. Changes nothing.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(store: &Store, service: &ServiceName, spec: &Spec) -> Result<Plan, PlanError> {
    planned(store, service, spec).map(|(plan, _)| plan)
}

/// Whether the plan that would be made now can promise what the spec requires: some millions of draws, if it requires a
/// share's interval. Hand it to [`create`]; nothing if there is nothing to draw, or no plan.
///
/// # Errors
/// The store cannot be read.
pub fn promised(store: &Store, service: &ServiceName, spec: &Spec) -> Result<Option<Promised>, StorageError> {
    let found = read(store, |reader| {
        let Some(declared) = rows::service(reader, service)? else { return Ok(None) };
        let record_sets = rows::record_sets_of(reader, &declared.service)?;
        Ok(Some((declared.service, record_sets, others(reader, service)?)))
    })?;
    Ok(found.and_then(|(service, record_sets, others)| deploy::promised(&service, spec, &record_sets, &others)))
}

/// When the steps of a plan begin, if it begins now: by the windows of its service, and freezes.
///
/// # Errors
/// The store cannot be read.
pub fn timeline(store: &Store, plan: &Plan, spec: &Spec, now_ms: u64) -> Result<Option<Timeline>, StorageError> {
    let freezes = freezes::list(store)?;
    let declared = read(store, |reader| rows::service(reader, &plan.service))?;
    Ok(declared.map(|declared| deploy::timeline(plan, spec, &declared.service, &freezes, now_ms)))
}

/// The plan, and the service as it was planned of.
fn planned(store: &Store, service: &ServiceName, spec: &Spec) -> Result<(Plan, Service), PlanError> {
    let found = read(store, |reader| {
        let Some(declared) = rows::service(reader, service)? else {
            return Ok(Err(PlanError::NoSuchService(NoSuchService(service.clone()))));
        };
        let may_wait = declared.service.policy.on_busy != OnBusy::Reject;
        if let Some(busy) = busy(reader, service)?.filter(|_| !may_wait) {
            return Ok(Err(PlanError::Busy(busy)));
        }
        let record_sets = rows::record_sets_of(reader, &declared.service)?;
        let others = others(reader, service)?;
        Ok(Ok((declared.service, record_sets, others)))
    });
    // Nobody waits for the draws of a forecast with the store open.
    let (service, record_sets, others) = found.map_err(PlanError::Storage)??;
    let plan = deploy::draft(&service, spec, &record_sets, &others).map_err(PlanError::Plan)?;
    Ok((plan, service))
}

/// Creates a deployment; the runner starts it. At most one for a service, and for a record set, that has not ended.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(store: &Store, meta: Meta, random: &Random, new: NewDeployment) -> Result<Created, CreateError> {
    let (id, by, at_ms) = (draw::deployment_id(random, meta.at_ms), meta.author.clone(), meta.at_ms);
    let committed = write(store, meta, move |transaction| create_in(transaction, id, new, None, by, at_ms));
    Ok(committed.await?.value)
}

/// `undone` is the release that the new deployment takes back, if it does.
fn create_in(
    transaction: &mut Transaction<'_>,
    id: DeploymentId,
    new: NewDeployment,
    undone: Option<&Deployment>,
    by: String,
    at_ms: u64,
) -> Result<Created, CreateError> {
    let key = |key| keys::idempotency_key(&new.service, key);
    let under = new.idempotency_key.as_deref().map(|text| (key(text), digest(&new)));
    if let Some((key, request_sha256)) = &under
        && let Some(earlier) = find_row::<CreatedUnder>(transaction, key)?
        && let Some(deployment) = rows::load(transaction, &earlier.deployment)?
    {
        if earlier.request_sha256 != *request_sha256 {
            return Err(CreateError::KeyReused(earlier.deployment));
        }
        return Ok(Created { deployment, is_new: false });
    }
    let NewDeployment { service, spec, reason, service_revision, plan_hash, .. } = new;
    let (window, by_key, kind, promised) = (new.window, new.by_key, new.kind, new.promised);
    let Some(mut declared) = rows::service(transaction, &service)? else {
        return Err(CreateError::NoSuchService(NoSuchService(service)));
    };
    if let Some(expected) = service_revision.filter(|expected| *expected != declared.revision) {
        return Err(CreateError::StaleService { service, expected, found: declared.revision });
    }
    if let Some(undone) = undone {
        declared.service = deploy::service_before(&declared.service, undone);
    }
    let others = others(transaction, &service)?;
    let record_sets = rows::record_sets_of(transaction, &declared.service)?;
    let freezes = list_rows::<Freeze>(transaction, keys::FREEZES, &[], usize::MAX)?;
    let promised = promised.as_ref();
    let guard = deploy::CreateGuard { kind, promised, ..line::guard(&freezes, window, by_key) };
    let request = deploy::Request { id, service: &declared.service, spec, by, reason, others: &others, guard };
    let deployment = deploy::create(request, &record_sets, at_ms).map_err(CreateError::Refused)?;
    if let Some(expected) = plan_hash.filter(|expected| *expected != deployment.plan.hash) {
        return Err(CreateError::StalePlan { expected, found: deployment.plan.hash });
    }
    line::supersede(transaction, &deployment, &others, at_ms)?;
    line::go_first(transaction, &deployment, &others, at_ms)?;
    rows::write_new(transaction, &deployment)?;
    if let Some((key, request_sha256)) = under {
        put_row(transaction, &key, &CreatedUnder { deployment: deployment.id.clone(), request_sha256 });
    }
    Ok(Created { deployment, is_new: true })
}

/// Deployments that have not ended, and those of the service that tear an environment down. One of another service that cannot be read is left out: no two services steer one
/// record set (`services::put`), so it cannot be in the way.
fn others(rows: &impl Rows, service: &ServiceName) -> Result<Vec<Deployment>, StorageError> {
    let mut found = Vec::new();
    let afterlives = rows::afterlives(rows)?.into_iter().filter(|(_, of)| of == service);
    for (id, of) in rows::open(rows)?.into_iter().chain(afterlives) {
        match self::rows::load(rows, &id) {
            Ok(deployment) => found.extend(deployment),
            Err(StorageError::Damaged { .. }) if of != *service => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// SHA-256 over what was asked for, in hexadecimal.
fn digest(new: &NewDeployment) -> String {
    let window = match &new.window {
        AtWindow::Refuse => None,
        AtWindow::Wait => Some(""),
        AtWindow::Override(reason) => Some(reason.as_str()),
    };
    let asked = (&new.service, &new.spec, &new.reason, window);
    let json = serde_json::to_vec(&asked).expect("nouns of the model are representable in JSON");
    let digest = ring::digest::digest(&ring::digest::SHA256, &json);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Carries out an order. `order.by` is who gives it; the author of `meta` goes into the log.
///
/// # Errors
/// See [`OrderError`].
pub async fn order(
    store: &Store,
    meta: Meta,
    id: &DeploymentId,
    command: Command,
    order: Order,
) -> Result<Deployment, OrderError> {
    let (id, at_ms) = (id.clone(), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let Some(before) = rows::load(transaction, &id)? else {
            return Err(OrderError::NoSuchDeployment(id));
        };
        let mut next = command.apply(&before, &order, at_ms).map_err(OrderError::Refused)?;
        if next.status.phase.is_terminal() && !before.status.phase.is_terminal() {
            find::read_back(transaction, &mut next, at_ms)?;
        }
        if next != before {
            rows::write(transaction, &before, &next, at_ms)?;
        }
        Ok(next)
    });
    Ok(committed.await?.value)
}

impl Command {
    fn apply(&self, deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
        match self {
            Self::Pause => deploy::pause(deployment, order, now_ms),
            Self::Resume => deploy::resume(deployment, order, now_ms),
            Self::Promote(how) => deploy::promote(deployment, *how, order, now_ms),
            Self::Abort => deploy::abort(deployment, order, now_ms),
            Self::Stop => deploy::stop(deployment, order, now_ms),
            Self::Retry => deploy::retry(deployment, order, now_ms),
            Self::ForceRestore => deploy::force_restore(deployment, order, now_ms),
            Self::Detach => deploy::detach(deployment, order, now_ms),
            Self::Approve(gate) => deploy::approve(deployment, gate.as_deref(), order, now_ms),
            Self::Deny(gate) => deploy::deny(deployment, gate.as_deref(), order, now_ms),
            Self::Drift(answer) => deploy::answer_drift(deployment, *answer, order, now_ms),
            Self::OverrideWindow => deploy::override_window(deployment, order, now_ms),
        }
    }
}

#[cfg(test)]
mod guard_tests;
#[cfg(test)]
pub(crate) mod tests;
