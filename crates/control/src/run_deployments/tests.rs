//! Games on a real store with a clock that jumps from one thing to happen to the next, and one on real time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use model::change::Action;
use model::deployment::{Deployment, Phase, WeightsLine};
use model::health_status::HealthStatus;
use model::id::ServiceName;
use model::{RecordSet, Routing};
use store::Meta;

use super::*;
use crate::deployments::tests::{CANARY, Shop, new, record_set, shop_name};
use crate::deployments::{self, Command, Order};
use crate::rows::write;
use crate::testing::{Scratch, batch, change, listed, meta, random};
use crate::{health_checks, services};

const START_MS: u64 = 1_700_000_000_000;

mod after;
mod beside;
mod foreign;
mod instances;

/// What the outside says, shared with the engine.
#[derive(Default)]
struct Around {
    now_ms: AtomicU64,
    served: AtomicU64,
    metric: Mutex<Option<Measurement>>,
    asked: Mutex<Vec<MetricQuery>>,
    outcome: Mutex<Option<HookOutcome>>,
    called: Mutex<Vec<HookCall>>,
    /// Who runs errands; none: nobody.
    foreign: Mutex<Option<crate::foreign::Run>>,
}

/// A release on a store, and the runner that runs it.
struct Game {
    scratch: Scratch,
    store: Store,
    engine: Engine,
    around: Arc<Around>,
    verdicts: watch::Sender<Arc<Verdicts>>,
    shop: Shop,
    /// As they were before the release.
    before: Vec<RecordSet>,
    id: DeploymentId,
    turns: usize,
    /// The runner and the store are lost after this turn.
    lost_after: Option<usize>,
    /// DNS servers stay where they are.
    is_lagging: bool,
}

impl Game {
    async fn of(spec: &str) -> Self {
        let scratch = Scratch::new();
        let store = scratch.store();
        let shop = Shop::open(&store).await;
        Self::on(scratch, store, shop, spec).await
    }

    /// A release of a shop that stands already.
    async fn on(scratch: Scratch, store: Store, shop: Shop, spec: &str) -> Self {
        let before = listed(&store, &shop.zone, 100);
        let around = Arc::<Around>::default();
        around.now_ms.store(START_MS, Ordering::Relaxed);
        let statuses = shop.checks.iter().map(|id| (id.clone(), HealthStatus::Healthy));
        let (verdicts, _) = watch::channel(Arc::new(statuses.collect::<Verdicts>()));
        let id = deployments::create(&store, at(START_MS), &random(), new(spec)).await.unwrap().deployment.id;
        let engine = engine(&store, &around, &verdicts);
        Self {
            scratch,
            store,
            engine,
            around,
            verdicts,
            shop,
            before,
            id,
            turns: 0,
            lost_after: None,
            is_lagging: false,
        }
    }

    fn now_ms(&self) -> u64 {
        self.around.now_ms.load(Ordering::Relaxed)
    }

    /// Turns until nothing is left to do at this moment.
    async fn settle(&mut self) {
        for _ in 0..500 {
            if !self.is_lagging {
                self.around.served.store(self.store.revision().0, Ordering::Relaxed);
            }
            self.engine.follow();
            if self.engine.turn_due().await > 0 {
                self.turns += 1;
                if self.lost_after == Some(self.turns) {
                    self.restart();
                }
            } else if !self.engine.is_asking() {
                return;
            } else {
                self.engine.ended().await;
            }
        }
        panic!("the runner does not come to rest");
    }

    /// What was in memory is lost; what was committed is there.
    fn restart(&mut self) {
        self.store.close();
        self.store = self.scratch.store();
        self.engine = engine(&self.store, &self.around, &self.verdicts);
    }

    /// Lets time pass, jumping from one thing to happen to the next.
    async fn pass(&mut self, ms: u64) {
        let end = self.now_ms() + ms;
        self.settle().await;
        while let Some(next) = self.engine.wake_ms().filter(|next| *next <= end) {
            self.around.now_ms.store(next.max(self.now_ms()), Ordering::Relaxed);
            self.settle().await;
        }
        self.around.now_ms.store(end, Ordering::Relaxed);
        self.settle().await;
    }

