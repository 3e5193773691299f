//! Which deployments are due, and when the next one will be. Plain bookkeeping; the state that counts is in the store,
//! so losing all of this loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use model::deployment::{HookCallId, HookOutcome, MeasurementId};
use model::endpoint;
use model::id::DeploymentId;
use model::metric::Measurement;

use super::foreign::{Begun, Errands};
use super::turn::{Next, author};

/// After a failure of the store: 0.5 s, doubled each time, at most half a minute.
const BACKOFF_MS: u64 = 500;
const BACKOFF_MS_MAX: u64 = 30_000;
/// Turns that change something right after one another. A release of a hundred steps needs a few at a time; more are
/// a fault of ours, and must not keep a core busy.
const TURNS_IN_ROW_MAX: u32 = 64;
/// Such a deployment rests so long.
const REST_MS: u64 = 1_000;
/// See [`with_slack`].
const SLACK_MS_MAX: u64 = 128;

/// One deployment that has not ended.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Something happened that it may want to see.
    is_due: bool,
    /// Look at this time at the latest, in ms since 1970.
    wake_ms: Option<u64>,
    /// Not before this time, whatever happens.
    rest_until_ms: u64,
    failures: u32,
    in_row: u32,
    watched: Vec<Vec<u8>>,
    pub(super) awaits_servers: bool,
    /// A turn has seen that its snapshot is taken.
    pub(super) has_snapshot: bool,
    /// Kept until a turn has been stored with them.
    pub(super) finished: Vec<(MeasurementId, Measurement)>,
    pub(super) measuring: BTreeSet<MeasurementId>,
    /// The same of hooks.
    pub(super) called: Vec<(HookCallId, HookOutcome)>,
    pub(super) calling: BTreeSet<HookCallId>,
    /// To somebody else's endpoint.
    pub(super) errands: Errands,
}

/// How much of what ended outside was given to a turn.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HandedIn {
    finished: usize,
    called: usize,
    written: usize,
}

impl Open {
    /// All that has ended by now.
    pub(super) fn handed_in(&self) -> HandedIn {
        let written = self.errands.told.written.len();
        HandedIn { finished: self.finished.len(), called: self.called.len(), written }
    }
}

/// All deployments that have not ended.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    pub(super) open: BTreeMap<DeploymentId, Open>,
    /// The last one that took its turn.
    last: Option<DeploymentId>,
}

impl Schedule {
    /// A deployment to look at; one that is there already is due.
    pub(super) fn add(&mut self, id: DeploymentId) {
        self.open.entry(id).or_default().is_due = true;
    }

    /// Everything may have changed.
    pub(super) fn all_due(&mut self) {
        self.open.values_mut().for_each(|open| open.is_due = true);
    }

    /// A key was changed by this author. What a deployment wrote itself it has seen.
    pub(super) fn note_change(&mut self, key: &[u8], by: &str) {
        for (id, open) in &mut self.open {
            if open.watched.iter().any(|watched| key.starts_with(watched)) && by != author(id) {
                open.is_due = true;
            }
        }
    }

    /// DNS servers serve another revision.
    pub(super) fn note_served(&mut self) {
        self.open.values_mut().filter(|open| open.awaits_servers).for_each(|open| open.is_due = true);
    }

    /// A measurement came in; whether anybody waits for it.
    pub(super) fn note_measured(&mut self, of: &DeploymentId, id: MeasurementId, measurement: Measurement) {
        let Some(open) = self.open.get_mut(of) else { return };
        open.measuring.remove(&id);
        open.finished.push((id, measurement));
        open.is_due = true;
    }

    /// A call of a hook ended.
    pub(super) fn note_called(&mut self, of: &DeploymentId, id: HookCallId, outcome: HookOutcome) {
        let Some(open) = self.open.get_mut(of) else { return };
        open.calling.remove(&id);
        open.called.push((id, outcome));
        open.is_due = true;
    }

    /// An errand ended.
    pub(super) fn note_errand(&mut self, of: &DeploymentId, begun: Begun, report: endpoint::Report, now_ms: u64) {
        let Some(open) = self.open.get_mut(of) else { return };
        open.errands.ended(begun, report, now_ms);
        open.is_due = true;
    }

    /// Deployments that are due, at most so many; the next time those behind them come first.
    pub(super) fn due(&mut self, now_ms: u64, at_most: usize) -> Vec<DeploymentId> {
        // A rest that seems longer than any was begun before the clock was set back.
        let rests = |open: &Open| (1..=BACKOFF_MS_MAX).contains(&open.rest_until_ms.saturating_sub(now_ms));
        let is_due = |open: &Open| (open.is_due || open.wake_ms.is_some_and(|at| at <= now_ms)) && !rests(open);
        let last = self.last.take();
        let is_behind = |id: &DeploymentId| last.as_ref().is_none_or(|last| id > last);
        let due = self.open.iter().filter(|(_, open)| is_due(open)).map(|(id, _)| id.clone());
        let (behind, before): (Vec<_>, Vec<_>) = due.partition(is_behind);
        let due: Vec<_> = behind.into_iter().chain(before).take(at_most).collect();
        self.last = due.last().cloned();
        due
    }

