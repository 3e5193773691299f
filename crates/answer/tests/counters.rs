//! Which record set an answer is counted for: the one that gave it, and the one that led there.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use std::collections::HashSet;

use answer::{AnswerSlot, Client, Snapshot, Transport, View, answer_noting};
use asking::{alias, healthy, id, name, simple, soa};
use model::hosted_zone::Visibility;
use model::id::SetIdentifier;
use model::{RecordSet, RecordType, Routing};

/// Two weighted record sets of one name.
fn blue_and_green(owner: &str) -> Vec<RecordSet> {
    let set = |identifier: &str, address: &str| RecordSet {
        routing: Routing::Weighted { set_identifier: SetIdentifier::parse(identifier).unwrap(), weight: 1 },
        ..simple(owner, RecordType::A, &[address])
    };
    vec![set("blue", "192.0.2.1"), set("green", "192.0.2.2")]
}

/// Where the answer to a question is counted, and its last octet.
fn counted(view: &View, owner: &str, draw: u64, out: &mut [u8]) -> (Option<AnswerSlot>, u8) {
    let (slots, last) = all(view, owner, RecordType::A, draw, out);
    assert!(slots.len() < 2, "{slots:?}");
    (slots.first().copied(), last)
}

fn all(view: &View, owner: &str, record_type: RecordType, draw: u64, out: &mut [u8]) -> (Vec<AnswerSlot>, u8) {
    let client = Client::new([127, 0, 0, 1].into(), Transport::Udp, draw);
    let (outcome, noted) = answer_noting(view, &asking::query(&name(owner), record_type, None), &client, out);
    (noted.slots.iter().collect(), out[outcome.len() - 1])
}

/// A view of one zone whose answers at these names are counted.
fn view_of(names: &[&str], sets: Vec<RecordSet>) -> View {
    let mut edit = Snapshot::empty().edit();
    edit.count_answers(&names.iter().map(|owner| (id("Z1"), name(owner))).collect());
    let sets = [vec![soa("ex.test")], sets].concat();
    edit.put_zone(&id("Z1"), &name("ex.test"), 1, &Visibility::PUBLIC, 0, sets).unwrap();
    healthy(edit.finish(1))
}

#[test]
fn answers_are_counted_by_record_set_and_keep_their_slot() {
    let (zone, shop, other) = (id("Z1"), name("shop.ex.test"), name("other.ex.test"));
    let mut edit = Snapshot::empty().edit();
    let sets = [vec![soa("ex.test")], blue_and_green("shop.ex.test"), blue_and_green("other.ex.test")].concat();
    assert_eq!(edit.count_answers(&HashSet::from([(zone.clone(), shop.clone())])), [(zone.clone(), shop.clone())]);
    edit.put_zone(&zone, &name("ex.test"), 1, &Visibility::PUBLIC, 0, sets).unwrap();
    let view = healthy(edit.finish(1));
    let slot = |view: &View, set: &str| view.snapshot.answer_slot(&zone, &shop, RecordType::A, set);
    let slots = ["blue", "green"].map(|set| slot(&view, set));
    assert!(view.snapshot.counts_answers() && slots[0].is_some() && slots[0] != slots[1]);
    let mut out = [0; 512];
    for draw in 0..64 {
        let draw = draw << 58;
        let (slot, address) = counted(&view, "shop.ex.test", draw, &mut out);
        assert_eq!(slot, slots[usize::from(address) - 1], "the record set that answered");
        assert_eq!(counted(&view, "other.ex.test", draw, &mut out).0, None, "nobody asked for that one");
    }
    assert_eq!(counted(&view, "shop.ex.test", 0, &mut [0; 40]).0, None, "it was cut short");

    // Another name in its place, and back: what was counted goes on.
    let mut edit = view.snapshot.edit();
    let changed: HashSet<_> = edit.count_answers(&HashSet::from([(zone.clone(), other.clone())])).into_iter().collect();
    assert_eq!(changed, HashSet::from([(zone.clone(), other), (zone.clone(), shop.clone())]));
    edit.put_names(&zone, vec![(shop.clone(), blue_and_green("shop.ex.test"))]).unwrap();
    let view = healthy(edit.finish(2));
    assert_eq!((slot(&view, "blue"), counted(&view, "shop.ex.test", 0, &mut out).0), (None, None));
    let mut edit = view.snapshot.edit();
    edit.count_answers(&HashSet::from([(zone.clone(), shop.clone())]));
    edit.put_names(&zone, vec![(shop.clone(), blue_and_green("shop.ex.test"))]).unwrap();
    let view = healthy(edit.finish(3));
    assert_eq!(["blue", "green"].map(|set| slot(&view, set)), slots);
    let mut edit = view.snapshot.edit();
    edit.count_answers(&HashSet::new());
    assert!(!edit.finish(4).counts_answers());
}

