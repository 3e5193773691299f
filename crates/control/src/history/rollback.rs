//! Ways back: to what a zone was at a revision, or without one revision's changes.
//!
//! Before: somebody named a revision. Here: [`plan`] compares then with now and says what would be written; [`go_back`]
//! writes exactly that, in one transaction, if the zone is still at the revision that the plan was made at. The end is
//! judged by the rules of a batch; the order of a batch and its size do not matter (`model::change::replace`), and no
//! quota bars the way back. After: `publish`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;

use model::change::{self, ApplyError, Faults, RecordSetKey, Touched};
use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use model::limits::COMMENT_CHARS_MAX;
use model::{Body, Name, RecordSet};
use store::{Meta, Reader, Store};

use super::changes::{RecordSetChange, between};
use super::past::Values;
use super::stickiness::StickinessChange;
use super::{HistoryError, ZoneChange, ZoneRevision, index, past, stickiness, zone_now};
use crate::changes::{self, SubmittedChange};
use crate::deployments::{Locked, hard_lock};
use crate::draw::{self, Random};
use crate::keys;
use crate::record_rows::{StoredRecords, at, write_touched};
use crate::rows::{Rows, StorageError, from_storage, put, read, write};
use crate::stickiness::read_row;
use crate::traffic::record_weight::unlimited;

/// Plans made anew when others change the zone between plan and commit; each of them costs them a commit.
const ATTEMPTS_MAX: usize = 8;

/// Which way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// All record sets and sticky names as they were at this revision.
    To(u64),
    /// Only this revision's changes are taken back.
    Undo(u64),
}

/// What going back would do.
#[derive(Debug)]
pub struct RollbackPlan {
    /// The zone as it is.
    pub zone: HostedZone,
    /// Its newest revision: the plan is good for as long as this stays the newest.
    pub at: u64,
    /// Which way.
    pub back: Back,
    /// What would be changed; nothing if the zone is like that already.
    pub changes: Vec<RecordSetChange>,
    /// The same for what is sticky.
    pub stickiness: Vec<StickinessChange>,
    /// Rules of today that forbid it, all of them.
    pub faults: Option<Faults>,
    /// The touched names as they shall be.
    names: Vec<(Name, Vec<RecordSet>)>,
}

/// What going back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledBack {
    /// The zone as it is now.
    pub zone: HostedZone,
    /// What was changed.
    pub changes: Vec<RecordSetChange>,
    /// What was changed of what is sticky.
    pub stickiness: Vec<StickinessChange>,
    /// The change to follow; none if there was nothing to do, and nothing was written.
    pub change: Option<SubmittedChange>,
}

/// What keeps a revision from being taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What it is.
    pub with: Conflicting,
    /// The revision that touched it last.
    pub later: ZoneRevision,
}

/// What two revisions changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflicting {
    /// A record set.
    RecordSet(RecordSetKey),
    /// Whether a name is sticky.
    Stickiness(Name),
}

impl fmt::Display for Conflicting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordSet(key) => key.fmt(f),
            Self::Stickiness(name) => write!(f, "stickiness of {name}"),
        }
    }
}

