//! Record sets: `ChangeResourceRecordSets` and `ListResourceRecordSets`.
//!
//! Before: `api` parsed a change batch. Here: one store transaction reads the touched names, lets `model::change` judge
//! and writes its result with the change's row. After: `publish` follows the log.

use model::change::{self, ApplyError, ChangeBatch, Faults, RecordSetKey, Touched};
use model::hosted_zone::HostedZone;
use model::id::{ChangeId, HealthCheckId, HostedZoneId, SetIdentifier};
use model::limits::Limits;
use model::{Name, RecordSet, RecordType};
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::deployments::{Locked, hard_lock};
use crate::draw::{self, Random};
use crate::keys;
use crate::record_rows::{StoredRecords, write_touched};
use crate::rows::{
    NoSuchHostedZone, Page, Rows, StorageError, exists, find as find_row, from_storage, list as list_rows, read, write,
};

/// Why record sets were not changed. Nothing of the batch was kept.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `NoSuchHealthCheck`: a record set names one that does not exist.
    #[error("no health check found with ID: {0}")]
    NoSuchHealthCheck(HealthCheckId),
    /// `InvalidInput`: the batch's comment is too long.
    #[error("the comment of a change batch can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// `InvalidChangeBatch`: shown as the bracketed list of all messages.
    #[error("{0}")]
    Invalid(Faults),
    /// A running deployment locks one of the names.
    #[error(transparent)]
    Locked(Locked),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(ChangeError);

/// Why record sets were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Where a listing of record sets starts: at the first one not before this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListStart {
    /// A name, which need not exist.
    pub name: Name,
    /// A type, if one was given.
    pub record_type: Option<RecordType>,
    /// A set identifier, if one was given; without a type it has no meaning and is ignored.
    pub set_identifier: Option<String>,
}

impl ListStart {
    /// Starts at a record set, as the next page does.
    #[must_use]
    pub fn at(key: &RecordSetKey) -> Self {
        Self {
            name: key.name.clone(),
            record_type: Some(key.record_type),
            set_identifier: key.set_identifier.as_ref().map(ToString::to_string),
        }
    }
}

/// Applies a change batch: all of it, or nothing.
///
/// # Errors
/// See [`ChangeError`]; all faults of the batch are told together.
pub async fn change(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    batch: ChangeBatch,
    limits: &Limits,
) -> Result<SubmittedChange, ChangeError> {
    let (zone, limits, id, at_ms) = (zone.clone(), limits.clone(), draw::change_id(random), meta.at_ms);
    let committed = write(store, meta, move |transaction| change_in(transaction, at_ms, &zone, &batch, &limits, id));
    Ok(committed.await?.value)
}

/// Judges a batch as [`change()`] would and writes nothing; a batch without changes is no fault here. For callers that
/// could not read all changes of a request and want to tell what is wrong with the others too.
///
/// # Errors
/// See [`ChangeError`]; all faults of the batch are told together.
pub fn check(store: &Store, zone: &HostedZoneId, batch: &ChangeBatch, limits: &Limits) -> Result<(), ChangeError> {
    read(store, |reader| Ok(check_in(reader, zone, batch, limits)))?
}

fn check_in(rows: &impl Rows, zone: &HostedZoneId, batch: &ChangeBatch, limits: &Limits) -> Result<(), ChangeError> {
    let zone = zone_of(rows, zone)?;
    if batch.changes.is_empty() { Ok(()) } else { judge(rows, &zone, batch, limits).map(drop) }
}

fn zone_of(rows: &impl Rows, zone: &HostedZoneId) -> Result<HostedZone, ChangeError> {
    let found = find_row::<HostedZone>(rows, &keys::zone(zone))?;
    found.ok_or_else(|| ChangeError::NoSuchHostedZone(NoSuchHostedZone(zone.clone())))
}

pub(crate) fn judge(
    rows: &impl Rows,
    zone: &HostedZone,
    batch: &ChangeBatch,
    limits: &Limits,
) -> Result<Vec<Touched>, ChangeError> {
    let mut records = StoredRecords { rows, zone: &zone.id };
    let touched = change::apply(zone, batch, limits, &mut records).map_err(|error| match error {
        ApplyError::Invalid(faults) => ChangeError::Invalid(faults),
        ApplyError::NoSuchHealthCheck(id) => ChangeError::NoSuchHealthCheck(id),
        ApplyError::CommentTooLong(chars) => ChangeError::CommentTooLong(chars),
        ApplyError::Records(error) => ChangeError::Storage(error),
    })?;
    match hard_lock(rows, &zone.id, &touched)? {
        Some(locked) => Err(ChangeError::Locked(locked)),
        None => Ok(touched),
    }
}

fn change_in(
    transaction: &mut Transaction<'_>,
    at_ms: u64,
    zone: &HostedZoneId,
    batch: &ChangeBatch,
    limits: &Limits,
    id: ChangeId,
) -> Result<SubmittedChange, ChangeError> {
    let zone = zone_of(transaction, zone)?;
    let touched = judge(transaction, &zone, batch, limits)?;
    write_touched(transaction, &zone, &touched);
    Ok(changes::note(transaction, id, at_ms, batch.comment.clone())?)
}

/// Lists record sets in Route 53's order, at most `limit` from `start` on. A scan: the cost is that of the page.
///
/// # Errors
/// See [`ListError`].
pub fn list(
    store: &Store,
    zone: &HostedZoneId,
    start: Option<&ListStart>,
    limit: usize,
) -> Result<Page<RecordSet, RecordSetKey>, ListError> {
    let from = match start {
        None => Vec::new(),
        Some(ListStart { name, record_type: None, set_identifier: _ }) => keys::record_sets_at(zone, &name.sort_key()),
        Some(ListStart { name, record_type: Some(record_type), set_identifier }) => {
            keys::record_set(zone, &name.sort_key(), *record_type, set_identifier.as_deref())
        }
    };
    let found = read(store, |reader| {
        if !exists(reader, &keys::zone(zone))? {
            return Ok(None);
        }
        list_rows(reader, &keys::record_sets(zone), &from, limit.saturating_add(1)).map(Some)
    });
    match found.map_err(ListError::Storage)? {
        None => Err(ListError::NoSuchHostedZone(NoSuchHostedZone(zone.clone()))),
        Some(items) => Ok(Page::of(items, limit, RecordSetKey::of)),
    }
}

/// All record sets of a zone at one name; none if there is no such zone.
///
/// # Errors
/// The store cannot be read.
pub fn at(store: &Store, zone: &HostedZoneId, name: &Name) -> Result<Vec<RecordSet>, StorageError> {
    read(store, |reader| crate::record_rows::at(reader, zone, &name.sort_key()))
}

/// One record set.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, zone: &HostedZoneId, record_set: &RecordSetKey) -> Result<Option<RecordSet>, StorageError> {
    let RecordSetKey { name, record_type, set_identifier } = record_set;
    let id = set_identifier.as_ref().map(SetIdentifier::as_str);
    read(store, |reader| find_row(reader, &keys::record_set(zone, &name.sort_key(), *record_type, id)))
}

#[cfg(test)]
mod tests;
