//! A calculated health check: how many of its children are healthy. Pure.
//!
//! Before: the final status of every endpoint check. After: `board` reads the result through the parent's own
//! `Inverted` and `Disabled`. That children are no calculated checks themselves is kept where checks are created.

use model::health_check::Calculated;
use model::health_status::{HealthStatus, Verdicts};

/// What the children make of their parent.
pub(crate) fn count(calculated: &Calculated, endpoints: &Verdicts) -> HealthStatus {
    calculated.count(|child| endpoints.is_healthy(child))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::HealthCheckId;

    #[test]
    fn enough_healthy_children_make_a_healthy_parent() {
        let conclude = |seen, inverted, disabled| HealthStatus::conclude(Some(seen), inverted, disabled);
        let check = |children: [HealthStatus; 3], threshold, expect| {
            let ids: Vec<_> = ["a", "b", "c"].map(|id| HealthCheckId::parse(id).unwrap()).into();
            let verdicts = ids.iter().cloned().zip(children).collect();
            assert_eq!(count(&Calculated { children: ids, threshold }, &verdicts), expect);
        };
        use HealthStatus::{Healthy, Unhealthy};
        check([Healthy, Unhealthy, conclude(Unhealthy, false, true)], 2, Healthy);
        check([Healthy, Unhealthy, conclude(Healthy, true, true)], 2, Unhealthy);
        check([Unhealthy; 3], 0, Healthy);
        check([Healthy; 3], 4, Unhealthy);
    }
}
