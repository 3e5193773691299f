//! `POST /v1/simulate`: who gets what before and after a change, for a population of clients. Nothing is written.

#[cfg(test)]
mod tests;
pub(super) mod view;

use std::path::Path;
use std::time::Instant;

use control::plan::Wish;
use control::simulate::{
    self, Asked, Clients, Inquiry, NewPolicy, NewWeight, Population, Proposal, SimulateError, Simulation, read_log,
    read_policy,
};
use http::StatusCode;
use model::id::{HealthCheckId, HostedZoneId};
use model::limits::Limits;
use model::{Name, RecordType, zone_file};
use serde::Deserialize;
use serde_json::Value;

use super::V1;
use super::call::Call;
use super::problem::{self, Problem};
use super::zone_history::named;
use super::zone_plan::{self, NoPlan};
use crate::message::Response;

/// Clients told one by one if nobody says how many.
pub(super) const CLIENTS_TOLD_DEFAULT: usize = 20;

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    /// By name or id.
    zone: Option<String>,
    /// A name; or, without `zone` and `type`, a zone.
    name: Option<String>,
    #[serde(rename = "type")]
    record_type: Option<String>,
    #[serde(default)]
    change: Change,
    #[serde(default)]
    population: Source,
    clients: Option<usize>,
}

/// What changes; all of it together.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Change {
    batch: Option<Value>,
    batch_xml: Option<String>,
    zone_file: Option<String>,
    weights: Vec<Weight>,
    traffic_policies: Vec<Policy>,
    down: Vec<String>,
    up: Vec<String>,
    lose: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weight {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    set_identifier: String,
    weight: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    name: String,
    document: String,
}

/// Who asks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    #[default]
    World,
    Csv(String),
    Log(String),
}

impl Source {
    pub(super) fn clients(self) -> Result<Clients, Problem> {
        Ok(match self {
            Self::World => Clients::World,
            Self::Csv(text) => {
                Clients::Own(Population::read(&text).map_err(|fault| in_field("population.csv", fault))?)
            }
            Self::Log(text) => Clients::Own(read_log(&text).map_err(|fault| in_field("population.log", fault))?),
        })
    }
}

/// See the module.
pub(super) async fn simulate(api: &V1, call: &Call<'_>) -> Result<Response, Problem> {
    let body: Body = call.json()?;
    let (turns, api, limits) = (&api.turns, api.clone(), call.limits(&api.limits));
    let simulated = turns.take(move || {
        let simulation = simulated(&api, body, &limits)?;
        Ok(problem::json(StatusCode::OK, &view::simulation(&simulation)))
    });
    simulated.await?.map_err(NoPlan::problem)
}

fn simulated(api: &V1, body: Body, limits: &Limits) -> Result<Simulation, NoPlan> {
    let begun = Instant::now();
    let Body { zone, name, record_type, change, population, clients } = body;
    let (zone, asked) = about(api, zone.as_deref(), name.as_deref(), record_type.as_deref())?;
    let proposal = proposal(api, &zone, change, limits)?;
    let told = clients.unwrap_or(CLIENTS_TOLD_DEFAULT);
    let clients = population.clients()?;
    let is_healthy = |id: &HealthCheckId| (api.standing)(id).map(|standing| standing.is_healthy);
    let (since, followed) = (Vec::new(), Vec::new());
    let inquiry = Inquiry { zone, asked, since, proposal, clients, told, followed, begun };
    simulate::simulate(&api.store, &api.views, inquiry, &is_healthy, limits).map_err(no_simulation)
}

/// The zone, and what is asked of it.
fn about(
    api: &V1,
    zone: Option<&str>,
    name: Option<&str>,
    record_type: Option<&str>,
) -> Result<(HostedZoneId, Asked), Problem> {
    let there = |text: &str| match named(&api.store, text)? {
        zone if zone.is_deleted() => Err(Problem::not_found(format!("the hosted zone is deleted: {text}"))),
        zone => Ok(zone.id),
    };
    let parsed = |text: &str| Name::parse(text).map_err(|fault| in_field("name", fault));
    let record_type = record_type.map(RecordType::parse).transpose().map_err(|fault| in_field("type", fault))?;
    match (zone, name, record_type) {
        (None, None, _) => Err(Problem::invalid("name a zone, or a name in one").field("name")),
        (Some(_), None, Some(_)) => Err(Problem::invalid("a type needs the name that is asked for").field("name")),
        (Some(zone), None, None) => Ok((there(zone)?, Asked::Zone)),
        (Some(zone), Some(name), None) => Ok((there(zone)?, Asked::Name(parsed(name)?))),
        (Some(zone), Some(name), Some(record_type)) => Ok((there(zone)?, Asked::Question(parsed(name)?, record_type))),
        (None, Some(name), record_type) => {
            let is_zone = record_type.is_none()
                && !control::history::named(&api.store, name)
                    .map_err(|error| Problem::storage(&error))?
                    .iter()
                    .all(control::history::KnownZone::is_deleted);
            if is_zone {
                return Ok((there(name)?, Asked::Zone));
            }
            let name = parsed(name)?;
            let around = simulate::zone_around(&api.store, &name).map_err(|error| Problem::storage(&error))?;
            let zone =
                around.ok_or_else(|| Problem::not_found(format!("no hosted zone here holds this name: {name}")))?;
            let asked = match record_type {
                Some(record_type) => Asked::Question(name, record_type),
                None => Asked::Name(name),
            };
            Ok((zone.id, asked))
        }
    }
}

