//! Is the share of bad events larger in the new environment than in the old, by more than is borne?
//!
//! The score interval of O. Miettinen and M. Nurminen, Statistics in Medicine 4 (1985) 213–226, for the difference of two
//! shares, with the correction for skewness of J. J. Gart and J. Nam, Biometrics 46 (1990) 637–643, in P. J. Laud's form,
//! Pharmaceutical Statistics 16 (2017) 334–348. It works with few events and with none. The correction is needed because a
//! canary has a twentieth of the requests: without it twenty looks at equal arms of 25 and 475 requests each failed
//! 7 % of good releases where 5 % were allowed.

use model::deployment::Counts;

/// Halvings of the interval from −1 to 1: finer than any count can tell.
const HALVINGS: usize = 50;

/// The interval of the difference of shares, new less old.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// At least this; −1 when nothing is known.
    pub low: f64,
    /// At most this; 1 when nothing is known.
    pub high: f64,
}

/// The interval whose ends are `bound` standard deviations away. Both totals are positive.
#[must_use]
pub fn interval(canary: Counts, baseline: Counts, bound: f64) -> Interval {
    if !bound.is_finite() {
        return Interval { low: -1.0, high: 1.0 };
    }
    Interval { low: crossing(canary, baseline, bound), high: crossing(canary, baseline, -bound) }
}

/// Whether the new environment is worse by more than is borne: what is seen is beyond `delta`, and by more than chance.
///
/// Both are asked, because the score is corrected for skewness: five requests without a bad event beside thousands without
/// one score almost 1, beyond the bounds of whoever bears many false alarms. What is seen within the limit never fails.
#[must_use]
pub fn is_worse(canary: Counts, baseline: Counts, delta: f64, bound: f64) -> bool {
    canary.events / canary.total - baseline.events / baseline.total > delta && score(canary, baseline, delta) > bound
}

/// How many standard deviations the difference lies above `difference`.
#[must_use]
pub fn score(canary: Counts, baseline: Counts, difference: f64) -> f64 {
    let (n1, n2) = (canary.total, baseline.total);
    let observed = canary.events / n1 - baseline.events / n2;
    let (p1, p2) = restricted(canary, baseline, difference);
    let (v1, v2) = (p1 * (1.0 - p1) / n1, p2 * (1.0 - p2) / n2);
    let n = n1 + n2;
    let variance = (v1 + v2) * n / (n - 1.0).max(1.0);
    let above = observed - difference;
    if variance <= 0.0 {
        return if above == 0.0 { 0.0 } else { f64::INFINITY.copysign(above) };
    }
    let deviation = libm::sqrt(variance);
    let plain = above / deviation;
    let skewness = (v1 * (1.0 - 2.0 * p1) / n1 - v2 * (1.0 - 2.0 * p2) / n2) / (6.0 * variance * deviation);
    // The root of skewness·z² + z − (plain + skewness) that goes to `plain` without skewness.
    let constant = plain + skewness;
    2.0 * constant / (1.0 + libm::sqrt((1.0 + 4.0 * skewness * constant).max(0.0)))
}

/// The shares that make what was counted most likely among those that differ by just this much: the root of a cubic
/// (appendix of Miettinen and Nurminen).
fn restricted(canary: Counts, baseline: Counts, difference: f64) -> (f64, f64) {
    let (n1, n2, x2) = (canary.total, baseline.total, baseline.events);
    let (n, x, d) = (n1 + n2, canary.events + x2, difference);
    let l2 = ((n1 + 2.0 * n2) * d - n - x) / n;
    let l1 = ((n2 * d - n - 2.0 * x2) * d + x) / n;
    let l0 = x2 * d * (1.0 - d) / n;
    let q = l2 * l2 * l2 / 27.0 - l1 * l2 / 6.0 + l0 / 2.0;
    let p = libm::sqrt((l2 * l2 / 9.0 - l1 / 3.0).max(0.0));
    let p = if q < 0.0 { -p } else { p };
    let cube = p * p * p;
    let angle = if cube == 0.0 { 1.0 } else { (q / cube).clamp(-1.0, 1.0) };
    let turned = (std::f64::consts::PI + libm::acos(angle)) / 3.0;
    let low = (-d).clamp(0.0, 1.0);
    let high = (1.0 - d).clamp(0.0, 1.0);
    let p2 = (2.0 * p * libm::cos(turned) - l2 / 3.0).clamp(low, high);
    ((p2 + d).clamp(0.0, 1.0), p2)
}

/// Where the score, which falls as the difference grows, equals `level`.
fn crossing(canary: Counts, baseline: Counts, level: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if score(canary, baseline, middle) > level { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
