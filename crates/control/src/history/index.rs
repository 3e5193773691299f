//! The index of zones' histories: one row for every revision that touched a zone, written in that revision's own
//! transaction.
//!
//! Before: a command wrote its rows. Here, called by `rows::write` for every command, so that none can forget it: what
//! the transaction wrote tells which zones it touched and how. A command that knows more says it with [`note`]. Stores
//! from before the index get theirs from the log at the first use ([`ensure`]): rows do not depend on who makes them,
//! the row of the progress is in the same transaction, so a crash in between costs nothing.

use std::collections::{BTreeMap, BTreeSet};

use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use store::{Entry, Meta, Revision, Store, Transaction};

use super::{ZoneChange, ZoneRevision};
use crate::changes::SubmittedChange;
use crate::keys;
use crate::rows::{StorageError, exists, find, put, read};
use crate::stored::Stored;

/// Names that a row keeps; whoever looks for a name in a revision with more reads its log entry. 32 names of common
/// length are one to two kilobytes.
const NAMES_KEPT_MAX: usize = 32;
/// Log entries indexed in one transaction; other writes wait for it some milliseconds.
const ENTRIES_AT_ONCE: usize = 256;
/// Progress of an index that is complete and stays so.
const COMPLETE: u64 = u64::MAX;

/// Says what this transaction does to a zone, when its rows alone do not tell.
pub(crate) fn note(transaction: &mut Transaction<'_>, zone: &HostedZoneId, change: ZoneChange) {
    let revision = transaction.revision().0;
    let noted = ZoneRevision { revision, change, ..ZoneRevision::blank() };
    put(transaction, &keys::zone_revision(zone, revision), &noted);
}

/// Adds this transaction to the index.
pub(crate) fn add(transaction: &mut Transaction<'_>, at_ms: u64, author: &str) -> Result<(), StorageError> {
    let mut written = Written::default();
    transaction.written(|key, is_put| written.add(key, is_put));
    let revision = transaction.revision().0;
    if revision == 1 && written.any {
        put(transaction, keys::ZONE_HISTORY_INDEXED, &COMPLETE);
    }
    if written.zones.is_empty() {
        return Ok(());
    }
    let change: Option<SubmittedChange> = match &written.change {
        Some(key) => find(transaction, key)?,
        None => None,
    };
    for (id, touched) in written.zones {
        let zone: Option<HostedZone> = find(transaction, &keys::zone(&id))?;
        let noted: Option<ZoneRevision> = find(transaction, &keys::zone_revision(&id, revision))?;
        let moment = ZoneRevision { revision, at_ms, author: author.to_owned(), ..ZoneRevision::blank() };
        let row = touched.row(moment, zone.as_ref(), noted.map(|noted| noted.change), change.as_ref());
        write_row(transaction, &id, zone.as_ref(), &row);
    }
    Ok(())
}

fn write_row(transaction: &mut Transaction<'_>, id: &HostedZoneId, zone: Option<&HostedZone>, row: &ZoneRevision) {
    put(transaction, &keys::zone_revision(id, row.revision), row);
    if let Some(zone) = zone.filter(|zone| zone.created == row.revision) {
        transaction.put(&keys::zone_past(&zone.name, Some(id)), &[]);
    }
}

/// What a transaction wrote, as far as zones care.
#[derive(Default)]
struct Written {
    zones: BTreeMap<HostedZoneId, Touched>,
    /// Whether it wrote anything at all.
    any: bool,
    /// The key of the change that it submitted.
    change: Option<Vec<u8>>,
}

#[derive(Default)]
struct Touched {
    put: u64,
    deleted: u64,
    /// Sort keys, until there are too many.
    names: BTreeSet<String>,
    has_many_names: bool,
    is_zone_deleted: bool,
}

impl Written {
    fn add(&mut self, key: &[u8], is_put: bool) {
        self.any = true;
        if let Some((zone, sort_key)) = keys::split_record_set(key) {
            let Ok(zone) = HostedZoneId::parse(zone) else { return };
            let touched = self.zones.entry(zone).or_default();
            *(if is_put { &mut touched.put } else { &mut touched.deleted }) += 1;
            touched.name(sort_key);
        } else if let Some((zone, sort_key)) = keys::split_stickiness(key) {
            let Ok(zone) = HostedZoneId::parse(zone) else { return };
            self.zones.entry(zone).or_default().name(sort_key);
        } else if let Some(id) = key.strip_prefix(keys::ZONES) {
            if let Ok(id) = HostedZoneId::parse(&String::from_utf8_lossy(id)) {
                self.zones.entry(id).or_default().is_zone_deleted = !is_put;
            }
        } else if is_put && key.starts_with(keys::CHANGES) {
            self.change = Some(key.to_vec());
        }
    }
}

