//! How often DNS was answered from the record sets that services steer: what releases measure as `dns`.
//!
//! Before: `serve` counts, in slots that the view names. After: `measure` asks for what was gained. Nothing is kept over a
//! restart: until half of the time that is asked for has been looked at, there is no data.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use answer::AnswerSlot;
use control::Views;
use model::deployment::RecordSetKey;
use model::metric::{DnsValue, Measurement};

/// Between two looks at the counters; whoever measures looks too.
const TICK: Duration = Duration::from_millis(250);
/// All looks of so long are remembered, of the time before one a second.
const FINE: Duration = Duration::from_secs(3);
/// The shortest time that is measured.
const LEAST: Duration = Duration::from_secs(1);
/// Looks are remembered so long: the five minutes that a metric may ask for, and where they begin.
const REMEMBERED: Duration = Duration::from_secs(302);
/// Looks that are closer together are one: a bound on what is remembered.
const APART: Duration = Duration::from_millis(100);

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
        if self.0.back().is_some_and(|(last, _)| at.saturating_duration_since(*last) < APART) {
            return;
        }
        while self.0.front().is_some_and(|(first, _)| at.saturating_duration_since(*first) > REMEMBERED) {
            self.0.pop_front();
        }
        self.0.push_back((at, counter));
        // The newest of those that are not fine any more.
        let old = self.0.iter().rposition(|(look, _)| at.saturating_duration_since(*look) > FINE);
        if let Some(old) = old.filter(|old| *old > 0)
            && self.0[old].0.saturating_duration_since(self.0[old - 1].0) < LEAST - APART
        {
            self.0.remove(old);
        }
    }

    /// What was gained in the last `over` until now, and in which time: from the first look in that time on, so that nothing of
    /// before is counted. None if that is not half of it. A look a little earlier will do, as measurements come a little
    /// late.
    fn gained(&self, over: Duration, now: Instant, counter: u64) -> Option<(u64, Duration)> {
        let since = |at: Instant| now.saturating_duration_since(at);
        let (at, before) = *self.0.iter().find(|(at, _)| since(*at) <= over + (over / 20).min(APART))?;
        (since(at) >= over / 2).then(|| (counter.saturating_sub(before), since(at)))
    }
}

impl Answers {
    pub(crate) fn new(views: Views, serving: serve::Status) -> Self {
        Self { views, serving, looks: Arc::default() }
    }

    /// Looks at the counters again and again, as long as the runtime lasts.
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
        let (mut looks, at, mut slots) = (self.looks(), Instant::now(), 0);
        for (_, _, _, _, slot) in view.snapshot.answer_slots() {
            looks.entry(slot).or_default().push(at, self.serving.answers(slot));
            slots += 1;
        }
        // Some record sets are steered no more.
        if looks.len() > slots {
            let steered: HashSet<AnswerSlot> = view.snapshot.answer_slots().map(|(_, _, _, _, slot)| slot).collect();
            looks.retain(|slot, _| steered.contains(slot));
        }
    }

    /// What was counted in this time until now. Nothing is known of less than a second.
    pub(crate) fn measure(
        &self,
        of: &[RecordSetKey],
        among: &[RecordSetKey],
        value: DnsValue,
        over_ms: u64,
    ) -> Measurement {
        let over = Duration::from_millis(over_ms);
        if over < LEAST {
            return Measurement::NoData;
        }
        let view = self.views.current();
        let (mut looks, now) = (self.looks(), Instant::now());
        let slot = |set: &RecordSetKey| {
            let RecordSetKey { zone, name, record_type, set_identifier } = set;
            view.snapshot.answer_slot(zone, name, *record_type, set_identifier.as_str())
        };
        let gained = |set: &RecordSetKey| {
            let slot = slot(set)?;
            looks.get(&slot)?.gained(over, now, self.serving.answers(slot))
        };
        // A record set that was made in the meantime gave no answers before.
        let time = of.iter().filter_map(gained).map(|(_, time)| time).max().unwrap_or(over);
        let gains =
            |sets: &[RecordSetKey]| sets.iter().map(|set| gained(set).map(|(gain, _)| gain)).collect::<Vec<_>>();
        let measured = value.of(&gains(of), &gains(among), time.as_secs_f64());
        // The next measurement may begin where this one ends.
        for slot in of.iter().chain(among).filter_map(slot) {
            if let Some(looks) = looks.get_mut(&slot) {
                looks.push(now, self.serving.answers(slot));
            }
        }
        measured
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<AnswerSlot, Looks>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at these ms, and what was gained in the last `over` ms until `now`, and in how many.
    fn gained(at_ms: &[(u64, u64)], over: u64, (now, counter): (u64, u64)) -> Option<(u64, u128)> {
        let (start, mut looks) = (Instant::now(), Looks::default());
        let ms = |ms: u64| Duration::from_millis(ms);
        at_ms.iter().for_each(|(at, counter)| looks.push(start + ms(*at), *counter));
        looks.gained(ms(over), start + ms(now), counter).map(|(gain, time)| (gain, time.as_millis()))
    }

    #[test]
    fn what_was_gained_is_told_with_its_time_and_nothing_of_before() {
        assert_eq!(gained(&[], 1_000, (5_000, 9)), None);
        let even = [(0, 0), (1_000, 10), (2_000, 20), (3_000, 60)];
        // The looks of the last second are used, not the one before it.
        assert_eq!(gained(&even, 1_000, (3_700, 90)), Some((30, 700)));
        assert_eq!(gained(&even, 2_000, (3_700, 90)), Some((70, 1_700)));
        assert_eq!(gained(&even, 1_000, (3_200, 70)), None, "a fifth of a second is too little to speak of one");
        // One that measures every second finds where it ended before, a little more than that ago.
        assert_eq!(gained(&[(0, 0), (200, 5), (1_000, 10)], 1_000, (1_240, 50)), Some((45, 1_040)));
        assert_eq!(gained(&even, 60_000, (3_700, 90)), None, "it was not looked at so long");
    }

    #[test]
    fn five_minutes_are_remembered_and_no_more() {
        let all: Vec<(u64, u64)> = (0..40_000).map(|i| (i * 50, i)).collect();
        let end = (40_000 * 50, 40_000);
        let (gain, time) = gained(&all, 300_000, end).unwrap();
        assert!((299_000..=300_100).contains(&time) && u128::from(gain) == time / 50, "{gain} in {time} ms");
        let (start, mut looks) = (Instant::now(), Looks::default());
        all.iter().for_each(|(at, counter)| looks.push(start + Duration::from_millis(*at), *counter));
        assert!(looks.0.len() <= 400, "{}", looks.0.len());
    }
}
