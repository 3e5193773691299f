//! Zones in a few words, questions, and replies as somebody else's parser (`domain`) reads them.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses its part, and fails by panicking"
)]

use std::sync::Arc;

use answer::{Client, Health, Outcome, Snapshot, Transport, View, answer};
use domain::base::message::RecordSection;
use domain::base::{Message, ToName};
use domain::rdata::AllRecordData;
use model::hosted_zone::Visibility;
use model::id::HostedZoneId;
use model::{AliasTarget, Body, Name, RecordSet, RecordType, Routing, Ttl};

/// A reply, its records as text: `owner ttl type rdata`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub outcome: Outcome,
    pub rcode: u8,
    pub authoritative: bool,
    pub truncated: bool,
    pub answer: Vec<String>,
    pub authority: Vec<String>,
    /// Without the OPT.
    pub additional: Vec<String>,
    pub octets: usize,
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn id(text: &str) -> HostedZoneId {
    HostedZoneId::parse(text).unwrap()
}

/// A record set of TTL 60.
pub fn simple<V: AsRef<str>>(owner: &str, record_type: RecordType, values: &[V]) -> RecordSet {
    let values = values.iter().map(|value| value.as_ref().to_owned()).collect();
    RecordSet::simple(name(owner), record_type, Ttl::new(60).unwrap(), values)
}

/// An alias into zone Z1 that evaluates its target's health.
pub fn alias(owner: &str, record_type: RecordType, routing: Routing, target: &str) -> RecordSet {
    let body =
        Body::Alias(AliasTarget { hosted_zone_id: id("Z1"), dns_name: name(target), evaluate_target_health: true });
    RecordSet { name: name(owner), record_type, routing, body, health_check: None }
}

/// The SOA that every zone has.
pub fn soa(apex: &str) -> RecordSet {
    simple(apex, RecordType::SOA, &["ns.elsewhere.test. h.elsewhere.test. 1 7200 900 1209600 86400"])
}

/// A view of zones: id, apex, and what they hold besides a SOA; the earlier ones are the older ones.
pub fn view(zones: &[(&str, &str, &[RecordSet])]) -> View {
    let mut edit = Snapshot::empty().edit();
    for (created, (zone, apex, record_sets)) in (1..).zip(zones) {
        // The compiler wants the record sets of one name side by side.
        let mut record_sets = [&[soa(apex)], *record_sets].concat();
        record_sets.sort_by(|a, b| a.name.cmp(&b.name));
        edit.put_zone(&id(zone), &name(apex), created, &Visibility::PUBLIC, 0, record_sets).unwrap();
    }
    healthy(edit.finish(1))
}

/// The snapshot with every health check healthy.
pub fn healthy(snapshot: Snapshot) -> View {
    let health = Health::compile(&snapshot, |_| true);
    View { snapshot: snapshot.into(), health: health.into(), places: Arc::default() }
}

pub fn query(owner: &Name, record_type: RecordType, edns: Option<u16>) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns.is_some())];
    message.extend_from_slice(owner.wire());
    message.extend_from_slice(&record_type.0.to_be_bytes());
    message.extend_from_slice(&[0, 1]);
    if let Some(payload) = edns {
        let [high, low] = payload.to_be_bytes();
        message.extend_from_slice(&[0, 0, 41, high, low, 0, 0, 0, 0, 0, 0]);
    }
    message
}

pub fn ask_over(
    view: &View,
    owner: &str,
    record_type: RecordType,
    transport: Transport,
    edns: Option<u16>,
    draw: u64,
) -> Reply {
    let client = Client::new([192, 0, 2, 53].into(), transport, draw);
    let mut out = vec![0xaa; 65535];
    let outcome = answer(view, &query(&name(owner), record_type, edns), &client, &mut out);
    read(outcome, &out[..outcome.len()])
}

/// Over TCP, where everything fits.
pub fn ask(view: &View, owner: &str, record_type: RecordType) -> Reply {
    ask_over(view, owner, record_type, Transport::Tcp, None, 7)
}

/// Reads a reply to its last record, and fails if there is anything behind that.
pub fn read(outcome: Outcome, reply: &[u8]) -> Reply {
    let message = Message::from_octets(reply).unwrap();
    let header = message.header();
    let mut end = 12;
    for question in message.question() {
        _ = question.unwrap();
        end = name_end(reply, end) + 4;
    }
    let mut records = |section: RecordSection<'_, &[u8]>| {
        let mut lines = Vec::new();
        for record in section {
            let record = record.unwrap();
            // The text shows that names in owner and rdata can be read, wherever their pointers lead.
            let parsed = record.to_any_record::<AllRecordData<_, _>>().unwrap();
            if parsed.rtype().to_int() != 41 {
                let (owner, ttl) = (parsed.owner().fmt_with_dot(), parsed.ttl().as_secs());
                lines.push(format!("{owner} {ttl} {} {}", parsed.rtype(), parsed.data()));
            }
            end = name_end(reply, end) + 10 + usize::from(record.rdlen());
        }
        lines
    };
    let answer = records(message.answer().unwrap());
    let authority = records(message.authority().unwrap());
    let additional = records(message.additional().unwrap());
    assert_eq!(end, reply.len(), "a reply ends with its last record: {reply:02x?}");
    Reply {
        outcome,
        rcode: header.rcode().to_int(),
        authoritative: header.aa(),
        truncated: header.tc(),
        answer,
        authority,
        additional,
        octets: reply.len(),
    }
}

/// Where the name that begins at `at` ends, a pointer included.
pub fn name_end(message: &[u8], mut at: usize) -> usize {
    loop {
        match message[at] {
            0 => return at + 1,
            0xc0.. => return at + 2,
            length => at += 1 + usize::from(length),
        }
    }
}
