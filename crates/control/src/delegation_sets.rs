//! Reusable delegation sets: create, find, list, delete; and the joining and leaving of hosted zones.
//!
//! Every server of this program serves every zone, so every set is given the same configured name servers; what a set
//! adds is its id and AWS's rule that zones of one set do not lie in each other. Each command is one transaction.

use std::ops::ControlFlow;

use model::Name;
use model::delegation_set::DelegationSet;
use model::hosted_zone::{Delegation, HostedZone, Visibility};
use model::id::{DelegationSetId, HostedZoneId};
use model::limits::{Limits, ZONE_CALLER_REFERENCE_CHARS_MAX};
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::rows::{
    Page, StorageError, count as count_row, exists, find as find_row, from_storage, list as list_rows, put, read, scan,
    write,
};
use crate::{hosted_zones, keys};

/// What `CreateReusableDelegationSet` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelegationSet {
    /// Unique for ever, 1–128 characters.
    pub caller_reference: String,
    /// The public zone whose name servers are to become the set's; the configured ones without.
    pub of_zone: Option<HostedZoneId>,
}

/// Why a delegation set was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `DelegationSetAlreadyCreated`: the caller reference was used before, also by a set deleted since.
    #[error("a delegation set has already been created with this caller reference: {0}")]
    AlreadyCreated(String),
    /// `DelegationSetAlreadyReusable`.
    #[error("the name servers of the hosted zone are a reusable delegation set already: {0}")]
    AlreadyReusable(DelegationSetId),
    /// `HostedZoneNotFound`.
    #[error("no hosted zone found with ID: {0}")]
    HostedZoneNotFound(HostedZoneId),
    /// `InvalidArgument`.
    #[error("a private hosted zone has no delegation set, name a public one: {0}")]
    PrivateZone(HostedZoneId),
    /// `InvalidInput`.
    #[error("a caller reference must have 1 to 128 characters: {0}")]
    CallerReference(usize),
    /// `LimitsExceeded`.
    #[error("limits exceeded, delete a delegation set or raise the limit (reusable delegation sets at most: {0})")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a delegation set was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchDelegationSet`.
    #[error(transparent)]
    NoSuchDelegationSet(NoSuchDelegationSet),
    /// `DelegationSetInUse`.
    #[error("the delegation set still has hosted zones: {0}")]
    InUse(DelegationSetId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, DeleteError);

/// Why the zones of a delegation set were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListZonesError {
    /// `NoSuchDelegationSet`.
    #[error(transparent)]
    NoSuchDelegationSet(NoSuchDelegationSet),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// The id names no reusable delegation set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no reusable delegation set has this ID: {0}")]
pub struct NoSuchDelegationSet(pub DelegationSetId);

/// Creates a delegation set, or makes the name servers of a zone one.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    new: NewDelegationSet,
    delegation: &Delegation,
    limits: &Limits,
) -> Result<DelegationSet, CreateError> {
    let chars = new.caller_reference.chars().count();
    if !(1..=ZONE_CALLER_REFERENCE_CHARS_MAX).contains(&chars) {
        return Err(CreateError::CallerReference(chars));
    }
    let (id, most, name_servers) =
        (draw::delegation_set_id(random), limits.delegation_sets_max, delegation.name_servers.clone());
    let committed = write(store, meta, move |transaction| {
        let reference = keys::delegation_set_reference(&new.caller_reference);
        if exists(transaction, &reference)? {
            return Err(CreateError::AlreadyCreated(new.caller_reference));
        }
        if let Some(most) = most
            && find_row::<u64>(transaction, keys::DELEGATION_SET_COUNT)?.unwrap_or(0) >= most
        {
            return Err(CreateError::TooMany(most));
        }
        let zone = new.of_zone.map(|zone| plain_zone(transaction, zone)).transpose()?;
        let mut set = DelegationSet { id, caller_reference: new.caller_reference, name_servers, zone_count: 0 };
        if let Some(zone) = zone {
            set.name_servers = zone.name_servers.clone();
            let visibility = Visibility::Public { delegation_set: Some(set.id.clone()) };
            let zone = HostedZone { visibility, ..zone };
            put(transaction, &keys::zone(&zone.id), &zone);
            enter(transaction, &mut set, &zone);
        }
        put(transaction, &keys::delegation_set(&set.id), &set);
        transaction.put(&reference, set.id.as_str().as_bytes());
        count_row(transaction, keys::DELEGATION_SET_COUNT, true)?;
        Ok(set)
    });
    Ok(committed.await?.value)
}

