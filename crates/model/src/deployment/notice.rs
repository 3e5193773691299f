//! What people are told about a deployment without asking: who hears of what, and one thing that is told.
//!
//! Receivers have names; where each is and with what secret it is reached stands in the configuration of the server, so
//! that no secret stands in a service.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Phase, RecordSetWeight, Side};
use crate::id::{DeploymentId, ServiceName};

/// Who hears of the releases of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// The name of a receiver of the server's configuration.
    pub to: String,
    /// What it hears of; all there is, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<NoticeEvent>,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeEvent {
    /// A deployment was created.
    Created,
    /// A person must open a gate or end a hold.
    Waiting,
    /// A step has begun.
    Step,
    /// It was paused.
    Paused,
    /// Measurements failed it.
    AnalysisFailed,
    /// The way back has begun.
    RollingBack,
    /// The weights are as they were found.
    RolledBack,
    /// The way back is barred; told again until somebody acts.
    RollbackBlocked,
    /// The new environment serves.
    Succeeded,
    /// It ended otherwise: cancelled, stopped or detached.
    Ended,
    /// The old environment was torn down after the success.
    TornDown,
    /// It was not, and a person must choose.
    TeardownFailed,
    /// Others changed what the deployment owns.
    Drift,
    /// A person overrode a guard: windows and freezes, or health and drift.
    Overridden,
}

/// One thing that is told, to whoever wants to hear it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Names it. It is the same when it is told twice, so that a receiver can tell a repetition from news.
    pub key: String,
    /// What it is about.
    pub deployment: DeploymentId,
    /// Of which service.
    pub service: ServiceName,
    /// What happened.
    pub event: NoticeEvent,
    /// The number of the last event of the story by then. Rises with time.
    pub number: u64,
    /// When, in ms since 1970.
    pub at_ms: u64,
    /// The phase after it.
    pub phase: Phase,
    /// The step, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What served before; nobody before the first release.
    pub from: Option<Side>,
    /// What shall serve.
    pub to: Side,
    /// The weights as the deployment left them by then.
    pub weights: Vec<RecordSetWeight>,
    /// What happened, for people: one line without control characters.
    pub text: String,
}

impl NoticeEvent {
    /// All of them, in the order of a release.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::Waiting,
        Self::Step,
        Self::Paused,
        Self::AnalysisFailed,
        Self::RollingBack,
        Self::RolledBack,
        Self::RollbackBlocked,
        Self::Succeeded,
        Self::Ended,
        Self::TornDown,
        Self::TeardownFailed,
        Self::Drift,
        Self::Overridden,
    ];

    /// Its name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Waiting => "waiting",
            Self::Step => "step",
            Self::Paused => "paused",
            Self::AnalysisFailed => "analysis_failed",
            Self::RollingBack => "rolling_back",
            Self::RolledBack => "rolled_back",
            Self::RollbackBlocked => "rollback_blocked",
            Self::Succeeded => "succeeded",
            Self::Ended => "ended",
            Self::TornDown => "torn_down",
            Self::TeardownFailed => "teardown_failed",
            Self::Drift => "drift",
            Self::Overridden => "overridden",
        }
    }
}

impl fmt::Display for NoticeEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_written_as_they_are_named() {
        for event in NoticeEvent::ALL {
            assert_eq!(serde_json::to_string(&event).unwrap(), format!("\"{}\"", event.name()));
        }
    }
}
