//! From single records to the record sets of a zone, and the rules that need to see the whole. Before: [`super::records`].

use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use super::records::{Place, Records};
use super::{FAULTS_MAX, Problem, ZoneFile, ZoneFileFault};
use crate::id::SetIdentifier;
use crate::rdata;
use crate::{Body, Name, RecordSet, RecordType, RoutingPolicy};

/// From this size on, duplicates in a record set are looked up instead of compared one by one.
const COMPARED_MAX: usize = 16;

#[derive(Default)]
struct Gather {
    sets: Vec<RecordSet>,
    /// Where the first record of each set stands.
    places: Vec<Place>,
    index: Index,
    /// The values of large sets by meaning.
    seen: HashMap<usize, HashSet<Vec<u8>>>,
    warnings: Vec<(Place, String, Problem)>,
}

/// Finds a set by name, type and set identifier. Holds hashes instead of keys, so that no name is
/// copied or hashed twice as the table grows; two keys of one hash lie at neighbouring numbers.
#[derive(Default)]
struct Index {
    hasher: RandomState,
    sets: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
}

/// The hasher of what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes are hashed")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Index {
    /// The set of this key among `sets`, or a free place for it.
    fn find(
        &mut self,
        sets: &[RecordSet],
        name: &Name,
        record_type: RecordType,
        set: Option<&SetIdentifier>,
    ) -> Entry<'_, u64, usize> {
        let mut hash = self.hasher.hash_one((name, record_type, set));
        while let Some(&index) = self.sets.get(&hash) {
            let known = &sets[index];
            if known.record_type == record_type && known.name == *name && known.set_identifier() == set {
                break;
            }
            hash = hash.wrapping_add(1);
        }
        self.sets.entry(hash)
    }
}

/// Reads all records and makes a zone of them, or tells what is wrong.
pub(super) fn gather(mut records: Records) -> Result<ZoneFile, Vec<ZoneFileFault>> {
    let mut gather = Gather::default();
    let mut faults = Vec::new();
    while let Some(item) = records.next() {
        match item {
            Ok((set, place)) => {
                if let Err((text, problem)) = gather.add(set, place) {
                    faults.push(records.fault_at(place, text, problem));
                }
            }
            Err(fault) => faults.push(fault),
        }
        if faults.len() >= FAULTS_MAX {
            return Err(faults);
        }
    }
    let (origin, sticky) = (records.zone().clone(), records.take_sticky());
    for (index, text, problem) in gather.check(&origin) {
        // What the zone as a whole lacks has no place but the file.
        let fault = match index {
            Some(index) => records.fault_at(gather.places[index], text, problem),
            None => records.fault_at(Place::WHOLE_FILE, text, problem),
        };
        faults.push(fault);
    }
    faults.truncate(FAULTS_MAX);
    if faults.is_empty() {
        let warnings =
            gather.warnings.into_iter().map(|(place, text, problem)| records.fault_at(place, text, problem)).collect();
        Ok(ZoneFile { origin, record_sets: gather.sets, sticky, warnings })
    } else {
        Err(faults)
    }
}

