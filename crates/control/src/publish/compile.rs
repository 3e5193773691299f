//! The next snapshot: all zones at the start, then only what the log says was touched.
//!
//! Everything is read in one snapshot of the store, at whose revision the compiled one is published: reading a later
//! state of a touched name than that of its neighbours would show half a batch.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use answer::{Edit, Snapshot};
use model::cidr::CidrCollection;
use model::health_check::HealthCheck;
use model::hosted_zone::HostedZone;
use model::id::{CidrCollectionId, HostedZoneId};
use model::place::Regions;
use model::{Name, RecordSet, RecordType, Ttl};
use store::{Reader, Revision, Store};

use super::PublishCounts;
use super::steered::Steered;
use super::touched::Touched;
use crate::keys;
use crate::query_logging;
use crate::record_rows;
use crate::rows::{StorageError, find as find_row, read, scan};
use crate::stickiness;
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
    /// Every zone that may have a compiled form, and whether that is of the snapshot's revision; otherwise it is
    /// compiled whole when touched.
    is_sound: HashMap<HostedZoneId, bool>,
    steered: Steered,
    pub(super) counts: Arc<PublishCounts>,
}

/// A fault of this program; what the panic said stands in the log before it.
#[derive(Debug, thiserror::Error)]
#[error("compiling it panicked, report this")]
struct Panicked;

/// What a round brought.
pub(super) struct News {
    pub(super) snapshot: bool,
    pub(super) health_checks: bool,
}

impl Compiler {
    pub(super) fn new(store: Store, seed: u64, counts: Arc<PublishCounts>) -> Self {
        let (snapshot, is_sound) = (Arc::new(Snapshot::seeded(seed)), HashMap::new());
        Self { store, snapshot, health_checks: Arc::default(), is_sound, steered: Steered::default(), counts }
    }

    /// Before anything is compiled: which regions there are.
    pub(super) fn with_regions(self, regions: &Arc<Regions>) -> Self {
        let snapshot = Snapshot::clone(&self.snapshot).with_regions(Arc::clone(regions));
        Self { snapshot: Arc::new(snapshot), ..self }
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
        let zones: Vec<HostedZone> = self.list_sound(reader, keys::ZONES)?;
        let kept: HashSet<&HostedZoneId> = zones.iter().map(|zone| &zone.id).collect();
        self.steered.read(reader)?;
        edit.count_answers(&self.steered.names());
        for gone in self.is_sound.keys().filter(|id| !kept.contains(id)) {
            edit.remove_zone(gone);
        }
        for zone in &zones {
            let put = |compiler: &mut Self| compiler.put_zone(&mut edit, reader, zone);
            self.guarded(&zone.id, reader.revision(), put)?;
        }
        self.put_cidr_collections(&mut edit, reader)?;
        edit.log_queries(query_logging::logged_zones(reader)?);
        self.health_checks = Arc::new(self.list_sound(reader, keys::HEALTH_CHECKS)?);
        self.is_sound.retain(|id, _| kept.contains(id));
        self.finish(edit, reader.revision());
        Ok(())
    }

    /// Compiles what was committed since the last time.
    pub(super) fn compile_changes(&mut self) -> Result<News, StorageError> {
        let store = self.store.clone();
        let news = read(&store, |reader| self.compile_changes_in(&store, reader));
        if news.is_err() {
            // What this round has noted of zones went with its edit: whatever is touched again is compiled whole.
            self.is_sound.values_mut().for_each(|is_sound| *is_sound = false);
        }
        news
    }

