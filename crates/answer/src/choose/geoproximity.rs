//! Geoproximity routing: the smallest distance, stretched or shrunk by the bias; if its record set is unhealthy the next.
//!
//! R53 geoproximity: a positive bias makes the distance × (1 − bias/100), a negative one ÷ (1 + bias/100).
//! Unspecified: a client whose place is unknown counts as equally far from all, so that the largest bias answers.

use super::Whereabouts;
use crate::group::PointSite;

/// Biased kilometres; the least answers.
pub(super) fn cost(site: &PointSite, client: Whereabouts<'_>) -> f64 {
    match (client.direction(), &site.direction) {
        (Some(client), Some(here)) => client.kilometres_to(here) * site.factor,
        (None, Some(_)) => site.factor,
        // A Local Zone or region that nobody knows is behind all others.
        (_, None) => f64::INFINITY,
    }
}

/// What distances are multiplied by.
pub(crate) fn factor(bias: i8) -> f64 {
    let share = f64::from(bias) / 100.0;
    if bias >= 0 { 1.0 - share } else { 1.0 / (1.0 + share) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose::tests::located;
    use model::place::{Degrees, Geoproximity, Origin, Regions};

    #[test]
    fn biases_stretch_and_shrink() {
        for (bias, expected) in [(0, 1.0), (50, 0.5), (99, 0.01), (-50, 2.0), (-99, 100.0), (30, 0.7)] {
            assert!((factor(bias) - expected).abs() < 1e-9, "{bias}");
        }
    }

    /// A degree of latitude is 111 km.
    #[track_caller]
    fn check(client: Option<(i16, i16)>, sites: &[(&str, i8)], nearest: usize) {
        let located = located(None, None, None, client);
        let client = Whereabouts { located: Some(&located), latencies: None };
        let costs: Vec<f64> = sites
            .iter()
            .map(|(latitude, bias)| {
                let (latitude, longitude) = (Degrees::latitude(latitude).unwrap(), Degrees::longitude("0").unwrap());
                let origin = Origin::Coordinates { latitude, longitude };
                cost(&PointSite::of(&Geoproximity { origin, bias: Some(*bias) }, &Regions::default()), client)
            })
            .collect();
        let least = (0..costs.len()).min_by(|a, b| costs[*a].total_cmp(&costs[*b]));
        assert_eq!(least, Some(nearest), "{costs:?}");
    }

    #[test]
    fn the_least_biased_distance_answers() {
        check(Some((0, 0)), &[("1.5", 50), ("-1", 0)], 0);
        check(Some((0, 0)), &[("1.5", 30), ("-1", 0)], 1);
        check(Some((0, 0)), &[("1", -50), ("-1.9", 0)], 1);
        check(None, &[("1", 0), ("80", 10)], 1);
    }
}
