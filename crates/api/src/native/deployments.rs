//! `/v1/deployments`, and below `/v1/services/NAME`: plans, releases, orders. What they look like is `deployment_view`'s
//! business.

mod analysis;
mod difference;
mod forecast;
mod outlook;

use std::fmt::Display;
use std::time::Duration;

use control::deployments::{
    self, AtWindow, Command, CreateError, Expect, Filter, Found, NewDeployment, Order, OrderError, PlanError, Promote,
    RollBack, RollBackError,
};
use control::foreign::{self, LookError};
use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use model::deployment::{Code, DriftAnswer, Kind, Period, Spec};
use model::id::{DeploymentId, ServiceName};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::authorize::{Target, authorize};
use super::call::Call;
use super::problem::{self, Problem};
use super::services::{if_match, parse_name, spec_fault};
use super::{V1, deployment_guards as guards, deployment_view as view, streams};
use crate::message::Response;

/// Longest wait for news. Servers that stop wait for requests under way, so callers do well to ask for less.
const WAIT_MAX: Period = Period::from_seconds(60);
/// Commits come in bursts; a deployment that waits is read this often at most.
const READ_PAUSE: Duration = Duration::from_millis(50);
/// Deployments of one page.
const PAGE_MAX: usize = 100;
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// What moving in a closed time needs beside the permission to create or to order.
const OVERRIDE_WINDOW: &str = "OverrideWindow";

/// `POST /v1/services/NAME/plan`: what a spec would do, and with `population` beside the spec's fields to whom. Changes
/// nothing.
pub(super) async fn plan(api: &V1, call: &Call<'_>, service: &str) -> Result<Response, Problem> {
    let service = parse_name(service)?;
    let (body, asked) = forecast::asked(&call.request.body)?;
    let (spec, _) = spec_of(&body, &service)?;
    look(api, call, &service).await?;
    if let Some(asked) = asked {
        return forecast::forecast(api, call, service, spec, asked).await;
    }
    let plan = outlook::plan(api, &service, &spec).await?.map_err(no_plan)?;
    let mut told = view::plan(&plan);
    told["timeline"] = outlook::timeline(api, &plan, &spec, call.request.at_ms)?;
    told["outlook"] = outlook::of_plan(api, plan, spec).await;
    Ok(problem::json(StatusCode::OK, &told))
}

/// Looks at the record sets of a service if they are somebody else's: what is decided now is decided by what is there.
async fn look(api: &V1, call: &Call<'_>, service: &ServiceName) -> Result<(), Problem> {
    foreign::look_at(&api.store, call.meta(), &api.foreign, service).await.map_err(not_seen)
}

/// What was to be looked at was not shown.
pub(super) fn not_seen(error: LookError) -> Problem {
    match error {
        LookError::Storage(error) => Problem::storage(&error),
        error @ LookError::Trouble { .. } => refused(Code::Provider, error).field("traffic"),
    }
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
    check_lease(api)?;
    let service = parse_name(service)?;
    look(api, call, &service).await?;
    let (spec, reason) = spec_of(&call.request.body, &service)?;
    let service_revision = if_match(&call.request.parts.headers)?;
    let window = guards::at_window(call)?;
    if matches!(window, AtWindow::Override(_)) {
        authorize(api, &call.request.caller(), OVERRIDE_WINDOW, Target::Service(service.as_str()))?;
    }
    let promised = outlook::promised(api, &service, &spec).await?;
    let new = NewDeployment {
        service: service.clone(),
        spec,
        // Who starts it knows more than who wrote the file.
        reason: call.query("reason").filter(|text| !text.is_empty()).or(reason).unwrap_or_default(),
        service_revision,
        plan_hash: call.query("plan"),
        idempotency_key: idempotency_key(call)?,
        window,
        by_key: guards::key(&call.request.sender).map(|key| key.id),
        kind: Kind::Release,
        promised,
    };
    let created = deployments::create(&api.store, api.release_meta(call), api.random, new)
        .await
        .map_err(|error| create_problem(error, &service))?;
    let status = if created.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let id = created.deployment.id.clone();
    let outlook = outlook::of_plan(api, created.deployment.plan, created.deployment.spec).await;
    created_response(api, call, &id, status, outlook)
}

/// What a rollback says.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Back {
    /// `previous`, which is the default, or a deployment.
    to: Option<String>,
    reason: String,
}

