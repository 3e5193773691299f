//! Dry runs: what a change batch or a whole zone would change, in record sets and in answers. Nothing is written.
//!
//! Before: somebody has a batch or a zone file. Here, in one snapshot of the store: the same judges as for a change
//! (`records`), then two views aside, one with the touched names as stored and one with them as they would be, and the
//! same function as always asked of both about every question whose answer could differ (`questions`, `answers`).
//! After: nothing. Whoever likes the plan sends the change.

mod answers;
mod questions;
mod records;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use answer::{Edit, Snapshot, View};
use model::change::{ChangeBatch, Touched};
use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use model::limits::Limits;
use model::{Name, RecordSet, RecordType};
use store::{Reader, Store};

use crate::history::{RecordSetChange, StickinessChange, past};
use crate::record_sets::ChangeError;
use crate::rows::{NoSuchHostedZone, StorageError, find, from_storage, read};
use crate::zone_import::Contents;
use crate::{Views, keys, stickiness};

pub(crate) use questions::{Questions, find as find_questions};
pub(crate) use records::{changes, judge, stickiness as stickiness_of};

pub use answers::AnswerChange;

/// What is wished for.
#[derive(Debug, Clone)]
pub enum Wish {
    /// These changes, by the rules of ChangeResourceRecordSets.
    Batch(ChangeBatch),
    /// Exactly these record sets, and these sticky names if told, by the rules of an import.
    Zone(Contents),
}

/// What a wish would change.
#[derive(Debug)]
pub struct ZonePlan {
    /// The zone as it is.
    pub zone: HostedZone,
    /// The zone's newest revision, which the plan was made at.
    pub at: u64,
    /// Record sets that would change; none means that nothing would.
    pub changes: Vec<RecordSetChange>,
    /// Names that would be sticky, or not any more.
    pub stickiness: Vec<StickinessChange>,
    /// Answers that would change, by name and type.
    pub answers: Vec<AnswerChange>,
    /// What else there is to know before doing it.
    pub warnings: Vec<Warning>,
}

/// What somebody should know before doing it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A record set that nobody would get.
    #[error("{name} {record_type} {}would answer nobody: {why}", set_identifier.as_ref().map(|id| format!("{id:?} ")).unwrap_or_default())]
    AnswersNobody {
        /// Its name.
        name: Name,
        /// Its type.
        record_type: RecordType,
        /// What tells it apart.
        set_identifier: Option<String>,
        /// The reason.
        why: &'static str,
    },
    /// Resolvers go on with the old answer.
    #[error("resolvers may give the old answer of {name} {record_type} for up to {seconds} s")]
    Held {
        /// The name that is held longest.
        name: Name,
        /// The type asked for.
        record_type: RecordType,
        /// The TTL that they were given.
        seconds: u32,
    },
    /// Health is not known here.
    #[error("no server runs on this folder: every health check is taken as healthy")]
    NoHealth,
    /// A health check that no record set named before: nothing is known of it yet.
    #[error("health check {0} is new to DNS and taken as healthy")]
    NewHealthCheck(String),
    /// Another zone answers for the names of this one.
    #[error("hosted zone {by} answers for {name}; this change will not be seen there")]
    AnotherZoneAnswers {
        /// The name.
        name: Name,
        /// The zone that answers.
        by: HostedZoneId,
    },
    /// There are more questions than were asked.
    #[error("more answers may change than are shown; questions asked: {0}")]
    More(usize),
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The zone does not exist.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The wish would be refused, for all these reasons.
    #[error(transparent)]
    Refused(ChangeError),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
    /// The zone cannot be compiled; a fault of this program, or a damaged zone.
    #[error("the hosted zone cannot be compiled, so that its answers are not known")]
    Compile(#[source] answer::CompileFault),
}

from_storage!(PlanError);

/// Plans a wish. Answers are those for a client at `from`, under the health of now. Reads the zone once through, so its
/// cost grows with the zone: run it where it keeps nobody waiting.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(
    store: &Store,
    views: &Views,
    zone: &HostedZoneId,
    wish: &Wish,
    from: IpAddr,
    limits: &Limits,
) -> Result<ZonePlan, PlanError> {
    crate::history::index::ensure(store)?;
    let view = views.current();
    read(store, |reader| Ok(plan_in(reader, &view, zone, wish, from, limits)))?
}

