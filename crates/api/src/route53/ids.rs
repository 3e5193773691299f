//! Ids as requests carry them. A text that cannot be an id of its kind names nothing, and is told so.
//!
//! Path forms (`/hostedzone/Z1`) were taken off by `check`.

use model::id::{
    ChangeId, CidrCollectionId, DelegationSetId, HealthCheckId, HostedZoneId, QueryLoggingConfigId, TrafficPolicyId,
    TrafficPolicyInstanceId,
};

use super::error::Fault;

/// A hosted zone's.
pub(super) fn hosted_zone(text: &str) -> Result<HostedZoneId, Fault> {
    HostedZoneId::parse(text).map_err(|_| Fault::NoSuchHostedZone { id: text.to_owned() })
}

/// A health check's.
pub(super) fn health_check(text: &str) -> Result<HealthCheckId, Fault> {
    HealthCheckId::parse(text).map_err(|_| Fault::NoSuchHealthCheck { id: text.to_owned() })
}

/// A delegation set's.
pub(super) fn delegation_set(text: &str) -> Result<DelegationSetId, Fault> {
    DelegationSetId::parse(text).map_err(|_| Fault::NoSuchDelegationSet { id: text.to_owned() })
}

/// A CIDR collection's.
pub(super) fn cidr_collection(text: &str) -> Result<CidrCollectionId, Fault> {
    CidrCollectionId::parse(text).map_err(|_| Fault::NoSuchCidrCollectionException { id: text.to_owned() })
}

/// A query logging configuration's.
pub(super) fn query_logging_config(text: &str) -> Result<QueryLoggingConfigId, Fault> {
    QueryLoggingConfigId::parse(text).map_err(|_| Fault::NoSuchQueryLoggingConfig { id: text.to_owned() })
}

/// A change's.
pub(super) fn change(text: &str) -> Result<ChangeId, Fault> {
    ChangeId::parse(text).map_err(|_| Fault::NoSuchChange { id: text.to_owned() })
}

/// A traffic policy's.
pub(super) fn traffic_policy(text: &str) -> Result<TrafficPolicyId, Fault> {
    TrafficPolicyId::parse(text).map_err(|_| Fault::NoSuchTrafficPolicy { id: text.to_owned() })
}

/// A traffic policy instance's.
pub(super) fn traffic_policy_instance(text: &str) -> Result<TrafficPolicyInstanceId, Fault> {
    TrafficPolicyInstanceId::parse(text).map_err(|_| Fault::NoSuchTrafficPolicyInstance { id: text.to_owned() })
}