/// `POST /v1/services/NAME:rollback`: what served before the last release serves again.
pub(super) async fn roll_back(api: &V1, call: &Call<'_>, target: &str) -> Result<Response, Problem> {
    check_lease(api)?;
    let Some((service, "rollback")) = target.split_once(':') else {
        return Err(Problem::not_found(format!("no such operation: POST /v1/services/{target}")));
    };
    let service = parse_name(service)?;
    look(api, call, &service).await?;
    let Back { to, reason } = if call.request.body.is_empty() { Back::default() } else { call.json()? };
    let to = to.filter(|to| to != "previous").map(|to| DeploymentId::parse(&to)).transpose();
    let to = to.map_err(|fault| Problem::invalid(fault).field("to"))?;
    let by_key = guards::key(&call.request.sender).map(|key| key.id);
    let asked = RollBack { service: service.clone(), to, reason, by_key };
    let made = deployments::roll_back(&api.store, api.release_meta(call), api.random, asked).await;
    let deployment = made.map_err(|error| match error {
        RollBackError::NoSuchService(missing) => Problem::not_found(missing),
        RollBackError::Create(error) => create_problem(error, &service),
        RollBackError::Refused(refusal) => refused(refusal.code(), refusal),
        RollBackError::Storage(error) => Problem::storage(&error),
        RollBackError::NothingToTakeBack { .. }
        | RollBackError::NobodyServes(_)
        | RollBackError::TakenBack { .. }
        | RollBackError::NotBefore { .. }
        | RollBackError::OtherVersion { .. } => refused(Code::Precondition, error),
    })?;
    let id = deployment.id.clone();
    let outlook = outlook::of_plan(api, deployment.plan, deployment.spec).await;
    created_response(api, call, &id, StatusCode::CREATED, outlook)
}

