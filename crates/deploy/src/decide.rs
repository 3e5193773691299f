//! What people decide at guards: at gates, about drift, and against windows. Pure, like every other order: each goes
//! into the story with who and why, and the next step acts on it.

use model::deployment::{
    Approval, Code, Decision, Deployment, DriftAnswer, Gate, ManualGate, Override, Phase, PlanStep, Stage,
};

use crate::command::{Order, Refusal, changed, check, invalid, is_forward, told};
use crate::event::{cut, tell};
use crate::place::unpause;
use crate::plan::START_GATE;

/// Agrees to go on. The same person twice changes nothing.
///
/// # Errors
/// Ended, stale, not at this gate, or not one of its approvers.
pub fn approve(deployment: &Deployment, gate: Option<&str>, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    say(deployment, gate, Decision::Approve, order, now_ms)
}

/// Shuts the gate, which is a failure of the release: back, unless `on_failure` says otherwise.
///
/// # Errors
/// Ended, stale, not at this gate, or not one of its approvers.
pub fn deny(deployment: &Deployment, gate: Option<&str>, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    say(deployment, gate, Decision::Deny, order, now_ms)
}

fn say(
    deployment: &Deployment,
    named: Option<&str>,
    decision: Decision,
    order: &Order,
    now_ms: u64,
) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    let command = if decision == Decision::Approve { "approve" } else { "deny" };
    let Some((step, name, gate)) = current(deployment) else {
        let at = deployment.status.cursor.and_then(|cursor| deployment.plan.step(cursor.step));
        let why = match at {
            Some(PlanStep::Gate { gate: Gate::Webhook(_), .. }) => {
                "its gate is opened by a program; `promote --step` with a reason goes past it, abort goes back"
            }
            _ => "it is at no gate",
        };
        return Err(invalid(deployment, command, why));
    };
    if named.is_some_and(|named| named != name) {
        return Err(Refusal::Stale { what: "gate", expected: named.unwrap_or_default().to_owned(), found: name });
    }
    if let Some(gate) = gate {
        check_approver(deployment, &name, &gate, order)?;
    }
    // Two sessions of one key are one voice.
    let voice = order.key.as_ref().map_or_else(|| order.by.clone(), |key| key.id.clone());
    let is_same = |said: &Approval| {
        (said.step, &said.gate, &said.by) == (step, &name, &voice) && said.decision == decision && !said.is_void
    };
    if deployment.status.guarded.approvals.iter().any(is_same) {
        return Ok(deployment.clone());
    }
    Ok(changed(deployment, |next| {
        // Whoever thinks again has one voice, the last.
        for said in &mut next.status.guarded.approvals {
            said.is_void |= (said.step, &said.gate, &said.by) == (step, &name, &voice);
        }
        let what = if decision == Decision::Approve { "approved" } else { "denied" };
        tell(next, now_ms, &order.by, told(&format!("gate {name} {what}"), order));
        next.status.guarded.approvals.push(Approval {
            gate: name,
            step,
            by: voice,
            name: order.key.as_ref().map(|key| key.name.clone()),
            at_ms: now_ms,
            comment: cut(order.reason.clone()),
            decision,
            is_void: false,
        });
    }))
}

/// The gate that a deployment is at: its step, its name, and who may open it; none if anybody may.
fn current(deployment: &Deployment) -> Option<(usize, String, Option<ManualGate>)> {
    if deployment.status.phase == Phase::Pending {
        let gate = deployment.service.policy.approvals.clone().filter(|_| deployment.kind.asks())?;
        return Some((0, START_GATE.to_owned(), Some(gate)));
    }
    let cursor = deployment.status.cursor.filter(|cursor| cursor.stage == Stage::Gate && is_forward(deployment))?;
    match deployment.plan.step(cursor.step)? {
        PlanStep::Gate { name, gate: Gate::Manual(manual) } => Some((cursor.step, name.clone(), Some(manual.clone()))),
        PlanStep::Gate { name, gate: Gate::AutoAfter(_) } => Some((cursor.step, name.clone(), None)),
        PlanStep::Gate { gate: Gate::Webhook(_), .. }
        | PlanStep::Shift { .. }
        | PlanStep::Batch { .. }
        | PlanStep::Hold(_)
        | PlanStep::Healthy(_)
        | PlanStep::Hook { .. }
        | PlanStep::Analyse { .. } => None,
    }
}

