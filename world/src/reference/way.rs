//! One way through the policies of a tree, with the chance that a question goes it.

use crate::chance::{Chance, choices};
use crate::reply::Record;

/// R53 multivalue: at most so many record sets in one answer.
const MULTIVALUE_MAX: usize = 8;

/// What happened at one group on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The group's policy; that of a traffic policy's rule ends with `rule`.
    pub policy: &'static str,
    /// Nobody was healthy, so everybody was.
    pub fails_open: bool,
    /// Somebody was passed over because nobody below is healthy.
    pub backs_out: bool,
    /// In another zone than the name that was asked.
    pub abroad: bool,
    /// Left through an alias or to another rule: whether that evaluates the health of its target.
    pub evaluates: Option<bool>,
}

/// The steps from the group that was asked to the records; none of these means no answer.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) chance: Chance,
    pub(super) steps: Vec<Step>,
    pub(super) records: Vec<Record>,
    /// What led to the first step: an alias or a reference to another rule, evaluating or not.
    pub(super) evaluates: Option<bool>,
}

impl Way {
    /// The end of a way.
    pub(super) fn of(records: Vec<Record>) -> Self {
        Self { chance: Chance::ALWAYS, steps: Vec::new(), records, evaluates: None }
    }

    /// With a step before all others.
    pub(super) fn after(mut self, step: Step) -> Self {
        self.steps.insert(0, Step { evaluates: self.evaluates.take(), ..step });
        self
    }
}

/// R53 weighted: one of them with the chance weight / sum of weights. Weight 0 never answers beside a positive weight;
/// where all are 0, all are equally likely.
pub(super) fn one_by_weight(members: Vec<(u8, Vec<Way>)>) -> Vec<Way> {
    let positive = members.iter().any(|(weight, _)| *weight > 0);
    let share = |weight: u8| if positive { u128::from(weight) } else { 1 };
    let whole = members.iter().map(|(weight, _)| share(*weight)).sum();
    let chosen = members.into_iter().filter(|(weight, _)| share(*weight) > 0);
    chosen
        .flat_map(|(weight, ways)| {
            let chance = Chance::of(share(weight), whole);
            ways.into_iter().map(move |way| Way { chance: chance * way.chance, ..way })
        })
        .collect()
}

/// R53 multivalue: all members together, or any eight of more, each eight equally likely.
pub(super) fn eight(members: &[Vec<Record>]) -> Vec<Way> {
    let all = choices(members, MULTIVALUE_MAX);
    let chance = Chance::of(1, all.len() as u128);
    all.into_iter().map(|chosen| Way { chance, ..Way::of(with_one_ttl(chosen.concat())) }).collect()
}

/// RFC 2181 §5.2: one RRset, one TTL.
fn with_one_ttl(mut records: Vec<Record>) -> Vec<Record> {
    let ttl = records.iter().map(|r| r.ttl).min().unwrap_or(0);
    for record in &mut records {
        record.ttl = ttl;
    }
    records
}
