//! A number that a deployment watches: where to ask for it, and what came back.
//!
//! Before: a deployment's analysis names a [`MetricQuery`]. After: whoever measures returns a [`Measurement`], and the
//! analysis judges it. Absence is no failure and no success: it has its own word.
//!
//! Left out on purpose: credentials (a URL with a user name is refused, they would end up in logs) and POST.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deployment::{ExecHook, RecordSetKey};
use crate::id::HealthCheckId;

/// Longest URL, in characters: what servers in the field accept.
const URL_MAX: usize = 2048;
/// Longest query and pointer, in characters. Prometheus' own limit is the URL that carries them.
const QUERY_MAX: usize = 4096;

/// Most values that one answer may hold; more of them make no judgement better, and every one is kept.
pub const VALUES_MAX: usize = 2_000;

/// One question, with a number or numbers for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetricQuery {
    /// An instant query to Prometheus or what speaks its API.
    Prometheus {
        /// Where its API begins: `/api/v1/query` is put behind it.
        base_url: MetricUrl,
        /// PromQL that gives one series or a scalar.
        query: String,
    },
    /// A range query to Prometheus: the values of one series over a time.
    PrometheusRange {
        /// Where its API begins: `/api/v1/query_range` is put behind it.
        base_url: MetricUrl,
        /// PromQL that gives one series or a scalar.
        query: String,
        /// In ms since 1970.
        start_ms: u64,
        /// In ms since 1970.
        end_ms: u64,
        /// Between two values, in ms.
        step_ms: u64,
    },
    /// A GET with a JSON answer.
    HttpJson {
        /// What to get.
        url: MetricUrl,
        /// What of it.
        read: Read,
    },
    /// A program of this host that prints JSON.
    Exec {
        /// What to run.
        hook: ExecHook,
        /// What of its output.
        read: Read,
    },
    /// What health checks say.
    Health {
        /// Which.
        checks: Vec<HealthCheckId>,
        /// Which number of them.
        value: HealthValue,
    },
    /// How often DNS was answered from record sets, as this server counts.
    Dns {
        /// Of these.
        of: Vec<RecordSetKey>,
        /// Among these; they hold the others.
        among: Vec<RecordSetKey>,
        /// Which number of them.
        value: DnsValue,
        /// In so many ms until now.
        over_ms: u64,
    },
    /// Several at the same time, answered in this order.
    Several(Vec<MetricQuery>),
}

/// What is read from a JSON document, by pointers (RFC 6901). An empty pointer is the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// A number.
    Number(String),
    /// Several numbers of one document, answered in this order.
    Numbers(Vec<String>),
    /// A list of numbers.
    Values(String),
}

/// A number about health checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthValue {
    /// The part of them that is healthy, from 0 to 1.
    #[default]
    HealthyRatio,
    /// How many are healthy.
    HealthyCount,
    /// How many are not.
    UnhealthyCount,
}

/// A number about answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DnsValue {
    /// The environment's part of all answers for the service's names, from 0 to 1; no data if there were none.
    #[default]
    Share,
    /// Answers a second.
    Rate,
}

impl DnsValue {
    /// The number, given how many answers there were in a time; none of a record set that is not counted so long.
    #[must_use]
    pub fn of(self, of: &[Option<u64>], among: &[Option<u64>], seconds: f64) -> Measurement {
        let sum = |gains: &[Option<u64>]| gains.iter().copied().sum::<Option<u64>>();
        let number = sum(of).and_then(|of| match self {
            Self::Share => sum(among).map(|among| of as f64 / among as f64),
            Self::Rate => Some(of as f64 / seconds),
        });
        number.map_or(Measurement::NoData, Measurement::of)
    }
}

