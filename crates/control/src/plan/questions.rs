//! Which questions could be answered differently after a change.
//!
//! The touched names; names for which a wildcard stood or would stand; everything below a delegation that comes or goes;
//! and, step by step, the aliases and CNAMEs of the zone that lead to any of these. Too many rather than too few: whether
//! an answer differs is seen by asking both views.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;

use model::change::{Records as _, Touched};
use model::hosted_zone::HostedZone;
use model::{Body, Name, RecordSet, RecordType};
use store::Reader;

use crate::keys;
use crate::record_rows::{StoredRecords, at};
use crate::rows::{StorageError, scan};
use crate::stored;

/// Questions asked of both views; more are told as a number. A hundred ways that an answer can take are 0.2 ms, the most
/// that are followed 0.9 s (optimised build): what many such questions take is bounded by the plan's time.
const QUESTIONS_MAX: usize = 5_000;
/// Aliases followed back from one name.
const ALIASES_MAX: usize = 1_000;

/// See the module.
pub(crate) struct Questions {
    /// In Route 53's order.
    pub(crate) asked: Vec<(Name, RecordType)>,
    /// There were more.
    pub(crate) is_cut: bool,
}

/// Finds them.
pub(crate) fn find(reader: &Reader<'_>, zone: &HostedZone, touched: &[Touched]) -> Result<Questions, StorageError> {
    let mut found = Found { asked: BTreeMap::new(), open: VecDeque::new(), count: 0, is_cut: false };
    for touched in touched {
        seed(reader, zone, touched, &mut found)?;
    }
    let cnames = cnames(reader, zone, touched)?;
    let wildcards: Vec<(Name, BTreeSet<RecordType>)> = touched
        .iter()
        .filter(|touched| touched.name.is_wildcard())
        .filter_map(|touched| Some((touched.name.parent()?, types(touched.before.iter().chain(&touched.after)))))
        .collect();
    for (owner, target) in cnames.iter().flat_map(|(target, owners)| owners.iter().map(move |owner| (owner, target))) {
        for (parent, types) in &wildcards {
            if target != parent && target.is_in(parent) {
                types.iter().for_each(|record_type| found.ask(owner, *record_type));
            }
        }
    }
    let aliases = new_aliases(touched);
    while let Some((name, record_type)) = found.open.pop_front() {
        let mut rows = StoredRecords { rows: reader, zone: &zone.id };
        for owner in rows.aliases_to(&name, record_type, ALIASES_MAX)? {
            found.ask(&owner, record_type);
        }
        for owner in cnames.get(&name).into_iter().flatten() {
            found.ask(owner, record_type);
        }
        for owner in aliases.get(&(name, record_type)).into_iter().flatten() {
            found.ask(owner, record_type);
        }
    }
    let is_cut = found.is_cut;
    let mut asked: Vec<_> = found
        .asked
        .into_iter()
        .flat_map(|(name, types)| types.into_iter().map(move |record_type| (name.clone(), record_type)))
        .collect();
    asked.sort_by_cached_key(|(name, record_type)| (name.sort_key(), record_type.to_string()));
    Ok(Questions { asked, is_cut })
}

struct Found {
    asked: BTreeMap<Name, BTreeSet<RecordType>>,
    open: VecDeque<(Name, RecordType)>,
    count: usize,
    is_cut: bool,
}

impl Found {
    fn ask(&mut self, name: &Name, record_type: RecordType) {
        if self.asked.get(name).is_some_and(|types| types.contains(&record_type)) {
            return;
        }
        if self.count == QUESTIONS_MAX {
            self.is_cut = true;
            return;
        }
        self.count += 1;
        self.asked.entry(name.clone()).or_default().insert(record_type);
        self.open.push_back((name.clone(), record_type));
    }
}

fn types<'a>(sets: impl Iterator<Item = &'a RecordSet>) -> BTreeSet<RecordType> {
    sets.map(|set| set.record_type).collect()
}

