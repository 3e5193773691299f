//! What is worth telling people of a change of a deployment: pure, from how it was and how it is.
//!
//! Before: `step` or an order has changed a deployment. After: whoever stores it stores the notices in the same
//! transaction, so that a crash loses none. `body` writes them in the forms that receivers read. Left out on purpose: who
//! receives what, when, and how often.

mod body;

use model::deployment::{
    AfterlifeState, Code, Deployment, Event, Gate, Hold, Notice, NoticeEvent, OpKind, Phase, PlanStep, Reason,
    WaitingOn, WeightsLine, named,
};

pub use body::{slack, webhook};

use crate::event::cut;
use crate::place::step_line;

/// The notices of a change, in the order of what happened. `before` is none when the deployment was created by it.
///
/// `now_ms` is when it was changed, in ms since 1970.
#[must_use]
pub fn notices(before: Option<&Deployment>, next: &Deployment, now_ms: u64) -> Vec<Notice> {
    let mut told = Vec::new();
    if before.is_none() {
        told.extend(news(None, next).first().map(|event| (NoticeEvent::Created, event.text.clone())));
    }
    told.extend(overridden(before, next).map(|text| (NoticeEvent::Overridden, text)));
    told.extend(drift(before, next).map(|text| (NoticeEvent::Drift, text)));
    told.extend(steps(before, next).into_iter().map(|text| (NoticeEvent::Step, text)));
    let analysis = failed(before, next).filter(|reason| reason.code == Code::Analysis);
    told.extend(analysis.map(|reason| (NoticeEvent::AnalysisFailed, format!("analysis failed: {reason}"))));
    told.extend(paused(before, next).map(|text| (NoticeEvent::Paused, text)));
    told.extend(rolling_back(before, next).map(|text| (NoticeEvent::RollingBack, text)));
    told.extend(waiting(before, next).map(|text| (NoticeEvent::Waiting, text)));
    told.extend(end(before, next));
    told.extend(torn_down(before, next));
    let mut notices: Vec<Notice> = Vec::new();
    for (event, text) in told {
        let same = notices.iter().filter(|other| other.event == event).count();
        let nth = if same == 0 { String::new() } else { format!("/{}", same + 1) };
        notices.push(Notice {
            key: format!("{}/notice/{}/{event}{nth}", next.id, next.revision),
            deployment: next.id.clone(),
            service: next.plan.service.clone(),
            event,
            number: next.record.events.last().map_or(0, |event| event.number),
            at_ms: now_ms,
            phase: next.status.phase,
            step: next.status.cursor.map(|cursor| cursor.step),
            from: next.plan.from.clone(),
            to: next.plan.to.clone(),
            weights: next.record.live_weights().unwrap_or_else(|| next.plan.start.clone()),
            text: cut(text),
        });
    }
    notices
}

/// The same again, of a rollback that is still blocked; none once somebody has acted.
#[must_use]
pub fn reminder(last: &Notice, now: &Deployment, now_ms: u64) -> Option<Notice> {
    let is_same = now.status.phase == Phase::RollbackBlocked && now.status.phase_since_ms <= last.at_ms;
    if last.event != NoticeEvent::RollbackBlocked || !is_same {
        return None;
    }
    Some(again(last, now_ms))
}

/// The same once more, under a key of its own.
#[must_use]
pub fn again(last: &Notice, now_ms: u64) -> Notice {
    let (first, times) = match last.key.rsplit_once("/again/") {
        Some((first, times)) => (first, times.parse().unwrap_or(0_u32)),
        None => (last.key.as_str(), 0),
    };
    Notice { key: format!("{first}/again/{}", times + 1), at_ms: now_ms, ..last.clone() }
}

/// The lines that the change has added to the story.
fn news<'a>(before: Option<&Deployment>, next: &'a Deployment) -> Vec<&'a Event> {
    let known = before.and_then(|before| before.record.events.last()).map_or(0, |event| event.number);
    next.record.events.iter().filter(|event| event.number > known).collect()
}

