//! What a deployment looks like in JSON. Shares are numbers from 0 to 1, times are milliseconds since 1970. No share is
//! a wish shown as a fact: `wanted` is the plan's, `written` what the store holds, `applied` what every DNS server serves.

use control::deployments::{Drain, Found, drains, progress, told};
use model::deployment::{
    Deployment, Event, Metric, MetricRun, OpState, Phase, Plan, PlanStep, RecordSetWeight, Run, Service, Share,
    WeightsLine,
};
use model::id::EnvironmentName;
use serde_json::{Map, Value, json};

/// The whole, as `GET /v1/deployments/ID` shows it.
pub(super) fn deployment(found: &Found, served: u64, now_ms: u64, trouble: Option<&str>) -> Value {
    let Found { deployment, weights } = found;
    let Deployment { id, revision, created, service, spec: _, plan, status, analysis: _, record: _, kind: _ } =
        deployment;
    let waiting: Vec<Value> = status
        .waiting_on
        .iter()
        .map(|waiting| json!({ "on": waiting.on, "text": waiting.text, "until_ms": waiting.until_ms }))
        .collect();
    let pause = status
        .paused
        .as_ref()
        .map(|paused| json!({ "by": paused.by, "reason": paused.reason.to_string(), "since_ms": paused.since_ms }));
    let mut view = json!({
        "id": id,
        "service": service.name,
        "from": plan.origin(),
        "to": plan.to.environment,
        "version": plan.to.version,
        "phase": status.phase,
        "phase_since_ms": status.phase_since_ms,
        "terminal": status.phase.is_terminal(),
        "reason": reason(deployment),
        "revision": revision,
        "created": { "at_ms": created.at_ms, "by": created.by, "reason": created.reason },
        "step": step(deployment),
        "paused": status.paused.is_some(),
        "pause": pause,
        "waiting_on": status.waiting_on.iter().map(|waiting| &waiting.text).collect::<Vec<_>>(),
        "waiting": waiting,
        "drift": status.drift,
        "trouble": trouble,
        "environments": environments(deployment, weights, served),
        "expected_now": fraction(progress(deployment, now_ms).expected_now),
        "drain": drain(found, now_ms),
        "teardown": deployment.record.afterlife.as_ref().map(|after| json!({
            "environment": after.environment, "state": after.state, "since_ms": after.since_ms, "text": after.text,
        })),
        "analysis": analysis(deployment),
        "hooks": super::hook_view::hooks(deployment),
        "instances": super::hook_view::instances(deployment, weights),
        "events": events(deployment, 0),
    });
    merge(&mut view, self::plan(plan));
    merge(&mut view, super::deployment_guards::view(deployment));
    view
}

/// Environments that lost their traffic, and until when caches may still send some.
fn drain(found: &Found, now_ms: u64) -> Vec<Value> {
    let of = |Drain { environment, facts, forgotten_ms, is_drained }: Drain| {
        json!({
            "environment": environment,
            "weight": facts.weight,
            "last_answered_ms": facts.last_answered_ms,
            "ttl_seconds": facts.ttl_seconds,
            "forgotten_ms": forgotten_ms,
            "drained": is_drained,
        })
    };
    drains(found, now_ms).into_iter().map(of).collect()
}

/// One line of a list.
pub(super) fn summary(deployment: &Deployment) -> Value {
    let Deployment { id, created, service, plan, status, .. } = deployment;
    let end = status.phase.is_terminal().then_some(status.phase_since_ms);
    json!({
        "id": id,
        "service": service.name,
        "from": plan.origin(),
        "to": plan.to.environment,
        "version": plan.to.version,
        "strategy": plan.strategy,
        "phase": status.phase,
        "terminal": status.phase.is_terminal(),
        "reason": reason(deployment),
        "step": step(deployment),
        "paused": status.paused.is_some(),
        "created": { "at_ms": created.at_ms, "by": created.by, "reason": created.reason },
        "ended_ms": end,
        "queued": status.guarded.queued.is_some(),
        "plan_hash": plan.hash,
    })
}

/// A plan, for programs and for people.
pub(super) fn plan(plan: &Plan) -> Value {
    let times = &plan.times;
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .zip(1..)
        .map(|(step, number)| {
            let mut line = json!({
                "number": number,
                "share": fraction(plan.share_after(number)),
                "takes_ms": step.expected(times.settle).ms(),
                "text": step.to_string(),
            });
            merge(&mut line, what(step));
            line
        })
        .collect();
    json!({
        "strategy": plan.strategy,
        "from": plan.origin(),
        "from_version": plan.from.as_ref().map(|from| &from.version),
        "to": plan.to.environment,
        "version": plan.to.version,
        "plan": steps,
        "plan_text": plan.to_string(),
        "plan_hash": plan.hash,
        "start": WeightsLine(&plan.start).to_string(),
        "beside": plan.beside,
        "back": plan.back.as_ref().map(|back| json!({
            "every_ms": back.every.ms(),
            "steps": back.steps.iter().map(|(share, weights)| {
                json!({ "share": fraction(*share), "weights": WeightsLine(weights).to_string() })
            }).collect::<Vec<_>>(),
        })),
        "after": plan.teardown,
        "managed": fraction(plan.managed()),
        "times": {
            "ttl_seconds": times.ttl_seconds,
            "settle_ms": times.settle.ms(),
            "bake_ms": times.bake.ms(),
            "expected_ms": times.expected.ms(),
            "rollback_worst_ms": times.rollback_worst.ms(),
        },
    })
}

