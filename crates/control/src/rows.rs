//! Reading and writing rows: the same words inside a transaction and in a snapshot, and the errors of both.

use std::ops::{Bound, ControlFlow};

use model::id::HostedZoneId;
use store::{Committed, Meta, ReadError, Reader, Store, StoreError, Transaction, WriteError};

use crate::stored::{Stored, StoredFault};

/// The store could not do its part; the request itself was not judged wrong.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Reading failed.
    #[error("the store could not be read")]
    Read(#[source] ReadError),
    /// Writing failed; nothing was changed.
    #[error("the store could not be written, nothing was changed")]
    Write(#[source] StoreError),
    /// A stored value cannot be understood.
    #[error("a stored value is damaged; restore a backup (key: {key})")]
    Damaged {
        /// Its key, readable.
        key: String,
        /// What is wrong with it.
        #[source]
        fault: StoredFault,
    },
}

/// Error enums with a variant `Storage`, so that `?` finds the way there.
macro_rules! from_storage {
    ($($error:ident),+) => {$(
        impl From<$crate::rows::StorageError> for $error {
            fn from(error: $crate::rows::StorageError) -> Self {
                Self::Storage(error)
            }
        }
    )+};
}
pub(crate) use from_storage;

impl StorageError {
    pub(crate) fn damaged(key: &[u8], fault: StoredFault) -> Self {
        Self::Damaged { key: key.escape_ascii().to_string(), fault }
    }
}

/// What [`Reader`] and [`Transaction`] have in common.
pub(crate) trait Rows {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError>;

    /// Shows every row from `from` on.
    fn visit(&self, from: &[u8], visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>) -> Result<(), ReadError>;
}

impl Rows for Reader<'_> {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(key)
    }

    fn visit(&self, from: &[u8], visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>) -> Result<(), ReadError> {
        self.scan((Bound::Included(from), Bound::Unbounded), visit)
    }
}

impl Rows for Transaction<'_> {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(key)
    }

    fn visit(&self, from: &[u8], visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>) -> Result<(), ReadError> {
        self.scan((Bound::Included(from), Bound::Unbounded), visit)
    }
}

/// The noun under a key.
pub(crate) fn find<T: Stored>(rows: &impl Rows, key: &[u8]) -> Result<Option<T>, StorageError> {
    let Some(value) = rows.value(key).map_err(StorageError::Read)? else { return Ok(None) };
    T::decode(&value).map(Some).map_err(|fault| StorageError::damaged(key, fault))
}

/// Whether there is something under a key.
pub(crate) fn exists(rows: &impl Rows, key: &[u8]) -> Result<bool, StorageError> {
    Ok(rows.value(key).map_err(StorageError::Read)?.is_some())
}

/// Shows every row whose key begins with `prefix`, from `from` on.
pub(crate) fn scan(
    rows: &impl Rows,
    prefix: &[u8],
    from: &[u8],
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StorageError>,
) -> Result<(), StorageError> {
    let mut fault = None;
    rows.visit(from.max(prefix), |key, value| {
        if !key.starts_with(prefix) {
            return ControlFlow::Break(());
        }
        visit(key, value).unwrap_or_else(|error| {
            fault = Some(error);
            ControlFlow::Break(())
        })
    })
    .map_err(StorageError::Read)?;
    fault.map_or(Ok(()), Err)
}

