//! What must hold whatever people, checks, metrics, nodes and others do, in any order: looked at after every turn.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::{Promote, Refusal};
use model::RecordType;
use model::deployment::{Deployment, OpKind, OpState, Phase, PlanStep, RecordSetWeight, Share};
use model::health_status::HealthStatus;
use model::metric::Measurement;
use proptest::prelude::*;
use world::{BLUE_GREEN, CANARY, Crash, World, environment, order};

#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Pause,
    Resume,
    PromoteStep,
    PromoteFull,
    Abort,
    Retry,
    ForceRestore,
    Metric(u8),
    Health(&'static str, bool),
    Lag(u64),
    Drift(u8),
    Crash(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => (100u64..12_000).prop_map(Act::Pass),
        2 => Just(Act::Pause),
        4 => Just(Act::Resume),
        2 => Just(Act::PromoteStep),
        1 => Just(Act::PromoteFull),
        1 => Just(Act::Abort),
        1 => Just(Act::Retry),
        1 => Just(Act::ForceRestore),
        2 => (0u8..8).prop_map(Act::Metric),
        2 => (prop_oneof![Just("blue"), Just("green")], any::<bool>()).prop_map(|(id, up)| Act::Health(id, up)),
        1 => prop_oneof![Just(0u64), Just(1_000)].prop_map(Act::Lag),
        1 => (0u8..3).prop_map(Act::Drift),
        2 => (0u8..3).prop_map(Act::Crash),
    ]
}

/// Weight of green against all, in ppm, for each type.
fn shares(weights: &[RecordSetWeight]) -> Vec<u64> {
    let share = |group: &[RecordSetWeight]| {
        let sum: u64 = group.iter().map(|m| u64::from(m.weight)).sum();
        let green: u64 =
            group.iter().filter(|m| m.record_set.set_identifier.as_str() == "green").map(|m| u64::from(m.weight)).sum();
        assert!(sum > 0, "all weights are zero, which means equal");
        green * 1_000_000 / sum
    };
    weights.chunk_by(|a, b| a.record_set.record_type == b.record_set.record_type).map(share).collect()
}

/// Ready → applied → observed → settled, and only then the next.
fn in_order(after: &Deployment, story: impl Fn() -> String) {
    let rank = |state: OpState| match state {
        OpState::Planned => 0,
        OpState::Applied { .. } => 1,
        OpState::Observed => 2,
        OpState::Done => 3,
        OpState::Superseded => 4,
    };
    let journal = &after.record.journal;
    // Whoever says so does not wait for caches.
    let is_hurried = after.record.events.iter().any(|event| event.text.starts_with("promoted fully"));
    for op in journal {
        let is_sorted = op.entries.is_sorted_by(|a, b| rank(a.state) < rank(b.state) && a.at_ms <= b.at_ms);
        assert!(is_sorted, "I-ORDER: {op:?}");
    }
    for pair in journal.windows(2) {
        let [before, next] = pair else { unreachable!("two") };
        let has_ended = matches!(before.state(), OpState::Done | OpState::Superseded);
        assert!(has_ended && before.entries.last().unwrap().at_ms <= next.entries[0].at_ms, "I-ORDER: {pair:?}");
        if matches!(next.kind, OpKind::Shift { .. }) {
            let has_settled = before.state() == OpState::Done || !before.was_applied();
            assert!(has_settled || is_hurried, "I-ORDER: {pair:?}\n{}", story());
        }
    }
}

