//! Deployments on a store: plan, start, steer, read back; every refusal leaves everything as it was.

use model::change::Action;
use model::deployment::{Environment, Phase, WeightsLine};
use model::id::{EnvironmentName, HealthCheckId, HostedZoneId, SetIdentifier};
use model::limits::Limits;
use model::{Body, Ttl};

use super::*;
use crate::testing::{Scratch, batch, change, meta, meta_at, random, weighted, zone};
use crate::{health_checks, services};

/// A service on a store: blue serves with weight 200, green waits with 0; A and AAAA, TTL 2 s, a health check each.
pub(crate) struct Shop {
    pub(crate) zone: HostedZoneId,
    pub(crate) checks: [HealthCheckId; 2],
}

pub(crate) const CANARY: &str = r#"{
    "to": "green", "version": "2.1",
    "strategy": {"canary": {"steps": [{"weight": "5%"}, {"analyse": ["errors"]}, {"weight": "50%"}, {"weight": "100%"}]}},
    "analysis": {"errors": {"metrics": [{
        "name": "5xx", "provider": {"http": {"url": "http://127.0.0.1:9090/{{env}}", "pointer": "/ratio"}},
        "condition": "value <= 0.01", "interval": "1s", "count": 2
    }]}},
    "settle": {"min": "1s"}, "bake": "5s"
}"#;

pub(crate) fn shop_name() -> ServiceName {
    ServiceName::parse("shop").unwrap()
}

pub(crate) fn record_set(owner: &str, id: &str, weight: u8, check: &HealthCheckId) -> model::RecordSet {
    let mut made = weighted(&format!("{owner} A 10.0.0.{}", id.len()), id, weight);
    if let Body::Records { ttl, .. } = &mut made.body {
        *ttl = Ttl::new(2).unwrap();
    }
    made.health_check = Some(check.clone());
    made
}

impl Shop {
    pub(crate) async fn open(store: &Store) -> Self {
        let zone = zone(store, "example.com").await.id;
        let mut checks = Vec::new();
        for port in [80, 81] {
            let raw = model::health_check::RawHealthCheckConfig {
                kind: "TCP".into(),
                ip_address: Some("192.0.2.1".into()),
                port: Some(port),
                ..model::health_check::RawHealthCheckConfig::default()
            };
            let config = model::health_check::HealthCheckConfig::parse(&raw).unwrap();
            let made =
                health_checks::create(store, meta(), &random(), port.to_string(), config, &Limits::default()).await;
            checks.push(made.unwrap().id);
        }
        let shop = Self { zone, checks: checks.try_into().unwrap() };
        let mut sets = vec![shop.set("blue", 200), shop.set("green", 0)];
        for at in 0..2 {
            let mut v6 = sets[at].clone();
            v6.record_type = model::RecordType::AAAA;
            v6.body = Body::Records { ttl: Ttl::new(2).unwrap(), values: vec![format!("2001:db8::{at}")] };
            sets.push(v6);
        }
        change(store, &shop.zone, batch(Action::Create, sets)).await.unwrap();
        services::put(store, meta(), shop.service(), None).await.unwrap();
        shop
    }

    pub(crate) fn set(&self, id: &str, weight: u8) -> model::RecordSet {
        record_set("shop.example.com", id, weight, &self.checks[usize::from(id == "green")])
    }

    pub(crate) fn service(&self) -> model::deployment::Service {
        let json = format!(
            r#"{{"name":"shop","active":"blue","environments":{{
                "blue":{{"version":"1.9","set_identifiers":["blue"]}},
                "green":{{"version":"2.0","set_identifiers":["green"],"health_check":"{}"}}}},
                "traffic":[{{"dns":{{"zone":"{}","name":"shop.example.com.","types":["A","AAAA"]}}}}]}}"#,
            self.checks[1], self.zone
        );
        services::parse(json.as_bytes()).unwrap()
    }
}

