//! The next snapshot: all zones at the start, then only what the log says was touched.
//!
//! Everything is read in one snapshot of the store, at whose revision the compiled one is published: reading a later
//! state of a touched name than that of its neighbours would show half a batch.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use answer::{CompileFault, Edit, Snapshot};
use model::RecordSet;
use model::health_check::HealthCheck;
use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use store::{Reader, Revision, Store};

use super::PublishCounts;
use super::touched::Touched;
use crate::keys;
use crate::record_rows;
use crate::rows::{StorageError, find as find_row, list as list_rows, read, scan};
use crate::stored::Stored;

/// Rows read at once: one seek each, and what is decoded but not compiled yet stays small (4096 × ~300 B).
const ROWS_AT_ONCE: usize = 4096;
/// A change of fewer names than this is always made name by name.
const NAMES_ONE_BY_ONE: usize = 1000;

/// Compiles snapshots, one after the other.
pub(super) struct Compiler {
    store: Store,
    snapshot: Arc<Snapshot>,
    health_checks: Arc<Vec<HealthCheck>>,
    /// Zones whose compiled form is that of the snapshot's revision; the others are compiled whole when touched.
    sound: HashSet<HostedZoneId>,
    pub(super) counts: Arc<PublishCounts>,
}

/// What a round brought.
pub(super) struct News {
    pub(super) snapshot: bool,
    pub(super) health_checks: bool,
}

impl Compiler {
    pub(super) fn new(store: Store, seed: u64, counts: Arc<PublishCounts>) -> Self {
        let (snapshot, sound) = (Arc::new(Snapshot::seeded(seed)), HashSet::new());
        Self { store, snapshot, health_checks: Arc::default(), sound, counts }
    }

    pub(super) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    pub(super) fn health_checks(&self) -> &Arc<Vec<HealthCheck>> {
        &self.health_checks
    }

    /// Compiles every zone there is.
    pub(super) fn compile_all(&mut self) -> Result<(), StorageError> {
        let store = self.store.clone();
        read(&store, |reader| self.compile_all_in(reader))
    }

    fn compile_all_in(&mut self, reader: &Reader<'_>) -> Result<(), StorageError> {
        let mut edit = self.snapshot.edit();
        let zones: Vec<HostedZone> = list_rows(reader, keys::ZONES, &[], usize::MAX)?;
        let kept: HashSet<&HostedZoneId> = zones.iter().map(|zone| &zone.id).collect();
        for gone in self.sound.iter().filter(|id| !kept.contains(id)) {
            edit.remove_zone(gone);
        }
        self.sound.clear();
        for zone in &zones {
            self.put_zone(&mut edit, reader, zone)?;
        }
        self.health_checks = Arc::new(list_rows(reader, keys::HEALTH_CHECKS, &[], usize::MAX)?);
        self.finish(edit, reader.revision());
        Ok(())
    }

    /// Compiles what was committed since the last time.
    pub(super) fn compile_changes(&mut self) -> Result<News, StorageError> {
        let store = self.store.clone();
        read(&store, |reader| {
            let (last, now) = (Revision(self.snapshot.revision()), reader.revision());
            if now == last {
                return Ok(News { snapshot: false, health_checks: false });
            }
            let touched = Touched::between(&store, last, now)?;
            if touched.is_gap {
                self.compile_all_in(reader)?;
                return Ok(News { snapshot: true, health_checks: true });
            }
            let mut edit = self.snapshot.edit();
            for (id, names) in &touched.zones {
                self.change_zone(&mut edit, reader, id, names)?;
            }
            if touched.health_checks {
                self.health_checks = Arc::new(list_rows(reader, keys::HEALTH_CHECKS, &[], usize::MAX)?);
            }
            self.finish(edit, now);
            Ok(News { snapshot: true, health_checks: touched.health_checks })
        })
    }

