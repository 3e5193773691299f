//! Replies that were feared to be wrong: too much work, too few records, the wrong zone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use answer::{Finding, Outcome, Transport};
use asking::{alias, ask, ask_over, id, name, query, simple, view};
use model::id::SetIdentifier;
use model::{RecordSet, RecordType, Routing};

/// A delegation of `sub.ex.test` to servers in these places, each with an address in the zone.
fn delegation(servers: &[String]) -> Vec<RecordSet> {
    let mut record_sets = vec![simple("sub.ex.test", RecordType::NS, servers)];
    record_sets.extend(servers.iter().map(|server| simple(server, RecordType::A, &["192.0.2.1"])));
    record_sets
}

#[test]
fn a_delegation_to_more_servers_than_have_places_gets_all_its_glue() {
    let servers: Vec<String> = (0..40).map(|n| format!("ns{n}.sub.ex.test.")).collect();
    let view = view(&[("Z1", "ex.test", &delegation(&servers))]);
    let reply = ask(&view, "www.sub.ex.test", RecordType::A);
    assert_eq!((reply.authority.len(), reply.additional.len()), (40, 40));
    assert!(servers.iter().all(|server| reply.additional.iter().any(|a| a.starts_with(&format!("{server} ")))));
}

#[test]
fn glue_that_may_be_left_out_does_not_crowd_out_glue_that_must_be_there() {
    let mut servers: Vec<String> = (0..12).map(|n| format!("ns{n}.far.ex.test.")).collect();
    servers.push("ns.sub.ex.test.".into());
    let view = view(&[("Z1", "ex.test", &delegation(&servers))]);
    let reply = ask_over(&view, "www.sub.ex.test", RecordType::A, Transport::Udp, None, 7);
    assert!(!reply.truncated && reply.octets <= 512);
    assert!(reply.additional.iter().any(|glue| glue.starts_with("ns.sub.ex.test. ")), "{reply:?}");
    assert!(reply.additional.len() < 13, "not all of it fits: {reply:?}");
}

#[test]
fn half_an_rrset_of_glue_is_none() {
    let addresses: Vec<String> = (0..30).map(|n| format!("192.0.2.{n}")).collect();
    let far = [
        simple("sub.ex.test", RecordType::NS, &["ns.far.ex.test."]),
        simple("ns.far.ex.test", RecordType::A, &addresses),
    ];
    let view = view(&[("Z1", "ex.test", &far)]);
    let reply = ask_over(&view, "www.sub.ex.test", RecordType::A, Transport::Udp, None, 7);
    assert_eq!((reply.truncated, reply.authority.len(), reply.additional.len()), (false, 1, 0));
    assert_eq!(ask(&view, "www.sub.ex.test", RecordType::A).additional.len(), 30);
}

#[test]
fn any_is_not_empty_while_one_type_has_records() {
    let nowhere = alias("www.ex.test", RecordType::A, Routing::Simple, "missing.ex.test");
    let view = view(&[("Z1", "ex.test", &[nowhere, simple("www.ex.test", RecordType::TXT, &["\"here\""])])]);
    assert_eq!(ask(&view, "www.ex.test", RecordType::ANY).answer, ["www.ex.test. 60 TXT \"here\""]);
    assert!(ask(&view, "www.ex.test", RecordType::A).answer.is_empty());
}

#[test]
fn a_parent_zone_that_does_not_know_the_child_does_not_deny_it() {
    let parent = [simple("www.ex.test", RecordType::A, &["192.0.2.1"])];
    let child = [simple("www.sub.ex.test", RecordType::A, &["192.0.2.2"])];
    let unknown = view(&[("Z1", "ex.test", &parent), ("Z2", "sub.ex.test", &child)]);
    let reply = ask(&unknown, "sub.ex.test", RecordType::DS);
    // As RFC 4035 §3.1.4.1 has it, the parent speaks, but not as if there were no such name (RFC 8020 §2).
    assert_eq!((reply.rcode, reply.authority[0].split(' ').next()), (0, Some("ex.test.")));
    let cut = [simple("sub.ex.test", RecordType::NS, &["ns.elsewhere.test."])];
    let known = view(&[("Z1", "ex.test", &cut), ("Z2", "sub.ex.test", &child)]);
    let reply = ask(&known, "sub.ex.test", RecordType::DS);
    assert_eq!((reply.rcode, reply.authority[0].split(' ').next()), (0, Some("ex.test.")), "RFC 4035 §3.1.4.1");
}

