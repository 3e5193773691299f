//! A plan with a population: `population` and `clients` beside the spec's fields, as simulations take them, and after the
//! plan who gets what in each step.

use std::borrow::Cow;
use std::collections::BTreeMap;

use control::deployments::{self, Forecast, ForecastError, ForecastStep};
use control::simulate::{Part, Shift};
use http::StatusCode;
use model::deployment::{Code, Spec};
use model::id::{EnvironmentName, HealthCheckId, ServiceName};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{Call, V1, no_plan, outlook, refused, view};
use crate::message::Response;
use crate::native::authorize::{self, Target};
use crate::native::problem::{self, Problem};
use crate::native::simulate::{self, CLIENTS_TOLD_DEFAULT, Source, in_field};
use crate::native::zone_plan::NoPlan;

/// Who is asked for.
pub(super) struct Asked {
    population: Source,
    clients: usize,
}

/// Takes the two fields out of the body of a plan; without `population` it stays as it is.
pub(super) fn asked(body: &[u8]) -> Result<(Cow<'_, [u8]>, Option<Asked>), Problem> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else { return Ok((body.into(), None)) };
    let Some(population) = taken::<Source>(&mut fields, "population")? else {
        if fields.contains_key("clients") {
            return Err(Problem::invalid("clients needs a population").field("clients"));
        }
        return Ok((body.into(), None));
    };
    let clients = taken(&mut fields, "clients")?.unwrap_or(CLIENTS_TOLD_DEFAULT);
    Ok((Value::Object(fields).to_string().into_bytes().into(), Some(Asked { population, clients })))
}

fn taken<T: DeserializeOwned>(fields: &mut Map<String, Value>, field: &str) -> Result<Option<T>, Problem> {
    let value = fields.remove(field).map(serde_json::from_value).transpose();
    value.map_err(|fault| in_field(field, fault))
}

/// The plan, and its forecast.
pub(super) async fn forecast(
    api: &V1,
    call: &Call<'_>,
    service: ServiceName,
    spec: Spec,
    Asked { population, clients: told }: Asked,
) -> Result<Response, Problem> {
    // Tells of names and answers that the service does not.
    authorize::authorize(api, &call.request.caller(), "Simulate", Target::Nothing)?;
    let (turns, api, now_ms) = (&api.turns, api.clone(), call.request.at_ms);
    let forecast = turns.take(move || {
        let clients = population.clients()?;
        let is_healthy = |id: &HealthCheckId| (api.standing)(id).map(|standing| standing.is_healthy);
        let (store, views) = (&api.store, &api.views);
        let forecast = deployments::forecast(store, views, (&service, &spec), &clients, told, &is_healthy);
        let forecast = forecast.map_err(|error| match error {
            ForecastError::Plan(error) => no_plan(error),
            error @ ForecastError::Elsewhere(_) => refused(Code::Precondition, error).field("population"),
            ForecastError::Simulate(error) => NoPlan::problem(simulate::no_simulation(error)),
        })?;
        let mut shown = shown(&forecast);
        shown["timeline"] = outlook::timeline(&api, &forecast.plan, &spec, now_ms)?;
        Ok(problem::json(StatusCode::OK, &shown))
    });
    forecast.await?
}

fn shown(forecast: &Forecast) -> Value {
    let Forecast { plan, environments, steps, left_off, outlook } = forecast;
    let population = steps.first().map(|step| simulate::view::population(&step.simulation.population));
    let steps = steps.iter().map(|ForecastStep { number, share, simulation }| {
        json!({
            "step": number,
            "at": simulation.at,
            "share": share,
            "answers": simulation.shifts.iter().map(|shift| answer(shift, environments)).collect::<Vec<_>>(),
            "warnings": simulation.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    let forecast = json!({ "population": population, "steps": steps.collect::<Vec<_>>(), "left_off": left_off });
    let mut shown = view::plan(plan);
    shown["forecast"] = forecast;
    shown["outlook"] = outlook::view(outlook);
    shown
}

/// The simulation's view of an answer, and in it and each of its parts the environments' shares.
fn answer(shift: &Shift, environments: &[EnvironmentName]) -> Value {
    let mut told = simulate::view::shift(shift);
    told["environments"] = shares(environments, &shift.followed);
    for (list, parts) in [("countries", &shift.countries), ("clients", &shift.clients)] {
        let listed = told[list].as_array_mut().expect("parts are listed");
        for (told, Part { followed, .. }) in listed.iter_mut().zip(parts) {
            told["environments"] = shares(environments, followed);
        }
    }
    told
}

fn shares(environments: &[EnvironmentName], followed: &[(f64, f64)]) -> Value {
    let side = |(before, after): &(f64, f64)| json!({ "before": before, "after": after });
    let shares: BTreeMap<&str, Value> =
        environments.iter().zip(followed).map(|(name, sides)| (name.as_str(), side(sides))).collect();
    json!(shares)
}
