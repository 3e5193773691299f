//! A stop that was ordered while a write to somebody else's endpoint was under way, or might have been: what was ordered
//! last is to be true of the end, so it waits until somebody has looked what became of the write, and starts nothing
//! meanwhile. Writes of our own are there or not at any time, and such a stop is carried out by the order itself.

use model::deployment::{Op, OpState, Override, Phase, WaitingOn, WeightsLine};

use super::Turn;
use crate::command::is_forward;
use crate::place::enter;

impl Turn<'_> {
    /// Carries out a stop that was ordered, once it can be; whether there is one.
    pub(super) fn take_stop(&mut self) -> bool {
        let Some(stop) = self.next.status.guarded.stopping.clone() else { return false };
        if !is_forward(&self.next) && self.next.status.phase != Phase::Baking {
            self.next.status.guarded.stopping = None;
            return false;
        }
        let open = self.next.record.journal.last().filter(|op| op.state() == OpState::Planned).cloned();
        if let Some(op) = open {
            let is_writing = self.seen.endpoint.as_ref().is_some_and(|endpoint| endpoint.writing.is_some());
            let since_ms = stop.at_ms.max(self.late_until_ms());
            if is_writing || self.now < since_ms || !self.has_seen_since(since_ms) {
                let text = format!("to be stopped: looking what became of the write{}", self.trouble());
                self.wait(WaitingOn::Convergence, text, (self.now < since_ms).then_some(since_ms));
                return true;
            }
            self.note_end(&op);
        }
        self.end(&stop);
        true
    }

    /// Takes the write as what was seen.
    fn note_end(&mut self, op: &Op) {
        if self.is_so(&op.desired, op.beside.as_ref().map(|beside| &beside.desired)) {
            self.enter_state(OpState::Applied { revision: self.seen.revision });
            self.tell(format!("weights written: {}", WeightsLine(&op.desired)));
        } else {
            self.supersede();
        }
    }

    fn end(&mut self, stop: &Override) {
        let status = &mut self.next.status;
        (status.paused, status.guarded.stopping) = (None, None);
        // What the endpoint said it took may be newer than what was seen.
        let seen_ms = self.seen.endpoint.as_ref().and_then(|endpoint| endpoint.seen_ms);
        let is_newer =
            |op: &&Op| op.entries.last().is_some_and(|entry| seen_ms.is_none_or(|seen_ms| seen_ms <= entry.at_ms));
        let taken = self.next.record.journal.last().filter(|op| op.was_applied()).filter(is_newer);
        let taken = taken.map(|op| op.desired.clone());
        let live = WeightsLine(&taken.unwrap_or_else(|| self.live.weights())).to_string();
        let left = crate::left::behind(&self.next);
        let text = format!("stopped, weights stay as they are: {live}{left}");
        enter(&mut self.next, self.now, Phase::Stopped, &stop.by, text);
    }
}
