//! What a release leaves behind that ends with everything as it is, for people: lowered TTLs, and instances that are out.

use model::deployment::{Deployment, OpKind, RecordForm, RecordSetKey};
use model::id::SetIdentifier;

use crate::strategy::bounds::has_weight;

/// All of it, to be put behind a sentence; nothing if nothing is left.
pub(crate) fn behind(deployment: &Deployment) -> String {
    lowered_ttls(deployment) + &instances_out(deployment)
}

/// `; out of rotation stay …`, or nothing.
fn instances_out(deployment: &Deployment) -> String {
    let live = deployment.record.live_weights().unwrap_or_default();
    let own = deployment.record.snapshot.as_ref().map(model::deployment::Snapshot::weights).unwrap_or_default();
    let instances = deployment.record.instances.iter().map(|i| &i.instance);
    let out = instances.filter(|id| has_weight(id, &own) && !has_weight(id, &live));
    let out: Vec<&str> = out.map(SetIdentifier::as_str).collect();
    if out.is_empty() { String::new() } else { format!("; out of rotation stay {}", out.join(", ")) }
}

/// ` …; lowered TTLs stay too: …`, or nothing.
fn lowered_ttls(deployment: &Deployment) -> String {
    let journal = &deployment.record.journal;
    let applied = |kind: OpKind| journal.iter().rfind(|op| op.kind == kind && op.was_applied());
    let gone_back = [OpKind::Finish, OpKind::Restore].into_iter().any(|kind| applied(kind).is_some());
    let Some(beside) = applied(OpKind::Prepare).and_then(|op| op.beside.as_ref()).filter(|_| !gone_back) else {
        return String::new();
    };
    let found = |key: &RecordSetKey| {
        let plain = beside.precondition.records.iter().find(|form| form.is_at(key)).and_then(RecordForm::ttl_seconds);
        let weighted = beside.precondition.ttls.iter().find(|ttl| ttl.record_set == *key).map(|ttl| ttl.ttl_seconds);
        weighted.or(plain)
    };
    let lowered: Vec<String> = beside
        .desired
        .ttls
        .iter()
        .filter_map(|ttl| {
            let was = found(&ttl.record_set).filter(|was| *was != ttl.ttl_seconds)?;
            Some(format!("{} {}s (found {was}s)", ttl.record_set, ttl.ttl_seconds))
        })
        .collect();
    if lowered.is_empty() { String::new() } else { format!("; lowered TTLs stay too: {}", lowered.join(", ")) }
}
