//! Rolling releases: six instances in rotation and a spare, two at a time.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::BTreeSet;

use model::deployment::{Deployment, HookAnswer, Phase, Stage};
use model::health_status::HealthStatus;
use proptest::prelude::*;
use world::{Crash, World, check, order, played};

const ROLLING: &str = r#"{
    "strategy": {"rolling": {
        "environment": "blue", "version": "2.0",
        "batch": {"size": 2}, "max_unavailable": 2, "between": "5s",
        "replace": {"http": {"url": "http://agent-{{instance}}/replace?to={{new_version}}", "timeout": "20s"}},
        "verify": {"min_healthy_time": "3s", "deadline": "30s"}}},
    "settle": {"min": "1s"}, "bake": "4s"
}"#;

fn rolling(spec: &str) -> World {
    let mut world = World::of_instances();
    world.start(spec);
    world
}

/// `a1 → 2.0`, in the order of the calls that were begun.
fn replaced(world: &World) -> Vec<String> {
    let replaces = world.calls.iter().filter(|call| call.name == "replace");
    replaces.map(|c| format!("{} → {}", c.variables["CUTOVER_INSTANCE"], c.variables["CUTOVER_NEW_VERSION"])).collect()
}

/// R5.9, at this instant: those in rotation who are healthy.
fn healthy_in_rotation(world: &World) -> usize {
    let weights = world.weights();
    let serves = |id: &str| weights.iter().any(|m| m.record_set.set_identifier.as_str() == id && m.weight > 0);
    let is_healthy = |id: &str| world.health[&check(id)] == HealthStatus::Healthy;
    ["a1", "a2", "a3", "a4", "a5", "a6", "a7"].iter().filter(|id| serves(id) && is_healthy(id)).count()
}

fn runs(world: &World, version: &str) -> bool {
    world.running.values().all(|running| running == version)
}

#[test]
fn good_rolling() {
    let mut world = rolling(ROLLING);
    world.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 4));
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(runs(&world, "2.0"));
    assert_eq!(world.weights(), world.history[0]);
    let body: serde_json::Value = serde_json::from_str(&world.calls[1].body).unwrap();
    let told = [&body["instance"], &body["old_version"], &body["new_version"], &body["point"]];
    assert_eq!(told, ["a2", "1.9", "2.0", "replace"]);
    played("good_rolling", &world);
}

#[test]
fn a_broken_fourth_is_undone_with_all_that_were_changed_the_last_first() {
    let mut world = rolling(ROLLING);
    world.broken = Some(("a4".into(), "2.0".into()));
    world.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 4, "{}", world.transcript()));
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert!(runs(&world, "1.9"));
    assert_eq!(world.weights(), world.history[0]);
    let there = ["a1 → 2.0", "a2 → 2.0", "a3 → 2.0", "a4 → 2.0"];
    assert_eq!(replaced(&world), [&there[..], &["a4 → 1.9", "a3 → 1.9", "a2 → 1.9", "a1 → 1.9"]].concat());
    assert!(world.service.environments[&world::environment("blue")].instances.values().all(|i| i.version.is_none()));
    played("broken_fourth", &world);
}

#[test]
fn a_hook_that_fails_leaves_nothing_changed() {
    for answer in [HookAnswer::Fail, HookAnswer::Error] {
        let mut world = rolling(ROLLING);
        world.hooks.insert("replace a4".into(), vec![answer, HookAnswer::Pass]);
        world.pass(600_000);
        assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
        // Nobody knows what a hook that failed has done, so its instance is given the old version too.
        assert!(replaced(&world).contains(&"a4 → 1.9".to_owned()));
        assert!(runs(&world, "1.9"));
    }
}

