//! Every answer that a question may get, each with its odds: the question is answered once on every way, and equal
//! replies are added up.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::id::HostedZoneId;
use model::prefix::Prefix;
use model::{Name, RecordType};

use crate::answer::{answer, answer_by};
use crate::client::{Client, Transport};
use crate::draw::Script;
use crate::find;
use crate::limits::{MULTIVALUE_ANSWERS_MAX, WAYS_WORK_MAX};
use crate::reply::{self, AnswerRecord, ReadReply, read_reply};
use crate::target::Target;
use crate::view::View;

/// A question, and who asks it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// The name.
    pub name: Name,
    /// The type.
    pub record_type: RecordType,
    /// Where the query comes from: a resolver, or the client itself.
    pub address: IpAddr,
    /// The client's prefix, if the resolver tells it (RFC 7871).
    pub subnet: Option<Prefix>,
}

impl Question {
    /// What counts as the client: the prefix that the resolver tells, unless that has no bits (RFC 7871 §7.1.2), else the
    /// whole address that asks.
    #[must_use]
    pub fn client(&self) -> Prefix {
        self.subnet.filter(|subnet| subnet.length() > 0).unwrap_or_else(|| Prefix::of(self.address))
    }
}

/// All possible answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Possibilities {
    /// The likeliest first.
    pub answers: Vec<Possible>,
    /// The odds of answers that are not among them, because there were more ways than are gone: 0 but for trees of many
    /// thousand leaves.
    pub untold: f64,
    /// How many bits of the client's address the answer depends on.
    pub scope: u8,
    /// The names looked up on any way, in wire format, and how likely.
    pub(super) names: Vec<(Box<[u8]>, f64)>,
}

/// One possible answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Possible {
    /// 0–1.
    pub odds: f64,
    /// The targets of CNAMEs on the way.
    pub via: Vec<Name>,
    /// The type of the values: that asked for, but for ANY.
    pub record_type: RecordType,
    /// As record sets have them, sorted; of a referral its name servers; none if there are no records.
    pub values: Vec<String>,
    /// If there are more record sets than an answer holds: how many it holds the values of, any so many equally likely
    /// (R53 multivalue). The TTL is then the least of all.
    pub some: Option<usize>,
    /// How it ends.
    pub ending: Ending,
    /// So long resolvers hold it: the least TTL on the way; of no records the zone's negative TTL (RFC 2308 §5). In
    /// seconds.
    pub ttl_seconds: Option<u32>,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// With records of the type asked for.
    Records,
    /// NODATA: the name exists, the type not for this client.
    NoData,
    /// NXDOMAIN.
    NoName,
    /// A referral to other name servers.
    Referral,
    /// A CNAME out of the zone.
    Leaves,
    /// A CNAME or DNAME whose chain is too long or comes back.
    Chain,
    /// A DNAME makes too long a name: YXDOMAIN.
    TooLong,
    /// No zone here.
    Refused,
}

impl Ending {
    /// In the DNS's words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Records => "NOERROR",
            Self::NoData => "NODATA",
            Self::NoName => "NXDOMAIN",
            Self::Referral => "referral",
            Self::Leaves => "CNAME out of the zone",
            Self::Chain => "CNAME chain that does not end",
            Self::TooLong => "YXDOMAIN",
            Self::Refused => "REFUSED",
        }
    }

    /// Whether whoever gets it has no records and nowhere else to ask.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        match self {
            Self::Records | Self::Referral | Self::Leaves => false,
            Self::NoData | Self::NoName | Self::Chain | Self::TooLong | Self::Refused => true,
        }
    }
}

