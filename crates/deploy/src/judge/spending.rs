//! How far out a statistic must be at each of several looks, so that all looks together err no more often than one.
//!
//! Whoever looks twenty times at a comparison that a single look would get wrong once in twenty, gets it wrong once in
//! four. So the allowed error is spent over the looks: next to nothing at first, most of it at the last
//! (O'Brien–Fleming type; K. K. G. Lan and D. L. DeMets, Biometrika 70 (1983) 659–663). How much a look may spend
//! depends on its number, what it costs on how much was seen in each look, which may grow unevenly.
//!
//! The chances come from the recursion of P. Armitage, C. K. McPherson and B. C. Rowe (1969), on the grid of
//! C. Jennison and B. W. Turnbull, Group Sequential Methods (2000), chapter 19.

use super::normal::{density, point, tail};

/// The grid's fineness; 16 is the authors' value for six digits.
const FINENESS: usize = 16;
/// A look that may spend less than this decides nothing: such a bound would lie beyond 7.6 standard deviations.
const SPEND_MIN: f64 = 1e-14;
/// Halvings of an interval of 16: to the last bit that counts.
const HALVINGS: usize = 56;

/// The error that may have been spent after look `look` of `looks`.
fn spent(alpha: f64, look: usize, looks: usize) -> f64 {
    if look >= looks {
        return alpha;
    }
    let time = look as f64 / looks as f64;
    (2.0 * tail(point(alpha / 2.0) / libm::sqrt(time))).min(alpha)
}

/// The bound of the last look in units of the standard deviation; infinite where it may not decide yet.
///
/// `information` says how much was seen up to each look, in any unit: positive, strictly growing. The first is look 1
/// of `looks`. `alpha` is the error of one side over all looks.
#[must_use]
pub fn bound(alpha: f64, looks: usize, information: &[f64]) -> f64 {
    bounds(alpha, looks, information).last().copied().unwrap_or(f64::INFINITY)
}

/// The bounds of all looks up to now.
#[must_use]
pub fn bounds(alpha: f64, looks: usize, information: &[f64]) -> Vec<f64> {
    let mut bounds = Vec::with_capacity(information.len());
    // The chance to have crossed no bound and to stand at each point of the grid.
    let mut standing: Option<Standing> = None;
    let mut before = 0.0;
    for (index, &now) in information.iter().enumerate() {
        let spent = spent(alpha, index + 1, looks);
        let may_spend = (spent - before).max(0.0);
        before = spent;
        let bound = if may_spend < SPEND_MIN {
            f64::INFINITY
        } else {
            standing.as_ref().map_or_else(|| point(may_spend), |standing| standing.bound(now, may_spend))
        };
        bounds.push(bound);
        // While no look could decide, the statistic is simply normal.
        if standing.is_some() || bound.is_finite() {
            let at = standing.take();
            standing = Some(Standing::after(at.as_ref(), now, bound));
        }
    }
    bounds
}

struct Standing {
    root_information: f64,
    /// Points in standard deviations, and the chance that belongs to each.
    points: Vec<(f64, f64)>,
}

impl Standing {
    /// After a look with this information, without having crossed its bound.
    fn after(before: Option<&Self>, information: f64, bound: f64) -> Self {
        let root = libm::sqrt(information);
        let weighted = |(z, weight): (f64, f64)| {
            let density = match before {
                None => density(z),
                Some(before) => {
                    let step = before.step(information);
                    let sum = before.points.iter().fold(0.0, |sum, (was, chance)| {
                        sum + chance * density((z * root - was * before.root_information) / step)
                    });
                    sum * root / step
                }
            };
            (z, weight * density)
        };
        Self { root_information: root, points: grid(bound).into_iter().map(weighted).collect() }
    }

    /// The bound that is crossed with just this chance at the next look.
    fn bound(&self, information: f64, chance: f64) -> f64 {
        let (root, step) = (libm::sqrt(information), self.step(information));
        let crossed = |bound: f64| {
            self.points
                .iter()
                .fold(0.0, |sum, (was, at)| sum + at * tail((bound * root - was * self.root_information) / step))
        };
        let (mut low, mut high) = (-8.0, 8.0);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if crossed(middle) > chance { low = middle } else { high = middle }
        }
        high
    }

    /// The standard deviation of what the next look adds.
    fn step(&self, information: f64) -> f64 {
        libm::sqrt((information - self.root_information * self.root_information).max(f64::MIN_POSITIVE))
    }
}

/// Points below the bound with their weights by Simpson's rule: dense in the middle, sparse in the tails.
fn grid(bound: f64) -> Vec<(f64, f64)> {
    let r = FINENESS as f64;
    let all = (1..6 * FINENESS).map(|i| {
        let at = i as f64;
        if i < FINENESS {
            -3.0 - 4.0 * libm::log(r / at)
        } else if i <= 5 * FINENESS {
            -3.0 + 3.0 * (at - r) / (2.0 * r)
        } else {
            3.0 + 4.0 * libm::log(r / (6.0 * r - at))
        }
    });
    let mut ends: Vec<f64> = all.filter(|z| *z < bound).collect();
    ends.extend(Some(bound).filter(|bound| bound.is_finite()));
    let mut points = Vec::with_capacity(2 * ends.len());
    let mut left = 0.0;
    for pair in ends.windows(2) {
        let width = pair[1] - pair[0];
        points.push((pair[0], left + width / 6.0));
        points.push((0.5 * (pair[0] + pair[1]), 4.0 * width / 6.0));
        left = width / 6.0;
    }
    points.extend(ends.last().map(|last| (*last, left)));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_the_tables() {
        // R, package ldbounds: ldBounds(t = 1:5/5, iuse = 1, alpha = 0.025, sides = 1).
        let bounds = bounds(0.025, 5, &[1.0, 2.0, 3.0, 4.0, 5.0]);
        for (bound, table) in bounds.iter().zip([4.877, 3.357, 2.680, 2.290, 2.031]) {
            assert!((bound - table).abs() < 1e-3, "{bounds:?}");
        }
    }

    #[test]
    fn one_look_is_the_plain_test_and_the_unit_of_information_says_nothing() {
        assert!((bound(0.05, 1, &[17.0]) - 1.644_853_626_951_472_2).abs() < 1e-12);
        let (a, b) = (bounds(0.05, 4, &[1.0, 2.0, 5.0]), bounds(0.05, 4, &[64.0, 128.0, 320.0]));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9), "{a:?} {b:?}");
    }

    #[test]
    fn early_looks_of_many_decide_nothing() {
        let information: Vec<f64> = (1..=100).map(f64::from).collect();
        let bounds = bounds(0.05, 100, &information);
        assert!(bounds[0].is_infinite() && bounds[99] > 1.6 && bounds[99] < 2.0, "{bounds:?}");
        assert!(bounds.windows(2).all(|pair| pair[0] >= pair[1]), "{bounds:?}");
    }
}
