//! What each operation needs permission for: AWS's table "Actions, resources, and condition keys for Amazon Route 53".
//!
//! Used by `operations`, where reading a typed request asks this, so an operation without a line here does not compile.
//! Decided by the request alone: nothing is looked up, so a refusal is the same whether or not the thing exists.

use model::Name;
use model::policy::Key;
use model::policy::named::normalized;

use super::check::Choice as _;
use super::generated::shapes::{
    ActivateKeySigningKeyRequest, AssociateVPCWithHostedZoneRequest, ChangeCidrCollectionRequest,
    ChangeResourceRecordSetsRequest, ChangeTagsForResourceRequest, CreateCidrCollectionRequest,
    CreateHealthCheckRequest, CreateHostedZoneRequest, CreateKeySigningKeyRequest, CreateQueryLoggingConfigRequest,
    CreateReusableDelegationSetRequest, CreateTrafficPolicyInstanceRequest, CreateTrafficPolicyRequest,
    CreateTrafficPolicyVersionRequest, CreateVPCAssociationAuthorizationRequest, DeactivateKeySigningKeyRequest,
    DeleteCidrCollectionRequest, DeleteHealthCheckRequest, DeleteHostedZoneRequest, DeleteKeySigningKeyRequest,
    DeleteQueryLoggingConfigRequest, DeleteReusableDelegationSetRequest, DeleteTrafficPolicyInstanceRequest,
    DeleteTrafficPolicyRequest, DeleteVPCAssociationAuthorizationRequest, DisableHostedZoneDNSSECRequest,
    DisassociateVPCFromHostedZoneRequest, EnableHostedZoneDNSSECRequest, GetAccountLimitRequest, GetChangeRequest,
    GetCheckerIpRangesRequest, GetDNSSECRequest, GetGeoLocationRequest, GetHealthCheckCountRequest,
    GetHealthCheckLastFailureReasonRequest, GetHealthCheckRequest, GetHealthCheckStatusRequest,
    GetHostedZoneCountRequest, GetHostedZoneLimitRequest, GetHostedZoneRequest, GetQueryLoggingConfigRequest,
    GetReusableDelegationSetLimitRequest, GetReusableDelegationSetRequest, GetTrafficPolicyInstanceCountRequest,
    GetTrafficPolicyInstanceRequest, GetTrafficPolicyRequest, ListCidrBlocksRequest, ListCidrCollectionsRequest,
    ListCidrLocationsRequest, ListGeoLocationsRequest, ListHealthChecksRequest, ListHostedZonesByNameRequest,
    ListHostedZonesByVPCRequest, ListHostedZonesRequest, ListQueryLoggingConfigsRequest, ListResourceRecordSetsRequest,
    ListReusableDelegationSetsRequest, ListTagsForResourceRequest, ListTagsForResourcesRequest,
    ListTrafficPoliciesRequest, ListTrafficPolicyInstancesByHostedZoneRequest,
    ListTrafficPolicyInstancesByPolicyRequest, ListTrafficPolicyInstancesRequest, ListTrafficPolicyVersionsRequest,
    ListVPCAssociationAuthorizationsRequest, TagResourceType, TestDNSAnswerRequest, UpdateHealthCheckRequest,
    UpdateHostedZoneCommentRequest, UpdateHostedZoneFeaturesRequest, UpdateTrafficPolicyCommentRequest,
    UpdateTrafficPolicyInstanceRequest, VPC,
};
use crate::caller::Ask;

/// A typed request that knows what it needs permission for.
pub(super) trait Asks {
    /// `operation` is its name; `account` is the one that ARNs are of.
    fn ask(&self, operation: &str, account: &str) -> Ask;
}

