//! Every possible answer to a question with its exact share, before and after.
//!
//! [`answer::explain`] says what competes at one name and at what odds; CNAMEs are followed here, each branch with its
//! own share, since an explanation follows only the likeliest.

use std::net::IpAddr;

use answer::{CHAIN_MAX, Candidate, Explanation, View};
use model::hosted_zone::HostedZone;
use model::{Name, RecordType};

use super::Warning;
use crate::history::RecordSetChange;

/// Shares closer than this are the same: sums of the same odds in another order.
const SHARE_DIFFERENCE: f64 = 1e-9;
/// Possible answers told of one question.
const OUTCOMES_MAX: usize = 200;

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
    pub before: Vec<Outcome>,
    /// Every possible answer then.
    pub after: Vec<Outcome>,
    /// So long resolvers may hold what is no longer an answer, in seconds.
    pub held_seconds: u32,
}

/// One possible answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// CNAMEs on the way.
    pub via: Vec<Name>,
    /// Values, as record sets have them, sorted; none if there are no records.
    pub values: Vec<String>,
    /// What happens if there are no records, such as `NXDOMAIN`.
    pub without_records: Option<String>,
    /// Seconds that resolvers hold it: the smallest TTL on the way; for no records the zone's negative TTL.
    pub ttl_seconds: Option<u32>,
    /// 0–1. Of a multivalue group: the chance to be among the records of an answer, so that the sum may exceed 1.
    pub share: f64,
}

/// Asks both views.
pub(super) fn compare(
    before: &View,
    after: &View,
    zone: &HostedZone,
    questions: &[(Name, RecordType)],
    changes: &[RecordSetChange],
    from: IpAddr,
    warnings: &mut Vec<Warning>,
) -> Vec<AnswerChange> {
    let (old, new) = (Asking { view: before, zone, from }, Asking { view: after, zone, from });
    let mut answers = Vec::new();
    for (name, record_type) in questions {
        let (before, after) = (old.outcomes(name, *record_type), new.outcomes(name, *record_type));
        if !is_same(&before, &after) {
            let gone = before.iter().filter(|outcome| after.iter().all(|other| !outcome.answers_like(other)));
            let held_seconds = gone.filter_map(|outcome| outcome.ttl_seconds).max().unwrap_or(0);
            answers.push(AnswerChange { name: name.clone(), record_type: *record_type, before, after, held_seconds });
        }
    }
    warnings.extend(unseen(&new, changes));
    let longest = answers.iter().max_by_key(|change| change.held_seconds).filter(|change| change.held_seconds > 0);
    warnings.extend(longest.map(|change| Warning::Held {
        name: change.name.clone(),
        record_type: change.record_type,
        seconds: change.held_seconds,
    }));
    answers
}

fn is_same(before: &[Outcome], after: &[Outcome]) -> bool {
    before.len() == after.len()
        && before.iter().all(|old| {
            after.iter().any(|new| {
                old.answers_like(new)
                    && old.ttl_seconds == new.ttl_seconds
                    && (old.share - new.share).abs() < SHARE_DIFFERENCE
            })
        })
}

/// Record sets that would be written and that nobody would get.
fn unseen(new: &Asking<'_>, changes: &[RecordSetChange]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut told_zone = false;
    for set in changes.iter().filter_map(|change| change.after.as_ref()) {
        if warnings.len() == UNSEEN_TOLD_MAX {
            break;
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
        if hop.candidates.is_empty() {
            let why = match (hop.finding.split(':').next(), record_type) {
                // The records of a cut are what the referral is made of.
                (Some("delegated"), RecordType::NS | RecordType::DS) => continue,
                (Some("delegated"), _) => "its name is delegated to other name servers",
                (Some("below a DNAME"), _) => "a DNAME above it rewrites its name",
                _ => continue,
            };
            warnings.push(Warning::AnswersNobody { name, record_type, set_identifier, why });
            continue;
        }
        let of_it = |candidate: &&Candidate| candidate.depth == 0 && candidate.set_identifier == set_identifier;
        if let Some(candidate) = hop.candidates.iter().find(of_it).filter(|candidate| candidate.odds <= 0.0) {
            let why = match (candidate.healthy, candidate.weight) {
                (_, Some(0)) => "its weight is 0",
                (false, _) => "it is unhealthy",
                (true, _) => "others come before it for this client",
            };
            warnings.push(Warning::AnswersNobody { name, record_type, set_identifier, why });
        }
    }
    warnings
}

struct Asking<'a> {
    view: &'a View,
    zone: &'a HostedZone,
    from: IpAddr,
}

