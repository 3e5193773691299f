//! One look at a comparison: what was measured of both environments, to what it counts as. Pure: the same rule, the same
//! looks before and the same answers give the same bits.
//!
//! Before: `asked` asked both sides. After: `gate` counts. No data and errors leave the looks before as they were, so that
//! neither can ever help a release.

use model::deployment::{
    Arm, ArmSeen, Compare, Compared, Counts, Coverage, Looks, MannWhitney, Metric, Proportion, Ratio, Sampled,
};
use model::metric::Measurement;

use super::{mann_whitney, proportion, ratio, spending};

/// More events than requests by this part, and one, are two questions answered a moment apart; beyond it they do not
/// belong together.
const EVENTS_BEYOND_TOTAL: f64 = 0.05;

/// Requests of one answer: 10¹⁸, beyond which sums of them would lose what they say.
const COUNT_MAX: f64 = 1e18;

/// What a look counts as.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Look {
    pub(crate) sampled: Sampled,
    pub(crate) compared: Option<Compared>,
    /// Why it was not measured.
    pub(crate) error: Option<String>,
}

impl Look {
    fn bare(sampled: Sampled) -> Self {
        Self { sampled, compared: None, error: None }
    }

    fn error(text: String) -> Self {
        Self { sampled: Sampled::Error, compared: None, error: Some(text) }
    }

    fn of(sampled: Sampled, mut compared: Compared) -> Self {
        // JSON knows no infinity, and what is stored must be read again.
        for arm in [&mut compared.canary, &mut compared.baseline] {
            arm.value = if arm.value.is_nan() { 0.0 } else { arm.value.clamp(f64::MIN, f64::MAX) };
        }
        for number in [&mut compared.low, &mut compared.high, &mut compared.effect] {
            *number = number.filter(|number| number.is_finite());
        }
        Self { sampled, compared: Some(compared), error: None }
    }
}

/// Judges one look, and remembers what it saw. `endless` is a run in the background.
pub(crate) fn look(metric: &Metric, rule: &Compare, looks: &mut Looks, answer: &Measurement, endless: bool) -> Look {
    let Measurement::Several(sides) = answer else {
        return match answer {
            Measurement::Error(text) => Look::error(text.clone()),
            Measurement::NoData => Look::bare(Sampled::NoData),
            _ => Look::error("one answer where two were asked for".to_owned()),
        };
    };
    let [canary, baseline] = sides.as_slice() else {
        return Look::error(format!("{} answers where two were asked for", sides.len()));
    };
    let mut at = At { metric, looks, endless };
    match rule {
        Compare::Proportion(rule) => match (counts(canary, Arm::Canary), counts(baseline, Arm::Baseline)) {
            (Side::Error(text), _) | (_, Side::Error(text)) => Look::error(text),
            (Side::NoData, _) | (_, Side::NoData) => Look::bare(Sampled::NoData),
            (Side::Seen(canary), Side::Seen(baseline)) => at.proportion(rule, [canary, baseline]),
        },
        Compare::MannWhitney(rule) => match (values(canary, Arm::Canary), values(baseline, Arm::Baseline)) {
            (Side::Error(text), _) | (_, Side::Error(text)) => Look::error(text),
            (Side::NoData, _) | (_, Side::NoData) => Look::bare(Sampled::NoData),
            (Side::Seen(canary), Side::Seen(baseline)) => at.mann_whitney(rule, &canary, &baseline),
        },
        Compare::Ratio(rule) => match (number(canary, Arm::Canary), number(baseline, Arm::Baseline)) {
            (Side::Error(text), _) | (_, Side::Error(text)) => Look::error(text),
            (Side::NoData, _) | (_, Side::NoData) => Look::bare(Sampled::NoData),
            (Side::Seen(canary), Side::Seen(baseline)) => at.ratio(rule, canary, baseline),
        },
    }
}