/// Why there is no way back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// The past is not there.
    #[error(transparent)]
    History(HistoryError),
    /// The zone is deleted.
    #[error(
        "hosted zone {zone} was deleted by {} at revision {}; import what it was into a new one: \
         `cutover zone export {zone} --at {} --output FILE`, then `cutover zone import NAME FILE`",
        deleted.author, deleted.revision, deleted.revision - 1
    )]
    Deleted {
        /// The zone.
        zone: HostedZoneId,
        /// The revision that deleted it.
        deleted: Box<ZoneRevision>,
    },
    /// The revision changed no record sets that could be taken back.
    #[error("revision {revision} {}", match change {
        ZoneChange::Created => "created the zone; to take that back, delete it",
        ZoneChange::Deleted => "deleted the zone; export what it was and import that",
        ZoneChange::TrafficPolicy => {
            "was a traffic policy instance's; update the instance to the version before"
        }
        _ => "changed no record sets and nothing of what is sticky; there is nothing to take back",
    })]
    NothingToUndo {
        /// The revision.
        revision: u64,
        /// What it did.
        change: ZoneChange,
    },
    /// Record sets were changed again since.
    #[error("revision {revision} cannot be taken back, later ones touched the same: {}", Conflicts(conflicts))]
    Conflicts {
        /// The revision.
        revision: u64,
        /// All of them, in Route 53's order.
        conflicts: Vec<Conflict>,
    },
    /// The zone is not where the caller thinks it is.
    #[error("hosted zone {zone} is not at revision {expected} any more, look at what changed; it is at: {found}")]
    Changed {
        /// The zone.
        zone: HostedZoneId,
        /// The revision that the caller expected to be its newest.
        expected: u64,
        /// The newest.
        found: u64,
    },
    /// Others kept changing the zone.
    #[error("others keep changing hosted zone {0}; try again")]
    Overtaken(HostedZoneId),
    /// The comment is too long.
    #[error("the comment of a change batch can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// Rules of today forbid the record sets of then.
    #[error("{0}")]
    Invalid(Faults),
    /// A running deployment locks one of the names.
    #[error(transparent)]
    Locked(Locked),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(RollbackError);

struct Conflicts<'a>(&'a [Conflict]);

impl fmt::Display for Conflicts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Conflict { with, later }) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{with} by {} at revision {}", later.author, later.revision)?;
        }
        Ok(())
    }
}

/// What going back would do; nothing is written.
///
/// # Errors
/// See [`RollbackError`]; faults by the rules of today are in the plan.
pub fn plan(store: &Store, zone: &HostedZoneId, back: Back) -> Result<RollbackPlan, RollbackError> {
    index::ensure(store)?;
    read(store, |reader| Ok(plan_in(reader, zone, back)))?
}

fn plan_in(reader: &Reader<'_>, id: &HostedZoneId, back: Back) -> Result<RollbackPlan, RollbackError> {
    let now = reader.revision().0;
    let zone = match (zone_now(reader, id)?, past::newest(reader, id, now)?) {
        (Some(zone), Some(newest)) => (zone, newest.revision),
        (None, Some(deleted)) if deleted.change == ZoneChange::Deleted => {
            return Err(RollbackError::Deleted { zone: id.clone(), deleted: Box::new(deleted) });
        }
        (Some(_) | None, _) => {
            let missing = HistoryError::NotThen { zone: id.clone(), revision: now };
            return Err(RollbackError::History(missing));
        }
    };
    let (zone, newest) = zone;
    let (current, then) = match back {
        Back::To(to) => {
            past::existing(reader, id, to).map_err(RollbackError::History)?;
            let current = written(reader, id, to, now)?;
            let then = past::values_at(reader, id, current.keys().cloned().collect(), to)?;
            (current, then)
        }
        Back::Undo(revision) => undo(reader, id, revision)?,
    };
    let stickiness = stickiness::between(&current, &then)?;
    let mut changes = between(&record_sets_of(current), &record_sets_of(then))?;
    // What a traffic policy makes belongs to its instance, whose own way back is its version before.
    let of_instance = |set: &Option<RecordSet>| matches!(set, Some(set) if matches!(set.body, Body::TrafficPolicy(_)));
    changes.retain(|change| !of_instance(&change.before) && !of_instance(&change.after));
    let names = names_after(reader, id, &changes)?;
    let faults = match judge(reader, &zone, &names) {
        Ok(_) => None,
        Err(RollbackError::Invalid(faults)) => Some(faults),
        Err(error) => return Err(error),
    };
    Ok(RollbackPlan { zone, at: newest, back, changes, stickiness, faults, names })
}

/// What the revisions after `after` up to `to` left in the rows that can be brought back.
fn written(reader: &Reader<'_>, id: &HostedZoneId, after: u64, to: u64) -> Result<Values, StorageError> {
    let mut values = past::written(reader, id, after, to)?;
    values.extend(past::written_below(reader, id, &keys::stickiness_of(id), after, to)?);
    Ok(values)
}

