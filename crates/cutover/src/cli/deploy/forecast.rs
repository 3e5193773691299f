//! A plan with its clients, for people: after each step what share of them each environment gets, and where the new one
//! gets less than its weights say.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::simulate::{percent, who};

/// Names told of each step.
const NAMES: usize = 8;
/// Countries told of each name; clients are as many as asked for.
const COUNTRIES: usize = 4;
/// Shares closer than this are the same: half of what is printed.
const SAME: f64 = 0.000_5;

/// What stands below the plan.
pub(super) fn text(planned: &Value) -> String {
    let (mut out, forecast) = (String::new(), &planned["forecast"]);
    let to = planned["to"].as_str().unwrap_or_default();
    line(&mut out, &format!("\nclients: {}", who(&forecast["population"])));
    for step in list(&forecast["steps"]) {
        let plain = number(&step["share"]);
        line(&mut out, &format!("step {}, {} of the weights to {to}", step["step"], short(plain)));
        let answers = list(&step["answers"]);
        for answer in answers.iter().take(NAMES) {
            name(answer, to, plain, &mut out);
        }
        if answers.len() > NAMES {
            line(&mut out, &format!("  and {} more answers", answers.len() - NAMES));
        }
        if answers.is_empty() {
            line(&mut out, "  no client would be answered otherwise");
        }
    }
    if let Some(left) = forecast["left_off"].as_u64().filter(|left| *left > 0) {
        line(&mut out, &format!("! {left} more steps shift weights; there was no time to count their clients"));
    }
    let mut warnings = Vec::new();
    for warning in list(&forecast["steps"]).iter().flat_map(|step| list(&step["warnings"])) {
        if !warnings.contains(&warning) {
            line(&mut out, &format!("! {}", warning.as_str().unwrap_or_default()));
            warnings.push(warning);
        }
    }
    out
}

fn name(answer: &Value, to: &str, plain: f64, out: &mut String) {
    let word = |field: &str| answer[field].as_str().unwrap_or_default();
    let shares = answer["environments"].as_object().into_iter().flatten();
    let shares: Vec<(&String, f64)> = shares.map(|(name, sides)| (name, number(&sides["after"]))).collect();
    let others = 1.0 - shares.iter().map(|(_, share)| share).sum::<f64>();
    let mut told: Vec<String> = shares.iter().map(|(name, share)| format!("{name} {}", short(*share))).collect();
    if others > SAME {
        told.push(format!("others {}", short(others)));
    }
    let moved = short(number(&answer["moved"]));
    line(out, &format!("  {} {}: {}; {moved} of the clients move", word("name"), word("type"), told.join(", ")));
    let gets = |part: &Value| number(&part["environments"][to]["after"]);
    for (field, most) in [("countries", COUNTRIES), ("clients", usize::MAX)] {
        let mut parts = list(&answer[field]);
        let whole = parts.len();
        parts.retain(|part| gets(part) < plain - SAME);
        // If all get the same less, the line above says it.
        if whole == 1 && field == "countries" {
            continue;
        }
        parts.sort_by(|a, b| gets(a).total_cmp(&gets(b)).then(number(&b["share"]).total_cmp(&number(&a["share"]))));
        for part in parts.iter().take(most) {
            let whom = part["client"].as_str().or(part["name"].as_str()).unwrap_or("place unknown");
            let (share, of) = (short(gets(part)), short(number(&part["share"])));
            line(out, &format!("    {whom}: {to} {share} ({of} of all clients)"));
        }
        if parts.len() > most {
            line(out, &format!("    and {} more {field} below {}", parts.len() - most, short(plain)));
        }
    }
}

fn short(share: f64) -> String {
    percent(share).trim_start().to_owned()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn where_the_new_environment_gets_less_than_its_weights_is_told() {
        let part = |of: &str, text: &str, green: f64, share: f64| json!({of: text, "share": share, "environments": {"green": {"after": green}, "blue": {"after": 0.0}}});
        let answer = |name: &str, green: f64, parts: Value| {
            json!({"name": name, "type": "A", "moved": green, "countries": parts,
                "clients": [part("client", "192.0.2.0/24", green, 0.25)],
                "environments": {"green": {"after": green}, "blue": {"after": green}}})
        };
        let both = json!([part("name", "Germany", 0.5, 0.75), part("name", "France", 0.0, 0.25)]);
        let planned = json!({"to": "green", "forecast": {
            "population": {"of": "world", "clients": 2, "weight": 4000.0}, "left_off": 2,
            "steps": [{"step": 1, "share": 0.5, "warnings": ["look out"], "answers": [
                answer("shop.x.", 0.5, json!([part("name", "Germany", 0.5, 0.75)])), answer("www.x.", 0.375, both)]}],
        }});
        assert_eq!(
            text(&planned),
            "\nclients: 2 countries with 4 million Internet users\nstep 1, 50.0 % of the weights to green\n  \
             shop.x. A: blue 50.0 %, green 50.0 %; 50.0 % of the clients move\n  \
             www.x. A: blue 37.5 %, green 37.5 %, others 25.0 %; 37.5 % of the clients move\n    \
             France: green 0.0 % (25.0 % of all clients)\n    192.0.2.0/24: green 37.5 % (25.0 % of all clients)\n\
             ! 2 more steps shift weights; there was no time to count their clients\n! look out\n"
        );
    }
}
