//! Before keys are used: is this the master key that sealed them, and are all of them sealed.

use store::{Meta, Store};

use super::{StoredKey, StoredSecret, purpose};
use crate::draw::Random;
use crate::keys;
use crate::rows::{Rows as _, StorageError, from_storage, list as list_rows, put, read, write};
use crate::seal::Seal;

/// What the seal of the store says about itself.
const KNOWN: &[u8] = b"cutover";
const PURPOSE: &str = "master key";

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The secrets were sealed with another master key.
    #[error("the secrets of {keys} access keys were sealed with another master key")]
    OtherMasterKey {
        /// How many cannot be opened.
        keys: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(PrepareError);

/// How many keys and sessions have a sealed secret.
///
/// # Errors
/// The store cannot be read.
pub fn sealed(store: &Store) -> Result<usize, StorageError> {
    let rows: Vec<StoredKey> = read(store, |reader| list_rows(reader, keys::ACCESS_KEYS, &[], usize::MAX))?;
    Ok(rows.iter().filter(|row| matches!(row.secret, StoredSecret::Sealed(_))).count())
}

/// Checks that `seal` is the one of this store, and seals what an older version kept in clear; tells how many those
/// were. A store without any sealed secret takes a new master key.
///
/// # Errors
/// See [`PrepareError`]; nothing was changed.
pub async fn prepare(store: &Store, meta: Meta, random: &Random, seal: &Seal) -> Result<usize, PrepareError> {
    let (mark, rows) = read(store, |reader| {
        let mark = reader.value(keys::SEAL).map_err(StorageError::Read)?;
        Ok((mark, list_rows::<StoredKey>(reader, keys::ACCESS_KEYS, &[], usize::MAX)?))
    })?;
    let known = mark.is_some_and(|mark| seal.open(PURPOSE, &mark).as_deref() == Some(KNOWN));
    let sealed = |row: &&StoredKey| matches!(row.secret, StoredSecret::Sealed(_));
    let sealed = rows.iter().filter(sealed).count();
    if !known && sealed > 0 {
        return Err(PrepareError::OtherMasterKey { keys: sealed });
    }
    let clear: Vec<StoredKey> = rows
        .into_iter()
        .filter_map(|row| match row.secret {
            StoredSecret::Clear(ref secret) => {
                let sealed = seal.seal(random, &purpose(&row.key.id), secret.as_bytes());
                Some(StoredKey { secret: StoredSecret::Sealed(sealed), ..row })
            }
            StoredSecret::Sealed(_) => None,
        })
        .collect();
    let count = clear.len();
    if known && count == 0 {
        return Ok(0);
    }
    let mark = seal.seal(random, PURPOSE, KNOWN);
    let committed = write(store, meta, move |transaction| {
        transaction.put(keys::SEAL, &mark);
        for row in clear {
            put(transaction, &keys::access_key(&row.key.id), &row);
        }
        Ok::<_, PrepareError>(())
    });
    committed.await?;
    Ok(count)
}