/// Where a look is made.
struct At<'a> {
    metric: &'a Metric,
    looks: &'a mut Looks,
    endless: bool,
}

impl At<'_> {
    fn compared(&self, canary: ArmSeen, baseline: ArmSeen) -> Compared {
        let look = u32::try_from(self.looks.seen.len()).unwrap_or(u32::MAX).saturating_add(1);
        let looks = self.metric.count;
        let (low, high, effect, confidence, critical, note) = (None, None, None, None, false, None);
        Compared { look, looks, canary, baseline, low, high, effect, confidence, critical, note }
    }

    /// The error that this comparison may make. In the background there is no last comparison, so each one gets a smaller
    /// part of the whole: a half, a sixth, a twelfth, …, 1/(k(k+1)), whose sum is one.
    fn alpha(&self, alpha: f64) -> f64 {
        let number = f64::from(self.looks.number.max(1));
        if self.endless { alpha / (number * (number + 1.0)) } else { alpha }
    }

    /// How far out this look must be, given how much it saw.
    fn bound(&mut self, alpha: f64, seen: f64) -> f64 {
        self.looks.seen.push(seen);
        spending::bound(alpha, self.metric.count as usize, &self.looks.seen)
    }

    /// What a look is that neither fails nor passes.
    fn open(&self, at_end: Sampled) -> Sampled {
        let is_last = self.looks.seen.len() >= self.metric.count as usize;
        if is_last && !self.endless { at_end } else { Sampled::Undecided }
    }

    fn proportion(&mut self, rule: &Proportion, found: [Counts; 2]) -> Look {
        let sums = self.summed(rule.counts, found);
        let [canary, baseline] = sums.map(|counts| thinned(counts, rule.design_effect));
        let arm = |counts: Counts| ArmSeen {
            value: if counts.total > 0.0 { counts.events / counts.total } else { 0.0 },
            events: Some(counts.events),
            samples: Some(counts.total),
            n_eff: Some(counts.total / rule.design_effect).filter(|_| rule.design_effect > 1.0),
        };
        let mut compared = self.compared(arm(sums[0]), arm(sums[1]));
        let fewest = sums[0].total.min(sums[1].total);
        if fewest <= 0.0 || fewest < f64::from(self.metric.min_samples()) {
            return Look::of(Sampled::TooFew, compared);
        }
        // Traffic that disappears is no data, not the last value.
        let seen = 1.0 / (1.0 / canary.total + 1.0 / baseline.total);
        let has_grown = |judged: [Counts; 2]| [0, 1].iter().all(|side| sums[*side].total > judged[*side].total);
        if !self.looks.judged.is_none_or(has_grown) {
            compared.note = Some("no requests since the look before".to_owned());
            return Look::of(Sampled::NoData, compared);
        }
        let alpha = self.alpha(rule.alpha);
        let bound = self.bound(alpha, seen);
        self.looks.judged = Some(sums);
        let interval = proportion::interval(canary, baseline, bound);
        let [delta, pass_delta] = [rule.delta, rule.pass_delta()].map(|share| f64::from(share.ppm()) / 1e6);
        (compared.low, compared.high) = (Some(interval.low), Some(interval.high));
        compared.confidence = Some(1.0 - alpha);
        let sampled = if proportion::is_worse(canary, baseline, delta, bound) {
            Sampled::Fail
        } else if proportion::score(canary, baseline, pass_delta) < -bound {
            Sampled::Pass
        } else {
            self.open(Sampled::Inconclusive)
        };
        Look::of(sampled, compared)
    }

    /// Events since the comparison began; none when these are the counters that it begins with.
    fn summed(&mut self, coverage: Coverage, found: [Counts; 2]) -> [Counts; 2] {
        let before = self.looks.sums.unwrap_or_default();
        match coverage {
            Coverage::Window => found,
            Coverage::Interval => {
                let sums = [0, 1].map(|side| plus(before[side], found[side]));
                // They are kept though there may be too few: nobody gives them again.
                self.looks.sums = Some(sums);
                sums
            }
            Coverage::Counter => {
                let last = self.looks.counters.replace(found).unwrap_or(found);
                let sums = [0, 1].map(|side| plus(before[side], since(last[side], found[side])));
                self.looks.sums = Some(sums);
                sums
            }
        }
    }

    fn mann_whitney(&mut self, rule: &MannWhitney, canary: &[f64], baseline: &[f64]) -> Look {
        let (new, old) = mann_whitney::usable(rule, canary, baseline);
        let arm = |value: f64, count: usize| ArmSeen {
            value,
            events: None,
            samples: Some(count as f64),
            n_eff: Some(count as f64 / rule.design_effect).filter(|_| rule.design_effect > 1.0),
        };
        let fewest = new.min(old);
        if fewest == 0 || fewest < self.metric.min_samples() as usize {
            return Look::of(Sampled::TooFew, self.compared(arm(0.0, new), arm(0.0, old)));
        }
        let stamp = stamp(canary, baseline);
        if self.looks.stamp.replace(stamp) == Some(stamp) {
            let mut compared = self.compared(arm(0.0, new), arm(0.0, old));
            compared.note = Some("the same values as at the look before".to_owned());
            return Look::of(Sampled::NoData, compared);
        }
        let mut seen = 1.0 / (1.0 / new as f64 + 1.0 / old as f64) / rule.design_effect;
        // A list of a fixed length tells no growth; then looks are taken to see almost the same, which they do.
        if let Some(last) = self.looks.seen.last() {
            seen = seen.max(last * 1.001);
        }
        let number = self.compared(arm(0.0, new), arm(0.0, old));
        let alpha = self.alpha((1.0 - rule.confidence) / 2.0);
        let bound = self.bound(alpha, seen);
        let Some(moved) = mann_whitney::compare(rule, canary, baseline, bound) else {
            return Look::bare(Sampled::NoData);
        };
        let note = moved.note.map(str::to_owned).or_else(|| {
            (moved.canary.min(moved.baseline) < 50).then(|| "fewer than 50 values see large changes only".to_owned())
        });
        let compared = Compared {
            canary: arm(moved.medians.0, moved.canary),
            baseline: arm(moved.medians.1, moved.baseline),
            low: moved.interval.map(|(low, _)| low),
            high: moved.interval.map(|(_, high)| high),
            effect: moved.effect,
            confidence: Some(1.0 - 2.0 * alpha),
            critical: moved.is_critical,
            note,
            ..number
        };
        let sampled = if moved.is_worse { Sampled::Fail } else { self.open(Sampled::Pass) };
        Look::of(sampled, compared)
    }

    fn ratio(&mut self, rule: &Ratio, canary: (f64, Option<Counts>), baseline: (f64, Option<Counts>)) -> Look {
        let arm = |(value, counts): (f64, Option<Counts>)| ArmSeen {
            value,
            events: counts.map(|counts| counts.events),
            samples: counts.map(|counts| counts.total),
            n_eff: None,
        };
        let mut compared = self.compared(arm(canary), arm(baseline));
        compared.look = 0;
        let fewest =
            [canary.1, baseline.1].into_iter().flatten().map(|counts| counts.total).fold(f64::INFINITY, f64::min);
        if fewest < f64::from(self.metric.min_samples()) {
            return Look::of(Sampled::TooFew, compared);
        }
        let (is_within, limit) = ratio::within(rule, canary.0, baseline.0);
        compared.high = Some(limit);
        Look::of(if is_within { Sampled::Pass } else { Sampled::Fail }, compared)
    }
}