impl Gather {
    /// Adds a set of one record, or an alias.
    fn add(&mut self, set: RecordSet, place: Place) -> Result<(), (String, Problem)> {
        let last = self.sets.len().wrapping_sub(1);
        let same_as_last = self.sets.last().is_some_and(|last| {
            last.record_type == set.record_type
                && last.name == set.name
                && last.set_identifier() == set.set_identifier()
        });
        let known = if same_as_last {
            last
        } else {
            match self.index.find(&self.sets, &set.name, set.record_type, set.set_identifier()) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(free) => {
                    free.insert(self.sets.len());
                    self.sets.push(set);
                    self.places.push(place);
                    return Ok(());
                }
            }
        };
        self.join(known, set, place)
    }

    /// Adds a record to a set that has some.
    fn join(&mut self, known: usize, set: RecordSet, place: Place) -> Result<(), (String, Problem)> {
        let RecordSet { name, record_type, routing, body, health_check } = set;
        let shown = || format!("{name} {record_type}");
        let first = &mut self.sets[known];
        if first.routing != routing || first.health_check != health_check {
            return Err((shown(), Problem::RemarkDiffers));
        }
        let (Body::Records { ttl, values }, Body::Records { ttl: other_ttl, values: others }) = (&mut first.body, body)
        else {
            return Err((shown(), Problem::Second(record_type)));
        };
        if *ttl != other_ttl {
            *ttl = (*ttl).min(other_ttl);
            warn(&mut self.warnings, place, shown, Problem::TtlUnequal);
        }
        for value in others {
            let duplicate = if values.len() < COMPARED_MAX {
                values.iter().any(|known| rdata::same(record_type, known, &value))
            } else {
                let key = |value: &str| rdata::key(record_type, value).unwrap_or_else(|| value.as_bytes().to_vec());
                let seen = self.seen.entry(known).or_insert_with(|| values.iter().map(|value| key(value)).collect());
                !seen.insert(key(&value))
            };
            if duplicate {
                warn(&mut self.warnings, place, || format!("{} {value}", shown()), Problem::Duplicate);
            } else if matches!(record_type, RecordType::SOA | RecordType::CNAME | RecordType::DNAME) {
                return Err((shown(), Problem::Second(record_type)));
            } else {
                values.push(value);
            }
        }
        Ok(())
    }

    /// What is wrong with the zone as a whole: the set at fault (nothing for what is missing), its text, the problem.
    fn check(&mut self, apex: &Name) -> Vec<(Option<usize>, String, Problem)> {
        let mut faults = Vec::new();
        for (record_type, problem) in [(RecordType::SOA, Problem::SoaMissing), (RecordType::NS, Problem::NsMissing)] {
            if let Entry::Vacant(_) = self.index.find(&self.sets, apex, record_type, None) {
                faults.push((None, apex.to_string(), problem));
            }
        }
        let mut fault = |index: usize, problem| {
            let set: &RecordSet = &self.sets[index];
            faults.push((Some(index), format!("{} {}", set.name, set.record_type), problem));
        };
        let of_type = |record_type| self.sets.iter().enumerate().filter(move |(_, set)| set.record_type == record_type);
        for (index, _) in of_type(RecordType::SOA).filter(|(_, set)| set.name != *apex) {
            fault(index, Problem::SoaBelowApex);
        }
        let cnames: HashSet<&Name> = of_type(RecordType::CNAME).map(|(_, set)| &set.name).collect();
        let dnames: HashSet<&Name> = of_type(RecordType::DNAME).map(|(_, set)| &set.name).collect();
        let grouped = self.sets.iter().any(|set| set.set_identifier().is_some());
        let mut policies: HashMap<(&Name, RecordType), RoutingPolicy> = HashMap::new();
        for (index, set) in self.sets.iter().enumerate() {
            // RFC 4034 §§3, 4: the records that prove a CNAME may stand beside it.
            let beside = [RecordType::CNAME, RecordType::RRSIG, RecordType::NSEC, RecordType::NSEC3];
            if cnames.contains(&set.name) && !beside.contains(&set.record_type) {
                fault(index, Problem::CnameBesideOthers);
            }
            if !dnames.is_empty() && std::iter::successors(set.name.parent(), Name::parent).any(|n| dnames.contains(&n))
            {
                fault(index, Problem::BelowDname);
            }
            if grouped
                && *policies.entry((&set.name, set.record_type)).or_insert(set.routing.policy()) != set.routing.policy()
            {
                fault(index, Problem::PoliciesMixed);
            }
        }
        faults.sort_by_key(|(index, ..)| index.map_or(0, |index| index + 1));
        faults
    }
}

fn warn(warnings: &mut Vec<(Place, String, Problem)>, place: Place, text: impl FnOnce() -> String, problem: Problem) {
    if warnings.len() < FAULTS_MAX {
        warnings.push((place, text(), problem));
    }
}
