//! The plan: a spec against a service and its record sets as they are, expanded, checked and priced before anything
//! moves. Before: `parse`, `strategy`. After: `create`, or a person who only wanted to look.
//!
//! What may change between the plan and the start is checked again in `Preparing`.

use model::deployment::{
    Code, Deployment, Gate, HealthGate, Metric, Period, Plan, PlanBeside, PlanStep, PlanTimes, Provider,
    RecordSetWeight, Rolling, Service, Share, Shares, Side, SnapshotMember, Spec, StepGate,
};
use model::id::{DeploymentId, EnvironmentName, HostedZoneId};
use model::{RecordSet, RecordType};

use crate::asked;
use crate::check_metric::{check_comparisons, check_metric, check_score};
use crate::ease;
use crate::forecast::{ForecastFault, Promises};
use crate::live::{Live, LiveFault};
use crate::parse::{SpecError, check_gate, check_service};
use crate::serving::{check_initial, check_serving};
use crate::step::beside;
use crate::strategy::{Draft, DraftStep, expand, rolling};
use crate::teardown;
use crate::traffic::{Bounds, GranularityError, bounded_weights};

/// Steps a plan may have.
pub const STEPS_MAX: usize = 100;

/// The gate before a release begins.
pub(crate) const START_GATE: &str = "start";

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
    /// More traffic than an environment can carry.
    #[error("{environment} with capacity {capacity}{headroom} cannot take {share}; raise its capacity or stop before")]
    Capacity {
        /// Where the share is written.
        field: String,
        /// The environment.
        environment: EnvironmentName,
        /// Of the full load.
        capacity: Share,
        /// ` and headroom 80%`, if it is not all.
        headroom: String,
        /// What it should take.
        share: Share,
    },
    /// A promise that cannot be kept.
    #[error(transparent)]
    Forecast(ForecastFault),
    /// The environment is being torn down.
    #[error(
        "deployment {deployment} is tearing {environment} down, or has failed to; wait, or `deploy retry` or `stop` it"
    )]
    TearingDown {
        /// Which deployment.
        deployment: DeploymentId,
        /// The environment.
        environment: EnvironmentName,
    },
    /// What serves is not what the service records.
    #[error("live weights are {live}, but the service records {active} as active: all weight must be on it")]
    NotServing {
        /// The environment that should serve.
        active: EnvironmentName,
        /// The weights, in one line.
        live: String,
    },
    /// Somebody serves, and the service does not say so.
    #[error("live weights are {live}: {serving} serves already; name it as active in the service")]
    Serving {
        /// The environment that serves.
        serving: EnvironmentName,
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
            Self::Live(LiveFault::Missing(_)) | Self::NotServing { .. } | Self::Serving { .. } => Code::Precondition,
            Self::Live(LiveFault::CheckedElsewhere { .. }) | Self::HealthCoupling { .. } => Code::HealthCoupling,
            Self::Capacity { .. } => Code::Capacity,
            Self::TearingDown { .. } => Code::Busy,
            Self::Forecast(_) => Code::Forecast,
        }
    }

    /// The field that is wrong, when it is one of the spec's.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Spec(error) => Some(&error.field),
            Self::Granularity { field, .. } | Self::Capacity { field, .. } => Some(field),
            Self::Forecast(ForecastFault::Rollback { .. }) => Some("require.rollback_within"),
            Self::Forecast(ForecastFault::Share { .. }) => Some("require.share_interval"),
            Self::TearingDown { .. } => Some("to"),
            Self::Live(_) | Self::HealthCoupling { .. } | Self::NotServing { .. } | Self::Serving { .. } => None,
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
    plan_with(service, spec, record_sets, Promises::Ask)
}

