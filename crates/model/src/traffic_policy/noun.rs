//! Traffic policies, their versions and their instances, as they are kept.

use crate::id::{HostedZoneId, TrafficPolicyId, TrafficPolicyInstanceId};
use crate::{Name, RecordType, Ttl};

/// A traffic policy: a name with numbered versions of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficPolicy {
    /// A UUID.
    pub id: TrafficPolicyId,
    /// 1–512 characters, unique among policies that have a version.
    pub name: String,
    /// The revision of the log that created it: policies are listed in this order.
    pub created: u64,
    /// The highest number that a version ever had; the next one has one more, whatever was deleted.
    pub newest_version: u16,
    /// The versions there are, by number, with the type of their records; none when all were deleted.
    pub versions: Vec<(u16, RecordType)>,
}

/// One version of a traffic policy. Its document never changes, and stays readable when the version is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficPolicyVersion {
    /// Of which policy.
    pub policy: TrafficPolicyId,
    /// 1–1000.
    pub number: u16,
    /// The type of its records.
    pub record_type: RecordType,
    /// JSON, as it was sent; see [`super::Document`].
    pub document: String,
    /// At most 1024 characters.
    pub comment: Option<String>,
}

/// A traffic policy instance: what makes one name of a hosted zone answer as a version of a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficPolicyInstance {
    /// A UUID.
    pub id: TrafficPolicyInstanceId,
    /// Where; never changes.
    pub zone: HostedZoneId,
    /// Whose answers it makes; never changes.
    pub name: Name,
    /// The type of its records; never changes.
    pub record_type: RecordType,
    /// Of all records.
    pub ttl: Ttl,
    /// By which policy.
    pub policy: TrafficPolicyId,
    /// By which of its versions.
    pub version: u16,
    /// What the last command did to it.
    pub stage: Stage,
}

/// How far a traffic policy instance has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Its record set was made by this revision, and is answered once servers have that.
    Created(u64),
    /// Its record set was replaced by this revision; until servers have that, they answer what was before.
    Updated(u64),
    /// Its record set could not be made or replaced, and why; what was before is still answered.
    Failed(String),
}
