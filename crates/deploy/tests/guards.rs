//! Played games with guards: what others write, gates, windows and freezes, the line in front of a service, and what
//! people override.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::{CreateGuard, Order, OrderKey, Promote, Refusal, Request};
use model::RecordType;
use model::deployment::{
    Code, Deployment, DriftAnswer, DriftPolicy, Freeze, OnBusy, OpKind, Phase, Queue, StableUnhealthy, WaitingOn,
    Writer,
};
use model::health_status::HealthStatus;
use model::id::DeploymentId;
use model::metric::Measurement;
use world::{CANARY, World, environment, order};

/// The canary of a service with this policy, as JSON.
fn with_policy(policy: &str) -> World {
    let mut world = World::new();
    world.service.policy = serde_json::from_str(policy).unwrap();
    world.start(CANARY);
    world
}

fn with_spec(fields: &str) -> World {
    let mut world = World::new();
    world.start(&CANARY.replacen('{', &format!("{{{fields},"), 1));
    world
}

/// Somebody else writes a weight.
fn meddle(world: &mut World, id: &str, weight: u8) {
    world.set_weight(RecordType::A, id, weight);
    let (at_ms, revision) = (world.now, world.revision);
    let writer = Writer { by: "mallory".into(), at_ms, revision, change: Some("C7Z".into()) };
    world.guards.writer = Some(writer);
}

fn waits_on(world: &World, on: WaitingOn) -> Option<String> {
    let waiting = world.deployment().status.waiting_on.iter().find(|waiting| waiting.on == on);
    waiting.map(|waiting| waiting.text.clone())
}

fn as_key(name: &str) -> Order {
    let key = OrderKey { id: format!("AKIA-{name}"), name: name.to_owned() };
    Order { by: format!("{name} (AKIA-{name})"), key: Some(key), ..Order::default() }
}

fn refusal(world: &World, command: impl FnOnce(&Deployment, u64) -> Result<Deployment, Refusal>) -> (Code, String) {
    let refusal = command(world.deployment(), world.now).unwrap_err();
    (refusal.code(), refusal.to_string())
}

#[test]
fn drift_is_told_with_who_and_when_and_pauses() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    meddle(&mut world, "blue", 100);
    world.pass(1_000);
    let status = &world.deployment().status;
    assert_eq!(
        status.paused.as_ref().unwrap().reason.to_string(),
        "E_DRIFT: weight of shop.example.com. A \"blue\" changed 95→100 at 1970-01-01T00:16:49Z by mallory (change C7Z); \
         all weights should be A blue=95 green=5, AAAA blue=95 green=5"
    );
    let report = status.guarded.drift.clone().unwrap();
    let weight = report.weight.unwrap();
    assert_eq!((weight.expected, weight.found, report.writer.unwrap().by.as_str()), (95, 100, "mallory"));
}

