//! What health checks say: the status of each, and what was last seen.
//!
//! Before: the prober. After: routing leaves out what is unhealthy, the API shows the observations. How many results
//! change a status is the prober's business and not here.

use std::collections::{HashMap, HashSet};

use crate::id::HealthCheckId;

/// What a health check says in the end, after `Inverted` and `Disabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HealthStatus {
    /// Send traffic.
    Healthy,
    /// Do not, as long as something else is healthy.
    Unhealthy,
}

impl HealthStatus {
    /// Reads an aggregate (`None`: not enough data yet) the way the check asks for.
    ///
    /// Disabled goes before everything; nothing known counts as healthy; inverted turns either round.
    #[must_use]
    pub fn conclude(seen: Option<Self>, inverted: bool, disabled: bool) -> Self {
        let healthy = disabled || seen != Some(Self::Unhealthy);
        if healthy != inverted { Self::Healthy } else { Self::Unhealthy }
    }

    /// Whether this is [`HealthStatus::Healthy`].
    #[must_use]
    pub fn is_healthy(self) -> bool {
        self == Self::Healthy
    }
}

/// The status of every health check at one moment. Immutable once made; shared as `Arc<Verdicts>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    statuses: HashMap<HealthCheckId, HealthStatus>,
    /// Those whose status is the guess of the beginning.
    unseen: HashSet<HealthCheckId>,
}

impl Verdicts {
    /// The status of one check; none if there is no such check.
    #[must_use]
    pub fn status(&self, id: &HealthCheckId) -> Option<HealthStatus> {
        self.statuses.get(id).copied()
    }

    /// Whether traffic may go where this check is named. A check that does not exist stops nothing: Route 53 counts a
    /// record set with a deleted health check as healthy.
    #[must_use]
    pub fn is_healthy(&self, id: &HealthCheckId) -> bool {
        self.status(id).is_none_or(HealthStatus::is_healthy)
    }

    /// Whether the status of a check was seen: enough probes have agreed since the start. Nothing known counts as healthy,
    /// which is right for traffic and too little for what cannot be taken back.
    #[must_use]
    pub fn is_seen(&self, id: &HealthCheckId) -> bool {
        self.statuses.contains_key(id) && !self.unseen.contains(id)
    }

    /// The same, of which these are guesses.
    #[must_use]
    pub fn with_unseen(self, unseen: impl IntoIterator<Item = HealthCheckId>) -> Self {
        Self { unseen: unseen.into_iter().collect(), ..self }
    }

    /// Every check with its status, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&HealthCheckId, HealthStatus)> {
        self.statuses.iter().map(|(id, status)| (id, *status))
    }

    /// How many checks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.statuses.len()
    }

    /// Whether there are no checks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty()
    }
}

impl FromIterator<(HealthCheckId, HealthStatus)> for Verdicts {
    fn from_iter<I: IntoIterator<Item = (HealthCheckId, HealthStatus)>>(statuses: I) -> Self {
        Self { statuses: statuses.into_iter().collect(), unseen: HashSet::new() }
    }
}

/// One probe's result as `GetHealthCheckStatus` and `GetHealthCheckLastFailureReason` show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// `Success: …` or `Failure: …`; tools test that beginning.
    pub status: String,
    /// When it was seen, in milliseconds since 1970.
    pub checked_at_ms: u64,
    /// Whether it counts for the endpoint.
    pub success: bool,
}

impl Observation {
    /// The endpoint answered as it should.
    #[must_use]
    pub fn success(what: &str, checked_at_ms: u64) -> Self {
        Self { status: format!("Success: {what}"), checked_at_ms, success: true }
    }

    /// The endpoint did not.
    #[must_use]
    pub fn failure(what: &str, checked_at_ms: u64) -> Self {
        Self { status: format!("Failure: {what}"), checked_at_ms, success: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disabled_goes_before_inverted_and_no_data_counts_as_healthy() {
        use HealthStatus::{Healthy, Unhealthy};
        for (seen, inverted, disabled, expect) in [
            (Some(Healthy), false, false, Healthy),
            (Some(Unhealthy), false, false, Unhealthy),
            (Some(Healthy), true, false, Unhealthy),
            (Some(Unhealthy), true, false, Healthy),
            (Some(Unhealthy), false, true, Healthy),
            (Some(Healthy), true, true, Unhealthy),
            (Some(Unhealthy), true, true, Unhealthy),
            (None, false, false, Healthy),
            (None, true, false, Unhealthy),
        ] {
            assert_eq!(HealthStatus::conclude(seen, inverted, disabled), expect, "{seen:?} {inverted} {disabled}");
        }
    }

    #[test]
    fn a_check_that_is_gone_stops_nothing() {
        let id = |text| HealthCheckId::parse(text).unwrap();
        let verdicts: Verdicts = [(id("down"), HealthStatus::Unhealthy)].into_iter().collect();
        assert!(!verdicts.is_healthy(&id("down")));
        assert!(verdicts.is_healthy(&id("deleted")));
    }

    #[test]
    fn a_guess_is_told_from_what_was_seen() {
        let id = |text| HealthCheckId::parse(text).unwrap();
        let verdicts: Verdicts = ["new", "old"].map(|text| (id(text), HealthStatus::Healthy)).into_iter().collect();
        let verdicts = verdicts.with_unseen([id("new")]);
        assert!(verdicts.is_healthy(&id("new")));
        assert_eq!(["new", "old", "deleted"].map(|text| verdicts.is_seen(&id(text))), [false, true, false]);
    }
}
