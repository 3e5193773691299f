//! The measurements of a deployment, and the same judged again.

use control::deployments::{self, told};
use model::deployment::{Deployment, Measured, Metric};
use model::id::DeploymentId;
use serde_json::{Value, json};

use super::{Call, V1};
use crate::native::problem::Problem;

/// Measurements of one answer.
const MEASUREMENTS_MAX: usize = 1_000;
/// Measurements of one answer, if nobody says how many.
const MEASUREMENTS: usize = 100;

/// `GET /v1/deployments/ID/measurements?template=&metric=&run=&limit=N`: the last N of those that are kept, oldest first.
pub(super) async fn measurements(api: &V1, call: &Call<'_>, deployment: Deployment) -> Result<Value, Problem> {
    let limit = match call.query("limit") {
        None => MEASUREMENTS,
        Some(text) => text.parse().ok().filter(|n| (1..=MEASUREMENTS_MAX).contains(n)).ok_or_else(|| {
            Problem::invalid(format!("limit must be from 1 to {MEASUREMENTS_MAX}: {text}")).field("limit")
        })?,
    };
    let run = call.query("run").map(|text| text.parse::<u32>()).transpose();
    let run = run.map_err(|_| Problem::invalid("run must be the number of a run").field("run"))?;
    let (template, metric) = (call.query("template"), call.query("metric"));
    let is_wanted = move |m: &Measured| {
        run.is_none_or(|run| run == m.run)
            && template.as_ref().is_none_or(|name| *name == m.template)
            && metric.as_ref().is_none_or(|name| *name == m.metric)
    };
    let store = api.store.clone();
    let shown = api.turns.take(move || {
        let (found, skipped) = deployments::last_measurements(&store, &deployment.id, limit, is_wanted)?;
        let shown: Vec<Value> = found.iter().map(|m| measurement(&deployment, m)).collect();
        Ok(json!({ "measurements": shown, "earlier": skipped }))
    });
    shown.await?.map_err(|error| Problem::storage(&error))
}

fn measurement(deployment: &Deployment, m: &Measured) -> Value {
    let text = rule(deployment, m).map(|rule| told(rule, &m.sample));
    json!({
        "run": m.run,
        "template": m.template,
        "metric": m.metric,
        "number": m.number,
        "asked_ms": m.asked_ms,
        "at_ms": m.sample.at_ms,
        "query": m.query,
        "answer": m.answer,
        "sampled": m.sample.sampled,
        "compared": m.sample.compared,
        "verdict": m.verdict,
        "text": text,
    })
}

fn rule<'a>(deployment: &'a Deployment, m: &Measured) -> Option<&'a Metric> {
    deployment.spec.analysis.get(&m.template)?.metrics.iter().find(|rule| rule.name == m.metric)
}

/// `GET /v1/deployments/ID/replay`: whether the verdicts are the same when what is kept is judged again.
pub(super) async fn replay(api: &V1, deployment: &DeploymentId) -> Result<Value, Problem> {
    let (store, id) = (api.store.clone(), deployment.clone());
    let replayed = api.turns.take(move || deployments::replay(&store, &id)).await?;
    let replayed = replayed.map_err(|error| Problem::storage(&error))?;
    let replayed = replayed.unwrap_or_default();
    let identical = replayed.iter().all(|metric| metric.differences.is_empty());
    Ok(json!({ "identical": identical, "metrics": replayed }))
}