#[test]
fn the_root_may_be_an_apex() {
    let view = view(&[(
        "Z1",
        ".",
        &[
            simple(".", RecordType::NS, &["a.servers.", "b.servers."]),
            simple("a.servers", RecordType::A, &["192.0.2.1"]),
            simple("c", RecordType::CNAME, &["a.servers."]),
            simple("org", RecordType::NS, &["ns.org.", "."]),
            simple("ns.org", RecordType::A, &["192.0.2.2"]),
            simple("*", RecordType::MX, &["10 a.servers."]),
        ],
    )]);
    assert_eq!(ask(&view, ".", RecordType::NS).answer, [". 60 NS a.servers.", ". 60 NS b.servers."]);
    assert_eq!(ask(&view, "c", RecordType::A).answer, ["c. 60 CNAME a.servers.", "a.servers. 60 A 192.0.2.1"]);
    assert_eq!(ask(&view, "www.org", RecordType::A).additional, ["ns.org. 60 A 192.0.2.2"]);
    assert_eq!(ask(&view, "x.y", RecordType::MX).answer, ["x.y. 60 MX 10 a.servers."]);
    assert_eq!(ask(&view, ".", RecordType::DS).rcode, 0);
    assert_eq!(ask(&view, "x.servers", RecordType::A).rcode, 3);
}

#[test]
fn names_of_255_bytes_are_found_chased_and_rewritten() {
    let long = |first: &str| format!("{first}.{0}.{0}.{1}.ex.test", "b".repeat(63), "c".repeat(56));
    let [from, to] = ["a", "d"].map(|letter| long(&letter.repeat(60)));
    assert_eq!(name(&from).wire().len(), 255);
    let over = format!("{}.dn.ex.test", "e".repeat(30));
    let target = long("dn");
    let view = view(&[(
        "Z1",
        "ex.test",
        &[
            simple(&from, RecordType::CNAME, &[&to]),
            simple(&to, RecordType::A, &["192.0.2.1"]),
            simple("dn.ex.test", RecordType::DNAME, &[&format!("{}.{target}", "f".repeat(50))]),
        ],
    )]);
    let reply = ask(&view, &from, RecordType::A);
    assert_eq!((reply.rcode, reply.answer.len()), (0, 2));
    let reply = ask(&view, &over, RecordType::A);
    assert_eq!((reply.rcode, reply.answer.len()), (6, 1), "YXDOMAIN with the DNAME: {reply:?}");
    let below = ask(&view, &from[61..], RecordType::A);
    assert_eq!((below.rcode, below.answer.len()), (0, 0), "an empty non-terminal");
}

#[test]
fn names_beyond_the_reach_of_pointers_are_written_out() {
    let values: Vec<String> = (0..100).map(|n| format!("\"{}\"", format!("{n:03}").repeat(80))).collect();
    let servers: Vec<String> = (0..700).map(|n| format!("server-number-{n}.sub.ex.test.")).collect();
    let mut zone = delegation(&servers);
    zone.push(simple("c.ex.test", RecordType::CNAME, &["txt.ex.test."]));
    zone.push(simple("txt.ex.test", RecordType::TXT, &values));
    let view = view(&[("Z1", "ex.test", &zone)]);
    let reply = ask(&view, "c.ex.test", RecordType::TXT);
    assert_eq!((reply.outcome, reply.answer.len()), (Outcome::Answered(reply.octets), 101));
    let reply = ask(&view, "sub.ex.test", RecordType::A);
    assert!(reply.octets > 0x4000);
    assert_eq!((reply.authority.len(), reply.additional.len()), (700, 700));
}

#[test]
fn a_set_too_large_for_any_message_is_truncated_and_the_rest_of_the_zone_is_served() {
    let addresses: Vec<String> =
        (0..65_535).map(|n| std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).to_string()).collect();
    let view = view(&[(
        "Z1",
        "ex.test",
        &[simple("all.ex.test", RecordType::A, &addresses), simple("some.ex.test", RecordType::A, &addresses[..4_000])],
    )]);
    for transport in [Transport::Udp, Transport::Tcp] {
        let reply = ask_over(&view, "all.ex.test", RecordType::A, transport, Some(4096), 7);
        assert!(reply.truncated && reply.answer.is_empty() && reply.octets < 64, "{reply:?}");
    }
    assert_eq!(ask(&view, "some.ex.test", RecordType::A).answer.len(), 4_000);
}

#[test]
fn a_small_question_without_edns_never_gets_more_than_512_bytes() {
    let values: Vec<String> = (0..20).map(|n| format!("\"{}\"", format!("{n:02}").repeat(100))).collect();
    let zone: Vec<RecordSet> = (1..=20)
        .map(|n| simple(&format!("t{n}.ex.test"), RecordType::TXT, &values[..n]))
        .chain([simple("dn.ex.test", RecordType::DNAME, &["dn.dn.ex.test"])])
        .collect();
    let view = view(&[("Z1", "ex.test", &zone)]);
    for n in 1..=20 {
        let reply = ask_over(&view, &format!("t{n}.ex.test"), RecordType::TXT, Transport::Udp, None, n);
        assert_eq!((reply.truncated, reply.answer.len()), if n <= 2 { (false, n as usize) } else { (true, 0) });
        assert!(reply.octets <= 512);
    }
    assert!(ask_over(&view, "x.dn.ex.test", RecordType::A, Transport::Udp, None, 0).octets <= 512);
}