    async fn order(&mut self, command: Command) {
        let order = Order { by: "alice".into(), reason: "told so".into(), ..Order::default() };
        deployments::order(&self.store, at(self.now_ms()), &self.id, command, order).await.unwrap();
        self.settle().await;
    }

    /// Somebody else changes a weight.
    async fn meddle(&mut self, id: &str, weight: u8) {
        change(&self.store, &self.shop.zone, batch(Action::Upsert, [self.shop.set(id, weight)])).await.unwrap();
        self.settle().await;
    }

    fn measure(&self, measurement: Measurement) {
        *self.around.metric.lock().unwrap() = Some(measurement);
    }

    fn set_health(&mut self, at: usize, status: HealthStatus) {
        let statuses = self.shop.checks.iter().enumerate();
        let statuses = statuses.map(|(i, id)| (id.clone(), if i == at { status } else { HealthStatus::Healthy }));
        self.verdicts.send_replace(Arc::new(statuses.collect()));
        self.engine.schedule.all_due();
    }

    fn deployment(&self) -> Deployment {
        deployments::find(&self.store, &self.id).unwrap().unwrap().deployment
    }

    fn phase(&self) -> Phase {
        self.deployment().status.phase
    }

    fn weights(&self) -> String {
        WeightsLine(&deployments::find(&self.store, &self.id).unwrap().unwrap().weights).to_string()
    }

    fn active(&self) -> String {
        let service = services::find(&self.store, &shop_name()).unwrap().unwrap().service;
        let Some(active) = service.active else { return "nobody".to_owned() };
        format!("{active} {}", service.environments[&active].version)
    }

    fn story(&self) -> String {
        let events = self.deployment().record.events;
        events.iter().map(|event| format!("{:>6} {} {}\n", event.at_ms - START_MS, event.phase, event.text)).collect()
    }

    /// Every state of the weights that was ever committed, from the log.
    fn history(&self) -> Vec<String> {
        let (mut live, mut states, mut after) = (BTreeMap::new(), Vec::new(), Revision(0));
        loop {
            let entries = self.store.log_after(after, 100).unwrap();
            let Some(last) = entries.last() else { return states };
            after = last.revision;
            for entry in entries {
                let before = live.clone();
                for mutation in entry.mutations.iter().filter(|m| m.key.starts_with(keys::RECORD_SETS)) {
                    let found = mutation.value.as_ref().map(|value| crate::stored::record_set(value).unwrap().routing);
                    if let Some(Routing::Weighted { weight, set_identifier }) = found {
                        live.insert(mutation.key.clone(), format!("{set_identifier}={weight}"));
                    }
                }
                if live != before {
                    states.push(live.values().cloned().collect::<Vec<_>>().join(" "));
                }
            }
        }
    }
}

fn at(at_ms: u64) -> Meta {
    Meta::new("alice", at_ms)
}

fn engine(store: &Store, around: &Arc<Around>, verdicts: &watch::Sender<Arc<Verdicts>>) -> Engine {
    let [clock, calendar, served, metrics, hooks] = [(); 5].map(|()| Arc::clone(around));
    Engine::new(Inputs {
        store: store.clone(),
        verdicts: verdicts.subscribe(),
        served: Arc::new(move || served.served.load(Ordering::Relaxed)),
        measure: Arc::new(move |query| {
            metrics.asked.lock().unwrap().push(query);
            let measurement = metrics.metric.lock().unwrap().clone().unwrap_or(Measurement::Value(0.0));
            Box::pin(std::future::ready(measurement))
        }),
        call: Arc::new(move |call| {
            hooks.called.lock().unwrap().push(call);
            let outcome = hooks.outcome.lock().unwrap().clone();
            Box::pin(std::future::ready(outcome.unwrap_or_else(|| HookOutcome::new(HookAnswer::Pass, "status 200"))))
        }),
        foreign: around
            .foreign
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(|| crate::foreign::nobody("nobody is asked here")),
        now_ms: Arc::new(move || clock.now_ms.load(Ordering::Relaxed)),
        calendar_ms: Arc::new(move || calendar.now_ms.load(Ordering::Relaxed)),
    })
}

