//! Rolling: which instances are replaced together, in which order, and what must be true before anything is.

use std::collections::BTreeMap;

use model::RecordType;
use model::deployment::{
    BatchOrder, DrainRule, Environment, Hold, Instance, Period, RecordSetWeight, Rolling, Service, Settle, Share, Spec,
};
use model::id::SetIdentifier;

use super::{Draft, DraftStep, draft};
use crate::live::Live;
use crate::parse::SpecError;

const FIELD: &str = "strategy.rolling";

/// The batches, and between them waits; the first one alone and a person after it, if asked for.
pub(crate) fn expand(rolling: &Rolling, spec: &Spec, service: &Service, live: &Live) -> Result<Vec<Draft>, SpecError> {
    let Some(environment) = service.environments.get(&rolling.environment) else {
        return Err(wrong("environment", format!("no such environment: {}", rolling.environment)));
    };
    let instances = ordered(rolling, environment)?;
    let bounds = Bounds::of(rolling, service, &live.weights())?;
    check(rolling, environment, live)?;
    let takes = takes(rolling, &spec.settle, live.ttl_seconds);
    let all = instances.len();
    let canary = rolling.batch.canary_batch.map_or(0, |count| count as usize).min(all);
    let (first, rest) = instances.split_at(canary);
    let batches = std::iter::once(first).filter(|first| !first.is_empty()).chain(rest.chunks(bounds.batch));
    let (mut drafts, mut done) = (Vec::new(), 0);
    for batch in batches {
        if done > 0 && done == canary {
            drafts.push(draft(format!("{FIELD}.batch.canary_batch"), DraftStep::Hold(Hold::UntilResumed)));
        } else if done > 0 && rolling.between != Period::ZERO {
            drafts.push(draft(format!("{FIELD}.between"), DraftStep::Hold(Hold::For(rolling.between))));
        }
        done += batch.len();
        let ppm = u32::try_from(done as u64 * 1_000_000 / all as u64).unwrap_or(u32::MAX);
        let what = DraftStep::Batch { instances: batch.to_vec(), share: Share::from_ppm(ppm.min(1_000_000)), takes };
        drafts.push(draft(format!("{FIELD}.batch"), what));
    }
    Ok(drafts)
}

/// What every instance runs before the first batch.
pub(crate) fn instances(rolling: &Rolling, service: &Service) -> Vec<Instance> {
    let Some(environment) = service.environments.get(&rolling.environment) else { return Vec::new() };
    let ordered = ordered(rolling, environment).unwrap_or_default();
    let known = ordered.into_iter().map(|instance| {
        let old_version = environment.version_of(&instance).to_owned();
        Instance { instance, version: Some(old_version.clone()), old_version }
    });
    known.collect()
}

/// How many at a time, and how many may be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Instances of one batch.
    pub(crate) batch: usize,
    /// Instances in rotation at the start.
    pub(crate) in_rotation: usize,
    /// So many of them may be out of rotation or unhealthy.
    pub(crate) unavailable: usize,
}

impl Bounds {
    /// `start` are the weights as found.
    ///
    /// # Errors
    /// Numbers that allow nothing, or everything, at once.
    pub(crate) fn of(rolling: &Rolling, service: &Service, start: &[RecordSetWeight]) -> Result<Self, SpecError> {
        let Some(environment) = service.environments.get(&rolling.environment) else {
            return Err(wrong("environment", format!("no such environment: {}", rolling.environment)));
        };
        let all = environment.set_identifiers.len();
        let batch = rolling
            .batch
            .size
            .of_down(all)
            .max(usize::from(matches!(rolling.batch.size, model::deployment::Amount::Part(_))));
        if batch == 0 {
            return Err(wrong("batch.size", "must be at least 1"));
        }
        if rolling.batch.canary_batch.is_some_and(|count| count == 0 || count as usize > batch) {
            return Err(wrong("batch.canary_batch", format!("must be from 1 to the size of a batch, {batch}")));
        }
        let has_weight =
            |id: &&SetIdentifier| start.iter().any(|m| m.record_set.set_identifier == **id && m.weight > 0);
        let in_rotation = environment.set_identifiers.iter().filter(has_weight).count();
        let surge = rolling.max_surge.of_up(all);
        let unavailable = rolling.max_unavailable.map_or(batch, |amount| amount.of_down(in_rotation));
        if surge > 0 {
            let problem = "instances cannot be added for the time of a release yet; it must be 0";
            return Err(wrong("max_surge", problem));
        }
        if unavailable == 0 {
            let asked = rolling.max_unavailable.unwrap_or_default();
            let problem =
                format!("{asked} of {in_rotation} instances is none, and max_surge is 0: nothing could be replaced");
            return Err(wrong("max_unavailable", problem));
        }
        if batch > unavailable {
            let problem = format!("a batch of {batch} is more than max_unavailable allows: {unavailable}");
            return Err(wrong("batch.size", problem));
        }
        // R53 weighted: all weights zero would mean equal shares, also for those who are being replaced.
        if unavailable >= in_rotation {
            let problem = format!(
                "{unavailable} of {in_rotation} instances in rotation would leave none; at least one must stay"
            );
            return Err(wrong("max_unavailable", problem));
        }
        Ok(Self { batch, in_rotation, unavailable })
    }
}

