//! What the outside is asked to do: the answer of `step`. Each action says everything that is needed to carry it out,
//! and carrying one out twice does no more than once.

use model::deployment::{MeasurementId, RecordSetWeight};
use model::id::{DeploymentId, EnvironmentName, ServiceName};
use model::metric::MetricQuery;

/// One thing to do outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Write weights.
    SetWeights(SetWeights),
    /// Measure in the background; hand the result in with a later observation.
    Measure {
        /// Names this measurement. While it is under way it must stand in `Observation::measuring`.
        id: MeasurementId,
        /// `template/metric`, for logs.
        metric: String,
        /// What to ask.
        query: MetricQuery,
    },
    /// Make an environment the active one of the service, in the same transaction that stores the deployment.
    Activate {
        /// The service.
        service: ServiceName,
        /// Its new active environment.
        environment: EnvironmentName,
        /// The label of what runs there.
        version: String,
    },
    /// Call `step` again at this time at the latest, in ms since 1970. At most one in a step, always the last.
    Wake {
        /// When.
        at_ms: u64,
    },
}

/// Weights to write: all of them or none, in the same transaction that stores the deployment if the store is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWeights {
    /// For whom.
    pub deployment: DeploymentId,
    /// Rises with every write of a deployment; a lower one than was carried out before must be refused.
    pub generation: u64,
    /// Write only if exactly this is live.
    pub precondition: Vec<RecordSetWeight>,
    /// What shall be live; absolute. Nothing but weights is to be changed.
    pub desired: Vec<RecordSetWeight>,
}
