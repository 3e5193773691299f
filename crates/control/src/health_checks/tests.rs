//! Health checks on a store: create once for a caller reference, update by version, delete, list in pages.

use model::health_check::RawHealthCheckConfig;
use model::limits::Limits;

use super::*;
use crate::testing::{Scratch, meta, random};

fn http(port: i64) -> HealthCheckConfig {
    let raw = RawHealthCheckConfig {
        kind: "HTTP".into(),
        ip_address: Some("192.0.2.1".into()),
        port: Some(port),
        ..RawHealthCheckConfig::default()
    };
    HealthCheckConfig::parse(&raw).unwrap()
}

fn calculated(children: &[&HealthCheckId]) -> HealthCheckConfig {
    let raw = RawHealthCheckConfig {
        kind: "CALCULATED".into(),
        health_threshold: Some(1),
        child_health_checks: Some(children.iter().map(ToString::to_string).collect()),
        ..RawHealthCheckConfig::default()
    };
    HealthCheckConfig::parse(&raw).unwrap()
}

async fn make(store: &Store, reference: &str, config: HealthCheckConfig) -> Result<HealthCheck, CreateError> {
    create(store, meta(), &random(), reference.to_owned(), config, &Limits::default()).await
}

#[tokio::test]
async fn creating_is_safe_to_repeat() {
    // Scenario 64.
    let scratch = Scratch::new();
    let store = scratch.store();
    let check = make(&store, "once", http(80)).await.unwrap();
    assert_eq!(make(&store, "once", http(80)).await.unwrap(), check);
    assert!(matches!(make(&store, "once", http(81)).await, Err(CreateError::AlreadyExists(_))));
    assert_ne!(make(&store, "twice", http(80)).await.unwrap().id, check.id);
    assert_eq!(count(&store).unwrap(), 2);
    delete(&store, meta(), &check.id).await.unwrap();
    assert!(matches!(make(&store, "once", http(80)).await, Err(CreateError::AlreadyExists(_))));
    assert_eq!((count(&store).unwrap(), find(&store, &check.id).unwrap()), (1, None));
}

#[tokio::test]
async fn an_update_counts_the_version_and_refuses_an_old_one() {
    // Scenario 65.
    let scratch = Scratch::new();
    let store = scratch.store();
    let check = make(&store, "once", http(80)).await.unwrap();
    let changes = |port| HealthCheckChanges { port: Some(port), ..HealthCheckChanges::default() };
    let updated = update(&store, meta(), &check.id, Some(1), changes(81)).await.unwrap();
    assert_eq!((updated.version, &updated.config), (2, &http(81)));
    let refused = update(&store, meta(), &check.id, Some(1), changes(82)).await;
    assert!(matches!(
        refused,
        Err(UpdateError::Refused(UpdateHealthCheckError::VersionMismatch { given: 1, current: 2 }))
    ));
    assert_eq!(find(&store, &check.id).unwrap(), Some(updated));
}

#[tokio::test]
async fn children_exist_and_are_not_calculated() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let child = make(&store, "child", http(80)).await.unwrap();
    let parent = make(&store, "parent", calculated(&[&child.id])).await.unwrap();
    let refused = make(&store, "grandparent", calculated(&[&parent.id])).await;
    assert!(matches!(refused, Err(CreateError::Child(ChildFault::Calculated(_)))));
    delete(&store, meta(), &child.id).await.unwrap();
    let refused = make(&store, "orphan", calculated(&[&child.id])).await;
    assert!(matches!(refused, Err(CreateError::Child(ChildFault::Missing(_)))));
    let invert = HealthCheckChanges { inverted: Some(true), ..HealthCheckChanges::default() };
    let refused = update(&store, meta(), &parent.id, None, invert).await;
    assert!(refused.is_ok(), "a child deleted since does not block other changes");
}

#[tokio::test]
async fn checks_are_listed_in_pages() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for i in 0..5 {
        make(&store, &format!("r{i}"), http(80)).await.unwrap();
    }
    let first = list(&store, None, 3).unwrap();
    let rest = list(&store, first.next.as_ref(), 3).unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (3, 2, None));
}
