//! Who moves, of clients who got their answer by some odds and get it by others.
//!
//! Draws are independent, so that odds alone do not say who moves. Told is the least that turns the one into the other:
//! what both sides have in common stays, and of the rest everybody goes to everything that grows, by its part of the
//! growth. A transport of mass that moves less does not exist.

use std::collections::BTreeMap;

use super::answers::Fold;

/// Odds that come from adding the same numbers in another order.
pub(super) const NEGLIGIBLE: f64 = 1e-9;

/// What clients see before and after, by places of answers.
pub(super) struct Pair {
    pub(super) before: Vec<(usize, f64)>,
    pub(super) after: Vec<(usize, f64)>,
    /// What leaves its place, and what comes to it.
    shrinks: Vec<(usize, f64)>,
    grows: Vec<(usize, f64)>,
    /// The odds of moving, also among answers that are one here.
    pub(super) moved: f64,
    /// The odds of what is followed, before and after.
    pub(super) followed: Vec<(f64, f64)>,
}

impl Pair {
    /// Of odds by place, each in order of the places.
    pub(super) fn new(before: &[(usize, f64)], after: &[(usize, f64)]) -> Self {
        let of = |side: &[(usize, f64)], place: usize| {
            side.binary_search_by_key(&place, |(place, _)| *place).map_or(0.0, |found| side[found].1)
        };
        let rest = |side: &[(usize, f64)], other: &[(usize, f64)]| -> Vec<(usize, f64)> {
            let rests = side.iter().map(|(place, odds)| (*place, odds - of(other, *place)));
            rests.filter(|(_, rest)| *rest > NEGLIGIBLE).collect()
        };
        let (shrinks, grows) = (rest(before, after), rest(after, before));
        let moved = shrinks.iter().map(|(_, rest)| rest).sum();
        Self { before: before.to_vec(), after: after.to_vec(), shrinks, grows, moved, followed: Vec::new() }
    }

    /// The same of places that are folded.
    pub(super) fn folded(before: &[(usize, f64)], after: &[(usize, f64)], fold: &Fold) -> Self {
        let whole = Self::new(before, after);
        let Some(fold) = fold else { return whole };
        let folded = |side: &[(usize, f64)]| {
            let mut odds = BTreeMap::<usize, f64>::new();
            side.iter().for_each(|(place, more)| *odds.entry(fold[*place]).or_default() += more);
            odds.into_iter().collect::<Vec<_>>()
        };
        Self { moved: whole.moved, ..Self::new(&folded(before), &folded(after)) }
    }

    /// From where to where, and with what odds.
    pub(super) fn moves(&self) -> impl Iterator<Item = ((usize, usize), f64)> {
        let growth: f64 = self.grows.iter().map(|(_, more)| more).sum();
        let to = move |(from, less): (usize, f64)| {
            self.grows.iter().map(move |(to, more)| ((from, *to), less * more / growth))
        };
        self.shrinks.iter().copied().flat_map(to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_both_sides_have_stays() {
        let pair = Pair::new(&[(0, 0.9), (1, 0.1)], &[(0, 0.5), (1, 0.3), (2, 0.2)]);
        let told: Vec<String> = pair.moves().map(|((from, to), odds)| format!("{from}>{to} {odds:.4}")).collect();
        assert_eq!(told, ["0>1 0.2000", "0>2 0.2000"]);
        assert!((pair.moved - 0.4).abs() < 1e-12);
        assert_eq!(Pair::new(&[(3, 0.25), (4, 0.75)], &[(3, 0.25), (4, 0.75)]).moves().count(), 0);
    }

    #[test]
    fn what_goes_from_one_of_the_others_to_another_moves_nevertheless() {
        let (before, after) = ([(0, 0.5), (1, 0.3), (2, 0.2)], [(0, 0.4), (1, 0.2), (2, 0.4)]);
        let pair = Pair::folded(&before, &after, &Some(vec![1, 0, 0]));
        let told: Vec<String> = pair.moves().map(|((from, to), odds)| format!("{from}>{to} {odds:.4}")).collect();
        assert_eq!(told, ["1>0 0.1000"]);
        assert!((pair.moved - 0.2).abs() < 1e-12 && pair.before.len() == 2);
    }

    fn odds() -> impl Strategy<Value = Vec<(usize, f64)>> {
        prop::collection::btree_map(0..8usize, 1..1000u32, 1..6).prop_map(|weights| {
            let sum: u32 = weights.values().sum();
            weights.into_iter().map(|(place, weight)| (place, f64::from(weight) / f64::from(sum))).collect()
        })
    }

    proptest! {
        #[test]
        fn flows_turn_the_one_into_the_other_and_move_the_least(before in odds(), after in odds()) {
            let pair = Pair::new(&before, &after);
            let of = |side: &[(usize, f64)], place| side.iter().find(|(p, _)| *p == place).map_or(0.0, |(_, odds)| *odds);
            let mut distance = 0.0;
            for place in 0..8 {
                let out: f64 = pair.moves().filter(|((from, _), _)| *from == place).map(|(_, odds)| odds).sum();
                let into: f64 = pair.moves().filter(|((_, to), _)| *to == place).map(|(_, odds)| odds).sum();
                prop_assert!((of(&before, place) - out + into - of(&after, place)).abs() < 1e-6);
                prop_assert!(out == 0.0 || into == 0.0, "nobody goes where others leave");
                distance += (of(&before, place) - of(&after, place)).abs();
            }
            prop_assert!((pair.moved - distance / 2.0).abs() < 1e-6);
            prop_assert!(pair.moves().all(|((from, to), odds)| from != to && odds > 0.0));
        }
    }
}
