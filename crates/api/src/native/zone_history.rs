//! `/v1/zones/ZONE/history`, `/diff` and `/rollback`: the past of a zone, and the ways back to it. `ZONE` is an id or a
//! name, also of a zone deleted since; revisions are named in any of the ways of `when`.

pub(super) mod view;
pub(super) mod when;

use control::history::{self, Back, HistoryError, KnownZone, RollbackError};
use http::StatusCode;
use model::{Name, RecordSet, Stickiness};
use serde::Deserialize;
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use crate::message::Response;

/// Revisions told if nobody says how many, and the most.
const REVISIONS: (usize, usize) = (20, 1000);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    revision: Option<Text>,
    undo: Option<Text>,
    comment: Option<String>,
    expect_revision: Option<u64>,
    #[serde(default)]
    dry_run: bool,
}

/// A revision in a body: its number, or a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Number(u64),
    Text(String),
}

/// `GET /v1/zones/ZONE/history?limit=&before=&name=`: the revisions that changed the zone, the newest first.
pub(super) async fn list(api: &V1, call: &Call<'_>, zone: &str) -> Result<Response, Problem> {
    let (default, most) = REVISIONS;
    let number = |field: &str, text: &str, most: usize| {
        text.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| {
            let most = if most == usize::MAX { "at least 1".to_owned() } else { format!("from 1 to {most}") };
            Problem::invalid(format!("{field} must be {most}: {text}")).field(field)
        })
    };
    let limit = call.query("limit").map(|text| number("limit", &text, most)).transpose()?.unwrap_or(default);
    let before = call.query("before").map(|text| number("before", &text, usize::MAX)).transpose()?;
    let before = before.map(|before| before as u64);
    let (zone, name) = (zone.to_owned(), call.query("name"));
    blocking(api, move |store| {
        let zone = named(store, &zone)?;
        let name = name.map(|text| within(&zone, &text)).transpose()?;
        let page = history::list(store, &zone.id, before, name.as_ref(), limit);
        let page = page.map_err(|error| Problem::storage(&error))?;
        let revisions: Vec<_> = page.items.iter().map(view::revision).collect();
        let mut told = about(&zone);
        told["revisions"] = revisions.into();
        told["next"] = page.next.into();
        Ok(told)
    })
    .await
}

/// `GET /v1/zones/ZONE/history/REVISION`: what one revision did.
pub(super) async fn show(api: &V1, call: &Call<'_>, zone: &str, revision: &str) -> Result<Response, Problem> {
    let (zone, when, now_ms) = (zone.to_owned(), when::parse(revision)?, call.request.at_ms);
    blocking(api, move |store| {
        let zone = named(store, &zone)?;
        let revision = history::resolve(store, &zone.id, &when, now_ms).map_err(|e| history_problem(e, "revision"))?;
        let shown = history::show(store, &zone.id, revision).map_err(|error| history_problem(error, "revision"))?;
        let mut told = view::revision(&shown.revision);
        told["zone"] = about(&zone);
        told["settings"] = view::fields(shown.settings).into();
        told["changes"] = view::changes(&shown.changes).into();
        Ok(told)
    })
    .await
}

/// `GET /v1/zones/ZONE/diff?from=&to=`: what differs between two revisions; `to` is now if not given.
pub(super) async fn diff(api: &V1, call: &Call<'_>, zone: &str) -> Result<Response, Problem> {
    let from = call.query("from").ok_or_else(|| Problem::invalid("from is missing").field("from"))?;
    let from = when::parse(&from).map_err(|problem| problem.field("from"))?;
    let to = call.query("to").unwrap_or_else(|| "now".to_owned());
    let to = when::parse(&to).map_err(|problem| problem.field("to"))?;
    let (zone, now_ms) = (zone.to_owned(), call.request.at_ms);
    blocking(api, move |store| {
        let zone = named(store, &zone)?;
        let resolve = |when, field| {
            history::resolve(store, &zone.id, when, now_ms).map_err(|error| history_problem(error, field))
        };
        let (from, to) = (resolve(&from, "from")?, resolve(&to, "to")?);
        let diff = history::diff(store, &zone.id, from, to).map_err(|error| history_problem(error, "from"))?;
        let mut told = about(&zone);
        told["from"] = diff.from.into();
        told["to"] = diff.to.into();
        told["changes"] = view::changes(&diff.changes).into();
        told["stickiness"] = view::stickiness(&diff.stickiness).into();
        Ok(told)
    })
    .await
}

