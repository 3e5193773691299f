//! Crashes at every turn of a game, before and after what was to be done: the same writes in the same order, the same
//! end (I-CRASH).

mod world;

use model::RecordType;
use model::deployment::{OpState, Phase, RecordSetWeight};
use model::health_status::HealthStatus;
use model::metric::Measurement;
use world::{CANARY, Crash, World, order};

/// One thing that happens in a game, before so much time passes.
type Act = (fn(&mut World), u64);

fn play(game: &[Act], crash: Option<(usize, Crash)>) -> World {
    let mut world = World::new();
    world.start(CANARY);
    world.crash = crash;
    for (act, ms) in game {
        act(&mut world);
        world.pass(*ms);
    }
    world
}

/// The end of a game: the phase, every state of the weights, the active environment.
fn end(world: &World) -> (String, Vec<Vec<RecordSetWeight>>, String) {
    let active = &world.service.active;
    let version = &world.service.environments[active].version;
    (world.phase().to_string(), world.history.clone(), format!("{active} {version}"))
}

fn sweep(game: &[Act]) {
    let whole = play(game, None);
    assert!(whole.phase().is_terminal());
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(game, Some((turn, crash)));
            assert_eq!(end(&crashed), end(&whole), "{crash:?} at turn {turn}:\n{}", crashed.transcript());
        }
    }
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
