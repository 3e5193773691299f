//! What conversations over the API do not reach: imports, ways back, health checks, numbers that run out.

mod others;

use model::change::Action;
use model::hosted_zone::Delegation;
use model::limits::TRAFFIC_POLICY_VERSION_MAX;
use model::traffic_policy::TrafficPolicy;

use super::*;
use crate::Views;
use crate::history::{Back, go_back};
use crate::plan::{self, Wish};
use crate::testing::{Scratch, batch, change, listed, meta, name, random, set, zone};
use crate::traffic_policies::{self, CreateVersionError, NewTrafficPolicy};
use crate::zone_import::{self, Into};

fn document(value: &str) -> String {
    format!(
        r#"{{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartRule":"r","Endpoints":{{"e":{{"Type":"value","Value":"{value}"}}}},
        "Rules":{{"r":{{"RuleType":"weighted","Items":[{{"EndpointReference":"e","Weight":1}}]}},
        "unused":{{"RuleType":"weighted","Items":[{{"EndpointReference":"e","Weight":1,"HealthCheck":"none"}}]}}}}}}"#
    )
}

async fn policy(store: &Store) -> TrafficPolicy {
    let new = NewTrafficPolicy { name: "p".to_owned(), document: document("10.0.0.1"), comment: None };
    traffic_policies::create(store, meta(), &random(), new, &Limits::default()).await.unwrap().0
}

async fn at(store: &Store, zone: &HostedZone, policy: &TrafficPolicy, owner: &str) -> TrafficPolicyInstance {
    let new = NewTrafficPolicyInstance {
        zone: zone.id.clone(),
        name: name(owner),
        ttl: Ttl::new(60).unwrap(),
        policy: policy.id.clone(),
        version: 1,
    };
    create(store, meta(), &random(), new, &Limits::default()).await.unwrap()
}

fn names(store: &Store, zone: &HostedZone) -> Vec<String> {
    listed(store, &zone.id, 100).iter().map(|set| format!("{} {}", set.name, set.record_type)).collect()
}

#[tokio::test]
async fn an_import_leaves_what_instances_made() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let policy = policy(&store).await;
    let made = at(&store, &zone, &policy, "www.example.com").await;
    let import = async |texts: &[&str]| {
        let apex = ["example.com SOA a. b. 1 2 3 4 5", "example.com NS ns.other.test"];
        let sets: Vec<_> = apex.iter().chain(texts).map(|text| set(text)).collect();
        let into = Into::Existing(zone.id.clone());
        zone_import::import(&store, meta(), &random(), into, sets, &Delegation::default(), &Limits::default()).await
    };
    import(&["b.example.com A 10.0.0.9"]).await.unwrap();
    let kept = ["example.com. NS", "example.com. SOA", "b.example.com. A", "www.example.com. A"];
    assert_eq!(names(&store, &zone), kept);
    let same = ["example.com SOA a. b. 1 2 3 4 5", "example.com NS ns.other.test", "b.example.com A 10.0.0.9"];
    let wish = Wish::Zone(same.iter().map(|text| set(text)).collect::<Vec<_>>().into());
    let planned =
        plan::plan(&store, &Views::none(), &zone.id, &wish, [127, 0, 0, 1].into(), &Limits::default()).unwrap();
    assert!(planned.changes.is_empty(), "a plan says what an import does: {:?}", planned.changes);
    let refused = import(&["www.example.com A 10.0.0.9"]).await.unwrap_err();
    assert!(refused.to_string().contains("www.example.com.', type='A'] but it already exists"), "{refused}");
    delete(&store, meta(), &made.id).await.unwrap();
    import(&["www.example.com A 10.0.0.9"]).await.unwrap();
}

