//! The VPCs of private hosted zones: associate, disassociate, list the zones of one; and the authorizations to do so.
//!
//! A VPC is a set of networks that the operator configures. Whether one is known is the caller's to judge, before a zone
//! gets it; taking one away works as well for a VPC that is configured no more. Each command is one transaction.

mod authorizations;

use model::Name;
use model::hosted_zone::{HostedZone, Visibility, Vpc};
use model::id::HostedZoneId;
use model::limits::Limits;
use std::ops::ControlFlow;
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::draw::{self, Random};
use crate::hosted_zones::{self, too_long};
use crate::keys;
use crate::rows::{NoSuchHostedZone, Page, StorageError, find as find_row, from_storage, put, read, scan, write};

pub(crate) use authorizations::forget as forget_authorizations;
pub use authorizations::{
    AuthorizeError, DeauthorizeError, ListAuthorizationsError, authorize, deauthorize, list_authorizations,
};

/// A VPC has a private zone of that name already. In AWS's words; the second dot is AWS's too, as the name ends with one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The VPC that you chose, {} in region {}, is already associated with another private hosted zone that has an overlapping name space, {name}.",
    .vpc.id, .vpc.region
)]
pub struct VpcTaken {
    /// The VPC.
    pub vpc: Vpc,
    /// The name of the zone.
    pub name: Name,
}

/// Why a VPC was not associated.
#[derive(Debug, thiserror::Error)]
pub enum AssociateError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `PublicZoneVPCAssociation`, in AWS's words.
    #[error("Attempting to associate public zone: {zone} with vpc: {}", .vpc.id)]
    PublicZone {
        /// The zone.
        zone: HostedZoneId,
        /// The VPC.
        vpc: Vpc,
    },
    /// `ConflictingDomainExists`; also if it is this very zone that the VPC has.
    #[error(transparent)]
    Taken(VpcTaken),
    /// `LimitsExceeded`.
    #[error("limits exceeded, disassociate a VPC or raise the limit (VPCs of one hosted zone at most: {0})")]
    TooMany(u64),
    /// `InvalidInput`.
    #[error("the comment of a change can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a VPC was not disassociated.
#[derive(Debug, thiserror::Error)]
pub enum DisassociateError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `VPCAssociationNotFound`; a public zone has no VPC.
    #[error("the VPC is not associated with the hosted zone: {}", .0.id)]
    NotAssociated(Vpc),
    /// `LastVPCAssociation`.
    #[error("the VPC is the last one of the hosted zone, delete the zone instead: {}", .0.id)]
    Last(Vpc),
    /// `InvalidInput`.
    #[error("the comment of a change can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(AssociateError, DisassociateError);

/// Associates a VPC with a private hosted zone.
///
/// # Errors
/// See [`AssociateError`].
pub async fn associate(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    vpc: Vpc,
    comment: Option<String>,
    limits: &Limits,
) -> Result<SubmittedChange, AssociateError> {
    if let Some(chars) = too_long(comment.as_deref()) {
        return Err(AssociateError::CommentTooLong(chars));
    }
    let (id, change_id, at_ms, most) = (zone.clone(), draw::change_id(random), meta.at_ms, limits.vpcs_per_zone_max);
    let committed = write(store, meta, move |transaction| {
        let Some(mut zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(AssociateError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        if !zone.is_private() {
            return Err(AssociateError::PublicZone { zone: id, vpc });
        }
        if is_taken(transaction, &vpc, &zone.name)? {
            return Err(AssociateError::Taken(VpcTaken { vpc, name: zone.name }));
        }
        enter(transaction, &vpc, &zone);
        if let Visibility::Private { vpcs } = &mut zone.visibility {
            if let Some(most) = most.filter(|most| vpcs.len() as u64 >= *most) {
                return Err(AssociateError::TooMany(most));
            }
            vpcs.push(vpc);
        }
        put(transaction, &keys::zone(&id), &zone);
        Ok(changes::note(transaction, change_id, at_ms, comment)?)
    });
    Ok(committed.await?.value)
}

/// Takes a VPC from a private hosted zone, which must have another.
///
/// # Errors
/// See [`DisassociateError`].
pub async fn disassociate(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    vpc: Vpc,
    comment: Option<String>,
) -> Result<SubmittedChange, DisassociateError> {
    if let Some(chars) = too_long(comment.as_deref()) {
        return Err(DisassociateError::CommentTooLong(chars));
    }
    let (id, change_id, at_ms) = (zone.clone(), draw::change_id(random), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let Some(mut zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(DisassociateError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        let place = |vpcs: &[Vpc]| vpcs.iter().position(|known| *known == vpc);
        match &mut zone.visibility {
            Visibility::Public { delegation_set: _ } => return Err(DisassociateError::NotAssociated(vpc)),
            Visibility::Private { vpcs } => match (place(vpcs), vpcs.len()) {
                (None, _) => return Err(DisassociateError::NotAssociated(vpc)),
                (Some(_), 1) => return Err(DisassociateError::Last(vpc)),
                (Some(at), _) => drop(vpcs.remove(at)),
            },
        }
        leave(transaction, &vpc, &zone);
        put(transaction, &keys::zone(&id), &zone);
        Ok(changes::note(transaction, change_id, at_ms, comment)?)
    });
    Ok(committed.await?.value)
}

/// Lists the private hosted zones of a VPC by name, then id, at most `limit`, from `start` (the first of this page) on.
///
/// # Errors
/// The store cannot be read.
pub fn list_zones(
    store: &Store,
    vpc: &Vpc,
    start: Option<(&Name, &HostedZoneId)>,
    limit: usize,
) -> Result<Page<HostedZone, (Name, HostedZoneId)>, StorageError> {
    let from = start.map(|(name, id)| keys::zone_of_vpc(vpc, name, Some(id))).unwrap_or_default();
    let items = read(store, |reader| {
        hosted_zones::listed_by(reader, &keys::zones_of_vpc(vpc), &from, limit.saturating_add(1))
    })?;
    Ok(Page::of(items, limit, |zone: &HostedZone| (zone.name.clone(), zone.id.clone())))
}

/// Whether the VPC has a private zone of exactly this name. Names that lie in each other go together: the longest
/// one that fits answers.
pub(crate) fn is_taken(transaction: &Transaction<'_>, vpc: &Vpc, name: &Name) -> Result<bool, StorageError> {
    let prefix = keys::zone_of_vpc(vpc, name, None);
    let mut found = false;
    scan(transaction, &prefix, &prefix, |_, _| {
        found = true;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

/// Notes that the VPC has the zone.
pub(crate) fn enter(transaction: &mut Transaction<'_>, vpc: &Vpc, zone: &HostedZone) {
    transaction.put(&keys::zone_of_vpc(vpc, &zone.name, Some(&zone.id)), &[]);
}

/// Notes that it has it no more.
pub(crate) fn leave(transaction: &mut Transaction<'_>, vpc: &Vpc, zone: &HostedZone) {
    transaction.delete(&keys::zone_of_vpc(vpc, &zone.name, Some(&zone.id)));
}

#[cfg(test)]
mod tests;