/// At most `limit` nouns whose keys begin with `prefix`, from `from` on.
pub(crate) fn list<T: Stored>(
    rows: &impl Rows,
    prefix: &[u8],
    from: &[u8],
    limit: usize,
) -> Result<Vec<T>, StorageError> {
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(found);
    }
    scan(rows, prefix, from, |key, value| {
        found.push(T::decode(value).map_err(|fault| StorageError::damaged(key, fault))?);
        Ok(if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(found)
}

/// Writes a noun.
pub(crate) fn put(transaction: &mut Transaction<'_>, key: &[u8], noun: &impl Stored) {
    transaction.put(key, &noun.encode());
}

/// Old rows removed with each new one: more than one, so that the past shrinks.
const FORGOTTEN_AT_ONCE: usize = 4;

/// Removes the oldest rows that an index by age names (`<ages><time>/<id>`), a few at a time. `end` is the first key of
/// the index that stays; `row_of` is the key of the row with an id.
pub(crate) fn forget_old(
    transaction: &mut Transaction<'_>,
    ages: &[u8],
    end: &[u8],
    row_of: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<(), StorageError> {
    let mut old = Vec::new();
    scan(transaction, ages, &[], |key, _| {
        if key >= end || old.len() == FORGOTTEN_AT_ONCE {
            return Ok(ControlFlow::Break(()));
        }
        old.push(key.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    for key in old {
        let id = key.rsplit(|byte| *byte == b'/').next().and_then(|id| str::from_utf8(id).ok());
        if let Some(row) = id.and_then(&row_of) {
            transaction.delete(&row);
        }
        transaction.delete(&key);
    }
    Ok(())
}

/// Adds to a stored count.
pub(crate) fn count(transaction: &mut Transaction<'_>, key: &[u8], more: bool) -> Result<(), StorageError> {
    let before: u64 = find(transaction, key)?.unwrap_or(0);
    put(transaction, key, &if more { before + 1 } else { before.saturating_sub(1) });
    Ok(())
}

/// Reads in one snapshot.
pub(crate) fn read<T>(
    store: &Store,
    f: impl FnOnce(&Reader<'_>) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    store.read(|reader| Ok(f(reader))).map_err(StorageError::Read)?
}

/// Runs one command as one transaction, and adds it to the history of the zones that it touched.
pub(crate) async fn write<T, E>(
    store: &Store,
    meta: Meta,
    f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
) -> Result<Committed<T>, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let (author, receipt, at_ms) = (meta.author.clone(), meta.receipt.clone(), meta.at_ms);
    let by = author.clone();
    let noted = move |transaction: &mut Transaction<'_>| {
        let value = f(transaction)?;
        crate::history::index::add(transaction, at_ms, &by)?;
        Ok::<_, E>((value, transaction.revision()))
    };
    let Committed { value: (value, own), revision } = store.write(meta, noted).await.map_err(|error| match error {
        WriteError::Refused(error) => error,
        WriteError::Store(error) => StorageError::Write(error).into(),
    })?;
    // A command that changed nothing has seen the revision before its own.
    if revision == own {
        receipt.note(revision);
    }
    tracing::debug!(revision = revision.0, author, "committed");
    Ok(Committed { value, revision })
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    /// In the order of the listing.
    pub items: Vec<T>,
    /// Where the next page starts, unless this one is the last.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Makes a page of at most `limit` items from one item more, if there is one.
    pub(crate) fn of(mut items: Vec<T>, limit: usize, key: impl FnOnce(&T) -> K) -> Self {
        let next = items.get(limit).map(key);
        items.truncate(limit);
        Self { items, next }
    }
}

/// The id names no hosted zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no hosted zone found with ID: {0}")]
pub struct NoSuchHostedZone(pub HostedZoneId);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scratch, meta};

    #[tokio::test]
    async fn a_receipt_tells_of_changes_only() {
        let folder = Scratch::new();
        let store = folder.store();
        for (value, told) in [(Some(b"a"), Some(1)), (None, None), (Some(b"b"), Some(2))] {
            let meta = meta();
            let receipt = meta.receipt.clone();
            write(&store, meta, move |transaction| {
                if let Some(value) = value {
                    transaction.put(b"key", value);
                }
                Ok::<_, StorageError>(())
            })
            .await
            .unwrap();
            assert_eq!(receipt.revision(), told.map(store::Revision));
        }
        let meta = meta();
        let receipt = meta.receipt.clone();
        let refused = write(&store, meta, |transaction| {
            transaction.put(b"key", b"c");
            Err::<(), _>(StorageError::damaged(b"key", StoredFault::Empty))
        });
        assert!(refused.await.is_err() && receipt.revision().is_none());
    }
}
