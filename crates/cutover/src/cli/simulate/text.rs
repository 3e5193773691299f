//! A simulation for people: each answer before and after as a bar, who moves where, and in which countries.

use std::fmt::Write as _;

use serde_json::Value;

use super::Paint;

/// Questions told whole; the others get a line each.
const QUESTIONS: usize = 4;
/// Answers, ways, countries and clients told of each question.
const ROWS: usize = 8;
/// Lines of those that are told short.
const SHORT: usize = 20;
/// Characters of a whole bar.
const BAR: f64 = 24.0;
/// Characters of an answer's name.
const LABEL: usize = 44;

/// Everything.
pub(super) fn whole(simulation: &Value, paint: Paint) -> String {
    let mut out = String::new();
    let population = &simulation["population"];
    line(&mut out, &format!("{} at revision {}, {}", word(&simulation["name"]), simulation["at"], who(population)));
    let changes = simulation["changes"].as_array().map_or(0, Vec::len);
    if changes > 0 {
        line(&mut out, &format!("{changes} record set{} would change", if changes == 1 { "" } else { "s" }));
    }
    out.push_str(&clients(simulation, paint));
    let remarks = list(&simulation["remarks"]).into_iter().chain(list(&simulation["warnings"]));
    let remarks: Vec<String> = remarks.map(|remark| word(&remark)).chain(not_simulated(simulation)).collect();
    if !remarks.is_empty() {
        line(&mut out, "");
        remarks.iter().for_each(|remark| line(&mut out, &format!("! {remark}")));
    }
    out
}

/// The checks that turn over, and the answers.
pub(in crate::cli) fn clients(simulation: &Value, paint: Paint) -> String {
    let mut out = String::new();
    for check in list(&simulation["health"]) {
        let becomes = if check["healthy"] == true { "up" } else { "down" };
        let because: Vec<String> = list(&check["because"]).iter().map(word).collect();
        line(&mut out, &format!("health check {} goes {becomes}: {}", word(&check["id"]), because.join(", ")));
    }
    for unchecked in list(&simulation["unchecked"]) {
        line(&mut out, &format!("would still be answered, it has no health check: {}", word(&unchecked)));
    }
    out.push_str(&shares(simulation, paint));
    out
}

/// The countries that nobody was asked for.
pub(in crate::cli) fn not_simulated(simulation: &Value) -> Option<String> {
    let population = &simulation["population"];
    let rows = list(&population["not_simulated"]);
    let left: f64 = rows.iter().filter_map(|row| row["weight"].as_f64()).sum();
    let all = left + population["weight"].as_f64().unwrap_or_default();
    (left > 0.0).then(|| {
        let (count, share) = (rows.len(), percent(left / all));
        let share = share.trim_start();
        format!("{count} countries are not simulated, for no prefix of them is known: {share} of all users")
    })
}

/// Only the answers.
fn shares(simulation: &Value, paint: Paint) -> String {
    let mut out = String::new();
    let answers = list(&simulation["answers"]);
    if answers.is_empty() {
        line(&mut out, "no client would be answered otherwise");
    }
    for answer in answers.iter().take(QUESTIONS) {
        question(answer, paint, &mut out);
    }
    if answers.len() > QUESTIONS {
        line(&mut out, "");
    }
    for answer in answers.iter().skip(QUESTIONS).take(SHORT) {
        line(&mut out, &format!("{} {}: {}", word(&answer["name"]), word(&answer["type"]), moved(answer)));
    }
    if answers.len() > QUESTIONS + SHORT {
        line(&mut out, &format!("and {} more answers", answers.len() - QUESTIONS - SHORT));
    }
    out
}

/// Who was asked for.
pub(in crate::cli) fn who(population: &Value) -> String {
    let (count, weight) = (&population["clients"], population["weight"].as_f64().unwrap_or_default());
    match population["of"].as_str() {
        Some("world") => format!("{count} countries with {:.0} million Internet users", weight / 1000.0),
        _ => format!("{count} clients of weight {weight}"),
    }
}

fn question(answer: &Value, paint: Paint, out: &mut String) {
    let is_change = number(&answer["moved"]) > 0.0;
    line(out, "");
    line(out, &format!("{} {}: {}", word(&answer["name"]), word(&answer["type"]), moved(answer)));
    let all = list(&answer["shares"]);
    let width = all.iter().take(ROWS).map(|share| label(share).chars().count()).max().unwrap_or(0);
    for share in all.iter().take(ROWS) {
        let (before, after) = (number(&share["before"]), number(&share["after"]));
        let name = format!("{:width$}", label(share));
        if !is_change {
            line(out, &format!("  {name}  {} {}", percent(after), bar(after)));
            continue;
        }
        let row = format!("  {name}  {} → {}  {}", percent(before), percent(after), bar(after));
        let is_lost = share["nothing"] == true && after > before;
        line(
            out,
            &match after.partial_cmp(&before) {
                Some(std::cmp::Ordering::Greater) if !is_lost => paint.good(&row),
                Some(std::cmp::Ordering::Equal) => row,
                _ => paint.bad(&row),
            },
        );
    }
    more(all.len(), "answers", out);
    let flows = list(&answer["flows"]);
    let (name, width) = (|place: &Value| named(&all, place), 9);
    for flow in flows.iter().take(ROWS) {
        let share = percent(number(&flow["share"]));
        line(out, &format!("  {share:>width$} go from {} to {}", name(&flow["from"]), name(&flow["to"])));
    }
    more(flows.len(), "ways", out);
    sides(answer, out);
    parts(answer, &all, out);
}

