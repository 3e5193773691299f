//! What a judge saw and found, in words: lowercase, no full stop, the numbers that decide.

use model::deployment::{Compare, Compared, Effect, Metric, Points, Sample, Sampled};
use model::metric::Shown;

/// One measurement of a comparison, for people.
pub(crate) fn words(metric: &Metric, rule: &Compare, sample: &Sample, found: &Compared) -> String {
    if sample.sampled == Sampled::TooFew {
        return too_few(metric, found);
    }
    let mut text = format!("canary {} vs baseline {}", arm(rule, found, true), arm(rule, found, false));
    match rule {
        Compare::Proportion(rule) => {
            let sure = found.confidence.map(|sure| format!(" ({}%)", percent(sure))).unwrap_or_default();
            let (low, high) = (found.low.unwrap_or(-1.0), found.high.unwrap_or(1.0));
            let points = |share: model::deployment::Share| Shown(f64::from(share.ppm()) / 1e4).to_string();
            match sample.sampled {
                Sampled::Fail => text += &format!("; difference ≥{}{sure} exceeds {}", Points(low), points(rule.delta)),
                Sampled::Pass => {
                    text += &format!("; difference ≤{}{sure} is below {}", Points(high), points(rule.pass_delta()));
                }
                Sampled::NoData => {}
                _ => text += &format!("; difference from {} to {}{sure}", Shown(low * 100.0), Points(high)),
            }
        }
        Compare::MannWhitney(rule) => {
            if let (Some(low), Some(high)) = (found.low, found.high) {
                text += &format!("; shift from {} to {}", Shown(low), Shown(high));
                text += &found.confidence.map(|sure| format!(" ({}%)", percent(sure))).unwrap_or_default();
            }
            if let Some(effect) = found.effect {
                let what = if rule.effect == Effect::MeanRatio { "mean ratio" } else { "cles" };
                text += &format!(", {what} {}", Shown(effect));
            }
            if found.critical {
                text += ", critical";
            }
        }
        Compare::Ratio(_) => {
            text += &found.high.map(|limit| format!("; limit is {}", Shown(limit))).unwrap_or_default();
        }
    }
    if let Some(note) = &found.note {
        text += &format!("; {note}");
    }
    if found.look > 0 && sample.sampled == Sampled::Undecided {
        text += &format!("; look {} of {}", found.look, found.looks);
    }
    text
}

/// How many of the samples that are required there are.
pub(crate) fn too_few(metric: &Metric, found: &Compared) -> String {
    let samples = |side: &model::deployment::ArmSeen| side.samples.unwrap_or(0.0);
    let fewest = samples(&found.canary).min(samples(&found.baseline));
    format!("{} of {} required samples", Shown(fewest), metric.min_samples())
}

fn arm(rule: &Compare, found: &Compared, is_canary: bool) -> String {
    let side = if is_canary { &found.canary } else { &found.baseline };
    let worth = side.n_eff.map(|n| format!(", worth {} independent", Shown(n))).unwrap_or_default();
    match (rule, side.events, side.samples) {
        (Compare::Proportion(_), Some(events), Some(samples)) => {
            format!("{}% ({}/{}{worth})", Shown(side.value * 100.0), count(events), count(samples))
        }
        (Compare::MannWhitney(_), _, Some(samples)) => format!("{} (n={samples}{worth})", Shown(side.value)),
        _ => Shown(side.value).to_string(),
    }
}

/// A count, without the fractions that rates bring in.
fn count(number: f64) -> String {
    format!("{number:.0}")
}

fn percent(part: f64) -> String {
    Shown(part * 100.0).to_string()
}
