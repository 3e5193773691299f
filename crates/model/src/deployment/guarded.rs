//! What guards have seen and people have decided about a deployment: drift, approvals, a place in the queue, and what
//! was overridden, with who and why.

use serde::{Deserialize, Serialize};

use super::{Approval, DriftAnswer, DriftReport, Reason};
use crate::id::DeploymentId;

/// What guards have seen and people have decided. Empty for most deployments, and then not stored.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Guarded {
    /// What others changed; none while all is as it was left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftReport>,
    /// What a person decided about it; the next step carries it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_answer: Option<DriftAnswer>,
    /// What was said at gates, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Windows and freezes do not hold for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_override: Option<Override>,
    /// Health and drift are not asked before the last shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced: Option<Override>,
    /// The gate of a program was passed without its word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_override: Option<Override>,
    /// It waits for its turn; its plan is a draft until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<Queued>,
    /// Holds are skipped, because the environment that served was unhealthy at the start.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fast_forward: bool,
    /// Why it was stopped by the engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Reason>,
    /// A person ordered to stop it; it ends once it is known what became of the write that was under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Override>,
}

/// A guard that a person overrode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Who.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
    /// When, in ms since 1970.
    pub at_ms: u64,
}

/// A place in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// What ran when it was created.
    pub behind: DeploymentId,
    /// When it is given up, in ms since 1970; none: never.
    pub until_ms: Option<u64>,
}

impl Guarded {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
