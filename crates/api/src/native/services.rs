//! `/v1/services`: what deployments release. Bodies are a service as `model` writes it; unknown fields are refused.

use std::borrow::Cow;

use control::services::{self, DeclaredService, DeleteError};
use control::{foreign, hosted_zones};
use http::header::{ETAG, HeaderValue, IF_MATCH};
use http::{HeaderMap, StatusCode};
use model::Name;
use model::deployment::Code;
use model::id::ServiceName;
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::deployments::{not_seen, refused};
use super::problem::{self, Problem};
use crate::message::Response;

/// `PUT /v1/services/NAME`, with `If-Match` if wanted.
pub(super) async fn put(api: &V1, call: &Call<'_>, name: &str) -> Result<Response, Problem> {
    let name = parse_name(name)?;
    let body = with_zone_ids(api, &call.request.body)?;
    let service = services::parse(&body).map_err(|fault| spec_fault(&fault))?;
    if service.name != name {
        return Err(Problem::invalid(format!("the path names {name}, the body {}", service.name)).field("name"));
    }
    let expected = if_match(&call.request.parts.headers)?;
    foreign::look(&api.store, call.meta(), &api.foreign, &service).await.map_err(not_seen)?;
    let declared = services::put(&api.store, call.meta(), service, expected).await.map_err(|error| match error {
        services::PutError::Storage(error) => Problem::storage(&error),
        error => {
            let Some(code) = error.code() else { return Problem::conflict(error) };
            let problem = refused(code, &error);
            match (expected, error) {
                // RFC 9110 §13.1.1: a condition of the request that does not hold is 412.
                (Some(_), services::PutError::Stale { .. }) => {
                    Problem { status: StatusCode::PRECONDITION_FAILED, ..problem }
                }
                _ => problem,
            }
        }
    })?;
    respond(api, &declared)
}

/// `GET /v1/services/NAME`
pub(super) fn show(api: &V1, name: &str) -> Result<Response, Problem> {
    let name = parse_name(name)?;
    let found = services::find(&api.store, &name).map_err(|error| Problem::storage(&error))?;
    respond(api, &found.ok_or_else(|| Problem::not_found(services::NoSuchService(name)))?)
}

/// `GET /v1/services`
pub(super) fn list(api: &V1) -> Result<Response, Problem> {
    let found = services::list(&api.store).map_err(|error| Problem::storage(&error))?;
    let found = found.iter().map(|declared| view(api, declared)).collect::<Result<Vec<_>, _>>()?;
    Ok(problem::json(StatusCode::OK, &json!({ "services": found })))
}

/// `DELETE /v1/services/NAME`
pub(super) async fn delete(api: &V1, call: &Call<'_>, name: &str) -> Result<Response, Problem> {
    let name = parse_name(name)?;
    services::delete(&api.store, call.meta(), &name).await.map_err(|error| match error {
        DeleteError::NoSuchService(missing) => Problem::not_found(missing),
        DeleteError::Busy(busy) => refused(model::deployment::Code::Busy, &busy),
        DeleteError::Storage(error) => Problem::storage(&error),
    })?;
    Ok(problem::json(StatusCode::OK, &json!({ "deleted": name.as_str() })))
}

/// A body in which zones that were named by their names are named by their ids. What is wrong with it otherwise is told
/// by those who read it.
fn with_zone_ids<'b>(api: &V1, body: &'b [u8]) -> Result<Cow<'b, [u8]>, Problem> {
    let Ok(mut service) = serde_json::from_slice::<Value>(body) else { return Ok(body.into()) };
    let Some(Value::Array(traffic)) = service.get_mut("traffic") else { return Ok(body.into()) };
    let mut is_changed = false;
    for (index, binding) in traffic.iter_mut().enumerate() {
        // An id has no dots.
        let Some(Value::String(zone)) = binding.pointer_mut("/dns/zone").filter(|zone| is_name(zone)) else { continue };
        let wrong = |problem: String| refused(Code::Spec, problem).field(format!("traffic[{index}].dns.zone"));
        let name = Name::parse(zone).map_err(|fault| wrong(fault.to_string()))?;
        let found = hosted_zones::named(&api.store, &name).map_err(|error| Problem::storage(&error))?;
        *zone = match &found[..] {
            [one] => one.id.to_string(),
            [] => return Err(wrong(format!("there is no hosted zone of this name: {zone}"))),
            several => {
                let ids: Vec<&str> = several.iter().map(|zone| zone.id.as_str()).collect();
                return Err(wrong(format!(
                    "several hosted zones have this name, write an id ({}): {zone}",
                    ids.join(", ")
                )));
            }
        };
        is_changed = true;
    }
    Ok(if is_changed { service.to_string().into_bytes().into() } else { body.into() })
}

fn is_name(zone: &Value) -> bool {
    zone.as_str().is_some_and(|zone| zone.contains('.'))
}

/// A name from a path.
pub(super) fn parse_name(text: &str) -> Result<ServiceName, Problem> {
    ServiceName::parse(text).map_err(Problem::not_found)
}

/// What is wrong with a service or a spec, and where.
pub(super) fn spec_fault(fault: &services::SpecError) -> Problem {
    let problem = refused(model::deployment::Code::Spec, fault);
    if fault.field.is_empty() { problem } else { problem.field(&fault.field) }
}

/// The revision that the caller wants to be current: `"41"` or `41`.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = String::from_utf8_lossy(value.as_bytes());
    let number = text.trim().trim_matches('"').parse();
    number.map(Some).map_err(|_| Problem::invalid(format!("If-Match must be the revision of a service: {text}")))
}

fn respond(api: &V1, declared: &DeclaredService) -> Result<Response, Problem> {
    let mut response = problem::json(StatusCode::OK, &view(api, declared)?);
    let tag =
        HeaderValue::from_str(&format!("\"{}\"", declared.revision)).expect("digits in quotes are a header value");
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}

/// The service stands apart from what we add, so that it can be sent back as it is.
fn view(api: &V1, declared: &DeclaredService) -> Result<Value, Problem> {
    let DeclaredService { revision, service } = declared;
    let filter = control::deployments::Filter {
        service: Some(service.name.clone()),
        is_open: Some(true),
        ..control::deployments::Filter::default()
    };
    let open = control::deployments::list(&api.store, &filter, 1).map_err(|error| Problem::storage(&error))?;
    let unreadable = open.unreadable.first().map(|(id, _)| id);
    let open = open.deployments.first().map(|deployment| &deployment.id).or(unreadable);
    Ok(json!({ "service": service, "revision": revision, "deployment": open }))
}