#[tokio::test]
async fn a_release_is_taken_back_within_its_time_and_not_after() {
    let back = |to: Option<&str>| deployments::RollBack {
        service: shop_name(),
        to: to.map(|to| DeploymentId::parse(to).unwrap()),
        reason: String::new(),
        by_key: None,
    };
    let mut game = Game::of(CANARY).await;
    let asked = deployments::roll_back(&game.store, at(game.now_ms()), &random(), back(None)).await.unwrap_err();
    assert!(matches!(asked, deployments::RollBackError::NothingToTakeBack { .. }), "{asked}");
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded);
    let freeze = crate::freezes::parse(br#"{"name":"incident"}"#).unwrap();
    crate::freezes::put(&game.store, at(game.now_ms()), freeze).await.unwrap();
    let asked = deployments::roll_back(&game.store, at(game.now_ms()), &random(), back(Some("01OTHER"))).await;
    assert!(matches!(asked, Err(deployments::RollBackError::NotBefore { .. })));
    let late = at(game.now_ms() + 3_600_000);
    let asked = deployments::roll_back(&game.store, late, &random(), back(None)).await.unwrap_err();
    assert!(asked.to_string().contains("the time of its retain_old is over"), "{asked}");
    let made = deployments::roll_back(&game.store, at(game.now_ms()), &random(), back(None)).await.unwrap();
    game.id = made.id;
    game.pass(60_000).await;
    assert_eq!(
        (game.phase(), game.weights().as_str()),
        (Phase::Succeeded, "A blue=200 green=0, AAAA blue=200 green=0")
    );
}

