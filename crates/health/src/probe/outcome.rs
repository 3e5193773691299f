//! What a probe has seen, and the words in which the API shows it.
//!
//! The words are Route 53's where they are known, because people and tools read them: `HTTP Status Code 200, OK`,
//! `SSL alert handshake_failure`, `DNS resolution failed`, and the sentence about the timeout limit. The others are ours.

use std::fmt;
use std::io;
use std::net::IpAddr;

use http::StatusCode;

/// The endpoint did what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Success {
    /// A connection was opened.
    Connected,
    /// A status from 200 to 399, and the text in the body if one was looked for.
    Status(StatusCode),
}

/// It did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    /// What the name led to, when a name was resolved.
    pub(crate) resolved: Option<IpAddr>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Cause {
    #[error("DNS resolution failed: no answer within the timeout limit.")]
    ResolutionTimeout,
    #[error("DNS resolution failed: {text}")]
    Resolution { text: String },
    #[error("DNS resolution failed: the name has no A record.")]
    NoAddress,
    #[error("The health checker could not establish a connection within the timeout limit.")]
    ConnectTimeout,
    #[error("The endpoint refused the connection.")]
    Refused,
    #[error("The health checker could not establish a connection: {text}")]
    Connect { text: String },
    #[error("SSL alert {alert}")]
    Alert { alert: String },
    #[error("The TLS handshake failed: {text}")]
    Handshake { text: String },
    #[error("The endpoint did not send a response within the timeout limit.")]
    ResponseTimeout,
    #[error("The endpoint did not send the response body within the timeout limit.")]
    BodyTimeout,
    #[error("The response headers are longer than 16384 bytes.")]
    HeadersTooLong,
    #[error("The response is not well-formed HTTP.")]
    Malformed,
    #[error("The endpoint closed the connection before the response was complete.")]
    Closed,
    #[error("{}", code(*.0))]
    Status(StatusCode),
    #[error("The search string was not found in the first 5120 bytes of the response body.")]
    SearchStringMissing,
    /// This host could not even try. Says nothing about the endpoint and is never counted.
    #[error("The health checker could not probe: {text}")]
    OwnFault { text: String },
}

impl Cause {
    /// Reads an error of a socket; `other` says what it means if it is the endpoint's.
    pub(crate) fn from_io(error: &io::Error, other: impl FnOnce(String) -> Self) -> Self {
        // ENOMEM, ENFILE, EMFILE, ENOBUFS on Linux: this process or host has run out of something.
        if matches!(error.raw_os_error(), Some(12 | 23 | 24 | 105)) {
            return Self::OwnFault { text: error.to_string() };
        }
        other(error.to_string())
    }
}

impl fmt::Display for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("Connection established"),
            Self::Status(status) => f.write_str(&code(*status)),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(address) = self.resolved {
            write!(f, "Resolved IP: {address}. ")?;
        }
        self.cause.fmt(f)
    }
}

fn code(status: StatusCode) -> String {
    let number = status.as_u16();
    match status.canonical_reason() {
        Some(reason) => format!("HTTP Status Code {number}, {reason}"),
        None => format!("HTTP Status Code {number}"),
    }
}
