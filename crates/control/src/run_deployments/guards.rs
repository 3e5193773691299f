//! What guards ask of the store, read in the transaction of the turn: freezes, who is in front, and, when weights are
//! not as the deployment left them, who wrote them.

use std::ops::ControlFlow;

use deploy::Guards;
use model::RecordSet;
use model::deployment::{Deployment, Freeze, Phase, Writer};
use model::id::HostedZoneId;
use store::Transaction;

use super::turn::author;
use crate::deployments::rows as deployment_rows;
use crate::history::ZoneRevision;
use crate::keys;
use crate::rows::{StorageError, list, scan};
use crate::stored::Stored as _;

/// Revisions of a zone that are looked at for the one that changed a name. A busier zone tells nobody.
const REVISIONS_MAX: usize = 512;

/// `record_sets` are those of the service's names.
pub(super) fn read(
    transaction: &Transaction<'_>,
    deployment: &Deployment,
    record_sets: &[(HostedZoneId, RecordSet)],
) -> Result<Guards, StorageError> {
    if deployment.status.phase.is_terminal() {
        return after(transaction, deployment);
    }
    let is_early = matches!(deployment.status.phase, Phase::Pending | Phase::Preparing);
    let is_back = deployment.status.abort.is_some();
    let freezes = if is_back { Vec::new() } else { list::<Freeze>(transaction, keys::FREEZES, &[], usize::MAX)? };
    let mut guards = Guards { freezes, ..Guards::default() };
    if deployment.status.guarded.queued.is_some() {
        guards.ahead = ahead(transaction, deployment)?;
        let declared = deployment_rows::service(transaction, &deployment.service.name)?;
        guards.declared = declared.map(|declared| declared.service);
    }
    if !is_early && is_disturbed(deployment, record_sets) {
        guards.writer = writer(transaction, deployment)?;
    }
    Ok(guards)
}

/// What is asked once it has succeeded: who uses the old environment, and whether it is still what it was.
fn after(transaction: &Transaction<'_>, own: &Deployment) -> Result<Guards, StorageError> {
    let declared = deployment_rows::service(transaction, &own.service.name)?.map(|declared| declared.service);
    let mut guards = Guards { declared, ..Guards::default() };
    let Some(old) = own.record.afterlife.as_ref().map(|after| &after.environment) else { return Ok(guards) };
    let of_service = deployment_rows::open(transaction)?.into_iter().filter(|(_, of)| *of == own.service.name);
    for (id, _) in of_service {
        // One that cannot be read may use anything.
        let other = deployment_rows::load(transaction, &id).ok().flatten();
        if other.is_none_or(|other| other.plan.origin() == Some(old) || other.plan.to.environment == *old) {
            guards.users.push(id);
        }
    }
    Ok(guards)
}

/// Deployments in front of this one, oldest first: of its service, or of another that shares a record set with it.
fn ahead(transaction: &Transaction<'_>, own: &Deployment) -> Result<Vec<model::id::DeploymentId>, StorageError> {
    let mut ahead = Vec::new();
    for (id, _) in deployment_rows::open(transaction)? {
        if id == own.id {
            continue;
        }
        // One that cannot be read may hold anything: nobody overtakes it.
        let Some(other) = deployment_rows::load(transaction, &id)? else { continue };
        let is_queued = other.status.guarded.queued.is_some();
        if deploy::is_in_the_way(&other, &own.service) && (!is_queued || other.id < own.id) {
            ahead.push(id);
        }
    }
    Ok(ahead)
}

/// Whether live weights are not as the deployment left them.
fn is_disturbed(deployment: &Deployment, record_sets: &[(HostedZoneId, RecordSet)]) -> bool {
    let live = deploy::live_weights(&deployment.service, record_sets).ok();
    let checks_changed = deployment.record.snapshot.as_ref().is_some_and(|snapshot| {
        snapshot.members.iter().any(|was| {
            let is_named = |(zone, found): &&(HostedZoneId, RecordSet)| {
                let key = &was.record_set;
                (zone, &found.name, found.record_type, found.set_identifier())
                    == (&key.zone, &key.name, key.record_type, Some(&key.set_identifier))
            };
            record_sets.iter().find(is_named).is_some_and(|(_, found)| found.health_check != was.health_check)
        })
    });
    checks_changed || live != deployment.record.live_weights()
}

/// Who last changed one of the deployment's names, when that was not itself.
fn writer(transaction: &Transaction<'_>, deployment: &Deployment) -> Result<Option<Writer>, StorageError> {
    // Somebody else's endpoint does not say who wrote.
    if deployment.service.account().is_some() {
        return Ok(None);
    }
    let own = author(&deployment.id);
    let mut newest: Option<Writer> = None;
    for dns in deployment.service.records() {
        let (prefix, name, mut seen) = (keys::zone_history(&dns.zone), dns.name.sort_key(), 0);
        scan(transaction, &prefix, &prefix, |key, value| {
            seen += 1;
            let row = ZoneRevision::decode(value).map_err(|fault| StorageError::damaged(key, fault))?;
            let touches = row.names.as_ref().is_none_or(|names| names.contains(&name));
            if row.author == own || !touches {
                return Ok(if seen < REVISIONS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) });
            }
            if newest.as_ref().is_none_or(|other| other.revision < row.revision) {
                let change = row.change_id.map(|id| id.to_string());
                newest = Some(Writer { by: row.author, at_ms: row.at_ms, revision: row.revision, change });
            }
            Ok(ControlFlow::Break(()))
        })?;
    }
    Ok(newest)
}
