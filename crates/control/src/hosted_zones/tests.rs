//! Hosted zones on a store: create, find, list in both orders, comment, delete only when empty.

use model::Name;
use model::change::Action;
use model::hosted_zone::Delegation;
use model::limits::Limits;

use super::*;
use crate::testing::{Scratch, batch, change, listed, meta, name, random, set, zone};

fn new(text: &str, reference: &str) -> NewHostedZone {
    let (name, caller_reference, comment) = (name(text), reference.to_owned(), Some("c".to_owned()));
    NewHostedZone { name, caller_reference, comment, visibility: Visibility::PUBLIC }
}

async fn make(store: &Store, new: NewHostedZone, limits: &Limits) -> Result<HostedZone, CreateError> {
    Ok(create(store, meta(), &random(), new, &Delegation::default(), limits).await?.0)
}

#[tokio::test]
async fn a_new_zone_has_two_record_sets_and_survives_a_restart() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = make(&store, new("example.com", "once"), &Limits::default()).await.unwrap();
    assert_eq!(made.record_set_count, 2);
    let types: Vec<String> = listed(&store, &made.id, 10).iter().map(|set| set.record_type.to_string()).collect();
    assert_eq!(types, ["NS", "SOA"]);
    store.close();
    let store = scratch.store();
    assert_eq!(find(&store, &made.id).unwrap(), Some(made));
    assert_eq!(count(&store).unwrap(), 1);
}

#[tokio::test]
async fn a_caller_reference_is_used_once_even_if_its_zone_is_gone() {
    // Scenario 64.
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = make(&store, new("example.com", "once"), &Limits::default()).await.unwrap();
    let again = make(&store, new("example.com", "once"), &Limits::default()).await;
    assert!(matches!(again, Err(CreateError::AlreadyExists(_))));
    delete(&store, meta(), &random(), &made.id).await.unwrap();
    let again = make(&store, new("example.com", "once"), &Limits::default()).await;
    assert!(matches!(again, Err(CreateError::AlreadyExists(_))));
    assert_eq!(count(&store).unwrap(), 0);
}

#[tokio::test]
async fn two_callers_with_one_reference_make_one_zone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let limits = Limits::default();
    let (a, b) = tokio::join!(
        make(&store, new("example.com", "same"), &limits),
        make(&store, new("example.com", "same"), &limits)
    );
    assert_eq!((a.is_ok(), b.is_ok()), (true, false));
    assert_eq!(count(&store).unwrap(), 1);
}

#[tokio::test]
async fn wrong_input_leaves_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let limits = Limits { hosted_zones_max: Some(0), ..Limits::default() };
    assert!(matches!(make(&store, new("*.example.com", "1"), &limits).await, Err(CreateError::Name(_))));
    assert!(matches!(make(&store, new("example.com", ""), &limits).await, Err(CreateError::CallerReference(0))));
    let long = NewHostedZone { comment: Some("x".repeat(257)), ..new("example.com", "1") };
    assert!(matches!(make(&store, long, &limits).await, Err(CreateError::CommentTooLong(257))));
    assert!(matches!(make(&store, new("example.com", "1"), &limits).await, Err(CreateError::TooMany(0))));
    assert_eq!(store.revision().0, 0);
}

#[tokio::test]
async fn zones_are_listed_by_id_and_by_name_without_filtering() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for text in ["z.test", "a.test", "b.a.test", "a.test"] {
        zone(&store, text).await;
    }
    let first = list(&store, None, 3).unwrap();
    let rest = list(&store, first.next.as_ref(), 3).unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (3, 1, None));
    assert!(first.items.iter().chain(&rest.items).map(|zone| &zone.id).is_sorted());

    let by_name = |start: Option<(&Name, Option<&HostedZoneId>)>, limit| {
        let page = list_by_name(&store, start, limit).unwrap();
        (page.items.iter().map(|zone| zone.name.to_string()).collect::<Vec<_>>(), page.next)
    };
    let (names, next) = by_name(None, 3);
    assert_eq!(names, ["a.test.", "a.test.", "b.a.test."]);
    let (next_name, next_id) = next.unwrap();
    assert_eq!(by_name(Some((&next_name, Some(&next_id))), 3).0, ["z.test."]);
    // Scenario 66.
    assert_eq!(by_name(Some((&name("m.test"), None)), 3).0, ["z.test."]);
    let ages: Vec<u64> = named(&store, &name("a.test")).unwrap().iter().map(|zone| zone.created).collect();
    assert!(ages.len() == 2 && ages.is_sorted());
}

#[tokio::test]
async fn only_a_zone_with_nothing_of_its_own_is_deleted() {
    // Scenario 67.
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = zone(&store, "example.com").await;
    change(&store, &made.id, batch(Action::Create, [set("www.example.com A 10.0.0.1")])).await.unwrap();
    let refused = delete(&store, meta(), &random(), &made.id).await.unwrap_err();
    assert!(matches!(refused, DeleteError::NotEmpty));
    assert!(refused.to_string().contains("sets  and"));
    change(&store, &made.id, batch(Action::Delete, [set("www.example.com A 10.0.0.1")])).await.unwrap();
    delete(&store, meta(), &random(), &made.id).await.unwrap();
    assert_eq!(find(&store, &made.id).unwrap(), None);
    assert_eq!(list_by_name(&store, None, 9).unwrap().items, []);
    assert!(matches!(delete(&store, meta(), &random(), &made.id).await, Err(DeleteError::NoSuchHostedZone(_))));
}

#[tokio::test]
async fn a_comment_is_replaced_or_removed() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = make(&store, new("example.com", "once"), &Limits::default()).await.unwrap();
    let updated = update_comment(&store, meta(), &made.id, None).await.unwrap();
    assert_eq!(updated, HostedZone { comment: None, ..made.clone() });
    assert_eq!(find(&store, &made.id).unwrap(), Some(updated));
}