#[test]
fn an_explanation_of_any_is_not_nodata() {
    let view = view(&[("Z1", "ex.test", &[simple("www.ex.test", RecordType::CNAME, &["x.ex.test."])])]);
    let explanation = answer::explain(&view, &question("www.ex.test", RecordType::ANY));
    let [hop] = &explanation.hops[..] else { panic!("{:?}", explanation.hops) };
    assert!(matches!(hop.finding, Finding::Records { record_type: RecordType::CNAME, .. }), "{hop:?}");
    assert_eq!(explanation.possible.answers[0].values, ["x.ex.test."]);
}

#[test]
fn a_malformed_option_does_not_make_us_look_as_if_we_had_no_edns() {
    let view = view(&[("Z1", "ex.test", &[])]);
    let mut message = query(&name("www.ex.test"), RecordType::A, Some(1232));
    let length = message.len();
    message[length - 1] = 6;
    message.extend_from_slice(&[0, 8, 0, 2, 0, 1]);
    let client = answer::Client::new([127, 0, 0, 1].into(), Transport::Udp, 0);
    let mut out = [0; 512];
    let outcome = answer::answer(&view, &message, &client, &mut out);
    assert_eq!((outcome, out[3] & 15, out[11]), (Outcome::FormErr(length), 1, 1), "RFC 6891 §6.1.1: an OPT for an OPT");
}

#[test]
fn dig_may_ask_without_a_subnet() {
    let view = view(&[("Z1", "ex.test", &[simple("www.ex.test", RecordType::A, &["192.0.2.1"])])]);
    let mut message = query(&name("www.ex.test"), RecordType::A, Some(1232));
    let length = message.len();
    message[length - 1] = 8;
    message.extend_from_slice(&[0, 8, 0, 4, 0, 0, 0, 0]);
    let client = answer::Client::new([127, 0, 0, 1].into(), Transport::Udp, 0);
    let mut out = [0; 512];
    let outcome = answer::answer(&view, &message, &client, &mut out);
    assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
    assert!(out[..outcome.len()].ends_with(&[0, 8, 0, 8, 0, 4, 0, 0, 0, 0]), "echoed");
}

#[test]
fn wide_nested_aliases_neither_stall_an_answer_nor_flood_an_explanation() {
    let weighted =
        |n: usize| Routing::Weighted { set_identifier: SetIdentifier::parse(&n.to_string()).unwrap(), weight: 1 };
    let mut zone = vec![simple("l9.ex.test", RecordType::A, &["192.0.2.1"])];
    for level in 0..9 {
        let (owner, target) = (format!("l{level}.ex.test"), format!("l{}.ex.test", level + 1));
        zone.extend((0..100).map(|n| alias(&owner, RecordType::A, weighted(n), &target)));
    }
    zone.extend((0..100).map(|n| alias("self.ex.test", RecordType::A, weighted(n), "self.ex.test")));
    let view = view(&[("Z1", "ex.test", &zone)]);
    for owner in ["l0.ex.test", "self.ex.test"] {
        ask(&view, owner, RecordType::A);
        let explanation = answer::explain(&view, &question(owner, RecordType::A));
        assert_eq!(explanation.zone.as_ref().map(|(zone, _)| zone), Some(&id("Z1")));
        let Finding::Records { level, .. } = &explanation.hops[0].finding else { panic!("{owner}") };
        assert!(candidates(level) <= 1_000);
        let told: f64 = explanation.possible.answers.iter().map(|possible| possible.odds).sum();
        assert!((told + explanation.possible.untold - 1.0).abs() < 1e-6, "what is not told is owned up to");
    }
    assert_eq!(ask(&view, "l1.ex.test", RecordType::A).answer.len(), 1);
}

/// All that are listed, nested ones too.
fn candidates(level: &answer::Level) -> usize {
    let below = |candidate: &answer::Candidate| match &candidate.content {
        answer::Content::Alias(_, _, Some(level)) | answer::Content::Rule(_, level) => 1 + candidates(level),
        answer::Content::Alias(_, _, None) | answer::Content::Records(..) | answer::Content::Outside => 1,
    };
    level.candidates.iter().map(below).sum()
}

fn question(owner: &str, record_type: RecordType) -> answer::Question {
    answer::Question { name: name(owner), record_type, address: [127, 0, 0, 1].into(), subnet: None }
}
