//! Somebody else's endpoint: every request takes its time, and may come to nothing in each way that requests do.

use std::collections::VecDeque;

use deploy::{Endpoint, SetWeights};
use model::RecordSet;
use model::endpoint::{Trouble, WriteFault};
use model::id::{ChangeId, HostedZoneId};

/// Of a look and of a write.
const TAKES_MS: u64 = 100;
/// Until every server answers by a change.
const SPREADS_MS: u64 = 1_500;

/// How the next write ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not taken; leave it alone for so long.
    Throttled(u64),
    /// Refused, whatever is there: the batch itself is wrong.
    Invalid,
    /// Refused: who asks may not write.
    Forbidden,
    /// It never arrives, and nobody says so.
    Lost,
    /// It is taken, and nobody says so.
    Unheard,
    /// Nobody says anything, and it arrives so much later.
    Late(u64),
}

#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// As last seen.
    pub seen: Vec<(HostedZoneId, RecordSet)>,
    /// What the engine is told.
    pub told: Endpoint,
    /// How the next writes end; those after them end well.
    pub faults: VecDeque<Fault>,
    /// No request is answered, and none arrives.
    pub is_unreachable: bool,
    /// When each request was sent, and what it was.
    pub requests: Vec<(u64, &'static str)>,
    /// Until when, and when it began.
    looking: Option<(u64, u64)>,
    writing: Option<(u64, SetWeights)>,
    confirming: Option<(u64, ChangeId)>,
    late: Vec<(u64, SetWeights)>,
    /// When each change was taken.
    taken: Vec<(u64, ChangeId)>,
}

/// A request whose time has come.
pub enum Due {
    Look { began_ms: u64 },
    Write(SetWeights),
    Late(SetWeights),
    Confirm(ChangeId),
}

pub fn trouble(text: &str, rest_ms: u64) -> Trouble {
    Trouble { text: text.to_owned(), rest_ms }
}

impl Elsewhere {
    pub fn look(&mut self, now: u64) {
        self.requests.push((now, "look"));
        self.told.is_looking = true;
        self.looking = Some((now + TAKES_MS, now));
    }

    pub fn write(&mut self, write: SetWeights, now: u64) {
        assert!(self.writing.is_none(), "two writes at a time");
        self.requests.push((now, "write"));
        (self.told.writing, self.told.seen_ms) = (Some(write.generation), None);
        // A look that began before may see either.
        (self.looking, self.told.is_looking) = (None, false);
        self.writing = Some((now + TAKES_MS, write));
    }

    pub fn confirm(&mut self, change: ChangeId, now: u64) {
        self.requests.push((now, "confirm"));
        let taken = self.taken.iter().find(|(_, id)| *id == change).expect("a change that was taken").0;
        self.told.confirming = Some(change.clone());
        self.confirming = Some(((taken + SPREADS_MS).max(now + TAKES_MS), change));
    }

    /// When the next request ends.
    pub fn next_ms(&self) -> Option<u64> {
        let late = self.late.iter().map(|(at, _)| *at).min();
        let ends = [self.looking.map(|(at, _)| at), self.writing.as_ref().map(|(at, _)| *at)];
        ends.into_iter().chain([self.confirming.as_ref().map(|(at, _)| *at), late]).flatten().min()
    }

    /// A request that ends by now.
    pub fn due(&mut self, now: u64) -> Option<Due> {
        if let Some(index) = self.late.iter().position(|(at, _)| *at <= now) {
            return Some(Due::Late(self.late.remove(index).1));
        }
        if let Some((_, began_ms)) = self.looking.take_if(|(at, _)| *at <= now) {
            self.told.is_looking = false;
            return Some(Due::Look { began_ms });
        }
        if let Some((_, write)) = self.writing.take_if(|(at, _)| *at <= now) {
            self.told.writing = None;
            return Some(Due::Write(write));
        }
        let (_, change) = self.confirming.take_if(|(at, _)| *at <= now)?;
        self.told.confirming = None;
        Some(Due::Confirm(change))
    }

    /// The next fault, and what it is told as.
    pub fn fault(&mut self, write: &SetWeights, now: u64) -> Option<(Fault, WriteFault)> {
        let fault = if self.is_unreachable { Fault::Throttled(5_000) } else { self.faults.pop_front()? };
        let told = match fault {
            Fault::Throttled(rest_ms) => WriteFault::Untaken(trouble("Throttling: Rate exceeded", rest_ms)),
            Fault::Invalid => WriteFault::Stale(trouble("InvalidChangeBatch: no health check found", 0)),
            Fault::Forbidden => WriteFault::Refused(trouble("AccessDenied: no", 5_000)),
            Fault::Lost | Fault::Unheard | Fault::Late(_) => WriteFault::Unknown(trouble("no answer in 10s", 0)),
        };
        if let Fault::Late(after_ms) = fault {
            self.late.push((now + after_ms, write.clone()));
        }
        Some((fault, told))
    }

    /// The name of one more change.
    pub fn take(&mut self, now: u64) -> ChangeId {
        let change = ChangeId::parse(&format!("C{}", self.taken.len() + 1)).unwrap();
        self.taken.push((now, change.clone()));
        change
    }

    /// The runner is gone. A write that was under way is left to the caller: it has been sent.
    pub fn forget(&mut self, now: u64) -> Option<SetWeights> {
        self.told = Endpoint { since_ms: now, ..Endpoint::default() };
        (self.looking, self.confirming) = (None, None);
        self.writing.take().map(|(_, write)| write)
    }
}
