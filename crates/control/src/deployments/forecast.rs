//! A plan with its clients: what share of a population each environment gets after each step, and who moves in it.
//!
//! Before: the plan of a release. A weight is a share of those who come to the weights; whatever stands above them, such as
//! geolocation aliases, decides who does. Here the weights of each step are simulated against those of the step before,
//! and the environments' record sets are followed. Left out on purpose: health while the release goes on, which is that of
//! now; and names in other zones.

use std::time::Instant;

use model::deployment::{DnsBinding, Environment, Plan, PlanStep, RecordSetWeight, Spec};
use model::id::{AccountName, EnvironmentName, HostedZoneId, ServiceName};
use store::Store;

use super::{Outlook, PlanError, planned};
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
    /// How far the shares stray, if each client of the population is a resolver.
    pub outlook: Outlook,
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
    /// Only answers of this server can be simulated.
    #[error("the record sets are in account {0}, and only answers of this server can be simulated")]
    Elsewhere(AccountName),
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
    let DnsBinding { zone, name, types, .. } =
        service.records().next().expect("a service that was planned of steers something");
    if let Some(account) = service.account() {
        return Err(ForecastError::Elsewhere(account.clone()));
    }
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
            since: new(zone, since),
            proposal: Proposal { weights: new(zone, weights), ..Proposal::default() },
            clients: clients.clone(),
            told,
            followed: followed.clone(),
            begun: Instant::now(),
        };
        let simulation = simulate(store, views, inquiry, is_healthy, &unlimited())?;
        steps.push(ForecastStep { number, share: share(weights, &followed[0]), simulation });
    }
    let mut resolvers = spec.resolvers.clone().unwrap_or_default();
    if let (true, Clients::Own(population)) = (resolvers.weights.is_empty(), clients) {
        resolvers.weights = population.cohorts.iter().map(|cohort| cohort.weight).collect();
    }
    let outlook = deploy::forecast(&plan, spec, &resolvers);
    Ok(Forecast { plan, environments, steps, left_off, outlook })
}

/// The part of the weights that is on some record sets. All types have the same, but for rounding.
fn share(weights: &[RecordSetWeight], of: &Followed) -> f64 {
    let sum = |is_counted: &dyn Fn(&str) -> bool| -> f64 {
        let counted = weights.iter().filter(|weight| is_counted(weight.record_set.set_identifier.as_str()));
        counted.map(|weight| f64::from(weight.weight)).sum()
    };
    sum(&|id| of.set_identifiers.iter().any(|own| own == id)) / sum(&|_| true)
}

