//! Comparisons in releases: what is asked, what is decided, what is kept, and the same judged again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use deploy::replay;
use model::deployment::{Compare, Measured, Metric, MetricRun, Phase, Sampled, Verdict};
use model::metric::{Measurement, MetricQuery};
use proptest::prelude::*;
use world::{World, order};

/// 10 %, an analysis that compares errors, all; no waits that matter. `more` goes into the metric.
fn canary(more: &str) -> String {
    format!(
        r#"{{"to": "green", "strategy": {{"canary": {{"steps": [
            {{"weight": "10%"}}, {{"analyse": ["errors"]}}, {{"weight": "100%"}}]}}}},
        "analysis": {{"errors": {{"metrics": [{{"name": "5xx",
            "provider": {{"prometheus": {{"url": "http://127.0.0.1:9090",
                "events": "bad{{env=\"{{{{env}}}}\",version=\"{{{{version}}}}\"}}[{{{{window}}}}]",
                "total": "all{{env=\"{{{{env}}}}\"}}[{{{{window}}}}]"}}}},
            "compare": {{"judge": "proportion", "delta": "0.5%", "pass_delta": "0.5%"}},
            "interval": "10s", "count": 5{more}}}]}}}},
        "settle": {{"min": "1s"}}, "bake": "5s"}}"#
    )
}

/// Events and their total, new and old.
type Sides = ((f64, f64), (f64, f64));

fn counts(events: f64, total: f64) -> Measurement {
    Measurement::Several(vec![Measurement::Value(events), Measurement::Value(total)])
}

fn both(canary: (f64, f64), baseline: (f64, f64)) -> Measurement {
    Measurement::Several(vec![counts(canary.0, canary.1), counts(baseline.0, baseline.1)])
}

/// Plays a release whose requests go on at a rate; `canary` and `baseline` are requests in a second and their bad part.
fn play(world: &mut World, canary: (f64, f64), baseline: (f64, f64), seconds: u64) {
    for second in 1..=seconds {
        let so_far = |(rate, bad): (f64, f64)| {
            let total = rate * second as f64;
            ((total * bad).round(), total)
        };
        world.metrics.insert("errors/5xx".into(), both(so_far(canary), so_far(baseline)));
        world.pass(1_000);
    }
}

fn identical(world: &World) {
    let replayed = replay(world.deployment(), &world.kept);
    assert!(!replayed.is_empty());
    for metric in &replayed {
        assert_eq!(metric.differences, Vec::<String>::new());
        assert_eq!(metric.measurements as usize, world.kept.len());
    }
}

#[test]
fn a_good_release_passes_as_soon_as_it_is_sure() {
    let mut world = World::new();
    world.start(&canary(""));
    play(&mut world, (400.0, 0.01), (3_600.0, 0.01), 90);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    assert!(world.kept.len() < 5, "looks: {}", world.kept.len());
    let story = world.transcript();
    assert!(story.contains("metric errors/5xx passed: canary 1% ("), "{story}");
    identical(&world);
}

#[test]
fn a_bad_release_is_rolled_back_with_the_numbers_in_the_reason() {
    let mut world = World::new();
    world.start(&canary(""));
    play(&mut world, (40.0, 0.05), (360.0, 0.004), 90);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let reason = world.deployment().status.abort.as_ref().unwrap().reason.to_string();
    assert!(reason.starts_with("E_ANALYSIS: metric errors/5xx: canary 5% ("), "{reason}");
    assert!(reason.contains(" vs baseline 0.") && reason.ends_with(" points (95%) exceeds 0.5"), "{reason}");
    identical(&world);
}

