//! Why an answer is what it is: the way from the name to the records, and the exact odds of every other answer.
//!
//! It walks with the same `find` and `choose` as [`crate::answer`] and only writes down what they see; the sample
//! reply itself comes from `answer`. This may allocate: it is for people.

use std::net::IpAddr;

use model::id::HostedZoneId;
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::choose::{Asker, Choice};
use crate::client::Draw;
use crate::find::{self, Found};
use crate::group::{Content, Group, Policy, Set};
use crate::limits::{ALIAS_DEPTH_MAX, CANDIDATES_MAX, CHAIN_MAX};
use crate::records::Records;
use crate::target::Target;
use crate::view::View;

/// The way of one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The zone that answers, and its name; none means REFUSED.
    pub zone: Option<(HostedZoneId, Name)>,
    /// One step for each name of the chain.
    pub hops: Vec<Hop>,
}

/// One name on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// The name looked up.
    pub name: Name,
    /// What it led to, in words.
    pub finding: String,
    /// The record sets that compete there, targets of aliases under their alias; at most a thousand.
    pub candidates: Vec<Candidate>,
}

/// One record set that could answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// How many aliases deep it lies.
    pub depth: usize,
    /// The policy of its group.
    pub policy: &'static str,
    /// What tells it apart.
    pub set_identifier: Option<String>,
    /// Its weight, in weighted groups.
    pub weight: Option<u8>,
    /// Its health check and whether that, together with an evaluated target, counts as healthy now.
    pub health_check: Option<String>,
    /// Whether it is a candidate by health.
    pub healthy: bool,
    /// Why the client is not given it, if its place decides: `other country`, `farther`.
    pub reason: Option<&'static str>,
    /// The chance to be in an answer now, 0–1, the branches above taken into account.
    pub odds: f64,
    /// Its values, or where its alias points.
    pub answers: Vec<String>,
    /// Seconds; not for aliases.
    pub ttl: Option<u32>,
}

/// Explains the answer to a question from `address`: a resolver's or, for policies that look at where a client is, the
/// client's.
#[must_use]
pub fn explain(view: &View, name: &Name, record_type: RecordType, address: IpAddr) -> Explanation {
    let mut target = Target::new(name.wire(), view.snapshot.seed);
    let Some((zone, region)) = find::zone(view, address, &target, record_type) else {
        return Explanation { zone: None, hops: Vec::new() };
    };
    let apex = Name::from_wire(&zone.apex).expect("the apex was a name");
    let mut hops: Vec<Hop> = Vec::new();
    let mut draw = Draw::new(0);
    let asker = || Asker::new(Prefix::of(address), &view.places, region);
    while hops.len() <= CHAIN_MAX {
        let name = Name::from_wire(target.wire()).expect("a target is a name");
        if hops.iter().any(|hop| hop.name == name) {
            break;
        }
        let (node, how) = match find::node(zone, &target, record_type) {
            Found::Node(node) => (node, ""),
            Found::Wildcard(node) => (node, "no such name; a wildcard stands for it: "),
            Found::Delegation { .. } => {
                hops.push(hop(name, "delegated: a referral to the name servers of the cut"));
                break;
            }
            Found::Dname { .. } => {
                hops.push(hop(name, "below a DNAME: rewritten"));
                break;
            }
            Found::NoName => {
                hops.push(hop(name, "NXDOMAIN: no such name, and no wildcard stands for it"));
                break;
            }
        };
        let of_type = |wanted: RecordType| node.sets().find(|(t, _)| *t == wanted || wanted == RecordType::ANY);
        let Some((answered, set)) = of_type(record_type).or_else(|| of_type(RecordType::CNAME)) else {
            hops.push(hop(name, &format!("{how}NODATA: the name exists without records of type {record_type}")));
            break;
        };
        let mut listing = Listing {
            choice: Choice::new(view, zone, asker(), &mut draw),
            record_type: answered,
            candidates: Vec::new(),
        };
        listing.list(set, (0, 0), 1.0);
        let candidates = listing.candidates;
        hops.push(Hop { name, finding: format!("{how}{answered}"), candidates });
        if answered == record_type || record_type == RecordType::ANY {
            break;
        }
        let Some(relative) = likeliest_cname(Choice::new(view, zone, asker(), &mut draw), set) else { break };
        target.set(&[&relative, &zone.apex], view.snapshot.seed);
    }
    Explanation { zone: Some((zone.id.clone(), apex)), hops }
}