#[tokio::test]
async fn a_release_that_has_not_begun_lets_the_way_back_go_first() {
    let mut game = Game::of(CANARY).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded);
    let freeze = crate::freezes::parse(br#"{"name":"incident"}"#).unwrap();
    crate::freezes::put(&game.store, at(game.now_ms()), freeze).await.unwrap();
    let next = CANARY.replace(r#""to": "green", "version": "2.1""#, r#""to": "blue", "version": "3.0""#);
    let next = deployments::NewDeployment { window: deployments::AtWindow::Wait, ..new(&next) };
    let next = deployments::create(&game.store, at(game.now_ms()), &random(), next).await.unwrap().deployment;
    game.pass(1_000).await;
    let (service, to, reason, by_key) = (shop_name(), None, String::new(), None);
    let back = deployments::RollBack { service, to, reason, by_key };
    let again = back.clone();
    let back = deployments::roll_back(&game.store, at(game.now_ms()), &random(), back).await.unwrap();
    // Asked for twice, it does not give way to itself.
    let again = deployments::roll_back(&game.store, at(game.now_ms()), &random(), again).await.unwrap_err();
    assert!(again.to_string().contains(&format!("already has deployment {}", back.id)), "{again}");
    game.id = back.id.clone();
    game.pass(60_000).await;
    assert_eq!(
        (game.phase(), game.weights().as_str()),
        (Phase::Succeeded, "A blue=200 green=0, AAAA blue=200 green=0")
    );
    let next = deployments::find(&game.store, &next.id).unwrap().unwrap().deployment;
    let story: Vec<&str> = next.record.events.iter().map(|event| event.text.as_str()).collect();
    assert!(
        story.contains(&format!("gives way to deployment {}, which takes a release back", back.id).as_str()),
        "{story:?}"
    );
    // What it wanted to release serves by now.
    assert_eq!((next.status.phase, next.status.abort.unwrap().reason.code.as_str()), (Phase::Cancelled, "E_SPEC"));
}

/// I-FENCE: a runner that another has followed changes nothing, however late it wakes up.
#[tokio::test]
async fn an_engine_with_an_old_epoch_can_do_nothing() {
    let mut game = Game::of(CANARY).await;
    game.pass(1_000).await;
    let late = std::mem::replace(&mut game.engine, engine(&game.store, &game.around, &game.verdicts));
    game.pass(1_000).await;
    let newer = std::mem::replace(&mut game.engine, late);
    let (weights, revision) = (game.weights(), game.store.revision());
    game.around.now_ms.store(game.now_ms() + 600_000, Ordering::Relaxed);
    game.engine.schedule.all_due();
    game.settle().await;
    assert_eq!((game.weights(), game.store.revision()), (weights, revision), "I-FENCE");
    let fenced = game.engine.report.fenced().unwrap();
    let text = "engine lease lost (epoch 1 < 2); another server runs the deployments of this store";
    assert_eq!(fenced.to_string(), text);
    game.engine = newer;
    game.pass(60_000).await;
    assert_eq!((game.phase(), game.engine.report.fenced()), (Phase::Succeeded, None));
}

#[tokio::test]
async fn drift_is_told_with_its_author_and_change() {
    let mut game = Game::of(CANARY).await;
    game.pass(2_000).await;
    game.meddle("blue", 77).await;
    let deployment = game.deployment();
    let writer = deployment.status.guarded.drift.unwrap().writer.unwrap();
    assert_eq!((writer.by.as_str(), writer.change.is_some()), ("test", true));
    let text = deployment.status.drift.unwrap();
    assert!(text.contains("changed 95→77 at ") && text.contains(" by test (change C"), "{text}");
}

#[tokio::test]
async fn whoever_waits_in_line_starts_when_the_one_in_front_has_ended() {
    let mut game = Game::of(CANARY).await;
    game.order(Command::Abort).await;
    game.pass(60_000).await;
    let mut service = game.shop.service();
    service.policy.on_busy = model::deployment::OnBusy::Queue(model::deployment::Queue::default());
    services::put(&game.store, at(game.now_ms()), service, None).await.unwrap();
    let first = deployments::create(&game.store, at(game.now_ms()), &random(), new(CANARY)).await.unwrap().deployment;
    game.pass(2_000).await;
    let second =
        deployments::create(&game.store, at(game.now_ms() + 1), &random(), new(CANARY)).await.unwrap().deployment;
    game.id = first.id;
    game.pass(500).await;
    let waiting = deployments::find(&game.store, &second.id).unwrap().unwrap().deployment.status;
    assert_eq!((waiting.phase, waiting.waiting_on.len()), (Phase::Pending, 1), "I-ONE");
    game.order(Command::Abort).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::RolledBack);
    game.id = second.id;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded);
}

