//! `GET /v1/explain?name=&type=&from=&subnet=&at=&draw=`: why a name is answered as it is, and the exact odds of every
//! other answer.

#[cfg(test)]
mod tests;
mod view;

use std::net::IpAddr;
use std::sync::Arc;

use control::explain::{self, ExplainError, Question};
use http::StatusCode;
use model::id::{HealthCheckId, HostedZoneId};
use model::prefix::Prefix;
use model::{Name, RecordType};

use super::V1;
use super::authorize::{Target, authorize};
use super::call::Call;
use super::problem::{self, Problem};
use super::zone_history::{self, when};
use crate::caller::Caller;
use crate::message::Response;

pub(super) use view::possible;

/// What the prober knows of a health check.
pub struct Standing {
    /// Whether it lets record sets answer.
    pub is_healthy: bool,
    /// Since when the status is what it is, in milliseconds since 1970.
    pub since_ms: u64,
    /// What was last seen of the endpoint; nothing of calculated checks.
    pub seen: Option<model::health_status::Observation>,
}

/// Asks the prober.
pub type Standings = Arc<dyn Fn(&HealthCheckId) -> Option<Standing> + Send + Sync>;

pub(super) async fn explain(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let question = question(call)?;
    let draw = call.query("draw").map(|text| draw(&text)).transpose()?;
    let at = call.query("at").map(|text| when::parse(&text)).transpose();
    let at = at.map_err(|problem| problem.field("at"))?;
    let (turns, api, now_ms) = (&api.turns, api.clone(), call.request.at_ms);
    let (sender, client) = (call.request.sender.clone(), call.request.client().map(|address| address.ip()));
    let work = move || {
        let V1 { store, views, random, standing, .. } = &api;
        let mut view = views.current();
        if let Some(at) = at {
            let caller = Caller { sender: &sender, client, at_ms: now_ms };
            // What a zone was is told by its history; who may not read that does not get it here.
            let may = |zone: &HostedZoneId| authorize(&api, &caller, "ShowZoneRevision", Target::Zone(zone.as_str()));
            let is_healthy = |id: &HealthCheckId| standing(id).map(|standing| standing.is_healthy);
            view = Arc::new(explain::past(store, &view, &question, (&at, now_ms), &is_healthy, may)?);
        }
        let explained = explain::explain(&view, &question, draw, *random);
        Ok(problem::json(StatusCode::OK, &view::explained(&question, &explained, &**standing, now_ms)))
    };
    // A tree of thousands of leaves takes a while.
    turns.take(work).await?
}

impl From<ExplainError> for Problem {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::NoZone(_) | ExplainError::NoSuchHostedZone(_) => Self::not_found(error),
            ExplainError::History(error) => zone_history::history_problem(error, "at"),
            ExplainError::Storage(error) => Self::storage(&error),
            ExplainError::Compile(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "compile", error),
        }
    }
}

/// The question that a call asks about.
pub(super) fn question(call: &Call<'_>) -> Result<Question, Problem> {
    let name = call.query("name").ok_or_else(|| Problem::invalid("name is missing").field("name"))?;
    let name = Name::parse(&name).map_err(|fault| Problem::invalid(fault).field("name"))?;
    let record_type = call.query("type").unwrap_or_else(|| "A".to_owned());
    let record_type = RecordType::parse(&record_type).map_err(|fault| Problem::invalid(fault).field("type"))?;
    let address = call.query("from").unwrap_or_else(|| "127.0.0.1".to_owned());
    let address: IpAddr =
        address.parse().map_err(|_| Problem::invalid(format!("not an IP address: {address}")).field("from"))?;
    let subnet = call.query("subnet").map(|text| text.parse::<Prefix>()).transpose();
    let subnet = subnet.map_err(|fault| Problem::invalid(fault).field("subnet"))?;
    Ok(Question { name, record_type, address, subnet })
}

fn draw(text: &str) -> Result<u64, Problem> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let fault = || Problem::invalid(format!("a draw is up to 16 hexadecimal digits: {text}")).field("draw");
    u64::from_str_radix(digits, 16).map_err(|_| fault())
}