/// The same, with the answer to what the spec requires from elsewhere.
pub(crate) fn plan_with(
    service: &Service,
    spec: &Spec,
    record_sets: &[(HostedZoneId, RecordSet)],
    promises: Promises<'_>,
) -> Result<Plan, PlanError> {
    check_service(service).map_err(PlanError::Spec)?;
    let (from, to) = sides(service, spec)?;
    let live = Live::read(service, record_sets);
    let whole = || live.whole().map_err(|fault| PlanError::Live(fault.clone()));
    let drafts = match spec.rolling() {
        None => expand(spec),
        Some(rolling) => rolling::expand(rolling, spec, service, whole()?),
    };
    let drafts = drafts.map_err(PlanError::Spec)?;
    check_steps(spec, &drafts)?;
    let live = whole()?;
    check_health(service, spec, live, &drafts)?;
    check_capacity(service, spec, &drafts)?;
    let start = live.weights();
    check_serving(service, &start)?;

    let mut steps = Vec::with_capacity(drafts.len());
    for (draft, number) in drafts.iter().zip(1..) {
        steps.push(priced(service, spec, (&start, &live.foreign), draft, number)?);
    }
    let back = ease::plan(service, spec, &start, &live.foreign)?;
    let (beside, ttl_seconds) = beside(service, spec, live);
    let settle = spec.settle.wait(ttl_seconds);
    let health = spec.health_gate.as_ref().map_or(Period::ZERO, |HealthGate { healthy_for }| *healthy_for);
    let before = beside.as_ref().map_or(Period::ZERO, |beside| beside.takes);
    let waits = steps.iter().map(|step| step.expected(settle)).chain([spec.bake, health, before]);
    let expected = waits.fold(0u64, |sum, wait| sum.saturating_add(wait.ms()));
    let times = PlanTimes {
        ttl_seconds: live.ttl_seconds,
        settle,
        bake: spec.bake,
        expected: Period::from_ms(expected),
        rollback_worst: match &back {
            _ if spec.rolling().is_some() => back_worst(&steps),
            Some(back) => ease::worst(back, settle),
            None => settle,
        },
    };
    let teardown = teardown::planned(spec, service.active.as_ref());
    let (service_name, strategy) = (service.name.clone(), spec.strategy.name().to_owned());
    let (foreign, hash) = (live.foreign.clone(), String::new());
    let mut plan =
        Plan { service: service_name, strategy, from, to, start, foreign, steps, times, beside, back, teardown, hash };
    for (template, metric) in metrics(spec) {
        let checks = |name: &EnvironmentName| live.checks_of(service, name).into_iter().cloned().collect();
        let asked = asked::query(&plan, service, metric, checks, (0, 0));
        let field = || format!("analysis.{template}.metrics.{}.provider", metric.name);
        asked.map_err(|error| wrong(field(), error.to_string()))?;
        if live.is_elsewhere && matches!(metric.provider, Provider::Dns(_)) {
            return Err(wrong(
                field(),
                "only answers of this server are counted; ask somebody who knows those of the account",
            ));
        }
    }
    check_comparisons(service, spec, &plan).map_err(PlanError::Spec)?;
    plan.hash = self::hash(&plan, spec);
    promises.check(&plan, spec).map_err(PlanError::Forecast)?;
    Ok(plan)
}

/// Checks what can be known of a release without its service: its steps, and what its fields say of each other.
///
/// # Errors
/// The first thing that is wrong.
pub fn lint(spec: &Spec) -> Result<(), PlanError> {
    if spec.target().is_none() {
        return Err(wrong("to", "name the environment that shall serve"));
    }
    check_steps(spec, &expand(spec).map_err(PlanError::Spec)?)
}

/// What is done beside weights, and the largest TTL in seconds while the steps go on.
fn beside(service: &Service, spec: &Spec, live: &Live) -> (Option<PlanBeside>, u32) {
    let plan = beside::planned(service, spec, live);
    // What CNAMEs and aliases lead to keeps its own TTL.
    let staged = |(member, answer): (&SnapshotMember, &u32)| match plan.as_ref().and_then(|plan| plan.ttl_seconds) {
        Some(staged) if member.ttl_seconds == Some(*answer) => staged.min(*answer),
        Some(_) | None => *answer,
    };
    let ttl_seconds = live.members.iter().zip(&live.answer_ttls).map(staged).max().unwrap_or(0);
    let plan = plan.map(|mut plan| {
        if plan.ttl_seconds.is_some() {
            plan.takes = spec.settle.wait(live.ttl_seconds);
        }
        plan
    });
    (plan, ttl_seconds)
}

/// Every batch once more.
fn back_worst(steps: &[PlanStep]) -> Period {
    let takes = |step: &PlanStep| if let PlanStep::Batch { takes, .. } = step { takes.ms() } else { 0 };
    Period::from_ms(steps.iter().fold(0, |sum, step| sum.saturating_add(takes(step))))
}

/// Looked for by `sides`, before anything else.
fn target(spec: &Spec) -> &EnvironmentName {
    spec.target().expect("the sides were found")
}

/// The metric of a deployment by its names.
pub(crate) fn metric<'a>(deployment: &'a Deployment, template: &str, name: &str) -> Option<&'a Metric> {
    deployment.spec.analysis.get(template)?.metrics.iter().find(|metric| metric.name == name)
}

pub(crate) fn metrics(spec: &Spec) -> impl Iterator<Item = (&String, &Metric)> {
    spec.analysis.iter().flat_map(|(name, template)| template.metrics.iter().map(move |metric| (name, metric)))
}

