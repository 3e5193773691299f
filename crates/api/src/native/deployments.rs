//! `/v1/deployments`, and below `/v1/services/NAME`: plans, releases, orders. What they look like is `deployment_view`'s
//! business.

mod forecast;

use std::fmt::Display;
use std::time::Duration;

use control::deployments::{
    self, Command, CreateError, Expect, Filter, Found, NewDeployment, Order, OrderError, PlanError, Promote,
};
use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use model::deployment::{Code, Period, Spec};
use model::id::{DeploymentId, ServiceName};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::call::Call;
use super::problem::{self, Problem};
use super::services::{if_match, parse_name, spec_fault};
use super::{V1, deployment_view as view};
use crate::message::Response;

/// Longest wait for news. Servers that stop wait for requests under way, so callers do well to ask for less.
const WAIT_MAX: Period = Period::from_seconds(60);
/// Commits come in bursts; a deployment that waits is read this often at most.
const READ_PAUSE: Duration = Duration::from_millis(50);
/// Deployments of one page.
const PAGE_MAX: usize = 100;
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// `POST /v1/services/NAME/plan`: what a spec would do, and with `population` beside the spec's fields to whom. Changes
/// nothing.
pub(super) async fn plan(api: &V1, call: &Call<'_>, service: &str) -> Result<Response, Problem> {
    let service = parse_name(service)?;
    let (body, asked) = forecast::asked(&call.request.body)?;
    let (spec, _) = spec_of(&body)?;
    if let Some(asked) = asked {
        return forecast::forecast(api, call, service, spec, asked).await;
    }
    let plan = deployments::plan(&api.store, &service, &spec).map_err(no_plan)?;
    Ok(problem::json(StatusCode::OK, &view::plan(&plan)))
}

fn no_plan(error: PlanError) -> Problem {
    match error {
        PlanError::NoSuchService(missing) => Problem::not_found(missing),
        PlanError::Busy(busy) => refused(Code::Busy, &busy),
        PlanError::Plan(error) => {
            let problem = refused(error.code(), &error);
            error.field().map_or(problem.clone(), |field| problem.field(field))
        }
        PlanError::Storage(error) => Problem::storage(&error),
    }
}

/// `POST /v1/services/NAME/deployments`, with `If-Match`, `Idempotency-Key` and `?plan=HASH` if wanted.
pub(super) async fn create(api: &V1, call: &Call<'_>, service: &str) -> Result<Response, Problem> {
    let service = parse_name(service)?;
    let (spec, reason) = spec_of(&call.request.body)?;
    let service_revision = if_match(&call.request.parts.headers)?;
    let new = NewDeployment {
        service: service.clone(),
        spec,
        reason: reason.or(call.query("reason")).unwrap_or_default(),
        service_revision,
        plan_hash: call.query("plan"),
        idempotency_key: idempotency_key(call)?,
    };
    let created = deployments::create(&api.store, call.meta(), api.random, new)
        .await
        .map_err(|error| create_problem(error, &service))?;
    let id = created.deployment.id.clone();
    let status = if created.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let found = find(api, &id)?;
    let mut response = problem::json(status, &shown(api, call, &found));
    let location = HeaderValue::from_str(&format!("/v1/deployments/{id}")).expect("an id is letters and digits");
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

fn create_problem(error: CreateError, service: &ServiceName) -> Problem {
    let (code, field) = (error.code(service), error.field().map(str::to_owned));
    let problem = match (error, code) {
        (CreateError::NoSuchService(missing), _) => Problem::not_found(missing),
        (CreateError::Storage(error), _) => Problem::storage(&error),
        // RFC 9110 §13.1.1: a condition of the request that does not hold is 412.
        (error @ CreateError::StaleService { .. }, Some(code)) => {
            Problem { status: StatusCode::PRECONDITION_FAILED, ..refused(code, error) }
        }
        (error, Some(code)) => refused(code, error),
        (error, None) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", error),
    };
    match field {
        Some(field) => problem.field(field),
        None => problem,
    }
}

/// `GET /v1/deployments?service=&state=open|ended&before=ID&limit=N`: newest first, in short.
pub(super) fn list(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let service = call.query("service").filter(|text| !text.is_empty());
    let is_open = match call.query("state").as_deref() {
        None | Some("" | "all") => None,
        Some("open") => Some(true),
        Some("ended") => Some(false),
        Some(other) => {
            return Err(Problem::invalid(format!("state must be open, ended or all: {other}")).field("state"));
        }
    };
    let before = call.query("before").map(|text| DeploymentId::parse(&text)).transpose();
    let filter = Filter {
        service: service
            .map(|text| ServiceName::parse(&text))
            .transpose()
            .map_err(|fault| Problem::invalid(fault).field("service"))?,
        is_open,
        before: before.map_err(|fault| Problem::invalid(fault).field("before"))?,
    };
    let limit =
        match call.query("limit") {
            None => PAGE_MAX,
            Some(text) => text.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit)).ok_or_else(|| {
                Problem::invalid(format!("limit must be from 1 to {PAGE_MAX}: {text}")).field("limit")
            })?,
        };
    let listing = deployments::list(&api.store, &filter, limit).map_err(|error| Problem::storage(&error))?;
    let unreadable: Vec<Value> =
        listing.unreadable.iter().map(|(id, problem)| json!({ "id": id, "problem": problem })).collect();
    let found: Vec<Value> = listing.deployments.iter().map(view::summary).collect();
    let body = json!({ "deployments": found, "unreadable": unreadable, "next": listing.next });
    Ok(problem::json(StatusCode::OK, &body))
}

