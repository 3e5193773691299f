//! Key-signing keys of hosted zones: create, list, activate, deactivate, delete. Each command is one transaction.
//!
//! A key pair is made here and its private half sealed before it is stored. Nothing is signed yet: a zone cannot be
//! switched to signing, and [`enable`] only says why. What that leaves out: the states of a zone that signs.

use std::convert::Infallible;
use std::fmt::Write as _;

use model::Name;
use model::dnssec::{KeySigningKey, KeyStatus, KmsArn};
use model::hosted_zone::HostedZone;
use model::id::{HostedZoneId, KeySigningKeyName};
use model::limits::Limits;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use store::{Meta, Store, Transaction};

use crate::changes::{self, SubmittedChange};
use crate::draw::{self, Random};
use crate::keys;
use crate::rows::{
    NoSuchHostedZone, Rows, StorageError, find as find_row, from_storage, list as list_rows, put, read, write,
};
use crate::seal::Seal;
use crate::stored::StoredKeySigningKey;

/// What `CreateKeySigningKey` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeySigningKey {
    /// Unique in the zone.
    pub name: KeySigningKeyName,
    /// Unique in the zone.
    pub kms_arn: KmsArn,
    /// Unique among the keys of the zone.
    pub caller_reference: String,
    /// What it is to do.
    pub status: KeyStatus,
}

/// A key as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub key: KeySigningKey,
    /// SHA-256 for its DS record, in upper-case hexadecimal digits.
    pub digest: String,
    /// Whether its private half can be opened: not if the master key is not the one it was sealed with.
    pub is_usable: bool,
}

