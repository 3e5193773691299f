//! A snapshot that was edited many times answers like one that was compiled at once, and an edit that fails changes
//! nothing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use std::collections::BTreeMap;

use answer::{CompileFault, Snapshot, View};
use asking::{ask, healthy, id, name, simple, soa};
use model::hosted_zone::Visibility;
use model::id::{HealthCheckId, SetIdentifier};
use model::{Name, RecordSet, RecordType, Routing};
use proptest::prelude::*;

/// Owners that contain each other, with wildcards and room for empty non-terminals.
const OWNERS: [&str; 14] = [
    "ex.test",
    "a.ex.test",
    "b.a.ex.test",
    "c.b.a.ex.test",
    "d.c.b.a.ex.test",
    "*.ex.test",
    "*.a.ex.test",
    "x.*.a.ex.test",
    "*.b.a.ex.test",
    "y.z.ex.test",
    "z.ex.test",
    "*.z.ex.test",
    "n.ex.test",
    "o.n.ex.test",
];
/// Names to ask for besides the owners.
const OTHERS: [&str; 7] =
    ["q.ex.test", "q.a.ex.test", "q.b.a.ex.test", "q.q.c.b.a.ex.test", "q.y.z.ex.test", "q.n.ex.test", "q.*.a.ex.test"];

fn kinds(owner: &str, kind: u8) -> Vec<RecordSet> {
    match kind {
        0 => vec![simple(owner, RecordType::A, &["192.0.2.1"])],
        1 => vec![simple(owner, RecordType::NS, &["o.n.ex.test.", "ns.elsewhere.test."])],
        2 => vec![simple(owner, RecordType::DNAME, &["b.a.ex.test."])],
        3 => vec![simple(owner, RecordType::CNAME, &["y.z.ex.test."])],
        4 => vec![
            RecordSet {
                routing: Routing::Weighted { set_identifier: SetIdentifier::parse("one").unwrap(), weight: 1 },
                health_check: Some(HealthCheckId::parse("check").unwrap()),
                ..simple(owner, RecordType::A, &["192.0.2.9"])
            },
            simple(owner, RecordType::TXT, &["\"t\""]),
        ],
        _ => Vec::new(),
    }
}

