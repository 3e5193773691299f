//! Traffic policies and their versions: create, find, list, comment, delete. Each command is one transaction.
//!
//! A version's document never changes, and its row stays when it is deleted, so that it can still be read by its id
//! (API `DeleteTrafficPolicy`); it is listed no more, and its number is never given again. Instances of policies are
//! made in [`crate::traffic_policy_instances`].

use std::ops::ControlFlow;

use model::id::{TrafficPolicyId, TrafficPolicyInstanceId};
use model::limits::{
    Limits, TRAFFIC_POLICY_COMMENT_CHARS_MAX, TRAFFIC_POLICY_NAME_CHARS_MAX, TRAFFIC_POLICY_VERSION_MAX,
};
use model::traffic_policy::{Document, DocumentFaults, TrafficPolicy, TrafficPolicyVersion};
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{
    Page, Rows, StorageError, count as count_row, exists, find as find_row, from_storage, put, read, scan, write,
};
use crate::stored::StoredFault;

/// What `CreateTrafficPolicy` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrafficPolicy {
    /// 1–512 characters.
    pub name: String,
    /// JSON.
    pub document: String,
    /// At most 1024 characters.
    pub comment: Option<String>,
}

/// The id names no traffic policy, or none with this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no traffic policy found with ID: {id}{}", version.map(|version| format!(", version: {version}")).unwrap_or_default())]
pub struct NoSuchTrafficPolicy {
    /// As asked.
    pub id: TrafficPolicyId,
    /// As asked, if a version was.
    pub version: Option<u16>,
}

