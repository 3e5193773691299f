//! Finding hosted zones: by id, by name, private ones, and in both orders of the listings.

use std::ops::ControlFlow;

use model::Name;
use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use store::Store;

use crate::keys;
use crate::rows::{Page, Rows, StorageError, find as find_row, list as list_rows, read, scan};
use crate::stored::StoredFault;

/// Finds a hosted zone.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &HostedZoneId) -> Result<Option<HostedZone>, StorageError> {
    read(store, |reader| find_row(reader, &keys::zone(id)))
}

/// How many hosted zones there are.
///
/// # Errors
/// The store cannot be read.
pub fn count(store: &Store) -> Result<u64, StorageError> {
    read(store, |reader| Ok(find_row(reader, keys::ZONE_COUNT)?.unwrap_or(0)))
}

/// Lists hosted zones by id, at most `limit`, from `marker` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    marker: Option<&HostedZoneId>,
    limit: usize,
) -> Result<Page<HostedZone, HostedZoneId>, StorageError> {
    let from = marker.map(keys::zone).unwrap_or_default();
    let items = read(store, |reader| list_rows(reader, keys::ZONES, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |zone: &HostedZone| zone.id.clone()))
}

/// The same for private hosted zones only.
///
/// # Errors
/// The store cannot be read.
pub fn list_private(
    store: &Store,
    marker: Option<&HostedZoneId>,
    limit: usize,
) -> Result<Page<HostedZone, HostedZoneId>, StorageError> {
    let from = marker.map(keys::private_zone).unwrap_or_default();
    let items = read(store, |reader| listed_by(reader, keys::PRIVATE_ZONES, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |zone: &HostedZone| zone.id.clone()))
}

/// Lists hosted zones by name (labels from right to left), then id, from the first one not before `start` on: the name
/// is where to start, not a filter.
///
/// # Errors
/// The store cannot be read.
pub fn list_by_name(
    store: &Store,
    start: Option<(&Name, Option<&HostedZoneId>)>,
    limit: usize,
) -> Result<Page<HostedZone, (Name, HostedZoneId)>, StorageError> {
    let from = start.map(|(name, id)| keys::zone_name(name, id)).unwrap_or_default();
    let items = read(store, |reader| listed_by(reader, keys::ZONE_NAMES, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |zone: &HostedZone| (zone.name.clone(), zone.id.clone())))
}

/// The zones with exactly this name, the oldest first: of public ones that one answers.
///
/// # Errors
/// The store cannot be read.
pub fn named(store: &Store, name: &Name) -> Result<Vec<HostedZone>, StorageError> {
    read(store, |reader| named_in(reader, name))
}

pub(crate) fn named_in(rows: &impl Rows, name: &Name) -> Result<Vec<HostedZone>, StorageError> {
    let prefix = keys::zone_name(name, None);
    let mut found = listed_by(rows, &prefix, &prefix, usize::MAX)?;
    found.sort_by_key(|zone| zone.created);
    Ok(found)
}

/// At most `limit` hosted zones by an index whose keys begin with `prefix` and end with the id, after a zero byte or a
/// slash.
pub(crate) fn listed_by(
    rows: &impl Rows,
    prefix: &[u8],
    from: &[u8],
    limit: usize,
) -> Result<Vec<HostedZone>, StorageError> {
    let mut ids = Vec::new();
    scan(rows, prefix, from, |key, _| {
        ids.push(id_at_end(key)?);
        Ok(if ids.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    let mut found = Vec::new();
    for id in ids {
        // An index without its zone cannot be: both are written by one transaction.
        found.extend(find_row::<HostedZone>(rows, &keys::zone(&id))?);
    }
    Ok(found)
}

/// The hosted zone that the last part of an index key names.
pub(crate) fn id_at_end(key: &[u8]) -> Result<HostedZoneId, StorageError> {
    let id = key.rsplit(|byte| matches!(byte, 0 | b'/')).next().unwrap_or_default();
    let id = HostedZoneId::parse(&String::from_utf8_lossy(id));
    id.map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))
}