/// `GET /v1/deployments/ID?wait=30s&since=SEQ`: at once, or as soon as there is an event after `since`, or it has ended.
pub(super) async fn show(api: &V1, call: &Call<'_>, id: &str) -> Result<Response, Problem> {
    let found = awaited(api, call, id).await?;
    Ok(problem::json(StatusCode::OK, &shown(api, call, &found)))
}

/// `GET /v1/deployments/ID/PART`: `events` (waits like the whole), `plan`, `spec`, `snapshot`, `journal`, `analysis`.
pub(super) async fn part(api: &V1, call: &Call<'_>, id: &str, part: &str) -> Result<Response, Problem> {
    let Found { deployment, .. } = awaited(api, call, id).await?;
    let since = since(call)?.unwrap_or(0);
    let body = match part {
        "events" => {
            json!({ "events": view::events(&deployment, since), "terminal": deployment.status.phase.is_terminal() })
        }
        "plan" => view::plan(&deployment.plan),
        "spec" => json!({ "spec": deployment.spec }),
        "snapshot" => json!({ "snapshot": deployment.record.snapshot }),
        "journal" => json!({ "journal": deployment.record.journal }),
        "analysis" => json!({ "analysis": view::analysis(&deployment) }),
        other => return Err(Problem::not_found(format!("a deployment has no such part: {other}"))),
    };
    Ok(problem::json(StatusCode::OK, &body))
}

/// What an order says beside its verb.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Ordered {
    reason: String,
    expect: Expect,
    step: bool,
    full: bool,
}

/// `POST /v1/deployments/ID:VERB`
pub(super) async fn order(api: &V1, call: &Call<'_>, target: &str) -> Result<Response, Problem> {
    let Some((id, verb)) = target.split_once(':') else {
        return Err(Problem::not_found(format!("no such operation: POST /v1/deployments/{target}")));
    };
    let id = parse_id(id)?;
    let Ordered { reason, expect, step, full } =
        if call.request.body.is_empty() { Ordered::default() } else { call.json()? };
    let command = match verb {
        "pause" => Command::Pause,
        "resume" => Command::Resume,
        "promote" if step && full => return Err(Problem::invalid("promote by step or fully, not both").field("full")),
        "promote" if full => Command::Promote(Promote::Full),
        "promote" => Command::Promote(Promote::Step),
        "abort" => Command::Abort,
        "stop" => Command::Stop,
        "retry" => Command::Retry,
        "force-restore" => Command::ForceRestore,
        "detach" => Command::Detach,
        other => return Err(Problem::not_found(format!("a deployment takes no such order: {other}"))),
    };
    let order = Order { by: call.request.sender.author().to_owned(), reason, expect };
    deployments::order(&api.store, call.meta(), &id, command, order).await.map_err(|error| match error {
        OrderError::NoSuchDeployment(_) => Problem::not_found(error),
        OrderError::Refused(refusal) => refused(refusal.code(), refusal),
        OrderError::Storage(error) => Problem::storage(&error),
    })?;
    let found = find(api, &id)?;
    Ok(problem::json(StatusCode::OK, &shown(api, call, &found)))
}

