//! Why an answer is what it is: now, or as the zone was at an earlier revision.
//!
//! Before: somebody asks. Here only the view is found; the words are [`answer::explain`]'s. The past of a zone is that of
//! its record sets and sticky names: health, places and other zones are those of now, since nobody keeps what they were.
//! Only of zones made since, which hold the name, it is known that they did not answer then.

use std::sync::Arc;

use answer::{Health, Snapshot};
use model::Name;
use model::hosted_zone::HostedZone;
use model::id::{HealthCheckId, HostedZoneId};
use store::Store;

use crate::history::{self, HistoryError, When};
use crate::rows::{NoSuchHostedZone, StorageError, find, from_storage, read};
use crate::simulate::Standing;
use crate::{Random, draw, keys};

pub use answer::{
    Candidate, Content, Ending, Explanation, Finding, Hop, Level, Measure, Place, Possibilities, Possible, Question,
    Reason, Seen, View,
};

/// An explanation, and one answer as an example.
#[derive(Debug)]
pub struct Explained {
    /// The explanation.
    pub explanation: Explanation,
    /// The revision that is explained.
    pub revision: u64,
    /// 64 random bits; the same bits give the same answer from the same view.
    pub draw: u64,
    /// The answer that they give.
    pub sample: Possible,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// A revision was named, but no zone holds the name.
    #[error("no hosted zone here holds this name: {0}")]
    NoZone(Name),
    /// The zone is gone.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// The zone was not there then.
    #[error(transparent)]
    History(HistoryError),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
    /// The zone of then cannot be compiled; a fault of this program, or a damaged zone.
    #[error("the hosted zone of that revision cannot be compiled")]
    Compile(#[source] answer::CompileFault),
}

from_storage!(ExplainError);

/// Explains the answer to a question from a view. Without `draw` the example is drawn at random.
#[must_use]
pub fn explain(view: &View, question: &Question, draw: Option<u64>, random: &Random) -> Explained {
    let draw = draw.unwrap_or_else(|| u64::from_be_bytes(draw::bytes(random)));
    let sample = answer::sample(view, question, draw);
    Explained { explanation: answer::explain(view, question), revision: view.revision(), draw, sample }
}

/// The view with the zone that answers a question as it was; if that was made since, with the one that would answer
/// without it. Its record sets may name health checks that none names now: `standing` tells of those. `may` is asked of
/// each zone before its past is looked at.
///
/// # Errors
/// See [`ExplainError`], and what `may` says.
pub fn past<E: From<ExplainError>>(
    store: &Store,
    now: &View,
    question: &Question,
    (when, now_ms): (&When, u64),
    standing: &Standing<'_>,
    may: impl Fn(&HostedZoneId) -> Result<(), E>,
) -> Result<View, E> {
    let (mut view, mut not_then) = (now.clone(), None);
    loop {
        let Some(id) = answer::answering_zone(&view, question) else {
            return Err(not_then.unwrap_or_else(|| ExplainError::NoZone(question.name.clone())).into());
        };
        may(&id)?;
        match zone_at(store, &view, &id, (when, now_ms)) {
            // Steps back are the zone's own revisions, which another zone does not have.
            Err(ExplainError::History(fault @ (HistoryError::NotThen { .. } | HistoryError::Before { .. })))
                if when.back == 0 =>
            {
                not_then.get_or_insert(ExplainError::History(fault));
                let mut edit = view.snapshot.edit();
                edit.remove_zone(&id);
                view.snapshot = Arc::new(edit.finish(now.revision()));
            }
            snapshot => {
                let snapshot = Arc::new(snapshot?);
                let is_healthy = |id: &HealthCheckId| match now.snapshot.has_health_check(id) {
                    true => now.is_healthy(id),
                    false => standing(id).unwrap_or(true),
                };
                let health = Arc::new(Health::compile(&snapshot, is_healthy));
                return Ok(View { snapshot, health, ..view });
            }
        }
    }
}

/// The snapshot with one zone as it was.
fn zone_at(
    store: &Store,
    view: &View,
    id: &HostedZoneId,
    (when, now_ms): (&When, u64),
) -> Result<Snapshot, ExplainError> {
    let revision = history::resolve(store, id, when, now_ms).map_err(ExplainError::History)?;
    let sets = history::record_sets_at(store, id, revision).map_err(ExplainError::History)?;
    let zone: Option<HostedZone> = read(store, |reader| find(reader, &keys::zone(id)))?;
    let zone = zone.ok_or_else(|| ExplainError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
    let sticky = history::stickiness_at(store, id, revision).map_err(ExplainError::History)?;
    let mut edit = view.snapshot.edit();
    edit.set_stickiness(&zone.id, sticky.into_iter().collect());
    let put = edit.put_zone(&zone.id, &zone.name, zone.created, &zone.visibility, sets.len(), sets);
    put.map_err(ExplainError::Compile)?;
    Ok(edit.finish(revision))
}

#[cfg(test)]
mod tests;