fn overridden(before: Option<&Deployment>, next: &Deployment) -> Option<String> {
    let guarded = |deployment: &Deployment| {
        let guarded = &deployment.status.guarded;
        [guarded.window_override.clone(), guarded.forced.clone(), guarded.gate_override.clone()]
    };
    let was = before.map(guarded).unwrap_or_default();
    let what = ["windows and freezes", "health and drift", "the gate of a program"];
    let all = guarded(next).into_iter().zip(was).zip(what);
    let new: Vec<_> = all.filter(|((is, was), _)| is != was).filter_map(|((is, _), what)| Some((is?, what))).collect();
    let what: Vec<&str> = new.iter().map(|(_, what)| *what).collect();
    new.first().map(|(is, _)| format!("{} overridden by {}: {}", what.join(", and "), is.by, is.reason))
}

/// What others changed; what was written again or taken as it is before anybody could look counts too.
fn drift(before: Option<&Deployment>, next: &Deployment) -> Option<String> {
    let was = before.and_then(|before| before.status.drift.as_ref());
    if let Some(text) = next.status.drift.as_ref().filter(|text| was != Some(*text)) {
        return Some(format!("drift: {text}"));
    }
    let ops = |deployment: &Deployment| {
        let is_answer = |kind: OpKind| matches!(kind, OpKind::Accept | OpKind::Reassert);
        deployment.record.journal.iter().filter(|op| is_answer(op.kind)).count()
    };
    let is_answered = was.is_none() && before.is_some_and(|before| ops(before) < ops(next));
    let mut told = news(before, next).into_iter().filter(|event| is_answered && event.text.starts_with("drift"));
    told.next().map(|event| event.text.clone())
}

/// Every step that was begun. Steps that were skipped are not in the story.
fn steps(before: Option<&Deployment>, next: &Deployment) -> Vec<String> {
    let is_begin = |event: &&&Event| event.step.is_some_and(|step| event.text == cut(step_line(&next.plan, step)));
    news(before, next).iter().filter(is_begin).map(|event| event.text.clone()).collect()
}

/// Why it went back, was paused or stopped, if this change did that.
fn failed(before: Option<&Deployment>, next: &Deployment) -> Option<Reason> {
    let reasons = |deployment: &Deployment| {
        let status = &deployment.status;
        let of_abort = status.abort.as_ref().map(|abort| (abort.at_ms, abort.reason.clone()));
        let of_pause = status.paused.as_ref().map(|paused| (paused.since_ms, paused.reason.clone()));
        let of_stop = status.guarded.stopped.clone().map(|reason| (0, reason));
        [of_abort, of_pause, of_stop]
    };
    let was = before.map(reasons).unwrap_or_default();
    let is_new = reasons(next).into_iter().zip(was).find(|(is, was)| is.is_some() && is != was);
    is_new.and_then(|(is, _)| is).map(|(_, reason)| reason)
}

fn paused(before: Option<&Deployment>, next: &Deployment) -> Option<String> {
    let is = next.status.paused.as_ref()?;
    let is_news = before.and_then(|before| before.status.paused.as_ref()) != Some(is);
    is_news.then(|| format!("paused by {}: {}; resume, promote or abort {}", is.by, is.reason, next.id))
}

fn rolling_back(before: Option<&Deployment>, next: &Deployment) -> Option<String> {
    let is = next.status.abort.as_ref()?;
    // Nothing goes back that never moved; its end tells why.
    let is_news = before.is_none_or(|before| before.status.abort.is_none()) && next.status.phase != Phase::Cancelled;
    is_news.then(|| format!("rolling back by {}: {}", is.by, is.reason))
}

/// What a person must do so that it goes on, when it has just come to wait for one.
fn waiting(before: Option<&Deployment>, next: &Deployment) -> Option<String> {
    let is = gate(next)?;
    (before.and_then(gate) != Some(is)).then(|| asked(next))
}

