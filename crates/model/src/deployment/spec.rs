//! What a user asks for: where to, by which strategy, with which guards. It never changes once a deployment exists.
//!
//! The JSON form is this shape; unknown fields are refused. The rules between fields (steps that never go down, names
//! that must exist) are checked when the plan is made, by `deploy::plan`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Gate, Hook, Period, Require, Resolvers, Rolling, Share, Teardown, Template};
use crate::id::EnvironmentName;

/// A release of a service to one of its environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The environment that shall serve. A rolling release names its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<EnvironmentName>,
    /// The label of what runs there; default: the one the environment has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// That nobody serves yet: said of the first release of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<Initial>,
    /// How the traffic moves.
    pub strategy: Strategy,
    /// How healthy the new environment must be; without it, it must only not be unhealthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_gate: Option<HealthGate>,
    /// Metrics by the name that steps call them by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub analysis: BTreeMap<String, Template>,
    /// Gates by the name that steps call them by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gates: BTreeMap<String, Gate>,
    /// How much of its capacity an environment may be given; default: all.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub headroom: Share,
    /// Metrics that watch from a step to the end of baking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Other people's programs by their names, and when they are called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hooks: BTreeMap<String, Hook>,
    /// How long the new environment must hold all traffic before the release is done.
    #[serde(default)]
    pub bake: Period,
    /// What a failure does.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How the way back goes; default: at once.
    #[serde(default, skip_serializing_if = "Rollback::is_default")]
    pub rollback: Rollback,
    /// How long caches are waited for after a shift.
    #[serde(default)]
    pub settle: Settle,
    /// How long a phase may take.
    #[serde(default)]
    pub deadlines: Deadlines,
    /// So long after its success the release can be taken back; default 1 h.
    #[serde(default = "hour", skip_serializing_if = "is_hour")]
    pub retain_old: Period,
    /// The old environment is torn down after that, once nobody comes any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teardown: Option<Teardown>,
    /// `retain_old` may be none: there is no way back after the success.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_no_rollback: bool,
    /// Before the first step TTLs above this are lowered to it and the old ones waited for; at the end, and on the way
    /// back, they are as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_ttl: Option<Period>,
    /// At most so far may a share that is written be from the one that is wanted; default: a quarter point, or a tenth
    /// of the wanted share if that is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Share>,
    /// What the release must be able to promise; one that cannot is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require: Option<Require>,
    /// Who asks, as far as promises depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolvers: Option<Resolvers>,
}

/// How the first release of a service goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    /// All traffic at once, once the environment is healthy: there is nobody to share it with.
    Direct,
}

/// How the traffic moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A little first, then more.
    Canary(Canary),
    /// Nothing first, then all, after a look at the new environment.
    BlueGreen(BlueGreen),
    /// The instances of the environment that serves, a few at a time.
    Rolling(Box<Rolling>),
}

/// The steps of a canary: written out or generated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Canary {
    /// Written out; the last weight is 100%.
    Steps(Vec<CanaryStep>),
    /// A little, 10 minutes, every metric of the spec, then all.
    Preset(Preset),
    /// From a share by equal steps to another.
    Linear(Linear),
    /// From a share by a factor to all.
    Exponential(Exponential),
}

/// One step of a canary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CanaryStep {
    /// Give the new environment this share.
    Weight(Share),
    /// Wait.
    Hold(Hold),
    /// Measure, and go on only when every metric passes.
    Analyse(Vec<String>),
    /// Call a hook by its name, and go on when it says yes.
    Hook(String),
    /// Wait until somebody, time, or another program opens it.
    Gate(StepGate),
}

/// A gate in a step: as it is, or by its name in `gates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected {\"manual\": {…}}, {\"auto_after\": \"10m\"}, {\"webhook\": {…}} or a name in `gates`"
)]
pub enum StepGate {
    /// One of `gates`.
    Named(String),
    /// As it is.
    Own(Gate),
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// So long. Written `"10s"`.
    For(Period),
    /// Until a person resumes or promotes. Written `{}`.
    UntilResumed,
}

/// Ready-made canaries, named by the shares of old and new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Preset {
    /// 5 % first.
    #[serde(rename = "95-5")]
    NinetyFiveFive,
    /// 10 % first.
    #[serde(rename = "90-10")]
    NinetyTen,
}

/// From a share by equal steps to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// The first share.
    pub from: Share,
    /// What each step adds.
    pub step: Share,
    /// The last share: 100%, which is the default, until a release may stop half way.
    #[serde(default = "all")]
    pub to: Share,
    /// Time between two steps.
    pub every: Period,
    /// What to measure after each wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analyse: Vec<String>,
}

/// From a share by a factor to all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// The first share.
    pub from: Share,
    /// What each step multiplies by, at least 2.
    pub factor: u32,
    /// Time between two steps.
    pub every: Period,
    /// What to measure after each wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analyse: Vec<String>,
}

/// Look at the new environment, then switch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlueGreen {
    /// What must be true before any traffic moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// Who opens the switch.
    #[serde(default)]
    pub gate: SwitchGate,
    /// How it is thrown.
    #[serde(default)]
    pub switch: Switch,
    /// What to measure after the switch, before baking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analyse: Vec<String>,
}

/// What must be true of the new environment before any traffic moves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// Healthy for so long.
    #[serde(default)]
    pub healthy_for: Period,
    /// Metrics that pass without traffic, such as those of a smoke test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analyse: Vec<String>,
    /// Programs that must say yes, one after the other; called when the environment is healthy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Hook>,
}

