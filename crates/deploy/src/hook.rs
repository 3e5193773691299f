//! Hooks of a deployment: which there are, whether they can be called at all, and what a call says. Pure; when to call is
//! `step::hooks`'s business, calling is the runner's.

use std::collections::BTreeMap;

use model::deployment::{
    Deployment, ExecHook, Gate, Hook, HookCall, HookPoint, HookRun, HookTarget, HttpHook, Occasion, PlanStep, Spec,
    Strategy, WebhookGate, fill,
};
use model::metric::MetricUrl;
use serde_json::json;

use crate::parse::SpecError;
use crate::progress::progress;

/// What texts of hooks may name, beside `args.…`.
const VARIABLES: [&str; 14] = [
    "deployment",
    "service",
    "env",
    "version",
    "from",
    "from_version",
    "point",
    "phase",
    "step",
    "share",
    "instance",
    "old_version",
    "new_version",
    "plan_hash",
];
/// Hooks of a release. More are a fault of who wrote it.
const HOOKS_MAX: usize = 50;

/// A hook by its name: one of the spec's own, or one that stands where it is used.
pub(crate) fn find<'a>(spec: &'a Spec, name: &str) -> Option<&'a Hook> {
    let inline = inline(spec).into_iter().find(|(at, _)| at == name).map(|(_, hook)| hook);
    inline.or_else(|| spec.hooks.get(name))
}

/// The hook of a run by its name and occasion. Gates stand in the plan.
pub(crate) fn of(deployment: &Deployment, name: &str, occasion: &Occasion) -> Option<Hook> {
    let Occasion::Gate { step } = occasion else { return find(&deployment.spec, name).cloned() };
    match deployment.plan.step(*step)? {
        PlanStep::Gate { gate: Gate::Webhook(gate), .. } => Some(gate.hook()),
        PlanStep::Gate { .. }
        | PlanStep::Shift { .. }
        | PlanStep::Batch { .. }
        | PlanStep::Hold(_)
        | PlanStep::Healthy(_)
        | PlanStep::Hook { .. }
        | PlanStep::Analyse { .. } => None,
    }
}

/// Hooks that stand where they are used, by their place within the strategy.
pub(crate) fn inline(spec: &Spec) -> Vec<(String, &Hook)> {
    match &spec.strategy {
        Strategy::BlueGreen(strategy) => {
            let checks = strategy.preview.iter().flat_map(|preview| preview.checks.iter().enumerate());
            checks.map(|(index, hook)| (format!("preview.checks[{index}]"), hook)).collect()
        }
        Strategy::Rolling(rolling) => {
            let drain = rolling.drain_hook.iter().map(|hook| ("drain_hook".to_owned(), hook));
            std::iter::once(("replace".to_owned(), &rolling.replace)).chain(drain).collect()
        }
        Strategy::Canary(_) => Vec::new(),
    }
}

/// The names of the hooks at a point, in order.
pub(crate) fn at(spec: &Spec, point: HookPoint) -> Vec<String> {
    spec.hooks.iter().filter(|(_, hook)| hook.at.contains(&point)).map(|(name, _)| name.clone()).collect()
}

/// What is wrong with the hooks of a spec.
pub(crate) fn check(spec: &Spec) -> Result<(), SpecError> {
    if spec.hooks.len() > HOOKS_MAX {
        return Err(SpecError::new("hooks", format!("a release has at most {HOOKS_MAX} hooks: {}", spec.hooks.len())));
    }
    for (name, hook) in &spec.hooks {
        let field = format!("hooks.{name}");
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_word) {
            let problem = "a name is 1 to 64 letters, digits, hyphens and underscores";
            return Err(SpecError::new(field, problem));
        }
        check_one(&field, hook)?;
    }
    for (name, hook) in inline(spec) {
        if spec.hooks.contains_key(&name) {
            return Err(SpecError::new(
                format!("hooks.{name}"),
                "the strategy has a hook of this name; choose another",
            ));
        }
        let field = format!("strategy.{}.{name}", spec.strategy.name().replace('-', "_"));
        if !hook.at.is_empty() {
            return Err(SpecError::new(format!("{field}.at"), "it is called where it stands; leave this out"));
        }
        check_one(&field, hook)?;
    }
    Ok(())
}

/// What a step that names a hook needs.
pub(crate) fn check_name(spec: &Spec, field: &str, name: &str) -> Result<(), SpecError> {
    if find(spec, name).is_some() {
        return Ok(());
    }
    Err(SpecError::new(field, format!("not in hooks: {name}")))
}

/// What is wrong with a gate that another program opens.
pub(crate) fn check_gate(field: &str, gate: &WebhookGate) -> Result<(), SpecError> {
    check_one(&format!("{field}.webhook"), &gate.hook()).map_err(|SpecError { field, problem }| {
        // It is written without the `http` around it.
        SpecError::new(field.replace(".webhook.http.", ".webhook."), problem)
    })
}

