//! Would this key be allowed to do that, and which statement says so? The same judgement as for a request, told.
//!
//! Used by the native API and by the command line when no server runs. Left out on purpose: signatures and the end of
//! sessions, which are not the policies' affair.

use std::net::IpAddr;

use control::access_keys;
use control::{StorageError, Store};
use model::access_key::{AccessKey, KeyPolicy};
use model::id::AccessKeyId;
use model::policy::{Judgement, Key, Policy, PolicyFault, Question, judge};
use serde::Serialize;

use crate::caller::{Who, context};

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Such as `route53:ChangeResourceRecordSets`.
    pub action: String,
    /// An ARN; `*` is nothing in particular.
    pub resource: String,
    /// What a request for it would tell to conditions; what every request tells may stand here as well.
    pub keys: Vec<(Key, Vec<String>)>,
    /// Where it would come from.
    pub client: Option<IpAddr>,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// The account that ARNs are of.
    pub account: String,
}

/// Whether it would be allowed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Whether all of `reasons` allow it.
    pub allowed: bool,
    /// One for the key, and one more for a session's own policies.
    pub reasons: Vec<String>,
}

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No such key, or the key of a session is gone.
    #[error("no access key found with this id: {0}")]
    NoSuchAccessKey(AccessKeyId),
    /// A stored policy is none.
    #[error("a policy of the access key is none; set another")]
    Policy(#[source] PolicyFault),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Judges.
///
/// # Errors
/// See [`CheckError`].
pub fn check_key(store: &Store, id: &AccessKeyId, deed: &Deed) -> Result<Checked, CheckError> {
    let find = |id: &AccessKeyId| {
        access_keys::find(store, id)
            .map_err(CheckError::Storage)?
            .ok_or_else(|| CheckError::NoSuchAccessKey(id.clone()))
    };
    let key = find(id)?;
    let (who, mut layers) = match &key.session {
        None => (key, Vec::new()),
        Some(session) => (find(&session.of)?, vec![("session", key.policies)]),
    };
    let AccessKey { id: of, name, policies, .. } = who;
    // A session without policies of its own may do what its key may.
    layers.retain(|(_, policies)| !policies.is_empty());
    layers.insert(0, ("key", policies));
    let who = Who { name: &name, key: of.as_str(), account: &deed.account };
    let context = context(&who, deed.client, deed.at_ms, deed.keys.clone());
    let question = Question { action: &deed.action, resource: &deed.resource, context: &context };
    let mut checked = Checked { allowed: true, reasons: Vec::new() };
    for (whose, policies) in layers {
        let read: Vec<Policy> =
            policies.iter().map(KeyPolicy::policy).collect::<Result<_, _>>().map_err(CheckError::Policy)?;
        let name = |at: usize| match policies[at].name() {
            Some(name) => name.to_owned(),
            None => format!("policy {} of the {whose}", at + 1),
        };
        let reason = match judge(&read, &question) {
            Judgement::Allowed(place) => format!("allowed by {} in {}", place.statement.label(), name(place.policy)),
            Judgement::Denied(place) => {
                checked.allowed = false;
                format!("denied by {} in {}", place.statement.label(), name(place.policy))
            }
            Judgement::Silent => {
                checked.allowed = false;
                format!("no statement of the {whose} allows it")
            }
        };
        checked.reasons.push(reason);
    }
    Ok(checked)
}