/// Why a key-signing key was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `InvalidArgument`, in AWS's words.
    #[error("Operation is unsupported for private hosted zones.")]
    PrivateZone,
    /// `KeySigningKeyAlreadyExists`.
    #[error("the hosted zone has a key-signing key with this name already: {0}")]
    NameTaken(KeySigningKeyName),
    /// `KeySigningKeyAlreadyExists`.
    #[error("the hosted zone has a key-signing key with this KeyManagementServiceArn already: {}", .0.as_str())]
    ArnTaken(KmsArn),
    /// `KeySigningKeyAlreadyExists`.
    #[error("the hosted zone has a key-signing key with this caller reference already: {0}")]
    CallerReferenceTaken(String),
    /// `TooManyKeySigningKeys`.
    #[error(
        "limits exceeded, delete a key-signing key or raise the limit (key-signing keys of one hosted zone at most: {0})"
    )]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why the status of a key-signing key was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetStatusError {
    /// `NoSuchKeySigningKey`.
    #[error(transparent)]
    NoSuchKeySigningKey(NoSuchKeySigningKey),
    /// `InvalidKeySigningKeyStatus`.
    #[error("Key Signing Key with name {name} cannot be set to {} because that is its current status.", .status.as_str())]
    Already {
        /// The key.
        name: KeySigningKeyName,
        /// Its status.
        status: KeyStatus,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a key-signing key was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchKeySigningKey`.
    #[error(transparent)]
    NoSuchKeySigningKey(NoSuchKeySigningKey),
    /// `InvalidKeySigningKeyStatus`, in AWS's words.
    #[error("Key Signing Key with name {0} cannot be deleted because current status is not INACTIVE.")]
    NotInactive(KeySigningKeyName),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why keys were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `InvalidArgument`, in AWS's words.
    #[error("Operation is unsupported for private hosted zones.")]
    PrivateZone,
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a zone is not signed.
#[derive(Debug, thiserror::Error)]
pub enum EnableError {
    /// Its keys cannot be listed.
    #[error(transparent)]
    List(ListError),
    /// `KeySigningKeyWithActiveStatusNotFound`, in AWS's words.
    #[error("Hosted zone with ID '{0}' does not have a Key Signing Key in ACTIVE status.")]
    NoActiveKey(HostedZoneId),
    /// `InvalidArgument`: what this server cannot do.
    #[error("this server does not sign zones yet, the hosted zone stays unsigned: {0}")]
    NotOffered(HostedZoneId),
}

/// The zone has no key-signing key of this name, or there is no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("hosted zone {zone} has no key-signing key with this name: {name}")]
pub struct NoSuchKeySigningKey {
    /// The zone asked for.
    pub zone: HostedZoneId,
    /// The name asked for.
    pub name: KeySigningKeyName,
}

from_storage!(CreateError, SetStatusError, DeleteError, ListError);

/// Creates a key-signing key with a new key pair.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    seal: &Seal,
    zone: &HostedZoneId,
    new: NewKeySigningKey,
    limits: &Limits,
) -> Result<(ListedKey, SubmittedChange), CreateError> {
    let NewKeySigningKey { name, kms_arn, caller_reference, status } = new;
    let (public_key, private_key) = draw::key_pair(random);
    let sealed = seal.seal(random, &purpose(zone, &name), &private_key);
    let (created_ms, modified_ms) = (meta.at_ms, meta.at_ms);
    let key = KeySigningKey { name, kms_arn, caller_reference, public_key, status, created_ms, modified_ms };
    let row = StoredKeySigningKey { key, sealed };
    let (id, change_id, most) = (zone.clone(), draw::change_id(random), limits.key_signing_keys_per_zone_max);
    let committed = write(store, meta, move |transaction| {
        let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&id))? else {
            return Err(CreateError::NoSuchHostedZone(NoSuchHostedZone(id)));
        };
        if zone.is_private() {
            return Err(CreateError::PrivateZone);
        }
        let StoredKeySigningKey { key, sealed: _ } = &row;
        let others = rows_of(&*transaction, &id)?;
        for StoredKeySigningKey { key: other, sealed: _ } in &others {
            if other.name == key.name {
                return Err(CreateError::NameTaken(key.name.clone()));
            }
            if other.kms_arn == key.kms_arn {
                return Err(CreateError::ArnTaken(key.kms_arn.clone()));
            }
            if other.caller_reference == key.caller_reference {
                return Err(CreateError::CallerReferenceTaken(key.caller_reference.clone()));
            }
        }
        if let Some(most) = most.filter(|most| others.len() as u64 >= *most) {
            return Err(CreateError::TooMany(most));
        }
        put(transaction, &keys::key_signing_key(&id, &key.name), &row);
        let change = touch(transaction, &zone, change_id, created_ms)?;
        Ok((listed(row.key, &zone.name, true), change))
    });
    Ok(committed.await?.value)
}

/// Lists the key-signing keys of a zone by name.
///
/// # Errors
/// See [`ListError`].
pub fn list(store: &Store, seal: &Seal, zone: &HostedZoneId) -> Result<Vec<ListedKey>, ListError> {
    let found = read(store, |reader| {
        let found: Option<HostedZone> = find_row(reader, &keys::zone(zone))?;
        Ok((found, rows_of(reader, zone)?))
    })?;
    let (Some(found), rows) = found else {
        return Err(ListError::NoSuchHostedZone(NoSuchHostedZone(zone.clone())));
    };
    if found.is_private() {
        return Err(ListError::PrivateZone);
    }
    let show = |StoredKeySigningKey { key, sealed }: StoredKeySigningKey| {
        let is_usable = opens(seal, zone, &key, &sealed);
        listed(key, &found.name, is_usable)
    };
    Ok(rows.into_iter().map(show).collect())
}

/// Sets the status of a key.
///
/// # Errors
/// See [`SetStatusError`].
pub async fn set_status(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    name: &KeySigningKeyName,
    status: KeyStatus,
) -> Result<SubmittedChange, SetStatusError> {
    let (id, name, change_id, at_ms) = (zone.clone(), name.clone(), draw::change_id(random), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let at = keys::key_signing_key(&id, &name);
        let zone = find_row::<HostedZone>(transaction, &keys::zone(&id))?;
        let Some((zone, mut row)) = zone.zip(find_row::<StoredKeySigningKey>(transaction, &at)?) else {
            return Err(SetStatusError::NoSuchKeySigningKey(NoSuchKeySigningKey { zone: id, name }));
        };
        if row.key.status == status {
            return Err(SetStatusError::Already { name, status });
        }
        row.key = KeySigningKey { status, modified_ms: at_ms, ..row.key };
        put(transaction, &at, &row);
        Ok(touch(transaction, &zone, change_id, at_ms)?)
    });
    Ok(committed.await?.value)
}

/// Deletes an inactive key.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    name: &KeySigningKeyName,
) -> Result<SubmittedChange, DeleteError> {
    let (id, name, change_id, at_ms) = (zone.clone(), name.clone(), draw::change_id(random), meta.at_ms);
    let committed = write(store, meta, move |transaction| {
        let at = keys::key_signing_key(&id, &name);
        let zone = find_row::<HostedZone>(transaction, &keys::zone(&id))?;
        let Some((zone, row)) = zone.zip(find_row::<StoredKeySigningKey>(transaction, &at)?) else {
            return Err(DeleteError::NoSuchKeySigningKey(NoSuchKeySigningKey { zone: id, name }));
        };
        match row.key.status {
            KeyStatus::Inactive => transaction.delete(&at),
            KeyStatus::Active => return Err(DeleteError::NotInactive(name)),
        }
        Ok(touch(transaction, &zone, change_id, at_ms)?)
    });
    Ok(committed.await?.value)
}

/// Says why a zone is not signed. Once zones can be signed, this is where it begins.
///
/// # Errors
/// Always, see [`EnableError`].
pub fn enable(store: &Store, seal: &Seal, zone: &HostedZoneId) -> Result<Infallible, EnableError> {
    let keys = list(store, seal, zone).map_err(EnableError::List)?;
    match keys.iter().any(|listed| listed.key.status == KeyStatus::Active) {
        true => Err(EnableError::NotOffered(zone.clone())),
        false => Err(EnableError::NoActiveKey(zone.clone())),
    }
}

/// Whether a zone has any key, which keeps it from being deleted.
pub(crate) fn has_keys(transaction: &Transaction<'_>, zone: &HostedZoneId) -> Result<bool, StorageError> {
    Ok(!rows_of(transaction, zone)?.is_empty())
}

fn rows_of(rows: &impl Rows, zone: &HostedZoneId) -> Result<Vec<StoredKeySigningKey>, StorageError> {
    let prefix = keys::key_signing_keys(zone);
    list_rows(rows, &prefix, &prefix, usize::MAX)
}

/// Writes the zone as it is, so that its history tells of the revision, and notes the change.
fn touch(
    transaction: &mut Transaction<'_>,
    zone: &HostedZone,
    change: model::id::ChangeId,
    at_ms: u64,
) -> Result<SubmittedChange, StorageError> {
    put(transaction, &keys::zone(&zone.id), zone);
    changes::note(transaction, change, at_ms, None)
}

fn listed(key: KeySigningKey, zone: &Name, is_usable: bool) -> ListedKey {
    let mut hex = String::new();
    for byte in digest(&SHA256, &key.digest_input(zone)).as_ref() {
        write!(hex, "{byte:02X}").expect("a text takes everything");
    }
    ListedKey { key, digest: hex, is_usable }
}

/// Whether the private half is there and belongs to the public one.
fn opens(seal: &Seal, zone: &HostedZoneId, key: &KeySigningKey, sealed: &[u8]) -> bool {
    let opened = seal.open(&purpose(zone, &key.name), sealed);
    opened.and_then(|private| pair(&private)).is_some_and(|pair| pair.public_key().as_ref()[1..] == key.public_key)
}

fn pair(private: &[u8]) -> Option<EcdsaKeyPair> {
    let random = ring::rand::SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private, &random).ok()
}

/// What a sealed private key is for.
fn purpose(zone: &HostedZoneId, name: &KeySigningKeyName) -> String {
    format!("key-signing key {zone} {name}")
}

#[cfg(test)]
mod tests;
