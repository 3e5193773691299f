//! One question asked of one view for many clients; those who must be answered alike are asked for once.
//!
//! The scope of an answer says within which prefix everybody has the same (RFC 7871 §7.2.1), and a property test holds it
//! to that. In private zones the VPC of the client decides before any scope.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::hosted_zone::Vpc;
use model::prefix::Prefix;
use model::{Name, RecordType};

use super::answers::Answers;
use super::{Followed, Stopped};
use crate::explain::{self, Candidate, Content, Finding, Level, Measure, Question, Reason};
use crate::population::Cohort;
use crate::view::View;

/// See the module.
pub(super) struct Survey<'v> {
    view: &'v View,
    name: Name,
    record_type: RecordType,
    followed: &'v [Followed],
    seen: Vec<Seen>,
    known: HashMap<(Place<'v>, Prefix), usize>,
    /// The lengths of the known prefixes.
    lengths: BTreeSet<u8>,
}

/// What decides before any scope: the VPC, and whether a client stands for many, who are told apart by weights.
type Place<'v> = (Option<&'v Vpc>, bool);

/// What some clients get.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The places of the answers and their odds, in order of the places.
    pub(super) shares: Vec<(usize, f64)>,
    /// The odds of answers that the explanation leaves out.
    untold: f64,
    /// The odds of no records.
    pub(super) nothing: f64,
    /// The odds of records of a group of which nobody is healthy; of several names on the way those of the worst.
    pub(super) fails_open: f64,
    /// Milliseconds times odds, and the odds, of what was chosen by them.
    pub(super) milliseconds: (f64, f64),
    /// The same of kilometres.
    pub(super) kilometres: (f64, f64),
    /// The odds of what is followed.
    pub(super) followed: Vec<f64>,
}

impl<'v> Survey<'v> {
    pub(super) fn new(view: &'v View, name: &Name, record_type: RecordType, followed: &'v [Followed]) -> Self {
        let (seen, known, lengths) = (Vec::new(), HashMap::new(), BTreeSet::new());
        Self { view, name: name.clone(), record_type, followed, seen, known, lengths }
    }

    /// All that anybody sees.
    pub(super) fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// The place in [`Self::seen`] of what a client sees.
    pub(super) fn ask(
        &mut self,
        cohort: &Cohort,
        answers: &mut Answers,
        go_on: &mut impl FnMut() -> bool,
    ) -> Result<usize, Stopped> {
        let client = cohort.client;
        // A country's clients have many prefixes, so that stickiness spreads them by weights.
        let is_many = cohort.country.is_some();
        let vpc = self.view.places.vpc(Prefix::of(client.address())).map(|(vpc, _)| vpc);
        let decides = (vpc, is_many);
        for length in self.lengths.iter().filter(|length| **length <= client.length()) {
            if let Some(place) = self.known.get(&(decides, Prefix::around(client.address(), *length))) {
                return Ok(*place);
            }
        }
        if !go_on() {
            return Err(Stopped);
        }
        let whole = Prefix::of(client.address()).length();
        let subnet = (client.length() < whole).then_some(client);
        let question =
            Question { name: self.name.clone(), record_type: self.record_type, address: client.address(), subnet };
        let (seen, scope) = look(self.view, &question, (self.followed, is_many), answers);
        self.seen.push(seen);
        let place = self.seen.len() - 1;
        // A scope longer than the prefix says that others in the prefix may see something else; one of ways that were not
        // all gone may be too short.
        if scope <= client.length() && self.seen[place].untold == 0.0 {
            self.known.insert((decides, Prefix::around(client.address(), scope)), place);
            self.lengths.insert(scope);
        }
        Ok(place)
    }
}