fn created_response(
    api: &V1,
    call: &Call<'_>,
    id: &DeploymentId,
    status: StatusCode,
    outlook: Value,
) -> Result<Response, Problem> {
    let found = find(api, id)?;
    let mut told = shown(api, call, &found);
    told["outlook"] = outlook;
    let mut response = problem::json(status, &told);
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

/// `GET /v1/deployments/ID/PART`: `events` (waits like the whole, or streams), `plan`, `spec`, `snapshot`, `journal`,
/// `diff`, `analysis`, `measurements`, `replay`.
pub(super) async fn part(api: &V1, call: &Call<'_>, id: &str, part: &str) -> Result<Response, Problem> {
    let headers = &call.request.parts.headers;
    if part == "events" && streams::is_wanted(headers) {
        let found = find(api, &parse_id(id)?)?;
        let since = streams::known(headers)?.or(since(call)?).unwrap_or(0);
        let reader = streams::Reader::of(&call.request.sender, call.request.at_ms);
        return api.streams.open(&api.store, &found, since, call.request.parts.extensions.get().cloned(), reader);
    }
    let Found { deployment, .. } = awaited(api, call, id).await?;
    let since = since(call)?.unwrap_or(0);
    let body = match part {
        "events" => {
            json!({ "events": view::events(&deployment, since), "terminal": deployment.status.phase.is_terminal() })
        }
        "diff" => difference::show(api, &deployment.id)?,
        "plan" => view::plan(&deployment.plan),
        "spec" => json!({ "spec": deployment.spec }),
        "snapshot" => json!({ "snapshot": deployment.record.snapshot }),
        "journal" => json!({ "journal": deployment.record.journal }),
        "analysis" => json!({ "analysis": view::analysis(&deployment) }),
        "hooks" => json!({ "hooks": super::hook_view::hooks(&deployment) }),
        "drift" => json!({
            "drift": deployment.status.drift,
            "report": deployment.status.guarded.drift.as_ref().map(guards::drift),
            "policy": deployment.service.policy.drift,
        }),
        "measurements" => analysis::measurements(api, call, deployment).await?,
        "replay" => analysis::replay(api, &deployment.id).await?,
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
    force: bool,
}

/// `POST /v1/deployments/ID:VERB`
pub(super) async fn order(api: &V1, call: &Call<'_>, target: &str) -> Result<Response, Problem> {
    let Some((id, verb)) = target.split_once(':') else {
        return Err(Problem::not_found(format!("no such operation: POST /v1/deployments/{target}")));
    };
    if verb == "override-window" {
        authorize(api, &call.request.caller(), OVERRIDE_WINDOW, Target::Deployment(id))?;
    }
    let id = parse_id(id)?;
    let Ordered { reason, expect, step, full, force } =
        if call.request.body.is_empty() { Ordered::default() } else { call.json()? };
    let command = match verb {
        "pause" => Command::Pause,
        "resume" => Command::Resume,
        "promote" if step && full => return Err(Problem::invalid("promote by step or fully, not both").field("full")),
        "promote" if force && !full => return Err(Problem::invalid("only `full` can be forced").field("force")),
        "promote" if force => Command::Promote(Promote::Forced),
        "promote" if full => Command::Promote(Promote::Full),
        "promote" => Command::Promote(Promote::Step),
        "abort" => Command::Abort,
        "stop" => Command::Stop,
        "retry" => Command::Retry,
        "force-restore" => Command::ForceRestore,
        "detach" => Command::Detach,
        "accept-drift" => Command::Drift(DriftAnswer::Accept),
        "reassert-drift" => Command::Drift(DriftAnswer::Reassert),
        "override-window" => Command::OverrideWindow,
        other => return Err(Problem::not_found(format!("a deployment takes no such order: {other}"))),
    };
    ordered(api, call, &id, command, reason, expect).await
}

/// `POST /v1/deployments/ID/gates/GATE:approve` or `:deny`
pub(super) async fn say(api: &V1, call: &Call<'_>, id: &str, said: &str) -> Result<Response, Problem> {
    let id = parse_id(id)?;
    let command = match said.rsplit_once(':') {
        Some((gate, "approve")) => Command::Approve(Some(gate.to_owned())),
        Some((gate, "deny")) => Command::Deny(Some(gate.to_owned())),
        _ => return Err(Problem::not_found(format!("a gate takes approve or deny: {said}"))),
    };
    let Ordered { reason, expect, .. } = if call.request.body.is_empty() { Ordered::default() } else { call.json()? };
    ordered(api, call, &id, command, reason, expect).await
}

async fn ordered(
    api: &V1,
    call: &Call<'_>,
    id: &DeploymentId,
    command: Command,
    reason: String,
    expect: Expect,
) -> Result<Response, Problem> {
    check_lease(api)?;
    let key = guards::key(&call.request.sender);
    let order = Order { by: call.request.sender.author().to_owned(), key, reason, expect };
    deployments::order(&api.store, api.release_meta(call), id, command, order).await.map_err(|error| match error {
        OrderError::NoSuchDeployment(_) => Problem::not_found(error),
        OrderError::Refused(refusal) => refused(refusal.code(), refusal),
        OrderError::Storage(error) => Problem::storage(&error),
    })?;
    let found = find(api, id)?;
    Ok(problem::json(StatusCode::OK, &shown(api, call, &found)))
}

/// A server whose runner another one has followed would promise what it cannot do.
fn check_lease(api: &V1) -> Result<(), Problem> {
    match api.running.fenced() {
        Some(fenced) => Err(refused(Code::Fenced, fenced).hint("ask the server that runs them")),
        None => Ok(()),
    }
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
        | Code::Capacity
        | Code::Window
        | Code::RollbackBlocked
        // Of an account whose record sets cannot be looked at.
        | Code::Provider
        // Reasons of deployments under way; no request is refused with them.
        | Code::Analysis
        | Code::Inconclusive
        | Code::NoData
        | Code::Hook
        | Code::Deadline
        | Code::Operator => StatusCode::CONFLICT,
        Code::Spec
        | Code::Forecast
        | Code::Granularity
        | Code::ForeignMember
        | Code::PolicyMismatch
        | Code::HealthCoupling => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::GateDenied | Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Fenced => StatusCode::SERVICE_UNAVAILABLE,
    };
    let problem = Problem::new(status, code.as_str(), detail.to_string());
    if code == Code::Window {
        return problem.hint("wait with `--wait-for-window`, or `--override-window REASON`, which is kept");
    }
    if code == Code::Busy {
        return problem.hint("see it with `cutover deploy status`, end it with `cutover deploy abort`");
    }
    problem
}

/// The spec in the body, and the reason if it stands beside the spec's own fields. A document may also say whose release
/// it is, which must be the service of the path.
fn spec_of(body: &[u8], service: &ServiceName) -> Result<(Spec, Option<String>), Problem> {
    let mut rest = None;
    let mut reason = None;
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice::<Value>(body) {
        let mut text = |field: &str| match fields.remove(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::invalid(format!("{field} must be a text")).field(field)),
        };
        let (whose, given) = (text("deploy")?, text("reason")?);
        if let Some(other) = whose.as_ref().filter(|name| **name != service.as_str()) {
            return Err(Problem::invalid(format!("the path names {service}, the release {other}")).field("deploy"));
        }
        if whose.is_some() || given.is_some() {
            rest = Some(Value::Object(fields).to_string());
        }
        reason = given;
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
    let mut view = view::deployment(found, (api.served)(), api.release_ms(call), trouble.as_deref());
    view["untold"] = json!(api.running.untold(&found.deployment.id));
    view
}

#[cfg(test)]
mod tests;
