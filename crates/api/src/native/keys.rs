//! `/v1/keys`: access keys, their policies and sessions. A secret is told once, in the answer that makes it.

use control::access_keys::{self, AcmeError, ChangeError, Issued, SessionError};
use control::seal::Seal;
use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use model::Name;
use model::access_key::{AccessKey, KeyPolicy, POLICIES_MAX};
use model::id::AccessKeyId;
use model::policy::{Json, Key};
use serde::Deserialize;
use serde_json::{Value, json as object};

use super::V1;
use super::call::Call;
use super::problem::{Problem, json};
use crate::check_key::{CheckError, Deed, check_key};
use crate::message::{Response, Sender};
use crate::route53::call::is_operation;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    policies: Option<Vec<Json>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    policies: Vec<Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    ttl_seconds: u64,
    #[serde(default)]
    policies: Vec<Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    action: String,
    resource: Option<String>,
    #[serde(default)]
    conditions: std::collections::BTreeMap<String, Vec<String>>,
}

/// What to write where policies are missing: nobody gets permissions by leaving something out.
const CHOICES: &str = "name at least one: \"full-access\", \"read-only\", \"acme:NAME\" or a policy document";

pub(super) async fn create(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let Create { name, policies } = call.json()?;
    AccessKey::check_name(&name).map_err(|fault| Problem::invalid(fault).field("name"))?;
    let policies = policies.filter(|policies| !policies.is_empty());
    let policies = policies
        .ok_or_else(|| Problem::invalid("a key without a policy could do nothing").field("policies").hint(CHOICES))?;
    let policies = read(api, &policies)?;
    let issued = access_keys::create(&api.store, call.meta(), api.random, seal(api)?, name, policies)
        .await
        .map_err(|error| Problem::storage(&error))?;
    Ok(created(&issued))
}

pub(super) fn list(api: &V1) -> Result<Response, Problem> {
    let keys = access_keys::list(&api.store).map_err(|error| Problem::storage(&error))?;
    let keys: Vec<Value> = keys.iter().map(key_view).collect();
    Ok(json(StatusCode::OK, &object!({ "keys": keys })))
}

pub(super) fn show(api: &V1, id: &str) -> Result<Response, Problem> {
    let id = id_of(id)?;
    let key = access_keys::find(&api.store, &id).map_err(|error| Problem::storage(&error))?;
    let key = key.ok_or_else(|| Problem::not_found(ChangeError::NoSuchAccessKey(id)))?;
    Ok(json(StatusCode::OK, &key_view(&key)))
}

pub(super) async fn set_policies(api: &V1, call: &Call<'_>, id: &str) -> Result<Response, Problem> {
    let (id, Policies { policies }) = (id_of(id)?, call.json()?);
    let policies = read(api, &policies)?;
    let changed = access_keys::set_policies(&api.store, call.meta(), seal(api)?, api.random, &id, policies);
    Ok(json(StatusCode::OK, &key_view(&changed.await.map_err(change_problem)?)))
}

pub(super) async fn delete(api: &V1, call: &Call<'_>, id: &str) -> Result<Response, Problem> {
    let id = id_of(id)?;
    access_keys::delete(&api.store, call.meta(), &id).await.map_err(change_problem)?;
    Ok(json(StatusCode::OK, &object!({ "deleted": id.as_str() })))
}

pub(super) async fn open_session(api: &V1, call: &Call<'_>, id: &str) -> Result<Response, Problem> {
    let (id, Open { ttl_seconds, policies }) = (id_of(id)?, call.json()?);
    // A session that opened another of its key would leave its own policies behind.
    if let Sender::Signed(identity) = &call.request.sender
        && identity.credential.is_session()
    {
        return Err(Problem::new(StatusCode::FORBIDDEN, "access_denied", SessionError::OfSession(id)));
    }
    let policies = read(api, &policies)?;
    let opened =
        access_keys::open_session(&api.store, call.meta(), api.random, seal(api)?, &id, ttl_seconds, policies).await;
    let issued = opened.map_err(|error| match error {
        SessionError::Storage(error) => Problem::storage(&error),
        missing @ SessionError::NoSuchAccessKey(_) => Problem::not_found(missing),
        of @ SessionError::OfSession(_) => Problem::invalid(of),
        many @ SessionError::TooMany(_) => Problem::new(StatusCode::CONFLICT, "too_many_sessions", many),
        seconds @ SessionError::Seconds { .. } => Problem::invalid(seconds).field("ttl_seconds"),
    })?;
    Ok(created(&issued))
}

