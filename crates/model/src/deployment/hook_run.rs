//! The calls of hooks that a deployment has made: meant, under way, answered. Stored before anybody is called, so that a
//! crash finds the intent, and calls again under the same id.

use serde::{Deserialize, Serialize};

use super::{HookAnswer, HookCallId, HookPoint};
use crate::id::{DeploymentId, EnvironmentName, SetIdentifier};

/// One occasion on which a hook is called, with all its calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRun {
    /// Counts the runs of a deployment from 1; part of every id.
    pub number: u64,
    /// The name of the hook.
    pub hook: String,
    /// Why it is called.
    pub occasion: Occasion,
    /// How far it is.
    pub state: HookState,
    /// When it was called first, in ms since 1970.
    pub since_ms: u64,
    /// When it was called last, in ms since 1970.
    pub called_ms: u64,
    /// Questions asked, from 1. "Not yet" is followed by the same question under the same id; a no that does not count
    /// as an end, by another.
    pub question: u32,
    /// How often this question was asked: more than once after "not yet" or after a crash.
    pub tries: u32,
    /// How often it has failed, where that is counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// A person was asked whether it is called again, by a pause of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_asked: bool,
    /// What it said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<HookTold>,
}

/// Why a hook is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A point of the release, and the step if the point belongs to one.
    Point {
        /// Which.
        point: HookPoint,
        /// Counted from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<usize>,
    },
    /// A step of the plan that is this hook.
    Step {
        /// Counted from 1.
        step: usize,
    },
    /// A step of the plan that is a gate, which the hook opens or shuts.
    Gate {
        /// Counted from 1.
        step: usize,
    },
    /// An environment without traffic is to be torn down.
    Teardown {
        /// Which.
        environment: EnvironmentName,
    },
    /// An instance is to be given another version.
    Replace {
        /// The step, counted from 1; on the way back, the one that had begun with it.
        step: usize,
        /// Which.
        instance: SetIdentifier,
        /// What it ran.
        old_version: String,
        /// What it shall run.
        new_version: String,
    },
    /// An instance has no weight any more; the hook says when it has no work any more either.
    Drain {
        /// The step, counted from 1.
        step: usize,
        /// Which.
        instance: SetIdentifier,
    },
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookState {
    /// It is being called.
    Calling,
    /// It was being called when the server was lost, and only a person may have it called again.
    InDoubt,
    /// It is called again at this time.
    Waiting {
        /// In ms since 1970.
        until_ms: u64,
    },
    /// It said yes, or whatever it said does not matter.
    Passed,
    /// It said no, or nothing that counts.
    Failed,
    /// It had failed; after a person's word another run took its place.
    Superseded,
}

/// What a hook said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookTold {
    /// When, in ms since 1970.
    pub at_ms: u64,
    /// What it means.
    pub answer: HookAnswer,
    /// For people.
    pub text: String,
    /// The beginning of its output, to be looked at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl HookRun {
    /// The id of its present question.
    #[must_use]
    pub fn id(&self, deployment: &DeploymentId) -> HookCallId {
        HookCallId(format!("{deployment}/hook/{}/{}", self.number, self.question))
    }

    /// Whether it has not come to its end.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.state {
            HookState::Calling | HookState::InDoubt | HookState::Waiting { .. } => true,
            HookState::Passed | HookState::Failed | HookState::Superseded => false,
        }
    }
}

impl Occasion {
    /// The step it belongs to, counted from 1.
    #[must_use]
    pub const fn step(&self) -> Option<usize> {
        match self {
            Self::Point { step, .. } => *step,
            Self::Teardown { .. } => None,
            Self::Step { step } | Self::Gate { step } | Self::Replace { step, .. } | Self::Drain { step, .. } => {
                Some(*step)
            }
        }
    }

    /// The instance it is about.
    #[must_use]
    pub const fn instance(&self) -> Option<&SetIdentifier> {
        match self {
            Self::Point { .. } | Self::Step { .. } | Self::Gate { .. } | Self::Teardown { .. } => None,
            Self::Replace { instance, .. } | Self::Drain { instance, .. } => Some(instance),
        }
    }

    /// Its name for hooks and people, such as `post_step`, `step`, `replace`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Point { point, .. } => point.name(),
            Self::Step { .. } => "step",
            Self::Gate { .. } => "gate",
            Self::Teardown { .. } => "teardown",
            Self::Replace { .. } => "replace",
            Self::Drain { .. } => "drain",
        }
    }
}
