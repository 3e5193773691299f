//! Have values moved, surely and by more than is allowed? By ranks, so that no shape of the values is assumed and a few
//! wild ones move nothing.
//!
//! The shift is the median of all differences (Hodges–Lehmann), its interval the differences at the ranks that the normal
//! approximation of the Mann–Whitney statistic names, with the correction for ties (M. Hollander and D. A. Wolfe,
//! Nonparametric Statistical Methods, §4.3). Nothing is drawn: values that are all equal pass, with a note.

use model::deployment::{Direction, Effect, MannWhitney, NotANumber};

use super::rank::{Sorted, larger, nth_difference, shift, ties};

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Values of the new environment that were judged.
    pub canary: usize,
    /// Values of the baseline that were judged.
    pub baseline: usize,
    /// The medians, new and old.
    pub medians: (f64, f64),
    /// The shift of the new values against the old.
    pub shift: f64,
    /// The shift is at least and at most this; none when there are too few values to say.
    pub interval: Option<(f64, f64)>,
    /// The size of the effect; none when the old mean is zero.
    pub effect: Option<f64>,
    /// It moved surely, in a bad direction, by more than is allowed.
    pub is_worse: bool,
    /// And to a critical size.
    pub is_critical: bool,
    /// What a reader should know.
    pub note: Option<&'static str>,
}

/// The values that are judged, after those that are no numbers and outliers.
fn cleaned(rule: &MannWhitney, values: &[f64]) -> Sorted {
    let kept = values.iter().map(|value| match rule.nan {
        NotANumber::Zero if value.is_nan() => 0.0,
        NotANumber::Zero | NotANumber::Remove => *value,
    });
    let sorted = Sorted::new(kept);
    rule.outliers.map_or(sorted.clone(), |factor| sorted.without_outliers(factor))
}

/// How many values would be judged, new and old.
#[must_use]
pub fn usable(rule: &MannWhitney, canary: &[f64], baseline: &[f64]) -> (usize, usize) {
    (cleaned(rule, canary).len(), cleaned(rule, baseline).len())
}

/// Compares; nothing if one side has no values. `bound` is the half width of the interval in standard deviations.
#[must_use]
pub fn compare(rule: &MannWhitney, canary: &[f64], baseline: &[f64], bound: f64) -> Option<Moved> {
    let (new, old) = (cleaned(rule, canary), cleaned(rule, baseline));
    if new.len() == 0 || old.len() == 0 {
        return None;
    }
    let (n, m) = (new.len() as f64, old.len() as f64);
    let effect = match rule.effect {
        Effect::Cles => Some(larger(&new, &old) / (n * m)),
        Effect::MeanRatio => Some(new.mean() / old.mean()).filter(|ratio| ratio.is_finite()),
    };
    let medians = (new.median(), old.median());
    let mut moved = Moved {
        canary: new.len(),
        baseline: old.len(),
        medians,
        shift: shift(&new, &old),
        interval: None,
        effect,
        is_worse: false,
        is_critical: false,
        note: None,
    };
    if new == old
        || (new.values()[0] == new.values()[new.len() - 1]
            && new.values()[0] == old.values()[0]
            && old.values()[0] == old.values()[old.len() - 1])
    {
        moved.interval = Some((0.0, 0.0));
        moved.note = Some("both sides have the same values");
        return Some(moved);
    }
    let all = n + m;
    let variance = n * m / 12.0 * (all + 1.0 - ties(&new, &old) / (all * (all - 1.0))) * rule.design_effect;
    let rank = n * m / 2.0 - bound * libm::sqrt(variance);
    if rank >= 1.0 {
        let (nth, count) = (libm::floor(rank) as u64, new.len() as u64 * old.len() as u64);
        moved.interval = Some((nth_difference(&new, &old, nth), nth_difference(&new, &old, count + 1 - nth)));
    }
    let clear = rule.tolerance * moved.shift.abs();
    let is_up = moved.interval.is_some_and(|(low, _)| low > clear);
    let is_down = moved.interval.is_some_and(|(_, high)| high < -clear);
    // Without a size there is no limit for it: a sure shift is enough.
    let neutral = if rule.effect == Effect::MeanRatio { 1.0 } else { 0.5 };
    let above = |limit: f64| effect.is_none_or(|effect| effect > limit);
    let below = |limit: f64| effect.is_none_or(|effect| effect < limit);
    let up_counts = rule.direction != Direction::Decrease && is_up;
    let down_counts = rule.direction != Direction::Increase && is_down;
    let is_beyond = |limit: Option<f64>, reached: bool| limit.is_some() && reached;
    moved.is_worse = up_counts && above(rule.allowed_increase.unwrap_or(neutral))
        || down_counts && below(rule.allowed_decrease.unwrap_or(neutral));
    moved.is_critical = up_counts && is_beyond(rule.critical_increase, effect >= rule.critical_increase)
        || down_counts && is_beyond(rule.critical_decrease, effect.is_some() && effect <= rule.critical_decrease);
    moved.is_worse |= moved.is_critical;
    Some(moved)
}
