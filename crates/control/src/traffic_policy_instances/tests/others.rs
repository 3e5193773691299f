//! Instances beside others: a second caller, record sets that somebody else wrote, the version that they use, their zone.

use model::change::{Action, ChangeBatch};
use model::{Body, PolicyRecord, RecordSet};

use super::super::*;
use super::policy;
use crate::testing::{Scratch, batch, change, listed, meta, name, random, set, zone};
use crate::traffic_policies;

async fn made(
    store: &Store,
    zone: &HostedZone,
    at: &str,
    policy: &TrafficPolicyId,
    limits: &Limits,
) -> Result<TrafficPolicyInstance, CreateError> {
    let (ttl, policy) = (Ttl::new(60).unwrap(), policy.clone());
    let new = NewTrafficPolicyInstance { zone: zone.id.clone(), name: name(at), ttl, policy, version: 1 };
    create(store, meta(), &random(), new, limits).await
}

async fn updated(
    store: &Store,
    id: &TrafficPolicyInstanceId,
    policy: &TrafficPolicyId,
    version: u16,
) -> TrafficPolicyInstance {
    let ttl = Ttl::new(5).unwrap();
    update(store, meta(), id, ttl, policy, version, &Limits::default()).await.unwrap()
}

#[tokio::test]
async fn of_two_at_once_one_makes_the_records() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, policy) = (zone(&store, "example.com").await, policy(&store).await.id);
    let limits = Limits::default();
    let (one, two) = tokio::join!(
        made(&store, &zone, "www.example.com", &policy, &limits),
        made(&store, &zone, "www.example.com", &policy, &limits)
    );
    let refused = [one, two].into_iter().find_map(Result::err);
    assert!(matches!(refused, Some(CreateError::AlreadyExists { .. })), "{refused:?}");
    assert_eq!((count(&store).unwrap(), listed(&store, &zone.id, 100).len()), (1, 3));
}

#[tokio::test]
async fn of_a_version_deleted_and_used_at_once_one_is_refused() {
    for _ in 0..8 {
        let scratch = Scratch::new();
        let store = scratch.store();
        let (zone, policy) = (zone(&store, "example.com").await, policy(&store).await.id);
        let limits = Limits::default();
        let (used, deleted) = tokio::join!(
            made(&store, &zone, "www.example.com", &policy, &limits),
            traffic_policies::delete(&store, meta(), &policy, 1)
        );
        match (used, deleted) {
            (Ok(_), Err(traffic_policies::DeleteError::InUse(_)))
            | (Err(CreateError::NoSuchTrafficPolicy(_)), Ok(())) => {}
            (used, deleted) => panic!("{used:?} {deleted:?}"),
        }
    }
}

#[tokio::test]
async fn the_limit_counts_failed_ones_and_forgets_deleted_ones() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, policy) = (zone(&store, "example.com").await, policy(&store).await.id);
    let limits = Limits { traffic_policy_instances_max: Some(2), ..Limits::default() };
    change(&store, &zone.id, batch(Action::Create, [set("taken.example.com A 10.0.0.1")])).await.unwrap();
    let failed = made(&store, &zone, "taken.example.com", &policy, &limits).await.unwrap();
    assert!(matches!(failed.stage, Stage::Failed(_)), "{:?}", failed.stage);
    made(&store, &zone, "a.example.com", &policy, &limits).await.unwrap();
    let refused = made(&store, &zone, "b.example.com", &policy, &limits).await.unwrap_err();
    assert!(matches!(refused, CreateError::TooMany(2)), "{refused:?}");
    delete(&store, meta(), &failed.id).await.unwrap();
    assert_eq!(count(&store).unwrap(), 1);
    assert!(
        listed(&store, &zone.id, 100).contains(&set("taken.example.com A 10.0.0.1")),
        "it was never the instance's"
    );
    made(&store, &zone, "b.example.com", &policy, &limits).await.unwrap();
}

#[tokio::test]
async fn a_version_is_in_use_as_soon_as_an_update_names_it() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, policy, limits) = (zone(&store, "example.com").await, policy(&store).await.id, Limits::default());
    let checked = super::document("10.0.0.2").replacen(r#""Weight":1"#, r#""Weight":1,"HealthCheck":"gone""#, 1);
    traffic_policies::create_version(&store, meta(), &policy, checked, None, &limits).await.unwrap();
    let instance = made(&store, &zone, "www.example.com", &policy, &limits).await.unwrap();
    // Also one that failed: the next update may succeed with it.
    assert!(matches!(updated(&store, &instance.id, &policy, 2).await.stage, Stage::Failed(_)));
    let in_use = traffic_policies::delete(&store, meta(), &policy, 2).await.unwrap_err();
    assert!(matches!(in_use, traffic_policies::DeleteError::InUse(_)), "{in_use:?}");
    assert_eq!(list_by_policy(&store, &policy, 1, None, 9).unwrap().items, []);
    let back = updated(&store, &instance.id, &policy, 1).await;
    assert_eq!(list_by_policy(&store, &policy, 1, None, 9).unwrap().items, [back]);
    traffic_policies::delete(&store, meta(), &policy, 2).await.unwrap();
}

#[tokio::test]
async fn a_record_set_that_somebody_put_in_its_place_stays() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, policy) = (zone(&store, "example.com").await, policy(&store).await.id);
    let instance = made(&store, &zone, "www.example.com", &policy, &Limits::default()).await.unwrap();
    let root = RecordSet {
        body: Body::TrafficPolicy(PolicyRecord { instance: instance.id.clone(), made: None }),
        ..set("www.example.com A -")
    };
    let mine = set("www.example.com A 10.0.0.1");
    let ChangeBatch { mut changes, comment } = batch(Action::Delete, [root]);
    changes.extend(batch(Action::Create, [mine.clone()]).changes);
    change(&store, &zone.id, ChangeBatch { changes, comment }).await.unwrap();

    assert!(matches!(updated(&store, &instance.id, &policy, 1).await.stage, Stage::Failed(_)));
    assert!(listed(&store, &zone.id, 100).contains(&mine));
    delete(&store, meta(), &instance.id).await.unwrap();
    assert!(listed(&store, &zone.id, 100).contains(&mine));
}

#[tokio::test]
async fn a_zone_outlives_its_instances_even_those_without_a_record_set() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (zone, policy) = (zone(&store, "example.com").await, policy(&store).await.id);
    change(&store, &zone.id, batch(Action::Create, [set("x.example.com A 10.0.0.1")])).await.unwrap();
    let failed = made(&store, &zone, "x.example.com", &policy, &Limits::default()).await.unwrap();
    change(&store, &zone.id, batch(Action::Delete, [set("x.example.com A 10.0.0.1")])).await.unwrap();
    let refused = crate::hosted_zones::delete(&store, meta(), &random(), &zone.id).await.unwrap_err();
    assert!(matches!(refused, crate::hosted_zones::DeleteError::HasTrafficPolicyInstances), "{refused:?}");
    delete(&store, meta(), &failed.id).await.unwrap();
    crate::hosted_zones::delete(&store, meta(), &random(), &zone.id).await.unwrap();
    assert_eq!((count(&store).unwrap(), list(&store, None, 9).unwrap().items), (0, Vec::new()));
}
