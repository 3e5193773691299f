//! `/v1/zones`: hosted zones as whole zone files. The bodies are master files (RFC 1035 §5), `text/dns`.

use std::path::Path;

use control::NoSuchHostedZone;
use control::zone_import::{self, ExportError, ImportError, Imported, Into};
use http::StatusCode;
use model::hosted_zone::{HostedZone, Visibility};
use model::id::HostedZoneId;
use model::{Name, RecordSet, Stickiness, zone_file};
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use super::zone_history::view::stickiness;
use crate::message::Response;

/// `GET /v1/zones`: at most 100 from `?from=NAME` or `?from=NAME/ID` on, in the order of Route 53's
/// ListHostedZonesByName.
pub(super) fn list(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let from = call.query("from").map(|text| start(&text)).transpose()?;
    let from = from.as_ref().map(|(name, id)| (name, id.as_ref()));
    let page = control::hosted_zones::list_by_name(&api.store, from, 100).map_err(|error| Problem::storage(&error))?;
    let zones: Vec<Value> = page.items.iter().map(listed).collect();
    // The id too: zones of one name may fill a page.
    let next = page.next.map(|(name, id)| format!("{name}/{id}"));
    Ok(problem::json(StatusCode::OK, &json!({ "zones": zones, "next": next })))
}

fn start(text: &str) -> Result<(Name, Option<HostedZoneId>), Problem> {
    let with_id = text.rsplit_once('/').and_then(|(name, id)| Some((name, HostedZoneId::parse(id).ok()?)));
    let (name, id) = with_id.map_or((text, None), |(name, id)| (name, Some(id)));
    Ok((Name::parse(name).map_err(Problem::invalid)?, id))
}

fn listed(zone: &HostedZone) -> Value {
    let vpcs: Vec<Value> = match &zone.visibility {
        Visibility::Public { delegation_set: _ } => Vec::new(),
        Visibility::Private { vpcs } => {
            vpcs.iter().map(|vpc| json!({"region": vpc.region.as_str(), "id": vpc.id.as_str()})).collect()
        }
    };
    json!({
        "id": zone.id.as_str(),
        "name": zone.name.to_string(),
        "record_sets": zone.record_set_count,
        "private": zone.is_private(),
        "vpcs": vpcs,
    })
}

/// `PUT /v1/zones/ZONE`: makes the zone exactly what the file says, in one revision. A zone that is there stays public or
/// private, as it is; its id names it where several have its name.
pub(super) async fn import(api: &V1, call: &Call<'_>, zone: &str) -> Result<Response, Problem> {
    let (into, origin) = into(&api.store, zone)?;
    let body = call.request.body.clone();
    let file = {
        let origin = origin.clone();
        // A million records take a second to read; other requests are not to wait for it.
        tokio::task::spawn_blocking(move || {
            zone_file::read_from(&origin, Path::new("body"), std::io::Cursor::new(body))
        })
        .await
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))?
        .map_err(|faults| Problem::invalid(lines(&faults)))?
    };
    let warnings: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
    let done = zone_import::import(
        &api.store,
        call.meta(),
        api.random,
        into,
        file,
        &api.delegation,
        &call.limits(&api.limits),
    )
    .await
    .map_err(import_problem)?;
    let status = if done.created { StatusCode::CREATED } else { StatusCode::OK };
    let mut body = imported(&done);
    body["warnings"] = json!(warnings);
    Ok(problem::json(status, &body))
}

/// What became of a zone that was written as a whole.
pub(super) fn imported(done: &Imported) -> Value {
    json!({
        "id": done.zone.id.as_str(),
        "name": done.zone.name.to_string(),
        "record_sets": done.zone.record_set_count,
        "created": done.created,
        "put": done.put,
        "deleted": done.deleted,
        "stickiness": stickiness(&done.stickiness),
        "change": done.change.id.as_str(),
    })
}

/// Why it was not.
pub(super) fn import_problem(error: ImportError) -> Problem {
    match error {
        ImportError::Storage(error) => Problem::storage(&error),
        ImportError::Ambiguous(_) | ImportError::Overtaken(_) | ImportError::Locked(_) => Problem::conflict(error),
        ImportError::NoSuchHostedZone(_) => Problem::not_found(error),
        ImportError::Invalid(_) | ImportError::Name(_) | ImportError::Create(_) | ImportError::TooManySticky(_) => {
            Problem::invalid(error)
        }
    }
}

/// `GET /v1/zones/ORIGIN`: the zone as a file that imports to the same zone; with `?at=REVISION` as it was then, also if
/// it was deleted since.
pub(super) async fn export(api: &V1, call: &Call<'_>, origin: &str) -> Result<Response, Problem> {
    let (api, origin, at, now_ms) = (api.clone(), origin.to_owned(), call.query("at"), call.request.at_ms);
    let text = tokio::task::spawn_blocking(move || match at {
        None => write(&api.store, &origin),
        Some(at) => {
            let (name, sets, sticky) = super::zone_history::past(&api, &origin, &at, now_ms)?;
            file(&name, &sets, &sticky)
        }
    })
    .await
    .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))??;
    Ok(problem::typed(StatusCode::OK, "text/dns; charset=utf-8", text))
}

fn write(store: &control::Store, text: &str) -> Result<Vec<u8>, Problem> {
    let zone = match into(store, text)? {
        (Into::Existing(id), _) => find(store, &id)?.ok_or_else(|| Problem::not_found(NoSuchHostedZone(id)))?,
        (Into::Named(origin), _) => named(store, &origin)?,
    };
    let mut sets = Vec::new();
    let exported = zone_import::export(store, &zone.id, |set| sets.push(set)).map_err(|error| match error {
        ExportError::Storage(error) => Problem::storage(&error),
        ExportError::NoSuchHostedZone(_) => Problem::not_found(error),
    })?;
    let (zone, sticky) = exported;
    file(&zone.name, &sets, &sticky)
}

fn file(origin: &Name, sets: &[RecordSet], sticky: &[(Name, Stickiness)]) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    let sticky = sticky.iter().map(|(name, set)| (name, set));
    zone_file::write_sticky(origin, sets.iter(), sticky, &mut text).map_err(Problem::invalid)?;
    Ok(text)
}

/// What `text` names, the id of a zone that is there or a name, and the name of that zone.
fn into(store: &control::Store, text: &str) -> Result<(Into, Name), Problem> {
    let id = HostedZoneId::parse(text).ok();
    if let Some(zone) = id.map(|id| find(store, &id)).transpose()?.flatten() {
        return Ok((Into::Existing(zone.id), zone.name));
    }
    let name = Name::parse(text).map_err(Problem::invalid)?;
    Ok((Into::Named(name.clone()), name))
}

fn find(store: &control::Store, id: &HostedZoneId) -> Result<Option<HostedZone>, Problem> {
    control::hosted_zones::find(store, id).map_err(|error| Problem::storage(&error))
}

/// The one zone of this name.
pub(super) fn named(store: &control::Store, origin: &Name) -> Result<HostedZone, Problem> {
    let mut zones = control::hosted_zones::named(store, origin).map_err(|error| Problem::storage(&error))?;
    match (zones.pop(), zones.is_empty()) {
        (None, _) => Err(Problem::not_found(format!("no hosted zone has this name: {origin}"))),
        (Some(zone), true) => Ok(zone),
        (Some(_), false) => Err(Problem::conflict(format!("several hosted zones have this name: {origin}"))
            .hint("name one by its id, which GET /v1/zones tells")),
    }
}

pub(super) fn lines(faults: &[zone_file::ZoneFileFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
