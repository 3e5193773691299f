//! What competes at one place of the way, and below it what its aliases and rules lead to.

use model::Name;
use model::RecordType;
use model::id::HealthCheckId;

use super::reason::{self, Measure, Reason};
use crate::choose::{Asker, Choice};
use crate::draw::{Draw, Script};
use crate::group::{Content as Compiled, Group, Member, Policy, Set};
use crate::limits::{ALIAS_DEPTH_MAX, CANDIDATES_MAX};
use crate::records::Records;
use crate::view::View;
use crate::zone::Zone;

/// The record sets that compete under one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The policy, in Route 53's word.
    pub policy: &'static str,
    /// Nobody is healthy, so that everybody counts as healthy (R53 "How Route 53 chooses records").
    pub is_failing_open: bool,
    /// Not more than a thousand below one name are listed.
    pub candidates: Vec<Candidate>,
}

/// One record set that could answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What tells it apart.
    pub set_identifier: Option<String>,
    /// What the policy goes by, such as `weight 95`, `eu-west-1`, `US-CA`, `primary`.
    pub rule: Option<String>,
    /// What it costs this client, of policies that measure.
    pub measure: Option<Measure>,
    /// Its health check, and whether that is healthy now.
    pub health_check: Option<(HealthCheckId, bool)>,
    /// Whether it is a candidate by health: its check, and its target if that is evaluated.
    pub is_healthy: bool,
    /// The chance to be in an answer now, 0–1, the branches above taken into account.
    pub odds: f64,
    /// Why it answers, or does not.
    pub reason: Reason,
    /// What it holds.
    pub content: Content,
}

/// What a candidate holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Values and their TTL in seconds.
    Records(Vec<String>, u32),
    /// An alias; whether it evaluates its target's health; what stands there, if anything does.
    Alias(Name, bool, Option<Level>),
    /// A rule of a traffic policy; whether its health is evaluated.
    Rule(bool, Level),
    /// An alias to something outside this server: no records.
    Outside,
}

/// Writes levels down.
pub(super) struct Listing<'f, 'a> {
    view: &'a View,
    zone: &'a Zone,
    record_type: RecordType,
    asker: &'f dyn Fn() -> Asker<'a>,
    by_weights: bool,
    left: usize,
}

impl<'f, 'a> Listing<'f, 'a> {
    pub(super) fn new(
        view: &'a View,
        zone: &'a Zone,
        record_type: RecordType,
        asker: &'f dyn Fn() -> Asker<'a>,
        by_weights: bool,
    ) -> Self {
        Self { view, zone, record_type, asker, by_weights, left: CANDIDATES_MAX }
    }

    /// What an answer finds in a set, which it comes to with these odds.
    pub(super) fn level(&mut self, set: Set<'a>, odds: f64) -> Level {
        self.below(set, 0, odds)
    }