pub(crate) fn new(spec: &str) -> NewDeployment {
    NewDeployment {
        service: shop_name(),
        spec: parse(spec.as_bytes()).unwrap(),
        reason: "CHG-1".to_owned(),
        service_revision: None,
        plan_hash: None,
        idempotency_key: None,
        window: AtWindow::Refuse,
        by_key: None,
        kind: model::deployment::Kind::Release,
        promised: None,
    }
}

async fn started(store: &Store) -> Deployment {
    create(store, meta(), &random(), new(CANARY)).await.unwrap().deployment
}

async fn aborted(store: &Store, id: &DeploymentId) {
    let order = Order { by: "alice".into(), ..Order::default() };
    super::order(store, meta(), id, Command::Abort, order).await.unwrap();
}

#[tokio::test]
async fn a_plan_changes_nothing_and_a_deployment_starts_exactly_the_plan_that_was_seen() {
    let scratch = Scratch::new();
    let store = scratch.store();
    Shop::open(&store).await;
    let before = store.revision();
    let spec = parse(CANARY.as_bytes()).unwrap();
    let seen = plan(&store, &shop_name(), &spec).unwrap();
    assert_eq!((seen.steps.len(), store.revision()), (4, before));
    let other = NewDeployment { plan_hash: Some("sha256:00".into()), ..new(CANARY) };
    let refused = create(&store, meta(), &random(), other).await.unwrap_err();
    assert_eq!(refused.code(&shop_name()), Some(Code::Stale));
    let stale = NewDeployment { service_revision: Some(1), ..new(CANARY) };
    assert!(matches!(create(&store, meta(), &random(), stale).await, Err(CreateError::StaleService { .. })));
    assert_eq!(store.revision(), before);

    let exact = NewDeployment { plan_hash: Some(seen.hash.clone()), ..new(CANARY) };
    let made = create(&store, meta(), &random(), exact).await.unwrap();
    assert!(made.is_new);
    assert_eq!((made.deployment.plan, made.deployment.created.reason.as_str()), (seen, "CHG-1"));
    let found = find(&store, &made.deployment.id).unwrap().unwrap();
    assert_eq!(WeightsLine(&found.weights).to_string(), "A blue=200 green=0, AAAA blue=200 green=0");
    let missing = ServiceName::parse("nope").unwrap();
    assert!(matches!(plan(&store, &missing, &spec), Err(PlanError::NoSuchService(_))));
}

#[tokio::test]
async fn of_two_creates_at_once_one_is_busy_until_the_other_has_ended() {
    let scratch = Scratch::new();
    let store = scratch.store();
    Shop::open(&store).await;
    let (random_a, random_b) = (random(), random());
    let both =
        tokio::join!(create(&store, meta(), &random_a, new(CANARY)), create(&store, meta(), &random_b, new(CANARY)),);
    let (made, refused) = match both {
        (Ok(made), Err(refused)) | (Err(refused), Ok(made)) => (made, refused),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused.code(&shop_name()), Some(Code::Busy));
    assert!(refused.to_string().contains(made.deployment.id.as_str()));
    aborted(&store, &made.deployment.id).await;
    started(&store).await;
}

#[tokio::test]
async fn a_repeated_request_creates_nothing_new() {
    let scratch = Scratch::new();
    let store = scratch.store();
    Shop::open(&store).await;
    let keyed = || NewDeployment { idempotency_key: Some("5b0c".into()), ..new(CANARY) };
    let first = create(&store, meta(), &random(), keyed()).await.unwrap();
    let revision = store.revision();
    let again = create(&store, meta(), &random(), keyed()).await.unwrap();
    assert_eq!((again.deployment, again.is_new, store.revision()), (first.deployment.clone(), false, revision));
    let other = NewDeployment { reason: "another".into(), ..keyed() };
    let refused = create(&store, meta(), &random(), other).await;
    assert!(matches!(refused, Err(CreateError::KeyReused(id)) if id == first.deployment.id));
    let waits = NewDeployment { window: AtWindow::Wait, ..keyed() };
    assert!(matches!(create(&store, meta(), &random(), waits).await, Err(CreateError::KeyReused(_))));
    // Of another service the key means another release.
    let elsewhere = NewDeployment { service: ServiceName::parse("cart").unwrap(), ..keyed() };
    assert!(matches!(create(&store, meta(), &random(), elsewhere).await, Err(CreateError::NoSuchService(_))));
}

