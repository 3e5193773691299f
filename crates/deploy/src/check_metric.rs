//! The rules between the fields of a metric, and between metrics and the steps of a release. Before anything moves.

use model::deployment::{
    Arm, Compare, Direction, Effect, MannWhitney, Metric, Plan, PlanStep, Proportion, Provider, Ratio, Service, Share,
    Spec, Template, named,
};

use crate::asked;
use crate::parse::SpecError;

/// Looks of one comparison: the bounds of each need those of all before it.
const LOOKS_MAX: u32 = 100;

/// A program must be able to start, and to end before the minute after which a measurement has failed.
const EXEC_TIMEOUTS_MS: std::ops::RangeInclusive<u64> = 100..=55_000;
/// Shorter times hold too few looks at the counters; they are remembered for five minutes.
const DNS_INTERVALS_MS: std::ops::RangeInclusive<u64> = 1_000..=300_000;

/// What the score of a template and the groups of its metrics say of each other.
pub(crate) fn check_score(field: &str, template: &Template) -> Result<(), SpecError> {
    let wrong = |name: &str, problem: String| Err(SpecError::new(format!("{field}.{name}"), problem));
    let Some(score) = &template.score else {
        let grouped = template.metrics.iter().position(|metric| metric.group.is_some());
        return grouped.map_or(Ok(()), |index| {
            wrong(&format!("metrics[{index}].group"), "groups are scored; give the template a score".into())
        });
    };
    if !(score.pass > 0.0 && score.pass <= 100.0) {
        return wrong("score.pass", format!("must be above 0 and at most 100: {}", score.pass));
    }
    if score.marginal.is_some_and(|marginal| !(marginal >= 0.0 && marginal <= score.pass)) {
        return wrong("score.marginal", format!("must be from 0 to pass, {}", score.pass));
    }
    for (name, weight) in &score.groups {
        if !(*weight > 0.0 && *weight <= 1e6) {
            return wrong(&format!("score.groups.{name}"), format!("must be above 0 and at most 1000000: {weight}"));
        }
        if !template.metrics.iter().any(|metric| metric.group.as_ref() == Some(name)) {
            return wrong(&format!("score.groups.{name}"), "no metric is in this group".into());
        }
    }
    Ok(())
}

/// What a metric's own fields say of each other.
pub(crate) fn check_metric(field: &str, metric: &Metric) -> Result<(), SpecError> {
    let wrong = |name: &str, problem: String| Err(SpecError::new(format!("{field}{name}"), problem));
    match (&metric.condition, &metric.compare) {
        (Some(_), None) if metric.arm == Some(Arm::Both) => {
            return wrong(".arm", "a condition is about one environment; use compare for both".into());
        }
        (Some(_), None) | (None, Some(_)) => {}
        (None, None) => return wrong("", "give a condition, such as \"value <= 0.01\", or compare".into()),
        (Some(_), Some(_)) => return wrong(".condition", "give a condition or compare, not both".into()),
    }
    if metric.name.is_empty() || metric.name.chars().any(char::is_control) {
        return wrong(".name", "must not be empty, nor hold control characters".into());
    }
    if metric.count == 0 {
        return wrong(".count", "must be at least 1".into());
    }
    if metric.interval.ms() < 100 {
        return wrong(".interval", format!("must be at least 100ms: {}", metric.interval));
    }
    if matches!(metric.provider, Provider::Dns(_)) && !DNS_INTERVALS_MS.contains(&metric.interval.ms()) {
        return wrong(".interval", format!("answers are counted over 1s to 5m: {}", metric.interval));
    }
    if let Provider::Exec(exec) = &metric.provider
        && !EXEC_TIMEOUTS_MS.contains(&exec.timeout.ms())
    {
        return wrong(".provider.exec.timeout", format!("must be from 100ms to 55s: {}", exec.timeout));
    }
    if metric.error_retry.is_some_and(|retry| retry.ms() < 100) {
        return wrong(".error_retry", "must be at least 100ms".into());
    }
    if metric.min_pass == 0 || metric.min_pass > metric.count {
        return wrong(".min_pass", format!("must be from 1 to count: {}", metric.min_pass));
    }
    if metric.consecutive_success_limit == Some(0) {
        return wrong(".consecutive_success_limit", "must be at least 1; leave it out for never".into());
    }
    if metric.min_samples.is_some() && metric.condition.is_some() && !metric.provider.counts() {
        return wrong(".min_samples", "needs a provider with events and total".into());
    }
    let Some(rule) = &metric.compare else { return Ok(()) };
    if metric.arm.is_some_and(|arm| arm != Arm::Both) {
        return wrong(".arm", "a comparison is about both environments; leave it out".into());
    }
    if rule.is_sequential() {
        if metric.count > LOOKS_MAX {
            return wrong(".count", format!("a comparison has at most {LOOKS_MAX} looks: {}", metric.count));
        }
        if metric.min_pass != 1 || metric.consecutive_success_limit.is_some() {
            return wrong("", "one look decides a comparison; leave out min_pass and consecutive_success_limit".into());
        }
    }
    check_rule(&format!("{field}.compare"), rule)
}

