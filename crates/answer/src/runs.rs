//! Addresses of one family as numbers, and runs of them side by side that each have one value.
//!
//! A database of places says one thing of each address, so it is runs and no prefixes nest in it. `prefixes` lays the
//! user's prefixes over such runs.

/// Addresses of one family as numbers.
pub(crate) trait Bits: Copy + Ord {
    const ZERO: Self;
    const MAX: Self;
    /// The number before; none before 0.
    fn previous(self) -> Option<Self>;
    /// The number after; none after the last.
    fn next(self) -> Option<Self>;
    /// How many leading bits of different numbers are the same.
    fn common(self, other: Self) -> u8;
    /// The last number that has the same first `length` bits.
    fn last(self, length: u8) -> Self;
    /// The number of its first `bits` bits, at most 32.
    fn leading(self, bits: u32) -> usize;
    /// Whether no number before it has the same first `bits` bits.
    fn is_first_of(self, bits: u32) -> bool;
}

/// Runs that cover all addresses of a family, in order. Each ends where the next begins; no two neighbours are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runs<B> {
    starts: Vec<B>,
    values: Vec<u32>,
}

/// The value of a run of which nothing is known.
pub(crate) const NONE: u32 = u32::MAX;

impl<B: Bits> Default for Runs<B> {
    fn default() -> Self {
        Self { starts: vec![B::ZERO], values: vec![NONE] }
    }
}

impl<B: Bits> Runs<B> {
    /// Nothing known, and room for so many runs.
    pub(crate) fn with_capacity(runs: usize) -> Self {
        let mut empty = Self { starts: Vec::with_capacity(runs), values: Vec::with_capacity(runs) };
        empty.push(B::ZERO, NONE);
        empty
    }

    /// From `start` on, which is not before the last start, the value is this one.
    pub(crate) fn push(&mut self, start: B, value: u32) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.values.pop();
        }
        if self.values.last() != Some(&value) {
            self.starts.push(start);
            self.values.push(value);
        }
    }

    /// Start and value of each, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (B, u32)> {
        self.starts.iter().copied().zip(self.values.iter().copied())
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// First, last and value of the `i`th.
    pub(crate) fn run(&self, i: usize) -> (B, B, u32) {
        let last = self.starts.get(i + 1).map_or(B::MAX, |next| next.previous().expect("a later start is not 0"));
        (self.starts[i], last, self.values[i])
    }

    /// Which one an address is in.
    pub(crate) fn at(&self, address: B) -> usize {
        self.starts.partition_point(|start| *start <= address) - 1
    }

    /// These runs, and where they know nothing the ones below.
    pub(crate) fn over(&self, below: &Self) -> Self {
        self.with(below, |value, below| if value == NONE { below } else { value })
    }

    /// These runs, and nothing where the others know something.
    pub(crate) fn outside(&self, others: &Self) -> Self {
        self.with(others, |value, other| if other == NONE { value } else { NONE })
    }

    fn with(&self, other: &Self, of: impl Fn(u32, u32) -> u32) -> Self {
        let mut both = Self::default();
        let (mut i, mut k) = (0, 0);
        let mut at = B::ZERO;
        loop {
            let ((_, end, value), (_, end_other, value_other)) = (self.run(i), other.run(k));
            both.push(at, of(value, value_other));
            let Some(next) = end.min(end_other).next() else { return both };
            i += usize::from(end < next);
            k += usize::from(end_other < next);
            at = next;
        }
    }

    /// Each known value replaced by what `of` makes of it.
    pub(crate) fn map(&self, of: impl Fn(u32) -> u32) -> Self {
        let mut mapped = Self::default();
        for (start, value) in self.iter() {
            mapped.push(start, if value == NONE { NONE } else { of(value) });
        }
        mapped
    }

    /// The shortest prefix length around an address within which all addresses are in the `i`th run, which it is in too.
    pub(crate) fn scope(&self, i: usize, address: B) -> u8 {
        scope(self.starts[i], self.starts.get(i + 1).copied(), address)
    }
}

/// The shortest prefix length around an address within which all addresses are from `start` on, which it is too, and before
/// `next`.
pub(crate) fn scope<B: Bits>(start: B, next: Option<B>, address: B) -> u8 {
    let keeps_out = |other: B| address.common(other) + 1;
    let below = start.previous().map_or(0, keeps_out);
    let above = next.map_or(0, keeps_out);
    below.max(above)
}

impl Bits for u32 {
    const ZERO: Self = 0;
    const MAX: Self = Self::MAX;
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn common(self, other: Self) -> u8 {
        u8::try_from((self ^ other).leading_zeros()).expect("at most 32")
    }
    fn last(self, length: u8) -> Self {
        self | Self::MAX.checked_shr(length.into()).unwrap_or(0)
    }
    fn leading(self, bits: u32) -> usize {
        usize::try_from(self.unbounded_shr(32 - bits)).expect("at most 32 bits")
    }
    fn is_first_of(self, bits: u32) -> bool {
        self.unbounded_shl(bits) == 0
    }
}

impl Bits for u128 {
    const ZERO: Self = 0;
    const MAX: Self = Self::MAX;
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn common(self, other: Self) -> u8 {
        u8::try_from((self ^ other).leading_zeros()).expect("at most 128")
    }
    fn last(self, length: u8) -> Self {
        self | Self::MAX.checked_shr(length.into()).unwrap_or(0)
    }
    fn leading(self, bits: u32) -> usize {
        usize::try_from(self.unbounded_shr(128 - bits)).expect("at most 32 bits")
    }
    fn is_first_of(self, bits: u32) -> bool {
        self.unbounded_shl(bits) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(given: &[(u32, u32)]) -> Runs<u32> {
        let mut runs = Runs::default();
        given.iter().for_each(|(start, value)| runs.push(*start, *value));
        runs
    }

    #[test]
    fn neighbours_that_are_alike_are_one() {
        let given = runs(&[(0, 7), (5, 7), (9, 8), (9, 7), (20, NONE), (30, 1)]);
        assert_eq!(given.iter().collect::<Vec<_>>(), [(0, 7), (20, NONE), (30, 1)]);
        assert_eq!((given.at(0), given.at(19), given.at(20), given.at(u32::MAX)), (0, 0, 1, 2));
        assert_eq!(given.run(2), (30, u32::MAX, 1));
    }

    #[test]
    fn what_is_above_hides_what_is_below() {
        let above = runs(&[(10, 1), (20, NONE), (30, 2)]);
        let below = runs(&[(5, 3), (15, 4), (25, 2), (40, 5)]);
        let both = above.over(&below);
        assert_eq!(both.iter().collect::<Vec<_>>(), [(0, NONE), (5, 3), (10, 1), (20, 4), (25, 2)]);
        assert_eq!(Runs::default().over(&below), below);
        assert_eq!(below.over(&Runs::default()), below);
        assert_eq!(
            below.outside(&above).iter().collect::<Vec<_>>(),
            [(0, NONE), (5, 3), (10, NONE), (20, 4), (25, 2), (30, NONE)]
        );
    }
}
