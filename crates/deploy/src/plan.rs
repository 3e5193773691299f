//! The plan: a spec against a service and its record sets as they are, expanded, checked and priced before anything
//! moves. Before: `parse`, `strategy`. After: `create`, or a person who only wanted to look.
//!
//! What may change between the plan and the start is checked again in `Preparing`.

use model::deployment::{
    Code, Deployment, HealthGate, Metric, Period, Plan, PlanStep, PlanTimes, RecordSetWeight, Service, Share, Shares,
    Side, Spec, WeightsLine,
};
use model::id::{EnvironmentName, HostedZoneId};
use model::metric::MetricQuery;
use model::{RecordSet, RecordType};

use crate::live::{Live, LiveFault};
use crate::parse::{SpecError, check_service};
use crate::strategy::{Draft, DraftStep, expand};
use crate::traffic::{GranularityError, weights};

/// Steps a plan may have.
pub const STEPS_MAX: usize = 100;

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The spec or the service.
    #[error(transparent)]
    Spec(SpecError),
    /// A share that weights cannot express.
    #[error("{field}: {error}")]
    Granularity {
        /// Where the share is written.
        field: String,
        /// Which, and what would be possible.
        error: GranularityError,
    },
    /// The record sets cannot be steered.
    #[error(transparent)]
    Live(LiveFault),
    /// A failing environment would silently keep or lose its traffic.
    #[error(
        "{record_type}: {with} has health checks while {without} has none, so its failure would go unnoticed; give both one"
    )]
    HealthCoupling {
        /// The type of the record sets.
        record_type: RecordType,
        /// The environment with health checks.
        with: EnvironmentName,
        /// The environment without.
        without: EnvironmentName,
    },
    /// What serves is not what the service records.
    #[error("live weights are {live}, but the service records {active} as active: all weight must be on it")]
    NotServing {
        /// The environment that should serve.
        active: EnvironmentName,
        /// The weights, in one line.
        live: String,
    },
}

impl PlanError {
    /// The code that programs match.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Spec(_) => Code::Spec,
            Self::Granularity { .. } => Code::Granularity,
            Self::Live(LiveFault::Foreign { .. }) => Code::ForeignMember,
            Self::Live(LiveFault::NotWeighted { .. }) => Code::PolicyMismatch,
            Self::Live(LiveFault::Missing(_)) | Self::NotServing { .. } => Code::Precondition,
            Self::HealthCoupling { .. } => Code::HealthCoupling,
        }
    }

    /// The field that is wrong, when it is one of the spec's.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Spec(error) => Some(&error.field),
            Self::Granularity { field, .. } => Some(field),
            Self::Live(_) | Self::HealthCoupling { .. } | Self::NotServing { .. } => None,
        }
    }
}

/// Makes the plan of a release.
///
/// `record_sets` are those of the service's names, as they are now.
///
/// # Errors
/// The first thing that is wrong with the spec, the service or the record sets.
pub fn plan(service: &Service, spec: &Spec, record_sets: &[(HostedZoneId, RecordSet)]) -> Result<Plan, PlanError> {
    check_service(service).map_err(PlanError::Spec)?;
    let (from, to) = sides(service, spec)?;
    let drafts = expand(spec).map_err(PlanError::Spec)?;
    check_steps(spec, &drafts)?;
    let live = Live::read(service, record_sets);
    let live = live.whole().map_err(|fault| PlanError::Live(fault.clone()))?;
    check_health(service, spec, live, &drafts)?;
    let start = live.weights();
    check_serving(service, &start)?;

    let mut steps = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        steps.push(priced(service, spec, &start, draft)?);
    }
    let settle = spec.settle.wait(live.ttl_seconds());
    let health = spec.health_gate.as_ref().map_or(Period::ZERO, |HealthGate { healthy_for }| *healthy_for);
    let waits = steps.iter().map(|step| step.expected(settle)).chain([spec.bake, health]);
    let expected = waits.fold(0u64, |sum, wait| sum.saturating_add(wait.ms()));
    let times = PlanTimes {
        ttl_seconds: live.ttl_seconds(),
        settle,
        bake: spec.bake,
        expected: Period::from_ms(expected),
        rollback_worst: settle,
    };
    let (service_name, strategy) = (service.name.clone(), spec.strategy.name().to_owned());
    let mut plan = Plan { service: service_name, strategy, from, to, start, steps, times, hash: String::new() };
    let metrics = metrics(spec).map(|(template, metric)| question(&plan, template, metric));
    metrics.collect::<Result<Vec<_>, _>>()?;
    plan.hash = hash(&plan, spec);
    Ok(plan)
}

