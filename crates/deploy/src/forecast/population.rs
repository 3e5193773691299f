//! Who asks, as far as a forecast needs it: what part of the traffic comes by each resolver.
//!
//! A few large resolvers decide how far a share can stray, so they count one by one. The many small ones beyond some
//! thousands are put together into equal ones that stray alike: as many as have the same sum of squares.

use model::deployment::Resolvers;

/// Resolvers that are drawn one by one.
const SINGLE_MAX: usize = 2_000;

/// The parts of the traffic by resolver; they sum to 1.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    /// The largest first.
    pub(super) parts: Vec<f64>,
    /// How many resolvers there are.
    pub(super) count: usize,
    /// How many equal ones would stray as much: (Σq)² / Σq².
    pub(super) n_eff: f64,
}

impl Parts {
    pub(super) fn of(resolvers: &Resolvers) -> Self {
        let of_zipf = || (1..=resolvers.count.max(1)).map(|n| f64::from(n).powf(-resolvers.exponent)).collect();
        let weights: Vec<f64> = if resolvers.weights.is_empty() { of_zipf() } else { resolvers.weights.clone() };
        Self::of_weights(weights)
    }

    fn of_weights(mut weights: Vec<f64>) -> Self {
        weights.retain(|weight| weight.is_finite() && *weight > 0.0);
        if weights.is_empty() {
            weights.push(1.0);
        }
        weights.sort_by(|a, b| b.total_cmp(a));
        let sum: f64 = weights.iter().sum();
        let mut parts: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        let (count, squares) = (parts.len(), parts.iter().map(|part| part * part).sum::<f64>());
        if parts.len() > SINGLE_MAX {
            let rest = parts.split_off(SINGLE_MAX);
            let (sum, squares) =
                rest.iter().fold((0.0, 0.0), |(sum, squares), part| (sum + part, squares + part * part));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most as many as there are")]
            let equal = ((sum * sum / squares).round() as usize).clamp(1, SINGLE_MAX);
            #[allow(clippy::cast_precision_loss, reason = "some thousands")]
            parts.extend(std::iter::repeat_n(sum / equal as f64, equal));
        }
        Self { parts, count, n_eff: 1.0 / squares }
    }
}