pub(crate) fn wrong(field: impl Into<String>, problem: impl Into<String>) -> PlanError {
    PlanError::Spec(SpecError::new(field, problem))
}

fn sides(service: &Service, spec: &Spec) -> Result<(Option<Side>, Side), PlanError> {
    let Some(to) = spec.target() else { return Err(wrong("to", "name the environment that shall serve")) };
    if let Some(rolling) = spec.rolling() {
        return rolling_sides(service, spec, rolling);
    }
    if Some(to) == service.active.as_ref() {
        return Err(wrong("to", format!("is active already: {to}")));
    }
    check_initial(service, spec)?;
    let Some(target) = service.environments.get(to) else {
        let known: Vec<&str> = service.environments.keys().map(EnvironmentName::as_str).collect();
        return Err(wrong("to", format!("no such environment (there are {}): {}", known.join(", "), to)));
    };
    let from = service.active.as_ref().map(|active| Side {
        environment: active.clone(),
        version: service.environments.get(active).expect("the service was checked").version.clone(),
    });
    let version = spec.version.clone().unwrap_or_else(|| target.version.clone());
    Ok((from, Side { environment: to.clone(), version }))
}

/// Both sides of a rolling release are the environment that serves; only the version differs.
fn rolling_sides(service: &Service, spec: &Spec, rolling: &Rolling) -> Result<(Option<Side>, Side), PlanError> {
    let Rolling { environment, version, .. } = rolling;
    if spec.to.as_ref().is_some_and(|to| to != environment) {
        return Err(wrong("to", format!("strategy.rolling.environment says {environment}; leave this out")));
    }
    if spec.version.as_ref().is_some_and(|other| other != version) {
        return Err(wrong("version", format!("strategy.rolling.version says {version}; leave this out")));
    }
    check_initial(service, spec)?;
    if let Some(active) = service.active.as_ref().filter(|active| *active != environment) {
        let problem = format!("must be the one that serves, {active}; release to {environment} by blue_green");
        return Err(wrong("strategy.rolling.environment", problem));
    }
    if service.account().is_some() {
        let problem = "health checks of another account's record sets cannot be asked, and a rolling release stands on \
                       those of its instances; release to another environment";
        return Err(wrong("strategy", problem));
    }
    if service.records().any(|records| records.adopt) {
        return Err(wrong("strategy", "a plain record has no instances; make it weighted record sets first"));
    }
    let found = &service.environments[environment];
    if found.set_identifiers.iter().all(|instance| found.version_of(instance) == version) {
        return Err(wrong("strategy.rolling.version", format!("every instance runs it already: {version}")));
    }
    let side = |version: &String| Side { environment: environment.clone(), version: version.clone() };
    Ok((Some(side(&found.version)), side(version)))
}

/// The rules between the fields of a spec.
fn check_steps(spec: &Spec, drafts: &[Draft]) -> Result<(), PlanError> {
    if drafts.len() > STEPS_MAX {
        return Err(wrong("strategy", format!("a plan has at most {STEPS_MAX} steps, found {}", drafts.len())));
    }
    crate::hook::check(spec).map_err(PlanError::Spec)?;
    let mut last = Share::NONE;
    for Draft { field, what } in drafts {
        match what {
            DraftStep::Weight(Share::NONE) => return Err(wrong(field, "0% moves nothing; leave the step out")),
            DraftStep::Weight(share) if *share < last => {
                return Err(wrong(field, format!("{share} is lower than the previous {last}")));
            }
            DraftStep::Weight(share) => last = *share,
            DraftStep::Analyse(templates) => check_templates(spec, field, templates)?,
            DraftStep::Hook(name) => crate::hook::check_name(spec, field, name).map_err(PlanError::Spec)?,
            DraftStep::Gate(gate, name) => drop(self::gate(spec, field, gate, *name, 0)?),
            DraftStep::Batch { .. } | DraftStep::Hold(_) | DraftStep::Healthy(_) => {}
        }
    }
    if last != Share::ALL && spec.rolling().is_none() {
        return Err(wrong(
            "strategy",
            format!("the last weight must be 100%, found {last}; add {{\"weight\": \"100%\"}}"),
        ));
    }
    if spec.stage_ttl.is_some_and(|ttl| ttl.ms() < 1_000 || ttl.ms() % 1_000 != 0) {
        return Err(wrong("stage_ttl", "must be whole seconds, at least 1s"));
    }
    check_resolvers(spec)?;
    ease::check(spec)?;
    teardown::check(spec)?;
    check_named(spec, drafts)?;
    if spec.retain_old == Period::ZERO && !spec.accept_no_rollback {
        let problem = "0s leaves no way back after the success; say accept_no_rollback: true if that is meant";
        return Err(wrong("retain_old", problem));
    }
    let multiple = spec.settle.ttl_multiple;
    if !(1.0..=100.0).contains(&multiple) {
        return Err(wrong("settle.ttl_multiple", format!("must be from 1 to 100: {multiple}")));
    }
    for (name, template) in &spec.analysis {
        check_score(&format!("analysis.{name}"), template).map_err(PlanError::Spec)?;
        for (index, metric) in template.metrics.iter().enumerate() {
            let field = format!("analysis.{name}.metrics[{index}]");
            if template.metrics[..index].iter().any(|other| other.name == metric.name) {
                return Err(wrong(format!("{field}.name"), format!("named twice: {}", metric.name)));
            }
            check_metric(&field, metric).map_err(PlanError::Spec)?;
        }
    }
    if let Some(background) = &spec.background {
        check_templates(spec, "background.templates", &background.templates)?;
        if let Some(scored) = background.templates.iter().find(|name| spec.analysis[*name].score.is_some()) {
            let problem = format!("{scored} has a score, which is of the end, and in the background there is none");
            return Err(wrong("background.templates", problem));
        }
        if background.start_step.is_some_and(|step| step == 0 || step > drafts.len()) {
            return Err(wrong("background.start_step", format!("must be from 1 to {}", drafts.len())));
        }
    }
    Ok(())
}

