//! A way back in steps: less and less for the new environment, and at the end exactly what was found.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::RecordType;
use model::deployment::{OpKind, Phase};
use model::health_status::HealthStatus;
use model::metric::Measurement;
use world::{CANARY, Crash, World, order};

fn spec(more: &str) -> String {
    CANARY.replacen(
        '{',
        &format!(r#"{{"rollback": {{"mode": "stepped", "steps": ["25%", "5%"], "every": "10s"}}{more},"#),
        1,
    )
}

/// A release that has half of the traffic.
fn half(more: &str) -> World {
    let mut world = World::new();
    world.start(&spec(more));
    world.pass(21_000);
    assert_eq!(green(&world).last(), Some(&50), "{}", world.transcript());
    world
}

fn abort(world: &mut World) {
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
}

/// Green's share of every state of the weights, in percent.
fn green(world: &World) -> Vec<u32> {
    let share = |weights: &Vec<model::deployment::RecordSetWeight>| {
        let sum: u32 = weights.iter().map(|m| u32::from(m.weight)).sum();
        let own = weights.iter().filter(|m| m.record_set.set_identifier.as_str() == "green");
        own.map(|m| u32::from(m.weight)).sum::<u32>() * 100 / sum
    };
    world.history.iter().map(share).collect()
}

#[test]
fn it_warms_the_old_environment_up_and_ends_with_what_was_found() {
    let mut world = half("");
    let found = world.record_sets.clone();
    abort(&mut world);
    world.pass(9_000);
    assert_eq!(green(&world), [0, 5, 50, 25]);
    assert!(
        world.deployment().status.waiting_on.iter().any(|w| w.text.contains("25% for 10s")),
        "{}",
        world.transcript()
    );
    world.pass(60_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 5, 50, 25, 5, 0]));
    assert_eq!(world.weights(), world.history[0], "I-RESTORE");
    assert_ne!(world.record_sets, found);
    let back: Vec<OpKind> = world.deployment().record.journal.iter().map(|op| op.kind).skip(2).collect();
    assert_eq!(back, [OpKind::Ease { step: 1 }, OpKind::Ease { step: 2 }, OpKind::Restore]);
}

#[test]
fn steps_above_the_share_of_now_are_left_out() {
    let mut world = World::new();
    world.start(&spec(""));
    world.pass(9_000);
    abort(&mut world);
    world.pass(60_000);
    assert_eq!(green(&world), [0, 5, 0]);
}

#[test]
fn a_critical_metric_and_lost_health_go_back_at_once() {
    let mut world = World::new();
    world.start(
        &spec("")
            .replace(r#""count": 3"#, r#""count": 3, "critical": true"#)
            .replace("5%\"}, {\"hold\"", "50%\"}, {\"hold\""),
    );
    world.metrics.insert("errors/5xx".into(), Measurement::Value(0.5));
    world.pass(60_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 50, 0]), "{}", world.transcript());

    let mut world = half("");
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(60_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 5, 50, 0]));

    // Also in the middle of the way.
    let mut world = half("");
    abort(&mut world);
    world.pass(9_000);
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(60_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 5, 50, 25, 0]));
}

#[test]
fn an_old_environment_that_is_known_to_be_worse_gets_no_step_either() {
    let mut world = half("");
    world.set_health("blue", HealthStatus::Unhealthy);
    abort(&mut world);
    world.pass(60_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RollbackBlocked, vec![0, 5, 50]));
    world.command(|d, now| deploy::force_restore(d, &order("bob", "known code"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 5, 50, 0]), "a person's word is at once");
}

#[test]
fn who_writes_on_the_way_ends_the_steps() {
    let mut world = half("");
    abort(&mut world);
    world.lag = 1;
    world.pass(500);
    world.set_weight(RecordType::A, "green", 200);
    world.lag = 0;
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    assert_eq!(world.weights(), world.history[0], "I-RESTORE");

    // Also while a step is held, long after it was written.
    let mut world = half("");
    abort(&mut world);
    world.pass(9_000);
    world.set_weight(RecordType::A, "green", 200);
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    let steps = world.deployment().record.journal.iter().filter(|op| matches!(op.kind, OpKind::Ease { .. }));
    assert_eq!(steps.map(|op| op.kind).collect::<Vec<_>>(), [OpKind::Ease { step: 1 }], "no step follows");
}