#[test]
fn both_sides_are_asked_with_their_own_names_since_the_shift_had_settled() {
    let mut world = World::new();
    world.start(&canary(""));
    play(&mut world, (40.0, 0.004), (360.0, 0.004), 40);
    let asked = |m: &Measured| {
        let MetricQuery::Several(sides) = &m.query else { panic!() };
        let query = |side: &MetricQuery| match side {
            MetricQuery::Several(two) => match &two[0] {
                MetricQuery::Prometheus { query, .. } => query.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        [query(&sides[0]), query(&sides[1])]
    };
    let first = asked(&world.kept[0]);
    assert_eq!(first, [r#"bad{env="green",version="2.0"}[10s]"#, r#"bad{env="blue",version="1.9"}[10s]"#]);
    assert!(asked(&world.kept[2])[0].ends_with("[20s]"), "{:?}", asked(&world.kept[2]));
}

#[test]
fn too_few_requests_are_waited_for_and_then_told_with_their_numbers() {
    let mut world = World::new();
    world.start(&canary(r#", "min_samples": 500, "max_wait": "1m""#));
    play(&mut world, (0.5, 0.0), (4.5, 0.0), 100);
    let paused = world.deployment().status.paused.clone().unwrap().reason.to_string();
    assert!(paused.starts_with("E_NO_DATA: metric errors/5xx: "), "{paused}");
    assert!(paused.ends_with(" of 500 required samples in 1m"), "{paused}");
    assert!(world.transcript().contains("has too few samples: "), "{}", world.transcript());
    identical(&world);
    // With more requests the same analysis, begun anew, passes.
    world.command(|d, now| deploy::resume(d, &order("bob", "the load test runs now"), now));
    play(&mut world, (4_000.0, 0.001), (36_000.0, 0.001), 60);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
}

#[test]
fn traffic_that_disappears_is_no_data_and_not_the_last_value() {
    let mut world = World::new();
    world.start(&canary(r#", "no_data": "pause""#));
    play(&mut world, (20.0, 0.01), (180.0, 0.01), 12);
    world.pass(30_000);
    let last = world.kept.last().unwrap();
    assert_eq!((last.sample.sampled, last.verdict), (Sampled::NoData, Verdict::NoData));
    assert!(world.deployment().status.paused.is_some());
    identical(&world);
}

#[test]
fn what_no_data_and_a_lost_provider_mean_is_the_users_word() {
    for (more, answer, phase, paused) in [
        (r#", "max_wait": "20s""#, Measurement::NoData, Phase::Progressing, true),
        (r#", "max_wait": "20s", "no_data": "fail""#, Measurement::NoData, Phase::RolledBack, false),
        // Left out, and nobody else says that the release is good: a person is asked.
        (r#", "max_wait": "20s", "no_data": "pass""#, Measurement::NoData, Phase::Progressing, true),
        ("", Measurement::Error("refused".into()), Phase::Progressing, true),
        (r#", "on_provider_error": "abort""#, Measurement::Error("refused".into()), Phase::RolledBack, false),
        (r#", "on_provider_error": "continue""#, Measurement::Error("refused".into()), Phase::Progressing, true),
    ] {
        let mut world = World::new();
        world.start(&canary(more));
        world.metrics.insert("errors/5xx".into(), answer);
        world.pass(120_000);
        let status = &world.deployment().status;
        assert_eq!((status.phase, status.paused.is_some()), (phase, paused), "{more}\n{}", world.transcript());
        identical(&world);
    }
}

#[test]
fn errors_are_tried_again_after_their_own_time() {
    let mut world = World::new();
    world.start(&canary(r#", "error_retry": "2s", "consecutive_error_limit": 2"#));
    world.metrics.insert("errors/5xx".into(), Measurement::Error("refused".into()));
    world.pass(60_000);
    let asked: Vec<u64> = world.kept.iter().map(|m| m.asked_ms - world.kept[0].asked_ms).collect();
    assert_eq!(asked, [0, 2_000, 4_000]);
}

/// In the background a comparison covers one share at a time, rests while shares move and when the old side is empty.
#[test]
fn in_the_background_each_share_has_its_own_comparison() {
    let spec = canary(r#", "min_samples": 10"#)
        .replace(r#"{"analyse": ["errors"]}"#, r#"{"hold": "40s"}, {"weight": "50%"}, {"hold": "40s"}"#)
        .replacen('{', r#"{"background": {"templates": ["errors"]},"#, 1)
        .replace(r#""bake": "5s""#, r#""bake": "60s""#);
    let mut world = World::new();
    world.start(&spec);
    play(&mut world, (20.0, 0.01), (180.0, 0.01), 200);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    let numbers: Vec<u32> = world.kept.iter().filter_map(|m| m.begins.as_ref().map(|looks| looks.number)).collect();
    assert_eq!(numbers, [1, 2]);
    let all_ms = world.deployment().record.journal.last().unwrap().entries[0].at_ms;
    assert!(world.kept.iter().all(|m| m.asked_ms <= all_ms), "nothing is compared when blue has no traffic");
    identical(&world);
}

#[test]
fn a_background_comparison_stops_a_release_that_becomes_worse() {
    let spec = canary("").replace(r#"{"analyse": ["errors"]}"#, r#"{"hold": "10m"}"#).replacen(
        '{',
        r#"{"background": {"templates": ["errors"]},"#,
        1,
    );
    let mut world = World::new();
    world.start(&spec);
    play(&mut world, (200.0, 0.01), (1_800.0, 0.01), 60);
    assert_eq!(world.phase(), Phase::Progressing);
    let so_far = world.now;
    let mut bad = 120.0;
    for second in 61..200u32 {
        bad += 40.0;
        let total = f64::from(second);
        world.metrics.insert("errors/5xx".into(), both((bad, total * 200.0), (total * 18.0, total * 1_800.0)));
        world.pass(1_000);
    }
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let began = world.deployment().record.events.iter().find(|e| e.phase == Phase::RollingBack).unwrap().at_ms;
    assert!(began - so_far < 60_000, "after {} ms", began - so_far);
    identical(&world);
}

#[test]
fn values_are_compared_by_ranks() {
    let spec = canary(r#""#)
        .replace(
            r#"{"judge": "proportion", "delta": "0.5%", "pass_delta": "0.5%"}"#,
            r#"{"judge": "mann_whitney", "allowed_increase": 1.2, "critical_increase": 3}"#,
        )
        .replace(
            r#""events": "bad{env=\"{{env}}\",version=\"{{version}}\"}[{{window}}]","#,
            r#""query": "p99{env=\"{{env}}\"}","#,
        )
        .replace(r#""total": "all{env=\"{{env}}\"}[{{window}}]""#, r#""step": "1s""#);
    let values = |factor: f64, count: u32, from: u32| {
        Measurement::Values((from..from + count).map(|n| Some(factor * f64::from(100 + n * 37 % 50))).collect())
    };
    for (slower, phase) in
        [(1.0, Phase::Succeeded), (1.1, Phase::Succeeded), (1.5, Phase::RolledBack), (4.0, Phase::RolledBack)]
    {
        let mut world = World::new();
        world.start(&spec);
        for look in 1..80 {
            let both = vec![values(slower, 10 * look, 0), values(1.0, 10 * look, 7)];
            world.metrics.insert("errors/5xx".into(), Measurement::Several(both));
            world.pass(1_000);
        }
        assert_eq!(world.phase(), phase, "{slower}\n{}", world.transcript());
        assert_eq!(world.kept.last().unwrap().sample.compared.as_ref().unwrap().critical, slower > 3.0);
        identical(&world);
    }
}

#[test]
fn a_ratio_compares_two_numbers() {
    let spec = canary("")
        .replace(
            r#"{"judge": "proportion", "delta": "0.5%", "pass_delta": "0.5%"}"#,
            r#"{"judge": "ratio", "factor": 1.5, "plus": 1}"#,
        )
        .replace(
            r#""events": "bad{env=\"{{env}}\",version=\"{{version}}\"}[{{window}}]","#,
            r#""query": "cpu{env=\"{{env}}\"}""#,
        )
        .replace(r#""total": "all{env=\"{{env}}\"}[{{window}}]""#, "");
    for (new, phase) in [(31.0, Phase::Succeeded), (31.5, Phase::RolledBack)] {
        let mut world = World::new();
        world.start(&spec);
        let both = vec![Measurement::Value(new), Measurement::Value(20.0)];
        world.metrics.insert("errors/5xx".into(), Measurement::Several(both));
        world.pass(120_000);
        assert_eq!(world.phase(), phase, "{}", world.transcript());
        identical(&world);
    }
}

#[test]
fn counters_and_intervals_are_added_up_and_a_restart_is_noticed() {
    let metric = |counts: &str| -> Metric {
        let spec = canary("").replace(r#""pass_delta": "0.5%""#, &format!(r#""counts": "{counts}""#));
        deploy::parse_spec(spec.as_bytes()).unwrap().analysis["errors"].metrics[0].clone()
    };
    let seen = |metric: &Metric, answers: &[Sides]| {
        let mut run = MetricRun::new("errors", "5xx", 0);
        let mut last = None;
        for (canary, baseline) in answers {
            last = deploy::gate::take(metric, &mut run, false, 0, &both(*canary, *baseline)).compared;
        }
        let found = last.unwrap();
        [found.canary, found.baseline].map(|arm| (arm.events.unwrap(), arm.samples.unwrap()))
    };
    let counters =
        [((5.0, 1_000.0), (50.0, 9_000.0)), ((8.0, 1_500.0), (60.0, 9_900.0)), ((1.0, 40.0), (70.0, 10_000.0))];
    // 500 requests, then 40 of a process that began anew.
    assert_eq!(seen(&metric("counter"), &counters), [(4.0, 540.0), (20.0, 1_000.0)]);
    assert_eq!(seen(&metric("interval"), &counters), [(14.0, 2_540.0), (180.0, 28_900.0)]);
}

#[test]
fn a_condition_may_be_about_the_old_side_and_about_counts() {
    let spec = canary(r#", "min_samples": 50"#).replace(
        r#""compare": {"judge": "proportion", "delta": "0.5%", "pass_delta": "0.5%"}"#,
        r#""arm": "baseline", "condition": "value <= 0.01""#,
    );
    for (answer, phase) in [
        (counts(1.0, 200.0), Phase::Succeeded),
        (counts(20.0, 200.0), Phase::RolledBack),
        (counts(20.0, 40.0), Phase::Progressing),
        (counts(0.0, 0.0), Phase::Progressing),
    ] {
        let mut world = World::new();
        world.start(&spec);
        world.metrics.insert("errors/5xx".into(), answer);
        world.pass(120_000);
        assert_eq!(world.phase(), phase, "{}", world.transcript());
        assert!(format!("{:?}", world.kept[0].query).contains("blue"), "{:?}", world.kept[0].query);
        identical(&world);
    }
}

#[test]
fn a_measurement_that_was_tampered_with_is_judged_otherwise() {
    let mut world = World::new();
    world.start(&canary(""));
    play(&mut world, (40.0, 0.004), (360.0, 0.004), 90);
    identical(&world);
    world.kept[1].answer = both((200.0, 800.0), (30.0, 7_200.0));
    let replayed = replay(world.deployment(), &world.kept);
    assert!(replayed[0].differences[0].starts_with("measurement 2 was stored as undecided"), "{replayed:?}");
    world.kept.remove(1);
    let replayed = replay(world.deployment(), &world.kept);
    assert_eq!(replayed[0].differences[0], "measurement 2 is missing");
}

#[test]
fn comparisons_that_cannot_be_made_are_refused_before_anything_moves() {
    let world = World::new();
    let refused = |spec: &str| {
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        let error = deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err();
        (error.field().unwrap_or_default().to_owned(), error.to_string())
    };
    let at = "analysis.errors.metrics[0]";
    for (spec, field, part) in [
        (canary(r#", "condition": "value <= 1""#), format!("{at}.condition"), "not both"),
        (canary(r#", "count": 101"#).replace(r#""count": 5, "#, ""), format!("{at}.count"), "100 looks"),
        (canary(r#", "arm": "canary""#), format!("{at}.arm"), "both environments"),
        (canary(r#", "baseline_env": "green""#), "analysis.errors.metrics.5xx.baseline_env".into(), "itself"),
        (
            canary(r#", "baseline_env": "red""#),
            "analysis.errors.metrics.5xx.baseline_env".into(),
            "no such environment",
        ),
        (
            canary("").replace(r#""delta": "0.5%", "pass_delta": "0.5%""#, r#""delta": "0%""#),
            format!("{at}.compare.pass_delta"),
            "never pass",
        ),
        (
            canary("").replace("\"total\"", "\"query\""),
            "analysis.errors.metrics.5xx.provider".into(),
            "events and total",
        ),
        (canary("").replace("window}}", "windw}}"), "analysis.errors.metrics.5xx.provider".into(), "unknown variable"),
        (
            canary("").replace(
                r#"{"analyse": ["errors"]}, {"weight": "100%"}"#,
                r#"{"weight": "100%"}, {"analyse": ["errors"]}"#,
            ),
            "strategy".into(),
            "which has no traffic in step 3",
        ),
        (
            canary("").replace(r#"{"weight": "10%"}, {"analyse": ["errors"]}, "#, "").replacen(
                '{',
                r#"{"background": {"templates": ["errors"]},"#,
                1,
            ),
            "background.templates".into(),
            "no step gives traffic to both",
        ),
    ] {
        let (found, text) = refused(&spec);
        assert_eq!(found, field, "{text}");
        assert!(text.contains(part), "{text}");
    }
}

fn metric(judge: &str) -> Metric {
    let provider = r#"{"http":{"url":"http://m/","pointer":"/v"}}"#;
    let json = format!(
        r#"{{"name":"m","provider":{provider},"compare":{judge},"count":4,"min_samples":20,"max_wait":"10s"}}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn judged(metric: &Metric, answers: &[Measurement]) -> Verdict {
    let mut run = MetricRun::new("t", "m", 0);
    for (at, answer) in answers.iter().enumerate() {
        deploy::gate::take(metric, &mut run, false, at as u64, answer);
    }
    run.verdict
}

/// Cumulative answers of both sides from what came in each look, in the form that a judge wants.
fn answers(judge: &Compare, looks: &[(u8, u8)]) -> Vec<Measurement> {
    let (mut bad, mut values) = ((0.0, 0.0), (Vec::new(), Vec::new()));
    let answer = |(number, &(new, old)): (usize, &(u8, u8))| {
        let total = 60.0 * (number + 1) as f64;
        match judge {
            Compare::Proportion(_) => {
                bad = (bad.0 + f64::from(new % 8), bad.1 + f64::from(old % 8));
                both((bad.0, total), (bad.1, total * 2.0))
            }
            Compare::MannWhitney(_) => {
                values.0.extend((0..25u8).map(|n| Some(f64::from(n * 7 % 25) + f64::from(new % 32))));
                values.1.extend((0..25u8).map(|n| Some(f64::from(n * 3 % 25) + f64::from(old % 16))));
                Measurement::Several(vec![Measurement::Values(values.0.clone()), Measurement::Values(values.1.clone())])
            }
            Compare::Ratio(_) => {
                Measurement::Several(vec![Measurement::Value(f64::from(new)), Measurement::Value(f64::from(old))])
            }
        }
    };
    looks.iter().enumerate().map(answer).collect()
}

proptest! {
    /// I-VERDICT for comparisons: silence and errors, on either side or both, never make a pass of what is none.
    #[test]
    fn silence_and_errors_never_make_a_comparison_pass(
        looks in proptest::collection::vec((0u8..=255, 0u8..=255), 0..6), at in 0usize..6, what in 0usize..6, judge in 0usize..3
    ) {
        let metric = metric([
            r#"{"judge":"proportion","delta":"2%"}"#, r#"{"judge":"mann_whitney"}"#, r#"{"judge":"ratio","factor":1.5}"#,
        ][judge]);
        let answers = answers(metric.compare.as_ref().unwrap(), &looks);
        let (silence, error) = (Measurement::NoData, Measurement::Error("refused".into()));
        let side = answers.first().map_or(Measurement::NoData, |answer| match answer {
            Measurement::Several(sides) => sides[0].clone(),
            other => other.clone(),
        });
        let extra = match what {
            0 => silence,
            1 => error,
            2 => Measurement::Several(vec![side, silence]),
            3 => Measurement::Several(vec![error, side]),
            4 => Measurement::Several(vec![silence, error]),
            _ => Measurement::Several(vec![silence.clone(), silence]),
        };
        let mut more = answers.clone();
        more.insert(at.min(answers.len()), extra);
        let (before, after) = (judged(&metric, &answers), judged(&metric, &more));
        prop_assert!(before == Verdict::Pass || after != Verdict::Pass, "{:?} {:?}", answers, more);
        prop_assert_eq!(judged(&metric, &answers), before, "the same answers, the same verdict");
    }
}

/// Weights that were written again, or accepted, while they settled are what a comparison begins with.
#[test]
fn a_comparison_is_made_after_a_drift_was_answered() {
    for drift in ["reassert", "accept"] {
        let mut world = World::new();
        world.service.policy = serde_json::from_str(&format!(r#"{{"drift":"{drift}"}}"#)).unwrap();
        world.start(&canary(""));
        world.pass(1_000);
        let step = world.deployment().status.cursor.unwrap().step;
        world.set_weight(model::RecordType::A, "green", 11);
        world.pass(500);
        let answered = world.deployment().record.journal.last().unwrap().entries[0].at_ms;
        play(&mut world, (20.0, 0.0), (180.0, 0.0), 100);
        assert_eq!((step, world.phase()), (1, Phase::Succeeded), "{drift}: {}", world.transcript());
        assert!(world.kept.iter().all(|m| m.begins.as_ref().is_none_or(|looks| looks.since_ms > answered)));
        identical(&world);
    }
}
