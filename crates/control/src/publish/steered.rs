//! The names that services steer: their answers are counted, so that releases can measure them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use model::Name;
use model::id::HostedZoneId;
use store::Reader;

use crate::keys;
use crate::rows::{StorageError, scan};
use crate::services::DeclaredService;
use crate::stored::Stored;

/// What each service steers, by the service's key. A service that cannot be read steers what it did.
#[derive(Debug, Default)]
pub(super) struct Steered(HashMap<Vec<u8>, Vec<(HostedZoneId, Name)>>);

impl Steered {
    /// Every service there is.
    pub(super) fn read(&mut self, reader: &Reader<'_>) -> Result<(), StorageError> {
        let mut before = std::mem::take(&mut self.0);
        scan(reader, keys::SERVICES, keys::SERVICES, |key, value| {
            if let Some(names) = names_of(value).or_else(|| before.remove(key)) {
                self.0.insert(key.to_vec(), names);
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// The services of these keys anew.
    pub(super) fn read_again(&mut self, reader: &Reader<'_>, touched: &BTreeSet<Vec<u8>>) -> Result<(), StorageError> {
        for key in touched {
            let value = reader.get(key).map_err(StorageError::Read)?;
            let names = match &value {
                None => None,
                Some(value) => match names_of(value) {
                    Some(names) => Some(names),
                    None => continue,
                },
            };
            match names {
                Some(names) => self.0.insert(key.clone(), names),
                None => self.0.remove(key),
            };
        }
        Ok(())
    }

    /// All of them.
    pub(super) fn names(&self) -> HashSet<(HostedZoneId, Name)> {
        self.0.values().flatten().cloned().collect()
    }
}

/// None if it cannot be read, which whoever lists services tells.
fn names_of(value: &[u8]) -> Option<Vec<(HostedZoneId, Name)>> {
    let service = DeclaredService::decode(value).ok()?.service;
    // Others' zones are answered elsewhere.
    let own = service.records().filter(|_| service.account().is_none());
    Some(own.map(|dns| (dns.zone.clone(), dns.name.clone())).collect())
}
