//! Who serves when a release is planned: the active environment, and nobody else; or nobody before the first release.

use model::deployment::{Arm, Initial, Metric, RecordSetWeight, Service, Spec, Strategy, Switch, WeightsLine};
use model::id::EnvironmentName;

use crate::plan::{PlanError, metrics, wrong};

/// Whether somebody serves, and the release knows it. The first has nobody to share the traffic with: a weight that is the
/// only one is all of it.
pub(crate) fn check_initial(service: &Service, spec: &Spec) -> Result<(), PlanError> {
    match (&service.active, spec.initial) {
        (Some(_), None) => return Ok(()),
        (Some(active), Some(_)) => {
            return Err(wrong(
                "initial",
                format!("is for a service that nobody serves yet; leave it out: {active} serves"),
            ));
        }
        (None, None) => {
            let problem = "nobody serves yet; say initial: direct, or name the environment that serves in the service";
            return Err(wrong("initial", problem));
        }
        (None, Some(Initial::Direct)) => {}
    }
    let has_steps = match &spec.strategy {
        Strategy::BlueGreen(blue_green) => blue_green.switch != Switch::AtOnce,
        Strategy::Canary(_) | Strategy::Rolling(_) => true,
    };
    if has_steps {
        return Err(wrong("strategy", "a first release has no steps; take blue_green, with switch at_once"));
    }
    let compares = |metric: &Metric| {
        (metric.compare.is_some() || metric.arm == Some(Arm::Baseline)) && metric.baseline_env.is_none()
    };
    if let Some((template, metric)) = metrics(spec).find(|(_, metric)| compares(metric)) {
        let field = format!("analysis.{template}.metrics.{}", metric.name);
        return Err(wrong(field, "a first release has nothing to be compared with; set baseline_env"));
    }
    Ok(())
}

/// All weight is on the active environment, for every type; all-zero would be "equal" (R53 weighted). Where none is
/// active, none may have all weight: it would serve.
pub(crate) fn check_serving(service: &Service, start: &[RecordSetWeight]) -> Result<(), PlanError> {
    let serves = |environment: &EnvironmentName| {
        let is_own = |m: &RecordSetWeight| service.environment_of(&m.record_set.set_identifier) == Some(environment);
        start
            .chunk_by(|a, b| a.record_set.is_beside(&b.record_set))
            .all(|group| group.iter().any(|m| m.weight > 0) && group.iter().all(|m| m.weight == 0 || is_own(m)))
    };
    let live = || WeightsLine(start).to_string();
    match &service.active {
        Some(active) if serves(active) => Ok(()),
        Some(active) => Err(PlanError::NotServing { active: active.clone(), live: live() }),
        None => match service.environments.keys().find(|name| serves(name)) {
            Some(serving) => Err(PlanError::Serving { serving: serving.clone(), live: live() }),
            None => Ok(()),
        },
    }
}
