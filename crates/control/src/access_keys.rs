//! Access keys of the API.
//!
//! The secrets stand in the store in clear: SigV4 needs them so (see [`AccessKey`]). The store's folder is 0700 and its
//! files are 0600, and a backup must be kept as carefully.

use model::access_key::AccessKey;
use model::id::AccessKeyId;
use store::{Meta, Store};

use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{StorageError, exists, find as find_row, list as list_rows, put, read, write};

/// Why an access key was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// No such key.
    #[error("no access key found with this id: {0}")]
    NoSuchAccessKey(AccessKeyId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for DeleteError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Draws a new access key. Its secret is in the answer and can be shown again by nobody but the store.
///
/// # Errors
/// The store failed.
pub async fn create(store: &Store, meta: Meta, random: &Random, comment: String) -> Result<AccessKey, StorageError> {
    let key =
        AccessKey { id: draw::access_key_id(random), secret: draw::secret(random), comment, created_ms: meta.at_ms };
    let committed = write(store, meta, move |transaction| {
        put(transaction, &keys::access_key(&key.id), &key);
        Ok::<_, StorageError>(key)
    });
    Ok(committed.await?.value)
}

/// Finds an access key, with its secret.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &AccessKeyId) -> Result<Option<AccessKey>, StorageError> {
    read(store, |reader| find_row(reader, &keys::access_key(id)))
}

/// All access keys, by id.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &Store) -> Result<Vec<AccessKey>, StorageError> {
    read(store, |reader| list_rows(reader, keys::ACCESS_KEYS, &[], usize::MAX))
}

/// Deletes an access key; requests signed with it are refused from now on.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &AccessKeyId) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let key = keys::access_key(&id);
        if !exists(transaction, &key)? {
            return Err(DeleteError::NoSuchAccessKey(id));
        }
        transaction.delete(&key);
        Ok(())
    });
    committed.await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scratch, meta, random};

    #[tokio::test]
    async fn keys_are_found_until_they_are_deleted() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let key = create(&store, meta(), &random(), "terraform".to_owned()).await.unwrap();
        let other = create(&store, meta(), &random(), "ci".to_owned()).await.unwrap();
        assert_eq!(find(&store, &key.id).unwrap(), Some(key.clone()));
        assert_eq!(list(&store).unwrap().len(), 2);
        delete(&store, meta(), &key.id).await.unwrap();
        assert_eq!(find(&store, &key.id).unwrap(), None);
        assert!(matches!(delete(&store, meta(), &key.id).await, Err(DeleteError::NoSuchAccessKey(_))));
        assert_eq!(list(&store).unwrap(), [other]);
    }
}