    /// `aliases` are those above, which are followed so far only.
    fn below(&mut self, set: Set<'a>, aliases: usize, odds: f64) -> Level {
        let group = match set {
            Set::Records(records) => {
                self.left = self.left.saturating_sub(1);
                let alone = Candidate {
                    set_identifier: None,
                    rule: None,
                    measure: None,
                    health_check: None,
                    is_healthy: true,
                    odds,
                    reason: Reason::Answers,
                    content: self.records(records),
                };
                return Level { policy: "simple", is_failing_open: false, candidates: vec![alone] };
            }
            Set::Group(group) => group,
        };
        let chances = self.chances(group);
        let mut script = Script::new(self.by_weights);
        let mut choice = self.choice(Draw::Scripted(&mut script));
        let healthy = choice.healthy(group, self.record_type, 0);
        let applicable = choice.applicable(group);
        let is_failing_open = applicable != 0 && healthy & applicable == 0;
        let reasons = reason::all(&mut choice, group, healthy, is_failing_open, &chances);
        let mut candidates = Vec::new();
        for (i, (measure, reason)) in reasons.into_iter().enumerate() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let member = &group.members[i];
            let odds = odds * chances[i];
            candidates.push(Candidate {
                set_identifier: member.aside.set_identifier.as_deref().map(str::to_owned),
                rule: match group.policy {
                    Policy::Weighted { .. } => Some(format!("weight {}", member.weight)),
                    _ => member.aside.rule.as_deref().map(str::to_owned),
                },
                measure,
                health_check: member.aside.health_check.clone().zip(self.check(member)),
                is_healthy: healthy & (1 << i) != 0,
                odds,
                reason,
                content: self.content(member, aliases, odds),
            });
        }
        Level { policy: policy_name(group), is_failing_open, candidates }
    }

    fn choice<'d>(&self, draw: Draw<'d>) -> Choice<'a, 'd> {
        Choice::new(self.view, self.zone, (self.asker)(), draw)
    }

    /// The chance of each member to be in an answer of its group, by choosing on every way.
    fn chances(&self, group: &'a Group) -> Vec<f64> {
        let mut chances = vec![0.0; group.members.len()];
        let mut script = Script::new(self.by_weights);
        while script.turn() {
            let mut taken = 0u128;
            self.choice(Draw::Scripted(&mut script)).members(group, self.record_type, |i| taken |= 1 << i);
            let taken = chances.iter_mut().enumerate().filter(|(i, _)| taken & (1 << i) != 0);
            taken.for_each(|(_, chance)| *chance += script.odds());
        }
        chances
    }

    fn check(&self, member: &Member) -> Option<bool> {
        member.health.map(|index| self.view.health.is_healthy(index))
    }

    fn content(&mut self, member: &'a Member, aliases: usize, odds: f64) -> Content {
        match &member.content {
            Compiled::Records(bytes) => self.records(Records::new(bytes)),
            Compiled::Alias(alias) => {
                let wire = [&alias.relative, &self.zone.apex[..]].concat();
                let name = Name::from_wire(&wire).expect("an alias target is a name");
                let set = self.choice(Draw::Random(0)).target(alias, self.record_type);
                let set = set.filter(|_| aliases < ALIAS_DEPTH_MAX && self.left > 0);
                Content::Alias(name, alias.evaluate_target_health, set.map(|set| self.below(set, aliases + 1, odds)))
            }
            Compiled::Elsewhere(elsewhere) => {
                let name = Name::from_wire(&elsewhere.name).expect("an alias target is a name");
                let Some(other) = self.choice(Draw::Random(0)).other_zone(elsewhere) else { return Content::Outside };
                let home = std::mem::replace(&mut self.zone, other);
                let set = self.choice(Draw::Random(0)).foreign_target(elsewhere, self.record_type);
                let set = set.filter(|_| aliases < ALIAS_DEPTH_MAX && self.left > 0);
                let level = set.map(|set| self.below(set, aliases + 1, odds));
                self.zone = home;
                Content::Alias(name, elsewhere.evaluate_target_health, level)
            }
            Compiled::Nested(nested) => {
                Content::Rule(nested.evaluate_health, self.below(Set::Group(&nested.group), aliases, odds))
            }
            Compiled::Outside => Content::Outside,
        }
    }

    fn records(&self, records: Records<'_>) -> Content {
        let text = |wire: &[u8]| model::rdata::text(self.record_type, wire);
        let values = records.iter().map(|rdata| text(&rdata.whole(&self.zone.apex))).collect();
        Content::Records(values, records.ttl())
    }
}

fn policy_name(group: &Group) -> &'static str {
    match group.policy {
        Policy::Simple => "simple",
        Policy::Weighted { .. } => "weighted",
        Policy::Failover => "failover",
        Policy::Multivalue => "multivalue",
        Policy::Latency => "latency",
        Policy::Geolocation => "geolocation",
        Policy::Geoproximity => "geoproximity",
        Policy::IpBased(_) => "IP-based",
    }
}
