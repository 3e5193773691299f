//! Writing weights and seeing them arrive: PLANNED → APPLIED → OBSERVED → DONE, the same forward and back.
//!
//! The rule of every write: what is live equals what is desired → it happened; equals the precondition → write; is
//! anything else → somebody else wrote, and nothing is written over it.

use model::deployment::{
    Beside, JournalEntry, Op, OpKind, OpState, Owned, RecordForm, RecordSetKey, RecordSetWeight, Stage, WaitingOn,
    WeightsLine,
};

use super::{Turn, beside};
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
        self.plan_whole_write(kind, live, desired, None);
    }

    /// The same, and of fields beside weights.
    pub(super) fn plan_whole_write(
        &mut self,
        kind: OpKind,
        live: Vec<RecordSetWeight>,
        desired: Vec<RecordSetWeight>,
        beside: Option<Box<Beside>>,
    ) {
        self.supersede();
        let generation = self.next.record.journal.last().map_or(1, |op| op.generation + 1);
        let entries = vec![JournalEntry { at_ms: self.now, state: OpState::Planned }];
        let ttl_seconds = Some(self.ttl_in_force());
        let precondition = live;
        self.next.record.journal.push(Op {
            generation,
            kind,
            precondition,
            desired,
            ttl_seconds,
            beside,
            change: None,
            entries,
        });
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
            Stage::Guard
            | Stage::Hold
            | Stage::Analyse
            | Stage::Hook
            | Stage::Gate
            | Stage::Drain
            | Stage::Replace
            | Stage::Verify => Carried::Disturbed,
        }
    }

    fn apply(&mut self, step: usize, op: &Op, may_write: bool) -> Carried {
        if op.was_applied() {
            // Somebody else's store said that it took it.
            self.enter_stage(step, Stage::Observe);
            return Carried::Moved;
        }
        let is_so = self.is_so(&op.desired, op.beside.as_ref().map(|beside| &beside.desired));
        if is_so && self.seen.endpoint.is_none() {
            self.enter_state(OpState::Applied { revision: self.seen.revision });
            match &op.beside {
                Some(beside) => self.tell(format!("written: {}", beside::told(beside))),
                None => self.tell(format!("weights written: {}", WeightsLine(&op.desired))),
            }
            self.enter_stage(step, Stage::Observe);
            return Carried::Moved;
        }
        if !is_so && !self.is_so(&op.precondition, op.beside.as_ref().map(|beside| &beside.precondition)) {
            return Carried::Disturbed;
        }
        if !is_so {
            // Not once it is written: a TTL that the write itself raises is that of the answers after it.
            self.note_ttl_of_write();
        }
        if may_write || is_so {
            self.order_write(op, is_so);
        }
        Carried::Waiting
    }

    /// Orders a write, or the same again where it is live and nobody knows what the endpoint called it. Others' record
    /// sets are looked at between the plan and the write.
    pub(super) fn order_write(&mut self, op: &Op, is_so: bool) {
        let planned_ms = op.entries.first().map_or(self.now, |entry| entry.at_ms);
        self.wait(WaitingOn::Convergence, format!("weights are being written{}", self.trouble()), None);
        if !self.has_seen_since(planned_ms) || self.rests() {
            return;
        }
        let same = |beside: &Beside| Beside { precondition: beside.desired.clone(), desired: beside.desired.clone() };
        let beside = op.beside.as_ref();
        self.actions.push(Action::SetWeights(SetWeights {
            deployment: self.next.id.clone(),
            generation: op.generation,
            precondition: if is_so { op.desired.clone() } else { op.precondition.clone() },
            desired: op.desired.clone(),
            beside: if is_so { beside.map(|beside| Box::new(same(beside))) } else { beside.cloned() },
        }));
        self.wake_soon();
    }

    /// Whether these weights, and these fields beside them, are live. Plain records have no weights.
    pub(super) fn is_so(&self, weights: &[RecordSetWeight], beside: Option<&Owned>) -> bool {
        let Some(owned) = beside else { return self.live.weights() == weights };
        let has_weight = |key: &RecordSetKey| {
            let is_plain = |form: &RecordForm| form.weighted.is_none() && form.is_at(key);
            !owned.records.iter().any(is_plain)
        };
        let of =
            |all: &[RecordSetWeight]| all.iter().filter(|m| has_weight(&m.record_set)).cloned().collect::<Vec<_>>();
        of(&self.live.weights()) == of(weights) && beside::is_live(owned, &self.live, &self.seen.sticky)
    }

    fn observe(&mut self, step: usize, op: &Op) -> Carried {
        let applied = op.entries.iter().find_map(|entry| match entry.state {
            OpState::Applied { revision } => Some(revision),
            OpState::Planned | OpState::Observed | OpState::Done | OpState::Superseded => None,
        });
        let revision = applied.unwrap_or(self.seen.revision);
        if !self.is_served(revision) {
            return Carried::Waiting;
        }
        self.enter_state(OpState::Observed);
        self.enter_stage(step, Stage::Settle);
        Carried::Moved
    }

    /// The wait is counted from when every node served the weights, by the TTLs before the change.
    fn settle(&mut self, op: &Op, since_ms: u64) -> Carried {
        let lowers_ttl = op.beside.as_ref().is_some_and(|beside| beside::lowers_ttl(beside));
        // What was sent to somebody else and never answered may still come, and is seen and taken back if it does by then.
        let may_come_late = op.kind == OpKind::Restore && self.seen.endpoint.is_some();
        let moved_nothing = op.precondition == op.desired && !lowers_ttl && !may_come_late;
        let until = self.forgotten_ms(op, since_ms);
        if self.now < until && !moved_nothing {
            self.wait(WaitingOn::Caches, "caches may hold answers from before", Some(until));
            return Carried::Waiting;
        }
        if op.state() == OpState::Observed {
            self.enter_state(OpState::Done);
        }
        Carried::Settled
    }

    pub(super) fn enter_state(&mut self, state: OpState) {
        if let Some(op) = self.next.record.journal.last_mut() {
            op.entries.push(JournalEntry { at_ms: self.now, state });
        }
    }
}
