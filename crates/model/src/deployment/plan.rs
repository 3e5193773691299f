//! A plan: the spec expanded, checked and written in the driver's integers, before anything moves. Printed before the
//! start; its hash names exactly this plan. Made by `deploy::plan`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Gate, Hold, Period, RecordSetWeight, Share, Shares, WeightsLine};
use crate::id::{EnvironmentName, ServiceName, SetIdentifier};

/// What a deployment will do. Never changes once the deployment exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The service.
    pub service: ServiceName,
    /// `canary`, `blue-green` or `rolling`.
    pub strategy: String,
    /// The environment that serves now, and its version; nobody before the first release.
    pub from: Option<Side>,
    /// The environment that shall serve, and its version.
    pub to: Side,
    /// The weights as found. What a rollback restores is the snapshot, which must equal them.
    pub start: Vec<RecordSetWeight>,
    /// Weighted record sets of the same names that are others' and keep their weights: shares are shares of the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<RecordSetWeight>,
    /// In order. Steps are numbered from 1.
    pub steps: Vec<PlanStep>,
    /// Times that follow from the TTLs as found and the spec.
    pub times: PlanTimes,
    /// What is done before the first step and after the last, beside weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<PlanBeside>,
    /// The steps of the way back; none if it goes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<PlanBack>,
    /// What becomes of the old environment after the success, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teardown: Option<String>,
    /// `sha256:…` over everything above.
    pub hash: String,
}

/// The steps of the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBack {
    /// The share that the new environment keeps in each, falling, and the weights for it.
    pub steps: Vec<(Share, Vec<RecordSetWeight>)>,
    /// The wait in each, once caches have had their time.
    pub every: Period,
}

/// One side of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The environment.
    pub environment: EnvironmentName,
    /// The version it runs.
    pub version: String,
}

/// What is done before the first step and after the last, beside weights. Names with types, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanBeside {
    /// Plain records that become weighted ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adopt: Vec<String>,
    /// Weighted record sets that become a plain one at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub release: Vec<String>,
    /// The TTL in seconds for the time of the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
    /// Names that answer the same resolver alike for the time of the release.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sticky: Vec<String>,
    /// How long the old TTL is waited for.
    pub takes: Period,
}

/// How long things take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTimes {
    /// The largest TTL of the record sets as found, in seconds.
    pub ttl_seconds: u32,
    /// The wait after each shift.
    pub settle: Period,
    /// The wait at the end.
    pub bake: Period,
    /// From start to success when nothing has to be waited for and nobody is asked.
    pub expected: Period,
    /// From the decision to roll back until caches should have forgotten the new environment.
    pub rollback_worst: Period,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStep {
    /// Write these weights, see them served, wait for caches.
    Shift {
        /// Wanted; the sum is exactly all.
        shares: Shares,
        /// As they will be written: every record set of the service, absolute.
        weights: Vec<RecordSetWeight>,
    },
    /// Take these instances out, give them the new version, and put them back with their own weights.
    Batch {
        /// In the order in which they are replaced.
        instances: Vec<SetIdentifier>,
        /// Instances without weight that take theirs meanwhile, if they are healthy.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stand_ins: Vec<SetIdentifier>,
        /// The part of the traffic that goes to the new version after it, by the instances' own weights.
        share: Share,
        /// How long it takes at most if all goes well: caches, the hook's own time, and health.
        takes: Period,
    },
    /// Wait.
    Hold(Hold),
    /// Wait until the new environment was healthy for so long.
    Healthy(Period),
    /// Call this hook until it says yes.
    Hook {
        /// Its name in the spec.
        hook: String,
    },
    /// Measure until every metric is decided.
    Analyse {
        /// Names in the spec's `analysis`.
        templates: Vec<String>,
        /// How long it takes when every measurement has data.
        expected: Period,
    },
    /// Wait until it is opened.
    Gate {
        /// Its name among `gates`, `switch`, or `gate-` and the number of the step.
        name: String,
        /// What opens it.
        gate: Gate,
    },
}

