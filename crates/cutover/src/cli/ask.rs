//! Asking a running server where the shell is to learn from the exit code why it said no: 1 it could not be asked or
//! has no such thing, 2 not valid, 6 it contradicts what is there.

use std::process::ExitCode;

use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::client::Client;

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
    let reply = client.send(method, path, "application/json", body).await?;
    let code = code_of(reply.status);
    match (reply.success(), code) {
        (Ok(reply), _) => Ok(Said::Yes(reply.parse()?)),
        (Err(fault), Some(code)) => Ok(Said::No(refuse(code, &fault))),
        (Err(fault), None) => Err(fault),
    }
}

/// Tells a fault and gives its code.
pub(super) fn refuse(code: u8, fault: &anyhow::Error) -> ExitCode {
    eprintln!("cutover: {fault:#}");
    ExitCode::from(code)
}

fn code_of(status: StatusCode) -> Option<u8> {
    match status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => Some(INVALID),
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Some(CONFLICT),
        _ => None,
    }
}
