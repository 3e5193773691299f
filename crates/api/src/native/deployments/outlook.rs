//! What a plan can promise: the share of the traffic that each step really brings, and how quickly all are back. Shares
//! are numbers from 0 to 1.

use control::deployments::{self, Outlook, PlanError, Promised};
use model::deployment::{Plan, Spec};
use model::id::ServiceName;
use serde_json::{Value, json};

use super::V1;
use crate::native::problem::Problem;

/// Whether a spec requires what takes draws to promise.
fn draws(spec: &Spec) -> bool {
    spec.require.as_ref().is_some_and(|require| require.share_interval.is_some())
}

/// The plan of a spec; in turn, if draws must be made for it.
pub(super) async fn plan(api: &V1, service: &ServiceName, spec: &Spec) -> Result<Result<Plan, PlanError>, Problem> {
    if !draws(spec) {
        return Ok(deployments::plan(&api.store, service, spec));
    }
    let (store, service, spec) = (api.store.clone(), service.clone(), spec.clone());
    api.turns.take(move || deployments::plan(&store, &service, &spec)).await
}

/// What the plan of a spec can promise of what it requires, asked in turn, before the transaction that creates it.
pub(super) async fn promised(api: &V1, service: &ServiceName, spec: &Spec) -> Result<Option<Promised>, Problem> {
    if !draws(spec) {
        return Ok(None);
    }
    let (store, service, spec) = (api.store.clone(), service.clone(), spec.clone());
    let promised = api.turns.take(move || deployments::promised(&store, &service, &spec)).await?;
    promised.map_err(|error| Problem::storage(&error))
}

/// The outlook of a plan, for those who ask by its spec. Some millions of draws, so on a thread of its own; null when
/// too many others are being worked on, since the plan is there all the same.
pub(super) async fn of_plan(api: &V1, plan: Plan, spec: Spec) -> Value {
    let outlook = move || deployments::outlook(&plan, &spec, &spec.resolvers.clone().unwrap_or_default());
    api.turns.take(outlook).await.map_or(Value::Null, |outlook| view(&outlook))
}

/// When the steps of a plan would begin, if it began now.
pub(super) fn timeline(api: &V1, plan: &Plan, spec: &Spec, now_ms: u64) -> Result<Value, Problem> {
    let times = deployments::timeline(&api.store, plan, spec, now_ms);
    times.map(|times| json!(times)).map_err(|error| Problem::storage(&error))
}

/// An outlook as JSON.
pub(super) fn view(outlook: &Outlook) -> Value {
    let Outlook { resolvers, n_eff, steps, converges, rollback_worst, expected } = outlook;
    json!({
        "resolvers": resolvers,
        "n_eff": n_eff,
        "steps": steps,
        "converges_ms": converges.ms(),
        "rollback_worst_ms": rollback_worst.ms(),
        "expected_ms": expected.ms(),
    })
}