fn record_sets_of(mut values: Values) -> Values {
    values.retain(|key, _| key.starts_with(keys::RECORD_SETS));
    values
}

/// What one revision wrote and what was there before it, if nobody touched the same since.
fn undo(reader: &Reader<'_>, id: &HostedZoneId, revision: u64) -> Result<(Values, Values), RollbackError> {
    let newest = past::newest(reader, id, revision)?;
    let Some(row) = newest.clone().filter(|row| row.revision == revision) else {
        let before = newest.map(|newest| newest.revision);
        return Err(RollbackError::History(HistoryError::NotOfZone { zone: id.clone(), revision, before }));
    };
    let done = written(reader, id, revision - 1, revision)?;
    if matches!(row.change, ZoneChange::Created | ZoneChange::Deleted | ZoneChange::TrafficPolicy) || done.is_empty() {
        return Err(RollbackError::NothingToUndo { revision, change: row.change });
    }
    let before = past::values_at(reader, id, done.keys().cloned().collect(), revision - 1)?;
    let since = written(reader, id, revision, reader.revision().0)?;
    // A later revision that came back to the same is no hindrance.
    let changed: BTreeSet<Vec<u8>> = done
        .iter()
        .filter(|(key, value)| since.get(*key).is_some_and(|later| later != *value))
        .map(|(key, _)| key.clone())
        .collect();
    if changed.is_empty() {
        return Ok((done, before));
    }
    let mut conflicts = Vec::new();
    for (key, later) in last_touches(reader, id, changed)? {
        let known = [&done[&key], &before[&key], &since[&key]].into_iter().flatten().next();
        let Some(known) = known else { continue };
        let with = if key.starts_with(keys::RECORD_SETS) {
            Conflicting::RecordSet(RecordSetKey::of(&past::decode(&key, known)?))
        } else {
            Conflicting::Stickiness(read_row(&key, known)?.0)
        };
        conflicts.push(Conflict { with, later });
    }
    Err(RollbackError::Conflicts { revision, conflicts })
}