/// Listed, or one from each zone in turn.
fn ordered(rolling: &Rolling, environment: &Environment) -> Result<Vec<SetIdentifier>, SpecError> {
    let listed = environment.set_identifiers.clone();
    if rolling.batch.order == BatchOrder::Listed {
        return Ok(listed);
    }
    let mut zones: BTreeMap<&str, Vec<SetIdentifier>> = BTreeMap::new();
    for instance in listed.into_iter().rev() {
        let Some(zone) = environment.instances.get(&instance).and_then(|placed| placed.zone.as_deref()) else {
            let problem = format!("zone_spread needs the zone of every instance; the service has none for {instance}");
            return Err(wrong("batch.order", problem));
        };
        zones.entry(zone).or_default().push(instance);
    }
    let mut spread = Vec::new();
    while spread.len() < environment.set_identifiers.len() {
        spread.extend(zones.values_mut().filter_map(Vec::pop));
    }
    Ok(spread)
}

fn check(rolling: &Rolling, environment: &Environment, live: &Live) -> Result<(), SpecError> {
    let DrainRule { connections, requests, .. } = &rolling.drain;
    if connections.is_some() || requests.is_some() {
        let problem = "numbers of a single instance are not read; ask it with drain_hook";
        let field = if connections.is_some() { "drain.connections" } else { "drain.requests" };
        return Err(wrong(field, problem));
    }
    if rolling.verify.health {
        let unchecked = |id: &&SetIdentifier| live.checks_of_instance(id).is_empty();
        if let Some(unchecked) = environment.set_identifiers.iter().find(unchecked) {
            let problem = format!("{unchecked} has no health check; give its record sets one, or set this to false");
            return Err(wrong("verify.health", problem));
        }
    }
    let mut types: Vec<RecordType> = live.members.iter().map(|m| m.record_set.record_type).collect();
    types.dedup();
    for id in &environment.set_identifiers {
        let own = live.members.iter().filter(|m| m.record_set.set_identifier == *id);
        let (with, without): (Vec<_>, Vec<_>) = own.partition(|m| m.weight > 0);
        if let (Some(with), Some(without)) = (with.first(), without.first()) {
            let problem = format!(
                "{id} has weight at {} {} and none at {} {}; an instance is in rotation everywhere or nowhere",
                with.record_set.name,
                with.record_set.record_type,
                without.record_set.name,
                without.record_set.record_type
            );
            return Err(wrong("environment", problem));
        }
    }
    Ok(())
}

/// Caches, the hook at its own limit, and health.
fn takes(rolling: &Rolling, settle: &Settle, ttl_seconds: u32) -> Period {
    let forgotten = rolling.drain.forgotten_ms(0, ttl_seconds);
    let caches = settle.wait(ttl_seconds).ms().max(forgotten);
    let parts = [caches, rolling.replace.target.timeout().ms(), rolling.verify.min_healthy_time.ms()];
    Period::from_ms(parts.iter().fold(0, |sum: u64, part| sum.saturating_add(*part)))
}

fn wrong(field: &str, problem: impl Into<String>) -> SpecError {
    SpecError::new(format!("{FIELD}.{field}"), problem)
}
