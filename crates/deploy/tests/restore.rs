//! Fields beside weights: TTLs that are lowered for a release, plain records that are adopted, names that are sticky for
//! its time. I-RESTORE: the way back leaves them as they were found, to the byte, and what others changed to others.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::deployment::{OpKind, Phase};
use model::health_status::HealthStatus;
use model::{Body, RecordSet, RecordType, Routing, Ttl};
use proptest::prelude::*;
use world::{CANARY, Crash, World, order, played};

/// The usual canary with TTLs of 30 s, lowered to 2 s.
fn staged() -> String {
    CANARY.replacen('{', r#"{"stage_ttl": "2s","#, 1)
}

fn sorted(world: &World) -> Vec<String> {
    let mut all: Vec<String> = world.record_sets.iter().map(|(zone, set)| format!("{zone} {set:?}")).collect();
    all.sort();
    all
}

fn slow() -> World {
    let mut world = World::new();
    world.set_ttl(30);
    world
}

fn ttls(world: &World) -> Vec<u32> {
    let ttl = |set: &RecordSet| if let Body::Records { ttl, .. } = &set.body { ttl.seconds() } else { 0 };
    world.record_sets.iter().map(|(_, set)| ttl(set)).collect()
}

#[test]
fn a_staged_ttl_is_waited_for_once_and_makes_every_step_short() {
    let mut world = slow();
    world.start(&staged());
    let plan = world.deployment().plan.to_string();
    assert!(plan.contains("0%  45s       ttl 30s → 2s"), "{plan}");
    assert!(plan.contains("back within 3s of a decision (ttl 30s, settle 3s)"), "{plan}");
    world.pass(30_000);
    assert_eq!((ttls(&world), world.phase()), (vec![2; 4], Phase::Preparing), "{}", world.transcript());
    world.pass(60_000);
    assert_eq!((ttls(&world), world.phase()), (vec![30; 4], Phase::Succeeded), "{}", world.transcript());
    played("staged_ttl", &world);
    let mut world = World::new();
    world.start(&staged());
    assert!(world.deployment().plan.beside.is_none(), "there is nothing to lower");
}

#[test]
fn the_way_back_from_a_staged_ttl_is_as_short_as_the_plan_says() {
    let mut world = slow();
    world.start(&staged());
    world.pass(55_000);
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    assert_eq!((ttls(&world), world.phase()), (vec![30; 4], Phase::RollingBack));
    world.pass(world.deployment().plan.times.rollback_worst.ms());
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
}

#[test]
fn a_plain_record_is_adopted_and_released_in_one_change_each() {
    let mut world = World::plain(true);
    let found = world.record_sets.clone();
    world.start(&staged());
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    played("adopted_and_released", &world);
    let values = |values: &str| Body::Records { ttl: Ttl::new(2).unwrap(), values: vec![values.into()] };
    let (mut a, mut aaaa) = (found[0].clone(), found[1].clone());
    (a.1.body, aaaa.1.body) = (values("203.0.113.2"), values("2001:db8::2"));
    assert_eq!(world.record_sets, [a, aaaa]);
    // A release back is refused: green is plain now, and blue's values are for its owner to tell.
    let refused = deploy::plan(
        &world.service,
        &deploy::parse_spec(br#"{"to":"blue","strategy":{"blue_green":{}}}"#).unwrap(),
        &world.record_sets,
    );
    assert_eq!(
        refused.unwrap_err().to_string(),
        "environments.blue.dns.A: say what its record set shall answer when the plain record is adopted"
    );
    // What takes the release back knows what it found.
    let undo = deploy::undo(world.deployment(), world.now).unwrap();
    world.service = deploy::service_before(&world.service, world.deployment());
    world.start_spec(undo);
    world.pass(120_000);
    assert_eq!((world.phase(), &world.record_sets), (Phase::Succeeded, &found), "{}", world.transcript());
}

#[test]
fn an_adopted_record_stays_weighted_unless_it_is_released() {
    let mut world = World::plain(false);
    world.start(CANARY);
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert_eq!(world.weights().iter().map(|m| m.weight).collect::<Vec<_>>(), [0, 100, 0, 100]);
}

#[test]
fn a_name_with_another_policy_is_not_adopted() {
    let mut world = World::plain(false);
    world.record_sets[0].1.routing =
        Routing::Multivalue { set_identifier: model::id::SetIdentifier::parse("m").unwrap() };
    let refused =
        deploy::plan(&world.service, &deploy::parse_spec(CANARY.as_bytes()).unwrap(), &world.record_sets).unwrap_err();
    assert_eq!(refused.code().as_str(), "E_POLICY_MISMATCH");
    assert_eq!(refused.to_string(), "shop.example.com. A uses multivalue routing; weighted record sets are needed");
}

#[test]
fn what_others_change_of_an_adopted_record_stays_with_them() {
    let mut world = World::plain(true);
    world.start(&staged());
    world.pass(9_000);
    let edited = Body::Records { ttl: Ttl::new(2).unwrap(), values: vec!["203.0.113.77".into()] };
    for (_, set) in &mut world.record_sets {
        if set.record_type == RecordType::A && set.set_identifier().is_some_and(|id| id.as_str() == "blue") {
            set.body = edited.clone();
        }
    }
    world.revision += 1;
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let a = world.record_sets.iter().find(|(_, set)| set.record_type == RecordType::A).unwrap();
    assert_eq!((&a.1.routing, &a.1.body), (&Routing::Simple, &edited));
    assert!(world.transcript().contains("others changed shop.example.com. A meanwhile; their changes stay"));
}

#[test]
fn a_staged_ttl_that_others_change_is_drift_and_goes_back_all_the_same() {
    let mut world = slow();
    world.start(&staged());
    world.pass(60_000);
    world.set_ttl(7);
    world.pass(1_000);
    let paused = world.deployment().status.paused.clone().expect("a drift pauses");
    assert!(
        paused.reason.to_string().contains("the TTL of shop.example.com. A \"blue\" is 7s, not 2s"),
        "{}",
        paused.reason
    );
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    world.pass(120_000);
    assert_eq!((world.phase(), ttls(&world)), (Phase::RolledBack, vec![30; 4]), "{}", world.transcript());
}

#[test]
fn a_sticky_name_is_sticky_for_the_time_of_the_release() {
    let mut world = World::new();
    let binding = world.service.traffic[0].records_mut();
    binding.affinity = Some(model::deployment::Affinity::Resolver);
    world.start(CANARY);
    world.pass(9_000);
    assert_eq!(world.sticky.len(), 1, "{}", world.transcript());
    world.pass(60_000);
    assert_eq!((world.phase(), world.sticky.len()), (Phase::Succeeded, 0), "{}", world.transcript());
    // One that was sticky before stays so.
    let name = model::deployment::NameStickiness {
        zone: world.record_sets[0].0.clone(),
        name: model::Name::parse("shop.example.com.").unwrap(),
        prefixes: Some((32, 64)),
    };
    world.sticky = vec![name.clone()];
    world.start(&CANARY.replace("\"to\": \"green\"", "\"to\": \"blue\""));
    world.pass(60_000);
    assert_eq!((world.phase(), &world.sticky[..]), (Phase::Succeeded, &[name][..]), "{}", world.transcript());
}

#[test]
fn two_names_move_in_one_write_and_go_back_in_one() {
    let mut world = World::new();
    let json = serde_json::to_string(&world.service).unwrap();
    let api = r#""traffic":[{"dns":{"zone":"Z1","name":"api.example.com.","types":["A"]}},"#;
    world.service = deploy::parse_service(json.replace(r#""traffic":["#, api).as_bytes()).unwrap();
    let more = world.record_sets.iter().filter(|(_, set)| set.record_type == RecordType::A).cloned();
    let name = model::Name::parse("api.example.com.").unwrap();
    let more: Vec<_> = more.map(|(zone, set)| (zone, RecordSet { name: name.clone(), ..set })).collect();
    world.record_sets.extend(more);
    let before = sorted(&world);
    world.start(CANARY);
    let plan = world.deployment().plan.to_string();
    let line = "weights api.example.com. A blue=95 green=5, shop.example.com. A blue=95 green=5, shop.example.com. AAAA blue=95 green=5";
    assert!(plan.contains(line), "{plan}");
    world.pass(9_000);
    let green = world
        .weights()
        .iter()
        .filter(|m| m.record_set.set_identifier.as_str() == "green")
        .map(|m| m.weight)
        .collect::<Vec<_>>();
    assert_eq!(green, [5, 5, 5]);
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), sorted(&world)), (Phase::RolledBack, before));
    assert_eq!(world.deployment().record.journal.len(), 2);
}

#[test]
fn others_beside_us_keep_their_weights_and_their_part() {
    let mut world = World::new();
    let binding = world.service.traffic[0].records_mut();
    binding.foreign = model::deployment::Foreign::Keep;
    let mut legacy = world.record_sets[0].clone();
    legacy.1.routing =
        Routing::Weighted { set_identifier: model::id::SetIdentifier::parse("legacy").unwrap(), weight: 50 };
    world.record_sets.push(legacy.clone());
    world.start(CANARY);
    let plan = world.deployment().plan.to_string();
    assert!(plan.contains("others keep A legacy=50: shares are shares of the remaining 80%"), "{plan}");
    world.pass(9_000);
    assert_eq!(world.weights().iter().map(|m| m.weight).collect::<Vec<_>>(), [190, 10, 95, 5]);
    let Routing::Weighted { weight, .. } = &mut world.record_sets.last_mut().unwrap().1.routing else { unreachable!() };
    *weight = 0;
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "their weights are their business: {}", world.transcript());
}

