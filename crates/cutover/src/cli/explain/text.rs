//! An explanation for people: first every possible answer with its odds, then the tree of policies that made them.

use std::fmt::Write as _;

use serde_json::Value;

use super::Paint;

/// Odds below this are told as smaller than it.
const ODDS_TOLD_LEAST: f64 = 0.000_01;

/// See the module.
pub(super) fn text(explanation: &Value, paint: Paint) -> String {
    let mut out = String::new();
    let question = format!("{} {}", word(&explanation["name"]), word(&explanation["type"]));
    if explanation["zone"].is_null() {
        line(&mut out, &format!("{question}: no hosted zone here holds this name: REFUSED"));
        return out;
    }
    line(&mut out, &format!("{question} for {}", client(explanation)));
    let answers = list(&explanation["answers"]);
    let widest = answers.iter().map(|answer| answered(answer).chars().count()).max().unwrap_or(0);
    for answer in &answers {
        let ttl = answer["ttl"].as_u64().map(|ttl| format!("  TTL {ttl} s")).unwrap_or_default();
        let what = answered(answer);
        line(&mut out, &paint.good(format!("  {}  {what:widest$}{ttl}", percent(&answer["odds"])).trim_end()));
    }
    if let Some(untold) = explanation["untold"].as_f64().filter(|untold| *untold > 0.0) {
        line(&mut out, &format!("  {}  other answers, too many to tell", percent(&untold.into())));
    }
    line(&mut out, "");
    let zone = &explanation["zone"];
    line(
        &mut out,
        &format!("zone {} {}, revision {}", word(&zone["name"]), word(&zone["id"]), explanation["revision"]),
    );
    for hop in list(&explanation["hops"]) {
        line(&mut out, &hop_line(&hop));
        level(&hop["level"], "", paint, &mut out);
    }
    let sample = &explanation["sample"];
    if answers.len() > 1 || answers.iter().any(|answer| !answer["some"].is_null()) {
        line(&mut out, &format!("draw {} answers {}", word(&sample["draw"]), answered(&sample["answer"])));
    }
    out
}

/// Who asks, in words: `198.51.100.0/24 (DE, EU)`.
fn client(explanation: &Value) -> String {
    let (client, scope) = (&explanation["client"], explanation["client"]["scope"].as_u64().unwrap_or(0));
    let place = &client["place"];
    let country = match (place["country"].as_str(), place["subdivision"].as_str()) {
        (Some(country), Some(part)) => Some(format!("{country}-{part}")),
        (country, _) => country.map(str::to_owned),
    };
    let codes = [country, place["continent"].as_str().map(|code| format!("continent {code}"))];
    let point = place["latitude"].as_f64().zip(place["longitude"].as_f64());
    let parts: Vec<String> =
        codes.into_iter().flatten().chain(point.map(|(north, east)| format!("at {north}, {east}"))).collect();
    let place = if parts.is_empty() { "place unknown".to_owned() } else { parts.join(", ") };
    let prefix = word(&client["prefix"]);
    if scope == 0 {
        format!("{prefix}: the same for everybody")
    } else {
        format!("{prefix} ({place}): the same within /{scope}")
    }
}

/// What an answer holds: `a.example.com. → 192.0.2.1`.
fn answered(answer: &Value) -> String {
    let via: String = list(&answer["via"]).iter().map(|name| format!("{} → ", word(name))).collect();
    format!("{via}{}", word(&answer["text"]))
}

fn hop_line(hop: &Value) -> String {
    let stands = if hop["wildcard"] == true { " (a wildcard stands for it)" } else { "" };
    let what = match hop["finding"].as_str().unwrap_or_default() {
        "records" => format!("{}, {}", word(&hop["type"]), policy(&hop["level"])),
        "NODATA" => "NODATA: the name exists without this type".to_owned(),
        "NXDOMAIN" => "NXDOMAIN: no such name, and no wildcard stands for it".to_owned(),
        "delegated" => "delegated to other name servers".to_owned(),
        _ => "below a DNAME, which rewrites it".to_owned(),
    };
    let odds = hop["odds"].as_f64().filter(|odds| *odds < 1.0).map(|odds| format!(" {}", percent(&odds.into()).trim()));
    format!("{}{stands}{}: {what}", word(&hop["name"]), odds.unwrap_or_default())
}

