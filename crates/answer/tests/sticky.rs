//! Sticky names: the same client gets the same answer, weights and health move no more clients than they must, and the
//! types of a name agree. All through `answer`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use answer::{
    Client, Explanation, Finding, Health, Question, Reason, Snapshot, Transport, View, answer, explain,
    explain_by_weights,
};
use asking::{alias, id, name, query, read, simple, soa};
use model::hosted_zone::Visibility;
use model::id::{HealthCheckId, SetIdentifier};
use model::prefix::Prefix;
use model::traffic_policy::Document;
use model::{Body, MadeRecords, PolicyRecord, RecordSet, RecordType, Routing, Stickiness, Ttl};
use proptest::prelude::*;

const OWNER: &str = "pool.ex.test";
const TYPES: [RecordType; 3] = [RecordType::A, RecordType::AAAA, RecordType::HTTPS];

/// A weighted record set for each weight; the `n`th answers with the number `n`, and has the health check `n`.
fn pool(owner: &str, record_type: RecordType, weights: &[u8]) -> Vec<RecordSet> {
    let value = |n: usize| match record_type {
        RecordType::A => format!("192.0.2.{n}"),
        RecordType::AAAA => format!("2001:db8::{n:x}"),
        _ => format!("{n} ."),
    };
    let sets = weights.iter().enumerate().map(|(n, weight)| RecordSet {
        routing: Routing::Weighted { set_identifier: SetIdentifier::parse(&n.to_string()).unwrap(), weight: *weight },
        health_check: Some(HealthCheckId::parse(&n.to_string()).unwrap()),
        ..simple(owner, record_type, &[value(n + 1)])
    });
    sets.collect()
}

fn snapshot(record_sets: Vec<RecordSet>, sticky: &[(&str, Stickiness)]) -> Snapshot {
    let mut record_sets = [vec![soa("ex.test")], record_sets].concat();
    record_sets.sort_by(|a, b| a.name.cmp(&b.name));
    let mut edit = Snapshot::empty().edit();
    edit.set_stickiness(&id("Z1"), sticky.iter().map(|(owner, set)| (name(owner), *set)).collect());
    edit.put_zone(&id("Z1"), &name("ex.test"), 1, &Visibility::PUBLIC, 0, record_sets).unwrap();
    edit.finish(1)
}

/// The snapshot with these health checks unhealthy.
fn without(snapshot: Snapshot, unhealthy: &[usize]) -> View {
    let health = Health::compile(&snapshot, |check| !unhealthy.iter().any(|n| n.to_string() == check.as_str()));
    View { snapshot: snapshot.into(), health: health.into(), places: std::sync::Arc::default() }
}

/// A sticky name of one group of A record sets.
fn sticky(weights: &[u8], unhealthy: &[usize]) -> View {
    without(snapshot(pool(OWNER, RecordType::A, weights), &[(OWNER, Stickiness::DEFAULT)]), unhealthy)
}

/// The number of the record set that answers this Client Subnet, and the reply's scope.
fn ask(view: &View, owner: &str, record_type: RecordType, subnet: Prefix, draw: u64) -> (usize, u8) {
    let (family, octets) = match subnet.address() {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (2, address.octets().to_vec()),
    };
    let octets = &octets[..usize::from(subnet.length()).div_ceil(8)];
    let length = u8::try_from(octets.len()).unwrap();
    let mut message = query(&name(owner), record_type, Some(4096));
    let rdata = message.len() - 1;
    message[rdata] = 8 + length;
    let head = [0, 8, 0, 4 + length, 0, family, subnet.length()];
    message.extend([&head[..], &[0], octets].concat());
    let client = Client::new([203, 0, 113, 53].into(), Transport::Tcp, draw);
    let mut out = [0; 4096];
    let outcome = answer(view, &message, &client, &mut out);
    let reply = read(outcome, &out[..outcome.len()]);
    let [record] = &reply.answer[..] else { panic!("{reply:?}") };
    let value = record.rsplit_once(record_type.to_string().as_str()).unwrap().1.trim();
    let number = match record_type {
        RecordType::A => value.rsplit('.').next().unwrap().parse().unwrap(),
        RecordType::AAAA => usize::from_str_radix(value.rsplit(':').next().unwrap(), 16).unwrap(),
        _ => value.split(' ').next().unwrap().parse().unwrap(),
    };
    // Other options may stand behind it.
    let option = out[..outcome.len()].windows(head.len()).rposition(|window| window == head).unwrap();
    (number - 1, out[option + head.len()])
}

