//! What the runner tells about itself: numbers for metrics, and why a deployment stands still.
//!
//! Written by the runner alone, read by the API and by metrics. It begins anew with every start; what must last is in the
//! store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::deployment::Phase;
use model::id::DeploymentId;

/// What the runner tells about itself. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Report(Arc<Reported>);

#[derive(Debug, Default)]
struct Reported {
    turns: AtomicU64,
    faults: AtomicU64,
    troubles: Mutex<BTreeMap<DeploymentId, String>>,
    ended: Mutex<BTreeMap<Phase, u64>>,
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