impl Plan {
    /// A step by its number, counted from 1.
    #[must_use]
    pub fn step(&self, number: usize) -> Option<&PlanStep> {
        self.steps.get(number.checked_sub(1)?)
    }

    /// The share of the new environment once the step is done.
    #[must_use]
    pub fn share_after(&self, number: usize) -> Share {
        let shift = |step: &PlanStep| match step {
            PlanStep::Shift { shares, .. } => shares.get(&self.to.environment).copied(),
            PlanStep::Batch { share, .. } => Some(*share),
            PlanStep::Hold(_)
            | PlanStep::Healthy(_)
            | PlanStep::Hook { .. }
            | PlanStep::Gate { .. }
            | PlanStep::Analyse { .. } => None,
        };
        self.steps.iter().take(number).rev().find_map(shift).unwrap_or(Share::NONE)
    }

    /// The part of the first name and type's traffic that the service's record sets get together; all, but for others'
    /// weights beside them.
    #[must_use]
    pub fn managed(&self) -> Share {
        let Some(first) = self.start.first() else { return Share::ALL };
        let sum = |weights: &[RecordSetWeight]| -> u64 {
            let own = weights.iter().filter(|m| m.record_set.is_beside(&first.record_set));
            own.map(|m| u64::from(m.weight)).sum()
        };
        let (ours, theirs) = (sum(&self.start), sum(&self.foreign));
        let ppm = (ours * 1_000_000).checked_div(ours + theirs).unwrap_or(1_000_000);
        Share::from_ppm(u32::try_from(ppm).unwrap_or(u32::MAX))
    }

    /// The number of the shift that gives the new environment everything.
    #[must_use]
    pub fn last_shift(&self) -> usize {
        let is_shift = |step: &PlanStep| matches!(step, PlanStep::Shift { .. } | PlanStep::Batch { .. });
        self.steps.iter().rposition(is_shift).map_or(0, |index| index + 1)
    }
}

/// Who serves, in words.
#[must_use]
pub fn named(serving: Option<&impl fmt::Display>) -> String {
    serving.map_or_else(|| "nobody".to_owned(), ToString::to_string)
}

impl Plan {
    /// The environment that serves now, if one does.
    #[must_use]
    pub fn origin(&self) -> Option<&EnvironmentName> {
        self.from.as_ref().map(|side| &side.environment)
    }
}

impl PlanStep {
    /// How long it takes when nothing has to be waited for; nothing when a person decides.
    #[must_use]
    pub fn expected(&self, settle: Period) -> Period {
        match self {
            Self::Shift { .. } => settle,
            Self::Batch { takes, .. } => *takes,
            Self::Hold(Hold::For(period))
            | Self::Healthy(period)
            | Self::Gate { gate: Gate::AutoAfter(period), .. } => *period,
            Self::Hold(Hold::UntilResumed)
            | Self::Hook { .. }
            | Self::Gate { gate: Gate::Manual(_) | Gate::Webhook(_), .. } => Period::ZERO,
            Self::Analyse { expected, .. } => *expected,
        }
    }
}

impl fmt::Display for PlanStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shift { weights, .. } => write!(f, "weights {}", WeightsLine(weights)),
            Self::Batch { instances, stand_ins, .. } => {
                let names =
                    |all: &[SetIdentifier]| all.iter().map(SetIdentifier::as_str).collect::<Vec<_>>().join(", ");
                write!(f, "replace {}", names(instances))?;
                if stand_ins.is_empty() { Ok(()) } else { write!(f, "; in their place {}", names(stand_ins)) }
            }
            Self::Hold(hold) => write!(f, "hold {hold}"),
            Self::Healthy(period) => write!(f, "healthy for {period}"),
            Self::Hook { hook } => write!(f, "hook {hook}"),
            Self::Analyse { templates, .. } => write!(f, "analyse {}", templates.join(", ")),
            Self::Gate { name, gate } => write!(f, "gate {name}: {gate}"),
        }
    }
}

