//! Whether an explanation promises what the slow answer does: the same answers, each with the same chance.
//!
//! Of more multivalue records than an answer holds an explanation tells them all and how many come; there the chance of
//! each to be among them is compared.

use std::collections::BTreeSet;

use answer::{Ending, Possibilities};

use crate::chance::Chance;
use crate::reference::Possible;
use crate::reply::{Record, Reply};

/// Odds are sums of products of floating-point numbers; chances are exact.
const TOLERANCE: f64 = 1e-9;

/// What a reply says, as far as explanations tell it.
#[derive(Debug, Clone)]
pub struct Said<'r> {
    status: &'r str,
    answer: Vec<&'r Record>,
    authority: Vec<&'r Record>,
}

impl<'r> Said<'r> {
    /// By a reply that came.
    #[must_use]
    pub fn by(reply: &'r Reply) -> Self {
        Self {
            status: &reply.status,
            answer: reply.answer.iter().collect(),
            authority: reply.authority.iter().collect(),
        }
    }

    /// By a reply that may come.
    #[must_use]
    pub fn by_possible(possible: &'r Possible) -> Self {
        Self {
            status: possible.status(),
            answer: possible.answer().iter().collect(),
            authority: possible.authority().iter().collect(),
        }
    }

    /// Whether this is that answer of an explanation.
    #[must_use]
    pub fn is(&self, told: &answer::Possible) -> bool {
        let of = |records: &[&'r Record], types: &[&str], are: bool| -> BTreeSet<&'r str> {
            let records = records.iter().filter(|record| types.contains(&record.record_type.as_str()) == are);
            records.map(|record| record.text.as_str()).collect()
        };
        let status = match told.ending {
            Ending::Records | Ending::NoData | Ending::Referral | Ending::Leaves | Ending::Chain => "NOERROR",
            Ending::NoName => "NXDOMAIN",
            Ending::TooLong => "YXDOMAIN",
            Ending::Refused => "REFUSED",
        };
        let data = of(&self.answer, &["CNAME", "DNAME"], false);
        let servers = of(&self.authority, &["NS"], true);
        let ttl = self.answer.iter().chain(&self.authority).map(|record| record.ttl).min();
        let all: BTreeSet<&str> = told.values.iter().map(String::as_str).collect();
        // Route 53 writes the asterisk as an escape.
        let via: BTreeSet<String> = told.via.iter().map(|name| name.to_string().replace("\\052", "*")).collect();
        let has = match (told.ending, told.some) {
            // Which of them are there, and so how long they live, is another matter.
            (Ending::Records, Some(_)) => !data.is_empty() && data.is_subset(&all) && data.len() < all.len(),
            (Ending::Referral, _) => data.is_empty() && servers == all,
            (Ending::Records, None) => !data.is_empty() && data == all && ttl == told.ttl_seconds,
            _ => data.is_empty() && servers.is_empty() && ttl == told.ttl_seconds,
        };
        has && status == self.status && of(&self.answer, &["CNAME"], true) == via.iter().map(String::as_str).collect()
    }
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
    let ways_of = |answer| -> Vec<usize> {
        (0..possible.len()).filter(|way| Said::by_possible(&possible[*way]).is(answer)).collect()
    };
    let all: Vec<(Vec<usize>, &answer::Possible)> =
        told.answers.iter().map(|answer| (ways_of(answer), answer)).collect();
    for (n, (ways, answer)) in all.iter().enumerate() {
        // Circles of CNAMEs are told apart by their order, which a set of records has not: they are one here.
        if all[..n].iter().any(|(other, _)| other == ways) {
            continue;
        }
        let odds: f64 = all.iter().filter(|(other, _)| other == ways).map(|(_, answer)| answer.odds).sum();
        let ways: Vec<&Possible> = ways.iter().map(|way| &possible[*way]).collect();
        let chance: Chance = ways.iter().map(|way| way.chance).sum();
        sum = sum + chance;
        if (chance.as_f64() - odds).abs() > TOLERANCE {
            return Err(format!("{answer:?} has the chance {chance:?}"));
        }
        // So many record sets; of one value each, where as many values always come.
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