/// Where it waits for a person: the step, 0 before the first. Gates that open by themselves are nobody's business.
fn gate(deployment: &Deployment) -> Option<usize> {
    let status = &deployment.status;
    let waits = status.waiting_on.iter().any(|waiting| waiting.on == WaitingOn::Gate);
    if !waits || status.paused.is_some() {
        return None;
    }
    match (status.phase, status.cursor) {
        (Phase::Pending, _) => Some(0),
        (Phase::Progressing | Phase::Promoting, Some(cursor)) => {
            let is_for_people = match deployment.plan.step(cursor.step)? {
                PlanStep::Gate { gate: Gate::Manual(_), .. } | PlanStep::Hold(Hold::UntilResumed) => true,
                PlanStep::Gate { gate: Gate::AutoAfter(_) | Gate::Webhook(_), .. }
                | PlanStep::Hold(Hold::For(_))
                | PlanStep::Shift { .. }
                | PlanStep::Batch { .. }
                | PlanStep::Healthy(_)
                | PlanStep::Hook { .. }
                | PlanStep::Analyse { .. } => false,
            };
            is_for_people.then_some(cursor.step)
        }
        _ => None,
    }
}

/// The gate and the command that opens it.
fn asked(deployment: &Deployment) -> String {
    let at = deployment.status.cursor.and_then(|cursor| deployment.plan.step(cursor.step));
    if matches!(at, Some(PlanStep::Hold(_))) {
        return format!("holding until somebody goes on: cutover deploy resume {}, or abort", deployment.id);
    }
    let mut waiting = deployment.status.waiting_on.iter().filter(|waiting| waiting.on == WaitingOn::Gate);
    waiting.next().map(|waiting| format!("waiting for {}", waiting.text)).unwrap_or_default()
}

/// What became of the old environment after the success.
fn torn_down(before: Option<&Deployment>, next: &Deployment) -> Option<(NoticeEvent, String)> {
    let after = next.record.afterlife.as_ref()?;
    if before.and_then(|before| before.record.afterlife.as_ref()).is_some_and(|before| before.state == after.state) {
        return None;
    }
    let ways = ["retry", "stop"].map(|way| format!("cutover deploy {way} {}", next.id)).join(", ");
    match after.state {
        AfterlifeState::TornDown => Some((NoticeEvent::TornDown, after.text.clone())),
        AfterlifeState::Failed | AfterlifeState::Held => {
            Some((NoticeEvent::TeardownFailed, format!("{}: {ways}", after.text)))
        }
        AfterlifeState::Retained | AfterlifeState::TearingDown | AfterlifeState::Kept => None,
    }
}

/// The end, or a way back that is barred.
fn end(before: Option<&Deployment>, next: &Deployment) -> Option<(NoticeEvent, String)> {
    let phase = next.status.phase;
    if before.is_some_and(|before| before.status.phase == phase) {
        return None;
    }
    let last = || news(before, next).last().map(|event| event.text.clone()).unwrap_or_default();
    Some(match phase {
        Phase::Succeeded => (NoticeEvent::Succeeded, format!("succeeded: {}", last())),
        Phase::RolledBack => {
            let weights = next.record.live_weights().unwrap_or_else(|| next.plan.start.clone());
            (
                NoticeEvent::RolledBack,
                format!("rolled back to {}: {}", named(next.plan.from.as_ref()), WeightsLine(&weights)),
            )
        }
        Phase::RollbackBlocked => {
            let ways = ["retry", "force-restore", "detach"].map(|way| format!("cutover deploy {way} {}", next.id));
            (NoticeEvent::RollbackBlocked, format!("{}: {}", last(), ways.join(", ")))
        }
        Phase::Cancelled | Phase::Stopped | Phase::Detached => (NoticeEvent::Ended, last()),
        Phase::Pending
        | Phase::Preparing
        | Phase::Progressing
        | Phase::Promoting
        | Phase::Baking
        | Phase::Finalizing
        | Phase::RollingBack => return None,
    })
}
