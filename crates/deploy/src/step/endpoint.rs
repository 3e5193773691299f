//! Record sets that are somebody else's: nothing is decided by what was not looked at, at most one write is under way,
//! and it counts as written when the endpoint has said so.
//!
//! What is seen is as old as the last look. A look is asked for before anything else, every 30 s, before each write, and
//! after it; while a write is under way nothing else happens, so that no order or failure takes its place before its end
//! is known. A write whose end is not known (no answer, a crash) is found out by looking: what is live is what it should
//! have been, and it is written once more to the same, which changes nothing and gives the name by which the endpoint
//! tells when every server answers so; or it is not there, and it is written again.
//!
//! A batch that is refused though everything was seen to be as it must be is wrong in itself: after a few tries it fails
//! the release.

use model::deployment::{Code, OnFailure, Op, OpKind, OpState, Phase, Reason, Stage, WaitingOn, WeightsLine};
use model::endpoint::WriteFault;

use super::{Turn, beside};
use crate::action::Action;

/// Others' edits are noticed within so long, and one more request.
const LOOK_EVERY_MS: u64 = 30_000;
/// What was seen longer ago decides nothing: three looks were missed.
const SIGHT_MS_MAX: u64 = 90_000;
/// A batch that was refused so often in a row, each time after a look, is not tried again.
const STALES_MAX: u32 = 5;
/// A request that was not answered, or whose sender was killed, may arrive so long after that: six times what a request
/// may take, and of what arrives later still nobody who sent it is left.
const LATE_MS_MAX: u64 = 60_000;

