//! Names as they shall be at the end, judged by the rules of a batch: for a way back, whose end was a zone before.
//!
//! A batch judges each change when it comes, so the order of its changes matters, and some ends that are right cannot
//! be reached by any order (a simple record set that an alias leads to becomes a weighted group). Going back knows only
//! the end. So the same rules judge the end here, and its size is no batch's size: nobody wrote it by hand.

use std::collections::HashSet;

use super::working::Working;
use super::{ApplyError, ChangeFault, Faults, RecordSetKey, Records, Run, Touched, alias, cidr, place, values};
use crate::hosted_zone::HostedZone;
use crate::limits::Limits;
use crate::{Body, Name, RecordSet};

/// Makes each name hold exactly these record sets, and tells what to write. Record sets that are stored as they shall
/// be are not judged again.
///
/// # Errors
/// All faults together, or the store's error.
pub fn replace<R: Records>(
    zone: &HostedZone,
    names: &[(Name, Vec<RecordSet>)],
    limits: &Limits,
    records: &mut R,
) -> Result<Vec<Touched>, ApplyError<R::Error>> {
    let working = Working::new(&zone.id, records);
    let mut run = Run { zone, limits, working, put: HashSet::new(), deleted: HashSet::new() };
    let mut faults = Vec::new();
    for (name, sets) in names {
        if !name.is_in(&zone.name) {
            faults.push(ChangeFault::NotInZone { name: name.clone(), zone: zone.name.clone() });
            continue;
        }
        run.stand(name, sets, &mut faults).map_err(ApplyError::Records)?;
    }
    for (name, sets) in names.iter().filter(|(name, _)| name.is_in(&zone.name)) {
        run.lead(name, sets, &mut faults).map_err(ApplyError::Records)?;
    }
    run.check_end(&mut faults);
    if faults.is_empty() { Ok(run.working.into_touched()) } else { Err(ApplyError::Invalid(Faults(faults))) }
}

impl<R: Records> Run<'_, R> {
    /// Puts the record sets of one name beside one another.
    fn stand(&mut self, name: &Name, sets: &[RecordSet], faults: &mut Vec<ChangeFault>) -> Result<(), R::Error> {
        let before = std::mem::take(self.working.at(name)?);
        for (i, set) in sets.iter().enumerate() {
            if before.contains(set) {
                continue;
            }
            let key = RecordSetKey::of(set);
            faults.extend(values::check_record_set(set, self.limits));
            if !set.record_type.is_storable() {
                faults.push(ChangeFault::TypeNotSupported { name: name.clone(), record_type: set.record_type });
            }
            // What an instance made is its own to make again: its rows would speak of another version than the record set.
            let old = before.iter().find(|old| key.is_key_of(old));
            if let Some(Body::TrafficPolicy(record)) = [Some(set), old]
                .into_iter()
                .flatten()
                .map(|set| &set.body)
                .find(|body| matches!(body, Body::TrafficPolicy(_)))
            {
                let instance = record.instance.clone();
                faults.push(ChangeFault::BelongsToInstance { key: key.clone(), instance });
            }
            let others = sets.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, other)| other);
            faults.extend(place::check(self.zone, set, others));
            let routing_before = before.iter().find(|old| key.is_key_of(old)).map(|old| &old.routing);
            faults.extend(cidr::check(set, routing_before, self.working.records)?);
            if let Some(id) = &set.health_check
                && before.iter().find(|old| key.is_key_of(old)).and_then(|old| old.health_check.as_ref()) != Some(id)
                && !self.working.records.has_health_check(id)?
            {
                let (name, record_type, id) = (name.clone(), set.record_type, id.clone());
                faults.push(ChangeFault::NoSuchHealthCheck { name, record_type, id });
            }
        }
        *self.working.at(name)? = sets.to_vec();
        Ok(())
    }

    /// Looks where the aliases of one name lead, and for aliases that have lost their target at it.
    fn lead(&mut self, name: &Name, sets: &[RecordSet], faults: &mut Vec<ChangeFault>) -> Result<(), R::Error> {
        let before = self.working.names.get(name).map(|at_name| at_name.before.clone()).unwrap_or_default();
        for set in sets.iter().filter(|set| matches!(set.body, Body::Alias(_)) && !before.contains(set)) {
            faults.extend(alias::check(self.zone, set, self.limits, &mut self.working)?);
        }
        for gone in before.iter().filter(|old| sets.iter().all(|set| set.record_type != old.record_type)) {
            if let Some(alias) = self.working.alias_to(name, gone.record_type)? {
                faults.push(ChangeFault::StillAliased { key: RecordSetKey::of(gone), alias });
            }
        }
        Ok(())
    }
}
