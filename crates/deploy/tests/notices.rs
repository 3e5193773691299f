//! What people are told of played games: everything once, in order, with what they need to act on it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::notice::{notices, reminder, slack, webhook};
use deploy::{Promote, SpecError};
use model::RecordType;
use model::deployment::{Deployment, DriftPolicy, Notice, Phase};
use model::health_status::HealthStatus;
use model::metric::Measurement;
use serde_json::Value;
use world::{CANARY, World, order};

fn lines(world: &World) -> Vec<String> {
    world.told.iter().map(|notice| format!("{}: {}", notice.event, notice.text)).collect()
}

fn told(world: &World, event: &str) -> Vec<String> {
    lines(world).into_iter().filter(|line| line.starts_with(&format!("{event}: "))).collect()
}

fn play(spec: &str, ms: u64) -> World {
    let mut world = World::new();
    world.start(spec);
    world.pass(ms);
    world
}

#[test]
fn a_good_release_is_told_from_its_creation_to_its_end() {
    let world = play(CANARY, 60_000);
    let hash = &world.deployment().plan.hash;
    assert_eq!(
        lines(&world),
        [
            format!("created: created: canary from blue (1.9) to green (2.1), plan {hash}"),
            "step: step 1/6: weights A blue=95 green=5, AAAA blue=95 green=5".to_owned(),
            "step: step 2/6: hold 10s".to_owned(),
            "step: step 3/6: analyse errors".to_owned(),
            "step: step 4/6: weights A blue=50 green=50, AAAA blue=50 green=50".to_owned(),
            "step: step 5/6: hold 5s".to_owned(),
            "step: step 6/6: weights A blue=0 green=200, AAAA blue=0 green=200".to_owned(),
            "succeeded: succeeded: green (2.1) serves".to_owned(),
        ]
    );
    assert!(world.told.windows(2).all(|pair| pair[0].number <= pair[1].number && pair[0].at_ms <= pair[1].at_ms));
}

#[test]
fn a_failing_metric_is_told_with_its_numbers_before_the_way_back_and_its_end() {
    let mut world = play(CANARY, 14_000);
    world.metrics.insert("errors/5xx".into(), Measurement::Value(0.5));
    world.pass(60_000);
    let last: Vec<String> = lines(&world).into_iter().rev().take(3).rev().collect();
    assert!(last[0].starts_with("analysis_failed: analysis failed: E_ANALYSIS: metric errors/5xx is 0.5"), "{last:?}");
    assert!(
        last[1].starts_with("rolling_back: rolling back by engine: E_ANALYSIS: metric errors/5xx is 0.5"),
        "{last:?}"
    );
    assert!(last[2].starts_with("rolled_back: rolled back to blue (1.9): A blue=200 green=0"), "{last:?}");
}

