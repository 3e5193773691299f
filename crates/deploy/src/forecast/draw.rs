//! Numbers that look random and are the same every time: a forecast of one plan is one forecast, on every machine.

/// SplitMix64: passes the usual batteries, and a step is a few additions and multiplications.
#[derive(Debug, Clone)]
pub(super) struct Draw(u64);

impl Draw {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0, inclusive, to 1, exclusive: the upper 53 bits.
    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let upper = ((z ^ (z >> 31)) >> 11) as f64;
        upper / 9_007_199_254_740_992.0
    }
}
