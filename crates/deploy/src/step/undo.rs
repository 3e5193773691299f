//! The way back of a rolling release: whatever was changed is replaced by what it ran, the last first, in the same batches
//! and by the same walk (`rolling`) as on the way there.

use model::deployment::{Code, Cursor, Instance, Op, OpKind, Stage};
use model::id::SetIdentifier;

use super::Turn;
use super::rolling::{Batched, Way};

/// So often more than there are instances they are taken out before a person is asked; no fights.
const TRIES_MAX: usize = 5;

impl Turn<'_> {
    /// The way back of the instances; whether to look again, and none when all are as they were.
    pub(super) fn back_rolling(&mut self) -> Option<bool> {
        // While baking there is no cursor; the way back begins where the last step was.
        let last = Cursor { step: self.next.plan.steps.len(), stage: Stage::Guard, since_ms: self.now };
        let cursor = self.next.status.cursor.unwrap_or(last);
        let is_new = self.next.record.undoing.is_empty();
        // Until somebody is taken out, whoever it is better for may come first.
        if is_new || cursor.stage == Stage::Guard {
            let undoing = self.next_to_undo();
            if !undoing.is_empty() && self.is_fought_over() {
                let text = format!("others change the weights of {} again and again", named(&undoing));
                self.next.record.undoing.clear();
                return Some(self.block(Code::Drift, text));
            }
            if undoing.is_empty() {
                self.next.record.undoing.clear();
                return None;
            }
            if self.next.record.undoing != undoing {
                self.tell(format!("going back: {}", named(&undoing)));
                self.next.record.undoing = undoing;
            }
            if is_new {
                self.enter_stage(cursor.step, Stage::Guard);
                return Some(true);
            }
        }
        let instances = self.next.record.undoing.clone();
        Some(match self.carry_batch(cursor, &instances, Way::Back) {
            Batched::Moved => true,
            Batched::Waiting => self.check_deadline_of_undoing(cursor),
            Batched::Done => {
                self.next.record.batch.retain(|id| !instances.contains(id));
                self.next.record.undoing.clear();
                true
            }
            Batched::Failed(reason) => {
                self.next.record.undoing.clear();
                self.block(reason.code, reason.text)
            }
        })
    }

    /// Whether instances were taken out so often that others must undo it.
    fn is_fought_over(&self) -> bool {
        let since_ms = self.next.status.phase_since_ms;
        let is_taken_out = |op: &&Op| {
            matches!(op.kind, OpKind::TakeOut { .. }) && op.entries.first().is_some_and(|entry| entry.at_ms >= since_ms)
        };
        let times = self.next.record.journal.iter().filter(is_taken_out).count();
        times > self.next.record.instances.len() + TRIES_MAX
    }

    fn check_deadline_of_undoing(&mut self, cursor: Cursor) -> bool {
        let limit = self.next.spec.deadlines.rollback.ms();
        let verify = self.next.spec.rolling().map_or(0, |rolling| rolling.verify.deadline.ms());
        let limit = match cursor.stage {
            Stage::Guard | Stage::Shift | Stage::Observe => limit,
            // Health has a deadline of its own; after it something else must be wrong.
            Stage::Verify => limit.saturating_add(verify),
            // So do caches, and a drain that has a longest time.
            Stage::Drain => {
                let drain = self.next.spec.rolling().map(|rolling| &rolling.drain);
                let caches = drain.map_or(0, |drain| drain.forgotten_ms(0, self.next.plan.times.ttl_seconds));
                let longest = drain.and_then(|drain| drain.max).map_or(0, model::deployment::Period::ms);
                limit.saturating_add(caches.max(longest))
            }
            _ => return false,
        };
        let deadline = cursor.since_ms.saturating_add(limit);
        if self.now >= deadline {
            let text = format!("the way back stayed in {} for {}", cursor.stage, self.next.spec.deadlines.rollback);
            self.next.record.undoing.clear();
            return self.block(Code::Deadline, text);
        }
        self.wake(deadline);
        false
    }

    /// Those who are out of rotation first, since they can be replaced at no further cost; then those who are not
    /// healthy; then the last changed; and alone those who stand in for others. As many as a batch has. Other weights than
    /// their own are taken back at the end.
    fn next_to_undo(&self) -> Vec<SetIdentifier> {
        if self.next.record.snapshot.is_none() {
            return Vec::new();
        }
        let changed = |i: &&Instance| i.version.as_ref() != Some(&i.old_version) || self.is_out(&i.instance);
        let mut changed: Vec<SetIdentifier> =
            self.next.record.instances.iter().rev().filter(changed).map(|i| i.instance.clone()).collect();
        let stands_in = |id: &SetIdentifier| self.is_in_rotation(id) && !self.has_weight_of_its_own(id);
        changed.sort_by_key(|id| (stands_in(id), self.is_in_rotation(id), self.is_healthy(id)));
        // Whoever they stand in for comes back first, and then they do not any more.
        if changed.first().is_some_and(|first| !stands_in(first)) {
            changed.retain(|id| !stands_in(id));
        }
        self.that_fit(changed)
    }
}

fn named(instances: &[SetIdentifier]) -> String {
    instances.iter().map(SetIdentifier::as_str).collect::<Vec<_>>().join(", ")
}