/// Why a traffic policy was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `InvalidInput`.
    #[error("the name of a traffic policy must have 1 to {TRAFFIC_POLICY_NAME_CHARS_MAX} characters: {0}")]
    Name(usize),
    /// `InvalidInput`.
    #[error("the comment of a traffic policy can have at most {TRAFFIC_POLICY_COMMENT_CHARS_MAX} characters: {0}")]
    CommentTooLong(usize),
    /// `InvalidTrafficPolicyDocument`.
    #[error("{0}")]
    Document(DocumentFaults),
    /// `TrafficPolicyAlreadyExists`: the name of another one.
    #[error("a traffic policy with this name already exists: {0}")]
    AlreadyExists(String),
    /// `TooManyTrafficPolicies`.
    #[error("limits exceeded, delete a traffic policy or raise the limit (traffic policies at most: {0})")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a version was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateVersionError {
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// `InvalidInput`.
    #[error("the comment of a traffic policy can have at most {TRAFFIC_POLICY_COMMENT_CHARS_MAX} characters: {0}")]
    CommentTooLong(usize),
    /// `InvalidTrafficPolicyDocument`.
    #[error("{0}")]
    Document(DocumentFaults),
    /// `TooManyTrafficPolicyVersionsForCurrentPolicy`.
    #[error("limits exceeded, delete a version or raise the limit (versions of one traffic policy at most: {0})")]
    TooMany(u64),
    /// `TooManyTrafficPolicyVersionsForCurrentPolicy`: numbers are never given twice.
    #[error(
        "this traffic policy has used all its version numbers, create another one (highest: {TRAFFIC_POLICY_VERSION_MAX})"
    )]
    NumbersUsed,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why traffic policies were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// `InvalidInput`.
    #[error("the marker names no traffic policy, take TrafficPolicyIdMarker of the page before: {0}")]
    Marker(TrafficPolicyId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why versions were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListVersionsError {
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a comment was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateCommentError {
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// `InvalidInput`.
    #[error("the comment of a traffic policy can have at most {TRAFFIC_POLICY_COMMENT_CHARS_MAX} characters: {0}")]
    CommentTooLong(usize),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a version was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// `TrafficPolicyInUse`.
    #[error("the traffic policy version is in use, update or delete the traffic policy instance first: {0}")]
    InUse(TrafficPolicyInstanceId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, CreateVersionError, UpdateCommentError, DeleteError);

/// Creates a traffic policy with its version 1.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    new: NewTrafficPolicy,
    limits: &Limits,
) -> Result<(TrafficPolicy, TrafficPolicyVersion), CreateError> {
    let NewTrafficPolicy { name, document, comment } = new;
    let name_chars = name.chars().count();
    if !(1..=TRAFFIC_POLICY_NAME_CHARS_MAX).contains(&name_chars) {
        return Err(CreateError::Name(name_chars));
    }
    if let Some(chars) = too_long(comment.as_deref()) {
        return Err(CreateError::CommentTooLong(chars));
    }
    let record_type = Document::parse(&document).map_err(CreateError::Document)?.record_type();
    let (id, most) = (draw::traffic_policy_id(random), limits.traffic_policies_max);
    let committed = write(store, meta, move |transaction| {
        let name_key = keys::traffic_policy_name(&name);
        if exists(transaction, &name_key)? {
            return Err(CreateError::AlreadyExists(name));
        }
        if let Some(most) = most
            && find_row::<u64>(transaction, keys::TRAFFIC_POLICY_COUNT)?.unwrap_or(0) >= most
        {
            return Err(CreateError::TooMany(most));
        }
        let created = transaction.revision().0;
        let version = TrafficPolicyVersion { policy: id.clone(), number: 1, record_type, document, comment };
        let policy = TrafficPolicy { id, name, created, newest_version: 1, versions: vec![(1, record_type)] };
        transaction.put(&name_key, policy.id.as_str().as_bytes());
        transaction.put(&keys::traffic_policy_age(created, &policy.id), &[]);
        count_row(transaction, keys::TRAFFIC_POLICY_COUNT, true)?;
        put_both(transaction, &policy, &version);
        Ok((policy, version))
    });
    Ok(committed.await?.value)
}

/// Adds a version to a traffic policy; its records may be of another type.
///
/// # Errors
/// See [`CreateVersionError`].
pub async fn create_version(
    store: &Store,
    meta: Meta,
    id: &TrafficPolicyId,
    document: String,
    comment: Option<String>,
    limits: &Limits,
) -> Result<(TrafficPolicy, TrafficPolicyVersion), CreateVersionError> {
    if let Some(chars) = too_long(comment.as_deref()) {
        return Err(CreateVersionError::CommentTooLong(chars));
    }
    let record_type = Document::parse(&document).map_err(CreateVersionError::Document)?.record_type();
    let (id, most) = (id.clone(), limits.versions_per_traffic_policy_max);
    let committed = write(store, meta, move |transaction| {
        let Some(mut policy) = live(transaction, &id)? else {
            return Err(CreateVersionError::NoSuchTrafficPolicy(NoSuchTrafficPolicy { id, version: None }));
        };
        if let Some(most) = most.filter(|most| policy.versions.len() as u64 >= *most) {
            return Err(CreateVersionError::TooMany(most));
        }
        let number = policy.newest_version + 1;
        if number > TRAFFIC_POLICY_VERSION_MAX {
            return Err(CreateVersionError::NumbersUsed);
        }
        policy.newest_version = number;
        policy.versions.push((number, record_type));
        let version = TrafficPolicyVersion { policy: id, number, record_type, document, comment };
        put_both(transaction, &policy, &version);
        Ok((policy, version))
    });
    Ok(committed.await?.value)
}

/// Finds a version by its policy's id and its number, also one that was deleted.
///
/// # Errors
/// The store cannot be read.
pub fn find(
    store: &Store,
    id: &TrafficPolicyId,
    number: u16,
) -> Result<Option<(TrafficPolicy, TrafficPolicyVersion)>, StorageError> {
    read(store, |reader| {
        let policy: Option<TrafficPolicy> = find_row(reader, &keys::traffic_policy(id))?;
        let version: Option<TrafficPolicyVersion> = find_row(reader, &keys::traffic_policy_version(id, number))?;
        Ok(policy.zip(version))
    })
}

/// How many traffic policies there are.
///
/// # Errors
/// The store cannot be read.
pub fn count(store: &Store) -> Result<u64, StorageError> {
    read(store, |reader| Ok(find_row(reader, keys::TRAFFIC_POLICY_COUNT)?.unwrap_or(0)))
}

/// Lists traffic policies in the order in which they were created, at most `limit`, from `marker` (the first of this
/// page) on.
///
/// # Errors
/// See [`ListError`].
pub fn list(
    store: &Store,
    marker: Option<&TrafficPolicyId>,
    limit: usize,
) -> Result<Page<TrafficPolicy, TrafficPolicyId>, ListError> {
    let found = read(store, |reader| {
        let from = match marker {
            None => Vec::new(),
            // A policy that was deleted between two pages still tells where the second begins.
            Some(id) => match find_row::<TrafficPolicy>(reader, &keys::traffic_policy(id))? {
                None => return Ok(None),
                Some(policy) => keys::traffic_policy_age(policy.created, id),
            },
        };
        let mut found = Vec::new();
        scan(reader, keys::TRAFFIC_POLICY_AGES, &from, |key, _| {
            let id = key.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let id = TrafficPolicyId::parse(&String::from_utf8_lossy(id))
                .map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))?;
            found.extend(find_row::<TrafficPolicy>(reader, &keys::traffic_policy(&id))?);
            Ok(if found.len() <= limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(Some(found))
    });
    match (found.map_err(ListError::Storage)?, marker) {
        (Some(found), _) => Ok(Page::of(found, limit, |policy: &TrafficPolicy| policy.id.clone())),
        (None, Some(id)) => Err(ListError::Marker(id.clone())),
        (None, None) => unreachable!("only a marker can be missing"),
    }
}

/// Lists the versions of a traffic policy by number, at most `limit`, from the number `from` on.
///
/// # Errors
/// See [`ListVersionsError`].
pub fn list_versions(
    store: &Store,
    id: &TrafficPolicyId,
    from: u16,
    limit: usize,
) -> Result<(TrafficPolicy, Page<TrafficPolicyVersion, u16>), ListVersionsError> {
    let found = read(store, |reader| {
        let Some(policy) = live(reader, id)? else { return Ok(None) };
        let numbers = policy.versions.iter().map(|(number, _)| *number).filter(|number| *number >= from);
        let mut found = Vec::new();
        for number in numbers.take(limit.saturating_add(1)) {
            found.extend(find_row::<TrafficPolicyVersion>(reader, &keys::traffic_policy_version(id, number))?);
        }
        Ok(Some((policy, found)))
    });
    match found.map_err(ListVersionsError::Storage)? {
        Some((policy, found)) => Ok((policy, Page::of(found, limit, |version: &TrafficPolicyVersion| version.number))),
        None => Err(ListVersionsError::NoSuchTrafficPolicy(NoSuchTrafficPolicy { id: id.clone(), version: None })),
    }
}

/// Replaces the comment of a version; none removes it.
///
/// # Errors
/// See [`UpdateCommentError`].
pub async fn update_comment(
    store: &Store,
    meta: Meta,
    id: &TrafficPolicyId,
    number: u16,
    comment: Option<String>,
) -> Result<(TrafficPolicy, TrafficPolicyVersion), UpdateCommentError> {
    if let Some(chars) = too_long(comment.as_deref()) {
        return Err(UpdateCommentError::CommentTooLong(chars));
    }
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let Some((policy, version)) = live_version(transaction, &id, number)? else {
            let missing = NoSuchTrafficPolicy { id, version: Some(number) };
            return Err(UpdateCommentError::NoSuchTrafficPolicy(missing));
        };
        let version = TrafficPolicyVersion { comment, ..version };
        put(transaction, &keys::traffic_policy_version(&id, number), &version);
        Ok((policy, version))
    });
    Ok(committed.await?.value)
}

/// Deletes one version; with the last one the traffic policy goes, and its name is free again.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &TrafficPolicyId, number: u16) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let Some((mut policy, _)) = live_version(transaction, &id, number)? else {
            return Err(DeleteError::NoSuchTrafficPolicy(NoSuchTrafficPolicy { id, version: Some(number) }));
        };
        let instances = keys::policy_instances_of(&id, number);
        let mut used = None;
        scan(transaction, &instances, &instances, |key, instance| {
            let instance = TrafficPolicyInstanceId::parse(&String::from_utf8_lossy(instance));
            used = Some(instance.map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))?);
            Ok(ControlFlow::Break(()))
        })?;
        if let Some(instance) = used {
            return Err(DeleteError::InUse(instance));
        }
        policy.versions.retain(|(other, _)| *other != number);
        if policy.versions.is_empty() {
            transaction.delete(&keys::traffic_policy_name(&policy.name));
            transaction.delete(&keys::traffic_policy_age(policy.created, &id));
            count_row(transaction, keys::TRAFFIC_POLICY_COUNT, false)?;
        }
        put(transaction, &keys::traffic_policy(&id), &policy);
        Ok(())
    });
    committed.await?;
    Ok(())
}

