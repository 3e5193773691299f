//! `/v1/keys`: access keys. A secret is told once, in the answer that makes it.

use control::access_keys;
use http::StatusCode;
use model::id::AccessKeyId;
use serde::{Deserialize, Serialize};

use super::V1;
use super::call::Call;
use super::problem::{Problem, json};
use crate::message::Response;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
}

#[derive(Serialize)]
struct Listed {
    access_key_id: String,
    name: String,
    created_ms: u64,
}

/// Longest name of a key, in characters.
const NAME_CHARS_MAX: usize = 128;

pub(super) async fn create(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let Create { name } = call.json()?;
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(
            Problem::invalid(format!("a key's name has 1 to {NAME_CHARS_MAX} characters: {name:?}")).field("name")
        );
    }
    let key = access_keys::create(&api.store, call.meta(), api.random, name)
        .await
        .map_err(|error| Problem::storage(&error))?;
    let body = serde_json::json!({
        "access_key_id": key.id.as_str(), "secret_access_key": key.secret, "name": key.comment,
    });
    Ok(json(StatusCode::CREATED, &body))
}

pub(super) fn list(api: &V1) -> Result<Response, Problem> {
    let keys = access_keys::list(&api.store).map_err(|error| Problem::storage(&error))?;
    let keys: Vec<Listed> = keys
        .into_iter()
        .map(|key| Listed { access_key_id: key.id.to_string(), name: key.comment, created_ms: key.created_ms })
        .collect();
    Ok(json(StatusCode::OK, &serde_json::json!({ "keys": keys })))
}

pub(super) async fn delete(api: &V1, call: &Call<'_>, id: &str) -> Result<Response, Problem> {
    let id = AccessKeyId::parse(id).map_err(Problem::not_found)?;
    access_keys::delete(&api.store, call.meta(), &id).await.map_err(|error| match error {
        access_keys::DeleteError::Storage(error) => Problem::storage(&error),
        other => Problem::not_found(other),
    })?;
    Ok(json(StatusCode::OK, &serde_json::json!({ "deleted": id.as_str() })))
}
