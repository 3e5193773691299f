//! Is the new number at most a multiple of the old one? The plain judge: it knows nothing of chance, so give it numbers
//! that chance moves little.

use model::deployment::Ratio;

/// Whether the new number is within its limit, and the limit.
#[must_use]
pub fn within(rule: &Ratio, canary: f64, baseline: f64) -> (bool, f64) {
    let limit = baseline * rule.factor + rule.plus;
    (canary <= limit, limit)
}
