//! When the fields beside weights are written: before the first step, after the last, and what must be so in between.
//! What they are is `beside`'s business, how a write is carried `carry`'s.

use model::deployment::{Beside, Code, Op, OpKind, OpState, Phase, Reason, Snapshot, Stage, WaitingOn};

use super::carry::Carried;
use super::{Turn, beside};

/// Writes of one kind that others may disturb before a person is asked; no fights.
const TRIES_MAX: usize = 5;

impl Turn<'_> {
    /// Takes what is written before the first step to its end; none when nothing of it is under way.
    pub(super) fn carry_preparation(&mut self) -> Option<bool> {
        let op = self.under_way(OpKind::Prepare)?;
        let cursor = self.next.status.cursor?;
        let may_write = cursor.stage != Stage::Shift || !self.is_paused();
        match self.carry(0, cursor.stage, cursor.since_ms, may_write) {
            Carried::Moved => Some(true),
            Carried::Settled => None,
            Carried::Disturbed => {
                let text = format!("somebody else changed what was to be written: {}", told(&op));
                Some(self.give_up(Code::Drift, text))
            }
            Carried::Waiting => {
                let limit = self.next.spec.deadlines.prepare;
                let deadline = cursor.since_ms.saturating_add(limit.ms());
                if matches!(cursor.stage, Stage::Shift | Stage::Observe) && self.next.status.paused.is_none() {
                    if self.now >= deadline {
                        let text = format!("not written everywhere within {limit}{}", self.trouble());
                        return Some(self.give_up(Code::Deadline, text));
                    }
                    self.wake(deadline);
                }
                Some(false)
            }
        }
    }

    /// Plans what is to be written before the first step; whether there is anything.
    pub(super) fn plan_preparation(&mut self) -> bool {
        if self.next.record.journal.iter().any(|op| op.kind == OpKind::Prepare && op.was_applied()) {
            return false;
        }
        let (service, spec) = (&self.next.service, &self.next.spec);
        let Some(beside) = beside::before(service, spec, &self.live, &self.seen.sticky) else { return false };
        let weights = self.live.weights();
        self.plan_whole_write(OpKind::Prepare, weights.clone(), weights, Some(Box::new(beside)));
        self.enter_stage(0, Stage::Shift);
        true
    }

    /// Writes what is to be written after the last step; none when all is so and served.
    pub(super) fn carry_finish(&mut self) -> Option<bool> {
        let last = self.next.plan.steps.len() + 1;
        if self.under_way(OpKind::Finish).is_some()
            && let Some(cursor) = self.next.status.cursor
        {
            return match self.carry(last, cursor.stage, cursor.since_ms, true) {
                Carried::Moved => Some(true),
                Carried::Settled => None,
                Carried::Waiting => Some(false),
                Carried::Disturbed => {
                    self.supersede();
                    Some(true)
                }
            };
        }
        let journal = &self.next.record.journal;
        if journal.iter().any(|op| op.kind == OpKind::Finish && op.was_applied()) {
            return None;
        }
        // A person who resumes has looked at it, and it is tried as often again.
        let since_ms = self.next.status.phase_since_ms;
        let is_try = |op: &&Op| op.kind == OpKind::Finish && op.entries.first().is_some_and(|e| e.at_ms > since_ms);
        let tries = journal.iter().filter(is_try).count();
        let (service, to) = (&self.next.service, &self.next.plan.to.environment);
        let beside = beside::after(service, self.written_beside(OpKind::Prepare), &self.live, &self.seen.sticky, to)?;
        if tries >= TRIES_MAX && self.next.status.paused.is_none() {
            let text = format!("others changed the record sets during {tries} attempts to finish");
            self.supersede();
            self.pause(Reason::new(Code::Drift, text));
            return Some(true);
        }
        let weights = self.live.weights();
        self.plan_whole_write(OpKind::Finish, weights.clone(), weights, Some(Box::new(beside)));
        self.enter_stage(last, Stage::Shift);
        Some(true)
    }

    /// The end of a release is quick: what it waits for longer than any other stage needs a person, who is told what that
    /// is. Hooks have deadlines of their own, and caches forget by themselves. Whether that changed anything.
    pub(super) fn watch_finish(&mut self) -> bool {
        let status = &self.next.status;
        let Some(waiting) = status.waiting_on.iter().find(|waiting| waiting.on == WaitingOn::Convergence) else {
            return false;
        };
        if status.phase != Phase::Finalizing || status.paused.is_some() {
            return false;
        }
        let limit = self.next.spec.deadlines.progress;
        let written = self.next.record.journal.last().and_then(|op| op.entries.last()).map_or(0, |entry| entry.at_ms);
        let deadline = status.phase_since_ms.max(written).saturating_add(limit.ms());
        if self.now < deadline {
            self.wake(deadline);
            return false;
        }
        let text = format!("not finished within {limit}: {}", waiting.text);
        self.pause(Reason::new(Code::Deadline, text));
        true
    }

    /// The way back beside weights, and what is left to others.
    pub(super) fn way_back(&self, snapshot: &Snapshot) -> (Option<Beside>, Vec<String>) {
        let from = self.next.plan.origin();
        let found = (&snapshot.records[..], self.written_beside(OpKind::Prepare), self.written_beside(OpKind::Finish));
        beside::back(&self.next.service, found, &self.live, &self.seen.sticky, from)
    }

    /// What is ours beside weights and not as it was left.
    pub(super) fn drift_beside(&self) -> Option<String> {
        let journal = self.next.record.journal.iter().rev();
        let left = journal.filter(|op| op.was_applied()).find_map(|op| op.beside.as_ref())?;
        beside::first_difference(&left.desired, &self.live, &self.seen.sticky)
    }

    /// What was written before the first step or after the last, if it was, or may have been.
    fn written_beside(&self, kind: OpKind) -> Option<&Beside> {
        let op = self.next.record.journal.iter().rfind(|op| op.kind == kind)?;
        op.beside.as_deref()
    }

    /// The last write, if it is of this kind and not at its end.
    fn under_way(&self, kind: OpKind) -> Option<Op> {
        let last = self.next.record.journal.last()?;
        let is_open = !matches!(last.state(), OpState::Done | OpState::Superseded);
        (last.kind == kind && is_open).then(|| last.clone())
    }

    /// Ends a release that cannot begin: nothing was written, or all goes back.
    pub(super) fn give_up(&mut self, code: Code, text: String) -> bool {
        if self.next.record.journal.is_empty() {
            return self.cancel(code, text);
        }
        self.roll_back(Reason::new(code, text));
        true
    }
}

fn told(op: &Op) -> String {
    op.beside.as_ref().map(|beside| beside::told(beside)).unwrap_or_default()
}
