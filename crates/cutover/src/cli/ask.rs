//! Asking a running server where the shell is to learn from the exit code why it said no: 1 it could not be asked or
//! has no such thing, 2 not valid, 6 it contradicts what is there or may not be done.

use std::process::ExitCode;

use hyper::{Method, StatusCode};
use serde_json::Value;

use super::document::Document;
use crate::client::{Client, Reply};

/// Not valid.
pub(super) const INVALID: u8 = 2;
/// Contradicts what is there.
const CONFLICT: u8 = 6;

/// What the server said, or what the command ends with.
pub(super) enum Said {
    Yes(Value),
    No(ExitCode),
}

/// Asks; a refusal is told on standard error and becomes an exit code.
///
/// # Errors
/// No answer, or one that has no code of its own.
pub(super) async fn ask(client: &Client, method: Method, path: &str, body: Vec<u8>) -> anyhow::Result<Said> {
    said(client.send(method, path, "application/json", body).await?)
}

fn said(reply: Reply) -> anyhow::Result<Said> {
    let code = code_of(reply.status);
    match (reply.success(), code) {
        (Ok(reply), _) => Ok(Said::Yes(reply.parse()?)),
        (Err(fault), Some(code)) => Ok(Said::No(refuse(code, &fault))),
        (Err(fault), None) => Err(fault),
    }
}

/// Asks about a document of a file: what is wrong with a field of it is told with its place in the file.
///
/// # Errors
/// As [`ask`].
pub(super) async fn ask_about(
    client: &Client,
    document: &Document,
    method: Method,
    path: &str,
    body: Vec<u8>,
) -> anyhow::Result<Said> {
    placed(document, client.send(method, path, "application/json", body).await?)
}

/// Posts a document with more headers; refusals are told as by [`ask_about`].
///
/// # Errors
/// As [`ask`].
pub(super) async fn ask_with(
    client: &Client,
    document: &Document,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> anyhow::Result<Said> {
    placed(document, client.send_with(Method::POST, path, "application/json", headers, body).await?)
}

fn placed(document: &Document, reply: Reply) -> anyhow::Result<Said> {
    let (code, problem) = (code_of(reply.status), reply.parse::<Value>().unwrap_or_default());
    if let (Some(code), Some(field), Some(detail)) = (code, problem["field"].as_str(), problem["detail"].as_str()) {
        let word = problem["code"].as_str().unwrap_or_default();
        let told = document.told(field, &format!("{word}: {detail}"));
        return Ok(Said::No(refuse(code, &anyhow::anyhow!(told))));
    }
    said(reply)
}

/// Tells a fault and gives its code.
pub(super) fn refuse(code: u8, fault: &anyhow::Error) -> ExitCode {
    eprintln!("cutover: {fault:#}");
    ExitCode::from(code)
}

fn code_of(status: StatusCode) -> Option<u8> {
    match status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => Some(INVALID),
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED | StatusCode::FORBIDDEN => Some(CONFLICT),
        _ => None,
    }
}
