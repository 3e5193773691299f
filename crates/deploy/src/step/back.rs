//! The way back: the weights of the snapshot, exactly, in one write, whatever was written before.
//!
//! Nothing of the way forward can bar it: no analysis, no pause, no window. What can is named and left to a person:
//! the old environment is known to be unhealthy while the new one is healthy, or a record set of the old environment is gone.

use model::deployment::{
    Code, OpKind, OpState, Phase, Reason, RecordSetKey, RecordSetWeight, Snapshot, Stage, WeightsLine,
};

use super::carry::Carried;
use super::{ENGINE, Turn};
use crate::action::Action;
use crate::live::EnvironmentHealth;

/// Writes of the way back that others may disturb before a person is asked; no fights.
const RESTORES_MAX: usize = 5;

impl Turn<'_> {
    pub(super) fn back(&mut self) -> bool {
        if self.seen.active != self.next.plan.from.environment {
            let from = self.next.plan.from.clone();
            if self.seen.active == self.next.plan.to.environment {
                self.activate(&from);
                self.wake_soon();
            }
        }
        let has_written = !self.next.record.journal.is_empty();
        let needs_work = |snapshot: &&Snapshot| has_written || self.live.weights() != snapshot.weights();
        let Some(snapshot) = self.next.record.snapshot.as_ref().filter(needs_work) else {
            self.enter(Phase::RolledBack, ENGINE, "rolled back: nothing had been written");
            return false;
        };
        // Record sets of the new environment that others deleted need no weight; those of the old one must be there.
        let live = self.live.weights();
        let is_there = |key: &RecordSetKey| live.iter().any(|found| found.record_set == *key);
        let mut desired = snapshot.weights();
        let lost = desired.iter().find(|m| m.weight > 0 && !is_there(&m.record_set));
        if let Some(lost) = lost.map(|m| m.record_set.to_string()) {
            return self
                .block(Code::Drift, format!("there is no weighted record set {lost} any more; create it again"));
        }
        desired.retain(|m| is_there(&m.record_set));
        let cursor = self.next.status.cursor;
        let step = cursor.map_or(1, |cursor| cursor.step);
        let last = self.next.record.journal.last().filter(|op| op.kind == OpKind::Restore);
        let (Some(op), Some(cursor)) = (last, cursor) else { return self.turn_back(step, live, desired) };
        if op.state() == OpState::Superseded {
            return self.turn_back(step, live, desired);
        }
        match self.carry(step, cursor.stage, cursor.since_ms, true) {
            Carried::Moved => true,
            Carried::Waiting => self.check_deadline(cursor.stage),
            Carried::Disturbed => self.turn_back(step, live, desired),
            Carried::Settled => {
                if self.live.faults.is_empty() {
                    self.next.status.drift = None;
                }
                let text = format!("rolled back: {}", WeightsLine(&desired));
                self.enter(Phase::RolledBack, ENGINE, text);
                false
            }
        }
    }

    /// Plans the write of the snapshot, if traffic may go back at all.
    fn turn_back(&mut self, step: usize, live: Vec<RecordSetWeight>, desired: Vec<RecordSetWeight>) -> bool {
        let (from, to) = (self.next.plan.from.environment.clone(), self.next.plan.to.environment.clone());
        let forced = self.next.status.abort.as_ref().is_some_and(|abort| abort.force_restore);
        if let EnvironmentHealth::Unhealthy(id) = self.health_of(&from)
            && self.health_of(&to) == EnvironmentHealth::Healthy
            && !forced
        {
            let serving = WeightsLine(&live).to_string();
            let text = format!("{from} is unhealthy (health check {id}) and {to} is healthy; weights stay {serving}");
            return self.block(Code::RollbackBlocked, text);
        }
        let restores = self.next.record.journal.iter().filter(|op| op.kind == OpKind::Restore).count();
        if restores >= RESTORES_MAX && !forced {
            return self
                .block(Code::Drift, format!("others changed the weights during {restores} attempts to restore"));
        }
        self.plan_write(OpKind::Restore, live, desired);
        self.enter_stage(step, Stage::Shift);
        true
    }

    /// A way back that is not served everywhere in time needs a person. The wait for caches ends by itself.
    fn check_deadline(&mut self, stage: Stage) -> bool {
        let deadline = self.next.status.phase_since_ms.saturating_add(self.next.spec.deadlines.rollback.ms());
        if matches!(stage, Stage::Shift | Stage::Observe) {
            if self.now >= deadline {
                let text = format!("not restored everywhere within {}", self.next.spec.deadlines.rollback);
                return self.block(Code::Deadline, text);
            }
            self.wake(deadline);
        }
        false
    }

    fn block(&mut self, code: Code, text: String) -> bool {
        let reason = Reason::new(code, text);
        self.supersede();
        self.actions.retain(|action| !matches!(action, Action::SetWeights(_)));
        let text = format!("rollback blocked: {reason}; choose retry, force-restore or detach");
        self.enter(Phase::RollbackBlocked, ENGINE, text);
        true
    }
}
