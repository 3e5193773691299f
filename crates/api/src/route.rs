//! Which part of the server answers a path, and who may ask it.
//!
//! Before: `listen` has the whole request. After: `route53`, the native API, or a line about the server itself. Reads
//! want a signature just as writes do. Left out on purpose: what a sender may do, which each operation asks `caller`.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use control::audit::{Entry, Who};
use control::{Audit, Receipt};
use http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue};
use http::request::Parts;
use hyper::body::Bytes;
use model::id::AccessKeyId;

use crate::keyring::Credential;
use crate::message::{Request, Response, Sender, plain, request_id};
use crate::open;
use crate::requests::{Requests, UnderWay};
use crate::route53::{Fault, Route53, refuse, respond};
use crate::same::same;
use crate::sigv4::{SignatureError, check_claim, verify};

/// A response under way.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// The native API, everything below `/v1/`.
pub trait Native: Send + Sync {
    /// Answers a request of a known sender.
    fn respond<'a>(&'a self, request: &'a Request) -> Pending<'a>;
    /// Turns away a request whose sender is not proven, or that was refused before it was read.
    fn refuse(&self, refusal: Refusal, request_id: &str) -> Response;
}

/// Why a request did not reach an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The sender is not proven.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A page of another origin sent it through somebody's browser.
    #[error("requests from web pages of another origin are refused: {origin}")]
    Origin {
        /// Where the page came from.
        origin: String,
    },
    /// It is for a name that anybody may point at this machine.
    #[error("a server without keys answers for 127.0.0.1, [::1] and localhost only, use one of them: {host}")]
    Host {
        /// The host asked for.
        host: String,
    },
    /// The body is too long.
    #[error("the request body is longer than {limit_bytes} bytes")]
    TooLarge {
        /// Most bytes accepted.
        limit_bytes: usize,
    },
    /// The body did not arrive whole, or not in time.
    #[error("the request body did not arrive whole")]
    Broken,
}

/// How the server tells about itself.
pub trait Probes: Send + Sync {
    /// Whether the server can do its work; the reason when it cannot.
    ///
    /// # Errors
    /// What is missing, in words for an operator.
    fn ready(&self) -> Result<(), String>;
    /// Counters in the Prometheus text format.
    fn metrics(&self) -> String;
}

/// An access key that may be used now.
pub type CredentialOf = dyn Fn(&AccessKeyId) -> Option<Arc<Credential>> + Send + Sync;

/// A clock, so that tests can hold it.
pub type NowMs = dyn Fn() -> u64 + Send + Sync;

/// Everything that answers.
#[derive(Clone)]
pub struct Routes {
    /// Route 53's API.
    pub route53: Route53,
    /// The native API, where there is one.
    pub native: Option<Arc<dyn Native>>,
    /// Health and metrics.
    pub probes: Arc<dyn Probes>,
    /// Keys.
    pub credential_of: Arc<CredentialOf>,
    /// The clock: milliseconds since 1970.
    pub now_ms: Arc<NowMs>,
    /// Whether anybody may do anything without a key. For demonstrations on loopback only.
    pub open: bool,
    /// Who bears this token is the operator: somebody who may read the data folder, where it is kept.
    pub operator_token: Option<String>,
    /// What became of requests.
    pub requests: Arc<Requests>,
    /// Where each of them is recorded, if they are.
    pub audit: Option<Audit>,
}

/// What is said of a request that several servers could understand in several ways.
const ONE_HOST: &str = "a request needs one Host header\n";

/// A body, or why there is none.
pub(crate) type Body = Result<Bytes, Refusal>;

/// Which API.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Route53,
    Native,
}

impl Side {
    /// The service that signatures name.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Side::Route53 => "route53",
            Side::Native => "cutover",
        }
    }
}

impl Routes {
    /// Answers a request. Every response carries the request's id.
    pub(crate) async fn answer(&self, parts: Parts, body: Body) -> Response {
        let id = request_id();
        let header = HeaderValue::from_str(&id).expect("hexadecimal digits and dashes are a header value");
        let mut response = self.find(parts, body, id).await;
        response.headers_mut().insert("x-amzn-requestid", header);
        response
    }

