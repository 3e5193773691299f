//! Access keys of the API and their sessions.
//!
//! SigV4 proves knowledge of a secret by a keyed hash over it, so the secret itself is needed and no hash of it will do:
//! it is kept under a [`Seal`]. A session's token is only compared, so its hash is kept. What comes out of here tells
//! no secret but [`Issued`], once, and [`Row::open`], for whoever checks signatures.

mod prepare;
mod proof;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use model::Name;
use model::access_key::{
    AccessKey, KeyPolicy, SESSION_SECONDS_MAX, SESSION_SECONDS_MIN, SESSIONS_PER_KEY_MAX, Session,
};
use model::hosted_zone::Visibility;
use model::id::AccessKeyId;
use model::policy::named;
use ring::digest::{SHA256, digest};
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::hosted_zones;
use crate::keys;
use crate::rows::{StorageError, find as find_row, forget_old, list as list_rows, put, read, scan, write};
use crate::seal::Seal;
use crate::stored::access_keys::{StoredKey, StoredSecret};

pub use prepare::{PrepareError, prepare, sealed};
pub use proof::{OpenError, Opened, OpenedSession, Row, row};

/// So long a session is remembered after its end, so that its user is told that it expired: a day.
const KEPT_MS: u64 = 24 * 3600 * 1000;

/// A key that was just made, with what is told once.
#[derive(Clone)]
pub struct Issued {
    /// The key.
    pub key: AccessKey,
    /// 40 characters.
    pub secret: String,
    /// What a session must send along.
    pub token: Option<String>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Why a key was not deleted or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No such key.
    #[error("no access key found with this id: {0}")]
    NoSuchAccessKey(AccessKeyId),
    /// Sessions are what they were opened as.
    #[error("a session cannot be changed, delete it and open another: {0}")]
    Session(AccessKeyId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why a session was not opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No such key.
    #[error("no access key found with this id: {0}")]
    NoSuchAccessKey(AccessKeyId),
    /// A session of a session could outlive it.
    #[error("a session opens no sessions, use the key itself: {0}")]
    OfSession(AccessKeyId),
    /// Too short or too long.
    #[error("a session lasts {SESSION_SECONDS_MIN} seconds to {SESSION_SECONDS_MAX} seconds (36 hours): {seconds}")]
    Seconds {
        /// As asked for.
        seconds: u64,
    },
    /// Too many of one key are open.
    #[error("the key has {SESSIONS_PER_KEY_MAX} sessions that have not ended, delete some or open shorter ones: {0}")]
    TooMany(AccessKeyId),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why there is no policy for the challenges of a name.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The name is in no public hosted zone.
    #[error("no public hosted zone holds this name, create the zone first: {0}")]
    NoZone(Name),
    /// Two zones hold it, and only one of them is asked by the world.
    #[error("several public hosted zones have this name, write a policy for one of them: {0}")]
    SeveralZones(Name),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

macro_rules! from_storage {
    ($($error:ty),*) => {$(
        impl From<StorageError> for $error {
            fn from(error: StorageError) -> Self {
                Self::Storage(error)
            }
        }
    )*};
}
from_storage!(ChangeError, SessionError, AcmeError);

/// What a sealed secret is for.
pub(crate) fn purpose(id: &AccessKeyId) -> String {
    format!("access key {id}")
}

/// Draws a new access key.
///
/// # Errors
/// The store failed.
///
/// # Panics
/// The name was not judged.
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    seal: &Seal,
    name: String,
    policies: Vec<KeyPolicy>,
) -> Result<Issued, StorageError> {
    AccessKey::check_name(&name).expect("the caller has judged the name");
    let id = draw::access_key_id(random);
    let key = AccessKey { id, name, policies, created_ms: meta.at_ms, session: None };
    let (issued, row) = issue(random, seal, key, None);
    write(store, meta, move |transaction| {
        put(transaction, &keys::access_key(&row.key.id), &row);
        Ok::<_, StorageError>(())
    })
    .await?;
    Ok(issued)
}

/// Opens a session: temporary credentials that may do what their key may, and no more than `policies` if there are any.
///
/// # Errors
/// See [`SessionError`].
pub async fn open_session(
    store: &Store,
    meta: Meta,
    random: &Random,
    seal: &Seal,
    of: &AccessKeyId,
    seconds: u64,
    policies: Vec<KeyPolicy>,
) -> Result<Issued, SessionError> {
    if !(SESSION_SECONDS_MIN..=SESSION_SECONDS_MAX).contains(&seconds) {
        return Err(SessionError::Seconds { seconds });
    }
    let (of, at_ms) = (of.clone(), meta.at_ms);
    let session = Session { of: of.clone(), expires_ms: at_ms + seconds * 1000 };
    let id = draw::session_key_id(random);
    let key = AccessKey { id, name: String::new(), policies, created_ms: at_ms, session: Some(session) };
    let (mut issued, mut row) = issue(random, seal, key, Some(draw::token(random)));
    let name = write(store, meta, move |transaction| {
        let parent: Option<StoredKey> = find_row(transaction, &keys::access_key(&of))?;
        let parent = match parent {
            None => return Err(SessionError::NoSuchAccessKey(of)),
            Some(StoredKey { key: AccessKey { session: Some(_), .. }, .. }) => return Err(SessionError::OfSession(of)),
            Some(parent) => parent,
        };
        forget_past(transaction, at_ms)?;
        if live_sessions(transaction, &of, at_ms)? >= SESSIONS_PER_KEY_MAX {
            return Err(SessionError::TooMany(of));
        }
        row.key.name = parent.key.name.clone();
        put(transaction, &keys::access_key(&row.key.id), &row);
        let expires_ms = row.key.session.as_ref().expect("it was made one").expires_ms;
        transaction.put(&keys::session_age(expires_ms, row.key.id.as_str()), of.as_str().as_bytes());
        Ok(parent.key.name)
    });
    issued.key.name = name.await?.value;
    Ok(issued)
}

fn issue(random: &Random, seal: &Seal, key: AccessKey, token: Option<String>) -> (Issued, StoredKey) {
    let secret = draw::secret(random);
    let sealed = seal.seal(random, &purpose(&key.id), secret.as_bytes());
    let token_sha256 = token.as_deref().map(|token| sha256(token.as_bytes()));
    let row = StoredKey { key: key.clone(), secret: StoredSecret::Sealed(sealed), token_sha256 };
    (Issued { key, secret, token }, row)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// All access keys and sessions, by id.
///
/// # Errors
/// The store cannot be read.
pub fn list(store: &Store) -> Result<Vec<AccessKey>, StorageError> {
    let rows: Vec<StoredKey> = read(store, |reader| list_rows(reader, keys::ACCESS_KEYS, &[], usize::MAX))?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// One of them.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &AccessKeyId) -> Result<Option<AccessKey>, StorageError> {
    let row: Option<StoredKey> = read(store, |reader| find_row(reader, &keys::access_key(id)))?;
    Ok(row.map(|row| row.key))
}

/// Gives a key other policies; its next request, and that of its sessions, is judged by them.
///
/// # Errors
/// See [`ChangeError`].
pub async fn set_policies(
    store: &Store,
    meta: Meta,
    seal: &Seal,
    random: &Random,
    id: &AccessKeyId,
    policies: Vec<KeyPolicy>,
) -> Result<AccessKey, ChangeError> {
    let row = read(store, |reader| find_row::<StoredKey>(reader, &keys::access_key(id)))?;
    // Sealed outside of the transaction, as neither seal nor randomness may enter it.
    let resealed = match row.map(|row| row.secret) {
        Some(StoredSecret::Clear(secret)) => Some(seal.seal(random, &purpose(id), secret.as_bytes())),
        Some(StoredSecret::Sealed(_)) | None => None,
    };
    let id = id.clone();
    let changed = write(store, meta, move |transaction| {
        let at = keys::access_key(&id);
        let Some(mut row) = find_row::<StoredKey>(transaction, &at)? else {
            return Err(ChangeError::NoSuchAccessKey(id));
        };
        if row.key.session.is_some() {
            return Err(ChangeError::Session(id));
        }
        if let (StoredSecret::Clear(_), Some(sealed)) = (&row.secret, resealed) {
            row.secret = StoredSecret::Sealed(sealed);
        }
        row.key.policies = policies;
        put(transaction, &at, &row);
        Ok(row.key)
    });
    Ok(changed.await?.value)
}

/// Deletes an access key and its sessions; requests signed with them are refused from now on.
///
/// # Errors
/// See [`ChangeError`].
pub async fn delete(store: &Store, meta: Meta, id: &AccessKeyId) -> Result<(), ChangeError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let rows: Vec<StoredKey> = list_rows(transaction, keys::ACCESS_KEYS, &[], usize::MAX)?;
        if !rows.iter().any(|row| row.key.id == id) {
            return Err(ChangeError::NoSuchAccessKey(id));
        }
        for StoredKey { key, .. } in rows {
            let of_it = key.session.as_ref().is_some_and(|session| session.of == id);
            if key.id == id || of_it {
                transaction.delete(&keys::access_key(&key.id));
                if let Some(Session { expires_ms, .. }) = key.session {
                    transaction.delete(&keys::session_age(expires_ms, key.id.as_str()));
                }
            }
        }
        Ok(())
    });
    committed.await?;
    Ok(())
}

