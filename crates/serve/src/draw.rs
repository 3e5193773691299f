//! Randomness for answers: each thread and each connection has its own sequence, so none waits for another.

use std::hash::{BuildHasher, RandomState};

/// A sequence of 64-bit numbers (SplitMix64), started from the operating system's randomness. It spreads answers over weighted
/// records; it keeps no secret.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new() -> Draw {
        // The standard library's hasher keys come from the operating system, and differ for every `RandomState`.
        Draw(RandomState::new().hash_one(std::thread::current().id()))
    }

    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sequences_are_the_same() {
        let (mut one, mut two) = (Draw::new(), Draw::new());
        assert_ne!([one.next(), one.next()], [two.next(), two.next()]);
    }

    #[test]
    fn a_tenth_is_about_a_tenth() {
        let mut draw = Draw::new();
        let hits = (0..100_000).filter(|_| draw.next().is_multiple_of(10)).count();
        assert!((9_000..11_000).contains(&hits), "{hits}");
    }
}
