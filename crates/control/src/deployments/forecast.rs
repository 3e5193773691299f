//! A plan with its clients: what share of a population each environment gets after each step, and who moves in it.
//!
//! Before: the plan of a release. A weight is a share of those who come to the weights; whatever stands above them, such as
//! geolocation aliases, decides who does. Here the weights of each step are simulated against those of the step before,
//! and the environments' record sets are followed. Left out on purpose: health while the release goes on, which is that of
//! now; and names in other zones.

use std::time::Instant;

use model::deployment::{Binding, DnsBinding, Environment, Plan, PlanStep, RecordSetWeight, Spec};
use model::id::{EnvironmentName, ServiceName};
use store::Store;

use super::{PlanError, planned};
use crate::Views;
use crate::simulate::{
    Asked, Clients, Followed, Inquiry, NewWeight, Proposal, SimulateError, Simulation, Standing, TIME_MAX, simulate,
};
use crate::traffic::record_weight::unlimited;

/// Steps simulated of one plan; each reads the zone through.
const STEPS_MAX: usize = 64;

/// A plan and who gets what in it.
#[derive(Debug)]
pub struct Forecast {
    /// The plan, the same as [`super::plan`] makes.
    pub plan: Plan,
    /// The environments, the new one first, in the order of what is told of each: see
    /// [`crate::simulate::Shift::followed`].
    pub environments: Vec<EnvironmentName>,
    /// Steps that write other weights than stand before them.
    pub steps: Vec<ForecastStep>,
    /// So many more would write others, and are not simulated: there are too many, or they take too long.
    pub left_off: usize,
}

/// What one step does.
#[derive(Debug)]
pub struct ForecastStep {
    /// Its number in the plan, from 1.
    pub number: usize,
    /// The share of the new environment by its weights alone, 0–1.
    pub share: f64,
    /// Its weights against those of the step before; of the first step against those found.
    pub simulation: Simulation,
}

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan cannot be simulated.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

/// Plans a release and simulates its steps. `told` is how many clients are told one by one. Takes some seconds of many
/// clients, and at most twice what one simulation may: run it where it keeps nobody waiting.
///
/// # Errors
/// See [`ForecastError`].
pub fn forecast(
    store: &Store,
    views: &Views,
    (service, spec): (&ServiceName, &Spec),
    clients: &Clients,
    told: usize,
    is_healthy: &Standing<'_>,
) -> Result<Forecast, ForecastError> {
    let (plan, service) = planned(store, service, spec)?;
    let Some(Binding::Dns(DnsBinding { zone, name, types })) = service.traffic.first() else {
        unreachable!("a service that was planned of steers something")
    };
    let of = |environment: &Environment| {
        let set_identifiers = environment.set_identifiers.iter().map(ToString::to_string).collect();
        Followed { name: name.clone(), types: types.clone(), set_identifiers }
    };
    // Clients who come least to the new one are told first.
    let mut environments: Vec<(&EnvironmentName, &Environment)> = service.environments.iter().collect();
    environments.sort_by_key(|(name, _)| **name != plan.to.environment);
    let followed: Vec<Followed> = environments.iter().map(|(_, environment)| of(environment)).collect();
    let environments = environments.into_iter().map(|(name, _)| name.clone()).collect();
    let until = Instant::now() + TIME_MAX;
    let (mut steps, mut left_off) = (Vec::new(), 0);
    let mut since = &plan.start;
    for (step, number) in plan.steps.iter().zip(1..) {
        let PlanStep::Shift { shares: _, weights } = step else { continue };
        let since = std::mem::replace(&mut since, weights);
        if weights == since {
            continue;
        }
        if steps.len() == STEPS_MAX || Instant::now() > until {
            left_off += 1;
            continue;
        }
        let inquiry = Inquiry {
            zone: zone.clone(),
            asked: Asked::Zone,
            since: new(since),
            proposal: Proposal { weights: new(weights), ..Proposal::default() },
            clients: clients.clone(),
            told,
            followed: followed.clone(),
        };
        let simulation = simulate(store, views, inquiry, is_healthy, &unlimited())?;
        steps.push(ForecastStep { number, share: share(weights, &followed[0]), simulation });
    }
    Ok(Forecast { plan, environments, steps, left_off })
}

/// The part of the weights that is on some record sets. All types have the same, but for rounding.
fn share(weights: &[RecordSetWeight], of: &Followed) -> f64 {
    let sum = |is_counted: &dyn Fn(&str) -> bool| -> f64 {
        let counted = weights.iter().filter(|weight| is_counted(weight.record_set.set_identifier.as_str()));
        counted.map(|weight| f64::from(weight.weight)).sum()
    };
    sum(&|id| of.set_identifiers.iter().any(|own| own == id)) / sum(&|_| true)
}

fn new(weights: &[RecordSetWeight]) -> Vec<NewWeight> {
    let new = |RecordSetWeight { record_set, weight }: &RecordSetWeight| NewWeight {
        name: record_set.name.clone(),
        record_type: record_set.record_type,
        set_identifier: record_set.set_identifier.to_string(),
        weight: *weight,
    };
    weights.iter().map(new).collect()
}