/// Who may open a gate. Whoever holds the data folder may everything, but not for a release of their own.
fn check_approver(deployment: &Deployment, name: &str, gate: &ManualGate, order: &Order) -> Result<(), Refusal> {
    let who = || order.by.clone();
    let (id, created) = (order.key.as_ref().map(|key| &key.id), &deployment.created);
    if gate.deny_self && (order.by == created.by || id.is_some() && id == created.by_key.as_ref()) {
        return Err(Refusal::OwnGate { gate: name.to_owned(), who: who() });
    }
    let (by, key_name) = order.key.as_ref().map_or((&order.by, None), |key| (&key.id, Some(key.name.as_str())));
    if gate.admits(by, key_name) || order.by == OPERATOR {
        return Ok(());
    }
    Err(Refusal::Forbidden { who: who(), gate: name.to_owned(), gate_text: gate.to_string() })
}

/// The author of what is ordered with the operator's token.
const OPERATOR: &str = "operator";

/// The gates that a promotion skips may be skipped by those only who may open them.
pub(crate) fn check_gates(deployment: &Deployment, from: usize, to: usize, order: &Order) -> Result<(), Refusal> {
    for number in from..to {
        if let Some(PlanStep::Gate { name, gate: Gate::Manual(manual) }) = deployment.plan.step(number) {
            check_approver(deployment, name, manual, order)?;
            if manual.count > 1 && order.by != OPERATOR {
                let gate_text = format!("{manual}: approve it, or let the operator promote");
                return Err(Refusal::Forbidden { who: order.by.clone(), gate: name.clone(), gate_text });
            }
        }
    }
    Ok(())
}

/// The first gate among these steps that a program would have opened.
pub(crate) fn unasked_gate(deployment: &Deployment, from: usize, to: usize) -> Option<usize> {
    let is_unasked =
        |number: &usize| matches!(deployment.plan.step(*number), Some(PlanStep::Gate { gate: Gate::Webhook(_), .. }));
    (from..to).find(is_unasked)
}

/// Decides about a drift, and ends the pause that it caused.
///
/// # Errors
/// Ended, stale, on the way back, or nothing to decide about.
pub fn answer_drift(
    deployment: &Deployment,
    answer: DriftAnswer,
    order: &Order,
    now_ms: u64,
) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    let (command, text) = match answer {
        DriftAnswer::Accept => ("accept the drift", "accepting what others changed"),
        DriftAnswer::Reassert => ("write over the drift", "writing over what others changed"),
    };
    if !is_forward(deployment) && deployment.status.phase != Phase::Baking {
        return Err(invalid(deployment, command, "only the steps and baking can drift"));
    }
    let Some(report) = &deployment.status.guarded.drift else {
        return Err(invalid(deployment, command, "nobody has changed what is its own"));
    };
    if report.weight.is_none() {
        return Err(invalid(deployment, command, "more than weights was changed: put it back and resume, or abort"));
    }
    Ok(changed(deployment, |next| {
        tell(next, now_ms, &order.by, told(text, order));
        next.status.guarded.drift_answer = Some(answer);
        if next.status.paused.as_ref().is_some_and(|paused| paused.reason.code == Code::Drift) {
            unpause(next, now_ms);
        }
    }))
}

/// Lets a deployment move although windows or freezes forbid it. It needs a reason, which is kept.
///
/// # Errors
/// Ended, stale, on the way back, or without a reason.
pub fn override_window(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    if order.reason.is_empty() {
        return Err(Refusal::NoReason { command: "override-window" });
    }
    if deployment.status.abort.is_some() {
        return Err(invalid(deployment, "override the window", "nothing bars the way back"));
    }
    Ok(changed(deployment, |next| {
        let (by, reason) = (order.by.clone(), cut(order.reason.clone()));
        next.status.guarded.window_override = Some(Override { by, reason, at_ms: now_ms });
        tell(next, now_ms, &order.by, told("windows and freezes overridden", order));
    }))
}
