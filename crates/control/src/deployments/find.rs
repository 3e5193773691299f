//! One deployment and its weights: as stored while it runs, as it left them once it has ended.

use model::deployment::{Deployment, JournalEntry, OpState, RecordSetWeight};
use model::id::DeploymentId;
use store::{Store, Transaction};

use super::rows;
use crate::rows::{Rows, StorageError, read};

/// A deployment and the weights that belong to it, read at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The deployment.
    pub deployment: Deployment,
    /// Weights as stored while it runs; once it has ended, as it left them. In the order of the service's keys.
    pub weights: Vec<RecordSetWeight>,
}

/// One deployment.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &DeploymentId) -> Result<Option<Found>, StorageError> {
    read(store, |reader| {
        let Some(deployment) = rows::load(reader, id)? else { return Ok(None) };
        let weights = weights(reader, &deployment)?;
        Ok(Some(Found { deployment, weights }))
    })
}

/// Notes a write that the runner has made and not seen yet, before an order ends the deployment: it must tell the
/// weights as it left them.
pub(super) fn read_back(
    transaction: &Transaction<'_>,
    deployment: &mut Deployment,
    at_ms: u64,
) -> Result<(), StorageError> {
    let record_sets = rows::record_sets_of(transaction, &deployment.service)?;
    let live = deploy::live_weights(&deployment.service, &record_sets);
    if let Some(op) = deployment.record.journal.last_mut()
        && op.state() == OpState::Planned
        && live.is_ok_and(|live| live == op.desired)
    {
        let revision = transaction.revision().0.saturating_sub(1);
        op.entries.push(JournalEntry { at_ms, state: OpState::Applied { revision } });
    }
    Ok(())
}

fn weights(rows: &impl Rows, deployment: &Deployment) -> Result<Vec<RecordSetWeight>, StorageError> {
    if !deployment.status.phase.is_terminal() {
        let record_sets = rows::record_sets_of(rows, &deployment.service)?;
        if let Ok(live) = deploy::live_weights(&deployment.service, &record_sets) {
            return Ok(live);
        }
    }
    Ok(deployment.record.live_weights().unwrap_or_else(|| deployment.plan.start.clone()))
}
