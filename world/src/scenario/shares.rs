//! What must hold of many replies to one question: shares, sets, who comes first, and whether all of that is as random
//! as it should be.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::chances::Chances;
use super::zone::word;
use crate::reply::Reply;

/// One line under `ask x10000 …`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    /// `share VALUE PERCENT% ±TOLERANCE`: of the replies hold the value.
    Share { value: String, percent: f64, tolerance: f64 },
    /// `never VALUE…`.
    Never(BTreeSet<String>),
    /// `always VALUE…`: every reply holds exactly these.
    Always(BTreeSet<String>),
    /// `seen VALUE…`: all replies together hold exactly these.
    Seen(BTreeSet<String>),
    /// `values N`: every reply holds N distinct values.
    Values(usize),
    /// `first LOW..HIGH`: each value seen is the first of that many replies.
    First(usize, usize),
    /// `chi2 …`: the replies are spread as these chances say.
    Spread(Chances),
}

impl Rule {
    pub(super) fn read(line: usize, text: &str) -> Result<Self, Fault> {
        let (kind, rest) = word(text.strip_prefix(";;").unwrap_or(text));
        let fault = || Fault::new(line, format!("not a rule about many replies: {text}"));
        let set = || rest.split_whitespace().map(str::to_owned).collect();
        Ok(match kind {
            "share" => {
                let words: Vec<&str> = rest.split_whitespace().collect();
                let [value, percent, tolerance] = words[..] else { return Err(fault()) };
                let number = |text: &str| text.trim_matches(['%', '±']).parse::<f64>().map_err(|_| fault());
                Self::Share { value: value.to_owned(), percent: number(percent)?, tolerance: number(tolerance)? }
            }
            "never" => Self::Never(set()),
            "always" => Self::Always(set()),
            "seen" => Self::Seen(set()),
            "values" => Self::Values(rest.parse().map_err(|_| fault())?),
            "first" => {
                let (low, high) = rest.split_once("..").ok_or_else(fault)?;
                Self::First(low.parse().map_err(|_| fault())?, high.parse().map_err(|_| fault())?)
            }
            "chi2" => Self::Spread(Chances::read(rest).ok_or_else(fault)?),
            _ => return Err(fault()),
        })
    }
}

/// What was counted over many replies.
#[derive(Debug, Default)]
pub(super) struct Tally {
    replies: usize,
    /// How many replies hold the value.
    holding: BTreeMap<String, usize>,
    /// How many replies begin with it.
    first: BTreeMap<String, usize>,
    sets: BTreeSet<BTreeSet<String>>,
    /// How many replies hold these values in this order.
    lists: BTreeMap<Vec<String>, u64>,
}

impl Tally {
    pub(super) fn count(&mut self, reply: &Reply) {
        let set: BTreeSet<String> = reply.values().map(str::to_owned).collect();
        self.replies += 1;
        for value in &set {
            *self.holding.entry(value.clone()).or_default() += 1;
        }
        if let Some(first) = reply.values().next() {
            *self.first.entry(first.to_owned()).or_default() += 1;
        }
        self.sets.insert(set);
        *self.lists.entry(reply.values().map(str::to_owned).collect()).or_default() += 1;
    }

    pub(super) fn check(&self, rule: &Rule) -> Result<(), String> {
        let holding = |value: &str| self.holding.get(value).copied().unwrap_or(0);
        #[allow(clippy::cast_precision_loss, reason = "far fewer than 2⁵² replies")]
        let percent = |value: &str| 100.0 * holding(value) as f64 / self.replies as f64;
        let fault = match rule {
            Rule::Share { value, percent: expected, tolerance } => ((percent(value) - expected).abs() > *tolerance)
                .then(|| format!("{value} is in {:.2} %", percent(value))),
            Rule::Never(values) => {
                values.iter().find(|v| holding(v) > 0).map(|v| format!("{v} is in {} replies", holding(v)))
            }
            Rule::Always(set) => self.sets.iter().find(|s| *s != set).map(|s| format!("a reply holds {s:?}")),
            Rule::Seen(set) => {
                let seen: BTreeSet<String> = self.holding.keys().cloned().collect();
                (seen != *set).then(|| format!("seen {seen:?}"))
            }
            Rule::Values(n) => self.sets.iter().find(|s| s.len() != *n).map(|s| format!("a reply holds {s:?}")),
            Rule::Spread(chances) => chances.check(&self.lists).err(),
            Rule::First(low, high) => self.holding.keys().find_map(|value| {
                let times = self.first.get(value).copied().unwrap_or(0);
                (!(*low..=*high).contains(&times)).then(|| format!("{value} is first in {times}"))
            }),
        };
        fault.map_or(Ok(()), |fault| Err(format!("expected {rule:?}, but {fault}")))
    }
}
