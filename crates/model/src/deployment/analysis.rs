//! Metrics that decide whether a release goes on: what to ask, how often, and what the answers mean.
//!
//! Here are only the rules a user writes; whom to ask is in `provider`, how two environments are compared in `compare`.
//! The counting of answers and the verdict are `deploy::gate`'s business.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Compare, Condition, Period, Provider};
use crate::id::EnvironmentName;

/// Metrics that are judged together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// At least one.
    pub metrics: Vec<Metric>,
    /// Judged by how many of them pass, in the end and together; default: each one's verdict counts by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
}

/// How the metrics of a template are judged together: each group scores the part of its metrics that pass, from 0 to 100, and
/// the template the mean of its groups. What has no data counts for nothing, neither for good nor for bad.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// So much passes, above 0 and up to 100.
    pub pass: f64,
    /// So much, up to `pass`, is inconclusive; less fails. Default: as `pass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marginal: Option<f64>,
    /// The weights of groups by their names, such as `{errors: 3, latency: 1}`; default 1 each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, f64>,
}

/// One number that is measured again and again. The limits default to Argo's: no failure, nothing inconclusive, four
/// errors in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name; unique in its template.
    pub name: String,
    /// Whom to ask, and what.
    pub provider: Provider,
    /// With which others it is scored, where its template has a `score`; default: those that name no group either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What the answer means. A metric has this or `compare`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// How the new environment is compared with the old one. Both are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// Which environment a condition is about: `{{env}}` and `{{version}}` are its. Default: the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<Arm>,
    /// Compared with this environment of the service; default: the one that serves when the release starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_env: Option<EnvironmentName>,
    /// Where `{{window}}` begins.
    #[serde(default, skip_serializing_if = "WindowBegin::is_settled")]
    pub window: WindowBegin,
    /// Time between two measurements; default 10 s.
    #[serde(default = "default_interval")]
    pub interval: Period,
    /// Time before the first; default none.
    #[serde(default)]
    pub initial_delay: Period,
    /// Measurements with data after which the metric is decided; default 5. In the background there is no end.
    #[serde(default = "default_count")]
    pub count: u32,
    /// More failures than this fail the metric; default 0.
    #[serde(default)]
    pub failure_limit: u32,
    /// More inconclusive measurements than this make it inconclusive; default 0.
    #[serde(default)]
    pub inconclusive_limit: u32,
    /// More errors in a row than this give the provider up; default 4.
    #[serde(default = "default_consecutive_error_limit")]
    pub consecutive_error_limit: u32,
    /// So many passes in a row decide early; default: never early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consecutive_success_limit: Option<u32>,
    /// Passes needed at the end, at least 1; default 1.
    #[serde(default = "default_min_pass")]
    pub min_pass: u32,
    /// Time to the next try after an error; default: `interval`, at most 10 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_retry: Option<Period>,
    /// What it means when `consecutive_error_limit` is exceeded.
    #[serde(default, skip_serializing_if = "OnProviderError::is_hold")]
    pub on_provider_error: OnProviderError,
    /// Fewer requests or values than this, in either environment, are not judged; default: 100 for `proportion`, 30 for
    /// `mann_whitney`, otherwise none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_samples: Option<u32>,
    /// What a measurement without data means.
    #[serde(default)]
    pub no_data: NoData,
    /// How long data, or `min_samples` of it, are waited for before `no_data` decides; default 15 min.
    #[serde(default = "default_max_wait")]
    pub max_wait: Period,
    /// A failure rolls back at once, even with `on_failure: hold`.
    #[serde(default)]
    pub critical: bool,
    /// Measured and shown, never counted.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a measurement without data means. It never counts as a pass. Too few samples are waited for in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoData {
    /// Measure on; pause after `max_wait`.
    #[default]
    Wait,
    /// Pause at once.
    Pause,
    /// The same as a failure.
    Fail,
    /// After `max_wait` the metric is left out; another one must pass.
    Pass,
}

/// Which environments are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The new one.
    Canary,
    /// What it is compared with.
    Baseline,
    /// Both; what `compare` always does.
    Both,
}

/// Where `{{window}}` begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowBegin {
    /// When caches had their time after the last shift.
    #[default]
    Settled,
    /// When every DNS server served the weights of the last shift.
    Applied,
}

/// What it means when a provider fails too often in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnProviderError {
    /// Pause for a person.
    #[default]
    Hold,
    /// Fail the release.
    Abort,
    /// Leave the metric out; another one must pass. In the background: go on asking.
    Continue,
}

impl WindowBegin {
    fn is_settled(&self) -> bool {
        *self == Self::Settled
    }
}

impl OnProviderError {
    fn is_hold(&self) -> bool {
        *self == Self::Hold
    }
}

impl Metric {
    /// The rule in one line, for people.
    #[must_use]
    pub fn rule(&self) -> String {
        match (&self.compare, &self.condition) {
            (Some(compare), _) => compare.to_string(),
            (None, Some(condition)) => condition.to_string(),
            (None, None) => String::new(),
        }
    }

    /// Fewer requests or values than this are not judged.
    #[must_use]
    pub fn min_samples(&self) -> u32 {
        self.min_samples.unwrap_or(match self.compare {
            Some(Compare::Proportion(_)) => 100,
            Some(Compare::MannWhitney(_)) => 30,
            Some(Compare::Ratio(_)) | None => 0,
        })
    }

    /// Time to the next try after an error.
    #[must_use]
    pub fn error_retry(&self) -> Period {
        self.error_retry.unwrap_or(self.interval.min(Period::from_seconds(10)))
    }
}

const fn default_interval() -> Period {
    Period::from_seconds(10)
}

const fn default_max_wait() -> Period {
    Period::from_seconds(900)
}

const fn default_count() -> u32 {
    5
}

const fn default_consecutive_error_limit() -> u32 {
    4
}

const fn default_min_pass() -> u32 {
    1
}
