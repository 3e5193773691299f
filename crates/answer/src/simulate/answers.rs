//! All answers of both views, equal ones once, so that clients hold places and odds alone.
//!
//! Before: `survey` notes what it sees. After: `flow` pairs the sides. A name of a thousand answers that all change has a
//! million ways from one to another, so that the answers of fewest clients become one before.

use std::collections::BTreeMap;

use model::{Name, RecordType};

use super::Share;
use crate::explain::{Ending, Possible};

/// Answers told by themselves; the others are one. All to all of them are 62 500 flows, some megabytes.
pub(super) const ANSWERS_MAX: usize = 500;
/// Labels of one answer.
const LABELS_MAX: usize = 3;

/// See the module.
#[derive(Default)]
pub(super) struct Answers {
    places: BTreeMap<Option<Identity>, usize>,
    all: Vec<(Option<Possible>, Vec<String>)>,
}

/// What makes two answers the same to a client.
type Identity = (Vec<Name>, Vec<String>, Option<usize>, Ending, RecordType);

/// The new places of answers, by the old ones; none: they stay.
pub(super) type Fold = Option<Vec<usize>>;

impl Answers {
    /// The place of an answer, noted with the labels that lead to it.
    pub(super) fn note(&mut self, possible: Possible, labels: &[&str]) -> usize {
        let Possible { odds: _, via, record_type, values, some, ending, ttl_seconds: _ } = &possible;
        let identity = (via.clone(), values.clone(), *some, *ending, *record_type);
        let place = self.place(Some(identity), Some(possible));
        let known = &mut self.all[place].1;
        for label in labels {
            if known.len() < LABELS_MAX && !known.iter().any(|known| known == label) {
                known.push((*label).to_owned());
            }
        }
        place
    }

    /// The place of all answers that are not told.
    pub(super) fn others(&mut self) -> usize {
        self.place(None, None)
    }

    fn place(&mut self, identity: Option<Identity>, possible: Option<Possible>) -> usize {
        *self.places.entry(identity).or_insert_with(|| {
            self.all.push((possible, Vec::new()));
            self.all.len() - 1
        })
    }

    /// Makes one of the answers of fewest clients, if there are too many. Shares of clients, and the odds by place that
    /// these have.
    pub(super) fn fold<'s>(mut self, seen: impl Iterator<Item = (f64, &'s [(usize, f64)])>) -> (Self, Fold) {
        if self.all.len() <= ANSWERS_MAX {
            return (self, None);
        }
        let others = self.others();
        let mut weights = vec![0.0; self.all.len()];
        seen.for_each(|(share, odds)| odds.iter().for_each(|(place, odds)| weights[*place] += share * odds));
        weights[others] = f64::INFINITY;
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
        // The others are first, and all that is cut goes there.
        let mut fold = vec![0; order.len()];
        order.iter().take(ANSWERS_MAX).enumerate().for_each(|(new, old)| fold[*old] = new);
        let told = order.iter().take(ANSWERS_MAX);
        self.all = told.map(|old| std::mem::take(&mut self.all[*old])).collect();
        self.places.clear();
        (self, Some(fold))
    }

    /// Every answer with the shares of those who get it, by place.
    pub(super) fn told(self, before: &BTreeMap<usize, f64>, after: &BTreeMap<usize, f64>) -> Vec<Share> {
        let share = |shares: &BTreeMap<usize, f64>, place| shares.get(&place).copied().unwrap_or(0.0);
        let told = self.all.into_iter().enumerate().map(|(place, (possible, labels))| Share {
            possible,
            labels,
            before: share(before, place),
            after: share(after, place),
        });
        told.collect()
    }
}