/// Who opens the switch of a blue-green release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected \"auto\", \"manual\", {\"manual\": {…}}, {\"auto_after\": \"10m\"} or {\"webhook\": {…}}"
)]
pub enum SwitchGate {
    /// The preview alone, or anybody.
    Word(SwitchWord),
    /// Those whom it names, or time, or another program.
    Own(Gate),
}

impl Default for SwitchGate {
    fn default() -> Self {
        Self::Word(SwitchWord::Auto)
    }
}

/// Gates that need no more than a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwitchWord {
    /// The preview alone.
    Auto,
    /// A person, who resumes or promotes.
    Manual,
}

/// How the switch of a blue-green release is thrown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// All traffic in one change.
    #[default]
    AtOnce,
    /// Through these shares.
    Steps(SwitchSteps),
}

/// The shares of a switch in steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchSteps {
    /// In order; the last is 100%.
    pub weights: Vec<Share>,
    /// Time between two of them.
    pub every: Period,
}

/// How healthy the new environment must be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthGate {
    /// Without a break for so long before each forward shift. Unhealthy while it has traffic is a failure.
    #[serde(default)]
    pub healthy_for: Period,
}

/// Metrics that watch while the steps go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Their names in `analysis`.
    pub templates: Vec<String>,
    /// The number of the step to begin with, counted from 1; default: the first that has traffic and has settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_step: Option<usize>,
}

/// What a failure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Roll back.
    #[default]
    Abort,
    /// Pause with the weights as they are and wait for a person.
    Hold,
    /// End with the weights as they are.
    Stop,
}

/// How the way back goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rollback {
    /// At once, or through `steps`.
    pub mode: RollbackMode,
    /// The shares that the new environment keeps on the way, falling; below the last are the weights as found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Share>,
    /// So long the old environment warms up in each of them, once caches have had their time; default 30 s.
    pub every: Period,
}

/// Whether the way back has steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollbackMode {
    /// In one change.
    #[default]
    #[serde(rename = "instant")]
    OneChange,
    /// Several, so that an environment that was made smaller is not overrun. At once all the same when the new one is
    /// unhealthy or a critical metric has failed.
    Stepped,
}

impl Default for Rollback {
    fn default() -> Self {
        Self { mode: RollbackMode::OneChange, steps: Vec::new(), every: Period::from_seconds(30) }
    }
}

impl Rollback {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How long caches are waited for after a shift: `max(ttl × multiple, min)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settle {
    /// At least 1; default 1.5, because some resolvers keep answers longer than they may.
    pub ttl_multiple: f64,
    /// Never shorter than this; default 10 s.
    pub min: Period,
}

/// How long things may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deadlines {
    /// Until the new environment is healthy; default 30 min.
    pub prepare: Period,
    /// For a guard, a shift or its spreading; waits that the plan names do not count; default 10 min.
    pub progress: Period,
    /// For the way back to be served everywhere; default 15 min.
    pub rollback: Period,
    /// What an overrun of `progress` does.
    pub on_deadline: OnFailure,
}

const fn all() -> Share {
    Share::ALL
}

const fn hour() -> Period {
    Period::from_seconds(3_600)
}

fn is_hour(period: &Period) -> bool {
    *period == hour()
}

fn is_all(share: &Share) -> bool {
    *share == Share::ALL
}

impl Default for Settle {
    fn default() -> Self {
        Self { ttl_multiple: 1.5, min: Period::from_seconds(10) }
    }
}

impl Settle {
    /// The wait for a TTL.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "saturates"
    )]
    pub fn wait(&self, ttl_seconds: u32) -> Period {
        let ttl_ms = (f64::from(ttl_seconds) * 1_000.0 * self.ttl_multiple).ceil() as u64;
        self.min.max(Period::from_ms(ttl_ms))
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            prepare: Period::from_seconds(1_800),
            progress: Period::from_seconds(600),
            rollback: Period::from_seconds(900),
            on_deadline: OnFailure::Abort,
        }
    }
}

impl Spec {
    /// The environment that shall serve, if the spec names one.
    #[must_use]
    pub fn target(&self) -> Option<&EnvironmentName> {
        match &self.strategy {
            Strategy::Rolling(rolling) => Some(&rolling.environment),
            Strategy::Canary(_) | Strategy::BlueGreen(_) => self.to.as_ref(),
        }
    }

    /// What it is if it is a rolling release.
    #[must_use]
    pub fn rolling(&self) -> Option<&Rolling> {
        match &self.strategy {
            Strategy::Rolling(rolling) => Some(rolling),
            Strategy::Canary(_) | Strategy::BlueGreen(_) => None,
        }
    }
}

impl Strategy {
    /// Its name as users write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Canary(_) => "canary",
            Self::BlueGreen(_) => "blue-green",
            Self::Rolling(_) => "rolling",
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(period) => write!(f, "{period}"),
            Self::UntilResumed => f.write_str("until resumed"),
        }
    }
}

impl Serialize for Hold {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::For(period) => period.serialize(serializer),
            Self::UntilResumed => serializer.collect_map(std::iter::empty::<(&str, &str)>()),
        }
    }
}

impl<'de> Deserialize<'de> for Hold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Hold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text such as \"10s\", or {} to wait until resumed")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Hold, E> {
                Period::parse(text).map(Hold::For).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hold, A::Error> {
                match map.next_key::<String>()? {
                    None => Ok(Hold::UntilResumed),
                    Some(field) => Err(serde::de::Error::unknown_field(&field, &[])),
                }
            }
        }
        deserializer.deserialize_any(Form)
    }
}
