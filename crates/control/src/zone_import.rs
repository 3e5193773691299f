//! Whole zones in and out: `import` makes a zone exactly what a file says, as one revision; `export` reads it all.
//!
//! Before: `model::zone_file` made record sets of text. Here: the rules of `model::change::check_zone`, then only the
//! rows that differ are written, so that importing the same file again changes nothing. After: `publish`.
//!
//! `Differs:` this door also takes types that Route 53 does not know and zones of one label, such as `lan.`, because
//! files from other servers have them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::change::{Elsewhere, Faults, ZoneRecordSets, check_zone};
use model::hosted_zone::{Delegation, HostedZone, Visibility, ZoneNameFault};
use model::id::HostedZoneId;
use model::limits::Limits;
use model::zone_file::ZoneFile;
use model::{Body, Name, RecordSet, RecordType, Stickiness};
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::deployments::{Locked, hard_locks};
use crate::draw::{self, Random};
use crate::history::{StickinessChange, ZoneChange, index};
use crate::record_rows::{self, alias_keys, cidr_use_keys, key as record_key};
use crate::rows::{NoSuchHostedZone, Rows, StorageError, find as find_row, from_storage, put, read, scan, write};
use crate::stickiness::{self, TooManySticky};
use crate::stored::{self, Stored};
use crate::traffic_policy_instances::roots_in_zone;
use crate::{hosted_zones, keys};

/// Faults told of one import; a file with more has one cause.
const FAULTS_TOLD_MAX: usize = 100;

/// Which zone an import makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Into {
    /// The only zone with this name, or a new one.
    Named(Name),
    /// This zone.
    Existing(HostedZoneId),
}

/// What an import makes of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// All its record sets.
    pub record_sets: Vec<RecordSet>,
    /// All its sticky names; none if who brings the record sets does not know of such: they stay as they are.
    pub sticky: Option<BTreeMap<Name, Stickiness>>,
}

impl From<ZoneFile> for Contents {
    fn from(file: ZoneFile) -> Self {
        let ZoneFile { origin: _, record_sets, sticky, warnings: _ } = file;
        Self { record_sets, sticky: Some(sticky) }
    }
}

