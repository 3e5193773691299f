//! A deployment as text: where it is, who has what share, what it waits for, what was measured, what happened last.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::print::table;

/// Events that are shown.
const EVENTS: usize = 5;
/// Steps that are shown: the current one and its neighbours.
const STEPS: usize = 12;
/// Characters of a plan's hash that tell it apart from others, `sha256:` counted.
const HASH_CHARS: usize = 19;

/// The whole picture; the last line ends with a line break.
pub(super) fn draw(view: &Value, now_ms: u64) -> String {
    drawn(view, now_ms, STEPS, EVENTS)
}

/// The picture in so many lines at most: fewer steps and events where there is no room for all, then its end is cut.
pub(super) fn draw_in(view: &Value, now_ms: u64, lines: usize) -> String {
    let smaller = [(STEPS, EVENTS), (7, EVENTS), (5, 3), (3, 2), (1, 1)];
    let mut pictures = smaller.into_iter().map(|(steps, events)| drawn(view, now_ms, steps, events));
    let fits = |picture: &String| picture.lines().count() <= lines;
    pictures.find(fits).unwrap_or_else(|| {
        let smallest = drawn(view, now_ms, 1, 1);
        smallest.lines().take(lines).map(|line| format!("{line}\n")).collect()
    })
}

fn drawn(view: &Value, now_ms: u64, most_steps: usize, most_events: usize) -> String {
    let mut out = format!(
        "{}: {} {} → {} ({}), deployment {}\n{}{}, {}\n",
        text(view, "service"),
        text(view, "strategy"),
        origin(view),
        text(view, "to"),
        text(view, "version"),
        text(view, "id"),
        text(view, "phase"),
        paused(view),
        progress(view, now_ms),
    );
    if let Some(reason) = view["reason"].as_str() {
        line(&mut out, &format!("why: {reason}"));
    }
    let facts = [("drift", "drift"), ("trouble", "the server cannot run it"), ("untold", "notifications")];
    for (field, what) in facts {
        if let Some(trouble) = view[field].as_str() {
            line(&mut out, &format!("{what}: {trouble}"));
        }
    }
    out.push('\n');
    out.push_str(&shares(view));
    out.push('\n');
    out.push_str(&steps(view, most_steps));
    for drain in items(&view["drain"]) {
        line(&mut out, &drained(drain, now_ms));
    }
    if let Some(state) = view["teardown"]["state"].as_str() {
        let (environment, why) = (text(&view["teardown"], "environment"), text(&view["teardown"], "text"));
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        line(&mut out, &format!("old environment {environment} {}{why}", state.replace('_', " ")));
    }
    for waiting in items(&view["waiting"]) {
        let left = waiting["until_ms"].as_u64().map(|until| until.saturating_sub(now_ms).div_ceil(1000));
        let left = left.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
        line(&mut out, &format!("waiting: {}{left}", text(waiting, "text")));
    }
    if !items(&view["instances"]).is_empty() {
        out.push('\n');
        out.push_str(&instances(view));
    }
    if !items(&view["analysis"]).is_empty() {
        out.push('\n');
        out.push_str(&analysis(view));
    }
    out.push('\n');
    let events = items(&view["events"]);
    for event in &events[events.len().saturating_sub(most_events)..] {
        line(&mut out, &event_line(view, event));
    }
    out
}

/// `step 2 of 6, for 12s, plan sha256:52d13989ec43`
fn progress(view: &Value, now_ms: u64) -> String {
    let (step, start) = (&view["step"], view["created"]["at_ms"].as_u64().unwrap_or(now_ms));
    let end = if view["terminal"] == true { view["phase_since_ms"].as_u64() } else { None };
    let seconds = end.unwrap_or(now_ms).saturating_sub(start) / 1000;
    let hash: String = text(view, "plan_hash").chars().take(HASH_CHARS).collect();
    let took = model::deployment::Period::from_seconds(seconds);
    format!("step {} of {}, {took} since the start, plan {hash}", step["index"], step["count"])
}

/// One event in one line, with the seconds since the creation.
pub(super) fn event_line(view: &Value, event: &Value) -> String {
    let start = view["created"]["at_ms"].as_u64().unwrap_or(0);
    let at = event["at_ms"].as_u64().unwrap_or(start).saturating_sub(start);
    let (seconds, tenths) = (at / 1000, at % 1000 / 100);
    let cause = text(event, "cause");
    let cause = if cause == "engine" { String::new() } else { format!(" [{cause}]") };
    format!("{:>6}.{tenths}s  {:<12} {}{cause}", seconds, text(event, "phase"), text(event, "text"))
}

