//! Hooks in a release: when they are called, what their answers do, and that a crash loses none.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::BTreeSet;

use model::deployment::{HookAnswer, HookState, Period, Phase};
use world::{BLUE_GREEN, CANARY, Crash, World, order, played};

/// A hook at these points.
fn at(points: &str) -> String {
    format!(r#"{{"http":{{"url":"http://127.0.0.1/{{{{point}}}}?v={{{{version}}}}"}},"every":"1s","at":[{points}]}}"#)
}

fn with(hooks: &str) -> World {
    of(CANARY, hooks)
}

fn of(spec: &str, hooks: &str) -> World {
    let mut world = World::new();
    world.start(&spec.replacen('{', &format!(r#"{{"hooks":{{{hooks}}},"#), 1));
    world
}

/// Half, then everything.
const SHORT: &str = r#"{"to": "green", "strategy": {"canary": {"steps": [{"weight": "50%"}, {"weight": "100%"}]}},
    "settle": {"min": "1s"}}"#;

/// Every point, in a hook of its own.
fn everywhere(spec: &str) -> World {
    let points = [
        "confirm_rollout",
        "pre_prepare",
        "pre_rollout",
        "confirm_weight_increase",
        "scale",
        "post_step",
        "confirm_promotion",
        "post_promotion",
        "post_rollout",
        "rollback_check",
        "on_rollback",
    ];
    let hooks: Vec<String> =
        points.iter().map(|point| format!(r#""{point}":{}"#, at(&format!(r#""{point}""#)))).collect();
    let mut world = of(spec, &hooks.join(","));
    world.hooks.insert("rollback_check".into(), vec![HookAnswer::Fail]);
    world
}

fn told(world: &World, name: &str) -> usize {
    world.calls.iter().filter(|call| call.name == name).count()
}

#[test]
fn hooks_are_called_at_their_points_and_told_what_happens() {
    let mut world = everywhere(CANARY);
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    let order: Vec<&str> =
        world.calls.iter().map(|call| call.name.as_str()).filter(|n| *n != "rollback_check").collect();
    let shift = ["confirm_weight_increase", "scale", "post_step"];
    let last = ["confirm_weight_increase", "confirm_promotion", "scale", "post_step", "post_promotion"];
    let expected = [
        &["confirm_rollout", "pre_prepare", "pre_rollout"][..],
        &shift,
        &["post_step"],
        &["post_step"],
        &shift,
        &["post_step"],
        &last,
        &["post_rollout"],
    ];
    assert_eq!(order, expected.concat());
    // From the first traffic to the end of baking, and each time a question of its own.
    assert!(told(&world, "rollback_check") > 10);
    let ids: BTreeSet<_> = world.calls.iter().map(|call| call.id.clone()).collect();
    assert_eq!(ids.len(), world.calls.len());

    let scale: Vec<_> = world.calls.iter().filter(|call| call.name == "scale").collect();
    let body: serde_json::Value = serde_json::from_str(&scale[1].body).unwrap();
    assert_eq!((&body["shares"]["wanted"], &body["shares"]["written"]), (&"50%".into(), &"5%".into()));
    assert_eq!((&body["step"], &body["to"]["version"], &body["attempt"]), (&4.into(), &"2.1".into(), &1.into()));
    assert_eq!(body["op_id"].as_str(), Some(scale[1].id.0.as_str()));
    assert_eq!(
        (scale[1].variables["CUTOVER_SHARE"].as_str(), scale[1].variables["CUTOVER_ENV"].as_str()),
        ("50%", "green")
    );
    let model::deployment::HookTarget::Http(http) = &scale[1].target else { panic!("http") };
    assert_eq!(http.url, "http://127.0.0.1/scale?v=2.1");
}

#[test]
fn a_hook_that_says_no_does_what_its_point_says() {
    for (point, phase, told) in [
        ("pre_rollout", Phase::Cancelled, "cancelled, nothing was written: E_HOOK: hook h (pre_rollout): status 409"),
        ("scale", Phase::RolledBack, "rolling back: E_HOOK: hook h (scale, step 1): status 409"),
        ("post_step", Phase::RolledBack, "rolling back: E_HOOK: hook h (post_step, step 1): status 409"),
        ("post_promotion", Phase::RolledBack, "rolling back: E_HOOK: hook h (post_promotion, step 6): status 409"),
        ("post_rollout", Phase::Succeeded, "hook h (post_rollout) was told: status 409"),
    ] {
        let mut world = with(&format!(r#""h":{}"#, at(&format!(r#""{point}""#))));
        world.hooks.insert("h".into(), vec![HookAnswer::Fail]);
        world.pass(120_000);
        assert_eq!(world.phase(), phase, "{point}");
        assert!(world.transcript().contains(told), "{point}: {}", world.transcript());
        assert_eq!(world.weights() == world.history[0], phase != Phase::Succeeded, "{point}");
    }
}

#[test]
fn confirmations_are_asked_again_until_they_say_yes() {
    for (point, writes) in [("confirm_rollout", 1), ("confirm_weight_increase", 1), ("confirm_promotion", 3)] {
        let seldom = at(&format!(r#""{point}""#)).replace("1s", "5m");
        let mut world = with(&format!(r#""h":{seldom}"#));
        world.hooks.insert("h".into(), vec![HookAnswer::Fail]);
        // Longer than any deadline of the release: it is the hook that is waited for.
        world.pass(7_200_000);
        assert_eq!((world.phase().is_terminal(), world.history.len()), (false, writes), "{point}");
        let waiting = world.deployment().status.waiting_on[0].text.clone();
        assert!(waiting.contains("says: status 409") || waiting.contains("is being called"), "{waiting}");
        let ids: BTreeSet<_> = world.calls.iter().map(|call| call.id.clone()).collect();
        assert_eq!(ids.len(), world.calls.len(), "a new question has a new id");
        world.hooks.remove("h");
        world.pass(600_000);
        assert_eq!(world.phase(), Phase::Succeeded, "{point}");
    }
}

#[test]
fn work_that_is_not_done_yet_is_asked_for_under_the_same_id_until_its_deadline() {
    let patient = at(r#""scale""#).replacen('{', r#"{"deadline":"1m","#, 1);
    let mut world = with(&format!(r#""h":{patient}"#));
    let wait = HookAnswer::Wait(Some(Period::from_seconds(30)));
    world.hooks.insert("h".into(), vec![wait, HookAnswer::Wait(None), HookAnswer::Pass]);
    world.pass(20_000);
    assert_eq!((world.calls.len(), world.history.len()), (1, 1));
    world.pass(15_000);
    assert_eq!((world.calls.len(), world.history.len()), (3, 2));
    assert!(world.calls.iter().all(|call| call.id == world.calls[0].id));
    world.hooks.insert("h".into(), vec![HookAnswer::Wait(None)]);
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    assert!(world.transcript().contains("hook h (scale, step 4): status 202"), "{}", world.transcript());
}

#[test]
fn failures_after_steps_are_counted() {
    let counted = at(r#""post_step""#).replacen('{', r#"{"failure_limit":2,"#, 1);
    let mut world = with(&format!(r#""h":{counted}"#));
    world.hooks.insert("h".into(), vec![HookAnswer::Fail, HookAnswer::Error, HookAnswer::Pass]);
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    let mut world = with(&format!(r#""h":{counted}"#));
    world.hooks.insert("h".into(), vec![HookAnswer::Fail]);
    world.pass(120_000);
    assert_eq!((world.phase(), told(&world, "h")), (Phase::RolledBack, 3));
}

#[test]
fn checks_go_on_while_there_is_traffic_and_may_fail_so_often() {
    let checked = at(r#""during""#).replacen('{', r#"{"failure_limit":1,"#, 1);
    let mut world = with(&format!(r#""h":{checked}"#));
    world.hooks.insert("h".into(), vec![HookAnswer::Pass, HookAnswer::Error, HookAnswer::Pass]);
    world.pass(12_000);
    let ids: std::collections::BTreeSet<_> = world.calls.iter().map(|call| call.id.clone()).collect();
    assert!(ids.len() > 2 && ids.len() == world.calls.len(), "each is another question");
    world.command(|d, now| deploy::pause(d, &order("bob", ""), now));
    world.pass(2_000);
    let before = told(&world, "h");
    world.pass(60_000);
    assert_eq!(told(&world, "h"), before, "none in a pause");
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    let mut bad = world.clone();
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());

    bad.hooks.insert("h".into(), vec![HookAnswer::Fail]);
    bad.pass(30_000);
    assert_eq!(bad.phase(), Phase::RolledBack);
    assert!(bad.transcript().contains("rolling back: E_HOOK: hook h (during): status 409"), "{}", bad.transcript());

    // What comes in during a pause counts.
    let mut world = with(&format!(r#""h":{}"#, at(r#""during""#)));
    world.hooks.insert("h".into(), vec![HookAnswer::Pass, HookAnswer::Fail]);
    while world.calls.iter().filter(|call| call.name == "h").count() < 2 {
        world.pass(50);
    }
    world.command(|d, now| deploy::pause(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());

    // With traffic only.
    let mut world = with(&format!(r#""h":{checked},"start":{}"#, at(r#""pre_rollout""#)));
    world.hooks.insert("start".into(), vec![HookAnswer::Wait(None)]);
    world.pass(20_000);
    assert_eq!(told(&world, "h"), 0);
}

#[test]
fn nothing_is_looked_at_before_a_hook_has_prepared() {
    let mut world = with(&format!(r#""h":{}"#, at(r#""pre_prepare""#)));
    world.hooks.insert("h".into(), vec![HookAnswer::Wait(None)]);
    world.pass(15_000);
    assert_eq!((world.phase(), world.deployment().record.snapshot.is_none()), (Phase::Preparing, true));
    let mut bad = world.clone();
    world.hooks.insert("h".into(), vec![HookAnswer::Pass]);
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    bad.hooks.insert("h".into(), vec![HookAnswer::Fail]);
    bad.pass(60_000);
    assert_eq!((bad.phase(), bad.history.len()), (Phase::Cancelled, 1), "{}", bad.transcript());
}

#[test]
fn a_check_that_says_so_goes_back_even_in_a_pause() {
    let mut world = with(&format!(r#""check":{},"told":{}"#, at(r#""rollback_check""#), at(r#""on_rollback""#)));
    world.hooks.insert("check".into(), vec![HookAnswer::Error]);
    world.hooks.insert("told".into(), vec![HookAnswer::Error]);
    world.pass(9_000);
    assert!(told(&world, "check") > 1);
    world.command(|d, now| deploy::pause(d, &order("bob", ""), now));
    world.hooks.insert("check".into(), vec![HookAnswer::Pass]);
    world.pass(60_000);
    assert_eq!((world.phase(), told(&world, "told")), (Phase::RolledBack, 1));
    played("rollback_check", &world);
}

#[test]
fn a_failed_hook_is_called_anew_after_a_persons_word() {
    let hooks = format!(r#""h":{}"#, at(r#""scale""#));
    let mut world = World::new();
    world.start(&CANARY.replacen('{', &format!(r#"{{"on_failure":"hold","hooks":{{{hooks}}},"#), 1));
    world.hooks.insert("h".into(), vec![HookAnswer::Fail, HookAnswer::Pass]);
    world.pass(600_000);
    assert_eq!((world.phase(), world.calls.len()), (Phase::Progressing, 1));
    world.command(|d, now| deploy::resume(d, &order("bob", "mended"), now));
    world.pass(120_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    assert_ne!(world.calls[0].id, world.calls[1].id);
}

#[test]
fn steps_and_previews_may_be_hooks() {
    let mut world = World::new();
    let spec = CANARY.replace(r#"{"hold": "5s"}"#, r#"{"hook": "smoke"}"#);
    world.start(&spec.replacen('{', &format!(r#"{{"hooks":{{"smoke":{}}},"#, at("")), 1));
    world.pass(120_000);
    assert_eq!((world.phase(), told(&world, "smoke")), (Phase::Succeeded, 1));

    let checks = format!(r#""checks": [{}], "analyse""#, at("").replace(r#","at":[]"#, ""));
    let mut world = World::new();
    world.start(&BLUE_GREEN.replacen(r#""analyse""#, &checks, 1));
    world.hooks.insert("preview.checks[0]".into(), vec![HookAnswer::Fail]);
    world.pass(30_000);
    assert_eq!((world.phase(), world.history.len()), (Phase::RolledBack, 1));
}

/// I-CRASH: the same writes, and every call that was made without a crash is made with one, under the same id.
#[test]
fn a_crash_anywhere_loses_no_call_and_gives_none_another_id() {
    let play = |crash: Option<(usize, Crash)>| {
        let mut world = everywhere(SHORT);
        // As often as it is asked depends on when; its ids are looked at above.
        world.hooks.insert("rollback_check".into(), vec![HookAnswer::Wait(Some(Period::from_seconds(3_600)))]);
        world.crash = crash;
        world.pass(120_000);
        world
    };
    let ids = |world: &World| -> BTreeSet<_> { world.calls.iter().map(|c| (c.id.clone(), c.name.clone())).collect() };
    let whole = play(None);
    for turn in 1..=whole.turns {
        for crash in [Crash::BeforeStore, Crash::AfterStore, Crash::AfterActions] {
            let crashed = play(Some((turn, crash)));
            let same = (crashed.phase(), &crashed.history) == (whole.phase(), &whole.history);
            assert!(same && ids(&crashed) == ids(&whole), "{crash:?} at turn {turn}:\n{}", crashed.transcript());
        }
    }
}

#[test]
fn a_call_in_doubt_waits_for_a_person_where_the_hook_bears_no_second_one() {
    for (careful, calls) in [(true, 1), (false, 2)] {
        let hook = at(r#""scale""#).replacen('{', &format!(r#"{{"retry_in_doubt":{},"#, !careful), 1);
        // The turn after which the hook is being called, and the server is lost.
        let lost_after = |turn| {
            let mut world = with(&format!(r#""h":{hook}"#));
            (world.crash, world.stays_down) = (Some((turn, Crash::AfterActions)), true);
            world.pass(5_000);
            world
        };
        let mut world = (1..100).map(lost_after).find(|world| !world.calls.is_empty()).unwrap();
        world.now += 10_000;
        world.pass(10_000);
        assert_eq!(world.calls.len(), calls, "{}", world.transcript());
        assert_eq!(world.deployment().status.paused.is_some(), careful);
        if careful {
            assert_eq!(world.deployment().record.hooks[0].state, HookState::InDoubt);
            world.command(|d, now| deploy::resume(d, &order("bob", "it had not begun"), now));
        }
        world.pass(120_000);
        assert_eq!(world.phase(), Phase::Succeeded);
        assert_eq!(world.calls[0].id, world.calls[1].id);
        let body: serde_json::Value = serde_json::from_str(&world.calls[1].body).unwrap();
        assert_eq!(body["attempt"], 2);
    }
}

#[test]
fn a_hook_that_cannot_be_called_is_refused_with_its_place() {
    let plan = |hooks: &str| {
        let spec = CANARY.replacen('{', &format!(r#"{{"hooks":{{{hooks}}},"#), 1);
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        let world = World::new();
        deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err().to_string()
    };
    for (hook, error) in [
        (
            r#""h":{"http":{"url":"http://h/{{evn}}"}}"#,
            "hooks.h: unknown variable evn (known: deployment, service, env,",
        ),
        (r#""h":{"exec":{"program":"x","args":["{{args.region}}"]}}"#, "hooks.h: unknown variable args.region "),
        (r#""h":{"http":{"url":"h/"}}"#, "hooks.h.http.url: a hook's url must be http:// or https:// and a host: h/"),
        (r#""h h":{"http":{"url":"http://h/"}}"#, "hooks.h h: a name is 1 to 64 letters"),
        (r#""h":{"http":{"url":"http://h/","timeout":"0s"}}"#, "hooks.h.timeout: must be at least 100ms: 0s"),
    ] {
        assert!(plan(hook).starts_with(error), "{}", plan(hook));
    }
}

#[test]
fn who_is_told_of_the_way_back_cannot_hold_it_up() {
    let careful = at(r#""on_rollback""#).replacen('{', r#"{"retry_in_doubt":false,"#, 1);
    let mut world = with(&format!(r#""h":{careful}"#));
    world.pass(9_000);
    world.deployment = Some(deploy::abort(world.deployment(), &order("bob", ""), world.now).unwrap());
    (world.crash, world.stays_down) = (Some((world.turns + 1, Crash::AfterActions)), true);
    world.pass(100);
    assert_eq!(told(&world, "h"), 1, "it was being called when the server was lost");
    world.now += 10_000;
    world.pass(60_000);
    assert_eq!((world.phase(), told(&world, "h")), (Phase::RolledBack, 1), "{}", world.transcript());
    assert!(
        world
            .transcript()
            .contains("hook h (on_rollback) was being called when the server was lost; it counts as told")
    );
}

#[test]
fn a_check_is_asked_as_soon_as_a_share_is_written() {
    let mut world = with(&format!(r#""check":{}"#, at(r#""rollback_check""#)));
    world.hooks.insert("check".into(), vec![HookAnswer::Fail]);
    world.lag = 1_000_000;
    world.pass(1_000);
    assert_eq!((world.history.len(), told(&world, "check")), (1, 0), "nothing is written yet");
    world.pass(9_000);
    assert_eq!((world.deployment().status.cursor.unwrap().step, world.history.len()), (1, 2));
    assert!(told(&world, "check") > 1, "{}", world.transcript());
    world.hooks.insert("check".into(), vec![HookAnswer::Pass]);
    world.pass(2_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RollingBack, world.history[0].clone()));
}

#[test]
fn work_whose_answer_never_came_waits_for_a_person_where_it_must_not_be_done_twice() {
    let careful = at(r#""scale""#).replacen('{', r#"{"retry_in_doubt":false,"#, 1);
    let mut world = with(&format!(r#""h":{careful}"#));
    world.hooks.insert("h".into(), vec![HookAnswer::InDoubt, HookAnswer::Pass]);
    world.pass(60_000);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert_eq!(
        paused.reason.to_string(),
        "E_HOOK: hook h (scale, step 1): no answer in 15s, and nobody knows whether it did its work; resume calls it again"
    );
    assert_eq!((world.calls.len(), world.history.len()), (1, 1));
    world.command(|d, now| deploy::resume(d, &order("bob", "it had not begun"), now));
    world.pass(120_000);
    assert_eq!((world.phase(), world.calls[1].id.clone()), (Phase::Succeeded, world.calls[0].id.clone()));
}

/// The doubt comes while the release is paused for another reason, by an answer that is missing or by a lost server.
#[test]
fn a_doubt_in_another_pause_is_told_and_asked_about_before_a_second_call() {
    for crash in [false, true] {
        let careful = at(r#""scale""#).replacen('{', r#"{"retry_in_doubt":false,"#, 1);
        let mut world = with(&format!(r#""h":{careful}"#));
        let answers = if crash { vec![HookAnswer::Pass] } else { vec![HookAnswer::InDoubt, HookAnswer::Pass] };
        world.hooks.insert("h".into(), answers);
        for _ in 0..1_000 {
            if world.calls.is_empty() {
                world.pass(10);
            }
        }
        world.pass(50);
        world.command(|d, now| deploy::pause(d, &order("bob", "lunch"), now));
        if crash {
            world.crash = Some((world.turns + 1, Crash::AfterActions));
        }
        world.pass(10_000);
        assert_eq!(world.deployment().status.paused.as_ref().unwrap().by, "bob");
        // A lost call is noticed once somebody asks for it again.
        assert!(
            crash || world.transcript().contains("knows whether it did its work [engine]"),
            "{}",
            world.transcript()
        );
        world.command(|d, now| deploy::resume(d, &order("bob", "back"), now));
        world.pass(10_000);
        let paused = world.deployment().status.paused.as_ref().unwrap();
        assert!(paused.reason.text.ends_with("nobody knows whether it did its work; resume calls it again"));
        assert_eq!(world.calls.len(), 1, "not yet");
        world.command(|d, now| deploy::resume(d, &order("bob", "it did not"), now));
        world.pass(60_000);
        assert_eq!((world.calls.len() > 1, world.phase()), (true, Phase::Succeeded), "{}", world.transcript());
    }
}