fn proposal(api: &V1, zone: &HostedZoneId, change: Change, limits: &Limits) -> Result<Proposal, NoPlan> {
    let Change { batch, batch_xml, zone_file, weights, traffic_policies, down, up, lose } = change;
    let wish = match (batch, batch_xml, zone_file) {
        (None, None, None) => None,
        (Some(batch), None, None) => {
            let document = zone_plan::batch::document(batch.to_string().as_bytes()).map_err(Problem::invalid)?;
            Some(zone_plan::read(api, zone, document.as_bytes(), limits)?)
        }
        (None, Some(xml), None) => Some(zone_plan::read(api, zone, xml.as_bytes(), limits)?),
        (None, None, Some(text)) => {
            let origin = named(&api.store, zone.as_str())?.name;
            let file = zone_file::read_from(&origin, Path::new("zone_file"), std::io::Cursor::new(text));
            let file = file.map_err(|faults| in_field("change.zone_file", super::zones::lines(&faults)))?;
            Some(Wish::Zone(file.into()))
        }
        _ => return Err(Problem::invalid("give one of batch, batch_xml and zone_file").field("change").into()),
    };
    let ids = |field: &str, ids: Vec<String>| -> Result<Vec<HealthCheckId>, Problem> {
        ids.iter().map(|id| HealthCheckId::parse(id).map_err(|fault| in_field(field, fault))).collect()
    };
    Ok(Proposal {
        wish,
        weights: weights.into_iter().map(weight).collect::<Result<_, _>>()?,
        policies: traffic_policies.iter().map(policy).collect::<Result<_, _>>()?,
        down: ids("change.down", down)?,
        up: ids("change.up", up)?,
        lost: lose
            .iter()
            .map(|text| text.parse().map_err(|fault| in_field("change.lose", fault)))
            .collect::<Result<_, _>>()?,
    })
}

fn weight(given: Weight) -> Result<NewWeight, Problem> {
    let Weight { name, record_type, set_identifier, weight } = given;
    let fault = |_| Problem::invalid(format!("a weight is 0 to 255: {weight}")).field("change.weights");
    Ok(NewWeight {
        name: Name::parse(&name).map_err(|fault| in_field("change.weights", fault))?,
        record_type: RecordType::parse(&record_type).map_err(|fault| in_field("change.weights", fault))?,
        set_identifier,
        weight: u8::try_from(weight).map_err(fault)?,
    })
}

fn policy(given: &Policy) -> Result<NewPolicy, Problem> {
    let name = Name::parse(&given.name).map_err(|fault| in_field("change.traffic_policies", fault))?;
    read_policy(name, &given.document).map_err(|faults| in_field("change.traffic_policies", faults))
}

pub(super) fn in_field(field: &str, fault: impl std::fmt::Display) -> Problem {
    Problem::invalid(fault).field(field)
}

pub(super) fn no_simulation(error: SimulateError) -> NoPlan {
    match error {
        SimulateError::Refused(error) => zone_plan::refused(error),
        SimulateError::Storage(error) => Problem::storage(&error).into(),
        SimulateError::NoSuchHostedZone(_) => Problem::not_found(error).into(),
        SimulateError::Compile(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "compile", error).into(),
        SimulateError::TooManySticky(_) => in_field("change.zone_file", error).into(),
        SimulateError::NotInZone { .. } => in_field("name", error).into(),
        SimulateError::NoSuchHealthCheck(_) | SimulateError::DownAndUp(_) => in_field("change", error).into(),
        SimulateError::NoSuchWeight { .. } | SimulateError::WeightTwice { .. } => {
            in_field("change.weights", error).into()
        }
        SimulateError::NoInstance(..) | SimulateError::PolicyBesideZone => {
            in_field("change.traffic_policies", error).into()
        }
        SimulateError::TooMany { member, .. } => in_field(&format!("change.{member}"), error).into(),
        SimulateError::NobodyThere { .. } => in_field("change.lose", error).into(),
        SimulateError::NoWorld
        | SimulateError::NoClients
        | SimulateError::TooManyClients(_)
        | SimulateError::TooLong => in_field("population", error).into(),
    }
}
