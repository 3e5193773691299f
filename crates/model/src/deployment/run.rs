//! Measurements under way and done: what `deploy::gate` counts and what people look at afterwards.

use std::fmt;

use serde::{Deserialize, Serialize};

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
}

impl fmt::Display for MeasurementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passes, self.fails)?;
        for (number, what) in
            [(self.inconclusive, "inconclusive"), (self.no_data, "without data"), (self.errors, "in error")]
        {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        Ok(())
    }
}
