//! The way back of a rolling release: whatever was changed is replaced by what it ran, the last first, in the same batches
//! and by the same walk (`rolling`) as on the way there.

use model::deployment::{Code, Cursor, Stage};
use model::id::SetIdentifier;

use super::Turn;
use super::rolling::{Batched, Way};

impl Turn<'_> {
    /// The way back of a rolling release; whether to look again.
    pub(super) fn back_rolling(&mut self) -> bool {
        // While baking there is no cursor; the way back begins where the last step was.
        let last = Cursor { step: self.next.plan.steps.len(), stage: Stage::Guard, since_ms: self.now };
        let cursor = self.next.status.cursor.unwrap_or(last);
        if self.next.record.undoing.is_empty() {
            self.next.record.undoing = self.next_to_undo();
            if self.next.record.undoing.is_empty() {
                if self.live.faults.is_empty() {
                    self.next.status.drift = None;
                }
                let version = self.next.plan.from.as_ref().map(|from| from.version.clone()).unwrap_or_default();
                return self.end_back(format!("rolled back: every instance runs what it ran, {version}"));
            }
            let names: Vec<&str> = self.next.record.undoing.iter().map(SetIdentifier::as_str).collect();
            self.tell(format!("going back: {}", names.join(", ")));
            self.enter_stage(cursor.step, Stage::Guard);
            return true;
        }
        let instances = self.next.record.undoing.clone();
        match self.carry_batch(cursor, &instances, Way::Back) {
            Batched::Moved => true,
            Batched::Waiting => self.check_deadline_of_undoing(cursor),
            Batched::Done => {
                self.next.record.undoing.clear();
                true
            }
            Batched::Failed(reason) => {
                self.next.record.undoing.clear();
                self.block(reason.code, reason.text)
            }
        }
    }

    fn check_deadline_of_undoing(&mut self, cursor: Cursor) -> bool {
        let deadline = cursor.since_ms.saturating_add(self.next.spec.deadlines.rollback.ms());
        if !matches!(cursor.stage, Stage::Guard | Stage::Shift | Stage::Observe) {
            return false;
        }
        if self.now >= deadline {
            let text = format!("the way back stayed in {} for {}", cursor.stage, self.next.spec.deadlines.rollback);
            self.next.record.undoing.clear();
            return self.block(Code::Deadline, text);
        }
        self.wake(deadline);
        false
    }

    /// Those who are out of rotation first, since they can be replaced at no further cost; then those who are not
    /// healthy; then the last changed; and alone those who stand in for others. As many as a batch has.
    fn next_to_undo(&self) -> Vec<SetIdentifier> {
        let changed = |i: &&model::deployment::Instance| {
            i.version.as_ref() != Some(&i.old_version) || !self.has_own_weight(&i.instance)
        };
        let mut changed: Vec<SetIdentifier> =
            self.next.record.instances.iter().rev().filter(changed).map(|i| i.instance.clone()).collect();
        let stands_in = |id: &SetIdentifier| self.is_in_rotation(id) && !self.has_weight_of_its_own(id);
        changed.sort_by_key(|id| (stands_in(id), self.is_in_rotation(id), self.is_healthy(id)));
        // Whoever they stand in for comes back first, and then they do not any more.
        if changed.first().is_some_and(|first| !stands_in(first)) {
            changed.retain(|id| !stands_in(id));
        }
        self.one_batch(changed)
    }
}
