//! Tearing the old environment down: what is wrong with what a user asks for, and what people may order while it is still to
//! come. When it happens is `step::after`'s business.

use model::deployment::{Afterlife, AfterlifeState, Deployment, HookRun, HookState, Occasion, Phase, Service, Spec};
use model::id::EnvironmentName;

use crate::command::{Order, Refusal, changed, check_expected, told};
use crate::event::{cut, tell};
use crate::plan::{PlanError, wrong};

/// What is wrong with it.
pub(crate) fn check(spec: &Spec) -> Result<(), PlanError> {
    let Some(teardown) = &spec.teardown else { return Ok(()) };
    if spec.rolling().is_some() || spec.initial.is_some() {
        return Err(wrong("teardown", "there is no old environment after it; leave this out"));
    }
    if !spec.hooks.contains_key(&teardown.hook) {
        return Err(wrong("teardown.hook", format!("not in hooks: {}", teardown.hook)));
    }
    if teardown.drain.connections.is_some() || teardown.drain.requests.is_some() {
        let field =
            if teardown.drain.connections.is_some() { "teardown.drain.connections" } else { "teardown.drain.requests" };
        return Err(wrong(field, "is not read; let the hook say 202 until nobody comes any more"));
    }
    Ok(())
}

/// The line of the plan.
pub(crate) fn planned(spec: &Spec, old: Option<&EnvironmentName>) -> Option<String> {
    let (teardown, old) = (spec.teardown.as_ref()?, old?);
    let (hook, retain) = (&teardown.hook, spec.retain_old);
    Some(format!("{retain} after the success, once drained, {old} is torn down by hook {hook}"))
}

/// The old environment of a release, if something is still to come for it.
pub(crate) fn open(deployment: &Deployment) -> Option<&Afterlife> {
    deployment.record.afterlife.as_ref().filter(|after| after.state.is_open())
}

/// Nobody is released to an environment that is being torn down, or has failed to be.
///
/// # Errors
/// One of the others does so.
pub(crate) fn check_target(service: &Service, spec: &Spec, others: &[Deployment]) -> Result<(), PlanError> {
    let Some(environment) = spec.target() else { return Ok(()) };
    let is_it = |after: &Afterlife| after.state.is_begun() && after.environment == *environment;
    let tears_down = |other: &&Deployment| other.service.name == service.name && open(other).is_some_and(is_it);
    match others.iter().find(tears_down) {
        None => Ok(()),
        Some(other) => Err(PlanError::TearingDown { deployment: other.id.clone(), environment: environment.clone() }),
    }
}

/// Whether somebody may still go back to the old environment after the time of `retain_old`: it is there until it is torn
/// down.
pub(crate) fn is_retained(deployment: &Deployment) -> bool {
    open(deployment).is_some_and(|after| !after.state.is_begun())
}

/// Whether its hook was called and has not been taken back by a person's word since.
pub(crate) fn is_called(deployment: &Deployment) -> bool {
    runs(deployment).any(|run| run.state != HookState::Superseded)
}

/// Whether its hook was ever called.
pub(crate) fn was_called(deployment: &Deployment) -> bool {
    runs(deployment).next().is_some()
}

fn runs(deployment: &Deployment) -> impl Iterator<Item = &HookRun> {
    deployment.record.hooks.iter().filter(|run| is_teardown(run))
}

const fn is_teardown(run: &HookRun) -> bool {
    matches!(run.occasion, Occasion::Teardown { .. })
}

/// Tears down what has not drained in time, or calls a hook that has failed again; none where nothing is to be torn down.
pub(crate) fn retry(deployment: &Deployment, order: &Order, now_ms: u64) -> Option<Result<Deployment, Refusal>> {
    let after = open(deployment)?;
    Some(check_expected(deployment, order).and_then(|()| match after.state {
        AfterlifeState::Held | AfterlifeState::Failed => Ok(changed(deployment, |next| {
            let runs = next.record.hooks.iter_mut().filter(|run| is_teardown(run));
            runs.filter(|run| run.state == HookState::Failed).for_each(|run| run.state = HookState::Superseded);
            let text = told(&format!("tearing {} down", after.environment), order);
            enter(next, now_ms, &order.by, AfterlifeState::TearingDown, text);
        })),
        AfterlifeState::Retained | AfterlifeState::TearingDown | AfterlifeState::TornDown | AfterlifeState::Kept => {
            let why = "nothing has failed; the old environment is torn down when nobody comes any more";
            Err(Refusal::InvalidTransition { command: "retry", phase: Phase::Succeeded, why })
        }
    }))
}

/// Keeps the old environment; none where nothing is to be torn down.
pub(crate) fn keep(deployment: &Deployment, order: &Order, now_ms: u64) -> Option<Result<Deployment, Refusal>> {
    let after = open(deployment)?;
    Some(check_expected(deployment, order).and_then(|()| match after.state {
        AfterlifeState::TearingDown if is_called(deployment) => {
            let why = "the hook that tears the old environment down is at work";
            Err(Refusal::InvalidTransition { command: "stop", phase: Phase::Succeeded, why })
        }
        AfterlifeState::Retained
        | AfterlifeState::Held
        | AfterlifeState::Failed
        | AfterlifeState::TearingDown
        | AfterlifeState::TornDown
        | AfterlifeState::Kept => Ok(changed(deployment, |next| {
            let text = told(&format!("{} is kept", after.environment), order);
            enter(next, now_ms, &order.by, AfterlifeState::Kept, text);
        })),
    }))
}

/// Goes to a state, and tells so.
pub(crate) fn enter(next: &mut Deployment, now_ms: u64, cause: &str, state: AfterlifeState, text: String) {
    next.status.waiting_on.clear();
    if let Some(after) = &mut next.record.afterlife {
        (after.state, after.since_ms, after.text) = (state, now_ms, cut(text.clone()));
    }
    tell(next, now_ms, cause, text);
}