impl From<Vec<RecordSet>> for Contents {
    fn from(record_sets: Vec<RecordSet>) -> Self {
        Self { record_sets, sticky: None }
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The zone as it is now.
    pub zone: HostedZone,
    /// Whether it did not exist before.
    pub created: bool,
    /// Record sets added or changed.
    pub put: u64,
    /// Record sets removed.
    pub deleted: u64,
    /// Names that are sticky now, or not any more.
    pub stickiness: Vec<StickinessChange>,
    /// The change to follow.
    pub change: SubmittedChange,
}

/// Why a zone was not imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No such zone.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// Several zones have the name.
    #[error("several hosted zones have this name; name one by its id: {}", ids(.0))]
    Ambiguous(Vec<HostedZoneId>),
    /// The record sets break the rules of a zone.
    #[error("{0}")]
    Invalid(Faults),
    /// The name is a wildcard.
    #[error(transparent)]
    Name(ZoneNameFault),
    /// The zone, or what a traffic policy makes in it, was changed by somebody else meanwhile.
    #[error("the hosted zone or its traffic policy instances were changed meanwhile; import again: {0}")]
    Overtaken(Name),
    /// A running deployment locks a name that the import would change.
    #[error(transparent)]
    Locked(Locked),
    /// More names are sticky than a zone may have.
    #[error(transparent)]
    TooManySticky(TooManySticky),
    /// A new zone cannot be made.
    #[error(transparent)]
    Create(hosted_zones::CreateError),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(ImportError);

/// Why a zone was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No such zone.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

fn ids(ids: &[HostedZoneId]) -> String {
    ids.iter().map(HostedZoneId::as_str).collect::<Vec<_>>().join(", ")
}

/// Makes a zone consist of exactly these record sets and sticky names, in one revision.
///
/// Judging and encoding happen on the caller's thread, a second or two for a million record sets; the store's writer
/// only compares and writes.
///
/// # Errors
/// See [`ImportError`].
pub async fn import(
    store: &Store,
    meta: Meta,
    random: &Random,
    into: Into,
    contents: impl std::convert::Into<Contents>,
    delegation: &Delegation,
    limits: &Limits,
) -> Result<Imported, ImportError> {
    let Contents { record_sets, sticky } = contents.into();
    let mut names = ZoneRecordSets::new();
    for set in record_sets {
        names.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new())).1.push(set);
    }
    let found = read(store, |reader| Ok(existing(reader, &into)))??;
    let created = found.is_none();
    let zone = match (found, &into) {
        (Some(zone), _) => zone,
        (None, Into::Existing(id)) => return Err(ImportError::NoSuchHostedZone(NoSuchHostedZone(id.clone()))),
        (None, Into::Named(name)) if name.is_wildcard() => {
            return Err(ImportError::Name(ZoneNameFault::Wildcard(name.clone())));
        }
        (None, Into::Named(name)) => {
            new_zone(draw::hosted_zone_id(random), name, name_servers(name, &names, delegation))
        }
    };
    // They belong to their instances, which a file knows nothing of; where it wants the name too, that is a fault.
    let of_instances = read(store, |reader| roots_in_zone(reader, &zone.id))?;
    for set in &of_instances {
        let (_, at_name) = names.entry(set.name.sort_key()).or_insert_with(|| (set.name.clone(), Vec::new()));
        if !at_name.contains(set) {
            at_name.push(set.clone());
        }
    }
    let elsewhere = |id: &HostedZoneId, name: &Name, of: RecordType| {
        // A store that cannot be read is told by what comes next.
        read(store, |reader| record_rows::elsewhere(reader, id, name, of)).unwrap_or(Elsewhere::NotOurs)
    };
    let faults = check_zone(&zone, &names, limits, &elsewhere, FAULTS_TOLD_MAX);
    if !faults.is_empty() {
        return Err(ImportError::Invalid(Faults(faults)));
    }
    sticky.as_ref().map_or(Ok(()), stickiness::check_count).map_err(ImportError::TooManySticky)?;
    let rows = WholeZone::of(&zone.id, names);
    let key = |name: &Name| keys::stickiness(&zone.id, &name.sort_key());
    let encoded =
        |names: &BTreeMap<Name, Stickiness>| names.iter().map(|(name, set)| (key(name), set.encode())).collect();
    let sticky = sticky.map(|names| (encoded(&names), names));
    let (change_id, limits, at_ms) = (draw::change_id(random), limits.clone(), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let now = existing(&*transaction, &into)?;
        if now.as_ref().map(|zone| &zone.id) != (!created).then_some(&zone.id) {
            return Err(ImportError::Overtaken(zone.name));
        }
        if roots_in_zone(transaction, &zone.id)? != of_instances {
            return Err(ImportError::Overtaken(zone.name));
        }
        for (locked, prefix) in hard_locks(&*transaction, &zone.id)? {
            if !is_kept(transaction, &prefix, &rows.record_sets)? {
                return Err(ImportError::Locked(locked));
            }
        }
        let created_at = transaction.revision().0;
        let zone = now.unwrap_or(HostedZone { created: created_at, ..zone });
        let zone = HostedZone { record_set_count: rows.record_sets.len() as u64, ..zone };
        if created {
            hosted_zones::add(transaction, &zone, &limits).map_err(ImportError::Create)?;
        } else {
            put(transaction, &keys::zone(&zone.id), &zone);
        }
        let (put, deleted) = replace(transaction, &keys::record_sets(&zone.id), rows.record_sets)?;
        replace(transaction, &keys::aliases(&zone.id), rows.aliases)?;
        replace(transaction, &keys::cidr_uses(&zone.id), rows.cidr_uses)?;
        let mut stickiness = Vec::new();
        if let Some((rows, names)) = sticky {
            stickiness = stickiness::changes(transaction, &zone.id, &names)?;
            replace(transaction, &keys::stickiness_of(&zone.id), rows)?;
        }
        if !created {
            index::note(transaction, &zone.id, ZoneChange::Imported);
        }
        let change = changes::note(transaction, change_id, at_ms, None)?;
        Ok(Imported { zone, created, put, deleted, stickiness, change })
    });
    Ok(committed.await?.value)
}

