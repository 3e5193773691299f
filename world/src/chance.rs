//! An exact chance: a fraction of whole numbers, so that products and sums lose nothing. And what is equally likely:
//! every choice of some, every order of all.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul};

/// From never to always; in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Chance {
    part: u128,
    whole: u128,
}

impl Chance {
    /// No chance at all.
    pub const NEVER: Self = Self { part: 0, whole: 1 };
    /// For sure.
    pub const ALWAYS: Self = Self { part: 1, whole: 1 };

    /// `part` of `whole`.
    ///
    /// # Panics
    /// The whole is 0.
    #[must_use]
    pub fn of(part: u128, whole: u128) -> Self {
        assert!(whole > 0, "a share of nothing");
        let common = common(part, whole);
        Self { part: part / common, whole: whole / common }
    }

    /// The nearest floating-point number.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "that is what it says")]
    pub fn as_f64(self) -> f64 {
        self.part as f64 / self.whole as f64
    }
}

/// The greatest common divisor.
fn common(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { common(b, a % b) }
}

impl Mul for Chance {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        // Crosswise first, so that the products stay small.
        let (a, b) = (Self::of(self.part, other.whole), Self::of(other.part, self.whole));
        Self::of(a.part * b.part, a.whole * b.whole)
    }
}

impl Add for Chance {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let whole = self.whole / common(self.whole, other.whole) * other.whole;
        Self::of(self.part * (whole / self.whole) + other.part * (whole / other.whole), whole)
    }
}

impl Sum for Chance {
    fn sum<I: Iterator<Item = Self>>(chances: I) -> Self {
        chances.fold(Self::NEVER, Self::add)
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.whole)
    }
}

/// Every choice of `count` items, each in the order of the items; all of them where there are no more.
#[must_use]
pub fn choices<T: Clone>(items: &[T], count: usize) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first().filter(|_| count > 0) else { return vec![Vec::new()] };
    let with = choices(rest, count - 1).into_iter().map(|others| [vec![first.clone()], others].concat());
    let without = if rest.len() >= count { choices(rest, count) } else { Vec::new() };
    with.chain(without).collect()
}

/// Every order of the items.
#[must_use]
pub fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let from = |i: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(i);
        orders(&rest).into_iter().map(move |others| [vec![first.clone()], others].concat())
    };
    (0..items.len()).flat_map(from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_exact_and_in_lowest_terms() {
        let third = Chance::of(85, 255);
        assert_eq!(format!("{third:?}"), "1/3");
        assert_eq!([third; 3].into_iter().sum::<Chance>(), Chance::ALWAYS);
        assert_eq!(third * Chance::of(3, 4) + Chance::of(0, 7), Chance::of(1, 4));
        assert!((third.as_f64() - 1.0 / 3.0).abs() < 1e-15);
        let small = (0..16).fold(Chance::ALWAYS, |chance, _| chance * Chance::of(1, 255));
        assert!(small.as_f64() > 0.0 && small * Chance::NEVER == Chance::NEVER);
    }

    #[test]
    fn choices_and_orders_are_counted_as_usual() {
        let items: Vec<u8> = (0..10).collect();
        assert_eq!([0, 1, 8, 10, 11].map(|count| choices(&items, count).len()), [1, 10, 45, 1, 1]);
        assert_eq!(choices(&[1, 2, 3], 2), [vec![1, 2], vec![1, 3], vec![2, 3]]);
        assert_eq!(orders(&[1, 2, 3]).len(), 6);
    }
}
