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

/// Most bytes of the rows whose keys are kept open; beyond that all are opened anew. An open key takes some ten times its
/// row, which has some hundred bytes; with the longest policies, as sessions may bring them too, a hundred kilobytes.
const OPEN_BYTES_MAX: usize = 8 << 20;

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
    open: Mutex<Open>,
}

/// Keys that are kept open, and the bytes of their rows.
#[derive(Default)]
struct Open {
    keys: HashMap<AccessKeyId, (Row, Arc<Credential>)>,
    bytes: usize,
}

impl Open {
    fn keep(&mut self, row: Row, credential: &Arc<Credential>, bytes_max: usize) {
        if self.bytes + row.bytes() > bytes_max {
            *self = Self::default();
        }
        self.bytes += row.bytes();
        if let Some((old, _)) = self.keys.insert(credential.id.clone(), (row, Arc::clone(credential))) {
            self.bytes -= old.bytes();
        }
    }
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
        if let Some((known, credential)) = self.lock().keys.get(id)
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
        self.lock().keep(row, &credential, OPEN_BYTES_MAX);
        Some(credential)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::access_key::KeyPolicy;

    use super::*;
    use crate::route53::testing;

    #[tokio::test]
    async fn what_is_kept_open_is_bounded_by_its_bytes() {
        let to = testing::route53();
        let keyring = Keyring::new(to.store.clone(), Arc::clone(&to.seal), &to.account_id);
        let mut rows = Vec::new();
        for name in ["a", "b", "c"] {
            let policies = vec![KeyPolicy::ReadOnly];
            let made = access_keys::create(&to.store, testing::meta(), to.random, &to.seal, name.to_owned(), policies);
            let id = made.await.unwrap().key.id;
            let credential = keyring.find(&id).unwrap();
            assert!(Arc::ptr_eq(&credential, &keyring.find(&id).unwrap()), "it is opened once");
            rows.push((access_keys::row(&to.store, &id).unwrap().unwrap(), credential));
        }
        assert_eq!(keyring.lock().bytes, rows.iter().map(|(row, _)| row.bytes()).sum::<usize>());

        let (mut open, most) = (Open::default(), 2 * rows[0].0.bytes());
        for (row, credential) in [&rows[0], &rows[0], &rows[1]] {
            open.keep(row.clone(), credential, 2 * most);
        }
        assert_eq!((open.keys.len(), open.bytes), (2, most));
        open.keep(rows[2].0.clone(), &rows[2].1, most);
        assert_eq!((open.keys.len(), open.bytes), (1, rows[2].0.bytes()));
    }
}