/// The servers that the zone itself names; they are the delegation set of a zone that was brought, whoever brings it.
/// Without a readable one the zone is refused anyway.
fn name_servers(name: &Name, names: &ZoneRecordSets, delegation: &Delegation) -> Vec<Name> {
    let at_apex = names.get(&name.sort_key()).map_or(&[][..], |(_, sets)| sets);
    let named = at_apex.iter().filter(|set| set.record_type == RecordType::NS).filter_map(|set| match &set.body {
        Body::Records { values, ttl: _ } => Some(values),
        Body::Alias(_) | Body::TrafficPolicy(_) => None,
    });
    let named: Vec<Name> = named.flatten().filter_map(|value| Name::parse(value).ok()).collect();
    if named.is_empty() { delegation.name_servers.clone() } else { named }
}

fn new_zone(id: HostedZoneId, name: &Name, name_servers: Vec<Name>) -> HostedZone {
    HostedZone {
        caller_reference: format!("zone import {id}"),
        id,
        name: name.clone(),
        comment: None,
        name_servers,
        record_set_count: 0,
        created: 0,
        visibility: Visibility::PUBLIC,
    }
}

/// All rows of a zone's record sets.
struct WholeZone {
    record_sets: BTreeMap<Vec<u8>, Vec<u8>>,
    aliases: BTreeMap<Vec<u8>, Vec<u8>>,
    cidr_uses: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl WholeZone {
    fn of(zone: &HostedZoneId, names: ZoneRecordSets) -> Self {
        let (mut record_sets, mut aliases, mut cidr_uses) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (name, sets) in names.into_values() {
            aliases.extend(alias_keys(zone, &name, &sets).into_iter().map(|key| (key, name.wire().to_vec())));
            cidr_uses.extend(cidr_use_keys(zone, &name, &sets).into_iter().map(|key| (key, Vec::new())));
            record_sets.extend(sets.iter().map(|set| (record_key(zone, set), set.encode())));
        }
        Self { record_sets, aliases, cidr_uses }
    }
}

fn existing(rows: &impl Rows, into: &Into) -> Result<Option<HostedZone>, ImportError> {
    match into {
        Into::Existing(id) => Ok(find_row(rows, &keys::zone(id))?),
        Into::Named(name) => {
            let mut found = hosted_zones::named_in(rows, name)?;
            if found.len() > 1 {
                return Err(ImportError::Ambiguous(found.into_iter().map(|zone| zone.id).collect()));
            }
            Ok(found.pop())
        }
    }
}

/// Whether everything under `prefix` is what `rows` says already.
fn is_kept(
    transaction: &Transaction<'_>,
    prefix: &[u8],
    rows: &BTreeMap<Vec<u8>, Vec<u8>>,
) -> Result<bool, StorageError> {
    let mut now = BTreeMap::new();
    scan(transaction, prefix, prefix, |key, value| {
        now.insert(key.to_vec(), value.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    let shall = rows.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
    Ok(now.iter().eq(shall))
}

/// Makes everything under `prefix` what `rows` says; writes only what differs. How many were put, and how many deleted.
fn replace(
    transaction: &mut Transaction<'_>,
    prefix: &[u8],
    mut rows: BTreeMap<Vec<u8>, Vec<u8>>,
) -> Result<(u64, u64), StorageError> {
    let mut gone = Vec::new();
    scan(transaction, prefix, prefix, |key, value| {
        match rows.get(key) {
            None => gone.push(key.to_vec()),
            Some(new) if new == value => drop(rows.remove(key)),
            Some(_) => {}
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for key in &gone {
        transaction.delete(key);
    }
    for (key, value) in &rows {
        transaction.put(key, value);
    }
    Ok((rows.len() as u64, gone.len() as u64))
}

/// Reads a zone and its sticky names and shows all its record sets in Route 53's order, all of one revision. No record
/// set is collected, but the store keeps the snapshot until `visit` is through: write to a file, not to a slow network.
///
/// # Errors
/// See [`ExportError`].
pub fn export(
    store: &Store,
    id: &HostedZoneId,
    mut visit: impl FnMut(RecordSet),
) -> Result<(HostedZone, Vec<(Name, Stickiness)>), ExportError> {
    let found = read(store, |reader| {
        let Some(zone) = find_row::<HostedZone>(reader, &keys::zone(id))? else { return Ok(None) };
        let prefix = keys::record_sets(id);
        scan(reader, &prefix, &prefix, |key, value| {
            visit(stored::record_set(value).map_err(|fault| StorageError::damaged(key, fault))?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Some((zone, stickiness::of_zone(reader, id)?)))
    });
    found.map_err(ExportError::Storage)?.ok_or_else(|| ExportError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))
}

#[cfg(test)]
mod tests;
