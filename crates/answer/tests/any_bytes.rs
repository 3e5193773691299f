//! Whatever arrives, what leaves is a reply or nothing: no panic, no more octets than allowed, never a reply to a reply,
//! and readable to its end by a parser that is not ours.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use std::sync::LazyLock;

use answer::{Client, CookieSecrets, Identity, Nsid, Outcome, Transport, UDP_PAYLOAD_MAX, View, answer};
use asking::{alias, name, name_end, query, read, simple, view};
use model::id::SetIdentifier;
use model::{RecordSet, RecordType, Routing};
use proptest::prelude::*;

const OWNERS: [&str; 13] = [
    "www.ex.test",
    "ex.test",
    "*.w.ex.test",
    "c.ex.test",
    "dn.ex.test",
    "sub.ex.test",
    "many.ex.test",
    "h.ex.test",
    "al.ex.test",
    "mv.ex.test",
    "e.n.t.ex.test",
    ".",
    "x.other",
];

/// Two zones, one of them the root's, with something of every kind.
fn zones() -> View {
    let many: Vec<String> = (0..300).map(|n| format!("2001:db8::{n:x}")).collect();
    let mut record_sets = vec![
        simple("ex.test", RecordType::NS, &["ns.ex.test.", "ns.sub.ex.test."]),
        simple("www.ex.test", RecordType::A, &["192.0.2.1", "192.0.2.2"]),
        simple("*.w.ex.test", RecordType::MX, &["10 www.ex.test.", "20 mail.elsewhere.test."]),
        simple("c.ex.test", RecordType::CNAME, &["X.c.Dn.ex.test."]),
        simple("dn.ex.test", RecordType::DNAME, &["w.ex.test."]),
        simple("lo.ex.test", RecordType::DNAME, &["lo.lo.ex.test."]),
        simple("sub.ex.test", RecordType::NS, &["ns.sub.ex.test.", "www.ex.test."]),
        simple("sub.ex.test", RecordType::DS, &["1 13 2 00"]),
        simple("ns.sub.ex.test", RecordType::A, &["192.0.2.3"]),
        simple("many.ex.test", RecordType::AAAA, &many),
        simple("e.n.t.ex.test", RecordType(65_400), &["\\# 3 c00c00"]),
        simple("h.ex.test", RecordType::HTTPS, &["0 svc.w.ex.test.", "1 . alpn=h2", "2 many.ex.test."]),
        simple("h.ex.test", RecordType::SRV, &["1 2 3 al.ex.test.", "1 2 3 www.ex.test.", "0 0 0 ."]),
        alias("al.ex.test", RecordType::AAAA, Routing::Simple, "many.ex.test"),
        alias("al.ex.test", RecordType::A, Routing::Simple, "al.ex.test"),
    ];
    record_sets.extend((0..12).map(|n| RecordSet {
        routing: Routing::Multivalue { set_identifier: SetIdentifier::parse(&n.to_string()).unwrap() },
        ..simple("mv.ex.test", RecordType::A, &[format!("192.0.2.{}", n / 2)])
    }));
    let root = [simple("c", RecordType::CNAME, &["www.ex.test."]), simple("*", RecordType::TXT, &["\"any\""])];
    view(&[("Z1", "ex.test", &record_sets), ("Z2", ".", &root)])
}

/// What must hold for every message.
fn check(message: &[u8], transport: Transport, draw: u64, room: usize) -> Result<(), TestCaseError> {
    static ZONES: LazyLock<View> = LazyLock::new(zones);
    static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity {
        nsid: Some(Nsid::new(&[b'n'; 128]).unwrap()),
        cookies: Some(CookieSecrets::new([1; 16], Some([2; 16]))),
        tcp_idle_tenths: Some(100),
    });
    let client = Client { identity: &IDENTITY, ..Client::new([192, 0, 2, 53].into(), transport, draw) };
    let mut out = vec![0xaa; room];
    let outcome = answer(&ZONES, message, &client, &mut out);
    prop_assert!(outcome.len() <= room);
    let reply = &out[..outcome.len()];
    if message.len() < 12 || message[2] & 0x80 != 0 {
        prop_assert_eq!(outcome, Outcome::Dropped, "never a reply to a response");
        return Ok(());
    }
    if outcome == Outcome::Dropped {
        prop_assert!(room < 512, "a whole header is always answered if there is room");
        return Ok(());
    }
    prop_assert_eq!(&reply[..2], &message[..2], "the id is echoed");
    prop_assert_eq!(reply[2] & 0xf9, message[2] & 0x79 | 0x80, "QR; opcode and RD as they came");
    if transport == Transport::Udp {
        prop_assert!(reply.len() <= UDP_PAYLOAD_MAX);
        let has_additional = message[10..12] != [0, 0];
        prop_assert!(reply.len() <= 512 || has_additional, "no EDNS, no more than 512");
    }
    let question = &message[12..message.len().min(12 + 260)];
    let echoed = if reply[5] == 0 { 0 } else { question_octets(reply) };
    prop_assert_eq!(&reply[12..12 + echoed], &question[..echoed], "the question is echoed byte for byte");
    let read = read(outcome, reply);
    prop_assert_eq!(read.truncated, matches!(outcome, Outcome::Truncated(_)));
    if read.truncated {
        prop_assert!(read.answer.is_empty() && read.authority.is_empty() && read.additional.is_empty());
    }
    prop_assert!(read.authoritative || read.answer.is_empty(), "answers are ours");
    Ok(())
}

