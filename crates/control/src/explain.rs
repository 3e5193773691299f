//! Why an answer is what it is: now, or as the zone was at an earlier revision.
//!
//! Before: somebody asks. Here only the view is found; the words are [`answer::explain`]'s. The past of a zone is that of
//! its record sets and sticky names: health, places and other zones are those of now, since nobody keeps what they were.

use std::sync::Arc;

use model::Name;
use model::hosted_zone::HostedZone;
use model::id::HostedZoneId;
use store::Store;

use crate::history::{self, HistoryError, When};
use crate::rows::{NoSuchHostedZone, StorageError, find, from_storage, read};
use crate::{Random, Views, draw, keys};

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

/// Explains the answer to a question. Without `draw` the example is drawn at random.
///
/// # Errors
/// See [`ExplainError`].
pub fn explain(
    store: &Store,
    views: &Views,
    question: &Question,
    at: Option<&When>,
    draw: Option<u64>,
    random: &Random,
    now_ms: u64,
) -> Result<Explained, ExplainError> {
    let mut view = views.current();
    if let Some(when) = at {
        let zone = answer::explain(&view, question).zone;
        let (id, _) = zone.ok_or_else(|| ExplainError::NoZone(question.name.clone()))?;
        view = Arc::new(past(store, &view, &id, when, now_ms)?);
    }
    let draw = draw.unwrap_or_else(|| u64::from_be_bytes(draw::bytes(random)));
    let sample = answer::sample(&view, question, draw);
    Ok(Explained { explanation: answer::explain(&view, question), revision: view.revision(), draw, sample })
}

/// The view with one zone as it was.
fn past(store: &Store, view: &View, id: &HostedZoneId, when: &When, now_ms: u64) -> Result<View, ExplainError> {
    let revision = history::resolve(store, id, when, now_ms).map_err(ExplainError::History)?;
    let sets = history::record_sets_at(store, id, revision).map_err(ExplainError::History)?;
    let zone: Option<HostedZone> = read(store, |reader| find(reader, &keys::zone(id)))?;
    let zone = zone.ok_or_else(|| ExplainError::NoSuchHostedZone(NoSuchHostedZone(id.clone())))?;
    let sticky = history::stickiness_at(store, id, revision).map_err(ExplainError::History)?;
    let mut edit = view.snapshot.edit();
    edit.set_stickiness(&zone.id, sticky.into_iter().collect());
    let put = edit.put_zone(&zone.id, &zone.name, zone.created, &zone.visibility, sets.len(), sets);
    put.map_err(ExplainError::Compile)?;
    Ok(View { snapshot: Arc::new(edit.finish(revision)), ..view.clone() })
}
