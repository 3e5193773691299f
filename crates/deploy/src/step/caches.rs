//! What caches may hold, kept from look to look: an answer lives as long as it was allowed to when it was given, however
//! short the TTL has become since.
//!
//! A TTL that fell counts until its last answer is forgotten; one that rose counts at once. So the wait after a write
//! is never shorter than what the answers before it were given (I-WAIT), whoever changed the TTL and when.

use model::deployment::{Caches, Op, OpState};

use super::{Turn, beside};

/// "Changes generally propagate to all Route 53 name servers within 60 seconds" (R53 ChangeResourceRecordSets).
const SPREAD_MS: u64 = 60_000;

impl Turn<'_> {
    /// Begins to keep it, with what is known of the time before.
    pub(super) fn take_caches(&mut self) {
        let settle = &self.next.spec.settle;
        let until = |(at_ms, ttl_seconds): &(u64, u32)| at_ms.saturating_add(settle.wait(*ttl_seconds).ms());
        let until_ms = self.seen.earlier_ttls.iter().map(until).max().filter(|until| *until > self.now);
        self.next.record.caches = Some(Caches { ttl_seconds: self.live.ttl_seconds, until_ms });
        if let Some(until_ms) = until_ms {
            let seconds = (until_ms - self.now).div_ceil(1_000);
            self.tell(format!("caches may hold answers of an earlier, larger TTL for {seconds}s more"));
        }
    }

    /// Looks at the TTLs again.
    pub(super) fn note_caches(&mut self) {
        let Some(snapshot) = &self.next.record.snapshot else { return };
        let known = self.next.record.caches.unwrap_or_else(|| {
            // Begun by a build that did not keep it.
            let found = snapshot.members.iter().filter_map(|member| member.ttl_seconds).max();
            Caches { ttl_seconds: self.next.plan.times.ttl_seconds.max(found.unwrap_or(0)), until_ms: None }
        });
        let ttl_seconds = self.live.ttl_seconds;
        let mut caches = known;
        if ttl_seconds > known.ttl_seconds {
            caches.ttl_seconds = ttl_seconds;
        } else if ttl_seconds < known.ttl_seconds && self.is_in_force() {
            // Until now some server may have answered with the larger one.
            let wait = self.next.spec.settle.wait(known.ttl_seconds).ms();
            let until = self.now.saturating_add(self.spread_ms()).saturating_add(wait);
            caches = Caches { ttl_seconds, until_ms: Some(known.until_ms.unwrap_or(0).max(until)) };
        }
        self.next.record.caches = Some(caches);
    }

    /// Whether every server answers by what is seen, or will within `spread_ms`.
    fn is_in_force(&self) -> bool {
        match self.seen.endpoint {
            None => self.seen.served_revision >= self.seen.revision,
            Some(_) => {
                let last = self.next.record.journal.last().map(Op::state);
                !matches!(last, Some(OpState::Planned | OpState::Applied { .. }))
            }
        }
    }

    /// How long what others wrote may take to reach every server: nobody tells us their change's name.
    fn spread_ms(&self) -> u64 {
        let is_ours = |op: &Op| op.beside.as_ref().is_some_and(|beside| beside::lowers_ttl(beside));
        let is_known = self.seen.endpoint.is_none() || self.next.record.journal.last().is_some_and(is_ours);
        if is_known { 0 } else { SPREAD_MS }
    }

    /// The largest TTL that answers may have been given under until now.
    pub(super) fn ttl_in_force(&self) -> u32 {
        self.next.record.caches.map_or(self.live.ttl_seconds, |caches| caches.ttl_seconds.max(self.live.ttl_seconds))
    }

    /// A TTL that rose between the planning of a write and the write counts for it.
    pub(super) fn note_ttl_of_write(&mut self) {
        let in_force = self.ttl_in_force();
        if let Some(ttl_seconds) = self.next.record.journal.last_mut().and_then(|op| op.ttl_seconds.as_mut()) {
            *ttl_seconds = in_force.max(*ttl_seconds);
        }
    }

    /// When caches have forgotten what was answered before a write that every node has served since `since_ms`.
    pub(super) fn forgotten_ms(&self, op: &Op, since_ms: u64) -> u64 {
        let wait = op.ttl_seconds.map_or(self.next.plan.times.settle, |ttl| self.next.spec.settle.wait(ttl));
        let earlier = self.next.record.caches.and_then(|caches| caches.until_ms);
        since_ms.saturating_add(wait.ms()).max(earlier.unwrap_or(0))
    }
}