/// A policy that has versions.
pub(crate) fn live(rows: &impl Rows, id: &TrafficPolicyId) -> Result<Option<TrafficPolicy>, StorageError> {
    let found: Option<TrafficPolicy> = find_row(rows, &keys::traffic_policy(id))?;
    Ok(found.filter(|policy| !policy.versions.is_empty()))
}

/// A version that is not deleted.
pub(crate) fn live_version(
    rows: &impl Rows,
    id: &TrafficPolicyId,
    number: u16,
) -> Result<Option<(TrafficPolicy, TrafficPolicyVersion)>, StorageError> {
    let Some(policy) = live(rows, id)? else { return Ok(None) };
    if !policy.versions.iter().any(|(known, _)| *known == number) {
        return Ok(None);
    }
    Ok(find_row(rows, &keys::traffic_policy_version(id, number))?.map(|version| (policy, version)))
}

fn put_both(transaction: &mut Transaction<'_>, policy: &TrafficPolicy, version: &TrafficPolicyVersion) {
    put(transaction, &keys::traffic_policy(&policy.id), policy);
    put(transaction, &keys::traffic_policy_version(&policy.id, version.number), version);
}

fn too_long(comment: Option<&str>) -> Option<usize> {
    comment.map(|comment| comment.chars().count()).filter(|chars| *chars > TRAFFIC_POLICY_COMMENT_CHARS_MAX)
}
