//! Services on a store: declare, change, delete, and what refers to them.

use model::change::Action;
use model::deployment::Service;

use super::*;
use crate::deployments::tests::{CANARY, Shop, environment, new, record_set};
use crate::deployments::{self, Order};
use crate::testing::{Scratch, batch, change, meta, random, set};

fn code<T: std::fmt::Debug>(result: Result<T, PutError>) -> &'static str {
    result.unwrap_err().code().expect("not the store's fault").as_str()
}

#[tokio::test]
async fn a_service_is_found_as_declared_and_declaring_it_again_changes_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let declared = find(&store, &shop.service().name).unwrap().unwrap();
    assert_eq!(declared.service, shop.service());
    assert_eq!(declared.revision, store.revision().0);
    assert_eq!(put(&store, meta(), shop.service(), None).await.unwrap(), declared);
    assert_eq!(list(&store).unwrap(), std::slice::from_ref(&declared));
    let mut changed = shop.service();
    changed.environments.values_mut().for_each(|environment| environment.version.push_str(".1"));
    assert_eq!(code(put(&store, meta(), changed.clone(), Some(declared.revision - 1)).await), "E_STALE");
    assert!(put(&store, meta(), changed, Some(declared.revision)).await.unwrap().revision > declared.revision);
    delete(&store, meta(), &shop.service().name).await.unwrap();
    assert_eq!(find(&store, &shop.service().name).unwrap(), None);
    assert!(matches!(delete(&store, meta(), &shop.service().name).await, Err(DeleteError::NoSuchService(_))));
}

#[tokio::test]
async fn a_file_without_a_pointer_keeps_the_one_that_a_release_has_set() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let mut file = Service { active: None, ..shop.service() };
    let declared = find(&store, &file.name).unwrap().unwrap();
    assert_eq!(put(&store, meta(), file.clone(), None).await.unwrap(), declared);
    file.environments.values_mut().for_each(|environment| environment.version.push_str(".1"));
    assert_eq!(put(&store, meta(), file.clone(), None).await.unwrap().service.active, shop.service().active);
    file.environments.remove(&environment("blue").0);
    assert!(matches!(put(&store, meta(), file, None).await, Err(PutError::NoSuchActive(_))));
}

#[tokio::test]
async fn what_weights_cannot_steer_is_refused() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let with = |change: &dyn Fn(&mut Service)| {
        let mut service = shop.service();
        change(&mut service);
        service
    };
    let binding = shop.service().traffic[0].records().clone();
    let moved = |name: &str, types: Vec<RecordType>| {
        let mut binding = binding.clone();
        (binding.name, binding.types) = (crate::testing::name(name), types);
        vec![model::deployment::Binding::Dns(binding)]
    };
    let no_zone = with(&|s| {
        let binding = s.traffic[0].records_mut();
        binding.zone = model::id::HostedZoneId::parse("ZNONE").unwrap();
    });
    assert_eq!(code(put(&store, meta(), no_zone, None).await), "E_SPEC");
    let no_check = with(&|s| {
        s.environments.values_mut().for_each(|e| e.health_check = Some(HealthCheckId::parse("none").unwrap()));
    });
    assert_eq!(code(put(&store, meta(), no_check, None).await), "E_SPEC");
    let missing = with(&|s| s.environments.extend([environment("red")]));
    assert_eq!(code(put(&store, meta(), missing, None).await), "E_PRECONDITION");
    let not_serving = with(&|s| s.active = Some(environment("green").0));
    assert_eq!(code(put(&store, meta(), not_serving, None).await), "E_PRECONDITION");

    change(&store, &shop.zone, batch(Action::Create, [set("plain.example.com A 10.0.0.9")])).await.unwrap();
    let plain = with(&|s| s.traffic = moved("plain.example.com", vec![RecordType::A]));
    assert_eq!(code(put(&store, meta(), plain, None).await), "E_POLICY_MISMATCH");
    let other = with(&|s| s.name = ServiceName::parse("other").unwrap());
    assert_eq!(code(put(&store, meta(), other, None).await), "E_OBJECT_LOCKED");
    let legacy = record_set("shop.example.com", "legacy", 0, &shop.checks[0]);
    change(&store, &shop.zone, batch(Action::Create, [legacy])).await.unwrap();
    let foreign = with(&|s| s.environments.values_mut().for_each(|e| e.version.push('x')));
    assert_eq!(code(put(&store, meta(), foreign, None).await), "E_FOREIGN_MEMBER");
}

#[tokio::test]
async fn a_service_stays_as_it_is_while_a_deployment_runs() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let made = deployments::create(&store, meta(), &random(), new(CANARY)).await.unwrap().deployment;
    let mut changed = shop.service();
    changed.environments.values_mut().for_each(|environment| environment.version.push('x'));
    assert_eq!(code(put(&store, meta(), changed.clone(), None).await), "E_BUSY");
    assert!(matches!(delete(&store, meta(), &changed.name).await, Err(DeleteError::Busy(_))));
    put(&store, meta(), shop.service(), None).await.unwrap();
    let order = Order::default();
    deployments::order(&store, meta(), &made.id, deployments::Command::Abort, order).await.unwrap();
    put(&store, meta(), changed, None).await.unwrap();
}