/// What one side gave.
enum Side<T> {
    Seen(T),
    NoData,
    Error(String),
}

/// The word for a side.
fn named(arm: Arm) -> &'static str {
    if arm == Arm::Baseline { "baseline" } else { "canary" }
}

fn counts(answer: &Measurement, arm: Arm) -> Side<Counts> {
    match events(answer) {
        Ok(Some(counts)) => Side::Seen(counts),
        Ok(None) => Side::NoData,
        Err(text) => Side::Error(format!("{}: {text}", named(arm))),
    }
}

/// Bad events and events in all; nothing without data.
pub(crate) fn events(answer: &Measurement) -> Result<Option<Counts>, String> {
    match answer {
        Measurement::Error(text) => Err(text.clone()),
        Measurement::NoData => Ok(None),
        Measurement::Several(parts) => match parts.as_slice() {
            [Measurement::Error(text), _] | [_, Measurement::Error(text)] => Err(text.clone()),
            [Measurement::NoData, _] | [_, Measurement::NoData] => Ok(None),
            [Measurement::Value(events), Measurement::Value(total)] => paired(*events, *total).map(Some),
            _ => Err("the answer is not events and their total".to_owned()),
        },
        Measurement::Value(_) | Measurement::Values(_) => Err("the answer is not events and their total".to_owned()),
    }
}

