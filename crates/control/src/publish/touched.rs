//! What the log says was touched since a revision: which zones, which names in them (their record sets or settings), and whether health checks were.

use std::collections::{BTreeMap, BTreeSet};

use model::id::HostedZoneId;
use store::{Entry, Reader, Revision, Store};

use crate::keys;
use crate::rows::StorageError;

/// Entries read at once; a burst of small ones is one round, and large ones are cut short by the store.
const ENTRIES_AT_ONCE: usize = 1024;

/// Touched since a revision.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// By zone, the sort keys of its touched names; none if only the zone itself was.
    pub(super) zones: BTreeMap<HostedZoneId, BTreeSet<String>>,
    /// Whether any health check was.
    pub(super) health_checks: bool,
    /// The keys of touched services.
    pub(super) services: BTreeSet<Vec<u8>>,
    /// Whether any CIDR collection was.
    pub(super) cidr_collections: bool,
    /// Whether any query logging configuration was.
    pub(super) query_logging: bool,
    /// The log does not reach back so far: everything may have been.
    pub(super) is_gap: bool,
}

impl Touched {
    /// Everything after `after`, up to and with the revision of `reader`.
    pub(super) fn between(store: &Store, reader: &Reader<'_>, after: Revision) -> Result<Self, StorageError> {
        let mut touched = Self::default();
        let (mut last, to) = (after, reader.revision());
        while last < to {
            let mut entries = store.log_after(last, ENTRIES_AT_ONCE).map_err(StorageError::Read)?;
            if entries.is_empty() {
                // A snapshot may show a commit that the store is just about to tell its followers of.
                entries = reader.log_after(last, ENTRIES_AT_ONCE).map_err(StorageError::Read)?;
            }
            for entry in entries.iter().take_while(|entry| entry.revision <= to) {
                touched.is_gap |= entry.revision != last.next();
                touched.add(entry);
                last = entry.revision;
            }
            if entries.is_empty() || touched.is_gap {
                touched.is_gap = true;
                break;
            }
        }
        Ok(touched)
    }

    fn add(&mut self, entry: &Entry) {
        for mutation in &entry.mutations {
            let of_name = keys::split_record_set(&mutation.key).or_else(|| keys::split_stickiness(&mutation.key));
            if let Some((zone, sort_key)) = of_name {
                let Ok(zone) = HostedZoneId::parse(zone) else { continue };
                let names = self.zones.entry(zone).or_default();
                if !names.contains(sort_key) {
                    names.insert(sort_key.to_owned());
                }
            } else if let Some(id) = mutation.key.strip_prefix(keys::ZONES) {
                if let Ok(id) = HostedZoneId::parse(&String::from_utf8_lossy(id)) {
                    self.zones.entry(id).or_default();
                }
            } else if mutation.key.starts_with(keys::HEALTH_CHECKS) {
                self.health_checks = true;
            } else if mutation.key.starts_with(keys::CIDR_COLLECTIONS) {
                self.cidr_collections = true;
            } else if mutation.key.starts_with(keys::SERVICES) {
                self.services.insert(mutation.key.clone());
            } else if mutation.key.starts_with(keys::QUERY_LOGGING_CONFIGS) {
                self.query_logging = true;
            }
        }
    }
}
