//! Latencies counted in buckets of about 3 % width, so that a run of millions needs no memory and no sorting.

/// Buckets for each power of two.
const STEPS: usize = 32;
/// Below this many nanoseconds everything is one bucket; no answer over a socket is that fast.
const SMALLEST: u64 = 64;

/// Counts of durations in nanoseconds.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: vec![0; 64 * STEPS], count: 0 }
    }
}

impl Histogram {
    /// Counts one duration.
    #[inline]
    pub fn add(&mut self, nanoseconds: u64) {
        self.buckets[bucket(nanoseconds)] += 1;
        self.count += 1;
    }

    /// The duration in microseconds that a share of `quantile` (0–1) does not exceed, rounded up to its bucket; 0 if none was counted.
    pub fn quantile_us(&self, quantile: f64) -> f64 {
        let wanted = ((self.count as f64 * quantile).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper_edge(index) as f64 / 1000.0;
            }
        }
        0.0
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.buckets.fill(0);
        self.count = 0;
    }
}

fn bucket(nanoseconds: u64) -> usize {
    let value = nanoseconds.max(SMALLEST);
    let power = value.ilog2() as usize;
    let step = (value >> (power - STEPS.ilog2() as usize)) as usize - STEPS;
    power * STEPS + step
}

fn upper_edge(bucket: usize) -> u64 {
    let (power, step) = (bucket / STEPS, bucket % STEPS);
    ((STEPS + step + 1) as u64) << (power - STEPS.ilog2() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_bucket() {
        let mut histogram = Histogram::default();
        for microseconds in 1..=1000 {
            histogram.add(microseconds * 1000);
        }
        for (quantile, expected) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = histogram.quantile_us(quantile);
            assert!((expected..expected * 1.04).contains(&found), "{quantile}: {found}");
        }
        histogram.clear();
        assert_eq!(histogram.quantile_us(0.5), 0.0);
    }
}