impl Asking<'_> {
    fn explain(&self, name: &Name, record_type: RecordType) -> Explanation {
        answer::explain(self.view, name, record_type, self.from)
    }

    /// Every possible answer, equal ones added up, the likeliest first.
    fn outcomes(&self, name: &Name, record_type: RecordType) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        self.collect(name, record_type, &Way { via: Vec::new(), share: 1.0, ttl: None }, &mut outcomes);
        outcomes
            .sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| (&a.via, &a.values).cmp(&(&b.via, &b.values))));
        outcomes
    }

    fn collect(&self, name: &Name, record_type: RecordType, way: &Way, outcomes: &mut Vec<Outcome>) {
        let explained = self.explain(name, record_type);
        let Some(hop) = explained.hops.first() else {
            return way.end("REFUSED", None, outcomes);
        };
        if hop.candidates.is_empty() {
            let finding = hop.finding.rsplit("wildcard stands for it: ").next().unwrap_or(&hop.finding);
            let word = finding.split(':').next().unwrap_or(finding);
            let ttl = matches!(word, "NXDOMAIN" | "NODATA").then(|| self.negative_ttl()).flatten();
            return way.end(word, ttl, outcomes);
        }
        let is_cname = record_type != RecordType::CNAME && hop.finding.ends_with("CNAME");
        for (i, candidate) in hop.candidates.iter().enumerate().filter(|(_, candidate)| candidate.odds > 0.0) {
            let next = way.on(candidate);
            let Some(ttl) = candidate.ttl else {
                // An alias; what it leads to comes after it, one deeper.
                if hop.candidates.get(i + 1).is_none_or(|below| below.depth <= candidate.depth) {
                    next.end("no records: the target of an alias has none here", None, outcomes);
                }
                continue;
            };
            let target = candidate.answers.first().filter(|_| is_cname).and_then(|value| Name::parse(value).ok());
            match target {
                Some(target) if next.goes_on_to(&target, &self.zone.name) => {
                    self.collect(&target, record_type, &next.through(&target, ttl), outcomes);
                }
                Some(target) => next.through(&target, ttl).end("CNAME out of the zone", None, outcomes),
                None => next.answer(&candidate.answers, ttl, outcomes),
            }
        }
        if hop.candidates.iter().all(|candidate| candidate.odds <= 0.0) {
            way.end("no records: nothing may be chosen", None, outcomes);
        }
    }

    /// RFC 2308 §5: the smaller of the SOA's own TTL and its last field.
    fn negative_ttl(&self) -> Option<u32> {
        let explained = self.explain(&self.zone.name, RecordType::SOA);
        let soa = explained.hops.first()?.candidates.first()?.clone();
        let minimum: u32 = soa.answers.first()?.split_whitespace().last()?.parse().ok()?;
        Some(minimum.min(soa.ttl?))
    }
}

/// How far one branch has come.
struct Way {
    via: Vec<Name>,
    share: f64,
    ttl: Option<u32>,
}

impl Way {
    fn on(&self, candidate: &Candidate) -> Self {
        Self { via: self.via.clone(), share: self.share * candidate.odds, ttl: self.ttl }
    }

    fn goes_on_to(&self, target: &Name, zone: &Name) -> bool {
        target.is_in(zone) && !self.via.contains(target) && self.via.len() < CHAIN_MAX
    }

    fn through(&self, target: &Name, ttl: u32) -> Self {
        Self { via: [&self.via[..], std::slice::from_ref(target)].concat(), share: self.share, ttl: self.least(ttl) }
    }

    fn least(&self, ttl: u32) -> Option<u32> {
        Some(self.ttl.map_or(ttl, |other| other.min(ttl)))
    }

    fn answer(&self, values: &[String], ttl: u32, outcomes: &mut Vec<Outcome>) {
        let mut values = values.to_vec();
        values.sort();
        let ttl_seconds = self.least(ttl);
        let outcome = Outcome { via: self.via.clone(), values, without_records: None, ttl_seconds, share: self.share };
        outcome.add_to(outcomes);
    }

    fn end(&self, word: &str, ttl: Option<u32>, outcomes: &mut Vec<Outcome>) {
        let ttl_seconds = ttl.map_or(self.ttl, |ttl| self.least(ttl));
        let (via, without_records) = (self.via.clone(), Some(word.to_owned()));
        Outcome { via, values: Vec::new(), without_records, ttl_seconds, share: self.share }.add_to(outcomes);
    }
}

impl Outcome {
    /// Whether a client would see the same, TTL and share apart.
    fn answers_like(&self, other: &Self) -> bool {
        self.via == other.via && self.values == other.values && self.without_records == other.without_records
    }

    fn add_to(self, outcomes: &mut Vec<Self>) {
        let same = |other: &&mut Self| other.answers_like(&self) && other.ttl_seconds == self.ttl_seconds;
        if let Some(other) = outcomes.iter_mut().find(same) {
            other.share += self.share;
        } else if outcomes.len() < OUTCOMES_MAX {
            outcomes.push(self);
        }
    }
}
