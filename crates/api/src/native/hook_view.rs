//! The calls of hooks of a deployment in JSON: what was called why, how it stands, and what it said last; and the
//! instances that hooks replace.

use model::deployment::{Deployment, HookRun, HookState, HookTold, Instance, Occasion, RecordSetWeight};
use serde_json::{Value, json};

/// Every run, oldest first.
pub(super) fn hooks(deployment: &Deployment) -> Vec<Value> {
    deployment.record.hooks.iter().map(|run| hook(deployment, run)).collect()
}

fn hook(deployment: &Deployment, run: &HookRun) -> Value {
    let HookRun { number: _, hook, occasion, state, since_ms, called_ms, question, tries, failures, told, is_asked: _ } =
        run;
    let until_ms = match state {
        HookState::Waiting { until_ms } => Some(until_ms),
        HookState::Calling | HookState::InDoubt | HookState::Passed | HookState::Failed | HookState::Superseded => None,
    };
    let (old_version, new_version) = match occasion {
        Occasion::Replace { old_version, new_version, .. } => (Some(old_version), Some(new_version)),
        Occasion::Point { .. }
        | Occasion::Step { .. }
        | Occasion::Gate { .. }
        | Occasion::Teardown { .. }
        | Occasion::Drain { .. } => (None, None),
    };
    json!({
        "op_id": run.id(&deployment.id),
        "hook": hook,
        "point": occasion.name(),
        "step": occasion.step(),
        "instance": occasion.instance(),
        "old_version": old_version,
        "new_version": new_version,
        "state": state_name(*state),
        "since_ms": since_ms,
        "called_ms": called_ms,
        "again_ms": until_ms,
        "questions": question,
        "tries": tries,
        "failures": failures,
        "told": told.as_ref().map(|HookTold { at_ms, answer: _, text, output }| {
            json!({ "at_ms": at_ms, "text": text, "output": output })
        }),
    })
}

/// The instances of a rolling release, in its order: what each ran, what it runs (none while nobody knows), and its weight.
pub(super) fn instances(deployment: &Deployment, written: &[RecordSetWeight]) -> Vec<Value> {
    let instances = deployment.record.instances.iter();
    let shown = instances.map(|Instance { instance, old_version, version }| {
        let own = written.iter().filter(|m| m.record_set.set_identifier == *instance);
        let is_undone = deployment.record.undoing.contains(instance);
        let is_replaced = deployment.record.undoing.is_empty() && deployment.record.batch.contains(instance);
        json!({
            "instance": instance,
            "old_version": old_version,
            "version": version,
            "weight": own.map(|m| m.weight).max(),
            "replacing": is_replaced,
            "undoing": is_undone,
        })
    });
    shown.collect()
}

const fn state_name(state: HookState) -> &'static str {
    match state {
        HookState::Calling => "calling",
        HookState::InDoubt => "in_doubt",
        HookState::Waiting { .. } => "waiting",
        HookState::Passed => "passed",
        HookState::Failed => "failed",
        HookState::Superseded => "superseded",
    }
}
