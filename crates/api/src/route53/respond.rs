//! From a proven request to an HTTP response: the last step of the Route 53 walk.
//!
//! Before: `listen` has read and `sigv4` has proven the request. Left out on purpose: what the operations do.

use http::header::{CONTENT_TYPE, HOST, HeaderValue, LOCATION};
use http::request::Parts;

use super::Route53;
use super::call::{Call, NoCall};
use super::error::Fault;
use super::operations::carry_out;
use super::write::{Content, Writer, document};
use crate::message::{Request, Response, plain};
use crate::requests;

/// The path below which the API lives.
pub(crate) const VERSION: &str = "/2013-04-01/";

/// Answers one request.
pub(crate) async fn respond(to: &Route53, request: &Request) -> Response {
    let parts = &request.parts;
    let path = parts.uri.path().strip_prefix(VERSION).unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let call = match Call::find(parts.method.as_str(), path, query, &request.body) {
        Ok(call) => call,
        Err(NoCall::Path | NoCall::Method) => {
            let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
            return refuse(&Fault::UnknownOperationException { method, path }, &request.id);
        }
    };
    let carried_out = if to.pace.admits(&request.sender, request.at_ms) {
        carry_out(to, &request.caller(), request.meta(), &call).await
    } else {
        Err(Fault::Throttling)
    };
    let mut response = match carried_out {
        Ok(reply) => {
            let mut response = xml(call.row.status, reply.document);
            if let Some(location) = reply.location.and_then(|path| absolute(parts, &path)) {
                response.headers_mut().insert(LOCATION, location);
            }
            response
        }
        Err(fault) => {
            tracing::debug!(request = %request.id, operation = call.row.name, code = fault.code(), "refused");
            refuse(&fault, &request.id)
        }
    };
    response.extensions_mut().insert(requests::Operation(call.row.name));
    response
}

/// The document of a fault, in the one form that every SDK reads (not the older one for change batches, which leaves
/// botocore without code and message).
pub(crate) fn refuse(fault: &Fault, request_id: &str) -> Response {
    let mut response = xml(fault.status(), document("ErrorResponse", &ErrorResponse { fault, request_id }));
    response.extensions_mut().insert(requests::Code(fault.code().into()));
    response
}

struct ErrorResponse<'f> {
    fault: &'f Fault,
    request_id: &'f str,
}

impl Content for ErrorResponse<'_> {
    fn write(&self, out: &mut Writer) {
        out.element("Error", self.fault);
        out.element("RequestId", &self.request_id);
    }
}

impl Content for Fault {
    fn write(&self, out: &mut Writer) {
        out.element("Type", &self.side());
        out.element("Code", &self.code());
        out.element("Message", &self.to_string());
    }
}

fn xml(status: u16, document: String) -> Response {
    let mut response = plain(status, document);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

/// `Location` is a full URL on AWS. Ours names the host the client used; TLS, if any, ends in front of us and says so.
fn absolute(parts: &Parts, path: &str) -> Option<HeaderValue> {
    let host = parts.headers.get(HOST)?.to_str().ok()?;
    let secure = parts.headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    HeaderValue::from_str(&format!("{}://{host}{path}", if secure { "https" } else { "http" })).ok()
}