fn question_octets(message: &[u8]) -> usize {
    name_end(message, 12) + 4 - 12
}

fn transports() -> impl Strategy<Value = Transport> {
    prop_oneof![Just(Transport::Udp), Just(Transport::Tcp)]
}

/// A good query, with or without EDNS, below one of the owners or at it.
fn queries() -> impl Strategy<Value = Vec<u8>> {
    let types = prop_oneof![
        prop::sample::select(vec![1u16, 2, 5, 6, 15, 16, 28, 33, 39, 41, 43, 65, 251, 252, 255, 65_400]),
        any::<u16>(),
    ];
    let labels = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..64), 0..4);
    (prop::sample::select(&OWNERS[..]), labels, types, prop::option::of(any::<u16>())).prop_map(
        |(owner, labels, record_type, edns)| {
            let below = labels.iter().fold(name(owner), |below, label| below.child(label).unwrap_or(below));
            query(&below, RecordType(record_type), edns)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_a_reply_or_silence(
        message in prop::collection::vec(any::<u8>(), 0..600), transport in transports(), draw in any::<u64>(),
    ) {
        check(&message, transport, draw, 65_535)?;
    }

    #[test]
    fn a_good_query_gets_a_good_reply(message in queries(), transport in transports(), draw in any::<u64>()) {
        check(&message, transport, draw, 65_535)?;
    }

    #[test]
    fn a_query_with_broken_bytes_gets_a_reply_or_silence(
        mut message in queries(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..40),
        transport in transports(),
        draw in any::<u64>(),
    ) {
        for (place, byte) in changes {
            let place = place.index(message.len());
            message[place] = byte;
        }
        if let Some(cut) = cut {
            message.truncate(cut.index(message.len() + 1));
        }
        message.extend_from_slice(&tail);
        check(&message, transport, draw, 65_535)?;
    }

    #[test]
    fn any_options_in_edns_get_a_reply(
        message in queries(),
        options in prop::collection::vec((prop_oneof![Just(8u16), Just(10), Just(3), Just(11), any::<u16>()], prop::collection::vec(any::<u8>(), 0..20)), 0..4),
        subnet in (0..3u8, 0..140u8, 0..2u8, prop::collection::vec(any::<u8>(), 0..18)),
        version in prop_oneof![Just(0u8), any::<u8>()],
        transport in transports(),
    ) {
        let end = question_octets(&message) + 12;
        let mut rdata = Vec::new();
        let (family, source, scope, address) = subnet;
        let subnet = [&[0, family, source, scope], &address[..]].concat();
        for (code, value) in options.iter().map(|(code, value)| (*code, value)).chain([(8, &subnet)]) {
            rdata.extend_from_slice(&code.to_be_bytes());
            rdata.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
            rdata.extend_from_slice(value);
        }
        let mut message = message[..end].to_vec();
        message[11] = 1;
        message.extend_from_slice(&[0, 0, 41, 16, 0, 0, version, 0x80, 0]);
        message.extend_from_slice(&u16::try_from(rdata.len()).unwrap().to_be_bytes());
        message.extend_from_slice(&rdata);
        check(&message, transport, 1, 65_535)?;
    }

    #[test]
    fn a_buffer_of_any_size_is_enough_for_not_panicking(message in queries(), room in 0..600usize) {
        check(&message, Transport::Udp, 1, room)?;
    }
}