impl Turn<'_> {
    /// Notes how a write ended.
    pub(super) fn take_writes(&mut self) {
        let Some(endpoint) = &self.seen.endpoint else { return };
        let times = endpoint.stale.map_or(0, |(_, times)| times);
        for (generation, written) in endpoint.written.clone() {
            let last = self.next.record.journal.last_mut();
            let Some(op) = last.filter(|op| op.generation == generation && op.state() == OpState::Planned) else {
                continue;
            };
            match written {
                Ok(change) => {
                    op.change = Some(change.clone());
                    let (kind, weights) = (op.kind, WeightsLine(&op.desired).to_string());
                    let beside = op.beside.as_ref().map(|beside| beside::told(beside));
                    self.enter_state(OpState::Applied { revision: self.seen.revision });
                    match beside {
                        Some(beside) => self.tell(format!("written: {beside} (change {change})")),
                        None => self.tell(format!("weights written: {weights} (change {change})")),
                    }
                    if matches!(kind, OpKind::Reassert | OpKind::Accept) {
                        self.mended();
                    }
                }
                Err(WriteFault::Stale(trouble)) if times > 1 => {
                    self.tell_once(format!("the endpoint refuses the batch: {trouble}; trying again"));
                }
                Err(WriteFault::Stale(trouble)) => {
                    self.tell_once(format!("refused, as if somebody else wrote first: {trouble}; looking again"));
                }
                Err(WriteFault::Unknown(trouble)) => {
                    self.tell_once(format!("whether the write was taken is not known: {trouble}; looking"));
                }
                Err(WriteFault::Refused(trouble)) => self.tell_once(format!("the write was refused: {trouble}")),
                // Nothing happened, and it passes; whoever waits is told why.
                Err(WriteFault::Untaken(_)) => {}
            }
        }
    }

    /// Whether what was seen can be decided by; asks to look where it is time.
    pub(super) fn is_seeing(&mut self) -> bool {
        let Some(endpoint) = &self.seen.endpoint else { return true };
        let waits_in_line = self.next.status.guarded.queued.is_some() && !self.seen.guards.ahead.is_empty();
        if waits_in_line || self.next.status.phase == Phase::RollbackBlocked {
            return true;
        }
        if endpoint.writing.is_some() {
            self.wait(WaitingOn::Convergence, "weights are being written", None);
            return false;
        }
        let is_within = |ms: u64| endpoint.seen_ms.is_some_and(|seen| self.now < seen.saturating_add(ms));
        let (is_fresh, is_clear) = (is_within(LOOK_EVERY_MS), is_within(SIGHT_MS_MAX));
        if is_fresh {
            self.wake(endpoint.seen_ms.unwrap_or(self.now).saturating_add(LOOK_EVERY_MS));
        } else {
            self.ask_look();
        }
        if !is_clear {
            let account = self.next.service.account().map(ToString::to_string).unwrap_or_default();
            let trouble = endpoint.trouble.as_ref().map(|trouble| format!(": {trouble}")).unwrap_or_default();
            self.wait(
                WaitingOn::Convergence,
                format!("looking at the record sets of account {account}{trouble}"),
                None,
            );
            // What every server answers by waits for caches alone, which forget without being looked at.
            let is_restored =
                |op: &Op| op.kind == OpKind::Restore && matches!(op.state(), OpState::Observed | OpState::Done);
            let is_served = self.next.record.journal.last().is_some_and(is_restored);
            if self.next.status.phase == Phase::RollingBack && !is_served {
                self.check_deadline(Stage::Shift);
            }
        }
        is_clear
    }

    /// Whether a look began at or after a time; asks for one if not.
    pub(super) fn has_seen_since(&mut self, at_ms: u64) -> bool {
        let Some(endpoint) = &self.seen.endpoint else { return true };
        let has_seen = endpoint.seen_ms.is_some_and(|seen| seen >= at_ms);
        if !has_seen {
            self.ask_look();
        }
        has_seen
    }

    /// Whether what was seen is of so late a look, and no older than looks are apart; asks to look where it is time. For
    /// what cannot be taken back.
    pub(super) fn is_seeing_since(&mut self, at_ms: u64) -> bool {
        let Some(endpoint) = &self.seen.endpoint else { return true };
        let seen_ms = endpoint.seen_ms.filter(|seen| self.now < seen.saturating_add(LOOK_EVERY_MS));
        if let Some(seen) = seen_ms {
            self.wake(seen.saturating_add(LOOK_EVERY_MS));
        } else {
            self.ask_look();
        }
        self.has_seen_since(at_ms) && seen_ms.is_some()
    }

    fn ask_look(&mut self) {
        let Some(endpoint) = &self.seen.endpoint else { return };
        if !endpoint.is_looking && !self.rests() && !self.actions.contains(&Action::Look) {
            self.actions.push(Action::Look);
        }
    }

    /// Whether the endpoint is to be left alone for now.
    pub(super) fn rests(&mut self) -> bool {
        let until = self.seen.endpoint.as_ref().and_then(|endpoint| endpoint.rest_until_ms);
        let Some(until) = until.filter(|until| self.now < *until) else { return false };
        self.wake(until);
        true
    }

    /// Why nothing comes of what is asked, for whoever waits: of a write that is not taken yet, why not, however well looks
    /// go.
    pub(super) fn trouble(&self) -> String {
        let Some(endpoint) = &self.seen.endpoint else { return String::new() };
        let trouble = endpoint.write_trouble.as_ref().filter(|_| self.is_write_open()).or(endpoint.trouble.as_ref());
        trouble.map(|trouble| format!(": {trouble}")).unwrap_or_default()
    }

    /// Whether a write was planned and nobody knows yet that it was taken.
    fn is_write_open(&self) -> bool {
        self.next.record.journal.last().is_some_and(|op| op.state() == OpState::Planned)
    }

    /// Ends what a batch stands in the way of that the endpoint refuses for good; whether there is one.
    pub(super) fn watch_refusal(&mut self) -> bool {
        let Some(endpoint) = &self.seen.endpoint else { return false };
        let Some(op) = self.next.record.journal.last().filter(|op| op.state() == OpState::Planned) else {
            return false;
        };
        let is_refused = endpoint.stale.is_some_and(|(of, times)| of == op.generation && times >= STALES_MAX);
        if !is_refused || self.next.status.paused.is_some() {
            return false;
        }
        let trouble = endpoint.write_trouble.clone().unwrap_or_default();
        let text = format!("the endpoint refuses the batch: {trouble}");
        // Whoever tries again plans another.
        self.supersede();
        let reason = Reason::new(Code::Provider, text.clone());
        match self.next.status.phase {
            Phase::RollingBack => self.block(Code::Provider, text),
            Phase::Preparing => self.give_up(Code::Provider, text),
            Phase::Progressing | Phase::Promoting | Phase::Baking => {
                let on_failure = self.next.spec.on_failure;
                if on_failure == OnFailure::Hold
                    && let Some(cursor) = self.next.status.cursor.filter(|cursor| cursor.stage == Stage::Shift)
                {
                    self.enter_stage(cursor.step, Stage::Guard);
                }
                self.act(reason, on_failure)
            }
            Phase::Finalizing => {
                self.pause(reason);
                true
            }
            Phase::Pending
            | Phase::RollbackBlocked
            | Phase::Succeeded
            | Phase::RolledBack
            | Phase::Cancelled
            | Phase::Stopped
            | Phase::Detached => false,
        }
    }

    /// Until when a request that was not answered may still arrive, in ms since 1970; 0: nobody knows of any. What was
    /// planned before this runner's time may have been sent by the one before.
    pub(super) fn late_until_ms(&self) -> u64 {
        let Some(endpoint) = &self.seen.endpoint else { return 0 };
        let planned = self.next.record.journal.iter().filter_map(|op| op.entries.first());
        let is_older = planned.map(|entry| entry.at_ms).any(|at_ms| at_ms < endpoint.since_ms);
        let since = endpoint.unknown_ms.max(is_older.then_some(endpoint.since_ms));
        since.map_or(0, |since| since.saturating_add(LATE_MS_MAX))
    }

    /// Whether every server answers by the last write; asks, and says what it waits for, if not.
    pub(super) fn is_served(&mut self, revision: u64) -> bool {
        let Some(endpoint) = &self.seen.endpoint else {
            if self.seen.served_revision < revision {
                self.wait(WaitingOn::Convergence, format!("not every node serves revision {revision} yet"), None);
                self.wake_soon();
                return false;
            }
            return true;
        };
        let Some(change) = self.next.record.journal.last().and_then(|op| op.change.clone()) else { return true };
        if endpoint.confirmed.contains(&change) {
            return true;
        }
        if endpoint.confirming.as_ref() != Some(&change) && !self.rests() {
            self.actions.push(Action::Confirm { change: change.clone() });
        }
        let trouble = self.trouble();
        self.wait(WaitingOn::Convergence, format!("not every server answers by change {change} yet{trouble}"), None);
        false
    }
}
