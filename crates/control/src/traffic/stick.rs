//! Stickiness of names for the time of a release: read for the engine, written with its weights.

use model::deployment::{Beside, NameStickiness, Service};
use store::Transaction;

use super::record_weight::WriteError;
use crate::keys;
use crate::rows::{Rows, StorageError, put};
use crate::stickiness::{STICKY_NAMES_MAX, TooManySticky, at, of_zone};

/// What the service's names have set.
pub(crate) fn of_service(rows: &impl Rows, service: &Service) -> Result<Vec<NameStickiness>, StorageError> {
    let mut found: Vec<NameStickiness> = Vec::new();
    // Names of somebody else's zones are never sticky.
    for binding in service.records().filter(|_| service.account().is_none()) {
        if found.iter().any(|known| known.zone == binding.zone && known.name == binding.name) {
            continue;
        }
        let set = at(rows, &binding.zone, &binding.name.sort_key())?;
        let prefixes = set.map(|set| (set.ipv4_prefix(), set.ipv6_prefix()));
        found.push(NameStickiness { zone: binding.zone.clone(), name: binding.name.clone(), prefixes });
    }
    Ok(found)
}

/// What is to be written, if all is as it must be.
pub(crate) fn judge(rows: &impl Rows, beside: Option<&Beside>) -> Result<Vec<NameStickiness>, WriteError> {
    let Some(Beside { precondition, desired }) = beside else { return Ok(Vec::new()) };
    let mut changed = Vec::new();
    for name in &desired.sticky {
        let set = at(rows, &name.zone, &name.name.sort_key())?;
        let live = set.map(|set| (set.ipv4_prefix(), set.ipv6_prefix()));
        let is_same = |was: &&NameStickiness| was.zone == name.zone && was.name == name.name;
        if precondition.sticky.iter().find(is_same).is_some_and(|was| was.prefixes != live) {
            return Err(WriteError::DisturbedStickiness(name.name.clone()));
        }
        if live == name.prefixes {
            continue;
        }
        if live.is_none() && of_zone(rows, &name.zone)?.len() >= STICKY_NAMES_MAX {
            return Err(WriteError::TooManySticky(TooManySticky));
        }
        changed.push(name.clone());
    }
    Ok(changed)
}

/// Writes it.
pub(crate) fn write(transaction: &mut Transaction<'_>, changed: &[NameStickiness]) {
    for name in changed {
        let key = keys::stickiness(&name.zone, &name.name.sort_key());
        match name.stickiness() {
            Some(stickiness) => put(transaction, &key, &stickiness),
            None => transaction.delete(&key),
        }
    }
}
