//! `/v1/zones`: hosted zones as whole zone files. The bodies are master files (RFC 1035 §5), `text/dns`.

use std::path::Path;

use control::zone_import::{self, ExportError, ImportError, Imported, Into};
use http::StatusCode;
use model::hosted_zone::HostedZone;
use model::{Name, zone_file};
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use crate::message::Response;

/// `GET /v1/zones`: at most 100 from `?from=NAME` on, in the order of Route 53's ListHostedZonesByName.
pub(super) fn list(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let from = call.query("from").map(|text| Name::parse(&text).map_err(Problem::invalid)).transpose()?;
    let page = control::hosted_zones::list_by_name(&api.store, from.as_ref().map(|name| (name, None)), 100)
        .map_err(|error| Problem::storage(&error))?;
    let zones: Vec<_> = page
        .items
        .iter()
        .map(
            |zone| json!({"id": zone.id.as_str(), "name": zone.name.to_string(), "record_sets": zone.record_set_count}),
        )
        .collect();
    let next = page.next.map(|(name, _)| name.to_string());
    Ok(problem::json(StatusCode::OK, &json!({ "zones": zones, "next": next })))
}

/// `PUT /v1/zones/ORIGIN`: makes the zone exactly what the file says, in one revision.
pub(super) async fn import(api: &V1, call: &Call<'_>, origin: &str) -> Result<Response, Problem> {
    let origin = Name::parse(origin).map_err(Problem::invalid)?;
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
        Into::Named(origin),
        file.record_sets,
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
        "change": done.change.id.as_str(),
    })
}

/// Why it was not.
pub(super) fn import_problem(error: ImportError) -> Problem {
    match error {
        ImportError::Storage(error) => Problem::storage(&error),
        ImportError::Ambiguous(_) | ImportError::Overtaken(_) => Problem::conflict(error),
        ImportError::NoSuchHostedZone(_) => Problem::not_found(error),
        ImportError::Invalid(_) | ImportError::Name(_) | ImportError::Create(_) => Problem::invalid(error),
    }
}

/// `GET /v1/zones/ORIGIN`: the zone as a file that imports to the same zone; with `?at=REVISION` as it was then, also if
/// it was deleted since.
pub(super) async fn export(api: &V1, call: &Call<'_>, origin: &str) -> Result<Response, Problem> {
    let (api, origin, at, now_ms) = (api.clone(), origin.to_owned(), call.query("at"), call.request.at_ms);
    let text = tokio::task::spawn_blocking(move || match at {
        None => write(&api.store, &Name::parse(&origin).map_err(Problem::invalid)?),
        Some(at) => {
            let (name, sets) = super::zone_history::past(&api, &origin, &at, now_ms)?;
            let mut text = Vec::new();
            zone_file::write(&name, sets.iter(), &mut text).map_err(Problem::invalid)?;
            Ok(text)
        }
    })
    .await
    .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))??;
    Ok(problem::typed(StatusCode::OK, "text/dns; charset=utf-8", text))
}

fn write(store: &control::Store, origin: &Name) -> Result<Vec<u8>, Problem> {
    let zone = named(store, origin)?;
    let mut sets = Vec::new();
    zone_import::export(store, &zone.id, |set| sets.push(set)).map_err(|error| match error {
        ExportError::Storage(error) => Problem::storage(&error),
        ExportError::NoSuchHostedZone(_) => Problem::not_found(error),
    })?;
    let mut text = Vec::new();
    zone_file::write(&zone.name, sets.iter(), &mut text).map_err(Problem::invalid)?;
    Ok(text)
}

/// The one zone of this name.
pub(super) fn named(store: &control::Store, origin: &Name) -> Result<HostedZone, Problem> {
    let mut zones = control::hosted_zones::named(store, origin).map_err(|error| Problem::storage(&error))?;
    match (zones.pop(), zones.is_empty()) {
        (None, _) => Err(Problem::not_found(format!("no hosted zone has this name: {origin}"))),
        (Some(zone), true) => Ok(zone),
        (Some(_), false) => Err(Problem::conflict(format!("several hosted zones have this name: {origin}"))),
    }
}

pub(super) fn lines(faults: &[zone_file::ZoneFileFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
