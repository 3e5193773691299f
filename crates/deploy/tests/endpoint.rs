//! Record sets that are somebody else's: throttled, lost, late and stale writes, others' edits, an endpoint that is gone.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::RecordType;
use model::deployment::{Phase, WeightsLine};
use proptest::prelude::*;
use world::endpoint::Fault;
use world::{CANARY, World, order, played};

/// A hundred seconds are enough for all of it.
const ALL: u64 = 120_000;

fn begun(faults: &[Fault]) -> World {
    let mut world = World::elsewhere();
    // The plan is made of what was looked at.
    world.start(CANARY);
    world.elsewhere.as_mut().unwrap().faults = faults.iter().copied().collect();
    world
}

fn abort(world: &mut World) {
    world.command(|deployment, now| deploy::abort(deployment, &order("bob", "no"), now));
}

fn requests(world: &World, of: &str) -> Vec<u64> {
    let all = world.elsewhere.as_ref().unwrap().requests.iter();
    all.filter(|(_, what)| *what == of).map(|(at, _)| *at - world::START_MS).collect()
}

fn lines(world: &World) -> Vec<String> {
    world.history.iter().map(|weights| WeightsLine(weights).to_string()).collect()
}

#[test]
fn a_good_canary_elsewhere() {
    let mut world = begun(&[]);
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::Succeeded);
    // Three shifts, each one write, and a look before and after each.
    assert_eq!(requests(&world, "write").len(), 3);
    assert!(requests(&world, "look").len() >= 6);
    played("good_canary_elsewhere", &world);
}

#[test]
fn a_failing_metric_elsewhere() {
    let mut world = begun(&[]);
    world.metrics.insert("errors/5xx".into(), model::metric::Measurement::Value(0.5));
    let before = world.record_sets.clone();
    world.pass(ALL);
    assert_eq!((world.phase(), &world.record_sets), (Phase::RolledBack, &before), "{}", world.transcript());
    played("failing_metric_elsewhere", &world);
}

#[test]
fn no_answer_is_found_out_by_looking_and_changes_no_weight_twice() {
    let mut whole = begun(&[]);
    whole.pass(ALL);
    for faults in [[Fault::Lost, Fault::Unheard], [Fault::Unheard, Fault::Lost], [Fault::Unheard, Fault::Unheard]] {
        let mut world = begun(&faults);
        world.pass(ALL);
        assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
        assert_eq!(world.history, whole.history, "{faults:?}");
        assert!(world.transcript().contains("whether the write was taken is not known: no answer in 10s; looking"));
    }
}

#[test]
fn throttling_is_waited_out_and_told() {
    let mut world = begun(&[Fault::Throttled(4_000), Fault::Throttled(9_000)]);
    world.pass(4_000);
    let waiting = &world.deployment().status.waiting_on;
    assert!(waiting.iter().any(|waiting| waiting.text.contains("Throttling: Rate exceeded")), "{waiting:?}");
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    let (writes, all) = (requests(&world, "write"), &world.elsewhere.as_ref().unwrap().requests);
    assert!(writes[1] - writes[0] >= 4_000 && writes[2] - writes[1] >= 9_000, "{writes:?}");
    let rests = |at: &u64| (writes[0] + 101..writes[0] + 4_100).contains(at);
    assert!(!all.iter().any(|(at, _)| rests(&(at - world::START_MS))), "nothing is asked meanwhile: {all:?}");
}

#[test]
fn an_abort_while_throttled_moves_nothing_forward() {
    let mut world = begun(&[Fault::Throttled(8_000)]);
    world.pass(4_000);
    abort(&mut world);
    world.pass(ALL);
    let unmoved = WeightsLine(&world.history[0]).to_string();
    assert_eq!((world.phase(), lines(&world)), (Phase::RolledBack, vec![unmoved]), "{}", world.transcript());
}