fn policy(level: &Value) -> String {
    let open = if level["failing_open"] == true { ", failing open: nobody is healthy" } else { "" };
    format!("{}{open}", word(&level["policy"]))
}

/// The candidates, the ones below them indented.
fn level(level_of: &Value, indent: &str, paint: Paint, out: &mut String) {
    let candidates = list(&level_of["candidates"]);
    for (i, candidate) in candidates.iter().enumerate() {
        let is_last = i + 1 == candidates.len();
        let (branch, below) = if is_last { ("└─", "   ") } else { ("├─", "│  ") };
        let text = format!("{indent}{branch} {}", candidate_line(&word(&level_of["policy"]), candidate));
        let is_chosen = matches!(candidate["reason"]["code"].as_str(), Some("answers" | "fails_open"));
        line(out, &if is_chosen { paint.good(&text) } else { paint.faint(&text) });
        let under = [&candidate["alias"]["level"], &candidate["rule_of_policy"]["level"]];
        for under in under.into_iter().filter(|under| !under.is_null()) {
            level(under, &format!("{indent}{below}"), paint, out);
        }
    }
}

fn candidate_line(policy: &str, candidate: &Value) -> String {
    let mut parts = vec![percent(&candidate["odds"])];
    let rule = candidate["rule"].as_str().filter(|rule| candidate["set_identifier"] != **rule);
    parts.extend(candidate["set_identifier"].as_str().map(str::to_owned));
    parts.extend(rule.map(str::to_owned));
    parts.extend(measure(&candidate["measure"]));
    parts.push(holds(candidate));
    parts.extend(check(&candidate["health_check"]));
    let reason = &candidate["reason"];
    match reason["code"].as_str() {
        Some("answers") => parts.extend(because(policy, candidate).map(|why| format!("← {why}"))),
        Some("fails_open" | "sticks") => parts.push(format!("← {}", word(&reason["text"]))),
        _ => parts.push(format!("— {}", word(&reason["text"]))),
    }
    parts.join("  ")
}

/// Why the one that answers does, where the policy leaves nothing to chance.
fn because(policy: &str, candidate: &Value) -> Option<&'static str> {
    let is = |rule: &str| candidate["rule"] == rule;
    match policy {
        "latency" | "geoproximity" if !candidate["measure"].is_null() => Some("the nearest"),
        "latency" | "geoproximity" => Some("the first: nobody knows how far it is"),
        "geolocation" if is("*") => Some("the default"),
        "geolocation" => Some("the smallest location around the client"),
        "IP-based" if is("location *") => Some("the default"),
        "IP-based" => Some("a block of it holds the client"),
        "failover" if is("secondary") => Some("the primary is unhealthy"),
        _ => None,
    }
}

fn measure(measure: &Value) -> Option<String> {
    let sign = if measure["measured"] == false { "~" } else { "" };
    Some(format!("{sign}{:.0} {}", measure["value"].as_f64()?, word(&measure["unit"])))
}

fn holds(candidate: &Value) -> String {
    let values = |records: &Value| list(&records["values"]).iter().map(word).collect::<Vec<_>>().join(", ");
    if !candidate["records"].is_null() {
        return values(&candidate["records"]);
    }
    if candidate["outside"] == true {
        return "alias to a target outside this server: no records".to_owned();
    }
    let evaluates = |of: &Value| if of["evaluate_target_health"] == true { ", its health counts" } else { "" };
    let (alias, rule) = (&candidate["alias"], &candidate["rule_of_policy"]);
    if rule.is_null() {
        let below =
            if alias["level"].is_null() { ", which has no such records".to_owned() } else { below(&alias["level"]) };
        return format!("alias to {}{}{below}", word(&alias["target"]), evaluates(alias));
    }
    format!("rule{}{}", evaluates(rule), below(&rule["level"]))
}

fn below(level: &Value) -> String {
    format!(": {}", policy(level))
}

/// `check a1b2 healthy for 3 min`.
fn check(check: &Value) -> Option<String> {
    let id = check["id"].as_str()?;
    let short = id.get(..8).filter(|_| id.len() == 36).unwrap_or(id);
    let status = if check["healthy"] == true { "healthy" } else { "UNHEALTHY" };
    let since = check["since_ms"].as_u64().map(|ms| format!(" for {}", age(ms))).unwrap_or_default();
    let seen = check["seen"].as_str().filter(|_| check["healthy"] == false).map(|seen| format!(": {seen}"));
    Some(format!("[check {short} {status}{since}{}]", seen.unwrap_or_default()))
}

