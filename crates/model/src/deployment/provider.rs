//! Whom a metric asks, and what: one number, counts of events, or values.
//!
//! Texts may hold `{{service}}`, `{{env}}`, `{{version}}`, `{{arm}}`, `{{from}}`, `{{interval}}` and `{{window}}`; a comparison
//! fills them in once for each environment. Before: `Metric`. After: [`MetricQuery`], which is asked outside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ExecHook, Period, RecordSetKey};
use crate::id::HealthCheckId;
use crate::metric::{DnsValue, HealthValue, MetricQuery, MetricQueryError, Read};

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// A Prometheus server, or what speaks its API.
    Prometheus(Prometheus),
    /// A JSON document over HTTP.
    Http(Http),
    /// A JSON document, or a bare number, that a program of this host prints. Off unless the configuration allows it.
    Exec(Exec),
    /// The health checks of the environment: those of its record sets and its own.
    Health(Health),
    /// The answers that this server gives with the environment's record sets.
    Dns(Dns),
}

/// Queries of a Prometheus server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// The server, such as `http://localhost:9090`.
    pub url: String,
    /// The query; it must give one series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The values of `query` over `{{window}}` instead of its value now: one in each step. For `mann_whitney`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Period>,
    /// Instead of `query`: how many bad events there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
    /// With `events`: how many events there were in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// A document and places in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Of the document.
    pub url: String,
    /// JSON pointer (RFC 6901) to the number, or to a list of numbers for `mann_whitney`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Instead of `pointer`: JSON pointer to how many bad events there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
    /// With `events`: JSON pointer to how many events there were in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// A program and places in what it prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// A file in the directory that the configuration allows for hooks: its name there, or its absolute path.
    pub program: String,
    /// What it gets, one word each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Until it is ended, from 100 ms to 55 s; default 15 s.
    #[serde(default = "fifteen_seconds")]
    pub timeout: Period,
    /// JSON pointer (RFC 6901) to the number, or to a list of numbers; default: all that is printed is it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Instead of `pointer`: JSON pointer to how many bad events there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
    /// With `events`: JSON pointer to how many events there were in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// What of the health checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Which number.
    #[serde(default)]
    pub value: HealthValue,
}

/// What of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Which number, over the metric's interval.
    #[serde(default)]
    pub value: DnsValue,
}

/// What a metric needs of its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// One number.
    Number,
    /// Bad events, and events in all.
    Counts,
    /// A list.
    Values,
}

/// What is filled in when a metric is asked for.
#[derive(Debug, Clone)]
pub struct Filling<'a, F> {
    /// What the metric needs.
    pub wanted: Wanted,
    /// A text by the name of a variable.
    pub value: F,
    /// Where `{{window}}` begins and ends, in ms since 1970.
    pub window: (u64, u64),
    /// The health checks that speak for the environment.
    pub checks: &'a [HealthCheckId],
    /// The record sets of the environment, and of all.
    pub answered: [&'a [RecordSetKey]; 2],
    /// How often the metric is asked.
    pub interval: Period,
}

/// Why a provider's texts make no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// A variable that is not known, or braces that do not close.
    #[error("unknown variable (known: service, env, version, arm, from, interval, window): {0}")]
    UnknownVariable(String),
    /// Something is missing, or there is too much.
    #[error("{0}")]
    Fields(&'static str),
    /// The query itself.
    #[error(transparent)]
    Query(MetricQueryError),
}

impl From<MetricQueryError> for ProviderError {
    fn from(error: MetricQueryError) -> Self {
        Self::Query(error)
    }
}

/// Most values of a range query; its step grows with the window. Enough for any test of ranks, and a bounded row.
const POINTS_MAX: u64 = 500;

impl Provider {
    /// Whether it counts events.
    #[must_use]
    pub fn counts(&self) -> bool {
        match self {
            Self::Prometheus(Prometheus { events, total, .. })
            | Self::Http(Http { events, total, .. })
            | Self::Exec(Exec { events, total, .. }) => events.is_some() || total.is_some(),
            Self::Health(_) | Self::Dns(_) => false,
        }
    }

