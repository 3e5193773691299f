//! Taking back a release that has succeeded: the environment that served before serves again, at once, while the time
//! for that lasts. A deployment of its own; windows, freezes, approvals and capacities do not bar it.

use std::ops::ControlFlow;

use model::deployment::{Deployment, Kind, Phase};
use model::id::{DeploymentId, EnvironmentName, ServiceName};
use store::{Meta, Store, Transaction};

use super::{AtWindow, CreateError, Created, NewDeployment, Refusal, create_in, rows};
use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{Rows, StorageError, from_storage, scan, write};
use crate::services::NoSuchService;

/// Why nothing was taken back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RollBackError {
    /// There is no such service.
    #[error(transparent)]
    NoSuchService(NoSuchService),
    /// No release made the active environment serve.
    #[error("no release of service {service} has made {active} serve; release the environment that you want")]
    NothingToTakeBack {
        /// The service.
        service: ServiceName,
        /// What serves.
        active: EnvironmentName,
    },
    /// No release has succeeded yet.
    #[error("nobody serves service {0} yet; there is nothing to take back")]
    NobodyServes(ServiceName),
    /// The deployment asked for is not the one that served before.
    #[error("deployment {asked} is not what served before {last}; to go further back, release that environment")]
    NotBefore {
        /// As asked.
        asked: DeploymentId,
        /// The last release.
        last: DeploymentId,
    },
    /// The last thing that happened was a way back. To go forward again is a release, with all that guards one.
    #[error("deployment {last} took a release back already; to go forward again, create a release of the environment")]
    TakenBack {
        /// What took it back.
        last: DeploymentId,
    },
    /// Something else runs there by now.
    #[error("{environment} runs {found} now, not {expected}; release it as what it is")]
    OtherVersion {
        /// The environment that served before.
        environment: EnvironmentName,
        /// What it ran then.
        expected: String,
        /// What it runs.
        found: String,
    },
    /// It makes no sense, or comes too late.
    #[error(transparent)]
    Refused(Refusal),
    /// The deployment that would do it cannot be created.
    #[error(transparent)]
    Create(CreateError),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(RollBackError);

/// Who takes back what, and why.
#[derive(Debug, Clone)]
pub struct RollBack {
    /// The service.
    pub service: ServiceName,
    /// The deployment whose outcome shall serve again; otherwise whatever served before the last release.
    pub to: Option<DeploymentId>,
    /// In the caller's words; may be empty.
    pub reason: String,
    /// The id of the key that orders it, if one does.
    pub by_key: Option<String>,
}

/// Takes back the last release of a service, by a new deployment.
///
/// # Errors
/// See [`RollBackError`].
pub async fn roll_back(
    store: &Store,
    meta: Meta,
    random: &Random,
    asked: RollBack,
) -> Result<Deployment, RollBackError> {
    let (id, by, at_ms) = (draw::deployment_id(random, meta.at_ms), meta.author.clone(), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let (new, undone) = undoing(transaction, asked, at_ms)?;
        let created = create_in(transaction, id, new, Some(&undone), by, at_ms).map_err(RollBackError::Create)?;
        let Created { deployment, is_new: _ } = created;
        Ok::<_, RollBackError>(deployment)
    });
    Ok(committed.await?.value)
}

/// What takes the last release back, and that release.
fn undoing(
    transaction: &Transaction<'_>,
    asked: RollBack,
    at_ms: u64,
) -> Result<(NewDeployment, Deployment), RollBackError> {
    let RollBack { service, to, reason, by_key } = asked;
    let Some(declared) = rows::service(transaction, &service)? else {
        return Err(RollBackError::NoSuchService(NoSuchService(service)));
    };
    let Some(active) = declared.service.active.clone() else {
        return Err(RollBackError::NobodyServes(service));
    };
    let done = succeeded(transaction, &service)?;
    let Some(last) = done.first().filter(|last| last.plan.to.environment == active) else {
        return Err(RollBackError::NothingToTakeBack { service, active });
    };
    if last.kind == Kind::Rollback {
        return Err(RollBackError::TakenBack { last: last.id.clone() });
    }
    let spec = deploy::undo(last, at_ms).map_err(RollBackError::Refused)?;
    // `undo` has refused the first release.
    let Some(before) = &last.plan.from else { return Err(RollBackError::NobodyServes(service)) };
    if let Some(asked) = to
        && !done.iter().any(|other| other.id == asked && other.plan.to == *before && other.id < last.id)
    {
        return Err(RollBackError::NotBefore { asked, last: last.id.clone() });
    }
    // Instances that were replaced where they are run the new version now; taking that back replaces them again.
    let is_elsewhere = before.environment != last.plan.to.environment;
    let runs = declared.service.environments.get(&before.environment).map(|environment| environment.version.clone());
    if let Some(found) = runs.filter(|found| is_elsewhere && *found != before.version) {
        let (environment, expected) = (before.environment.clone(), before.version.clone());
        return Err(RollBackError::OtherVersion { environment, expected, found });
    }
    let reason = if reason.is_empty() { format!("takes back deployment {}", last.id) } else { reason };
    let new = NewDeployment {
        service,
        spec,
        reason,
        service_revision: None,
        plan_hash: None,
        idempotency_key: None,
        window: AtWindow::Refuse,
        by_key,
        kind: Kind::Rollback,
        promised: None,
    };
    Ok((new, last.clone()))
}

/// The releases of a service that have succeeded, newest first; of a long history the last hundred deployments.
fn succeeded(rows: &impl Rows, service: &ServiceName) -> Result<Vec<Deployment>, StorageError> {
    let prefix = keys::deployments_of(service);
    let mut ids = Vec::new();
    scan(rows, &prefix, &prefix, |key, _| {
        ids.extend(keys::deployment_after(key, &prefix));
        Ok(ControlFlow::Continue(()))
    })?;
    let mut found = Vec::new();
    for id in ids.iter().rev().take(100) {
        // One that cannot be read is passed over: a way back matters more than an old story.
        if let Ok(Some(deployment)) = self::rows::load(rows, id)
            && deployment.status.phase == Phase::Succeeded
        {
            found.push(deployment);
        }
    }
    Ok(found)
}
