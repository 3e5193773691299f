//! Deployments: releasing a new version of a service by moving its traffic in steps.
//!
//! The nouns only: what a user writes ([`Service`], [`Spec`]), what is printed before the start ([`Plan`]), and what
//! is stored while it runs ([`Deployment`]). Every decision is made in the crate `deploy`.

mod analysis;
mod as_text;
mod compare;
mod condition;
mod drain;
mod drift;
mod gate;
mod guarded;
mod hook;
mod hook_run;
mod journal;
mod notice;
mod owned;
mod period;
mod plan;
mod provider;
mod reason;
mod require;
mod rolling;
mod run;
pub mod schema;
mod service;
mod service_policy;
mod share;
mod spec;
mod status;
mod teardown;
mod window;

use serde::{Deserialize, Serialize};

pub use analysis::{Arm, Metric, NoData, OnProviderError, Score, Template, WindowBegin};
pub use compare::{
    ArmSeen, Compare, Compared, Counts, Coverage, Direction, Effect, MannWhitney, NotANumber, Points, Proportion, Ratio,
};
pub use condition::{Comparison, ComparisonError, Condition, Judged};
pub use drain::{DrainFacts, DrainReading, DrainRule, DrainTimeout, Drained};
pub use drift::{ChangedWeight, DriftAnswer, DriftPolicy, DriftReport, REASSERTS_MAX, REASSERTS_WITHIN_MS, Writer};
pub use gate::{Approval, Decision, Gate, ManualGate, OnTimeout, WebhookGate};
pub use guarded::{Guarded, Override, Queued};
pub use hook::{
    ExecHook, HOOK_OUTPUT_MAX, Hook, HookAnswer, HookCall, HookCallId, HookOutcome, HookPoint, HookTarget, HttpHook,
};
pub use hook_run::{HookRun, HookState, HookTold, Occasion};
pub use journal::{Caches, EVENTS_MAX, Event, JournalEntry, Op, OpKind, OpState, Record, Snapshot, SnapshotMember};
pub use notice::{Notice, NoticeEvent, Notify};
pub use owned::{Beside, NameStickiness, Owned, RecordAnswer, RecordForm, RecordSetTtl};
pub use period::{Period, PeriodError};
pub use plan::{Plan, PlanBack, PlanBeside, PlanStep, PlanTimes, Side, named};
pub use provider::{Dns, Exec, Filling, Health, Http, Prometheus, Provider, ProviderError, Wanted, fill};
pub use reason::{Code, Reason};
pub use require::{Margin, Require, Resolvers};
pub use rolling::{Amount, Batch, BatchOrder, Instance, Rolling, Verify, Zones};
pub use run::{Looks, Measured, MeasurementId, MetricRun, Pending, Run, Sample, Sampled, Tally, Verdict};
pub use service::{
    Affinity, Binding, DnsBinding, Environment, Foreign, Placed, RecordSetKey, RecordSetWeight, Route53Binding,
    Service, WeightsLine,
};
pub use service_policy::{Locking, OnBusy, Queue, ServicePolicy, StableUnhealthy};
pub use share::{Share, ShareError, Shares};
pub use spec::{
    Background, BlueGreen, Canary, CanaryStep, Deadlines, Exponential, HealthGate, Hold, Initial, Linear, OnFailure,
    Preset, Preview, Rollback, RollbackMode, Settle, Spec, StepGate, Strategy, Switch, SwitchGate, SwitchSteps,
    SwitchWord,
};
pub use status::{Abort, Cursor, Paused, Phase, Stage, Status, Waiting, WaitingOn};
pub use teardown::{Afterlife, AfterlifeState, Teardown};
pub use window::{Day, Freeze, Minute, Moment, Span, TimeRange, TimeRangeError, Window};

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
    /// Whether it brings something new or takes something back.
    #[serde(default, skip_serializing_if = "Kind::asks")]
    pub kind: Kind,
}

/// Whether a deployment brings something new or takes something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something new.
    #[default]
    Release,
    /// Back to what served before a release that had succeeded.
    Rollback,
}

impl Kind {
    /// Whether windows, freezes and approvals hold for it: nothing bars the way back.
    #[must_use]
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Release)
    }
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
    /// The id of the access key, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_key: Option<String>,
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
