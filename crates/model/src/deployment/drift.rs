//! Drift: what others changed that a deployment owns, who and when, and what shall be done about it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RecordSetKey, RecordSetWeight};
use crate::Weight;

/// What a deployment does when others change what is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftPolicy {
    /// Pause, and let a person decide.
    #[default]
    Pause,
    /// Write the weights again, at most [`REASSERTS_MAX`] times in [`REASSERTS_WITHIN_MS`]; then pause.
    Reassert,
    /// Go on from the weights as found.
    Accept,
    /// Go back.
    Abort,
}

/// Weights are written again so often; whoever changes them once more wants something, and a person must ask what.
pub const REASSERTS_MAX: usize = 3;
/// Within this time, in ms: 10 minutes.
pub const REASSERTS_WITHIN_MS: u64 = 600_000;

/// What others changed, as found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftReport {
    /// The first weight that is not as it was left; none when something else than a weight was changed.
    pub weight: Option<ChangedWeight>,
    /// All weights as they were left; empty before there is a snapshot.
    pub expected: Vec<RecordSetWeight>,
    /// All weights as they are; those of record sets that are gone are missing.
    pub found: Vec<RecordSetWeight>,
    /// Who did it, if that is known.
    pub writer: Option<Writer>,
}

/// One weight that others changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedWeight {
    /// Whose.
    pub record_set: RecordSetKey,
    /// As it was left.
    pub expected: Weight,
    /// As it is.
    pub found: Weight,
}

/// Who last changed a name, by the log of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// The author: the id of a key, `operator`, or another deployment.
    pub by: String,
    /// When, in ms since 1970.
    pub at_ms: u64,
    /// The revision of the store that did it.
    pub revision: u64,
    /// The id of the change, if it was a change batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

impl fmt::Display for Writer {
    /// Who, and by what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            Some(change) => write!(f, "{} (change {change})", self.by),
            None => write!(f, "{} (revision {})", self.by, self.revision),
        }
    }
}

/// What a person decided about a drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftAnswer {
    /// Go on from the weights as found.
    Accept,
    /// Write the weights again.
    Reassert,
}

impl fmt::Display for DriftPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pause => "pause",
            Self::Reassert => "reassert",
            Self::Accept => "accept",
            Self::Abort => "abort",
        })
    }
}
