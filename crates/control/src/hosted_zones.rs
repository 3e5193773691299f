//! Hosted zones: create, find, list, comment, delete. Each command is one transaction.

use std::ops::ControlFlow;

use model::hosted_zone::{Delegation, HostedZone, Visibility, ZoneNameFault, check_name};
use model::id::HostedZoneId;
use model::limits::{COMMENT_CHARS_MAX, Limits, ZONE_CALLER_REFERENCE_CHARS_MAX};
use model::tag::Taggable;
use model::{Name, RecordType};
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::draw::{self, Random};
use crate::record_rows::key as record_key;
use crate::rows::{
    NoSuchHostedZone, Page, StorageError, count as count_row, exists, find as find_row, list as list_rows, put, read,
    scan, write,
};
use crate::stored::StoredFault;
use crate::{keys, stored};

/// What `CreateHostedZone` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHostedZone {
    /// The apex.
    pub name: Name,
    /// Unique for ever, 1–128 characters.
    pub caller_reference: String,
    /// At most 256 characters.
    pub comment: Option<String>,
}

/// Why a hosted zone was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `InvalidDomainName`.
    #[error(transparent)]
    Name(ZoneNameFault),
    /// `HostedZoneAlreadyExists`: the caller reference was used before, also by a zone deleted since.
    #[error("a hosted zone has already been created with the specified caller reference: {0}")]
    AlreadyExists(String),
    /// `InvalidInput`.
    #[error("a caller reference must have 1 to 128 characters: {0}")]
    CallerReference(usize),
    /// `InvalidInput`.
    #[error("the comment of a hosted zone can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// `TooManyHostedZones`.
    #[error("limits exceeded, delete a hosted zone or raise the limit (hosted zones at most: {0})")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for CreateError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Why a comment was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateCommentError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `InvalidInput`.
    #[error("the comment of a hosted zone can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for UpdateCommentError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Why a hosted zone was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `HostedZoneNotEmpty`. The two blanks are Route 53's.
    #[error("The specified hosted zone contains non-required resource record sets  and so cannot be deleted.")]
    NotEmpty,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for DeleteError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Creates a hosted zone with its two default record sets. Several zones may have one name; the oldest answers.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    new: NewHostedZone,
    delegation: &Delegation,
    limits: &Limits,
) -> Result<(HostedZone, SubmittedChange), CreateError> {
    check_name(&new.name).map_err(CreateError::Name)?;
    let reference_chars = new.caller_reference.chars().count();
    if !(1..=ZONE_CALLER_REFERENCE_CHARS_MAX).contains(&reference_chars) {
        return Err(CreateError::CallerReference(reference_chars));
    }
    if let Some(chars) = too_long(new.comment.as_deref()) {
        return Err(CreateError::CommentTooLong(chars));
    }
    let (id, change_id) = (draw::hosted_zone_id(random), draw::change_id(random));
    let (delegation, most, at_ms) = (delegation.clone(), limits.hosted_zones_max, meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let record_sets = delegation.default_record_sets(&new.name);
        let zone = HostedZone {
            id,
            name: new.name,
            caller_reference: new.caller_reference,
            comment: new.comment,
            name_servers: delegation.name_servers,
            record_set_count: record_sets.len() as u64,
            created: transaction.revision().0,
            visibility: Visibility::PUBLIC,
        };
        add(transaction, &zone, most)?;
        for record_set in &record_sets {
            put(transaction, &record_key(&zone.id, record_set), record_set);
        }
        let change = changes::note(transaction, change_id, at_ms, None)?;
        Ok::<_, CreateError>((zone, change))
    });
    Ok(committed.await?.value)
}

/// Adds the rows of a zone, apart from its record sets.
pub(crate) fn add(transaction: &mut Transaction<'_>, zone: &HostedZone, most: Option<u64>) -> Result<(), CreateError> {
    let reference = keys::zone_reference(&zone.caller_reference);
    if exists(transaction, &reference)? {
        return Err(CreateError::AlreadyExists(zone.caller_reference.clone()));
    }
    if let Some(most) = most
        && find_row::<u64>(transaction, keys::ZONE_COUNT)?.unwrap_or(0) >= most
    {
        return Err(CreateError::TooMany(most));
    }
    put(transaction, &keys::zone(&zone.id), zone);
    transaction.put(&keys::zone_name(&zone.name, Some(&zone.id)), &[]);
    transaction.put(&reference, zone.id.as_str().as_bytes());
    Ok(count_row(transaction, keys::ZONE_COUNT, true)?)
}

/// Finds a hosted zone.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &HostedZoneId) -> Result<Option<HostedZone>, StorageError> {
    read(store, |reader| find_row(reader, &keys::zone(id)))
}

/// How many hosted zones there are.
///
/// # Errors
/// The store cannot be read.
pub fn count(store: &Store) -> Result<u64, StorageError> {
    read(store, |reader| Ok(find_row(reader, keys::ZONE_COUNT)?.unwrap_or(0)))
}

