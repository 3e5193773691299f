//! Services: what deployments release. Declared by hand, moved by deployments, and always true when declared: the record
//! sets exist, can be steered by weights, and the active environment is the one that serves.
//!
//! Before: `api` or the command line parsed JSON with [`parse`]. After: `deployments` plans and creates releases.

use std::collections::BTreeMap;

use model::Name;
use model::RecordType;
use model::deployment::{Code, Deployment, Instance, Phase, RecordSetWeight, Service, Side, WeightsLine};
use model::id::{DeploymentId, EnvironmentName, HealthCheckId, ServiceName, SetIdentifier};
use store::{Meta, Store, Transaction};

use crate::deployments::rows as deployment_rows;
use crate::foreign;
use crate::keys;
use crate::rows::{
    NoSuchHostedZone, Rows, StorageError, exists, find as find_row, from_storage, list as list_rows, put as put_row,
    read, write,
};

pub use deploy::{LiveFault, RescaleError, SpecError, parse_service as parse};

/// A service as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredService {
    /// The revision of the store that last changed it.
    pub revision: u64,
    /// The service.
    pub service: Service,
}

/// The name names no service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such service: {0}")]
pub struct NoSuchService(pub ServiceName);

/// A deployment of the service has not ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("service {service} has deployment {deployment} in {phase}; abort it or wait")]
pub struct ServiceBusy {
    /// The service.
    pub service: ServiceName,
    /// Its deployment.
    pub deployment: DeploymentId,
    /// Where that is.
    pub phase: Phase,
}

impl ServiceBusy {
    fn of(service: &ServiceName, running: Deployment) -> Self {
        Self { service: service.clone(), deployment: running.id, phase: running.status.phase }
    }
}

/// Why a service was not declared. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// Another revision is current.
    #[error("revision {expected} of service {service} is not current, {found} is; look again and repeat")]
    Stale {
        /// The service.
        service: ServiceName,
        /// As the caller expected.
        expected: u64,
        /// As it is; 0 if there is no such service.
        found: u64,
    },
    /// It would change under a running deployment.
    #[error(transparent)]
    Busy(ServiceBusy),
    /// The running release cannot go on with the instances that it names.
    #[error(transparent)]
    Rescale(RescaleError),
    /// A name and type that another service steers.
    #[error("{record_type} {name} is steered by service {service} already")]
    ObjectLocked {
        /// The type.
        record_type: RecordType,
        /// The name.
        name: Name,
        /// The other service.
        service: ServiceName,
    },
    /// Its hosted zone does not exist.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// An environment's health check does not exist.
    #[error("environments.{environment}.health_check: no health check found with ID: {id}")]
    NoSuchHealthCheck {
        /// The environment.
        environment: EnvironmentName,
        /// The health check.
        id: HealthCheckId,
    },
    /// Weights cannot steer its record sets.
    #[error(transparent)]
    Live(LiveFault),
    /// The environment that serves was left out.
    #[error("environments: {0} serves and must stay, until active names another that serves")]
    NoSuchActive(EnvironmentName),
    /// The active environment is not the one that serves.
    #[error(
        "live weights are {live}, but all weight must be on the active environment {active}; set them so, or name another as active"
    )]
    NotServing {
        /// As declared.
        active: EnvironmentName,
        /// The weights, in one line.
        live: String,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl PutError {
    /// The code that programs match; none where the fault is the store's.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        Some(match self {
            Self::Stale { .. } => Code::Stale,
            Self::Busy(_) => Code::Busy,
            Self::ObjectLocked { .. } => Code::ObjectLocked,
            Self::NoSuchHostedZone(_) | Self::NoSuchHealthCheck { .. } | Self::NoSuchActive(_) => Code::Spec,
            Self::Live(LiveFault::Foreign { .. }) => Code::ForeignMember,
            Self::Live(LiveFault::NotWeighted { .. }) => Code::PolicyMismatch,
            Self::Live(LiveFault::CheckedElsewhere { .. }) => Code::HealthCoupling,
            Self::Live(LiveFault::Missing(_)) | Self::NotServing { .. } | Self::Rescale(_) => Code::Precondition,
            Self::Storage(_) => return None,
        })
    }
}

/// Why a service was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There is none of this name.
    #[error(transparent)]
    NoSuchService(NoSuchService),
    /// A deployment of it runs. Deleting must not move anything, nor leave a deployment behind.
    #[error(transparent)]
    Busy(ServiceBusy),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(PutError, DeleteError);

