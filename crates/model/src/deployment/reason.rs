//! Why something was refused, stopped or is waiting: a code that programs match and a sentence for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The codes of deployments. What HTTP status belongs to each is the API's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Code {
    /// The service has a deployment that has not ended.
    #[serde(rename = "E_BUSY")]
    Busy,
    /// Another service steers this name and type.
    #[serde(rename = "E_OBJECT_LOCKED")]
    ObjectLocked,
    /// The deployment has ended; nothing was changed.
    #[serde(rename = "E_TERMINAL")]
    Terminal,
    /// The caller expected another phase, step or revision.
    #[serde(rename = "E_STALE")]
    Stale,
    /// The command makes no sense in this phase.
    #[serde(rename = "E_INVALID_TRANSITION")]
    InvalidTransition,
    /// The spec or the service is not valid.
    #[serde(rename = "E_SPEC")]
    Spec,
    /// A share that the driver's integers cannot express.
    #[serde(rename = "E_GRANULARITY")]
    Granularity,
    /// A record set of the same name and type that the service does not know.
    #[serde(rename = "E_FOREIGN_MEMBER")]
    ForeignMember,
    /// The name uses another routing policy than weighted.
    #[serde(rename = "E_POLICY_MISMATCH")]
    PolicyMismatch,
    /// One side has a health check and the other has none.
    #[serde(rename = "E_HEALTH_COUPLING")]
    HealthCoupling,
    /// A promise that the forecast does not bear out.
    #[serde(rename = "E_FORECAST")]
    Forecast,
    /// The new environment is not healthy.
    #[serde(rename = "E_TARGET_UNHEALTHY")]
    TargetUnhealthy,
    /// What is live is not what the service records.
    #[serde(rename = "E_PRECONDITION")]
    Precondition,
    /// Somebody else changed what the deployment owns.
    #[serde(rename = "E_DRIFT")]
    Drift,
    /// A metric is outside its limit.
    #[serde(rename = "E_ANALYSIS")]
    Analysis,
    /// A metric neither passed nor failed often enough.
    #[serde(rename = "E_INCONCLUSIVE")]
    Inconclusive,
    /// A metric has no data.
    #[serde(rename = "E_NO_DATA")]
    NoData,
    /// A metric could not be measured.
    #[serde(rename = "E_PROVIDER")]
    Provider,
    /// A hook said no, or nothing that counts.
    #[serde(rename = "E_HOOK")]
    Hook,
    /// A phase or stage took longer than it may.
    #[serde(rename = "E_DEADLINE")]
    Deadline,
    /// The way back is barred; a person must choose.
    #[serde(rename = "E_ROLLBACK_BLOCKED")]
    RollbackBlocked,
    /// A person asked for it.
    #[serde(rename = "E_OPERATOR")]
    Operator,
    /// More traffic than an environment can carry.
    #[serde(rename = "E_CAPACITY")]
    Capacity,
    /// A window or freeze.
    #[serde(rename = "E_WINDOW")]
    Window,
    /// A gate was shut, or the creator may not open it.
    #[serde(rename = "E_GATE_DENIED")]
    GateDenied,
    /// The caller is not among those who may do it.
    #[serde(rename = "E_FORBIDDEN")]
    Forbidden,
    /// Another engine has taken over.
    #[serde(rename = "E_FENCED")]
    Fenced,
}

/// A fact with its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For programs.
    pub code: Code,
    /// For people: lowercase, no full stop.
    pub text: String,
}

impl Reason {
    /// A fact with its code.
    #[must_use]
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

impl Code {
    /// The code as it is written everywhere, such as `E_BUSY`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "E_BUSY",
            Self::ObjectLocked => "E_OBJECT_LOCKED",
            Self::Terminal => "E_TERMINAL",
            Self::Stale => "E_STALE",
            Self::InvalidTransition => "E_INVALID_TRANSITION",
            Self::Spec => "E_SPEC",
            Self::Granularity => "E_GRANULARITY",
            Self::ForeignMember => "E_FOREIGN_MEMBER",
            Self::PolicyMismatch => "E_POLICY_MISMATCH",
            Self::HealthCoupling => "E_HEALTH_COUPLING",
            Self::Forecast => "E_FORECAST",
            Self::TargetUnhealthy => "E_TARGET_UNHEALTHY",
            Self::Precondition => "E_PRECONDITION",
            Self::Drift => "E_DRIFT",
            Self::Analysis => "E_ANALYSIS",
            Self::Inconclusive => "E_INCONCLUSIVE",
            Self::NoData => "E_NO_DATA",
            Self::Provider => "E_PROVIDER",
            Self::Hook => "E_HOOK",
            Self::Deadline => "E_DEADLINE",
            Self::RollbackBlocked => "E_ROLLBACK_BLOCKED",
            Self::Operator => "E_OPERATOR",
            Self::Capacity => "E_CAPACITY",
            Self::Window => "E_WINDOW",
            Self::GateDenied => "E_GATE_DENIED",
            Self::Forbidden => "E_FORBIDDEN",
            Self::Fenced => "E_FENCED",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}