fn paired(events: f64, total: f64) -> Result<Counts, String> {
    if !events.is_finite() || !total.is_finite() || events < 0.0 || total < 0.0 {
        return Err(format!("events and their total must not be negative: {events} of {total}"));
    }
    if total > COUNT_MAX {
        return Err(format!("more than can be counted: {total}"));
    }
    if events > total + 1.0 + total * EVENTS_BEYOND_TOTAL {
        return Err(format!("more events than there are in all: {events} of {total}"));
    }
    Ok(Counts { events: events.min(total), total })
}

fn values(answer: &Measurement, arm: Arm) -> Side<Vec<f64>> {
    match answer {
        Measurement::Values(values) => Side::Seen(values.iter().map(|value| value.unwrap_or(f64::NAN)).collect()),
        Measurement::NoData => Side::NoData,
        Measurement::Error(text) => Side::Error(format!("{}: {text}", named(arm))),
        Measurement::Value(_) | Measurement::Several(_) => {
            Side::Error(format!("{}: the answer is no list of numbers", named(arm)))
        }
    }
}

/// A number, or a share with its counts.
fn number(answer: &Measurement, arm: Arm) -> Side<(f64, Option<Counts>)> {
    match answer {
        Measurement::Value(value) if value.is_finite() => Side::Seen((*value, None)),
        Measurement::Value(_) | Measurement::NoData => Side::NoData,
        Measurement::Several(_) => match counts(answer, arm) {
            // 0/0 is no data.
            Side::Seen(Counts { total: 0.0, .. }) | Side::NoData => Side::NoData,
            Side::Seen(counts) => Side::Seen((counts.events / counts.total, Some(counts))),
            Side::Error(text) => Side::Error(text),
        },
        Measurement::Error(text) => Side::Error(format!("{}: {text}", named(arm))),
        Measurement::Values(_) => Side::Error(format!("{}: the answer is no single number", named(arm))),
    }
}

fn plus(a: Counts, b: Counts) -> Counts {
    Counts { events: a.events + b.events, total: a.total + b.total }
}

/// What a counter gained. One that fell began anew, and all that it shows is gain.
fn since(last: Counts, now: Counts) -> Counts {
    if now.total < last.total || now.events < last.events {
        return now;
    }
    Counts { events: now.events - last.events, total: now.total - last.total }
}

/// As many independent requests as these are worth.
fn thinned(counts: Counts, design_effect: f64) -> Counts {
    Counts { events: counts.events / design_effect, total: counts.total / design_effect }
}

/// FNV-1a over the bits of all values: tells lists apart, not for friends of collisions.
fn stamp(canary: &[f64], baseline: &[f64]) -> u64 {
    let bytes = canary.iter().chain(baseline).flat_map(|value| value.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
