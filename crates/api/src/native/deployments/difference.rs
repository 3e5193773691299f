//! `GET /v1/deployments/ID/diff`: what was found, is wanted, was written and is there, of each record set.

use control::deployments::{self, Difference};
use model::deployment::SnapshotMember;
use model::id::DeploymentId;
use serde_json::{Value, json};

use super::super::V1;
use super::super::problem::Problem;

pub(super) fn show(api: &V1, id: &DeploymentId) -> Result<Value, Problem> {
    let found = deployments::differences(&api.store, id).map_err(|error| Problem::storage(&error))?;
    let found = found.ok_or_else(|| Problem::not_found(format!("no such deployment: {id}")))?;
    Ok(json!({ "differences": found.iter().map(difference).collect::<Vec<_>>() }))
}

fn difference(of: &Difference) -> Value {
    let Difference { record_set, snapshot, wanted, written, live } = of;
    let weight = |member: &Option<SnapshotMember>| member.as_ref().map(|member| member.weight);
    json!({
        "name": record_set.name.to_string(),
        "type": record_set.record_type.to_string(),
        "set_identifier": record_set.set_identifier,
        "weight": {"snapshot": weight(snapshot), "wanted": wanted, "written": written, "live": weight(live)},
        "missing": live.is_none(),
        "changed": snapshot.as_ref().zip(live.as_ref()).map(|(before, now)| changed(before, now)).unwrap_or_default(),
    })
}

/// What others changed of the fields that are not the deployment's.
fn changed(before: &SnapshotMember, now: &SnapshotMember) -> Vec<Value> {
    let fields = [
        ("ttl_seconds", json!(before.ttl_seconds), json!(now.ttl_seconds)),
        ("values", json!(before.values), json!(now.values)),
        ("health_check", json!(before.health_check), json!(now.health_check)),
    ];
    let fields = fields.into_iter().filter(|(_, before, now)| before != now);
    fields.map(|(field, before, now)| json!({ "field": field, "snapshot": before, "live": now })).collect()
}
