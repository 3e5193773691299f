//! The clock that releases wait by: the system's time at the start, and from then on only forward at the pace of the
//! monotonic clock.
//!
//! A system's clock that is set forward by an hour would end every wait for caches at once, although no cache has
//! forgotten anything. So a jump is told in the log and not followed until the next start; one that is slewed, as time
//! daemons do with small differences, slews this clock too.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A difference to the system's clock that is worth a line: 5 s.
const TOLD_MS: u64 = 5_000;

/// See the module.
#[derive(Debug)]
pub(crate) struct Steady {
    began: Instant,
    began_ms: u64,
    /// The difference that was told last.
    told_ms: AtomicU64,
}

impl Steady {
    /// Begins at the system's time.
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), began_ms: crate::door::now_ms(), told_ms: AtomicU64::new(0) }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        self.at(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX), crate::door::now_ms())
    }

    fn at(&self, elapsed_ms: u64, system_ms: u64) -> u64 {
        let now_ms = self.began_ms.saturating_add(elapsed_ms);
        let off_ms = now_ms.abs_diff(system_ms);
        if off_ms.abs_diff(self.told_ms.load(Ordering::Relaxed)) > TOLD_MS {
            self.told_ms.store(off_ms, Ordering::Relaxed);
            tracing::warn!(off_ms, "the system's clock was set; releases go on by the time that has passed");
        }
        now_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_moves_no_wait() {
        let steady = Steady { began: Instant::now(), began_ms: 1_000_000, told_ms: AtomicU64::new(0) };
        for (elapsed, system) in [(10, 1_000_010), (20, 4_600_020), (30, 4_600_030), (40, 5)] {
            assert_eq!(steady.at(elapsed, system), 1_000_000 + elapsed);
        }
        assert!(steady.now_ms() >= 1_000_000);
    }
}
