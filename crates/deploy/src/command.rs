//! What people may order: pure functions from a deployment to the next one, or a refusal that changes nothing.
//!
//! Every order names who and why, and may name what they saw (`Expect`), so that "promote" typed at step 2 does not
//! skip step 3. Store the result and call `step`; commands themselves write nothing outside.

use model::deployment::{Abort, Code, Deployment, OpState, Override, Paused, Phase, PlanStep, Reason, Stage};
use model::id::DeploymentId;

use crate::decide::{check_gates, unasked_gate};
use crate::event::{cut, tell};
use crate::place::{begin, enter, supersede_hooks, unpause};
use crate::teardown;

/// Who orders, why, and what they saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The operator's name, as the log has it.
    pub by: String,
    /// The access key they used, if they used one.
    pub key: Option<OrderKey>,
    /// In their words; may be empty.
    pub reason: String,
    /// What must still be true.
    pub expect: Expect,
}

/// The access key of who orders: of a session, the key that opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
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
    /// Skip the current hold, gate, analysis or hook.
    Step,
    /// Go to 100 % now. Health, foreign changes and windows are still asked.
    Full,
    /// Go to 100 % now, whatever health and foreign changes say. Windows are still asked.
    Forced,
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
    /// Only some may open the gate.
    #[error("{who} may not open gate {gate}; it takes {gate_text}")]
    Forbidden {
        /// Who tried.
        who: String,
        /// The gate.
        gate: String,
        /// Whom it takes.
        gate_text: String,
    },
    /// The creator may not open the gate.
    #[error("approver of gate {gate} must not be the creator: {who}")]
    OwnGate {
        /// The gate.
        gate: String,
        /// Who tried.
        who: String,
    },
    /// Overriding needs a reason.
    #[error("{command} is kept with its reason; give one")]
    NoReason {
        /// The order.
        command: &'static str,
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
            Self::Forbidden { .. } => Code::Forbidden,
            Self::OwnGate { .. } => Code::GateDenied,
            Self::NoReason { .. } => Code::Spec,
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
    if deployment.status.paused.is_none()
        && at_gate.is_some_and(|cursor| matches!(deployment.plan.step(cursor.step), Some(PlanStep::Gate { .. })))
    {
        return Err(invalid(deployment, "resume", "a gate is opened by its approvers: approve or deny it"));
    }
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
        Promote::Step if !matches!(cursor.stage, Stage::Hold | Stage::Gate | Stage::Analyse | Stage::Hook) => {
            let why = "only a hold, a gate, an analysis or a hook can be skipped; wait until the weights have settled";
            return Err(invalid(deployment, "promote the step", why));
        }
        Promote::Step => (cursor.step + 1, format!("promoted past step {}", cursor.step)),
        Promote::Full | Promote::Forced if deployment.spec.rolling().is_some() => {
            let why = "a rolling release has no way to 100 % but through its batches";
            return Err(invalid(deployment, "promote fully", why));
        }
        Promote::Forced if order.reason.is_empty() => {
            return Err(Refusal::NoReason { command: "promote --full --force" });
        }
        Promote::Full if deployment.status.phase == Phase::Promoting => {
            return Err(invalid(deployment, "promote fully", "it is at the last shift already"));
        }
        Promote::Full => (first_full(deployment), format!("promoted fully from step {}", cursor.step)),
        Promote::Forced => (first_full(deployment), format!("promoted by force from step {}", cursor.step)),
    };
    check_gates(deployment, cursor.step, number, order)?;
    let unasked = unasked_gate(deployment, cursor.step, number);
    if unasked.is_some() && order.reason.is_empty() {
        return Err(Refusal::NoReason { command: "promote past the gate of a program" });
    }
    Ok(changed(deployment, |next| {
        unpause(next, now_ms);
        if unasked.is_some() {
            let (by, reason) = (order.by.clone(), cut(order.reason.clone()));
            next.status.guarded.gate_override = Some(Override { by, reason, at_ms: now_ms });
        }
        if how == Promote::Forced {
            let (by, reason) = (order.by.clone(), cut(order.reason.clone()));
            next.status.guarded.forced = Some(Override { by, reason, at_ms: now_ms });
        }
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
        next.status.abort =
            Some(Abort { by: order.by.clone(), reason, at_ms: now_ms, force_restore: false, at_once: false });
        (next.status.paused, next.status.guarded.stopping) = (None, None);
        next.status.waiting_on.clear();
        if next.status.phase == Phase::Pending {
            enter(next, now_ms, Phase::Cancelled, &order.by, told("cancelled", order));
        } else {
            enter(next, now_ms, Phase::RollingBack, &order.by, told("rolling back", order));
        }
    }))
}