pub(super) fn check(api: &V1, call: &Call<'_>, id: &str) -> Result<Response, Problem> {
    let (id, Check { action, resource, conditions }) = (id_of(id)?, call.json()?);
    let keys = conditions.into_iter().map(|(name, values)| match Key::parse(&name) {
        Some(key) => Ok((key, values)),
        None => Err(Problem::invalid(format!("no request has this condition key: {name}")).field("conditions")),
    });
    // The answer to a misspelt action would be that it is denied, which is not what is wrong with it.
    let is_known = match action.split_once(':') {
        Some(("route53", operation)) => is_operation(operation),
        Some(_) => true,
        None => false,
    };
    if !is_known {
        return Err(Problem::invalid(format!(
            "no request needs this action, write one such as route53:ListHostedZones: {action}"
        ))
        .field("action"));
    }
    let deed = Deed {
        action,
        resource: resource.unwrap_or_else(|| "*".to_owned()),
        keys: keys.collect::<Result<_, _>>()?,
        client: call.request.client().map(|address| address.ip()),
        at_ms: call.request.at_ms,
        account: api.account.to_string(),
    };
    let checked = check_key(&api.store, &id, &deed).map_err(|error| match error {
        CheckError::Storage(error) => Problem::storage(&error),
        missing @ CheckError::NoSuchAccessKey(_) => Problem::not_found(missing),
        policy @ CheckError::Policy(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "storage", policy),
    })?;
    Ok(json(StatusCode::OK, &object!(checked)))
}

fn seal(api: &V1) -> Result<&Seal, Problem> {
    api.seal.as_deref().ok_or_else(|| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "there is no master key to seal a secret with")
    })
}

fn id_of(text: &str) -> Result<AccessKeyId, Problem> {
    AccessKeyId::parse(text).map_err(Problem::not_found)
}

fn change_problem(error: ChangeError) -> Problem {
    match error {
        ChangeError::Storage(error) => Problem::storage(&error),
        missing @ ChangeError::NoSuchAccessKey(_) => Problem::not_found(missing),
        session @ ChangeError::Session(_) => Problem::conflict(session),
    }
}

/// Names and documents as policies.
fn read(api: &V1, policies: &[Json]) -> Result<Vec<KeyPolicy>, Problem> {
    if policies.len() > POLICIES_MAX {
        let detail = format!("a key has at most {POLICIES_MAX} policies: {}", policies.len());
        return Err(Problem::invalid(detail).field("policies"));
    }
    let one = |(at, policy): (usize, &Json)| {
        let invalid = |detail: &dyn std::fmt::Display| Problem::invalid(detail).field(format!("policies[{at}]"));
        let text = match policy {
            Json::Text(text) => text.clone(),
            document => document.to_string(),
        };
        let Some(name) = text.strip_prefix("acme:") else {
            let policy = KeyPolicy::parse(&text).map_err(|fault| invalid(&fault))?;
            return match misspelt(&policy) {
                None => Ok(policy),
                Some(action) => Err(invalid(&format!("no request needs this action, mend its spelling: {action}"))),
            };
        };
        let name = Name::parse(name).map_err(|fault| invalid(&fault))?;
        access_keys::acme_policy(&api.store, &name).map_err(|error| match error {
            AcmeError::Storage(error) => Problem::storage(&error),
            other @ (AcmeError::NoZone(_) | AcmeError::SeveralZones(_)) => invalid(&other),
        })
    };
    policies.iter().enumerate().map(one).collect()
}

/// An action of Route 53 that no request needs. `Differs:` AWS takes such policies; a misspelt action in a Deny would
/// be a hole that nobody sees.
fn misspelt(policy: &KeyPolicy) -> Option<String> {
    let document: Value = serde_json::from_str(policy.document()).ok()?;
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let statements = listed(&document["Statement"]);
    let actions = statements.iter().flat_map(|one| [&one["Action"], &one["NotAction"]]).flat_map(listed);
    actions.filter_map(|action| action.as_str().map(str::to_owned)).find(|action| {
        let operation = action.split_once(':').filter(|(service, _)| service.eq_ignore_ascii_case("route53"));
        operation.is_some_and(|(_, name)| !name.contains(['*', '?', '$']) && !is_operation(name))
    })
}

/// The answer that makes a key or session. Its `Location` is what the audit log calls created.
fn created(issued: &Issued) -> Response {
    let mut response = json(StatusCode::CREATED, &told(issued));
    let location = HeaderValue::from_str(&format!("/v1/keys/{}", issued.key.id)).expect("an id is letters and digits");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn told(issued: &Issued) -> Value {
    let Issued { key, secret, token } = issued;
    let mut told = key_view(key);
    told["secret_access_key"] = secret.as_str().into();
    if let Some(token) = token {
        told["session_token"] = token.as_str().into();
    }
    told
}

/// A key as it is listed, without its secret.
fn key_view(key: &AccessKey) -> Value {
    let AccessKey { id, name, policies, created_ms, session } = key;
    let policy = |policy: &KeyPolicy| match policy.name() {
        Some(name) => name.into(),
        None => serde_json::from_str(policy.document()).expect("it was understood when it was attached"),
    };
    let policies: Vec<Value> = policies.iter().map(policy).collect();
    let mut view = object!({
        "access_key_id": id.as_str(), "name": name, "policies": policies, "created_ms": created_ms,
    });
    if let Some(session) = session {
        view["session_of"] = session.of.as_str().into();
        view["expires_ms"] = session.expires_ms.into();
    }
    view
}
