//! Every code of a deployment is produced once, with its message. The list of codes is read from where they are written,
//! so a new one without a row here fails.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::BTreeSet;

use deploy::{CreateGuard, Expect, Order, OrderKey, Request};
use model::deployment::{Freeze, HookAnswer};
use model::health_status::HealthStatus;
use model::id::{DeploymentId, SetIdentifier};
use model::metric::Measurement;
use model::{RecordType, Routing};
use world::{CANARY, World, environment, order};

/// Those that only the store can produce, with the test that does.
const OF_CONTROL: [(&str, &str, &str); 2] = [
    ("E_BUSY", include_str!("../../control/src/services/tests.rs"), "\"E_BUSY\""),
    ("E_OBJECT_LOCKED", include_str!("../../control/src/services/tests.rs"), "\"E_OBJECT_LOCKED\""),
];
/// Known, and not produced by anything yet.
const RESERVED: [&str; 1] = ["E_FENCED"];

/// What a person is told first.
type Row = (&'static str, fn() -> String, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("E_SPEC", || plan(&World::new(), r#"{"weight":"25%"},{"weight":"20%"},{"weight":"100%"}"#, ""),
        "strategy.canary.steps[1].weight: 20% is lower than the previous 25%"),
    ("E_GRANULARITY", || plan(&World::new(), r#"{"weight":"0.1%"},{"weight":"100%"}"#, ""), "0.1% cannot be expressed with DNS weights"),
    ("E_FOREIGN_MEMBER", foreign, "record set shop.example.com. A \"legacy\" (weight 20) shares this name and is not part of the service"),
    ("E_POLICY_MISMATCH", mismatch, "shop.example.com. A uses simple routing"),
    ("E_HEALTH_COUPLING", coupling, "blue has health checks while green has none"),
    ("E_FORECAST", forecast, "rollback_within 2m cannot be met"),
    ("E_PRECONDITION", precondition, "but the service records blue as active"),
    ("E_CAPACITY", capacity, "green with capacity 60% cannot take 100%"),
    ("E_WINDOW", window, "frozen by \"year-end\" until 1970-01-04T07:00+01:00; rollback stays possible"),
    ("E_TERMINAL", terminal, "deployment 01JDEPLOY is Succeeded; nothing was changed"),
    ("E_STALE", || refusal(|d, now| deploy::promote(d, deploy::Promote::Step, &expecting(7), now)), "expected step 7, found"),
    ("E_INVALID_TRANSITION", || refusal(|d, now| deploy::resume(d, &order("bob", ""), now)), "cannot resume"),
    ("E_FORBIDDEN", || at_the_gate("dev-eve"), "may not open gate review; it takes 1 of sre-*"),
    ("E_GATE_DENIED", || at_the_gate("sre-alice"), "approver of gate review must not be the creator: alice"),
    ("E_TARGET_UNHEALTHY", || story(unhealthy), "green"),
    ("E_DRIFT", || story(drift), "weight of shop.example.com. A \"blue\" changed"),
    ("E_ANALYSIS", || story(|world| measured(world, Measurement::Value(0.5))), "metric errors/5xx"),
    ("E_INCONCLUSIVE", inconclusive, "metric errors/5xx"),
    ("E_NO_DATA", || story(|world| measured(world, Measurement::NoData)), "metric errors/5xx"),
    ("E_PROVIDER", || story(|world| measured(world, Measurement::Error("connect timeout".into()))), "5 errors in a row: connect timeout"),
    ("E_HOOK", hook, "hook check"),
    ("E_DEADLINE", || story(|world| world.lag = 1_000), "10m"),
    ("E_ROLLBACK_BLOCKED", || story(blocked), "blue"),
    ("E_OPERATOR", || story(|world| world.command(|d, now| deploy::abort(d, &order("bob", "rain"), now))), "rain"),
];

#[test]
fn every_code_is_produced_with_its_message() {
    for (code, produce, message) in ROWS {
        let told = produce();
        let line = told.lines().find(|line| line.contains(&format!("{code}: ")));
        let line = line.unwrap_or_else(|| panic!("{code} is not produced: {told}"));
        assert!(line.contains(message), "{code}: {line}\nshould say\n{message}");
    }
}

#[test]
fn every_code_has_a_row() {
    let written = include_str!("../../model/src/deployment/reason.rs");
    let written: BTreeSet<&str> =
        written.split("rename = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let of_control = OF_CONTROL.iter().map(|(code, test, word)| {
        assert!(test.contains(word), "{code} is not tested where it should be");
        *code
    });
    let rows: BTreeSet<&str> = ROWS.iter().map(|(code, _, _)| *code).chain(of_control).chain(RESERVED).collect();
    assert!(written.len() > 20);
    assert_eq!(rows, written);
}