impl Touched {
    fn name(&mut self, sort_key: &str) {
        if !self.has_many_names && !self.names.contains(sort_key) {
            self.names.insert(sort_key.to_owned());
            self.has_many_names = self.names.len() > NAMES_KEPT_MAX;
        }
    }

    fn row(
        self,
        moment: ZoneRevision,
        zone: Option<&HostedZone>,
        noted: Option<ZoneChange>,
        change: Option<&SubmittedChange>,
    ) -> ZoneRevision {
        let is_new = zone.is_some_and(|zone| zone.created == moment.revision);
        let derived = match (self.is_zone_deleted, is_new, self.put + self.deleted) {
            (true, _, _) => ZoneChange::Deleted,
            (false, true, _) => ZoneChange::Created,
            (false, false, 0) => ZoneChange::Settings,
            (false, false, _) => ZoneChange::RecordSets,
        };
        ZoneRevision {
            change: noted.unwrap_or(derived),
            comment: change.and_then(|change| change.comment.clone()),
            change_id: change.map(|change| change.id.clone()),
            put: self.put,
            deleted: self.deleted,
            names: (!self.has_many_names).then(|| self.names.into_iter().collect()),
            ..moment
        }
    }
}

/// Makes the index of a store that was written before there was one. Nothing but one read when it is there already.
/// Blocks; while it works, other writes go in between.
///
/// # Errors
/// The store failed; what was indexed stays, and the next call goes on from there.
pub(crate) fn ensure(store: &Store) -> Result<(), StorageError> {
    loop {
        let reached = read(store, |reader| find::<u64>(reader, keys::ZONE_HISTORY_INDEXED))?.unwrap_or(0);
        if reached == COMPLETE {
            return Ok(());
        }
        let entries = store.log_after(Revision(reached), ENTRIES_AT_ONCE).map_err(StorageError::Read)?;
        let at_ms = entries.last().map_or(0, |entry| entry.at_ms);
        let meta = Meta::new("cutover (index of zone history)", at_ms);
        let written = store.write_blocking(meta, move |transaction| {
            for entry in &entries {
                add_entry(transaction, entry)?;
            }
            // Every revision that this one does not index comes from a program that does it itself.
            let all = entries.last().is_none_or(|last| last.revision.next() == transaction.revision());
            let reached = entries.last().map_or(COMPLETE, |last| last.revision.0);
            put(transaction, keys::ZONE_HISTORY_INDEXED, &if all { COMPLETE } else { reached });
            Ok(())
        });
        written.map_err(|error| match error {
            store::WriteError::Refused(error) => error,
            store::WriteError::Store(error) => StorageError::Write(error),
        })?;
    }
}

/// Adds one revision of the past. Rows that are there already know more.
fn add_entry(transaction: &mut Transaction<'_>, entry: &Entry) -> Result<(), StorageError> {
    let mut written = Written::default();
    for mutation in &entry.mutations {
        written.add(&mutation.key, mutation.value.is_some());
    }
    let value = |key: &[u8]| {
        let last = entry.mutations.iter().rev().find(|mutation| mutation.key == key);
        last.and_then(|mutation| mutation.value.as_deref())
    };
    let change = written.change.as_deref().and_then(value);
    // What cannot be read is shown without what it would have told; the index must not fail for it.
    let change = change.and_then(|value| SubmittedChange::decode(value).ok());
    for (id, touched) in written.zones {
        if exists(transaction, &keys::zone_revision(&id, entry.revision.0))? {
            continue;
        }
        let zone = value(&keys::zone(&id)).and_then(|value| HostedZone::decode(value).ok());
        let noted = entry.author.starts_with("deployment ").then_some(ZoneChange::Weights);
        let author = entry.author.clone();
        let (revision, at_ms) = (entry.revision.0, entry.at_ms);
        let moment = ZoneRevision { revision, at_ms, author, ..ZoneRevision::blank() };
        let row = touched.row(moment, zone.as_ref(), noted, change.as_ref());
        write_row(transaction, &id, zone.as_ref(), &row);
    }
    Ok(())
}
