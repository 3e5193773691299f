//! Simulations as JSON. One place for their shape, which `docs/api-v1.md` describes.

use control::simulate::{HealthChange, Part, Population, Share, Shift, Side, Simulation, Whom};
use serde_json::{Value, json};

use crate::native::explain::possible;
use crate::native::zone_history::view;

pub(super) fn simulation(simulation: &Simulation) -> Value {
    let Simulation { zone, at, changes, stickiness, health, unchecked, population, shifts, warnings } = simulation;
    json!({
        "id": zone.id.as_str(), "name": zone.name.to_string(), "at": at,
        "changes": view::changes(changes),
        "stickiness": view::stickiness(stickiness),
        "health": health.iter().map(health_change).collect::<Vec<_>>(),
        "unchecked": unchecked,
        "population": self::population(population),
        "answers": shifts.iter().map(shift).collect::<Vec<_>>(),
        "warnings": warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

pub(in crate::native) fn population(population: &Population) -> Value {
    let absent = population
        .absent
        .iter()
        .map(|(country, weight)| json!({ "country": country.code(), "name": country.name(), "weight": weight }));
    json!({
        "clients": population.cohorts.len(),
        "weight": population.cohorts.iter().map(|cohort| cohort.weight).sum::<f64>(),
        "not_simulated": absent.collect::<Vec<_>>(),
    })
}

fn health_change(change: &HealthChange) -> Value {
    let HealthChange { id, is_healthy, because } = change;
    json!({ "id": id.as_str(), "healthy": is_healthy, "because": because })
}

pub(in crate::native) fn shift(shift: &Shift) -> Value {
    let Shift { name, record_type, answers, moved, flows, before, after, countries, clients, followed: _ } = shift;
    let flows = flows.iter().map(|flow| json!({ "from": flow.from, "to": flow.to, "share": flow.share }));
    json!({
        "name": name.to_string(), "type": record_type.to_string(), "moved": moved,
        "before": side(before), "after": side(after),
        "shares": answers.iter().map(share).collect::<Vec<_>>(),
        "flows": flows.collect::<Vec<_>>(),
        "countries": countries.iter().map(part).collect::<Vec<_>>(),
        "clients": clients.iter().map(part).collect::<Vec<_>>(),
    })
}

fn side(side: &Side) -> Value {
    let Side { nothing, fails_open, milliseconds, kilometres } = side;
    json!({
        "nothing": nothing, "fails_open": fails_open, "latency_ms": milliseconds, "distance_km": kilometres,
    })
}

fn share(share: &Share) -> Value {
    let Share { possible: answer, labels, before, after } = share;
    let mut told = match answer {
        Some(answer) => possible(answer),
        None => json!({ "text": "other answers, too many to tell" }),
    };
    if let Some(members) = told.as_object_mut() {
        // Those of one client.
        members.remove("odds");
    }
    told["nothing"] = answer.as_ref().is_some_and(|answer| answer.ending.is_nothing()).into();
    told["labels"] = json!(labels);
    (told["before"], told["after"]) = (json!(before), json!(after));
    told
}

fn part(part: &Part) -> Value {
    let Part { of, share, moved, before, after, followed: _ } = part;
    let side = |shares: &[(usize, f64)]| {
        shares.iter().map(|(answer, share)| json!({ "answer": answer, "share": share })).collect::<Vec<_>>()
    };
    let mut told = json!({ "share": share, "moved": moved, "before": side(before), "after": side(after) });
    match of {
        Whom::Country(country) => (told["country"], told["name"]) = (json!(country.code()), json!(country.name())),
        Whom::Unknown => (told["country"], told["name"]) = (Value::Null, Value::Null),
        Whom::Client(client) => told["client"] = json!(client.to_string()),
    }
    told
}
