//! What is true outside right now: the second argument of `step`. Made by the runner, read at one moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::RecordSet;
use model::deployment::MeasurementId;
use model::health_status::Verdicts;
use model::id::{EnvironmentName, HostedZoneId};
use model::metric::Measurement;

/// What is true outside right now.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The revision of the store that `record_sets` and `active` were read at.
    pub revision: u64,
    /// Every node serves at least this revision.
    pub served_revision: u64,
    /// Every record set of the service's names, managed or not; others may be among them and are ignored.
    pub record_sets: Vec<(HostedZoneId, RecordSet)>,
    /// The active environment, as the stored service says.
    pub active: EnvironmentName,
    /// What the health checks say.
    pub health: Arc<Verdicts>,
    /// Measurements that finished since the last step. Repeating one does no harm.
    pub finished: Vec<(MeasurementId, Measurement)>,
    /// Measurements that are under way. One that was asked for and is neither here nor finished is asked for again.
    pub measuring: BTreeSet<MeasurementId>,
}
