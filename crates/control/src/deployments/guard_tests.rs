//! Guards on a store: the line in front of a service, freezes, hard locks.

use model::change::Action;
use model::deployment::{Freeze, Locking, OnBusy, Phase, Queue, Service};

use super::tests::{CANARY, Shop, new, shop_name};
use super::*;
use crate::testing::{Scratch, batch, change, meta, random};
use crate::{freezes, record_sets, services};

/// A shop with a policy, while nothing runs.
async fn shop(store: &Store, change: impl FnOnce(&mut Service)) -> Shop {
    let shop = Shop::open(store).await;
    let mut service = shop.service();
    change(&mut service);
    services::put(store, meta(), service, None).await.unwrap();
    shop
}

async fn made(store: &Store, new: NewDeployment) -> Deployment {
    create(store, meta(), &random(), new).await.unwrap().deployment
}

fn phase(store: &Store, id: &DeploymentId) -> Phase {
    find(store, id).unwrap().unwrap().deployment.status.phase
}

#[tokio::test]
async fn a_line_takes_so_many_and_tells_the_rest() {
    let scratch = Scratch::new();
    let store = scratch.store();
    shop(&store, |service| service.policy.on_busy = OnBusy::Queue(Queue { max: 1, ..Queue::default() })).await;
    let running = made(&store, new(CANARY)).await;
    // What is planned is what is created, also for one that waits.
    let seen = plan(&store, &shop_name(), &parse(CANARY.as_bytes()).unwrap()).unwrap();
    let second = made(&store, NewDeployment { plan_hash: Some(seen.hash), ..new(CANARY) }).await;
    assert_eq!(second.status.guarded.queued.unwrap().behind, running.id);
    let refused = create(&store, meta(), &random(), new(CANARY)).await.unwrap_err();
    assert_eq!(refused.code(&shop_name()), Some(Code::Busy));
    assert!(refused.to_string().contains("1 deployments in line"), "{refused}");
}

#[tokio::test]
async fn whoever_supersedes_ends_those_in_front() {
    let scratch = Scratch::new();
    let store = scratch.store();
    shop(&store, |service| service.policy.on_busy = OnBusy::Supersede).await;
    let running = made(&store, new(CANARY)).await;
    let second = made(&store, new(CANARY)).await;
    assert_eq!(phase(&store, &running.id), Phase::Cancelled, "it had not begun");
    let third = made(&store, new(CANARY)).await;
    assert_eq!((phase(&store, &second.id), phase(&store, &third.id)), (Phase::Cancelled, Phase::Pending));
    let reason = find(&store, &second.id).unwrap().unwrap().deployment.status.abort.unwrap().reason;
    assert_eq!(reason.to_string(), format!("E_OPERATOR: superseded by deployment {}", third.id));
}

#[tokio::test]
async fn a_freeze_is_kept_and_refuses_new_releases() {
    let scratch = Scratch::new();
    let store = scratch.store();
    shop(&store, |_| {}).await;
    let freeze: Freeze = freezes::parse(br#"{"name":"incident","services":["sh*"]}"#).unwrap();
    freezes::put(&store, meta(), freeze.clone()).await.unwrap();
    assert_eq!(freezes::list(&store).unwrap(), std::slice::from_ref(&freeze));
    let refused = create(&store, meta(), &random(), new(CANARY)).await.unwrap_err();
    assert_eq!(refused.code(&shop_name()), Some(Code::Window));
    assert_eq!(refused.to_string(), "frozen by \"incident\"; rollback stays possible");
    let waits = NewDeployment { window: AtWindow::Wait, ..new(CANARY) };
    assert_eq!(made(&store, waits).await.status.phase, Phase::Pending);
    freezes::delete(&store, meta(), "incident").await.unwrap();
    assert!(matches!(freezes::delete(&store, meta(), "incident").await, Err(freezes::DeleteError::NoSuchFreeze(_))));
    let bad = Freeze { name: "a/b".into(), ..freeze };
    assert!(matches!(freezes::put(&store, meta(), bad).await, Err(freezes::PutError::Name(_))));
    let no_zone = freezes::parse(br#"{"name":"x","when":["Fri 16:00-Mon 07:00 Mars/Base"]}"#).unwrap_err();
    assert_eq!((no_zone.field.as_str(), no_zone.problem.contains("Mars/Base")), ("when[0]", true));
}

#[tokio::test]
async fn a_hard_lock_refuses_others_and_names_the_deployment() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = shop(&store, |service| service.policy.locking = Locking::Hard).await;
    change(&store, &shop.zone, batch(Action::Upsert, [shop.set("blue", 201)])).await.unwrap();
    change(&store, &shop.zone, batch(Action::Upsert, [shop.set("blue", 200)])).await.unwrap();
    let running = made(&store, new(CANARY)).await;
    let refused = change(&store, &shop.zone, batch(Action::Upsert, [shop.set("blue", 100)])).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "A shop.example.com. is locked by deployment {} of service shop; abort it, or wait for its end (a service may \
             set locking: advisory for its next one)",
            running.id
        )
    );
    assert!(matches!(refused, record_sets::ChangeError::Locked(_)));
    // Other names and types of the zone are free.
    change(&store, &shop.zone, batch(Action::Upsert, [crate::testing::set("www.example.com A 10.0.0.1")]))
        .await
        .unwrap();
    change(&store, &shop.zone, batch(Action::Upsert, [crate::testing::set("shop.example.com TXT \"x\"")]))
        .await
        .unwrap();
    // An import of the whole zone may leave the name as it is.
    let import = async |weight: u8| {
        let mut sets = crate::testing::listed(&store, &shop.zone, 100);
        for set in sets.iter_mut().filter(|set| set.set_identifier().is_some_and(|id| id.as_str() == "blue")) {
            if let model::Routing::Weighted { weight: now, .. } = &mut set.routing {
                *now = weight;
            }
        }
        let into = crate::zone_import::Into::Existing(shop.zone.clone());
        let (delegation, limits) = (model::hosted_zone::Delegation::default(), model::limits::Limits::default());
        crate::zone_import::import(&store, meta(), &random(), into, sets, &delegation, &limits).await
    };
    assert!(matches!(import(99).await, Err(crate::zone_import::ImportError::Locked(_))));
    import(200).await.unwrap();
    let order = Order { by: "alice".into(), ..Order::default() };
    super::order(&store, meta(), &running.id, Command::Abort, order).await.unwrap();
    change(&store, &shop.zone, batch(Action::Upsert, [shop.set("blue", 100)])).await.unwrap();
}