/// How many sessions of a key have not ended.
fn live_sessions(transaction: &Transaction<'_>, of: &AccessKeyId, now_ms: u64) -> Result<usize, StorageError> {
    let mut count = 0;
    scan(transaction, keys::SESSION_AGES, &keys::session_age(now_ms, ""), |_, key| {
        count += usize::from(key == of.as_str().as_bytes());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(count)
}

fn forget_past(transaction: &mut Transaction<'_>, now_ms: u64) -> Result<(), StorageError> {
    let end = keys::session_age(now_ms.saturating_sub(KEPT_MS), "");
    forget_old(transaction, keys::SESSION_AGES, &end, |id| Some(keys::access_key(&AccessKeyId::parse(id).ok()?)))
}

/// The policy of a key that answers ACME's DNS challenges for a name and the names below it, in the closest public
/// zone that holds it.
///
/// # Errors
/// See [`AcmeError`].
pub fn acme_policy(store: &Store, name: &Name) -> Result<KeyPolicy, AcmeError> {
    let mut at = Some(name.clone());
    while let Some(origin) = at {
        let page = hosted_zones::list_by_name(store, Some((&origin, None)), 100)?;
        let public = |zone: &&model::hosted_zone::HostedZone| matches!(zone.visibility, Visibility::Public { .. });
        let mut zones = page.items.iter().take_while(|zone| zone.name == origin).filter(public);
        match (zones.next(), zones.next()) {
            (Some(zone), None) => return Ok(KeyPolicy::Document(compact(&named::acme(name, &zone.id)))),
            (Some(_), Some(_)) => return Err(AcmeError::SeveralZones(origin)),
            (None, _) => at = origin.parent(),
        }
    }
    Err(AcmeError::NoZone(name.clone()))
}

fn compact(document: &str) -> String {
    match KeyPolicy::parse(document) {
        Ok(KeyPolicy::Document(text)) => text,
        Ok(KeyPolicy::FullAccess | KeyPolicy::ReadOnly) | Err(_) => unreachable!("our own documents are policies"),
    }
}
