//! Geoproximity routing: the smallest distance, stretched or shrunk by the bias; if its record set is unhealthy the next.
//!
//! R53 geoproximity: a positive bias makes the distance × (1 − bias/100), a negative one ÷ (1 + bias/100).
//! Unspecified: a client whose place is unknown counts as equally far from all, so that the largest bias answers.

use std::cmp::Ordering;

use super::Whereabouts;
use crate::places::{Direction, kilometres};
use crate::sites::{PointSite, PointSites};

/// Biased kilometres; the least answers.
pub(super) fn cost(site: &PointSite, client: Whereabouts<'_>) -> f64 {
    match (client.direction(), &site.direction) {
        (Some(client), Some(here)) => client.kilometres_to(here) * factor(site.bias),
        (None, Some(_)) => factor(site.bias),
        // A Local Zone or region that nobody knows is behind all others.
        (_, None) => f64::INFINITY,
    }
}

/// The first of the least cost. `regions` are the directions of the regions by their indexes.
pub(super) fn best(sites: &PointSites, client: Whereabouts<'_>, regions: &[Option<Direction>]) -> Option<usize> {
    let sites = sites.iter(regions);
    let Some(client) = client.direction() else {
        return first_least(sites.map(|(here, bias)| if here.is_some() { factor(bias) } else { f64::INFINITY }));
    };
    let mut best: Option<Near> = None;
    let mut has_any = false;
    for (i, (here, bias)) in sites.enumerate() {
        has_any = true;
        let Some(here) = here else { continue };
        let near = Near { i, square: client.square_to(here), factor: factor(bias) };
        if best.as_ref().is_none_or(|best| near.is_before(best)) {
            best = Some(near);
        }
    }
    best.map(|best| best.i).or(has_any.then_some(0))
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
fn factor(bias: i8) -> f64 {
    FACTORS[usize::from(bias.cast_unsigned())]
}

/// For each bias, as the number of its byte.
static FACTORS: [f64; 256] = {
    let mut factors = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "each number of a byte")]
        let bias = (byte as u8).cast_signed();
        let share = bias as f64 / 100.0;
        factors[byte] = if bias >= 0 { 1.0 - share } else { 1.0 / (1.0 + share) };
        byte += 1;
    }
    factors
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choose::tests::located;
    use model::id::Region;
    use model::place::{Degrees, Geoproximity, Origin, Regions};

    #[test]
    fn biases_stretch_and_shrink() {
        for (bias, expected) in [(0, 1.0), (50, 0.5), (99, 0.01), (-50, 2.0), (-99, 100.0), (30, 0.7)] {
            assert!((factor(bias) - expected).abs() < 1e-9, "{bias}");
        }
    }

    fn coordinates(latitude: &str, longitude: &str) -> Origin {
        let (latitude, longitude) = (Degrees::latitude(latitude).unwrap(), Degrees::longitude(longitude).unwrap());
        Origin::Coordinates { latitude, longitude }
    }

    /// A degree of latitude is 111 km.
    #[track_caller]
    fn check(client: Option<(i16, i16)>, sites: &[(&str, i8)], nearest: usize) {
        let located = located(None, None, None, client);
        let client = Whereabouts { located: Some(&located), latencies: None };
        let costs: Vec<f64> = sites
            .iter()
            .map(|(latitude, bias)| {
                let origin = coordinates(latitude, "0");
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
        let regions: Vec<_> =
            Regions::default().iter().map(|region| Regions::default().point(&region).map(Direction::of)).collect();
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
                    let origin = match i {
                        2 => Origin::Region(Region::parse("mars-1").unwrap()),
                        3 => Origin::Region(Region::parse("af-south-1").unwrap()),
                        _ => coordinates(&(latitude / 100).to_string(), &(longitude / 100).to_string()),
                    };
                    PointSite::of(&Geoproximity { origin, bias: Some([0, 0, 30, -30, 50][i]) }, &Regions::default())
                })
                .collect();
            let costs: Vec<f64> = sites.iter().map(|site| cost(site, client)).collect();
            let sites = PointSites::of(sites.into_iter());
            assert_eq!(best(&sites, client, &regions), first_least(costs.iter().copied()), "{costs:?}");
        }
        let mars = Geoproximity { origin: Origin::Region(Region::parse("mars-1").unwrap()), bias: None };
        let nobody = PointSites::of(std::iter::once(PointSite::of(&mars, &Regions::default())));
        assert_eq!(best(&nobody, Whereabouts { located: None, latencies: None }, &regions), Some(0));
    }
}
