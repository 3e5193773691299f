//! What a reply says, without what the standards leave to the server.
//!
//! Before: [`crate::case`] asked. After: [`crate::judged`] judges who differs. What is left out of sight here is named in
//! [`Tolerated`] and counted.

use std::collections::BTreeMap;

use world::reply::{Record, Reply};

use super::questions::Question;
use super::zone::Zone;

/// A difference in form that is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tolerated {
    Order,
    Truncation,
    Additional,
    SiblingGlue,
    ApexNs,
}

/// Each with its line in `docs/conformance.md`: what, and why it may be.
pub(crate) const TOLERATED: [(Tolerated, &str, &str); 5] = [
    (Tolerated::Order, "order of records", "RFC 2181 §5"),
    (Tolerated::Truncation, "what a truncated reply holds, and where truncation begins", "RFC 2181 §9"),
    (Tolerated::Additional, "further records in the additional section", "RFC 1034 §4.3.2, step 6"),
    (Tolerated::SiblingGlue, "sibling glue over UDP", "RFC 9471 §3.2"),
    (Tolerated::ApexNs, "the zone's NS in the authority section of an answer", "RFC 1034 §4.3.2"),
];

/// How often each was seen.
pub(crate) type Counts = BTreeMap<Tolerated, usize>;

/// What is compared, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Rcode,
    /// AA.
    Authoritative,
    /// CD.
    CheckingDisabled,
    /// QR, RD, RA, AD.
    Flags,
    /// As it was asked, to the bit.
    Question,
    /// Whether there is one, its version, DO.
    Opt,
    Answer,
    /// The SOA of a negative reply, with its TTL.
    Soa,
    /// NS and DS of a cut.
    Referral,
    /// Addresses of the cut's name servers at and below the cut (RFC 9471 §3.1).
    Glue,
    /// Addresses of the cut's name servers below other cuts (RFC 9471 §3.2), over TCP.
    SiblingGlue,
    /// Anything else in the authority section.
    Authority,
}

pub(crate) const FIELDS: [Field; 12] = [
    Field::Rcode,
    Field::Authoritative,
    Field::CheckingDisabled,
    Field::Flags,
    Field::Question,
    Field::Opt,
    Field::Answer,
    Field::Soa,
    Field::Referral,
    Field::Glue,
    Field::SiblingGlue,
    Field::Authority,
];

/// A reply with what is open left out.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) reply: Reply,
    pub(crate) answer: Vec<Record>,
    pub(crate) soa: Vec<Record>,
    pub(crate) referral: Vec<Record>,
    pub(crate) glue: Vec<Record>,
    sibling_glue: Vec<Record>,
    rest: Vec<Record>,
}

impl View {
    /// Sorts a whole reply, which came over TCP or not.
    pub(crate) fn of(reply: Reply, is_tcp: bool, zone: &Zone, counts: &mut Counts) -> Self {
        let mut count = |tolerated, seen: bool| *counts.entry(tolerated).or_default() += usize::from(seen);
        let of_type = |record_type: &str| sorted(reply.authority.iter().filter(|r| r.record_type == record_type));
        let apex = zone.origin.to_lowercase();
        let (ns, ds) = (of_type("NS"), of_type("DS"));
        let (referral, at_apex): (Vec<Record>, Vec<Record>) = ns.into_iter().partition(|record| record.owner != apex);
        count(Tolerated::ApexNs, !at_apex.is_empty());
        let is_target = |owner: &str| referral.iter().any(|ns| same_name(&ns.text, owner));
        let is_in_cut = |owner: &str| referral.iter().any(|ns| is_below(owner, &ns.owner));
        let of_targets = || reply.additional.iter().filter(|record| is_target(&record.owner));
        let glue = sorted(of_targets().filter(|record| is_in_cut(&record.owner)));
        let mut sibling_glue =
            sorted(of_targets().filter(|record| !is_in_cut(&record.owner) && zone.is_below_cut(&record.owner)));
        count(Tolerated::Additional, reply.additional.len() > glue.len() + sibling_glue.len());
        if !is_tcp {
            count(Tolerated::SiblingGlue, !sibling_glue.is_empty());
            sibling_glue.clear();
        }
        let answer = sorted(&reply.answer);
        count(Tolerated::Order, answer != reply.answer);
        let known = ["NS", "SOA", "DS"];
        let rest = sorted(reply.authority.iter().filter(|record| !known.contains(&record.record_type.as_str())));
        let soa = of_type("SOA");
        Self { answer, soa, referral: [referral, ds].concat(), glue, sibling_glue, rest, reply }
    }

    /// Whether two replies differ in a field.
    pub(crate) fn differs(&self, other: &Self, field: Field) -> bool {
        let (a, b) = (&self.reply, &other.reply);
        let flag = |flag: &str| a.has(flag) != b.has(flag);
        match field {
            Field::Rcode => a.status != b.status,
            Field::Authoritative => flag("aa"),
            Field::CheckingDisabled => flag("cd"),
            Field::Flags => ["qr", "rd", "ra", "ad"].into_iter().any(flag),
            Field::Question => a.question != b.question,
            Field::Opt => {
                let opt = |reply: &Reply| reply.edns.as_ref().map(|opt| (opt.version, opt.dnssec_ok));
                opt(a) != opt(b)
            }
            Field::Answer => self.answer != other.answer,
            Field::Soa => self.soa != other.soa,
            Field::Referral => self.referral != other.referral,
            Field::Glue => self.glue != other.glue,
            Field::SiblingGlue => self.sibling_glue != other.sibling_glue,
            Field::Authority => self.rest != other.rest,
        }
    }

    pub(crate) fn is(&self, status: &str) -> bool {
        self.reply.status == status
    }

    /// What no reply may do, whatever others do: repeat another question, say twice what it says, make up addresses.
    pub(crate) fn fault(&self, question: &Question, zones: &[Zone]) -> Option<String> {
        if self.reply.question != question.query.question() {
            return Some("the question is not the one that was asked".to_owned());
        }
        for section in [&self.answer, &self.reply.authority, &self.reply.additional] {
            let once = sorted(section.iter());
            if let Some(twice) = once.windows(2).find(|pair| pair[0] == pair[1]) {
                return Some(format!("a record stands twice: {}", twice[0]));
            }
        }
        let invented = self.reply.additional.iter().find(|record| !zones.iter().any(|zone| zone.holds(record)));
        invented.map(|record| format!("no zone holds the additional record {record}"))
    }
}

fn sorted<'r>(records: impl IntoIterator<Item = &'r Record>) -> Vec<Record> {
    let mut records: Vec<Record> = records.into_iter().cloned().collect();
    records.sort();
    records
}

/// A name as RDATA prints it, with or without the final dot and in any case, and as owners are: lower case, with the dot.
pub(crate) fn same_name(printed: &str, owner: &str) -> bool {
    printed.trim_end_matches('.').eq_ignore_ascii_case(owner.trim_end_matches('.'))
}

/// Whether a lower-case absolute name is `above` or below it.
pub(crate) fn is_below(name: &str, above: &str) -> bool {
    let below = |rest: &str| rest.is_empty() || rest.ends_with('.') && !rest.ends_with("\\.");
    above == "." || name.strip_suffix(above).is_some_and(below)
}