#[test]
fn a_failure_may_leave_the_mix_or_wait_for_a_person() {
    let mut world = rolling(&ROLLING.replacen('{', r#"{"on_failure": "stop","#, 1));
    world.broken = Some(("a4".into(), "2.0".into()));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Stopped);
    // The service knows the mix, and the next release replaces only what is left.
    let blue = &world.service.environments[&world::environment("blue")];
    let versions =
        ["a1", "a3", "a5"].map(|id| blue.version_of(&model::id::SetIdentifier::parse(id).unwrap()).to_owned());
    assert_eq!(versions, ["2.0", "2.0", "1.9"]);

    let mut world = rolling(&ROLLING.replacen('{', r#"{"on_failure": "hold","#, 1));
    world.hooks.insert("replace a4".into(), vec![HookAnswer::Fail, HookAnswer::Pass]);
    world.pass(600_000);
    assert!(world.deployment().status.paused.is_some() && !runs(&world, "2.0"));
    world.command(|d, now| deploy::resume(d, &order("bob", "the agent is back"), now));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn an_undo_that_fails_is_left_to_a_person_and_tried_again() {
    let mut world = rolling(ROLLING);
    world.broken = Some(("a4".into(), "2.0".into()));
    world.hooks.insert("replace a3".into(), vec![HookAnswer::Pass, HookAnswer::Fail, HookAnswer::Pass]);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RollbackBlocked, "{}", world.transcript());
    world.command(|d, now| deploy::retry(d, &order("bob", ""), now));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert!(runs(&world, "1.9") && world.weights() == world.history[0]);
}

#[test]
fn the_first_batch_may_be_one_instance_and_a_persons_word() {
    let spec = ROLLING.replace(r#""size": 2"#, r#""size": "30%", "order": "zone_spread", "canary_batch": 1"#);
    let mut world = rolling(&spec);
    world.pass(600_000);
    assert_eq!(world.deployment().status.cursor.unwrap().stage, Stage::Gate);
    assert_eq!(replaced(&world), ["a1 → 2.0"]);
    let full = deploy::promote(world.deployment(), deploy::Promote::Full, &order("bob", ""), world.now).unwrap_err();
    assert!(full.to_string().contains("through its batches"));
    world.command(|d, now| deploy::resume(d, &order("bob", "fine"), now));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    let order: Vec<String> = replaced(&world).iter().map(|text| text[..2].to_owned()).collect();
    assert_eq!(order, ["a1", "a4", "a6", "a2", "a5", "a7", "a3"]);
    // And back again, batch by batch.
    let undo = deploy::undo(world.deployment(), world.now).unwrap();
    world.start_spec(undo);
    world.pass(60_000);
    world.command(|d, now| deploy::resume(d, &order_(), now));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    assert!(runs(&world, "1.9"));
}

fn order_() -> deploy::Order {
    order("bob", "")
}

#[test]
fn a_batch_is_smaller_or_waits_while_others_are_unhealthy_and_mends_who_is() {
    let mut world = rolling(ROLLING);
    world.set_health("a5", HealthStatus::Unhealthy);
    world.pass(4_000);
    assert_eq!(replaced(&world), ["a1 → 2.0"], "two are planned, one may be away");
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());

    // Where nobody may be away, the sick come first: they are what the others wait for.
    let mut world = rolling(ROLLING);
    world.set_health("a5", HealthStatus::Unhealthy);
    world.set_health("a6", HealthStatus::Unhealthy);
    world.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 4, "{}", world.transcript()));
    assert_eq!(replaced(&world)[..2], ["a5 → 2.0", "a6 → 2.0"]);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());

    // But for those of other zones, whose turn has not come.
    let mut world = rolling(&ROLLING.replace(r#""between": "5s""#, r#""zones": {}"#));
    world.set_health("a5", HealthStatus::Unhealthy);
    world.set_health("a6", HealthStatus::Unhealthy);
    world.pass(60_000);
    assert!(replaced(&world).is_empty(), "one out and two unhealthy are too many");
    assert!(world.deployment().status.waiting_on[0].text.starts_with("3 instances would be healthy"));
    world.set_health("a6", HealthStatus::Healthy);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn health_lost_after_the_replacement_goes_back() {
    let mut world = rolling(ROLLING);
    world.pass(20_000);
    assert!(world.running["a1"] == "2.0");
    world.set_health("a1", HealthStatus::Unhealthy);
    world.pass(600_000);
    assert_eq!((world.phase(), runs(&world, "1.9")), (Phase::RolledBack, true), "{}", world.transcript());
}

#[test]
fn a_drain_hook_is_asked_until_an_instance_is_empty_or_its_time_is_over() {
    let hook = r#""drain_hook": {"http": {"url": "http://agent-{{instance}}/sessions"}, "every": "2s"}, "replace""#;
    let spec = ROLLING.replace(r#""replace""#, hook);
    let mut world = rolling(&spec);
    world.hooks.insert("drain_hook".into(), vec![HookAnswer::Fail]);
    world.pass(60_000);
    assert!(replaced(&world).is_empty());
    world.hooks.insert("drain_hook".into(), vec![HookAnswer::Pass]);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded);

    let cut = spec.replace(r#""between""#, r#""drain": {"max": "20s", "on_timeout": "cut"}, "between""#);
    let mut world = rolling(&cut);
    world.hooks.insert("drain_hook".into(), vec![HookAnswer::Fail]);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    assert!(world.transcript().contains("a1 had not drained in time; what was left is cut off"));
}

#[test]
fn an_instance_is_asked_whether_it_is_empty_on_the_way_back_too() {
    let hook = r#""drain_hook": {"http": {"url": "http://agent-{{instance}}/sessions"}, "every": "2s"}, "replace""#;
    let mut world = rolling(&ROLLING.replace(r#""replace""#, hook).replace(r#""bake": "4s""#, r#""bake": "1m""#));
    while world.phase() != Phase::Baking {
        world.pass(1_000);
    }
    world.set_health("a6", HealthStatus::Unhealthy);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    for id in ["a1", "a2", "a3", "a4", "a5", "a6"] {
        let asked = world.calls.iter().filter(|c| c.name == "drain_hook" && c.variables["CUTOVER_INSTANCE"] == *id);
        assert_eq!(asked.count(), 2, "{id}: {}", world.transcript());
    }
}

#[test]
fn a_person_who_pauses_to_cure_an_instance_has_the_time_for_it() {
    let mut world = rolling(ROLLING);
    world.broken = Some(("a1".into(), "2.0".into()));
    while world.running["a1"] != "2.0" {
        world.pass(500);
    }
    world.command(|d, now| deploy::pause(d, &order("bob", "looking at a1"), now));
    world.pass(300_000);
    assert!(world.deployment().status.paused.is_some(), "{}", world.transcript());
    world.set_health("a1", HealthStatus::Healthy);
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn whoever_is_at_work_comes_to_its_end_before_the_other_version_is_asked_for() {
    let mut world = rolling(ROLLING);
    world.hooks.insert("replace a1".into(), vec![HookAnswer::Wait(None)]);
    world.pass(10_000);
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(30_000);
    assert!(!replaced(&world).contains(&"a1 → 1.9".to_owned()), "{:?}", replaced(&world));
    let mut forced = world.clone();
    world.hooks.insert("replace a1".into(), vec![HookAnswer::Pass]);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert_eq!(replaced(&world).last().unwrap(), "a1 → 1.9");
    assert!(runs(&world, "1.9") && world.weights() == world.history[0]);

    // It never comes to its end: after its time it counts as failed, and is undone.
    forced.pass(7_200_000);
    assert!(forced.phase().is_terminal() || forced.phase() == Phase::RollbackBlocked, "{}", forced.transcript());
}

#[test]
fn what_nobody_knows_gets_the_version_of_its_environment_on_the_way_back() {
    let mut world = rolling(&ROLLING.replacen('{', r#"{"on_failure": "stop","#, 1));
    world.hooks.insert("replace a1".into(), vec![HookAnswer::Fail, HookAnswer::Pass]);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Stopped);
    for (record_type, id, weight) in
        [(model::RecordType::A, "a1", 10), (model::RecordType::AAAA, "a1", 10), (model::RecordType::A, "a2", 20)]
    {
        world.set_weight(record_type, id, weight);
    }
    world.set_weight(model::RecordType::AAAA, "a2", 20);
    world.broken = Some(("a4".into(), "3.0".into()));
    world.start(&ROLLING.replace("2.0", "3.0"));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let told = replaced(&world);
    assert!(told.contains(&"a1 → 1.9".to_owned()) && !told.iter().any(|text| text.contains("unknown")), "{told:?}");
    assert_eq!(world.running["a2"], "2.0", "each what it ran");
}

#[test]
fn nothing_is_taken_back_before_anything_was_looked_at() {
    let hooks = r#"{"hooks": {"h": {"http": {"url": "http://h/"}, "at": ["pre_prepare"]}},"#;
    let mut world = rolling(&ROLLING.replacen('{', hooks, 1));
    world.hooks.insert("h".into(), vec![HookAnswer::Wait(None)]);
    world.pass(5_000);
    world.set_weight(model::RecordType::A, "a1", 0);
    world.set_weight(model::RecordType::AAAA, "a1", 0);
    let writes = world.history.len();
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert!(world.phase().is_terminal(), "{}", world.transcript());
    assert_eq!(world.history.len(), writes, "{}", world.transcript());
}

/// Weights that others change on the way back, again and again.
#[test]
fn a_fight_about_weights_on_the_way_back_ends_at_a_person() {
    let mut world = rolling(ROLLING);
    world.broken = Some(("a4".into(), "2.0".into()));
    while world.phase() != Phase::RollingBack {
        world.pass(1_000);
    }
    // Servers are slow, so that there is always something to wait for.
    world.lag = 3;
    for _ in 0..2_000 {
        world.pass(1_000);
        for record_type in [model::RecordType::A, model::RecordType::AAAA] {
            world.set_weight(record_type, "a6", 0);
        }
        if world.phase() == Phase::RollbackBlocked {
            break;
        }
    }
    assert_eq!(world.phase(), Phase::RollbackBlocked, "{}", world.transcript());
    world.lag = 0;
    world.command(|d, now| deploy::retry(d, &order("bob", "told them"), now));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert!(runs(&world, "1.9") && world.weights() == world.history[0]);
}

#[test]
fn a_stop_says_who_stays_out() {
    let mut world = rolling(&ROLLING.replacen('{', r#"{"on_failure": "stop","#, 1));
    world.hooks.insert("replace a1".into(), vec![HookAnswer::Fail]);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Stopped);
    assert!(world.transcript().contains("; out of rotation stay a1, a2"), "{}", world.transcript());
    let blue = &world.service.environments[&world::environment("blue")];
    let versions =
        ["a1", "a2", "a3"].map(|id| blue.version_of(&model::id::SetIdentifier::parse(id).unwrap()).to_owned());
    assert_eq!(versions, ["unknown", "2.0", "1.9"], "what a failed hook has done nobody knows");
}

#[test]
fn pause_and_abort_in_the_middle_wherever_it_is() {
    for at in (0..70_000).step_by(2_300) {
        let mut world = rolling(ROLLING);
        world.pass(at);
        if world.phase().is_terminal() {
            break;
        }
        let mut paused = world.clone();
        paused.command(|d, now| deploy::pause(d, &order("bob", ""), now));
        let (calls, writes) = (paused.calls.len(), paused.history.len());
        paused.pass(600_000);
        assert_eq!((paused.calls.len(), paused.history.len()), (calls, writes), "a pause at {at} begins nothing");
        paused.command(|d, now| deploy::resume(d, &order("bob", ""), now));
        paused.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 4));
        assert_eq!(paused.phase(), Phase::Succeeded, "paused at {at}: {}", paused.transcript());

        world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
        world.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 4));
        assert!(
            matches!(world.phase(), Phase::RolledBack | Phase::Cancelled),
            "aborted at {at}: {}",
            world.transcript()
        );
        assert!(runs(&world, "1.9") && world.weights() == world.history[0], "aborted at {at}: {}", world.transcript());
    }
}

/// I-CRASH, on the way there and on the way back.
#[test]
fn a_crash_at_any_turn_changes_nothing() {
    for broken in [None, Some(("a4".to_owned(), "2.0".to_owned()))] {
        let play = |crash: Option<(usize, Crash)>| {
            // Three at a time: fewer turns, the same stages.
            let mut world = rolling(&ROLLING.replace(": 2", ": 3"));
            (world.broken, world.crash) = (broken.clone(), crash);
            world.pass(600_000);
            world
        };
        let ids = |world: &World| -> BTreeSet<_> { world.calls.iter().map(|call| call.id.clone()).collect() };
        let whole = play(None);
        assert!(whole.phase().is_terminal());
        for turn in 1..=whole.turns {
            for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
                let crashed = play(Some((turn, crash)));
                let end = (crashed.phase(), &crashed.history, &crashed.running, &crashed.service);
                let same = end == (whole.phase(), &whole.history, &whole.running, &whole.service);
                assert!(same && ids(&crashed) == ids(&whole), "{crash:?} at turn {turn}:\n{}", crashed.transcript());
            }
        }
    }
}

#[test]
fn what_cannot_be_rolled_is_refused_with_its_place() {
    let plan = |from: &str, to: &str| {
        let spec = deploy::parse_spec(ROLLING.replace(from, to).as_bytes()).unwrap();
        let world = World::of_instances();
        deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err().to_string()
    };
    for (from, to, error) in [
        (
            r#""max_unavailable": 2"#,
            r#""max_unavailable": "10%""#,
            "strategy.rolling.max_unavailable: 10% of 6 instances is none",
        ),
        (
            r#""max_unavailable": 2"#,
            r#""max_unavailable": 1"#,
            "strategy.rolling.batch.size: a batch of 2 is more than max_unavailable",
        ),
        (
            r#""max_unavailable": 2"#,
            r#""max_unavailable": 6"#,
            "strategy.rolling.max_unavailable: 6 of 6 instances in rotation would leave none",
        ),
        (
            r#""max_unavailable": 2"#,
            r#""max_surge": 2"#,
            "strategy.rolling.max_surge: 2 instances shall stand in for others, but only 1 have weight 0",
        ),
        (
            r#""max_unavailable": 2"#,
            r#""max_unavailable": 0, "max_surge": 1"#,
            "strategy.rolling.batch.size: a batch of 2 is more than max_unavailable 0 and max_surge 1 allow",
        ),
        (
            r#""max_unavailable": 2"#,
            r#""max_unavailable": 0"#,
            "strategy.rolling.max_unavailable: 0 of 6 instances is none, and max_surge is 0",
        ),
        (
            r#""size": 2"#,
            r#""size": 2, "order": "zone_spread"}, "zones": {"#,
            "strategy.rolling.batch.order: zone_spread takes every batch from several zones",
        ),
        (
            r#""max_unavailable": 2"#,
            r#""zones": {"one_at_a_time": false, "first_zone_monitor": "1m"}"#,
            "strategy.rolling.zones.first_zone_monitor: there is no first zone unless",
        ),
        (r#""size": 2"#, r#""size": 0"#, "strategy.rolling.batch.size: must be at least 1"),
        (r#""version": "2.0""#, r#""version": "1.9""#, "strategy.rolling.version: every instance runs it already: 1.9"),
        (
            r#""environment": "blue""#,
            r#""environment": "green""#,
            "strategy.rolling.environment: must be the one that serves, blue",
        ),
        ("/replace?to={{new_version}}", "/{{host}}", "strategy.rolling.replace: unknown variable host"),
    ] {
        assert!(plan(from, to).starts_with(error), "{}", plan(from, to));
    }
}

#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Health(usize, bool),
    Hook(usize, HookAnswer),
    Order(u8),
    Crash(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let answer = prop_oneof![
        Just(HookAnswer::Fail),
        Just(HookAnswer::Error),
        Just(HookAnswer::Pass),
        Just(HookAnswer::Wait(None))
    ];
    prop_oneof![
        6 => (100u64..20_000).prop_map(Act::Pass),
        2 => (1usize..7, any::<bool>()).prop_map(|(at, up)| Act::Health(at, up)),
        2 => (1usize..7, answer).prop_map(|(at, answer)| Act::Hook(at, answer)),
        2 => (0u8..4).prop_map(Act::Order),
        1 => (0u8..3).prop_map(Act::Crash),
    ]
}

/// What the engine does must keep the bound; what others do to an instance's health is theirs.
fn look(_: &Deployment, world: &World) {
    let after = world.deployment();
    if let Some(write) = &world.last_write {
        let weight_of = |weights: &[model::deployment::RecordSetWeight], id: &str| {
            weights.iter().filter(|m| m.record_set.set_identifier.as_str() == id).map(|m| m.weight).max().unwrap_or(0)
        };
        let taken = |id: &&&str| weight_of(&write.precondition, id) > 0 && weight_of(&write.desired, id) == 0;
        let is_healthy = |id: &&&str| world.health[&check(id)] == HealthStatus::Healthy;
        let all = ["a1", "a2", "a3", "a4", "a5", "a6"];
        let costs = all.iter().filter(taken).filter(is_healthy).count();
        let left = all.iter().filter(|id| weight_of(&write.desired, id) > 0).filter(is_healthy).count();
        assert!(costs == 0 || left >= 4, "I-BATCH: {left} left\n{}", world.transcript());
        let out = all.iter().filter(|id| weight_of(&write.desired, id) == 0).count();
        assert!(out <= 2 || costs == 0, "I-BATCH: {out} out\n{}", world.transcript());
        assert!(after.status.abort.is_some() || after.status.paused.is_none(), "I-PAUSE");
    }
    if after.status.phase == Phase::Succeeded {
        assert!(runs(world, "2.0"), "I-DONE");
    }
    if after.status.phase == Phase::RolledBack {
        assert!(runs(world, "1.9"), "I-RESTORE {:?}\n{}", world.running, world.transcript());
        assert!(world.weights() == world.history[0], "I-RESTORE\n{}", world.transcript());
    }
    let observation = world.observation();
    let first = deploy::step(after, &observation, world.now);
    assert_eq!(deploy::step(&first.next, &observation, world.now).next, first.next, "I-QUIET");
    let named = !first.next.status.waiting_on.is_empty() || first.next.status.phase.is_terminal();
    assert!(named, "I-LIVE: waits for nothing in {}\n{}", after.status.phase, world.transcript());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// I-BATCH, R5.9: at every turn, there and back, whatever health, hooks, people and crashes do.
    #[test]
    fn enough_instances_serve_at_every_turn(acts in proptest::collection::vec(act(), 1..20)) {
        let mut world = rolling(ROLLING);
        for act in &acts {
            let bob = order("bob", "");
            let mut ms = 0;
            match act {
                Act::Pass(more) => ms = *more,
                Act::Health(at, up) => {
                    world.set_health(&format!("a{at}"), if *up { HealthStatus::Healthy } else { HealthStatus::Unhealthy });
                }
                Act::Hook(at, answer) => {
                    world.hooks.insert(format!("replace a{at}"), vec![*answer, HookAnswer::Pass]);
                }
                Act::Order(kind) => {
                    let (deployment, now) = (world.deployment().clone(), world.now);
                    let next = match kind {
                        0 => deploy::pause(&deployment, &bob, now),
                        1 => deploy::resume(&deployment, &bob, now),
                        2 => deploy::abort(&deployment, &bob, now),
                        _ => deploy::retry(&deployment, &bob, now),
                    };
                    world.deployment = Some(next.unwrap_or(deployment));
                }
                Act::Crash(kind) => {
                    let crash = [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions][usize::from(*kind)];
                    world.crash = Some((world.turns + 1, crash));
                }
            }
            world.pass_with(ms, look);
        }
    }
}
