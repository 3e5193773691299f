//! The slow answer: what a zone may reply, written straight from the documents and with no thought of speed.
//!
//! RFC 1034 §4.3.2 (lookup), RFC 4592 (wildcards), RFC 6672 (DNAME), RFC 2308 (negative answers) and RFC 6604 (response
//! code of chains); `routing` holds the policies. Where a policy draws, all that it may draw comes out, each with its
//! exact chance: one reply of `answer` is right if it is in the list, and many are if their counts fit the chances.
//! Names and values must be plain: no escapes.

mod additional;
mod placed;
mod routing;
mod traffic_policy;
mod way;

use std::collections::BTreeSet;

use domain::base::Name as WireName;
use model::id::HealthCheckId;
use model::{Name, RecordSet, RecordType};

use crate::chance::Chance;
use crate::reply::{Record, Reply};

pub use placed::Asker;
pub use way::Step;

/// A zone and what is healthy.
pub struct Reference<'a> {
    /// The zone's name.
    pub apex: &'a Name,
    /// All its record sets, in any order, and those of other zones that its aliases lead to.
    pub record_sets: &'a [RecordSet],
    /// The state of health checks.
    pub is_healthy: &'a dyn Fn(&HealthCheckId) -> bool,
    /// Who asks.
    pub asker: Asker<'a>,
}

/// One reply that may come. Several may be the same, reached on different ways.
#[derive(Debug, Clone)]
pub struct Possible {
    /// How likely it is; for ANY, of which RFC 8482 leaves the type to the server, among the replies of its type.
    pub chance: Chance,
    /// The groups on the way to it, in this order.
    pub steps: Vec<Step>,
    status: &'static str,
    authoritative: bool,
    answer: BTreeSet<Record>,
    authority: BTreeSet<Record>,
    /// For each address RRset of a name server or another host: what it may be.
    glue: Vec<Vec<BTreeSet<Record>>>,
}

impl Possible {
    /// The records of the answer section; none of them for a negative answer.
    #[must_use]
    pub fn answer(&self) -> &BTreeSet<Record> {
        &self.answer
    }

    /// The records of the authority section.
    #[must_use]
    pub fn authority(&self) -> &BTreeSet<Record> {
        &self.authority
    }

    /// The response code by name.
    #[must_use]
    pub fn status(&self) -> &'static str {
        self.status
    }

    /// Whether another way comes to the same reply.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let whole = |p: &Self| (p.status, p.authoritative, p.answer.clone(), p.authority.clone(), p.glue.clone());
        whole(self) == whole(other)
    }

    /// Whether this is the reply, all sections and flags.
    #[must_use]
    pub fn is(&self, reply: &Reply) -> bool {
        let set = |records: &[Record]| records.iter().cloned().collect::<BTreeSet<_>>();
        let rest = set(&reply.additional);
        let glue = self.glue.iter().all(|choices| choices.iter().any(|choice| choice.is_subset(&rest)));
        let most: usize = self.glue.iter().map(|choices| choices.iter().map(BTreeSet::len).max().unwrap_or(0)).sum();
        self.status == reply.status
            && self.authoritative == reply.has("aa")
            && self.answer == set(&reply.answer)
            && self.answer.len() == reply.answer.len()
            && self.authority == set(&reply.authority)
            && glue
            && rest.len() <= most
    }
}

