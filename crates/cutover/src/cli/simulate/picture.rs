//! A simulation as SVG, complete in itself: for each question two bars, before and after, cut by answers; the same as two
//! maps of the world; and as bars of the largest countries.

use std::fmt::Write as _;

use serde_json::Value;

use super::map;

/// Colours that people of every kind of sight tell apart (Okabe and Ito); after the last one answers are grey.
const COLOURS: [&str; 7] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"];
const OTHER: &str = "#bbbbbb";
/// Of answers without records.
const NOTHING: &str = "#222222";

/// Questions and countries drawn.
const QUESTIONS: usize = 4;
const COUNTRIES: usize = 12;

const WIDTH: f64 = 960.0;
/// Where bars begin and how long they are.
const LEFT: f64 = 170.0;
const LENGTH: f64 = 690.0;

/// Draws it.
pub(super) fn svg(simulation: &Value) -> String {
    let mut body = String::new();
    let mut y = 30.0;
    let zone = simulation["name"].as_str().unwrap_or_default();
    text(
        &mut body,
        20.0,
        y,
        "start",
        &format!("font-size=\"16\" font-weight=\"bold\">{} at revision {}", escape(zone), simulation["at"]),
    );
    y += 16.0;
    let answers = simulation["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
    if answers.is_empty() {
        y += 16.0;
        text(&mut body, 20.0, y, "start", ">no client would be answered otherwise");
    }
    for answer in answers.iter().take(QUESTIONS) {
        y = question(answer, y + 24.0, &mut body);
    }
    if answers.len() > QUESTIONS {
        y += 20.0;
        text(&mut body, 20.0, y, "start", &format!(">and {} more answers", answers.len() - QUESTIONS));
    }
    let height = y + 24.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" font-family=\"sans-serif\" font-size=\"12\"><title>Who gets what before and after a change</title>\
         <desc>For each question the share of clients that gets each answer, before and after, of all and by \
         country.</desc><rect width=\"100%\" height=\"100%\" fill=\"white\"/>{body}</svg>\n"
    )
}

/// One question from `y` on; where it ends.
fn question(answer: &Value, mut y: f64, out: &mut String) -> f64 {
    let name = |field: &str| escape(answer[field].as_str().unwrap_or_default());
    let moved = number(&answer["moved"]) * 100.0;
    text(out, 20.0, y, "start", &format!("font-size=\"14\">{} {}: {moved:.1} % move", name("name"), name("type")));
    let shares = answer["shares"].as_array().map(Vec::as_slice).unwrap_or_default();
    y += 14.0;
    for side in ["before", "after"] {
        text(out, LEFT - 8.0, y + 15.0, "end", &format!(">{side}"));
        let parts = shares.iter().enumerate().map(|(place, share)| (place, number(&share[side])));
        bar(out, y, 20.0, &mut parts.collect::<Vec<_>>().into_iter(), shares, true);
        y += 24.0;
    }
    y = legend(shares, y + 14.0, out) + 10.0;
    y = map::maps(answer, y, |place| colour(place, shares), out);
    let countries = answer["countries"].as_array().map(Vec::as_slice).unwrap_or_default();
    for part in countries.iter().take(COUNTRIES).filter(|_| countries.len() > 1) {
        let label = part["name"].as_str().or(part["country"].as_str()).unwrap_or("place unknown");
        text(out, LEFT - 8.0, y + 13.0, "end", &format!(">{}", escape(label)));
        for side in ["before", "after"] {
            let parts = part[side].as_array().into_iter().flatten();
            let mut parts: Vec<(usize, f64)> = parts
                .filter_map(|of| Some((usize::try_from(of["answer"].as_u64()?).ok()?, number(&of["share"]))))
                .collect();
            parts.sort_by_key(|(place, _)| *place);
            bar(out, y, 8.0, &mut parts.into_iter(), shares, false);
            y += 8.0;
        }
        text(
            out,
            LEFT + LENGTH + 8.0,
            y - 3.0,
            "start",
            &format!("fill=\"#555\">{:.1} % of all", number(&part["share"]) * 100.0),
        );
        y += 6.0;
    }
    if countries.len() > COUNTRIES {
        text(
            out,
            LEFT,
            y + 10.0,
            "start",
            &format!("fill=\"#555\">and {} smaller countries", countries.len() - COUNTRIES),
        );
        y += 12.0;
    }
    y
}

