//! Others' writes: noticed before every stage, told with who and when, and answered by the policy of the service or by
//! a person: wait, write again, go on from what was found, or go back.
//!
//! Only weights can be written again or taken as they are. Record sets that are gone or new, and health checks that
//! were changed, need a person whatever the policy says, unless it says to go back.

use model::deployment::{
    ChangedWeight, Code, DriftAnswer, DriftPolicy, DriftReport, Op, OpKind, OpState, REASSERTS_MAX,
    REASSERTS_WITHIN_MS, Reason, RecordSetWeight, Stage, WeightsLine,
};
use model::id::EnvironmentName;

use super::Turn;
use crate::window::utc;

/// Drifts of one release that are written over or accepted without a person being asked.
const ANSWERS_MAX: usize = 50;

/// A drift, as told and as stored.
struct Drift {
    text: String,
    report: DriftReport,
    /// Only weights differ.
    is_of_weights: bool,
}

impl Turn<'_> {
    /// Whether to look again, if drift is all there is to deal with now; none when the stages may go on.
    pub(super) fn watch_drift(&mut self) -> Option<bool> {
        if let Some(again) = self.carry_reassert() {
            return Some(again);
        }
        let drift = self.find_drift();
        let Some(drift) = drift else {
            self.next.status.guarded.drift_answer = None;
            let was = self.next.status.drift.take();
            self.next.status.guarded.drift = None;
            if was.is_some() {
                self.tell("drift is gone: all weights are as they were left");
            }
            return was.map(|_| true);
        };
        let is_news = self.next.status.drift.as_ref() != Some(&drift.text);
        if is_news {
            self.next.status.drift = Some(drift.text.clone());
            // An answer was given to the drift that was seen then.
            self.next.status.guarded.drift_answer = None;
        }
        self.next.status.guarded.drift = Some(drift.report.clone());
        let is_paused = self.next.status.paused.is_some();
        if is_news && is_paused {
            self.tell(format!("drift: {}", drift.text));
        }
        if is_paused {
            return is_news.then_some(true);
        }
        let answer = self.next.status.guarded.drift_answer.take();
        Some(self.answer(&drift, answer))
    }

    /// Does what a person or the policy says; whether to look again.
    fn answer(&mut self, drift: &Drift, answer: Option<DriftAnswer>) -> bool {
        let policy = self.next.service.policy.drift;
        let is_forced = self.next.status.guarded.forced.is_some() && !self.is_past_last_shift();
        match (answer, policy) {
            (Some(DriftAnswer::Accept), _) if is_acceptable(drift) => self.accept(drift),
            (Some(DriftAnswer::Reassert), _) if drift.is_of_weights => self.reassert(drift),
            (None, policy) if (is_forced || policy == DriftPolicy::Accept) && is_acceptable(drift) => {
                if self.may_answer() { self.accept(drift) } else { self.pause_fighting(drift) }
            }
            (None, DriftPolicy::Reassert) if drift.is_of_weights => {
                if self.may_answer() {
                    self.reassert(drift)
                } else {
                    self.pause_fighting(drift)
                }
            }
            (None, DriftPolicy::Abort) => {
                self.roll_back(Reason::new(Code::Drift, drift.text.clone()));
                true
            }
            (Some(_), _) | (None, DriftPolicy::Pause | DriftPolicy::Reassert | DriftPolicy::Accept) => {
                self.pause_for(Code::Drift, drift.text.clone())
            }
        }
    }

    /// Whether another drift may be answered without a person: whoever writes on and on would never let the release come
    /// to an end, and fill its journal.
    fn may_answer(&self) -> bool {
        let since = self.now.saturating_sub(REASSERTS_WITHIN_MS);
        let answers =
            || self.next.record.journal.iter().filter(|op| matches!(op.kind, OpKind::Reassert | OpKind::Accept));
        let is_recent = |op: &&Op| op.entries.first().is_some_and(|entry| entry.at_ms >= since);
        answers().filter(is_recent).count() < REASSERTS_MAX && answers().count() < ANSWERS_MAX
    }

    fn pause_fighting(&mut self, drift: &Drift) -> bool {
        let answers = self.next.record.journal.iter().filter(|op| matches!(op.kind, OpKind::Reassert | OpKind::Accept));
        let text = match answers.count() {
            ANSWERS_MAX.. => {
                format!("others write on after {ANSWERS_MAX} answers to them in one release: {}", drift.text)
            }
            _ => format!("others write on after {REASSERTS_MAX} answers in 10m: {}", drift.text),
        };
        self.pause_for(Code::Drift, text)
    }

    fn pause_for(&mut self, code: Code, text: String) -> bool {
        self.pause(Reason::new(code, text));
        true
    }

    /// Goes on from the weights as found.
    fn accept(&mut self, drift: &Drift) -> bool {
        let DriftReport { expected, found, .. } = drift.report.clone();
        self.tell(format!("drift accepted: {}", drift.text));
        self.plan_write(OpKind::Accept, expected, found);
        // What others' servers answer is known of writes of our own only: the same is written once more.
        if self.seen.endpoint.is_none() {
            self.enter_state(OpState::Applied { revision: self.seen.revision });
            self.mended();
        }
        true
    }

    /// Plans to write the weights again. More traffic is given to a healthy environment only.
    fn reassert(&mut self, drift: &Drift) -> bool {
        let DriftReport { expected, found, .. } = drift.report.clone();
        if raises(&self.next.service, &self.next.plan.to.environment, &found, &expected)
            && !self.is_target_ready(model::deployment::Period::ZERO)
        {
            return self.watch_health();
        }
        self.tell(format!("drift: {}; writing them again", drift.text));
        self.plan_write(OpKind::Reassert, found, expected);
        true
    }

    /// Takes a write that repeats weights to its end; none when there is none under way.
    fn carry_reassert(&mut self) -> Option<bool> {
        let op =
            self.next.record.journal.last().filter(|op| matches!(op.kind, OpKind::Reassert | OpKind::Accept))?.clone();
        let live = self.live.weights();
        match op.state() {
            OpState::Planned if live == op.desired && self.seen.endpoint.is_none() => {
                self.enter_state(OpState::Applied { revision: self.seen.revision });
                self.tell(format!("weights written: {}", WeightsLine(&op.desired)));
                self.mended();
                Some(true)
            }
            OpState::Planned if [&op.precondition, &op.desired].contains(&&live) && self.live.faults.is_empty() => {
                if self.is_paused() {
                    return None;
                }
                self.order_write(&op, live == op.desired);
                Some(false)
            }
            OpState::Planned => {
                self.supersede();
                Some(true)
            }
            OpState::Applied { revision } => {
                // A stage that observes and settles does it for this write too.
                let stage = self.next.status.cursor.map(|cursor| cursor.stage);
                if matches!(stage, Some(Stage::Observe | Stage::Settle)) {
                    return None;
                }
                if !self.is_served(revision) {
                    return None;
                }
                self.enter_state(OpState::Observed);
                self.enter_state(OpState::Done);
                Some(true)
            }
            OpState::Observed | OpState::Done | OpState::Superseded => None,
        }
    }

    /// The weights are as they should be again: a shift that was under way is looked at anew, caches too.
    pub(super) fn mended(&mut self) {
        self.next.status.drift = None;
        self.next.status.guarded.drift = None;
        let Some(cursor) = self.next.status.cursor else { return };
        match cursor.stage {
            Stage::Shift => self.enter_stage(cursor.step, Stage::Guard),
            Stage::Observe | Stage::Settle => self.enter_stage(cursor.step, Stage::Observe),
            Stage::Guard
            | Stage::Hold
            | Stage::Hook
            | Stage::Analyse
            | Stage::Gate
            | Stage::Drain
            | Stage::Replace
            | Stage::Verify => {}
        }
    }

    /// What is ours and not as we left it.
    fn find_drift(&self) -> Option<Drift> {
        let expected = self.next.record.live_weights().unwrap_or_default();
        let found = self.live.weights();
        let writer = self.seen.guards.writer.clone();
        let who = writer.as_ref().map_or(String::new(), |writer| format!(" at {} by {writer}", utc(writer.at_ms)));
        let report =
            |weight| DriftReport { weight, expected: expected.clone(), found: found.clone(), writer: writer.clone() };
        let live = match self.live.whole() {
            Ok(live) => live,
            Err(fault) => {
                let by = if who.is_empty() { String::new() } else { format!("; last changed{who}") };
                return Some(Drift { text: format!("{fault}{by}"), report: report(None), is_of_weights: false });
            }
        };
        let snapshot = self.next.record.snapshot.as_ref()?;
        for (found, was) in live.members.iter().zip(&snapshot.members) {
            if found.health_check != was.health_check {
                let text = format!("the health check of {} was changed{who}", found.record_set);
                return Some(Drift { text, report: report(None), is_of_weights: false });
            }
        }
        if let Some(text) = self.drift_beside() {
            return Some(Drift { text: format!("{text}{who}"), report: report(None), is_of_weights: false });
        }
        let is_being_written = self
            .next
            .record
            .journal
            .last()
            .is_some_and(|op| op.state() == OpState::Planned && (op.desired == found || op.precondition == found));
        if found == expected || is_being_written {
            return None;
        }
        let differs = |(found, left): &(&RecordSetWeight, &RecordSetWeight)| found.weight != left.weight;
        let (now, left) = found.iter().zip(&expected).find(differs)?;
        let text = format!(
            "weight of {} changed {}→{}{who}; all weights should be {}",
            now.record_set,
            left.weight,
            now.weight,
            WeightsLine(&expected)
        );
        let weight = ChangedWeight { record_set: now.record_set.clone(), expected: left.weight, found: now.weight };
        Some(Drift { text, report: report(Some(weight)), is_of_weights: true })
    }
}

