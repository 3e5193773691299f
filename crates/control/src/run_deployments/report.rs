//! What the runner tells about itself: numbers for metrics, why a deployment stands still, and who was not told of it.
//!
//! Written by the runner and by what tells people (`notices`) alone, read by the API and by metrics. It begins anew with every start; what must last is in the
//! store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use model::deployment::Phase;
use model::id::DeploymentId;

use super::lease::Fenced;

/// Deployments of whose lost notices one can be looked at. Ids sort by time.
const LOST_MAX: usize = 100;

/// What the runner tells about itself. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Report(Arc<Reported>);

#[derive(Debug, Default)]
struct Reported {
    turns: AtomicU64,
    faults: AtomicU64,
    troubles: Mutex<BTreeMap<DeploymentId, String>>,
    ended: Mutex<BTreeMap<Phase, u64>>,
    telling: Mutex<Telling>,
    fenced: OnceLock<Fenced>,
}

/// How it goes with telling people.
#[derive(Debug, Default)]
struct Telling {
    /// Deliveries, by the receiver and by what became of them.
    results: BTreeMap<(String, &'static str), u64>,
    waiting: usize,
    late: BTreeMap<DeploymentId, String>,
    lost: BTreeMap<DeploymentId, String>,
}

impl Report {
    /// Turns taken since the start.
    #[must_use]
    pub fn turns(&self) -> u64 {
        self.0.turns.load(Ordering::Relaxed)
    }

    /// Turns that failed since the start.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.0.faults.load(Ordering::Relaxed)
    }

    /// How many deployments ended since the start, by the phase they ended in.
    #[must_use]
    pub fn ended(&self) -> BTreeMap<Phase, u64> {
        self.endings().clone()
    }

    /// How many deployments cannot be run at the moment.
    #[must_use]
    pub fn troubled(&self) -> usize {
        self.troubles().len()
    }

    /// Why a deployment cannot be run at the moment, if it cannot.
    #[must_use]
    pub fn trouble(&self, id: &DeploymentId) -> Option<String> {
        self.troubles().get(id).cloned()
    }

    /// Whether another runner has taken over; then this one does nothing any more.
    #[must_use]
    pub fn fenced(&self) -> Option<Fenced> {
        self.0.fenced.get().copied()
    }

    /// Deliveries of notices since the start, by the receiver and by what became of them: `delivered`, `failed` (it is
    /// tried again), `lost`.
    #[must_use]
    pub fn told(&self) -> BTreeMap<(String, &'static str), u64> {
        self.telling().results.clone()
    }

    /// How many notices wait to be delivered.
    #[must_use]
    pub fn untold_count(&self) -> usize {
        self.telling().waiting
    }

    /// Who could not be told of a deployment, if anybody.
    #[must_use]
    pub fn untold(&self, id: &DeploymentId) -> Option<String> {
        let telling = self.telling();
        telling.late.get(id).or_else(|| telling.lost.get(id)).cloned()
    }

    pub(crate) fn note_told(&self, receiver: &str, result: &'static str) {
        *self.telling().results.entry((receiver.to_owned(), result)).or_default() += 1;
    }

    /// So many wait; these have failed before.
    pub(crate) fn note_untold(&self, waiting: usize, late: &BTreeMap<DeploymentId, String>) {
        let mut telling = self.telling();
        telling.waiting = waiting;
        telling.late.clone_from(late);
    }

    /// It was given up. The newest are kept.
    pub(crate) fn note_lost(&self, id: &DeploymentId, text: &str) {
        let mut telling = self.telling();
        telling.lost.insert(id.clone(), text.to_owned());
        if telling.lost.len() > LOST_MAX {
            telling.lost.pop_first();
        }
    }

    fn telling(&self) -> MutexGuard<'_, Telling> {
        self.0.telling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_fenced(&self, fenced: Fenced) {
        let _ = self.0.fenced.set(fenced);
    }

    pub(super) fn note_turn(&self) {
        self.0.turns.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_fault(&self) {
        self.0.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// It is over, in this phase unless it was never there.
    pub(super) fn note_end(&self, id: &DeploymentId, phase: Option<Phase>) {
        self.note_sound(id);
        if let Some(phase) = phase {
            *self.endings().entry(phase).or_default() += 1;
        }
    }

    pub(super) fn note_sound(&self, id: &DeploymentId) {
        self.troubles().remove(id);
    }

    /// Whether that is news.
    pub(super) fn note_trouble(&self, id: &DeploymentId, text: &str) -> bool {
        self.troubles().insert(id.clone(), text.to_owned()).as_deref() != Some(text)
    }

    fn endings(&self) -> MutexGuard<'_, BTreeMap<Phase, u64>> {
        self.0.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn troubles(&self) -> MutexGuard<'_, BTreeMap<DeploymentId, String>> {
        self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
