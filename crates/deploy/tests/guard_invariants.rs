//! What must hold of guards whatever people, freezes, others and crashes do, in any order and under any policy: looked at
//! after every turn. What holds without guards is in `invariants`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::{Order, OrderKey, Refusal};
use model::RecordType;
use model::deployment::{
    Decision, Deployment, DriftAnswer, DriftPolicy, OpKind, Phase, REASSERTS_MAX, REASSERTS_WITHIN_MS, RecordSetWeight,
};
use model::health_status::HealthStatus;
use proptest::prelude::*;
use world::{Crash, World, order};

const GATED: &str = r#"{"to": "green", "settle": {"min": "1s"}, "bake": "2s",
    "strategy": {"canary": {"steps": [{"weight": "5%"},
        {"gate": {"manual": {"approvers": ["sre-*"], "count": 2, "timeout": "1m", "on_timeout": "hold"}}},
        {"weight": "50%"}, {"gate": {"auto_after": "5s"}}, {"weight": "100%"}]}}}"#;
/// The step of the gate that two must open.
const GATE: usize = 2;

#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Freeze(bool),
    Override,
    Say(u8, bool),
    Resume,
    Pause,
    Abort,
    Drift(u8),
    Answer(bool),
    Health(bool),
    Crash(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => (100u64..20_000).prop_map(Act::Pass),
        3 => any::<bool>().prop_map(Act::Freeze),
        1 => Just(Act::Override),
        6 => (0u8..4, prop_oneof![5 => Just(true), 1 => Just(false)]).prop_map(|(who, yes)| Act::Say(who, yes)),
        3 => Just(Act::Resume),
        1 => Just(Act::Pause),
        1 => Just(Act::Abort),
        3 => (0u8..3).prop_map(Act::Drift),
        2 => any::<bool>().prop_map(Act::Answer),
        1 => any::<bool>().prop_map(Act::Health),
        2 => (0u8..3).prop_map(Act::Crash),
    ]
}

fn share_of_green(weights: &[RecordSetWeight]) -> Vec<u64> {
    let share = |group: &[RecordSetWeight]| {
        let of = |m: &&RecordSetWeight| m.record_set.set_identifier.as_str() == "green";
        let sum: u64 = group.iter().map(|m| u64::from(m.weight)).sum();
        group.iter().filter(of).map(|m| u64::from(m.weight)).sum::<u64>() * 1_000_000 / sum
    };
    weights.chunk_by(|a, b| a.record_set.record_type == b.record_set.record_type).map(share).collect()
}

fn look(before: &Deployment, world: &World) {
    let after = world.deployment();
    let (status, guarded) = (&after.status, &after.status.guarded);
    if before.status.phase.is_terminal() {
        assert_eq!((before, &world.last_write), (after, &None), "I-TERM");
    }
    if let Some(write) = &world.last_write {
        let kind = after.record.journal.iter().find(|op| op.generation == write.generation).unwrap().kind;
        let (was, shall) = (share_of_green(&write.precondition), share_of_green(&write.desired));
        let is_forward = shall.iter().zip(&was).any(|(shall, was)| shall > was);
        let is_shift = matches!(kind, OpKind::Shift { .. });
        let is_frozen = !world.guards.freezes.is_empty() && guarded.window_override.is_none();
        assert!(!is_shift || !is_frozen, "I-FREEZE: a shift in a freeze");
        assert!(!is_forward || status.abort.is_none(), "I-ABORT");
        assert!(!is_forward || status.paused.is_none(), "I-PAUSE");
        let is_healthy = world.health.get(&world::check("green")) == Some(&HealthStatus::Healthy);
        assert!(!is_forward || is_healthy, "I-HEALTHY");
        let is_back = shall.iter().zip(&was).any(|(shall, was)| shall < was);
        let has_drifted = after.record.journal.iter().any(|op| matches!(op.kind, OpKind::Accept | OpKind::Reassert));
        assert!(!is_back || status.abort.is_some() || has_drifted, "I-MONO");
    }
    // Nobody comes past the gate without two who may open it.
    let yes = |name: &str| {
        let said = |a: &&model::deployment::Approval| a.step == GATE && a.name.as_deref() == Some(name);
        guarded.approvals.iter().filter(said).any(|a| a.decision == Decision::Approve && !a.is_void)
    };
    let voices = ["sre-a", "sre-b", "sre-c"].iter().filter(|name| yes(name)).count();
    if status.cursor.is_some_and(|cursor| cursor.step > GATE) && status.abort.is_none() {
        assert!(voices >= 2, "past the gate with {voices} voices");
    }
    // No fights: what is written over others is bounded, but for what people order.
    let recent = |op: &&model::deployment::Op| {
        op.kind == OpKind::Reassert && op.entries[0].at_ms + REASSERTS_WITHIN_MS > world.now
    };
    let ordered = after.record.events.iter().filter(|event| event.text.starts_with("writing over")).count();
    let reasserts = after.record.journal.iter().filter(recent).count();
    assert!(reasserts <= REASSERTS_MAX + ordered, "I-QUIET: {reasserts} corrections");
    // Each write that came about has one line in the story, and one cause.
    let applied = after.record.journal.iter().filter(|op| op.was_applied()).count();
    let told = after
        .record
        .events
        .iter()
        .filter(|event| event.text.starts_with("weights written") || event.text.starts_with("drift accepted"));
    assert_eq!(applied, told.count(), "I-AUDIT\n{}", world.transcript());
    if status.phase == Phase::RolledBack && before.status.phase != Phase::RolledBack {
        assert_eq!(world.weights(), world.history[0], "I-RESTORE");
    }
    let observation = world.observation();
    let first = deploy::step(after, &observation, world.now);
    assert_eq!(deploy::step(&first.next, &observation, world.now).next, first.next, "I-QUIET");
    let is_named = !first.next.status.waiting_on.is_empty() || first.next.status.phase.is_terminal();
    assert!(status.phase.is_terminal() || is_named, "I-LIVE: waits for nothing\n{}", world.transcript());
}