/// A refusal with its code: the one table of codes and statuses (deployments are refused with nothing changed).
pub(super) fn refused(code: Code, detail: impl Display) -> Problem {
    let status = match code {
        Code::Busy
        | Code::ObjectLocked
        | Code::Terminal
        | Code::Stale
        | Code::InvalidTransition
        | Code::TargetUnhealthy
        | Code::Precondition
        | Code::Drift
        | Code::RollbackBlocked => StatusCode::CONFLICT,
        Code::Spec | Code::Granularity | Code::ForeignMember | Code::PolicyMismatch | Code::HealthCoupling => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        // Reasons of deployments under way; no request is refused with them.
        Code::Analysis | Code::Inconclusive | Code::NoData | Code::Provider | Code::Deadline | Code::Operator => {
            StatusCode::CONFLICT
        }
    };
    let problem = Problem::new(status, code.as_str(), detail.to_string());
    if code == Code::Busy {
        return problem.hint("see it with `cutover deploy status`, end it with `cutover deploy abort`");
    }
    problem
}

/// The spec in the body, and the reason if it stands beside the spec's own fields.
fn spec_of(body: &[u8]) -> Result<(Spec, Option<String>), Problem> {
    let mut reason = None;
    let mut rest = None;
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice::<Value>(body)
        && let Some(given) = fields.remove("reason")
    {
        let Value::String(text) = given else { return Err(Problem::invalid("reason must be a text").field("reason")) };
        reason = Some(text);
        rest = Some(Value::Object(fields).to_string());
    }
    let spec = deployments::parse(rest.as_ref().map_or(body, String::as_bytes));
    Ok((spec.map_err(|fault| spec_fault(&fault))?, reason))
}

fn idempotency_key(call: &Call<'_>) -> Result<Option<String>, Problem> {
    let Some(value) = call.request.parts.headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&text.len()));
    let fault =
        || Problem::invalid(format!("Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible characters"));
    text.map(|text| Some(text.to_owned())).ok_or_else(fault)
}

async fn awaited(api: &V1, call: &Call<'_>, id: &str) -> Result<Found, Problem> {
    let id = parse_id(id)?;
    let wait = call.query("wait").map(|text| Period::parse(&text)).transpose();
    let wait = wait.map_err(|fault| Problem::invalid(fault).field("wait"))?.unwrap_or(Period::ZERO).min(WAIT_MAX);
    let mut since = since(call)?;
    let deadline = Instant::now() + Duration::from_millis(wait.ms());
    let mut revisions = api.store.watch();
    loop {
        revisions.mark_unchanged();
        let found = find(api, &id)?;
        let last = found.deployment.record.events.last().map_or(0, |event| event.number);
        let since = *since.get_or_insert(last);
        if last > since || found.deployment.status.phase.is_terminal() || Instant::now() >= deadline {
            return Ok(found);
        }
        tokio::select! {
            changed = revisions.changed() => match changed {
                Ok(()) => tokio::time::sleep(READ_PAUSE).await,
                Err(_) => return Ok(found), // the store was closed
            },
            () = tokio::time::sleep_until(deadline) => {}
        }
    }
}

fn since(call: &Call<'_>) -> Result<Option<u64>, Problem> {
    let parse = |text: String| {
        text.parse()
            .map_err(|_| Problem::invalid(format!("since must be the number of an event: {text}")).field("since"))
    };
    call.query("since").map(parse).transpose()
}

fn find(api: &V1, id: &DeploymentId) -> Result<Found, Problem> {
    let found = deployments::find(&api.store, id).map_err(|error| Problem::storage(&error))?;
    found.ok_or_else(|| Problem::not_found(format!("no such deployment: {id}")))
}

fn parse_id(text: &str) -> Result<DeploymentId, Problem> {
    DeploymentId::parse(text).map_err(Problem::not_found)
}

fn shown(api: &V1, call: &Call<'_>, found: &Found) -> Value {
    let trouble = api.running.trouble(&found.deployment.id);
    view::deployment(found, (api.served)(), call.request.at_ms, trouble.as_deref())
}

#[cfg(test)]
mod tests;