fn plan_in(
    reader: &Reader<'_>,
    view: &View,
    id: &HostedZoneId,
    wish: &Wish,
    from: IpAddr,
    limits: &Limits,
) -> Result<ZonePlan, PlanError> {
    let zone: HostedZone =
        find(reader, &keys::zone(id))?.ok_or_else(|| PlanError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
    let mut touched = judge(reader, &zone, wish, limits)?;
    let stickiness = stickiness_of(reader, &zone, wish, &mut touched)?;
    let at = past::newest(reader, id, u64::MAX)?.map_or(0, |newest| newest.revision);
    let changes = changes(&touched);
    if changes.is_empty() && stickiness.is_empty() {
        return Ok(ZonePlan { zone, at, changes, stickiness, answers: Vec::new(), warnings: Vec::new() });
    }
    let (before, after) = views(reader, view, &zone, at, &touched, &stickiness)?;
    let questions = find_questions(reader, &zone, &touched)?;
    let mut warnings = Vec::new();
    let answers = answers::compare(&before, &after, &zone, &questions.asked, &changes, from, &mut warnings);
    if questions.is_cut {
        warnings.push(Warning::More(questions.asked.len()));
    }
    warnings.extend(health(view, &touched));
    Ok(ZonePlan { zone, at, changes, stickiness, answers, warnings })
}

/// The view of now with the touched names as stored, and the same as they would be.
pub(crate) fn views(
    reader: &Reader<'_>,
    view: &View,
    zone: &HostedZone,
    at: u64,
    touched: &[Touched],
    stickiness: &[StickinessChange],
) -> Result<(View, View), PlanError> {
    let names = |side: fn(&Touched) -> &Vec<RecordSet>| -> Vec<(Name, Vec<RecordSet>)> {
        touched.iter().map(|touched| (touched.name.clone(), side(touched).clone())).collect()
    };
    let mut edit = view.snapshot.edit();
    // What DNS answers from may be a moment behind the store, or be nothing at all when no server runs.
    if view.revision() < at || edit.put_names(&zone.id, names(|touched| &touched.before)).is_err() {
        edit = view.snapshot.edit();
        put_whole(reader, &mut edit, zone)?;
    }
    let before = Arc::new(edit.finish(reader.revision().0));
    let mut edit = before.edit();
    for StickinessChange { name, before: _, after } in stickiness {
        edit.put_stickiness(&zone.id, name, *after);
    }
    edit.put_names(&zone.id, names(|touched| &touched.after)).map_err(PlanError::Compile)?;
    let after = Arc::new(edit.finish(reader.revision().0 + 1));
    let with = |snapshot: Arc<Snapshot>| View { snapshot, ..view.clone() };
    Ok((with(before), with(after)))
}

fn put_whole(reader: &Reader<'_>, edit: &mut Edit, zone: &HostedZone) -> Result<(), PlanError> {
    let sets: Vec<RecordSet> = crate::rows::list(reader, &keys::record_sets(&zone.id), &[], usize::MAX)?;
    edit.set_stickiness(&zone.id, stickiness::of_zone(reader, &zone.id)?.into_iter().collect());
    edit.put_zone(&zone.id, &zone.name, zone.created, &zone.visibility, sets.len(), sets).map_err(PlanError::Compile)
}

/// What is not known of the health checks that would be named.
pub(crate) fn health(view: &View, touched: &[Touched]) -> Vec<Warning> {
    let named = |sets: &[RecordSet]| sets.iter().filter_map(|set| set.health_check.clone()).collect::<Vec<_>>();
    let new: BTreeMap<_, _> = touched
        .iter()
        .flat_map(|touched| named(&touched.after))
        .filter(|id| !view.snapshot.has_health_check(id))
        .map(|id| (id.to_string(), ()))
        .collect();
    if view.snapshot.zone_count() == 0 {
        let any = touched.iter().any(|touched| !named(&touched.after).is_empty() || !named(&touched.before).is_empty());
        return any.then_some(Warning::NoHealth).into_iter().collect();
    }
    new.into_keys().map(Warning::NewHealthCheck).collect()
}