    /// The query, with every `{{name}}` replaced.
    ///
    /// # Errors
    /// A variable that is not known, braces that do not close, fields that do not fit what is wanted, or texts that
    /// make no query.
    pub fn query<F: Fn(&str) -> Option<String>>(&self, with: &Filling<'_, F>) -> Result<MetricQuery, ProviderError> {
        let fill = |text: &str| fill(text, &with.value);
        match self {
            Self::Prometheus(Prometheus { url, query, step, events, total }) => {
                let url = fill(url)?;
                match (asked(with.wanted, query.as_deref(), events.as_deref(), total.as_deref())?, step) {
                    (Places::Two(events, total), None) => Ok(MetricQuery::Several(vec![
                        MetricQuery::prometheus(&url, &fill(events)?)?,
                        MetricQuery::prometheus(&url, &fill(total)?)?,
                    ])),
                    (Places::One(query), Some(step)) if with.wanted == Wanted::Values => {
                        let (start, end) = with.window;
                        let step = step.ms().max(end.saturating_sub(start).div_ceil(POINTS_MAX));
                        Ok(MetricQuery::prometheus_range(&url, &fill(query)?, start, end, step)?)
                    }
                    (Places::One(_), None) if with.wanted == Wanted::Values => {
                        Err(ProviderError::Fields("values need a step, such as \"10s\""))
                    }
                    (Places::One(query), None) => Ok(MetricQuery::prometheus(&url, &fill(query)?)?),
                    (_, Some(_)) => Err(ProviderError::Fields("step is for mann_whitney only")),
                }
            }
            Self::Http(Http { url, pointer, events, total }) => {
                let places = asked(with.wanted, pointer.as_deref(), events.as_deref(), total.as_deref())?;
                Ok(MetricQuery::http_read(&fill(url)?, read(with.wanted, &places, fill)?)?)
            }
            Self::Exec(Exec { program, args, timeout, pointer, events, total }) => {
                let all = Some(pointer.as_deref().unwrap_or_default()).filter(|_| pointer.is_some() || !self.counts());
                let places = asked(with.wanted, all, events.as_deref(), total.as_deref())?;
                let args = args.iter().map(|text| fill(text)).collect::<Result<Vec<_>, _>>()?;
                let hook = ExecHook { program: program.clone(), args, timeout: *timeout };
                Ok(MetricQuery::exec(hook, read(with.wanted, &places, fill)?)?)
            }
            Self::Health(_) if with.checks.is_empty() => {
                Err(ProviderError::Fields("the environment has no health check; give it or its record sets one"))
            }
            Self::Health(Health { value }) => match with.wanted {
                Wanted::Number => Ok(MetricQuery::Health { checks: with.checks.to_vec(), value: *value }),
                Wanted::Counts | Wanted::Values => {
                    Err(ProviderError::Fields("health gives one number; use a condition or the judge ratio"))
                }
            },
            Self::Dns(Dns { value }) if with.wanted == Wanted::Number => {
                let [of, among] = with.answered.map(<[_]>::to_vec);
                // What was answered before the last shift had settled says nothing of this one.
                let (start, end) = with.window;
                let over_ms = with.interval.ms().min(end.saturating_sub(start));
                Ok(MetricQuery::Dns { of, among, value: *value, over_ms })
            }
            Self::Dns(_) => Err(ProviderError::Fields("dns gives one number; use a condition or the judge ratio")),
        }
    }
}

enum Places<'a> {
    One(&'a str),
    Two(&'a str, &'a str),
}

fn asked<'a>(
    wanted: Wanted,
    one: Option<&'a str>,
    events: Option<&'a str>,
    total: Option<&'a str>,
) -> Result<Places<'a>, ProviderError> {
    match (one, events, total) {
        (Some(one), None, None) if wanted != Wanted::Counts => Ok(Places::One(one)),
        (None, Some(events), Some(total)) if wanted != Wanted::Values => Ok(Places::Two(events, total)),
        _ if wanted == Wanted::Counts => Err(ProviderError::Fields("counts need events and total, and nothing else")),
        _ if wanted == Wanted::Values => Err(ProviderError::Fields("values need a query or pointer, and nothing else")),
        _ => Err(ProviderError::Fields("give a query or pointer, or events and total")),
    }
}

