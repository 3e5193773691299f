//! Hard locks: weights that a running deployment owns, and whose service lets nobody else write them meanwhile.

use model::change::Touched;
use model::deployment::{Deployment, Locking};
use model::id::{DeploymentId, HostedZoneId, ServiceName};
use model::{Name, RecordSet, RecordType};

use super::rows;
use crate::keys;
use crate::rows::{Rows, StorageError};

/// A name and type that a deployment holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{record_type} {name} is locked by deployment {deployment} of service {service}; abort it, or wait for its end \
     (a service may set locking: advisory for its next one)"
)]
pub struct Locked {
    /// The type.
    pub record_type: RecordType,
    /// The name.
    pub name: Name,
    /// Which.
    pub deployment: DeploymentId,
    /// Whose.
    pub service: ServiceName,
}

/// The first lock that changes of a zone would break.
pub(crate) fn hard_lock(
    rows: &impl Rows,
    zone: &HostedZoneId,
    touched: &[Touched],
) -> Result<Option<Locked>, StorageError> {
    if touched.is_empty() {
        return Ok(None);
    }
    let broken = |deployment: &Deployment| {
        let (name, record_type) = held(deployment, zone, touched)?;
        Some(locked(deployment, name, record_type))
    };
    Ok(locking(rows)?.iter().find_map(broken))
}

/// Every name and type of a zone that is locked, with what the keys of its rows begin with.
pub(crate) fn hard_locks(rows: &impl Rows, zone: &HostedZoneId) -> Result<Vec<(Locked, Vec<u8>)>, StorageError> {
    let mut locks = Vec::new();
    for deployment in locking(rows)? {
        for dns in deployment.service.records().filter(|dns| dns.zone == *zone) {
            for record_type in &dns.types {
                let prefix = keys::record_set(zone, &dns.name.sort_key(), *record_type, None);
                locks.push((locked(&deployment, dns.name.clone(), *record_type), prefix));
            }
        }
    }
    Ok(locks)
}

/// The deployments that lock what they own. One that cannot be read locks nothing: whoever repairs it must be able to.
fn locking(rows: &impl Rows) -> Result<Vec<Deployment>, StorageError> {
    let open = rows::open(rows)?.into_iter().filter_map(|(id, _)| rows::load(rows, &id).ok()?);
    // Others' zones are no business of this store, whatever their ids.
    let locks = |deployment: &Deployment| {
        deployment.service.account().is_none()
            && deployment.service.policy.locking == Locking::Hard
            && deployment.status.guarded.queued.is_none()
    };
    Ok(open.filter(locks).collect())
}

fn locked(deployment: &Deployment, name: Name, record_type: RecordType) -> Locked {
    let (id, service) = (deployment.id.clone(), deployment.service.name.clone());
    Locked { record_type, name, deployment: id, service }
}

fn held(deployment: &Deployment, zone: &HostedZoneId, touched: &[Touched]) -> Option<(Name, RecordType)> {
    let is_held = |name: &Name, record_type: RecordType| {
        deployment
            .service
            .records()
            .any(|dns| dns.zone == *zone && dns.name == *name && dns.types.contains(&record_type))
    };
    touched.iter().find_map(|touched| {
        let all = touched.before.iter().chain(&touched.after).map(|set| set.record_type);
        let of = |sets: &[RecordSet], of: RecordType| -> Vec<RecordSet> {
            sets.iter().filter(|set| set.record_type == of).cloned().collect()
        };
        let is_changed = |kind: &RecordType| of(&touched.before, *kind) != of(&touched.after, *kind);
        let held = all.filter(is_changed).find(|kind| is_held(&touched.name, *kind))?;
        Some((touched.name.clone(), held))
    })
}
