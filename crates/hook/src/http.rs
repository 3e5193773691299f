//! A hook over HTTP: one POST of JSON, tried again where nobody can have acted on it, and what the answer means.
//!
//! | Answer | Means |
//! |---|---|
//! | 2xx | done |
//! | 202, or `{"status": "IN_PROGRESS"}` | not yet; `Retry-After` or `retry_after` say when to ask again |
//! | 4xx but 429 | no |
//! | 429, 503, no connection | tried again; then nobody answered |
//! | another 5xx, broken off | the same, if the hook bears to be called twice |
//! | nothing in time, 3xx | nobody answered; not tried again |
//!
//! Of a hook that must not be called twice it is in doubt what a request has done that was sent and not answered.
//!
//! Left out on purpose: redirects, proxies, cookies, connections that are kept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::deployment::{HOOK_OUTPUT_MAX, HookAnswer, HookCall, HookOutcome, HttpHook, Period};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::timeout;

use crate::Config;
use crate::connect::Connector;
use crate::sign::signature;

/// Longest head of an answer, in bytes: a hundred lines of usual length.
const HEADERS_MAX: usize = 16 * 1024;
/// The longest wait that an answer 429 or 503 may ask for between two tries: more is the deployment's business.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(30);

/// One try.
enum Tried {
    /// It is known what the hook says.
    Answered(HookOutcome),
    /// It is worth another try, after this time if it said one.
    Again(String, Option<Duration>),
    /// The same, for those who bear to be called twice: it may have arrived, or did.
    Sent(HookAnswer, String),
    /// It is not.
    GivenUp(HookAnswer, String),
}

pub(crate) async fn call(config: &Config, connector: &Connector, call: &HookCall, hook: &HttpHook) -> HookOutcome {
    let uri = match hook.url.parse::<Uri>() {
        Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) => uri,
        _ => return error("its url does not begin with http:// or https://".to_owned()),
    };
    let secret = match &hook.secret {
        None => None,
        Some(name) => match config.secrets.get(name) {
            Some(secret) => Some(secret.as_slice()),
            None => return error(format!("the configuration has no secret under [hooks.secrets]: {name}")),
        },
    };
    let mut last = String::new();
    for attempt in 1..=config.attempts.max(1) {
        let tried = attempt_once(connector, &uri, call, hook, secret, attempt).await;
        let after = match tried {
            Tried::Answered(outcome) => return outcome,
            Tried::GivenUp(answer, text) => return HookOutcome::new(answer, text),
            Tried::Sent(answer, text) if !call.may_repeat => return HookOutcome::new(answer, text),
            Tried::Sent(_, text) => {
                last = text;
                None
            }
            Tried::Again(text, after) => {
                last = text;
                after
            }
        };
        if attempt < config.attempts {
            let own = jittered(config.backoff.saturating_mul(1 << (attempt - 1).min(16)));
            tokio::time::sleep(after.map_or(own, |after| after.min(RETRY_AFTER_MAX))).await;
        }
    }
    error(format!("{last} ({} tries)", config.attempts.max(1)))
}

async fn attempt_once(
    connector: &Connector,
    uri: &Uri,
    call: &HookCall,
    hook: &HttpHook,
    secret: Option<&[u8]>,
    attempt: u32,
) -> Tried {
    let stream = match connector.connect(uri).await {
        Ok(stream) => stream,
        Err(text) => return Tried::Again(text, None),
    };
    let request = match request(uri, call, secret, attempt) {
        Ok(request) => request,
        Err(fault) => return Tried::GivenUp(HookAnswer::Error, fault.to_string()),
    };
    let exchange = async {
        let (mut sender, connection) =
            http1::Builder::new().max_header_size(HEADERS_MAX).handshake(TokioIo::new(stream)).await?;
        let going = tokio::spawn(connection);
        let answered = async {
            let response = sender.send_request(request).await?;
            let (head, body) = response.into_parts();
            Ok((head.status, head.headers, read(body).await?))
        };
        let answered: hyper::Result<_> = answered.await;
        going.abort();
        answered
    };
    match timeout(Duration::from_millis(hook.timeout.ms()), exchange).await {
        // It has the request and may be at work.
        Err(_) => {
            let answer = if call.may_repeat { HookAnswer::Error } else { HookAnswer::InDoubt };
            Tried::GivenUp(answer, format!("no answer in {} from {}", hook.timeout, place(uri)))
        }
        Ok(Err(fault)) => Tried::Sent(HookAnswer::InDoubt, format!("no http answer from {}: {fault}", place(uri))),
        Ok(Ok((status, headers, body))) => judge(status, &headers, &body),
    }
}