impl Possible {
    /// Whether a client would see the same, odds and TTL apart.
    #[must_use]
    pub fn answers_like(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    /// What a client gets, in a few words: `192.0.2.1, 192.0.2.2`, `8 of …`, `NXDOMAIN`.
    #[must_use]
    pub fn what(&self) -> String {
        let values = self.values.join(", ");
        match (self.ending, self.some) {
            (Ending::Records, None) => values,
            (Ending::Records, Some(some)) => format!("{some} of {values}"),
            (Ending::Referral, _) => format!("referral to {values}"),
            (ending, _) => ending.as_str().to_owned(),
        }
    }

    fn identity(&self) -> (&[Name], &[String], Option<usize>, Ending, RecordType) {
        (&self.via, &self.values, self.some, self.ending, self.record_type)
    }
}

/// Answers a question on every way.
#[must_use]
pub fn possible(view: &View, asked: &Question) -> Possibilities {
    count(view, asked, false)
}

/// The same for all clients together who are where this one is: at a sticky name, odds are shares of clients, which are
/// those of drawing. The scope leaves out what tells such clients apart.
#[must_use]
pub fn possible_by_weights(view: &View, asked: &Question) -> Possibilities {
    count(view, asked, true)
}

pub(super) fn count(view: &View, asked: &Question, by_weights: bool) -> Possibilities {
    let message = message(asked);
    // As over TCP, so that nothing is cut off.
    let client = Client::new(asked.address, Transport::Tcp, 0);
    let mut out = vec![0; usize::from(u16::MAX)];
    let mut script = Script::new(by_weights);
    let mut told = Possibilities::default();
    // Ways that differ only in which of too many records they hold are one answer.
    let mut ways: BTreeMap<Vec<usize>, Possible> = BTreeMap::new();
    let mut places: BTreeMap<Box<[u8]>, usize> = BTreeMap::new();
    while script.work() < WAYS_WORK_MAX && script.turn() {
        let outcome = answer_by(view, &message, &client, &mut script, &mut out);
        let reply = read_reply(&out[..outcome.len()]).expect("our own reply can be read");
        for wire in script.names() {
            if let Some(place) = places.get(wire) {
                told.names[*place].1 += script.odds();
            } else {
                places.insert(wire.clone(), told.names.len());
                told.names.push((wire.clone(), script.odds()));
            }
        }
        let (way, is_window) = script.way();
        let answer = read(view, &reply, asked, script.odds(), is_window);
        match ways.get_mut(&way) {
            Some(other) => {
                other.odds += answer.odds;
                other.values.extend(answer.values);
                other.ttl_seconds = other.ttl_seconds.min(answer.ttl_seconds);
            }
            None => _ = ways.insert(way, answer),
        }
    }
    told.scope = script.scope();
    told.answers = add_up(ways.into_values().collect());
    let sum: f64 = told.answers.iter().map(|answer| answer.odds).sum();
    told.untold = if script.turn() { (1.0 - sum).max(0.0) } else { 0.0 };
    told.answers.sort_by(|a, b| b.odds.total_cmp(&a.odds).then_with(|| a.identity().cmp(&b.identity())));
    told
}

/// The answers of all ways, each once with the odds of all its ways, in the order in which each answer came first.
fn add_up(mut ways: Vec<Possible>) -> Vec<Possible> {
    for way in &mut ways {
        way.values.sort();
        way.values.dedup();
    }
    // As many answers as ways in the worst case: each is looked up, not looked for.
    let mut places = BTreeMap::new();
    let place = |way| {
        let next = places.len();
        *places.entry(way).or_insert(next)
    };
    let of_ways: Vec<usize> = ways.iter().map(|way| (way.identity(), way.ttl_seconds)).map(place).collect();
    let mut answers: Vec<Possible> = Vec::new();
    for (way, place) in ways.into_iter().zip(of_ways) {
        match answers.get_mut(place) {
            Some(answer) => answer.odds += way.odds,
            None => answers.push(way),
        }
    }
    answers
}

/// The answer that these random bits give: what a server would send, with nothing cut off.
#[must_use]
pub fn sample(view: &View, asked: &Question, draw: u64) -> Possible {
    let client = Client::new(asked.address, Transport::Tcp, draw);
    let mut out = vec![0; usize::from(u16::MAX)];
    let outcome = answer(view, &message(asked), &client, &mut out);
    let reply = read_reply(&out[..outcome.len()]).expect("our own reply can be read");
    read(view, &reply, asked, 1.0, false)
}

/// The query that asks it.
fn message(asked: &Question) -> Vec<u8> {
    let subnet = asked.subnet.map(|subnet| (subnet.address(), subnet.length()));
    reply::question(&asked.name, asked.record_type, subnet)
}

/// The zone that answers a question; none means REFUSED.
#[must_use]
pub fn answering_zone(view: &View, asked: &Question) -> Option<HostedZoneId> {
    zone(view, asked, &asked.name).cloned()
}

/// The zone that answers whoever asks this for a name.
fn zone<'v>(view: &'v View, asked: &Question, name: &Name) -> Option<&'v HostedZoneId> {
    let target = Target::new(name.wire(), view.snapshot.seed);
    find::zone(view, asked.address, &target, asked.record_type).map(|(zone, _)| &zone.id)
}