#[test]
fn a_step_that_is_not_served_in_time_is_followed_by_the_snapshot() {
    let mut world = half(r#", "deadlines": {"rollback": "1m"}"#);
    world.lag = 1_000;
    abort(&mut world);
    world.pass(61_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RollingBack, vec![0, 5, 50, 25, 0]), "{}", world.transcript());
    world.lag = 0;
    world.pass(10_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}

#[test]
fn a_person_in_a_hurry_takes_the_rest_at_once_but_not_to_what_is_worse() {
    let hurry = |world: &mut World| world.command(|d, now| deploy::force_restore(d, &order("bob", "now"), now));
    let mut world = half("");
    abort(&mut world);
    world.pass(9_000);
    hurry(&mut world);
    let revision = world.deployment().revision;
    world.pass(10_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 5, 50, 25, 0]));
    assert!(world.transcript().contains("going back at once: now [bob]"), "{}", world.transcript());
    assert!(world.deployment().revision > revision);

    let mut world = half("");
    abort(&mut world);
    world.pass(9_000);
    world.set_health("blue", HealthStatus::Unhealthy);
    hurry(&mut world);
    world.pass(10_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RollbackBlocked, vec![0, 5, 50, 25]));
    hurry(&mut world);
    world.pass(10_000);
    assert_eq!(world.phase(), Phase::RolledBack);
}

#[test]
fn long_steps_are_no_missed_deadline() {
    let mut world = half(r#", "deadlines": {"rollback": "1m"}"#);
    world.deployment.as_mut().unwrap().plan.back.as_mut().unwrap().every = model::deployment::Period::from_seconds(600);
    abort(&mut world);
    world.pass(3_600_000);
    assert_eq!((world.phase(), green(&world)), (Phase::RolledBack, vec![0, 5, 50, 25, 5, 0]));
}

#[test]
fn it_survives_a_crash_anywhere() {
    let play = |crash: Option<(usize, Crash)>| {
        let mut world = World::new();
        world.start(&spec(r#", "stage_ttl": "1s""#));
        world.crash = crash;
        world.pass(26_000);
        abort(&mut world);
        world.pass(90_000);
        world
    };
    let whole = play(None);
    assert_eq!(whole.phase(), Phase::RolledBack);
    let sets = |world: &World| world.record_sets.clone();
    assert_eq!(sets(&whole), sets(&World::new()), "I-RESTORE, byte for byte");
    assert!(green(&whole).contains(&25), "{:?}", green(&whole));
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(Some((turn, crash)));
            assert_eq!(crashed.history, whole.history, "{crash:?} at turn {turn}:\n{}", crashed.transcript());
            assert_eq!((crashed.phase(), sets(&crashed)), (whole.phase(), sets(&whole)));
        }
    }
}

#[test]
fn the_plan_tells_the_steps_and_refuses_what_are_none() {
    let world = World::new();
    let plan = |spec: &str| {
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        deploy::plan(&world.service, &spec, &world.record_sets)
    };
    let plain = plan(CANARY).unwrap();
    let stepped = plan(&spec("")).unwrap();
    assert!(stepped.to_string().contains("back in steps of 10s after caches: 25% (A blue=75 green=25"), "{stepped}");
    let settle = plain.times.rollback_worst.ms();
    assert_eq!(stepped.times.rollback_worst.ms(), settle * 3 + 20_000);
    for (steps, field) in [
        (r#""steps": []"#, "rollback.steps"),
        (r#""steps": ["5%", "25%"]"#, "rollback.steps[1]"),
        (r#""steps": ["100%"]"#, "rollback.steps[0]"),
        (r#""steps": ["0.01%"]"#, "rollback.steps[0]"),
        (r#""mode": "instant", "steps": ["5%"]"#, "rollback.steps"),
    ] {
        let spec = spec("").replace(r#""steps": ["25%", "5%"]"#, steps);
        let spec = if steps.contains("mode") { spec.replacen(r#""mode": "stepped", "#, "", 1) } else { spec };
        let error = plan(&spec).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
    }
}