fn look(
    view: &View,
    question: &Question,
    (followed, is_many): (&[Followed], bool),
    answers: &mut Answers,
) -> (Seen, u8) {
    let explained = match is_many {
        true => explain::explain_by_weights(view, question),
        false => explain::explain(view, question),
    };
    let followed = followed.iter().map(|followed| followed.odds(&explained)).collect();
    let mut seen = Seen { untold: explained.possible.untold, followed, ..Seen::default() };
    let mut leaves = Vec::new();
    for hop in &explained.hops {
        let Finding::Records { level, .. } = &hop.finding else { continue };
        seen.fails_open = seen.fails_open.max(failing_open(level, hop.odds));
        seen.measure(level);
        name_leaves(level, "", &mut leaves);
    }
    let mut by_values = HashMap::<&[String], Vec<usize>>::new();
    for (n, (_, values)) in leaves.iter().enumerate().filter(|(_, (label, _))| !label.is_empty()) {
        by_values.entry(&values[..]).or_default().push(n);
    }
    let of = |values: &[String]| by_values.get(values).into_iter().flatten().copied();
    let mut shares = BTreeMap::<usize, f64>::new();
    for possible in explained.possible.answers {
        let (odds, is_nothing) = (possible.odds, possible.ending.is_nothing());
        let mut labels = Vec::new();
        if !possible.values.is_empty() {
            labels.extend(of(&possible.values));
            possible.via.iter().for_each(|name| labels.extend(of(&[name.to_string()])));
        }
        labels.sort_unstable();
        let labels: Vec<&str> = labels.into_iter().map(|n| &leaves[n].0[..]).collect();
        *shares.entry(answers.note(possible, &labels)).or_default() += odds;
        if is_nothing {
            seen.nothing += odds;
        }
    }
    if seen.untold > 0.0 {
        *shares.entry(answers.others()).or_default() += seen.untold;
    }
    seen.shares = shares.into_iter().collect();
    (seen, explained.possible.scope)
}

impl Seen {
    /// Adds what the outermost policy that measures says of what answers.
    fn measure(&mut self, level: &Level) {
        for candidate in level.candidates.iter().filter(|candidate| candidate.odds > 0.0) {
            let (sum, value) = match candidate.measure {
                Some(Measure::Measured(value) | Measure::Estimated(value)) => (&mut self.milliseconds, value),
                Some(Measure::Kilometres(value)) => (&mut self.kilometres, value),
                None => {
                    if let Some(below) = below(candidate) {
                        self.measure(below);
                    }
                    continue;
                }
            };
            sum.0 += candidate.odds * value;
            sum.1 += candidate.odds;
        }
    }
}

/// The odds of a way through a group of which nobody is healthy.
fn failing_open(level: &Level, odds: f64) -> f64 {
    if level.candidates.iter().any(|candidate| candidate.reason == Reason::FailsOpen) {
        return odds;
    }
    let below = level.candidates.iter().filter_map(|candidate| Some(failing_open(below(candidate)?, candidate.odds)));
    below.sum()
}

fn below(candidate: &Candidate) -> Option<&Level> {
    match &candidate.content {
        Content::Alias(_, _, level) => level.as_ref(),
        Content::Rule(_, level) => Some(level),
        Content::Records(..) | Content::Outside => None,
    }
}

/// The sorted values of every record set that may answer, with the identifiers that lead to it.
fn name_leaves(level: &Level, path: &str, leaves: &mut Vec<(String, Vec<String>)>) {
    for candidate in level.candidates.iter().filter(|candidate| candidate.odds > 0.0) {
        let own = candidate.set_identifier.as_deref().or(candidate.rule.as_deref()).unwrap_or_default();
        let path = match (path, own) {
            (path, "") => path.to_owned(),
            ("", own) => own.to_owned(),
            (path, own) => format!("{path}/{own}"),
        };
        if let Content::Records(values, _) = &candidate.content {
            let mut values = values.clone();
            values.sort();
            leaves.push((path.clone(), values));
        }
        if let Some(below) = below(candidate) {
            name_leaves(below, &path, leaves);
        }
    }
}
