//! When an environment that has lost its traffic counts as drained: what a user may ask for, and what is known.
//!
//! The rule is what a user writes; the drain is what status shows. Whether one meets the other is
//! `deploy::drained`'s business.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Period, Provider};

/// When an environment without traffic may be replaced or torn down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DrainRule {
    /// Beyond its TTL an old answer is waited for by so much of the TTL more; default 0.5. Some resolvers keep answers
    /// longer than they may: 8.7 % of those that a study of 2023 measured.
    pub tail: f64,
    /// Connections that are still open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<DrainReading>,
    /// Requests that still arrive, as a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<DrainReading>,
    /// So long every reading must stay within its bound; default 60 s. Without readings nothing is waited for.
    pub quiet: Period,
    /// The wait is over after so long, whatever is still there; default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Period>,
    /// What is done then.
    pub on_timeout: DrainTimeout,
}

/// A number that falls to a bound when an environment has drained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrainReading {
    /// Whom to ask.
    pub provider: Provider,
    /// At most so many are no traffic; default 0.
    #[serde(default)]
    pub at_most: f64,
    /// Time between two questions; default 10 s.
    #[serde(default = "default_interval")]
    pub interval: Period,
}

/// What an environment that has not drained in time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrainTimeout {
    /// Wait on, for a person.
    #[default]
    Hold,
    /// Go on as if it had drained.
    Proceed,
    /// Go on, and tell that what was left was cut off.
    Cut,
}

/// What is known of an environment, or of some of its record sets, that lost their traffic.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct DrainFacts {
    /// The largest of their weights now; 0 on every name and type.
    pub weight: u8,
    /// Since when every server has been giving other answers, in ms since 1970: the last time one could have given
    /// theirs. None while some may.
    pub last_answered_ms: Option<u64>,
    /// The largest TTL that their answers were given with, in seconds.
    pub ttl_seconds: u32,
    /// Open connections as read last; none if nobody has answered.
    #[serde(default)]
    pub connections: Option<f64>,
    /// The rate of requests as read last; none if nobody has answered.
    #[serde(default)]
    pub requests: Option<f64>,
    /// Since when every reading that the rule asks for has been within its bound, in ms since 1970.
    #[serde(default)]
    pub quiet_since_ms: Option<u64>,
}

/// How far a drain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Drained {
    /// Nobody comes any more.
    Yes,
    /// Not yet. When to look again at the latest, in ms since 1970; none when something else must happen first.
    NotYet {
        /// The next moment at which time alone may change it.
        until_ms: Option<u64>,
    },
    /// It took longer than it may.
    TimedOut(DrainTimeout),
}

const fn default_interval() -> Period {
    Period::from_seconds(10)
}

impl Default for DrainRule {
    fn default() -> Self {
        Self {
            tail: 0.5,
            connections: None,
            requests: None,
            quiet: Period::from_seconds(60),
            max: None,
            on_timeout: DrainTimeout::Hold,
        }
    }
}

impl DrainRule {
    /// When caches have forgotten an answer of a TTL that was last given at a time, both in ms since 1970.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "saturates"
    )]
    pub fn forgotten_ms(&self, last_answered_ms: u64, ttl_seconds: u32) -> u64 {
        let kept_ms = (f64::from(ttl_seconds) * 1_000.0 * (1.0 + self.tail.max(0.0))).ceil() as u64;
        last_answered_ms.saturating_add(kept_ms)
    }
}
