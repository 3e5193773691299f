//! What a deployment remembers: the record sets as found, every write it meant to make and what became of it, and the
//! story for people. Stored before anything acts on it, so that a crash finds either the intent or nothing.

use serde::{Deserialize, Serialize};

use super::{Afterlife, Beside, HookRun, Instance, NameStickiness, Phase, RecordForm, RecordSetKey, RecordSetWeight};
use crate::Weight;
use crate::id::{ChangeId, HealthCheckId, SetIdentifier};

/// Events kept; older ones are dropped, their numbers show how many.
pub const EVENTS_MAX: usize = 500;

/// Everything that was found, done and told.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Record {
    /// The record sets as found; none before `Preparing` has looked. Instances that join a rolling release later are added as
    /// found then, and those that leave are taken out.
    pub snapshot: Option<Snapshot>,
    /// Every write, oldest first.
    pub journal: Vec<Op>,
    /// What the instances of a rolling release run, in the order of the release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Instance>,
    /// The instances of a rolling release that are being given their old version back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoing: Vec<SetIdentifier>,
    /// The instances of a rolling release that are being replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch: Vec<SetIdentifier>,
    /// Instances that have left a rolling release before its end, and do not come back to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<SetIdentifier>,
    /// Every run of a hook, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRun>,
    /// What becomes of the old environment after the success; none if nothing was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub afterlife: Option<Afterlife>,
    /// The last [`EVENTS_MAX`] events, oldest first.
    pub events: Vec<Event>,
    /// What caches may hold; none before the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caches: Option<Caches>,
}

/// What caches may hold of the service's names: answers live as long as they were allowed to when they were given, so
/// waits count by the TTLs of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caches {
    /// The largest TTL of answers given now, in seconds.
    pub ttl_seconds: u32,
    /// Until when answers may be kept that were given under a larger TTL than that, in ms since 1970; none if there
    /// are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<u64>,
}

/// The record sets of the service as they were before the first shift. A rollback restores these weights exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken, in ms since 1970.
    pub taken_ms: u64,
    /// The revision of the store it was read at.
    pub revision: u64,
    /// One per record set of the service, in the order of its keys; as they would be if adopted, where it is to be.
    pub members: Vec<SnapshotMember>,
    /// Whole record sets of names and types whose existence the release owns: plain ones that it adopts, and all that it
    /// releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordForm>,
    /// Stickiness of names that the release makes sticky.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sticky: Vec<NameStickiness>,
}

/// One record set as found. Only the weight is ours to change; the rest is kept to see what others changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotMember {
    /// Which.
    pub record_set: RecordSetKey,
    /// Its weight.
    pub weight: Weight,
    /// Its TTL in seconds; an alias has none.
    pub ttl_seconds: Option<u32>,
    /// Its values, or what its alias points at.
    pub values: Vec<String>,
    /// Its health check.
    pub health_check: Option<HealthCheckId>,
}

/// One write of weights, with its whole life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    /// Counts the writes of a deployment from 1. A writer refuses a lower generation than it has seen.
    pub generation: u64,
    /// Why.
    pub kind: OpKind,
    /// What must be live for the write to be right.
    pub precondition: Vec<RecordSetWeight>,
    /// What shall be live; absolute.
    pub desired: Vec<RecordSetWeight>,
    /// The largest TTL in seconds under which answers were given before the write; none in writes of the first builds,
    /// which waited by the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
    /// What it changes beside weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Box<Beside>>,
    /// What the endpoint called the write when it took it, if the record sets are not ours: it is asked by this whether
    /// all its servers answer so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeId>,
    /// PLANNED, then APPLIED, OBSERVED, DONE, or SUPERSEDED in place of one of them.
    pub entries: Vec<JournalEntry>,
}

/// Why weights are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpKind {
    /// A step of the plan, by its number.
    Shift {
        /// Counted from 1.
        step: usize,
    },
    /// Instances lose their weight, to be replaced.
    TakeOut {
        /// Counted from 1.
        step: usize,
    },
    /// Instances get their own weight back.
    PutBack {
        /// Counted from 1.
        step: usize,
    },
    /// Part of the way back to the snapshot, by the number of its step.
    Ease {
        /// Counted from 1.
        step: usize,
    },
    /// Back to the snapshot.
    Restore,
    /// Before the first step: adopted, TTLs lowered, made sticky.
    Prepare,
    /// After the last step: TTLs and stickiness as they were found, released.
    Finish,
    /// Again what others wrote over.
    Reassert,
    /// Nothing: what others wrote is taken as it is.
    Accept,
    /// Nothing: the service names other instances now.
    Reconcile,
}

/// One line of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// In ms since 1970.
    pub at_ms: u64,
    /// What became true.
    pub state: OpState,
}

/// How far a write has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OpState {
    /// Meant; not known to be live.
    Planned,
    /// Read back from the store, or taken by the endpoint that has the record sets.
    Applied {
        /// The revision of our store it was read at; the write is at or before it.
        revision: u64,
    },
    /// Served by every node.
    Observed,
    /// Caches have had their time.
    Done,
    /// Another write took its place.
    Superseded,
}

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Counts the events of a deployment from 1, without gaps.
    pub number: u64,
    /// In ms since 1970.
    pub at_ms: u64,
    /// The phase after the event.
    pub phase: Phase,
    /// The step it happened in, counted from 1.
    pub step: Option<usize>,
    /// What happened: lowercase, no full stop.
    pub text: String,
    /// Who or what caused it: an operator's name, or `engine`.
    pub cause: String,
}

impl Op {
    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> OpState {
        self.entries.last().map_or(OpState::Planned, |entry| entry.state)
    }

    /// Whether the weights were read back from the store at some time.
    #[must_use]
    pub fn was_applied(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.state, OpState::Applied { .. }))
    }
}

impl Snapshot {
    /// The weights to go back to.
    #[must_use]
    pub fn weights(&self) -> Vec<RecordSetWeight> {
        let weight = |m: &SnapshotMember| RecordSetWeight { record_set: m.record_set.clone(), weight: m.weight };
        self.members.iter().map(weight).collect()
    }
}

impl Record {
    /// The weights that should be live: those of the last write that was read back, or those found at the start.
    #[must_use]
    pub fn live_weights(&self) -> Option<Vec<RecordSetWeight>> {
        let applied = self.journal.iter().rev().find(|op| op.was_applied()).map(|op| op.desired.clone());
        applied.or_else(|| self.snapshot.as_ref().map(Snapshot::weights))
    }
}
