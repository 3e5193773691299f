//! When the steps of a plan begin, for people.

use std::fmt::Write as _;

use serde_json::Value;

/// What stands below the plan; nothing if the server tells none.
pub(super) fn text(planned: &Value) -> String {
    let (mut out, times) = (String::new(), &planned["timeline"]);
    let Some(steps) = times["steps"].as_array() else { return out };
    let mut line = |line: String| writeln!(out, "{line}").expect("a string takes all");
    line("if it began now and all went well (UTC):".to_owned());
    for step in steps {
        let number = step["step"].as_u64().unwrap_or_default();
        let what = planned["plan"].as_array().and_then(|plan| plan.get(usize::try_from(number).ok()?.checked_sub(1)?));
        let what = what.and_then(|step| step["text"].as_str()).unwrap_or_default();
        let behind = step["behind"].as_str().map_or(String::new(), |behind| format!(", {behind}"));
        line(format!("  {}  step {number}: {what}{behind}", moment(&step["at_ms"])));
    }
    for (field, what) in [("baking_ms", "bake"), ("done_ms", "done")] {
        if !times[field].is_null() {
            line(format!("  {}  {what}", moment(&times[field])));
        }
    }
    if let Some(shut) = times["shut"].as_str() {
        line(format!("  and then nobody knows when: {shut}"));
    }
    if times["asks"] == true {
        line("  people or programs decide on the way: it may be later".to_owned());
    }
    out
}

fn moment(at_ms: &Value) -> String {
    let utc = api::utc(at_ms.as_u64().unwrap_or_default());
    // Nobody plans by the millisecond.
    utc.split_once('.').map_or(utc.clone(), |(seconds, _)| seconds.replace('T', " "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_stand_beside_their_steps() {
        let planned = json!({
            "plan": [{"text": "weights A blue=95 green=5"}, {"text": "hold 10m"}],
            "timeline": {
                "steps": [
                    {"step": 1, "at_ms": 1_796_032_800_000u64, "behind": "frozen by \"incident\" until 2026-11-30T10:00+00:00"},
                    {"step": 2, "at_ms": 1_796_032_890_000u64}],
                "baking_ms": 1_796_033_490_000u64, "done_ms": null, "asks": true, "shut": null}});
        let expected = "if it began now and all went well (UTC):
  2026-11-30 10:00:00  step 1: weights A blue=95 green=5, frozen by \"incident\" until 2026-11-30T10:00+00:00
  2026-11-30 10:01:30  step 2: hold 10m
  2026-11-30 10:11:30  bake
  people or programs decide on the way: it may be later
";
        assert_eq!(text(&planned), expected);
        assert_eq!(text(&json!({"timeline": null})), "");
    }
}