/// What else there is to know of both sides.
fn sides(answer: &Value, out: &mut String) {
    let both = |old: String, new: String| if old == new { new } else { format!("{old} → {new}") };
    let side = |side: &str, field: &str| answer[side][field].as_f64();
    for (field, what) in [("nothing", "get no records"), ("fails_open", "get records although nobody is healthy")] {
        let (old, new) = (side("before", field).unwrap_or(0.0), side("after", field).unwrap_or(0.0));
        if old > 0.0 || new > 0.0 {
            let told = both(percent(old).trim_start().to_owned(), percent(new).trim_start().to_owned());
            line(out, &format!("  {told} {what}"));
        }
    }
    for (field, unit) in [("latency_ms", "ms to where they are sent"), ("distance_km", "km, after the bias")] {
        if let (Some(old), Some(new)) = (side("before", field), side("after", field)) {
            line(out, &format!("  {} {unit}, on average", both(format!("{old:.0}"), format!("{new:.0}"))));
        }
    }
    let shares = list(&answer["shares"]);
    let left = list(&answer["flows"]).into_iter().filter_map(|flow| usize::try_from(flow["from"].as_u64()?).ok());
    if let Some(held) = left.filter_map(|from| shares.get(from)?["ttl"].as_u64()).max().filter(|held| *held > 0) {
        line(out, &format!("  resolvers may give the old answer for up to {held} s"));
    }
}

/// Countries, then clients: those that most moves of, or if nothing moves the largest.
fn parts(answer: &Value, all: &[Value], out: &mut String) {
    let mut countries = list(&answer["countries"]);
    let on_the_move = |part: &Value| number(&part["moved"]) * number(&part["share"]);
    countries.sort_by(|a, b| on_the_move(b).total_cmp(&on_the_move(a)));
    if number(&answer["moved"]) > 0.0 {
        countries.retain(|part| number(&part["moved"]) > 0.0);
    }
    let is_alike = |part: &Value| what(part, all) == what(&countries[0], all);
    let is_all = countries.len() == list(&answer["countries"]).len();
    if countries.len() > 1 && is_all && countries.iter().all(is_alike) {
        line(out, "  the same in every country");
    } else {
        rows(&countries, all, "countries", out);
    }
    rows(&list(&answer["clients"]), all, "clients", out);
}

/// What a part gets before and after, in words.
fn what(part: &Value, all: &[Value]) -> String {
    let side = |field: &str| {
        let shares = list(&part[field]);
        let one = |share: &Value| match number(&share["share"]) {
            share_of if share_of > 0.999_999 => named(all, &share["answer"]),
            share_of => format!("{} {}", named(all, &share["answer"]), percent(share_of).trim_start()),
        };
        let mut texts: Vec<String> = shares.iter().take(3).map(one).collect();
        if shares.len() > 3 {
            texts.push("…".to_owned());
        }
        texts.join(", ")
    };
    let (before, after) = (side("before"), side("after"));
    if before == after { after } else { format!("{before} → {after}") }
}

fn rows(parts: &[Value], all: &[Value], kind: &str, out: &mut String) {
    let name = |part: &Value| match (part["client"].as_str(), part["name"].as_str(), part["country"].as_str()) {
        (Some(text), ..) | (None, Some(text), _) | (None, None, Some(text)) => text.to_owned(),
        (None, None, None) => "place unknown".to_owned(),
    };
    let told = if kind == "clients" { parts.len() } else { ROWS.min(parts.len()) };
    let width = parts.iter().take(told).map(|part| name(part).chars().count()).max().unwrap_or(0);
    for part in parts.iter().take(told) {
        let what = what(part, all);
        line(out, &format!("  {:width$} {} of all  {what}", name(part), percent(number(&part["share"]))));
    }
    more(if kind == "clients" { 0 } else { parts.len() }, kind, out);
}

fn more(count: usize, what: &str, out: &mut String) {
    if count > ROWS {
        line(out, &format!("  and {} more {what}", count - ROWS));
    }
}

