//! What a release can promise before it starts: the share of the traffic that each step really brings, and how quickly
//! everybody is back.
//!
//! A DNS weight is drawn once for each resolver and each life of an answer, not for each client. A few resolvers bring
//! much of the traffic, so the share of a step is a gamble whose odds are told here: the mean, the standard deviation
//! √(p(1−p)/n_eff), and the interval that holds 95 of 100 releases. The interval is counted in drawn releases, because
//! the normal formula is far too narrow above where a few resolvers weigh most. Drawn from a fixed seed, so one plan has
//! one forecast. Before: a plan. After: people, and `require`, which refuses what cannot be promised.
//!
//! Left out on purpose: where clients are (`control`'s forecast by a population says that), and what is not the DNS's.

mod draw;
mod population;
mod promised;

use model::deployment::{Period, Plan, PlanStep, Require, Resolvers, Share, Spec};
use serde::Serialize;

use draw::Draw;
use population::Parts;

pub(crate) use promised::Promises;
pub use promised::{Promised, promised};

/// Releases that are drawn: the 2.5 % on either side are 50 of them, known to a tenth of themselves or so. With as many
/// resolvers as are drawn one by one ([`population`]) that is eight million draws, however many steps there are.
const RELEASES: usize = 2_000;
/// Any number.
const SEED: u64 = 0x6375_746f_7665_7221;

/// What a plan can promise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// Resolvers that are assumed.
    pub resolvers: usize,
    /// How many equal ones would be as uneven: (Σq)² / Σq².
    pub n_eff: f64,
    /// The steps that shift weights, in order.
    pub steps: Vec<StepForecast>,
    /// From a shift until all but those who keep answers too long have the new one.
    pub converges: Period,
    /// From the decision to go back until caches have forgotten the new environment.
    pub rollback_worst: Period,
    /// From start to success when nothing has to be waited for and nobody is asked.
    pub expected: Period,
}

/// The share of the traffic that comes to the new environment when a step has settled, 0–1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepForecast {
    /// The number of the step, from 1.
    pub step: usize,
    /// By the weights.
    pub wanted: f64,
    /// The mean of all releases: less than wanted while some keep old answers.
    pub expected: f64,
    /// The standard deviation: √(p(1−p)/n_eff).
    pub sd: f64,
    /// In 2.5 of 100 releases it is below this.
    pub low: f64,
    /// In 2.5 of 100 releases it is above this.
    pub high: f64,
}

/// A promise that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForecastFault {
    /// Going back takes longer.
    #[error(
        "rollback_within {within} cannot be met: caches may keep answers for {worst} (ttl {ttl_seconds}s and the settle after it); lower the TTL or set stage_ttl"
    )]
    Rollback {
        /// As wished.
        within: Period,
        /// As it is.
        worst: Period,
        /// The TTL while the steps go on.
        ttl_seconds: u32,
    },
    /// A step strays further.
    #[error(
        "share_interval {margin} cannot be met: {wanted} of the weights are {low} to {high} of the traffic in 95 of 100 releases; take another first share, a wider interval, or traffic of more resolvers"
    )]
    Share {
        /// As wished, such as `±3%`.
        margin: String,
        /// By the weights.
        wanted: Share,
        /// The interval.
        low: Share,
        /// The interval.
        high: Share,
    },
}

/// When the shares of a plan change if nobody is waited for: at which ms after the start, and to which share of the new
/// environment, 0–1; and the numbers of these steps.
fn shifts(plan: &Plan) -> Vec<(usize, u64, f64)> {
    let mut at_ms = plan.beside.as_ref().map_or(0, |beside| beside.takes.ms());
    let mut shifts = Vec::new();
    for (step, number) in plan.steps.iter().zip(1..) {
        if let PlanStep::Shift { .. } = step {
            shifts.push((number, at_ms, fraction(plan.share_after(number))));
        }
        at_ms = at_ms.saturating_add(step.expected(plan.times.settle).ms());
    }
    shifts
}

