//! Freezes: nothing of some services moves forward, for as long as they say. They never bar a way back.
//!
//! Before: `api` or the command line parsed one with [`parse`]. After: `deployments` asks them at the creation, the
//! runner before a release begins and before each forward shift.

use model::deployment::Freeze;
use store::{Meta, Store};

use crate::keys;
use crate::rows::{
    StorageError, exists, find as find_row, from_storage, list as list_rows, put as put_row, read, write,
};

pub use deploy::{SpecError, parse_freeze as parse};

/// Longest name of a freeze, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Every turn of every deployment reads them all.
const FREEZES_MAX: usize = 100;

/// Why a freeze was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The name cannot be one.
    #[error("the name of a freeze has 1 to {NAME_BYTES_MAX} letters, digits, dots, hyphens and underscores: {0}")]
    Name(String),
    /// There are too many.
    #[error("there are {FREEZES_MAX} freezes; remove those that are over")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a freeze was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There is none of this name.
    #[error("no such freeze: {0}")]
    NoSuchFreeze(String),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(PutError, DeleteError);

/// Stores a freeze, new or again. Deployments under way heed it before their next shift.
///
/// # Errors
/// See [`PutError`].
pub async fn put(store: &Store, meta: Meta, freeze: Freeze) -> Result<Freeze, PutError> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !(1..=NAME_BYTES_MAX).contains(&freeze.name.len()) || !freeze.name.bytes().all(is_letter) {
        return Err(PutError::Name(freeze.name));
    }
    let committed = write(store, meta, move |transaction| {
        let key = keys::freeze(&freeze.name);
        let others = list_rows::<Freeze>(transaction, keys::FREEZES, &[], FREEZES_MAX)?;
        if others.len() >= FREEZES_MAX && !exists(transaction, &key)? {
            return Err(PutError::TooMany);
        }
        put_row(transaction, &key, &freeze);
        Ok(freeze)
    });
    Ok(committed.await?.value)
}

/// One freeze.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, name: &str) -> Result<Option<Freeze>, StorageError> {
    read(store, |reader| find_row(reader, &keys::freeze(name)))
}

/// All freezes, by name.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &Store) -> Result<Vec<Freeze>, StorageError> {
    read(store, |reader| list_rows(reader, keys::FREEZES, &[], usize::MAX))
}

/// Removes a freeze: what waited for it goes on.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, name: &str) -> Result<(), DeleteError> {
    let name = name.to_owned();
    let committed = write(store, meta, move |transaction| {
        if !exists(transaction, &keys::freeze(&name))? {
            return Err(DeleteError::NoSuchFreeze(name));
        }
        transaction.delete(&keys::freeze(&name));
        Ok(())
    });
    committed.await?;
    Ok(())
}