/// `POST /v1/zones/ZONE/rollback`: makes the zone again what it was at a revision, or takes one revision back.
pub(super) async fn rollback(api: &V1, call: &Call<'_>, zone: &str) -> Result<Response, Problem> {
    let Rollback { revision, undo, comment, expect_revision, dry_run } = call.json()?;
    let parse = |text: &Text| match text {
        Text::Number(number) => when::parse(&number.to_string()),
        Text::Text(text) => when::parse(text),
    };
    let (when, is_undo) = match (&revision, &undo) {
        (Some(revision), None) => (parse(revision)?, false),
        (None, Some(undo)) => (parse(undo)?, true),
        (None, None) => return Err(Problem::invalid("revision or undo is missing").field("revision")),
        (Some(_), Some(_)) => return Err(Problem::invalid("name either revision or undo").field("undo")),
    };
    let field = if is_undo { "undo" } else { "revision" };
    let (name, now_ms) = (zone.to_owned(), call.request.at_ms);
    let (zone, back) = carry(api, move |store| {
        let zone = named(store, &name)?;
        let number = history::resolve(store, &zone.id, &when, now_ms).map_err(|e| history_problem(e, field))?;
        Ok((zone, if is_undo { Back::Undo(number) } else { Back::To(number) }))
    })
    .await?;
    let id = zone.id.clone();
    if dry_run {
        return blocking(api, move |store| {
            let plan = history::plan(store, &id, back).map_err(|error| rollback_problem(error, field))?;
            let mut told = outcome(&zone, back, &plan.changes, &plan.stickiness);
            told["record_sets"] = plan.zone.record_set_count.into();
            told["at"] = plan.at.into();
            told["dry_run"] = true.into();
            let faults = plan.faults.map(|faults| faults.0).unwrap_or_default();
            told["faults"] = faults.iter().map(ToString::to_string).collect::<Vec<_>>().into();
            Ok(told)
        })
        .await;
    }
    let done = history::go_back(&api.store, call.meta(), api.random, &id, back, comment, expect_revision).await;
    let done = done.map_err(|error| rollback_problem(error, field))?;
    let mut told = outcome(&zone, back, &done.changes, &done.stickiness);
    told["record_sets"] = done.zone.record_set_count.into();
    told["at"] = done.change.as_ref().map(|change| change.revision).into();
    told["change"] = done.change.as_ref().map(|change| change.id.as_str()).into();
    told["comment"] = done.change.as_ref().and_then(|change| change.comment.clone()).into();
    Ok(problem::json(StatusCode::OK, &told))
}

fn outcome(
    zone: &KnownZone,
    back: Back,
    changes: &[history::RecordSetChange],
    stickiness: &[history::StickinessChange],
) -> Value {
    let mut told = about(zone);
    match back {
        Back::To(revision) => told["revision"] = revision.into(),
        Back::Undo(revision) => told["undo"] = revision.into(),
    }
    let put = changes.iter().filter(|change| change.after.is_some()).count();
    told["put"] = put.into();
    told["deleted"] = (changes.len() - put).into();
    told["changes"] = view::changes(changes).into();
    told["stickiness"] = view::stickiness(stickiness).into();
    told
}

fn about(zone: &KnownZone) -> Value {
    json!({ "id": zone.id.as_str(), "name": zone.name.to_string(), "is_deleted": zone.is_deleted() })
}

/// The name of a zone, and its record sets and sticky names as they were.
type Past = (Name, Vec<RecordSet>, Vec<(Name, Stickiness)>);