impl fmt::Display for Plan {
    /// A table of several lines, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, strategy, from, to, start, foreign, steps, times, beside, back, teardown, hash } = self;
        writeln!(f, "{service}: {strategy} from {} to {to}", named(from.as_ref()))?;
        writeln!(f, "plan {hash}")?;
        let is_rolling = steps.iter().any(|step| matches!(step, PlanStep::Batch { .. }));
        let whose = if is_rolling { &to.version } else { to.environment.as_str() };
        let share_title = format!("share of {whose}");
        let width = share_title.len();
        writeln!(f, "  #  {share_title}  takes     what")?;
        let is_plain = beside.as_ref().is_some_and(|beside| !beside.adopt.is_empty());
        let found = if is_plain { "once adopted" } else { "as found" };
        writeln!(f, "  -  {:>width$}  {:<8}  weights {}, {found}", "0%", "", WeightsLine(start))?;
        if !foreign.is_empty() {
            let managed = self.managed();
            writeln!(f, "     others keep {}: shares are shares of the remaining {managed}", WeightsLine(foreign))?;
        }
        if let Some(beside) = beside {
            writeln!(f, "  -  {:>width$}  {:<8}  {}", "0%", beside.takes.to_string(), beside.before(times))?;
        }
        for (index, step) in steps.iter().enumerate() {
            let (number, takes) = (index + 1, step.expected(times.settle).to_string());
            writeln!(f, " {number:>2}  {:>width$}  {takes:<8}  {step}", self.share_after(number))?;
        }
        writeln!(f, "  -  {:>width$}  {:<8}  bake", "100%", times.bake.to_string())?;
        if let Some(after) = beside.as_ref().and_then(PlanBeside::after) {
            writeln!(f, "  -  {:>width$}  {:<8}  {after}", "100%", "")?;
        }
        if let Some(teardown) = teardown {
            writeln!(f, "  {teardown}")?;
        }
        if let Some(PlanBack { steps, every }) = back {
            let steps: Vec<String> =
                steps.iter().map(|(share, weights)| format!("{share} ({})", WeightsLine(weights))).collect();
            writeln!(f, "  back in steps of {every} after caches: {}, then as found", steps.join(", "))?;
        }
        if is_rolling {
            return write!(
                f,
                "takes up to {} if all goes well; no instant rollback: going back replaces instances again, batch by \
                 batch, in up to {} (ttl {}s, settle {})",
                times.expected, times.rollback_worst, times.ttl_seconds, times.settle
            );
        }
        write!(
            f,
            "takes {} if all goes well; back within {} of a decision (ttl {}s, settle {})",
            times.expected, times.rollback_worst, times.ttl_seconds, times.settle
        )
    }
}

impl PlanBeside {
    fn before(&self, times: &PlanTimes) -> String {
        let mut parts = Vec::new();
        if !self.adopt.is_empty() {
            parts.push(format!("adopt {}", self.adopt.join(", ")));
        }
        if let Some(staged) = self.ttl_seconds {
            parts.push(format!("ttl {}s → {staged}s", times.ttl_seconds));
        }
        if !self.sticky.is_empty() {
            parts.push(format!("sticky {}", self.sticky.join(", ")));
        }
        if parts.is_empty() { "nothing beside weights".to_owned() } else { parts.join("; ") }
    }

    fn after(&self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.release.is_empty() {
            parts.push(format!("release {}", self.release.join(", ")));
        }
        if self.ttl_seconds.is_some() {
            parts.push("ttl as found".to_owned());
        }
        if !self.sticky.is_empty() {
            parts.push("stickiness as found".to_owned());
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.environment, self.version)
    }
}