#[test]
fn a_name_that_leads_to_another_is_counted_at_both() {
    let weighted = |identifier: &str, weight| Routing::Weighted {
        set_identifier: SetIdentifier::parse(identifier).unwrap(),
        weight,
    };
    let mut sets = blue_and_green("eu.ex.test");
    sets.push(alias("www.ex.test", RecordType::A, weighted("eu", 1), "eu.ex.test"));
    sets.push(alias("www.ex.test", RecordType::A, weighted("us", 0), "us.ex.test"));
    sets.push(simple("us.ex.test", RecordType::A, &["192.0.2.3"]));
    let view = view_of(&["www.ex.test", "eu.ex.test"], sets.clone());
    let slot = |owner: &str, set: &str| view.snapshot.answer_slot(&id("Z1"), &name(owner), RecordType::A, set).unwrap();
    let mut out = [0; 512];
    for draw in 0..64 {
        let (slots, address) = all(&view, "www.ex.test", RecordType::A, draw << 58, &mut out);
        let inner = ["blue", "green"][usize::from(address) - 1];
        assert_eq!(slots, [slot("www.ex.test", "eu"), slot("eu.ex.test", inner)]);
    }
    // Where only the outer one is counted, the inner one takes nothing away.
    let view = view_of(&["www.ex.test"], sets);
    assert_eq!(
        counted(&view, "www.ex.test", 0, &mut out).0,
        view.snapshot.answer_slot(&id("Z1"), &name("www.ex.test"), RecordType::A, "eu")
    );
}

#[test]
fn what_answers_nothing_and_what_stands_beside_an_answer_are_not_counted() {
    let dead = Routing::Weighted { set_identifier: SetIdentifier::parse("dead").unwrap(), weight: 1 };
    let mut sets = blue_and_green("shop.ex.test");
    sets.push(alias("gone.ex.test", RecordType::A, dead, "nowhere.ex.test"));
    sets.push(simple("ex.test", RecordType::MX, &["10 shop.ex.test."]));
    let view = view_of(&["shop.ex.test", "gone.ex.test"], sets);
    let mut out = [0; 512];
    assert_eq!(all(&view, "gone.ex.test", RecordType::A, 0, &mut out).0, []);
    assert_eq!(all(&view, "gone.ex.test", RecordType::ANY, 0, &mut out).0, []);
    let (slots, address) = all(&view, "ex.test", RecordType::MX, 0, &mut out);
    assert_eq!(slots, []);
    assert!([1, 2].contains(&address), "the address of the host is there");
}

#[test]
fn when_there_are_no_more_slots_answers_go_on_and_names_that_are_forgotten_leave_theirs() {
    let three = |owner: &str| {
        let mut sets = blue_and_green(owner);
        sets.push(RecordSet {
            routing: Routing::Weighted { set_identifier: SetIdentifier::parse("red").unwrap(), weight: 1 },
            ..simple(owner, RecordType::A, &["192.0.2.3"])
        });
        sets
    };
    let names: Vec<String> = (0..=AnswerSlot::COUNT / 3).map(|i| format!("n{i}.ex.test")).collect();
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let view = view_of(&borrowed, names.iter().flat_map(|owner| three(owner)).collect());
    assert!(view.snapshot.answer_slots().all(|(.., slot)| slot.place() < AnswerSlot::COUNT));
    assert_eq!(view.snapshot.answer_slots().count(), AnswerSlot::COUNT);
    let mut out = [0; 512];
    for owner in &names {
        for draw in 0..8 {
            all(&view, owner, RecordType::A, draw << 61, &mut out);
        }
    }
    // One name is steered no more, and another takes its slots.
    let before: HashSet<AnswerSlot> = view.snapshot.answer_slots().map(|(.., slot)| slot).collect();
    let (first, new) = (name("n0.ex.test"), name("new.ex.test"));
    let rest = || names[1..].iter().map(|owner| (id("Z1"), name(owner)));
    let mut edit = view.snapshot.edit();
    edit.count_answers(&rest().collect());
    edit.put_names(&id("Z1"), vec![(first, three("n0.ex.test"))]).unwrap();
    let view = healthy(edit.finish(2));
    let mut edit = view.snapshot.edit();
    edit.count_answers(&rest().chain([(id("Z1"), new.clone())]).collect());
    edit.put_names(&id("Z1"), vec![(new.clone(), three("new.ex.test"))]).unwrap();
    let view = healthy(edit.finish(3));
    let (slot, address) = counted(&view, "new.ex.test", 0, &mut out);
    let set = ["blue", "green", "red"][usize::from(address) - 1];
    assert!(slot.is_some());
    assert_eq!(slot, view.snapshot.answer_slot(&id("Z1"), &new, RecordType::A, set));
    let all: HashSet<usize> = view.snapshot.answer_slots().map(|(.., slot)| slot.place()).collect();
    assert_eq!(all.len(), AnswerSlot::COUNT, "each is one record set's own");
    let is_known = |slot: AnswerSlot| before.contains(&slot);
    assert!(slot.is_some_and(|slot| !is_known(slot)), "what was counted there before is not its own");
}
