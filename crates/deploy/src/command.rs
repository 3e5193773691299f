//! What people may order: pure functions from a deployment to the next one, or a refusal that changes nothing.
//!
//! Every order names who and why, and may name what they saw (`Expect`), so that "promote" typed at step 2 does not
//! skip step 3. Store the result and call `step`; commands themselves write nothing outside.

use model::deployment::{Abort, Code, Deployment, Paused, Phase, Reason, Stage};
use model::id::DeploymentId;

use crate::event::{cut, tell};
use crate::place::{begin, enter, unpause};

/// Who orders, why, and what they saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The operator's name.
    pub by: String,
    /// In their words; may be empty.
    pub reason: String,
    /// What must still be true.
    pub expect: Expect,
}

/// What must still be true for an order to be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The phase.
    pub phase: Option<Phase>,
    /// The number of the step, counted from 1.
    pub step: Option<usize>,
    /// The revision of the deployment.
    pub revision: Option<u64>,
}

/// How far to promote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promote {
    /// Skip the current hold, gate or analysis.
    Step,
    /// Go to 100 % now. Health and drift are still asked.
    Full,
}

/// Why an order was not carried out. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The deployment has ended.
    #[error("deployment {deployment} is {phase}; nothing was changed")]
    Terminal {
        /// Which.
        deployment: DeploymentId,
        /// How it ended.
        phase: Phase,
    },
    /// The order was made for another situation.
    #[error("expected {what} {expected}, found {found}; look again and repeat")]
    Stale {
        /// `phase`, `step` or `revision`.
        what: &'static str,
        /// As expected.
        expected: String,
        /// As it is.
        found: String,
    },
    /// The order makes no sense here.
    #[error("cannot {command} in {phase}: {why}")]
    InvalidTransition {
        /// The order.
        command: &'static str,
        /// Where the deployment is.
        phase: Phase,
        /// Why not, and what would do.
        why: &'static str,
    },
}

impl Refusal {
    /// The code that programs match.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Terminal { .. } => Code::Terminal,
            Self::Stale { .. } => Code::Stale,
            Self::InvalidTransition { .. } => Code::InvalidTransition,
        }
    }
}

/// Stops everything forward. Measurements and failures go on. A second pause changes nothing.
///
/// # Errors
/// Ended, stale, or already on the way back.
pub fn pause(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    if matches!(deployment.status.phase, Phase::RollingBack | Phase::RollbackBlocked) {
        return Err(invalid(deployment, "pause", "the way back cannot be paused"));
    }
    if deployment.status.paused.is_some() {
        return Ok(deployment.clone());
    }
    Ok(changed(deployment, |next| {
        let reason = operator(order);
        next.status.paused = Some(Paused { by: order.by.clone(), reason, since_ms: now_ms });
        tell(next, now_ms, &order.by, told("paused", order));
    }))
}

/// Ends a pause, or opens a gate that waits for a person.
///
/// # Errors
/// Ended, stale, or nothing to resume.
pub fn resume(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    let at_gate = deployment.status.cursor.filter(|cursor| cursor.stage == Stage::Gate && is_forward(deployment));
    if deployment.status.paused.is_none() && at_gate.is_none() {
        return Err(invalid(deployment, "resume", "it is not paused"));
    }
    Ok(changed(deployment, |next| {
        tell(next, now_ms, &order.by, told("resumed", order));
        if deployment.status.paused.is_some() {
            unpause(next, now_ms);
        } else if let Some(cursor) = at_gate {
            begin(next, now_ms, cursor.step + 1, &order.by);
        }
    }))
}

/// Skips ahead, and ends a pause. Recorded as an override in the story.
///
/// # Errors
/// Ended, stale, or nothing that may be skipped: writes, caches, health and drift may not.
pub fn promote(deployment: &Deployment, how: Promote, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    let Some(cursor) = deployment.status.cursor.filter(|_| is_forward(deployment)) else {
        return Err(invalid(deployment, "promote", "only steps can be skipped"));
    };
    let (number, text) = match how {
        Promote::Step if !matches!(cursor.stage, Stage::Hold | Stage::Gate | Stage::Analyse) => {
            let why = "only a hold, a gate or an analysis can be skipped; wait until the weights have settled";
            return Err(invalid(deployment, "promote the step", why));
        }
        Promote::Step => (cursor.step + 1, format!("promoted past step {}", cursor.step)),
        Promote::Full if deployment.status.phase == Phase::Promoting => {
            return Err(invalid(deployment, "promote fully", "it is at the last shift already"));
        }
        Promote::Full => (first_full(deployment), format!("promoted fully from step {}", cursor.step)),
    };
    Ok(changed(deployment, |next| {
        unpause(next, now_ms);
        tell(next, now_ms, &order.by, told(&text, order));
        begin(next, now_ms, number, &order.by);
    }))
}