/// The refusal of a plan.
fn plan(world: &World, steps: &str, more: &str) -> String {
    let spec = format!(r#"{{"to":"green","strategy":{{"canary":{{"steps":[{steps}]}}}}{more}}}"#);
    let error = deploy::plan(&world.service, &deploy::parse_spec(spec.as_bytes()).unwrap(), &world.record_sets);
    let error = error.unwrap_err();
    format!("{}: {error}", error.code())
}

fn all_at_once(world: &World, more: &str) -> String {
    plan(world, r#"{"weight":"100%"}"#, more)
}

fn foreign() -> String {
    let mut world = World::new();
    let mut other = world.record_sets[0].clone();
    let set_identifier = SetIdentifier::parse("legacy").unwrap();
    other.1.routing = Routing::Weighted { set_identifier, weight: 20 };
    world.record_sets.push(other);
    all_at_once(&world, "")
}

fn mismatch() -> String {
    let mut world = World::new();
    world.record_sets.remove(1);
    world.record_sets[0].1.routing = Routing::Simple;
    all_at_once(&world, "")
}

fn coupling() -> String {
    let mut world = World::new();
    for (_, set) in &mut world.record_sets {
        if set.set_identifier().is_some_and(|id| id.as_str() == "green") {
            set.health_check = None;
        }
    }
    all_at_once(&world, "")
}

fn forecast() -> String {
    let mut world = World::new();
    world.set_ttl(300);
    all_at_once(&world, r#","require":{"rollback_within":"2m"}"#)
}

fn precondition() -> String {
    let mut world = World::new();
    for record_type in [RecordType::A, RecordType::AAAA] {
        world.set_weight(record_type, "green", 255);
    }
    all_at_once(&world, "")
}

fn capacity() -> String {
    let mut world = World::new();
    let capacity = serde_json::from_str(r#""60%""#).unwrap();
    world.service.environments.get_mut(&environment("green")).unwrap().capacity = Some(capacity);
    all_at_once(&world, "")
}

fn window() -> String {
    let world = World::new();
    let freezes: [Freeze; 1] =
        [serde_json::from_str(r#"{"name":"year-end","when":["1970-01-01T00:00/1970-01-04T07:00 Europe/Prague"]}"#)
            .unwrap()];
    let request = Request {
        id: DeploymentId::parse("01JDEPLOY").unwrap(),
        service: &world.service,
        spec: deploy::parse_spec(CANARY.as_bytes()).unwrap(),
        by: "alice".into(),
        reason: String::new(),
        others: &[],
        guard: CreateGuard { freezes: &freezes, ..CreateGuard::default() },
    };
    let error = deploy::create(request, &world.record_sets, world.now).unwrap_err();
    format!("{}: {error}", error.code())
}

fn canary() -> World {
    let mut world = World::new();
    world.start(CANARY);
    world
}

/// The refusal of an order in the middle of a release.
fn refusal(
    command: impl FnOnce(&model::deployment::Deployment, u64) -> Result<model::deployment::Deployment, deploy::Refusal>,
) -> String {
    let mut world = canary();
    world.pass(9_000);
    let refusal = command(world.deployment(), world.now).unwrap_err();
    format!("{}: {refusal}", refusal.code())
}

fn expecting(step: usize) -> Order {
    Order { expect: Expect { step: Some(step), ..Expect::default() }, ..order("bob", "") }
}

fn terminal() -> String {
    let mut world = canary();
    world.pass(120_000);
    let refusal = deploy::abort(world.deployment(), &order("bob", ""), world.now).unwrap_err();
    format!("{}: {refusal}", refusal.code())
}

/// What the holder of a key is told at a gate that two may open, `alice` being who created the release.
fn at_the_gate(name: &str) -> String {
    let mut world = World::new();
    world.start(
        r#"{"to":"green","settle":{"min":"1s"},"gates":{"review":{"manual":{"approvers":["sre-*"],"count":1,"deny_self":true}}},
        "strategy":{"canary":{"steps":[{"weight":"5%"},{"gate":"review"},{"weight":"100%"}]}}}"#,
    );
    world.pass(10_000);
    let key = OrderKey { id: format!("AKIA-{name}"), name: name.to_owned() };
    let by = if name == "sre-alice" { "alice".to_owned() } else { format!("{name} (AKIA-{name})") };
    let order = Order { by, key: Some(key), ..Order::default() };
    let refusal = deploy::approve(world.deployment(), Some("review"), &order, world.now).unwrap_err();
    format!("{}: {refusal}", refusal.code())
}

/// What a release tells after something has happened to it: its story, and why it paused or went back.
fn story(happens: fn(&mut World)) -> String {
    told(canary(), happens)
}

fn told(mut world: World, happens: fn(&mut World)) -> String {
    world.pass(9_000);
    happens(&mut world);
    world.pass(1_300_000);
    let status = &world.deployment().status;
    let why = status.abort.iter().map(|abort| abort.reason.to_string());
    let why = why.chain(status.paused.iter().map(|paused| paused.reason.to_string()));
    world.transcript() + &why.collect::<Vec<_>>().join("\n")
}

fn measured(world: &mut World, what: Measurement) {
    world.metrics.insert("errors/5xx".into(), what);
}

fn unhealthy(world: &mut World) {
    world.set_health("green", HealthStatus::Unhealthy);
}

fn drift(world: &mut World) {
    world.set_weight(RecordType::A, "blue", 100);
}

fn blocked(world: &mut World) {
    world.set_health("blue", HealthStatus::Unhealthy);
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
}

fn inconclusive() -> String {
    let mut world = World::new();
    world.start(
        r#"{"to":"green","settle":{"min":"1s"},"strategy":{"canary":{"steps":[{"weight":"5%"},{"hold":"10s"},{"analyse":["errors"]},
        {"weight":"100%"}]}},"analysis":{"errors":{"metrics":[{"name":"5xx","interval":"1s","count":3,
        "provider":{"http":{"url":"http://m/","pointer":""}},"condition":{"pass":"value < 0.1","fail":"value > 0.9"}}]}}}"#,
    );
    told(world, |world| measured(world, Measurement::Value(0.5)))
}

fn hook() -> String {
    let mut world = World::new();
    world.start(&CANARY.replacen(
        '{',
        r#"{"hooks":{"check":{"http":{"url":"http://127.0.0.1/"},"at":["rollback_check"],"every":"1s"}},"#,
        1,
    ));
    told(world, |world| {
        world.hooks.insert("check".into(), vec![HookAnswer::Pass]);
    })
}