impl Reference<'_> {
    /// Every reply to a question about a name in the zone.
    #[must_use]
    pub fn possible(&self, name: &Name, record_type: RecordType) -> Vec<Possible> {
        let so_far = Possible {
            chance: Chance::ALWAYS,
            steps: Vec::new(),
            status: "NOERROR",
            authoritative: true,
            answer: BTreeSet::new(),
            authority: BTreeSet::new(),
            glue: Vec::new(),
        };
        self.walk(name, record_type, &so_far, &mut Vec::new())
    }

    fn walk(&self, name: &Name, record_type: RecordType, so_far: &Possible, seen: &mut Vec<Name>) -> Vec<Possible> {
        // A chain ends where it leaves the zone, comes back, or has 16 links.
        if !name.is_in(self.apex) || seen.contains(name) || seen.len() > answer::CHAIN_MAX {
            return vec![so_far.clone()];
        }
        seen.push(name.clone());
        for place in self.way_down(name) {
            // RFC 1034 §4.3.2 step 3b: a cut; only the DS at the cut itself is ours (RFC 4035 §3.1.4.1).
            if place != *self.apex
                && self.has(&place, RecordType::NS)
                && !(place == *name && record_type == RecordType::DS)
            {
                return self.refer(&place, so_far);
            }
            if place != *name && self.has(&place, RecordType::DNAME) {
                return self.rename(name, &place, record_type, so_far, seen);
            }
        }
        if self.exists(name) {
            return self.at(name, name, record_type, so_far, seen);
        }
        // RFC 4592 §3.3.1: the closest encloser's wildcard, if it exists.
        let ancestors = std::iter::successors(name.parent(), Name::parent);
        let encloser = ancestors.into_iter().find(|n| self.exists(n)).expect("the apex exists");
        match encloser.wildcard().filter(|w| self.exists(w)) {
            Some(source) => self.at(&source, name, record_type, so_far, seen),
            None => vec![self.negative(Possible { status: "NXDOMAIN", ..so_far.clone() })],
        }
    }

    /// The records of `source` answer for `name`.
    fn at(
        &self,
        source: &Name,
        name: &Name,
        record_type: RecordType,
        so_far: &Possible,
        seen: &mut [Name],
    ) -> Vec<Possible> {
        let here = self.record_sets.iter().filter(|r| r.name == *source);
        let mut types: BTreeSet<RecordType> = here.map(|r| r.record_type).collect();
        match record_type {
            RecordType::ANY => {} // RFC 8482: any one RRset.
            _ if types.contains(&record_type) => types = BTreeSet::from([record_type]),
            _ => types.retain(|t| *t == RecordType::CNAME),
        }
        if types.is_empty() {
            return vec![self.negative(so_far.clone())];
        }
        let mut all = Vec::new();
        for (found, way) in types.iter().flat_map(|t| self.pick(source, *t).into_iter().map(|way| (*t, way))) {
            let mut next = so_far.clone();
            next.chance = next.chance * way.chance;
            next.steps.extend(way.steps);
            next.answer.extend(way.records.iter().map(|record| record.at(&wire(name))));
            match way.records.first() {
                None => all.push(self.negative(next)),
                Some(cname)
                    if found == RecordType::CNAME && ![RecordType::CNAME, RecordType::ANY].contains(&record_type) =>
                {
                    let target = Name::parse(&cname.text).expect("the tests use plain names");
                    all.extend(self.walk(&target, record_type, &next, &mut seen.to_vec()));
                }
                Some(_) => {
                    if record_type != RecordType::ANY {
                        self.beside(&mut next, &way.records);
                    }
                    all.push(next);
                }
            }
        }
        // An alias that leads nowhere is no answer to ANY while another type surely has records.
        if record_type == RecordType::ANY
            && types.iter().any(|t| self.pick(source, *t).iter().all(|way| !way.records.is_empty()))
        {
            all.retain(|possible| possible.authority.is_empty());
        }
        all
    }

    /// RFC 6672 §3.1: the DNAME, and a CNAME made from it.
    fn rename(
        &self,
        name: &Name,
        owner: &Name,
        record_type: RecordType,
        so_far: &Possible,
        seen: &mut [Name],
    ) -> Vec<Possible> {
        let dname = self.records(owner, RecordType::DNAME).remove(0);
        let mut next = so_far.clone();
        next.answer.insert(dname.clone());
        let target = Name::parse(&dname.text).expect("the tests use plain names");
        let kept = &name.wire()[..name.wire().len() - owner.wire().len()];
        let Ok(target) = Name::from_wire(&[kept, target.wire()].concat()) else {
            return vec![Possible { status: "YXDOMAIN", ..next }];
        };
        let line = format!("{} {} IN CNAME {}", text(name), dname.ttl, text(&target));
        next.answer.insert(Record::parse(&line).expect("a good record"));
        match record_type {
            RecordType::CNAME => vec![next],
            _ => self.walk(&target, record_type, &next, &mut seen.to_vec()),
        }
    }

    fn refer(&self, cut: &Name, so_far: &Possible) -> Vec<Possible> {
        let mut next = Possible { authoritative: !so_far.answer.is_empty(), ..so_far.clone() };
        next.authority.extend(self.records(cut, RecordType::NS));
        let servers: Vec<Name> = next.authority.iter().filter_map(|ns| Name::parse(&ns.text).ok()).collect();
        for (server, record_type) in servers.iter().flat_map(|s| [(s, RecordType::A), (s, RecordType::AAAA)]) {
            let choices = self.pick(server, record_type).into_iter().map(|way| way.records.into_iter().collect());
            next.glue.push(choices.collect());
        }
        next.glue.retain(|choices| !choices.is_empty());
        vec![next]
    }

    /// RFC 2308 §3, §5: the SOA, to be believed for min(its TTL, MINIMUM).
    fn negative(&self, mut reply: Possible) -> Possible {
        if let Some(mut soa) = self.records(self.apex, RecordType::SOA).pop() {
            let minimum = soa.text.rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a SOA ends with MINIMUM");
            soa.ttl = soa.ttl.min(minimum);
            reply.authority.insert(soa);
        }
        reply
    }

    /// All records of a group, whatever is chosen when.
    fn records(&self, name: &Name, record_type: RecordType) -> Vec<Record> {
        self.pick(name, record_type).into_iter().flat_map(|way| way.records).collect()
    }

    fn group(&self, name: &Name, record_type: RecordType) -> Vec<&RecordSet> {
        self.record_sets.iter().filter(|r| r.name == *name && r.record_type == record_type).collect()
    }

    fn has(&self, name: &Name, record_type: RecordType) -> bool {
        !self.group(name, record_type).is_empty()
    }

    /// RFC 4592 §2.2.2: a name exists if something is at it or below it.
    fn exists(&self, name: &Name) -> bool {
        name == self.apex || self.record_sets.iter().any(|r| r.name.is_in(name))
    }

    /// From the apex to the name.
    fn way_down(&self, name: &Name) -> Vec<Name> {
        let mut way: Vec<Name> =
            std::iter::successors(Some(name.clone()), Name::parent).take_while(|n| n.is_in(self.apex)).collect();
        way.reverse();
        way
    }
}

fn wire(name: &Name) -> WireName<Vec<u8>> {
    WireName::from_octets(name.wire().to_vec()).expect("a name")
}

fn text(name: &Name) -> String {
    wire(name).fmt_with_dot().to_string()
}