/// The forecast of a plan for those who ask.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "ms of a release and some thousand releases are exact")]
pub fn forecast(plan: &Plan, spec: &Spec, resolvers: &Resolvers) -> Forecast {
    let parts = Parts::of(resolvers);
    let shifts = shifts(plan);
    let (pinned, extending) = (fraction(resolvers.pinned), fraction(resolvers.extending));
    let settle_ms = plan.times.settle.ms();
    let kept_ms = resolvers.kept.ms().max(u64::from(ttl_seconds(plan, spec)) * 1_000) as f64;
    // Shares never fall, so whoever has the new version at one step has it at the next too: what is drawn is the first.
    let first_with = |fate: f64| shifts.partition_point(|shift| shift.2 <= fate);
    // The same of somebody whose answer is so many ms old when a step has settled.
    let first_kept = |fate: f64, age_ms: f64| {
        let number = first_with(fate);
        let since_ms = shifts.get(number).map_or(f64::INFINITY, |shift| shift.1 as f64);
        number.max(shifts.partition_point(|shift| shift.1 as f64 + settle_ms as f64 - age_ms < since_ms))
    };
    let mut draw = Draw::new(SEED);
    let mut drawn = vec![Vec::with_capacity(RELEASES); shifts.len()];
    let mut first = vec![0.0; shifts.len() + 1];
    for _ in 0..RELEASES {
        first.fill(0.0);
        for part in &parts.parts {
            let fate = draw.next();
            let number =
                if draw.next() < extending { first_kept(fate, draw.next() * kept_ms) } else { first_with(fate) };
            first[number] += part;
        }
        let mut sum = 0.0;
        for (number, all) in drawn.iter_mut().enumerate() {
            sum += first[number];
            all.push(sum * (1.0 - pinned));
        }
    }
    let steps = shifts.iter().zip(&mut drawn).map(|((step, _, wanted), all)| {
        all.sort_by(f64::total_cmp);
        let expected = all.iter().sum::<f64>() / all.len() as f64;
        let sd = (expected * (1.0 - expected)).max(0.0).sqrt() / parts.n_eff.sqrt();
        StepForecast { step: *step, wanted: *wanted, expected, sd, low: quantile(all, 25), high: quantile(all, 975) }
    });
    Forecast {
        resolvers: parts.count,
        n_eff: parts.n_eff,
        steps: steps.collect(),
        converges: plan.times.settle,
        rollback_worst: plan.times.rollback_worst,
        expected: plan.times.expected,
    }
}

/// The TTL while the steps go on, in seconds.
fn ttl_seconds(plan: &Plan, spec: &Spec) -> u32 {
    let staged = plan.beside.as_ref().and_then(|beside| beside.ttl_seconds);
    // A staged plan waits by what is left of the TTL; the settle tells it better than the TTL as found.
    let is_whole = |staged: &u32| spec.settle.wait(*staged) == plan.times.settle;
    staged.filter(is_whole).unwrap_or(plan.times.ttl_seconds)
}

/// Whether a plan can promise what is required.
///
/// # Errors
/// The first promise that it cannot.
pub fn check_promises(plan: &Plan, spec: &Spec, require: &Require) -> Result<(), ForecastFault> {
    let worst = plan.times.rollback_worst;
    if let Some(within) = require.rollback_within.filter(|within| worst > *within) {
        return Err(ForecastFault::Rollback { within, worst, ttl_seconds: ttl_seconds(plan, spec) });
    }
    let Some(margin) = require.share_interval else { return Ok(()) };
    let resolvers = spec.resolvers.clone().unwrap_or_default();
    let off = |step: &StepForecast| (step.high - step.wanted).max(step.wanted - step.low);
    // At the end everybody comes in time, which is no share to promise.
    let steps = forecast(plan, spec, &resolvers).steps;
    let partial = steps.iter().filter(|step| step.wanted < 1.0);
    match partial.max_by(|a, b| off(a).total_cmp(&off(b))).filter(|step| off(step) > fraction(margin.0)) {
        None => Ok(()),
        Some(step) => {
            let (wanted, low, high) = (share(step.wanted), share(step.low), share(step.high));
            Err(ForecastFault::Share { margin: margin.to_string(), wanted, low, high })
        }
    }
}

/// The value of sorted ones that so many of a thousand lie below.
fn quantile(sorted: &[f64], of_thousand: usize) -> f64 {
    sorted[(sorted.len() * of_thousand / 1_000).min(sorted.len() - 1)]
}

fn fraction(share: Share) -> f64 {
    f64::from(share.ppm()) / 1e6
}

/// To a hundredth of a point, which is more than is known.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
fn share(fraction: f64) -> Share {
    Share::from_ppm((fraction.clamp(0.0, 1.0) * 1e4).round() as u32 * 100)
}