fn check_rule(field: &str, rule: &Compare) -> Result<(), SpecError> {
    let wrong = |name: &str, problem: String| Err(SpecError::new(format!("{field}.{name}"), problem));
    let is_part = |number: f64| number > 0.0 && number < 1.0;
    match rule {
        Compare::Proportion(Proportion { delta, pass_delta, alpha, counts: _, design_effect }) => {
            if *delta >= Share::ALL || pass_delta.is_some_and(|delta| delta >= Share::ALL) {
                return wrong("delta", "must be below 100%".into());
            }
            if *delta == Share::NONE && pass_delta.is_none() {
                return wrong(
                    "pass_delta",
                    "with a delta of 0% equal environments never pass; say what is good enough".into(),
                );
            }
            if !(1e-6..=0.5).contains(alpha) {
                return wrong("alpha", format!("must be from 0.000001 to 0.5: {alpha}"));
            }
            if !(1.0..=1e6).contains(design_effect) {
                return wrong("design_effect", format!("must be at least 1: {design_effect}"));
            }
        }
        Compare::MannWhitney(rule) => {
            let MannWhitney { direction, tolerance, confidence, effect, outliers, nan: _, design_effect, .. } = rule;
            if !(0.0..1.0).contains(tolerance) {
                return wrong("tolerance", format!("must be from 0 to below 1: {tolerance}"));
            }
            if !(0.5..=0.999_999).contains(confidence) {
                return wrong("confidence", format!("must be from 0.5 to 0.999999: {confidence}"));
            }
            if !(1.0..=1e6).contains(design_effect) {
                return wrong("design_effect", format!("must be at least 1: {design_effect}"));
            }
            if outliers.is_some_and(|factor| !(factor.is_finite() && factor >= 0.0)) {
                return wrong("outliers", "must not be negative".into());
            }
            let is_size =
                |size: f64| if *effect == Effect::Cles { is_part(size) } else { size > 0.0 && size.is_finite() };
            for (name, size, other) in [
                ("allowed_increase", rule.allowed_increase, Direction::Decrease),
                ("critical_increase", rule.critical_increase, Direction::Decrease),
                ("allowed_decrease", rule.allowed_decrease, Direction::Increase),
                ("critical_decrease", rule.critical_decrease, Direction::Increase),
            ] {
                if size.is_some_and(|size| !is_size(size)) {
                    return wrong(name, "must be a ratio above 0, or for cles a chance between 0 and 1".into());
                }
                if size.is_some() && *direction == other {
                    return wrong(name, "says nothing in this direction".into());
                }
            }
        }
        Compare::Ratio(Ratio { factor, plus }) => {
            if !factor.is_finite() || *factor < 0.0 || !plus.is_finite() {
                return wrong("factor", "must be a number that is not negative".into());
            }
        }
    }
    Ok(())
}

/// A comparison needs traffic on both sides when it is made.
pub(crate) fn check_comparisons(service: &Service, spec: &Spec, plan: &Plan) -> Result<(), SpecError> {
    for (name, template) in &spec.analysis {
        for metric in template.metrics.iter().filter(|metric| metric.compare.is_some()) {
            let field = format!("analysis.{name}.metrics.{}.baseline_env", metric.name);
            let baseline = asked::baseline(plan, metric);
            if !service.environments.contains_key(baseline) {
                return Err(SpecError::new(field, format!("no such environment: {baseline}")));
            }
            if *baseline == plan.to.environment {
                return Err(SpecError::new(field, format!("{baseline} cannot be compared with itself")));
            }
        }
    }
    let compares = |templates: &[String]| {
        let metrics = templates.iter().filter_map(|name| spec.analysis.get(name)).flat_map(|found| &found.metrics);
        metrics
            .filter(|metric| metric.compare.is_some() && metric.baseline_env.is_none())
            .map(|m| m.name.clone())
            .next()
    };
    let share = |number: usize| plan.share_after(number);
    for (number, step) in (1..).zip(&plan.steps) {
        if let PlanStep::Analyse { templates, .. } = step
            && share(number) == Share::ALL
            && let Some(metric) = compares(templates)
        {
            let problem = format!(
                "{metric} compares with {}, which has no traffic in step {number}; analyse before the last weight, or set \
                 baseline_env",
                named(plan.from.as_ref())
            );
            return Err(SpecError::new("strategy", problem));
        }
    }
    let is_shared = (1..=plan.steps.len()).any(|number| share(number) > Share::NONE && share(number) < Share::ALL);
    if let Some(background) = &spec.background
        && let Some(metric) = compares(&background.templates)
        && !is_shared
    {
        let problem = format!("{metric} compares two environments, and no step gives traffic to both");
        return Err(SpecError::new("background.templates", problem));
    }
    Ok(())
}
