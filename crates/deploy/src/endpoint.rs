//! What is known of an endpoint that has a service's record sets, and how the end of a request changes it. Kept by the
//! runner in memory: after a crash it begins anew, and the engine finds out by looking what became of requests.
//!
//! Before: the runner, which sends requests. After: `step`, which decides by it.

use std::collections::BTreeSet;

use model::endpoint::{Trouble, WriteFault};
use model::id::ChangeId;

/// The rest after a batch that was refused twice, doubled each time.
const STALE_REST_MS: u64 = 1_000;
/// No rest after a refused batch is longer.
const STALE_REST_MS_MAX: u64 = 30_000;

/// What is known of the endpoint that has the record sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Since when it is known, in ms since 1970: requests of before may have been sent by a runner that is gone.
    pub since_ms: u64,
    /// When the look began that saw `record_sets`, in ms since 1970; none: nothing was seen since the start, or since a
    /// write began.
    pub seen_ms: Option<u64>,
    /// A look is under way.
    pub is_looking: bool,
    /// The write that is under way, by its generation. One that was ordered and is neither here nor ended was lost in a
    /// crash.
    pub writing: Option<u64>,
    /// Writes that ended since the last step, by generation, and what the endpoint calls those that it took. Repeating
    /// one does no harm.
    pub written: Vec<(u64, Result<ChangeId, WriteFault>)>,
    /// The write that was refused as stale last, and how often in a row. It is looked before each write, so that more
    /// than once means that nobody else is to blame.
    pub stale: Option<(u64, u32)>,
    /// Why the last write came to nothing; none once one was taken.
    pub write_trouble: Option<String>,
    /// When a write ended of which nobody knows whether it was taken, the last one, in ms since 1970.
    pub unknown_ms: Option<u64>,
    /// The write about which the endpoint is being asked.
    pub confirming: Option<ChangeId>,
    /// Writes that every server answers by.
    pub confirmed: BTreeSet<ChangeId>,
    /// Ask nothing before this time, in ms since 1970.
    pub rest_until_ms: Option<u64>,
    /// Why the last request came to nothing; none if it did not.
    pub trouble: Option<String>,
}

impl Endpoint {
    /// Takes in how a write ended.
    pub fn wrote(&mut self, generation: u64, written: Result<ChangeId, WriteFault>, now_ms: u64) {
        self.writing = None;
        let mut rest_ms = written.as_ref().err().map_or(0, |fault| fault.trouble().rest_ms);
        match &written {
            Ok(_) => (self.stale, self.write_trouble) = (None, None),
            Err(WriteFault::Stale(_)) => {
                let before = self.stale.filter(|(of, _)| *of == generation).map_or(0, |(_, times)| times);
                self.stale = Some((generation, before.saturating_add(1)));
                if before > 0 {
                    let rest = STALE_REST_MS.saturating_mul(1 << (before - 1).min(16)).min(STALE_REST_MS_MAX);
                    rest_ms = rest_ms.max(rest);
                }
            }
            Err(WriteFault::Unknown(_)) => self.unknown_ms = Some(now_ms),
            Err(WriteFault::Untaken(_) | WriteFault::Refused(_)) => {}
        }
        let trouble = written.as_ref().err().map(|fault| Trouble { rest_ms, ..fault.trouble().clone() });
        if let Some(trouble) = &trouble {
            self.write_trouble = Some(trouble.text.clone());
        }
        self.ended(trouble.as_ref(), now_ms);
        self.written.push((generation, written));
    }

    /// Takes in that a request ended, and what went wrong with it if something did.
    pub fn ended(&mut self, trouble: Option<&Trouble>, now_ms: u64) {
        let rest = trouble.filter(|trouble| trouble.rest_ms > 0);
        self.rest_until_ms = rest.map(|trouble| now_ms.saturating_add(trouble.rest_ms));
        self.trouble = trouble.map(|trouble| trouble.text.clone());
    }
}