#[tokio::test]
async fn every_measurement_is_kept_and_judged_again_to_the_same() {
    let mut game = Game::of(CANARY).await;
    game.pass(60_000).await;
    let kept = deployments::measurements(&game.store, &game.id).unwrap();
    assert_eq!(kept.iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(kept[1].query, MetricQuery::http_json("http://127.0.0.1:9090/green", "/ratio").unwrap());
    let replayed = deployments::replay(&game.store, &game.id).unwrap().unwrap();
    assert_eq!((replayed.len(), replayed[0].measurements, replayed[0].differences.len()), (1, 2, 0));
    assert_eq!(replayed[0].verdict, model::deployment::Verdict::Pass);
}

#[tokio::test]
async fn a_good_release_reaches_all_traffic_with_both_types_in_one_revision() {
    let mut game = Game::of(CANARY).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
    assert_eq!(
        (game.weights().as_str(), game.active().as_str()),
        ("A blue=0 green=200, AAAA blue=0 green=200", "green 2.1")
    );
    assert_eq!(
        game.history(),
        [
            "blue=200 green=0 blue=200 green=0",
            "blue=95 green=5 blue=95 green=5",
            "blue=50 green=50 blue=50 green=50",
            "blue=0 green=200 blue=0 green=200",
        ]
    );
    let asked = game.around.asked.lock().unwrap().clone();
    assert_eq!(asked, vec![MetricQuery::http_json("http://127.0.0.1:9090/green", "/ratio").unwrap(); 2]);
    // The next release goes the other way, from where this one left.
    let back = CANARY.replace("\"green\"", "\"blue\"");
    game.id = deployments::create(&game.store, at(game.now_ms()), &random(), new(&back)).await.unwrap().deployment.id;
    game.pass(60_000).await;
    assert_eq!((game.phase(), game.active().as_str()), (Phase::Succeeded, "blue 2.1"));
    assert!(game.engine.schedule.open.is_empty());
    assert_eq!(game.engine.report.ended(), BTreeMap::from([(Phase::Succeeded, 2)]));
}

#[tokio::test]
async fn a_bad_metric_brings_everything_back_as_it_was() {
    let mut game = Game::of(CANARY).await;
    game.measure(Measurement::Value(0.42));
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::RolledBack, "{}", game.story());
    assert_eq!(listed(&game.store, &game.shop.zone, 100), game.before);
    assert_eq!(game.active(), "blue 1.9");
    assert!(game.deployment().status.abort.unwrap().reason.to_string().starts_with("E_ANALYSIS"));
}

#[tokio::test]
async fn lost_health_brings_traffic_back_and_a_deleted_health_check_does_not_bar_the_way() {
    let mut game = Game::of(CANARY).await;
    game.pass(2_000).await;
    assert_eq!(game.weights(), "A blue=95 green=5, AAAA blue=95 green=5");
    health_checks::delete(&game.store, meta(), &game.shop.checks[0]).await.unwrap();
    game.set_health(1, HealthStatus::Unhealthy);
    game.pass(20_000).await;
    assert_eq!(game.phase(), Phase::RolledBack, "{}", game.story());
    assert_eq!(listed(&game.store, &game.shop.zone, 100), game.before);
}

#[tokio::test]
async fn orders_hold_and_return_the_traffic() {
    let mut game = Game::of(CANARY).await;
    game.pass(1_000).await;
    game.order(Command::Pause).await;
    game.pass(600_000).await;
    assert_eq!(game.weights(), "A blue=95 green=5, AAAA blue=95 green=5");
    game.order(Command::Resume).await;
    game.pass(2_000).await;
    assert_eq!(game.weights(), "A blue=50 green=50, AAAA blue=50 green=50");
    game.order(Command::Abort).await;
    assert_eq!(game.weights(), "A blue=200 green=0, AAAA blue=200 green=0");
    game.pass(10_000).await;
    assert_eq!(game.phase(), Phase::RolledBack, "{}", game.story());
    assert_eq!(listed(&game.store, &game.shop.zone, 100), game.before);
}

#[tokio::test]
async fn what_others_change_is_noticed_and_never_written_over_on_the_way_forward() {
    let mut game = Game::of(CANARY).await;
    game.pass(1_000).await;
    game.meddle("blue", 10).await;
    let deployment = game.deployment();
    assert!(deployment.status.drift.unwrap().contains("\"blue\" changed 95→10 at"), "{}", game.story());
    game.pass(600_000).await;
    assert_eq!(game.weights(), "A blue=10 green=5, AAAA blue=95 green=5");
    game.meddle("blue", 95).await;
    game.order(Command::Resume).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
}

#[tokio::test]
async fn nothing_goes_on_until_every_server_serves_what_was_written() {
    let mut game = Game::of(CANARY).await;
    game.is_lagging = true;
    game.pass(60_000).await;
    assert_eq!(game.weights(), "A blue=95 green=5, AAAA blue=95 green=5");
    assert!(game.deployment().status.waiting_on[0].text.contains("not every node serves revision"));
    game.is_lagging = false;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
}

