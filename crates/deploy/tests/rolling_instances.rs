//! Rolling releases whose instances stand in for each other, lie in zones, or come and go.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::deployment::{Deployment, HookAnswer, OpKind, Phase, RecordSetWeight};
use model::health_status::HealthStatus;
use proptest::prelude::*;
use world::{Crash, World, check, order, played};

/// Nobody may be away without a spare in its place.
const SURGE: &str = r#"{
    "strategy": {"rolling": {
        "environment": "blue", "version": "2.0",
        "batch": {"size": 2}, "max_unavailable": 0, "max_surge": 2, "between": "5s",
        "replace": {"http": {"url": "http://agent-{{instance}}/replace", "timeout": "20s"}},
        "verify": {"min_healthy_time": "3s", "deadline": "30s"}}},
    "settle": {"min": "1s"}, "bake": "4s"
}"#;
/// Two may.
const PLAIN: &str = r#"{
    "strategy": {"rolling": {
        "environment": "blue", "version": "2.0", "batch": {"size": 2}, "between": "5s",
        "replace": {"http": {"url": "http://agent-{{instance}}/replace", "timeout": "20s"}},
        "verify": {"min_healthy_time": "3s", "deadline": "30s"}}},
    "settle": {"min": "1s"}, "bake": "4s"
}"#;

/// Six with weight, two without.
fn with_spares(spec: &str) -> World {
    let mut world = World::of_instances();
    world.create_instance("a8", "1.9", 0);
    world.name_instance("a8", None);
    world.history = vec![world.weights()];
    world.start(spec);
    world
}

