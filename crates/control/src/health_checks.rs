//! Health checks: create (safe to repeat), find, list, update, delete.
//!
//! Before: `api` parsed a config; `model::health_check` judged its fields. Here: the rules that need the other checks.
//! After: `publish` hands the list to the prober, routing asks for verdicts. Deleting a check that record sets still
//! name is allowed, as on Route 53: they count as healthy.

use model::health_check::{HealthCheck, HealthCheckChanges, HealthCheckConfig, Subject, UpdateHealthCheckError};
use model::id::HealthCheckId;
use model::limits::{HEALTH_CHECK_CALLER_REFERENCE_CHARS_MAX, Limits};
use model::tag::Taggable;
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{
    Page, StorageError, count as count_row, find as find_row, from_storage, list as list_rows, put, read, write,
};

/// The id names no health check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no health check exists with the specified ID: {0}")]
pub struct NoSuchHealthCheck(pub HealthCheckId);

/// A child that a calculated check cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChildFault {
    /// It does not exist.
    #[error("a child health check does not exist: {0}")]
    Missing(HealthCheckId),
    /// It is calculated itself.
    #[error("a calculated health check cannot be the child of another: {0}")]
    Calculated(HealthCheckId),
}

/// Why a health check was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `HealthCheckAlreadyExists`: the caller reference was used before, with other settings or by a check deleted
    /// since.
    #[error("a health check with other settings has been created with this caller reference: {0}")]
    AlreadyExists(String),
    /// `InvalidInput`.
    #[error("a caller reference must have 1 to 64 characters: {0}")]
    CallerReference(usize),
    /// `InvalidInput`.
    #[error(transparent)]
    Child(ChildFault),
    /// `TooManyHealthChecks`.
    #[error("limits exceeded, delete a health check or raise the limit (health checks at most: {0})")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a health check was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// `NoSuchHealthCheck`.
    #[error(transparent)]
    NoSuchHealthCheck(NoSuchHealthCheck),
    /// `HealthCheckVersionMismatch` or `InvalidInput`.
    #[error(transparent)]
    Refused(UpdateHealthCheckError),
    /// `InvalidInput`.
    #[error(transparent)]
    Child(ChildFault),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a health check was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchHealthCheck`.
    #[error(transparent)]
    NoSuchHealthCheck(NoSuchHealthCheck),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, UpdateError, DeleteError);

/// Creates a health check. The same reference with the same settings gives the existing one.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    caller_reference: String,
    config: HealthCheckConfig,
    limits: &Limits,
) -> Result<HealthCheck, CreateError> {
    let reference_chars = caller_reference.chars().count();
    if !(1..=HEALTH_CHECK_CALLER_REFERENCE_CHARS_MAX).contains(&reference_chars) {
        return Err(CreateError::CallerReference(reference_chars));
    }
    let (id, most) = (draw::health_check_id(random), limits.health_checks_max);
    let committed = write(store, meta, move |transaction| {
        if let Some(found) = find_by_reference(transaction, &caller_reference)? {
            return match found {
                Some(existing) if existing.config == config => Ok(existing),
                Some(_) | None => Err(CreateError::AlreadyExists(caller_reference)),
            };
        }
        if let Some(most) = most
            && find_row::<u64>(transaction, keys::HEALTH_CHECK_COUNT)?.unwrap_or(0) >= most
        {
            return Err(CreateError::TooMany(most));
        }
        if let Some(fault) = child_fault(transaction, &config)? {
            return Err(CreateError::Child(fault));
        }
        let check = HealthCheck { id, caller_reference, config, version: 1 };
        put(transaction, &keys::health_check(&check.id), &check);
        transaction.put(&keys::health_check_reference(&check.caller_reference), check.id.as_str().as_bytes());
        count_row(transaction, keys::HEALTH_CHECK_COUNT, true)?;
        Ok(check)
    });
    Ok(committed.await?.value)
}

/// The check that was created with a reference; the inner value is none when it was deleted since.
fn find_by_reference(
    transaction: &Transaction<'_>,
    reference: &str,
) -> Result<Option<Option<HealthCheck>>, StorageError> {
    let key = keys::health_check_reference(reference);
    let Some(id) = transaction.get(&key).map_err(StorageError::Read)? else { return Ok(None) };
    let id = HealthCheckId::parse(&String::from_utf8_lossy(&id))
        .map_err(|fault| StorageError::damaged(&key, crate::stored::StoredFault::Id(fault)))?;
    find_row(transaction, &keys::health_check(&id)).map(Some)
}

/// DG "calculated health checks": children exist and are not calculated themselves.
fn child_fault(transaction: &Transaction<'_>, config: &HealthCheckConfig) -> Result<Option<ChildFault>, StorageError> {
    let Subject::Calculated(calculated) = &config.subject else { return Ok(None) };
    for id in &calculated.children {
        match find_row::<HealthCheck>(transaction, &keys::health_check(id))?.map(|child| child.config.subject) {
            None => return Ok(Some(ChildFault::Missing(id.clone()))),
            Some(Subject::Calculated(_)) => return Ok(Some(ChildFault::Calculated(id.clone()))),
            Some(Subject::Endpoint(_)) => {}
        }
    }
    Ok(None)
}

/// Finds a health check.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &HealthCheckId) -> Result<Option<HealthCheck>, StorageError> {
    read(store, |reader| find_row(reader, &keys::health_check(id)))
}

/// How many health checks there are.
///
/// # Errors
/// The store cannot be read.
pub fn count(store: &Store) -> Result<u64, StorageError> {
    read(store, |reader| Ok(find_row(reader, keys::HEALTH_CHECK_COUNT)?.unwrap_or(0)))
}

/// Lists health checks by id, at most `limit`, from `marker` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    marker: Option<&HealthCheckId>,
    limit: usize,
) -> Result<Page<HealthCheck, HealthCheckId>, StorageError> {
    let from = marker.map(keys::health_check).unwrap_or_default();
    let items = read(store, |reader| list_rows(reader, keys::HEALTH_CHECKS, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |check: &HealthCheck| check.id.clone()))
}

/// Changes a health check; its version counts up. `version` is what the caller has seen, if it cares.
///
/// # Errors
/// See [`UpdateError`].
pub async fn update(
    store: &Store,
    meta: Meta,
    id: &HealthCheckId,
    version: Option<u64>,
    changes: HealthCheckChanges,
) -> Result<HealthCheck, UpdateError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let Some(check) = find_row::<HealthCheck>(transaction, &keys::health_check(&id))? else {
            return Err(UpdateError::NoSuchHealthCheck(NoSuchHealthCheck(id)));
        };
        let updated = check.update(version, &changes).map_err(UpdateError::Refused)?;
        // Children deleted since do not block a change of something else.
        if updated.config.subject != check.config.subject
            && let Some(fault) = child_fault(transaction, &updated.config)?
        {
            return Err(UpdateError::Child(fault));
        }
        put(transaction, &keys::health_check(&id), &updated);
        Ok(updated)
    });
    Ok(committed.await?.value)
}

/// Deletes a health check. Its caller reference stays used.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &HealthCheckId) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let key = keys::health_check(&id);
        if find_row::<HealthCheck>(transaction, &key)?.is_none() {
            return Err(DeleteError::NoSuchHealthCheck(NoSuchHealthCheck(id)));
        }
        transaction.delete(&key);
        transaction.delete(&keys::tags(&Taggable::HealthCheck(id)));
        Ok(count_row(transaction, keys::HEALTH_CHECK_COUNT, false)?)
    });
    committed.await?;
    Ok(())
}

#[cfg(test)]
mod tests;
