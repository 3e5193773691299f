//! The keys that requests are signed with, opened once and kept as long as their rows stay what they are.
//!
//! Used by `route`, before and while a signature is checked. The store decides: each request reads the key's row and
//! compares it, so that a key that was deleted or given other policies is another with the next request, and only what
//! is costly (opening the seal, reading the policies) is saved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use control::Store;
use control::access_keys::{self, OpenedSession, Row};
use control::seal::Seal;
use model::id::AccessKeyId;
use model::policy::Policy;

/// Most keys kept open; beyond that all are opened anew. One takes some kilobytes.
const OPEN_MAX: usize = 4096;

/// A key as it is now, for one request.
pub struct Credential {
    /// The key, or the session.
    pub id: AccessKeyId,
    /// Whose it is; a session's is that of its key.
    pub name: String,
    /// The account that ARNs are of.
    pub account: Arc<str>,
    /// Who is written into the log: the name, and in brackets the id.
    pub author: String,
    pub(crate) secret: String,
    /// Each must allow what is done.
    pub(crate) layers: Vec<Vec<Policy>>,
    pub(crate) session: Option<OpenedSession>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Credential {
    /// A key that only tests have.
    #[cfg(test)]
    pub(crate) fn of_tests(id: &AccessKeyId, secret: &str, session: Option<OpenedSession>) -> Self {
        let (name, author) = ("test".to_owned(), format!("test ({id})"));
        let account = crate::native::ACCOUNT_DEFAULT.into();
        Self { id: id.clone(), name, account, author, secret: secret.to_owned(), layers: vec![vec![]], session }
    }

    /// The key itself, also for a session.
    #[must_use]
    pub fn key(&self) -> &AccessKeyId {
        self.session.as_ref().map_or(&self.id, |session| &session.of)
    }

    /// Whether it is a session of a key.
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.session.is_some()
    }

    /// As policies and refusals call its holder.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", self.account, self.name)
    }
}

/// See the module.
pub struct Keyring {
    store: Store,
    seal: Arc<Seal>,
    account: Arc<str>,
    open: Mutex<HashMap<AccessKeyId, (Row, Arc<Credential>)>>,
}

impl Keyring {
    /// The keys of a store, under the seal that [`access_keys::prepare`] has accepted.
    #[must_use]
    pub fn new(store: Store, seal: Arc<Seal>, account: &str) -> Self {
        Self { store, seal, account: account.into(), open: Mutex::default() }
    }

    /// A key that may be used now. What cannot be read or opened may not; the log tells why.
    pub fn find(&self, id: &AccessKeyId) -> Option<Arc<Credential>> {
        let row = match access_keys::row(&self.store, id) {
            Ok(row) => row?,
            Err(error) => {
                tracing::error!(%error, key = %id, "cannot look an access key up");
                return None;
            }
        };
        if let Some((known, credential)) = self.lock().get(id)
            && *known == row
        {
            return Some(Arc::clone(credential));
        }
        let opened = match row.open(id, &self.seal) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(%error, key = %id, "an access key cannot be used");
                return None;
            }
        };
        let access_keys::Opened { name, secret, layers, session } = opened;
        let author = match &session {
            Some(session) => format!("{name} ({id}, a session of {})", session.of),
            None => format!("{name} ({id})"),
        };
        let account = Arc::clone(&self.account);
        let credential = Arc::new(Credential { id: id.clone(), name, account, author, secret, layers, session });
        let mut open = self.lock();
        if open.len() >= OPEN_MAX {
            open.clear();
        }
        open.insert(id.clone(), (row, Arc::clone(&credential)));
        Some(credential)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<AccessKeyId, (Row, Arc<Credential>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
