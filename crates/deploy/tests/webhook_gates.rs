//! Gates that another program opens: it is asked until it says yes or no, or until the gate's time is over.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::Promote;
use model::deployment::{Code, HookAnswer, Period, Phase};
use world::{Crash, World, order};

const SPEC: &str = r#"{"to": "green", "strategy": {"canary": {"steps": [
    {"weight": "50%"}, {"gate": "change"}, {"weight": "100%"}]}},
    "gates": {"change": {"webhook": {"url": "https://change/{{service}}", "secret": "ci", "every": "5s"}}},
    "settle": {"min": "1s"}}"#;

/// A release whose gate is answered so.
fn game(more: &str, answers: &[HookAnswer]) -> World {
    let mut world = World::new();
    world.hooks.insert("change".into(), answers.to_vec());
    world.start(&SPEC.replace(r#""every": "5s""#, &format!(r#""every": "5s"{more}"#)));
    world
}

fn asked(world: &World) -> usize {
    world.calls.iter().filter(|call| call.name == "change").count()
}

#[test]
fn it_waits_as_long_as_it_is_told_and_opens_at_a_yes() {
    let twenty = HookAnswer::Wait(Some(Period::from_seconds(20)));
    let mut world = game("", &[twenty, HookAnswer::Error, HookAnswer::Wait(None), HookAnswer::Pass]);
    world.pass(15_000);
    assert_eq!((asked(&world), world.phase()), (1, Phase::Progressing));
    let waiting = &world.deployment().status.waiting_on[0].text;
    assert_eq!(waiting, "hook change (gate) says: status 202");
    world.pass(60_000);
    assert_eq!((asked(&world), world.phase()), (4, Phase::Succeeded), "{}", world.transcript());
    let ids: std::collections::BTreeSet<_> = world.calls.iter().map(|call| &call.id).collect();
    assert_eq!(ids.len(), 1, "one question");
    let body: serde_json::Value = serde_json::from_str(&world.calls[0].body).unwrap();
    assert_eq!((&body["hook"], &body["point"], &body["step"]), (&"change".into(), &"gate".into(), &2.into()));
}

#[test]
fn a_no_shuts_it_and_a_resume_asks_anew() {
    let mut world = game("", &[HookAnswer::Fail]);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    let reason = &world.deployment().status.abort.as_ref().unwrap().reason;
    assert_eq!(reason.code, Code::GateDenied);
    assert_eq!(reason.text, "gate change was shut: hook change (gate): status 409");

    let mut world = World::new();
    world.hooks.insert("change".into(), vec![HookAnswer::Fail, HookAnswer::Pass]);
    world.start(&SPEC.replacen('{', r#"{"on_failure": "hold", "#, 1));
    world.pass(60_000);
    assert_eq!(world.deployment().status.paused.as_ref().unwrap().reason.code, Code::GateDenied);
    world.command(|d, now| deploy::resume(d, &order("bob", "it was a typo"), now));
    world.pass(60_000);
    assert_eq!((asked(&world), world.phase()), (2, Phase::Succeeded));
}

#[test]
fn when_its_time_is_over_the_release_goes_back_or_on_or_waits_for_a_person() {
    let end = |on_timeout: &str| {
        let mut world =
            game(&format!(r#", "timeout": "12s", "on_timeout": "{on_timeout}""#), &[HookAnswer::Wait(None)]);
        world.pass(90_000);
        world
    };
    assert_eq!(end("abort").phase(), Phase::RolledBack);
    assert_eq!(end("continue").phase(), Phase::Succeeded);
    let mut held = end("hold");
    assert_eq!(held.deployment().status.paused.as_ref().unwrap().reason.code, Code::Deadline);
    let before = asked(&held);
    held.hooks.insert("change".into(), vec![HookAnswer::Pass]);
    held.pass(60_000);
    assert_eq!(asked(&held), before, "nobody is asked in the pause that the end of its time made");
    held.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    held.pass(60_000);
    assert_eq!(held.phase(), Phase::Succeeded);
}

#[test]
fn people_cannot_open_it_but_may_go_past_it() {
    let mut world = game("", &[HookAnswer::Wait(None)]);
    world.pass(10_000);
    let refusal = deploy::approve(world.deployment(), None, &order("bob", ""), world.now).unwrap_err();
    assert!(refusal.to_string().contains("its gate is opened by a program"), "{refusal}");
    for how in [Promote::Step, Promote::Full] {
        let refusal = deploy::promote(world.deployment(), how, &order("bob", ""), world.now).unwrap_err();
        assert!(matches!(refusal, deploy::Refusal::NoReason { .. }), "{refusal}");
    }
    world.command(|d, now| deploy::promote(d, Promote::Step, &order("bob", "CHG-7 was said on the phone"), now));
    let told = world.told.iter().find(|notice| notice.event.name() == "overridden").unwrap();
    assert_eq!(told.text, "the gate of a program overridden by bob: CHG-7 was said on the phone");
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    assert!(world.told.iter().all(|notice| notice.event.name() != "waiting"), "nobody must act");
}

#[test]
fn it_survives_a_crash_anywhere() {
    let play = |crash: Option<(usize, Crash)>| {
        let mut world = game("", &[HookAnswer::Wait(None), HookAnswer::Pass]);
        world.crash = crash;
        world.pass(90_000);
        world
    };
    let whole = play(None);
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(Some((turn, crash)));
            let end = |world: &World| (world.phase(), world.history.clone());
            assert_eq!(end(&crashed), end(&whole), "{crash:?} at turn {turn}:\n{}", crashed.transcript());
        }
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_place_and_without_a_server() {
    for (from, to, field) in [
        ("https://change/{{service}}", "ftp://change", "strategy.canary.steps[1].gate.webhook.url"),
        ("{{service}}", "{{servise}}", "strategy.canary.steps[1].gate.webhook"),
        (r#""every": "5s""#, r#""every": "5ms""#, "strategy.canary.steps[1].gate.webhook.every"),
    ] {
        let spec = deploy::parse_spec(SPEC.replace(from, to).as_bytes()).unwrap();
        let error = deploy::lint(&spec).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
    }
    assert!(deploy::parse_spec(SPEC.replace("webhook", "webhok").as_bytes()).is_err());
}
