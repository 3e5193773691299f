//! The rows of services and deployments: one row each, and the indexes that go with a deployment. Used by commands and
//! by the runner, inside their transactions.

use std::ops::ControlFlow;

use model::RecordSet;
use model::deployment::{Analysis, Binding, Deployment, Service};
use model::id::{DeploymentId, HostedZoneId, ServiceName};
use store::Transaction;

use crate::keys;
use crate::record_rows;
use crate::rows::{Rows, StorageError, find, put, scan};
use crate::services::DeclaredService;

/// What was measured since the row of a deployment was written. Measuring goes on for hours, the log keeps every write
/// for good, and the whole of a deployment is ten times larger.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// The deployment's revision.
    pub(crate) revision: u64,
    /// Takes the place of the row's.
    pub(crate) analysis: Analysis,
}

/// Writes a new deployment with its place among those of its service.
pub(crate) fn write_new(transaction: &mut Transaction<'_>, deployment: &Deployment) {
    let service = &deployment.service.name;
    put(transaction, &keys::deployment(&deployment.id), deployment);
    transaction.put(&keys::deployment_of(service, &deployment.id), &[]);
    transaction.put(&keys::open_deployment(&deployment.id), service.as_str().as_bytes());
}

/// Writes what became of a deployment.
pub(crate) fn write(transaction: &mut Transaction<'_>, before: &Deployment, next: &Deployment) {
    let measured = keys::deployment_analysis(&next.id);
    if before.status == next.status && before.record == next.record {
        put(transaction, &measured, &Measured { revision: next.revision, analysis: next.analysis.clone() });
        return;
    }
    put(transaction, &keys::deployment(&next.id), next);
    transaction.delete(&measured);
    if next.status.phase.is_terminal() {
        transaction.delete(&keys::open_deployment(&next.id));
    }
}

/// A deployment with what it measured last.
pub(crate) fn load(rows: &impl Rows, id: &DeploymentId) -> Result<Option<Deployment>, StorageError> {
    let Some(mut deployment) = find::<Deployment>(rows, &keys::deployment(id))? else { return Ok(None) };
    if let Some(Measured { revision, analysis }) = find(rows, &keys::deployment_analysis(id))? {
        (deployment.revision, deployment.analysis) = (revision, analysis);
    }
    Ok(Some(deployment))
}

/// Deployments that have not ended, with their services, oldest first.
pub(crate) fn open(rows: &impl Rows) -> Result<Vec<(DeploymentId, ServiceName)>, StorageError> {
    let mut found = Vec::new();
    scan(rows, keys::OPEN_DEPLOYMENTS, &[], |key, service| {
        let id = keys::deployment_after(key, keys::OPEN_DEPLOYMENTS);
        let service = str::from_utf8(service).ok().and_then(|text| ServiceName::parse(text).ok());
        // Rows of this index are written only above, from ids and names that were parsed.
        found.extend(id.zip(service));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// The deployment of a service that has not ended.
pub(crate) fn open_of(rows: &impl Rows, service: &ServiceName) -> Result<Option<Deployment>, StorageError> {
    let Some((id, _)) = open(rows)?.into_iter().find(|(_, of)| of == service) else { return Ok(None) };
    load(rows, &id)
}

/// A service as declared.
pub(crate) fn service(rows: &impl Rows, name: &ServiceName) -> Result<Option<DeclaredService>, StorageError> {
    find(rows, &keys::service(name))
}

/// Every record set of the service's names, managed or not.
pub(crate) fn record_sets_of(
    rows: &impl Rows,
    service: &Service,
) -> Result<Vec<(HostedZoneId, RecordSet)>, StorageError> {
    let mut found = Vec::new();
    for Binding::Dns(binding) in &service.traffic {
        let at = record_rows::at(rows, &binding.zone, &binding.name.sort_key())?;
        found.extend(at.into_iter().map(|record_set| (binding.zone.clone(), record_set)));
    }
    Ok(found)
}