/// The record set of type A that answers a client who comes itself.
fn chosen(view: &View, owner: &str, address: impl Into<IpAddr>) -> usize {
    let client = Client::new(address.into(), Transport::Tcp, 7);
    let mut out = [0; 512];
    let length = answer(view, &query(&name(owner), RecordType::A, None), &client, &mut out).len();
    usize::from(out[length - 1]) - 1
}

/// The `n`th of many clients, each of another prefix of both families' default lengths.
fn nth(n: u32) -> IpAddr {
    if n.is_multiple_of(2) {
        Ipv4Addr::from(n << 8 | 9).into()
    } else {
        Ipv6Addr::from((u128::from(n) << 72) | 5).into()
    }
}

fn all(view: &View, clients: u32) -> Vec<usize> {
    (0..clients).map(|n| chosen(view, OWNER, nth(n))).collect()
}

#[test]
fn without_the_setting_each_query_is_drawn() {
    let view = without(snapshot(pool(OWNER, RecordType::A, &[1, 1]), &[("other.ex.test", Stickiness::DEFAULT)]), &[]);
    let subnet = "198.51.100.0/24".parse().unwrap();
    let first: Vec<(usize, u8)> = (0..64).map(|draw| ask(&view, OWNER, RecordType::A, subnet, draw)).collect();
    assert!((0..2).all(|n| first.contains(&(n, 0))), "both are drawn, and the scope is 0: {first:?}");
}

#[test]
fn shares_of_clients_are_the_weights() {
    const CLIENTS: u32 = 100_000;
    let weights: [u8; 6] = [1, 5, 20, 74, 155, 0];
    let mut seen = [0_u32; 6];
    all(&sticky(&weights, &[]), CLIENTS).into_iter().for_each(|n| seen[n] += 1);
    assert_eq!(seen[5], 0);
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    let chi_square: f64 = seen[..5]
        .iter()
        .zip(weights)
        .map(|(seen, weight)| {
            let expected = f64::from(CLIENTS) * f64::from(weight) / total;
            (f64::from(*seen) - expected).powi(2) / expected
        })
        .sum();
    // 4 degrees of freedom: 18.5 is passed by one fair draw in a thousand; this one is always the same.
    assert!(chi_square < 18.5, "{chi_square} {seen:?}");
}

#[test]
fn an_alias_is_sticky_where_its_target_is() {
    let records = [
        pool(OWNER, RecordType::A, &[1, 1]),
        vec![alias("www.ex.test", RecordType::A, Routing::Simple, OWNER)],
        pool("loose.ex.test", RecordType::A, &[1, 1]),
        vec![alias("sticky.ex.test", RecordType::A, Routing::Simple, "loose.ex.test")],
    ];
    let sticky = [(OWNER, Stickiness::DEFAULT), ("sticky.ex.test", Stickiness::DEFAULT)];
    let view = without(snapshot(records.concat(), &sticky), &[]);
    for n in 0..50 {
        let subnet = Prefix::around(nth(n), 128);
        let drawn = |owner: &str| -> Vec<usize> {
            let mut drawn: Vec<usize> = (0..32).map(|draw| ask(&view, owner, RecordType::A, subnet, draw).0).collect();
            drawn.sort_unstable();
            drawn.dedup();
            drawn
        };
        assert_eq!(drawn("www.ex.test"), [chosen(&view, OWNER, nth(n))]);
        assert_eq!(drawn("sticky.ex.test"), [0, 1], "its own name says nothing of the target's group");
    }
}

