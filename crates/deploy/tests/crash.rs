//! Crashes at every turn of a game, before and after what was to be done: the same writes in the same order, the same
//! end (I-CRASH).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::BTreeSet;

use deploy::{Order, OrderKey};
use model::RecordType;
use model::deployment::{NoticeEvent, OpState, Phase, RecordSetWeight, named};
use model::health_status::HealthStatus;
use model::metric::Measurement;
use world::{BLUE_GREEN, CANARY, Crash, FIRST, World, order};

/// One thing that happens in a game, before so much time passes.
type Act = (fn(&mut World), u64);

fn play(mut world: World, spec: &str, game: &[Act], crash: Option<(usize, Crash)>) -> World {
    world.start(spec);
    world.crash = crash;
    for (act, ms) in game {
        act(&mut world);
        world.pass(*ms);
    }
    world
}

/// The end of a game: the phase, every state of the weights, the active environment, and what people were told, each
/// thing under a key of its own.
fn end(world: &World) -> (String, Vec<Vec<RecordSetWeight>>, String, Vec<NoticeEvent>) {
    let active = named(world.service.active.as_ref());
    let version = world.service.active.as_ref().map(|active| &world.service.environments[active].version);
    let keys: BTreeSet<&String> = world.told.iter().map(|notice| &notice.key).collect();
    assert_eq!(keys.len(), world.told.len(), "{:?}", world.told);
    let told = world.told.iter().map(|notice| notice.event).collect();
    (world.phase().to_string(), world.history.clone(), format!("{active} {version:?}"), told)
}

fn sweep(game: &[Act]) {
    sweep_of(CANARY, game);
}

/// Plays to the end, and again with a crash at every turn; how the whole game ended.
fn sweep_of(spec: &str, game: &[Act]) -> Phase {
    sweep_in(World::new, spec, game)
}

fn sweep_in(world: fn() -> World, spec: &str, game: &[Act]) -> Phase {
    let whole = play(world(), spec, game, None);
    assert!(whole.phase().is_terminal(), "{}", whole.transcript());
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(world(), spec, game, Some((turn, crash)));
            assert_eq!(end(&crashed), end(&whole), "{crash:?} at turn {turn}:\n{}", crashed.transcript());
        }
    }
    whole.phase()
}

fn nothing(_: &mut World) {}

#[test]
fn a_good_release_survives_a_crash_anywhere() {
    sweep(&[(nothing, 60_000)]);
}

#[test]
fn a_rollback_after_a_failing_metric_survives_a_crash_anywhere() {
    let fail = |world: &mut World| {
        world.metrics.insert("errors/5xx".into(), Measurement::Value(0.5));
    };
    sweep(&[(nothing, 14_000), (fail, 60_000)]);
}

#[test]
fn a_rollback_after_lost_health_survives_a_crash_anywhere() {
    let lose = |world: &mut World| world.set_health("green", HealthStatus::Unhealthy);
    sweep(&[(nothing, 22_000), (lose, 60_000)]);
}

#[test]
fn orders_survive_a_crash_anywhere() {
    let pause = |world: &mut World| world.command(|d, now| deploy::pause(d, &order("bob", "look"), now));
    let resume = |world: &mut World| world.command(|d, now| deploy::resume(d, &order("bob", "fine"), now));
    let abort = |world: &mut World| world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    sweep(&[(nothing, 9_000), (pause, 20_000), (resume, 9_000), (abort, 60_000)]);
}

/// Of somebody else's record sets a runner that comes back knows nothing: it looks, and what was sent without an answer
/// is neither repeated nor forgotten.
#[test]
fn releases_of_record_sets_elsewhere_survive_a_crash_anywhere() {
    let abort = |world: &mut World| world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    assert_eq!(sweep_in(World::elsewhere, CANARY, &[(nothing, 120_000)]), Phase::Succeeded);
    assert_eq!(sweep_in(World::elsewhere, FULL_CANARY, &[(nothing, 30_000), (abort, 120_000)]), Phase::RolledBack);
}

/// A canary with all that one may have: lowered TTLs, metrics of a step and in the background, a gate with approvers, and what
/// is said of the whole release inside the strategy.
const FULL_CANARY: &str = r#"{"to": "green", "version": "2.4.0", "strategy": {"canary": {
    "steps": [{"weight": "5%"}, {"hold": "1s"}, {"analyse": ["errors", "latency"]}, {"weight": "25%"}, {"hold": "1s"},
        {"gate": {"manual": {"approvers": ["sre-*"], "count": 1, "timeout": "60s", "on_timeout": "abort"}}},
        {"weight": "60%"}, {"hold": "1s"}, {"weight": "100%"}],
    "background": {"templates": ["errors"], "start_step": 1}, "on_failure": "abort", "bake": "1s", "stage_ttl": "1s"}},
    "analysis": {
        "errors": {"metrics": [{"name": "5xx", "provider": {"http": {"url": "http://m/{{env}}", "pointer": ""}},
            "condition": "value <= 0.01", "interval": "10s", "count": 2, "no_data": "wait", "critical": true}]},
        "latency": {"metrics": [{"name": "p99", "provider": {"prometheus": {"url": "http://p", "query": "p99{env=\"{{env}}\"}"}},
            "condition": {"pass": "value <= 0.3", "fail": "value > 0.5"}, "interval": "10s", "count": 2}]}},
    "settle": {"min": "1s"}}"#;

