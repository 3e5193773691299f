//! Measurements under way and done: what `deploy::gate` counts and what people look at afterwards.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Compared, Counts};
use crate::metric::{Measurement, MetricQuery};

/// One analysis: some metrics, measured together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Counts the runs of a deployment from 1; part of every measurement's id.
    pub number: u32,
    /// When it began, in ms since 1970.
    pub started_ms: u64,
    /// Measured until the deployment leaves baking, not until `count`.
    pub endless: bool,
    /// In the order of the spec.
    pub metrics: Vec<MetricRun>,
}

/// One metric of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricRun {
    /// The name of its template.
    pub template: String,
    /// Its name.
    pub metric: String,
    /// What was counted so far.
    pub tally: Tally,
    /// Asked for and not yet answered.
    pub pending: Option<Pending>,
    /// When to measure next, in ms since 1970.
    pub next_ms: u64,
    /// Since when there has been no data, in ms since 1970.
    pub no_data_since_ms: Option<u64>,
    /// The last ten measurements, oldest first.
    pub recent: Vec<Sample>,
    /// Once decided, the metric is measured no more.
    pub verdict: Verdict,
    /// What the looks of a comparison have seen; none before the first, and for conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<Looks>,
    /// When the verdict fell, in ms since 1970; kept to judge again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_ms: Option<u64>,
}

/// Looks at a comparison that belong together: each sees all that the ones before it saw.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Looks {
    /// Counts the comparisons of a run from 1. In the background a new one begins when shares have moved, and when all
    /// looks are made.
    pub number: u32,
    /// It covers what happened since, in ms since 1970.
    pub since_ms: u64,
    /// How much each look saw, in requests or values: `1 / (1/new + 1/old)`.
    pub seen: Vec<f64>,
    /// Events up to the last look that was judged, where events are counted: new and old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<[Counts; 2]>,
    /// Events since the beginning, where they are added up here: new and old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums: Option<[Counts; 2]>,
    /// What the counters stood at, where counters are read: new and old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counters: Option<[Counts; 2]>,
    /// Tells the values of the last look from others, where values are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<u64>,
}

/// One measurement as it is kept to be judged again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The run's number.
    pub run: u32,
    /// Whether the run has no end of its own.
    pub endless: bool,
    /// The name of the template.
    pub template: String,
    /// The name of the metric.
    pub metric: String,
    /// Counts the measurements of the metric in the run from 1.
    pub number: u32,
    /// When it was asked for, in ms since 1970.
    pub asked_ms: u64,
    /// What was asked, every text filled in.
    pub query: MetricQuery,
    /// The answer as it came.
    pub answer: Measurement,
    /// What was made of it.
    pub sample: Sample,
    /// The metric's verdict after it.
    pub verdict: Verdict,
    /// The looks that it begins, as they stood before it; none where it goes on with those of the measurement before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Looks>,
    /// Where the metric stood before it, without its samples: where judging again can begin. In the first of every
    /// hundred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<MetricRun>>,
}

/// A measurement that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its id.
    pub id: MeasurementId,
    /// When it was asked for, in ms since 1970; after a crash, when it was asked for again.
    pub since_ms: u64,
}

/// Names one measurement of one deployment; asking twice with the same id is asking once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeasurementId(pub String);

/// Measurements by what came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Within the limit.
    pub passes: u32,
    /// Outside the limit.
    pub fails: u32,
    /// Neither.
    pub inconclusive: u32,
    /// Nothing to judge.
    pub no_data: u32,
    /// Not measured, in all.
    pub errors: u32,
    /// Not measured, in a row up to now.
    pub errors_in_row: u32,
    /// Within the limit, in a row up to now.
    pub passes_in_row: u32,
    /// Looks at a comparison that decide nothing yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub undecided: u32,
    /// Too few samples to judge.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub too_few: u32,
    /// Outside a critical limit; counted as failures too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub critical: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What came out of one measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampled {
    /// Within the limit.
    Pass,
    /// Outside the limit.
    Fail,
    /// Neither.
    Inconclusive,
    /// Nothing to judge: no value, or one that is not finite.
    NoData,
    /// Not measured.
    Error,
    /// A look at a comparison that decides nothing yet; the next one sees more.
    Undecided,
    /// Fewer samples than the metric wants.
    TooFew,
}

/// One measurement, kept to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When it came in, in ms since 1970.
    pub at_ms: u64,
    /// The value, if there was one.
    pub value: Option<f64>,
    /// What it counted as.
    pub sampled: Sampled,
    /// What the provider said when it failed.
    pub error: Option<String>,
    /// What a judge saw and found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Box<Compared>>,
}

/// Whether a metric, or a whole run, is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not yet.
    #[default]
    Running,
    /// Enough measurements within the limit, none of the limits broken.
    Pass,
    /// Too many outside the limit.
    Fail,
    /// Too many that are neither, or too few that pass.
    Inconclusive,
    /// Nothing to judge for too long.
    NoData,
    /// Not measured too often in a row.
    Error,
    /// Left out, as the metric asks for when there is no data or no provider; another one must pass.
    Skipped,
}

impl MetricRun {
    /// Before the first measurement, which is due at `next_ms`.
    #[must_use]
    pub fn new(template: &str, metric: &str, next_ms: u64) -> Self {
        Self {
            template: template.to_owned(),
            metric: metric.to_owned(),
            tally: Tally::default(),
            pending: None,
            next_ms,
            no_data_since_ms: None,
            recent: Vec::new(),
            verdict: Verdict::Running,
            looks: None,
            decided_ms: None,
        }
    }
}

impl Tally {
    /// Measurements in all.
    #[must_use]
    pub fn measured(&self) -> u32 {
        let Self { passes, fails, inconclusive, no_data, errors, undecided, too_few, .. } = self;
        [passes, fails, inconclusive, no_data, errors, undecided, too_few].into_iter().sum()
    }

    /// Measurements with something to judge.
    #[must_use]
    pub fn judged(&self) -> u32 {
        self.passes + self.fails + self.inconclusive + self.undecided
    }
}

impl fmt::Display for MeasurementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passes, self.fails)?;
        for (number, what) in [
            (self.undecided, "undecided"),
            (self.inconclusive, "inconclusive"),
            (self.too_few, "with too few samples"),
            (self.no_data, "without data"),
            (self.errors, "in error"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        Ok(())
    }
}
