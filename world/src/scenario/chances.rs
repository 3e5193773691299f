//! `chi2` rules: the replies to one question are spread as chances say, at a level of 99.9 %.
//!
//! Draws are the same in every run, so that a rule that holds today holds tomorrow.

use std::collections::BTreeMap;

use crate::chance::{choices, orders};
use crate::chi_square::ChiSquare;

/// One run in a thousand would be this far off by chance; with fixed draws it is always the same run.
const LEVEL: f64 = 0.001;

/// χ² wants some counts in each cell; what has fewer goes together (Cochran 1954).
const LEAST: f64 = 5.0;

/// How replies must be spread.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Chances {
    /// `A=10 B=20 C+D=30`: each reply holds exactly one of these sets of values, in this proportion.
    Sets(Vec<(Vec<String>, f64)>),
    /// `8 of A B C…`: each reply holds so many of these values, and all such sets are equally likely.
    Some(usize, Vec<String>),
    /// `order A B C`: each reply holds these values, and all their orders are equally likely.
    Order(Vec<String>),
}

impl Chances {
    /// Reads what follows `chi2`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Some(match &words[..] {
            [first, values @ ..] if first == "order" && values.len() > 1 => Self::Order(sorted(values)),
            [count, of, values @ ..] if of == "of" => {
                let count = count.parse().ok().filter(|count| (1..values.len()).contains(count))?;
                Self::Some(count, sorted(values))
            }
            [_, _, ..] => Self::Sets(words.iter().map(|word| set(word)).collect::<Option<_>>()?),
            _ => return None,
        })
    }

    /// Compares the counts of replies, by their values in order.
    pub(super) fn check(&self, lists: &BTreeMap<Vec<String>, u64>) -> Result<(), String> {
        let mut cells: BTreeMap<Vec<String>, (u64, f64)> = match self {
            Self::Sets(sets) => {
                let whole: f64 = sets.iter().map(|(_, share)| share).sum();
                sets.iter().map(|(set, share)| (set.clone(), (0, share / whole))).collect()
            }
            Self::Some(count, values) => equally(choices(values, *count)),
            Self::Order(values) => equally(orders(values)),
        };
        for (list, count) in lists {
            let cell = if matches!(self, Self::Order(_)) { list.clone() } else { sorted(list) };
            let told = cell.join(" ");
            let (counted, _) = cells.get_mut(&cell).ok_or_else(|| format!("{count} replies hold {told}"))?;
            *counted += count;
        }
        let cells: Vec<(u64, f64)> = cells.into_values().collect();
        let found = ChiSquare::of(&cells, LEAST);
        let p = found.p_value();
        if p >= LEVEL {
            Ok(())
        } else {
            Err(format!("{found:?} would be so far off by chance with p = {p:.2e}: {cells:?}"))
        }
    }
}

/// `A+B=3`.
fn set(word: &str) -> Option<(Vec<String>, f64)> {
    let (values, share) = word.rsplit_once('=')?;
    let share = share.parse().ok().filter(|share: &f64| share.is_finite() && *share >= 0.0)?;
    Some((sorted(&values.split('+').map(str::to_owned).collect::<Vec<_>>()), share))
}

fn sorted(values: &[String]) -> Vec<String> {
    let mut values = values.to_vec();
    values.sort();
    values
}

fn equally(cells: Vec<Vec<String>>) -> BTreeMap<Vec<String>, (u64, f64)> {
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2⁵² cells")]
    let chance = 1.0 / cells.len() as f64;
    cells.into_iter().map(|cell| (cell, (0, chance))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &str, replies: &[(&str, u64)]) -> Result<(), String> {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lists = replies.iter().map(|(values, count)| (words(values), *count)).collect();
        Chances::read(rule).unwrap().check(&lists)
    }

    #[test]
    fn what_is_likely_holds_and_what_is_not_does_not() {
        check("a=1 b=3 c=0", &[("a", 240), ("b", 760)]).unwrap();
        check("a=1 b=3", &[("a", 300), ("b", 700)]).unwrap_err();
        check("a=1 b=3 c=0", &[("a", 250), ("b", 749), ("c", 1)]).unwrap_err();
        check("a+b=1 c=1", &[("b a", 30), ("a b", 25), ("c", 50)]).unwrap();
        check("a=1 b=1", &[("a", 50), ("b", 49), ("a b", 1)]).unwrap_err();
        check("2 of a b c", &[("a b", 20), ("c b", 22), ("a c", 18)]).unwrap();
        check("2 of a b c", &[("a b", 40), ("b a", 20)]).unwrap_err();
        check("order a b", &[("a b", 20), ("b a", 22)]).unwrap();
        check("order a b", &[("a b", 35), ("b a", 7)]).unwrap_err();
        for wrong in ["", "a=1", "order a", "3 of a b c", "a=1 b", "a=1 b=-1", "0 of a b"] {
            assert_eq!(Chances::read(wrong), None, "{wrong}");
        }
    }
}