#[test]
fn an_abort_while_a_write_is_under_way_waits_for_its_end_and_takes_it_back() {
    for faults in [&[][..], &[Fault::Unheard], &[Fault::Lost]] {
        let mut world = begun(faults);
        while world.elsewhere.as_ref().unwrap().told.writing.is_none() {
            world.pass(10);
        }
        abort(&mut world);
        assert!(world.elsewhere.as_ref().unwrap().told.writing.is_some(), "it is not thrown away");
        world.pass(ALL);
        assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
        assert_eq!(lines(&world).last(), lines(&world).first(), "{faults:?}");
    }
}

#[test]
fn a_write_that_arrives_after_all_is_taken_back() {
    for late_ms in [150, 1_000, 2_000, 4_000, 20_000, 55_000] {
        let mut world = begun(&[Fault::Late(late_ms)]);
        while requests(&world, "write").is_empty() {
            world.pass(10);
        }
        abort(&mut world);
        world.pass(ALL);
        assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
        assert_eq!(world.weights(), world.history[0], "{late_ms} ms\n{}", world.transcript());
    }
}

#[test]
fn a_lost_race_is_drift_and_nothing_is_written_over() {
    let mut world = begun(&[]);
    // Between the look and the write.
    while world.elsewhere.as_ref().unwrap().told.writing.is_none() {
        world.pass(10);
    }
    world.set_weight(RecordType::A, "green", 7);
    world.pass(20_000);
    let paused = world.deployment().status.paused.clone().expect("it is paused");
    assert!(paused.reason.to_string().starts_with("E_DRIFT: weight of shop.example.com. A \"green\" changed 0→7"));
    assert_eq!(lines(&world).len(), 1, "nothing was written");
    assert!(world.transcript().contains("somebody else wrote first: InvalidChangeBatch; looking again"));
    // The other one takes it back, and it goes on.
    world.set_weight(RecordType::A, "green", 0);
    world.pass(31_000);
    world.command(|deployment, now| deploy::resume(deployment, &order("bob", "was me"), now));
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn a_batch_that_is_refused_for_good_is_told_as_that_and_left_alone() {
    let mut world = begun(&[Fault::Invalid; 20]);
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let text = "rolling back: E_PROVIDER: the endpoint refuses the batch: InvalidChangeBatch: no health check found";
    assert!(world.transcript().contains(text), "{}", world.transcript());
    let writes = requests(&world, "write");
    let rests: Vec<u64> = writes.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(rests.len() == 4 && rests[1..].iter().zip([1_000, 2_000, 4_000]).all(|(rest, least)| *rest >= least));
    assert_eq!(lines(&world).len(), 1, "nothing was written, and nothing more was tried: {rests:?}");
}

#[test]
fn a_way_back_that_is_refused_for_good_asks_a_person() {
    let mut world = begun(&[]);
    world.pass(9_000);
    assert_eq!(lines(&world).len(), 2, "it has moved");
    world.elsewhere.as_mut().unwrap().faults = [Fault::Invalid; 5].into();
    abort(&mut world);
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::RollbackBlocked, "{}", world.transcript());
    assert!(world.transcript().contains("rollback blocked: E_PROVIDER: the endpoint refuses the batch: InvalidChange"));
    world.command(|deployment, now| deploy::retry(deployment, &order("bob", "the check is there again"), now));
    world.pass(ALL);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
}

