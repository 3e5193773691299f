//! Counters of what was asked and answered.
//!
//! A UDP worker is the only writer of its own, so counting is a load and a store, no bus lock; TCP tasks share theirs.
//! Reading sums them up and may be a few queries behind. Leaves out on purpose: anything by client, and by name but for the
//! record sets that the view has slots for.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use answer::{AnswerSlot, AnswerSlots, Outcome};

/// Sums over all workers of one transport since the start. Each query is in exactly one outcome, each reply in one response code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; CELLS]);

/// Queries and replies by transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Over UDP.
    pub udp: Counts,
    /// Over TCP.
    pub tcp: Counts,
    /// TCP connections open now.
    pub tcp_connections: u64,
    /// TCP connections closed at once because there were too many.
    pub tcp_connections_refused: u64,
}

/// Names of the outcomes, in the order of their cells.
const OUTCOMES: [&str; 8] =
    ["answered", "refused", "formerr", "notimp", "badvers", "truncated", "dropped", "badcookie"];

/// Names of the response codes as IANA lists them; the last two (16 and 23) are only sent with EDNS.
const RCODES: [&str; 18] = [
    "NOERROR",
    "FORMERR",
    "SERVFAIL",
    "NXDOMAIN",
    "NOTIMP",
    "REFUSED",
    "YXDOMAIN",
    "YXRRSET",
    "NXRRSET",
    "NOTAUTH",
    "NOTZONE",
    "RCODE11",
    "RCODE12",
    "RCODE13",
    "RCODE14",
    "RCODE15",
    "BADVERS",
    "BADCOOKIE",
];

const RCODE: usize = OUTCOMES.len();
const OVERSIZE: usize = RCODE + RCODES.len();
const UNSENT: usize = OVERSIZE + 1;
const PANICS: usize = UNSENT + 1;
const CELLS: usize = PANICS + 1;

impl Counts {
    /// Queries taken, whatever became of them.
    pub fn queries(&self) -> u64 {
        self.0[..RCODE].iter().sum::<u64>() + self.oversize()
    }

    /// Each outcome's name and number.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        OUTCOMES.iter().copied().zip(self.0[..RCODE].iter().copied())
    }

    /// Each response code's name and number of replies.
    pub fn rcodes(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        RCODES.iter().copied().zip(self.0[RCODE..OVERSIZE].iter().copied())
    }

    /// Datagrams larger than any query, dropped unread.
    pub fn oversize(&self) -> u64 {
        self.0[OVERSIZE]
    }

    /// Replies the kernel did not take.
    pub fn unsent(&self) -> u64 {
        self.0[UNSENT]
    }

    /// Queries lost to a fault of ours that was caught; anything but 0 deserves a report.
    pub fn panics(&self) -> u64 {
        self.0[PANICS]
    }

    /// Adds another worker's.
    pub(crate) fn add(&mut self, other: Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

/// One writer's cells, on cache lines of their own (two, because processors fetch lines in pairs).
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Cells {
    counts: [AtomicU64; CELLS],
    /// Answers given from each record set that is counted.
    answers: Box<[AtomicU64]>,
}

impl Default for Cells {
    fn default() -> Self {
        let answers = std::iter::repeat_with(AtomicU64::default).take(AnswerSlot::COUNT).collect();
        Cells { counts: [const { AtomicU64::new(0) }; CELLS], answers }
    }
}

impl Cells {
    /// Counts one query and its reply, as the only thread that writes these cells.
    #[inline]
    pub(crate) fn count_alone(&self, outcome: &Outcome, slots: AnswerSlots, reply: &[u8]) {
        let (outcome, rcode) = cells_of(outcome, reply);
        bump(&self.counts[outcome], 1);
        if let Some(rcode) = rcode {
            bump(&self.counts[rcode], 1);
        }
        for slot in slots.iter() {
            bump(&self.answers[slot.place()], 1);
        }
    }

    /// Counts one query and its reply, next to other threads.
    pub(crate) fn count_shared(&self, outcome: &Outcome, slots: AnswerSlots, reply: &[u8]) {
        let (outcome, rcode) = cells_of(outcome, reply);
        self.counts[outcome].fetch_add(1, Relaxed);
        if let Some(rcode) = rcode {
            self.counts[rcode].fetch_add(1, Relaxed);
        }
        for slot in slots.iter() {
            self.answers[slot.place()].fetch_add(1, Relaxed);
        }
    }

    /// Counts what went wrong with a batch, as the only thread that writes these cells.
    #[inline]
    pub(crate) fn count_losses(&self, oversize: usize, unsent: usize) {
        if oversize | unsent != 0 {
            bump(&self.counts[OVERSIZE], oversize as u64);
            bump(&self.counts[UNSENT], unsent as u64);
        }
    }

    /// Counts a caught fault.
    pub(crate) fn count_panic(&self) {
        self.counts[PANICS].fetch_add(1, Relaxed);
    }

    /// What was counted so far.
    pub(crate) fn read(&self) -> Counts {
        Counts(std::array::from_fn(|cell| self.counts[cell].load(Relaxed)))
    }

    /// Answers counted in this slot so far.
    pub(crate) fn answers(&self, slot: AnswerSlot) -> u64 {
        self.answers[slot.place()].load(Relaxed)
    }
}

/// Adds to a cell that no other thread writes.
#[inline]
fn bump(cell: &AtomicU64, by: u64) {
    cell.store(cell.load(Relaxed) + by, Relaxed);
}

/// The cells of an outcome and of the response code in the reply's header.
#[inline]
fn cells_of(outcome: &Outcome, reply: &[u8]) -> (usize, Option<usize>) {
    let code = || reply.get(3).map(|flags| RCODE + usize::from(flags & 15));
    match outcome {
        Outcome::Answered(_) => (0, code()),
        Outcome::Refused(_) => (1, code()),
        Outcome::FormErr(_) => (2, code()),
        Outcome::NotImp(_) => (3, code()),
        // RFC 6891 §6.1.3: the upper bits of these two are in the OPT record, and the header says something else.
        Outcome::BadVers(_) => (4, Some(RCODE + 16)),
        Outcome::Truncated(_) => (5, code()),
        Outcome::Dropped => (6, None),
        Outcome::BadCookie(_) => (7, Some(RCODE + 17)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_has_one_outcome_and_every_reply_one_code() {
        let (alone, shared) = (Cells::default(), Cells::default());
        let nxdomain = [0, 0, 0x84, 3];
        alone.count_alone(&Outcome::Answered(12), AnswerSlots::default(), &nxdomain);
        alone.count_alone(&Outcome::Dropped, AnswerSlots::default(), &[]);
        alone.count_losses(2, 1);
        shared.count_shared(&Outcome::BadVers(23), AnswerSlots::default(), &[0, 0, 0x80, 0]);
        shared.count_shared(&Outcome::BadCookie(51), AnswerSlots::default(), &[0, 0, 0x80, 7]);
        let mut sum = alone.read();
        sum.add(shared.read());
        assert_eq!(sum.queries(), 6);
        let set = |pairs: Vec<(&'static str, u64)>| pairs.into_iter().filter(|pair| pair.1 > 0).collect::<Vec<_>>();
        assert_eq!(set(sum.outcomes().collect()), [("answered", 1), ("badvers", 1), ("dropped", 1), ("badcookie", 1)]);
        assert_eq!(set(sum.rcodes().collect()), [("NXDOMAIN", 1), ("BADVERS", 1), ("BADCOOKIE", 1)]);
        assert_eq!((sum.oversize(), sum.unsent(), sum.panics()), (2, 1, 0));
    }
}
