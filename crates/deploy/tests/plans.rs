//! What is refused before anything moves, with its code, its field and its words; and what a plan promises.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::{CreateError, Request};
use model::id::DeploymentId;
use model::{Body, RecordType, Routing, Ttl};
use world::{CANARY, World, order};

fn refused(world: &World, spec: &str) -> String {
    let spec = match deploy::parse_spec(spec.as_bytes()) {
        Ok(spec) => spec,
        Err(error) => return format!("E_SPEC {error}"),
    };
    match deploy::plan(&world.service, &spec, &world.record_sets) {
        Ok(plan) => plan.to_string(),
        Err(error) => format!("{} {error}", error.code()),
    }
}

#[track_caller]
fn check(world: &World, spec: &str, expected: &str) {
    assert_eq!(refused(world, spec), expected);
}

/// A canary of these steps, with more fields behind them.
fn steps(steps: &str, more: &str) -> String {
    format!(r#"{{"to":"green","strategy":{{"canary":{{"steps":[{steps}]}}}}{more}}}"#)
}

#[test]
fn absurd_lengths_of_time_are_planned_without_overflow() {
    let most = "18446744073709551615ms";
    let canary = format!(r#"{{"weight":"5%"}},{{"hold":"{most}"}},{{"analyse":["a"]}},{{"weight":"100%"}}"#);
    let metric = format!(
        r#"{{"name":"m","provider":{{"http":{{"url":"http://m/","pointer":""}}}},"condition":"value < 1",
            "interval":"{most}","initial_delay":"{most}"}}"#
    );
    let more = format!(r#","bake":"{most}","analysis":{{"a":{{"metrics":[{metric}]}}}}"#);
    let spec = deploy::parse_spec(steps(&canary, &more).as_bytes()).unwrap();
    let world = World::new();
    let plan = deploy::plan(&world.service, &spec, &world.record_sets).unwrap();
    assert_eq!(plan.times.expected.ms(), u64::MAX);
}

#[test]
fn a_spec_that_cannot_work_is_refused_with_its_field() {
    let world = World::new();
    let counting = |fields: &str| {
        let metric = format!(r#"{{"name":"m","provider":{{"dns":{{}}}},{fields}}}"#);
        let more = format!(r#","analysis":{{"a":{{"metrics":[{metric}]}}}}"#);
        steps(r#"{"weight":"5%"},{"analyse":["a"]},{"weight":"100%"}"#, &more)
    };
    for (spec, expected) in [
        (
            steps(r#"{"weight":"25%"},{"weight":"20%"},{"weight":"100%"}"#, ""),
            "E_SPEC strategy.canary.steps[1].weight: 20% is lower than the previous 25%",
        ),
        (
            steps(r#"{"weight":"5%"}"#, ""),
            r#"E_SPEC strategy: the last weight must be 100%, found 5%; add {"weight": "100%"}"#,
        ),
        (steps("", ""), r#"E_SPEC strategy: the last weight must be 100%, found 0%; add {"weight": "100%"}"#),
        (
            steps(r#"{"weight":"0%"},{"weight":"100%"}"#, ""),
            "E_SPEC strategy.canary.steps[0].weight: 0% moves nothing; leave the step out",
        ),
        (
            steps(r#"{"analyse":["x"]},{"weight":"100%"}"#, ""),
            "E_SPEC strategy.canary.steps[0].analyse: not in analysis: x",
        ),
        (
            steps(r#"{"weight":"0.1%"},{"weight":"100%"}"#, ""),
            "E_GRANULARITY strategy.canary.steps[0].weight: 0.1% cannot be expressed with DNS weights of 0–255; closest is 0.3906% (1/256)",
        ),
        (
            steps(r#"{"weight":"100%"}"#, r#","settle":{"ttl_multiple":0.5}"#),
            "E_SPEC settle.ttl_multiple: must be from 1 to 100: 0.5",
        ),
        (
            CANARY.replace("{{env}}", "{{evn}}"),
            "E_SPEC analysis.errors.metrics.5xx.provider: unknown variable (known: service, env, version, arm, from, interval, window): evn",
        ),
        (
            counting(r#""condition":"value > 0","interval":"500ms""#),
            "E_SPEC analysis.a.metrics[0].interval: answers are counted over 1s to 5m: 500ms",
        ),
        (
            counting(r#""compare":{"judge":"proportion","delta":"1%"},"interval":"5s","count":2"#),
            "E_SPEC analysis.a.metrics.m.provider: dns gives one number; use a condition or the judge ratio",
        ),
        (
            counting(r#""condition":"value > 0","interval":"5s""#)
                .replace(r#"{"dns":{}}"#, r#"{"exec":{"program":"p","timeout":"56s"}}"#),
            "E_SPEC analysis.a.metrics[0].provider.exec.timeout: must be from 100ms to 55s: 56s",
        ),
        (
            steps(r#"{"weight":"100%"}"#, r#","hooks":{"smoke":{"exec":{"program":"p"}}}"#),
            "E_SPEC hooks.smoke: nothing calls it; name points in `at`, or name it in a step or in `teardown`",
        ),
        (
            steps(r#"{"weight":"100%"}"#, r#","gates":{"later":{"auto_after":"5m"}}"#),
            "E_SPEC gates.later: nobody waits for it; name it in a step",
        ),
        (CANARY.replace("\"green\"", "\"blue\""), "E_SPEC to: is active already: blue"),
        (CANARY.replace("\"green\"", "\"red\""), "E_SPEC to: no such environment (there are blue, green): red"),
        (
            CANARY.replace("\"count\": 3", "\"count\": 3, \"dry_run\": true"),
            "E_SPEC strategy.canary.steps[2].analyse: has no metric that counts; take dry_run off one",
        ),
    ] {
        check(&world, &spec, expected);
    }
}

#[test]
fn record_sets_that_cannot_be_steered_are_refused() {
    let mut foreign = World::new();
    let mut other = foreign.record_sets[0].clone();
    let set_identifier = model::id::SetIdentifier::parse("legacy").unwrap();
    other.1.routing = Routing::Weighted { set_identifier, weight: 20 };
    foreign.record_sets.push(other);
    check(
        &foreign,
        CANARY,
        "E_FOREIGN_MEMBER record set shop.example.com. A \"legacy\" (weight 20) shares this name and is not part of the service; add it, delete it, or set foreign: keep",
    );

    let mut simple = World::new();
    simple.record_sets[0].1.routing = Routing::Simple;
    check(
        &simple,
        CANARY,
        "E_POLICY_MISMATCH shop.example.com. A uses simple routing; weighted record sets are needed",
    );

    let mut gone = World::new();
    gone.record_sets.pop();
    check(
        &gone,
        CANARY,
        "E_PRECONDITION there is no record set shop.example.com. AAAA \"green\"; create it with weight 0, or take it out of the service",
    );

    let mut split = World::new();
    split.set_weight(RecordType::A, "green", 50);
    check(
        &split,
        CANARY,
        "E_PRECONDITION live weights are A blue=200 green=50, AAAA blue=200 green=0, but the service records blue as active: all weight must be on it",
    );

    let mut zero = World::new();
    zero.set_weight(RecordType::A, "blue", 0);
    check(
        &zero,
        CANARY,
        "E_PRECONDITION live weights are A blue=0 green=0, AAAA blue=200 green=0, but the service records blue as active: all weight must be on it",
    );

    let mut unchecked = World::new();
    unchecked.record_sets[1].1.health_check = None;
    check(
        &unchecked,
        CANARY,
        "E_HEALTH_COUPLING A: blue has health checks while green has none, so its failure would go unnoticed; give both one",
    );

    let mut none = World::new();
    none.record_sets.iter_mut().for_each(|(_, record_set)| record_set.health_check = None);
    check(&none, CANARY, "E_SPEC health_gate: green has no health check; give its record sets one");
}

#[test]
fn one_deployment_at_a_time() {
    let mut world = World::new();
    world.start(CANARY);
    world.pass(9_000);
    let others = [world.deployment().clone()];
    let create = |others: &[_]| {
        deploy::create(
            Request {
                id: DeploymentId::parse("01JSECOND").unwrap(),
                service: &world.service,
                spec: deploy::parse_spec(CANARY.as_bytes()).unwrap(),
                by: "bob".into(),
                reason: String::new(),
                others,
                guard: deploy::CreateGuard::default(),
            },
            &World::new().record_sets,
            world.now,
        )
    };
    let error: CreateError = create(&others).unwrap_err();
    assert_eq!(error.code().as_str(), "E_BUSY");
    assert_eq!(
        error.to_string(),
        "service shop already has deployment 01JDEPLOY in Progressing (step 2/6); abort it, wait, or set on_busy"
    );
    let mut ended = world.clone();
    ended.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    ended.pass(60_000);
    assert!(create(&[ended.deployment().clone()]).is_ok());
}

#[test]
fn the_hash_names_the_plan_and_the_waits_follow_the_ttl() {
    let mut world = World::new();
    let plan = |world: &World, spec: &str| {
        deploy::plan(&world.service, &deploy::parse_spec(spec.as_bytes()).unwrap(), &world.record_sets).unwrap()
    };
    let first = plan(&world, CANARY);
    assert_eq!(first, plan(&world, CANARY));
    assert_ne!(first.hash, plan(&world, &CANARY.replace("0.01", "0.02")).hash);
    for (_, record_set) in &mut world.record_sets {
        record_set.body = Body::Records { ttl: Ttl::new(60).unwrap(), values: vec![] };
    }
    let slow = plan(&world, CANARY);
    assert_eq!((slow.times.settle.ms(), slow.times.rollback_worst.ms()), (90_000, 90_000));
    assert_eq!(slow.times.expected.ms() - first.times.expected.ms(), 3 * (90_000 - 3_000));
}

#[test]
fn the_numbers_follow_what_was_written_served_and_cached() {
    let mut world = World::new();
    world.start(CANARY);
    let percent = |world: &World| {
        let progress = deploy::progress(world.deployment(), world.now);
        format!("{} {} {} {}", progress.wanted, progress.written, progress.applied, progress.expected_now)
    };
    assert_eq!(percent(&world), "0% 0% 0% 0%");
    world.lag = 1_000;
    world.pass(2_500);
    assert_eq!(percent(&world), "5% 5% 0% 0%");
    world.lag = 0;
    world.pass(0);
    world.pass(1_000);
    assert_eq!(percent(&world), "5% 5% 5% 2.5%");
    world.pass(1_000);
    assert_eq!(percent(&world), "5% 5% 5% 5%");
    world.command(|d, now| deploy::abort(d, &order("bob", ""), now));
    world.pass(1_000);
    assert_eq!(percent(&world), "0% 0% 0% 2.5%");
}

#[test]
fn a_promise_that_cannot_be_kept_is_refused_with_what_would_do() {
    let mut world = World::new();
    world.set_ttl(300);
    let plan = |world: &World, more: &str| refused(world, &steps(r#"{"weight":"5%"},{"weight":"100%"}"#, more));
    assert_eq!(
        plan(&world, r#","require":{"rollback_within":"2m"}"#),
        "E_FORECAST rollback_within 2m cannot be met: caches may keep answers for 7m30s (ttl 300s and the settle after it); \
         lower the TTL or set stage_ttl"
    );
    let staged = plan(&world, r#","require":{"rollback_within":"2m"},"stage_ttl":"30s""#);
    assert!(staged.contains("back within 45s"), "{staged}");
    let told = plan(&world, r#","require":{"share_interval":"±3%"}"#);
    assert!(told.starts_with("E_FORECAST share_interval ±3% cannot be met: 5% of the weights are "), "{told}");
    let even = r#","require":{"share_interval":"±3%"},"resolvers":{"count":1000,"exponent":0,"extending":"0%"}"#;
    assert!(plan(&world, even).starts_with("shop: canary"), "{}", plan(&world, even));
    assert_eq!(plan(&world, r#","resolvers":{"exponent":7}"#), "E_SPEC resolvers.exponent: must be from 0 to 3: 7");
}

/// Against numbers that were drawn by another program: 2000 resolvers by Zipf's law with 1.2, at 5 %.
#[test]
fn the_interval_of_a_few_large_resolvers_is_wide_above() {
    let world = World::new();
    let spec = deploy::parse_spec(steps(r#"{"weight":"5%"},{"weight":"100%"}"#, "").as_bytes()).unwrap();
    let plan = deploy::plan(&world.service, &spec, &world.record_sets).unwrap();
    let asked = model::deployment::Resolvers { extending: model::deployment::Share::NONE, ..Default::default() };
    let forecast = deploy::forecast(&plan, &spec, &asked);
    assert_eq!(forecast, deploy::forecast(&plan, &spec, &asked), "one plan, one forecast");
    let step = forecast.steps[0];
    assert!((13.0..17.0).contains(&forecast.n_eff), "{forecast:?}");
    assert!((0.045..0.055).contains(&step.expected) && (0.050..0.065).contains(&step.sd), "{forecast:?}");
    assert!((0.008..0.016).contains(&step.low) && (0.23..0.28).contains(&step.high), "{forecast:?}");
    assert!((forecast.steps[1].low - 1.0).abs() < 1e-9, "{forecast:?}");
}
