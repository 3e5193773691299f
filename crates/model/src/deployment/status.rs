//! Where a deployment is: its phase, the step and stage within it, and what it waits for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Guarded, Reason};

/// Where a deployment is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The phase.
    pub phase: Phase,
    /// Since when, in ms since 1970.
    pub phase_since_ms: u64,
    /// The step and stage; none before the first and after the last.
    pub cursor: Option<Cursor>,
    /// Paused, by whom and why. Nothing moves forward; abort and failures still act.
    pub paused: Option<Paused>,
    /// What it waits for.
    pub waiting_on: Vec<Waiting>,
    /// Set once, never cleared: from here on no write gives the new environment more.
    pub abort: Option<Abort>,
    /// Since when the new environment has been healthy without a break, in ms since 1970.
    pub healthy_since_ms: Option<u64>,
    /// What others changed that is ours; none while all is as we left it.
    pub drift: Option<String>,
    /// What guards have seen and people have decided.
    #[serde(default, skip_serializing_if = "Guarded::is_empty")]
    pub guarded: Guarded,
}

/// The phases of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Created; nothing was looked at.
    Pending,
    /// Taking the snapshot, waiting for the new environment to be healthy.
    Preparing,
    /// Going through the steps before the last shift.
    Progressing,
    /// Giving the new environment everything, and the steps after it.
    Promoting,
    /// All traffic on the new environment, and watching.
    Baking,
    /// Moving the service's pointer.
    Finalizing,
    /// Done: the new environment serves.
    Succeeded,
    /// On the way back to the snapshot.
    RollingBack,
    /// Done: the old environment serves as before.
    RolledBack,
    /// The way back is barred; a person must choose.
    RollbackBlocked,
    /// Ended before anything moved.
    Cancelled,
    /// Ended by a person with the weights left as they are, during a release.
    Stopped,
    /// Ended by a person with the weights left as they are, out of a blocked rollback.
    Detached,
}

/// The step and what is being done for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Counted from 1.
    pub step: usize,
    /// What is being done.
    pub stage: Stage,
    /// Since when, in ms since 1970. Restarted by a resume.
    pub since_ms: u64,
}

/// What is being done for a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Asking whether it may go on.
    Guard,
    /// Writing the weights.
    Shift,
    /// Waiting until every node serves them.
    Observe,
    /// Waiting for caches.
    Settle,
    /// Waiting a time the plan names.
    Hold,
    /// Measuring.
    Analyse,
    /// Waiting until instances without weight have no work left.
    Drain,
    /// Giving instances another version.
    Replace,
    /// Waiting until they are healthy with it.
    Verify,
    /// Calling a hook that is the step.
    Hook,
    /// Waiting for a person.
    Gate,
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// An operator's name, or `engine`.
    pub by: String,
    /// Why.
    pub reason: Reason,
    /// In ms since 1970.
    pub since_ms: u64,
}

/// The decision to go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abort {
    /// An operator's name, or `engine`.
    pub by: String,
    /// Why.
    pub reason: Reason,
    /// In ms since 1970.
    pub at_ms: u64,
    /// Restore even though the old environment is known to be unhealthy.
    pub force_restore: bool,
    /// The way back takes no steps: a critical metric has failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
}

/// One thing that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its kind.
    pub on: WaitingOn,
    /// For people.
    pub text: String,
    /// When the wait ends by itself, in ms since 1970; none when something else must happen.
    pub until_ms: Option<u64>,
}

/// Kinds of waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingOn {
    /// A person.
    Gate,
    /// A window or freeze.
    Window,
    /// Another deployment.
    Lock,
    /// A health check.
    Health,
    /// Nodes that do not serve the weights yet, or a store that does not show them.
    Convergence,
    /// Caches that may hold older answers.
    Caches,
    /// A time the plan names.
    Time,
    /// Measurements.
    Analysis,
    /// A hook.
    Hook,
}

impl Phase {
    /// Whether it has ended for good.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Succeeded | Self::RolledBack | Self::Cancelled | Self::Stopped | Self::Detached => true,
            Self::Pending
            | Self::Preparing
            | Self::Progressing
            | Self::Promoting
            | Self::Baking
            | Self::Finalizing
            | Self::RollingBack
            | Self::RollbackBlocked => false,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "Pending",
            Self::Preparing => "Preparing",
            Self::Progressing => "Progressing",
            Self::Promoting => "Promoting",
            Self::Baking => "Baking",
            Self::Finalizing => "Finalizing",
            Self::Succeeded => "Succeeded",
            Self::RollingBack => "RollingBack",
            Self::RolledBack => "RolledBack",
            Self::RollbackBlocked => "RollbackBlocked",
            Self::Cancelled => "Cancelled",
            Self::Stopped => "Stopped",
            Self::Detached => "Detached",
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Guard => "guard",
            Self::Shift => "shift",
            Self::Observe => "observe",
            Self::Settle => "settle",
            Self::Hold => "hold",
            Self::Analyse => "analyse",
            Self::Drain => "drain",
            Self::Replace => "replace",
            Self::Verify => "verify",
            Self::Hook => "hook",
            Self::Gate => "gate",
        })
    }
}
