//! Played games: a release, what happens to it, and the story it leaves.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::Promote;
use model::deployment::{Phase, Stage};
use model::health_status::HealthStatus;
use model::id::SetIdentifier;
use model::metric::Measurement;
use model::{RecordType, Routing};
use world::{BLUE_GREEN, CANARY, World, environment, order, played};

fn canary() -> World {
    let mut world = World::new();
    world.start(CANARY);
    world
}

/// The canary with other fields put in front; a field given twice would be refused, so they must be new.
fn with(fields: &str) -> World {
    let mut world = World::new();
    world.start(&CANARY.replacen('{', &format!("{{{fields},"), 1));
    world
}

#[test]
fn good_canary() {
    let mut world = canary();
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    played("good_canary", &world);
}

#[test]
fn failing_metric() {
    let mut world = canary();
    world.pass(16_000);
    world.metrics.insert("errors/5xx".into(), Measurement::Value(0.042_000_000_000_000_03));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    assert_eq!(world.weights(), world.history[0]);
    played("failing_metric", &world);
}

#[test]
fn failing_metric_in_the_background() {
    let mut world = with(r#""background": {"templates": ["errors"]}"#);
    world.pass(9_000);
    world.metrics.insert("errors/5xx".into(), Measurement::Value(0.5));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    played("failing_metric_in_the_background", &world);
}

#[test]
fn failing_metric_with_hold_waits_for_a_person() {
    let mut world = with(r#""on_failure": "hold""#);
    world.pass(16_000);
    world.metrics.insert("errors/5xx".into(), Measurement::Value(0.042_000_000_000_000_03));
    world.pass(60_000);
    world.metrics.clear();
    world.command(|d, now| deploy::resume(d, &order("bob", "fixed the database"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    played("failing_metric_with_hold", &world);
}

#[test]
fn health_loss() {
    let mut world = canary();
    world.pass(9_000);
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    played("health_loss", &world);
}

#[test]
fn target_that_is_never_healthy_moves_nothing() {
    let mut world = canary();
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(3_600_000);
    assert_eq!(world.phase(), Phase::Cancelled);
    assert_eq!(world.history.len(), 1);
    played("never_healthy", &world);
}

#[test]
fn no_data() {
    let mut world = with(r#""background": {"templates": ["errors"]}"#);
    world.metrics.insert("errors/5xx".into(), Measurement::NoData);
    world.pass(3_600_000);
    assert_eq!(world.phase(), Phase::Progressing);
    assert!(world.deployment().status.paused.is_some());
    played("no_data", &world);
}

#[test]
fn provider_errors() {
    let mut world = canary();
    world.metrics.insert("errors/5xx".into(), Measurement::Error("connection refused".into()));
    world.pass(60_000);
    world
        .command(|d, now| deploy::promote(d, Promote::Step, &order("bob", "prometheus is down, graphs are fine"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    played("provider_errors", &world);
}

#[test]
fn a_provider_that_never_answers_is_an_error_not_a_wait_for_ever() {
    let mut world = canary();
    world.is_mute = true;
    world.pass(3_600_000);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert_eq!(paused.reason.to_string(), "E_PROVIDER: metric errors/5xx: 5 errors in a row: no answer in 60s");
}

#[test]
fn drift() {
    let mut world = canary();
    world.pass(9_000);
    world.set_weight(RecordType::A, "blue", 100);
    world.pass(60_000);
    world.set_weight(RecordType::A, "blue", 95);
    world.pass(1_000);
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    played("drift", &world);
}

#[test]
fn drift_then_abort_restores_what_is_ours() {
    let mut world = canary();
    world.pass(9_000);
    world.set_weight(RecordType::A, "blue", 100);
    world.pass(1_000);
    world.command(|d, now| deploy::abort(d, &order("bob", "too strange"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}

#[test]
fn deleted_record_set_blocks_the_way_back() {
    let mut world = canary();
    world.pass(9_000);
    let lost = world.record_sets.remove(2);
    world.pass(1_000);
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    assert_eq!(world.phase(), Phase::RollbackBlocked);
    world.record_sets.push(lost);
    world.command(|d, now| deploy::retry(d, &order("bob", "record set is back"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    played("deleted_record_set", &world);
}

#[test]
fn what_others_add_or_delete_beside_us_does_not_bar_the_way_back() {
    let mut world = canary();
    world.pass(9_000);
    world.record_sets.remove(1);
    let mut foreign = world.record_sets[0].clone();
    let set_identifier = SetIdentifier::parse("legacy").unwrap();
    foreign.1.routing = Routing::Weighted { set_identifier, weight: 7 };
    world.record_sets.push(foreign.clone());
    world.metrics.insert("errors/5xx".into(), Measurement::Value(1.0));
    world.pass(60_000);
    assert!(world.deployment().status.drift.is_some() && world.deployment().status.paused.is_some());
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    let restored: Vec<u8> = world.weights().iter().map(|m| m.weight).collect();
    assert_eq!(restored, [200, 200, 0]);
    assert!(world.deployment().status.drift.is_some(), "what others did is still told");
    assert_eq!(world.record_sets.last(), Some(&foreign));
}

#[test]
fn unhealthy_origin_blocks_the_way_back_until_it_is_forced() {
    let mut world = canary();
    world.pass(20_000);
    world.set_health("blue", HealthStatus::Unhealthy);
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(1_000);
    assert_eq!(world.phase(), Phase::RollbackBlocked);
    world.command(|d, now| deploy::retry(d, &order("bob", ""), now));
    assert_eq!(world.phase(), Phase::RollbackBlocked);
    world.command(|d, now| deploy::force_restore(d, &order("bob", "blue is fine, its check is not"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    played("unhealthy_origin", &world);
}

#[test]
fn nodes_that_lag_stop_the_clock_of_the_step() {
    let mut world = canary();
    world.lag = 1_000;
    world.pass(30_000);
    assert_eq!(world.deployment().status.cursor.unwrap().stage, Stage::Observe);
    world.lag = 0;
    world.pass(2_000);
    assert_eq!(world.deployment().status.cursor.unwrap().stage, Stage::Settle);
    world.lag = 1_000;
    world.pass(3_600_000);
    assert_eq!(world.phase(), Phase::RollbackBlocked);
    played("lagging_nodes", &world);
}

#[test]
fn blue_green() {
    let mut world = World::new();
    world.start(BLUE_GREEN);
    world.pass(30_000);
    assert_eq!(world.deployment().status.cursor.unwrap().stage, Stage::Gate);
    assert_eq!(world.history.len(), 1);
    world.command(|d, now| deploy::resume(d, &order("bob", "looks good"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    played("blue_green", &world);
}

#[test]
fn a_release_is_taken_back_after_it_succeeded() {
    let mut world = canary();
    world.pass(9_000);
    assert!(deploy::undo(world.deployment(), world.now).is_err());
    world.pass(60_000);
    assert!(deploy::undo(world.deployment(), world.now + 3_600_000).is_err(), "the time for it is over");
    let spec = deploy::undo(world.deployment(), world.now).unwrap();
    world.start_spec(spec);
    world.pass(4_000);
    assert_eq!((world.phase(), world.weights()), (Phase::Succeeded, world.history[0].clone()));
    assert_eq!(world.service.active, Some(environment("blue")));
}

#[test]
fn an_open_gate_does_not_let_an_unhealthy_environment_through() {
    let mut world = World::new();
    world.start(BLUE_GREEN);
    world.pass(30_000);
    world.set_health("green", HealthStatus::Unhealthy);
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    world.pass(300_000);
    assert_eq!((world.phase(), world.history.len()), (Phase::Progressing, 1));
    assert_eq!(
        world.deployment().status.waiting_on[0].text,
        "green: 0 of 1 health checks healthy (unhealthy: green); refusing to shift"
    );
    world.set_health("green", HealthStatus::Healthy);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
}

/// Pause, then resume, then promote, then abort, wherever the release is; and the same orders in every order of time.
#[test]
fn every_phase_takes_orders() {
    let mut reached = std::collections::BTreeSet::new();
    for at in (0..60_000).step_by(1_700) {
        let mut world = canary();
        world.pass(at);
        let phase = world.phase();
        reached.insert(phase.to_string());
        if phase.is_terminal() {
            let refusal = deploy::abort(world.deployment(), &order("bob", ""), world.now).unwrap_err();
            assert_eq!(refusal.code().as_str(), "E_TERMINAL");
            continue;
        }
        let mut paused = world.clone();
        paused.command(|d, now| deploy::pause(d, &order("bob", "lunch"), now));
        let writes = paused.history.len();
        paused.pass(600_000);
        assert!(paused.history.len() <= writes + 1 && !paused.phase().is_terminal(), "{phase}");
        paused.command(|d, now| deploy::resume(d, &order("bob", ""), now));
        paused.pass(600_000);
        assert_eq!(paused.phase(), Phase::Succeeded, "paused in {phase}");

        let mut promoted = world.clone();
        match deploy::promote(promoted.deployment(), Promote::Full, &order("bob", "hotfix"), promoted.now) {
            Ok(next) => promoted.deployment = Some(next),
            Err(refusal) => assert_eq!(refusal.code().as_str(), "E_INVALID_TRANSITION"),
        }
        promoted.pass(600_000);
        assert_eq!(promoted.phase(), Phase::Succeeded, "promoted in {phase}");

        world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
        let twice = deploy::abort(world.deployment(), &order("bob", "no"), world.now);
        assert!(world.phase().is_terminal() || twice.as_ref() == Ok(world.deployment()));
        world.pass(600_000);
        assert!(matches!(world.phase(), Phase::RolledBack | Phase::Cancelled), "aborted in {phase}");
        assert_eq!(world.weights(), world.history[0], "aborted in {phase}");
        assert_eq!(world.service.active, Some(environment("blue")));
    }
    for phase in ["Preparing", "Progressing", "Promoting", "Baking", "Succeeded"] {
        assert!(reached.contains(phase), "{phase} {reached:?}");
    }
}

#[test]
fn an_order_for_another_situation_changes_nothing() {
    let mut world = canary();
    world.pass(9_000);
    let mut stale = order("bob", "");
    stale.expect.step = Some(3);
    let refusal = deploy::promote(world.deployment(), Promote::Step, &stale, world.now).unwrap_err();
    assert_eq!(
        (refusal.code().as_str(), refusal.to_string().as_str()),
        ("E_STALE", "expected step 3, found 2; look again and repeat")
    );
    let refusal = deploy::resume(world.deployment(), &order("bob", ""), world.now).unwrap_err();
    assert_eq!(refusal.to_string(), "cannot resume in Progressing: it is not paused");
}