    fn change_zone(
        &mut self,
        edit: &mut Edit,
        reader: &Reader<'_>,
        id: &HostedZoneId,
        names: &BTreeSet<String>,
    ) -> Result<(), StorageError> {
        let Some(zone) = find_row::<HostedZone>(reader, &keys::zone(id))? else {
            edit.remove_zone(id);
            self.sound.remove(id);
            return Ok(());
        };
        // Putting a quarter of the names one by one costs more than compiling the zone in one go.
        let most = NAMES_ONE_BY_ONE.max(usize::try_from(zone.record_set_count / 4).unwrap_or(usize::MAX));
        if !self.sound.contains(id) || names.len() > most {
            return self.put_zone(edit, reader, &zone);
        }
        let mut put = Vec::with_capacity(names.len());
        for sort_key in names {
            let record_sets = record_rows::at(reader, id, sort_key)?;
            let name = record_sets.first().map(|set| set.name.clone()).or_else(|| keys::name_of(sort_key));
            put.extend(name.map(|name| (name, record_sets)));
        }
        if let Err(fault) = edit.put_names(id, put) {
            self.report(&zone, &fault, reader.revision());
        }
        Ok(())
    }

    fn put_zone(&mut self, edit: &mut Edit, reader: &Reader<'_>, zone: &HostedZone) -> Result<(), StorageError> {
        let fault = RefCell::new(None);
        let record_sets = RecordSets::new(reader, &zone.id, &fault);
        let size_hint = usize::try_from(zone.record_set_count).unwrap_or(0);
        let put = edit.put_zone(&zone.id, &zone.name, zone.created, size_hint, record_sets);
        if let Some(fault) = fault.into_inner() {
            return Err(fault); // the edit is given up, so the half zone in it is never seen
        }
        match put {
            Ok(()) => {
                self.sound.insert(zone.id.clone());
            }
            Err(fault) => self.report(zone, &fault, reader.revision()),
        }
        Ok(())
    }

    /// The zone keeps its last good form and is compiled whole the next time.
    fn report(&mut self, zone: &HostedZone, fault: &CompileFault, revision: Revision) {
        self.sound.remove(&zone.id);
        self.counts.compile_faults.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            revision = revision.0,
            zone = %zone.id,
            name = %zone.name,
            fault = fault as &dyn std::error::Error,
            "cannot compile the hosted zone, its last good form stays"
        );
    }

    fn finish(&mut self, edit: Edit, revision: Revision) {
        self.snapshot = Arc::new(edit.finish(revision.0));
        self.counts.snapshots.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(revision = revision.0, zones = self.snapshot.zone_count(), "compiled a snapshot");
    }
}

/// The record sets of a zone in the order of their keys, read a page at a time; a fault of the store ends them early
/// and is left in `fault`.
struct RecordSets<'a> {
    reader: &'a Reader<'a>,
    prefix: Vec<u8>,
    /// Where the next page starts; none after the last.
    from: Option<Vec<u8>>,
    page: std::vec::IntoIter<RecordSet>,
    fault: &'a RefCell<Option<StorageError>>,
}

impl<'a> RecordSets<'a> {
    fn new(reader: &'a Reader<'a>, zone: &HostedZoneId, fault: &'a RefCell<Option<StorageError>>) -> Self {
        let prefix = keys::record_sets(zone);
        Self { reader, from: Some(prefix.clone()), prefix, page: Vec::new().into_iter(), fault }
    }

    fn read_page(&self, from: &[u8]) -> Result<(Vec<RecordSet>, Option<Vec<u8>>), StorageError> {
        let (mut page, mut next) = (Vec::new(), None);
        scan(self.reader, &self.prefix, from, |key, value| {
            page.push(RecordSet::decode(value).map_err(|fault| StorageError::damaged(key, fault))?);
            if page.len() < ROWS_AT_ONCE {
                return Ok(ControlFlow::Continue(()));
            }
            next = Some([key, &[0]].concat());
            Ok(ControlFlow::Break(()))
        })?;
        Ok((page, next))
    }
}

impl Iterator for RecordSets<'_> {
    type Item = RecordSet;

    fn next(&mut self) -> Option<RecordSet> {
        loop {
            if let Some(set) = self.page.next() {
                return Some(set);
            }
            let from = self.from.take()?;
            match self.read_page(&from) {
                Ok((page, next)) => {
                    self.page = page.into_iter();
                    self.from = next;
                }
                Err(fault) => {
                    self.fault.replace(Some(fault));
                    return None;
                }
            }
        }
    }
}
