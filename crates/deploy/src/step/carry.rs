//! Writing weights and seeing them arrive: PLANNED → APPLIED → OBSERVED → DONE, the same forward and back.
//!
//! The rule of every write: what is live equals what is desired → it happened; equals the precondition → write; is
//! anything else → somebody else wrote, and nothing is written over it.

use model::deployment::{JournalEntry, Op, OpKind, OpState, RecordSetWeight, Stage, WaitingOn, WeightsLine};

use super::Turn;
use crate::action::{Action, SetWeights};

/// How far the current write is.
pub(super) enum Carried {
    /// Something outside must happen first.
    Waiting,
    /// Moved on; look again.
    Moved,
    /// Served everywhere, and caches have had their time.
    Settled,
    /// Live is neither what was nor what shall be.
    Disturbed,
}

impl Turn<'_> {
    /// Plans a write of these weights over what is live now.
    pub(super) fn plan_write(&mut self, kind: OpKind, live: Vec<RecordSetWeight>, desired: Vec<RecordSetWeight>) {
        self.supersede();
        let generation = self.next.record.journal.last().map_or(1, |op| op.generation + 1);
        let entries = vec![JournalEntry { at_ms: self.now, state: OpState::Planned }];
        self.next.record.journal.push(Op { generation, kind, precondition: live, desired, entries });
    }

    /// Ends a write that has not come to its end; another will take its place.
    pub(super) fn supersede(&mut self) {
        if let Some(op) = self.next.record.journal.last()
            && !matches!(op.state(), OpState::Done | OpState::Superseded)
        {
            self.enter_state(OpState::Superseded);
        }
    }

    /// Takes the last write of the journal one stage further. `may_write` is false while paused.
    pub(super) fn carry(&mut self, step: usize, stage: Stage, since_ms: u64, may_write: bool) -> Carried {
        let Some(op) = self.next.record.journal.last().cloned() else { return Carried::Disturbed };
        match stage {
            Stage::Shift => self.apply(step, &op, may_write),
            Stage::Observe => self.observe(step, &op),
            Stage::Settle => self.settle(&op, since_ms),
            Stage::Guard | Stage::Hold | Stage::Analyse | Stage::Gate => Carried::Disturbed,
        }
    }

    fn apply(&mut self, step: usize, op: &Op, may_write: bool) -> Carried {
        let live = self.live.weights();
        if live == op.desired {
            self.enter_state(OpState::Applied { revision: self.seen.revision });
            self.tell(format!("weights written: {}", WeightsLine(&op.desired)));
            self.enter_stage(step, Stage::Observe);
            return Carried::Moved;
        }
        if live != op.precondition {
            return Carried::Disturbed;
        }
        if may_write {
            self.actions.push(Action::SetWeights(SetWeights {
                deployment: self.next.id.clone(),
                generation: op.generation,
                precondition: op.precondition.clone(),
                desired: op.desired.clone(),
            }));
            self.wait(WaitingOn::Convergence, "weights are being written", None);
            self.wake_soon();
        }
        Carried::Waiting
    }

    fn observe(&mut self, step: usize, op: &Op) -> Carried {
        let applied = op.entries.iter().find_map(|entry| match entry.state {
            OpState::Applied { revision } => Some(revision),
            OpState::Planned | OpState::Observed | OpState::Done | OpState::Superseded => None,
        });
        let revision = applied.unwrap_or(self.seen.revision);
        if self.seen.served_revision < revision {
            self.wait(WaitingOn::Convergence, format!("not every node serves revision {revision} yet"), None);
            self.wake_soon();
            return Carried::Waiting;
        }
        self.enter_state(OpState::Observed);
        self.enter_stage(step, Stage::Settle);
        Carried::Moved
    }

    /// The wait is counted from when every node served the weights, by the TTL before the change.
    fn settle(&mut self, op: &Op, since_ms: u64) -> Carried {
        let moved_nothing = op.precondition == op.desired;
        let until = since_ms.saturating_add(self.next.plan.times.settle.ms());
        if self.now < until && !moved_nothing {
            self.wait(WaitingOn::Caches, "caches may hold answers from before", Some(until));
            return Carried::Waiting;
        }
        if op.state() == OpState::Observed {
            self.enter_state(OpState::Done);
        }
        Carried::Settled
    }

    fn enter_state(&mut self, state: OpState) {
        if let Some(op) = self.next.record.journal.last_mut() {
            op.entries.push(JournalEntry { at_ms: self.now, state });
        }
    }
}
