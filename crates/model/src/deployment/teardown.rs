//! What becomes of the environment that a release took the traffic from: kept for a while, drained, torn down.
//!
//! The release has succeeded by then and takes no orders but two; this is the part of it that is still to come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DrainRule;
use crate::id::EnvironmentName;

/// That the old environment is torn down, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Teardown {
    /// The name in `hooks` of the program that does it.
    pub hook: String,
    /// When nobody comes any more.
    #[serde(default)]
    pub drain: DrainRule,
}

/// How far the old environment of a release that has succeeded is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Afterlife {
    /// Which.
    pub environment: EnvironmentName,
    /// How far it is.
    pub state: AfterlifeState,
    /// Since when, in ms since 1970.
    pub since_ms: u64,
    /// Why it is where it is, for people; empty while nothing is to be said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// It was seen to be answered again after the release: others gave it a weight, or what serves is unhealthy, for then DNS
    /// answers with those of weight 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_weight: bool,
    /// When that was over, in ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_answered_ms: Option<u64>,
    /// The largest TTL of the answers meanwhile, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ttl_seconds: u32,
}

/// How far an old environment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterlifeState {
    /// Kept for a way back, or until nobody comes any more.
    Retained,
    /// It has not drained in time; a person must choose.
    Held,
    /// The hook is at work.
    TearingDown,
    /// The hook has failed; a person must choose.
    Failed,
    /// Done.
    TornDown,
    /// It stays, for the reason that is told.
    Kept,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl AfterlifeState {
    /// Whether something is still to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Retained | Self::Held | Self::TearingDown | Self::Failed => true,
            Self::TornDown | Self::Kept => false,
        }
    }

    /// Whether the way back to it is gone, or may be.
    #[must_use]
    pub const fn is_begun(self) -> bool {
        match self {
            Self::TearingDown | Self::Failed | Self::TornDown => true,
            Self::Retained | Self::Held | Self::Kept => false,
        }
    }

    /// Its name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retained => "retained",
            Self::Held => "held",
            Self::TearingDown => "tearing_down",
            Self::Failed => "failed",
            Self::TornDown => "torn_down",
            Self::Kept => "kept",
        }
    }
}