/// Deployments, one a line.
pub(super) fn history(deployments: &[Value]) -> String {
    let rows: Vec<Vec<String>> = deployments
        .iter()
        .map(|found| {
            let (start, end) = (found["created"]["at_ms"].as_u64(), found["ended_ms"].as_u64());
            let took = start.zip(end).map_or("-".to_owned(), |(start, end)| {
                model::deployment::Period::from_ms(end.saturating_sub(start) / 1000 * 1000).to_string()
            });
            vec![
                text(found, "id"),
                format!("{} → {}", origin(found), text(found, "to")),
                text(found, "version"),
                text(found, "phase"),
                took,
                text(&found["created"], "by"),
                found["reason"].as_str().unwrap_or("").to_owned(),
            ]
        })
        .collect();
    table(&["ID", "FROM → TO", "VERSION", "PHASE", "TOOK", "BY", "WHY"], &rows)
}

/// A text field; empty if there is none.
pub(super) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// What serves, or served, before the release.
fn origin(view: &Value) -> String {
    view["from"].as_str().unwrap_or("nobody").to_owned()
}

/// `, paused by …` if it is.
pub(super) fn paused(view: &Value) -> String {
    if view["paused"] == true { format!(", paused by {}", text(&view["pause"], "by")) } else { String::new() }
}

/// Whether an environment that lost its traffic still gets some out of caches.
fn drained(drain: &Value, now_ms: u64) -> String {
    let name = text(drain, "environment");
    let left = drain["forgotten_ms"].as_u64().map(|at| at.saturating_sub(now_ms).div_ceil(1000));
    match left {
        _ if drain["drained"] == true => format!("drained: {name}; no cache should know it any more"),
        Some(left) => format!("drains: {name}; caches may send clients to it for {left} s more"),
        None => format!("drains: {name}; some servers may still answer with it"),
    }
}

fn shares(view: &Value) -> String {
    let rows: Vec<Vec<String>> = items(&view["environments"])
        .iter()
        .map(|environment| {
            let weights: Vec<String> = environment["weights"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(record_type, weight)| format!("{record_type} {weight}"))
                .collect();
            let expected = match view["expected_now"].as_f64() {
                Some(share) if environment["name"] == view["to"] => percent(&share.into()),
                Some(share) if environment["name"] == view["from"] => percent(&(1.0 - share).into()),
                _ => String::new(),
            };
            vec![
                text(environment, "name"),
                text(environment, "version"),
                percent(&environment["wanted"]),
                percent(&environment["written"]),
                percent(&environment["applied"]),
                expected,
                weights.join(", "),
            ]
        })
        .collect();
    table(&["ENVIRONMENT", "VERSION", "WANTED", "WRITTEN", "APPLIED", "EXPECTED", "WEIGHTS"], &rows)
}

/// The steps around the current one: done, under way, to come.
fn steps(view: &Value, most: usize) -> String {
    let (all, current) = (items(&view["plan"]), view["step"]["index"].as_u64().unwrap_or(0));
    let stage = view["step"]["stage"].as_str();
    let first =
        usize::try_from(current).unwrap_or(0).saturating_sub(most.div_ceil(2)).min(all.len().saturating_sub(most));
    let mut out = String::new();
    for step in all.iter().skip(first).take(most) {
        let number = step["number"].as_u64().unwrap_or(0);
        let is_current = number == current && stage.is_some();
        let mark = if is_current {
            "▶"
        } else if number <= current {
            "✓"
        } else {
            " "
        };
        let stage = stage.filter(|_| is_current).map(|stage| format!(" ({stage})")).unwrap_or_default();
        line(&mut out, &format!("{mark} {number:>2}  {:>6}  {}{stage}", percent(&step["share"]), text(step, "text")));
    }
    out
}

/// Of a rolling release: what each instance runs, and whether it serves.
fn instances(view: &Value) -> String {
    let rows: Vec<Vec<String>> = items(&view["instances"])
        .iter()
        .map(|instance| {
            let version = instance["version"].as_str().unwrap_or("not known").to_owned();
            let undoing = match (&instance["undoing"], &instance["replacing"]) {
                (Value::Bool(true), _) => "going back",
                (_, Value::Bool(true)) => "being replaced",
                _ => "",
            };
            vec![text(instance, "instance"), version, instance["weight"].to_string(), undoing.to_owned()]
        })
        .collect();
    table(&["INSTANCE", "VERSION", "WEIGHT", ""], &rows)
}