fn order_it(world: &mut World, command: impl Fn(&Deployment, u64) -> Result<Deployment, Refusal>) {
    if let Ok(next) = command(world.deployment(), world.now) {
        world.deployment = Some(next);
    }
}

fn apply(world: &mut World, act: &Act) {
    let bob = order("bob", "told so");
    match act {
        Act::Pass(_) => {}
        Act::Freeze(true) => world.guards.freezes = vec![serde_json::from_str(r#"{"name":"incident"}"#).unwrap()],
        Act::Freeze(false) => world.guards.freezes.clear(),
        Act::Override => order_it(world, |d, now| deploy::override_window(d, &bob, now)),
        Act::Say(who, yes) => {
            let name = ["sre-a", "sre-b", "sre-c", "dev-d"][usize::from(*who)];
            let key = Some(OrderKey { id: format!("AKIA{who}"), name: name.into() });
            let said = Order { by: format!("{name} (AKIA{who})"), key, ..Order::default() };
            let say = if *yes { deploy::approve } else { deploy::deny };
            order_it(world, |d, now| say(d, None, &said, now));
        }
        Act::Resume => order_it(world, |d, now| deploy::resume(d, &bob, now)),
        Act::Pause => order_it(world, |d, now| deploy::pause(d, &bob, now)),
        Act::Abort => {
            let before = world.deployment().clone();
            let aborted = deploy::abort(&before, &bob, world.now);
            assert_eq!(aborted.is_ok(), !before.status.phase.is_terminal(), "I-FREEZE: an abort is never barred");
            world.deployment = Some(aborted.unwrap_or(before));
        }
        Act::Drift(kind) => {
            // What others write over the way back is theirs to answer for.
            if world.deployment().status.abort.is_none() && !world.phase().is_terminal() {
                world.set_weight(RecordType::A, if *kind == 0 { "green" } else { "blue" }, 40 + kind);
            }
        }
        Act::Answer(accept) => {
            let answer = if *accept { DriftAnswer::Accept } else { DriftAnswer::Reassert };
            order_it(world, |d, now| deploy::answer_drift(d, answer, &bob, now));
        }
        Act::Health(up) => {
            world.set_health("green", if *up { HealthStatus::Healthy } else { HealthStatus::Unhealthy });
        }
        Act::Crash(kind) => {
            let crash = [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions][usize::from(*kind)];
            world.crash = Some((world.turns + 1, crash));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_turn_keeps_the_invariants_under_guards(
        acts in proptest::collection::vec(act(), 1..24), policy in 0usize..4, stable in any::<bool>()
    ) {
        let mut world = World::new();
        world.service.policy.drift =
            [DriftPolicy::Pause, DriftPolicy::Reassert, DriftPolicy::Accept, DriftPolicy::Abort][policy];
        if stable {
            world.service.policy.stable_unhealthy = model::deployment::StableUnhealthy::FastForward;
        }
        world.start(GATED);
        world.stays_down = true;
        for act in &acts {
            apply(&mut world, act);
            let ms = if let Act::Pass(ms) = act { *ms } else { 0 };
            world.pass_with(ms, look);
        }
    }
}
