//! `/v1/audit`: what was asked of this server, as it was recorded.

use std::sync::Arc;
use std::time::Duration;

use control::audit::{AuditReader, Filter, Listed};
use http::StatusCode;
use model::deployment::Period;
use tokio::time::Instant;

use super::V1;
use super::call::Call;
use super::problem::{Problem, typed};
use crate::message::Response;

/// The operation's name in the audit log.
pub(super) const LIST: &str = "ListAudit";

/// Lines of an answer if nobody says how many, and the most.
const LINES: (usize, usize) = (100, 1000);
/// Longest wait for news. Servers that stop wait for requests under way, so callers do well to ask for less.
const WAIT_MAX: Period = Period::from_seconds(60);
/// Calls come in bursts; a follower is told of them this often at most.
const READ_PAUSE: Duration = Duration::from_millis(50);

/// `GET /v1/audit?after=SEQ&limit=N&wait=30s` and what is wanted of `who`, `operation`, `zone`, `changes=true`,
/// `refused=true`, `since_ms`: lines after a number, oldest first; with `wait`, when there are none, as soon as there is
/// one. Who waits is not told of calls like its own, which would never end.
pub(super) async fn list(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let Some(audit) = &api.audit else {
        return Err(Problem::not_found("this server keeps no audit log"));
    };
    let (default, most) = LINES;
    let limit = match number(call, "limit")? {
        None => default,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| Problem::invalid(format!("limit must be from 1 to {most}: {limit}")).field("limit"))?,
    };
    let wait = call.query("wait").map(|text| Period::parse(&text)).transpose();
    let wait = wait.map_err(|fault| Problem::invalid(fault).field("wait"))?.unwrap_or(Period::ZERO).min(WAIT_MAX);
    let filter = filter(api, call, wait > Period::ZERO)?;
    let deadline = Instant::now() + Duration::from_millis(wait.ms());
    let mut head = audit.head();
    let mut after = match call.query("after").as_deref() {
        Some("last") => *head.borrow(),
        _ => number(call, "after")?.unwrap_or(0),
    };
    loop {
        head.mark_unchanged();
        let listed = read(audit.reader(), filter.clone(), after, limit).await?;
        after = listed.next;
        if !listed.lines.is_empty() || !listed.is_end || Instant::now() >= deadline {
            return Ok(answer(&listed));
        }
        tokio::select! {
            changed = head.changed() => match changed {
                Ok(()) => tokio::time::sleep(READ_PAUSE).await,
                Err(_) => return Ok(answer(&listed)), // the log was closed
            },
            () = tokio::time::sleep_until(deadline) => {}
        }
    }
}

async fn read(reader: Arc<AuditReader>, filter: Filter, after: u64, limit: usize) -> Result<Listed, Problem> {
    let listed = tokio::task::spawn_blocking(move || reader.list(&filter, after, limit)).await;
    let fault = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "cannot read the audit log");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error)
    };
    listed.map_err(|error| fault(&error))?.map_err(|error| fault(&error))
}

/// Lines are JSON already, so the document is put around them.
fn answer(listed: &Listed) -> Response {
    let Listed { lines, next, is_end } = listed;
    let body = format!("{{\"next\":{next},\"end\":{is_end},\"entries\":[{}]}}", lines.join(","));
    typed(StatusCode::OK, "application/json", body)
}

fn filter(api: &V1, call: &Call<'_>, is_waiting: bool) -> Result<Filter, Problem> {
    let operation = call.query("operation");
    Ok(Filter {
        who: call.query("who"),
        except: (is_waiting && operation.is_none()).then_some(LIST),
        operation,
        zones: call.query("zone").map(|zone| spellings(api, zone)).transpose()?.unwrap_or_default(),
        only_changes: flag(call, "changes")?,
        only_refused: flag(call, "refused")?,
        since_ms: number(call, "since_ms")?,
    })
}

/// A zone by its id and its name, since each API names it in its own way.
fn spellings(api: &V1, zone: String) -> Result<Vec<String>, Problem> {
    let found = control::audit::zone_spellings(&api.store, &zone).map_err(|error| Problem::storage(&error))?;
    Ok(if found.is_empty() { vec![zone] } else { found })
}

fn flag(call: &Call<'_>, key: &'static str) -> Result<bool, Problem> {
    match call.query(key).as_deref() {
        None | Some("false") => Ok(false),
        Some("true" | "") => Ok(true),
        Some(other) => Err(Problem::invalid(format!("{key} must be true or false: {other}")).field(key)),
    }
}

fn number(call: &Call<'_>, key: &'static str) -> Result<Option<u64>, Problem> {
    let parse = |text: String| {
        text.parse().map_err(|_| Problem::invalid(format!("{key} must be a number from 0: {text}")).field(key))
    };
    call.query(key).map(parse).transpose()
}
