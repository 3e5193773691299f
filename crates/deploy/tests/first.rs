//! The first release of a service, which nobody serves yet.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::Refusal;
use model::deployment::{Phase, Side};
use model::health_status::HealthStatus;
use world::{BLUE_GREEN, CANARY, FIRST, World, environment, order};

fn weights(world: &World) -> Vec<u8> {
    world.weights().iter().map(|m| m.weight).collect()
}

#[test]
fn it_gives_all_traffic_at_once_when_the_environment_is_healthy_and_then_somebody_serves() {
    let mut world = World::unserved();
    world.set_health("green", HealthStatus::Unhealthy);
    world.start(FIRST);
    assert!(world.transcript().starts_with("shop: blue-green from nobody to green (2.0)\n"), "{}", world.transcript());
    world.pass(20_000);
    assert_eq!((world.phase(), weights(&world)), (Phase::Preparing, vec![0; 4]));
    world.set_health("green", HealthStatus::Healthy);
    world.pass(60_000);
    assert_eq!((world.phase(), weights(&world)), (Phase::Succeeded, vec![0, 255, 0, 255]));
    assert_eq!(world.service.active, Some(environment("green")));
    assert_eq!(world.history.len(), 2, "one write");
    let refusal = deploy::undo(world.deployment(), world.now).unwrap_err();
    assert!(matches!(refusal, Refusal::InvalidTransition { .. }), "{refusal}");
    assert!(refusal.to_string().contains("nobody served before"), "{refusal}");
    // What follows is a release like others.
    world.service.environments.get_mut(&environment("green")).unwrap().version = "2.0".into();
    world.start(&BLUE_GREEN.replace("\"green\"", "\"blue\""));
    let from = Side { environment: environment("green"), version: "2.0".into() };
    assert_eq!(world.deployment().plan.from, Some(from));
}

#[test]
fn it_goes_back_to_the_weights_as_found_and_to_nobody() {
    let mut world = World::unserved();
    world.start(FIRST);
    world.pass(6_000);
    assert_eq!(weights(&world), [0, 255, 0, 255]);
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(60_000);
    assert_eq!((world.phase(), weights(&world)), (Phase::RolledBack, vec![0; 4]));
    assert_eq!(world.service.active, None);
}

#[test]
fn an_abort_after_the_pointer_has_moved_takes_it_back() {
    let spec = FIRST.replace(
        "\"initial\"",
        r#""hooks": {"end": {"at": ["post_rollout"], "every": "1s",
        "http": {"url": "http://127.0.0.1/end"}}}, "initial""#,
    );
    let mut world = World::unserved();
    world.start(&spec);
    // The hook is being told of it for a while.
    while world.service.active.is_none() && !world.phase().is_terminal() {
        world.pass(50);
    }
    assert_eq!((world.phase(), &world.service.active), (Phase::Finalizing, &Some(environment("green"))));
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    world.pass(60_000);
    assert_eq!((world.phase(), weights(&world), &world.service.active), (Phase::RolledBack, vec![0; 4], &None));
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let fault = |world: &World, spec: &str| {
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        let error = deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err();
        format!("{} {}", error.code().as_str(), error)
    };
    let unserved = World::unserved();
    let first = |from: &str, to: &str| FIRST.replacen(from, to, 1);
    for (spec, part) in [
        (BLUE_GREEN.to_owned(), "E_SPEC initial: nobody serves yet; say initial: direct"),
        (CANARY.replacen('{', r#"{"initial": "direct", "#, 1), "E_SPEC strategy: a first release has no steps"),
        (
            first(r#""preview""#, r#""switch": {"steps": {"weights": ["50%", "100%"], "every": "1s"}}, "preview""#),
            "E_SPEC strategy: a first release has no steps",
        ),
        (
            first(
                r#""initial""#,
                r#""analysis": {"t": {"metrics": [{"name": "m", "arm": "baseline", "condition": "value < 1",
                "interval": "1s", "count": 1, "provider": {"http": {"url": "http://m/", "pointer": ""}}}]}}, "initial""#,
            ),
            "E_SPEC analysis.t.metrics.m: a first release has nothing to be compared with; set baseline_env",
        ),
    ] {
        let fault = fault(&unserved, &spec);
        assert!(fault.starts_with(part), "{fault}");
    }
    let error = deploy::parse_spec(first("direct", "steps").as_bytes()).unwrap_err();
    assert_eq!(error.field, "initial", "{error}");
    assert!(fault(&World::new(), FIRST).contains("initial: is for a service that nobody serves yet"));
    // All weight on one environment is serving, whoever declared what.
    let mut served = World::new();
    served.service.active = None;
    let told = fault(&served, FIRST);
    assert!(told.contains("E_PRECONDITION live weights are A blue=200 green=0"), "{told}");
    assert!(told.ends_with("blue serves already; name it as active in the service"), "{told}");
}

#[test]
fn a_plain_record_serves_already() {
    let service = r#"{"name":"shop","environments":{"blue":{"version":"1","set_identifiers":["b"]}},
        "traffic":[{"dns":{"zone":"Z1","name":"shop.example.com","types":["A"],"adopt":true}}]}"#;
    let error = deploy::parse_service(service.as_bytes()).unwrap_err();
    assert_eq!(error.field, "active", "{error}");
}