fn check_one(field: &str, hook: &Hook) -> Result<(), SpecError> {
    let sample = |name: &str| {
        let known = VARIABLES.contains(&name) || name.strip_prefix("args.").is_some_and(|a| hook.args.contains_key(a));
        known.then(|| "x".to_owned())
    };
    let fault = |text: String| {
        SpecError::new(field, format!("{text} (known: {}, and args.NAME of args)", VARIABLES.join(", ")))
    };
    let filled = filled(&hook.target, &sample).map_err(|name| fault(format!("unknown variable {name}")))?;
    if let HookTarget::Http(http) = &filled {
        MetricUrl::parse(&http.url).map_err(|error| {
            SpecError::new(format!("{field}.http.url"), error.to_string().replace("a metric's", "a hook's"))
        })?;
    }
    for (what, period, least_ms) in
        [("timeout", hook.target.timeout(), 100), ("every", hook.every, 100), ("deadline", hook.deadline, 100)]
    {
        if period.ms() < least_ms {
            return Err(SpecError::new(format!("{field}.{what}"), format!("must be at least {least_ms}ms: {period}")));
        }
    }
    if let Some(name) = hook.args.keys().find(|name| !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
        return Err(SpecError::new(
            format!("{field}.args"),
            format!("a name has letters, digits and underscores: {name}"),
        ));
    }
    Ok(())
}

/// The call of a run, with everything filled in; or the variable that cannot be.
pub(crate) fn call(deployment: &Deployment, run: &HookRun, now_ms: u64) -> Result<HookCall, String> {
    let hook = of(deployment, &run.hook, &run.occasion).ok_or_else(|| run.hook.clone())?;
    let id = run.id(&deployment.id);
    let known = known(deployment, run, now_ms);
    let value = |name: &str| match name.strip_prefix("args.") {
        Some(name) => hook.args.get(name).cloned(),
        None => known.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
    };
    let target = filled(&hook.target, &value)?;
    let mut variables: BTreeMap<String, String> =
        known.iter().map(|(name, value)| (format!("CUTOVER_{}", name.to_ascii_uppercase()), value.clone())).collect();
    variables.insert("CUTOVER_ATTEMPT".into(), run.tries.to_string());
    let arg = |(name, value): (&String, &String)| (format!("CUTOVER_ARG_{}", name.to_ascii_uppercase()), value.clone());
    variables.extend(hook.args.iter().map(arg));
    let (plan, status) = (&deployment.plan, &deployment.status);
    let mut body = json!({
        "deployment": deployment.id,
        "service": plan.service,
        "hook": run.hook,
        "point": run.occasion.name(),
        "op_id": id,
        "attempt": run.tries,
        "phase": status.phase,
        "step": run.occasion.step().or(status.cursor.map(|cursor| cursor.step)),
        "from": plan.from,
        "to": plan.to,
        "shares": progress(deployment, now_ms),
        "plan_hash": plan.hash,
        "args": hook.args,
    });
    if let Occasion::Replace { instance, old_version, new_version, .. } = &run.occasion {
        body["instance"] = json!(instance);
        body["old_version"] = json!(old_version);
        body["new_version"] = json!(new_version);
    } else if let Some(instance) = run.occasion.instance() {
        body["instance"] = json!(instance);
    } else if let Occasion::Teardown { environment } = &run.occasion {
        body["environment"] = json!(environment);
    }
    let (name, may_repeat) = (run.hook.clone(), hook.retry_in_doubt);
    Ok(HookCall { id, name, target, body: body.to_string(), variables, may_repeat })
}

/// What texts may name, with its value now. What does not exist at this point is empty.
fn known(deployment: &Deployment, run: &HookRun, now_ms: u64) -> Vec<(&'static str, String)> {
    let (plan, status) = (&deployment.plan, &deployment.status);
    let step = run.occasion.step().or(status.cursor.map(|cursor| cursor.step));
    let (old_version, new_version) = match &run.occasion {
        Occasion::Replace { old_version, new_version, .. } => (old_version.clone(), new_version.clone()),
        Occasion::Point { .. }
        | Occasion::Step { .. }
        | Occasion::Gate { .. }
        | Occasion::Teardown { .. }
        | Occasion::Drain { .. } => Default::default(),
    };
    let values = [
        deployment.id.to_string(),
        plan.service.to_string(),
        plan.to.environment.to_string(),
        plan.to.version.clone(),
        plan.origin().map(ToString::to_string).unwrap_or_default(),
        plan.from.as_ref().map(|from| from.version.clone()).unwrap_or_default(),
        run.occasion.name().to_owned(),
        status.phase.to_string(),
        step.map(|step| step.to_string()).unwrap_or_default(),
        progress(deployment, now_ms).wanted.to_string(),
        run.occasion.instance().map(ToString::to_string).unwrap_or_default(),
        old_version,
        new_version,
        plan.hash.clone(),
    ];
    VARIABLES.into_iter().zip(values).collect()
}

/// The target with every text filled in; or the variable that is not known.
fn filled(target: &HookTarget, value: &impl Fn(&str) -> Option<String>) -> Result<HookTarget, String> {
    let fill = |text: &str| {
        fill(text, value).map_err(|error| match error {
            model::deployment::ProviderError::UnknownVariable(name) => name,
            other => other.to_string(),
        })
    };
    Ok(match target {
        HookTarget::Http(http) => HookTarget::Http(HttpHook { url: fill(&http.url)?, ..http.clone() }),
        HookTarget::Exec(exec) => {
            let args = exec.args.iter().map(|arg| fill(arg)).collect::<Result<_, _>>()?;
            HookTarget::Exec(ExecHook { program: fill(&exec.program)?, args, ..exec.clone() })
        }
    })
}