/// A reply in words.
fn read(view: &View, reply: &ReadReply, asked: &Question, odds: f64, is_window: bool) -> Possible {
    let is_any = asked.record_type == RecordType::ANY;
    let is_chain = |record: &&AnswerRecord| {
        !is_any
            && record.record_type != asked.record_type
            && matches!(record.record_type, RecordType::CNAME | RecordType::DNAME)
    };
    let via: Vec<Name> = reply
        .answer
        .iter()
        .filter(|record| is_chain(record) && record.record_type == RecordType::CNAME)
        .filter_map(|record| Name::from_wire(&record.rdata).ok())
        .collect();
    let data: Vec<&AnswerRecord> = reply.answer.iter().filter(|record| !is_chain(record)).collect();
    let record_type = data.first().map_or(asked.record_type, |record| record.record_type);
    let has = |wanted| reply.authority.iter().any(|record| record.record_type == wanted);
    let leaves = || via.last().is_some_and(|last| zone(view, asked, last) != zone(view, asked, &asked.name));
    let ending = match reply.response_code {
        3 => Ending::NoName,
        5 => Ending::Refused,
        6 => Ending::TooLong,
        _ if !data.is_empty() => Ending::Records,
        _ if has(RecordType::SOA) => Ending::NoData,
        _ if has(RecordType::NS) => Ending::Referral,
        _ if leaves() => Ending::Leaves,
        _ if via.is_empty() => Ending::NoData,
        _ => Ending::Chain,
    };
    let told: Vec<&AnswerRecord> = match ending {
        Ending::Referral => reply.authority.iter().filter(|record| record.record_type == RecordType::NS).collect(),
        _ => data.clone(),
    };
    let values = told.iter().map(|record| model::rdata::text(record.record_type, &record.rdata)).collect();
    let ttl_seconds = reply.answer.iter().chain(&reply.authority).map(|record| record.ttl).min();
    let some = is_window.then_some(MULTIVALUE_ANSWERS_MAX);
    Possible { odds, via, record_type, values, some, ending, ttl_seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(value: usize, ttl_seconds: u32) -> Possible {
        Possible {
            odds: 0.25,
            via: Vec::new(),
            record_type: RecordType::TXT,
            values: vec![value.to_string()],
            some: None,
            ending: Ending::Records,
            ttl_seconds: Some(ttl_seconds),
        }
    }

    #[test]
    fn equal_answers_are_added_up_in_the_order_in_which_they_came() {
        let told = add_up(vec![way(2, 60), way(1, 60), way(2, 30), way(2, 60), way(1, 60), way(2, 60)]);
        let told: Vec<_> = told.iter().map(|answer| (&*answer.values[0], answer.ttl_seconds, answer.odds)).collect();
        assert_eq!(told, [("2", Some(60), 0.75), ("1", Some(60), 0.5), ("2", Some(30), 0.25)]);
    }

    /// Compared each with each, these would keep a test waiting for minutes.
    #[test]
    fn as_many_answers_as_ways_are_added_up_at_once() {
        let ways = usize::try_from(WAYS_WORK_MAX).unwrap();
        let told = add_up((0..2 * ways).map(|value| way(value % ways, 60)).collect());
        assert_eq!(told.len(), ways);
        assert!(told.iter().all(|answer| (answer.odds - 0.5).abs() < 1e-9));
    }
}
