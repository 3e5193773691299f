//! What was last seen of each endpoint, for `GetHealthCheckStatus` and `GetHealthCheckLastFailureReason`; and since when
//! each check says what it says, for explanations.
//!
//! Before: `run` records each result. After: the API reads, through a handle that costs one `Arc` to copy. A reader
//! holds the lock for one look-up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use model::health_status::{Observation, Verdicts};
use model::id::HealthCheckId;

/// A handle on the latest observations; copies show the same.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    seen: Arc<RwLock<HashMap<HealthCheckId, Seen>>>,
    since: Arc<RwLock<HashMap<HealthCheckId, u64>>>,
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

    /// Since when the check has the status that it has, in milliseconds since 1970: its last change, or the start of this
    /// process or of the check.
    #[must_use]
    pub fn since_ms(&self, id: &HealthCheckId) -> Option<u64> {
        self.since.read().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    /// Notes what is new in the verdicts.
    pub(crate) fn turn(&self, before: &Verdicts, after: &Verdicts, now_ms: u64) {
        let mut since = self.since.write().unwrap_or_else(PoisonError::into_inner);
        since.retain(|id, _| after.status(id).is_some());
        for (id, status) in after.iter() {
            if before.status(id) != Some(status) {
                since.insert(id.clone(), now_ms);
            }
        }
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

    #[test]
    fn the_time_of_a_status_is_that_of_its_last_change() {
        use model::health_status::HealthStatus::{Healthy, Unhealthy};
        let observations = Observations::default();
        let id = HealthCheckId::parse("a").unwrap();
        let verdicts = |status| [(id.clone(), status)].into_iter().collect::<Verdicts>();
        observations.turn(&Verdicts::default(), &verdicts(Healthy), 1);
        observations.turn(&verdicts(Healthy), &verdicts(Healthy), 2);
        assert_eq!(observations.since_ms(&id), Some(1));
        observations.turn(&verdicts(Healthy), &verdicts(Unhealthy), 3);
        assert_eq!(observations.since_ms(&id), Some(3));
        observations.turn(&verdicts(Unhealthy), &Verdicts::default(), 4);
        assert_eq!(observations.since_ms(&id), None);
    }
}
