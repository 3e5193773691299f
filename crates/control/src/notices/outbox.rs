//! What is still to be told, one row for each notice and receiver: left by whoever changes a deployment, in the same
//! transaction, and taken out once it was delivered or given up.

use std::ops::ControlFlow;

use model::deployment::{Deployment, Notice};
use store::Transaction;

use super::Receivers;
use crate::keys;
use crate::rows::{Rows, StorageError, find, put, scan};
use crate::stored::Stored as _;

/// One notice that one receiver has not got.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    /// Who is to get it.
    pub(crate) receiver: String,
    /// What.
    pub(crate) notice: Notice,
    /// How often it was tried.
    pub(crate) tries: u32,
    /// Not before this time, in ms since 1970.
    pub(crate) due_ms: u64,
    /// It was told already, and is told again if it is still true.
    pub(crate) is_reminder: bool,
}

/// Leaves what a change of a deployment gives to tell. `before` is none when it creates it.
///
/// # Errors
/// The store cannot be read. Settings that cannot be understood are no reason: notices never bar a release.
pub(crate) fn leave(
    transaction: &mut Transaction<'_>,
    before: Option<&Deployment>,
    next: &Deployment,
    at_ms: u64,
) -> Result<(), StorageError> {
    let receivers = match find::<Receivers>(transaction, keys::NOTICE_RECEIVERS) {
        Ok(receivers) => receivers.unwrap_or_default(),
        Err(StorageError::Damaged { .. }) => Receivers::default(),
        Err(error) => return Err(error),
    };
    let (service, policy) = (&next.service.name, &next.service.policy.notify);
    if receivers.0.is_empty() && policy.is_empty() {
        return Ok(());
    }
    for (nth, notice) in deploy::notice::notices(before, next, at_ms).into_iter().enumerate() {
        for receiver in receivers.of(service, policy, notice.event) {
            let key = keys::notice(at_ms, nth, &notice.key, &receiver);
            let waiting = Waiting { receiver, notice: notice.clone(), tries: 0, due_ms: at_ms, is_reminder: false };
            put(transaction, &key, &waiting);
        }
    }
    Ok(())
}

/// A row: its key, and what it says.
pub(super) type Row = (Vec<u8>, Waiting);

/// Everything that waits, oldest first. Rows that cannot be understood stay where they are, and are counted.
pub(super) fn all(rows: &impl Rows) -> Result<(Vec<Row>, usize), StorageError> {
    let (mut found, mut damaged) = (Vec::new(), 0);
    scan(rows, keys::NOTICES, &[], |key, value| {
        match Waiting::decode(value) {
            Ok(waiting) => found.push((key.to_vec(), waiting)),
            Err(_) => damaged += 1,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((found, damaged))
}