/// What a metric asks, with the names of this release in it.
pub(crate) fn query(plan: &Plan, metric: &Metric) -> Result<MetricQuery, model::deployment::ProviderError> {
    metric.provider.query(|name| {
        Some(match name {
            "service" => plan.service.to_string(),
            "env" => plan.to.environment.to_string(),
            "version" => plan.to.version.clone(),
            "from" => plan.from.environment.to_string(),
            "interval" => metric.interval.to_string(),
            _ => return None,
        })
    })
}

/// The metric of a deployment by its names.
pub(crate) fn metric<'a>(deployment: &'a Deployment, template: &str, name: &str) -> Option<&'a Metric> {
    deployment.spec.analysis.get(template)?.metrics.iter().find(|metric| metric.name == name)
}

fn metrics(spec: &Spec) -> impl Iterator<Item = (&String, &Metric)> {
    spec.analysis.iter().flat_map(|(name, template)| template.metrics.iter().map(move |metric| (name, metric)))
}

fn question(plan: &Plan, template: &str, metric: &Metric) -> Result<MetricQuery, PlanError> {
    let field = format!("analysis.{template}.metrics.{}.provider", metric.name);
    query(plan, metric).map_err(|error| wrong(field, error.to_string()))
}

fn wrong(field: impl Into<String>, problem: impl Into<String>) -> PlanError {
    PlanError::Spec(SpecError::new(field, problem))
}

fn sides(service: &Service, spec: &Spec) -> Result<(Side, Side), PlanError> {
    if spec.to == service.active {
        return Err(wrong("to", format!("is active already: {}", spec.to)));
    }
    let Some(target) = service.environments.get(&spec.to) else {
        let known: Vec<&str> = service.environments.keys().map(EnvironmentName::as_str).collect();
        return Err(wrong("to", format!("no such environment (there are {}): {}", known.join(", "), spec.to)));
    };
    let from = Side {
        environment: service.active.clone(),
        version: service.environments.get(&service.active).expect("the service was checked").version.clone(),
    };
    let version = spec.version.clone().unwrap_or_else(|| target.version.clone());
    Ok((from, Side { environment: spec.to.clone(), version }))
}

/// The rules between the fields of a spec.
fn check_steps(spec: &Spec, drafts: &[Draft]) -> Result<(), PlanError> {
    if drafts.len() > STEPS_MAX {
        return Err(wrong("strategy", format!("a plan has at most {STEPS_MAX} steps, found {}", drafts.len())));
    }
    let mut last = Share::NONE;
    for Draft { field, what } in drafts {
        match what {
            DraftStep::Weight(Share::NONE) => return Err(wrong(field, "0% moves nothing; leave the step out")),
            DraftStep::Weight(share) if *share < last => {
                return Err(wrong(field, format!("{share} is lower than the previous {last}")));
            }
            DraftStep::Weight(share) => last = *share,
            DraftStep::Analyse(templates) => check_templates(spec, field, templates)?,
            DraftStep::Hold(_) | DraftStep::Healthy(_) => {}
        }
    }
    if last != Share::ALL {
        return Err(wrong(
            "strategy",
            format!("the last weight must be 100%, found {last}; add {{\"weight\": \"100%\"}}"),
        ));
    }
    let multiple = spec.settle.ttl_multiple;
    if !(1.0..=100.0).contains(&multiple) {
        return Err(wrong("settle.ttl_multiple", format!("must be from 1 to 100: {multiple}")));
    }
    for (name, template) in &spec.analysis {
        for (index, metric) in template.metrics.iter().enumerate() {
            let field = format!("analysis.{name}.metrics[{index}]");
            if template.metrics[..index].iter().any(|other| other.name == metric.name) {
                return Err(wrong(format!("{field}.name"), format!("named twice: {}", metric.name)));
            }
            check_metric(&field, metric)?;
        }
    }
    if let Some(background) = &spec.background {
        check_templates(spec, "background.templates", &background.templates)?;
        if background.start_step.is_some_and(|step| step == 0 || step > drafts.len()) {
            return Err(wrong("background.start_step", format!("must be from 1 to {}", drafts.len())));
        }
    }
    Ok(())
}

fn check_templates(spec: &Spec, field: &str, templates: &[String]) -> Result<(), PlanError> {
    if templates.is_empty() {
        return Err(wrong(field, "name at least one entry of analysis"));
    }
    if let Some(unknown) = templates.iter().find(|name| !spec.analysis.contains_key(*name)) {
        return Err(wrong(field, format!("not in analysis: {unknown}")));
    }
    let mut metrics = templates.iter().flat_map(|name| &spec.analysis[name].metrics);
    if metrics.all(|metric| metric.dry_run) {
        return Err(wrong(field, "has no metric that counts; take dry_run off one"));
    }
    Ok(())
}

