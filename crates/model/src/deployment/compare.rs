//! Comparing the new environment with the old one: which judge, and how strict.
//!
//! Only the rules a user writes, and the numbers a judge has seen. The judges are in `deploy::judge`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Share;

/// How two arms of a metric are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "judge", rename_all = "snake_case")]
pub enum Compare {
    /// Shares of bad events: errors of requests.
    Proportion(Proportion),
    /// Values, such as latencies.
    MannWhitney(MannWhitney),
    /// Two numbers, by a factor.
    Ratio(Ratio),
}

/// Fails when the share of bad events is larger in the new environment by more than `delta`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proportion {
    /// A difference that is borne; more than it fails.
    pub delta: Share,
    /// Passes early once the difference is surely less than this; default: `delta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_delta: Option<Share>,
    /// How often a release whose difference is just `delta` may fail, over all looks; default 0.05.
    #[serde(default = "default_alpha")]
    pub alpha: f64,
    /// What the counts cover.
    #[serde(default)]
    pub counts: Coverage,
    /// How many requests say as much as one independent one; default 1. See `docs/deployments/analysis.md`.
    #[serde(default = "one")]
    pub design_effect: f64,
}

/// Fails when values have surely moved in a bad direction, and by more than is allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MannWhitney {
    /// Which direction is bad; default `increase`.
    #[serde(default)]
    pub direction: Direction,
    /// The interval of the shift must stay clear of zero by this part of the shift; default 0.25.
    #[serde(default = "default_tolerance")]
    pub tolerance: f64,
    /// Of the interval of the shift, both sides together, over all looks; default 0.98.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// What the size of the effect is measured by.
    #[serde(default)]
    pub effect: Effect,
    /// An increase up to this size is borne; default 1 for `mean_ratio`, 0.5 for `cles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_increase: Option<f64>,
    /// A sure increase to this size or more goes back at once, as if the metric were `critical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_increase: Option<f64>,
    /// A decrease down to this size is borne; default 1 for `mean_ratio`, 0.5 for `cles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_decrease: Option<f64>,
    /// A sure decrease to this size or less goes back at once, as if the metric were `critical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_decrease: Option<f64>,
    /// Values farther than so many interquartile ranges outside the middle half are left out; default: none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outliers: Option<f64>,
    /// What a value that is no number is taken for.
    #[serde(default)]
    pub nan: NotANumber,
    /// How many values say as much as one independent one; default 1.
    #[serde(default = "one")]
    pub design_effect: f64,
}

/// Passes when the new number is at most `factor` times the old one plus `plus`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// What the old number is multiplied by.
    pub factor: f64,
    /// What is added to it; default 0.
    #[serde(default)]
    pub plus: f64,
}

/// What counts from a provider cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All of `{{window}}`: everything since the comparison began.
    #[default]
    Window,
    /// Everything since the process began; what was there at the first look is taken off. A restart is noticed.
    Counter,
    /// The time since the look before, and nothing of what it covered.
    Interval,
}

/// Which direction is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is worse.
    #[default]
    Increase,
    /// Less is worse.
    Decrease,
    /// Any change is worse.
    Either,
}

/// What the size of an effect is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The new mean divided by the old one.
    #[default]
    MeanRatio,
    /// The chance that a new value is larger than an old one, from 0 to 1 (common language effect size).
    Cles,
}

/// What a value that is no number is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotANumber {
    /// It is left out.
    #[default]
    Remove,
    /// It is zero.
    Zero,
}

/// Bad events and all events of one arm. Sums of rates are no whole numbers, so these need not be either.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Bad ones.
    pub events: f64,
    /// All.
    pub total: f64,
}

/// What a judge saw and found in one look, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Counts the looks of this comparison from 1; 0 where looks do not belong together.
    pub look: u32,
    /// Looks planned.
    pub looks: u32,
    /// The new environment.
    pub canary: ArmSeen,
    /// What it is compared with.
    pub baseline: ArmSeen,
    /// The difference or shift is at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The difference or shift is at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// The size of the effect, where one is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<f64>,
    /// How surely: the chance that an interval at this look, and all before it, hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The effect is so large that it is critical.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub critical: bool,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One arm as a judge saw it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ArmSeen {
    /// Its share, median or number.
    pub value: f64,
    /// Bad events, where events are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<f64>,
    /// Requests or values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<f64>,
    /// As many independent ones would say as much; none if that is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_eff: Option<f64>,
}

impl Compare {
    /// The judge's name, as it is written.
    #[must_use]
    pub const fn judge(&self) -> &'static str {
        match self {
            Self::Proportion(_) => "proportion",
            Self::MannWhitney(_) => "mann_whitney",
            Self::Ratio(_) => "ratio",
        }
    }

    /// Whether looks belong together: each sees all that the ones before saw, and the error is spent over all of them.
    #[must_use]
    pub const fn is_sequential(&self) -> bool {
        match self {
            Self::Proportion(_) | Self::MannWhitney(_) => true,
            Self::Ratio(_) => false,
        }
    }
}

impl Proportion {
    /// The difference below which a release passes early.
    #[must_use]
    pub fn pass_delta(&self) -> Share {
        self.pass_delta.unwrap_or(self.delta)
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proportion(rule) => write!(f, "at most {} above the baseline", Points(share(rule.delta))),
            Self::MannWhitney(rule) => {
                let what = match rule.direction {
                    Direction::Increase => "no sure increase",
                    Direction::Decrease => "no sure decrease",
                    Direction::Either => "no sure change",
                };
                f.write_str(what)?;
                let effect = if rule.effect == Effect::MeanRatio { "mean ratio" } else { "cles" };
                if let Some(allowed) = rule.allowed_increase.filter(|_| rule.direction != Direction::Decrease) {
                    write!(f, " beyond {effect} {allowed}")?;
                }
                if let Some(allowed) = rule.allowed_decrease.filter(|_| rule.direction != Direction::Increase) {
                    write!(f, " below {effect} {allowed}")?;
                }
                Ok(())
            }
            Self::Ratio(Ratio { factor, plus }) if *plus == 0.0 => write!(f, "at most {factor} × baseline"),
            Self::Ratio(Ratio { factor, plus }) => write!(f, "at most {factor} × baseline + {plus}"),
        }
    }
}

/// A share as a number from 0 to 1.
fn share(share: Share) -> f64 {
    f64::from(share.ppm()) / 1e6
}

/// A difference of shares, in points of a hundred.
#[derive(Debug, Clone, Copy)]
pub struct Points(pub f64);

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} points", crate::metric::Shown(self.0 * 100.0))
    }
}

const fn default_alpha() -> f64 {
    0.05
}

const fn default_tolerance() -> f64 {
    0.25
}

const fn default_confidence() -> f64 {
    0.98
}

const fn one() -> f64 {
    1.0
}