/// A zone as it was, for `GET /v1/zones/ZONE?at=`.
pub(super) fn past(api: &V1, zone: &str, at: &str, now_ms: u64) -> Result<Past, Problem> {
    let (zone, when) = (named(&api.store, zone)?, when::parse(at).map_err(|problem| problem.field("at"))?);
    let revision = history::resolve(&api.store, &zone.id, &when, now_ms);
    let revision = revision.map_err(|error| history_problem(error, "at"))?;
    let sets = history::record_sets_at(&api.store, &zone.id, revision);
    let sticky = history::stickiness_at(&api.store, &zone.id, revision);
    let problem = |error| history_problem(error, "at");
    Ok((zone.name, sets.map_err(problem)?, sticky.map_err(problem)?))
}

/// The one zone that `text` means: an id, or a name that one zone has, or had last if none has it.
pub(super) fn named(store: &control::Store, text: &str) -> Result<KnownZone, Problem> {
    let mut zones = history::named(store, text).map_err(|error| Problem::storage(&error))?;
    let there = zones.iter().filter(|zone| !zone.is_deleted()).count();
    if there > 1 {
        let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
        let hint = format!("name one by its id: {}", ids.join(", "));
        return Err(Problem::conflict(format!("several hosted zones have this name: {text}")).hint(hint));
    }
    zones.pop().ok_or_else(|| {
        let name = Name::parse(text).map_or_else(|_| text.to_owned(), |name| name.to_string());
        Problem::not_found(format!("no hosted zone has this name: {name}"))
    })
}

/// The one zone that `text` means, which must be there now.
pub(super) fn known(store: &control::Store, text: &str) -> Result<KnownZone, Problem> {
    let zone = named(store, text)?;
    if zone.is_deleted() {
        return Err(Problem::not_found(format!("the hosted zone is deleted: {text}")));
    }
    Ok(zone)
}

/// A name of the zone, written whole or without the zone's own.
pub(super) fn within(zone: &KnownZone, text: &str) -> Result<Name, Problem> {
    let parse = |text: &str| Name::parse(text).map_err(|fault| Problem::invalid(fault).field("name"));
    match text {
        "@" => Ok(zone.name.clone()),
        text => {
            let whole = parse(text)?;
            if whole.is_in(&zone.name) || text.ends_with('.') {
                Ok(whole)
            } else {
                parse(&format!("{text}.{}", zone.name))
            }
        }
    }
}

pub(super) fn history_problem(error: HistoryError, field: &str) -> Problem {
    match error {
        HistoryError::Storage(error) => Problem::storage(&error),
        HistoryError::NotThen { .. } | HistoryError::Before { .. } | HistoryError::NotOfZone { .. } => {
            Problem::invalid(error).field(field).hint("`cutover zone history` lists the revisions")
        }
    }
}

fn rollback_problem(error: RollbackError, field: &str) -> Problem {
    match error {
        RollbackError::History(error) => history_problem(error, field),
        RollbackError::Storage(error) => Problem::storage(&error),
        RollbackError::Changed { .. } => Problem::conflict(error).field("expect_revision"),
        RollbackError::Overtaken(_)
        | RollbackError::Locked(_)
        | RollbackError::Deleted { .. }
        | RollbackError::Conflicts { .. } => Problem::conflict(error),
        RollbackError::NothingToUndo { .. } => Problem::invalid(error).field(field),
        RollbackError::CommentTooLong(_) => Problem::invalid(error).field("comment"),
        RollbackError::Invalid(faults) => {
            let lines: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
            Problem::invalid(lines.join("\n")).hint("the rules of today forbid what was there then")
        }
    }
}

/// Runs what reads the past on a thread where it keeps no other request waiting.
async fn carry<T: Send + 'static>(
    api: &V1,
    work: impl FnOnce(&control::Store) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let store = api.store.clone();
    tokio::task::spawn_blocking(move || work(&store))
        .await
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error))?
}

async fn blocking(
    api: &V1,
    work: impl FnOnce(&control::Store) -> Result<Value, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    carry(api, work).await.map(|told| problem::json(StatusCode::OK, &told))
}

#[cfg(test)]
pub(super) mod tests;