fn age(ms: u64) -> String {
    match ms / 1000 {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds @ 7200..=172_799 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86400),
    }
}

/// A share in six places: ` 95 %`, `0.4 %`.
fn percent(odds: &Value) -> String {
    let odds = odds.as_f64().unwrap_or(0.0);
    if odds > 0.0 && odds < ODDS_TOLD_LEAST {
        return format!("{:>7} %", "<0.001");
    }
    let text = format!("{:.3}", odds * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text:>7} %")
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_come_first_and_the_tree_says_why() {
        let candidate = |id: &str, rule: &str, odds: f64, reason: (&str, &str), value: &str| {
            json!({"set_identifier": id, "rule": rule, "odds": odds, "measure": null, "health_check": null,
                "reason": {"code": reason.0, "text": reason.1}, "records": {"values": [value], "ttl": 60}})
        };
        let answer = |odds: f64, value: &str| json!({"odds": odds, "via": [], "values": [value], "some": null, "text": value, "ttl": 60});
        let mut near = candidate("eu", "eu-west-1", 0.0, ("slower", "farther by 31 ms"), "192.0.2.3");
        near["measure"] = json!({"value": 40.4, "unit": "ms", "measured": false});
        near["health_check"] =
            json!({"id": "c1", "healthy": false, "since_ms": 125_000, "seen": "Failure: timeout", "seen_ms": 9});
        let pool = json!({"policy": "weighted", "failing_open": false, "candidates": [
            candidate("v1", "weight 95", 0.95, ("answers", ""), "192.0.2.1"),
            candidate("v2", "weight 5", 0.05, ("answers", ""), "192.0.2.2")]});
        let alias = json!({"set_identifier": "us", "rule": "us-east-1", "odds": 1.0, "measure": {"value": 9.0, "unit": "ms"}, "reason": {"code": "answers"},
            "alias": {"target": "p.ex.test.", "evaluate_target_health": true, "level": pool}});
        let explanation = json!({
            "name": "www.ex.test.", "type": "A", "revision": 7, "zone": {"id": "Z1", "name": "ex.test."},
            "client": {"prefix": "198.51.100.0/24", "scope": 24, "place": {"country": "DE", "continent": "EU"}},
            "answers": [answer(0.95, "192.0.2.1"), answer(0.05, "192.0.2.2")], "untold": 0.0,
            "hops": [{"name": "www.ex.test.", "odds": 1.0, "finding": "records", "type": "A", "wildcard": false,
                "level": {"policy": "latency", "failing_open": false, "candidates": [near, alias]}}],
            "sample": {"draw": "00000000000000ff", "answer": answer(1.0, "192.0.2.1")},
        });
        assert_eq!(
            text(&explanation, Paint::Plain),
            "www.ex.test. A for 198.51.100.0/24 (DE, continent EU): the same within /24\n\
             \x20      95 %  192.0.2.1  TTL 60 s\n\
             \x20       5 %  192.0.2.2  TTL 60 s\n\
             \n\
             zone ex.test. Z1, revision 7\n\
             www.ex.test.: A, latency\n\
             ├─       0 %  eu  eu-west-1  ~40 ms  192.0.2.3  [check c1 UNHEALTHY for 2 min: Failure: timeout]  — farther by 31 ms\n\
             └─     100 %  us  us-east-1  9 ms  alias to p.ex.test., its health counts: weighted  ← the nearest\n\
             \x20  ├─      95 %  v1  weight 95  192.0.2.1\n\
             \x20  └─       5 %  v2  weight 5  192.0.2.2\n\
             draw 00000000000000ff answers 192.0.2.1\n"
        );
    }

    #[test]
    fn tiny_odds_are_not_nothing() {
        assert_eq!(percent(&json!(0.000_000_1)).trim(), "<0.001 %");
        assert_eq!(percent(&json!(0.0)).trim(), "0 %");
        assert_eq!(percent(&json!(1.0 / 3.0)).trim(), "33.333 %");
    }
}
