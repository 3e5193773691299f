//! Metrics that are judged together, by their score.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use model::deployment::Phase;
use model::metric::Measurement;
use world::{World, order};

const SPEC: &str = r#"{
    "to": "green",
    "strategy": {"canary": {"steps": [{"weight": "50%"}, {"analyse": ["quality"]}, {"weight": "100%"}]}},
    "analysis": {"quality": {
        "score": {"pass": 70, "marginal": 50, "groups": {"errors": 3, "latency": 1}},
        "metrics": [METRIC-5xx-errors, METRIC-timeouts-errors, METRIC-p99-latency]}},
    "settle": {"min": "1s"}
}"#;

/// These metrics are above their limit.
fn with(bad: &[&str], more: (&str, &str)) -> World {
    let mut spec = SPEC.to_owned();
    for (name, group) in [("5xx", "errors"), ("timeouts", "errors"), ("p99", "latency")] {
        let provider = r#""provider":{"http":{"url":"http://m/","pointer":"/v"}},"condition":"value <= 1""#;
        let more = if more.0 == name { more.1 } else { "" };
        let metric = format!(r#"{{"name":"{name}","group":"{group}",{provider},"interval":"1s","count":2{more}}}"#);
        spec = spec.replace(&format!("METRIC-{name}-{group}"), &metric);
    }
    let mut world = World::new();
    for metric in bad {
        world.metrics.insert(format!("quality/{metric}"), Measurement::Value(9.0));
    }
    world.start(&spec);
    world.pass(60_000);
    world
}

#[test]
fn one_bad_metric_may_be_outweighed_and_the_story_tells_the_score() {
    let world = with(&["p99"], ("", ""));
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    let told = "analysis quality scores 75.0 of 100, 70 pass (errors 2 of 2, latency 0 of 1)";
    assert_eq!(world.transcript().matches(told).count(), 1, "{}", world.transcript());
}

#[test]
fn a_middling_score_asks_a_person_and_a_low_one_goes_back() {
    let mut world = with(&["5xx"], ("", ""));
    let paused = world.deployment().status.paused.clone().unwrap().reason;
    assert_eq!(paused.code.as_str(), "E_INCONCLUSIVE");
    assert!(paused.text.starts_with("analysis quality scores 62.5 of 100, 70 pass"), "{}", paused.text);
    // Measured anew after a person's word, it is good.
    world.metrics.clear();
    world.command(|d, now| deploy::resume(d, &order("bob", ""), now));
    world.pass(60_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());

    let world = with(&["5xx", "timeouts"], ("", ""));
    assert_eq!(world.phase(), Phase::RolledBack);
    let reason = world.deployment().status.abort.clone().unwrap().reason.to_string();
    assert!(reason.starts_with("E_ANALYSIS: analysis quality scores 25.0 of 100, 70 pass"), "{reason}");
}

#[test]
fn what_is_critical_fails_by_itself() {
    let world = with(&["p99"], ("p99", r#","critical":true"#));
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
}

#[test]
fn scores_that_make_no_sense_are_refused_with_their_place() {
    let world = World::new();
    let metric = r#"{"name":"m","provider":{"http":{"url":"http://m/","pointer":"/v"}},"condition":"value <= 1"GROUP}"#;
    let plan = |template: &str, group: &str, more: &str| {
        let metric = metric.replace("GROUP", group);
        let spec = format!(
            r#"{{"to":"green","strategy":{{"canary":{{"steps":[{{"weight":"50%"}},{{"analyse":["a"]}},{{"weight":"100%"}}]}}}},
                "analysis":{{"a":{{{template}"metrics":[{metric}]}}}}{more}}}"#
        );
        let spec = deploy::parse_spec(spec.as_bytes()).unwrap();
        deploy::plan(&world.service, &spec, &world.record_sets).unwrap_err().to_string()
    };
    let of_errors = r#","group":"errors""#;
    for (template, group, more, error) in [
        ("", of_errors, "", "analysis.a.metrics[0].group: groups are scored; give the template a score"),
        (r#""score":{"pass":0},"#, "", "", "analysis.a.score.pass: must be above 0 and at most 100: 0"),
        (r#""score":{"pass":50,"marginal":60},"#, "", "", "analysis.a.score.marginal: must be from 0 to pass, 50"),
        (
            r#""score":{"pass":50,"groups":{"error":2}},"#,
            of_errors,
            "",
            "analysis.a.score.groups.error: no metric is in this group",
        ),
        (
            r#""score":{"pass":50,"groups":{"errors":0}},"#,
            of_errors,
            "",
            "analysis.a.score.groups.errors: must be above 0 and at most 1000000: 0",
        ),
        (
            r#""score":{"pass":50},"#,
            "",
            r#","background":{"templates":["a"]}"#,
            "background.templates: a has a score, which is of the end, and in the background there is none",
        ),
    ] {
        assert_eq!(plan(template, group, more), error);
    }
}
