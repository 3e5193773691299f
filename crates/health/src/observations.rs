//! What was last seen of each endpoint, for `GetHealthCheckStatus` and `GetHealthCheckLastFailureReason`.
//!
//! Before: `run` records each result. After: the API reads, through a handle that costs one `Arc` to copy. A reader
//! holds the lock for one look-up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use model::health_status::Observation;
use model::id::HealthCheckId;

/// A handle on the latest observations; copies show the same.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    seen: Arc<RwLock<HashMap<HealthCheckId, Seen>>>,
}

#[derive(Debug)]
struct Seen {
    latest: Observation,
    last_failure: Option<Observation>,
}

impl Observations {
    /// The latest result; none before the first probe, and for calculated checks.
    #[must_use]
    pub fn latest(&self, id: &HealthCheckId) -> Option<Observation> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.get(id).map(|seen| seen.latest.clone())
    }

    /// The latest failure, however long ago; none if there was none since this process started.
    #[must_use]
    pub fn last_failure(&self, id: &HealthCheckId) -> Option<Observation> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.get(id).and_then(|seen| seen.last_failure.clone())
    }

    pub(crate) fn record(&self, id: &HealthCheckId, observation: Observation) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let failure = (!observation.success).then(|| observation.clone());
        match seen.get_mut(id) {
            Some(seen) => {
                seen.last_failure = failure.or(seen.last_failure.take());
                seen.latest = observation;
            }
            None => _ = seen.insert(id.clone(), Seen { latest: observation, last_failure: failure }),
        }
    }

    pub(crate) fn forget(&self, id: &HealthCheckId) {
        self.seen.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_does_not_hide_the_last_failure() {
        let observations = Observations::default();
        let id = HealthCheckId::parse("a").unwrap();
        assert_eq!(observations.latest(&id), None);
        observations.record(&id, Observation::failure("first", 1));
        observations.record(&id, Observation::failure("second", 2));
        observations.record(&id, Observation::success("third", 3));
        assert_eq!(observations.latest(&id).unwrap().status, "Success: third");
        assert_eq!(observations.last_failure(&id).unwrap().status, "Failure: second");
        observations.forget(&id);
        assert_eq!((observations.latest(&id), observations.last_failure(&id)), (None, None));
    }
}
