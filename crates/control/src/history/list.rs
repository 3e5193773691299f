//! Pages of a zone's history, and finding a zone that may be gone.

use std::ops::ControlFlow;

use model::Name;
use model::id::HostedZoneId;
use store::{Reader, Revision, Store};

use super::{ZoneChange, ZoneRevision, index, past, zone_now};
use crate::keys;
use crate::rows::{Page, StorageError, exists, read, scan};
use crate::stored::StoredFault;

/// Revisions looked at for one page of those that touch a name; then the page ends, and the next one goes on there.
const LOOKED_AT_MAX: usize = 10_000;

/// A zone that is there or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownZone {
    /// Its id.
    pub id: HostedZoneId,
    /// Its name.
    pub name: Name,
    /// Its newest revision; [`ZoneChange::Deleted`] says that it is gone.
    pub newest: ZoneRevision,
}

impl KnownZone {
    /// Whether it is gone.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.newest.change == ZoneChange::Deleted
    }
}

/// The revisions that changed a zone, the newest first: at most `limit`, only those before the revision `before` and
/// only those that touched `name`, if given. Also of a zone deleted since. The next page is `before` its `next`.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    zone: &HostedZoneId,
    before: Option<u64>,
    name: Option<&Name>,
    limit: usize,
) -> Result<Page<ZoneRevision, u64>, StorageError> {
    index::ensure(store)?;
    let sort_key = name.map(Name::sort_key);
    let rows = sort_key.as_ref().map(|of| (keys::record_sets_at(zone, of), keys::stickiness(zone, of)));
    let (mut items, mut next, mut looked_at) = (Vec::new(), None, 0);
    read(store, |reader| {
        let from = before.unwrap_or(u64::MAX).saturating_sub(1);
        past::revisions(reader, zone, from, |revision| {
            if items.len() == limit || looked_at == LOOKED_AT_MAX {
                next = Some(revision.revision + 1);
                return Ok(ControlFlow::Break(()));
            }
            looked_at += 1;
            let is_wanted = match (&sort_key, &rows, &revision.names) {
                (Some(wanted), _, Some(touched)) => touched.contains(wanted),
                (Some(_), Some((record_sets, sticky)), None) => {
                    let entry = reader.log_entry(Revision(revision.revision)).map_err(StorageError::Read)?;
                    let is_of_name = |key: &Vec<u8>| key.starts_with(record_sets) || key == sticky;
                    entry.is_some_and(|entry| entry.mutations.iter().any(|mutation| is_of_name(&mutation.key)))
                }
                (None, _, _) | (Some(_), None, _) => true,
            };
            if is_wanted {
                items.push(revision);
            }
            Ok(ControlFlow::Continue(()))
        })
    })?;
    Ok(Page { items, next })
}

/// The zones that `text` may mean, by id or by name: those that are there, or else the ones that were, the newest last.
///
/// # Errors
/// The store cannot be read.
pub fn named(store: &Store, text: &str) -> Result<Vec<KnownZone>, StorageError> {
    index::ensure(store)?;
    read(store, |reader| {
        let known = |id: HostedZoneId| {
            let Some(newest) = past::newest(reader, &id, u64::MAX)? else { return Ok(None) };
            Ok::<_, StorageError>(name_of(reader, &id, &newest)?.map(|name| KnownZone { id, name, newest }))
        };
        if let Ok(id) = HostedZoneId::parse(text)
            && let Some(zone) = known(id)?
        {
            return Ok(vec![zone]);
        }
        let Ok(name) = Name::parse(text) else { return Ok(Vec::new()) };
        let (prefix, mut ids) = (keys::zone_past(&name, None), Vec::new());
        scan(reader, &prefix, &prefix, |key, _| {
            let id = String::from_utf8_lossy(&key[prefix.len()..]);
            let id = HostedZoneId::parse(&id).map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))?;
            ids.push(id);
            Ok(ControlFlow::Continue(()))
        })?;
        let mut zones = Vec::new();
        for id in ids {
            zones.extend(known(id)?);
        }
        zones.sort_by_key(|zone| zone.newest.revision);
        let mut there = Vec::new();
        for zone in &zones {
            if exists(reader, &keys::zone(&zone.id))? {
                there.push(zone.clone());
            }
        }
        Ok(if there.is_empty() { zones } else { there })
    })
}

/// The name of a zone: from its row, or from the entry that deleted that.
fn name_of(reader: &Reader<'_>, id: &HostedZoneId, newest: &ZoneRevision) -> Result<Option<Name>, StorageError> {
    if let Some(zone) = zone_now(reader, id)? {
        return Ok(Some(zone.name));
    }
    let entry = reader.log_entry(Revision(newest.revision)).map_err(StorageError::Read)?;
    let names = entry.iter().flat_map(|entry| &entry.mutations);
    let names = names.filter_map(|mutation| mutation.key.strip_prefix(keys::ZONE_NAMES));
    let suffix = [b"\0", id.as_str().as_bytes()].concat();
    let mut keys = names.filter_map(|key| str::from_utf8(key.strip_suffix(&suffix[..])?).ok());
    Ok(keys.find_map(keys::name_of))
}
