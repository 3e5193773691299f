//! What guards tell of a deployment, and what callers say to them: drift, gates, windows, the queue.

use control::deployments::{AtWindow, OrderKey};
use model::deployment::{Approval, Deployment, DriftReport, Gate, Override, Phase, PlanStep, Stage, WeightsLine};
use serde_json::{Value, json};

use super::call::Call;
use super::problem::Problem;
use crate::message::Sender;

/// The members of a deployment's view that guards add.
pub(super) fn view(deployment: &Deployment) -> Value {
    let guarded = &deployment.status.guarded;
    let overridden = |by: &Override| json!({ "by": by.by, "reason": by.reason, "at_ms": by.at_ms });
    json!({
        "kind": deployment.kind,
        "drift_report": guarded.drift.as_ref().map(drift),
        "gate": gate(deployment),
        "approvals": guarded.approvals.iter().map(approval).collect::<Vec<_>>(),
        "queued": guarded.queued.as_ref().map(|q| json!({ "behind": q.behind, "until_ms": q.until_ms })),
        "window_override": guarded.window_override.as_ref().map(overridden),
        "forced": guarded.forced.as_ref().map(overridden),
        "fast_forward": guarded.fast_forward,
        "stopping": guarded.stopping.as_ref().map(overridden),
    })
}

/// What others changed: who, when, what was expected and what was found.
pub(super) fn drift(report: &DriftReport) -> Value {
    json!({
        "record_set": report.weight.as_ref().map(|weight| weight.record_set.to_string()),
        "expected": report.weight.as_ref().map(|weight| weight.expected),
        "found": report.weight.as_ref().map(|weight| weight.found),
        "weights_expected": WeightsLine(&report.expected).to_string(),
        "weights_found": WeightsLine(&report.found).to_string(),
        "by": report.writer.as_ref().map(|writer| &writer.by),
        "at_ms": report.writer.as_ref().map(|writer| writer.at_ms),
        "revision": report.writer.as_ref().map(|writer| writer.revision),
        "change": report.writer.as_ref().and_then(|writer| writer.change.as_ref()),
    })
}

/// The gate it is at.
fn gate(deployment: &Deployment) -> Option<Value> {
    if deployment.status.phase == Phase::Pending && deployment.status.guarded.queued.is_none() {
        let gate = deployment.service.policy.approvals.as_ref().filter(|_| deployment.kind.asks())?;
        return Some(json!({ "name": "start", "step": 0, "takes": gate.to_string() }));
    }
    let cursor = deployment.status.cursor.filter(|cursor| cursor.stage == Stage::Gate)?;
    let PlanStep::Gate { name, gate } = deployment.plan.step(cursor.step)? else { return None };
    let until_ms = match gate {
        Gate::AutoAfter(period) => Some(*period),
        Gate::Manual(manual) => manual.timeout,
        Gate::Webhook(webhook) => webhook.timeout,
    };
    let until_ms = until_ms.map(|period| cursor.since_ms.saturating_add(period.ms()));
    Some(json!({ "name": name, "step": cursor.step, "takes": gate.to_string(), "until_ms": until_ms }))
}

fn approval(said: &Approval) -> Value {
    json!({
        "gate": said.gate,
        "step": said.step,
        "by": said.by,
        "name": said.name,
        "at_ms": said.at_ms,
        "comment": said.comment,
        "decision": said.decision,
        "void": said.is_void,
    })
}

/// The access key of a sender, if it used one.
pub(super) fn key(sender: &Sender) -> Option<OrderKey> {
    match sender {
        Sender::Signed(identity) => {
            let credential = &identity.credential;
            Some(OrderKey { id: credential.key().to_string(), name: credential.name.clone() })
        }
        Sender::Operator | Sender::Anyone => None,
    }
}

/// `?window=wait`, or `?override_window=REASON`.
pub(super) fn at_window(call: &Call<'_>) -> Result<AtWindow, Problem> {
    match (call.query("window").as_deref(), call.query("override_window")) {
        (None, None) => Ok(AtWindow::Refuse),
        (None, Some(reason)) => Ok(AtWindow::Override(reason)),
        (Some("wait"), None) => Ok(AtWindow::Wait),
        (Some("wait"), Some(_)) => {
            Err(Problem::invalid("wait for the window or override it, not both").field("override_window"))
        }
        (Some(other), _) => Err(Problem::invalid(format!("window must be wait: {other}")).field("window")),
    }
}
