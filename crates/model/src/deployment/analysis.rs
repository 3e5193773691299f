//! Metrics that decide whether a release goes on: what to ask, how often, and what the answers mean.
//!
//! Here are only the rules a user writes. The counting of answers and the verdict are `deploy::gate`'s business.

use serde::{Deserialize, Serialize};

use super::{Condition, Period};
use crate::metric::{MetricQuery, MetricQueryError};

/// Metrics that are judged together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// At least one.
    pub metrics: Vec<Metric>,
}

/// One number that is measured again and again. The limits default to Argo's: no failure, nothing inconclusive, four
/// errors in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name; unique in its template.
    pub name: String,
    /// Whom to ask, and what.
    pub provider: Provider,
    /// What the answer means.
    pub condition: Condition,
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
    /// What a measurement without data means.
    #[serde(default)]
    pub no_data: NoData,
    /// How long `no_data: wait` waits for data before it pauses; default 15 min.
    #[serde(default = "default_max_wait")]
    pub max_wait: Period,
    /// A failure rolls back at once, even with `on_failure: hold`.
    #[serde(default)]
    pub critical: bool,
    /// Measured and shown, never counted.
    #[serde(default)]
    pub dry_run: bool,
}

/// Whom to ask. Texts may hold `{{service}}`, `{{env}}`, `{{version}}`, `{{from}}` and `{{interval}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Provider {
    /// An instant query of a Prometheus server.
    Prometheus {
        /// The server, such as `http://localhost:9090`.
        url: String,
        /// The query; it must give one number.
        query: String,
    },
    /// A JSON document over HTTP and the place of a number in it.
    Http {
        /// Of the document.
        url: String,
        /// JSON pointer (RFC 6901) to the number.
        pointer: String,
    },
}

/// What a measurement without data means. It never counts as a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoData {
    /// Measure on; pause after `max_wait`.
    #[default]
    Wait,
    /// Pause at once.
    Pause,
    /// The same as a failure.
    Fail,
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

/// Why a provider's texts make no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// A variable that is not known, or braces that do not close.
    #[error("unknown variable (known: service, env, version, from, interval): {0}")]
    UnknownVariable(String),
    /// The query itself.
    #[error(transparent)]
    Query(MetricQueryError),
}

impl Provider {
    /// The query, with every `{{name}}` replaced.
    ///
    /// # Errors
    /// A variable that `value` does not know, braces that do not close, or texts that make no query.
    pub fn query(&self, value: impl Fn(&str) -> Option<String>) -> Result<MetricQuery, ProviderError> {
        match self {
            Self::Prometheus { url, query } => MetricQuery::prometheus(&fill(url, &value)?, &fill(query, &value)?),
            Self::Http { url, pointer } => MetricQuery::http_json(&fill(url, &value)?, &fill(pointer, &value)?),
        }
        .map_err(ProviderError::Query)
    }
}

fn fill(text: &str, value: &impl Fn(&str) -> Option<String>) -> Result<String, ProviderError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let unknown = |name: &str| ProviderError::UnknownVariable(name.trim().to_owned());
        let (name, after) = after.split_once("}}").ok_or_else(|| unknown(after))?;
        filled.push_str(before);
        filled.push_str(&value(name.trim()).ok_or_else(|| unknown(name))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_and_unknown_ones_are_named() {
        let value = |name: &str| (name == "env").then(|| "green".to_owned());
        let asked = |query: &str| Provider::Prometheus { url: "http://p".into(), query: query.into() }.query(value);
        let unknown = |name: &str| Err(ProviderError::UnknownVariable(name.to_owned()));
        assert_eq!(
            asked(r#"up{env="{{ env }}"}"#).unwrap(),
            MetricQuery::prometheus("http://p", r#"up{env="green"}"#).unwrap()
        );
        assert_eq!(asked("{{evn}}"), unknown("evn"));
        assert_eq!(asked("{{env"), unknown("env"));
        assert!(matches!(asked(""), Err(ProviderError::Query(_))));
    }
}