/// The service leaves record sets alone that it does not name.
fn autoscaled(spec: &str) -> World {
    let mut world = World::of_instances();
    let json =
        serde_json::to_string(&world.service).unwrap().replace(r#""A","AAAA"]"#, r#""A","AAAA"],"foreign":"keep""#);
    world.service = deploy::parse_service(json.as_bytes()).unwrap();
    world.start(spec);
    world
}

fn weight_of(weights: &[RecordSetWeight], id: &str) -> u8 {
    weights.iter().filter(|m| m.record_set.set_identifier.as_str() == id).map(|m| m.weight).max().unwrap_or(0)
}

fn ids(world: &World) -> Vec<String> {
    world.running.keys().cloned().collect()
}

fn healthy_in_rotation(world: &World) -> usize {
    let (weights, ids) = (world.weights(), ids(world));
    let serves = |id: &&String| weight_of(&weights, id) > 0 && world.health[&check(id)] == HealthStatus::Healthy;
    ids.iter().filter(serves).count()
}

fn replaced(world: &World) -> Vec<String> {
    let replaces = world.calls.iter().filter(|call| call.name == "replace");
    replaces.map(|c| format!("{} → {}", c.variables["CUTOVER_INSTANCE"], c.variables["CUTOVER_NEW_VERSION"])).collect()
}

fn runs(world: &World, version: &str) -> bool {
    world.running.values().all(|running| running == version)
}

/// Of the first type.
fn total(world: &World) -> u32 {
    let weights = world.weights();
    let first = weights.first().unwrap().record_set.clone();
    weights.iter().filter(|m| m.record_set.is_beside(&first)).map(|m| u32::from(m.weight)).sum()
}

#[test]
fn spares_stand_in_for_those_who_are_out_with_their_very_weights() {
    let mut world = with_spares(SURGE);
    world.pass_with(600_000, |_, world| {
        assert_eq!(healthy_in_rotation(world), 6, "{}", world.transcript());
        assert_eq!(total(world), 90, "nobody else's share moves");
    });
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(runs(&world, "2.0"));
    assert_eq!(world.weights(), world.history[0]);
    assert_eq!(replaced(&world)[..2], ["a7 → 2.0", "a8 → 2.0"], "they come first");
    // a1 has 10 and a2 has 20.
    let out = world.history.iter().find(|weights| weight_of(weights, "a2") == 0).unwrap();
    assert_eq!((weight_of(out, "a7"), weight_of(out, "a8")), (10, 20));
    played("spares", &world);
}

#[test]
fn a_failure_goes_back_with_old_spares_standing_in() {
    for broken in ["a1", "a4", "a6", "a8"] {
        let mut world = with_spares(SURGE);
        world.broken = Some((broken.into(), "2.0".into()));
        world.pass_with(900_000, |_, world| assert_eq!(healthy_in_rotation(world), 6, "{}", world.transcript()));
        assert_eq!(world.phase(), Phase::RolledBack, "{broken}: {}", world.transcript());
        assert!(runs(&world, "1.9") && world.weights() == world.history[0], "{broken}: {}", world.transcript());
    }
}

#[test]
fn a_sick_spare_stands_in_for_nobody() {
    let sick_once_replaced = |spec: &str| {
        let mut world = with_spares(spec);
        while world.running["a8"] != "2.0" {
            world.pass(500);
        }
        world.set_health("a8", HealthStatus::Unhealthy);
        world
    };
    let mut world = sick_once_replaced(&SURGE.replace(r#""max_unavailable": 0"#, r#""max_unavailable": 1"#));
    world.pass_with(600_000, |_, world| assert_eq!(weight_of(&world.weights(), "a8"), 0));
    assert_eq!(world.phase(), Phase::RolledBack, "it is not healthy in time: {}", world.transcript());

    // Without enough healthy spares nobody leaves.
    let mut world = with_spares(SURGE);
    while world.running["a8"] != "2.0" {
        world.pass(500);
    }
    world.pass(2_000);
    world.set_health("a8", HealthStatus::Unhealthy);
    world.pass(20_000);
    assert_eq!(world.weights(), world.history[0], "{}", world.transcript());
    world.set_health("a8", HealthStatus::Healthy);
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn one_zone_is_done_before_the_next_and_the_first_is_watched() {
    let zoned = PLAIN.replace(r#""batch""#, r#""zones": {"first_zone_monitor": "1m"}, "batch""#);
    let mut world = World::of_instances();
    world.start(&zoned);
    let steps: Vec<String> = world.deployment().plan.steps.iter().map(ToString::to_string).collect();
    let batches = ["replace a1, a2", "hold 5s", "replace a3", "hold 1m", "replace a4, a5", "hold 5s", "replace a6, a7"];
    assert_eq!(steps, batches);
    // What breaks late in the first zone never reaches the second; going back keeps to zones too.
    let mut late = world.clone();
    late.pass(40_000);
    assert_eq!(replaced(&late), ["a1 → 2.0", "a2 → 2.0", "a3 → 2.0"]);
    late.set_health("a3", HealthStatus::Unhealthy);
    late.pass(600_000);
    assert_eq!(late.phase(), Phase::RolledBack, "{}", late.transcript());
    assert!(replaced(&late).iter().all(|text| ["a1", "a2", "a3"].contains(&&text[..2])), "{}", late.transcript());

    world.broken = Some(("a5".into(), "2.0".into()));
    world.pass_with(600_000, |_, world| {
        let weights = world.weights();
        let out = || ["a1", "a2", "a3", "a4", "a5", "a6"].into_iter().filter(|id| weight_of(&weights, id) == 0);
        let is_one_zone = out().all(|id| id <= "a3") || out().all(|id| id > "a3");
        assert!(is_one_zone, "{:?}", out().collect::<Vec<_>>());
    });
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
}

#[test]
fn who_joins_is_replaced_at_the_end_and_who_leaves_is_let_go() {
    let mut world = autoscaled(PLAIN);
    world.pass(12_000);
    world.create_instance("a9", "1.9", 10);
    world.pass(6_000);
    assert!(!world.deployment().record.instances.iter().any(|i| i.instance.as_str() == "a9"), "nobody has named it");
    world.name_instance("a9", None);
    world.drop_instance("a5");
    while world.deployment().record.instances.iter().any(|i| i.instance.as_str() == "a5") {
        world.pass(500);
    }
    world.delete_instance("a5");
    world.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 4, "{}", world.transcript()));
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(runs(&world, "2.0"), "{}", world.transcript());
    assert_eq!(replaced(&world).last().unwrap(), "a9 → 2.0");
    assert!(!replaced(&world).iter().any(|text| text.starts_with("a5")));
    assert_eq!(weight_of(&world.weights(), "a9"), 10);
    assert!(world.deployment().record.journal.iter().any(|op| op.kind == OpKind::Reconcile));
    played("instances_come_and_go", &world);
}

#[test]
fn who_joins_with_the_new_version_is_done_and_goes_back_with_the_others() {
    let mut world = autoscaled(PLAIN);
    world.pass(12_000);
    world.create_instance("a9", "2.0", 10);
    world.name_instance("a9", Some("2.0"));
    let mut good = world.clone();
    good.pass(600_000);
    assert_eq!(good.phase(), Phase::Succeeded, "{}", good.transcript());
    assert!(!replaced(&good).iter().any(|text| text.starts_with("a9")));

    world.broken = Some(("a6".into(), "2.0".into()));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert!(runs(&world, "1.9"), "{:?}\n{}", world.running, world.transcript());
}

#[test]
fn who_joins_while_it_bakes_is_replaced_and_baked_anew() {
    let mut world = autoscaled(&PLAIN.replace(r#""bake": "4s""#, r#""bake": "1m""#));
    while world.phase() != Phase::Baking {
        world.pass(1_000);
    }
    world.create_instance("a9", "1.9", 10);
    world.name_instance("a9", None);
    world.pass(2_000);
    assert_eq!(world.phase(), Phase::Promoting, "{}", world.transcript());
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(runs(&world, "2.0"));
}

/// One instance with weight, and a spare.
fn alone(spec: &str) -> World {
    let mut world = World::of_instances();
    for id in ["a2", "a3", "a4", "a5", "a6"] {
        world.drop_instance(id);
        world.delete_instance(id);
    }
    world.history = vec![world.weights()];
    world.start(&spec.replace(r#""size": 2"#, r#""size": 1"#).replace(r#""max_surge": 2"#, r#""max_surge": 1"#));
    world
}

#[test]
fn weights_are_never_all_zero_however_sick_the_spare_is() {
    let mut world = alone(SURGE);
    while weight_of(&world.weights(), "a7") == 0 {
        world.pass(100);
    }
    world.set_health("a7", HealthStatus::Unhealthy);
    world.pass_with(600_000, |_, world| assert!(total(world) > 0, "{}", world.transcript()));
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert!(runs(&world, "1.9") && world.weights() == world.history[0]);
}

#[test]
fn a_spare_that_stood_in_is_left_alone_until_caches_have_forgotten_it() {
    let mut world = alone(SURGE);
    world.broken = Some(("a1".into(), "2.0".into()));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let record = &world.deployment().record;
    let with = record.journal.iter().rposition(|op| weight_of(&op.desired, "a7") > 0).unwrap();
    let forgotten = record.journal[with + 1].entries[1].at_ms + 3_000;
    let back = record.hooks.iter().rfind(|run| run.occasion.instance().is_some_and(|id| id.as_str() == "a7")).unwrap();
    assert!(back.since_ms >= forgotten, "TTL 2 s and a half more: {}", world.transcript());
}

#[test]
fn a_release_goes_on_with_fewer_instances_than_it_was_planned_for() {
    let mut world = autoscaled(&PLAIN.replace(r#""size": 2}"#, r#""size": 2}, "max_unavailable": "34%""#));
    world.pass(2_000);
    world.drop_instance("a5");
    world.drop_instance("a6");
    while world.deployment().status.cursor.is_none_or(|cursor| cursor.step < 2) {
        world.pass(1_000);
    }
    world.pass_with(600_000, |_, world| assert!(healthy_in_rotation(world) >= 3, "{}", world.transcript()));
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert_eq!(replaced(&world).len(), 5);

    // On the way back it is the same.
    let mut world = autoscaled(&PLAIN.replace(r#""size": 2}"#, r#""size": 2}, "max_unavailable": "34%""#));
    world.broken = Some(("a4".into(), "2.0".into()));
    world.pass(14_000);
    world.drop_instance("a5");
    world.drop_instance("a6");
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
}

#[test]
fn whoever_leaves_in_the_middle_of_its_replacement_holds_nobody_up_and_does_not_come_back() {
    for (after, leaver) in [(500, "a1"), (4_000, "a1"), (4_000, "a2"), (7_000, "a1")] {
        let mut world = autoscaled(PLAIN);
        world.pass(after);
        world.drop_instance(leaver);
        world.pass(8_000);
        assert!(!world.deployment().record.instances.iter().any(|i| i.instance.as_str() == leaver), "{after}");
        world.name_instance(leaver, None);
        world.pass(600_000);
        assert_eq!(world.phase(), Phase::Succeeded, "{after} {leaver}: {}", world.transcript());
    }
    // The last who came late, too.
    let mut world = autoscaled(PLAIN);
    world.create_instance("a9", "1.9", 10);
    world.pass(100);
    world.name_instance("a9", None);
    while world.deployment().record.batch.iter().all(|id| id.as_str() != "a9") {
        world.pass(200);
    }
    world.pass(1_000);
    world.drop_instance("a9");
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn who_comes_up_with_the_new_version_joins_once_it_is_well() {
    let mut world = autoscaled(PLAIN);
    world.pass(12_000);
    world.create_instance("a9", "2.0", 10);
    world.set_health("a9", HealthStatus::Unhealthy);
    world.name_instance("a9", Some("2.0"));
    world.pass(3_000);
    assert!(!world.deployment().record.instances.iter().any(|i| i.instance.as_str() == "a9"));
    world.set_health("a9", HealthStatus::Healthy);
    world.pass(3_000);
    assert!(world.deployment().record.instances.iter().any(|i| i.instance.as_str() == "a9"));
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn ttls_are_as_they_were_found_after_the_way_back() {
    let mut world = World::of_instances();
    let found = world.record_sets.clone();
    world.set_ttl(60);
    let before = world.record_sets.clone();
    assert_ne!(found, before);
    world.broken = Some(("a4".into(), "2.0".into()));
    world.start(&PLAIN.replacen('{', r#"{"stage_ttl": "5s","#, 1));
    world.pass(900_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert_eq!(world.record_sets, before, "{}", world.transcript());
    assert!(runs(&world, "1.9"));
}

#[test]
fn a_spare_stands_in_for_nobody_who_has_left() {
    let mut world =
        autoscaled(&SURGE.replace(r#""size": 2"#, r#""size": 1"#).replace(r#""max_surge": 2"#, r#""max_surge": 1"#));
    while weight_of(&world.weights(), "a6") > 0 {
        world.pass(100);
    }
    assert_eq!(weight_of(&world.weights(), "a7"), 10);
    world.pass(4_000);
    world.drop_instance("a6");
    world.pass(600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(world.transcript().contains("a6 has left the release"), "{}", world.transcript());
    assert_eq!(weight_of(&world.weights(), "a7"), 0, "{}", world.transcript());
}

/// I-CRASH where others stand in: one spare fails with the version, so that all is undone.
#[test]
fn a_crash_at_any_turn_changes_nothing() {
    let play = |crash: Option<(usize, Crash)>| {
        let mut world = with_spares(SURGE);
        (world.broken, world.crash) = (Some(("a4".into(), "2.0".into())), crash);
        world.pass(600_000);
        world
    };
    let whole = play(None);
    assert_eq!(whole.phase(), Phase::RolledBack);
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(Some((turn, crash)));
            let end = (crashed.phase(), &crashed.history, &crashed.running, &crashed.service);
            let same = end == (whole.phase(), &whole.history, &whole.running, &whole.service);
            assert!(same, "{crash:?} at turn {turn}:\n{}", crashed.transcript());
        }
    }
}

#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Health(usize, bool),
    Hook(usize, HookAnswer),
    Order(u8),
    Crash(u8),
    Join(bool),
    Leave(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let answer = prop_oneof![
        Just(HookAnswer::Fail),
        Just(HookAnswer::Error),
        Just(HookAnswer::Pass),
        Just(HookAnswer::Wait(None))
    ];
    prop_oneof![
        8 => (100u64..20_000).prop_map(Act::Pass),
        2 => (1usize..9, any::<bool>()).prop_map(|(at, up)| Act::Health(at, up)),
        2 => (1usize..9, answer).prop_map(|(at, answer)| Act::Hook(at, answer)),
        2 => (0u8..4).prop_map(Act::Order),
        1 => (0u8..3).prop_map(Act::Crash),
        1 => any::<bool>().prop_map(Act::Join),
        1 => (1usize..9).prop_map(Act::Leave),
    ]
}

/// R5.9 of what the engine writes: fewer healthy ones serve after it only if as many are left as there were less one, and
/// never are more in rotation than there were.
fn look(_: &Deployment, world: &World) {
    let after = world.deployment();
    if let (Some(write), Some(snapshot)) = (&world.last_write, &after.record.snapshot) {
        let own = snapshot.weights();
        let ids: Vec<&str> = after.record.instances.iter().map(|i| i.instance.as_str()).collect();
        let all = ids.iter().filter(|id| weight_of(&own, id) > 0).count();
        let is_healthy = |id: &&&str| world.health[&check(id)] == HealthStatus::Healthy;
        let serve = |weights| ids.iter().filter(|id| weight_of(weights, id) > 0).filter(is_healthy).count();
        let (before, left) = (serve(&write.precondition), serve(&write.desired));
        assert!(left >= before || left + 1 >= all, "I-BATCH: {left} of {all} left\n{}", world.transcript());
        let serving = ids.iter().filter(|id| weight_of(&write.desired, id) > 0).count();
        assert!(serving <= all, "R5.9: {serving} in rotation, {all} by right\n{}", world.transcript());
        assert!(serving > 0, "all zero means equal shares\n{}", world.transcript());
    }
    if after.status.phase == Phase::Succeeded {
        assert!(after.record.instances.iter().all(|i| world.running[i.instance.as_str()] == "2.0"), "I-DONE");
    }
    if after.status.phase == Phase::RolledBack {
        let is_old = after.record.instances.iter().all(|i| world.running[i.instance.as_str()] == "1.9");
        assert!(is_old, "I-RESTORE {:?}\n{}", world.running, world.transcript());
        assert_eq!(
            world.weights(),
            after.record.snapshot.as_ref().unwrap().weights(),
            "I-RESTORE\n{}",
            world.transcript()
        );
    }
    let observation = world.observation();
    let first = deploy::step(after, &observation, world.now);
    assert_eq!(deploy::step(&first.next, &observation, world.now).next, first.next, "I-QUIET");
    let named = !first.next.status.waiting_on.is_empty() || first.next.status.phase.is_terminal();
    assert!(named, "I-LIVE: waits for nothing in {}\n{}", after.status.phase, world.transcript());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// I-BATCH, R5.9 and R5.11: at every turn, there and back, whatever health, hooks, people, crashes and scaling do.
    #[test]
    fn enough_serve_at_every_turn_while_instances_come_and_go(acts in proptest::collection::vec(act(), 1..20)) {
        let mut world = autoscaled(&SURGE.replace(r#""max_unavailable": 0, "max_surge": 2"#, r#""max_unavailable": 1, "max_surge": 1"#));
        let mut joined = 0;
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
                Act::Join(is_new) => {
                    joined += 1;
                    let (id, version) = (format!("b{joined}"), if *is_new { "2.0" } else { "1.9" });
                    world.create_instance(&id, version, 10);
                    // Before the first step and after the last the service says no.
                    if matches!(world.phase(), Phase::Progressing | Phase::Promoting | Phase::Baking | Phase::RollingBack) {
                        world.name_instance(&id, is_new.then_some("2.0"));
                    }
                }
                Act::Leave(at) => {
                    if matches!(world.phase(), Phase::Progressing | Phase::Promoting | Phase::Baking | Phase::RollingBack) {
                        world.drop_instance(&format!("a{at}"));
                    }
                }
            }
            world.pass_with(ms, look);
        }
        // Once all is well it comes to an end, whatever went before.
        world.health.values_mut().for_each(|health| *health = HealthStatus::Healthy);
        world.hooks.clear();
        for _ in 0..3 {
            for command in [deploy::resume, deploy::retry] {
                let (deployment, now) = (world.deployment().clone(), world.now);
                world.deployment = Some(command(&deployment, &order("bob", ""), now).unwrap_or(deployment));
            }
            world.pass_with(3_600_000, look);
        }
        prop_assert!(world.phase().is_terminal(), "it never ends: {}", world.transcript());
    }
}