    fn compile_changes_in(&mut self, store: &Store, reader: &Reader<'_>) -> Result<News, StorageError> {
        let last = Revision(self.snapshot.revision());
        if reader.revision() == last {
            return Ok(News { snapshot: false, health_checks: false });
        }
        let mut touched = Touched::between(store, reader, last)?;
        if touched.is_gap {
            self.compile_all_in(reader)?;
            return Ok(News { snapshot: true, health_checks: true });
        }
        let mut edit = self.snapshot.edit();
        if !touched.services.is_empty() {
            self.steered.read_again(reader, &touched.services)?;
            for (zone, name) in edit.count_answers(&self.steered.names()) {
                touched.zones.entry(zone).or_default().insert(name.sort_key());
            }
        }
        for (id, names) in &touched.zones {
            let change = |compiler: &mut Self| compiler.change_zone(&mut edit, reader, id, names);
            self.guarded(id, reader.revision(), change)?;
        }
        if touched.cidr_collections {
            self.put_cidr_collections(&mut edit, reader)?;
        }
        if touched.query_logging {
            edit.log_queries(query_logging::logged_zones(reader)?);
        }
        if touched.health_checks {
            self.health_checks = Arc::new(self.list_sound(reader, keys::HEALTH_CHECKS)?);
        }
        self.finish(edit, reader.revision());
        Ok(News { snapshot: true, health_checks: touched.health_checks })
    }

    fn change_zone(
        &mut self,
        edit: &mut Edit,
        reader: &Reader<'_>,
        id: &HostedZoneId,
        names: &BTreeSet<String>,
    ) -> Result<(), StorageError> {
        let zone = match find_row::<HostedZone>(reader, &keys::zone(id)) {
            Ok(Some(zone)) => zone,
            Ok(None) => {
                edit.remove_zone(id);
                self.is_sound.remove(id);
                return Ok(());
            }
            Err(error) => return self.pass_damage(id, error, reader.revision()),
        };
        // Putting a quarter of the names one by one costs more than compiling the zone in one go.
        let most = NAMES_ONE_BY_ONE.max(usize::try_from(zone.record_set_count / 4).unwrap_or(usize::MAX));
        if self.is_sound.get(id) != Some(&true) || names.len() > most {
            return self.put_zone(edit, reader, &zone);
        }
        let mut put = Vec::with_capacity(names.len());
        for sort_key in names {
            let read = record_rows::at(reader, id, sort_key)
                .and_then(|record_sets| Ok((record_sets, stickiness::at(reader, id, sort_key)?)));
            let (record_sets, stickiness) = match read {
                Ok(read) => read,
                Err(error) => return self.pass_damage(id, error, reader.revision()),
            };
            let name = record_sets.first().map(|set| set.name.clone()).or_else(|| keys::name_of(sort_key));
            if let Some(name) = name {
                edit.put_stickiness(id, &name, stickiness);
                put.push((name, record_sets));
            }
        }
        if let Err(fault) = edit.put_names(id, put) {
            self.report(id, &fault, reader.revision());
        }
        edit.set_visibility(id, &zone.visibility);
        Ok(())
    }

    fn put_zone(&mut self, edit: &mut Edit, reader: &Reader<'_>, zone: &HostedZone) -> Result<(), StorageError> {
        match stickiness::of_zone(reader, &zone.id) {
            Ok(names) => edit.set_stickiness(&zone.id, names.into_iter().collect()),
            Err(error) => return self.pass_damage(&zone.id, error, reader.revision()),
        }
        let error = RefCell::new(None);
        let record_sets = RecordSets::new(reader, zone, &error);
        let size_hint = usize::try_from(zone.record_set_count).unwrap_or(0);
        match edit.put_zone(&zone.id, &zone.name, zone.created, &zone.visibility, size_hint, record_sets) {
            Ok(()) => {
                self.is_sound.insert(zone.id.clone(), true);
                self.counts.zones.fetch_add(1, Ordering::Relaxed);
            }
            Err(fault) => match error.into_inner() {
                Some(error) => return self.pass_damage(&zone.id, error, reader.revision()),
                None => self.report(&zone.id, &fault, reader.revision()),
            },
        }
        Ok(())
    }

