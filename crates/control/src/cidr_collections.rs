//! CIDR collections: create (safe to repeat), find, list, change, delete.
//!
//! Before: `api` read the blocks; `model::cidr` knows what a change does to a collection. Here: names are unique,
//! numbers are bounded, and what record sets use stays. After: `publish` compiles the collection for the answers.

use std::ops::ControlFlow;

use model::cidr::{CidrCollection, CollectionFault, LocationChange};
use model::id::{ChangeId, CidrCollectionId};
use model::limits::Limits;
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{
    Page, Rows, StorageError, count as count_row, find as find_row, from_storage, list as list_rows, put, read, scan,
    write,
};
use crate::stored::StoredFault;

/// The id names no CIDR collection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no CIDR collection found with ID: {0}")]
pub struct NoSuchCidrCollection(pub CidrCollectionId);

/// Why a collection was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `CidrCollectionAlreadyExistsException`: one with this name was created with another caller reference.
    #[error("A CIDR collection with this name and a different caller reference already exists in this account: {0}")]
    AlreadyExists(String),
    /// `LimitsExceeded`.
    #[error("limits exceeded, delete a CIDR collection or raise the limit (CIDR collections at most: {0})")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a collection was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// `NoSuchCidrCollectionException`.
    #[error(transparent)]
    NoSuchCidrCollection(NoSuchCidrCollection),
    /// `LimitsExceeded`: the call names too many blocks.
    #[error("a change of a CIDR collection can name at most {max} CIDR blocks: {count}")]
    TooManyNamed {
        /// As configured.
        max: usize,
        /// As given.
        count: usize,
    },
    /// `CidrCollectionVersionMismatchException`, `CidrBlockInUseException` or `LimitsExceeded`.
    #[error(transparent)]
    Refused(CollectionFault),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a collection was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchCidrCollectionException`.
    #[error(transparent)]
    NoSuchCidrCollection(NoSuchCidrCollection),
    /// `CidrCollectionInUseException`: it still has blocks.
    #[error("The CIDR collection {0} is not empty and so cannot be deleted")]
    NotEmpty(CidrCollectionId),
    /// `CidrCollectionInUseException`: record sets still name it.
    #[error("The CIDR collection {0} is in use by resource record sets and so cannot be deleted")]
    InUse(CidrCollectionId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, ChangeError, DeleteError);

/// Creates an empty collection. The same name with the same reference gives the existing one, as it is by now.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    name: String,
    caller_reference: String,
    limits: &Limits,
) -> Result<CidrCollection, CreateError> {
    let (id, most) = (draw::cidr_collection_id(random), limits.cidr_collections_max);
    let committed = write(store, meta, move |transaction| {
        if let Some(existing) = named(transaction, &name)? {
            let same = existing.caller_reference == caller_reference;
            return if same { Ok(existing) } else { Err(CreateError::AlreadyExists(name)) };
        }
        if let Some(most) = most
            && find_row::<u64>(transaction, keys::CIDR_COLLECTION_COUNT)?.unwrap_or(0) >= most
        {
            return Err(CreateError::TooMany(most));
        }
        let collection = CidrCollection { id, name, caller_reference, version: 1, blocks: Default::default() };
        put(transaction, &keys::cidr_collection(&collection.id), &collection);
        transaction.put(&keys::cidr_collection_name(&collection.name), collection.id.as_str().as_bytes());
        count_row(transaction, keys::CIDR_COLLECTION_COUNT, true)?;
        Ok(collection)
    });
    Ok(committed.await?.value)
}

fn named(transaction: &Transaction<'_>, name: &str) -> Result<Option<CidrCollection>, StorageError> {
    let key = keys::cidr_collection_name(name);
    let Some(id) = transaction.get(&key).map_err(StorageError::Read)? else { return Ok(None) };
    let id = CidrCollectionId::parse(&String::from_utf8_lossy(&id))
        .map_err(|fault| StorageError::damaged(&key, StoredFault::Id(fault)))?;
    find_row(transaction, &keys::cidr_collection(&id))
}

/// Finds a collection.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &CidrCollectionId) -> Result<Option<CidrCollection>, StorageError> {
    read(store, |reader| find_row(reader, &keys::cidr_collection(id)))
}

/// Lists collections by id, at most `limit`, from `start` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    start: Option<&CidrCollectionId>,
    limit: usize,
) -> Result<Page<CidrCollection, CidrCollectionId>, StorageError> {
    let from = start.map(keys::cidr_collection).unwrap_or_default();
    let items = read(store, |reader| list_rows(reader, keys::CIDR_COLLECTIONS, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |collection: &CidrCollection| collection.id.clone()))
}

/// Changes a collection: all changes in their order, or none. `version` is what the caller has seen, if it cares. The
/// change can be followed to the answers like a change of record sets.
///
/// # Errors
/// See [`ChangeError`].
pub async fn change(
    store: &Store,
    meta: Meta,
    random: &Random,
    id: &CidrCollectionId,
    version: Option<u64>,
    location_changes: Vec<LocationChange>,
    limits: &Limits,
) -> Result<SubmittedChange, ChangeError> {
    let (max, count) = (limits.cidr_change_blocks_max, location_changes.iter().map(|change| change.blocks.len()).sum());
    if count > max {
        return Err(ChangeError::TooManyNamed { max, count });
    }
    let (id, change_id, at_ms) = (id.clone(), draw::change_id(random), meta.at_ms);
    let blocks_max = limits.blocks_per_cidr_collection_max;
    let committed = write(store, meta, move |transaction| {
        let Some(collection) = find_row::<CidrCollection>(transaction, &keys::cidr_collection(&id))? else {
            return Err(ChangeError::NoSuchCidrCollection(NoSuchCidrCollection(id)));
        };
        let changed = collection.apply(version, location_changes, blocks_max).map_err(ChangeError::Refused)?;
        submit(transaction, &changed, change_id, at_ms)
    });
    Ok(committed.await?.value)
}

fn submit(
    transaction: &mut Transaction<'_>,
    changed: &CidrCollection,
    change_id: ChangeId,
    at_ms: u64,
) -> Result<SubmittedChange, ChangeError> {
    put(transaction, &keys::cidr_collection(&changed.id), changed);
    Ok(changes::note(transaction, change_id, at_ms, None)?)
}

/// Deletes a collection that is empty and that no record set names. Its name is free again.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &CidrCollectionId) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let key = keys::cidr_collection(&id);
        let Some(collection) = find_row::<CidrCollection>(transaction, &key)? else {
            return Err(DeleteError::NoSuchCidrCollection(NoSuchCidrCollection(id)));
        };
        if !collection.blocks.is_empty() {
            return Err(DeleteError::NotEmpty(id));
        }
        if is_used(transaction, &id)? {
            return Err(DeleteError::InUse(id));
        }
        transaction.delete(&key);
        transaction.delete(&keys::cidr_collection_name(&collection.name));
        Ok(count_row(transaction, keys::CIDR_COLLECTION_COUNT, false)?)
    });
    committed.await?;
    Ok(())
}

/// Looks through all names with IP-based record sets: deleting a collection is rare, and the index goes by zone so that
/// importing one can replace its part.
fn is_used(rows: &impl Rows, id: &CidrCollectionId) -> Result<bool, StorageError> {
    let mut found = false;
    scan(rows, keys::CIDR_USES, keys::CIDR_USES, |key, _| {
        found = key.rsplit(|byte| *byte == 0).next() == Some(id.as_str().as_bytes());
        Ok(if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests;
