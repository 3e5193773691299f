//! The past of a zone: who changed what, when and why; what it was at any revision; and the ways back.
//!
//! Every revision that touched a zone has a row in an index, written in its own transaction (`index`). Listing reads a
//! page of the index; states and differences are found backwards through it (`past`), so that their cost is that of the
//! zone's own revisions in between, never that of the whole log. Going back ([`plan`], [`go_back`]) is a change like
//! any other: judged by today's rules, one revision, followed and published as always, and itself part of the history.

mod changes;
pub(crate) mod index;
mod list;
pub(crate) mod past;
mod rollback;
mod settings;
mod stickiness;
#[cfg(test)]
mod tests;
mod when;

use model::hosted_zone::HostedZone;
use model::id::{ChangeId, HostedZoneId};
use model::{Name, RecordSet, Stickiness};
use store::Store;

use crate::keys;
use crate::rows::{StorageError, find, read};

pub use changes::{Fact, FieldChange, RecordSetChange, facts};
pub use list::{KnownZone, list, named};
pub use rollback::{Back, Conflict, Conflicting, RollbackError, RollbackPlan, RolledBack, go_back, plan};
pub use stickiness::StickinessChange;
pub use when::{Base, When};

/// One revision that touched a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRevision {
    /// Its number in the log.
    pub revision: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// Who asked for it.
    pub author: String,
    /// What kind of change it was.
    pub change: ZoneChange,
    /// The comment of the change batch.
    pub comment: Option<String>,
    /// What `GetChange` knows it by, for 30 days.
    pub change_id: Option<ChangeId>,
    /// Record sets written.
    pub put: u64,
    /// Record sets removed.
    pub deleted: u64,
    /// Sort keys of the names touched; none if there are more than 32.
    pub(crate) names: Option<Vec<String>>,
}

/// What a revision did to a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneChange {
    /// It was created, with its first record sets.
    Created,
    /// A change batch.
    RecordSets,
    /// It was written as a whole.
    Imported,
    /// It went back to what it was at a revision.
    RolledBack {
        /// That revision.
        to: u64,
    },
    /// One revision's changes were taken back.
    Undid {
        /// That revision.
        revision: u64,
    },
    /// A deployment moved weights.
    Weights,
    /// The zone itself: its comment, its VPCs, which names are sticky.
    Settings,
    /// It was deleted.
    Deleted,
    /// A traffic policy instance made, replaced or removed its record set.
    TrafficPolicy,
}

impl ZoneRevision {
    pub(crate) fn blank() -> Self {
        Self {
            revision: 0,
            at_ms: 0,
            author: String::new(),
            change: ZoneChange::RecordSets,
            comment: None,
            change_id: None,
            put: 0,
            deleted: 0,
            names: None,
        }
    }
}

/// Why the past could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The zone did not exist then.
    #[error("hosted zone {zone} did not exist at revision: {revision}")]
    NotThen {
        /// The zone asked for.
        zone: HostedZoneId,
        /// When.
        revision: u64,
    },
    /// No revision of the zone is so old.
    #[error("hosted zone {zone} did not exist at: {when}")]
    Before {
        /// The zone asked for.
        zone: HostedZoneId,
        /// When, as asked.
        when: When,
    },
    /// The revision was another zone's.
    #[error(
        "revision {revision} did not change hosted zone {zone}; the newest before it that did: {}",
        before.map_or("none".to_owned(), |before| before.to_string())
    )]
    NotOfZone {
        /// The zone asked for.
        zone: HostedZoneId,
        /// The revision asked for.
        revision: u64,
        /// The zone's newest revision before it.
        before: Option<u64>,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// The differences between two revisions of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneDiff {
    /// The revision on the left, as a number.
    pub from: u64,
    /// The revision on the right.
    pub to: u64,
    /// Record sets that differ, in Route 53's order.
    pub changes: Vec<RecordSetChange>,
    /// Names whose stickiness differs.
    pub stickiness: Vec<StickinessChange>,
}

/// Makes the index of histories in a store that was written before there was one; otherwise it is one read. Every
/// function here does it when it is first needed, which may take seconds for a long log: a server does it in the
/// background when it starts.
///
/// # Errors
/// The store failed; the next call goes on from there.
pub fn ensure_index(store: &Store) -> Result<(), StorageError> {
    index::ensure(store)
}