impl HealthValue {
    /// The number, given what each check says; a check that has said nothing is no data for all.
    #[must_use]
    pub fn of(self, healthy: &[Option<bool>]) -> Measurement {
        if healthy.is_empty() || healthy.contains(&None) {
            return Measurement::NoData;
        }
        let count = healthy.iter().filter(|said| **said == Some(true)).count();
        Measurement::Value(match self {
            Self::HealthyRatio => count as f64 / healthy.len() as f64,
            Self::HealthyCount => count as f64,
            Self::UnhealthyCount => (healthy.len() - count) as f64,
        })
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Measurement {
    /// A finite number.
    Value(f64),
    /// An answer without a number: no series, null, NaN or an infinity (which is how 0/0 is told).
    NoData,
    /// No answer, or one that cannot be read as what was asked for.
    Error(String),
    /// Several values, in the order of the answer; none stands for one that is no number.
    Values(Vec<Option<f64>>),
    /// The answers to several questions, in their order.
    Several(Vec<Measurement>),
}

impl Measurement {
    /// A number as measured: what is not finite is no data.
    #[must_use]
    pub fn of(value: f64) -> Self {
        if value.is_finite() { Self::Value(value) } else { Self::NoData }
    }
}

/// A measured number as people read it: four significant digits, without zeros that say nothing.
///
/// ```
/// use model::metric::Shown;
/// let shown = [0.351_351_351_351_351_4, 12_345.678, 0.000_012_346, 1.0, -0.05].map(|value| Shown(value).to_string());
/// assert_eq!(shown, ["0.3514", "12350", "0.00001235", "1", "-0.05"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown(pub f64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded: f64 = format!("{:.3e}", self.0).parse().unwrap_or(self.0);
        // Beyond these a plain number is mostly zeros.
        if rounded != 0.0 && !(1e-6..1e15).contains(&rounded.abs()) {
            return write!(f, "{rounded:e}");
        }
        write!(f, "{rounded}")
    }
}

/// Why a metric cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricQueryError {
    /// Neither `http://` nor `https://` with a host behind it.
    #[error("a metric's url must be http:// or https:// and a host: {text}")]
    Url {
        /// As given.
        text: String,
    },
    /// A user name or password in the URL. It is not repeated here.
    #[error("a metric's url must not hold a user name or password")]
    Credentials,
    /// Nothing is asked.
    #[error("a metric's query is empty")]
    EmptyQuery,
    /// The pointer is not one.
    #[error("a metric's pointer must be empty or begin with /: {text}")]
    Pointer {
        /// As given.
        text: String,
    },
    /// A text longer than it may be.
    #[error("a metric's {part} may have at most {max} characters, not {length}")]
    TooLong {
        /// Which text.
        part: &'static str,
        /// Most characters allowed.
        max: usize,
        /// Characters given.
        length: usize,
    },
}

/// An absolute `http://` or `https://` URL without credentials or fragment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MetricUrl(Box<str>);

impl MetricUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// Another scheme, no host, characters that must be percent-encoded, a fragment, or credentials.
    pub fn parse(text: &str) -> Result<Self, MetricQueryError> {
        let wrong = || MetricQueryError::Url { text: text.to_owned() };
        is_short("url", URL_MAX, text)?;
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).ok_or_else(wrong)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(MetricQueryError::Credentials);
        }
        let host_starts = authority.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
        if !host_starts || !text.bytes().all(|c| c.is_ascii_graphic()) || text.contains(['#', '"', '<', '>', '\\']) {
            return Err(wrong());
        }
        Ok(Self(text.into()))
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MetricUrl {
    type Error = MetricQueryError;
    fn try_from(text: String) -> Result<Self, MetricQueryError> {
        Self::parse(&text)
    }
}

impl From<MetricUrl> for String {
    fn from(url: MetricUrl) -> String {
        url.0.into()
    }
}

impl MetricQuery {
    /// A Prometheus instant query.
    ///
    /// # Errors
    /// A URL that is none, an empty query, or one too long.
    pub fn prometheus(base_url: &str, query: &str) -> Result<Self, MetricQueryError> {
        is_short("query", QUERY_MAX, query)?;
        if query.trim().is_empty() {
            return Err(MetricQueryError::EmptyQuery);
        }
        Ok(Self::Prometheus { base_url: MetricUrl::parse(base_url)?, query: query.to_owned() })
    }

