//! What the outside is asked to do: the answer of `step`. Each action says everything that is needed to carry it out,
//! and carrying one out twice does no more than once.

use std::collections::BTreeMap;

use model::deployment::{Beside, HookCall, Measured, MeasurementId, RecordSetWeight, Side};
use model::id::{ChangeId, DeploymentId, EnvironmentName, ServiceName, SetIdentifier};
use model::metric::MetricQuery;

/// One thing to do outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Write weights. Of record sets that are not ours in the background: the outcome comes with a later observation, and
    /// while it is under way its generation must stand in `Endpoint::writing`.
    SetWeights(SetWeights),
    /// Look at the record sets of the service's names in the background, where they are not ours.
    Look,
    /// Ask in the background whether every server answers by a write.
    Confirm {
        /// What the endpoint called the write.
        change: ChangeId,
    },
    /// Measure in the background; hand the result in with a later observation.
    Measure {
        /// Names this measurement. While it is under way it must stand in `Observation::measuring`.
        id: MeasurementId,
        /// `template/metric`, for logs.
        metric: String,
        /// What to ask.
        query: MetricQuery,
    },
    /// Call a hook in the background; hand the outcome in with a later observation. While it is under way its id must
    /// stand in `Observation::calling`. Calling twice under one id is the hook's business.
    CallHook {
        /// What to call.
        call: HookCall,
    },
    /// Keep a measurement, in the same transaction that stores the deployment, so that it can be judged again.
    Keep(Box<Measured>),
    /// Make an environment the active one of the service, in the same transaction that stores the deployment.
    Activate {
        /// The service.
        service: ServiceName,
        /// Its new active environment, with the label of what runs there; none on the way back from its first release.
        side: Option<Side>,
    },
    /// Note what single instances run, in the same transaction that stores the deployment.
    NoteVersions {
        /// The service.
        service: ServiceName,
        /// Whose instances they are.
        environment: EnvironmentName,
        /// What each runs; others are not touched.
        versions: BTreeMap<SetIdentifier, String>,
    },
    /// Call `step` again at this time at the latest, in ms since 1970. At most one in a step, always the last.
    Wake {
        /// When.
        at_ms: u64,
    },
}

/// Weights to write, and fields beside them: all of them or none, in the same transaction that stores the deployment if the store is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWeights {
    /// For whom.
    pub deployment: DeploymentId,
    /// Rises with every write of a deployment; a lower one than was carried out before must be refused.
    pub generation: u64,
    /// Write only if exactly this is live.
    pub precondition: Vec<RecordSetWeight>,
    /// What shall be live; absolute. Nothing but weights, and what stands in `beside`, is to be changed.
    pub desired: Vec<RecordSetWeight>,
    /// Fields beside weights.
    pub beside: Option<Box<Beside>>,
}
