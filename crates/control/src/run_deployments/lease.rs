//! The lease of the engine: one runner at a time. Each takes a new epoch when it starts, and every turn's transaction
//! asks whether that is still the newest; so a runner that another has followed can change nothing any more, however
//! late it wakes up.

use store::{Meta, Store, Transaction};

use crate::keys;
use crate::rows::StorageError;
use crate::stored::StoredFault;

/// The author of epochs in the log.
const AUTHOR: &str = "deployments";

/// A runner's place among all that ever ran on this store, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Epoch(pub(super) u64);

/// Another runner has taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("engine lease lost (epoch {own} < {current}); another server runs the deployments of this store")]
pub struct Fenced {
    /// The runner's own.
    pub own: u64,
    /// The newest.
    pub current: u64,
}

/// Takes the next epoch: whoever had one before is fenced off.
///
/// Blocks for one commit, which a runner can spare before it begins.
pub(super) fn take(store: &Store, now_ms: u64) -> Result<Epoch, StorageError> {
    let taken = store.write_blocking(Meta::new(AUTHOR, now_ms), |transaction| {
        let next = Epoch(current(transaction)?.0 + 1);
        transaction.put(keys::ENGINE_EPOCH, next.0.to_string().as_bytes());
        Ok::<_, StorageError>(next)
    });
    taken.map(|taken| taken.value).map_err(|error| match error {
        store::WriteError::Refused(error) => error,
        store::WriteError::Store(error) => StorageError::Write(error),
    })
}

/// Whether an epoch is still the newest.
pub(super) fn check(transaction: &Transaction<'_>, own: Epoch) -> Result<Result<(), Fenced>, StorageError> {
    let current = current(transaction)?;
    Ok(if own < current { Err(Fenced { own: own.0, current: current.0 }) } else { Ok(()) })
}

fn current(transaction: &Transaction<'_>) -> Result<Epoch, StorageError> {
    let Some(bytes) = transaction.get(keys::ENGINE_EPOCH).map_err(StorageError::Read)? else { return Ok(Epoch(0)) };
    let number = str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    let fault = || StoredFault::Json("the epoch of the engine is no number".to_owned());
    number.map(Epoch).ok_or_else(|| StorageError::damaged(keys::ENGINE_EPOCH, fault()))
}
