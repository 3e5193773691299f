//! What record sets and stickiness were at a revision: found backwards from it, through the zone's own revisions.
//!
//! The log keeps what a revision wrote, not what was there before. What a key held at a revision is what the last entry
//! up to it wrote; entries that did not touch one of the wanted names are skipped by the index without being read. So the
//! cost is that of the zone's revisions that matter, never that of the whole log.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use model::RecordSet;
use model::id::HostedZoneId;
use store::{Reader, Revision};

use super::{HistoryError, ZoneChange, ZoneRevision};
use crate::keys;
use crate::rows::{StorageError, scan};
use crate::stored::Stored;

/// Stored values by their keys; none where there is no such row.
pub(super) type Values = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// The zone's revisions from `from` on backwards, the newest first.
pub(crate) fn revisions(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    from: u64,
    mut visit: impl FnMut(ZoneRevision) -> Result<ControlFlow<()>, StorageError>,
) -> Result<(), StorageError> {
    let (prefix, from) = (keys::zone_history(zone), keys::zone_revision(zone, from));
    scan(reader, &prefix, &from, |key, value| {
        visit(ZoneRevision::decode(value).map_err(|fault| StorageError::damaged(key, fault))?)
    })
}

/// The zone's newest revision up to `at`.
pub(crate) fn newest(reader: &Reader<'_>, zone: &HostedZoneId, at: u64) -> Result<Option<ZoneRevision>, StorageError> {
    let mut found = None;
    revisions(reader, zone, at, |revision| {
        found = Some(revision);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

/// The zone's newest revision up to `at`, when it existed then.
pub(super) fn existing(reader: &Reader<'_>, zone: &HostedZoneId, at: u64) -> Result<ZoneRevision, HistoryError> {
    let newest = newest(reader, zone, at).map_err(HistoryError::Storage)?;
    match newest {
        Some(newest) if newest.change != ZoneChange::Deleted && at <= reader.revision().0 => Ok(newest),
        Some(_) | None => Err(HistoryError::NotThen { zone: zone.clone(), revision: at }),
    }
}

/// What the zone's revisions after `after` up to `to` left in each record set that they touched.
pub(super) fn written(reader: &Reader<'_>, zone: &HostedZoneId, after: u64, to: u64) -> Result<Values, StorageError> {
    written_below(reader, zone, &keys::record_sets(zone), after, to)
}

/// The same for the zone's rows whose keys begin with `prefix`.
pub(super) fn written_below(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    prefix: &[u8],
    after: u64,
    to: u64,
) -> Result<Values, StorageError> {
    let mut values = Values::new();
    revisions(reader, zone, to, |revision| {
        if revision.revision <= after {
            return Ok(ControlFlow::Break(()));
        }
        if revision.names.as_ref().is_none_or(|names| !names.is_empty()) {
            // Backwards: the first one met is the last one written.
            for mutation in entry(reader, revision.revision)?.into_iter().rev() {
                if mutation.key.starts_with(prefix) {
                    values.entry(mutation.key).or_insert(mutation.value);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(values)
}

/// What the rows with these keys were at a revision.
pub(super) fn values_at(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    mut wanted: BTreeSet<Vec<u8>>,
    at: u64,
) -> Result<Values, StorageError> {
    let mut values = Values::new();
    let mut names = names_of(&wanted);
    revisions(reader, zone, at, |revision| {
        if wanted.is_empty() || revision.change == ZoneChange::Deleted {
            // Nothing of a zone outlives it, should its id ever come back.
            return Ok(ControlFlow::Break(()));
        }
        let touches = |touched: &Vec<String>| touched.iter().any(|name| names.contains(name));
        if revision.names.as_ref().is_none_or(touches) {
            for mutation in entry(reader, revision.revision)?.into_iter().rev() {
                if wanted.remove(&mutation.key) {
                    values.insert(mutation.key, mutation.value);
                }
            }
            names = names_of(&wanted);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    values.extend(wanted.into_iter().map(|key| (key, None)));
    Ok(values)
}

/// The rows of all record sets of a zone as they were at a revision: those of now, with what was written since undone.
pub(super) fn rows_at(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    at: u64,
) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, StorageError> {
    rows_below(reader, zone, &keys::record_sets(zone), at)
}

/// The same for the zone's rows whose keys begin with `prefix`.
pub(super) fn rows_below(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    prefix: &[u8],
    at: u64,
) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, StorageError> {
    let mut rows = BTreeMap::new();
    scan(reader, prefix, prefix, |key, value| {
        rows.insert(key.to_vec(), value.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    let since = written_below(reader, zone, prefix, at, reader.revision().0)?;
    for (key, value) in values_at(reader, zone, since.into_keys().collect(), at)? {
        match value {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
    Ok(rows)
}

/// A stored record set.
pub(super) fn decode(key: &[u8], value: &[u8]) -> Result<RecordSet, StorageError> {
    RecordSet::decode(value).map_err(|fault| StorageError::damaged(key, fault))
}

pub(crate) fn entry(reader: &Reader<'_>, revision: u64) -> Result<Vec<store::Mutation>, StorageError> {
    let entry = reader.log_entry(Revision(revision)).map_err(StorageError::Read)?;
    // The index never speaks of a revision that the log does not have: both are one commit.
    Ok(entry.map(|entry| entry.mutations).unwrap_or_default())
}

fn names_of(keys: &BTreeSet<Vec<u8>>) -> BTreeSet<String> {
    let name = |key: &Vec<u8>| {
        let (_, sort_key) = keys::split_record_set(key).or_else(|| keys::split_stickiness(key))?;
        Some(sort_key.to_owned())
    };
    keys.iter().filter_map(name).collect()
}
