//! Rolling releases: the instances of one environment get another version, a few at a time. Here is what a user writes and
//! what is remembered of each instance; the order of things is `deploy`'s business.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DrainRule, Hook, Period, Share};
use crate::id::{EnvironmentName, SetIdentifier};

/// Replace the instances of the environment that serves, batch by batch. An instance is one of its set identifiers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rolling {
    /// The environment; it must be the active one.
    pub environment: EnvironmentName,
    /// What every instance shall run.
    pub version: String,
    /// How many at a time, and in which order.
    #[serde(default)]
    pub batch: Batch,
    /// So many may be out of rotation or unhealthy with nobody in their place; a percentage of those in rotation is rounded
    /// down. Default: the size of a batch, less `max_surge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Amount>,
    /// So many instances without weight stand in for those that are out: they are replaced first, and take their weights
    /// for as long. A percentage of those in rotation is rounded up. Default 0.
    #[serde(default)]
    pub max_surge: Amount,
    /// When an instance without weight may be replaced.
    #[serde(default)]
    pub drain: DrainRule,
    /// Asked until it says that an instance without weight has no work left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain_hook: Option<Hook>,
    /// What gives an instance another version.
    pub replace: Hook,
    /// When an instance with another version may serve again.
    #[serde(default)]
    pub verify: Verify,
    /// The wait between two batches.
    #[serde(default)]
    pub between: Period,
    /// Zone by zone; default: batches may come from several zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones: Option<Zones>,
}

/// How a rolling release goes through the zones of its instances, which the service names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Zones {
    /// One zone is done before the next begins, and no batch is of two. Default true.
    pub one_at_a_time: bool,
    /// The wait after the first zone, while all that is watched is watched; default 0 s. Longer than `between`, in its place.
    pub first_zone_monitor: Period,
}

/// How many instances at a time, and in which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Batch {
    /// Instances of one batch; a percentage is rounded down, but not to 0. Default 1.
    pub size: Amount,
    /// Their order.
    pub order: BatchOrder,
    /// So many alone in a first batch, after which a person resumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary_batch: Option<u32>,
}

/// The order of instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchOrder {
    /// As the service lists them.
    #[default]
    Listed,
    /// From each zone in turn; the service names the zones.
    ZoneSpread,
}

/// A number of instances, or a part of all in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number of instances, or a share such as \"25%\"")]
pub enum Amount {
    /// So many.
    Count(u32),
    /// So much of all.
    Part(Share),
}

/// When an instance with another version may serve again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Verify {
    /// Whether its health checks must be healthy; each instance needs one then. Default true.
    pub health: bool,
    /// So long without a break, counted from the end of the replacement; default 10 s. Longer than its health checks
    /// need to notice a failure, or they still speak of the old version.
    pub min_healthy_time: Period,
    /// So long it may take to become healthy; default 5 min.
    pub deadline: Period,
}

/// What is known of one instance in the course of a rolling release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Which.
    pub instance: SetIdentifier,
    /// What it ran at the start.
    pub old_version: String,
    /// What it runs; none from the first attempt to replace it until the hook has said yes.
    pub version: Option<String>,
}

impl Default for Amount {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl Default for Zones {
    fn default() -> Self {
        Self { one_at_a_time: true, first_zone_monitor: Period::ZERO }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self { size: Amount::Count(1), order: BatchOrder::Listed, canary_batch: None }
    }
}

impl Default for Verify {
    fn default() -> Self {
        Self { health: true, min_healthy_time: Period::from_seconds(10), deadline: Period::from_seconds(300) }
    }
}

impl Rolling {
    /// Whether no batch may be of two zones.
    #[must_use]
    pub fn is_zone_by_zone(&self) -> bool {
        self.zones.as_ref().is_some_and(|zones| zones.one_at_a_time)
    }
}

impl Amount {
    /// Of so many; parts are rounded down.
    #[must_use]
    pub fn of_down(self, all: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Part(share) => usize::try_from(all as u64 * u64::from(share.ppm()) / 1_000_000).unwrap_or(all),
        }
    }

    /// Of so many; parts are rounded up.
    #[must_use]
    pub fn of_up(self, all: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Part(share) => {
                usize::try_from((all as u64 * u64::from(share.ppm())).div_ceil(1_000_000)).unwrap_or(all)
            }
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Part(share) => write!(f, "{share}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_to_the_careful_side() {
        let quarter: Amount = serde_json::from_str("\"25%\"").unwrap();
        assert_eq!((quarter.of_down(6), quarter.of_up(6)), (1, 2));
        assert_eq!((quarter.of_down(8), quarter.of_up(8)), (2, 2));
        assert_eq!(serde_json::from_str::<Amount>("3").unwrap().of_down(8), 3);
        let wrong = serde_json::from_str::<Amount>("\"many\"").unwrap_err().to_string();
        assert!(wrong.contains("a number of instances, or a share"), "{wrong}");
    }
}
