//! What is true outside right now: the second argument of `step`. Made by the runner, read at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::RecordSet;
use model::deployment::{Environment, Freeze, HookCallId, HookOutcome, MeasurementId, NameStickiness, Service, Writer};
use model::health_status::Verdicts;
use model::id::{DeploymentId, EnvironmentName, HostedZoneId};
use model::metric::Measurement;

use crate::endpoint::Endpoint;

/// What is true outside right now.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The revision of the store that `record_sets` and `active` were read at.
    pub revision: u64,
    /// Every node serves at least this revision.
    pub served_revision: u64,
    /// Every record set of the service's names, managed or not, as last seen if they are not ours; and, as far as this
    /// server has them, those that their aliases and CNAMEs lead to, for their TTLs. Others may be among them and are
    /// ignored.
    pub record_sets: Vec<(HostedZoneId, RecordSet)>,
    /// Answers of the service's names under TTLs that are not in force any more: when each TTL was given last, and its
    /// seconds. Looked at when the snapshot is taken; an empty list means that nobody knows of any.
    pub earlier_ttls: Vec<(u64, u32)>,
    /// Which of the service's names are sticky, and how; a name that is not may be left out.
    pub sticky: Vec<NameStickiness>,
    /// The active environment, as the stored service says; none before its first release.
    pub active: Option<EnvironmentName>,
    /// The environments, as the stored service says.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// What the health checks say.
    pub health: Arc<Verdicts>,
    /// Measurements that finished since the last step. Repeating one does no harm.
    pub finished: Vec<(MeasurementId, Measurement)>,
    /// Measurements that are under way. One that was asked for and is neither here nor finished is asked for again.
    pub measuring: BTreeSet<MeasurementId>,
    /// Calls of hooks that ended since the last step. Repeating one does no harm.
    pub called: Vec<(HookCallId, HookOutcome)>,
    /// Calls of hooks that are under way. One that was ordered and is neither here nor ended was lost in a crash.
    pub calling: BTreeSet<HookCallId>,
    /// What guards ask of the outside.
    pub guards: Guards,
    /// What is known of the endpoint that has the record sets; none if they are this server's own.
    pub endpoint: Option<Endpoint>,
}

/// What guards ask of the outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guards {
    /// What the calendar says, in ms since 1970: windows and freezes are judged by it, waits are not. None: as the engine's
    /// own clock.
    pub calendar_ms: Option<u64>,
    /// Every freeze that is stored; those of other services are ignored.
    pub freezes: Vec<Freeze>,
    /// Who last changed one of the service's names, when that was not the deployment itself.
    pub writer: Option<Writer>,
    /// Deployments that hold the service or one of its record sets, or wait in front of this one.
    pub ahead: Vec<DeploymentId>,
    /// Other deployments that have not ended and have the environment that is to be torn down on one of their sides.
    pub users: Vec<DeploymentId>,
    /// The service as it is declared now, for a deployment that waits for its turn, and for one whose old environment is
    /// to be torn down. None: as the deployment has it, or, after the success, not declared any more.
    pub declared: Option<Service>,
}