/// Declares a service, new or again; declaring what is there changes nothing, even while a deployment runs. While a rolling
/// release replaces its instances, they may come and go: they join the release or leave it.
///
/// `expected` is the revision that the caller saw, if they want to be safe from others.
///
/// # Errors
/// See [`PutError`].
pub async fn put(
    store: &Store,
    meta: Meta,
    service: Service,
    expected: Option<u64>,
) -> Result<DeclaredService, PutError> {
    let committed = write(store, meta, move |transaction| put_in(transaction, service, expected));
    Ok(committed.await?.value)
}

fn put_in(
    transaction: &mut Transaction<'_>,
    service: Service,
    expected: Option<u64>,
) -> Result<DeclaredService, PutError> {
    let before = deployment_rows::service(transaction, &service.name)?;
    let service = pointed(service, before.as_ref())?;
    let found = before.as_ref().map_or(0, |before| before.revision);
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        return Err(PutError::Stale { service: service.name, expected, found });
    }
    if let Some(same) = before.as_ref().filter(|before| before.service == service) {
        return Ok(same.clone());
    }
    if let Some(running) = deployment_rows::running_of(transaction, &service.name)? {
        // Instances come and go while they are replaced.
        let Some(before) = &before else { return Err(PutError::Busy(ServiceBusy::of(&service.name, running))) };
        let record_sets = deployment_rows::record_sets_of(transaction, &service)?;
        match deploy::check_rescale(&running, &before.service, &service, &record_sets) {
            Err(RescaleError::NotInstances) => return Err(PutError::Busy(ServiceBusy::of(&service.name, running))),
            rescaled => rescaled.map_err(PutError::Rescale)?,
        }
    }
    check_owners(transaction, &service)?;
    let weights = check_record_sets(transaction, &service)?;
    // A stopped release leaves traffic split; the service may still be described anew as long as its pointer stays.
    let is_moved = before.is_none_or(|before| before.service.active != service.active);
    if let Some(active) = service.active.as_ref().filter(|active| is_moved && !is_serving(&service, active, &weights)) {
        let live = WeightsLine(&weights).to_string();
        return Err(PutError::NotServing { active: active.clone(), live });
    }
    let declared = DeclaredService { revision: transaction.revision().0, service };
    put_row(transaction, &keys::service(&declared.service.name), &declared);
    Ok(declared)
}

/// A service that is declared again without a pointer keeps the one it has: a release has set it.
fn pointed(mut service: Service, before: Option<&DeclaredService>) -> Result<Service, PutError> {
    let kept = before.and_then(|before| before.service.active.clone()).filter(|_| service.active.is_none());
    if let Some(active) = kept {
        if !service.environments.contains_key(&active) {
            return Err(PutError::NoSuchActive(active));
        }
        service.active = Some(active);
    }
    Ok(service)
}

/// A name and type is steered by one service at most.
fn check_owners(rows: &impl Rows, service: &Service) -> Result<(), PutError> {
    let objects = |service: &Service| {
        let all = service.records().flat_map(|records| records.types.iter().map(move |t| (records, *t)));
        let account = service.account();
        all.map(|(of, t)| (account.cloned(), of.zone.clone(), of.name.clone(), t)).collect::<Vec<_>>()
    };
    let own = objects(service);
    for other in list_rows::<DeclaredService>(rows, keys::SERVICES, &[], usize::MAX)? {
        if other.service.name == service.name {
            continue;
        }
        if let Some((_, _, name, record_type)) = objects(&other.service).into_iter().find(|object| own.contains(object))
        {
            return Err(PutError::ObjectLocked { record_type, name, service: other.service.name });
        }
    }
    Ok(())
}

fn check_record_sets(rows: &impl Rows, service: &Service) -> Result<Vec<RecordSetWeight>, PutError> {
    // Whether somebody else's zone is there was found out by looking.
    for of in service.records().filter(|_| service.account().is_none()) {
        if !exists(rows, &keys::zone(&of.zone))? {
            return Err(PutError::NoSuchHostedZone(NoSuchHostedZone(of.zone.clone())));
        }
    }
    for (environment, id) in service.environments.iter().filter_map(|(name, e)| Some((name, e.health_check.as_ref()?)))
    {
        if !exists(rows, &keys::health_check(id))? {
            return Err(PutError::NoSuchHealthCheck { environment: environment.clone(), id: id.clone() });
        }
    }
    let record_sets = deployment_rows::record_sets_of(rows, service)?;
    deploy::live_weights(service, &record_sets).map_err(PutError::Live)
}