fn check_metric(field: &str, metric: &Metric) -> Result<(), PlanError> {
    if metric.count == 0 {
        return Err(wrong(format!("{field}.count"), "must be at least 1"));
    }
    if metric.interval.ms() < 100 {
        return Err(wrong(format!("{field}.interval"), format!("must be at least 100ms: {}", metric.interval)));
    }
    if metric.min_pass == 0 || metric.min_pass > metric.count {
        return Err(wrong(format!("{field}.min_pass"), format!("must be from 1 to count: {}", metric.min_pass)));
    }
    if metric.consecutive_success_limit == Some(0) {
        return Err(wrong(format!("{field}.consecutive_success_limit"), "must be at least 1; leave it out for never"));
    }
    Ok(())
}

/// Health that is asked for must be checked, and neither side may fail unseen.
fn check_health(service: &Service, spec: &Spec, live: &Live, drafts: &[Draft]) -> Result<(), PlanError> {
    let healthy_step = drafts.iter().find(|draft| matches!(draft.what, DraftStep::Healthy(_)));
    let needs = spec.health_gate.as_ref().map(|_| "health_gate").or(healthy_step.map(|draft| draft.field.as_str()));
    if let Some(field) = needs
        && live.checks_of(service, &spec.to).is_empty()
    {
        return Err(wrong(field, format!("{} has no health check; give its record sets one", spec.to)));
    }
    for group in live.members.chunk_by(|a, b| a.record_set.record_type == b.record_set.record_type) {
        let is_checked = |name: &EnvironmentName| {
            group.iter().any(|m| {
                let own = service.environment_of(&m.record_set.set_identifier) == Some(name);
                own && (m.health_check.is_some() || live.evaluated.contains(&m.record_set))
            })
        };
        let (with, without) = match (is_checked(&service.active), is_checked(&spec.to)) {
            (true, false) => (&service.active, &spec.to),
            (false, true) => (&spec.to, &service.active),
            (true, true) | (false, false) => continue,
        };
        let record_type = group[0].record_set.record_type;
        return Err(PlanError::HealthCoupling { record_type, with: with.clone(), without: without.clone() });
    }
    Ok(())
}

/// All weight is on the active environment, for every type; all-zero would be "equal" (R53 weighted).
fn check_serving(service: &Service, start: &[RecordSetWeight]) -> Result<(), PlanError> {
    let is_active = |m: &RecordSetWeight| service.environment_of(&m.record_set.set_identifier) == Some(&service.active);
    let serves = start
        .chunk_by(|a, b| a.record_set.record_type == b.record_set.record_type)
        .all(|group| group.iter().any(|m| m.weight > 0) && group.iter().all(|m| m.weight == 0 || is_active(m)));
    if serves {
        return Ok(());
    }
    Err(PlanError::NotServing { active: service.active.clone(), live: WeightsLine(start).to_string() })
}

fn priced(service: &Service, spec: &Spec, start: &[RecordSetWeight], draft: &Draft) -> Result<PlanStep, PlanError> {
    Ok(match &draft.what {
        DraftStep::Weight(share) => {
            let shares = Shares::from([(service.active.clone(), share.rest()), (spec.to.clone(), *share)]);
            let weights = weights(service, start, &shares)
                .map_err(|error| PlanError::Granularity { field: draft.field.clone(), error })?;
            PlanStep::Shift { shares, weights }
        }
        DraftStep::Hold(hold) => PlanStep::Hold(*hold),
        DraftStep::Healthy(period) => PlanStep::Healthy(*period),
        DraftStep::Analyse(templates) => {
            let metrics = templates.iter().flat_map(|name| &spec.analysis[name].metrics);
            let between = |m: &Metric| m.interval.ms().saturating_mul(u64::from(m.count - 1));
            let takes = |m: &Metric| m.initial_delay.ms().saturating_add(between(m));
            let expected = Period::from_ms(metrics.map(takes).max().unwrap_or(0));
            PlanStep::Analyse { templates: templates.clone(), expected }
        }
    })
}

/// SHA-256 over the plan and the spec as JSON: two plans with one hash do the same under the same conditions.
fn hash(plan: &Plan, spec: &Spec) -> String {
    let json = serde_json::to_vec(&(plan, spec)).expect("nouns of the model are representable in JSON");
    let digest = ring::digest::digest(&ring::digest::SHA256, &json);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
