//! Pearson's χ² test: whether counts are what chances promise.
//!
//! Cells of few expected counts are put together first, for χ² is the limit of many counts. What has no chance at all
//! may not be counted even once, and no statistics are needed to say so.

/// How far counts are from what their chances promise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    /// The sum of (counted − expected)² / expected; infinite where something was counted that has no chance.
    pub statistic: f64,
    /// Cells less one; 0 where only one thing can happen.
    pub degrees: u32,
}

impl ChiSquare {
    /// Compares (count, chance) cells that together are all that can happen. Cells with fewer expected counts than
    /// `least` become one, with the smallest of the others if that has too few itself.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2⁵² counts")]
    pub fn of(cells: &[(u64, f64)], least: f64) -> Self {
        let all = cells.iter().map(|(count, _)| count).sum::<u64>() as f64;
        if cells.iter().any(|(count, chance)| *count > 0 && *chance <= 0.0) {
            return Self { statistic: f64::INFINITY, degrees: 1 };
        }
        let mut cells: Vec<(f64, f64)> =
            cells.iter().map(|(count, chance)| (*count as f64, chance * all)).filter(|(_, e)| *e > 0.0).collect();
        cells.sort_by(|a, b| b.1.total_cmp(&a.1));
        while let [.., (count, expected), (rare, few)] = &mut cells[..]
            && *few < least
        {
            *count += *rare;
            *expected += *few;
            cells.pop();
            // The sum may be more than what stands before it.
            cells.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
        let statistic = cells.iter().map(|(count, expected)| (count - expected).powi(2) / expected).sum();
        Self { statistic, degrees: u32::try_from(cells.len().saturating_sub(1)).expect("few cells") }
    }

    /// The chance that counts are at least so far off although all is right.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        match self.degrees {
            _ if self.statistic.is_infinite() => 0.0,
            0 => 1.0,
            degrees => upper_gamma(f64::from(degrees) / 2.0, self.statistic / 2.0),
        }
    }
}

/// The regularised upper incomplete gamma function Q(a, x) for a half or whole `a` (Abramowitz and Stegun 6.5.29 below
/// a + 1, 6.5.31 above).
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-16 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return 1.0 - front * sum;
    }
    // The continued fraction from its end; near x = a + 1 it needs the most terms.
    let fraction = (1..=1000).rev().fold(0.0, |below, n| {
        let n = f64::from(n);
        n * (n - a) / (x + 2.0 * n + 1.0 - a - below)
    });
    front / (x + 1.0 - a - fraction)
}

/// ln Γ(a), from Γ(1) = 1 or Γ(½) = √π up.
fn ln_gamma(a: f64) -> f64 {
    let whole = a.fract() == 0.0;
    let (mut at, mut sum) = if whole { (1.0, 0.0) } else { (0.5, std::f64::consts::PI.sqrt().ln()) };
    while at < a {
        sum += f64::ln(at);
        at += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_are_those_of_the_printed_tables() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4, upper-tail critical values.
        let rows = [
            (1, 0.05, 3.841),
            (1, 0.001, 10.828),
            (2, 0.001, 13.816),
            (3, 0.01, 11.345),
            (10, 0.001, 29.588),
            (44, 0.001, 78.750),
            (100, 0.001, 149.449),
            (100, 0.95, 77.929),
        ];
        for (degrees, p, statistic) in rows {
            let told = ChiSquare { statistic, degrees }.p_value();
            assert!((told / p - 1.0).abs() < 2e-3, "{degrees}, {statistic}: {told} is not {p}");
        }
        // Far out it still tells: 2 degrees are an exponential.
        let far = ChiSquare { statistic: 60.0, degrees: 2 }.p_value();
        assert!((far / (-30.0f64).exp() - 1.0).abs() < 1e-9, "{far}");
    }

    #[test]
    fn counts_are_compared_with_their_chances() {
        let even = ChiSquare::of(&[(60, 0.5), (40, 0.5)], 5.0);
        assert_eq!((even.statistic, even.degrees), (4.0, 1));
        assert_eq!(ChiSquare::of(&[(1, 0.0), (99, 1.0)], 5.0).p_value(), 0.0);
        assert_eq!(ChiSquare::of(&[(100, 1.0), (0, 0.0)], 5.0).p_value(), 1.0);
        // 900, 50 + 30 + 20: the two rare ones count together with the next.
        let pooled = ChiSquare::of(&[(900, 0.9), (40, 0.05), (35, 0.03), (25, 0.02)], 60.0);
        assert_eq!((pooled.statistic, pooled.degrees), (0.0, 1));
    }
}
