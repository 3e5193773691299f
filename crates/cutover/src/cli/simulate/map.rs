//! The world before and after, side by side: a disc for each country, its area by its part of the population, filled from
//! the middle by the answers that its clients get. Latitude and longitude are drawn straight (plate carrée).

use std::fmt::Write as _;

use model::place::Country;
use serde_json::Value;

use super::picture::{escape, number};

/// Fewer countries make no map.
const COUNTRIES_LEAST: usize = 8;
/// A disc of the whole population would have this radius.
const RADIUS: f64 = 60.0;
/// The least that can still be seen.
const RADIUS_LEAST: f64 = 1.2;
const WIDTH: f64 = 450.0;
/// Degrees of latitude drawn: nobody much lives beyond.
const NORTH: f64 = 76.0;
const SOUTH: f64 = -56.0;

/// Draws both from `y` on; where they end. `colour` is an answer's.
pub(super) fn maps(answer: &Value, y: f64, colour: impl Fn(usize) -> &'static str, out: &mut String) -> f64 {
    let parts = answer["countries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let known: Vec<(&Value, f64, f64)> =
        parts.iter().filter_map(|part| Some((part, point(part)?))).map(split).collect();
    if known.len() < COUNTRIES_LEAST {
        return y;
    }
    let height = WIDTH / 360.0 * (NORTH - SOUTH);
    for (left, side) in [(20.0, "before"), (WIDTH + 40.0, "after")] {
        write!(
            out,
            "<rect x=\"{left}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\" fill=\"#f4f6f8\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#555\">{side}</text>",
            left + 6.0,
            y + height - 6.0
        )
        .expect("a string takes all");
        for (part, latitude, longitude) in &known {
            let (x, y) = (left + (longitude + 180.0) / 360.0 * WIDTH, y + (NORTH - latitude) / 360.0 * WIDTH);
            disc(part, side, x, y, &colour, out);
        }
    }
    y + height + 16.0
}

fn split((part, (latitude, longitude)): (&Value, (f64, f64))) -> (&Value, f64, f64) {
    (part, latitude, longitude)
}

fn point(part: &Value) -> Option<(f64, f64)> {
    let point = part["country"].as_str()?.parse::<Country>().ok()?.point()?;
    let degrees = |hundredths: i16| f64::from(hundredths) / 100.0;
    Some((degrees(point.latitude).clamp(SOUTH, NORTH), degrees(point.longitude)))
}

/// The largest share outside, so that every answer's area is its share's.
fn disc(part: &Value, side: &str, x: f64, y: f64, colour: impl Fn(usize) -> &'static str, out: &mut String) {
    let radius = (RADIUS * number(&part["share"]).sqrt()).max(RADIUS_LEAST);
    let mut left = 1.0_f64;
    for of in part[side].as_array().into_iter().flatten() {
        let place = of["answer"].as_u64().and_then(|place| usize::try_from(place).ok()).unwrap_or(usize::MAX);
        let name = part["name"].as_str().or(part["country"].as_str()).unwrap_or_default();
        let title = if left >= 1.0 { format!("<title>{}</title>", escape(name)) } else { String::new() };
        write!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.2}\" fill=\"{}\" fill-opacity=\"0.85\">{title}</circle>",
            radius * left.max(0.0).sqrt(),
            colour(place)
        )
        .expect("a string takes all");
        left -= number(&of["share"]);
        if left < 0.001 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_country_is_a_disc_on_both_sides() {
        let codes = ["DE", "FR", "US", "BR", "JP", "IN", "CN", "ZA", "AU"];
        let parts: Vec<Value> = codes
            .iter()
            .map(|code| {
                json!({"country": code, "name": "<x>", "share": 1.0 / 9.0,
                    "before": [{"answer": 0, "share": 1.0}],
                    "after": [{"answer": 1, "share": 0.75}, {"answer": 0, "share": 0.25}]})
            })
            .collect();
        let mut out = String::new();
        let colour = |place: usize| if place == 0 { "#000" } else { "#fff" };
        let end = maps(&json!({ "countries": parts }), 10.0, colour, &mut out);
        assert!(end > 100.0);
        assert_eq!(out.matches("<circle").count(), 27, "nine before, nine of two rings after");
        assert_eq!(out.matches("r=\"20.00\"").count(), 18);
        assert_eq!(out.matches("r=\"10.00\"").count(), 9, "a quarter of the area");
        assert!(out.contains("<title>&lt;x&gt;</title>"));
        let few = json!({ "countries": parts[..3] });
        assert_eq!(maps(&few, 10.0, colour, &mut String::new()).to_bits(), 10.0_f64.to_bits());
    }
}