#[tokio::test]
async fn orders_are_refused_when_they_come_too_late_and_change_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    Shop::open(&store).await;
    let made = started(&store).await;
    let give = async |command, expect| {
        let order = Order { by: "bob".into(), reason: "look".into(), expect, ..Order::default() };
        super::order(&store, meta(), &made.id, command, order).await
    };
    let paused = give(Command::Pause, Expect::default()).await.unwrap();
    assert!(paused.status.paused.is_some());
    let revision = store.revision();
    assert_eq!(give(Command::Pause, Expect::default()).await.unwrap(), paused);
    let stale = Expect { revision: Some(1), ..Expect::default() };
    let refused = give(Command::Resume, stale).await.unwrap_err();
    assert!(matches!(&refused, OrderError::Refused(refusal) if refusal.code() == Code::Stale), "{refused}");
    assert_eq!(store.revision(), revision);
    assert_eq!(give(Command::Abort, Expect::default()).await.unwrap().status.phase, Phase::Cancelled);
    let refused = give(Command::Resume, Expect::default()).await.unwrap_err();
    assert!(matches!(refused, OrderError::Refused(refusal) if refusal.code() == Code::Terminal));
    let nobody = DeploymentId::parse("NOPE").unwrap();
    let order = super::order(&store, meta(), &nobody, Command::Abort, Order::default()).await;
    assert!(matches!(order, Err(OrderError::NoSuchDeployment(_))));
}

#[tokio::test]
async fn deployments_are_listed_newest_first_and_one_that_cannot_be_read_hides_no_other() {
    let scratch = Scratch::new();
    let store = scratch.store();
    Shop::open(&store).await;
    let mut ids = Vec::new();
    for at in 0..3 {
        let made = create(&store, meta_at(1_700_000_000_000 + at), &random(), new(CANARY)).await.unwrap();
        if at < 2 {
            aborted(&store, &made.deployment.id).await;
        }
        ids.insert(0, made.deployment.id);
    }
    let listed = |filter: &Filter, limit| {
        let listing = list(&store, filter, limit).unwrap();
        (listing.deployments.into_iter().map(|d| d.id).collect::<Vec<_>>(), listing.next)
    };
    assert_eq!(listed(&Filter::default(), 10), (ids.clone(), None));
    let (page, next) = listed(&Filter { service: Some(shop_name()), ..Filter::default() }, 2);
    assert_eq!((&page[..], &next), (&ids[..2], &Some(ids[1].clone())));
    assert_eq!(listed(&Filter { before: next, ..Filter::default() }, 2), (ids[2..].to_vec(), None));
    assert_eq!(listed(&Filter { is_open: Some(true), ..Filter::default() }, 9).0, ids[..1]);
    assert_eq!(listed(&Filter { is_open: Some(false), ..Filter::default() }, 9).0, ids[1..]);

    let key = keys::deployment(&ids[1]);
    let damage = move |transaction: &mut Transaction<'_>| {
        transaction.put(&key, b"{\"deployment.v9\":{}}");
        Ok::<_, StorageError>(())
    };
    write(&store, meta(), damage).await.unwrap();
    let listing = list(&store, &Filter::default(), 10).unwrap();
    assert_eq!((listing.deployments.len(), &listing.unreadable[0].0), (2, &ids[1]));
    assert!(matches!(find(&store, &ids[1]), Err(StorageError::Damaged { .. })));
}

/// What `services` needs of the same shop.
pub(crate) fn environment(set_identifier: &str) -> (EnvironmentName, Environment) {
    let set_identifiers = vec![SetIdentifier::parse(set_identifier).unwrap()];
    let environment = Environment {
        version: "3".into(),
        set_identifiers,
        health_check: None,
        dns: [].into(),
        capacity: None,
        instances: [].into(),
    };
    (EnvironmentName::parse(set_identifier).unwrap(), environment)
}
