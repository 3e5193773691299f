//! A plan: the spec expanded, checked and written in the driver's integers, before anything moves. Printed before the
//! start; its hash names exactly this plan. Made by `deploy::plan`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Hold, Period, RecordSetWeight, Share, Shares, WeightsLine};
use crate::id::{EnvironmentName, ServiceName};

/// What a deployment will do. Never changes once the deployment exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The service.
    pub service: ServiceName,
    /// `canary` or `blue-green`.
    pub strategy: String,
    /// The environment that serves now, and its version.
    pub from: Side,
    /// The environment that shall serve, and its version.
    pub to: Side,
    /// The weights as found. What a rollback restores is the snapshot, which must equal them.
    pub start: Vec<RecordSetWeight>,
    /// In order. Steps are numbered from 1.
    pub steps: Vec<PlanStep>,
    /// Times that follow from the TTLs as found and the spec.
    pub times: PlanTimes,
    /// `sha256:…` over everything above.
    pub hash: String,
}

/// One side of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The environment.
    pub environment: EnvironmentName,
    /// The version it runs.
    pub version: String,
}

/// How long things take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTimes {
    /// The largest TTL of the record sets, in seconds.
    pub ttl_seconds: u32,
    /// The wait after each shift.
    pub settle: Period,
    /// The wait at the end.
    pub bake: Period,
    /// From start to success when nothing has to be waited for and nobody is asked.
    pub expected: Period,
    /// From the decision to roll back until caches should have forgotten the new environment.
    pub rollback_worst: Period,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStep {
    /// Write these weights, see them served, wait for caches.
    Shift {
        /// Wanted; the sum is exactly all.
        shares: Shares,
        /// As they will be written: every record set of the service, absolute.
        weights: Vec<RecordSetWeight>,
    },
    /// Wait.
    Hold(Hold),
    /// Wait until the new environment was healthy for so long.
    Healthy(Period),
    /// Measure until every metric is decided.
    Analyse {
        /// Names in the spec's `analysis`.
        templates: Vec<String>,
        /// How long it takes when every measurement has data.
        expected: Period,
    },
}

impl Plan {
    /// A step by its number, counted from 1.
    #[must_use]
    pub fn step(&self, number: usize) -> Option<&PlanStep> {
        self.steps.get(number.checked_sub(1)?)
    }

    /// The share of the new environment once the step is done.
    #[must_use]
    pub fn share_after(&self, number: usize) -> Share {
        let shift = |step: &PlanStep| match step {
            PlanStep::Shift { shares, .. } => shares.get(&self.to.environment).copied(),
            PlanStep::Hold(_) | PlanStep::Healthy(_) | PlanStep::Analyse { .. } => None,
        };
        self.steps.iter().take(number).rev().find_map(shift).unwrap_or(Share::NONE)
    }

    /// The number of the shift that gives the new environment everything.
    #[must_use]
    pub fn last_shift(&self) -> usize {
        let is_shift = |step: &PlanStep| matches!(step, PlanStep::Shift { .. });
        self.steps.iter().rposition(is_shift).map_or(0, |index| index + 1)
    }
}

impl PlanStep {
    /// How long it takes when nothing has to be waited for; nothing when a person decides.
    #[must_use]
    pub fn expected(&self, settle: Period) -> Period {
        match self {
            Self::Shift { .. } => settle,
            Self::Hold(Hold::For(period)) | Self::Healthy(period) => *period,
            Self::Hold(Hold::UntilResumed) => Period::ZERO,
            Self::Analyse { expected, .. } => *expected,
        }
    }
}

impl fmt::Display for PlanStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shift { weights, .. } => write!(f, "weights {}", WeightsLine(weights)),
            Self::Hold(hold) => write!(f, "hold {hold}"),
            Self::Healthy(period) => write!(f, "healthy for {period}"),
            Self::Analyse { templates, .. } => write!(f, "analyse {}", templates.join(", ")),
        }
    }
}

impl fmt::Display for Plan {
    /// A table of several lines, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, strategy, from, to, start, steps, times, hash } = self;
        writeln!(f, "{service}: {strategy} from {from} to {to}")?;
        writeln!(f, "plan {hash}")?;
        let share_title = format!("share of {}", to.environment);
        let width = share_title.len();
        writeln!(f, "  #  {share_title}  takes     what")?;
        writeln!(f, "  -  {:>width$}  {:<8}  weights {}, as found", "0%", "", WeightsLine(start))?;
        for (index, step) in steps.iter().enumerate() {
            let (number, takes) = (index + 1, step.expected(times.settle).to_string());
            writeln!(f, " {number:>2}  {:>width$}  {takes:<8}  {step}", self.share_after(number))?;
        }
        writeln!(f, "  -  {:>width$}  {:<8}  bake", "100%", times.bake.to_string())?;
        write!(
            f,
            "takes {} if all goes well; back within {} of a decision (ttl {}s, settle {})",
            times.expected, times.rollback_worst, times.ttl_seconds, times.settle
        )
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.environment, self.version)
    }
}