/// All record sets of a zone as they were at a revision, in Route 53's order. Also of a zone deleted since.
///
/// # Errors
/// See [`HistoryError`].
pub fn record_sets_at(store: &Store, zone: &HostedZoneId, revision: u64) -> Result<Vec<RecordSet>, HistoryError> {
    index::ensure(store).map_err(HistoryError::Storage)?;
    let found =
        read(store, |reader| Ok(past::existing(reader, zone, revision).map(|_| past::rows_at(reader, zone, revision))));
    let rows = found.map_err(HistoryError::Storage)??.map_err(HistoryError::Storage)?;
    let sets = rows.iter().map(|(key, value)| past::decode(key, value)).collect::<Result<_, _>>();
    sets.map_err(HistoryError::Storage)
}

/// The sticky names of a zone as they were at a revision, in Route 53's order. Also of a zone deleted since.
///
/// # Errors
/// See [`HistoryError`].
pub fn stickiness_at(
    store: &Store,
    zone: &HostedZoneId,
    revision: u64,
) -> Result<Vec<(Name, Stickiness)>, HistoryError> {
    index::ensure(store).map_err(HistoryError::Storage)?;
    let found =
        read(
            store,
            |reader| Ok(past::existing(reader, zone, revision).map(|_| stickiness::at(reader, zone, revision))),
        );
    found.map_err(HistoryError::Storage)??.map_err(HistoryError::Storage)
}

/// What differs between a zone at two revisions. Its cost is that of the zone's revisions between them, and of finding
/// what they replaced.
///
/// # Errors
/// See [`HistoryError`].
pub fn diff(store: &Store, zone: &HostedZoneId, from: u64, to: u64) -> Result<ZoneDiff, HistoryError> {
    index::ensure(store).map_err(HistoryError::Storage)?;
    let found = read(store, |reader| {
        Ok(past::existing(reader, zone, from).and_then(|_| past::existing(reader, zone, to)).map(|_| {
            let (earlier, later) = (from.min(to), from.max(to));
            let after = past::written(reader, zone, earlier, later)?;
            let before = past::values_at(reader, zone, after.keys().cloned().collect(), earlier)?;
            let mut stickiness = stickiness::changed(reader, zone, earlier, later)?;
            if from <= to {
                return Ok((changes::between(&before, &after)?, stickiness));
            }
            stickiness.iter_mut().for_each(|change| std::mem::swap(&mut change.before, &mut change.after));
            Ok((changes::between(&after, &before)?, stickiness))
        }))
    });
    let (changes, stickiness) = found.map_err(HistoryError::Storage)??.map_err(HistoryError::Storage)?;
    Ok(ZoneDiff { from, to, changes, stickiness })
}

/// What one revision did to a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its row.
    pub revision: ZoneRevision,
    /// What it changed of the zone itself: its comment, its VPCs, which names are sticky.
    pub settings: Vec<FieldChange>,
    /// Every record set that it changed, in Route 53's order.
    pub changes: Vec<RecordSetChange>,
}

/// What one revision did to a zone.
///
/// # Errors
/// See [`HistoryError`].
pub fn show(store: &Store, zone: &HostedZoneId, revision: u64) -> Result<Shown, HistoryError> {
    index::ensure(store).map_err(HistoryError::Storage)?;
    let found = read(store, |reader| {
        let row: Option<ZoneRevision> = find(reader, &keys::zone_revision(zone, revision))?;
        let Some(row) = row else {
            let before = past::newest(reader, zone, revision)?.map(|before| before.revision);
            return Ok(Err(HistoryError::NotOfZone { zone: zone.clone(), revision, before }));
        };
        let after = past::written(reader, zone, revision - 1, revision)?;
        let before = past::values_at(reader, zone, after.keys().cloned().collect(), revision - 1)?;
        let (mut settings, changes) = (settings::changed(reader, zone, revision)?, changes::between(&before, &after)?);
        let stickiness = stickiness::changed(reader, zone, revision - 1, revision)?;
        settings.extend(stickiness.iter().map(StickinessChange::setting));
        Ok(Ok(Shown { revision: row, settings, changes }))
    });
    found.map_err(HistoryError::Storage)?
}

/// The number of the revision that `when` speaks of, for a request made at `now_ms`.
///
/// # Errors
/// See [`HistoryError`].
pub fn resolve(store: &Store, zone: &HostedZoneId, when: &When, now_ms: u64) -> Result<u64, HistoryError> {
    index::ensure(store).map_err(HistoryError::Storage)?;
    let found = read(store, |reader| when::resolve(reader, zone, when, now_ms)).map_err(HistoryError::Storage)?;
    found.ok_or_else(|| HistoryError::Before { zone: zone.clone(), when: *when })
}

fn zone_now(rows: &impl crate::rows::Rows, zone: &HostedZoneId) -> Result<Option<HostedZone>, StorageError> {
    find(rows, &keys::zone(zone))
}