/// Looks at one turn: the deployment before and after it, and what it wrote.
fn look(before: &Deployment, world: &World) {
    let after = world.deployment();
    in_order(after, || world.transcript());
    let status = &after.status;
    if before.status.phase.is_terminal() {
        assert_eq!(before, after, "I-TERM");
        assert_eq!(world.last_write, None, "I-TERM");
    }
    if let Some(write) = &world.last_write {
        let (was, shall) = (shares(&write.precondition), shares(&write.desired));
        let is_forward = shall.iter().zip(&was).any(|(shall, was)| shall > was);
        assert!(!is_forward || status.abort.is_none(), "I-ABORT, I-MONO");
        assert!(!is_forward || status.paused.is_none(), "I-PAUSE");
        let green = world.health[&world::check("green")];
        assert!(!is_forward || green == HealthStatus::Healthy, "I-HEALTHY");
        let is_back = shall.iter().zip(&was).any(|(shall, was)| shall < was);
        assert!(!is_back || status.abort.is_some(), "I-MONO");
    }
    if status.phase == Phase::Succeeded && before.status.phase != Phase::Succeeded {
        assert_eq!(world.service.active, Some(environment("green")), "I-DONE");
        assert!(shares(&world.weights()).iter().all(|share| *share == 1_000_000), "I-DONE");
    }
    if status.phase == Phase::RolledBack && before.status.phase != Phase::RolledBack {
        assert_eq!(world.weights(), world.history[0], "I-RESTORE");
        assert_eq!(world.service.active, Some(environment("blue")), "I-RESTORE");
    }
    assert!(before.status.abort.is_none() || status.abort.is_some(), "abort is a latch");
    // With the same outside, a second look finds nothing more to change, and asks for the same.
    let observation = world.observation();
    let first = deploy::step(after, &observation, world.now);
    let second = deploy::step(&first.next, &observation, world.now);
    assert_eq!(second.next, first.next, "I-QUIET");
    let open = !status.phase.is_terminal();
    let named = !first.next.status.waiting_on.is_empty() || first.next.status.phase.is_terminal();
    assert!(!open || named, "I-LIVE: waits for nothing in {}\n{}", status.phase, world.transcript());
}

fn order_it(world: &mut World, command: impl Fn(&Deployment, u64) -> Result<Deployment, Refusal>) {
    let before = world.deployment().clone();
    match command(&before, world.now) {
        Ok(next) => world.deployment = Some(next),
        Err(refusal) => assert!(before.status.phase.is_terminal() == matches!(refusal, Refusal::Terminal { .. })),
    }
}

fn apply(world: &mut World, act: &Act) -> bool {
    let bob = order("bob", "");
    match act {
        Act::Pass(_) => {}
        Act::Pause => order_it(world, |d, now| deploy::pause(d, &bob, now)),
        Act::Resume => order_it(world, |d, now| deploy::resume(d, &bob, now)),
        Act::PromoteStep => order_it(world, |d, now| deploy::promote(d, Promote::Step, &bob, now)),
        Act::PromoteFull => order_it(world, |d, now| deploy::promote(d, Promote::Full, &bob, now)),
        Act::Abort => order_it(world, |d, now| deploy::abort(d, &bob, now)),
        Act::Retry => order_it(world, |d, now| deploy::retry(d, &bob, now)),
        Act::ForceRestore => order_it(world, |d, now| deploy::force_restore(d, &bob, now)),
        Act::Metric(kind) => {
            let measurement = match kind {
                0 => Measurement::Value(1.0),
                1 => Measurement::NoData,
                2 => Measurement::Error("refused".into()),
                _ => Measurement::Value(0.0),
            };
            world.metrics.insert("errors/5xx".into(), measurement);
        }
        Act::Health(id, up) => {
            world.set_health(id, if *up { HealthStatus::Healthy } else { HealthStatus::Unhealthy });
        }
        Act::Lag(revisions) => world.lag = *revisions,
        Act::Drift(kind) => {
            // Others never make all weights zero, and after the end nobody writes.
            if !world.phase().is_terminal() {
                world.set_weight(RecordType::A, if *kind == 0 { "green" } else { "blue" }, 40 + kind);
                return true;
            }
        }
        Act::Crash(kind) => {
            let crash = [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions][usize::from(*kind)];
            world.crash = Some((world.turns + 1, crash));
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_turn_keeps_the_invariants(acts in proptest::collection::vec(act(), 1..24), kind in 0u8..4) {
        let spec = match kind {
            0 => CANARY.replacen('{', r#"{"background": {"templates": ["errors"]},"#, 1),
            1 => CANARY.replacen('{', r#"{"on_failure": "hold", "background": {"templates": ["errors"]},"#, 1),
            2 => BLUE_GREEN.to_owned(),
            _ => CANARY.to_owned(),
        };
        let mut world = World::new();
        world.start(&spec);
        world.stays_down = true;
        let plan = world.deployment().plan.clone();
        for step in &plan.steps {
            if let PlanStep::Shift { shares: wanted, weights } = step {
                prop_assert_eq!(wanted.values().map(|share| share.ppm()).sum::<u32>(), Share::ALL.ppm(), "I-SUM");
                shares(weights);
            }
        }
        // Foreign writes after the restore was applied are others' to answer for; the game then ends without a look.
        for act in &acts {
            if apply(&mut world, act) && world.deployment().status.abort.is_some() {
                return Ok(());
            }
            let ms = if let Act::Pass(ms) = act { *ms } else { 0 };
            world.pass_with(ms, look);
            prop_assert_eq!(&world.deployment().plan, &plan);
        }
    }
}
