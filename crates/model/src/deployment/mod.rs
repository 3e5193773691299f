//! Deployments: releasing a new version of a service by moving its traffic in steps.
//!
//! The nouns only: what a user writes ([`Service`], [`Spec`]), what is printed before the start ([`Plan`]), and what
//! is stored while it runs ([`Deployment`]). Every decision is made in the crate `deploy`.

mod analysis;
mod as_text;
mod condition;
mod journal;
mod period;
mod plan;
mod reason;
mod run;
mod service;
mod share;
mod spec;
mod status;

use serde::{Deserialize, Serialize};

pub use analysis::{Metric, NoData, Provider, ProviderError, Template};
pub use condition::{Comparison, ComparisonError, Condition, Judged};
pub use journal::{EVENTS_MAX, Event, JournalEntry, Op, OpKind, OpState, Record, Snapshot, SnapshotMember};
pub use period::{Period, PeriodError};
pub use plan::{Plan, PlanStep, PlanTimes, Side};
pub use reason::{Code, Reason};
pub use run::{MeasurementId, MetricRun, Pending, Run, Sample, Sampled, Tally, Verdict};
pub use service::{Binding, DnsBinding, Environment, RecordSetKey, RecordSetWeight, Service, WeightsLine};
pub use share::{Share, ShareError, Shares};
pub use spec::{
    Background, BlueGreen, Canary, CanaryStep, Deadlines, Exponential, HealthGate, Hold, Linear, OnFailure, Preset,
    Preview, Settle, Spec, Strategy, Switch, SwitchGate, SwitchSteps,
};
pub use status::{Abort, Cursor, Paused, Phase, Stage, Status, Waiting, WaitingOn};

use crate::id::DeploymentId;

/// One release from its creation to its end, with everything it needs to go on after a crash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Counts its changes from 1.
    pub revision: u64,
    /// When, by whom and why it was created.
    pub created: Created,
    /// The service as it was then.
    pub service: Service,
    /// What was asked for.
    pub spec: Spec,
    /// What that means.
    pub plan: Plan,
    /// Where it is.
    pub status: Status,
    /// What is measured.
    pub analysis: Analysis,
    /// What was found, done and told.
    pub record: Record,
}

/// When, by whom and why a deployment was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// In ms since 1970.
    pub at_ms: u64,
    /// An operator's name.
    pub by: String,
    /// In the operator's words; may be empty.
    pub reason: String,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Analysis {
    /// How many runs there were.
    pub runs: u32,
    /// The run of the current or last analysis step.
    pub step: Option<Run>,
    /// The run in the background.
    pub background: Option<Run>,
}