#[test]
fn who_must_act_is_told_the_command() {
    let gate = r#"{"gate": {"manual": {"approvers": ["sre-*"], "count": 2}}}"#;
    let hold = r#"{"hold": {}}"#;
    let spec = CANARY.replace(r#"{"hold": "10s"}"#, &format!("{gate}, {hold}"));
    let mut world = play(&spec, 20_000);
    assert_eq!(told(&world, "waiting").len(), 1);
    let approve = |world: &mut World, name: &str| {
        let key = Some(deploy::OrderKey { id: format!("AKIA-{name}"), name: name.to_owned() });
        let order = deploy::Order { by: name.into(), key, ..deploy::Order::default() };
        world.command(|d, now| deploy::approve(d, None, &order, now));
    };
    approve(&mut world, "sre-ann");
    assert_eq!(told(&world, "waiting").len(), 1, "one of two approvals is no news");
    approve(&mut world, "sre-bob");
    world.pass(1_000);
    let waiting = told(&world, "waiting");
    assert!(waiting[0].contains("0 of 2 approvals of sre-*; cutover deploy approve 01JDEPLOY"), "{waiting:?}");
    assert!(waiting[1].contains("cutover deploy resume 01JDEPLOY"), "{waiting:?}");
    world.command(|d, now| deploy::pause(d, &order("carl", "lunch"), now));
    world.command(|d, now| deploy::resume(d, &order("carl", ""), now));
    assert_eq!(
        told(&world, "paused"),
        ["paused: paused by carl: E_OPERATOR: lunch; resume, promote or abort 01JDEPLOY"]
    );
    assert_eq!(told(&world, "waiting").len(), 3, "after a pause it waits anew");
    world.command(|d, now| deploy::promote(d, Promote::Forced, &order("dora", "board meeting"), now));
    assert_eq!(told(&world, "overridden"), ["overridden: health and drift overridden by dora: board meeting"]);
    // Skipped steps have not begun.
    assert!(!told(&world, "step").iter().any(|line| line.contains("analyse")), "{:?}", told(&world, "step"));
}

#[test]
fn the_gate_before_a_release_is_told_too() {
    let mut world = World::new();
    world.service.policy = serde_json::from_str(r#"{"approvals": {"approvers": ["sre-*"]}}"#).unwrap();
    world.start(CANARY);
    world.pass(5_000);
    assert!(told(&world, "waiting")[0].contains("cutover deploy approve 01JDEPLOY start"), "{:?}", lines(&world));
}

#[test]
fn drift_is_told_whatever_the_policy_does_about_it() {
    for policy in [DriftPolicy::Pause, DriftPolicy::Reassert, DriftPolicy::Accept, DriftPolicy::Abort] {
        let mut world = World::new();
        world.service.policy.drift = policy;
        world.start(CANARY);
        world.pass(9_000);
        world.set_weight(RecordType::A, "blue", 90);
        world.set_weight(RecordType::AAAA, "blue", 90);
        world.pass(1_000);
        let drift = told(&world, "drift");
        assert_eq!(drift.len(), 1, "{policy:?}: {:?}", lines(&world));
        assert!(drift[0].contains("95→90"), "{drift:?}");
    }
}

#[test]
fn a_blocked_rollback_is_told_again_until_somebody_acts() {
    let mut world = play(CANARY, 9_000);
    world.set_health("blue", HealthStatus::Unhealthy);
    world.command(|d, now| deploy::abort(d, &order("bob", "no"), now));
    world.pass(1_000);
    assert_eq!(world.phase(), Phase::RollbackBlocked);
    let last = world.told.last().unwrap().clone();
    assert!(last.text.contains("cutover deploy force-restore 01JDEPLOY"), "{}", last.text);
    let again = reminder(&last, world.deployment(), world.now + 900_000).unwrap();
    let third = reminder(&again, world.deployment(), world.now + 1_800_000).unwrap();
    assert_eq!(again.key, format!("{}/again/1", last.key));
    assert_eq!(third.key, format!("{}/again/2", last.key));
    world.pass(1_000);
    world.command(|d, now| deploy::retry(d, &order("bob", ""), now));
    world.pass(1_000);
    // Blocked once more: that is told anew, and the old reminder ends.
    assert_eq!((world.phase(), told(&world, "rollback_blocked").len()), (Phase::RollbackBlocked, 2));
    assert_eq!(told(&world, "rolling_back").len(), 1);
    assert_eq!(reminder(&last, world.deployment(), world.now), None);
    world.command(|d, now| deploy::detach(d, &order("bob", "by hand"), now));
    assert_eq!(reminder(world.told.last().unwrap(), world.deployment(), world.now), None);
    assert_eq!(told(&world, "ended"), ["ended: detached, weights stay as they are: by hand"]);
}

#[test]
fn what_never_moved_does_not_go_back() {
    let mut world = World::new();
    world.set_health("green", HealthStatus::Unhealthy);
    world.start(&CANARY.replacen('{', r#"{"deadlines": {"prepare": "5s"}, "#, 1));
    world.pass(10_000);
    assert_eq!(told(&world, "rolling_back"), Vec::<String>::new());
    assert!(told(&world, "ended")[0].contains("cancelled, nothing was written"), "{:?}", lines(&world));
}

fn notice(text: &str) -> Notice {
    let mut world = play(CANARY, 9_000);
    world.command(|d, now| deploy::pause(d, &order("eve", text), now));
    world.told.last().unwrap().clone()
}

#[test]
fn no_text_speaks_to_slack_or_to_a_terminal() {
    let notice = notice("<!channel> a&b\u{1b}[2J\nx|y");
    let body = slack(&notice, Some("https://x/?d=1&e=|2"));
    let json: Value = serde_json::from_str(&body).unwrap();
    let section = json["blocks"][0]["text"]["text"].as_str().unwrap();
    assert!(section.contains("&lt;!channel&gt; a&amp;b [2J x|y"), "{section}");
    assert!(json["text"].as_str().unwrap().contains("&lt;!channel&gt;"), "{body}");
    let context = json["blocks"][1]["elements"][0]["text"].as_str().unwrap();
    assert!(context.starts_with("<https://x/?d=1&amp;e=%7C2|01JDEPLOY>, Progressing, A blue=95"), "{context}");
    assert!(!body.contains("\\u001b"), "{body}");
}

#[test]
fn a_webhook_gets_facts_and_the_sentence() {
    let notice = notice("lunch");
    let json: Value = serde_json::from_str(&webhook(&notice, None)).unwrap();
    assert_eq!(json["key"], notice.key.as_str());
    assert_eq!((&json["event"], &json["phase"], &json["step"]), (&"paused".into(), &"Progressing".into(), &2.into()));
    assert_eq!((&json["from"]["environment"], &json["to"]["version"]), (&"blue".into(), &"2.1".into()));
    assert_eq!(json["weights"].as_array().unwrap().len(), 4);
    assert_eq!(json["at"], "1970-01-01T00:16:49Z");
    assert_eq!(json["url"], Value::Null);
}

#[test]
fn equal_changes_tell_nothing() {
    let world = play(CANARY, 9_000);
    let same: &Deployment = world.deployment();
    assert_eq!(notices(Some(same), same, world.now), []);
}

#[test]
fn a_policy_names_each_receiver_once_and_events_that_there_are() {
    let check = |notify: &str, field: &str, part: &str| {
        let json = format!(
            r#"{{"name":"shop","active":"blue","environments":{{"blue":{{"version":"1","set_identifiers":["b"]}}}},
            "traffic":[{{"dns":{{"zone":"Z1","name":"shop.example.com","types":["A"]}}}}],"policy":{{"notify":{notify}}}}}"#
        );
        let SpecError { field: at, problem } = deploy::parse_service(json.as_bytes()).unwrap_err();
        assert_eq!(at, field, "{problem}");
        assert!(problem.contains(part), "{problem}");
    };
    check(r#"[{"to":"ops"},{"to":"ops"}]"#, "policy.notify[1].to", "named twice");
    check(r#"[{"to":"http://x"}]"#, "policy.notify[0].to", "[notifications.to.NAME]");
    check(r#"[{"to":"ops","events":["paused","pausd"]}]"#, "policy.notify[0].events[1]", "did you mean `paused`");
}