/// The public zone whose servers have no id yet.
fn plain_zone(transaction: &Transaction<'_>, id: HostedZoneId) -> Result<HostedZone, CreateError> {
    let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
        return Err(CreateError::HostedZoneNotFound(id));
    };
    match &zone.visibility {
        Visibility::Private { .. } => Err(CreateError::PrivateZone(id)),
        Visibility::Public { delegation_set: Some(set) } => Err(CreateError::AlreadyReusable(set.clone())),
        Visibility::Public { delegation_set: None } => Ok(zone),
    }
}

/// Finds a delegation set.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &DelegationSetId) -> Result<Option<DelegationSet>, StorageError> {
    read(store, |reader| find_row(reader, &keys::delegation_set(id)))
}

/// How many delegation sets there are.
///
/// # Errors
/// The store cannot be read.
pub fn count(store: &Store) -> Result<u64, StorageError> {
    read(store, |reader| Ok(find_row(reader, keys::DELEGATION_SET_COUNT)?.unwrap_or(0)))
}

/// Lists delegation sets by id, at most `limit`, from `marker` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    marker: Option<&DelegationSetId>,
    limit: usize,
) -> Result<Page<DelegationSet, DelegationSetId>, StorageError> {
    let from = marker.map(keys::delegation_set).unwrap_or_default();
    let items = read(store, |reader| list_rows(reader, keys::DELEGATION_SETS, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |set: &DelegationSet| set.id.clone()))
}

/// Lists the hosted zones of a delegation set by id, at most `limit`, from `marker` (the first of this page) on.
///
/// # Errors
/// See [`ListZonesError`].
pub fn list_zones(
    store: &Store,
    id: &DelegationSetId,
    marker: Option<&HostedZoneId>,
    limit: usize,
) -> Result<Page<HostedZone, HostedZoneId>, ListZonesError> {
    let items = read(store, |reader| {
        if !exists(reader, &keys::delegation_set(id))? {
            return Ok(None);
        }
        let (prefix, from) = (keys::zone_in_set(id, None), keys::zone_in_set(id, marker));
        hosted_zones::listed_by(reader, &prefix, &from, limit.saturating_add(1)).map(Some)
    });
    match items {
        Ok(Some(items)) => Ok(Page::of(items, limit, |zone: &HostedZone| zone.id.clone())),
        Ok(None) => Err(ListZonesError::NoSuchDelegationSet(NoSuchDelegationSet(id.clone()))),
        Err(error) => Err(ListZonesError::Storage(error)),
    }
}

/// Deletes a delegation set that no hosted zone has. Its caller reference stays used.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &DelegationSetId) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let key = keys::delegation_set(&id);
        let Some(set) = find_row::<DelegationSet>(transaction, &key)? else {
            return Err(DeleteError::NoSuchDelegationSet(NoSuchDelegationSet(id)));
        };
        if set.zone_count > 0 {
            return Err(DeleteError::InUse(id));
        }
        transaction.delete(&key);
        Ok(count_row(transaction, keys::DELEGATION_SET_COUNT, false)?)
    });
    committed.await?;
    Ok(())
}

/// Adds a new zone to a set that was found in this transaction.
pub(crate) fn enter(transaction: &mut Transaction<'_>, set: &mut DelegationSet, zone: &HostedZone) {
    set.zone_count += 1;
    put(transaction, &keys::delegation_set(&set.id), set);
    transaction.put(&keys::zone_in_set(&set.id, Some(&zone.id)), &[]);
    transaction.put(&keys::name_in_set(&set.id, &zone.name, Some(&zone.id)), &[]);
}

/// Takes a zone that is being deleted out of its set.
pub(crate) fn leave(
    transaction: &mut Transaction<'_>,
    set: &DelegationSetId,
    zone: &HostedZone,
) -> Result<(), StorageError> {
    transaction.delete(&keys::zone_in_set(set, Some(&zone.id)));
    transaction.delete(&keys::name_in_set(set, &zone.name, Some(&zone.id)));
    let key = keys::delegation_set(set);
    if let Some(found) = find_row::<DelegationSet>(transaction, &key)? {
        put(transaction, &key, &DelegationSet { zone_count: found.zone_count.saturating_sub(1), ..found });
    }
    Ok(())
}

/// A zone of the set that has this name, lies in it, or holds it (API `ConflictingDomainExists`). Equal and lower names
/// lie together in the index; the names above are as many as there are labels.
pub(crate) fn conflict(
    transaction: &Transaction<'_>,
    set: &DelegationSetId,
    name: &Name,
) -> Result<Option<HostedZoneId>, StorageError> {
    let mut found = None;
    let mut first_under = |prefix: &[u8]| {
        scan(transaction, prefix, prefix, |key, _| {
            found = Some(hosted_zones::id_at_end(key)?);
            Ok(ControlFlow::Break(()))
        })
    };
    first_under(&keys::names_in_set_below(set, name))?;
    let mut above = name.parent();
    while let Some(name) = above {
        first_under(&keys::name_in_set(set, &name, None))?;
        above = name.parent();
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
