//! Changes that were submitted: what `GetChange` tells about them.
//!
//! Before: a command notes its change in its own transaction. After: `find` compares the change's revision with what
//! the DNS servers answer from. Changes are kept for 30 days and then removed a few at a time.

use model::id::ChangeId;
use store::{Store, Transaction};

use crate::keys;
use crate::rows::{StorageError, find as find_row, forget_old, put, read};

/// So long a change can be asked for: 30 days. Unspecified: AWS does not say how long it keeps them.
const KEPT_MS: u64 = 30 * 24 * 3600 * 1000;

/// A change as it was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmittedChange {
    /// `C…`.
    pub id: ChangeId,
    /// Servers that answer from this revision or a later one have the change.
    pub revision: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub submitted_at_ms: u64,
    /// The comment of the change batch.
    pub comment: Option<String>,
}

/// How far a change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeStatus {
    /// Durable and listed, but not yet answered by every DNS server.
    Pending,
    /// Answered.
    Insync,
}

/// Finds a change and how far it has come; `served` is the revision that every DNS server answers from.
///
/// # Errors
/// The store cannot be read.
pub fn find(
    store: &Store,
    id: &ChangeId,
    served: u64,
) -> Result<Option<(SubmittedChange, ChangeStatus)>, StorageError> {
    let found: Option<SubmittedChange> = read(store, |reader| find_row(reader, &keys::change(id)))?;
    Ok(found.map(|change| {
        let status = if change.revision <= served { ChangeStatus::Insync } else { ChangeStatus::Pending };
        (change, status)
    }))
}

/// Notes a change of this transaction.
pub(crate) fn note(
    transaction: &mut Transaction<'_>,
    id: ChangeId,
    at_ms: u64,
    comment: Option<String>,
) -> Result<SubmittedChange, StorageError> {
    let change = SubmittedChange { id, revision: transaction.revision().0, submitted_at_ms: at_ms, comment };
    forget_past(transaction, at_ms)?;
    put(transaction, &keys::change(&change.id), &change);
    transaction.put(&keys::change_age(at_ms, change.id.as_str()), &[]);
    Ok(change)
}

fn forget_past(transaction: &mut Transaction<'_>, now_ms: u64) -> Result<(), StorageError> {
    let end = keys::change_age(now_ms.saturating_sub(KEPT_MS), "");
    forget_old(transaction, keys::CHANGE_AGES, &end, |id| Some(keys::change(&ChangeId::parse(id).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scratch, meta_at};

    #[tokio::test]
    async fn a_change_is_pending_until_its_revision_is_served_and_forgotten_after_thirty_days() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let submit = async |id: &str, at_ms: u64| {
            let id = ChangeId::parse(id).unwrap();
            let noted = crate::rows::write(&store, meta_at(at_ms), move |transaction| {
                note(transaction, id, at_ms, Some("why".to_owned()))
            });
            noted.await.unwrap().value
        };
        let change = submit("CFIRST", 1000).await;
        let (found, status) = find(&store, &change.id, change.revision - 1).unwrap().unwrap();
        assert_eq!((found, status), (change.clone(), ChangeStatus::Pending));
        assert_eq!(find(&store, &change.id, change.revision).unwrap().unwrap().1, ChangeStatus::Insync);
        assert_eq!(find(&store, &ChangeId::parse("CNONE").unwrap(), 9).unwrap(), None);
        submit("CSECOND", 1000 + KEPT_MS).await;
        assert!(find(&store, &change.id, 9).unwrap().is_some());
        submit("CTHIRD", 1001 + KEPT_MS).await;
        assert!(find(&store, &change.id, 9).unwrap().is_none());
    }
}
