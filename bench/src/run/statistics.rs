//! Medians, because one disturbed run must not move the number.

/// Numbers of repeated runs.
#[derive(Clone, Debug, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// All runs at once.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// Adds the result of one run.
    pub fn push(&mut self, value: f64) {
        let place = self.0.partition_point(|other| *other < value);
        self.0.insert(place, value);
    }

    /// How many runs there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The middle one, or the mean of the two in the middle; not a number if there is none.
    pub fn median(&self) -> f64 {
        let (low, high) = (self.0.len().saturating_sub(1) / 2, self.0.len() / 2);
        match (self.0.get(low), self.0.get(high)) {
            (Some(low), Some(high)) => f64::midpoint(*low, *high),
            _ => f64::NAN,
        }
    }

    /// The value that a share of `quantile` (0–1) does not exceed (nearest rank); not a number if there is none.
    pub fn quantile(&self, quantile: f64) -> f64 {
        let rank = (self.0.len() as f64 * quantile).ceil().max(1.0) as usize;
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    /// Median, least and most as tables print them.
    pub fn summary(&self, digits: usize) -> String {
        let (least, most) = (self.quantile(0.0), self.quantile(1.0));
        format!("{:.digits$} ({least:.digits$}–{most:.digits$})", self.median())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_runs_does_not_matter() {
        let mut series = Series::default();
        [5.0, 1.0, 4.0, 2.0].into_iter().for_each(|value| series.push(value));
        assert_eq!(series.median(), 3.0);
        assert_eq!(series.summary(1), "3.0 (1.0–5.0)");
        series.push(9.0);
        assert_eq!((series.median(), series.quantile(0.99)), (4.0, 9.0));
        assert!(Series::default().median().is_nan());
    }
}
