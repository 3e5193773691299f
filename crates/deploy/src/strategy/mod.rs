//! Strategies: from what a user wrote to a flat list of shares, holds and analyses. They speak only of shares; what a
//! share means to a traffic driver is `traffic`'s business, and what the list needs to be right is `plan`'s.

pub(crate) mod batches;
mod blue_green;
pub(crate) mod bounds;
mod canary;
pub(crate) mod rolling;

use model::deployment::{Hold, Period, Share, Spec, StepGate, Strategy};
use model::id::SetIdentifier;

use crate::parse::SpecError;

/// One step before it has weights, with the field it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// For messages.
    pub(crate) field: String,
    /// What to do.
    pub(crate) what: DraftStep,
}

/// What a step does, in shares.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DraftStep {
    /// Give the new environment this share.
    Weight(Share),
    /// Wait.
    Hold(Hold),
    /// Wait until the new environment was healthy for so long.
    Healthy(Period),
    /// Replace these instances, while others take their weights; then so many run the new version. How long it takes.
    Batch { instances: Vec<SetIdentifier>, stand_ins: Vec<SetIdentifier>, share: Share, takes: Period },
    /// Call this hook.
    Hook(String),
    /// Measure these templates.
    Analyse(Vec<String>),
    /// Wait at a gate; a name for one that has none of its own.
    Gate(StepGate, Option<&'static str>),
}

/// The steps of a spec, in order, not yet checked.
pub(crate) fn expand(spec: &Spec) -> Result<Vec<Draft>, SpecError> {
    match &spec.strategy {
        Strategy::Canary(strategy) => canary::expand(strategy, spec),
        Strategy::BlueGreen(strategy) => Ok(blue_green::expand(strategy)),
        // Its steps are the instances, which only the service knows: see `rolling::expand`.
        Strategy::Rolling(_) => Ok(Vec::new()),
    }
}

fn draft(field: impl Into<String>, what: DraftStep) -> Draft {
    Draft { field: field.into(), what }
}

/// A wait between two shares: a hold, then an analysis if there is something to measure.
fn between(field: &str, every: Period, analyse: &[String]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if every != Period::ZERO {
        drafts.push(draft(format!("{field}.every"), DraftStep::Hold(Hold::For(every))));
    }
    if !analyse.is_empty() {
        drafts.push(draft(format!("{field}.analyse"), DraftStep::Analyse(analyse.to_vec())));
    }
    drafts
}