/// Ends the release with the weights as they are. After its success, keeps an old environment that would be torn down.
/// While a write to somebody else's endpoint may be under way, it ends as soon as it is known what became of that.
///
/// # Errors
/// Ended, stale, or not during the steps or baking; or its hook is at work.
pub fn stop(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    if let Some(kept) = teardown::keep(deployment, order, now_ms) {
        return kept;
    }
    check(deployment, order)?;
    if !is_forward(deployment) && deployment.status.phase != Phase::Baking {
        return Err(invalid(deployment, "stop", "only the steps and baking can be stopped; abort instead"));
    }
    let is_open = deployment.record.journal.last().is_some_and(|op| op.state() == OpState::Planned);
    if deployment.service.account().is_some() && is_open {
        if deployment.status.guarded.stopping.is_some() {
            return Ok(deployment.clone());
        }
        return Ok(changed(deployment, |next| {
            let (by, reason) = (order.by.clone(), cut(order.reason.clone()));
            next.status.guarded.stopping = Some(Override { by, reason, at_ms: now_ms });
            let text = "to be stopped, once it is known what became of the write that is under way";
            tell(next, now_ms, &order.by, told(text, order));
        }));
    }
    Ok(leave(deployment, Phase::Stopped, "stopped, weights stay as they are", order, now_ms))
}

/// Tries a blocked rollback again, or to tear an old environment down.
///
/// # Errors
/// Ended, stale, not blocked, or nothing has failed.
pub fn retry(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    if let Some(retried) = teardown::retry(deployment, order, now_ms) {
        return retried;
    }
    go_back(deployment, "retry", false, order, now_ms)
}

/// Goes back even though the old environment is known to be unhealthy. On a way back in steps: takes the rest of it at once,
/// unless it is barred.
///
/// # Errors
/// Ended, stale, or neither blocked nor going back in steps.
pub fn force_restore(deployment: &Deployment, order: &Order, now_ms: u64) -> Result<Deployment, Refusal> {
    if deployment.status.phase == Phase::RollingBack && deployment.plan.back.is_some() {
        check(deployment, order)?;
        if deployment.status.abort.as_ref().is_none_or(|abort| abort.at_once) {
            return Ok(deployment.clone());
        }
        return Ok(changed(deployment, |next| {
            if let Some(abort) = &mut next.status.abort {
                abort.at_once = true;
            }
            tell(next, now_ms, &order.by, told("going back at once", order));
        }));
    }
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
        supersede_hooks(next);
        enter(next, now_ms, Phase::RollingBack, &order.by, told(command, order));
    }))
}

fn leave(deployment: &Deployment, phase: Phase, text: &str, order: &Order, now_ms: u64) -> Deployment {
    changed(deployment, |next| {
        next.status.paused = None;
        next.status.waiting_on.clear();
        let text = format!("{text}{}", crate::left::behind(deployment));
        enter(next, now_ms, phase, &order.by, told(&text, order));
    })
}

pub(crate) fn check(deployment: &Deployment, order: &Order) -> Result<(), Refusal> {
    let phase = deployment.status.phase;
    if phase.is_terminal() {
        return Err(Refusal::Terminal { deployment: deployment.id.clone(), phase });
    }
    check_expected(deployment, order)
}

/// Whether the deployment is where the order expects it.
pub(crate) fn check_expected(deployment: &Deployment, order: &Order) -> Result<(), Refusal> {
    let status = &deployment.status;
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

pub(crate) fn invalid(deployment: &Deployment, command: &'static str, why: &'static str) -> Refusal {
    Refusal::InvalidTransition { command, phase: deployment.status.phase, why }
}

pub(crate) fn is_forward(deployment: &Deployment) -> bool {
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

pub(crate) fn told(what: &str, order: &Order) -> String {
    if order.reason.is_empty() { what.to_owned() } else { format!("{what}: {}", order.reason) }
}

pub(crate) fn changed(deployment: &Deployment, change: impl FnOnce(&mut Deployment)) -> Deployment {
    let mut next = deployment.clone();
    change(&mut next);
    next.revision = deployment.revision + 1;
    next
}