/// Lists hosted zones by id, at most `limit`, from `marker` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    marker: Option<&HostedZoneId>,
    limit: usize,
) -> Result<Page<HostedZone, HostedZoneId>, StorageError> {
    let from = marker.map(keys::zone).unwrap_or_default();
    let items = read(store, |reader| list_rows(reader, keys::ZONES, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |zone: &HostedZone| zone.id.clone()))
}

/// Lists hosted zones by name (labels from right to left), then id, from the first one not before `start` on: the name
/// is where to start, not a filter.
///
/// # Errors
/// The store cannot be read.
pub fn list_by_name(
    store: &Store,
    start: Option<(&Name, Option<&HostedZoneId>)>,
    limit: usize,
) -> Result<Page<HostedZone, (Name, HostedZoneId)>, StorageError> {
    let from = start.map(|(name, id)| keys::zone_name(name, id)).unwrap_or_default();
    let items = read(store, |reader| {
        let mut found = Vec::new();
        scan(reader, keys::ZONE_NAMES, &from, |key, _| {
            let id = id_of_zone_name(key).map_err(|fault| StorageError::damaged(key, fault))?;
            // A name without its zone cannot be: both are written by one transaction.
            found.extend(find_row::<HostedZone>(reader, &keys::zone(&id))?);
            Ok(if found.len() <= limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(found)
    })?;
    Ok(Page::of(items, limit, |zone: &HostedZone| (zone.name.clone(), zone.id.clone())))
}

/// The zones with exactly this name, the oldest first: that one answers.
///
/// # Errors
/// The store cannot be read.
pub fn named(store: &Store, name: &Name) -> Result<Vec<HostedZone>, StorageError> {
    read(store, |reader| named_in(reader, name))
}

pub(crate) fn named_in(rows: &impl crate::rows::Rows, name: &Name) -> Result<Vec<HostedZone>, StorageError> {
    let prefix = keys::zone_name(name, None);
    let mut ids = Vec::new();
    scan(rows, &prefix, &prefix, |key, _| {
        ids.push(id_of_zone_name(key).map_err(|fault| StorageError::damaged(key, fault))?);
        Ok(ControlFlow::Continue(()))
    })?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(find_row::<HostedZone>(rows, &keys::zone(&id))?);
    }
    found.sort_by_key(|zone| zone.created);
    Ok(found)
}

fn id_of_zone_name(key: &[u8]) -> Result<HostedZoneId, StoredFault> {
    let id = key.rsplit(|byte| *byte == 0).next().unwrap_or_default();
    HostedZoneId::parse(&String::from_utf8_lossy(id)).map_err(StoredFault::Id)
}

/// Replaces the comment of a hosted zone; none removes it.
///
/// # Errors
/// See [`UpdateCommentError`].
pub async fn update_comment(
    store: &Store,
    meta: Meta,
    id: &HostedZoneId,
    comment: Option<String>,
) -> Result<HostedZone, UpdateCommentError> {
    if let Some(chars) = too_long(comment.as_deref()) {
        return Err(UpdateCommentError::CommentTooLong(chars));
    }
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(UpdateCommentError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        let zone = HostedZone { comment, ..zone };
        put(transaction, &keys::zone(&id), &zone);
        Ok(zone)
    });
    Ok(committed.await?.value)
}

/// Deletes a hosted zone that holds nothing but the SOA and NS record sets of its apex. Its caller reference stays used.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(
    store: &Store,
    meta: Meta,
    random: &Random,
    id: &HostedZoneId,
) -> Result<SubmittedChange, DeleteError> {
    let (id, change_id, at_ms) = (id.clone(), draw::change_id(random), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(DeleteError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        for key in required_rows(transaction, &zone)?.ok_or(DeleteError::NotEmpty)? {
            transaction.delete(&key);
        }
        transaction.delete(&keys::zone(&id));
        transaction.delete(&keys::zone_name(&zone.name, Some(&id)));
        transaction.delete(&keys::tags(&Taggable::HostedZone(id)));
        count_row(transaction, keys::ZONE_COUNT, false)?;
        Ok(changes::note(transaction, change_id, at_ms, None)?)
    });
    Ok(committed.await?.value)
}

/// The rows of the apex' SOA and NS record sets, if there are no others.
fn required_rows(transaction: &Transaction<'_>, zone: &HostedZone) -> Result<Option<Vec<Vec<u8>>>, StorageError> {
    let mut rows = Some(Vec::new());
    let prefix = keys::record_sets(&zone.id);
    scan(transaction, &prefix, &prefix, |key, value| {
        let set = stored::record_set(value).map_err(|fault| StorageError::damaged(key, fault))?;
        if set.name == zone.name && matches!(set.record_type, RecordType::NS | RecordType::SOA) {
            rows.iter_mut().for_each(|rows| rows.push(key.to_vec()));
            return Ok(ControlFlow::Continue(()));
        }
        rows = None;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(rows)
}

fn too_long(comment: Option<&str>) -> Option<usize> {
    comment.map(|comment| comment.chars().count()).filter(|chars| *chars > COMMENT_CHARS_MAX)
}

#[cfg(test)]
mod tests;
