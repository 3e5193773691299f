//! `POST /v1/zones/ZONE/plan?from=ADDRESS`: what a change batch or a whole zone would change, in record sets and in
//! answers. The body is a change batch as JSON or XML, or a zone file; nothing is written.

pub(super) mod batch;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::Path;

use control::explain::Possible;
use control::plan::{AnswerChange, PlanError, Wish, ZonePlan};
use control::record_sets::ChangeError;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use hyper::body::Bytes;
use model::change::Faults;
use model::id::HostedZoneId;
use model::limits::Limits;
use model::zone_file;
use serde_json::{Value, json};

use super::V1;
use super::call::Call;
use super::explain::possible;
use super::problem::{self, Problem};
use super::zone_history::{named, view};
use crate::message::Response;
use crate::route53::read_batch;

/// Why there is no plan: the client cannot be understood, or the change would be refused.
pub(super) enum NoPlan {
    Problem(Problem),
    /// A code and its messages, all of them.
    Refused(String, Vec<String>),
}

impl NoPlan {
    /// How it is told.
    pub(super) fn problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Refused(code, messages) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, messages.join("\n"))
                .hint("the change would be refused with this code and these messages"),
        }
    }
}

impl From<Problem> for NoPlan {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// See the module.
pub(super) async fn plan(api: &V1, call: &Call<'_>, zone: &str) -> Result<Response, Problem> {
    let from = call.query("from").unwrap_or_else(|| "127.0.0.1".to_owned());
    let from: IpAddr =
        from.parse().map_err(|_| Problem::invalid(format!("not an IP address: {from}")).field("from"))?;
    let kind = call.request.parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (turns, api, zone, body) = (&api.turns, api.clone(), zone.to_owned(), call.request.body.clone());
    let limits = call.limits(&api.limits);
    match turns.take(move || planned(&api, &zone, &kind, body, from, &limits)).await? {
        Ok(plan) => Ok(problem::json(StatusCode::OK, &shown(&plan))),
        Err(no_plan) => Err(no_plan.problem()),
    }
}

fn planned(api: &V1, zone: &str, kind: &str, body: Bytes, from: IpAddr, limits: &Limits) -> Result<ZonePlan, NoPlan> {
    let known = named(&api.store, zone)?;
    if known.is_deleted() {
        return Err(Problem::not_found(format!("the hosted zone is deleted: {zone}")).into());
    }
    let wish = match kind {
        "application/json" => {
            let document = batch::document(&body).map_err(Problem::invalid)?;
            read(api, &known.id, document.as_bytes(), limits)?
        }
        "application/xml" | "text/xml" => read(api, &known.id, &body, limits)?,
        "text/dns" | "text/plain" | "" => {
            let file = zone_file::read_from(&known.name, Path::new("body"), std::io::Cursor::new(body));
            let file = file.map_err(|faults| Problem::invalid(super::zones::lines(&faults)))?;
            Wish::Zone(file.into())
        }
        other => {
            let problem =
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", format!("cannot plan: {other}"));
            let hint = "send application/json or application/xml with a change batch, or text/dns with a zone file";
            return Err(problem.hint(hint).into());
        }
    };
    control::plan::plan(&api.store, &api.views, &known.id, &wish, from, limits).map_err(|error| match error {
        PlanError::Refused(error) => refused(error),
        PlanError::TooManySticky(_) => Problem::invalid(error).into(),
        PlanError::Storage(error) => Problem::storage(&error).into(),
        PlanError::NoSuchHostedZone(_) => Problem::not_found(error).into(),
        PlanError::Compile(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "compile", error).into(),
    })
}

/// Reads a change batch; what cannot be read is told together with what else would be refused.
pub(super) fn read(api: &V1, zone: &HostedZoneId, document: &[u8], limits: &Limits) -> Result<Wish, NoPlan> {
    let (batch, mut unread) = read_batch(zone.as_str(), document)
        .map_err(|fault| NoPlan::Refused(fault.code().to_owned(), vec![fault.to_string()]))?;
    if unread.is_empty() {
        return Ok(Wish::Batch(batch));
    }
    if let Err(ChangeError::Invalid(Faults(others))) = control::record_sets::check(&api.store, zone, &batch, limits) {
        unread.extend(others);
    }
    Err(refused(ChangeError::Invalid(Faults(unread))))
}

pub(super) fn refused(error: ChangeError) -> NoPlan {
    let (code, messages) = match error {
        ChangeError::Invalid(faults) => ("InvalidChangeBatch", faults.0.iter().map(ToString::to_string).collect()),
        ChangeError::NoSuchHealthCheck(_) => ("NoSuchHealthCheck", vec![error.to_string()]),
        ChangeError::NoSuchHostedZone(_) => ("NoSuchHostedZone", vec![error.to_string()]),
        ChangeError::Locked(_) => ("InvalidChangeBatch", vec![error.to_string()]),
        ChangeError::CommentTooLong(_) => ("InvalidInput", vec![error.to_string()]),
        ChangeError::Storage(error) => return Problem::storage(&error).into(),
    };
    NoPlan::Refused(code.to_owned(), messages)
}

fn shown(plan: &ZonePlan) -> Value {
    let ZonePlan { zone, at, changes, stickiness, answers, warnings } = plan;
    json!({
        "id": zone.id.as_str(), "name": zone.name.to_string(), "at": at,
        "changes": view::changes(changes),
        "stickiness": view::stickiness(stickiness),
        "answers": answers.iter().map(answer).collect::<Vec<_>>(),
        "warnings": warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn answer(change: &AnswerChange) -> Value {
    let AnswerChange { name, record_type, before, after, held_seconds } = change;
    let side = |all: &[Possible]| all.iter().map(possible).collect::<Vec<_>>();
    json!({
        "name": name.to_string(), "type": record_type.to_string(),
        "before": side(before), "after": side(after), "held_seconds": held_seconds,
    })
}
