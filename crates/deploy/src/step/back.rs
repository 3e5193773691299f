//! The way back: the weights of the snapshot, exactly, in one write, whatever was written before.
//!
//! Nothing of the way forward can bar it: no analysis, no pause, no window. What can is named and left to a person:
//! the old environment is known to be unhealthy while the new one is healthy, or a record set of the old environment is gone.

use model::deployment::{
    Beside, Code, HookPoint, Op, OpKind, OpState, Phase, Reason, RecordSetKey, RecordSetWeight, Snapshot,
    SnapshotMember, Stage, WaitingOn, WeightsLine,
};

use super::carry::Carried;
use super::hooks::Hooked;
use super::{ENGINE, Turn, beside};
use crate::action::Action;
use crate::live::EnvironmentHealth;

/// Writes of the way back that others may disturb before a person is asked; no fights.
const RESTORES_MAX: usize = 5;

impl Turn<'_> {
    pub(super) fn back(&mut self) -> bool {
        // Called at once, waited for only at the end.
        self.hooks_at(HookPoint::OnRollback, None);
        let is_rolling = self.next.spec.rolling().is_some();
        if is_rolling && let Some(again) = self.back_rolling() {
            return again;
        }
        let from = self.next.plan.from.clone();
        if self.is_new_declared() {
            self.activate(from.as_ref());
            self.wake_soon();
        }
        // Of somebody else's it is known which writes were not taken, and with what stands in their way this would be too.
        let journal = &self.next.record.journal;
        let is_untouched = self.seen.endpoint.is_some() && self.late_until_ms() == 0;
        let has_written = if is_untouched { journal.iter().any(Op::was_applied) } else { !journal.is_empty() };
        let needs_work = |snapshot: &&Snapshot| has_written || self.live.weights() != snapshot.weights();
        let Some(snapshot) = self.next.record.snapshot.as_ref().filter(needs_work) else {
            return match is_rolling {
                true => self.end_rolling_back(),
                false => self.end_back("rolled back: nothing had been written".to_owned()),
            };
        };
        let snapshot_members = snapshot.members.clone();
        // Record sets of the new environment that others deleted need no weight; those of the old one must be there.
        let live = self.live.weights();
        let (beside, left) = self.way_back(snapshot);
        let is_restoring = self.next.record.journal.last().is_some_and(|op| op.kind == OpKind::Restore);
        // Of a record that was adopted or released all members are made anew.
        let is_made = |key: &RecordSetKey| beside.as_ref().is_some_and(|b| beside::makes(&b.desired, key));
        let is_there = |key: &RecordSetKey| live.iter().any(|found| found.record_set == *key) || is_made(key);
        let mut desired = snapshot.weights();
        let lost = desired.iter().find(|m| m.weight > 0 && !is_there(&m.record_set));
        if let Some(lost) = lost.map(|m| m.record_set.to_string()) {
            return self
                .block(Code::Drift, format!("there is no weighted record set {lost} any more; create it again"));
        }
        desired.retain(|m| is_there(&m.record_set));
        if is_rolling && beside.is_none() && !is_restoring && live == desired {
            return self.end_rolling_back();
        }
        if let Some(again) = self.ease(&live) {
            return again;
        }
        let cursor = self.next.status.cursor;
        let step = cursor.map_or(1, |cursor| cursor.step);
        let last = self.next.record.journal.last().filter(|op| op.kind == OpKind::Restore);
        let (Some(op), Some(cursor)) = (last, cursor) else {
            return self.turn_back(step, live, desired, beside, &left);
        };
        if op.state() == OpState::Superseded {
            return self.turn_back(step, live, desired, beside, &left);
        }
        match self.carry(step, cursor.stage, cursor.since_ms, true) {
            Carried::Moved => true,
            Carried::Waiting => self.check_deadline(cursor.stage),
            Carried::Disturbed => self.turn_back(step, live, desired, beside, &left),
            Carried::Settled => {
                // A request of before that came late after all would be seen now.
                let ended = self.next.record.journal.last().and_then(|op| op.entries.last());
                let late_ms = self.late_until_ms();
                if self.now < late_ms {
                    let text = "a request that was not answered may still arrive";
                    self.wait(WaitingOn::Convergence, text, Some(late_ms));
                    return false;
                }
                let ended_ms = ended.map_or(self.now, |entry| entry.at_ms).max(late_ms);
                if !self.has_seen_since(ended_ms) {
                    return false;
                }
                if self.seen.endpoint.is_some() && self.live.weights() != desired {
                    return self.turn_back(step, live, desired, beside, &left);
                }
                if self.live.faults.is_empty() {
                    self.next.status.drift = None;
                }
                self.tell_kept(&snapshot_members);
                if is_rolling {
                    return self.end_rolling_back();
                }
                let text = format!("rolled back: {}", WeightsLine(&desired));
                self.end_back(text)
            }
        }
    }

    /// Whether the service says by now that the new version serves.
    fn is_new_declared(&self) -> bool {
        let Some(active) = self.seen.active.as_ref().filter(|active| **active == self.next.plan.to.environment) else {
            return false;
        };
        // The environment of a rolling release serves all the time.
        let version = self.seen.environments.get(active).map(|environment| &environment.version);
        let (from, to) = (self.next.plan.from.as_ref().map(|from| &from.version), &self.next.plan.to.version);
        self.next.spec.rolling().is_none() || version == Some(to) && from != Some(to)
    }

    fn end_rolling_back(&mut self) -> bool {
        if self.live.faults.is_empty() {
            self.next.status.drift = None;
        }
        let version = self.next.plan.from.as_ref().map(|from| from.version.clone()).unwrap_or_default();
        self.end_back(format!("rolled back: every instance runs what it ran, {version}"))
    }

    /// Those who are told of the way back are told before its end; what they say changes nothing.
    pub(super) fn end_back(&mut self, text: String) -> bool {
        if self.hooks_at(HookPoint::OnRollback, None) == Hooked::Passed {
            self.enter(Phase::RolledBack, ENGINE, text);
        }
        false
    }

    /// Only weights are ours: what others changed beside them stays as it is, and is told.
    fn tell_kept(&mut self, snapshot: &[SnapshotMember]) {
        let mut kept = Vec::new();
        for was in snapshot {
            // What is missing was made for the release, or is told as drift.
            let Some(found) = self.live.members.iter().find(|m| m.record_set == was.record_set) else { continue };
            let changed = [
                (found.values != was.values, "values"),
                (found.ttl_seconds != was.ttl_seconds, "TTL"),
                (found.health_check != was.health_check, "health check"),
            ];
            let changed: Vec<&str> = changed.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
            if !changed.is_empty() {
                kept.push(format!("{} of {}", changed.join(", "), was.record_set));
            }
        }
        if !kept.is_empty() {
            self.tell(format!("kept what others changed meanwhile: {}", kept.join("; ")));
        }
    }

    /// Plans the write of the snapshot, if traffic may go back at all.
    fn turn_back(
        &mut self,
        step: usize,
        live: Vec<RecordSetWeight>,
        desired: Vec<RecordSetWeight>,
        beside: Option<Beside>,
        left: &[String],
    ) -> bool {
        let forced = self.next.status.abort.as_ref().is_some_and(|abort| abort.force_restore);
        if let Some(text) = self.barrier(&live).filter(|_| !forced) {
            return self.block(Code::RollbackBlocked, text);
        }
        // A person who retries has looked at it, and it is tried as often again.
        let since_ms = self.next.status.phase_since_ms;
        let is_try = |op: &&Op| op.kind == OpKind::Restore && op.entries.first().is_some_and(|e| e.at_ms >= since_ms);
        let restores = self.next.record.journal.iter().filter(is_try).count();
        if restores >= RESTORES_MAX && !forced {
            return self
                .block(Code::Drift, format!("others changed the weights during {restores} attempts to restore"));
        }
        if !left.is_empty() {
            self.tell(format!("others changed {} meanwhile; their changes stay", left.join(", ")));
        }
        self.plan_whole_write(OpKind::Restore, live, desired, beside.map(Box::new));
        self.enter_stage(step, Stage::Shift);
        true
    }

    /// Whether traffic must not go back to the old environment, which is known to be worse.
    pub(super) fn bars_way_back(&self, live: &[RecordSetWeight]) -> bool {
        self.barrier(live).is_some()
    }

    fn barrier(&self, live: &[RecordSetWeight]) -> Option<String> {
        let (from, to) = (self.next.plan.origin()?, &self.next.plan.to.environment);
        // What serves nobody yet may be left behind whatever the old environment is.
        let is_new = |m: &RecordSetWeight| self.next.service.environment_of(&m.record_set.set_identifier) == Some(to);
        let moves_traffic = live.is_empty() || live.iter().any(|m| m.weight > 0 && is_new(m));
        let EnvironmentHealth::Unhealthy(id) = self.health_of(from) else { return None };
        let serving = WeightsLine(live).to_string();
        let text = format!("{from} is unhealthy (health check {id}) and {to} is healthy; weights stay {serving}");
        (moves_traffic && self.health_of(to) == EnvironmentHealth::Healthy).then_some(text)
    }

    /// A way back that is not served everywhere in time needs a person. The wait for caches ends by itself, and steps that
    /// were taken before have had their own time.
    pub(super) fn check_deadline(&mut self, stage: Stage) -> bool {
        if self.is_overdue(stage) {
            let trouble = self.trouble();
            let text = format!("not restored everywhere within {}{trouble}", self.next.spec.deadlines.rollback);
            return self.block(Code::Deadline, text);
        }
        false
    }

    /// Whether a write of the way back takes longer than it may.
    pub(super) fn is_overdue(&mut self, stage: Stage) -> bool {
        let journal = &self.next.record.journal;
        let is_rolling = self.next.spec.rolling().is_some();
        let has_steps = is_rolling || journal.iter().any(|op| matches!(op.kind, OpKind::Ease { .. }));
        let planned = journal.last().and_then(|op| op.entries.first()).filter(|_| has_steps);
        let since = planned.map_or(0, |entry| entry.at_ms).max(self.next.status.phase_since_ms);
        let deadline = since.saturating_add(self.next.spec.deadlines.rollback.ms());
        let is_quick = matches!(stage, Stage::Shift | Stage::Observe);
        if is_quick && self.now < deadline {
            self.wake(deadline);
        }
        is_quick && self.now >= deadline
    }

    pub(super) fn block(&mut self, code: Code, text: String) -> bool {
        let reason = Reason::new(code, text);
        self.next.status.paused = None;
        self.supersede();
        self.actions.retain(|action| !matches!(action, Action::SetWeights(_)));
        let text = format!("rollback blocked: {reason}; choose retry, force-restore or detach");
        self.enter(Phase::RollbackBlocked, ENGINE, text);
        true
    }
}
