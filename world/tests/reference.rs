//! `answer` against the slow answer, on random small zones; and a zone after many edits against the same zone made new.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use answer::{Client, Health, Question, Snapshot, Transport, View, answer};
use model::hosted_zone::Visibility;
use model::id::{CidrCollectionId, HealthCheckId, HostedZoneId, SetIdentifier, TrafficPolicyInstanceId};
use model::place::{Geoproximity, Origin};
use model::prefix::Prefix;
use model::{AliasTarget, Body, FailoverRole, MadeRecords, Name, PolicyRecord, RecordSet, RecordType, Routing, Ttl};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use world::chance::Chance;
use world::explained::compare;
use world::query::{Opt, Query, subnet};
use world::reference::Reference;
use world::reply::Reply;
use world::tables::{Tables, block, location, region};

/// Owners. The first ones may be aliases, of later ones only, so that no alias leads in a circle.
const OWNERS: [&str; 16] =
    ["@", "a", "b", "*", "a.a", "b.a", "*.a", "c.b.a", "a.b", "*.b", "c.c.b", "a.c.b", "*.c.b", "x.a.c.b", "d", "a.d"];
const ALIASES: usize = 7;
const LABELS: [&str; 5] = ["a", "b", "c", "d", "*"];
const ASKED: [&str; 10] = ["A", "AAAA", "TXT", "CNAME", "NS", "DS", "DNAME", "MX", "SOA", "ANY"];
const APEX: &str = "example.com.";

/// Random numbers that decide one group.
type Seeds = (usize, usize, u8, Vec<(u8, u8, u8)>);

fn name(relative: &str) -> Name {
    let text = if relative == "@" { APEX.to_owned() } else { format!("{relative}.{APEX}") };
    Name::parse(&text).unwrap()
}

fn zone_id() -> HostedZoneId {
    HostedZoneId::parse("Z1").unwrap()
}

/// The record sets of one name and type.
fn group((owner, kind, policy, members): &Seeds) -> Vec<RecordSet> {
    let relative = OWNERS[*owner];
    let wildcard = relative.starts_with('*');
    let types = ["A", "A", "A", "A", "A", "AAAA", "TXT", "MX", "CNAME", "NS", "DNAME"];
    let record_type = match types[kind % types.len()] {
        // A wildcard of NS or DNAME has no agreed meaning (RFC 4592 §4.2, §4.4); the apex has NS of its own.
        "NS" | "DNAME" if wildcard => "A",
        "NS" | "CNAME" if relative == "@" => "TXT",
        other => other,
    };
    let single = matches!(record_type, "NS" | "DNAME");
    let most = if single { 1 } else { members.len() };
    let mut sets = Vec::new();
    for (i, &(a, b, c)) in members.iter().take(most).enumerate() {
        let set_identifier = SetIdentifier::parse(&format!("s{i}")).unwrap();
        let pick = usize::from(a) + i;
        let routing = match (single, policy % 8) {
            (true, _) | (_, 0) => Routing::Simple,
            (_, 1) => Routing::Weighted { set_identifier, weight: [0, 1, 5][usize::from(a % 3)] },
            (_, 4) => Routing::Latency { set_identifier, region: region(pick) },
            (_, 5) => Routing::Geolocation { set_identifier, location: location(pick) },
            (_, 6) => {
                let bias = [None, Some(50), Some(-50)][usize::from(c % 3)];
                let geoproximity = Geoproximity { origin: Origin::Region(region(pick)), bias };
                Routing::Geoproximity { set_identifier, geoproximity }
            }
            (_, 7) => Routing::IpBased {
                set_identifier,
                collection: CidrCollectionId::parse("c").unwrap(),
                location: block(pick),
            },
            (_, 2) if record_type != "CNAME" => Routing::Multivalue { set_identifier },
            _ => {
                let role = [FailoverRole::Primary, FailoverRole::Secondary][i % 2];
                Routing::Failover { set_identifier, role }
            }
        };
        let check = (b % 6 < 4 && !single).then(|| HealthCheckId::parse(&format!("h{}", b % 4)).unwrap());
        let multivalue = matches!(routing, Routing::Multivalue { .. });
        let may_alias = *owner < ALIASES && matches!(record_type, "A" | "AAAA" | "TXT") && !multivalue;
        let body = if may_alias && c % 2 == 0 {
            let later = OWNERS.len() - owner - 1;
            // Mostly near ones, so that groups meet.
            let target = OWNERS[owner + 1 + usize::from(a) % later.min(3)];
            Body::Alias(AliasTarget {
                hosted_zone_id: zone_id(),
                dns_name: name(target),
                evaluate_target_health: c % 4 == 0,
            })
        } else {
            let ttl = if multivalue { u64::from(c) } else { 60 + *owner as u64 };
            Body::Records { ttl: Ttl::new(ttl).unwrap(), values: values(record_type, a, b) }
        };
        let simple = routing == Routing::Simple;
        sets.push(RecordSet {
            name: name(relative),
            record_type: RecordType::parse(record_type).unwrap(),
            routing,
            body,
            health_check: check,
        });
        let full = matches!(sets[0].routing, Routing::Failover { .. }) && i == 1;
        if simple || full {
            break;
        }
    }
    sets
}

