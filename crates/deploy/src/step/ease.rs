//! A way back in steps: the new environment keeps less and less, so that an old one that was made smaller warms up. It always
//! ends in `back`, with the weights of the snapshot.
//!
//! Steps are a kindness, never a condition: the new environment unhealthy, a critical metric, anybody else's write, a step that is
//! not served in time, or a person in a hurry, and the rest of the way is taken at once.

use model::deployment::{Op, OpKind, OpState, RecordSetWeight, Stage, WaitingOn};

use super::Turn;
use super::carry::Carried;
use crate::live::EnvironmentHealth;
use crate::progress;

impl Turn<'_> {
    /// Takes the steps that are left; whether to look again, none when all that is left is the snapshot.
    pub(super) fn ease(&mut self, live: &[RecordSetWeight]) -> Option<bool> {
        let back = self.next.plan.back.clone()?;
        if self.is_urgent() {
            return None;
        }
        if let Some(step) = self.easing() {
            let cursor = self.next.status.cursor?;
            if self.is_rewritten(live) {
                return None;
            }
            match self.carry(cursor.step, cursor.stage, cursor.since_ms, true) {
                Carried::Moved => return Some(true),
                // The snapshot has a deadline of its own, and may be served where this is not.
                Carried::Waiting if self.is_overdue(cursor.stage) => return None,
                Carried::Waiting => return Some(false),
                Carried::Disturbed => return None,
                Carried::Settled => {}
            }
            let share = back.steps.get(step - 1)?.0;
            let done = self.next.record.journal.last().and_then(|op| op.entries.last()).map_or(0, |entry| entry.at_ms);
            let until = done.saturating_add(back.every.ms());
            if self.now < until {
                self.wait(WaitingOn::Time, format!("going back in steps: {share} for {}", back.every), Some(until));
                return Some(false);
            }
        }
        let taken = self.next.record.journal.iter().rev().find_map(eased);
        let now = progress::share_of_new(&self.next, live);
        let mut steps = (1..).zip(&back.steps).skip(taken.unwrap_or(0));
        let (step, (share, weights)) = steps.find(|(_, (share, _))| *share < now)?;
        // Record sets of the new environment that others deleted need no weight; `back` looks after those of the old one.
        let is_there = |m: &&RecordSetWeight| live.iter().any(|found| found.record_set == m.record_set);
        let desired: Vec<RecordSetWeight> = weights.iter().filter(is_there).cloned().collect();
        if desired.len() < weights.len() || self.bars_way_back(live) {
            return None;
        }
        self.tell(format!("going back in steps: {share} stay for now"));
        let at = self.next.status.cursor.map_or(1, |cursor| cursor.step);
        self.plan_write(OpKind::Ease { step }, live.to_vec(), desired);
        self.enter_stage(at, Stage::Shift);
        Some(true)
    }

    /// Whether no step may be taken any more.
    fn is_urgent(&self) -> bool {
        let is_ordered = self.next.status.abort.as_ref().is_some_and(|abort| abort.at_once || abort.force_restore);
        let to = &self.next.plan.to.environment;
        let is_last = self.next.record.journal.last().is_some_and(|op| op.kind == OpKind::Restore);
        is_ordered || is_last || matches!(self.health_of(to), EnvironmentHealth::Unhealthy(_))
    }

    /// Whether others have changed what a step has written.
    fn is_rewritten(&self, live: &[RecordSetWeight]) -> bool {
        self.next.record.journal.last().is_some_and(|op| op.was_applied() && op.desired != live)
    }

    /// The step that was begun last, unless another write took its place.
    fn easing(&self) -> Option<usize> {
        let op = self.next.record.journal.last().filter(|op| op.state() != OpState::Superseded)?;
        eased(op)
    }
}

/// Which step of the way back a write is.
const fn eased(op: &Op) -> Option<usize> {
    match op.kind {
        OpKind::Ease { step } => Some(step),
        OpKind::Shift { .. }
        | OpKind::TakeOut { .. }
        | OpKind::PutBack { .. }
        | OpKind::Restore
        | OpKind::Prepare
        | OpKind::Finish
        | OpKind::Reassert
        | OpKind::Accept
        | OpKind::Reconcile => None,
    }
}
