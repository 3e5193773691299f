//! What a signature is checked against: a key's rows as they stand, and what they say under the seal.
//!
//! The rows can be compared, so that whoever checks many signatures opens the same ones once: two reads and a
//! comparison for every request, and a change of a key is seen by the next one.

use model::id::AccessKeyId;
use model::policy::{Policy, PolicyFault};
use store::Store;

use super::{StoredKey, StoredSecret, purpose};
use crate::keys;
use crate::rows::{Rows as _, StorageError, read};
use crate::seal::Seal;
use crate::stored::access_keys;
use crate::stored::{Stored as _, StoredFault};

/// The row of a key, and for a session also that of its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    own: Vec<u8>,
    parent: Option<Vec<u8>>,
}

/// What a row says.
pub struct Opened {
    /// Whose it is; a session's is that of its key.
    pub name: String,
    /// For checking signatures.
    pub secret: String,
    /// Each must allow what is done: the key's policies, and a session's own after them.
    pub layers: Vec<Vec<Policy>>,
    /// What makes it a session.
    pub session: Option<OpenedSession>,
}

/// What a session needs besides a signature.
pub struct OpenedSession {
    /// The key that it stands for.
    pub of: AccessKeyId,
    /// Milliseconds since 1970-01-01 UTC.
    pub expires_ms: u64,
    /// SHA-256 of the token that must come along.
    pub token_sha256: [u8; 32],
}

/// Why a row says nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not what this program wrote.
    #[error("the access key is damaged; delete it and make another: {id}")]
    Damaged {
        /// Which.
        id: AccessKeyId,
        /// What is wrong.
        #[source]
        fault: StoredFault,
    },
    /// The seal does not open.
    #[error("the secret of the access key was sealed with another master key; put that back, or delete the key: {0}")]
    Sealed(AccessKeyId),
    /// A policy is none.
    #[error("a policy of the access key is none; set another: {id}")]
    Policy {
        /// Which.
        id: AccessKeyId,
        /// What is wrong.
        #[source]
        fault: PolicyFault,
    },
}

/// Finds the row of a key that may be used: it is there, and so is the key that a session stands for.
///
/// # Errors
/// The store cannot be read.
pub fn row(store: &Store, id: &AccessKeyId) -> Result<Option<Row>, StorageError> {
    read(store, |reader| {
        let at = keys::access_key(id);
        let Some(own) = reader.value(&at).map_err(StorageError::Read)? else { return Ok(None) };
        let of = access_keys::parent(&own).map_err(|fault| StorageError::damaged(&at, fault))?;
        let Some(of) = of else { return Ok(Some(Row { own, parent: None })) };
        let parent = reader.value(&keys::access_key(&of)).map_err(StorageError::Read)?;
        Ok(parent.map(|parent| Row { own, parent: Some(parent) }))
    })
}

impl Row {
    /// How long it is.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.own.len() + self.parent.as_ref().map_or(0, Vec::len)
    }

    /// Opens it.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, id: &AccessKeyId, seal: &Seal) -> Result<Opened, OpenError> {
        let decode =
            |bytes: &[u8]| StoredKey::decode(bytes).map_err(|fault| OpenError::Damaged { id: id.clone(), fault });
        let StoredKey { key, secret, token_sha256 } = decode(&self.own)?;
        let secret = match secret {
            StoredSecret::Clear(secret) => Some(secret),
            StoredSecret::Sealed(sealed) => {
                seal.open(&purpose(id), &sealed).and_then(|plain| String::from_utf8(plain).ok())
            }
        };
        let secret = secret.ok_or_else(|| OpenError::Sealed(id.clone()))?;
        let session = key.session.zip(token_sha256);
        let session = session.map(|(session, token_sha256)| OpenedSession {
            of: session.of,
            expires_ms: session.expires_ms,
            token_sha256,
        });
        let mut name = key.name;
        let mut layers = Vec::new();
        if let Some(parent) = &self.parent {
            let parent = decode(parent)?.key;
            name = parent.name;
            layers.push(parent.policies);
        }
        // A session without policies of its own may do what its key may.
        if session.is_none() || !key.policies.is_empty() {
            layers.push(key.policies);
        }
        let policies = |layer: Vec<model::access_key::KeyPolicy>| {
            layer.iter().map(model::access_key::KeyPolicy::policy).collect::<Result<_, _>>()
        };
        let layers = layers.into_iter().map(policies).collect::<Result<_, _>>();
        let layers = layers.map_err(|fault| OpenError::Policy { id: id.clone(), fault })?;
        Ok(Opened { name, secret, layers, session })
    }
}
