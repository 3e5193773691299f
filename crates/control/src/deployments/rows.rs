//! The rows of services and deployments: one row each, and the indexes that go with a deployment. Used by commands and
//! by the runner, inside their transactions.

use std::ops::ControlFlow;

use model::deployment::{Analysis, Deployment, Service};
use model::endpoint::ForeignZone;
use model::id::{DeploymentId, HostedZoneId, ServiceName};
use model::{Body, Name, RecordSet, RecordType};
use store::Transaction;

use crate::foreign;
use crate::keys;
use crate::notices;
use crate::record_rows;
use crate::rows::{Rows, StorageError, find, put, scan};
use crate::services::DeclaredService;

/// What was measured since the row of a deployment was written. Measuring goes on for hours, the log keeps every write
/// for good, and the whole of a deployment is ten times larger.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MeasuredSince {
    /// The deployment's revision.
    pub(crate) revision: u64,
    /// Takes the place of the row's.
    pub(crate) analysis: Analysis,
}

/// Writes a new deployment with its place among those of its service, and leaves what there is to tell of it.
pub(crate) fn write_new(transaction: &mut Transaction<'_>, deployment: &Deployment) -> Result<(), StorageError> {
    let service = &deployment.service.name;
    put(transaction, &keys::deployment(&deployment.id), deployment);
    transaction.put(&keys::deployment_of(service, &deployment.id), &[]);
    transaction.put(&keys::open_deployment(&deployment.id), service.as_str().as_bytes());
    notices::leave(transaction, None, deployment, deployment.created.at_ms)
}

/// Writes what became of a deployment, and leaves what there is to tell of it.
pub(crate) fn write(
    transaction: &mut Transaction<'_>,
    before: &Deployment,
    next: &Deployment,
    at_ms: u64,
) -> Result<(), StorageError> {
    let measured = keys::deployment_analysis(&next.id);
    if before.status == next.status && before.record == next.record {
        put(transaction, &measured, &MeasuredSince { revision: next.revision, analysis: next.analysis.clone() });
        return Ok(());
    }
    put(transaction, &keys::deployment(&next.id), next);
    transaction.delete(&measured);
    if next.status.phase.is_terminal() {
        transaction.delete(&keys::open_deployment(&next.id));
    }
    let is_open =
        |deployment: &Deployment| deployment.record.afterlife.as_ref().is_some_and(|after| after.state.is_open());
    match (is_open(before), is_open(next)) {
        (false, true) => transaction.put(&keys::afterlife(&next.id), next.service.name.as_str().as_bytes()),
        (true, false) => transaction.delete(&keys::afterlife(&next.id)),
        (true, true) | (false, false) => {}
    }
    notices::leave(transaction, Some(before), next, at_ms)
}

/// A deployment with what it measured last.
pub(crate) fn load(rows: &impl Rows, id: &DeploymentId) -> Result<Option<Deployment>, StorageError> {
    let Some(mut deployment) = find::<Deployment>(rows, &keys::deployment(id))? else { return Ok(None) };
    if let Some(MeasuredSince { revision, analysis }) = find(rows, &keys::deployment_analysis(id))? {
        (deployment.revision, deployment.analysis) = (revision, analysis);
    }
    Ok(Some(deployment))
}

/// Deployments that have not ended, with their services, oldest first.
pub(crate) fn open(rows: &impl Rows) -> Result<Vec<(DeploymentId, ServiceName)>, StorageError> {
    index(rows, keys::OPEN_DEPLOYMENTS)
}

/// Deployments that have succeeded and whose old environment is to be torn down, with their services, oldest first.
pub(crate) fn afterlives(rows: &impl Rows) -> Result<Vec<(DeploymentId, ServiceName)>, StorageError> {
    index(rows, keys::AFTERLIVES)
}

fn index(rows: &impl Rows, prefix: &[u8]) -> Result<Vec<(DeploymentId, ServiceName)>, StorageError> {
    let mut found = Vec::new();
    scan(rows, prefix, &[], |key, service| {
        let id = keys::deployment_after(key, prefix);
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

/// The deployment of a service that has not ended and does not wait for another; else the first that waits.
pub(crate) fn running_of(rows: &impl Rows, service: &ServiceName) -> Result<Option<Deployment>, StorageError> {
    let mut waiting = None;
    for (id, _) in open(rows)?.into_iter().filter(|(_, of)| of == service) {
        match load(rows, &id)? {
            Some(running) if running.status.guarded.queued.is_none() => return Ok(Some(running)),
            found => waiting = waiting.or(found),
        }
    }
    Ok(waiting)
}

/// A service as declared.
pub(crate) fn service(rows: &impl Rows, name: &ServiceName) -> Result<Option<DeclaredService>, StorageError> {
    find(rows, &keys::service(name))
}

/// Names that aliases and CNAMEs are followed to; answers follow no longer chains.
const CHAIN_NAMES_MAX: usize = 32;

/// Every record set of the service's names, managed or not, and those that their aliases and CNAMEs lead to in zones of
/// this server. Those of somebody else are as last seen.
pub(crate) fn record_sets_of(
    rows: &impl Rows,
    service: &Service,
) -> Result<Vec<(HostedZoneId, RecordSet)>, StorageError> {
    let mut found = Vec::new();
    let at = |zone: &HostedZoneId, name: &Name| match service.account() {
        None => record_rows::at(rows, zone, &name.sort_key()),
        Some(account) => {
            let zone = ForeignZone { account: account.clone(), zone: zone.clone() };
            foreign::at(rows, &service.name, &zone, &name.sort_key())
        }
    };
    for binding in service.records() {
        let at = at(&binding.zone, &binding.name)?;
        found.extend(at.into_iter().map(|record_set| (binding.zone.clone(), record_set)));
    }
    let mut followed: Vec<(HostedZoneId, Name)> = Vec::new();
    let mut next = 0;
    while let Some((zone, record_set)) = found.get(next) {
        next += 1;
        for (zone, name) in targets(zone, record_set) {
            let is_known = found.iter().any(|(in_zone, set)| *in_zone == zone && set.name == name);
            if is_known || followed.len() == CHAIN_NAMES_MAX || followed.contains(&(zone.clone(), name.clone())) {
                continue;
            }
            let at = at(&zone, &name)?;
            found.extend(at.into_iter().map(|record_set| (zone.clone(), record_set)));
            followed.push((zone, name));
        }
    }
    Ok(found)
}

/// Where the answer of a record set goes on. A CNAME out of its zone is followed by whoever asks.
fn targets(zone: &HostedZoneId, of: &RecordSet) -> Vec<(HostedZoneId, Name)> {
    match &of.body {
        Body::Alias(target) => vec![(target.hosted_zone_id.clone(), target.dns_name.clone())],
        Body::Records { values, .. } if of.record_type == RecordType::CNAME => {
            values.iter().filter_map(|value| Some((zone.clone(), Name::parse(value).ok()?))).collect()
        }
        Body::Records { .. } | Body::TrafficPolicy(_) => Vec::new(),
    }
}