/// What one touched name makes worth asking.
fn seed(reader: &Reader<'_>, zone: &HostedZone, touched: &Touched, found: &mut Found) -> Result<(), StorageError> {
    let Touched { name, before, after } = touched;
    let mut asked = types(before.iter().chain(after));
    if asked.contains(&RecordType::CNAME) {
        asked.extend([RecordType::A, RecordType::AAAA]);
    }
    if before.is_empty() || after.is_empty() {
        // A name that comes hides a wildcard from itself and from the empty names above it; one that goes uncovers it.
        let mut above = Some(name.clone());
        while let Some(parent) = above.as_ref().and_then(Name::parent).filter(|parent| parent.is_in(&zone.name)) {
            if let Some(wildcard) = parent.wildcard().filter(|wildcard| wildcard != name) {
                let stands = at(reader, &zone.id, &wildcard.sort_key())?;
                let mut stands = types(stands.iter());
                if stands.contains(&RecordType::CNAME) {
                    stands.extend([RecordType::A, RecordType::AAAA]);
                }
                for record_type in &stands {
                    ancestors(name, &parent).iter().for_each(|between| found.ask(between, *record_type));
                }
                asked.extend(stands);
            }
            above = Some(parent);
        }
    }
    let cuts = |sets: &[RecordSet]| {
        sets.iter()
            .filter(|set| matches!(set.record_type, RecordType::NS | RecordType::DNAME))
            .cloned()
            .collect::<Vec<_>>()
    };
    if *name != zone.name && cuts(before) != cuts(after) {
        below(reader, zone, name, found)?;
    }
    asked.iter().for_each(|record_type| found.ask(name, *record_type));
    Ok(())
}

/// The names between `name` and the one that it lies below, both left out.
fn ancestors(name: &Name, top: &Name) -> Vec<Name> {
    let mut names = Vec::new();
    let mut next = name.parent();
    while let Some(name) = next.filter(|name| name != top && name.is_in(top)) {
        next = name.parent();
        names.push(name);
    }
    names
}

/// Everything that is stored below a name.
fn below(reader: &Reader<'_>, zone: &HostedZone, name: &Name, found: &mut Found) -> Result<(), StorageError> {
    let prefix = [keys::record_sets(&zone.id), name.sort_key().into_bytes()].concat();
    scan(reader, &prefix, &prefix, |key, value| {
        let set = stored::record_set(value).map_err(|fault| StorageError::damaged(key, fault))?;
        if set.name != *name {
            found.ask(&set.name, set.record_type);
        }
        Ok(if found.is_cut { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
}

/// The owners of CNAMEs by their targets within the zone, before and after.
fn cnames(
    reader: &Reader<'_>,
    zone: &HostedZone,
    touched: &[Touched],
) -> Result<BTreeMap<Name, BTreeSet<Name>>, StorageError> {
    let mut owners = BTreeMap::<Name, BTreeSet<Name>>::new();
    let mut add = |set: &RecordSet| {
        if let (RecordType::CNAME, Body::Records { values, ttl: _ }) = (set.record_type, &set.body) {
            let targets = values.iter().filter_map(|value| Name::parse(value).ok());
            for target in targets.filter(|target| target.is_in(&zone.name)) {
                owners.entry(target).or_default().insert(set.name.clone());
            }
        }
    };
    let prefix = keys::record_sets(&zone.id);
    scan(reader, &prefix, &prefix, |key, value| {
        // The key says the type: a million address records are passed over without being decoded.
        if key.windows(7).any(|part| part == b"\0CNAME\0") {
            add(&stored::record_set(value).map_err(|fault| StorageError::damaged(key, fault))?);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    touched.iter().flat_map(|touched| &touched.after).for_each(&mut add);
    Ok(owners)
}

/// The owners of aliases as they would be, by what they lead to.
fn new_aliases(touched: &[Touched]) -> BTreeMap<(Name, RecordType), Vec<Name>> {
    let mut owners = BTreeMap::<(Name, RecordType), Vec<Name>>::new();
    for set in touched.iter().flat_map(|touched| &touched.after) {
        if let Body::Alias(alias) = &set.body {
            owners.entry((alias.dns_name.clone(), set.record_type)).or_default().push(set.name.clone());
        }
    }
    owners
}
