//! The past of a zone, read from the log: who changed what and when, and all record sets as they were at a revision.
//!
//! Going back is an import of the past: a new revision, followed and published like any other. The log is walked from
//! its beginning, so the cost grows with all changes ever made; that is for operators, not for every request.

use std::collections::{BTreeMap, VecDeque};

use model::RecordSet;
use model::hosted_zone::Delegation;
use model::id::HostedZoneId;
use model::limits::Limits;
use store::{Entry, Meta, Revision, Store};

use crate::draw::Random;
use crate::keys;
use crate::rows::StorageError;
use crate::stored::Stored;
use crate::zone_import::{ImportError, Imported, Into, import};

/// Log entries read at once; the store cuts large ones short.
const ENTRIES_AT_ONCE: usize = 1024;

/// One revision that changed a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRevision {
    /// Its number in the log.
    pub revision: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// Who asked for it.
    pub author: String,
    /// Record sets written.
    pub put: usize,
    /// Record sets removed.
    pub deleted: usize,
}

/// Why the past could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The zone did not exist then.
    #[error("hosted zone {zone} did not exist at revision: {revision}")]
    NotThen {
        /// The zone asked for.
        zone: HostedZoneId,
        /// When.
        revision: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a zone was not brought back.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// The past is not there.
    #[error(transparent)]
    History(HistoryError),
    /// It cannot be written.
    #[error(transparent)]
    Import(ImportError),
}

/// The last `limit` revisions that changed a zone, the newest first; also of a zone deleted since.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &Store, zone: &HostedZoneId, limit: usize) -> Result<Vec<ZoneRevision>, StorageError> {
    let (row, prefix) = (keys::zone(zone), keys::record_sets(zone));
    let mut found = VecDeque::new();
    walk(store, store.revision(), |entry| {
        let sets = || entry.mutations.iter().filter(|mutation| mutation.key.starts_with(&prefix));
        if sets().next().is_some() || entry.mutations.iter().any(|mutation| mutation.key == row) {
            let put = sets().filter(|mutation| mutation.value.is_some()).count();
            found.push_front(ZoneRevision {
                revision: entry.revision.0,
                at_ms: entry.at_ms,
                author: entry.author.clone(),
                put,
                deleted: sets().count() - put,
            });
            found.truncate(limit);
        }
    })?;
    Ok(found.into())
}

/// All record sets of a zone as they were at a revision, in Route 53's order.
///
/// # Errors
/// See [`HistoryError`].
pub fn record_sets_at(store: &Store, zone: &HostedZoneId, revision: u64) -> Result<Vec<RecordSet>, HistoryError> {
    let (row, prefix) = (keys::zone(zone), keys::record_sets(zone));
    let (mut rows, mut existed) = (BTreeMap::new(), false);
    walk(store, Revision(revision).min(store.revision()), |entry| {
        for mutation in &entry.mutations {
            if mutation.key == row {
                existed = mutation.value.is_some();
            } else if mutation.key.starts_with(&prefix) {
                match &mutation.value {
                    Some(value) => rows.insert(mutation.key.clone(), value.clone()),
                    None => rows.remove(&mutation.key),
                };
            }
        }
    })
    .map_err(HistoryError::Storage)?;
    if !existed || revision > store.revision().0 {
        return Err(HistoryError::NotThen { zone: zone.clone(), revision });
    }
    let decode = |(key, value): (&Vec<u8>, &Vec<u8>)| {
        RecordSet::decode(value).map_err(|fault| HistoryError::Storage(StorageError::damaged(key, fault)))
    };
    rows.iter().map(decode).collect()
}

/// Makes a zone again what it was at a revision, as a new revision.
///
/// # Errors
/// See [`RollbackError`]. The rules of today apply to the record sets of then.
pub async fn rollback(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    to: u64,
    limits: &Limits,
) -> Result<Imported, RollbackError> {
    let past = record_sets_at(store, zone, to).map_err(RollbackError::History)?;
    // The zone must exist, so that no delegation is ever drawn from this default.
    let (into, delegation) = (Into::Existing(zone.clone()), Delegation::default());
    import(store, meta, random, into, past, &delegation, limits).await.map_err(RollbackError::Import)
}

/// Shows every log entry up to and with `to`, oldest first.
fn walk(store: &Store, to: Revision, mut visit: impl FnMut(&Entry)) -> Result<(), StorageError> {
    let mut last = Revision(0);
    while last < to {
        let entries = store.log_after(last, ENTRIES_AT_ONCE).map_err(StorageError::Read)?;
        let Some(newest) = entries.last() else { break };
        last = newest.revision;
        entries.iter().take_while(|entry| entry.revision <= to).for_each(&mut visit);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::change::Action;

    use super::*;
    use crate::testing::{Scratch, batch, change, listed, meta, random, set, zone};

    #[tokio::test]
    async fn the_past_can_be_seen_and_brought_back() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let (zone, other) = (zone(&store, "example.com").await, zone(&store, "other.test").await);
        let upsert =
            async |text: &str| change(&store, &zone.id, batch(Action::Upsert, [set(text)])).await.unwrap().revision;
        let first = upsert("www.example.com A 10.0.0.1").await;
        let then = listed(&store, &zone.id, 10);
        change(&store, &other.id, batch(Action::Create, [set("www.other.test A 10.0.0.1")])).await.unwrap();
        let second = upsert("www.example.com A 10.0.0.2").await;
        change(&store, &zone.id, batch(Action::Delete, [set("www.example.com A 10.0.0.2")])).await.unwrap();

        let revisions = list(&store, &zone.id, 3).unwrap();
        let told: Vec<_> = revisions.iter().map(|r| (r.revision, r.put, r.deleted)).collect();
        assert_eq!(told, [(second + 1, 0, 1), (second, 1, 0), (first, 1, 0)]);
        assert_eq!(revisions[0].author, "test");

        assert_eq!(record_sets_at(&store, &zone.id, first).unwrap(), then);
        let back = rollback(&store, meta(), &random(), &zone.id, first, &Limits::default()).await.unwrap();
        assert_eq!((back.put, back.deleted), (1, 0));
        assert_eq!(listed(&store, &zone.id, 10), then);
    }

    #[tokio::test]
    async fn what_was_not_there_is_told() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let zone = zone(&store, "example.com").await;
        for revision in [0, 99] {
            let missing = record_sets_at(&store, &zone.id, revision);
            assert!(matches!(missing, Err(HistoryError::NotThen { .. })), "{revision}");
        }
    }
}