/// A traffic policy of two weighted rules, the second below the first; `extra` is a branch before the others.
fn policy(extra: &str) -> RecordSet {
    let text = format!(
        r#"{{"AWSPolicyFormatVersion": "2015-10-01", "RecordType": "A", "StartRule": "top",
        "Endpoints": {{"one": {{"Type": "value", "Value": "192.0.2.1"}}, "two": {{"Type": "value", "Value": "192.0.2.2"}},
          "three": {{"Type": "value", "Value": "192.0.2.3"}}}},
        "Rules": {{
          "top": {{"RuleType": "weighted", "Items": [{extra} {{"EndpointReference": "one", "Weight": "100"}},
            {{"RuleReference": "below", "Weight": "100"}}]}},
          "below": {{"RuleType": "weighted", "Items": [{{"EndpointReference": "one", "Weight": "100"}},
            {{"EndpointReference": "two", "Weight": "100"}}]}}}}}}"#
    );
    let document = Document::parse(&text).unwrap();
    let made = MadeRecords { ttl: Ttl::new(60).unwrap(), document: document.into() };
    let record = PolicyRecord {
        instance: model::id::TrafficPolicyInstanceId::parse("12345678-1234-1234-1234-123456789012").unwrap(),
        made: Some(made),
    };
    RecordSet { body: Body::TrafficPolicy(record), ..simple(OWNER, RecordType::A, &["192.0.2.1"]) }
}