/// A client near the edges of the tables' prefixes, at least a bit of whose address is known.
fn client() -> impl Strategy<Value = Prefix> {
    let octet = select(&[0u8, 1, 127, 128, 144, 255][..]);
    let second = select(&[0u8, 1, 2, 3, 4, 77][..]);
    let length = prop_oneof![select(&[32u8, 24, 16][..]), 1..=32u8];
    (prop_oneof![8 => Just(10u8), 1 => Just(192), 1 => any::<u8>()], second, octet, any::<u8>(), length)
        .prop_map(|(a, b, c, d, length)| Prefix::around([a, b, c, d].into(), length))
}

/// One to three values, or the one that the type may have.
fn values(record_type: &str, a: u8, b: u8) -> Vec<String> {
    let target = |n: u8| match n % 8 {
        0 => "www.other.test.".to_owned(),
        1 => format!("x.{}", name("a")),
        _ => name(OWNERS.iter().filter(|o| !o.starts_with('*')).nth(usize::from(n) % 12).unwrap()).to_string(),
    };
    let value = |n: u8| match record_type {
        "A" => format!("192.0.2.{n}"),
        "AAAA" => format!("2001:db8::{n:x}"),
        "TXT" => format!("\"{n}\""),
        "MX" => format!("{n} {}", target(n)),
        _ => target(n),
    };
    if matches!(record_type, "CNAME" | "DNAME") {
        return vec![value(a)];
    }
    let mut values: Vec<String> =
        [a, b, a.wrapping_add(b)].into_iter().take(usize::from(b % 3) + 1).map(value).collect();
    values.sort();
    values.dedup();
    values
}

/// What a zone holds, name by name.
type Contents = BTreeMap<Name, Vec<RecordSet>>;

/// Puts groups into the contents; a later one of the same name and type replaces the earlier.
fn put(contents: &mut Contents, groups: &[Seeds]) -> Vec<Name> {
    groups
        .iter()
        .map(group)
        .map(|sets| {
            let (name, record_type) = (sets[0].name.clone(), sets[0].record_type);
            let held = contents.entry(name.clone()).or_default();
            held.retain(|r| r.record_type != record_type);
            held.extend(sets);
            name
        })
        .collect()
}

fn new_zone() -> Contents {
    let ttl = Ttl::new(900).unwrap();
    let soa = "ns.other.test. hostmaster.other.test. 1 7200 900 1209600 300".to_owned();
    let apex = vec![
        RecordSet::simple(name("@"), RecordType::NS, ttl, vec!["ns.other.test.".to_owned()]),
        RecordSet::simple(name("@"), RecordType::SOA, ttl, vec![soa]),
    ];
    Contents::from([(name("@"), apex)])
}

fn fresh(contents: &Contents) -> Snapshot {
    let mut edit = Snapshot::empty().edit();
    edit.put_zone(&zone_id(), &name("@"), 1, &Visibility::PUBLIC, 0, contents.values().flatten().cloned()).unwrap();
    edit.finish(1)
}

fn is_healthy(mask: u8) -> impl Fn(&HealthCheckId) -> bool {
    move |id| mask & (1 << (id.as_str().as_bytes()[1] - b'0')) != 0
}

fn view(snapshot: Snapshot, mask: u8) -> View {
    let health = Health::compile(&snapshot, is_healthy(mask));
    View { snapshot: snapshot.into(), health: health.into(), places: Arc::default() }
}

fn ask(view: &View, query: &Query, draw: u64) -> Vec<u8> {
    let mut out = vec![0; 65_535];
    let client = Client::new([127, 0, 0, 1].into(), Transport::Tcp, draw);
    let length = answer(view, &query.to_wire(7), &client, &mut out).len();
    out.truncate(length);
    out
}

fn groups() -> impl Strategy<Value = Vec<Seeds>> {
    let members = vec((any::<u8>(), any::<u8>(), any::<u8>()), 1..4);
    vec((0..OWNERS.len(), any::<usize>(), any::<u8>(), members), 0..16)
}