/// Goes back to the weights as they were found. From here on nothing moves forward. A second abort changes nothing.
///
/// # Errors
/// Ended or stale.
pub fn abort(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    if deployment.status.abort.is_some() {
        return Ok(deployment.clone());
    }
    Ok(changed(deployment, |next| {
        let reason = operator(order);
        next.status.abort = Some(Abort { by: order.by.clone(), reason, at_ms: now_ms, force_restore: false });
        next.status.paused = None;
        next.status.waiting_on.clear();
        if next.status.phase == Phase::Pending {
            enter(next, now_ms, Phase::Cancelled, &order.by, told("cancelled", order));
        } else {
            enter(next, now_ms, Phase::RollingBack, &order.by, told("rolling back", order));
        }
    }))
}

/// Ends the release with the weights as they are.
///
/// # Errors
/// Ended, stale, or not during the steps or baking.
pub fn stop(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    if !is_forward(deployment) && deployment.status.phase != Phase::Baking {
        return Err(invalid(deployment, "stop", "only the steps and baking can be stopped; abort instead"));
    }
    Ok(leave(deployment, Phase::Stopped, "stopped, weights stay as they are", order, now_ms))
}

/// Tries a blocked rollback again.
///
/// # Errors
/// Ended, stale, or not blocked.
pub fn retry(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    go_back(deployment, "retry", false, order, now_ms)
}

/// Goes back even though the old environment is known to be unhealthy.
///
/// # Errors
/// Ended, stale, or not blocked.
pub fn force_restore(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    go_back(deployment, "force-restore", true, order, now_ms)
}

/// Ends a blocked rollback with the weights as they are.
///
/// # Errors
/// Ended, stale, or not blocked.
pub fn detach(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    check_blocked(deployment, "detach")?;
    Ok(leave(deployment, Phase::Detached, "detached, weights stay as they are", order, now_ms))
}

fn go_back(
    deployment: &Deployment,
    command: &'static str,
    force: bool,
    order: &Order,
    now_ms: u64,
) -> Result<Deployment, Refusal> {
    check(deployment, order)?;
    check_blocked(deployment, command)?;
    Ok(changed(deployment, |next| {
        if let Some(abort) = &mut next.status.abort {
            abort.force_restore |= force;
        }
        enter(next, now_ms, Phase::RollingBack, &order.by, told(command, order));
    }))
}

fn leave(deployment: &Deployment, phase: Phase, text: &str, order: &Order, now_ms: u64) -> Deployment {
    changed(deployment, |next| {
        next.status.paused = None;
        next.status.waiting_on.clear();
        enter(next, now_ms, phase, &order.by, told(text, order));
    })
}

fn check(deployment: &Deployment, order: &Order) -> Result<(), Refusal> {
    let status = &deployment.status;
    if status.phase.is_terminal() {
        return Err(Refusal::Terminal { deployment: deployment.id.clone(), phase: status.phase });
    }
    let stale = |what, expected: String, found: String| Err(Refusal::Stale { what, expected, found });
    let Expect { phase, step, revision } = &order.expect;
    if let Some(phase) = phase.filter(|phase| *phase != status.phase) {
        return stale("phase", phase.to_string(), status.phase.to_string());
    }
    let found = status.cursor.map(|cursor| cursor.step);
    if let Some(step) = step.filter(|step| Some(*step) != found) {
        return stale("step", step.to_string(), found.map_or("none".to_owned(), |step| step.to_string()));
    }
    if let Some(revision) = revision.filter(|revision| *revision != deployment.revision) {
        return stale("revision", revision.to_string(), deployment.revision.to_string());
    }
    Ok(())
}

fn check_blocked(deployment: &Deployment, command: &'static str) -> Result<(), Refusal> {
    if deployment.status.phase == Phase::RollbackBlocked {
        return Ok(());
    }
    Err(invalid(deployment, command, "the rollback is not blocked"))
}

fn invalid(deployment: &Deployment, command: &'static str, why: &'static str) -> Refusal {
    Refusal::InvalidTransition { command, phase: deployment.status.phase, why }
}

fn is_forward(deployment: &Deployment) -> bool {
    matches!(deployment.status.phase, Phase::Progressing | Phase::Promoting)
}

/// The number of the first step that gives the new environment everything.
fn first_full(deployment: &Deployment) -> usize {
    let all = model::deployment::Share::ALL;
    let steps = 1..=deployment.plan.steps.len();
    steps.into_iter().find(|n| deployment.plan.share_after(*n) == all).unwrap_or(deployment.plan.last_shift())
}

fn operator(order: &Order) -> Reason {
    let why = if order.reason.is_empty() { "no reason given" } else { &order.reason };
    Reason::new(Code::Operator, cut(why.to_owned()))
}

fn told(what: &str, order: &Order) -> String {
    if order.reason.is_empty() { what.to_owned() } else { format!("{what}: {}", order.reason) }
}

fn changed(deployment: &Deployment, change: impl FnOnce(&mut Deployment)) -> Deployment {
    let mut next = deployment.clone();
    change(&mut next);
    next.revision = deployment.revision + 1;
    next
}
