//! Whether an explanation promises what the slow answer does: the same answers, each with the same chance.
//!
//! Of more multivalue records than an answer holds an explanation tells them all and how many come; there the chance of
//! each to be among them is compared.

use std::collections::BTreeSet;

use answer::{Ending, Possibilities};

use crate::chance::Chance;
use crate::reference::Possible;
use crate::reply::Record;

/// Odds are sums of products of floating-point numbers; chances are exact.
const TOLERANCE: f64 = 1e-9;

/// Whether an answer section is this answer of an explanation.
#[must_use]
pub fn is_told<'r>(told: &answer::Possible, records: impl Iterator<Item = &'r Record>) -> bool {
    let (via, data): (Vec<&Record>, Vec<&Record>) = records.partition(|record| record.record_type == "CNAME");
    let via: BTreeSet<String> = via.iter().map(|record| record.text.to_lowercase()).collect();
    let values: BTreeSet<&str> = data.iter().map(|record| record.text.as_str()).collect();
    let all: BTreeSet<&str> = told.values.iter().map(String::as_str).collect();
    let same = match told.some {
        None => values == all,
        Some(_) => values.is_subset(&all) && values.len() < all.len() && !values.is_empty(),
    };
    via == told.via.iter().map(ToString::to_string).collect()
        && same
        && values.is_empty() == (told.ending != Ending::Records)
}

/// Compares all that may come with all that is told.
///
/// # Errors
/// What differs.
pub fn compare(possible: &[Possible], told: &Possibilities) -> Result<(), String> {
    if told.untold > 0.0 {
        return Err(format!("{} is untold", told.untold));
    }
    let mut sum = Chance::NEVER;
    for answer in &told.answers {
        let ttl = |way: &&Possible| answer.some.is_some() || Some(way.least_ttl()) == answer.ttl_seconds;
        let ways: Vec<&Possible> =
            possible.iter().filter(|way| is_told(answer, way.answer().iter())).filter(ttl).collect();
        let chance: Chance = ways.iter().map(|way| way.chance).sum();
        sum = sum + chance;
        if (chance.as_f64() - answer.odds).abs() > TOLERANCE {
            return Err(format!("{answer:?} has the chance {chance:?}"));
        }
        let Some(some) =
            answer.some.filter(|some| ways.iter().all(|way| way.answer().len() - answer.via.len() == *some))
        else {
            continue;
        };
        for value in &answer.values {
            let with = ways.iter().filter(|way| way.answer().iter().any(|record| record.text == *value));
            let chance: Chance = with.map(|way| way.chance).sum();
            #[allow(clippy::cast_precision_loss, reason = "at most 128 record sets")]
            let expected = answer.odds * some as f64 / answer.values.len() as f64;
            if (chance.as_f64() - expected).abs() > TOLERANCE {
                return Err(format!("{value} of {answer:?} has the chance {chance:?}"));
            }
        }
    }
    if sum == Chance::ALWAYS { Ok(()) } else { Err(format!("together they are told with {sum:?}")) }
}
