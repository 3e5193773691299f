//! Change batches on a store: all or nothing, and listings that resume where they stopped.

use model::change::{Action, Change};

use super::*;
use crate::hosted_zones;
use crate::testing::{Scratch, alias, batch, change as apply, listed, name, set, weighted, zone};

fn names(sets: &[RecordSet]) -> Vec<String> {
    let mut names: Vec<String> = sets.iter().map(|set| set.name.to_string()).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn record_sets_are_listed_in_route_53_order_through_any_pages() {
    // Scenarios 62 and 63.
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let sets = ["a", "a-b", "x.a", "*"].map(|label| set(&format!("{label}.example.com A 10.0.0.1")));
    apply(&store, &zone.id, batch(Action::Create, sets)).await.unwrap();
    let pair = ["one", "two"].map(|id| weighted("w.example.com A 10.0.0.1", id, 1));
    apply(&store, &zone.id, batch(Action::Create, pair)).await.unwrap();
    let all = listed(&store, &zone.id, 300);
    let expected = [
        "example.com.",
        "\\052.example.com.",
        "a-b.example.com.",
        "a.example.com.",
        "x.a.example.com.",
        "w.example.com.",
    ];
    assert_eq!(names(&all), expected);
    for limit in 1..=all.len() {
        assert_eq!(listed(&store, &zone.id, limit), all, "pages of {limit}");
    }
    let start = ListStart { name: name("w.example.com"), record_type: Some(RecordType::A), set_identifier: None };
    let page = list(&store, &zone.id, Some(&start), 1).unwrap();
    assert_eq!(page.next.unwrap().set_identifier.unwrap().as_str(), "two");
    let nowhere = ListStart { name: name("b.example.com"), record_type: None, set_identifier: None };
    assert_eq!(names(&list(&store, &zone.id, Some(&nowhere), 1).unwrap().items), ["w.example.com."]);
    assert_eq!(hosted_zones::find(&store, &zone.id).unwrap().unwrap().record_set_count, all.len() as u64);
}

#[tokio::test]
async fn listings_stay_in_their_zone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (one, two) = (zone(&store, "one.test").await, zone(&store, "two.test").await);
    assert_eq!(listed(&store, &one.id, 10).len(), 2);
    assert_eq!(names(&listed(&store, &two.id, 10)), ["two.test."]);
    let before = ListStart { name: name("a.test"), record_type: None, set_identifier: None };
    assert_eq!(names(&list(&store, &two.id, Some(&before), 10).unwrap().items), ["two.test."]);
    let nobody = HostedZoneId::parse("ZNOBODY").unwrap();
    assert!(matches!(list(&store, &nobody, None, 10), Err(ListError::NoSuchHostedZone(_))));
    let change = batch(Action::Create, [set("www.one.test A 10.0.0.1")]);
    assert!(matches!(apply(&store, &nobody, change).await, Err(ChangeError::NoSuchHostedZone(_))));
}

#[tokio::test]
async fn a_bad_batch_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let revision = store.revision();
    let sets = [set("a.example.com A 10.0.0.1"), set("b.example.com A nonsense"), set("c.example.com A 10.0.0.1")];
    let refused = apply(&store, &zone.id, batch(Action::Create, sets)).await.unwrap_err();
    assert!(refused.to_string().starts_with("[Invalid Resource Record: 'FATAL problem: "), "{refused}");
    assert_eq!((listed(&store, &zone.id, 10).len(), store.revision()), (2, revision));
}

#[tokio::test]
async fn a_check_finds_what_a_change_would_and_writes_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let revision = store.revision();
    let judged = |zone: &HostedZoneId, batch: &ChangeBatch| check(&store, zone, batch, &Limits::default());
    let sets = ["a.example.com A 10.0.0.1", "b.example.com A nonsense", "c.other.test A 10.0.0.1"].map(set);
    let bad = batch(Action::Create, sets);
    let found = judged(&zone.id, &bad).unwrap_err().to_string();
    assert!(found.contains("nonsense") && found.contains("not permitted in zone"), "{found}");
    assert_eq!(found, apply(&store, &zone.id, bad).await.unwrap_err().to_string());
    assert!(judged(&zone.id, &batch(Action::Create, [set("a.example.com A 10.0.0.1")])).is_ok());
    assert!(judged(&zone.id, &batch(Action::Create, [])).is_ok(), "nothing is left to judge");
    let nobody = HostedZoneId::parse("ZNOBODY").unwrap();
    assert!(matches!(judged(&nobody, &batch(Action::Create, [])), Err(ChangeError::NoSuchHostedZone(_))));
    assert_eq!(store.revision(), revision);
}

#[tokio::test]
async fn of_two_callers_who_create_one_name_one_wins() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let create = |value: &str| batch(Action::Create, [set(&format!("www.example.com A {value}"))]);
    let (a, b) = tokio::join!(apply(&store, &zone.id, create("10.0.0.1")), apply(&store, &zone.id, create("10.0.0.2")));
    assert!(a.is_ok() && matches!(b, Err(ChangeError::Invalid(_))));
    assert_eq!(at(&store, &zone.id, &name("www.example.com")).unwrap(), [set("www.example.com A 10.0.0.1")]);
    assert_eq!(hosted_zones::find(&store, &zone.id).unwrap().unwrap().record_set_count, 3);
}

#[tokio::test]
async fn stored_aliases_protect_their_targets() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let target = || set("www.example.com A 10.0.0.1");
    let lead = |owner: &str| alias(&format!("{owner}.example.com A"), &zone.id, "www.example.com");
    let batch_of = |changes: Vec<(Action, RecordSet)>| ChangeBatch {
        comment: None,
        changes: changes.into_iter().map(|(action, record_set)| Change { action, record_set }).collect(),
    };
    apply(&store, &zone.id, batch(Action::Create, [target(), lead("a"), lead("b")])).await.unwrap();
    let delete_target = || batch(Action::Delete, [target()]);
    assert!(apply(&store, &zone.id, delete_target()).await.is_err());
    // One of the two goes, one comes to lead elsewhere: then nothing holds the target any more.
    let moved = set("b.example.com A 10.0.0.9");
    let changes = batch_of(vec![(Action::Delete, lead("a")), (Action::Upsert, moved), (Action::Delete, target())]);
    apply(&store, &zone.id, changes).await.unwrap();
    assert_eq!(names(&listed(&store, &zone.id, 10)), ["example.com.", "b.example.com."]);
}

#[tokio::test]
async fn a_change_remembers_its_comment_and_revision() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let commented =
        ChangeBatch { comment: Some("why".into()), ..batch(Action::Create, [set("a.example.com A 10.0.0.1")]) };
    let change = apply(&store, &zone.id, commented).await.unwrap();
    assert_eq!((change.comment.as_deref(), change.revision), (Some("why"), store.revision().0));
    assert_eq!(changes::find(&store, &change.id, 0).unwrap().unwrap().0, change);
}
