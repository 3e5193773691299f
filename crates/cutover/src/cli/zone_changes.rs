//! Differences between two states of a zone, for people: `+` added, `-` removed, `~` changed, in colour on a terminal.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde_json::Value;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Colour,
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;
const FAINT: u8 = 2;

impl Paint {
    /// Colour on a terminal, unless `NO_COLOR` is set (no-color.org).
    pub(super) fn for_stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if std::io::stdout().is_terminal() && !plain { Self::Colour } else { Self::Plain }
    }

    /// What answers.
    pub(super) fn good(self, text: &str) -> String {
        self.coloured(GREEN, text)
    }

    /// What is lost.
    pub(super) fn bad(self, text: &str) -> String {
        self.coloured(RED, text)
    }

    /// What does not matter now.
    pub(super) fn faint(self, text: &str) -> String {
        self.coloured(FAINT, text)
    }

    fn coloured(self, code: u8, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn line(self, colour: u8, text: &str, out: &mut String) {
        writeln!(out, "{}", self.coloured(colour, text)).expect("a string takes all");
    }
}

/// One line of a side, `-` or `+`.
pub(super) fn side(sign: char, line: &str, paint: Paint, out: &mut String) {
    paint.line(if sign == '-' { RED } else { GREEN }, line, out);
}

/// What a revision was, in a few words.
pub(super) fn what(revision: &Value) -> String {
    let of = &revision["of"];
    match revision["change"].as_str().unwrap_or_default() {
        "record_sets" => "change batch".to_owned(),
        "rolled_back" => format!("rollback to {of}"),
        "undid" => format!("undo of {of}"),
        "weights" => "weights".to_owned(),
        "settings" => "zone settings".to_owned(),
        "traffic_policy" => "traffic policy".to_owned(),
        other => other.to_owned(),
    }
}

/// What was changed of the zone itself, a line each.
pub(super) fn settings(fields: &Value, paint: Paint) -> String {
    let mut out = String::new();
    for field in fields.as_array().into_iter().flatten() {
        let side = |side: &str| if field[side].is_null() { "none".to_owned() } else { field[side].to_string() };
        let line = format!("~ zone {} {} → {}", word(&field["field"]), side("before"), side("after"));
        paint.line(YELLOW, &line, &mut out);
    }
    out
}

/// Every name whose stickiness differs, a line each.
pub(super) fn stickiness(changes: &Value, paint: Paint) -> String {
    let mut out = String::new();
    for change in changes.as_array().into_iter().flatten() {
        let side = |side: &str| match &change[side] {
            Value::Null => "none".to_owned(),
            set => format!("IPv4 /{}, IPv6 /{}", set["ipv4_prefix"], set["ipv6_prefix"]),
        };
        let (sign, colour) = match (&change["before"], &change["after"]) {
            (Value::Null, _) => ('+', GREEN),
            (_, Value::Null) => ('-', RED),
            _ => ('~', YELLOW),
        };
        let line = format!("{sign} {} sticky {} → {}", word(&change["name"]), side("before"), side("after"));
        paint.line(colour, &line, &mut out);
    }
    out
}

/// All differences of two revisions: record sets, and what is sticky.
pub(super) fn all(told: &Value, paint: Paint) -> String {
    let stickiness = stickiness(&told["stickiness"], paint);
    if stickiness.is_empty() || told["changes"].as_array().is_some_and(|changes| !changes.is_empty()) {
        return text(&told["changes"], paint) + &stickiness;
    }
    stickiness
}

/// All of them.
pub(super) fn text(changes: &Value, paint: Paint) -> String {
    let mut out = String::new();
    let changes = changes.as_array().map(Vec::as_slice).unwrap_or_default();
    if changes.is_empty() {
        out.push_str("no differences in record sets\n");
    }
    for change in changes {
        match change["change"].as_str() {
            Some("added") => whole('+', GREEN, change, "after", paint, &mut out),
            Some("removed") => whole('-', RED, change, "before", paint, &mut out),
            _ => parts(change, paint, &mut out),
        }
    }
    out
}

fn heading(sign: char, change: &Value) -> String {
    let mut line = format!("{sign} {} {}", word(&change["name"]), word(&change["type"]));
    if let Some(id) = change["set_identifier"].as_str() {
        write!(line, " {id:?}").expect("a string takes all");
    }
    line
}