/// Weights that are all zero would mean "equal" (R53 weighted), which is no share that anybody can go on from.
fn is_acceptable(drift: &Drift) -> bool {
    let mut groups = drift.report.found.chunk_by(|a, b| a.record_set.is_beside(&b.record_set));
    drift.is_of_weights && groups.all(|group| group.iter().any(|member| member.weight > 0))
}

/// Whether the new environment gets more of any name and type.
fn raises(
    service: &model::deployment::Service,
    to: &EnvironmentName,
    found: &[RecordSetWeight],
    shall: &[RecordSetWeight],
) -> bool {
    let shares = |weights: &[RecordSetWeight]| {
        let share = |group: &[RecordSetWeight]| {
            let sum = |of: &dyn Fn(&RecordSetWeight) -> bool| -> u64 {
                group.iter().filter(|m| of(m)).map(|m| u64::from(m.weight)).sum()
            };
            let own = sum(&|m| service.environment_of(&m.record_set.set_identifier) == Some(to));
            (own * 1_000_000).checked_div(sum(&|_| true)).unwrap_or(0)
        };
        weights.chunk_by(|a, b| a.record_set.is_beside(&b.record_set)).map(share).collect::<Vec<_>>()
    };
    shares(shall).iter().zip(shares(found)).any(|(shall, found)| *shall > found)
}
