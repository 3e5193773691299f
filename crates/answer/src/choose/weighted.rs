//! Weighted routing: each query draws a record set with probability weight / sum of weights of the candidates.
//!
//! R53 weighted: weight 0 answers only while every positive weight is unhealthy, or if all weights are 0 (then each
//! equally); with nobody healthy the weights hold as if all were.

use super::sticky::Sticky;
use crate::draw::Draw;

/// Which members take part, and by what measure.
enum Candidates {
    /// Those of the mask, by weight; the sum.
    ByWeight(u128, u32),
    /// Those of the mask, each equally.
    Equally(u128),
}

fn candidates(weights: &[u8], healthy: u128) -> Candidates {
    let sum = |mask: u128| super::bits(mask).map(|i| u32::from(weights[i])).sum();
    match sum(healthy) {
        0 if healthy != 0 => Candidates::Equally(healthy),
        0 => {
            let all = super::all(weights.len());
            match sum(all) {
                0 => Candidates::Equally(all),
                total => Candidates::ByWeight(all, total),
            }
        }
        total => Candidates::ByWeight(healthy, total),
    }
}

/// The index of the member that answers. `total` is the sum of all weights, so that a group in full health is drawn
/// without summing again.
pub(super) fn choose(weights: &[u8], total: u32, healthy: u128, draw: &mut Draw<'_>) -> usize {
    let candidates = if total > 0 && healthy == super::all(weights.len()) {
        Candidates::ByWeight(healthy, total)
    } else {
        candidates(weights, healthy)
    };
    match candidates {
        Candidates::ByWeight(mask, total) => draw.among(total, super::bits(mask).map(|i| (i, u32::from(weights[i])))),
        Candidates::Equally(mask) => draw.among(mask.count_ones(), super::bits(mask).map(|i| (i, 1))),
    }
}

/// The index of the member that always answers this client, while the same members are candidates.
pub(super) fn keep(weights: &[u8], healthy: u128, sticky: &Sticky, client: u64) -> usize {
    match candidates(weights, healthy) {
        Candidates::ByWeight(mask, _) => sticky.choose(client, mask, |i| weights[i]),
        Candidates::Equally(mask) => sticky.choose(client, mask, |_| 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Script;

    /// Weights and health (`0` in the mask = unhealthy) → expected chances, by formula and by drawing.
    #[track_caller]
    fn check(weights: &[u8], healthy: u128, expected: &[f64]) {
        let total = weights.iter().map(|&w| u32::from(w)).sum();
        let near = |a: &[f64], b: &[f64], by: f64| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= by);
        let mut odds = vec![0.0; weights.len()];
        let mut script = Script::default();
        while script.turn() {
            let chosen = choose(weights, total, healthy, &mut Draw::Scripted(&mut script));
            odds[chosen] += script.odds();
        }
        assert!(near(&odds, expected, 1e-9), "{odds:?}");
        let mut seen = vec![0.0; weights.len()];
        let mut draw = Draw::Random(42);
        for _ in 0..20_000 {
            seen[choose(weights, total, healthy, &mut draw)] += 1.0 / 20_000.0;
        }
        assert!(near(&seen, expected, 0.02), "{seen:?}");
        assert!(
            seen.iter().zip(expected).all(|(s, e)| *e > 0.0 || *s == 0.0),
            "a chance of 0 is never drawn: {seen:?}"
        );
    }

    #[test]
    fn shares_follow_weights_and_health() {
        check(&[1, 255], 0b11, &[1.0 / 256.0, 255.0 / 256.0]);
        check(&[10, 20, 20], 0b011, &[1.0 / 3.0, 2.0 / 3.0, 0.0]);
        check(&[0, 0, 0], 0b111, &[1.0 / 3.0; 3]);
        check(&[0, 5], 0b11, &[0.0, 1.0]);
        check(&[0, 5], 0b01, &[1.0, 0.0]);
        check(&[0, 5], 0b00, &[0.0, 1.0]);
        check(&[10, 10, 20], 0b100, &[0.0, 0.0, 1.0]);
        check(&[10, 30], 0b00, &[0.25, 0.75]);
        check(&[0, 0, 5], 0b011, &[0.5, 0.5, 0.0]);
        check(&[0, 0], 0b10, &[0.0, 1.0]);
    }
}
