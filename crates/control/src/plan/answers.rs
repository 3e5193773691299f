//! Every possible answer to a question with its exact odds, before and after, as [`answer::possible_by_weights`] counts them.

use std::net::IpAddr;

use answer::{Candidate, Explanation, Finding, Possible, Question, Reason, View};
use model::hosted_zone::HostedZone;
use model::{Name, RecordType};

use super::Warning;
use crate::history::RecordSetChange;

/// Odds closer than this are the same: sums of the same odds in another order.
const ODDS_DIFFERENCE: f64 = 1e-9;
/// Possible answers told of one question.
const POSSIBLE_MAX: usize = 200;

/// Record sets told that nobody would get; more of them have one cause.
const UNSEEN_TOLD_MAX: usize = 100;

/// A question whose answer would change.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerChange {
    /// The name asked for; a wildcard's own name stands for all names that it stands for.
    pub name: Name,
    /// The type asked for.
    pub record_type: RecordType,
    /// Every possible answer now, the likeliest first.
    pub before: Vec<Possible>,
    /// Every possible answer then.
    pub after: Vec<Possible>,
    /// So long resolvers may hold what is no longer an answer, in seconds.
    pub held_seconds: u32,
}

/// What was found.
pub(super) struct Compared {
    pub(super) answers: Vec<AnswerChange>,
    /// How many questions were asked.
    pub(super) asked: usize,
    /// There was no time to ask everything.
    pub(super) is_cut: bool,
    pub(super) warnings: Vec<Warning>,
}

/// Asks both views, for as long as it may go on.
pub(super) fn compare(
    (before, after): (&View, &View),
    zone: &HostedZone,
    questions: &[(Name, RecordType)],
    changes: &[RecordSetChange],
    from: IpAddr,
    go_on: &mut impl FnMut() -> bool,
) -> Compared {
    let (old, new) = (Asking { view: before, zone, from }, Asking { view: after, zone, from });
    let mut answers = Vec::new();
    let mut asked = 0;
    for (name, record_type) in questions {
        if !go_on() {
            break;
        }
        asked += 1;
        let (before, after) = (old.possible(name, *record_type), new.possible(name, *record_type));
        if !is_same(&before, &after) {
            let gone = before.iter().filter(|possible| after.iter().all(|other| !possible.answers_like(other)));
            let held_seconds = gone.filter_map(|possible| possible.ttl_seconds).max().unwrap_or(0);
            answers.push(AnswerChange { name: name.clone(), record_type: *record_type, before, after, held_seconds });
        }
    }
    let (mut warnings, is_whole) = unseen(&new, changes, go_on);
    let longest = answers.iter().max_by_key(|change| change.held_seconds).filter(|change| change.held_seconds > 0);
    warnings.extend(longest.map(|change| Warning::Held {
        name: change.name.clone(),
        record_type: change.record_type,
        seconds: change.held_seconds,
    }));
    Compared { answers, asked, is_cut: asked < questions.len() || !is_whole, warnings }
}

fn is_same(before: &[Possible], after: &[Possible]) -> bool {
    before.len() == after.len()
        && before.iter().all(|old| {
            after.iter().any(|new| {
                old.answers_like(new)
                    && old.ttl_seconds == new.ttl_seconds
                    && (old.odds - new.odds).abs() < ODDS_DIFFERENCE
            })
        })
}

/// Record sets that would be written and that nobody would get; and whether there was time to look at all of them.
fn unseen(new: &Asking<'_>, changes: &[RecordSetChange], go_on: &mut impl FnMut() -> bool) -> (Vec<Warning>, bool) {
    let mut warnings = Vec::new();
    let mut told_zone = false;
    for set in changes.iter().filter_map(|change| change.after.as_ref()) {
        if warnings.len() == UNSEEN_TOLD_MAX {
            break;
        }
        if !go_on() {
            return (warnings, false);
        }
        let (name, record_type) = (set.name.clone(), set.record_type);
        let explained = new.explain(&name, record_type);
        if let Some((by, _)) = explained.zone.as_ref().filter(|(by, _)| *by != new.zone.id) {
            // One is enough: the whole zone, or all below a name, is answered elsewhere.
            if !std::mem::replace(&mut told_zone, true) {
                warnings.push(Warning::AnotherZoneAnswers { name, by: by.clone() });
            }
            continue;
        }
        let set_identifier = set.set_identifier().map(ToString::to_string);
        let Some(hop) = explained.hops.first() else { continue };
        // The records of a cut are what its referral is made of.
        let is_of_cut = matches!(record_type, RecordType::NS | RecordType::DS);
        let hidden = match &hop.finding {
            Finding::Delegated if !is_of_cut => Some("its name is delegated to other name servers"),
            Finding::Renamed => Some("a DNAME above it rewrites its name"),
            _ => None,
        };
        warnings.extend(hidden.map(|why| Warning::AnswersNobody {
            name: name.clone(),
            record_type,
            set_identifier: set_identifier.clone(),
            why,
        }));
        let Finding::Records { level, .. } = &hop.finding else { continue };
        let of_it = |candidate: &&Candidate| candidate.set_identifier == set_identifier;
        if let Some(candidate) = level.candidates.iter().find(of_it).filter(|candidate| !candidate.reason.answers()) {
            let why = match candidate.reason {
                Reason::WeightZero => "its weight is 0",
                Reason::Unhealthy | Reason::TargetUnhealthy => "it is unhealthy",
                _ => "others come before it for this client",
            };
            warnings.push(Warning::AnswersNobody { name, record_type, set_identifier, why });
        }
    }
    (warnings, true)
}

struct Asking<'a> {
    view: &'a View,
    zone: &'a HostedZone,
    from: IpAddr,
}

impl Asking<'_> {
    fn question(&self, name: &Name, record_type: RecordType) -> Question {
        Question { name: name.clone(), record_type, address: self.from, subnet: None }
    }

    fn explain(&self, name: &Name, record_type: RecordType) -> Explanation {
        // One client says little about a name whose clients keep what they have.
        answer::explain_by_weights(self.view, &self.question(name, record_type))
    }

    /// Every possible answer, the likeliest first.
    fn possible(&self, name: &Name, record_type: RecordType) -> Vec<Possible> {
        let mut possible = answer::possible_by_weights(self.view, &self.question(name, record_type)).answers;
        possible.truncate(POSSIBLE_MAX);
        possible
    }
}