/// What is assumed of those who ask must be something that can be.
fn check_resolvers(spec: &Spec) -> Result<(), PlanError> {
    const COUNT_MAX: usize = 100_000;
    let Some(resolvers) = &spec.resolvers else { return Ok(()) };
    if resolvers.count == 0 || resolvers.count as usize > COUNT_MAX || resolvers.weights.len() > COUNT_MAX {
        return Err(wrong("resolvers.count", format!("must be from 1 to {COUNT_MAX}")));
    }
    if !(0.0..=3.0).contains(&resolvers.exponent) {
        return Err(wrong("resolvers.exponent", format!("must be from 0 to 3: {}", resolvers.exponent)));
    }
    if let Some(weight) = resolvers.weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
        return Err(wrong("resolvers.weights", format!("must be 0 or more: {weight}")));
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

/// Health that is asked for must be checked, and neither side may fail unseen.
fn check_health(service: &Service, spec: &Spec, live: &Live, drafts: &[Draft]) -> Result<(), PlanError> {
    let healthy_step = drafts.iter().find(|draft| matches!(draft.what, DraftStep::Healthy(_)));
    let needs = spec.health_gate.as_ref().map(|_| "health_gate").or(healthy_step.map(|draft| draft.field.as_str()));
    if let Some(field) = needs
        && live.checks_of(service, target(spec)).is_empty()
    {
        return Err(wrong(
            field,
            format!(
                "{} has no health check; give {} one",
                target(spec),
                if live.is_elsewhere { "the environment" } else { "its record sets" }
            ),
        ));
    }
    for group in live.members.chunk_by(|a, b| a.record_set.is_beside(&b.record_set)) {
        let is_checked = |name: &EnvironmentName| {
            group.iter().any(|m| {
                let own = service.environment_of(&m.record_set.set_identifier) == Some(name);
                own && (m.health_check.is_some() || live.evaluated.contains(&m.record_set))
            })
        };
        let Some(active) = &service.active else { continue };
        let (with, without) = match (is_checked(active), is_checked(target(spec))) {
            (true, false) => (active, target(spec)),
            (false, true) => (target(spec), active),
            (true, true) | (false, false) => continue,
        };
        let record_type = group[0].record_set.record_type;
        return Err(PlanError::HealthCoupling { record_type, with: with.clone(), without: without.clone() });
    }
    Ok(())
}

/// No environment is given more than it can carry.
fn check_capacity(service: &Service, spec: &Spec, drafts: &[Draft]) -> Result<(), PlanError> {
    let Some(capacity) = service.environments.get(target(spec)).and_then(|environment| environment.capacity) else {
        return Ok(());
    };
    let limit = u64::from(capacity.ppm()) * u64::from(spec.headroom.ppm()) / u64::from(Share::ALL.ppm());
    for Draft { field, what } in drafts {
        if let DraftStep::Weight(share) = what
            && u64::from(share.ppm()) > limit
        {
            let is_all = spec.headroom == Share::ALL;
            let headroom = if is_all { String::new() } else { format!(" and headroom {}", spec.headroom) };
            let (field, environment, share) = (field.clone(), target(spec).clone(), *share);
            return Err(PlanError::Capacity { field, environment, capacity, headroom, share });
        }
    }
    Ok(())
}

/// What nothing names would never be asked, which whoever wrote it cannot have meant.
fn check_named(spec: &Spec, drafts: &[Draft]) -> Result<(), PlanError> {
    let is_called = |name: &String| drafts.iter().any(|draft| matches!(&draft.what, DraftStep::Hook(at) if at == name));
    let tears_down = |name: &String| spec.teardown.as_ref().is_some_and(|teardown| teardown.hook == *name);
    let mut hooks = spec.hooks.iter().filter(|(_, hook)| hook.at.is_empty()).map(|(name, _)| name);
    if let Some(name) = hooks.find(|name| !is_called(name) && !tears_down(name)) {
        let problem = "nothing calls it; name points in `at`, or name it in a step or in `teardown`";
        return Err(wrong(format!("hooks.{name}"), problem));
    }
    let is_gate =
        |what: &DraftStep, name: &String| matches!(what, DraftStep::Gate(StepGate::Named(at), _) if at == name);
    let is_asked = |name: &String| drafts.iter().any(|draft| is_gate(&draft.what, name));
    match spec.gates.keys().find(|name| !is_asked(name)) {
        None => Ok(()),
        Some(name) if name == START_GATE => {
            let problem = "is the gate before the first step, which the service's policy.approvals make";
            Err(wrong(format!("gates.{name}"), problem))
        }
        Some(name) => Err(wrong(format!("gates.{name}"), "nobody waits for it; name it in a step")),
    }
}

/// A gate of a step, with its name.
fn gate(spec: &Spec, field: &str, gate: &StepGate, name: Option<&str>, number: usize) -> Result<PlanStep, PlanError> {
    let (name, gate) = match gate {
        StepGate::Named(name) if name == START_GATE => {
            return Err(wrong(field, format!("is the name of the gate before the first step: {name}")));
        }
        StepGate::Named(name) => match spec.gates.get(name) {
            Some(gate) => (name.clone(), gate),
            None => return Err(wrong(field, format!("not in gates: {name}"))),
        },
        StepGate::Own(gate) => (name.map_or_else(|| format!("gate-{number}"), str::to_owned), gate),
    };
    match gate {
        Gate::Manual(manual) => check_gate(field, manual),
        Gate::Webhook(webhook) => crate::hook::check_gate(field, webhook),
        Gate::AutoAfter(_) => Ok(()),
    }
    .map_err(PlanError::Spec)?;
    Ok(PlanStep::Gate { name, gate: gate.clone() })
}

fn priced(
    service: &Service,
    spec: &Spec,
    (start, foreign): (&[RecordSetWeight], &[RecordSetWeight]),
    draft: &Draft,
    number: usize,
) -> Result<PlanStep, PlanError> {
    let bounds = Bounds { foreign, tolerance: spec.tolerance };
    Ok(match &draft.what {
        DraftStep::Weight(share) => {
            let rest = service.active.iter().map(|active| (active.clone(), share.rest()));
            let shares: Shares = rest.chain([(target(spec).clone(), *share)]).collect();
            let weights = bounded_weights(service, start, &shares, bounds)
                .map_err(|error| PlanError::Granularity { field: draft.field.clone(), error })?;
            PlanStep::Shift { shares, weights }
        }
        DraftStep::Batch { instances, stand_ins, share, takes } => {
            let (instances, stand_ins) = (instances.clone(), stand_ins.clone());
            PlanStep::Batch { instances, stand_ins, share: *share, takes: *takes }
        }
        DraftStep::Hold(hold) => PlanStep::Hold(*hold),
        DraftStep::Healthy(period) => PlanStep::Healthy(*period),
        DraftStep::Hook(hook) => PlanStep::Hook { hook: hook.clone() },
        DraftStep::Gate(gate, name) => self::gate(spec, &draft.field, gate, *name, number)?,
        DraftStep::Analyse(templates) => {
            let metrics = templates.iter().flat_map(|name| &spec.analysis[name].metrics);
            let between = |m: &Metric| m.interval.ms().saturating_mul(u64::from(m.count - 1));
            // Answers are counted over a whole interval first.
            let first = |m: &Metric| if matches!(m.provider, Provider::Dns(_)) { m.interval.ms() } else { 0 };
            let takes = |m: &Metric| m.initial_delay.ms().max(first(m)).saturating_add(between(m));
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