/// Where it is, for texts that people and chat rooms see: paths and queries of hooks may be secrets.
fn place(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", uri.scheme_str().unwrap_or("http"))
}

fn request(
    uri: &Uri,
    call: &HookCall,
    secret: Option<&[u8]>,
    attempt: u32,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::post(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("cutover/", env!("CARGO_PKG_VERSION")))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .header("idempotency-key", call.id.0.as_str())
        .header("x-attempt", attempt);
    if let Some(secret) = secret {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        request = request.header("x-timestamp", now).header("x-signature", signature(secret, now, &call.body));
    }
    request.body(Full::new(Bytes::copy_from_slice(call.body.as_bytes())))
}

/// The beginning of a body. The rest is not read: the connection ends with the call.
async fn read(mut body: Incoming) -> hyper::Result<Vec<u8>> {
    let mut read = Vec::new();
    while read.len() < HOOK_OUTPUT_MAX
        && let Some(frame) = body.frame().await
    {
        if let Some(piece) = frame?.data_ref() {
            read.extend_from_slice(&piece[..piece.len().min(HOOK_OUTPUT_MAX - read.len())]);
        }
    }
    Ok(read)
}

fn judge(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Tried {
    let after = header_seconds(headers).or_else(|| body_period(body));
    // Who says this has not begun (RFC 9110 §15.6.4, RFC 6585 §4).
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return Tried::Again(format!("status {status}"), after.map(|after| Duration::from_millis(after.ms())));
    }
    if status.is_server_error() {
        return Tried::Sent(HookAnswer::Error, format!("status {status}"));
    }
    let answer = if status == StatusCode::ACCEPTED || status.is_success() && is_in_progress(body) {
        HookAnswer::Wait(after)
    } else if status.is_success() {
        HookAnswer::Pass
    } else if status.is_client_error() {
        HookAnswer::Fail
    } else {
        return Tried::GivenUp(HookAnswer::Error, format!("status {status}; redirects are not followed"));
    };
    Tried::Answered(HookOutcome {
        answer,
        code: Some(i32::from(status.as_u16())),
        text: format!("status {status}"),
        output: String::from_utf8_lossy(body).into_owned(),
        errors: String::new(),
    })
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3). Its other form, a date, is not read: clocks differ.
fn header_seconds(headers: &HeaderMap) -> Option<Period> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Period::from_seconds(seconds))
}

/// `"retry_after": 10` or `"retry_after": "10s"` in a JSON object.
fn body_period(body: &[u8]) -> Option<Period> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    match json.get("retry_after")? {
        serde_json::Value::Number(number) => number.as_u64().map(Period::from_seconds),
        serde_json::Value::String(text) => Period::parse(text).ok(),
        _ => None,
    }
}

fn is_in_progress(body: &[u8]) -> bool {
    let json = serde_json::from_slice::<serde_json::Value>(body).ok();
    json.is_some_and(|json| json.get("status").and_then(serde_json::Value::as_str) == Some("IN_PROGRESS"))
}

/// Between half of a time and all of it, so that many deployments do not come back together.
fn jittered(wait: Duration) -> Duration {
    let mut bytes = [0; 2];
    // Without randomness the whole time is waited.
    let part = SystemRandom::new().fill(&mut bytes).map_or(u16::MAX, |()| u16::from_le_bytes(bytes));
    wait / 2 + wait / 2 * u32::from(part) / u32::from(u16::MAX)
}

fn error(text: String) -> HookOutcome {
    HookOutcome::new(HookAnswer::Error, text)
}