#[test]
fn a_batch_that_is_refused_for_good_pauses_where_people_want_to_decide() {
    let mut world = World::elsewhere();
    world.start(&CANARY.replace(r#""bake": "5s""#, r#""bake": "5s", "on_failure": "hold""#));
    world.elsewhere.as_mut().unwrap().faults = [Fault::Invalid; 5].into();
    world.pass(ALL);
    let paused = world.deployment().status.paused.clone().expect("it is paused");
    assert!(paused.reason.to_string().starts_with("E_PROVIDER: the endpoint refuses the batch"), "{paused:?}");
    world.command(|deployment, now| deploy::resume(deployment, &order("bob", "mended"), now));
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn a_refusal_is_told_once_and_is_the_cause_of_the_deadline() {
    let mut world = begun(&[Fault::Forbidden; 1_000]);
    world.pass(11 * 60_000);
    let story = world.transcript();
    assert_eq!(story.matches("the write was refused: AccessDenied: no").count(), 1, "{story}");
    assert!(story.contains("stayed in shift for 10m: AccessDenied: no"), "{story}");
    // The same of the way back.
    let mut world = begun(&[]);
    world.pass(9_000);
    world.elsewhere.as_mut().unwrap().faults = [Fault::Forbidden; 1_000].into();
    abort(&mut world);
    world.pass(16 * 60_000);
    let story = world.transcript();
    assert!(
        story.contains("rollback blocked: E_DEADLINE: not restored everywhere within 15m: AccessDenied: no"),
        "{story}"
    );
}

fn stop(world: &mut World) {
    world.command(|deployment, now| deploy::stop(deployment, &order("bob", "enough"), now));
}

#[test]
fn a_stop_while_a_write_is_under_way_ends_with_the_weights_that_came_of_it() {
    for (faults, is_moved) in
        [(&[][..], true), (&[Fault::Unheard], true), (&[Fault::Lost], false), (&[Fault::Late(30_000)], true)]
    {
        let mut world = begun(faults);
        while world.elsewhere.as_ref().unwrap().told.writing.is_none() {
            world.pass(10);
        }
        stop(&mut world);
        assert_eq!(world.phase(), Phase::Progressing, "{faults:?}");
        world.pass(ALL);
        assert_eq!(world.phase(), Phase::Stopped, "{faults:?}\n{}", world.transcript());
        assert_eq!(world.weights() != world.history[0], is_moved, "{faults:?}");
        let told = world.deployment().record.live_weights();
        assert_eq!(told, Some(world.weights()), "{faults:?}\n{}", world.transcript());
        let line = WeightsLine(&world.weights()).to_string();
        assert!(world.transcript().contains(&format!("stopped, weights stay as they are: {line}")));
    }
}

#[test]
fn a_stop_that_waits_starts_nothing_and_gives_way_to_an_abort() {
    let mut world = begun(&[Fault::Lost]);
    while world.elsewhere.as_ref().unwrap().told.writing.is_none() {
        world.pass(10);
    }
    stop(&mut world);
    world.pass(120);
    world.elsewhere.as_mut().unwrap().is_unreachable = true;
    world.pass(300_000);
    let waiting = world.deployment().status.waiting_on.clone();
    let text = "to be stopped: looking what became of the write: no answer in 10s";
    assert!(waiting.iter().any(|waiting| waiting.text == text), "{waiting:?}");
    assert_eq!(requests(&world, "write").len(), 1);
    abort(&mut world);
    world.elsewhere.as_mut().unwrap().is_unreachable = false;
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
}

#[test]
fn an_edit_by_others_is_noticed_within_the_poll() {
    let mut world = begun(&[]);
    world.pass(9_000);
    assert!(world.transcript().contains("weights written"), "{}", world.transcript());
    world.command(|deployment, now| deploy::pause(deployment, &order("bob", ""), now));
    world.set_weight(RecordType::AAAA, "green", 99);
    world.pass(30_200);
    let drift = world.deployment().status.drift.clone();
    assert!(drift.is_some_and(|drift| drift.contains("AAAA \"green\" changed")), "{}", world.transcript());
    // Accepted, it is confirmed by writing the same once more.
    world.command(|d, now| deploy::answer_drift(d, model::deployment::DriftAnswer::Accept, &order("bob", ""), now));
    world.command(|deployment, now| deploy::resume(deployment, &order("bob", ""), now));
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(world.transcript().contains("drift accepted"), "{}", world.transcript());
}

#[test]
fn what_is_not_seen_decides_nothing() {
    let mut world = begun(&[]);
    world.pass(9_000);
    let moved = world.weights();
    world.elsewhere.as_mut().unwrap().is_unreachable = true;
    world.pass(300_000);
    assert_eq!(world.weights(), moved, "{}", world.transcript());
    let waiting = &world.deployment().status.waiting_on;
    let text = "looking at the record sets of account prod: no connection";
    assert!(waiting.iter().any(|waiting| waiting.text == text), "{waiting:?}");
    // The way back has its deadline all the same, and a person can try again.
    abort(&mut world);
    world.pass(16 * 60_000);
    assert_eq!(world.phase(), Phase::RollbackBlocked, "{}", world.transcript());
    world.elsewhere.as_mut().unwrap().is_unreachable = false;
    world.command(|deployment, now| deploy::retry(deployment, &order("bob", "it is back"), now));
    world.pass(ALL);
    assert_eq!((world.phase(), world.weights()), (Phase::RolledBack, world.history[0].clone()));
    let asked = world.elsewhere.as_ref().unwrap().requests.len();
    assert!(asked < 400, "an endpoint that is gone is left alone in between: {asked} requests");
}

#[test]
fn what_is_restored_waits_for_caches_however_long_nothing_is_seen() {
    let mut world = World::elsewhere();
    let slow = r#""settle": {"min": "2m"}, "deadlines": {"rollback": "20s"}"#;
    world.start(&CANARY.replace(r#""settle": {"min": "1s"}"#, slow));
    world.pass(9_000);
    abort(&mut world);
    world.pass(5_000);
    assert_eq!(lines(&world).last(), lines(&world).first(), "{}", world.transcript());
    world.elsewhere.as_mut().unwrap().is_unreachable = true;
    world.pass(110_000);
    assert_eq!(world.phase(), Phase::RollingBack, "{}", world.transcript());
    world.elsewhere.as_mut().unwrap().is_unreachable = false;
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
}

#[test]
fn a_second_step_with_the_same_outcomes_changes_nothing() {
    let mut world = begun(&[Fault::Unheard, Fault::Throttled(1_000)]);
    world.pass_with(ALL, |_, world| {
        let seen = world.observation();
        let once = deploy::step(world.deployment(), &seen, world.now).next;
        assert_eq!(deploy::step(&once, &seen, world.now).next, once);
    });
    assert_eq!(world.phase(), Phase::Succeeded);
}

#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Pause,
    Resume,
    Abort,
    Fault(Fault),
    Reach(bool),
    Crash(world::Crash),
    Stop,
}

fn act() -> impl Strategy<Value = Act> {
    let fault = prop_oneof![
        (500u64..20_000).prop_map(Fault::Throttled),
        Just(Fault::Lost),
        Just(Fault::Unheard),
        (100u64..50_000).prop_map(Fault::Late),
        Just(Fault::Forbidden),
    ];
    let crash =
        prop_oneof![Just(world::Crash::BeforeStore), Just(world::Crash::AfterStore), Just(world::Crash::AfterActions)];
    prop_oneof![
        8 => (10u64..6_000).prop_map(Act::Pass),
        1 => Just(Act::Pause),
        2 => Just(Act::Resume),
        1 => Just(Act::Abort),
        4 => fault.prop_map(Act::Fault),
        1 => any::<bool>().prop_map(Act::Reach),
        2 => crash.prop_map(Act::Crash),
        1 => Just(Act::Stop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Whatever becomes of requests: once the endpoint is well, the release ends, everywhere or nowhere, and each weight was
    /// on its way there (the world itself refuses two writes at a time and writes over what others wrote).
    #[test]
    fn whatever_becomes_of_requests_it_ends_everywhere_or_nowhere(acts in proptest::collection::vec(act(), 1..20)) {
        let mut world = begun(&[]);
        world.stays_down = true;
        let order_it = |world: &mut World, next: Result<model::deployment::Deployment, deploy::Refusal>| {
            world.deployment = next.ok().or(world.deployment.take());
        };
        for act in &acts {
            let (deployment, now, bob) = (world.deployment().clone(), world.now, order("bob", ""));
            match act {
                Act::Pass(ms) => world.pass(*ms),
                Act::Pause => order_it(&mut world, deploy::pause(&deployment, &bob, now)),
                Act::Resume => order_it(&mut world, deploy::resume(&deployment, &bob, now)),
                Act::Abort => order_it(&mut world, deploy::abort(&deployment, &bob, now)),
                Act::Stop => order_it(&mut world, deploy::stop(&deployment, &bob, now)),
                Act::Fault(fault) => world.elsewhere.as_mut().unwrap().faults.push_back(*fault),
                Act::Reach(is_there) => world.elsewhere.as_mut().unwrap().is_unreachable = !is_there,
                Act::Crash(crash) => world.crash = Some((world.turns + 1, *crash)),
            }
        }
        let elsewhere = world.elsewhere.as_mut().unwrap();
        (elsewhere.is_unreachable, world.crash) = (false, None);
        elsewhere.faults.clear();
        world.pass(60_000);
        let resumed = deploy::resume(world.deployment(), &order("bob", ""), world.now);
        order_it(&mut world, resumed);
        world.pass(300_000);
        let (first, last) = (world.history[0].clone(), world.weights());
        match world.phase() {
            Phase::RolledBack | Phase::Cancelled => prop_assert_eq!(last, first, "{}", world.transcript()),
            Phase::Succeeded => {
                prop_assert!(last.iter().all(|m| (m.weight > 0) == (m.record_set.set_identifier.as_str() == "green")));
            }
            Phase::Stopped => {
                let told = world.deployment().record.live_weights();
                prop_assert!(told.is_none_or(|told| told == last), "{}", world.transcript());
            }
            phase => prop_assert!(false, "it stays in {phase}\n{}", world.transcript()),
        }
    }
}

#[test]
fn what_only_own_record_sets_can_do_is_refused_in_the_plan() {
    let world = World::elsewhere();
    let refused = |spec: &str| {
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err().to_string()
    };
    let rolling = r#"{"strategy": {"rolling": {"environment": "blue", "version": "2", "batch": {"size": 1},
        "max_unavailable": 1, "replace": {"http": {"url": "http://127.0.0.1/{{instance}}"}}}}}"#;
    let text = refused(rolling);
    assert!(text.contains("health checks of another account's record sets cannot be asked"), "{text}");
    let counted = CANARY.replace(
        r#"{"prometheus": {"url": "http://127.0.0.1:9090", "query": "errors{env=\"{{env}}\"}"}}"#,
        r#"{"dns": {}}"#,
    );
    let text = refused(&counted);
    assert!(
        text.starts_with("analysis.errors.metrics.5xx.provider: only answers of this server are counted"),
        "{text}"
    );
}

/// Blue is a plain record of the account, which the service adopts.
fn adopting() -> World {
    let mut world = World::plain(false);
    let binding =
        r#"{"route53":{"account":"prod","zone":"Z1","name":"shop.example.com.","types":["A","AAAA"],"adopt":true}}"#;
    world.service.traffic = vec![serde_json::from_str(binding).unwrap()];
    world.elsewhere = Some(world::endpoint::Elsewhere::default());
    world
}

#[test]
fn adoption_elsewhere_writes_no_health_check_of_ours() {
    let mut world = adopting();
    world.start(CANARY);
    world.pass(ALL);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    let made: Vec<_> = world.states.iter().flat_map(|(_, sets, _)| sets).collect();
    assert!(made.iter().any(|set| set.set_identifier().is_some_and(|id| id.as_str() == "green")));
    assert!(made.iter().all(|set| set.health_check.is_none()), "{made:?}");
}

#[test]
fn a_plain_record_elsewhere_with_a_health_check_of_theirs_is_not_adopted() {
    let mut world = adopting();
    for (_, set) in &mut world.record_sets {
        set.health_check = Some(world::check("theirs"));
    }
    let spec = deploy::parse_spec(CANARY.as_bytes()).unwrap();
    let refused = deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err();
    assert_eq!(refused.code(), model::deployment::Code::HealthCoupling);
    let words =
        "the plain record shop.example.com. A has a health check of its account, and what is made beside it would";
    assert!(refused.to_string().starts_with(words), "{refused}");
}