macro_rules! asks {
    // On nothing in particular.
    (on nothing: $($request:ident),*) => {$(
        impl Asks for $request {
            fn ask(&self, operation: &str, _account: &str) -> Ask {
                action(operation)
            }
        }
    )*};
    // Any key may.
    (by anybody: $($request:ident),*) => {$(
        impl Asks for $request {
            fn ask(&self, operation: &str, _account: &str) -> Ask {
                Ask { open: true, ..action(operation) }
            }
        }
    )*};
    // On one thing of Route 53, whose id a field holds.
    (on $noun:literal: $($request:ident.$id:ident),*) => {$(
        impl Asks for $request {
            fn ask(&self, operation: &str, _account: &str) -> Ask {
                action(operation).on(arn($noun, &self.$id))
            }
        }
    )*};
    // The same, of an account.
    (of account on $noun:literal: $($request:ident.$id:ident),*) => {$(
        impl Asks for $request {
            fn ask(&self, operation: &str, account: &str) -> Ask {
                action(operation).on(format!("arn:aws:route53::{account}:{}/{}", $noun, bare(&self.$id)))
            }
        }
    )*};
    // On a hosted zone, with the VPC that is named.
    (on a hosted zone and a vpc: $($request:ident),*) => {$(
        impl Asks for $request {
            fn ask(&self, operation: &str, _account: &str) -> Ask {
                let ask = action(operation).on(arn("hostedzone", &self.hosted_zone_id));
                ask.with(Key::Vpcs, vec![vpc(&self.vpc)])
            }
        }
    )*};
}

asks! {
    on "hostedzone":
    ActivateKeySigningKeyRequest.hosted_zone_id, CreateKeySigningKeyRequest.hosted_zone_id,
    CreateQueryLoggingConfigRequest.hosted_zone_id, DeactivateKeySigningKeyRequest.hosted_zone_id,
    DeleteHostedZoneRequest.id, DeleteKeySigningKeyRequest.hosted_zone_id,
    DisableHostedZoneDNSSECRequest.hosted_zone_id, EnableHostedZoneDNSSECRequest.hosted_zone_id,
    GetDNSSECRequest.hosted_zone_id, GetHostedZoneLimitRequest.hosted_zone_id, GetHostedZoneRequest.id,
    ListResourceRecordSetsRequest.hosted_zone_id, ListTrafficPolicyInstancesByHostedZoneRequest.hosted_zone_id,
    ListVPCAssociationAuthorizationsRequest.hosted_zone_id, UpdateHostedZoneCommentRequest.id,
    UpdateHostedZoneFeaturesRequest.hosted_zone_id
}

asks! {
    on a hosted zone and a vpc:
    AssociateVPCWithHostedZoneRequest, CreateVPCAssociationAuthorizationRequest,
    DeleteVPCAssociationAuthorizationRequest, DisassociateVPCFromHostedZoneRequest
}

asks! {
    on "healthcheck":
    DeleteHealthCheckRequest.health_check_id, GetHealthCheckLastFailureReasonRequest.health_check_id,
    GetHealthCheckRequest.health_check_id, GetHealthCheckStatusRequest.health_check_id,
    UpdateHealthCheckRequest.health_check_id
}

asks! {
    on "change":
    GetChangeRequest.id
}

asks! {
    on "delegationset":
    DeleteReusableDelegationSetRequest.id, GetReusableDelegationSetLimitRequest.delegation_set_id,
    GetReusableDelegationSetRequest.id
}

asks! {
    on "trafficpolicy":
    CreateTrafficPolicyVersionRequest.id, DeleteTrafficPolicyRequest.id, GetTrafficPolicyRequest.id,
    ListTrafficPolicyInstancesByPolicyRequest.traffic_policy_id, ListTrafficPolicyVersionsRequest.id,
    UpdateTrafficPolicyCommentRequest.id
}

asks! {
    on "trafficpolicyinstance":
    DeleteTrafficPolicyInstanceRequest.id, GetTrafficPolicyInstanceRequest.id, UpdateTrafficPolicyInstanceRequest.id
}

asks! {
    on "queryloggingconfig":
    DeleteQueryLoggingConfigRequest.id, GetQueryLoggingConfigRequest.id
}

asks! {
    of account on "cidrcollection":
    ChangeCidrCollectionRequest.id, DeleteCidrCollectionRequest.id, ListCidrBlocksRequest.collection_id,
    ListCidrLocationsRequest.collection_id
}