fn what(step: &PlanStep) -> Value {
    match step {
        PlanStep::Shift { shares: _, weights } => {
            json!({ "kind": "shift", "weights": WeightsLine(weights).to_string() })
        }
        PlanStep::Hold(_) => json!({ "kind": "hold" }),
        PlanStep::Gate { name, gate } => json!({ "kind": "gate", "gate": name, "takes": gate.to_string() }),
        PlanStep::Healthy(_) => json!({ "kind": "healthy" }),
        PlanStep::Batch { instances, stand_ins, share: _, takes: _ } => {
            json!({ "kind": "batch", "instances": instances, "stand_ins": stand_ins })
        }
        PlanStep::Hook { hook } => json!({ "kind": "hook", "hook": hook }),
        PlanStep::Analyse { templates, expected: _ } => json!({ "kind": "analyse", "templates": templates }),
    }
}

/// The story after an event, oldest first.
pub(super) fn events(deployment: &Deployment, since: u64) -> Vec<Value> {
    let events = &deployment.record.events;
    let mut before = None;
    let mut shown = Vec::new();
    for event in events {
        if event.number > since {
            shown.push(json!({
                "seq": event.number,
                "at_ms": event.at_ms,
                "kind": kind(deployment, event, before),
                "phase": event.phase,
                "step": event.step,
                "text": event.text,
                "cause": event.cause,
            }));
        }
        before = Some(event.phase);
    }
    shown
}

/// `shift` where weights were written, which the journal knows; otherwise what moved the deployment.
fn kind(deployment: &Deployment, event: &Event, before: Option<Phase>) -> &'static str {
    let is_shift = deployment.record.journal.iter().any(|op| {
        let applied = op.entries.iter().any(|e| e.at_ms == event.at_ms && matches!(e.state, OpState::Applied { .. }));
        applied && event.text.ends_with(&WeightsLine(&op.desired).to_string()) && event.text.starts_with("weights")
    });
    if is_shift {
        "shift"
    } else if event.cause != "engine" {
        "command"
    } else if before != Some(event.phase) {
        "phase"
    } else if event.text.starts_with("metric ") {
        "analysis"
    } else if event.text.starts_with("hook ") {
        "hook"
    } else {
        "stage"
    }
}

/// Every metric that is or was measured.
pub(super) fn analysis(deployment: &Deployment) -> Vec<Value> {
    let runs = [(&deployment.analysis.step, false), (&deployment.analysis.background, true)];
    let runs = runs.into_iter().filter_map(|(run, background)| Some((run.as_ref()?, background)));
    runs.flat_map(|(run, background)| run.metrics.iter().map(move |m| metric(deployment, run, background, m))).collect()
}

fn metric(deployment: &Deployment, run: &Run, background: bool, measured: &MetricRun) -> Value {
    let rule = deployment.spec.analysis.get(&measured.template);
    let rule = rule.and_then(|template| template.metrics.iter().find(|rule| rule.name == measured.metric));
    let recent: Vec<Value> = measured
        .recent
        .iter()
        .map(|s| {
            let text = rule.map(|rule| told(rule, s));
            json!({
                "at_ms": s.at_ms, "value": s.value, "sampled": s.sampled, "error": s.error, "compared": s.compared,
                "text": text,
            })
        })
        .collect();
    let tally = &measured.tally;
    json!({
        "template": measured.template,
        "metric": measured.metric,
        "run": run.number,
        "background": background,
        "verdict": measured.verdict,
        "limit": rule.map(Metric::rule),
        "count": rule.filter(|_| !background).map(|rule| rule.count),
        "dry_run": rule.is_some_and(|rule| rule.dry_run),
        "last": measured.recent.last().and_then(|sample| sample.value),
        "passes": tally.passes,
        "fails": tally.fails,
        "inconclusive": tally.inconclusive,
        "undecided": tally.undecided,
        "too_few": tally.too_few,
        "no_data": tally.no_data,
        "errors": tally.errors,
        "recent": recent,
    })
}

