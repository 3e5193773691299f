//! Creating a hosted zone, public or private, with its two default record sets.
//!
//! Several zones may have one name. Of public ones the oldest answers; private ones of one name are never in one VPC.

use model::Name;
use model::delegation_set::DelegationSet;
use model::hosted_zone::{Delegation, HostedZone, Visibility, ZoneNameFault, check_name};
use model::id::{DelegationSetId, HostedZoneId};
use model::limits::{Limits, ZONE_CALLER_REFERENCE_CHARS_MAX};
use store::{Meta, Store, Transaction};

use super::too_long;
use crate::changes::{self, SubmittedChange};
use crate::draw::{self, Random};
use crate::record_rows::key as record_key;
use crate::rows::{StorageError, count as count_row, exists, find as find_row, from_storage, put, write};
use crate::vpcs::{self, VpcTaken};
use crate::{delegation_sets, keys};

/// What `CreateHostedZone` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHostedZone {
    /// The apex.
    pub name: Name,
    /// Unique for ever, 1–128 characters.
    pub caller_reference: String,
    /// At most 256 characters.
    pub comment: Option<String>,
    /// Who may ask. The caller makes sure that the VPCs are known.
    pub visibility: Visibility,
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
    /// `NoSuchDelegationSet`.
    #[error(transparent)]
    NoSuchDelegationSet(delegation_sets::NoSuchDelegationSet),
    /// `TooManyHostedZones`, as AWS answers for this limit too.
    #[error("limits exceeded, use another delegation set or raise the limit (hosted zones of {set} at most: {most})")]
    TooManyInSet {
        /// The delegation set.
        set: DelegationSetId,
        /// The limit.
        most: u64,
    },
    /// `ConflictingDomainExists`: zones of one delegation set may not have one name, nor lie in each other.
    #[error("A conflicting domain is already associated with the given VPC or Delegation Set.")]
    DomainInSet {
        /// The delegation set.
        set: DelegationSetId,
        /// The zone that is in the way.
        zone: HostedZoneId,
    },
    /// `ConflictingDomainExists`.
    #[error(transparent)]
    VpcTaken(VpcTaken),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError);

/// Creates a hosted zone.
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
    let (delegation, limits, at_ms) = (delegation.clone(), limits.clone(), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let set = set_of(transaction, &new.visibility)?;
        let name_servers = set.map_or(delegation.name_servers, |set| set.name_servers);
        let delegation = Delegation { name_servers, hostmaster: delegation.hostmaster };
        let record_sets = delegation.default_record_sets(&new.name);
        let zone = HostedZone {
            id,
            name: new.name,
            caller_reference: new.caller_reference,
            comment: new.comment,
            name_servers: delegation.name_servers,
            record_set_count: record_sets.len() as u64,
            created: transaction.revision().0,
            visibility: new.visibility,
        };
        add(transaction, &zone, &limits)?;
        for record_set in &record_sets {
            put(transaction, &record_key(&zone.id, record_set), record_set);
        }
        let change = changes::note(transaction, change_id, at_ms, None)?;
        Ok::<_, CreateError>((zone, change))
    });
    Ok(committed.await?.value)
}

fn set_of(transaction: &Transaction<'_>, visibility: &Visibility) -> Result<Option<DelegationSet>, CreateError> {
    let Visibility::Public { delegation_set: Some(id) } = visibility else { return Ok(None) };
    let missing = || CreateError::NoSuchDelegationSet(delegation_sets::NoSuchDelegationSet(id.clone()));
    find_row(transaction, &keys::delegation_set(id))?.ok_or_else(missing).map(Some)
}

/// Adds the rows of a zone, apart from its record sets.
pub(crate) fn add(transaction: &mut Transaction<'_>, zone: &HostedZone, limits: &Limits) -> Result<(), CreateError> {
    let reference = keys::zone_reference(&zone.caller_reference);
    if exists(transaction, &reference)? {
        return Err(CreateError::AlreadyExists(zone.caller_reference.clone()));
    }
    if let Some(most) = limits.hosted_zones_max
        && find_row::<u64>(transaction, keys::ZONE_COUNT)?.unwrap_or(0) >= most
    {
        return Err(CreateError::TooMany(most));
    }
    if let Some(mut set) = set_of(transaction, &zone.visibility)? {
        if let Some(most) = limits.zones_per_delegation_set_max.filter(|most| set.zone_count >= *most) {
            return Err(CreateError::TooManyInSet { set: set.id, most });
        }
        if let Some(zone) = delegation_sets::conflict(transaction, &set.id, &zone.name)? {
            return Err(CreateError::DomainInSet { set: set.id, zone });
        }
        delegation_sets::enter(transaction, &mut set, zone);
    }
    if let Visibility::Private { vpcs } = &zone.visibility {
        for vpc in vpcs {
            if vpcs::is_taken(transaction, vpc, &zone.name)? {
                return Err(CreateError::VpcTaken(VpcTaken { vpc: vpc.clone(), name: zone.name.clone() }));
            }
            vpcs::enter(transaction, vpc, zone);
        }
        transaction.put(&keys::private_zone(&zone.id), &[]);
    }
    put(transaction, &keys::zone(&zone.id), zone);
    transaction.put(&keys::zone_name(&zone.name, Some(&zone.id)), &[]);
    transaction.put(&reference, zone.id.as_str().as_bytes());
    Ok(count_row(transaction, keys::ZONE_COUNT, true)?)
}