#[tokio::test]
async fn a_way_back_leaves_what_instances_made() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let before = change(&store, &zone.id, batch(Action::Upsert, [set("b.example.com A 10.0.0.1")])).await.unwrap();
    let policy = policy(&store).await;
    let made = at(&store, &zone, &policy, "www.example.com").await;
    let Stage::Created(created) = made.stage else { panic!("{made:?}") };
    change(&store, &zone.id, batch(Action::Upsert, [set("b.example.com A 10.0.0.2")])).await.unwrap();
    let back = |back| go_back(&store, meta(), Box::leak(Box::new(random())), &zone.id, back, None, None);
    let done = back(Back::To(before.revision)).await.unwrap();
    assert_eq!(done.changes.len(), 1, "only b.example.com");
    assert_eq!(names(&store, &zone), ["example.com. NS", "example.com. SOA", "b.example.com. A", "www.example.com. A"]);
    let refused = back(Back::Undo(created)).await.unwrap_err();
    assert!(refused.to_string().ends_with("update the instance to the version before"), "{refused}");
    delete(&store, meta(), &made.id).await.unwrap();
    assert_eq!(back(Back::To(created)).await.unwrap().changes.len(), 0, "a deleted instance's does not come back");
    assert_eq!(names(&store, &zone), ["example.com. NS", "example.com. SOA", "b.example.com. A"]);
    assert_eq!(count(&store).unwrap(), 0);
}

#[tokio::test]
async fn a_missing_health_check_fails_and_what_was_answered_stays() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let policy = policy(&store).await;
    let made = at(&store, &zone, &policy, "www.example.com").await;
    let records = listed(&store, &zone.id, 100);
    let checked = document("10.0.0.2").replacen(r#""Weight":1"#, r#""Weight":1,"HealthCheck":"gone""#, 1);
    traffic_policies::create_version(&store, meta(), &policy.id, checked, None, &Limits::default()).await.unwrap();
    let failed = update(&store, meta(), &made.id, made.ttl, &policy.id, 2, &Limits::default()).await.unwrap();
    assert_eq!(failed.stage, Stage::Failed("No health check exists with the specified ID: gone".to_owned()));
    assert_eq!(listed(&store, &zone.id, 100), records);
    assert_eq!(find(&store, &made.id).unwrap(), Some(failed));
    let back = update(&store, meta(), &made.id, made.ttl, &policy.id, 1, &Limits::default()).await.unwrap();
    assert!(matches!(back.stage, Stage::Updated(_)));
    delete(&store, meta(), &made.id).await.unwrap();
    assert_eq!(names(&store, &zone).len(), 2);
}

#[tokio::test]
async fn quotas_and_version_numbers_end() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let zone = zone(&store, "example.com").await;
    let policy = policy(&store).await;
    for n in 0..5 {
        at(&store, &zone, &policy, &format!("n{n}.example.com")).await;
    }
    let new = NewTrafficPolicyInstance {
        zone: zone.id.clone(),
        name: name("n5.example.com"),
        ttl: Ttl::new(60).unwrap(),
        policy: policy.id.clone(),
        version: 1,
    };
    let refused = create(&store, meta(), &random(), new, &Limits::default()).await.unwrap_err();
    assert!(matches!(refused, CreateError::TooMany(5)));

    let add = async |limits: &Limits| {
        traffic_policies::create_version(&store, meta(), &policy.id, document("10.0.0.1"), None, limits).await
    };
    let few = Limits { versions_per_traffic_policy_max: Some(1), ..Limits::default() };
    assert!(matches!(add(&few).await.unwrap_err(), CreateVersionError::TooMany(1)));
    let (key, used) = (keys::traffic_policy(&policy.id), policy.clone());
    write(&store, meta(), move |transaction| {
        put(transaction, &key, &TrafficPolicy { newest_version: TRAFFIC_POLICY_VERSION_MAX, ..used });
        Ok::<_, StorageError>(())
    })
    .await
    .unwrap();
    assert!(matches!(add(&Limits::default()).await.unwrap_err(), CreateVersionError::NumbersUsed));
}