/// A bar cut by answers.
fn bar(
    out: &mut String,
    y: f64,
    height: f64,
    parts: &mut dyn Iterator<Item = (usize, f64)>,
    shares: &[Value],
    is_told: bool,
) {
    let mut x = LEFT;
    for (place, share) in parts.filter(|(_, share)| *share > 0.0) {
        let width = share * LENGTH;
        let fill = colour(place, shares);
        write!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{fill}\" stroke=\"white\" stroke-width=\"0.5\"/>")
            .expect("a string takes all");
        if is_told && width > 44.0 {
            let ink = if fill == "#f0e442" || fill == OTHER || fill == "#56b4e9" || fill == "#e69f00" {
                "black"
            } else {
                "white"
            };
            text(out, x + width / 2.0, y + 14.0, "middle", &format!("fill=\"{ink}\">{:.1} %", share * 100.0));
        }
        x += width;
    }
}

/// Which colour is which answer, as many to a line as there is place for; where it ends.
fn legend(shares: &[Value], mut y: f64, out: &mut String) -> f64 {
    let mut x = LEFT;
    let rest = shares.len().saturating_sub(COLOURS.len());
    for (place, share) in shares.iter().enumerate().take(COLOURS.len()) {
        let labels: Vec<&str> = share["labels"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let what = share["text"].as_str().unwrap_or_default();
        let label = if labels.is_empty() { what.to_owned() } else { format!("{} ({what})", labels.join(" or ")) };
        let label: String =
            if label.chars().count() > 60 { label.chars().take(59).chain(['…']).collect() } else { label };
        x = entry(out, x, &mut y, colour(place, shares), &label);
    }
    if rest > 0 {
        entry(out, x, &mut y, OTHER, &format!("{rest} other answers"));
    }
    y + 6.0
}

fn entry(out: &mut String, mut x: f64, y: &mut f64, fill: &str, label: &str) -> f64 {
    // About the width of a letter.
    let width = 24.0 + 6.6 * label.chars().count() as f64;
    if x > LEFT && x + width > WIDTH - 20.0 {
        (x, *y) = (LEFT, *y + 18.0);
    }
    write!(out, "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"11\" height=\"11\" fill=\"{fill}\"/>", *y - 10.0)
        .expect("a string takes all");
    text(out, x + 16.0, *y, "start", &format!(">{}", escape(label)));
    x + width
}

fn colour(place: usize, shares: &[Value]) -> &'static str {
    if shares.get(place).is_some_and(|share| share["nothing"] == true) {
        return NOTHING;
    }
    COLOURS.get(place).copied().unwrap_or(OTHER)
}

/// `rest` are further attributes, a `>` and the text.
fn text(out: &mut String, x: f64, y: f64, anchor: &str, rest: &str) {
    let space = if rest.starts_with('>') { "" } else { " " };
    write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\"{space}{rest}</text>")
        .expect("a string takes all");
}

pub(super) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bars_are_as_long_as_shares_and_nothing_is_left_unescaped() {
        let mut simulation = super::super::text::tests::lost();
        simulation["answers"][0]["shares"][0]["labels"] = json!(["<us> & co"]);
        let svg = svg(&simulation);
        assert!(
            svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("&lt;us&gt; &amp; co (192.0.2.1)")
        );
        assert_eq!(svg.matches("width=\"690.0\"").count(), 5, "after, and the two countries before and after: {svg}");
        assert_eq!(svg.matches("width=\"517.5\"").count(), 1, "three quarters before");
        assert!(svg.contains(">Germany</text>") && svg.contains(">www.ex.test. A: 25.0 % move</text>"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(super::svg(&json!({"name": "x.", "at": 1, "answers": []})).contains("no client would be answered"));
    }
}