fn question() -> impl Strategy<Value = (String, &'static str)> {
    let below = vec(select(&LABELS[..]), 0..4).prop_map(|labels| labels.join("."));
    let asked = prop_oneof![select(&OWNERS[..]).prop_map(str::to_owned), below];
    (asked, select(&ASKED[..])).prop_map(|(relative, record_type)| {
        let dot = if relative.is_empty() || relative == "@" { "" } else { "." };
        (format!("{}{dot}{APEX}", relative.trim_matches('@')), record_type)
    })
}

/// A traffic policy with a rule of each kind that asks where the client is, one below the other.
const TREE: &str = r#"{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartRule":"geo","Endpoints":{
  "e1":{"Type":"value","Value":"192.0.2.1"},"e2":{"Type":"value","Value":"192.0.2.2"},
  "e3":{"Type":"value","Value":"192.0.2.3"},"e4":{"Type":"value","Value":"192.0.2.4"}},"Rules":{
  "geo":{"RuleType":"geo","Locations":[
    {"Country":"DE","RuleReference":"latency","EvaluateTargetHealth":true},
    {"Country":"FR","EndpointReference":"e1","HealthCheck":"h0"},
    {"Country":"US","RuleReference":"latency","EvaluateTargetHealth":true},
    {"Continent":"EU","RuleReference":"near","EvaluateTargetHealth":true},
    {"Continent":"NA","EndpointReference":"e1","HealthCheck":"h0"}]},
  "latency":{"RuleType":"latency","Regions":[
    {"Region":"us-east-1","EndpointReference":"e2","HealthCheck":"h1"},
    {"Region":"eu-central-1","RuleReference":"near","EvaluateTargetHealth":true}]},
  "near":{"RuleType":"geoproximity","GeoproximityLocations":[
    {"Region":"aws:route53:ap-northeast-1","EndpointReference":"e3","HealthCheck":"h2"},
    {"Region":"aws:route53:sa-east-1","Bias":"50","RuleReference":"deep","EvaluateTargetHealth":true}]},
  "deep":{"RuleType":"geo","Locations":[{"Country":"DE","EndpointReference":"e4","HealthCheck":"h3"}]}}}"#;

/// The scope that came back with the Client Subnet.
fn scope(reply: &Reply) -> u8 {
    let subnet = reply.edns.as_ref().and_then(|edns| edns.subnet.as_ref()).expect("one was sent");
    subnet.rsplit('/').next().unwrap().parse().unwrap()
}

