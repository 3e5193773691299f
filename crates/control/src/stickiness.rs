//! Stickiness: which names of a zone answer the same client with the same weighted record set again.
//!
//! A row for each such name, beside its record sets and apart from them: a name may have it before its first record set
//! and keeps it after its last, so that making a group anew does not move its clients. It goes with its zone. Every
//! change is a revision of the zone's history, and going back restores it. After: `publish` compiles the name anew.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use model::{Name, NameError, Stickiness};
use store::{Meta, Revision, Store, Transaction};

use crate::history::StickinessChange;
use crate::keys;
use crate::rows::{
    NoSuchHostedZone, Rows, StorageError, exists, find as find_row, from_storage, put as put_row, read, scan, write,
};
use crate::stored::{Stored, StoredFault};

/// Most names of one zone that can have it: each costs a snapshot some hundred bytes, and one that changes a copy of them.
pub const STICKY_NAMES_MAX: usize = 1000;

/// More names shall be sticky than a zone may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hosted zone can have at most {STICKY_NAMES_MAX} sticky names; leave those out that are not needed")]
pub struct TooManySticky;

/// Why it was not set.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The zone does not exist.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The name is another zone's.
    #[error("the name is not in the hosted zone {zone}: {name}")]
    OutsideZone {
        /// The zone's name.
        zone: Name,
        /// As given.
        name: Name,
    },
    /// The zone has enough of them.
    #[error("a hosted zone can have at most {STICKY_NAMES_MAX} sticky names; delete those that are not needed")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why it was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The zone does not exist.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The name has none.
    #[error("the name is not sticky: {0}")]
    NotSticky(Name),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why it was not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The zone does not exist.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(PutError, DeleteError, ListError);

/// Makes a name's weighted record sets sticky, or says anew by how much of an address. The revision from which on it is
/// so; setting what is set already makes none.
///
/// # Errors
/// See [`PutError`].
pub async fn put(
    store: &Store,
    meta: Meta,
    zone: &HostedZoneId,
    name: &Name,
    stickiness: Stickiness,
) -> Result<Revision, PutError> {
    let (id, name) = (zone.clone(), name.clone());
    let committed = write(store, meta, move |transaction| {
        let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(PutError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        if !name.is_in(&zone.name) {
            return Err(PutError::OutsideZone { zone: zone.name, name });
        }
        let key = keys::stickiness(&id, &name.sort_key());
        match find_row::<Stickiness>(transaction, &key)? {
            Some(before) if before == stickiness => return Ok(()),
            None if of_zone(transaction, &id)?.len() >= STICKY_NAMES_MAX => return Err(PutError::TooMany),
            Some(_) | None => {}
        }
        put_row(transaction, &key, &stickiness);
        Ok(())
    });
    Ok(committed.await?.revision)
}

/// Makes a name's queries independent draws again, as Route 53's are.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, zone: &HostedZoneId, name: &Name) -> Result<Revision, DeleteError> {
    let (id, name) = (zone.clone(), name.clone());
    let committed = write(store, meta, move |transaction| {
        if !exists(transaction, &keys::zone(&id))? {
            return Err(DeleteError::NoSuchHostedZone(NoSuchHostedZone(id)));
        }
        let key = keys::stickiness(&id, &name.sort_key());
        if !exists(transaction, &key)? {
            return Err(DeleteError::NotSticky(name));
        }
        transaction.delete(&key);
        Ok(())
    });
    Ok(committed.await?.revision)
}

/// The sticky names of a zone, in Route 53's order.
///
/// # Errors
/// See [`ListError`].
pub fn list(store: &Store, zone: &HostedZoneId) -> Result<Vec<(Name, Stickiness)>, ListError> {
    read(store, |reader| {
        if !exists(reader, &keys::zone(zone))? {
            return Ok(Err(ListError::NoSuchHostedZone(NoSuchHostedZone(zone.clone()))));
        }
        Ok(Ok(of_zone(reader, zone)?))
    })?
}

/// The sticky names of a zone.
pub(crate) fn of_zone(rows: &impl Rows, zone: &HostedZoneId) -> Result<Vec<(Name, Stickiness)>, StorageError> {
    let (prefix, mut found) = (keys::stickiness_of(zone), Vec::new());
    scan(rows, &prefix, &prefix, |key, value| {
        found.push(read_row(key, value)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Whether a zone may have all these sticky names.
pub(crate) fn check_count(names: &BTreeMap<Name, Stickiness>) -> Result<(), TooManySticky> {
    if names.len() > STICKY_NAMES_MAX { Err(TooManySticky) } else { Ok(()) }
}

/// What changes if exactly these names are sticky, in Route 53's order.
pub(crate) fn changes(
    rows: &impl Rows,
    zone: &HostedZoneId,
    wished: &BTreeMap<Name, Stickiness>,
) -> Result<Vec<StickinessChange>, StorageError> {
    let stored: BTreeMap<Name, Stickiness> = of_zone(rows, zone)?.into_iter().collect();
    let mut changes = Vec::new();
    for name in stored.keys().chain(wished.keys().filter(|name| !stored.contains_key(name))) {
        let (before, after) = (stored.get(name).copied(), wished.get(name).copied());
        if before != after {
            changes.push(StickinessChange { name: name.clone(), before, after });
        }
    }
    changes.sort_by_cached_key(|change| change.name.sort_key());
    Ok(changes)
}

/// What one name has set.
pub(crate) fn at(rows: &impl Rows, zone: &HostedZoneId, sort_key: &str) -> Result<Option<Stickiness>, StorageError> {
    find_row(rows, &keys::stickiness(zone, sort_key))
}

/// A row: the name that its key tells, and what is set.
pub(crate) fn read_row(key: &[u8], value: &[u8]) -> Result<(Name, Stickiness), StorageError> {
    let name = keys::split_stickiness(key).and_then(|(_, sort_key)| keys::name_of(sort_key));
    let name = name.ok_or_else(|| StorageError::damaged(key, StoredFault::Name(NameError::Empty(String::new()))))?;
    Ok((name, Stickiness::decode(value).map_err(|fault| StorageError::damaged(key, fault))?))
}

/// Takes the settings of a zone along that is deleted.
pub(crate) fn leave(transaction: &mut Transaction<'_>, zone: &HostedZoneId) -> Result<(), StorageError> {
    let (prefix, mut rows) = (keys::stickiness_of(zone), Vec::new());
    scan(transaction, &prefix, &prefix, |key, _| {
        rows.push(key.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    rows.iter().for_each(|key| transaction.delete(key));
    Ok(())
}

#[cfg(test)]
mod tests;