#[tokio::test]
async fn a_deployment_that_cannot_be_read_is_reported_and_the_others_go_on() {
    let mut game = Game::of(CANARY).await;
    let set = |(id, weight)| record_set("cart.example.com", id, weight, &game.shop.checks[0]);
    let sets = [("blue", 200), ("green", 0)].map(set);
    change(&game.store, &game.shop.zone, batch(Action::Create, sets)).await.unwrap();
    let mut cart = game.shop.service();
    cart.name = ServiceName::parse("cart").unwrap();
    let binding = cart.traffic[0].records_mut();
    (binding.name, binding.types) = (crate::testing::name("cart.example.com"), vec![model::RecordType::A]);
    services::put(&game.store, meta(), cart.clone(), None).await.unwrap();
    let other = deployments::NewDeployment { service: cart.name.clone(), ..new(CANARY) };
    let other = deployments::create(&game.store, at(START_MS), &random(), other).await.unwrap().deployment.id;
    let whole = game.store.read(|reader| reader.get(&keys::deployment(&other))).unwrap().unwrap();
    let store_bytes = async |store: &Store, value: Vec<u8>| {
        let key = keys::deployment(&other);
        let put = move |transaction: &mut store::Transaction<'_>| {
            transaction.put(&key, &value);
            Ok::<_, StorageError>(())
        };
        write(store, meta(), put).await.unwrap();
    };
    store_bytes(&game.store, b"{\"deployment.v9\":{}}".to_vec()).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Succeeded, "{}", game.story());
    let report = game.engine.report.clone();
    assert!(report.trouble(&other).unwrap().contains("restore a backup"));
    assert_eq!(report.troubled(), 1);
    assert!(report.faults() < 20, "it is tried again ever more seldom");
    // Services of others can be released; this one cannot, since nobody knows what it would disturb.
    let another = deployments::NewDeployment { service: cart.name, ..new(CANARY) };
    let refused = deployments::create(&game.store, at(game.now_ms()), &random(), another).await;
    assert!(matches!(refused, Err(deployments::CreateError::Storage(StorageError::Damaged { .. }))));

    store_bytes(&game.store, whole).await;
    game.id = other.clone();
    game.pass(120_000).await;
    assert_eq!((game.phase(), report.trouble(&other)), (Phase::Succeeded, None));
}

#[tokio::test]
async fn a_hosted_zone_deleted_during_a_release_bars_the_way_until_a_person_decides() {
    let mut game = Game::of(CANARY).await;
    game.pass(1_000).await;
    let sets = listed(&game.store, &game.shop.zone, 100);
    let sets = sets.into_iter().filter(|set| set.set_identifier().is_some());
    change(&game.store, &game.shop.zone, batch(Action::Delete, sets)).await.unwrap();
    crate::hosted_zones::delete(&game.store, meta(), &random(), &game.shop.zone).await.unwrap();
    game.pass(60_000).await;
    assert!(game.deployment().status.paused.unwrap().reason.to_string().starts_with("E_DRIFT"), "{}", game.story());
    game.order(Command::Abort).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::RollbackBlocked, "{}", game.story());
    let (turns, revision) = (game.turns, game.store.revision());
    game.pass(3_600_000).await;
    assert!(game.turns - turns < 10 && game.store.revision() == revision, "{} turns", game.turns - turns);
    game.order(Command::Detach).await;
    assert_eq!((game.phase(), game.engine.schedule.open.is_empty()), (Phase::Detached, true));
}

#[tokio::test]
async fn a_clock_that_is_set_back_or_forth_neither_spins_nor_stops_a_release() {
    for jump_ms in [-3_600_000, 3_600_000i64] {
        let mut game = Game::of(CANARY).await;
        game.pass(1_500).await;
        game.around.now_ms.store(game.now_ms().saturating_add_signed(jump_ms), Ordering::Relaxed);
        let turns = game.turns;
        game.pass(1_000).await;
        assert!(game.turns - turns < 60, "{} turns", game.turns - turns);
        game.pass(2 * 3_600_000).await;
        assert_eq!(game.phase(), Phase::Succeeded, "{jump_ms}: {}", game.story());
        assert_eq!(
            game.history(),
            [
                "blue=200 green=0 blue=200 green=0",
                "blue=95 green=5 blue=95 green=5",
                "blue=50 green=50 blue=50 green=50",
                "blue=0 green=200 blue=0 green=200",
            ]
        );
    }
}

