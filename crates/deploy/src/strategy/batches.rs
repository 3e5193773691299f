//! Which instances of a rolling release are replaced together, and in which order.

use std::collections::BTreeMap;

use model::deployment::{BatchOrder, Environment, Period, RecordSetWeight, Rolling};
use model::id::SetIdentifier;

use super::bounds::{Bounds, has_weight};
use super::rolling::wrong;
use crate::parse::SpecError;

/// Instances that are replaced together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Batch {
    pub(crate) instances: Vec<SetIdentifier>,
    /// They have no weight and will stand in for others: nobody comes to them yet.
    pub(crate) stands_in: bool,
    /// A person resumes before it.
    pub(crate) is_after_canary: bool,
    /// The first of the second zone.
    pub(crate) is_after_first_zone: bool,
}

/// Those who stand in for others, then the first ones alone if asked for, then the rest.
///
/// # Errors
/// A zone that is asked for and not known.
pub(crate) fn batches(
    rolling: &Rolling,
    environment: &Environment,
    own: &[RecordSetWeight],
) -> Result<Vec<Batch>, SpecError> {
    let bounds = Bounds::of(rolling, environment, own);
    let (spares, rest) = order(rolling, environment, own)?;
    let size = bounds.batch.max(1);
    let of_spares =
        spares.chunks(size).map(|chunk| Batch { instances: chunk.to_vec(), stands_in: true, ..Batch::default() });
    let mut batches: Vec<Batch> = of_spares.collect();
    for (at, zone) in zones(rolling, environment, rest)?.into_iter().enumerate() {
        let canary = if at == 0 { rolling.batch.canary_batch.map_or(0, |count| count as usize) } else { 0 };
        let (first, rest) = zone.split_at(canary.min(zone.len()));
        let chunks = std::iter::once(first).filter(|first| !first.is_empty()).chain(rest.chunks(size));
        for (of_zone, chunk) in chunks.enumerate() {
            batches.push(Batch {
                instances: chunk.to_vec(),
                is_after_first_zone: at == 1 && of_zone == 0,
                ..Batch::default()
            });
        }
    }
    if rolling.batch.canary_batch.is_some()
        && let Some(second) = batches.iter_mut().filter(|batch| !batch.stands_in).nth(1)
    {
        second.is_after_canary = true;
    }
    Ok(batches)
}

/// Who stands in for others, and the rest in their order.
fn order(
    rolling: &Rolling,
    environment: &Environment,
    own: &[RecordSetWeight],
) -> Result<(Vec<SetIdentifier>, Vec<SetIdentifier>), SpecError> {
    let surge = Bounds::of(rolling, environment, own).surge;
    let is_spare = |id: &&SetIdentifier| !has_weight(id, own);
    let spares: Vec<SetIdentifier> = environment.set_identifiers.iter().filter(is_spare).take(surge).cloned().collect();
    let mut rest = environment.set_identifiers.clone();
    rest.retain(|id| !spares.contains(id));
    if rolling.batch.order == BatchOrder::Listed {
        return Ok((spares, rest));
    }
    let mut zones: BTreeMap<&str, Vec<SetIdentifier>> = BTreeMap::new();
    for instance in rest.into_iter().rev() {
        let zone = zone(environment, &instance, "batch.order", "zone_spread")?;
        zones.entry(zone).or_default().push(instance);
    }
    let mut spread = Vec::new();
    while zones.values().any(|zone| !zone.is_empty()) {
        spread.extend(zones.values_mut().filter_map(Vec::pop));
    }
    Ok((spares, spread))
}

/// One list, or one of each zone in the order in which zones are named first.
fn zones(
    rolling: &Rolling,
    environment: &Environment,
    instances: Vec<SetIdentifier>,
) -> Result<Vec<Vec<SetIdentifier>>, SpecError> {
    let Some(asked) = &rolling.zones else { return Ok(vec![instances]) };
    if !asked.one_at_a_time {
        if asked.first_zone_monitor != Period::ZERO {
            let problem = "there is no first zone unless zones go one at a time; set zones.one_at_a_time";
            return Err(wrong("zones.first_zone_monitor", problem));
        }
        return Ok(vec![instances]);
    }
    if rolling.batch.order == BatchOrder::ZoneSpread {
        let problem = "zone_spread takes every batch from several zones; zones.one_at_a_time allows only one";
        return Err(wrong("batch.order", problem));
    }
    let mut zones: Vec<(&str, Vec<SetIdentifier>)> = Vec::new();
    for instance in instances {
        let zone = zone(environment, &instance, "zones", "one_at_a_time")?;
        match zones.iter_mut().find(|(known, _)| *known == zone) {
            Some((_, of_zone)) => of_zone.push(instance),
            None => zones.push((zone, vec![instance])),
        }
    }
    Ok(zones.into_iter().map(|(_, instances)| instances).collect())
}

fn zone<'a>(
    environment: &'a Environment,
    instance: &SetIdentifier,
    field: &str,
    what: &str,
) -> Result<&'a str, SpecError> {
    let placed = environment.instances.get(instance);
    placed.and_then(|placed| placed.zone.as_deref()).ok_or_else(|| {
        wrong(field, format!("{what} needs the zone of every instance; the service has none for {instance}"))
    })
}