fn read(
    wanted: Wanted,
    places: &Places<'_>,
    fill: impl Fn(&str) -> Result<String, ProviderError>,
) -> Result<Read, ProviderError> {
    Ok(match places {
        Places::Two(events, total) => Read::Numbers(vec![fill(events)?, fill(total)?]),
        Places::One(pointer) if wanted == Wanted::Values => Read::Values(fill(pointer)?),
        Places::One(pointer) => Read::Number(fill(pointer)?),
    })
}

/// A text with every `{{name}}` replaced by what `value` says of it.
///
/// # Errors
/// A variable that `value` does not know, or braces that do not close.
pub fn fill(text: &str, value: &impl Fn(&str) -> Option<String>) -> Result<String, ProviderError> {
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

const fn fifteen_seconds() -> Period {
    Period::from_seconds(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(provider: &str, wanted: Wanted) -> Result<MetricQuery, ProviderError> {
        let provider: Provider = serde_json::from_str(provider).unwrap();
        let value = |name: &str| (name == "env").then(|| "green".to_owned());
        provider.query(&Filling {
            wanted,
            value,
            window: (1_000, 601_000),
            checks: &[],
            answered: [&[], &[]],
            interval: Period::ZERO,
        })
    }

    #[test]
    fn variables_are_replaced_and_unknown_ones_are_named() {
        let query = |query: &str| {
            let json = serde_json::json!({"prometheus": {"url": "http://p", "query": query}}).to_string();
            asked(&json, Wanted::Number)
        };
        let unknown = |name: &str| Err(ProviderError::UnknownVariable(name.to_owned()));
        assert_eq!(
            query(r#"up{env="{{ env }}"}"#).unwrap(),
            MetricQuery::prometheus("http://p", r#"up{env="green"}"#).unwrap()
        );
        assert_eq!(query("{{evn}}"), unknown("evn"));
        assert_eq!(query("{{env"), unknown("env"));
        assert!(matches!(query(""), Err(ProviderError::Query(_))));
    }

    #[test]
    fn counts_and_values_need_fields_of_their_own() {
        let counts = r#"{"http":{"url":"http://m/{{env}}","events":"/bad","total":"/all"}}"#;
        let read = Read::Numbers(vec!["/bad".into(), "/all".into()]);
        assert_eq!(asked(counts, Wanted::Counts), Ok(MetricQuery::http_read("http://m/green", read).unwrap()));
        assert!(matches!(asked(counts, Wanted::Values), Err(ProviderError::Fields(_))));
        let number = r#"{"prometheus":{"url":"http://p","query":"up"}}"#;
        assert!(matches!(asked(number, Wanted::Counts), Err(ProviderError::Fields(_))));
        assert!(matches!(asked(number, Wanted::Values), Err(ProviderError::Fields(_))), "without a step");
        let series = r#"{"prometheus":{"url":"http://p","query":"up","step":"1s"}}"#;
        let range = MetricQuery::prometheus_range("http://p", "up", 1_000, 601_000, 1_200).unwrap();
        assert_eq!(asked(series, Wanted::Values), Ok(range), "at most 500 values");
        assert!(matches!(asked(series, Wanted::Number), Err(ProviderError::Fields(_))));
        let printed = asked(r#"{"exec":{"program":"errors","args":["{{env}}"]}}"#, Wanted::Number).unwrap();
        assert!(matches!(printed, MetricQuery::Exec { hook, read: Read::Number(_) } if hook.args == ["green"]));
    }

    #[test]
    fn answers_are_counted_over_the_interval_but_not_from_before_the_shift() {
        let over = |window: (u64, u64), interval: u64| {
            let provider: Provider = serde_json::from_str(r#"{"dns":{}}"#).unwrap();
            let value = |_: &str| None;
            let (answered, interval) = ([&[][..], &[]], Period::from_ms(interval));
            match provider.query(&Filling { wanted: Wanted::Number, value, window, checks: &[], answered, interval }) {
                Ok(MetricQuery::Dns { over_ms, .. }) => over_ms,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(over((0, 600_000), 120_000), 120_000);
        assert_eq!(over((0, 15_000), 120_000), 15_000);
        assert_eq!(over((0, 0), 120_000), 0);
    }
}
