//! What the population saw: every request with its moment, version and outcome, counted in slices of time.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many versions the demo has.
pub(crate) const VERSIONS: usize = 3;

/// One slice is a quarter of a second: fine enough to see a step, coarse enough to count a share.
pub(crate) const SLICE: Duration = Duration::from_millis(250);

/// Requests of one slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Slice {
    /// Requests that reached each version.
    pub(crate) served: [u32; VERSIONS],
    /// Of these, the ones that failed.
    pub(crate) failed: [u32; VERSIONS],
    /// Requests that reached nobody: no answer from DNS, no connection.
    pub(crate) lost: u32,
}

/// Something worth a line in the picture.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Since the start.
    pub(crate) at: Duration,
    /// A few words.
    pub(crate) text: String,
}

/// What the population saw.
#[derive(Debug)]
pub(crate) struct Timeline {
    start: Instant,
    slices: Mutex<Vec<Slice>>,
    marks: Mutex<Vec<Mark>>,
}

impl Slice {
    /// All requests of the slice.
    pub(crate) fn total(&self) -> u32 {
        self.served.iter().sum::<u32>() + self.lost
    }

    /// All requests that failed, whoever's fault.
    pub(crate) fn failures(&self) -> u32 {
        self.failed.iter().sum::<u32>() + self.lost
    }

    fn add(&mut self, other: &Self) {
        for (a, b) in self.served.iter_mut().zip(other.served) {
            *a += b;
        }
        for (a, b) in self.failed.iter_mut().zip(other.failed) {
            *a += b;
        }
        self.lost += other.lost;
    }

    /// The share of one version among requests that reached one; 0 if none did.
    pub(crate) fn share(&self, version: usize) -> f64 {
        let all: u32 = self.served.iter().sum();
        if all == 0 { 0.0 } else { f64::from(self.served[version]) / f64::from(all) }
    }
}

impl Timeline {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), slices: Mutex::default(), marks: Mutex::default() }
    }

    /// Since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Counts one request now. `version` is who served it, if anybody.
    pub(crate) fn count(&self, version: Option<usize>, succeeded: bool) {
        let place = usize::try_from(self.elapsed().as_millis() / SLICE.as_millis()).expect("a demo is short");
        let mut slices = self.slices.lock().expect("no holder panics");
        if slices.len() <= place {
            slices.resize(place + 1, Slice::default());
        }
        let slice = &mut slices[place];
        match version {
            Some(version) => {
                slice.served[version] += 1;
                slice.failed[version] += u32::from(!succeeded);
            }
            None => slice.lost += 1,
        }
    }

    /// Notes a moment for the picture.
    pub(crate) fn mark(&self, text: impl Into<String>) {
        let mark = Mark { at: self.elapsed(), text: text.into() };
        self.marks.lock().expect("no holder panics").push(mark);
    }

    /// The sum over `[from, to)`, in whole slices.
    pub(crate) fn between(&self, from: Duration, to: Duration) -> Slice {
        let place = |at: Duration| usize::try_from(at.as_millis() / SLICE.as_millis()).expect("a demo is short");
        let slices = self.slices.lock().expect("no holder panics");
        let end = place(to).min(slices.len());
        let mut sum = Slice::default();
        slices[place(from).min(end)..end].iter().for_each(|slice| sum.add(slice));
        sum
    }

    /// The sum over the last `window`, the running slice included.
    pub(crate) fn recent(&self, window: Duration) -> Slice {
        let now = self.elapsed();
        self.between(now.saturating_sub(window), now + SLICE)
    }

    /// All slices and marks, for drawing.
    pub(crate) fn drawing(&self) -> (Vec<Slice>, Vec<Mark>) {
        let slices = self.slices.lock().expect("no holder panics").clone();
        (slices, self.marks.lock().expect("no holder panics").clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_version_and_outcome() {
        let timeline = Timeline::new();
        for i in 0..10 {
            timeline.count(Some(i % 2), i != 1);
        }
        timeline.count(None, false);
        let sum = timeline.recent(Duration::from_secs(60));
        assert_eq!((sum.served, sum.failed, sum.lost), ([5, 5, 0], [0, 1, 0], 1));
        assert_eq!((sum.total(), sum.failures()), (11, 2));
        assert!((sum.share(0) - 0.5).abs() < 1e-9);
    }
}