    /// A Prometheus range query.
    ///
    /// # Errors
    /// As for [`MetricQuery::prometheus`].
    pub fn prometheus_range(
        base_url: &str,
        query: &str,
        start_ms: u64,
        end_ms: u64,
        step_ms: u64,
    ) -> Result<Self, MetricQueryError> {
        let Self::Prometheus { base_url, query } = Self::prometheus(base_url, query)? else {
            return Err(MetricQueryError::EmptyQuery);
        };
        Ok(Self::PrometheusRange { base_url, query, start_ms, end_ms: end_ms.max(start_ms), step_ms: step_ms.max(1) })
    }

    /// A GET whose JSON answer holds the number at `pointer`.
    ///
    /// # Errors
    /// A URL that is none, or a pointer that does not begin with `/`.
    pub fn http_json(url: &str, pointer: &str) -> Result<Self, MetricQueryError> {
        Self::http_read(url, Read::Number(pointer.to_owned()))
    }

    /// A GET, and what is read of its JSON answer.
    ///
    /// # Errors
    /// A URL that is none, or a pointer that does not begin with `/`.
    pub fn http_read(url: &str, read: Read) -> Result<Self, MetricQueryError> {
        read.check()?;
        Ok(Self::HttpJson { url: MetricUrl::parse(url)?, read })
    }

    /// A program, and what is read of the JSON that it prints.
    ///
    /// # Errors
    /// No program, or a pointer that does not begin with `/`.
    pub fn exec(hook: ExecHook, read: Read) -> Result<Self, MetricQueryError> {
        read.check()?;
        if hook.program.trim().is_empty() { Err(MetricQueryError::EmptyQuery) } else { Ok(Self::Exec { hook, read }) }
    }
}

impl Read {
    fn check(&self) -> Result<(), MetricQueryError> {
        let pointers = match self {
            Self::Number(pointer) | Self::Values(pointer) => std::slice::from_ref(pointer),
            Self::Numbers(pointers) => pointers,
        };
        for pointer in pointers {
            is_short("pointer", QUERY_MAX, pointer)?;
            if !pointer.is_empty() && !pointer.starts_with('/') {
                return Err(MetricQueryError::Pointer { text: pointer.clone() });
            }
        }
        Ok(())
    }
}

fn is_short(part: &'static str, max: usize, text: &str) -> Result<(), MetricQueryError> {
    let length = text.chars().count();
    if length > max { Err(MetricQueryError::TooLong { part, max, length }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_needs_a_url_without_secrets_and_something_to_ask() {
        assert!(MetricQuery::prometheus("http://127.0.0.1:9090/prom", "up").is_ok());
        assert!(MetricQuery::http_json("https://m.test/x?a=1", "/errors/ratio").is_ok());
        assert_eq!(MetricQuery::prometheus("http://u:p@m.test", "up"), Err(MetricQueryError::Credentials));
        assert_eq!(MetricQuery::prometheus("http://m.test", " "), Err(MetricQueryError::EmptyQuery));
        for bad in ["m.test", "ftp://m.test", "http://", "http:///x", "http://m.test/a b", "http://m.test/#x"] {
            assert!(matches!(MetricQuery::http_json(bad, ""), Err(MetricQueryError::Url { .. })), "{bad}");
        }
        assert!(matches!(MetricQuery::http_json("http://m.test", "a"), Err(MetricQueryError::Pointer { .. })));
    }

    #[test]
    fn what_is_not_a_finite_number_is_no_data() {
        assert_eq!(Measurement::of(0.25), Measurement::Value(0.25));
        assert_eq!(Measurement::of(f64::NAN), Measurement::NoData);
        assert_eq!(Measurement::of(f64::NEG_INFINITY), Measurement::NoData);
    }
}