/// A record set that only one side has, on one line.
fn whole(sign: char, colour: u8, change: &Value, side: &str, paint: Paint, out: &mut String) {
    let mut line = heading(sign, change);
    for field in change["fields"].as_array().into_iter().flatten() {
        write!(line, "  {} {}", word(&field["field"]), word(&field[side])).expect("a string takes all");
    }
    let values: Vec<String> = change[side]["values"].as_array().into_iter().flatten().map(word).collect();
    if !values.is_empty() {
        write!(line, "  {}", values.join(", ")).expect("a string takes all");
    }
    paint.line(colour, &line, out);
}

/// A record set that both sides have, with what differs below it.
fn parts(change: &Value, paint: Paint, out: &mut String) {
    let mut line = heading('~', change);
    for field in change["fields"].as_array().into_iter().flatten() {
        let side = |side: &str| if field[side].is_null() { "none".to_owned() } else { word(&field[side]) };
        write!(line, "  {} {} → {}", word(&field["field"]), side("before"), side("after")).expect("a string takes all");
    }
    paint.line(YELLOW, &line, out);
    let values = |field: &str| change[field].as_array().into_iter().flatten().map(word).collect::<Vec<_>>();
    let (gone, new) = (values("values_removed"), values("values_added"));
    if gone.is_empty() && new.is_empty() && change["before"]["values"] != change["after"]["values"] {
        paint.line(YELLOW, "    the same values in another order", out);
    }
    gone.iter().for_each(|value| paint.line(RED, &format!("    - {value}"), out));
    new.iter().for_each(|value| paint.line(GREEN, &format!("    + {value}"), out));
}

/// A JSON value without quotes, on one line: documents of traffic policies have several.
fn word(value: &Value) -> String {
    let Some(text) = value.as_str() else { return value.to_string() };
    let lines: Vec<&str> =
        text.split(|c: char| c.is_control()).map(str::trim).filter(|line| !line.is_empty()).collect();
    if text.contains(char::is_control) { lines.join(" ") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn signs_say_what_happened() {
        let field = |name: &str, before: Value, after: Value| json!({"field": name, "before": before, "after": after});
        let changes = json!([
            {"change": "added", "name": "a.x.", "type": "A", "set_identifier": "blue",
             "fields": [field("ttl", Value::Null, 60.into()), field("weight", Value::Null, 5.into())],
             "after": {"ttl": 60, "weight": 5, "values": ["192.0.2.1", "192.0.2.2"]}},
            {"change": "removed", "name": "b.x.", "type": "A", "set_identifier": null,
             "fields": [field("alias_target", "c.x.".into(), Value::Null)], "before": {"alias_target": "c.x."}},
            {"change": "changed", "name": "c.x.", "type": "A", "set_identifier": null,
             "fields": [field("ttl", 60.into(), 300.into())], "values_removed": ["192.0.2.1"],
             "values_added": ["192.0.2.3"], "before": {"values": [1]}, "after": {"values": [2]}},
        ]);
        assert_eq!(
            text(&changes, Paint::Plain),
            "+ a.x. A \"blue\"  ttl 60  weight 5  192.0.2.1, 192.0.2.2\n- b.x. A  alias_target c.x.\n\
             ~ c.x. A  ttl 60 → 300\n    - 192.0.2.1\n    + 192.0.2.3\n"
        );
        assert!(text(&changes, Paint::Colour).starts_with("\x1b[32m+ a.x."));
        let document = json!([{"change": "added", "name": "t.x.", "type": "A", "set_identifier": null,
             "fields": [field("traffic_policy_document", Value::Null, "{\"a\":\n  1}\n".into())], "after": {}}]);
        assert_eq!(text(&document, Paint::Plain), "+ t.x. A  traffic_policy_document {\"a\": 1}\n");
        let comment = json!([field("comment", Value::Null, "b".into())]);
        assert_eq!(settings(&comment, Paint::Plain), "~ zone comment none → \"b\"\n");
        assert_eq!(text(&json!([]), Paint::Plain), "no differences in record sets\n");
        let (set, other) =
            (json!({"ipv4_prefix": 24, "ipv6_prefix": 56}), json!({"ipv4_prefix": 20, "ipv6_prefix": 56}));
        let sticky = json!({"changes": [], "stickiness": [
            {"name": "a.x.", "before": null, "after": set}, {"name": "b.x.", "before": set, "after": other},
            {"name": "c.x.", "before": set, "after": null}]});
        assert_eq!(
            all(&sticky, Paint::Plain),
            "+ a.x. sticky none → IPv4 /24, IPv6 /56\n~ b.x. sticky IPv4 /24, IPv6 /56 → IPv4 /20, IPv6 /56\n\
             - c.x. sticky IPv4 /24, IPv6 /56 → none\n"
        );
        assert_eq!(all(&json!({"changes": []}), Paint::Plain), "no differences in record sets\n");
    }
}
