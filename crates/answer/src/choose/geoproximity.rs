//! Geoproximity routing: the smallest distance, stretched or shrunk by the bias; if its record set is unhealthy the next.
//!
//! R53 geoproximity: a positive bias makes the distance × (1 − bias/100), a negative one ÷ (1 + bias/100).
//! Unspecified: a client whose place is unknown counts as equally far from all, so that the largest bias answers.

use std::cmp::Ordering;

use super::Whereabouts;
use crate::group::PointSite;
use crate::places::kilometres;

/// Biased kilometres; the least answers.
pub(super) fn cost(site: &PointSite, client: Whereabouts<'_>) -> f64 {
    match (client.direction(), &site.direction) {
        (Some(client), Some(here)) => client.kilometres_to(here) * site.factor,
        (None, Some(_)) => site.factor,
        // A Local Zone or region that nobody knows is behind all others.
        (_, None) => f64::INFINITY,
    }
}

/// The first of the least cost.
pub(super) fn best(sites: &[PointSite], client: Whereabouts<'_>) -> Option<usize> {
    let Some(client) = client.direction() else { return first_least(sites.iter().map(|site| cost(site, client))) };
    let mut best: Option<Near> = None;
    for (i, site) in sites.iter().enumerate() {
        let Some(here) = &site.direction else { continue };
        let near = Near { i, square: client.square_to(here), factor: site.factor };
        if best.as_ref().is_none_or(|best| near.is_before(best)) {
            best = Some(near);
        }
    }
    best.map(|best| best.i).or((!sites.is_empty()).then_some(0))
}

/// A site whose distance was not computed yet.
struct Near {
    i: usize,
    /// Of the straight line to it.
    square: f64,
    factor: f64,
}

impl Near {
    /// Whether it costs less. Most pairs are told apart without trigonometry: where both straight line and factor are
    /// smaller, or one of them equal.
    fn is_before(&self, other: &Self) -> bool {
        let (nearer, stronger) = (self.square.total_cmp(&other.square), self.factor.total_cmp(&other.factor));
        match (nearer, stronger) {
            (Ordering::Greater | Ordering::Equal, Ordering::Greater | Ordering::Equal) => false,
            (Ordering::Less, Ordering::Less | Ordering::Equal) => true,
            // At the place itself no factor matters.
            (Ordering::Equal, Ordering::Less) => self.square > 0.0,
            (Ordering::Less, Ordering::Greater) | (Ordering::Greater, Ordering::Less) => self.cost() < other.cost(),
        }
    }

    fn cost(&self) -> f64 {
        kilometres(self.square) * self.factor
    }
}

fn first_least(costs: impl Iterator<Item = f64>) -> Option<usize> {
    let least = costs.enumerate().reduce(|least, next| if next.1 < least.1 { next } else { least });
    least.map(|(i, _)| i)
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
    use crate::places::Direction;
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

    #[test]
    fn the_best_is_the_first_of_the_least_cost() {
        let mut draw = crate::draw::Draw::Random(5);
        for _ in 0..2_000 {
            let mut below = |n: u32| i16::try_from(draw.first(n)).unwrap();
            // Few places and biases, so that many are equal.
            let mut point = || (below(7) * 1_500 - 4_500, below(7) * 3_000 - 9_000);
            let client = point();
            let located = located(None, None, None, Some(client).filter(|_| client.0 != 0));
            let client = Whereabouts { located: Some(&located), latencies: None };
            let sites: Vec<PointSite> = (0..5)
                .map(|i| {
                    let (latitude, longitude) = point();
                    let direction = Direction::of(model::place::Point { latitude, longitude });
                    PointSite { direction: (i != 2).then_some(direction), factor: factor([0, 0, 30, -30, 50][i]) }
                })
                .collect();
            let costs: Vec<f64> = sites.iter().map(|site| cost(site, client)).collect();
            assert_eq!(best(&sites, client), first_least(costs.iter().copied()), "{costs:?}");
        }
        let nobody = [PointSite { direction: None, factor: 1.0 }];
        assert_eq!(best(&nobody, Whereabouts { located: None, latencies: None }), Some(0));
    }
}
