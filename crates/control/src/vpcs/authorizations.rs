//! Authorizations to associate a VPC of another account with a private hosted zone.
//!
//! All VPCs here are of one account, which needs none; they are kept because the clients that make them read them back.
//! They change no answer, and using one does not consume it, as on AWS.

use std::ops::ControlFlow;

use model::hosted_zone::{HostedZone, Vpc};
use model::id::{HostedZoneId, Region, VpcId};
use model::limits::Limits;
use store::{Meta, Store, Transaction};

use crate::keys;
use crate::rows::{
    NoSuchHostedZone, Page, Rows, StorageError, exists, find as find_row, from_storage, read, scan, write,
};
use crate::stored::StoredFault;

/// Why a VPC was not authorized.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `InvalidInput`: AWS names no code for it.
    #[error("a public hosted zone takes no VPC: {0}")]
    PublicZone(HostedZoneId),
    /// `TooManyVPCAssociationAuthorizations`.
    #[error(
        "limits exceeded, delete an authorization or raise the limit (VPC authorizations of one hosted zone at most: {0})"
    )]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why an authorization was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum DeauthorizeError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `VPCAssociationAuthorizationNotFound`.
    #[error("the VPC is not authorized to be associated with the hosted zone: {}", .0.id)]
    NotAuthorized(Vpc),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(AuthorizeError, DeauthorizeError);

/// Why authorizations were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListAuthorizationsError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Authorizes a VPC. One that is authorized already stays so.
///
/// # Errors
/// See [`AuthorizeError`].
pub async fn authorize(
    store: &Store,
    meta: Meta,
    zone: &HostedZoneId,
    vpc: Vpc,
    limits: &Limits,
) -> Result<(), AuthorizeError> {
    let (id, most) = (zone.clone(), limits.vpc_authorizations_per_zone_max);
    let committed = write(store, meta, move |transaction| {
        let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(AuthorizeError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        if !zone.is_private() {
            return Err(AuthorizeError::PublicZone(id));
        }
        let key = keys::vpc_grant(&id, &vpc);
        if exists(transaction, &key)? {
            return Ok(());
        }
        if let Some(most) = most
            && grants(&*transaction, &id)?.len() as u64 >= most
        {
            return Err(AuthorizeError::TooMany(most));
        }
        transaction.put(&key, &[]);
        Ok(())
    });
    committed.await?;
    Ok(())
}

/// Takes an authorization back. An association that was made stays.
///
/// # Errors
/// See [`DeauthorizeError`].
pub async fn deauthorize(store: &Store, meta: Meta, zone: &HostedZoneId, vpc: Vpc) -> Result<(), DeauthorizeError> {
    let id = zone.clone();
    let committed = write(store, meta, move |transaction| {
        if !exists(transaction, &keys::zone(&id))? {
            return Err(DeauthorizeError::NoSuchHostedZone(NoSuchHostedZone(id)));
        }
        let key = keys::vpc_grant(&id, &vpc);
        if !exists(transaction, &key)? {
            return Err(DeauthorizeError::NotAuthorized(vpc));
        }
        transaction.delete(&key);
        Ok(())
    });
    committed.await?;
    Ok(())
}

/// Lists the authorized VPCs of a zone by region, then id, at most `limit`, from `start` (the first of this page) on.
///
/// # Errors
/// See [`ListAuthorizationsError`].
pub fn list_authorizations(
    store: &Store,
    zone: &HostedZoneId,
    start: Option<&Vpc>,
    limit: usize,
) -> Result<Page<Vpc, Vpc>, ListAuthorizationsError> {
    let listed = read(store, |reader| {
        if !exists(reader, &keys::zone(zone))? {
            return Ok(None);
        }
        let from = start.map(|vpc| keys::vpc_grant(zone, vpc)).unwrap_or_default();
        let (prefix, mut found) = (keys::vpc_grants(zone), Vec::new());
        scan(reader, &prefix, &from, |key, _| {
            found.push(vpc_of(key, prefix.len())?);
            Ok(if found.len() <= limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(Some(found))
    });
    match listed {
        Ok(Some(found)) => Ok(Page::of(found, limit, Vpc::clone)),
        Ok(None) => Err(ListAuthorizationsError::NoSuchHostedZone(NoSuchHostedZone(zone.clone()))),
        Err(error) => Err(ListAuthorizationsError::Storage(error)),
    }
}

/// Removes all authorizations of a zone that is being deleted.
pub(crate) fn forget(transaction: &mut Transaction<'_>, zone: &HostedZoneId) -> Result<(), StorageError> {
    for key in grants(&*transaction, zone)? {
        transaction.delete(&key);
    }
    Ok(())
}

fn grants(rows: &impl Rows, zone: &HostedZoneId) -> Result<Vec<Vec<u8>>, StorageError> {
    let (prefix, mut found) = (keys::vpc_grants(zone), Vec::new());
    scan(rows, &prefix, &prefix, |key, _| {
        found.push(key.to_vec());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// What the key of an authorization names after its prefix.
fn vpc_of(key: &[u8], prefix: usize) -> Result<Vpc, StorageError> {
    let text = String::from_utf8_lossy(&key[prefix..]);
    let (region, id) = text.split_once('\0').unwrap_or((&text, ""));
    let vpc = || Ok(Vpc { region: Region::parse(region)?, id: VpcId::parse(id)? });
    vpc().map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))
}
