//! I-WAIT: no step is settled while a cache may still hold an answer from before it, whoever changed the TTL and when,
//! and however the clock jumps back.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::deployment::{Deployment, OpState, Phase};
use model::{Body, RecordSet, RecordType, Routing};
use proptest::prelude::*;
use world::{START_MS, World};

const SHIFTS: &str = r#"{"to": "green", "strategy": {"canary": {"steps": [
    {"weight": "5%"}, {"weight": "50%"}, {"weight": "100%"}]}}, "settle": {"ttl_multiple": 1.0, "min": "1s"}}"#;

/// When each write came to its end, and when every node had it, in the order of the journal.
fn ends(deployment: &Deployment) -> Vec<(u64, u64)> {
    let at =
        |entries: &[model::deployment::JournalEntry], state| entries.iter().find(|e| e.state == state).map(|e| e.at_ms);
    let ops = deployment.record.journal.iter();
    ops.filter_map(|op| Some((at(&op.entries, OpState::Observed)?, at(&op.entries, OpState::Done)?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_settle_ends_before_the_last_answer_from_before_is_forgotten(
        changes in proptest::collection::vec((100u64..40_000, 1u32..60), 1..10),
    ) {
        let mut world = World::new();
        world.start(SHIFTS);
        // Since when which TTL was answered with.
        let mut ttls = vec![(START_MS, 2u32)];
        for (ms, ttl) in changes {
            world.pass(ms);
            world.set_ttl(ttl);
            ttls.push((world.now, ttl));
        }
        world.pass(600_000);
        prop_assert_eq!(world.phase(), Phase::Succeeded);
        for (observed, done) in ends(world.deployment()) {
            // A TTL that was in force until `end` was last given then; after `observed` nobody got the old answer.
            for (at, (since, ttl)) in ttls.iter().enumerate() {
                let end = ttls.get(at + 1).map_or(u64::MAX, |next| next.0).min(observed);
                if *since < observed {
                    prop_assert!(done >= end + u64::from(*ttl) * 1_000, "{ttls:?}: observed {observed}, done {done}");
                }
            }
        }
    }
}

#[test]
fn a_ttl_lowered_before_the_start_is_waited_for() {
    let mut world = World::new();
    world.earlier_ttls = vec![(START_MS - 10_000, 60), (START_MS - 300_000, 120)];
    world.start(SHIFTS);
    world.pass(600_000);
    // 60 s after the last answer with 60 s; the longer TTL is forgotten long since.
    assert_eq!(ends(world.deployment())[0].1, START_MS + 50_000, "{}", world.transcript());
    assert!(world.transcript().contains("caches may hold answers of an earlier, larger TTL for 50s more"));
}

#[test]
fn an_alias_is_waited_for_as_long_as_its_target_may_be_kept() {
    let mut world = World::new();
    let zone = world.record_sets[0].0.clone();
    for (_, set) in world.record_sets.iter_mut().filter(|(_, set)| set.record_type == RecordType::A) {
        let name = model::Name::parse("blue.example.com.").unwrap();
        set.body = Body::Alias(model::AliasTarget {
            hosted_zone_id: zone.clone(),
            dns_name: name,
            evaluate_target_health: false,
        });
    }
    let plan = |world: &World| {
        let spec = deploy::parse_spec(SHIFTS.as_bytes()).unwrap();
        deploy::plan(&world.service, &spec, &world.record_sets).unwrap().times.ttl_seconds
    };
    assert_eq!(plan(&world), 60, "a target that nobody knows");
    let target = RecordSet {
        name: model::Name::parse("blue.example.com.").unwrap(),
        routing: Routing::Simple,
        health_check: None,
        ..world.record_sets.iter().find(|(_, set)| set.record_type == RecordType::AAAA).unwrap().1.clone()
    };
    let body = Body::Records { ttl: model::Ttl::new(17).unwrap(), values: vec!["203.0.113.9".into()] };
    world.record_sets.push((zone, RecordSet { record_type: RecordType::A, body, ..target }));
    assert_eq!(plan(&world), 17);
}

#[test]
fn a_clock_that_is_set_back_makes_waits_longer() {
    let mut world = World::new();
    world.set_ttl(20);
    world.start(SHIFTS);
    world.pass(5_000);
    world.now -= 900_000;
    world.pass(800_000);
    assert!(ends(world.deployment()).is_empty(), "the wait is not over by the clock that began it");
    world.pass(2_000_000);
    assert_eq!(world.phase(), Phase::Succeeded);
}

#[test]
fn an_environment_has_drained_when_its_last_answer_is_forgotten() {
    use deploy::{drain_facts, drained};
    use model::deployment::{DrainRule, Drained};
    let mut world = World::new();
    world.set_ttl(20);
    world.lag = 1;
    world.start(SHIFTS);
    let facts = |world: &World| drain_facts(world.deployment(), &world::environment("blue"), &world.weights());
    for _ in 0..4 {
        world.lag = 0;
        world.pass(15_000);
        assert!(facts(&world).weight > 0 || facts(&world).last_answered_ms.is_some());
    }
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    let last = ends(world.deployment()).last().unwrap().0;
    let facts = facts(&world);
    assert_eq!((facts.weight, facts.last_answered_ms, facts.ttl_seconds), (0, Some(last), 20));
    let rule = DrainRule::default();
    assert_eq!(drained(&rule, &facts, 0, last + 29_999), Drained::NotYet { until_ms: Some(last + 30_000) });
    assert_eq!(drained(&rule, &facts, 0, last + 30_000), Drained::Yes);
}