/// Whether all weight of every type is on the active environment. All zero means "equal" (R53 weighted) and is not it.
fn is_serving(service: &Service, active: &EnvironmentName, weights: &[RecordSetWeight]) -> bool {
    let is_active = |m: &RecordSetWeight| service.environment_of(&m.record_set.set_identifier) == Some(active);
    weights
        .chunk_by(|a, b| a.record_set.is_beside(&b.record_set))
        .all(|group| group.iter().any(|m| m.weight > 0) && group.iter().all(|m| m.weight == 0 || is_active(m)))
}

/// The deployment of a service that has not ended.
pub(crate) fn busy(rows: &impl Rows, service: &ServiceName) -> Result<Option<ServiceBusy>, StorageError> {
    let running = deployment_rows::open_of(rows, service)?;
    Ok(running.map(|running| ServiceBusy::of(service, running)))
}

/// Moves the pointer of a service, in the transaction that stores its deployment; to nobody on the way back from its
/// first release. `rolled` are the instances that a rolling release has replaced.
pub(crate) fn activate(
    transaction: &mut Transaction<'_>,
    name: &ServiceName,
    side: Option<&Side>,
    rolled: &[Instance],
) -> Result<(), StorageError> {
    // A service with a deployment that has not ended cannot be deleted or changed, so both are there.
    let Some(mut declared) = deployment_rows::service(transaction, name)? else { return Ok(()) };
    if let Some(Side { environment: active, version }) = side {
        let Some(environment) = declared.service.environments.get_mut(active) else { return Ok(()) };
        let was = std::mem::replace(&mut environment.version, version.clone());
        for instance in &environment.set_identifiers {
            if rolled.is_empty() || rolled.iter().any(|known| known.instance == *instance) {
                // What is said of the whole is true of each.
                environment.instances.entry(instance.clone()).and_modify(|placed| placed.version = None);
            } else {
                // It came too late to be replaced.
                environment.instances.entry(instance.clone()).or_default().version.get_or_insert_with(|| was.clone());
            }
        }
    }
    declared.service.active = side.map(|side| side.environment.clone());
    declared.revision = transaction.revision().0;
    put_row(transaction, &keys::service(name), &declared);
    Ok(())
}

/// Notes what single instances of an environment run. Nothing happens when it says so already.
pub(crate) fn note_versions(
    transaction: &mut Transaction<'_>,
    name: &ServiceName,
    environment: &EnvironmentName,
    versions: &BTreeMap<SetIdentifier, String>,
) -> Result<(), StorageError> {
    let Some(mut declared) = deployment_rows::service(transaction, name)? else { return Ok(()) };
    let before = declared.service.clone();
    let Some(environment) = declared.service.environments.get_mut(environment) else { return Ok(()) };
    for (instance, version) in versions {
        // One that has left is the release's business no more.
        if !environment.set_identifiers.contains(instance) {
            continue;
        }
        let own = (*version != environment.version).then(|| version.clone());
        if own.is_some() || environment.instances.contains_key(instance) {
            environment.instances.entry(instance.clone()).or_default().version = own;
        }
    }
    if declared.service == before {
        return Ok(());
    }
    declared.revision = transaction.revision().0;
    put_row(transaction, &keys::service(name), &declared);
    Ok(())
}

/// One service.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, name: &ServiceName) -> Result<Option<DeclaredService>, StorageError> {
    read(store, |reader| find_row(reader, &keys::service(name)))
}

/// All services, by name.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &Store) -> Result<Vec<DeclaredService>, StorageError> {
    read(store, |reader| list_rows(reader, keys::SERVICES, &[], usize::MAX))
}

/// Forgets a service. Its record sets and the history of its deployments stay.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, name: &ServiceName) -> Result<(), DeleteError> {
    let name = name.clone();
    let committed = write(store, meta, move |transaction| {
        if !exists(transaction, &keys::service(&name))? {
            return Err(DeleteError::NoSuchService(NoSuchService(name)));
        }
        if let Some(busy) = busy(transaction, &name)? {
            return Err(DeleteError::Busy(busy));
        }
        foreign::forget(transaction, &name)?;
        transaction.delete(&keys::service(&name));
        Ok(())
    });
    committed.await?;
    Ok(())
}

#[cfg(test)]
mod tests;
