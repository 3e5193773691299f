//! Rolling: the batches of instances as steps of a plan, and what must be true before anything is. Which instances a batch
//! has is in `batches`, how many in `bounds`.

use model::RecordType;
use model::deployment::{
    DrainRule, Environment, Hold, Instance, Period, RecordSetWeight, Rolling, Service, Settle, Share, Spec,
};
use model::id::SetIdentifier;

use super::batches::{Batch, batches};
use super::bounds::{Bounds, has_weight};
use super::{Draft, DraftStep, draft};
use crate::live::Live;
use crate::parse::SpecError;

const FIELD: &str = "strategy.rolling";
/// What the service says of an instance from the first attempt to replace it until the hook has said yes.
pub(crate) const UNKNOWN: &str = "unknown";

/// The batches, and between them waits; the first one alone and a person after it, if asked for.
pub(crate) fn expand(rolling: &Rolling, spec: &Spec, service: &Service, live: &Live) -> Result<Vec<Draft>, SpecError> {
    let Some(environment) = service.environments.get(&rolling.environment) else {
        return Err(wrong("environment", format!("no such environment: {}", rolling.environment)));
    };
    let own = live.weights();
    let batches = batches(rolling, environment, &own)?;
    let spares = environment.set_identifiers.iter().filter(|id| !has_weight(id, &own)).count();
    Bounds::of(rolling, environment, &own).check(rolling, spares)?;
    check(rolling, environment, live)?;
    let spares: Vec<&SetIdentifier> = batches.iter().filter(|b| b.stands_in).flat_map(|b| &b.instances).collect();
    let (mut drafts, mut done) = (Vec::new(), Vec::new());
    for (at, batch) in batches.iter().enumerate() {
        let is_first = at == 0 || batches[at - 1].stands_in;
        if !is_first {
            drafts.extend(before(rolling, batch));
        }
        done.extend(&batch.instances);
        let in_rotation = batch.instances.iter().filter(|id| has_weight(id, &own)).count();
        drafts.push(draft(
            format!("{FIELD}.batch"),
            DraftStep::Batch {
                instances: batch.instances.clone(),
                stand_ins: spares.iter().take(in_rotation).copied().cloned().collect(),
                share: share_of(&done, &own),
                takes: takes(rolling, &spec.settle, if in_rotation > 0 { Some(live.ttl_seconds) } else { None }),
            },
        ));
    }
    Ok(drafts)
}

/// The part of the traffic that goes to some instances, by the weights of the first name and type.
fn share_of(instances: &[&SetIdentifier], own: &[RecordSetWeight]) -> Share {
    let group = own.chunk_by(|a, b| a.record_set.is_beside(&b.record_set)).next().unwrap_or_default();
    let sum = |all: &mut dyn Iterator<Item = &RecordSetWeight>| all.map(|m| u64::from(m.weight)).sum::<u64>();
    let part = sum(&mut group.iter().filter(|m| instances.contains(&&m.record_set.set_identifier)));
    let ppm = (part * 1_000_000).checked_div(sum(&mut group.iter())).unwrap_or(0);
    Share::from_ppm(u32::try_from(ppm).expect("a part is at most all"))
}

/// What is waited for between a batch and the one before it.
fn before(rolling: &Rolling, batch: &Batch) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if batch.is_after_canary {
        drafts.push(draft(format!("{FIELD}.batch.canary_batch"), DraftStep::Hold(Hold::UntilResumed)));
    }
    let monitor = rolling.zones.as_ref().map_or(Period::ZERO, |zones| zones.first_zone_monitor);
    if batch.is_after_first_zone && monitor > rolling.between {
        drafts.push(draft(format!("{FIELD}.zones.first_zone_monitor"), DraftStep::Hold(Hold::For(monitor))));
    } else if rolling.between != Period::ZERO && !batch.is_after_canary {
        drafts.push(draft(format!("{FIELD}.between"), DraftStep::Hold(Hold::For(rolling.between))));
    }
    drafts
}

/// What every instance runs before the first batch, in the order of the batches; nothing for releases that are not rolling.
pub(crate) fn instances(spec: &Spec, service: &Service, start: &[RecordSetWeight]) -> Vec<Instance> {
    let Some(rolling) = spec.rolling() else { return Vec::new() };
    let Some(environment) = service.environments.get(&rolling.environment) else { return Vec::new() };
    let batches = batches(rolling, environment, start).unwrap_or_default();
    let known = batches.into_iter().flat_map(|batch| batch.instances).map(|instance| {
        let runs = environment.version_of(&instance).to_owned();
        // Nobody knows what a stop left behind: on the way back it gets what its environment runs.
        if runs == UNKNOWN {
            return Instance { instance, old_version: environment.version.clone(), version: None };
        }
        Instance { instance, version: Some(runs.clone()), old_version: runs }
    });
    known.collect()
}

pub(crate) fn check(rolling: &Rolling, environment: &Environment, live: &Live) -> Result<(), SpecError> {
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

/// Caches if any have answers, the hook at its own limit, and health.
fn takes(rolling: &Rolling, settle: &Settle, ttl_seconds: Option<u32>) -> Period {
    let of_caches = |ttl_seconds| settle.wait(ttl_seconds).ms().max(rolling.drain.forgotten_ms(0, ttl_seconds));
    let caches = ttl_seconds.map_or(0, of_caches);
    let parts = [caches, rolling.replace.target.timeout().ms(), rolling.verify.min_healthy_time.ms()];
    Period::from_ms(parts.iter().fold(0, |sum: u64, part| sum.saturating_add(*part)))
}

pub(super) fn wrong(field: &str, problem: impl Into<String>) -> SpecError {
    SpecError::new(format!("{FIELD}.{field}"), problem)
}
