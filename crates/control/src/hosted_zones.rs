//! Hosted zones: create, find, list, comment, delete. Each command is one transaction.

mod create;
mod list;

use std::ops::ControlFlow;

use model::RecordType;
use model::hosted_zone::{HostedZone, Visibility};
use model::id::HostedZoneId;
use model::limits::COMMENT_CHARS_MAX;
use model::tag::Taggable;
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::draw::{self, Random};
use crate::rows::{
    NoSuchHostedZone, StorageError, count as count_row, find as find_row, from_storage, put, scan, write,
};
use crate::{delegation_sets, dnssec, keys, query_logging, stickiness, stored, traffic_policy_instances, vpcs};

pub(crate) use create::add;
pub use create::{CreateError, NewHostedZone, create};
pub use list::{count, find, list, list_by_name, list_private, named};
pub(crate) use list::{id_at_end, listed_by, named_in};

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

/// Why a hosted zone was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `HostedZoneNotEmpty`. The two blanks are Route 53's.
    #[error("The specified hosted zone contains non-required resource record sets  and so cannot be deleted.")]
    NotEmpty,
    /// `HostedZoneNotEmpty`, in AWS's words.
    #[error("The specified hosted zone contains DNSSEC Key Signing Keys and so cannot be deleted.")]
    HasKeySigningKeys,
    /// `HostedZoneNotEmpty`: instances that failed, or whose record set was deleted; no record set tells of them.
    #[error("The specified hosted zone contains traffic policy instances and so cannot be deleted.")]
    HasTrafficPolicyInstances,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(UpdateCommentError, DeleteError);

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
        if dnssec::has_keys(transaction, &id)? {
            return Err(DeleteError::HasKeySigningKeys);
        }
        if traffic_policy_instances::any_in(transaction, &id)? {
            return Err(DeleteError::HasTrafficPolicyInstances);
        }
        transaction.delete(&keys::zone(&id));
        transaction.delete(&keys::zone_name(&zone.name, Some(&id)));
        match &zone.visibility {
            Visibility::Public { delegation_set: None } => {}
            Visibility::Public { delegation_set: Some(set) } => delegation_sets::leave(transaction, set, &zone)?,
            Visibility::Private { vpcs } => {
                vpcs.iter().for_each(|vpc| vpcs::leave(transaction, vpc, &zone));
                vpcs::forget_authorizations(transaction, &id)?;
                transaction.delete(&keys::private_zone(&id));
            }
        }
        query_logging::leave(transaction, &id)?;
        stickiness::leave(transaction, &id)?;
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

/// How many characters a comment of a hosted zone or of a change has, if they are too many.
pub(crate) fn too_long(comment: Option<&str>) -> Option<usize> {
    comment.map(|comment| comment.chars().count()).filter(|chars| *chars > COMMENT_CHARS_MAX)
}

#[cfg(test)]
mod tests;
