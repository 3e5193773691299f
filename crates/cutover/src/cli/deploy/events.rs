//! `deploy events`: the story of a deployment, an event a line; with `-f` as it happens, by the server's stream of events.
//! A server that goes away and comes back is asked again from the event that was told last.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use http_body_util::BodyExt as _;
use hyper::{Method, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use super::watch::AWAY_MAX;
use super::{picture, resolve};
use crate::cli::Target;
use crate::cli::ask::{Said, ask};
use crate::client::{Client, Reply, encode};
use crate::door::Door;

/// Before a server that is away is asked again.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) async fn tell(target: &Target, deployment: &str, is_followed: bool) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, false).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    let view = match ask(&client, Method::GET, &format!("/v1/deployments/{}", encode(&id)), Vec::new()).await? {
        Said::Yes(view) => view,
        Said::No(code) => return Ok(code),
    };
    let mut seen = 0;
    for event in view["events"].as_array().into_iter().flatten() {
        seen = line(target, &view, event)?;
    }
    if is_followed {
        follow(target, &id, &view, seen).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells one event; its number.
fn line(target: &Target, view: &Value, event: &Value) -> anyhow::Result<u64> {
    let text = if target.json { event.to_string() } else { picture::event_line(view, event) };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("cannot write to standard output")?;
    Ok(event["seq"].as_u64().unwrap_or(0))
}

async fn follow(target: &Target, id: &str, view: &Value, mut seen: u64) -> anyhow::Result<()> {
    let mut away_since = None::<Instant>;
    loop {
        match listen(target, &target.data, id, view, &mut seen).await {
            Ok(Ended::Whole) => return Ok(()),
            Ok(Ended::CutOff) => away_since = None,
            Err(_) if away_since.get_or_insert_with(Instant::now).elapsed() < AWAY_MAX => {}
            Err(fault) => return Err(fault),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How a stream ended.
enum Ended {
    /// There is nothing more to tell.
    Whole,
    /// The server stopped, or the connection broke.
    CutOff,
}

async fn listen(target: &Target, data: &Path, id: &str, view: &Value, seen: &mut u64) -> anyhow::Result<Ended> {
    // A server that starts again has another token, and perhaps another port: both are read anew.
    let client = Client::of(data)?;
    let (path, known) = (format!("/v1/deployments/{}/events", encode(id)), seen.to_string());
    let headers = [("accept", "text/event-stream"), ("last-event-id", known.as_str())];
    let (response, connection) = client.open(Method::GET, &path, "application/json", &headers, Vec::new()).await?;
    if response.status() == StatusCode::NO_CONTENT {
        return Ok(Ended::Whole);
    }
    let status = response.status();
    let mut body = response.into_body();
    if status != StatusCode::OK {
        let body = body.collect().await.context("the reply broke off")?.to_bytes();
        return Reply { status, body }.success().map(|_| Ended::CutOff);
    }
    let mut text = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        text.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let whole: Vec<u8> = text.drain(..=end).collect();
            if let Some(json) = whole.strip_prefix(b"data: ") {
                *seen = line(target, view, &serde_json::from_slice(json).context("an event is no JSON")?)?;
            }
        }
    }
    connection.abort();
    Ok(Ended::CutOff)
}
