//! How often DNS was answered from the record sets that services steer, by the second: what releases measure as `dns`.
//!
//! Before: `serve` counts, in slots that the view names. After: `measure` asks for what was gained. Nothing is kept over a
//! restart: until as much time has passed as is asked for, there is no data.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use answer::AnswerSlot;
use control::Views;
use model::deployment::RecordSetKey;
use model::metric::{DnsValue, Measurement};

/// Between two looks at the counters.
const TICK: Duration = Duration::from_secs(1);
/// Looks that are remembered: the five minutes that a metric may ask for, and where they begin. Looks may come late, never
/// early.
const TICKS: usize = 301;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Answers {
    views: Views,
    serving: serve::Status,
    looks: Arc<Mutex<HashMap<AnswerSlot, Looks>>>,
}

/// The counter of one slot at each look, the newest last.
#[derive(Default)]
struct Looks(VecDeque<(Instant, u64)>);

impl Looks {
    fn push(&mut self, at: Instant, counter: u64) {
        if self.0.len() == TICKS {
            self.0.pop_front();
        }
        self.0.push_back((at, counter));
    }

    /// What was gained in at least this time before the newest look, and in which time; none if it was not looked at so
    /// long.
    fn gained(&self, over: Duration) -> Option<(u64, Duration)> {
        let (now, newest) = *self.0.back()?;
        // A timer that was late by some milliseconds and then on time again makes a second shorter than one.
        let is_before = |at: Instant| now.saturating_duration_since(at) + TICK / 10 >= over;
        let (at, counter) = *self.0.iter().rev().skip(1).find(|(at, _)| is_before(*at))?;
        Some((newest.saturating_sub(counter), now.saturating_duration_since(at)))
    }
}

impl Answers {
    pub(crate) fn new(views: Views, serving: serve::Status) -> Self {
        Self { views, serving, looks: Arc::default() }
    }

    /// Looks at the counters every second, as long as the runtime lasts.
    pub(crate) async fn watch(self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    fn look(&self) {
        let view = self.views.current();
        let mut before = self.looks();
        let (mut looks, at) = (HashMap::with_capacity(before.len()), Instant::now());
        for (_, _, _, _, slot) in view.snapshot.answer_slots() {
            let mut own = before.remove(&slot).unwrap_or_default();
            own.push(at, self.serving.answers(slot));
            looks.insert(slot, own);
        }
        *before = looks;
    }

    /// What was counted in the time before the last look.
    pub(crate) fn measure(
        &self,
        of: &[RecordSetKey],
        among: &[RecordSetKey],
        value: DnsValue,
        over_ms: u64,
    ) -> Measurement {
        let view = self.views.current();
        let looks = self.looks();
        let over = Duration::from_millis(over_ms).max(TICK);
        let gained = |set: &RecordSetKey| {
            let RecordSetKey { zone, name, record_type, set_identifier } = set;
            let slot = view.snapshot.answer_slot(zone, name, *record_type, set_identifier.as_str())?;
            looks.get(&slot)?.gained(over)
        };
        // All slots are looked at together, so one time is that of all.
        let time = of.iter().find_map(gained).map_or(over, |(_, time)| time);
        let gains =
            |sets: &[RecordSetKey]| sets.iter().map(|set| gained(set).map(|(gain, _)| gain)).collect::<Vec<_>>();
        value.of(&gains(of), &gains(among), time.as_secs_f64())
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<AnswerSlot, Looks>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(at_ms: &[(u64, u64)]) -> Looks {
        let (start, mut looks) = (Instant::now(), Looks::default());
        at_ms.iter().for_each(|(ms, counter)| looks.push(start + Duration::from_millis(*ms), *counter));
        looks
    }

    #[test]
    fn what_was_gained_is_told_with_its_time_and_only_once_all_of_it_was_looked_at() {
        let told = |looks: &Looks, seconds| looks.gained(Duration::from_secs(seconds)).map(|(n, t)| (n, t.as_millis()));
        assert_eq!(told(&looks(&[]), 1), None);
        assert_eq!(told(&looks(&[(0, 5)]), 1), None);
        let even = looks(&[(0, 5), (1_000, 7), (2_000, 17)]);
        assert_eq!([1, 2, 3].map(|seconds| told(&even, seconds)), [Some((10, 1_000)), Some((12, 2_000)), None]);
        // One look came late: a second that was longer is divided by what it was.
        let late = looks(&[(0, 0), (1_000, 10), (3_500, 35), (4_450, 44)]);
        assert_eq!(told(&late, 1), Some((9, 950)));
        assert_eq!(told(&late, 2), Some((34, 3_450)));
    }

    #[test]
    fn five_minutes_are_remembered_and_no_more() {
        let all: Vec<(u64, u64)> = (0..400).map(|i| (i * 1_000, i)).collect();
        let looks = looks(&all);
        assert_eq!(looks.gained(Duration::from_secs(300)).map(|(gain, _)| gain), Some(300));
        assert!(looks.gained(Duration::from_secs(301)).is_none());
    }
}