/// Until the release is in this phase.
fn reach(world: &mut World, phase: Phase) {
    for _ in 0..1_000 {
        if world.phase() == phase {
            return;
        }
        world.pass(200);
    }
    panic!("never {phase}: {}", world.transcript());
}

#[test]
fn an_abort_at_the_end_takes_back_what_was_released() {
    for staged in [false, true] {
        let mut world = World::plain(true);
        if staged {
            world.set_ttl(30);
        }
        let before = sorted(&world);
        world.start(&if staged { self::staged() } else { CANARY.to_owned() });
        reach(&mut world, Phase::Baking);
        world.lag = 1_000_000;
        reach(&mut world, Phase::Finalizing);
        assert!(world.record_sets.iter().all(|(_, set)| set.routing == Routing::Simple), "{}", world.transcript());
        world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
        world.lag = 0;
        world.pass(120_000);
        assert_eq!((world.phase(), sorted(&world)), (Phase::RolledBack, before), "{}", world.transcript());
    }
}

#[test]
fn an_end_that_is_not_served_everywhere_is_asked_about_and_waits_as_long_again() {
    let mut world = slow();
    world.start(&staged());
    reach(&mut world, Phase::Baking);
    world.lag = 1_000_000;
    for _ in 0..2 {
        world.pass(4 * 3_600_000);
        assert_eq!(world.phase(), Phase::Finalizing);
        let paused = world.deployment().status.paused.clone().expect("it does not wait for ever");
        assert!(paused.reason.to_string().starts_with("E_DEADLINE: not finished within"), "{}", paused.reason);
        world.command(|d, now| deploy::resume(d, &order("bob", "look again"), now));
        world.pass(60_000);
        assert_eq!(world.deployment().status.paused, None, "{}", world.transcript());
    }
    world.lag = 0;
    world.pass(60_000);
    assert_eq!((world.phase(), ttls(&world)), (Phase::Succeeded, vec![30; 4]), "{}", world.transcript());
}