#[test]
fn drift_is_written_over_three_times_and_then_asked_about() {
    let mut world = with_policy(r#"{"drift":"reassert"}"#);
    world.pass(6_000);
    for weight in [100, 101, 102] {
        meddle(&mut world, "blue", weight);
        world.pass(500);
        assert_eq!((world.weights()[0].weight, world.deployment().status.drift.clone()), (95, None));
    }
    meddle(&mut world, "blue", 103);
    world.pass(500);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert_eq!((world.weights()[0].weight, paused.reason.code), (103, Code::Drift));
    assert!(paused.reason.text.contains("after 3 answers"), "{}", paused.reason.text);
    world.command(|d, now| deploy::answer_drift(d, DriftAnswer::Reassert, &order("bob", "mallory agreed"), now));
    assert_eq!(world.weights()[0].weight, 95);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn drift_in_the_middle_of_a_shift_is_written_over_and_the_shift_settles_anew() {
    let mut world = with_policy(r#"{"drift":"reassert"}"#);
    world.pass(3_000);
    assert_eq!(world.deployment().status.cursor.unwrap().step, 1);
    meddle(&mut world, "green", 77);
    world.pass(1_000);
    assert_eq!(world.weights()[1].weight, 5);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn drift_that_is_accepted_is_where_the_release_goes_on_from() {
    let mut world = with_policy(r#"{"drift":"accept"}"#);
    world.pass(9_000);
    meddle(&mut world, "green", 20);
    world.pass(1_000);
    assert_eq!((world.weights()[1].weight, &world.deployment().status.paused), (20, &None));
    assert_eq!(world.deployment().record.journal.last().unwrap().kind, OpKind::Accept);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    // The way back is the snapshot all the same.
    let mut world = with_policy("{}");
    world.pass(9_000);
    meddle(&mut world, "green", 20);
    world.pass(1_000);
    world.command(|d, now| deploy::answer_drift(d, DriftAnswer::Accept, &order("bob", ""), now));
    assert_eq!(world.deployment().status.paused, None);
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}

#[test]
fn weights_that_are_all_zero_are_never_accepted() {
    let mut world = with_policy(r#"{"drift":"accept"}"#);
    world.pass(9_000);
    world.set_weight(RecordType::A, "blue", 0);
    meddle(&mut world, "green", 0);
    world.pass(1_000);
    assert_eq!(world.deployment().status.paused.as_ref().unwrap().reason.code, Code::Drift);
}

#[test]
fn drift_may_end_a_release() {
    let mut world = with_policy(r#"{"drift":"abort"}"#);
    world.pass(9_000);
    meddle(&mut world, "green", 20);
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    assert!(world.transcript().contains("rolling back: E_DRIFT: weight of"), "{}", world.transcript());
}

#[test]
fn there_is_nothing_to_decide_without_a_drift() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    let (code, text) = refusal(&world, |d, now| deploy::answer_drift(d, DriftAnswer::Accept, &order("bob", ""), now));
    assert_eq!(code, Code::InvalidTransition);
    assert_eq!(text, "cannot accept the drift in Progressing: nobody has changed what is its own");
}

#[test]
fn what_others_changed_beside_the_weights_stays_on_the_way_back_and_is_told() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    let model::Body::Records { values, .. } = &mut world.record_sets[0].1.body else { unreachable!() };
    *values = vec!["203.0.113.99".into()];
    world.revision += 1;
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    let model::Body::Records { values, .. } = &world.record_sets[0].1.body else { unreachable!() };
    assert_eq!(values, &["203.0.113.99"]);
    let kept = "kept what others changed meanwhile: values of shop.example.com. A \"blue\"";
    assert!(world.transcript().contains(kept), "{}", world.transcript());
}

#[test]
fn a_failure_may_stop_a_release_where_it_is() {
    let mut world = with_spec(r#""on_failure": "stop""#);
    world.pass(9_000);
    let there = world.weights();
    world.metrics.insert("errors/5xx".into(), Measurement::Value(1.0));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::Stopped, there));
    assert_eq!(world.deployment().status.guarded.stopped.as_ref().unwrap().code, Code::Analysis);
}

#[test]
fn whatever_fails_may_stop_a_release_where_it_is() {
    // The watchers look at any time: at health, at metrics in the background, and at stages that take too long.
    let background = r#""on_failure": "stop", "background": {"templates": ["errors"]}"#;
    let deadline = r#""deadlines": {"progress": "20s", "on_deadline": "stop"}"#;
    for (extra, code) in
        [(r#""on_failure": "stop""#, Code::TargetUnhealthy), (background, Code::Analysis), (deadline, Code::Deadline)]
    {
        let mut world = with_spec(extra);
        world.pass(9_000);
        let there = world.weights();
        match code {
            Code::TargetUnhealthy => world.set_health("green", HealthStatus::Unhealthy),
            Code::Analysis => _ = world.metrics.insert("errors/5xx".into(), Measurement::Value(1.0)),
            _ => world.lag = 10_000,
        }
        world.pass(600_000);
        let stopped = world.deployment().status.guarded.stopped.clone();
        assert_eq!(
            (world.phase(), stopped.map(|reason| reason.code)),
            (Phase::Stopped, Some(code)),
            "{}",
            world.transcript()
        );
        if code != Code::Deadline {
            assert_eq!(world.weights(), there);
        }
    }
}

const GATED: &str = r#"{"to": "green", "settle": {"min": "1s"},
    "gates": {"review": {"manual": {"approvers": ["sre-*"], "count": 2, "deny_self": true, "timeout": "1h", "on_timeout": "hold"}}},
    "strategy": {"canary": {"steps": [{"weight": "5%"}, {"gate": "review"}, {"weight": "50%"}, {"gate": {"auto_after": "30s"}},
        {"weight": "100%"}]}}}"#;

fn at_the_review() -> World {
    let mut world = World::new();
    world.start(GATED);
    world.pass(10_000);
    assert!(waits_on(&world, WaitingOn::Gate).unwrap().starts_with("gate review: 0 of 2 approvals of sre-*;"));
    world
}

#[test]
fn a_gate_opens_when_enough_of_its_approvers_agree() {
    let mut world = at_the_review();
    let (code, text) = refusal(&world, |d, now| deploy::approve(d, Some("review"), &as_key("dev-eve"), now));
    assert_eq!(code, Code::Forbidden);
    assert!(text.starts_with("dev-eve (AKIA-dev-eve) may not open gate review; it takes 2 of sre-*"), "{text}");
    let own = Order { by: "alice".into(), ..as_key("sre-alice") };
    let (code, text) = refusal(&world, |d, now| deploy::approve(d, Some("review"), &own, now));
    assert_eq!((code, text.as_str()), (Code::GateDenied, "approver of gate review must not be the creator: alice"));
    let (code, _) = refusal(&world, |d, now| deploy::approve(d, Some("other"), &as_key("sre-bob"), now));
    assert_eq!(code, Code::Stale);
    let (code, _) = refusal(&world, |d, now| deploy::resume(d, &as_key("sre-bob"), now));
    assert_eq!(code, Code::InvalidTransition);
    for how in [Promote::Step, Promote::Full] {
        let (code, _) = refusal(&world, |d, now| deploy::promote(d, how, &as_key("dev-eve"), now));
        assert_eq!(code, Code::Forbidden, "nobody promotes past a gate who may not open it");
    }
    // One voice each, however often.
    for _ in 0..3 {
        world.command(|d, now| deploy::approve(d, None, &as_key("sre-bob"), now));
    }
    assert!(waits_on(&world, WaitingOn::Gate).unwrap().contains("1 of 2"));
    world.command(|d, now| deploy::approve(d, None, &as_key("sre-carol"), now));
    world.pass(4_000);
    assert_eq!(world.weights()[1].weight, 50);
    // The next opens by itself.
    assert!(waits_on(&world, WaitingOn::Gate).unwrap().contains("opens by itself after 30s"));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn a_gate_that_is_denied_takes_the_release_back() {
    let mut world = at_the_review();
    let no = Order { reason: "error budget is used up".into(), ..as_key("sre-bob") };
    world.command(|d, now| deploy::deny(d, None, &no, now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    let reason = world.deployment().status.abort.as_ref().unwrap().reason.to_string();
    assert_eq!(reason, "E_GATE_DENIED: gate review was denied by sre-bob: error budget is used up");
}

#[test]
fn a_gate_that_nobody_opens_does_what_it_says() {
    let mut world = at_the_review();
    world.pass(3_600_000);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert_eq!(paused.reason.to_string(), "E_DEADLINE: nobody opened gate review in time");
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    assert!(waits_on(&world, WaitingOn::Gate).is_some() && world.deployment().status.paused.is_none());
    for (on_timeout, phase) in [("abort", Phase::RolledBack), ("continue", Phase::Succeeded)] {
        let mut world = World::new();
        world.start(&GATED.replace(r#""hold""#, &format!("\"{on_timeout}\"")));
        world.pass(4_000_000);
        assert_eq!(world.phase(), phase, "{}", world.transcript());
    }
}

#[test]
fn a_service_may_ask_people_before_anything_begins() {
    let mut world = with_policy(r#"{"approvals": {"approvers": ["bob"], "deny_self": true, "timeout": "1h"}}"#);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Pending);
    world.command(|d, now| deploy::approve(d, Some("start"), &as_key("bob"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    let mut world = with_policy(r#"{"approvals": {"approvers": ["bob"], "timeout": "1h"}}"#);
    world.pass(3_700_000);
    assert_eq!((world.phase(), world.history.len()), (Phase::Cancelled, 1));
    let mut world = with_policy(r#"{"approvals": {"approvers": ["bob"]}}"#);
    world.pass(1_000);
    world.command(|d, now| deploy::deny(d, None, &as_key("bob"), now));
    assert_eq!(world.phase(), Phase::Cancelled);
}

fn freeze(when: &str) -> Freeze {
    serde_json::from_str(&format!(r#"{{"name":"year-end","when":[{when}]}}"#)).unwrap()
}

#[test]
fn a_freeze_lets_a_step_finish_and_then_holds_the_next_shift() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    world.guards.freezes = vec![freeze("")];
    world.pass(3_600_000);
    assert_eq!((world.phase(), world.deployment().status.cursor.unwrap().step), (Phase::Progressing, 4));
    assert_eq!(world.weights()[1].weight, 5);
    let text = waits_on(&world, WaitingOn::Window).unwrap();
    assert_eq!(text, "frozen by \"year-end\"; rollback stays possible");
    world.guards.freezes.clear();
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "time behind a freeze is nobody's delay\n{}", world.transcript());
}

#[test]
fn a_freeze_bars_no_pause_no_abort_and_no_way_back() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    world.guards.freezes = vec![freeze("")];
    world.command(|d, now| deploy::pause(d, &order("bob", ""), now));
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}

#[test]
fn a_freeze_is_overridden_for_a_reason() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    world.guards.freezes = vec![freeze("")];
    world.pass(60_000);
    let (code, text) = refusal(&world, |d, now| deploy::override_window(d, &order("bob", ""), now));
    assert_eq!((code, text.as_str()), (Code::Spec, "override-window is kept with its reason; give one"));
    world.command(|d, now| deploy::override_window(d, &order("bob", "CVE-2026-1"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded);
    assert!(world.transcript().contains("windows and freezes overridden: CVE-2026-1 [bob]"));
}

#[test]
fn a_window_ends_by_itself() {
    // The games begin on Thursday 1 January 1970 at 00:16:40 UTC.
    let mut world = World::new();
    world.service.policy = serde_json::from_str(r#"{"windows":[{"deny":"Thu 00:17-00:19 UTC"}]}"#).unwrap();
    world.start(CANARY);
    world.pass(60_000);
    assert_eq!(world.weights()[1].weight, 50);
    assert_eq!(
        waits_on(&world, WaitingOn::Window).unwrap(),
        "frozen by the window Thu 00:17-00:19 UTC until 1970-01-01T00:19+00:00; rollback stays possible"
    );
    world.pass(180_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn windows_go_by_the_calendar_and_waits_by_the_time_that_has_passed() {
    let mut world = World::new();
    world.service.policy = serde_json::from_str(r#"{"windows":[{"deny":"Fri 00:00-Fri 01:00 UTC"}]}"#).unwrap();
    // Friday, half past midnight, whatever the engine's own clock says.
    world.guards.calendar_ms = Some(86_400_000 + 1_800_000);
    world.start(CANARY);
    world.pass(60_000);
    assert!(waits_on(&world, WaitingOn::Window).unwrap().contains("until 1970-01-02T01:00"));
    let wake = world.deployment().status.waiting_on.iter().find_map(|waiting| waiting.until_ms).unwrap();
    assert!(wake.abs_diff(world.now + 1_800_000) < 60_000, "half an hour from now by the engine's clock: {wake}");
    world.guards.calendar_ms = Some(86_400_000 + 3_600_000);
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

fn create(world: &World, others: &[Deployment], guard: CreateGuard<'_>) -> Result<Deployment, deploy::CreateError> {
    let request = Request {
        id: DeploymentId::parse("01JLATER").unwrap(),
        service: &world.service,
        spec: deploy::parse_spec(CANARY.as_bytes()).unwrap(),
        by: "carol".into(),
        reason: String::new(),
        others,
        guard,
    };
    deploy::create(request, &world.record_sets, world.now)
}

#[test]
fn nothing_is_created_in_a_freeze_unless_it_waits_or_overrides() {
    let world = World::new();
    let freezes = [freeze(r#""1970-01-01T00:00/1970-01-04T07:00 Europe/Prague""#)];
    let guard = || CreateGuard { freezes: &freezes, ..CreateGuard::default() };
    let refused = create(&world, &[], guard()).unwrap_err();
    assert_eq!(refused.code(), Code::Window);
    let text = "frozen by \"year-end\" until 1970-01-04T07:00+01:00; rollback stays possible";
    assert_eq!(refused.to_string(), text);
    assert!(create(&world, &[], CreateGuard { waits_for_window: true, ..guard() }).is_ok());
    let overridden = |reason: &str| CreateGuard { override_window: Some(reason.into()), ..guard() };
    assert_eq!(create(&world, &[], overridden("")).unwrap_err().code(), Code::Spec);
    let made = create(&world, &[], overridden("CVE-2026-1")).unwrap();
    assert_eq!(made.status.guarded.window_override.unwrap().by, "carol");
}

#[test]
fn a_busy_service_refuses_or_lets_wait() {
    let mut world = World::new();
    world.start(CANARY);
    world.pass(9_000);
    let running = [world.deployment().clone()];
    let refused = create(&world, &running, CreateGuard::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "service shop already has deployment 01JDEPLOY in Progressing (step 2/6); abort it, wait, or set on_busy"
    );
    world.service.policy.on_busy = OnBusy::Queue(Queue { max: 1, ..Queue::default() });
    let waiting = create(&world, &running, CreateGuard::default()).unwrap();
    assert_eq!(waiting.status.guarded.queued.as_ref().unwrap().behind.as_str(), "01JDEPLOY");
    let full = create(&world, &[running[0].clone(), waiting.clone()], CreateGuard::default()).unwrap_err();
    assert_eq!(full.code(), Code::Busy);

    // It waits while the other is open, then plans anew from what it finds.
    let mut next = world.clone();
    next.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    next.pass(60_000);
    next.take(waiting);
    next.guards.ahead = vec![running[0].id.clone()];
    next.pass(3_600_000);
    assert_eq!(waits_on(&next, WaitingOn::Lock).unwrap(), "waits for deployment 01JDEPLOY to end");
    next.guards.ahead.clear();
    next.pass(60_000);
    assert_eq!(next.phase(), Phase::Succeeded, "{}", next.transcript());
}

#[test]
fn who_waits_too_long_or_finds_nothing_to_do_is_cancelled() {
    let mut world = World::new();
    world.service.policy.on_busy = OnBusy::Queue(Queue::default());
    world.start(CANARY);
    world.pass(9_000);
    let waiting = create(&world, &[world.deployment().clone()], CreateGuard::default()).unwrap();
    let mut late = world.clone();
    late.take(waiting.clone());
    late.guards.ahead = vec![world.deployment().id.clone()];
    late.pass(90_000_000);
    assert_eq!(
        (late.phase(), late.deployment().status.abort.as_ref().unwrap().reason.code),
        (Phase::Cancelled, Code::Busy)
    );
    // The one in front succeeded: what this one wanted is there.
    world.pass(60_000);
    assert_eq!((world.phase(), &world.service.active), (Phase::Succeeded, &Some(environment("green"))));
    world.guards.declared = Some(world.service.clone());
    world.take(waiting);
    world.pass(1_000);
    let reason = world.deployment().status.abort.as_ref().unwrap().reason.to_string();
    assert_eq!((world.phase(), reason.as_str()), (Phase::Cancelled, "E_SPEC: to: is active already: green"));
}

#[test]
fn a_plan_in_line_may_start_from_where_the_one_in_front_ends() {
    let mut world = World::new();
    world.service.policy.on_busy = OnBusy::Queue(Queue::default());
    world.start(CANARY);
    world.pass(9_000);
    let back =
        deploy::parse_spec(br#"{"to":"blue","version":"3.0","strategy":{"blue_green":{}},"settle":{"min":"1s"}}"#)
            .unwrap();
    let plan = deploy::draft(&world.service, &back, &world.record_sets, &[world.deployment().clone()]).unwrap();
    assert_eq!(
        (plan.from.as_ref().unwrap().to_string(), plan.to.to_string()),
        ("green (2.1)".into(), "blue (3.0)".into())
    );
}

#[test]
fn an_environment_is_given_no_more_than_it_can_carry() {
    let mut world = World::new();
    world.service.environments.get_mut(&environment("green")).unwrap().capacity = Some("60%".parse_share());
    let plan = |headroom: &str| {
        let spec = CANARY.replacen('{', &format!("{{{headroom}"), 1);
        deploy::plan(&world.service, &deploy::parse_spec(spec.as_bytes()).unwrap(), &world.record_sets).unwrap_err()
    };
    let error = plan("");
    assert_eq!((error.code(), error.field()), (Code::Capacity, Some("strategy.canary.steps[5].weight")));
    assert_eq!(error.to_string(), "green with capacity 60% cannot take 100%; raise its capacity or stop before");
    let error = plan(r#""headroom": "80%","#);
    assert_eq!(
        error.to_string(),
        "green with capacity 60% and headroom 80% cannot take 50%; raise its capacity or stop before"
    );
}

trait ParseShare {
    fn parse_share(&self) -> model::deployment::Share;
}

impl ParseShare for str {
    fn parse_share(&self) -> model::deployment::Share {
        serde_json::from_value(self.into()).unwrap()
    }
}

#[test]
fn a_broken_origin_bars_no_cure() {
    let broken = |policy: StableUnhealthy| {
        let mut world = World::new();
        world.service.policy.stable_unhealthy = policy;
        world.set_health("blue", HealthStatus::Unhealthy);
        world.start(CANARY);
        world.pass(9_000);
        world
    };
    let kept = broken(StableUnhealthy::Keep);
    assert_eq!(kept.deployment().status.cursor.unwrap().step, 2);
    let offer = "blue: 0 of 1 health checks healthy (unhealthy: blue); `promote --full` would skip the steps";
    assert!(kept.transcript().contains(offer), "{}", kept.transcript());
    let mut hurried = broken(StableUnhealthy::FastForward);
    assert_eq!(hurried.deployment().status.cursor.unwrap().step, 4, "{}", hurried.transcript());
    hurried.pass(30_000);
    assert_eq!(hurried.phase(), Phase::Succeeded);
}

#[test]
fn a_forced_promotion_asks_neither_health_nor_others() {
    let mut world = with_policy("{}");
    world.pass(9_000);
    world.health.remove(&world::check("green"));
    meddle(&mut world, "blue", 100);
    world.pass(1_000);
    let (code, _) = refusal(&world, |d, now| deploy::promote(d, Promote::Forced, &order("bob", ""), now));
    assert_eq!(code, Code::Spec, "without a reason nothing is forced");
    world.command(|d, now| deploy::promote(d, Promote::Forced, &order("bob", "the check is broken"), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert_eq!(world.deployment().status.guarded.forced.as_ref().unwrap().by, "bob");
}

#[test]
fn an_environment_that_says_nothing_after_baking_is_asked_about() {
    let mut world = with_policy("{}");
    world.pass(30_000);
    assert_eq!(world.phase(), Phase::Baking);
    world.health.remove(&world::check("green"));
    world.pass(3_600_000);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert_eq!((world.phase(), paused.reason.code), (Phase::Baking, Code::Deadline));
}

#[test]
fn policies_default_to_what_they_were() {
    let world = World::new();
    assert!(world.service.policy.is_empty());
    assert_eq!((world.service.policy.drift, &world.service.policy.on_busy), (DriftPolicy::Pause, &OnBusy::Reject));
}

#[test]
fn what_a_forced_promotion_passes_over_counts_again_after_the_last_shift() {
    let mut world = World::new();
    world.start(CANARY);
    world.pass(9_000);
    world.command(|d, now| deploy::promote(d, Promote::Forced, &order("alice", "now"), now));
    while world.phase() != Phase::Baking {
        world.pass(1_000);
    }
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(1_000);
    assert_eq!(world.deployment().status.abort.as_ref().map(|abort| abort.reason.code), Some(Code::TargetUnhealthy));
}

#[test]
fn a_late_health_after_ttls_were_lowered_puts_them_back() {
    let mut world = World::new();
    world.set_ttl(3_600);
    world.start(&CANARY.replacen('{', r#"{"stage_ttl": "5s", "deadlines": {"prepare": "30m"},"#, 1));
    world.pass(60_000);
    let lowered = world.record_sets.clone();
    world.set_health("green", HealthStatus::Unhealthy);
    world.pass(8 * 3_600_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    assert_ne!(world.record_sets, lowered, "the TTLs are as they were found");
}

#[test]
fn drift_is_accepted_a_few_times_and_then_asked_about() {
    let mut world = with_policy(r#"{"drift":"accept"}"#);
    world.pass(6_000);
    for weight in [20, 21, 22] {
        meddle(&mut world, "green", weight);
        world.pass(500);
        assert_eq!((world.weights()[1].weight, &world.deployment().status.paused), (weight, &None));
    }
    meddle(&mut world, "green", 23);
    world.pass(500);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert_eq!(paused.reason.code, Code::Drift);
    // Seldom, but on and on.
    let mut world = World::new();
    world.service.policy = serde_json::from_str(r#"{"drift":"accept"}"#).unwrap();
    world.start(&CANARY.replace(r#"{"hold": "10s"}"#, r#"{"hold": "30h"}"#));
    world.pass(10_000);
    for nth in 0..50 {
        meddle(&mut world, "green", 20 + nth % 2);
        world.pass(600_000);
        assert_eq!(world.deployment().status.paused, None, "{nth}");
    }
    meddle(&mut world, "green", 30);
    world.pass(500);
    let paused = world.deployment().status.paused.clone().unwrap();
    assert!(paused.reason.text.starts_with("others write on after 50 answers"), "{}", paused.reason.text);
}

#[test]
fn who_agreed_to_another_plan_is_asked_again() {
    let approvals = r#"{"approvals":{"approvers":["bob"]}}"#;
    let mut world = World::new();
    world.service.policy = serde_json::from_str(approvals).unwrap();
    world.service.policy.on_busy = OnBusy::Queue(Queue::default());
    world.start(CANARY);
    world.command(|d, now| deploy::approve(d, Some("start"), &as_key("bob"), now));
    world.pass(9_000);
    let first = world.deployment().clone();
    let waiting = create(&world, std::slice::from_ref(&first), CreateGuard::default()).unwrap();
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::RolledBack);
    world.take(waiting);
    world.guards.ahead = vec![first.id];
    world.pass(1_000);
    world.command(|d, now| deploy::approve(d, Some("start"), &as_key("bob"), now));

    let mut same = world.clone();
    same.guards.ahead.clear();
    same.pass(60_000);
    assert_eq!(same.phase(), Phase::Succeeded, "{}", same.transcript());

    let mut other = world.clone();
    other.set_ttl(7);
    other.guards.ahead.clear();
    other.pass(60_000);
    assert_eq!(other.phase(), Phase::Pending, "{}", other.transcript());
    assert!(other.transcript().contains("it must be approved anew"));
    other.command(|d, now| deploy::approve(d, Some("start"), &as_key("bob"), now));
    other.pass(120_000);
    assert_eq!(other.phase(), Phase::Succeeded, "{}", other.transcript());

    let mut stricter = world;
    let mut declared = stricter.service.clone();
    declared.policy.approvals = serde_json::from_str(r#"{"approvers":["bob"],"count":1,"deny_self":true}"#).unwrap();
    stricter.guards.declared = Some(declared);
    stricter.guards.ahead.clear();
    stricter.pass(60_000);
    assert_eq!(stricter.phase(), Phase::Pending, "{}", stricter.transcript());
}
