//! Delegation sets on a store: unique references, zones that join and leave, what may not share a set.

use super::*;
use crate::hosted_zones::{self, NewHostedZone};
use crate::testing::{Scratch, meta, name, random, zone};

fn new(reference: &str, of_zone: Option<&HostedZoneId>) -> NewDelegationSet {
    NewDelegationSet { caller_reference: reference.to_owned(), of_zone: of_zone.cloned() }
}

async fn make(store: &Store, new: NewDelegationSet) -> Result<DelegationSet, CreateError> {
    create(store, meta(), &random(), new, &Delegation::default(), &Limits::default()).await
}

async fn zone_with(
    store: &Store,
    text: &str,
    set: &DelegationSetId,
    limits: &Limits,
) -> Result<HostedZone, hosted_zones::CreateError> {
    let visibility = Visibility::Public { delegation_set: Some(set.clone()) };
    let caller_reference = format!("{text} {}", store.revision());
    let new = NewHostedZone { name: name(text), caller_reference, comment: None, visibility };
    let made = hosted_zones::create(store, meta(), &random(), new, &Delegation::default(), limits).await;
    made.map(|(zone, _)| zone)
}

#[tokio::test]
async fn a_set_is_counted_listed_and_deleted_only_when_no_zone_has_it() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (a, b) = (make(&store, new("a", None)).await.unwrap(), make(&store, new("b", None)).await.unwrap());
    let first = list(&store, None, 1).unwrap();
    let second = list(&store, first.next.as_ref(), 1).unwrap();
    let mut ids = [&a.id, &b.id];
    ids.sort();
    assert_eq!([&first.items[0].id, &second.items[0].id], ids);
    assert_eq!((count(&store).unwrap(), second.next), (2, None));

    let limits = Limits::default();
    let made = zone_with(&store, "example.com", &a.id, &limits).await.unwrap();
    assert_eq!(find(&store, &a.id).unwrap().unwrap().zone_count, 1);
    assert!(matches!(delete(&store, meta(), &a.id).await, Err(DeleteError::InUse(_))));
    assert_eq!(list_zones(&store, &a.id, None, 9).unwrap().items[0], made);
    assert_eq!(list_zones(&store, &b.id, None, 9).unwrap().items, []);
    hosted_zones::delete(&store, meta(), &random(), &made.id).await.unwrap();
    assert_eq!(list_zones(&store, &a.id, None, 9).unwrap().items, []);
    delete(&store, meta(), &a.id).await.unwrap();
    assert!(matches!(delete(&store, meta(), &a.id).await, Err(DeleteError::NoSuchDelegationSet(_))));
    assert!(matches!(list_zones(&store, &a.id, None, 9), Err(ListZonesError::NoSuchDelegationSet(_))));
    assert_eq!(count(&store).unwrap(), 1);
    // Its reference stays used.
    assert!(matches!(make(&store, new("a", None)).await, Err(CreateError::AlreadyCreated(_))));
    let gone = zone_with(&store, "example.com", &a.id, &limits).await;
    assert!(matches!(gone, Err(hosted_zones::CreateError::NoSuchDelegationSet(_))));
}

#[tokio::test]
async fn zones_of_one_set_do_not_lie_in_each_other() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (set, other) = (make(&store, new("a", None)).await.unwrap(), make(&store, new("b", None)).await.unwrap());
    let limits = Limits::default();
    zone_with(&store, "b.example.com", &set.id, &limits).await.unwrap();
    for text in ["b.example.com", "example.com", "a.b.example.com", "x.y.b.example.com"] {
        let refused = zone_with(&store, text, &set.id, &limits).await;
        assert!(matches!(refused, Err(hosted_zones::CreateError::DomainInSet { .. })), "{text}");
        zone_with(&store, text, &other.id, &limits).await.ok();
    }
    for text in ["c.example.com", "bb.example.com", "b-b.example.com", "xb.example.com"] {
        zone_with(&store, text, &set.id, &limits).await.unwrap();
    }
    assert_eq!(find(&store, &set.id).unwrap().unwrap().zone_count, 5);
    // A zone without a set is nobody's conflict: all servers serve all zones.
    zone(&store, "example.com").await;
}

#[tokio::test]
async fn the_servers_of_a_zone_become_a_set_once() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let plain = zone(&store, "example.com").await;
    let set = make(&store, new("a", Some(&plain.id))).await.unwrap();
    assert_eq!((&set.name_servers, set.zone_count), (&plain.name_servers, 1));
    let marked = hosted_zones::find(&store, &plain.id).unwrap().unwrap();
    assert_eq!(marked.visibility, Visibility::Public { delegation_set: Some(set.id.clone()) });
    assert!(matches!(make(&store, new("b", Some(&plain.id))).await, Err(CreateError::AlreadyReusable(_))));
    let nowhere = HostedZoneId::parse("Z1").unwrap();
    assert!(matches!(make(&store, new("b", Some(&nowhere))).await, Err(CreateError::HostedZoneNotFound(_))));
    let child = zone_with(&store, "www.example.com", &set.id, &Limits::default()).await;
    assert!(matches!(child, Err(hosted_zones::CreateError::DomainInSet { .. })));
    // What was refused has used no reference.
    make(&store, new("b", None)).await.unwrap();
}

#[tokio::test]
async fn limits_and_second_callers() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (a, b) = tokio::join!(make(&store, new("same", None)), make(&store, new("same", None)));
    assert_eq!((a.is_ok(), b.is_ok()), (true, false));
    let limits = Limits { delegation_sets_max: Some(1), zones_per_delegation_set_max: Some(1), ..Limits::default() };
    let full = create(&store, meta(), &random(), new("b", None), &Delegation::default(), &limits).await;
    assert!(matches!(full, Err(CreateError::TooMany(1))));
    let set = a.unwrap();
    let (a, b) = tokio::join!(
        zone_with(&store, "a.example.com", &set.id, &limits),
        zone_with(&store, "b.example.com", &set.id, &limits)
    );
    assert!(a.is_ok() && matches!(b, Err(hosted_zones::CreateError::TooManyInSet { most: 1, .. })));
    assert_eq!(hosted_zones::count(&store).unwrap(), 1);
}
