//! The wish judged as the change itself would be, and what it would write.

use std::collections::{BTreeMap, BTreeSet};

use model::change::{Elsewhere, Faults, RecordSetKey, Touched, ZoneRecordSets, check_zone};
use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use model::limits::Limits;
use model::{Name, RecordSet, RecordType};
use store::Reader;

use super::{PlanError, Wish};
use crate::history::{RecordSetChange, StickinessChange};
use crate::keys;
use crate::record_rows::{self, at, key};
use crate::record_sets::{self, ChangeError};
use crate::rows::list;
use crate::stickiness;
use crate::traffic_policy_instances::roots_in_zone;
use crate::zone_import::Contents;

/// Faults told of one zone; a file with more has one cause.
const FAULTS_TOLD_MAX: usize = 100;

/// The names that would change, in Route 53's order.
pub(crate) fn judge(
    reader: &Reader<'_>,
    zone: &HostedZone,
    wish: &Wish,
    limits: &Limits,
) -> Result<Vec<Touched>, PlanError> {
    let mut touched = match wish {
        Wish::Batch(batch) => record_sets::judge(reader, zone, batch, limits).map_err(PlanError::Refused)?,
        Wish::Zone(contents) => whole(reader, zone, &contents.record_sets, limits)?,
    };
    touched.sort_by_key(|touched| touched.name.sort_key());
    Ok(touched)
}

/// The names that would be sticky or not any more. Those whose record sets stay as they are join the touched ones.
pub(crate) fn stickiness(
    reader: &Reader<'_>,
    zone: &HostedZone,
    wish: &Wish,
    touched: &mut Vec<Touched>,
) -> Result<Vec<StickinessChange>, PlanError> {
    let Wish::Zone(Contents { sticky: Some(wished), record_sets: _ }) = wish else { return Ok(Vec::new()) };
    stickiness::check_count(wished).map_err(PlanError::TooManySticky)?;
    let changes = stickiness::changes(reader, &zone.id, wished)?;
    let there: BTreeSet<&Name> = touched.iter().map(|touched| &touched.name).collect();
    let mut joining = Vec::new();
    for StickinessChange { name, .. } in changes.iter().filter(|change| !there.contains(&change.name)) {
        let sets = at(reader, &zone.id, &name.sort_key())?;
        joining.push(Touched { name: name.clone(), before: sets.clone(), after: sets });
    }
    touched.append(&mut joining);
    touched.sort_by_cached_key(|touched| touched.name.sort_key());
    Ok(changes)
}

fn whole(
    reader: &Reader<'_>,
    zone: &HostedZone,
    sets: &[RecordSet],
    limits: &Limits,
) -> Result<Vec<Touched>, PlanError> {
    let mut names = ZoneRecordSets::new();
    for set in sets {
        names.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new())).1.push(set.clone());
    }
    // As an import: a file knows nothing of what traffic policy instances make.
    for set in roots_in_zone(reader, &zone.id)? {
        let (_, at_name) = names.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new()));
        if !at_name.contains(&set) {
            at_name.push(set);
        }
    }
    let elsewhere = |id: &HostedZoneId, name: &Name, of: RecordType| {
        record_rows::elsewhere(reader, id, name, of).unwrap_or(Elsewhere::NotOurs)
    };
    let faults = check_zone(zone, &names, limits, &elsewhere, FAULTS_TOLD_MAX);
    if !faults.is_empty() {
        return Err(PlanError::Refused(ChangeError::Invalid(Faults(faults))));
    }
    let stored: Vec<RecordSet> = list(reader, &keys::record_sets(&zone.id), &[], usize::MAX)?;
    let mut sides = BTreeMap::<String, (Name, Vec<RecordSet>, Vec<RecordSet>)>::new();
    for set in stored {
        let sides = sides.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new(), Vec::new()));
        sides.1.push(set);
    }
    for (sort_key, (name, mut sets)) in names {
        sets.sort_by_cached_key(|set| key(&zone.id, set));
        sides.entry(sort_key).or_insert_with(|| (name, Vec::new(), Vec::new())).2 = sets;
    }
    let sides = sides.into_values().filter(|(_, before, after)| before != after);
    Ok(sides.map(|(name, before, after)| Touched { name, before, after }).collect())
}

/// What would be written, record set by record set.
pub(crate) fn changes(touched: &[Touched]) -> Vec<RecordSetChange> {
    let mut changes = Vec::new();
    for Touched { name: _, before, after } in touched {
        let same = |a: &RecordSet, b: &RecordSet| RecordSetKey::of(a) == RecordSetKey::of(b);
        for old in before {
            let new = after.iter().find(|new| same(old, new));
            if new != Some(old) {
                changes.push(RecordSetChange { before: Some(old.clone()), after: new.cloned() });
            }
        }
        let added = after.iter().filter(|new| !before.iter().any(|old| same(old, new)));
        changes.extend(added.map(|new| RecordSetChange { before: None, after: Some(new.clone()) }));
    }
    changes
}
