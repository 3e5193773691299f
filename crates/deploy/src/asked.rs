//! What a metric asks, of which environments, and since when.
//!
//! Before: the plan checks that every metric makes a query; a step asks. After: the runner asks outside. Asking with the
//! same times gives the same query, so it can be told afterwards what was asked.

use model::deployment::{
    Arm, Compare, Deployment, Filling, Metric, MetricRun, Op, OpKind, OpState, Period, Plan, ProviderError,
    RecordSetKey, Service, Share, Wanted, WindowBegin,
};
use model::id::{EnvironmentName, HealthCheckId};
use model::metric::MetricQuery;

use crate::progress::progress;

/// The query of a metric, with the names of this release in it; for a comparison one for each side, new and old.
pub(crate) fn query(
    plan: &Plan,
    service: &Service,
    metric: &Metric,
    checks: impl Fn(&EnvironmentName) -> Vec<HealthCheckId>,
    window: (u64, u64),
) -> Result<MetricQuery, ProviderError> {
    let of = |arm: Arm| {
        let environment = if arm == Arm::Baseline { baseline(plan, metric) } else { &plan.to.environment };
        let checks = checks(environment);
        let value = |name: &str| value(plan, service, metric, (arm, environment), window, name);
        let (ours, all) = (answered(service, Some(environment)), answered(service, None));
        let (answered, interval) = ([&ours[..], &all], metric.interval);
        metric.provider.query(&Filling { wanted: wanted(metric), value, window, checks: &checks, answered, interval })
    };
    if metric.compare.is_some() {
        return Ok(MetricQuery::Several(vec![of(Arm::Canary)?, of(Arm::Baseline)?]));
    }
    of(metric.arm.unwrap_or(Arm::Canary))
}

/// The record sets of an environment, or of all.
fn answered(service: &Service, of: Option<&EnvironmentName>) -> Vec<RecordSetKey> {
    let is_wanted = |key: &RecordSetKey| of.is_none() || service.environment_of(&key.set_identifier) == of;
    service.record_set_keys().into_iter().filter(is_wanted).collect()
}

/// What the new environment is compared with. The plan of a first release has no metric that asks the old one.
pub(crate) fn baseline<'a>(plan: &'a Plan, metric: &'a Metric) -> &'a EnvironmentName {
    metric.baseline_env.as_ref().or(plan.origin()).unwrap_or(&plan.to.environment)
}

fn value(
    plan: &Plan,
    service: &Service,
    metric: &Metric,
    (arm, environment): (Arm, &EnvironmentName),
    window: (u64, u64),
    name: &str,
) -> Option<String> {
    let version = || {
        let mut sides = [Some(&plan.to), plan.from.as_ref()].into_iter().flatten();
        let side = sides.find(|side| side.environment == *environment);
        let declared = service.environments.get(environment).map(|found| found.version.clone());
        side.map(|side| side.version.clone()).or(declared).unwrap_or_default()
    };
    Some(match name {
        "service" => plan.service.to_string(),
        "env" => environment.to_string(),
        "version" => version(),
        "arm" => if arm == Arm::Baseline { "baseline" } else { "canary" }.to_owned(),
        "from" => plan.origin().map(ToString::to_string).unwrap_or_default(),
        "interval" => metric.interval.to_string(),
        "window" => {
            let covered = window.1.saturating_sub(window.0).max(metric.interval.ms());
            // Whole seconds, rounded up: Prometheus takes nothing shorter in a range.
            Period::from_seconds(covered.div_ceil(1_000)).to_string()
        }
        _ => return None,
    })
}

fn wanted(metric: &Metric) -> Wanted {
    match metric.compare {
        Some(Compare::Proportion(_)) => Wanted::Counts,
        Some(Compare::MannWhitney(_)) => Wanted::Values,
        Some(Compare::Ratio(_)) | None => Wanted::Number,
    }
}

/// Since when what is measured now is of one piece: when the last weights had settled, or were served by all; the start of
/// the run if nothing was shifted. Nothing while shares move.
///
/// Weights that were written again or accepted after a drift take the place of the shift that others disturbed. A write
/// that ended before it happened moved nothing.
pub(crate) fn window_begin(deployment: &Deployment, metric: &Metric, run_started_ms: u64) -> Option<u64> {
    let moves = |op: &&Op| {
        matches!(op.kind, OpKind::Shift { .. } | OpKind::Reassert | OpKind::Accept)
            && (op.state() != OpState::Superseded || op.was_applied())
    };
    let shift = deployment.record.journal.iter().rfind(moves);
    let Some(op) = shift else { return Some(run_started_ms) };
    let at = |wanted: OpState| op.entries.iter().find(|entry| entry.state == wanted).map(|entry| entry.at_ms);
    match metric.window {
        WindowBegin::Settled => at(OpState::Done),
        WindowBegin::Applied => at(OpState::Observed),
    }
}

/// Whether both sides of a comparison have traffic, as far as weights tell: at the end the old environment has none. What a
/// user names as the baseline gets its traffic elsewhere.
pub(crate) fn has_baseline(deployment: &Deployment, metric: &Metric, now_ms: u64) -> bool {
    metric.baseline_env.is_some() || progress(deployment, now_ms).written < Share::ALL
}

/// Begins the looks of a comparison, and begins anew when shares have moved since or, in the background, when all looks
/// are made.
pub(crate) fn begin_looks(metric: &Metric, run: &mut MetricRun, begin_ms: u64, endless: bool, now_ms: u64) {
    let Some(rule) = &metric.compare else { return };
    let looks = run.looks.get_or_insert_with(Default::default);
    if looks.number == 0 {
        (looks.number, looks.since_ms) = (1, begin_ms);
        return;
    }
    let is_full = endless && rule.is_sequential() && looks.seen.len() >= metric.count as usize;
    if begin_ms > looks.since_ms || is_full {
        // Counters that were read go on; what they gained while shares moved belongs to nobody.
        let counters = looks.counters.filter(|_| is_full && begin_ms <= looks.since_ms);
        let since_ms = if is_full { now_ms.max(begin_ms) } else { begin_ms };
        *looks = model::deployment::Looks {
            number: looks.number.saturating_add(1),
            since_ms,
            counters,
            ..Default::default()
        };
    }
}
