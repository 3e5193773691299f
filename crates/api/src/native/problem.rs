//! Problem documents (RFC 9457): how the native API refuses. One place for all its codes and statuses.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::body::Bytes;
use serde::Serialize;

use crate::content::Content;
use crate::message::Response;
use crate::requests::Code;

/// Why a request was not carried out. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// HTTP status.
    #[serde(serialize_with = "status")]
    pub(super) status: StatusCode,
    /// A stable word for programs.
    pub(super) code: Cow<'static, str>,
    /// What happened, with the value that was wrong.
    pub(super) detail: String,
    /// The field of the request that is to be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
    /// When to try again (RFC 9110 §10.2.3), in whole seconds.
    #[serde(skip)]
    pub(super) retry_after: Option<Duration>,
}

fn status<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Display) -> Self {
        Self { status, code: code.into(), detail: format!("{detail}"), field: None, hint: None, retry_after: None }
    }

    /// The request cannot be understood or breaks a rule.
    pub(super) fn invalid(detail: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail)
    }

    /// What was named does not exist.
    pub(super) fn not_found(detail: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// It contradicts what is there.
    pub(super) fn conflict(detail: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// The store failed; the log has the cause.
    pub(super) fn storage(error: &control::StorageError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "storage", error)
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(super) fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The document.
    pub(super) fn response(&self) -> Response {
        let mut document = serde_json::to_value(self).expect("a problem has text keys");
        document["title"] = self.status.canonical_reason().unwrap_or("error").into();
        let mut response = typed(self.status, "application/problem+json", document.to_string());
        if let Some(after) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, after.as_secs().into());
        }
        response.extensions_mut().insert(Code(self.code.clone()));
        response
    }
}

/// A response with a media type.
pub(super) fn typed(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Content::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A response with a JSON body.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).expect("our own shapes have text keys and finite numbers");
    typed(status, "application/json", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_tells_code_detail_and_hint() {
        let document = Problem::conflict("shop is busy").hint("wait").field("to");
        let document = serde_json::to_string(&document).unwrap();
        assert_eq!(document, r#"{"status":409,"code":"conflict","detail":"shop is busy","field":"to","hint":"wait"}"#);
    }
}