    /// Puts all of them, few as they are. A damaged one keeps its last good form.
    fn put_cidr_collections(&mut self, edit: &mut Edit, reader: &Reader<'_>) -> Result<(), StorageError> {
        let mut gone: HashSet<CidrCollectionId> = self.snapshot.cidr_collections().cloned().collect();
        scan(reader, keys::CIDR_COLLECTIONS, keys::CIDR_COLLECTIONS, |key, _| {
            let id = key.strip_prefix(keys::CIDR_COLLECTIONS).unwrap_or_default();
            if let Ok(id) = CidrCollectionId::parse(&String::from_utf8_lossy(id)) {
                gone.remove(&id);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let collections: Vec<CidrCollection> = self.list_sound(reader, keys::CIDR_COLLECTIONS)?;
        for collection in &collections {
            edit.put_cidr_collection(collection);
        }
        for id in &gone {
            edit.remove_cidr_collection(id);
        }
        Ok(())
    }

    /// A panic over one zone must not end publishing for all. What it leaves of the zone was not linked yet, so that
    /// the edit still holds the last good form.
    pub(super) fn guarded(
        &mut self,
        zone: &HostedZoneId,
        at: Revision,
        compile: impl FnOnce(&mut Self) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        catch_unwind(AssertUnwindSafe(|| compile(self))).unwrap_or_else(|_| {
            self.report(zone, &Panicked, at);
            Ok(())
        })
    }

    /// Reads all nouns under a prefix; one that is damaged is reported and left out, so that it stops no other.
    fn list_sound<T: Stored>(&mut self, reader: &Reader<'_>, prefix: &[u8]) -> Result<Vec<T>, StorageError> {
        let (mut found, mut damaged) = (Vec::new(), Vec::new());
        scan(reader, prefix, prefix, |key, value| {
            match T::decode(value) {
                Ok(noun) => found.push(noun),
                Err(fault) => damaged.push(StorageError::damaged(key, fault)),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        for error in damaged {
            self.counts.compile_faults.fetch_add(1, Ordering::Relaxed);
            tracing::error!(revision = reader.revision().0, error = &error as &dyn Error, "left out");
        }
        Ok(found)
    }

    /// A damaged value is its zone's misfortune; anything else from the store ends this round.
    fn pass_damage(&mut self, zone: &HostedZoneId, error: StorageError, at: Revision) -> Result<(), StorageError> {
        match error {
            StorageError::Damaged { .. } => {
                self.report(zone, &error, at);
                Ok(())
            }
            StorageError::Read(_) | StorageError::Write(_) => Err(error),
        }
    }

    /// The zone keeps its last good form and is compiled whole the next time.
    fn report(&mut self, zone: &HostedZoneId, fault: &(dyn Error + 'static), revision: Revision) {
        self.is_sound.insert(zone.clone(), false);
        self.counts.compile_faults.fetch_add(1, Ordering::Relaxed);
        tracing::error!(revision = revision.0, %zone, fault, "cannot compile the hosted zone, its last good form stays");
    }

    fn finish(&mut self, edit: Edit, revision: Revision) {
        self.snapshot = Arc::new(edit.finish(revision.0));
        self.counts.snapshots.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(revision = revision.0, zones = self.snapshot.zone_count(), "compiled a snapshot");
    }
}

/// The record sets of a zone in the order of their keys, read a page at a time. When reading fails, the error is left
/// in `error` and one last record set comes that cannot be compiled: half a zone must never be taken for all of it.
struct RecordSets<'a> {
    reader: &'a Reader<'a>,
    apex: &'a Name,
    prefix: Vec<u8>,
    /// Where the next page starts; none after the last.
    from: Option<Vec<u8>>,
    page: std::vec::IntoIter<RecordSet>,
    error: &'a RefCell<Option<StorageError>>,
}

impl<'a> RecordSets<'a> {
    fn new(reader: &'a Reader<'a>, zone: &'a HostedZone, error: &'a RefCell<Option<StorageError>>) -> Self {
        let prefix = keys::record_sets(&zone.id);
        let page = Vec::new().into_iter();
        Self { reader, apex: &zone.name, from: Some(prefix.clone()), prefix, page, error }
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

    fn not_compilable(&self) -> RecordSet {
        let ttl = Ttl::new(0).expect("zero is a TTL");
        RecordSet::simple(self.apex.clone(), RecordType::A, ttl, vec!["unreadable".to_owned()])
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
                Err(error) => {
                    self.error.replace(Some(error));
                    return Some(self.not_compilable());
                }
            }
        }
    }
}