fn hop(name: Name, finding: &str) -> Hop {
    Hop { name, finding: finding.to_owned(), candidates: Vec::new() }
}

/// Where a CNAME leads within the zone; of several, the one a sample draw gives.
fn likeliest_cname<'a>(mut choice: Choice<'a, '_>, set: Set<'a>) -> Option<Vec<u8>> {
    let chosen = choice.choose(set, RecordType::CNAME)?;
    chosen.first().first().name_in_zone().map(<[u8]>::to_vec)
}

struct Listing<'a, 'd> {
    choice: Choice<'a, 'd>,
    record_type: RecordType,
    candidates: Vec<Candidate>,
}

impl<'a> Listing<'a, '_> {
    /// `depth` counts everything above, and the aliases among it, which are followed so far only.
    fn list(&mut self, set: Set<'a>, (depth, aliases): (usize, usize), odds: f64) {
        let group = match set {
            Set::Records(records) => {
                let (answers, ttl) = (self.values(records), Some(records.ttl()));
                self.candidates.push(Candidate {
                    depth,
                    policy: "simple",
                    set_identifier: None,
                    weight: None,
                    health_check: None,
                    healthy: true,
                    reason: None,
                    odds,
                    answers,
                    ttl,
                });
                return;
            }
            Set::Group(group) => group,
        };
        if aliases > ALIAS_DEPTH_MAX {
            return;
        }
        self.choice.renew();
        let healthy = self.choice.healthy(group, self.record_type, 0);
        let chances = self.choice.odds(group, healthy);
        let chosen = chances.iter().position(|chance| *chance > 0.0);
        for (i, (member, chance)) in group.members.iter().zip(chances).enumerate() {
            if self.candidates.len() == CANDIDATES_MAX {
                return;
            }
            let (answers, ttl) = match &member.content {
                Content::Records(bytes) => (self.values(Records::new(bytes)), Some(Records::new(bytes).ttl())),
                Content::Alias(alias) => {
                    let wire = [&alias.relative, &self.choice.zone.apex[..]].concat();
                    let name = Name::from_wire(&wire).expect("an alias target is a name");
                    (vec![format!("alias to {name}")], None)
                }
                Content::Nested(_) => (vec!["a rule of the traffic policy".to_owned()], None),
                Content::Outside => (vec!["alias to a target outside this server: no records".to_owned()], None),
            };
            self.candidates.push(Candidate {
                depth,
                policy: policy_name(group),
                set_identifier: member.set_identifier.as_deref().map(str::to_owned),
                weight: matches!(group.policy, Policy::Weighted { .. }).then_some(member.weight),
                health_check: member.health_check.as_ref().map(ToString::to_string),
                healthy: healthy & (1 << i) != 0,
                reason: self.choice.reason(group, i, chosen),
                odds: odds * chance,
                answers,
                ttl,
            });
            let below = match &member.content {
                Content::Alias(alias) => self.choice.target(alias, self.record_type).map(|set| (set, aliases + 1)),
                Content::Nested(nested) => Some((Set::Group(&nested.group), aliases)),
                Content::Records(_) | Content::Outside => None,
            };
            if let Some((set, aliases)) = below {
                self.list(set, (depth + 1, aliases), odds * chance);
            }
        }
    }

    fn values(&self, records: Records<'_>) -> Vec<String> {
        records
            .iter()
            .map(|rdata| {
                let mut wire = Vec::new();
                let mut copied = 0;
                for position in rdata.apex_positions() {
                    wire.extend_from_slice(&rdata.bytes[copied..position]);
                    wire.extend_from_slice(&self.choice.zone.apex);
                    copied = position;
                }
                wire.extend_from_slice(&rdata.bytes[copied..]);
                model::rdata::text(self.record_type, &wire)
            })
            .collect()
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
