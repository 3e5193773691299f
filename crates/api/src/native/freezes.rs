//! `/v1/freezes`: times when nothing of some services moves forward.

use control::freezes::{self, DeleteError, PutError};
use http::StatusCode;
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use super::services::spec_fault;
use crate::message::Response;

/// `PUT /v1/freezes/NAME`: `{"services": ["shop*"], "when": ["…"], "reason": "…"}`, all of them optional.
pub(super) async fn put(api: &V1, call: &Call<'_>, name: &str) -> Result<Response, Problem> {
    let body: &[u8] = if call.request.body.is_empty() { b"{}" } else { &call.request.body };
    let mut freeze: Value = serde_json::from_slice(body)
        .map_err(|fault| Problem::invalid(format!("the body is not what this path takes: {fault}")))?;
    let fields = freeze.as_object_mut().ok_or_else(|| Problem::invalid("a freeze is an object"))?;
    let given = fields.entry("name").or_insert_with(|| name.into());
    if *given != name {
        return Err(Problem::invalid(format!("the path names {name}, the body {given}")).field("name"));
    }
    let freeze = freezes::parse(freeze.to_string().as_bytes()).map_err(|fault| spec_fault(&fault))?;
    let freeze = freezes::put(&api.store, call.meta(), freeze).await.map_err(|error| match error {
        PutError::Name(_) => Problem::invalid(error).field("name"),
        PutError::TooMany => Problem::conflict(error),
        PutError::Storage(error) => Problem::storage(&error),
    })?;
    Ok(problem::json(StatusCode::OK, &freeze))
}

/// `GET /v1/freezes/NAME`
pub(super) fn show(api: &V1, name: &str) -> Result<Response, Problem> {
    let found = freezes::find(&api.store, name).map_err(|error| Problem::storage(&error))?;
    let freeze = found.ok_or_else(|| Problem::not_found(DeleteError::NoSuchFreeze(name.to_owned())))?;
    Ok(problem::json(StatusCode::OK, &freeze))
}

/// `GET /v1/freezes`
pub(super) fn list(api: &V1) -> Result<Response, Problem> {
    let freezes = freezes::list(&api.store).map_err(|error| Problem::storage(&error))?;
    Ok(problem::json(StatusCode::OK, &json!({ "freezes": freezes })))
}

/// `DELETE /v1/freezes/NAME`
pub(super) async fn delete(api: &V1, call: &Call<'_>, name: &str) -> Result<Response, Problem> {
    freezes::delete(&api.store, call.meta(), name).await.map_err(|error| match error {
        DeleteError::NoSuchFreeze(_) => Problem::not_found(error),
        DeleteError::Storage(error) => Problem::storage(&error),
    })?;
    Ok(problem::json(StatusCode::OK, &json!({ "deleted": name })))
}