/// The weights of a zone; a service's other zones are not simulated.
fn new(zone: &HostedZoneId, weights: &[RecordSetWeight]) -> Vec<NewWeight> {
    let new = |RecordSetWeight { record_set, weight }: &RecordSetWeight| NewWeight {
        name: record_set.name.clone(),
        record_type: record_set.record_type,
        set_identifier: record_set.set_identifier.to_string(),
        weight: *weight,
    };
    weights.iter().filter(|weight| weight.record_set.zone == *zone).map(new).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use answer::{PlaceRow, Places, read_places};
    use model::change::Action;
    use model::id::SetIdentifier;
    use model::place::Location;
    use model::{RecordSet, Routing};

    use super::*;
    use crate::deployments::parse;
    use crate::deployments::tests::{CANARY, Shop, shop_name};
    use crate::simulate::{Population, Whom};
    use crate::testing::{Scratch, alias, batch, change, set};

    fn placed() -> Views {
        let rows = "prefix,country,latitude,longitude\n20.0.0.0/8,DE,50,9\n30.0.0.0/8,US,39,-77\n";
        let rows: Vec<PlaceRow> = read_places(rows).unwrap();
        Views::placed(Arc::new(Places::compile(rows, Vec::new(), &[]).unwrap()))
    }

    fn located(id: &str, location: Location, set: RecordSet) -> RecordSet {
        let set_identifier = SetIdentifier::parse(id).unwrap();
        RecordSet { routing: Routing::Geolocation { set_identifier, location }, ..set }
    }

    fn told(store: &Store, spec: &str) -> Result<Forecast, ForecastError> {
        let clients = Clients::Own(Population::read("client,weight\n20.0.0.1,2\n30.0.0.1,2\n").unwrap());
        let (name, spec) = (shop_name(), parse(spec.as_bytes()).unwrap());
        let revision = store.revision();
        let told = forecast(store, &placed(), (&name, &spec), &clients, 1, &|_| None);
        assert_eq!(store.revision(), revision, "a forecast writes nothing");
        told
    }

    /// `step of answers: green, blue; moved` in percent.
    fn lines(forecast: &Forecast, of: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for ForecastStep { number, share, simulation } in &forecast.steps {
            for shift in simulation.shifts.iter().filter(|shift| format!("{} {}", shift.name, shift.record_type) == of)
            {
                let sides: Vec<String> = shift
                    .followed
                    .iter()
                    .map(|(before, after)| format!("{:.1}>{:.1}", before * 100.0, after * 100.0))
                    .collect();
                let (share, moved) = (share * 100.0, shift.moved * 100.0);
                lines.push(format!("{number} of {share:.0}: {} moved {moved:.1}", sides.join(" ")));
            }
        }
        lines
    }

    #[tokio::test]
    async fn who_come_to_half_by_geolocation_get_half_of_each_step() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let shop = Shop::open(&store).await;
        let germany = Location::of_codes(None, Some("DE"), None).unwrap();
        let sets = [
            located("de", germany, alias("www.example.com A ", &shop.zone, "shop.example.com")),
            // Of the same name as an environment, and none of its.
            located("green", Location::Default, set("www.example.com A 10.9.9.9")),
        ];
        change(&store, &shop.zone, batch(Action::Create, sets)).await.unwrap();
        let forecast = told(&store, CANARY).unwrap();
        assert_eq!(forecast.environments.iter().map(EnvironmentName::as_str).collect::<Vec<_>>(), ["green", "blue"]);
        let shop = ["1 of 5: 0.0>5.0 100.0>95.0 moved 5.0", "3 of 50: 5.0>50.0 95.0>50.0 moved 45.0"];
        for of in ["shop.example.com. A", "shop.example.com. AAAA"] {
            assert_eq!(lines(&forecast, of)[..2], shop, "{of}");
            assert_eq!(lines(&forecast, of)[2], "4 of 100: 50.0>100.0 50.0>0.0 moved 50.0", "{of}");
        }
        assert_eq!(
            lines(&forecast, "www.example.com. A"),
            [
                "1 of 5: 0.0>2.5 50.0>47.5 moved 2.5",
                "3 of 50: 2.5>25.0 47.5>25.0 moved 22.5",
                "4 of 100: 25.0>50.0 25.0>0.0 moved 25.0",
            ]
        );
        let www = forecast.steps[1].simulation.shifts.iter().find(|shift| shift.name.to_string() == "www.example.com.");
        let www = www.unwrap();
        for part in &www.countries {
            let green = if matches!(part.of, Whom::Country(country) if country.code() == "US") { 0.0 } else { 0.5 };
            assert!((part.followed[0].1 - green).abs() < 1e-9, "{part:?}");
        }
        assert!(format!("{:?}", www.clients[0].of).contains("30."), "who comes least to green: {:?}", www.clients);
        assert_eq!(
            (forecast.plan, forecast.left_off),
            (crate::deployments::plan(&store, &shop_name(), &parse(CANARY.as_bytes()).unwrap()).unwrap(), 0)
        );
    }

    #[tokio::test]
    async fn environments_that_answer_alike_are_told_apart_and_long_plans_are_cut() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let shop = Shop::open(&store).await;
        let alike = ["blue", "green"]
            .map(|id| RecordSet { body: shop.set("blue", 0).body, ..shop.set(id, if id == "blue" { 200 } else { 0 }) });
        change(&store, &shop.zone, batch(Action::Upsert, alike)).await.unwrap();
        let forecast = told(&store, CANARY).unwrap();
        assert_eq!(lines(&forecast, "shop.example.com. A")[0], "1 of 5: 0.0>5.0 100.0>95.0 moved 0.0");
        let steps: String = (1..=70).map(|percent| format!(r#"{{"weight": "{percent}%"}},"#)).collect();
        let long = format!(
            r#"{{"to": "green", "strategy": {{"canary": {{"steps": [{steps} {{"weight": "70%"}}, {{"weight": "100%"}}]}}}}}}"#
        );
        let forecast = told(&store, &long).unwrap();
        assert_eq!((forecast.steps.len(), forecast.left_off), (64, 7));
        let refused = told(&store, &CANARY.replace("green", "red")).unwrap_err().to_string();
        assert!(refused.contains("no such environment"), "{refused}");
    }
}