#[tokio::test]
async fn a_release_stopped_right_after_a_write_tells_the_weights_it_left() {
    let mut game = Game::of(CANARY).await;
    let written = "A blue=95 green=5, AAAA blue=95 green=5";
    while game.weights() != written {
        game.engine.follow();
        assert!(game.engine.turn_due().await > 0);
    }
    let order = Order { by: "alice".into(), ..Order::default() };
    deployments::order(&game.store, at(game.now_ms()), &game.id, Command::Stop, order).await.unwrap();
    assert_eq!((game.phase(), game.weights().as_str()), (Phase::Stopped, written));
}

#[tokio::test]
async fn hours_of_measuring_write_little_and_survive_a_restart() {
    let watching = CANARY.replacen('{', r#"{"background": {"templates": ["errors"]},"#, 1).replace("\"5s\"", "\"2h\"");
    let mut game = Game::of(&watching).await;
    game.pass(60_000).await;
    assert_eq!(game.phase(), Phase::Baking);
    let rows = |game: &Game, key: Vec<u8>| {
        let (mut after, mut found, mut bytes) = (Revision(0), 0, 0);
        while let Some(last) = game.store.log_after(after, 1_000).unwrap().last() {
            let entries = game.store.log_after(after, 1_000).unwrap();
            let writes = entries.iter().flat_map(|entry| &entry.mutations).filter(|m| m.key == key);
            for write in writes {
                (found, bytes) = (found + 1, bytes + write.value.as_ref().map_or(0, Vec::len));
            }
            after = last.revision;
        }
        (found, bytes)
    };
    let before = rows(&game, keys::deployment(&game.id));
    game.pass(600_000).await;
    assert_eq!(rows(&game, keys::deployment(&game.id)), before);
    let (measured, bytes) = rows(&game, keys::deployment_analysis(&game.id));
    assert!(measured > 1_000 && bytes / measured < 3_000, "{measured} writes of {bytes} bytes");
    let passes = |game: &Game| game.deployment().analysis.background.unwrap().metrics[0].tally.passes;
    let counted = passes(&game);
    assert!(counted > 600, "{counted}");
    game.restart();
    game.pass(10_000).await;
    assert_eq!(passes(&game), counted + 10);
    game.measure(Measurement::Value(1.0));
    game.pass(10_000).await;
    assert_eq!((game.phase(), listed(&game.store, &game.shop.zone, 100)), (Phase::RolledBack, game.before.clone()));
}

/// What happens in a game that is played again and again.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Course {
    Good,
    BadMetric,
    Orders,
}

/// The game, and its end: the phase, the active environment, every state of the weights.
async fn play(course: Course, lost_after: Option<usize>) -> (Game, (Phase, String, Vec<String>)) {
    let mut game = Game::of(CANARY).await;
    game.lost_after = lost_after;
    if course == Course::BadMetric {
        game.measure(Measurement::Value(1.0));
    }
    if course == Course::Orders {
        game.pass(1_000).await;
        game.order(Command::Pause).await;
        game.pass(5_000).await;
        game.order(Command::Resume).await;
        game.pass(2_000).await;
        game.order(Command::Abort).await;
    }
    game.pass(40_000).await;
    let end = (game.phase(), game.active(), game.history());
    (game, end)
}