    /// When the next one is due; none if only something else can wake one.
    pub(super) fn wake_ms(&self) -> Option<u64> {
        let wake = |open: &Open| {
            let at = if open.is_due { Some(0) } else { open.wake_ms };
            at.map(|at| at.max(open.rest_until_ms))
        };
        self.open.values().filter_map(wake).min()
    }

    /// A turn was stored. So many measurements, outcomes of hooks and ends of writes are part of it.
    pub(super) fn turned(&mut self, id: &DeploymentId, next: &Next, handed_in: HandedIn, now_ms: u64) {
        let Some(open) = self.open.get_mut(id) else { return };
        open.finished.drain(..handed_in.finished);
        open.called.drain(..handed_in.called);
        open.errands.turned(handed_in.written);
        open.is_due = next.has_changed;
        open.wake_ms = next.wake_ms.map(|at_ms| with_slack(now_ms, at_ms));
        open.watched.clone_from(&next.watched);
        open.awaits_servers = next.awaits_servers;
        open.has_snapshot = !next.needs_past;
        open.failures = 0;
        open.in_row = if next.has_changed { open.in_row + 1 } else { 0 };
        if open.in_row > TURNS_IN_ROW_MAX {
            tracing::error!(deployment = %id, "a deployment does not come to rest, slowing it down");
            open.in_row = 0;
            open.rest_until_ms = now_ms.saturating_add(REST_MS);
        }
    }

    /// A turn failed, nothing of it was stored. How often in a row.
    pub(super) fn failed(&mut self, id: &DeploymentId, now_ms: u64) -> u32 {
        let Some(open) = self.open.get_mut(id) else { return 0 };
        let wait = BACKOFF_MS.saturating_mul(1 << open.failures.min(16)).min(BACKOFF_MS_MAX);
        open.failures = open.failures.saturating_add(1);
        open.is_due = true;
        open.rest_until_ms = now_ms.saturating_add(wait);
        open.failures
    }
}

/// A time that others are likely to be woken at too, so that they take their turns together: later by at most a 64th of the
/// wait, and by at most 0.13 s.
fn with_slack(now_ms: u64, at_ms: u64) -> u64 {
    let slack = (at_ms.saturating_sub(now_ms) / 64).min(SLACK_MS_MAX);
    let grid = slack.checked_ilog2().map_or(1, |power| 1 << power);
    at_ms.checked_next_multiple_of(grid).unwrap_or(at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_long_is_woken_with_others() {
        assert_eq!(with_slack(1_000_000, 1_000_063), 1_000_063, "short waits are kept to the millisecond");
        let tenths: BTreeSet<u64> = (0..10_000).map(|at| with_slack(at, at + 10_000)).collect();
        assert_eq!(tenths.len(), 79, "a thousand metrics of ten seconds share 79 moments");
        for (now, at) in [(5, 5), (5, 3), (0, 700), (17, 100_000), (0, u64::MAX)] {
            let later = with_slack(now, at);
            assert!(later >= at && later - at <= (at.saturating_sub(now) / 64).min(SLACK_MS_MAX), "{now} {at} {later}");
        }
    }

    #[test]
    fn failures_are_tried_again_more_and_more_seldom_and_never_at_once() {
        let id = DeploymentId::parse("D1").unwrap();
        let mut schedule = Schedule::default();
        schedule.add(id.clone());
        assert_eq!(schedule.due(1_000, 9), std::slice::from_ref(&id));
        let mut now = 1_000;
        let mut waits = Vec::new();
        for _ in 0..9 {
            schedule.failed(&id, now);
            assert_eq!(schedule.due(now, 9), []);
            let wake = schedule.wake_ms().unwrap();
            waits.push(wake - now);
            now = wake;
            assert_eq!(schedule.due(now, 9), std::slice::from_ref(&id));
        }
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    }

    #[test]
    fn a_deployment_is_woken_by_what_it_watches_and_not_by_itself() {
        let id = DeploymentId::parse("D1").unwrap();
        let mut schedule = Schedule::default();
        schedule.add(id.clone());
        let next = |has_changed| Next {
            has_changed,
            needs_past: false,
            wake_ms: Some(1_500),
            measures: Vec::new(),
            calls: Vec::new(),
            errands: Vec::new(),
            watched: vec![b"r/Z1/com.example.shop.\0".to_vec()],
            awaits_servers: true,
            ended: None,
        };
        schedule.turned(&id, &next(true), HandedIn::default(), 1_000);
        assert!(!schedule.due(1_000, 9).is_empty(), "a turn that changed something is followed by another");
        schedule.turned(&id, &next(false), HandedIn::default(), 1_000);
        assert_eq!((schedule.due(1_000, 9), schedule.wake_ms()), (vec![], Some(1_500)));
        schedule.note_change(b"r/Z1/com.example.other.\0A\0", "alice");
        schedule.note_change(b"r/Z1/com.example.shop.\0A\0blue", "deployment D1");
        assert_eq!(schedule.due(1_000, 9), []);
        schedule.note_change(b"r/Z1/com.example.shop.\0A\0blue", "alice");
        assert_eq!(schedule.due(1_000, 9), std::slice::from_ref(&id));
        for _ in 0..=TURNS_IN_ROW_MAX {
            schedule.turned(&id, &next(true), HandedIn::default(), 1_000);
        }
        assert_eq!((schedule.due(1_000, 9), schedule.wake_ms()), (vec![], Some(1_000 + REST_MS)));
    }
}
