//! What a deployment found, what it wants, what it wrote last and what is there now, one record set after the other.
//!
//! Asked by people who see a share that they did not expect. Only the weight is the deployment's own; what others changed
//! of the rest is told beside it.

use model::Weight;
use model::deployment::{Deployment, Phase, PlanStep, RecordSetKey, RecordSetWeight, Snapshot, SnapshotMember};
use model::id::DeploymentId;
use store::Store;

use super::rows;
use crate::rows::{StorageError, read};

/// One record set of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Which.
    pub record_set: RecordSetKey,
    /// As it was before the first write; none before the deployment has looked.
    pub snapshot: Option<SnapshotMember>,
    /// The weight that it shall have now.
    pub wanted: Option<Weight>,
    /// The weight that the deployment wrote last; none before its first write.
    pub written: Option<Weight>,
    /// As it is now; none if it is not there, or not weighted.
    pub live: Option<SnapshotMember>,
}

/// The record sets of a deployment, in the order of its service's keys.
///
/// # Errors
/// The store cannot be read.
pub fn differences(store: &Store, id: &DeploymentId) -> Result<Option<Vec<Difference>>, StorageError> {
    read(store, |reader| {
        let Some(deployment) = rows::load(reader, id)? else { return Ok(None) };
        let record_sets = rows::record_sets_of(reader, &deployment.service)?;
        let live = deploy::live_members(&deployment.service, &record_sets);
        let record = &deployment.record;
        let found = record.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.members);
        let written = record.journal.iter().rev().find(|op| op.was_applied()).map_or(&[][..], |op| &op.desired);
        let wanted = wanted(&deployment);
        let keys = deployment.service.record_set_keys().into_iter();
        let differences = keys.map(|key| Difference {
            snapshot: member(found, &key),
            wanted: weight(&wanted, &key),
            written: weight(written, &key),
            live: member(&live, &key),
            record_set: key,
        });
        Ok(Some(differences.collect()))
    })
}

/// The weights of the last shift up to the current step; those found after an abort and before the first.
fn wanted(deployment: &Deployment) -> Vec<RecordSetWeight> {
    let (plan, status) = (&deployment.plan, &deployment.status);
    let steps = match (status.cursor, status.phase) {
        _ if status.abort.is_some() => 0,
        (Some(cursor), _) => cursor.step,
        (None, Phase::Pending | Phase::Preparing | Phase::Cancelled) => 0,
        (None, _) => plan.steps.len(),
    };
    let shift = plan
        .steps
        .iter()
        .take(steps)
        .rev()
        .find_map(|step| if let PlanStep::Shift { weights, .. } = step { Some(weights.clone()) } else { None });
    let found = || deployment.record.snapshot.as_ref().map(Snapshot::weights);
    shift.or_else(found).unwrap_or_else(|| plan.start.clone())
}

fn member(members: &[SnapshotMember], key: &RecordSetKey) -> Option<SnapshotMember> {
    members.iter().find(|member| member.record_set == *key).cloned()
}

fn weight(weights: &[RecordSetWeight], key: &RecordSetKey) -> Option<Weight> {
    weights.iter().find(|found| found.record_set == *key).map(|found| found.weight)
}