#[tokio::test]
async fn a_restart_after_any_transaction_changes_nothing() {
    for course in [Course::Good, Course::BadMetric, Course::Orders] {
        let (whole, end) = play(course, None).await;
        assert!(end.0.is_terminal());
        for lost_after in 1..=whole.turns {
            let (game, found) = play(course, Some(lost_after)).await;
            assert_eq!(found, end, "{course:?}, lost after turn {lost_after}:\n{}", game.story());
        }
    }
}

#[tokio::test]
async fn hooks_are_called_and_a_restart_loses_none_and_gives_none_another_id() {
    let spec = CANARY.replacen(
        '{',
        r#"{"hooks": {"size": {"at": ["scale", "post_rollout"], "http": {"url": "http://127.0.0.1/{{share}}"}}},"#,
        1,
    );
    let play = async |lost_after| {
        let mut game = Game::of(&spec).await;
        game.lost_after = lost_after;
        game.pass(40_000).await;
        let calls: std::collections::BTreeSet<_> = game
            .around
            .called
            .lock()
            .unwrap()
            .iter()
            .map(|call| call.body.replace("\"attempt\":2", "\"attempt\":1"))
            .collect();
        let end = (game.phase(), game.history(), calls.len());
        (game.turns, end)
    };
    let (turns, end) = play(None).await;
    assert_eq!((end.0, end.2), (Phase::Succeeded, 4), "a call before each shift and one at the end");
    for lost_after in (1..=turns).step_by(3) {
        assert_eq!(play(Some(lost_after)).await.1, end, "lost after turn {lost_after}");
    }
}

#[tokio::test]
async fn a_release_on_real_time_is_followed_by_what_dns_answers() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let shop = Shop::open(&store).await;
    let statuses = shop.checks.iter().map(|id| (id.clone(), HealthStatus::Healthy));
    let (_prober, verdicts) = watch::channel(Arc::new(statuses.collect::<Verdicts>()));
    let publisher = crate::publish::start(&store, verdicts.clone(), Arc::default(), 7).unwrap();
    let view = publisher.view();
    let clock = std::time::SystemTime::UNIX_EPOCH;
    let now_ms = move || u64::try_from(clock.elapsed().unwrap().as_millis()).unwrap();
    let runner = start(Inputs {
        store: store.clone(),
        verdicts,
        served: Arc::new(move || view.borrow().revision()),
        measure: Arc::new(|_| Box::pin(async { Measurement::Value(0.0) })),
        call: Arc::new(|_| Box::pin(async { HookOutcome::new(HookAnswer::Pass, "status 200") })),
        foreign: crate::foreign::nobody("nobody is asked here"),
        now_ms: Arc::new(now_ms),
        calendar_ms: Arc::new(now_ms),
    });
    // The TTL of 2 s would make three shifts take nine seconds.
    let mut sets = [shop.set("blue", 200), shop.set("green", 0)];
    for set in &mut sets {
        set.body = model::Body::Records { ttl: model::Ttl::new(0).unwrap(), values: vec!["10.0.0.1".into()] };
    }
    change(&store, &shop.zone, batch(Action::Upsert, sets)).await.unwrap();
    let mut service = shop.service();
    let binding = service.traffic[0].records_mut();
    binding.types = vec![model::RecordType::A];
    services::put(&store, meta(), service, None).await.unwrap();
    let quick = CANARY.replace("\"1s\"", "\"100ms\"").replace("\"5s\"", "\"100ms\"");
    let id = deployments::create(&store, at(now_ms()), &random(), new(&quick)).await.unwrap().deployment.id;
    let mut revisions = store.watch();
    let found = loop {
        let found = deployments::find(&store, &id).unwrap().unwrap();
        if found.deployment.status.phase.is_terminal() {
            break found;
        }
        tokio::time::timeout(Duration::from_secs(20), revisions.changed()).await.expect("it goes on").unwrap();
    };
    assert_eq!(found.deployment.status.phase, Phase::Succeeded);
    assert_eq!(WeightsLine(&found.weights).to_string(), "A blue=0 green=200");
    assert!(publisher.view().borrow().revision() > 0);
    runner.stop().await;
    publisher.stop();
}