/// The newest revision that touched each of these keys. No revision is read twice, however many keys there are.
fn last_touches(
    reader: &Reader<'_>,
    id: &HostedZoneId,
    mut wanted: BTreeSet<Vec<u8>>,
) -> Result<BTreeMap<Vec<u8>, ZoneRevision>, StorageError> {
    let mut found = BTreeMap::new();
    past::revisions(reader, id, reader.revision().0, |row| {
        if wanted.is_empty() {
            return Ok(ControlFlow::Break(()));
        }
        for mutation in past::entry(reader, row.revision)? {
            if let Some(key) = wanted.take(&mutation.key) {
                found.insert(key, row.clone());
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// All record sets of the touched names, as they shall be.
fn names_after(
    rows: &impl Rows,
    zone: &HostedZoneId,
    changes: &[RecordSetChange],
) -> Result<Vec<(Name, Vec<RecordSet>)>, StorageError> {
    let mut names = BTreeMap::<Name, Vec<RecordSet>>::new();
    for change in changes {
        let key = change.key();
        if !names.contains_key(&key.name) {
            names.insert(key.name.clone(), at(rows, zone, &key.name.sort_key())?);
        }
        let sets = names.get_mut(&key.name).expect("inserted above");
        sets.retain(|set| RecordSetKey::of(set) != key);
        sets.extend(change.after.clone());
    }
    Ok(names.into_iter().collect())
}

fn judge(rows: &impl Rows, zone: &HostedZone, names: &[(Name, Vec<RecordSet>)]) -> Result<Vec<Touched>, RollbackError> {
    let mut records = StoredRecords { rows, zone: &zone.id };
    let touched = change::replace(zone, names, &unlimited(), &mut records).map_err(|error| match error {
        ApplyError::Invalid(faults) => RollbackError::Invalid(faults),
        ApplyError::Records(error) => RollbackError::Storage(error),
        ApplyError::NoSuchHealthCheck(_) | ApplyError::CommentTooLong(_) => {
            unreachable!("names have no comment, and their health checks are among the faults")
        }
    })?;
    match hard_lock(rows, &zone.id, &touched)? {
        Some(locked) => Err(RollbackError::Locked(locked)),
        None => Ok(touched),
    }
}

/// Goes back, as one revision: all of it, or nothing. `expect` is the zone's newest revision that the caller has seen;
/// without one, changes of others that come first are taken into account. The comment defaults to what was done.
///
/// # Errors
/// See [`RollbackError`].
pub async fn go_back(
    store: &Store,
    meta: Meta,
    random: &Random,
    zone: &HostedZoneId,
    back: Back,
    comment: Option<String>,
    expect: Option<u64>,
) -> Result<RolledBack, RollbackError> {
    let comment = comment.unwrap_or_else(|| match back {
        Back::To(revision) => format!("rollback to revision {revision}"),
        Back::Undo(revision) => format!("undo revision {revision}"),
    });
    let chars = comment.chars().count();
    if chars > COMMENT_CHARS_MAX {
        return Err(RollbackError::CommentTooLong(chars));
    }
    for _ in 0..ATTEMPTS_MAX {
        // Reading the past may take a while and must keep no writer waiting, nor the threads that answer requests.
        let (reading, id) = (store.clone(), zone.clone());
        let planned = tokio::task::spawn_blocking(move || plan(&reading, &id, back)).await;
        let planned = planned.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        if let Some(expected) = expect.filter(|expected| *expected != planned.at) {
            return Err(RollbackError::Changed { zone: zone.clone(), expected, found: planned.at });
        }
        if let Some(faults) = planned.faults {
            return Err(RollbackError::Invalid(faults));
        }
        if planned.changes.is_empty() && planned.stickiness.is_empty() {
            let (changes, stickiness) = (planned.changes, planned.stickiness);
            return Ok(RolledBack { zone: planned.zone, changes, stickiness, change: None });
        }
        if let Some(done) = commit(store, meta.clone(), draw::change_id(random), planned, comment.clone()).await? {
            return Ok(done);
        }
    }
    Err(RollbackError::Overtaken(zone.clone()))
}

/// Writes a plan; nothing if the zone has changed since it was made.
async fn commit(
    store: &Store,
    meta: Meta,
    change_id: model::id::ChangeId,
    planned: RollbackPlan,
    comment: String,
) -> Result<Option<RolledBack>, RollbackError> {
    let at_ms = meta.at_ms;
    let RollbackPlan { zone, at, back, changes, stickiness, faults: _, names } = planned;
    let committed = write(store, meta, move |transaction| {
        let mut newest = None;
        let prefix = keys::zone_history(&zone.id);
        crate::rows::scan(transaction, &prefix, &prefix, |key, _| {
            newest = Some(key.to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        if newest != Some(keys::zone_revision(&zone.id, at)) {
            return Ok(None);
        }
        let touched = judge(transaction, &zone, &names)?;
        write_touched(transaction, &zone, &touched);
        for StickinessChange { name, before: _, after } in &stickiness {
            let key = keys::stickiness(&zone.id, &name.sort_key());
            match after {
                Some(after) => put(transaction, &key, after),
                None => transaction.delete(&key),
            }
        }
        index::note(
            transaction,
            &zone.id,
            match back {
                Back::To(to) => ZoneChange::RolledBack { to },
                Back::Undo(revision) => ZoneChange::Undid { revision },
            },
        );
        let change = changes::note(transaction, change_id, at_ms, Some(comment))?;
        let zone = zone_now(transaction, &zone.id)?.unwrap_or(zone);
        Ok::<_, RollbackError>(Some(RolledBack { zone, changes, stickiness, change: Some(change) }))
    });
    Ok(committed.await?.value)
}
