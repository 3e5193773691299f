//! A number that a deployment watches: where to ask for it, and what came back.
//!
//! Before: a deployment's analysis names a [`MetricQuery`]. After: whoever measures returns a [`Measurement`], and the
//! analysis judges it. Absence is no failure and no success: it has its own word.
//!
//! Left out on purpose: credentials (a URL with a user name is refused, they would end up in logs) and POST.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest URL, in characters: what servers in the field accept.
const URL_MAX: usize = 2048;
/// Longest query and pointer, in characters. Prometheus' own limit is the URL that carries them.
const QUERY_MAX: usize = 4096;

/// One question with a number for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetricQuery {
    /// An instant query to Prometheus or what speaks its API.
    Prometheus {
        /// Where its API begins: `/api/v1/query` is put behind it.
        base_url: MetricUrl,
        /// PromQL that gives one series or a scalar.
        query: String,
    },
    /// A GET whose JSON answer holds the number.
    HttpJson {
        /// What to get.
        url: MetricUrl,
        /// Where the number stands (RFC 6901); empty means that the whole answer is it.
        pointer: String,
    },
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Measurement {
    /// A finite number.
    Value(f64),
    /// An answer without a number: no series, null, NaN or an infinity (which is how 0/0 is told).
    NoData,
    /// No answer, or one that cannot be read as one number.
    Error(String),
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

    /// A GET whose JSON answer holds the number at `pointer`.
    ///
    /// # Errors
    /// A URL that is none, or a pointer that does not begin with `/`.
    pub fn http_json(url: &str, pointer: &str) -> Result<Self, MetricQueryError> {
        is_short("pointer", QUERY_MAX, pointer)?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(MetricQueryError::Pointer { text: pointer.to_owned() });
        }
        Ok(Self::HttpJson { url: MetricUrl::parse(url)?, pointer: pointer.to_owned() })
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
