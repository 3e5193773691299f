//! Query logging configurations: create, find, list, delete; one for a zone.
//!
//! After: `publish` tells the DNS servers whose queries to hand over, [`QueryLogs`] writes them down under the name of
//! their log group. A configuration goes with its zone.

mod file_name;
mod line;
mod write;

use std::collections::HashSet;
use std::ops::ControlFlow;

use model::hosted_zone::HostedZone;
use model::id::{HostedZoneId, QueryLoggingConfigId};
use model::query_logging::{LogGroupArn, QueryLoggingConfig};
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{
    NoSuchHostedZone, Page, Rows, StorageError, exists, find as find_row, from_storage, list as list_rows, put, read,
    scan, write,
};
use crate::stored::{Stored, StoredFault};

pub use line::{Protocol, Query};
pub use write::{Counts, QueryLogs, Rotation, Sink};

/// The id names no query logging configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no query logging configuration found with ID: {0}")]
pub struct NoSuchQueryLoggingConfig(pub QueryLoggingConfigId);

/// Why a configuration was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `InvalidInput`: AWS logs queries of public zones only.
    #[error("queries of private hosted zones cannot be logged: {0}")]
    Private(HostedZoneId),
    /// `QueryLoggingConfigAlreadyExists`.
    #[error("a query logging configuration already exists for this hosted zone: {0}")]
    AlreadyExists(HostedZoneId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why configurations were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// `NoSuchHostedZone`: the zone whose configuration was asked for.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a configuration was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchQueryLoggingConfig`.
    #[error(transparent)]
    NoSuchQueryLoggingConfig(NoSuchQueryLoggingConfig),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, DeleteError);

/// Creates the configuration of a public zone.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    log_group: LogGroupArn,
) -> Result<QueryLoggingConfig, CreateError> {
    let (id, zone) = (draw::query_logging_config_id(random), zone.clone());
    let committed = write(store, meta, move |transaction| {
        match find_row::<HostedZone>(transaction, &keys::zone(&zone))? {
            None => return Err(CreateError::NoSuchHostedZone(NoSuchHostedZone(zone))),
            Some(facts) if facts.is_private() => return Err(CreateError::Private(zone)),
            Some(_) => {}
        }
        let of_zone = keys::query_logging_of(&zone);
        if exists(transaction, &of_zone)? {
            return Err(CreateError::AlreadyExists(zone));
        }
        let config = QueryLoggingConfig { id, zone, log_group };
        put(transaction, &keys::query_logging_config(&config.id), &config);
        transaction.put(&of_zone, config.id.as_str().as_bytes());
        Ok(config)
    });
    Ok(committed.await?.value)
}

/// Finds a configuration.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &QueryLoggingConfigId) -> Result<Option<QueryLoggingConfig>, StorageError> {
    read(store, |reader| find_row(reader, &keys::query_logging_config(id)))
}

/// Lists configurations by id, at most `limit`, from `start` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list(
    store: &Store,
    start: Option<&QueryLoggingConfigId>,
    limit: usize,
) -> Result<Page<QueryLoggingConfig, QueryLoggingConfigId>, StorageError> {
    let from = start.map(keys::query_logging_config).unwrap_or_default();
    let items = read(store, |reader| list_rows(reader, keys::QUERY_LOGGING_CONFIGS, &from, limit.saturating_add(1)))?;
    Ok(Page::of(items, limit, |config: &QueryLoggingConfig| config.id.clone()))
}

/// The configuration of a zone, if it has one.
///
/// # Errors
/// See [`ListError`].
pub fn of_zone(store: &Store, zone: &HostedZoneId) -> Result<Option<QueryLoggingConfig>, ListError> {
    let found = read(store, |reader| {
        if !exists(reader, &keys::zone(zone))? {
            return Ok(None);
        }
        let id = id_of_zone(reader, zone)?;
        id.map_or(Ok(None), |id| find_row(reader, &keys::query_logging_config(&id))).map(Some)
    });
    found.map_err(ListError::Storage)?.ok_or_else(|| ListError::NoSuchHostedZone(NoSuchHostedZone(zone.clone())))
}

/// Deletes a configuration; what was written stays.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &QueryLoggingConfigId) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let key = keys::query_logging_config(&id);
        let Some(config) = find_row::<QueryLoggingConfig>(transaction, &key)? else {
            return Err(DeleteError::NoSuchQueryLoggingConfig(NoSuchQueryLoggingConfig(id)));
        };
        transaction.delete(&key);
        transaction.delete(&keys::query_logging_of(&config.zone));
        Ok(())
    });
    committed.await?;
    Ok(())
}

/// Takes the configuration of a zone along that is deleted.
pub(crate) fn leave(transaction: &mut Transaction<'_>, zone: &HostedZoneId) -> Result<(), StorageError> {
    if let Some(id) = id_of_zone(transaction, zone)? {
        transaction.delete(&keys::query_logging_config(&id));
        transaction.delete(&keys::query_logging_of(zone));
    }
    Ok(())
}

fn id_of_zone(rows: &impl Rows, zone: &HostedZoneId) -> Result<Option<QueryLoggingConfigId>, StorageError> {
    let key = keys::query_logging_of(zone);
    let Some(id) = rows.value(&key).map_err(StorageError::Read)? else { return Ok(None) };
    let id = QueryLoggingConfigId::parse(&String::from_utf8_lossy(&id));
    id.map(Some).map_err(|fault| StorageError::damaged(&key, StoredFault::Id(fault)))
}

/// The zones whose queries are logged.
pub(crate) fn logged_zones(rows: &impl Rows) -> Result<HashSet<HostedZoneId>, StorageError> {
    Ok(all_sound(rows)?.into_iter().map(|config| config.zone).collect())
}

/// Every configuration that can be read, for those who follow the log; a damaged one must stop no other.
pub(crate) fn all_sound(rows: &impl Rows) -> Result<Vec<QueryLoggingConfig>, StorageError> {
    let mut found = Vec::new();
    scan(rows, keys::QUERY_LOGGING_CONFIGS, keys::QUERY_LOGGING_CONFIGS, |key, value| {
        match QueryLoggingConfig::decode(value) {
            Ok(config) => found.push(config),
            Err(fault) => {
                let error = StorageError::damaged(key, fault);
                tracing::error!(error = &error as &dyn std::error::Error, "left out");
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests;