fn compiled(names: &BTreeMap<Name, Vec<RecordSet>>) -> View {
    let mut edit = Snapshot::empty().edit();
    edit.put_zone(&id("Z1"), &name("ex.test"), 1, &Visibility::PUBLIC, 0, names.values().flatten().cloned()).unwrap();
    healthy(edit.finish(1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_zone_edited_many_times_answers_like_one_compiled_at_once(
        edits in prop::collection::vec(prop::collection::vec((0..OWNERS.len(), 0..7u8), 1..5), 1..25),
    ) {
        let apex = name("ex.test");
        let mut names = BTreeMap::from([(apex.clone(), vec![soa("ex.test")])]);
        let mut snapshot = (*compiled(&names).snapshot).clone();
        for batch in edits {
            let mut touched = Vec::new();
            for (owner, kind) in batch {
                let owner = OWNERS[owner];
                let mut record_sets = kinds(owner, kind);
                if name(owner) == apex {
                    record_sets.push(soa(owner));
                }
                touched.push((name(owner), record_sets.clone()));
                names.insert(name(owner), record_sets);
            }
            let mut edit = snapshot.edit();
            edit.put_names(&id("Z1"), touched).unwrap();
            snapshot = edit.finish(2);
        }
        names.retain(|_, record_sets| !record_sets.is_empty());
        let fresh = compiled(&names);
        prop_assert_eq!(snapshot.name_count(), fresh.snapshot.name_count());
        let edited = healthy(snapshot);
        for owner in OWNERS.iter().chain(&OTHERS) {
            for record_type in [RecordType::A, RecordType::NS, RecordType::DS, RecordType::ANY] {
                prop_assert_eq!(ask(&edited, owner, record_type), ask(&fresh, owner, record_type), "{} {}", owner, record_type);
            }
        }
    }
}

#[test]
fn an_edit_that_fails_half_way_changes_nothing_and_goes_on() {
    let www = |address: &str| simple("www.ex.test", RecordType::A, &[address]);
    let mut edit = Snapshot::empty().edit();
    edit.put_zone(&id("Z1"), &name("ex.test"), 1, &Visibility::PUBLIC, 0, [soa("ex.test"), www("192.0.2.1")]).unwrap();
    let bad = || simple("bad.ex.test", RecordType::A, &["300.0.0.1"]);
    let outside = || simple("www.elsewhere.test", RecordType::A, &["192.0.2.1"]);
    let empty = || simple::<&str>("none.ex.test", RecordType::A, &[]);
    for fault in [bad(), outside(), empty()] {
        let names = vec![(name("www.ex.test"), vec![www("192.0.2.66")]), (fault.name.clone(), vec![fault.clone()])];
        edit.put_names(&id("Z1"), names).unwrap_err();
        edit.put_zone(&id("Z1"), &name("ex.test"), 1, &Visibility::PUBLIC, 0, [www("192.0.2.66"), fault.clone()])
            .unwrap_err();
        edit.put_zone(&id("Z2"), &name("new.test"), 2, &Visibility::PUBLIC, 0, [fault]).unwrap_err();
    }
    assert!(matches!(edit.put_names(&id("Z9"), Vec::new()), Err(CompileFault::NoSuchZone(_))));
    let away = vec![(name("www.elsewhere.test"), Vec::new())];
    assert!(matches!(edit.put_names(&id("Z1"), away), Err(CompileFault::OutsideZone { .. })));
    edit.put_names(&id("Z1"), vec![(name("new.ex.test"), vec![simple("new.ex.test", RecordType::A, &["192.0.2.2"])])])
        .unwrap();
    let snapshot = edit.finish(1);
    assert_eq!((snapshot.zone_count(), snapshot.name_count()), (1, 3));
    let view = healthy(snapshot);
    assert_eq!(ask(&view, "www.ex.test", RecordType::A).answer, ["www.ex.test. 60 A 192.0.2.1"]);
    assert_eq!(ask(&view, "new.ex.test", RecordType::A).answer.len(), 1);
    assert_eq!(ask(&view, "new.test", RecordType::A).rcode, 5);
    let mut edit = view.snapshot.edit();
    edit.remove_zone(&id("Z1"));
    edit.remove_zone(&id("Z1"));
    assert_eq!(ask(&healthy(edit.finish(2)), "www.ex.test", RecordType::A).rcode, 5, "no depth is left behind");
}

#[test]
fn of_zones_with_one_name_the_oldest_answers_whatever_became_of_the_others() {
    let zone = |address: &str| [soa("ex.test"), simple("www.ex.test", RecordType::A, &[address])];
    let www = |snapshot: &Snapshot| ask(&healthy(snapshot.clone()), "www.ex.test", RecordType::A).answer;
    let mut edit = Snapshot::empty().edit();
    for (n, created) in [(3, 30), (1, 10), (2, 20)] {
        edit.put_zone(
            &id(&format!("Z{n}")),
            &name("ex.test"),
            created,
            &Visibility::PUBLIC,
            0,
            zone(&format!("192.0.2.{n}")),
        )
        .unwrap();
    }
    // Enough others that the zones are spread over more rows.
    for n in 0..200 {
        let apex = format!("z{n}.test");
        edit.put_zone(&id(&format!("A{n}")), &name(&apex), 5, &Visibility::PUBLIC, 0, [soa(&apex)]).unwrap();
    }
    let all = edit.finish(1);
    assert_eq!(www(&all), ["www.ex.test. 60 A 192.0.2.1"]);
    let mut edit = all.edit();
    edit.put_zone(&id("Z1"), &name("ex.test"), 25, &Visibility::PUBLIC, 0, zone("192.0.2.1")).unwrap();
    assert_eq!(www(&edit.finish(2)), ["www.ex.test. 60 A 192.0.2.2"], "a zone made again is younger");
    let mut edit = all.edit();
    edit.put_names(&id("Z2"), vec![(name("www.ex.test"), Vec::new())]).unwrap();
    edit.remove_zone(&id("Z1"));
    let second = edit.finish(3);
    assert_eq!(www(&second), [""; 0], "the second answers, and has no such name");
    let mut edit = second.edit();
    edit.remove_zone(&id("Z2"));
    assert_eq!(www(&edit.finish(4)), ["www.ex.test. 60 A 192.0.2.3"]);
}

#[test]
fn a_zone_that_grew_and_shrank_leaves_nothing_behind() {
    let mut edit = Snapshot::empty().edit();
    edit.put_zone(&id("Z1"), &name("ex.test"), 1, &Visibility::PUBLIC, 0, [soa("ex.test")]).unwrap();
    let mut snapshot = edit.finish(1);
    let owner = |n: u32| format!("{n}.{}.a.ex.test", n % 7);
    for round in 0..3 {
        for present in [true, false] {
            let names = (0..2_000).map(|n| {
                let record_sets = if present { kinds(&owner(n), u8::try_from(n % 5).unwrap()) } else { Vec::new() };
                (name(&owner(n)), record_sets)
            });
            let mut edit = snapshot.edit();
            edit.put_names(&id("Z1"), names.collect()).unwrap();
            snapshot = edit.finish(round);
            assert_eq!(snapshot.name_count(), if present { 2_000 + 7 + 2 } else { 1 });
        }
    }
    let view = healthy(snapshot);
    let reply = ask(&view, "q.3.a.ex.test", RecordType::A);
    assert_eq!((reply.rcode, reply.authoritative), (3, true), "no cut, DNAME or empty name is left: {reply:?}");
}
