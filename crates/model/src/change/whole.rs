//! The same rules for a whole zone at once: what an imported zone must obey before it may replace the stored one.
//!
//! `Differs:` a zone file may hold types that Route 53's API does not know, and the size of a change batch does not
//! bound it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::working::Working;
use super::{ChangeFault, Elsewhere, RecordSetKey, Records, alias, place, values};
use crate::hosted_zone::HostedZone;
use crate::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId};
use crate::limits::Limits;
use crate::{Body, Name, RecordSet, RecordType};

/// All record sets of a zone by [`Name::sort_key`], which is the order of Route 53's listings.
pub type ZoneRecordSets = BTreeMap<String, (Name, Vec<RecordSet>)>;

/// The faults of a complete zone, about `most` of them. `elsewhere` tells what aliases into other zones find.
#[must_use]
pub fn check_zone(
    zone: &HostedZone,
    names: &ZoneRecordSets,
    limits: &Limits,
    elsewhere: &dyn Fn(&HostedZoneId, &Name, RecordType) -> Elsewhere,
    most: usize,
) -> Vec<ChangeFault> {
    let mut faults = Vec::new();
    let mut imported = Imported { names, elsewhere };
    if !names.contains_key(&zone.name.sort_key()) {
        faults.extend([ChangeFault::NotOneSoa, ChangeFault::NoApexNs]);
    }
    for (name, sets) in names.values() {
        if faults.len() >= most {
            break;
        }
        if !name.is_in(&zone.name) {
            faults.push(ChangeFault::NotInZone { name: name.clone(), zone: zone.name.clone() });
            continue;
        }
        for (i, set) in sets.iter().enumerate() {
            faults.extend(check_one(zone, set, &sets[..i], limits, &mut imported));
        }
        faults.extend(place::check_name_at_end(&zone.name, name, &[], sets, limits));
    }
    let count: u64 = names.values().map(|(_, sets)| sets.len() as u64).sum();
    if let Some(max) = limits.record_sets_per_zone_max
        && count > max
        && count > zone.record_set_count
    {
        faults.push(ChangeFault::TooManyInZone { max });
    }
    faults
}

fn check_one(
    zone: &HostedZone,
    set: &RecordSet,
    earlier: &[RecordSet],
    limits: &Limits,
    imported: &mut Imported<'_>,
) -> Vec<ChangeFault> {
    let mut faults = values::check_record_set(set, limits);
    if !set.record_type.is_storable() {
        faults.push(ChangeFault::TypeNotSupported { name: set.name.clone(), record_type: set.record_type });
    }
    let key = RecordSetKey::of(set);
    if earlier.iter().any(|other| key.is_key_of(other)) {
        faults.push(ChangeFault::CreateExists(key));
    } else {
        faults.extend(place::check(zone, set, earlier.iter()));
    }
    if matches!(set.body, Body::Alias(_)) {
        let Ok(astray) = alias::check(zone, set, limits, &mut Working::new(&zone.id, imported));
        faults.extend(astray);
    }
    faults
}

/// The imported zone as the rules of aliases look at it.
struct Imported<'a> {
    names: &'a ZoneRecordSets,
    elsewhere: &'a dyn Fn(&HostedZoneId, &Name, RecordType) -> Elsewhere,
}

impl Records for Imported<'_> {
    type Error = Infallible;

    fn at(&mut self, name: &Name) -> Result<Vec<RecordSet>, Infallible> {
        Ok(self.names.get(&name.sort_key()).map(|(_, sets)| sets.clone()).unwrap_or_default())
    }

    fn aliases_to(&mut self, _: &Name, _: RecordType, _: usize) -> Result<Vec<Name>, Infallible> {
        Ok(Vec::new()) // only asked for deletions, and nothing is deleted here
    }

    fn has_health_check(&mut self, _: &HealthCheckId) -> Result<bool, Infallible> {
        Ok(true) // a record set with an unknown health check counts as healthy; an import may come before its checks
    }

    fn cidr_location(&mut self, _: &CidrCollectionId, _: &CidrLocation) -> Result<Option<bool>, Infallible> {
        Ok(Some(true)) // one with an unknown collection answers nobody but by its default
    }

    fn elsewhere(&mut self, zone: &HostedZoneId, name: &Name, of: RecordType) -> Result<Elsewhere, Infallible> {
        // Zones are imported one after another: the other one may come later.
        let found = (self.elsewhere)(zone, name, of);
        Ok(if found == Elsewhere::Missing { Elsewhere::There } else { found })
    }
}