    async fn find(&self, parts: Parts, body: Body, id: String) -> Response {
        // RFC 9112 §3.2: exactly one, from HTTP/1.1 on.
        let (hosts, old) = (parts.headers.get_all(HOST).iter().count(), parts.version < http::Version::HTTP_11);
        let is_vague = hosts > 1 || (hosts == 0 && !old);
        let side = match parts.uri.path() {
            path if path.starts_with("/2013-04-01/") => Side::Route53,
            path if path.starts_with("/v1/") && self.native.is_some() => Side::Native,
            _ if is_vague => return plain(400, ONE_HOST),
            "/healthz" => return plain(200, "ok\n"),
            "/readyz" => {
                return match self.probes.ready() {
                    Ok(()) => plain(200, "ready\n"),
                    Err(reason) => plain(503, format!("{reason}\n")),
                };
            }
            "/metrics" => return self.metrics(),
            path => return plain(404, format!("there is nothing at this path: {path}\n")),
        };
        let under_way = UnderWay::begin(&id, &parts, side, (self.now_ms)());
        let admitted = if is_vague {
            Err(plain(400, ONE_HOST))
        } else {
            let receipt = under_way.receipt.clone();
            self.admit(parts, body, side, id.clone(), receipt).map_err(|refusal| self.refuse(refusal, side, &id))
        };
        let request = match admitted {
            Ok(request) => request,
            Err(response) => {
                self.note(under_way, None, &response).await;
                return response;
            }
        };
        let response = match (side, &self.native) {
            (Side::Native, Some(native)) => native.respond(&request).await,
            (Side::Route53 | Side::Native, _) => respond(&self.route53, &request).await,
        };
        self.note(under_way, Some(&request.sender), &response).await;
        response
    }

    /// Records what was no request, so that nobody tries the server's reader unseen.
    pub(crate) async fn note_malformed(&self, client: SocketAddr, status: u16) {
        let Some(audit) = &self.audit else { return };
        let entry = Entry {
            at_ms: (self.now_ms)(),
            request: request_id(),
            who: Who::Nobody { claimed: None },
            client: Some(client),
            service: "http",
            operation: None,
            path: None,
            resources: Vec::new(),
            created: None,
            status,
            code: Some("Malformed".to_owned()),
            revision: None,
            micros: 0,
        };
        audit.record(entry).await;
    }

    /// Counts and records a call that is answered; one that changed something is told of when that is written.
    async fn note(&self, under_way: UnderWay<'_>, sender: Option<&Sender>, response: &Response) {
        self.requests.note(&under_way, sender.map_or("nobody", Sender::author), response);
        if let Some(audit) = &self.audit {
            audit.record(under_way.entry(sender, response)).await;
        }
    }

    fn admit(&self, parts: Parts, body: Body, side: Side, id: String, receipt: Receipt) -> Result<Request, Refusal> {
        let body = body?;
        let at_ms = (self.now_ms)();
        let sender = if self.is_operator(&parts.headers) {
            Sender::Operator
        } else if self.open {
            open::check(&parts)?;
            Sender::Anyone
        } else {
            Sender::Signed(verify(&parts, &body, at_ms / 1000, side.service(), |key| (self.credential_of)(key))?)
        };
        Ok(Request { parts, body, sender, at_ms, id, receipt })
    }

    /// Whether the body is worth its memory: strangers are told apart by the headers alone, so only holders of a key can
    /// make the server keep anything.
    pub(crate) fn wants_body(&self, parts: &Parts) -> Result<(), Refusal> {
        let path = parts.uri.path();
        let side = if path.starts_with("/v1/") { Side::Native } else { Side::Route53 };
        if self.open || self.is_operator(&parts.headers) {
            return Ok(());
        }
        Ok(check_claim(parts, (self.now_ms)() / 1000, side.service(), |key| (self.credential_of)(key))?)
    }

    /// Whether the headers bear the operator's token, compared in constant time.
    pub(crate) fn is_operator(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        let (Some(token), Some(given)) = (&self.operator_token, given) else { return false };
        same(given, token.as_bytes())
    }

    fn refuse(&self, refusal: Refusal, side: Side, id: &str) -> Response {
        tracing::debug!(request = id, %refusal, "turned away");
        match (side, &self.native) {
            (Side::Native, Some(native)) => native.refuse(refusal, id),
            (Side::Route53 | Side::Native, _) => refuse(&Fault::from(refusal), id),
        }
    }

    fn metrics(&self) -> Response {
        let mut response = plain(200, self.probes.metrics());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
        response
    }
}