pub(super) fn analysis(view: &Value) -> String {
    let rows: Vec<Vec<String>> = items(&view["analysis"])
        .iter()
        .map(|metric| {
            let last = metric["last"].as_f64().map_or("-".to_owned(), number);
            let count = |field: &str| metric[field].to_string();
            let verdict = text(metric, "verdict");
            let verdict = if metric["dry_run"] == true { format!("{verdict} (dry run)") } else { verdict };
            vec![
                format!("{}/{}", text(metric, "template"), text(metric, "metric")),
                last,
                text(metric, "limit"),
                count("passes"),
                count("fails"),
                count("errors"),
                count("no_data"),
                verdict,
            ]
        })
        .collect();
    table(&["METRIC", "LAST", "LIMIT", "PASS", "FAIL", "ERR", "NO DATA", "VERDICT"], &rows)
}

/// Four digits that count; enough to compare with a limit.
fn number(value: f64) -> String {
    if value == 0.0 || !(1e-4..1e6).contains(&value.abs()) {
        return value.to_string();
    }
    let decimals = (3.0 - value.abs().log10().floor()).max(0.0);
    let scale = 10f64.powf(decimals);
    ((value * scale).round() / scale).to_string()
}

pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn percent(share: &Value) -> String {
    let Some(share) = share.as_f64() else { return "-".to_owned() };
    let tenths = (share * 1000.0).round() / 10.0;
    format!("{tenths}%")
}

pub(super) fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn measured_numbers_are_short() {
        for (value, text) in [(0.348_837_209, "0.3488"), (0.0, "0"), (1234.567, "1235"), (-0.012_345, "-0.01235")] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_picture_tells_where_it_is_and_what_it_waits_for() {
        let view = json!({
            "id": "01HF7YAT00", "service": "shop", "strategy": "canary", "from": "blue", "to": "green", "version": "2.0",
            "phase": "Progressing", "terminal": false, "reason": null, "paused": false, "drift": null, "trouble": null,
            "created": {"at_ms": 1000}, "expected_now": 0.031, "plan_hash": "sha256:0123456789abcdef",
            "step": {"index": 2, "count": 3, "stage": "hold"},
            "waiting": [{"on": "time", "text": "holding for 10s", "until_ms": 9_500}],
            "environments": [
                {"name": "blue", "version": "1.9", "wanted": 0.95, "written": 0.95, "applied": 0.95, "weights": {"A": 95}},
                {"name": "green", "version": "2.0", "wanted": 0.05, "written": 0.05, "applied": 0.05, "weights": {"A": 5}},
            ],
            "plan": [
                {"number": 1, "share": 0.05, "text": "weights A blue=95 green=5"},
                {"number": 2, "share": 0.05, "text": "hold 10s"},
                {"number": 3, "share": 1.0, "text": "weights A blue=0 green=200"},
            ],
            "analysis": [],
            "events": [{"seq": 1, "at_ms": 3_400, "phase": "Progressing", "text": "weights written", "cause": "engine"}],
        });
        let picture = draw(&view, 5_000);
        for lines in 1..40 {
            let fitted = draw_in(&view, 5_000, lines);
            assert!(fitted.lines().count() <= lines && fitted.starts_with("shop: canary"), "{lines}:\n{fitted}");
            assert_eq!(fitted == picture, lines >= picture.lines().count(), "{lines}");
        }
        assert!(draw_in(&view, 5_000, 11).contains("▶  2"), "the current step is kept");
        for part in [
            "shop: canary blue → green (2.0), deployment 01HF7YAT00",
            "Progressing, step 2 of 3, 4s since the start, plan sha256:0123456789ab\n",
            "blue         1.9      95%     95%      95%      96.9%",
            "green        2.0      5%      5%       5%       3.1%      A 5",
            "✓  1      5%  weights A blue=95 green=5",
            "▶  2      5%  hold 10s (hold)",
            "   3    100%  weights A blue=0 green=200",
            "waiting: holding for 10s, 5 s left",
            "2.4s  Progressing  weights written",
        ] {
            assert!(picture.contains(part), "no {part:?} in\n{picture}");
        }
    }
}