#[test]
fn what_serves_nobody_yet_is_taken_back_whatever_the_old_side_is() {
    let mut world = slow();
    world.start(&staged());
    world.pass(30_000);
    assert_eq!((ttls(&world), world.phase()), (vec![2; 4], Phase::Preparing));
    world.set_health("blue", HealthStatus::Unhealthy);
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    world.pass(120_000);
    assert_eq!((world.phase(), ttls(&world)), (Phase::RolledBack, vec![30; 4]), "{}", world.transcript());
}

#[test]
fn a_way_back_that_others_fight_is_tried_as_often_again_for_a_person() {
    let mut world = World::new();
    world.start(CANARY);
    world.pass(9_000);
    world.deployment = Some(deploy::abort(world.deployment(), &order("bob", "no"), world.now).unwrap());
    world.stays_down = true;
    for weight in 50..55 {
        // What was planned is stored, and somebody else writes before it is.
        world.crash = Some((world.turns + 1, Crash::AfterStore));
        world.pass(1_000);
        world.set_weight(RecordType::A, "green", weight);
    }
    world.crash = None;
    world.pass(1_000);
    assert_eq!(world.phase(), Phase::RollbackBlocked, "{}", world.transcript());
    world.command(|d, now| deploy::retry(d, &order("bob", "they stopped"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}

#[test]
fn a_release_that_is_left_where_it_is_says_which_ttls_stay_lowered() {
    let mut world = slow();
    world.start(&staged());
    world.pass(60_000);
    world.command(|d, now| deploy::stop(d, &order("bob", "enough"), now));
    assert_eq!((world.phase(), ttls(&world)), (Phase::Stopped, vec![2; 4]));
    let last = &world.deployment().record.events.last().unwrap().text;
    let said =
        "stopped, weights stay as they are; lowered TTLs stay too: shop.example.com. A \"blue\" 2s (found 30s), ";
    assert!(last.starts_with(said) && last.ends_with(": enough"), "{last}");
    let mut world = World::new();
    world.start(CANARY);
    world.pass(9_000);
    world.command(|d, now| deploy::stop(d, &order("bob", "enough"), now));
    assert_eq!(world.deployment().record.events.last().unwrap().text, "stopped, weights stay as they are: enough");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// I-RESTORE, I-CRASH: aborted, failed or killed at any moment, before, during and after the fields beside weights are
    /// written, all is as it was found.
    #[test]
    fn every_way_back_leaves_all_as_it_was_found(
        is_plain in any::<bool>(), is_released in any::<bool>(), is_sticky in any::<bool>(), is_staged in any::<bool>(),
        abort_ms in 0u64..110_000, crash in (1usize..60, 0usize..3), loses_health in any::<bool>(),
    ) {
        let mut world = if is_plain { World::plain(is_released) } else { World::new() };
        world.set_ttl(20);
        let binding = world.service.traffic[0].records_mut();
        binding.affinity = is_sticky.then_some(model::deployment::Affinity::Resolver);
        binding.release = is_released;
        let before = (sorted(&world), world.sticky.clone());
        world.crash = Some((crash.0, [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions][crash.1]));
        world.start(&if is_staged { staged() } else { CANARY.to_owned() });
        world.pass(abort_ms);
        if loses_health {
            world.set_health("green", HealthStatus::Unhealthy);
            world.pass(1);
        }
        if !world.phase().is_terminal() && world.deployment().status.abort.is_none() {
            world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
        }
        world.pass(1_000_000);
        match world.phase() {
            Phase::RolledBack | Phase::Cancelled => {
                prop_assert_eq!(&(sorted(&world), world.sticky.clone()), &before, "{}", world.transcript());
            }
            Phase::Succeeded => {
                prop_assert_eq!(&world.sticky, &before.1);
                prop_assert!(ttls(&world).iter().all(|ttl| *ttl == 20));
                let is_plain = |(_, set): &(_, RecordSet)| set.routing == Routing::Simple;
                prop_assert!(!is_released || world.record_sets.iter().all(is_plain), "{}", world.transcript());
            }
            other => prop_assert!(false, "{other}: {}", world.transcript()),
        }
    }

    /// I-ATOM: all types and fields change in one write, and one write of each kind is enough.
    #[test]
    fn all_types_change_in_one_write(is_plain in any::<bool>(), stage in any::<bool>()) {
        let mut world = if is_plain { World::plain(true) } else { World::new() };
        world.set_ttl(20);
        world.start(&if stage { staged() } else { CANARY.to_owned() });
        world.pass(1_000_000);
        let journal = &world.deployment().record.journal;
        prop_assert!(journal.iter().filter(|op| op.kind == OpKind::Prepare).count() == usize::from(is_plain || stage));
        prop_assert!(journal.iter().filter(|op| op.kind == OpKind::Finish).count() == usize::from(is_plain || stage));
        for op in journal {
            for weights in [&op.precondition, &op.desired] {
                let of = |t| weights.iter().filter(|m| m.record_set.record_type == t).map(|m| m.weight).collect::<Vec<_>>();
                prop_assert_eq!(of(RecordType::A), of(RecordType::AAAA));
            }
        }
    }
}