asks! {
    on nothing:
    CreateCidrCollectionRequest, CreateHealthCheckRequest, CreateReusableDelegationSetRequest,
    CreateTrafficPolicyRequest, GetAccountLimitRequest, GetHealthCheckCountRequest, GetHostedZoneCountRequest,
    GetTrafficPolicyInstanceCountRequest, ListCidrCollectionsRequest, ListHealthChecksRequest,
    ListHostedZonesByNameRequest, ListHostedZonesRequest, ListReusableDelegationSetsRequest,
    ListTrafficPoliciesRequest, ListTrafficPolicyInstancesRequest, TestDNSAnswerRequest
}

// AWS: these three tell nothing of the account.
asks! {
    by anybody:
    GetCheckerIpRangesRequest, GetGeoLocationRequest, ListGeoLocationsRequest
}

impl Asks for ChangeResourceRecordSetsRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        let sets = || self.change_batch.changes.iter().map(|change| &change.resource_record_set);
        let actions = self.change_batch.changes.iter().map(|change| change.action.as_str().to_owned());
        action(operation)
            .on(arn("hostedzone", &self.hosted_zone_id))
            .with(Key::RecordNames, distinct(sets().map(|set| name(&set.name))))
            .with(Key::RecordTypes, distinct(sets().map(|set| set.r#type.clone())))
            .with(Key::Actions, distinct(actions))
    }
}

impl Asks for CreateHostedZoneRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        action(operation).with(Key::Vpcs, self.vpc.iter().map(vpc).collect())
    }
}

impl Asks for ListHostedZonesByVPCRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        action(operation).with(Key::Vpcs, vec![vpc_of(&self.vpc_id, &self.vpc_region)])
    }
}

impl Asks for ListQueryLoggingConfigsRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        let zone = self.hosted_zone_id.as_ref();
        zone.map_or_else(|| action(operation), |id| action(operation).on(arn("hostedzone", id)))
    }
}

impl Asks for CreateTrafficPolicyInstanceRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        let zone = arn("hostedzone", &self.hosted_zone_id);
        action(operation).on(zone).on(arn("trafficpolicy", &self.traffic_policy_id))
    }
}

impl Asks for ChangeTagsForResourceRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        action(operation).on(tagged(self.resource_type, &self.resource_id))
    }
}

impl Asks for ListTagsForResourceRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        action(operation).on(tagged(self.resource_type, &self.resource_id))
    }
}

impl Asks for ListTagsForResourcesRequest {
    fn ask(&self, operation: &str, _account: &str) -> Ask {
        self.resource_ids.iter().fold(action(operation), |ask, id| ask.on(tagged(self.resource_type, id)))
    }
}

fn action(operation: &str) -> Ask {
    Ask::to(format!("route53:{operation}"))
}

fn arn(noun: &str, id: &str) -> String {
    format!("arn:aws:route53:::{noun}/{}", bare(id))
}

fn tagged(kind: TagResourceType, id: &str) -> String {
    arn(kind.as_str(), id)
}

/// Whatever path form an id still has: what is denied for `Z1` is denied for `/hostedzone/Z1`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// A name as conditions compare it. One that is none is left as it is; the batch will be refused for it.
fn name(text: &str) -> String {
    Name::parse(text).map_or_else(|_| text.to_lowercase(), |name| normalized(&name))
}

fn vpc(vpc: &VPC) -> String {
    vpc_of(vpc.vpc_id.as_deref().unwrap_or_default(), vpc.vpc_region.as_deref().unwrap_or_default())
}

fn vpc_of(id: &str, region: &str) -> String {
    format!("VPCId={},VPCRegion={}", id.to_lowercase(), region.to_lowercase())
}

/// Each once: a batch of a thousand changes often has one type and one action.
fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let values: std::collections::BTreeSet<String> = values.collect();
    values.into_iter().collect()
}

#[cfg(test)]
mod tests;