/// An address in the first `length` bits of a prefix.
fn inside(prefix: Prefix, length: u8, random: u32) -> Prefix {
    let IpAddr::V4(address) = prefix.address() else { panic!("clients here are IPv4") };
    let below = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
    Prefix::of(IpAddr::V4((u32::from(address) & !below | random & below).into()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merged_tables_place_a_client_as_looking_at_every_row_does_and_so_everybody_in_the_scope(
        rows in any::<u32>(), hidden in any::<u32>(), prefix in client(), others in any::<[u32; 4]>(),
    ) {
        // Few of the user's rows, which hide the databases.
        let tables = Tables::of(rows & !(hidden & 0x7ff));
        let places = tables.compiled();
        let slow = tables.asker(prefix).place();
        let (place, scope) = places.find(prefix);
        prop_assert_eq!(place, slow, "{}", prefix);
        if scope <= prefix.length() {
            for other in others.map(|other| inside(prefix, scope, other)) {
                prop_assert_eq!(tables.asker(other).place(), slow, "{} in {}/{}", other, prefix, scope);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_reply_is_one_that_the_documents_allow(
        groups in groups(), mask in 0u8..16, questions in vec(question(), 12), draws in any::<[u64; 4]>(),
        rows in any::<u32>(), prefix in client(), other in any::<u32>(),
    ) {
        let mut contents = new_zone();
        put(&mut contents, &groups);
        let record_sets: Vec<RecordSet> = contents.values().flatten().cloned().collect();
        let apex = name("@");
        let tables = Tables::of(rows);
        let is_healthy = is_healthy(mask);
        let reference = |prefix: Prefix| Reference {
            apex: &apex,
            record_sets: &record_sets,
            is_healthy: &is_healthy,
            asker: tables.asker(prefix),
        };
        let view = tables.view(&fresh(&contents), &is_healthy);
        for (asked, record_type) in &questions {
            let mut query = Query::new(asked, record_type).unwrap();
            query.edns = Some(Opt { options: subnet(&prefix.to_string()).unwrap(), ..Opt::default() });
            let possible_to = |prefix: Prefix| {
                reference(prefix).possible(&Name::parse(asked).unwrap(), RecordType::parse(record_type).unwrap())
            };
            let possible = possible_to(prefix);
            let sum: Chance = possible.iter().map(|possible| possible.chance).sum();
            prop_assert!(*record_type == "ANY" || sum == Chance::ALWAYS, "{asked} {record_type}: {possible:#?}");
            if ["A", "AAAA", "TXT"].contains(record_type) {
                let asked = Question {
                    name: Name::parse(asked).unwrap(),
                    record_type: RecordType::parse(record_type).unwrap(),
                    address: [127, 0, 0, 1].into(),
                    subnet: Some(prefix),
                };
                let told = compare(&possible, &answer::possible(&view, &asked));
                prop_assert!(told.is_ok(), "{told:?}\nbut\n{possible:#?}\nin\n{record_sets:#?}");
            }
            let first = Reply::read(&ask(&view, &query, draws[0])).unwrap();
            let scope = scope(&first);
            if scope <= prefix.length() {
                // Any address in the scope may be answered from a cache by this reply.
                let other = inside(prefix, scope, other);
                prop_assert!(
                    possible_to(other).iter().any(|p| p.is(&first)),
                    "{asked} {record_type} of {prefix} has scope {scope}, but {other} gets another answer than\n{first}\nin\n{record_sets:#?}"
                );
            }
            for draw in draws {
                let reply = Reply::read(&ask(&view, &query, draw)).unwrap();
                prop_assert!(
                    possible.iter().any(|p| p.is(&reply)),
                    "{asked} {record_type}\n{reply}\nis none of\n{possible:#?}\nin\n{record_sets:#?}"
                );
            }
        }
    }

    #[test]
    fn a_zone_after_many_edits_answers_like_one_made_new(
        first in groups(),
        edits in vec((groups(), vec(select(&OWNERS[..]), 0..3)), 1..5),
        mask in 0u8..16, questions in vec(question(), 12), draw in any::<u64>(),
    ) {
        let mut contents = new_zone();
        put(&mut contents, &first);
        let mut snapshot = fresh(&contents);
        for (groups, gone) in &edits {
            let mut touched = put(&mut contents, groups);
            for relative in gone.iter().filter(|r| **r != "@") {
                contents.remove(&name(relative));
                touched.push(name(relative));
            }
            touched.sort();
            touched.dedup();
            let names = touched.into_iter().map(|n| (n.clone(), contents.get(&n).cloned().unwrap_or_default()));
            let mut edit = snapshot.edit();
            edit.put_names(&zone_id(), names.collect()).unwrap();
            snapshot = edit.finish(2);
            let new = fresh(&contents);
            prop_assert_eq!(snapshot.name_count(), new.name_count());
            let (edited, new) = (view(snapshot.clone(), mask), view(new, mask));
            for (asked, record_type) in &questions {
                let query = Query::new(asked, record_type).unwrap();
                prop_assert_eq!(ask(&edited, &query, draw), ask(&new, &query, draw), "{} {}", asked, record_type);
            }
        }
    }

    #[test]
    fn a_traffic_policy_of_places_is_answered_as_its_tree_says(rows in any::<u32>(), mask in 0u8..16, prefix in client()) {
        let document = model::traffic_policy::Document::parse(TREE).unwrap();
        let made = MadeRecords { ttl: Ttl::new(60).unwrap(), document: Arc::new(document) };
        let instance = TrafficPolicyInstanceId::parse("i").unwrap();
        let root = RecordSet {
            body: Body::TrafficPolicy(PolicyRecord { instance, made: Some(made) }),
            ..RecordSet::simple(name("a"), RecordType::A, Ttl::new(60).unwrap(), Vec::new())
        };
        let mut contents = new_zone();
        contents.insert(name("a"), vec![root]);
        let record_sets: Vec<RecordSet> = contents.values().flatten().cloned().collect();
        let (apex, tables, is_healthy) = (name("@"), Tables::of(rows), is_healthy(mask));
        let asker = tables.asker(prefix);
        let reference = Reference { apex: &apex, record_sets: &record_sets, is_healthy: &is_healthy, asker };
        let mut query = Query::new(&name("a").to_string(), "A").unwrap();
        query.edns = Some(Opt { options: subnet(&prefix.to_string()).unwrap(), ..Opt::default() });
        let reply = Reply::read(&ask(&tables.view(&fresh(&contents), &is_healthy), &query, 7)).unwrap();
        let possible = reference.possible(&name("a"), RecordType::A);
        prop_assert!(possible.iter().any(|p| p.is(&reply)), "{prefix}: {reply}\nis none of\n{possible:#?}");
    }
}