fn approve(world: &mut World) {
    let key = Some(OrderKey { id: "AKIA-sre-bob".to_owned(), name: "sre-bob".to_owned() });
    let order = Order { by: "sre-bob".into(), key, ..Order::default() };
    world.command(|d, now| deploy::approve(d, None, &order, now));
}

#[test]
fn a_canary_with_everything_survives_a_crash_anywhere() {
    assert_eq!(sweep_of(FULL_CANARY, &[(nothing, 25_000), (approve, 20_000)]), Phase::Succeeded);
}

#[test]
fn blue_green_survives_a_crash_anywhere() {
    let open = |world: &mut World| {
        world.command(|d, now| deploy::promote(d, deploy::Promote::Step, &order("bob", "looks good"), now));
    };
    let abort = |world: &mut World| world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    assert_eq!(sweep_of(BLUE_GREEN, &[(nothing, 20_000), (open, 60_000)]), Phase::Succeeded);
    assert_eq!(sweep_of(BLUE_GREEN, &[(nothing, 20_000), (open, 12_000), (abort, 60_000)]), Phase::RolledBack);
}

/// Nobody serves yet, and both weights are zero: the first release, and its way back.
#[test]
fn a_first_release_survives_a_crash_anywhere() {
    let abort = |world: &mut World| world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    let game = |acts: &[Act], crash| {
        let mut world = World::unserved();
        world.start(FIRST);
        world.crash = crash;
        for (act, ms) in acts {
            act(&mut world);
            world.pass(*ms);
        }
        world
    };
    for acts in [vec![(nothing as fn(&mut World), 60_000)], vec![(nothing, 6_000), (abort, 60_000)]] {
        let whole = game(&acts, None);
        for turn in 1..=whole.turns {
            for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
                let crashed = game(&acts, Some((turn, crash)));
                assert_eq!(end(&crashed), end(&whole), "{crash:?} at turn {turn}:\n{}", crashed.transcript());
            }
        }
    }
}

/// Plays to the turn at which the engine has stored a write and nothing more, then lets something else happen.
fn down_with_a_planned_write(before: &[Act]) -> World {
    for turn in 1.. {
        let mut world = World::new();
        world.start(CANARY);
        (world.crash, world.stays_down) = (Some((turn, Crash::AfterStore)), true);
        for (act, ms) in before {
            act(&mut world);
            world.pass(*ms);
        }
        let last = world.deployment().record.journal.last();
        let is_wanted = before.len() == 1 || world.deployment().status.abort.is_some();
        if is_wanted && last.is_some_and(|op| op.state() == OpState::Planned) {
            return world;
        }
        assert!(turn < 500, "no turn stores a write");
    }
    unreachable!()
}

#[test]
fn a_pause_that_comes_before_a_planned_write_holds_it_back() {
    let mut world = down_with_a_planned_write(&[(nothing, 60_000)]);
    world.command(|d, now| deploy::pause(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.weights(), world.history[0]);
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
}

#[test]
fn an_abort_that_comes_before_a_planned_write_takes_its_place() {
    let mut world = down_with_a_planned_write(&[(nothing, 60_000)]);
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.history.len()), (Phase::RolledBack, 1));
}

#[test]
fn a_measurement_lost_in_a_long_downtime_is_asked_again_and_not_held_against_the_provider() {
    let mut turn = 0;
    let mut world = loop {
        turn += 1;
        let mut world = World::new();
        world.start(CANARY);
        (world.crash, world.stays_down) = (Some((turn, Crash::AfterActions)), true);
        world.pass(60_000);
        let analysis = &world.deployment().analysis;
        let mut metrics = analysis.step.iter().chain(&analysis.background).flat_map(|run| &run.metrics);
        if metrics.any(|metric| metric.pending.is_some()) {
            break world;
        }
        assert!(turn < 500, "no turn measures");
    };
    world.now += 600_000;
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(!world.transcript().contains("was not measured"), "{}", world.transcript());
}

#[test]
fn a_planned_way_back_is_planned_anew_when_others_write_first() {
    let fail = |world: &mut World| {
        world.metrics.insert("errors/5xx".into(), Measurement::Value(0.5));
    };
    let mut world = down_with_a_planned_write(&[(nothing, 9_000), (fail, 60_000)]);
    world.set_weight(RecordType::A, "green", 77);
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}