fn moved(answer: &Value) -> String {
    match number(&answer["moved"]) {
        0.0 => "as it is".to_owned(),
        moved => format!("{} of the clients move", percent(moved).trim_start()),
    }
}

/// What leads to an answer, or else the answer, in few words.
fn named(all: &[Value], place: &Value) -> String {
    let share = place.as_u64().and_then(|place| all.get(usize::try_from(place).ok()?)).unwrap_or(&Value::Null);
    let labels: Vec<String> = list(&share["labels"]).iter().map(word).collect();
    cut(if labels.is_empty() { answered(share) } else { labels.join(" or ") }, LABEL / 2)
}

fn label(share: &Value) -> String {
    let labels: Vec<String> = list(&share["labels"]).iter().map(word).collect();
    let label = if labels.is_empty() { String::new() } else { format!("{}  ", labels.join(" or ")) };
    cut(format!("{label}{}", answered(share)), LABEL)
}

fn answered(share: &Value) -> String {
    let via: String = list(&share["via"]).iter().map(|name| format!("{} → ", word(name))).collect();
    format!("{via}{}", word(&share["text"]))
}

fn cut(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// A share in eight places: `  12.3 %`.
pub(in crate::cli) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.000_5 {
        return format!("{:>6} %", "<0.1");
    }
    format!("{:>6.1} %", share * 100.0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 24 × 8")]
fn bar(share: f64) -> String {
    let eighths = (share * BAR * 8.0).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{}", text.trim_end()).expect("a string takes all");
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// Two answers by country: Germany's goes over to the other.
    pub(in crate::cli::simulate) fn lost() -> Value {
        let share = |label: &str, value: &str, before: f64, after: f64| json!({"labels": [label], "via": [], "text": value, "ttl": 60, "nothing": false, "before": before, "after": after});
        let all_of = |answer: usize| json!([{"answer": answer, "share": 1.0}]);
        json!({
            "name": "ex.test.", "at": 7, "changes": [], "unchecked": ["bare.ex.test. A \"eu\""],
            "health": [{"id": "c1", "healthy": false, "because": ["www.ex.test. A \"eu\""]}],
            "population": {"of": "world", "clients": 2, "weight": 400_000.0, "not_simulated": [
                {"country": "FR", "name": "France", "weight": 100_000.0}]},
            "answers": [{"name": "www.ex.test.", "type": "A", "moved": 0.25,
                "before": {"nothing": 0.0, "fails_open": 0.0, "latency_ms": 12.0, "distance_km": null},
                "after": {"nothing": 0.0, "fails_open": 0.0, "latency_ms": 31.4, "distance_km": null},
                "shares": [share("us", "192.0.2.1", 0.75, 1.0), share("eu", "192.0.2.2", 0.25, 0.0)],
                "flows": [{"from": 1, "to": 0, "share": 0.25}],
                "countries": [
                    {"country": "US", "name": "United States", "share": 0.75, "moved": 0.0, "before": all_of(0), "after": all_of(0)},
                    {"country": "DE", "name": "Germany", "share": 0.25, "moved": 1.0, "before": all_of(1), "after": all_of(0)}],
                "clients": []}],
            "warnings": ["look out"], "remarks": [],
        })
    }

    #[test]
    fn a_simulation_tells_shares_ways_and_countries() {
        let bar = |share| bar(share);
        assert_eq!(
            whole(&lost(), Paint::Plain),
            format!(
                "ex.test. at revision 7, 2 countries with 400 million Internet users\n\
                 health check c1 goes down: www.ex.test. A \"eu\"\n\
                 would still be answered, it has no health check: bare.ex.test. A \"eu\"\n\n\
                 www.ex.test. A: 25.0 % of the clients move\n  us  192.0.2.1    75.0 % →  100.0 %  {}\n  \
                 eu  192.0.2.2    25.0 % →    0.0 %\n     25.0 % go from eu to us\n  12 → 31 ms to where they are sent, on \
                 average\n  resolvers may give the old answer for up to 60 s\n  Germany   25.0 % of all  eu → us\n\n! look out\n! 1 countries are not simulated, for no prefix of \
                 them is known: 20.0 % of all users\n",
                bar(1.0)
            )
        );
        assert_eq!(super::bar(0.5), "█".repeat(12));
        assert_eq!(super::bar(1.0 / 24.0 / 8.0), "▏");
    }

    #[test]
    fn if_nobody_moves_it_says_who_gets_what() {
        let mut now = lost();
        now["answers"][0]["moved"] = json!(0.0);
        now["answers"][0]["flows"] = json!([]);
        let told = shares(&now, Paint::Plain);
        assert!(told.contains("www.ex.test. A: as it is\n  us  192.0.2.1   100.0 % █"), "{told}");
        assert!(told.contains("  United States   75.0 % of all  us\n"), "{told}");
    }
}
