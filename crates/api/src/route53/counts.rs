//! Limits and how much of them is used: GetAccountLimit, GetHostedZoneLimit.
//!
//! Differs: what this server does not limit has the largest number the wire can carry.

use control::{delegation_sets, health_checks, hosted_zones, traffic_policies, traffic_policy_instances};
use model::hosted_zone::Visibility;

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{
    AccountLimit, AccountLimitType, GetAccountLimitRequest, GetAccountLimitResponse, GetHostedZoneLimitRequest,
    GetHostedZoneLimitResponse, HostedZoneLimit, HostedZoneLimitType,
};
use super::hosted_zones::{find, number};

/// GetAccountLimit, for what can be made here.
pub(super) fn of_account(to: &Route53, request: &GetAccountLimitRequest) -> Result<GetAccountLimitResponse, Fault> {
    let (most, count) = match request.r#type {
        AccountLimitType::MaxHealthChecksByOwner => (to.limits.health_checks_max, health_checks::count(&to.store)?),
        AccountLimitType::MaxHostedZonesByOwner => (to.limits.hosted_zones_max, hosted_zones::count(&to.store)?),
        AccountLimitType::MaxReusableDelegationSetsByOwner => {
            (to.limits.delegation_sets_max, delegation_sets::count(&to.store)?)
        }
        AccountLimitType::MaxTrafficPoliciesByOwner => {
            (to.limits.traffic_policies_max, traffic_policies::count(&to.store)?)
        }
        AccountLimitType::MaxTrafficPolicyInstancesByOwner => {
            (to.limits.traffic_policy_instances_max, traffic_policy_instances::count(&to.store)?)
        }
    };
    let limit = AccountLimit { r#type: request.r#type, value: value(most) };
    Ok(GetAccountLimitResponse { limit, count: number(count) })
}

/// GetHostedZoneLimit.
pub(super) fn of_hosted_zone(
    to: &Route53,
    request: &GetHostedZoneLimitRequest,
) -> Result<GetHostedZoneLimitResponse, Fault> {
    let zone = find(to, &request.hosted_zone_id)?;
    let (most, count) = match (request.r#type, &zone.visibility) {
        (HostedZoneLimitType::MaxRrsetsByZone, _) => (to.limits.record_sets_per_zone_max, zone.record_set_count),
        (HostedZoneLimitType::MaxVpcsAssociatedByZone, Visibility::Private { vpcs }) => {
            (to.limits.vpcs_per_zone_max, vpcs.len() as u64)
        }
        (HostedZoneLimitType::MaxVpcsAssociatedByZone, Visibility::Public { delegation_set: _ }) => {
            return Err(Fault::HostedZoneNotPrivate { id: zone.id.to_string() });
        }
    };
    let limit = HostedZoneLimit { r#type: request.r#type, value: value(most) };
    Ok(GetHostedZoneLimitResponse { limit, count: number(count) })
}

/// A limit as the wire has it.
pub(super) fn value(most: Option<u64>) -> i64 {
    most.map_or(i64::MAX, number)
}