/// Why it was rolled back, cancelled or paused; nothing while all is well.
fn reason(deployment: &Deployment) -> Option<String> {
    let status = &deployment.status;
    let abort = status.abort.as_ref().map(|abort| abort.reason.to_string());
    let stopped = status.guarded.stopped.as_ref().map(ToString::to_string);
    abort.or(stopped).or_else(|| status.paused.as_ref().map(|paused| paused.reason.to_string()))
}

/// Where it is: 0 before the first step, the number of steps after the last.
fn step(deployment: &Deployment) -> Value {
    let count = deployment.plan.steps.len();
    let (index, stage) = match (deployment.status.cursor, deployment.status.phase) {
        (Some(cursor), _) => (cursor.step, Some(cursor.stage)),
        (None, Phase::Baking | Phase::Finalizing | Phase::Succeeded) => (count, None),
        (None, _) => (0, None),
    };
    json!({ "index": index, "count": count, "stage": stage })
}

fn environments(deployment: &Deployment, written: &[RecordSetWeight], served: u64) -> Vec<Value> {
    let (service, plan) = (&deployment.service, &deployment.plan);
    let applied = applied(deployment, served);
    let lines = service.environments.iter().map(|(name, environment)| {
        // In a rolling release instances have the new version one after the other, the whole only at the end.
        let is_mixed = deployment.spec.rolling().is_some() && deployment.status.phase != Phase::Succeeded;
        let is_new = *name == plan.to.environment && !is_mixed;
        let version = if is_new { &plan.to.version } else { &environment.version };
        json!({
            "name": name,
            "version": version,
            "wanted": wanted(deployment, name),
            "written": share(service, name, written),
            "applied": share(service, name, &applied),
            "weights": weights(service, name, written),
        })
    });
    lines.collect()
}

/// What the plan wants now; after an abort, and before the first step, the weights as found.
fn wanted(deployment: &Deployment, name: &EnvironmentName) -> f64 {
    let (plan, status) = (&deployment.plan, &deployment.status);
    let steps = match (status.cursor, status.phase) {
        _ if status.abort.is_some() => 0,
        (Some(cursor), _) => cursor.step,
        (None, Phase::Pending | Phase::Preparing) => 0,
        (None, _) => plan.steps.len(),
    };
    let shift = plan.steps.iter().take(steps).rev().find_map(|step| match step {
        PlanStep::Shift { shares, weights: _ } => Some(shares),
        PlanStep::Hold(_)
        | PlanStep::Batch { .. }
        | PlanStep::Healthy(_)
        | PlanStep::Hook { .. }
        | PlanStep::Gate { .. }
        | PlanStep::Analyse { .. } => None,
    });
    match shift {
        Some(shares) => shares.get(name).map_or(0.0, |share| fraction(*share)),
        None => share(&deployment.service, name, &plan.start),
    }
}

/// The weights of the last write that every DNS server serves, or those found at the start.
fn applied(deployment: &Deployment, served: u64) -> Vec<RecordSetWeight> {
    let is_served = |state: &OpState| match state {
        OpState::Applied { revision } => *revision <= served,
        OpState::Observed => true,
        OpState::Planned | OpState::Done | OpState::Superseded => false,
    };
    let last = deployment.record.journal.iter().rev().find(|op| op.entries.iter().any(|e| is_served(&e.state)));
    last.map_or_else(|| deployment.plan.start.clone(), |op| op.desired.clone())
}

/// The share of an environment by the weights of the first type; all types move together.
fn share(service: &Service, name: &EnvironmentName, weights: &[RecordSetWeight]) -> f64 {
    let first = weights.chunk_by(|a, b| a.record_set.is_beside(&b.record_set)).next();
    let first = first.unwrap_or_default();
    let sum = |of: &dyn Fn(&RecordSetWeight) -> bool| -> u32 {
        first.iter().filter(|m| of(m)).map(|m| u32::from(m.weight)).sum()
    };
    let all = sum(&|_| true);
    let own = sum(&|m| service.environment_of(&m.record_set.set_identifier) == Some(name));
    if all == 0 { 0.0 } else { f64::from(own) / f64::from(all) }
}

/// The weight of an environment by type, over all its record sets.
fn weights(service: &Service, name: &EnvironmentName, weights: &[RecordSetWeight]) -> Value {
    let mut sums = Map::new();
    for found in weights {
        if service.environment_of(&found.record_set.set_identifier) == Some(name) {
            let sum = sums.entry(found.record_set.record_type.to_string()).or_insert_with(|| json!(0));
            *sum = json!(sum.as_u64().unwrap_or(0) + u64::from(found.weight));
        }
    }
    Value::Object(sums)
}

fn fraction(share: Share) -> f64 {
    f64::from(share.ppm()) / 1e6
}

/// Fields of the same name say the same.
fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        debug_assert!(from.iter().all(|(name, value)| into.get(name).is_none_or(|known| known == value)));
        into.extend(from);
    }
}
