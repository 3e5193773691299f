//! Dry runs: what a change batch or a whole zone would change, in record sets and in answers. Nothing is written.
//!
//! Before: somebody has a batch or a zone file. Here, in one snapshot of the store: the same judges as for a change
//! (`records`), then two views aside, one with the touched names as stored and one with them as they would be, and the
//! questions whose answers could differ (`questions`). Then, without the snapshot, the same function as always is asked
//! of both (`answers`), for as long as there is time.
//! After: nothing. Whoever likes the plan sends the change.

mod answers;
mod questions;
mod records;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
use crate::stickiness::TooManySticky;
use crate::zone_import::Contents;
use crate::{Views, keys, stickiness};

pub(crate) use questions::{Questions, find as find_questions};
pub(crate) use records::{changes, judge, stickiness as stickiness_of};

use answers::Compared;

pub use answers::AnswerChange;

/// So long asking may take, but for the question that is asked when it is over: odds of one question take seconds at most.
const TIME_MAX: Duration = Duration::from_secs(20);

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
    /// There are more questions than were asked, or than there was time for.
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
    /// More names would be sticky than a zone may have.
    #[error(transparent)]
    TooManySticky(TooManySticky),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
    /// The zone cannot be compiled; a fault of this program, or a damaged zone.
    #[error("the hosted zone cannot be compiled, so that its answers are not known")]
    Compile(#[source] answer::CompileFault),
}

from_storage!(PlanError);

/// Plans a wish. Answers are those for a client at `from`, under the health of now. Reads the zone once through, so its
/// cost grows with the zone, and asks for up to 20 s: run it where it keeps nobody waiting.
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
    let mut until = None;
    let go_on = || Instant::now() < *until.get_or_insert_with(|| Instant::now() + TIME_MAX);
    plan_while(store, views, zone, wish, from, limits, go_on)
}

/// The same for as long as it may go on, which is asked before each question.
fn plan_while(
    store: &Store,
    views: &Views,
    zone: &HostedZoneId,
    wish: &Wish,
    from: IpAddr,
    limits: &Limits,
    mut go_on: impl FnMut() -> bool,
) -> Result<ZonePlan, PlanError> {
    crate::history::index::ensure(store)?;
    let view = views.current();
    // Asking takes long and needs no snapshot of the store any more.
    let (mut plan, asking) = read(store, |reader| Ok(prepare(reader, &view, zone, wish, limits)))??;
    if let Some(Asking { before, after, questions }) = asking {
        let both = (&before, &after);
        let compared = answers::compare(both, &plan.zone, &questions.asked, &plan.changes, from, &mut go_on);
        let Compared { answers, asked, is_cut, mut warnings } = compared;
        if questions.is_cut || is_cut {
            warnings.push(Warning::More(asked));
        }
        warnings.append(&mut plan.warnings);
        (plan.answers, plan.warnings) = (answers, warnings);
    }
    Ok(plan)
}

/// What is to be asked.
struct Asking {
    before: View,
    after: View,
    questions: Questions,
}

/// The plan without its answers, and what they are asked of; nothing if nothing would change.
fn prepare(
    reader: &Reader<'_>,
    view: &View,
    id: &HostedZoneId,
    wish: &Wish,
    limits: &Limits,
) -> Result<(ZonePlan, Option<Asking>), PlanError> {
    let zone: HostedZone =
        find(reader, &keys::zone(id))?.ok_or_else(|| PlanError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
    let mut touched = judge(reader, &zone, wish, limits)?;
    let stickiness = stickiness_of(reader, &zone, wish, &mut touched)?;
    let at = past::newest(reader, id, u64::MAX)?.map_or(0, |newest| newest.revision);
    let changes = changes(&touched);
    let mut plan = ZonePlan { zone, at, changes, stickiness, answers: Vec::new(), warnings: Vec::new() };
    if plan.changes.is_empty() && plan.stickiness.is_empty() {
        return Ok((plan, None));
    }
    let (before, after) = views(reader, view, &plan.zone, at, &touched, &plan.stickiness)?;
    let questions = find_questions(reader, &plan.zone, &touched)?;
    plan.warnings = health(view, &touched);
    Ok((plan, Some(Asking { before, after, questions })))
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
