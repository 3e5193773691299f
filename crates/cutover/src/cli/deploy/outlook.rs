//! What a plan can promise, for people: how far the share of each step may stray from its weights.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::simulate::percent;

/// Steps that are told; the rest of a long plan strays alike.
const STEPS: usize = 12;

/// What stands below the plan; nothing if the server tells none.
pub(super) fn text(planned: &Value) -> String {
    let (mut out, outlook) = (String::new(), &planned["outlook"]);
    let Some(steps) = outlook["steps"].as_array().filter(|steps| !steps.is_empty()) else { return out };
    let to = planned["to"].as_str().unwrap_or_default();
    let (resolvers, n_eff) = (&outlook["resolvers"], outlook["n_eff"].as_f64().unwrap_or_default());
    let uneven = format!("{resolvers} resolvers, as uneven as {n_eff:.0} equal ones");
    writeln!(out, "share of the traffic that comes to {to} once caches have followed ({uneven}):").expect("a string");
    for step in steps.iter().take(STEPS) {
        let of = |field: &str| percent(step[field].as_f64().unwrap_or_default()).trim_start().to_owned();
        let (number, wanted, mean, low, high) = (&step["step"], of("wanted"), of("expected"), of("low"), of("high"));
        let line = format!("  step {number}: weights {wanted}, mean {mean}, {low} to {high} in 95 of 100 releases");
        writeln!(out, "{line}").expect("a string takes all");
    }
    if steps.len() > STEPS {
        writeln!(out, "  and {} more steps", steps.len() - STEPS).expect("a string takes all");
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn how_far_a_share_strays_is_told() {
        let planned = json!({"to": "green", "outlook": {"resolvers": 2000, "n_eff": 14.7, "steps": [
            {"step": 1, "wanted": 0.05, "expected": 0.0456, "low": 0.008, "high": 0.241}]}});
        assert_eq!(
            text(&planned),
            "share of the traffic that comes to green once caches have followed (2000 resolvers, as uneven as 15 equal \
             ones):\n  step 1: weights 5.0 %, mean 4.6 %, 0.8 % to 24.1 % in 95 of 100 releases\n"
        );
        assert_eq!(text(&json!({})), "");
    }
}
