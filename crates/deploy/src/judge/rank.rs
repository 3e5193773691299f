//! Two samples by their ranks: who is larger how often, and by how much. Exact, in the order of the values and of nothing
//! else, so that the same values in any order give the same bits.

/// Finite values, sorted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts. Values that are not finite are left out.
    pub(super) fn new(values: impl IntoIterator<Item = f64>) -> Self {
        // Adding zero makes one zero of the two that differ in sign only.
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).map(|v| v + 0.0).collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.0
    }

    pub(super) fn mean(&self) -> f64 {
        self.0.iter().fold(0.0, |sum, value| sum + value) / self.0.len() as f64
    }

    pub(super) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// By straight lines between the values (Hyndman and Fan's type 7). There must be a value.
    pub(super) fn quantile(&self, at: f64) -> f64 {
        let place = at * (self.0.len() - 1) as f64;
        let (below, part) = (libm::floor(place), place - libm::floor(place));
        let index = below as usize;
        let (low, high) = (self.0[index], self.0[(index + 1).min(self.0.len() - 1)]);
        let between = low + part * (high - low);
        // Two that are farther apart than the largest number.
        if between.is_finite() { between } else { low * (1.0 - part) + high * part }
    }

    /// Without what lies farther than `factor` interquartile ranges outside the middle half.
    pub(super) fn without_outliers(&self, factor: f64) -> Self {
        if self.0.is_empty() {
            return self.clone();
        }
        let (first, third) = (self.quantile(0.25), self.quantile(0.75));
        let reach = factor * (third - first);
        Self(self.0.iter().copied().filter(|v| (first - reach..=third + reach).contains(v)).collect())
    }
}

/// How often a value of `a` is larger than one of `b`; equal ones count half.
pub(super) fn larger(a: &Sorted, b: &Sorted) -> f64 {
    let (mut below, mut to, mut twice) = (0, 0, 0u64);
    for value in a.values() {
        while below < b.len() && b.values()[below] < *value {
            below += 1;
        }
        while to < b.len() && b.values()[to] <= *value {
            to += 1;
        }
        twice += (below + to) as u64;
    }
    twice as f64 / 2.0
}

/// Σ(t³−t) over the groups of t equal values of both.
pub(super) fn ties(a: &Sorted, b: &Sorted) -> f64 {
    let mut all: Vec<f64> = a.values().iter().chain(b.values()).copied().collect();
    all.sort_by(f64::total_cmp);
    let group = |group: &[f64]| {
        let t = group.len() as f64;
        t * t * t - t
    };
    all.chunk_by(|x, y| x == y).fold(0.0, |sum, equal| sum + group(equal))
}

/// The `nth` smallest (from 1) of all differences `a − b`.
///
/// Instead of writing out a million differences, the numbers themselves are halved: between two of them lie at most 2⁶⁴
/// others, and how many differences are at most a number is counted in one walk, because rounding keeps the order.
pub(super) fn nth_difference(a: &Sorted, b: &Sorted, nth: u64) -> f64 {
    let at_most = |limit: f64| {
        let (mut from, mut count) = (0, 0);
        for value in a.values() {
            while from < b.len() && value - b.values()[from] > limit {
                from += 1;
            }
            count += (b.len() - from) as u64;
        }
        count
    };
    let (mut low, mut high) = (key(f64::NEG_INFINITY), key(f64::INFINITY));
    while low < high {
        let middle = low + (high - low) / 2;
        if at_most(number(middle)) >= nth { high = middle } else { low = middle + 1 }
    }
    number(low)
}

/// The median of all differences `a − b` (J. L. Hodges and E. L. Lehmann, 1963).
pub(super) fn shift(a: &Sorted, b: &Sorted) -> f64 {
    let all = a.len() as u64 * b.len() as u64;
    let upper = nth_difference(a, b, all / 2 + 1);
    if all % 2 == 1 { upper } else { 0.5 * nth_difference(a, b, all / 2) + 0.5 * upper }
}

/// Numbers as integers in the same order.
fn key(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quantile_between_the_largest_numbers_is_a_number() {
        let far = Sorted::new([-f64::MAX, f64::MAX]);
        assert_eq!(far.quantile(0.5), 0.0);
        assert!(far.quantile(0.75) > 0.0 && far.quantile(0.75).is_finite());
    }

    proptest! {
        #[test]
        fn differences_are_those_of_the_long_way(
            a in proptest::collection::vec(-50i32..50, 1..12), b in proptest::collection::vec(-50i32..50, 1..12)
        ) {
            let scaled = |values: &[i32]| Sorted::new(values.iter().map(|v| f64::from(*v) / 7.0));
            let (a, b) = (scaled(&a), scaled(&b));
            let mut all: Vec<f64> = a.values().iter().flat_map(|a| b.values().iter().map(move |b| a - b)).collect();
            all.sort_by(f64::total_cmp);
            for (nth, difference) in (1u64..).zip(&all) {
                prop_assert_eq!(nth_difference(&a, &b, nth) + 0.0, difference + 0.0);
            }
            let wins = a.values().iter().flat_map(|a| b.values().iter().map(move |b| if a > b { 1.0 } else if a < b { 0.0 } else { 0.5 }));
            prop_assert_eq!(larger(&a, &b), wins.sum::<f64>());
        }
    }
}
