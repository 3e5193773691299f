//! What readers see: one immutable value, swapped as a whole.

use std::num::NonZeroU32;
use std::sync::Arc;

use model::id::HealthCheckId;

use crate::{Places, Snapshot};

/// Everything an answer depends on besides the question and the client. A change of records makes a new snapshot, a
/// health flip makes new health with the same snapshot; either way readers get one new `View`.
#[derive(Debug, Clone)]
pub struct View {
    /// The compiled zones.
    pub snapshot: Arc<Snapshot>,
    /// Which health checks fail.
    pub health: Arc<Health>,
    /// Where clients are.
    pub places: Arc<Places>,
}

impl View {
    /// The revision of the log that the records are compiled from.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.snapshot.revision()
    }

    /// Whether a health check lets record sets answer. One that no record set names is not known here and counts as
    /// healthy.
    #[must_use]
    pub fn is_healthy(&self, id: &HealthCheckId) -> bool {
        self.snapshot.health_checks().get(id).is_none_or(|index| self.health.is_healthy(*index))
    }
}

/// The place of a health check in [`Health`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HealthIndex(NonZeroU32);

impl HealthIndex {
    /// The place after so many others.
    pub(crate) fn after(others: usize) -> Self {
        let number = u32::try_from(others + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("fewer than 2³² - 1 health checks"))
    }

    fn place(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Which health checks fail: one bit each.
#[derive(Debug, Default)]
pub struct Health {
    unhealthy: Box<[u64]>,
}

impl Health {
    /// Asks the status of every health check that the snapshot's record sets name. A check that no longer exists
    /// counts as healthy. Unspecified: AWS calls its status unpredictable.
    #[must_use]
    pub fn compile(snapshot: &Snapshot, is_healthy: impl Fn(&HealthCheckId) -> bool) -> Self {
        let mut unhealthy = vec![0u64; snapshot.health_checks().len().div_ceil(64)];
        for (id, index) in snapshot.health_checks() {
            if !is_healthy(id) {
                unhealthy[index.place() / 64] |= 1 << (index.place() % 64);
            }
        }
        Self { unhealthy: unhealthy.into() }
    }

    /// A check added after this was compiled has no bit yet and is healthy until there is a verdict.
    pub(crate) fn is_healthy(&self, index: HealthIndex) -> bool {
        self.unhealthy.get(index.place() / 64).is_none_or(|word| word & (1 << (index.place() % 64)) == 0)
    }
}
