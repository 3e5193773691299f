//! One account's share of the endpoint's patience: five requests a second, fewer after it was throttled.
//!
//! "All requests: five requests per second per AWS account" (R53 limits). Requests of all releases go through one limiter.
//! Writes go first: they are few, and the way back is one of them; whatever reads takes its turn when it comes and none
//! before, one after the other. After a throttled request the whole account rests for longer and longer, each time a
//! random part of it, so that several servers of one account do not come back together. Failures of writes are counted
//! apart: each is followed by a look, and that one goes well says nothing of the next write.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Between two requests: five a second.
const SPACING: Duration = Duration::from_millis(200);
/// The first rest after a failure, doubled with each further one.
const REST_MS: u64 = 1_000;
/// No rest is longer.
const REST_MS_MAX: u64 = 30_000;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Reading,
    Writing,
}

/// The limiter of one account.
#[derive(Debug)]
pub(crate) struct Limiter {
    state: Mutex<State>,
    /// Held by the one that reads next, while it waits.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// When the next request may be sent.
    next: Instant,
    /// Failures in a row, of what reads.
    reads: u32,
    /// The same of writes.
    writes: u32,
}

impl Limiter {
    pub(crate) fn new() -> Self {
        let state = State { next: Instant::now(), reads: 0, writes: 0 };
        Self { state: Mutex::new(state), reading: tokio::sync::Mutex::new(()) }
    }

    /// Waits for the turn of something that reads, however long that is: nothing is lost by reading late.
    pub(crate) async fn turn_to_read(&self) {
        let _next = self.reading.lock().await;
        loop {
            let Err(at) = self.state().turn_now(Instant::now()) else { return };
            tokio::time::sleep_until(at).await;
        }
    }

    /// Waits for the turn of a write; if that is further away than `patience`, takes none and says how far.
    pub(crate) async fn turn_to_write(&self, patience: Duration) -> Result<(), Duration> {
        let at = self.state().turn(Instant::now(), patience)?;
        tokio::time::sleep_until(at).await;
        Ok(())
    }

    /// A request was answered.
    pub(crate) fn answered(&self, of: Of) {
        *self.state().failures(of) = 0;
    }

    /// A request failed: how long to rest, in milliseconds. Of a throttled one the whole account rests.
    pub(crate) fn failed(&self, of: Of, is_throttled: bool) -> u64 {
        self.state().failed(of, Instant::now(), is_throttled)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the next turn, whenever that is.
    fn turn(&mut self, now: Instant, patience: Duration) -> Result<Instant, Duration> {
        let at = self.next.max(now);
        if at - now > patience {
            return Err(at - now);
        }
        self.next = at + SPACING;
        Ok(at)
    }

    /// Takes a turn if it is time for one; else when to ask again.
    fn turn_now(&mut self, now: Instant) -> Result<(), Instant> {
        if self.next > now {
            return Err(self.next);
        }
        self.next = now + SPACING;
        Ok(())
    }

    fn failures(&mut self, of: Of) -> &mut u32 {
        match of {
            Of::Reading => &mut self.reads,
            Of::Writing => &mut self.writes,
        }
    }

    fn failed(&mut self, of: Of, now: Instant, is_throttled: bool) -> u64 {
        let failures = self.failures(of);
        let most = REST_MS.saturating_mul(1 << (*failures).min(16)).min(REST_MS_MAX);
        *failures = failures.saturating_add(1);
        // Between half of it and all of it.
        let rest_ms = most / 2 + RandomState::new().hash_one(0) % (most / 2 + 1);
        if is_throttled {
            self.next = self.next.max(now + Duration::from_millis(rest_ms));
        }
        rest_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Duration = Duration::ZERO;

    #[test]
    fn five_a_second_and_less_after_failures() {
        let began = Instant::now();
        let mut state = State { next: began, reads: 0, writes: 0 };
        let at: Vec<Instant> = (0..11).map(|_| state.turn(began, Duration::MAX).unwrap()).collect();
        assert_eq!((at[10] - began).as_millis(), 2_000);
        // Who does not want to wait takes no turn from others.
        assert_eq!(state.turn(began, Duration::from_secs(2)), Err(Duration::from_millis(2_200)));
        assert_eq!(state.turn(began, Duration::from_millis(2_200)), Ok(began + Duration::from_millis(2_200)));
        let rests: Vec<u64> = (0..8).map(|_| state.failed(Of::Reading, began, true)).collect();
        for (rest, most) in rests.iter().zip([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]) {
            assert!((most / 2..=most).contains(rest), "{rests:?}");
        }
        let wait = state.turn(began, Duration::from_secs(1)).unwrap_err();
        assert!(wait.as_millis() >= 15_000, "the whole account rests: {wait:?}");
        *state.failures(Of::Reading) = 0;
        assert!(state.failed(Of::Reading, began, false) <= 1_000);
    }

    #[test]
    fn a_look_that_goes_well_between_refused_writes_does_not_shorten_their_rests() {
        let limiter = Limiter::new();
        let rests: Vec<u64> = (0..5)
            .map(|_| {
                limiter.answered(Of::Reading);
                limiter.failed(Of::Writing, false)
            })
            .collect();
        assert!(rests.iter().zip([500, 1_000, 2_000, 4_000, 8_000]).all(|(rest, least)| *rest >= least), "{rests:?}");
        limiter.answered(Of::Writing);
        assert!(limiter.failed(Of::Writing, false) <= 1_000);
    }

    #[test]
    fn looks_that_wait_take_no_turn_from_a_write() {
        let began = Instant::now();
        let mut state = State { next: began, reads: 0, writes: 0 };
        assert_eq!(state.turn_now(began), Ok(()));
        // However many wait, each asks for now and gets nothing.
        for _ in 0..50 {
            assert_eq!(state.turn_now(began), Err(began + SPACING));
        }
        assert_eq!(state.turn(began, SPACING), Ok(began + SPACING));
        assert_eq!(state.turn(began + SPACING, NONE), Err(SPACING));
    }
}
