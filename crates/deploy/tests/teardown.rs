//! What becomes of the old environment after a success: kept for a way back, drained, torn down by its hook.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::Refusal;
use model::deployment::{AfterlifeState, HookAnswer, Kind, Phase};
use model::id::DeploymentId;
use world::teardown::{SPEC, released, state, torn, waits};
use world::{Crash, World, order};

#[test]
fn it_is_retained_then_drained_then_torn_down_by_its_hook() {
    let mut world = released(SPEC);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Retained, 0));
    assert_eq!(waits(&world), "blue is retained for a way back");
    assert!(deploy::undo(world.deployment(), world.now).is_ok());
    world.hooks.insert("destroy".into(), vec![HookAnswer::Wait(None), HookAnswer::Pass]);
    world.pass(60_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::TornDown, 2), "{}", world.transcript());
    let call = &world.calls[0];
    let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!((&body["point"], &body["environment"]), (&"teardown".into(), &"blue".into()));
    assert!(format!("{:?}", call.target).contains("http://127.0.0.1/blue"));
    assert_eq!(world.told.last().unwrap().text, "blue is torn down");
    let refusal = deploy::undo(world.deployment(), world.now).unwrap_err();
    assert!(refusal.to_string().contains("is torn down"), "{refusal}");
    let refusal = deploy::stop(world.deployment(), &order("bob", ""), world.now).unwrap_err();
    assert!(matches!(refusal, Refusal::Terminal { .. }), "{refusal}");
    assert_eq!(world.history.len(), 2, "nothing moves any weight");
}

#[test]
fn no_release_goes_to_what_is_being_torn_down() {
    let mut world = released(SPEC);
    world.hooks.insert("destroy".into(), vec![HookAnswer::Wait(None)]);
    let create = |world: &World| {
        let spec = r#"{"to": "blue", "strategy": {"blue_green": {}}}"#;
        let request = deploy::Request {
            id: DeploymentId::parse("D2").unwrap(),
            service: &world.service,
            spec: deploy::parse_spec(spec.as_bytes()).unwrap(),
            by: "alice".into(),
            reason: String::new(),
            others: std::slice::from_ref(world.deployment()),
            guard: deploy::CreateGuard { kind: Kind::Release, ..deploy::CreateGuard::default() },
        };
        deploy::create(request, &world.record_sets, world.now).map(|created| created.id)
    };
    assert!(create(&world).is_ok(), "retained, it may serve again");
    world.pass(60_000);
    assert_eq!(state(&world), AfterlifeState::TearingDown);
    let refused = create(&world).unwrap_err();
    assert_eq!(refused.code().as_str(), "E_BUSY");
    assert!(refused.to_string().starts_with("deployment 01JDEPLOY is tearing blue down"), "{refused}");
    let spec = deploy::parse_spec(r#"{"to": "blue", "strategy": {"blue_green": {}}}"#.as_bytes()).unwrap();
    let others = std::slice::from_ref(world.deployment());
    let planned = deploy::draft(&world.service, &spec, &world.record_sets, others).unwrap_err();
    assert_eq!((planned.code().as_str(), planned.to_string()), ("E_BUSY", refused.to_string()), "a plan says so too");
    let refusal = deploy::stop(world.deployment(), &order("bob", ""), world.now).unwrap_err();
    assert!(refusal.to_string().contains("is at work"), "{refusal}");
}

#[test]
fn a_hook_that_fails_waits_for_a_person_who_retries_or_keeps() {
    let failed = || {
        let mut world = released(SPEC);
        world.hooks.insert("destroy".into(), vec![HookAnswer::Fail, HookAnswer::Pass]);
        world.pass(90_000);
        assert_eq!((state(&world), torn(&world)), (AfterlifeState::Failed, 1));
        world
    };
    let mut world = failed();
    let text = &world.told.last().unwrap().text;
    assert!(text.contains("status 409; retry, or stop to keep it: cutover deploy retry 01JDEPLOY"), "{text}");
    world.command(|d, now| deploy::retry(d, &order("bob", "it was locked"), now));
    world.pass(10_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::TornDown, 2));
    let mut world = failed();
    world.command(|d, now| deploy::stop(d, &order("bob", "by hand"), now));
    world.pass(600_000);
    assert_eq!((state(&world), torn(&world), world.phase()), (AfterlifeState::Kept, 1, Phase::Succeeded));
}

