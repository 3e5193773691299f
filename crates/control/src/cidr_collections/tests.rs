//! Commands of CIDR collections against a real store.

use model::RecordSet;
use model::Routing;
use model::change::Action;
use model::cidr::CidrAction;
use model::id::{CidrLocation, SetIdentifier};

use super::*;
use crate::testing::{Scratch, batch, change as change_records, meta, random, set, zone};
use crate::zone_import;

async fn created(store: &Store, name: &str, reference: &str) -> Result<CidrCollection, CreateError> {
    create(store, meta(), &random(), name.to_owned(), reference.to_owned(), &Limits::default()).await
}

fn berlin(action: CidrAction, blocks: &[&str]) -> LocationChange {
    let blocks = blocks.iter().map(|block| block.parse().unwrap()).collect();
    LocationChange { location: CidrLocation::parse("berlin").unwrap(), action, blocks }
}

async fn changed(
    store: &Store,
    id: &CidrCollectionId,
    version: Option<u64>,
    changes: Vec<LocationChange>,
) -> Result<SubmittedChange, ChangeError> {
    change(store, meta(), &random(), id, version, changes, &Limits::default()).await
}

fn ip_based(text: &str, id: &CidrCollectionId, location: &str) -> RecordSet {
    let routing = Routing::IpBased {
        set_identifier: SetIdentifier::parse("one").unwrap(),
        collection: id.clone(),
        location: CidrLocation::parse(location).unwrap(),
    };
    RecordSet { routing, ..set(text) }
}

#[tokio::test]
async fn creating_again_gives_the_same_one_and_another_reference_is_refused() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let first = created(&store, "offices", "r1").await.unwrap();
    assert_eq!(created(&store, "offices", "r1").await.unwrap(), first);
    assert!(matches!(created(&store, "offices", "r2").await, Err(CreateError::AlreadyExists(_))));
    for number in 2..=5 {
        created(&store, &format!("more-{number}"), "r1").await.unwrap();
    }
    assert!(matches!(created(&store, "one-too-many", "r1").await, Err(CreateError::TooMany(5))));
    let (page, rest) = (list(&store, None, 3).unwrap(), |next| list(&store, Some(next), 3).unwrap());
    let rest = rest(page.next.as_ref().unwrap());
    assert_eq!((page.items.len(), rest.items.len(), rest.next), (3, 2, None));
    delete(&store, meta(), &first.id).await.unwrap();
    assert_ne!(created(&store, "offices", "r1").await.unwrap().id, first.id, "the name is free again");
}

#[tokio::test]
async fn a_change_is_whole_counted_and_can_be_followed() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let id = created(&store, "offices", "r").await.unwrap().id;
    let put = || vec![berlin(CidrAction::Put, &["192.0.2.0/24"])];
    let change = changed(&store, &id, Some(1), put()).await.unwrap();
    assert_eq!(change.revision, store.revision().0);
    assert!(changes::find(&store, &change.id, 0).unwrap().is_some());
    let before = find(&store, &id).unwrap().unwrap();
    assert_eq!(before.version, 2);
    let late = changed(&store, &id, Some(1), put()).await;
    assert!(matches!(late, Err(ChangeError::Refused(CollectionFault::Version { given: 1, current: 2 }))));
    let taken = LocationChange { location: CidrLocation::parse("rome").unwrap(), ..put().remove(0) };
    let both = changed(&store, &id, None, vec![berlin(CidrAction::Put, &["198.51.100.0/24"]), taken]).await;
    assert!(matches!(both, Err(ChangeError::Refused(CollectionFault::BlockInUse { .. }))));
    assert_eq!(find(&store, &id).unwrap().unwrap(), before, "nothing of a refused change is kept");
    let nobody = CidrCollectionId::parse("nobody").unwrap();
    assert!(matches!(changed(&store, &nobody, None, put()).await, Err(ChangeError::NoSuchCidrCollection(_))));
    let limits = Limits { cidr_change_blocks_max: 1, ..Limits::default() };
    let two = vec![berlin(CidrAction::Put, &["198.51.100.0/24", "203.0.113.0/24"])];
    let refused = super::change(&store, meta(), &random(), &id, None, two, &limits).await;
    assert!(matches!(refused, Err(ChangeError::TooManyNamed { max: 1, count: 2 })));
}

#[tokio::test]
async fn one_of_two_callers_with_one_version_wins() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let id = created(&store, "offices", "r").await.unwrap().id;
    let put = |block: &'static str| changed(&store, &id, Some(1), vec![berlin(CidrAction::Put, &[block])]);
    let (one, two) = tokio::join!(put("192.0.2.0/24"), put("198.51.100.0/24"));
    assert!(one.is_ok() != two.is_ok());
    let kept = find(&store, &id).unwrap().unwrap();
    assert_eq!((kept.version, kept.blocks.len()), (2, 1));
}

#[tokio::test]
async fn what_record_sets_use_stays() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let id = created(&store, "offices", "r").await.unwrap().id;
    let zone = zone(&store, "example.com").await;
    let unknown = change_records(
        &store,
        &zone.id,
        batch(Action::Create, [ip_based("www.example.com A 10.0.0.1", &id, "berlin")]),
    );
    assert!(unknown.await.is_err(), "there is no such location yet");
    changed(&store, &id, None, vec![berlin(CidrAction::Put, &["192.0.2.0/24"])]).await.unwrap();
    let used =
        [ip_based("www.example.com A 10.0.0.1", &id, "berlin"), ip_based("www.example.com AAAA 2001:db8::1", &id, "*")];
    change_records(&store, &zone.id, batch(Action::Create, used.clone())).await.unwrap();

    assert!(matches!(delete(&store, meta(), &id).await, Err(DeleteError::NotEmpty(_))));
    changed(&store, &id, None, vec![berlin(CidrAction::DeleteIfExists, &["192.0.2.0/24"])]).await.unwrap();
    assert!(matches!(delete(&store, meta(), &id).await, Err(DeleteError::InUse(_))));
    let [first, second] = used;
    change_records(&store, &zone.id, batch(Action::Delete, [first])).await.unwrap();
    assert!(matches!(delete(&store, meta(), &id).await, Err(DeleteError::InUse(_))), "the other type still names it");
    change_records(&store, &zone.id, batch(Action::Delete, [second])).await.unwrap();
    delete(&store, meta(), &id).await.unwrap();
    assert!(matches!(delete(&store, meta(), &id).await, Err(DeleteError::NoSuchCidrCollection(_))));
}

#[tokio::test]
async fn importing_a_zone_tells_what_it_uses() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let id = created(&store, "offices", "r").await.unwrap().id;
    let zone = zone(&store, "example.com").await;
    let apex = crate::testing::listed(&store, &zone.id, 100);
    let import = |sets: Vec<RecordSet>| {
        let (store, into) = (store.clone(), zone_import::Into::Existing(zone.id.clone()));
        let delegation = model::hosted_zone::Delegation::default();
        async move { zone_import::import(&store, meta(), &random(), into, sets, &delegation, &Limits::default()).await }
    };
    let with = apex.iter().cloned().chain([ip_based("www.example.com A 10.0.0.1", &id, "*")]).collect();
    import(with).await.unwrap();
    assert!(matches!(delete(&store, meta(), &id).await, Err(DeleteError::InUse(_))));
    import(apex).await.unwrap();
    delete(&store, meta(), &id).await.unwrap();
}