#[test]
fn the_rules_of_a_traffic_policy_choose_apart_and_by_the_names_of_their_branches() {
    let view = |extra: &str| without(snapshot(vec![policy(extra)], &[(OWNER, Stickiness::DEFAULT)]), &[]);
    let before = all(&view(""), 8000);
    let mut seen = [0; 2];
    before.iter().for_each(|n| seen[*n] += 1);
    // 3 : 1, if who was sent below by the first rule is not for that reason kept from "one" by the second.
    assert!((5800..6200).contains(&seen[0]), "{seen:?}");
    let after = all(&view(r#"{"EndpointReference": "three", "Weight": "50"},"#), 8000);
    let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
    assert!(moved.clone().all(|(_, after)| *after == 2) && moved.count() > 1000);
}

#[test]
fn an_explanation_to_a_client_is_certain_and_one_of_all_clients_tells_their_shares() {
    let view = sticky(&[10, 0, 20, 70], &[]);
    for n in 0..50 {
        let question = Question { name: name(OWNER), record_type: RecordType::A, address: nth(n), subnet: None };
        let candidates = |told: Explanation| {
            let Finding::Records { level, .. } = told.hops[0].finding.clone() else { panic!("{told:?}") };
            level.candidates.into_iter().map(|candidate| (candidate.odds, candidate.reason)).collect::<Vec<_>>()
        };
        let told = explain(&view, &question);
        let length = if nth(n).is_ipv4() { 24 } else { 56 };
        assert_eq!((told.possible.answers.len(), told.possible.scope), (1, length));
        let mut expected = [0, 1, 2, 3].map(|_| (0.0, Reason::SticksElsewhere));
        expected[1].1 = Reason::WeightZero;
        expected[chosen(&view, OWNER, nth(n))] = (1.0, Reason::Sticks);
        assert_eq!(candidates(told), expected);

        let all = explain_by_weights(&view, &question);
        let shares: Vec<f64> = all.possible.answers.iter().map(|possible| possible.odds).collect();
        assert_eq!((shares, all.possible.scope), (vec![0.7, 0.2, 0.1], 0));
        let answers = |odds| (odds, Reason::Answers);
        assert_eq!(candidates(all), [answers(0.1), (0.0, Reason::WeightZero), answers(0.2), answers(0.7)]);
    }
    // With all weights 0, or nobody healthy, the reasons are those of the table.
    let question = Question { name: name(OWNER), record_type: RecordType::A, address: nth(0), subnet: None };
    let reasons = |view: &View| {
        let Finding::Records { level, .. } = explain(view, &question).hops[0].finding.clone() else { panic!() };
        level.candidates.into_iter().map(|candidate| candidate.reason).collect::<Vec<_>>()
    };
    let mut zero = reasons(&sticky(&[0, 0], &[]));
    zero.sort_by_key(Reason::code);
    assert_eq!(zero, [Reason::Sticks, Reason::SticksElsewhere]);
    let open = reasons(&sticky(&[0, 5, 5], &[0, 1, 2]));
    assert_eq!(open[0], Reason::WeightZero);
    assert!(open.contains(&Reason::FailsOpen) && open.contains(&Reason::SticksElsewhere), "{open:?}");
    assert_eq!(reasons(&sticky(&[5, 5], &[0])), [Reason::Unhealthy, Reason::Sticks]);
}

#[test]
fn one_name_of_a_zone_is_changed_alone() {
    let two = [pool(OWNER, RecordType::A, &[1, 1]), pool("b.ex.test", RecordType::A, &[1, 1])].concat();
    let mut snapshot = snapshot(two, &[]);
    let scope = |snapshot: &Snapshot, owner: &str| {
        ask(&without(snapshot.clone(), &[]), owner, RecordType::A, "198.51.100.0/24".parse().unwrap(), 1).1
    };
    let mut put = |owner: &str, length: Option<i64>, expected: [u8; 2]| {
        let mut edit = snapshot.edit();
        edit.put_stickiness(&id("Z1"), &name(owner), length.map(|length| Stickiness::new(length, 56).unwrap()));
        edit.put_names(&id("Z1"), vec![(name(owner), pool(owner, RecordType::A, &[1, 1]))]).unwrap();
        snapshot = edit.finish(2);
        assert_eq!([OWNER, "b.ex.test"].map(|owner| scope(&snapshot, owner)), expected);
    };
    put(OWNER, Some(20), [20, 0]);
    put("b.ex.test", Some(28), [20, 28]);
    put(OWNER, Some(22), [22, 28]);
    put(OWNER, None, [0, 28]);
    // A zone that goes takes its settings along.
    let mut edit = snapshot.edit();
    edit.remove_zone(&id("Z1"));
    edit.put_zone(&id("Z1"), &name("ex.test"), 3, &Visibility::PUBLIC, 0, pool("b.ex.test", RecordType::A, &[1, 1]))
        .unwrap();
    assert_eq!(scope(&edit.finish(3), "b.ex.test"), 0);
}

/// Weights of a group, which of them has another, and that.
fn weights() -> impl Strategy<Value = (Vec<u8>, usize, u8)> {
    let weight = || prop_oneof![1 => Just(0_u8), 2 => 1..4_u8, 4 => any::<u8>()];
    prop::collection::vec(weight(), 1..9).prop_flat_map(move |weights| {
        let members = weights.len();
        (Just(weights), 0..members, weight())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever else is in the address, the draw and the type asked for.
    #[test]
    fn a_client_prefix_keeps_its_answer_for_all_types(
        (weights, ..) in weights(),
        ipv4 in 8..=32_i64,
        ipv6 in 16..=128_i64,
        address in any::<u128>(),
        others in prop::collection::vec((any::<u128>(), any::<u64>()), 4),
        is_ipv4 in any::<bool>(),
        unhealthy in prop::collection::vec(0..9_usize, 0..4),
    ) {
        let by = Stickiness::new(ipv4, ipv6).unwrap();
        let records = TYPES.map(|record_type| pool(OWNER, record_type, &weights)).concat();
        let view = without(snapshot(records, &[(OWNER, by)]), &unhealthy);
        let whole = |bits: u128| -> IpAddr {
            // Not one of those that are IPv4 addresses in another form.
            if is_ipv4 { Ipv4Addr::from((bits >> 96) as u32).into() } else { Ipv6Addr::from(bits | 1 << 125).into() }
        };
        let length = if is_ipv4 { by.ipv4_prefix() } else { by.ipv6_prefix() };
        let client = Prefix::around(whole(address), length);
        let (first, scope) = ask(&view, OWNER, RecordType::A, client, 1);
        prop_assert_eq!(scope, length);
        for (bits, draw) in others {
            // Another address of the same prefix.
            let inside = u128::MAX.checked_shr(length.into()).unwrap_or(0);
            let other = Prefix::of(whole(address & !inside | bits & inside));
            prop_assert!(client.contains(&other));
            for record_type in TYPES {
                prop_assert_eq!(ask(&view, OWNER, record_type, other, draw), (first, length));
            }
            prop_assert_eq!(chosen(&view, OWNER, other.address()), first);
        }
        // A subnet too short to tell is hashed as it is, and the scope says what would have told.
        let short = Prefix::around(client.address(), length / 2);
        prop_assert_eq!(ask(&view, OWNER, RecordType::A, short, 1).1, length);
    }

    #[test]
    fn a_weight_moves_clients_to_it_or_away_from_it_only((weights, i, other) in weights()) {
        let mut changed = weights.clone();
        changed[i] = other;
        let (before, after) = (all(&sticky(&weights, &[]), 400), all(&sticky(&changed, &[]), 400));
        for (before, after) in before.into_iter().zip(after).filter(|(before, after)| before != after) {
            prop_assert_eq!(if other > weights[i] { after } else { before }, i, "{:?} {:?}", &weights, &changed);
        }
    }

    #[test]
    fn a_member_that_fails_moves_its_own_clients_who_come_back(
        (weights, i, _) in weights(),
        unhealthy in prop::collection::vec(0..9_usize, 0..4),
    ) {
        let unhealthy: Vec<usize> = unhealthy.into_iter().filter(|n| *n != i).collect();
        let before = all(&sticky(&weights, &unhealthy), 400);
        let after = all(&sticky(&weights, &[&unhealthy[..], &[i]].concat()), 400);
        for (before, after) in before.iter().zip(&after).filter(|(before, after)| before != after) {
            prop_assert_eq!(*before, i, "now {}", after);
        }
        prop_assert_eq!(before, all(&sticky(&weights, &unhealthy), 400));
    }

    /// Record sets come and go; who is left keeps its clients, in whatever order they stand.
    #[test]
    fn a_record_set_that_goes_moves_its_own_clients_only((weights, i, _) in weights()) {
        let weights: Vec<u8> = weights.iter().map(|weight| (*weight).max(1)).collect();
        let mut sets = pool(OWNER, RecordType::A, &weights);
        sets.reverse();
        let left = sets.len() - 1 - i;
        let before = all(&without(snapshot(sets.clone(), &[(OWNER, Stickiness::DEFAULT)]), &[]), 200);
        prop_assert_eq!(&before, &all(&sticky(&weights, &[]), 200));
        sets.remove(left);
        prop_assume!(!sets.is_empty());
        let after = all(&without(snapshot(sets, &[(OWNER, Stickiness::DEFAULT)]), &[]), 200);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before == after || *before == i);
        }
    }
}

#[test]
fn ipv4_and_ipv6_clients_are_different_clients() {
    let view = sticky(&[1; 8], &[]);
    let mut same = HashMap::new();
    for n in 0..4000_u32 {
        let (v4, v6) = (Ipv4Addr::from(n << 8), Ipv6Addr::from(u128::from(n) << 104));
        *same.entry(chosen(&view, OWNER, v4) == chosen(&view, OWNER, v6)).or_insert(0) += 1;
    }
    assert!((400..600).contains(&same[&true]), "one in eight agrees by chance: {same:?}");
}