#[test]
fn it_survives_a_crash_anywhere_and_every_call_bears_one_id() {
    let play = |crash: Option<(usize, Crash)>| {
        let mut world = World::new();
        world.start(SPEC);
        world.crash = crash;
        world.hooks.insert("destroy".into(), vec![HookAnswer::Wait(None), HookAnswer::Pass]);
        world.pass(120_000);
        world
    };
    let whole = play(None);
    assert_eq!(state(&whole), AfterlifeState::TornDown);
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(Some((turn, crash)));
            assert_eq!(state(&crashed), AfterlifeState::TornDown, "{crash:?} at {turn}:\n{}", crashed.transcript());
            assert_eq!(crashed.history, whole.history);
            let ids: std::collections::BTreeSet<_> = crashed.calls.iter().map(|call| &call.id).collect();
            assert_eq!(ids.len(), 1, "{ids:?}");
        }
    }
}

#[test]
fn a_hook_that_may_not_be_called_twice_waits_for_a_person_after_a_crash() {
    let spec = SPEC.replace(r#""every": "5s""#, r#""every": "5s", "retry_in_doubt": false"#);
    let mut world = released(&spec);
    world.hooks.insert("destroy".into(), vec![HookAnswer::Wait(None)]);
    for _ in 0..1_000 {
        if torn(&world) == 0 {
            world.pass(100);
        }
    }
    // In the middle of the call, which takes 200 ms.
    world.pass(50);
    world.crash = Some((world.turns + 1, Crash::AfterActions));
    world.settle();
    assert_eq!(state(&world), AfterlifeState::Failed, "{}", world.transcript());
}

#[test]
fn a_hook_in_doubt_that_may_not_be_called_twice_waits_for_a_person_too_and_the_service_stays_free() {
    let spec = SPEC.replace(r#""every": "5s""#, r#""every": "5s", "retry_in_doubt": false"#);
    let mut world = released(&spec);
    world.hooks.insert("destroy".into(), vec![HookAnswer::InDoubt, HookAnswer::Pass]);
    world.pass(90_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::Failed, 1), "{}", world.transcript());
    assert_eq!(world.deployment().status.paused, None, "what has ended cannot be resumed");
    assert_eq!(world.told.last().unwrap().event.name(), "teardown_failed");
    world.command(|d, now| deploy::retry(d, &order("bob", "it had not"), now));
    world.pass(10_000);
    assert_eq!((state(&world), torn(&world)), (AfterlifeState::TornDown, 2));
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let world = World::new();
    let field = |spec: &str| {
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err().field().map(str::to_owned)
    };
    assert_eq!(
        field(&SPEC.replace(r#"{"hook": "destroy"}"#, r#"{"hook": "destory"}"#)).as_deref(),
        Some("teardown.hook")
    );
    let reading =
        r#"{"hook": "destroy", "drain": {"connections": {"provider": {"http": {"url": "http://m/", "pointer": ""}}}}}"#;
    assert_eq!(field(&SPEC.replace(r#"{"hook": "destroy"}"#, reading)).as_deref(), Some("teardown.drain.connections"));
    let spec = deploy::parse_spec(SPEC.as_bytes()).unwrap();
    let plan = deploy::plan(&world.service, &spec, &world.record_sets).unwrap().to_string();
    assert!(plan.contains("1m after the success, once drained, blue is torn down by hook destroy"), "{plan}");
}
