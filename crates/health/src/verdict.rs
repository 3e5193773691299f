//! When a checker changes its mind, and what several checkers say together. Pure.
//!
//! Before: a probe's success or failure. After: `board` reads the aggregate through `Inverted` and `Disabled`.
//! There is one checker for now, this process; the formula over many is Route 53's and stands ready for more.

use model::health_status::HealthStatus;

/// An endpoint is healthy when *more* than this share of its checkers says so, in percent.
// R53 health-checks: "more than 18%"; AWS says that the figure may change.
const HEALTHY_ABOVE_PERCENT: usize = 18;

/// What one checker thinks of one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Checker {
    /// None until enough results agree for the first time.
    pub(crate) standing: Option<HealthStatus>,
    latest: Option<HealthStatus>,
    /// How often `latest` came in a row, counted up to 255.
    in_a_row: u8,
}

impl Checker {
    /// After one more result: the mind changes once `threshold` results in a row disagree with it, either way.
    #[must_use]
    pub(crate) fn after(self, result: HealthStatus, threshold: u8) -> Self {
        let in_a_row = if self.latest == Some(result) { self.in_a_row.saturating_add(1) } else { 1 };
        let standing = if in_a_row >= threshold { Some(result) } else { self.standing };
        Self { standing, latest: Some(result), in_a_row }
    }

    /// With the mind kept and the count begun anew: the endpoint has moved, and old results are about another place.
    #[must_use]
    pub(crate) fn moved(self) -> Self {
        Self { standing: self.standing, latest: None, in_a_row: 0 }
    }
}

/// What all checkers say together; none until one of them knows.
pub(crate) fn aggregate(checkers: &[Checker]) -> Option<HealthStatus> {
    let known = checkers.iter().filter(|checker| checker.standing.is_some()).count();
    let healthy = checkers.iter().filter(|checker| checker.standing == Some(HealthStatus::Healthy)).count();
    match known {
        0 => None,
        known if healthy * 100 > known * HEALTHY_ABOVE_PERCENT => Some(HealthStatus::Healthy),
        _ => Some(HealthStatus::Unhealthy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthStatus::{Healthy, Unhealthy};

    /// The standing after each letter: `-` unknown, `H` healthy, `U` unhealthy.
    fn check(threshold: u8, results: &str, expect: &str) {
        let mut checker = Checker::default();
        let standings: String = results
            .chars()
            .map(|result| {
                checker = checker.after(if result == 'H' { Healthy } else { Unhealthy }, threshold);
                match checker.standing {
                    None => '-',
                    Some(Healthy) => 'H',
                    Some(Unhealthy) => 'U',
                }
            })
            .collect();
        assert_eq!(standings, expect, "{results} with threshold {threshold}");
    }

    #[test]
    fn only_a_run_of_opposite_results_changes_a_mind_both_ways() {
        // Healthy first, then H,F,F,H,F,F,F: it flips with the last only, and back with the third success in a row.
        check(3, "HHHHFFHFFF", "--HHHHHHHU");
        check(3, "FFFHHFHHH", "--UUUUUUH");
        check(1, "HFHF", "HUHU");
        check(10, "FFFFFFFFF", "---------");
    }

    #[test]
    fn a_lower_threshold_counts_the_results_already_there() {
        let checker = [Healthy, Healthy, Healthy, Unhealthy].iter().fold(Checker::default(), |c, r| c.after(*r, 3));
        assert_eq!(checker.after(Unhealthy, 2).standing, Some(Unhealthy));
        assert_eq!(checker.moved().after(Unhealthy, 2).standing, Some(Healthy));
    }

    #[test]
    fn more_than_eighteen_percent_make_an_endpoint_healthy() {
        let of = |healthy: usize, all: usize| {
            let checkers: Vec<Checker> =
                (0..all).map(|i| Checker::default().after(if i < healthy { Healthy } else { Unhealthy }, 1)).collect();
            aggregate(&checkers)
        };
        assert_eq!(of(3, 16), Some(Healthy));
        assert_eq!(of(2, 16), Some(Unhealthy));
        assert_eq!(of(1, 1), Some(Healthy));
        assert_eq!(of(1, 5), Some(Healthy));
        assert_eq!(of(1, 6), Some(Unhealthy));
        assert_eq!(of(9, 50), Some(Unhealthy));
        assert_eq!(of(0, 0), None);
        assert_eq!(aggregate(&[Checker::default(), Checker::default().after(Healthy, 1)]), Some(Healthy));
    }
}
