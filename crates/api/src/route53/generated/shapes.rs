//! The shapes of requests and responses. Generated from AWS's service model `route53-2013-04-01` by `cargo xtask operations`; do not edit.

use crate::route53::check::Choice;
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ActivateKeySigningKeyRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AssociateVPCWithHostedZoneRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) vpc: VPC,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeCidrCollectionRequest {
    pub(crate) id: String,
    pub(crate) collection_version: Option<i64>,
    pub(crate) changes: Vec<CidrCollectionChange>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeResourceRecordSetsRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) change_batch: ChangeBatch,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeTagsForResourceRequest {
    pub(crate) resource_type: TagResourceType,
    pub(crate) resource_id: String,
    pub(crate) add_tags: Option<Vec<Tag>>,
    pub(crate) remove_tag_keys: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateCidrCollectionRequest {
    pub(crate) name: String,
    pub(crate) caller_reference: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateHealthCheckRequest {
    pub(crate) caller_reference: String,
    pub(crate) health_check_config: HealthCheckConfig,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateHostedZoneRequest {
    pub(crate) name: String,
    pub(crate) vpc: Option<VPC>,
    pub(crate) caller_reference: String,
    pub(crate) hosted_zone_config: Option<HostedZoneConfig>,
    pub(crate) delegation_set_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateKeySigningKeyRequest {
    pub(crate) caller_reference: String,
    pub(crate) hosted_zone_id: String,
    pub(crate) key_management_service_arn: String,
    pub(crate) name: String,
    pub(crate) status: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateQueryLoggingConfigRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) cloud_watch_logs_log_group_arn: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateReusableDelegationSetRequest {
    pub(crate) caller_reference: String,
    pub(crate) hosted_zone_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTrafficPolicyRequest {
    pub(crate) name: String,
    pub(crate) document: String,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTrafficPolicyInstanceRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) name: String,
    pub(crate) ttl: i64,
    pub(crate) traffic_policy_id: String,
    pub(crate) traffic_policy_version: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTrafficPolicyVersionRequest {
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateVPCAssociationAuthorizationRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) vpc: VPC,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeactivateKeySigningKeyRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteCidrCollectionRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteHealthCheckRequest {
    pub(crate) health_check_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteHostedZoneRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteKeySigningKeyRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteQueryLoggingConfigRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteReusableDelegationSetRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteTrafficPolicyRequest {
    pub(crate) id: String,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteTrafficPolicyInstanceRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteVPCAssociationAuthorizationRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) vpc: VPC,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DisableHostedZoneDNSSECRequest {
    pub(crate) hosted_zone_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DisassociateVPCFromHostedZoneRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) vpc: VPC,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EnableHostedZoneDNSSECRequest {
    pub(crate) hosted_zone_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetAccountLimitRequest {
    pub(crate) r#type: AccountLimitType,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetChangeRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetCheckerIpRangesRequest {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetDNSSECRequest {
    pub(crate) hosted_zone_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetGeoLocationRequest {
    pub(crate) continent_code: Option<String>,
    pub(crate) country_code: Option<String>,
    pub(crate) subdivision_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckRequest {
    pub(crate) health_check_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckCountRequest {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckLastFailureReasonRequest {
    pub(crate) health_check_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckStatusRequest {
    pub(crate) health_check_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHostedZoneRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHostedZoneCountRequest {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHostedZoneLimitRequest {
    pub(crate) r#type: HostedZoneLimitType,
    pub(crate) hosted_zone_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetQueryLoggingConfigRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetReusableDelegationSetRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetReusableDelegationSetLimitRequest {
    pub(crate) r#type: ReusableDelegationSetLimitType,
    pub(crate) delegation_set_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetTrafficPolicyRequest {
    pub(crate) id: String,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetTrafficPolicyInstanceRequest {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetTrafficPolicyInstanceCountRequest {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCidrBlocksRequest {
    pub(crate) collection_id: String,
    pub(crate) location_name: Option<String>,
    pub(crate) next_token: Option<String>,
    pub(crate) max_results: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCidrCollectionsRequest {
    pub(crate) next_token: Option<String>,
    pub(crate) max_results: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCidrLocationsRequest {
    pub(crate) collection_id: String,
    pub(crate) next_token: Option<String>,
    pub(crate) max_results: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListGeoLocationsRequest {
    pub(crate) start_continent_code: Option<String>,
    pub(crate) start_country_code: Option<String>,
    pub(crate) start_subdivision_code: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHealthChecksRequest {
    pub(crate) marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHostedZonesRequest {
    pub(crate) marker: Option<String>,
    pub(crate) max_items: Option<String>,
    pub(crate) delegation_set_id: Option<String>,
    pub(crate) hosted_zone_type: Option<HostedZoneType>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHostedZonesByNameRequest {
    pub(crate) dns_name: Option<String>,
    pub(crate) hosted_zone_id: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHostedZonesByVPCRequest {
    pub(crate) vpc_id: String,
    pub(crate) vpc_region: String,
    pub(crate) max_items: Option<String>,
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListQueryLoggingConfigsRequest {
    pub(crate) hosted_zone_id: Option<String>,
    pub(crate) next_token: Option<String>,
    pub(crate) max_results: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListResourceRecordSetsRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) start_record_name: Option<String>,
    pub(crate) start_record_type: Option<String>,
    pub(crate) start_record_identifier: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListReusableDelegationSetsRequest {
    pub(crate) marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTagsForResourceRequest {
    pub(crate) resource_type: TagResourceType,
    pub(crate) resource_id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTagsForResourcesRequest {
    pub(crate) resource_type: TagResourceType,
    pub(crate) resource_ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPoliciesRequest {
    pub(crate) traffic_policy_id_marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyInstancesRequest {
    pub(crate) hosted_zone_id_marker: Option<String>,
    pub(crate) traffic_policy_instance_name_marker: Option<String>,
    pub(crate) traffic_policy_instance_type_marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyInstancesByHostedZoneRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) traffic_policy_instance_name_marker: Option<String>,
    pub(crate) traffic_policy_instance_type_marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyInstancesByPolicyRequest {
    pub(crate) traffic_policy_id: String,
    pub(crate) traffic_policy_version: i64,
    pub(crate) hosted_zone_id_marker: Option<String>,
    pub(crate) traffic_policy_instance_name_marker: Option<String>,
    pub(crate) traffic_policy_instance_type_marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyVersionsRequest {
    pub(crate) id: String,
    pub(crate) traffic_policy_version_marker: Option<String>,
    pub(crate) max_items: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListVPCAssociationAuthorizationsRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) next_token: Option<String>,
    pub(crate) max_results: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TestDNSAnswerRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) record_name: String,
    pub(crate) record_type: String,
    pub(crate) resolver_ip: Option<String>,
    pub(crate) edns0_client_subnet_ip: Option<String>,
    pub(crate) edns0_client_subnet_mask: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateHealthCheckRequest {
    pub(crate) health_check_id: String,
    pub(crate) health_check_version: Option<i64>,
    pub(crate) ip_address: Option<String>,
    pub(crate) port: Option<i64>,
    pub(crate) resource_path: Option<String>,
    pub(crate) fully_qualified_domain_name: Option<String>,
    pub(crate) search_string: Option<String>,
    pub(crate) failure_threshold: Option<i64>,
    pub(crate) inverted: Option<bool>,
    pub(crate) disabled: Option<bool>,
    pub(crate) health_threshold: Option<i64>,
    pub(crate) child_health_checks: Option<Vec<String>>,
    pub(crate) enable_sni: Option<bool>,
    pub(crate) regions: Option<Vec<String>>,
    pub(crate) alarm_identifier: Option<AlarmIdentifier>,
    pub(crate) insufficient_data_health_status: Option<InsufficientDataHealthStatus>,
    pub(crate) reset_elements: Option<Vec<ResettableElementName>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateHostedZoneCommentRequest {
    pub(crate) id: String,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateHostedZoneFeaturesRequest {
    pub(crate) hosted_zone_id: String,
    pub(crate) enable_accelerated_recovery: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateTrafficPolicyCommentRequest {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) comment: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateTrafficPolicyInstanceRequest {
    pub(crate) id: String,
    pub(crate) ttl: i64,
    pub(crate) traffic_policy_id: String,
    pub(crate) traffic_policy_version: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ActivateKeySigningKeyResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AssociateVPCWithHostedZoneResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeCidrCollectionResponse {
    pub(crate) id: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeResourceRecordSetsResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeTagsForResourceResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateCidrCollectionResponse {
    pub(crate) collection: Option<CidrCollection>,
    pub(crate) location: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateHealthCheckResponse {
    pub(crate) health_check: HealthCheck,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateHostedZoneResponse {
    pub(crate) hosted_zone: HostedZone,
    pub(crate) change_info: ChangeInfo,
    pub(crate) delegation_set: Option<DelegationSet>,
    pub(crate) vpc: Option<VPC>,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateKeySigningKeyResponse {
    pub(crate) change_info: ChangeInfo,
    pub(crate) key_signing_key: KeySigningKey,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateQueryLoggingConfigResponse {
    pub(crate) query_logging_config: QueryLoggingConfig,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateReusableDelegationSetResponse {
    pub(crate) delegation_set: DelegationSet,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTrafficPolicyResponse {
    pub(crate) traffic_policy: TrafficPolicy,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTrafficPolicyInstanceResponse {
    pub(crate) traffic_policy_instance: TrafficPolicyInstance,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTrafficPolicyVersionResponse {
    pub(crate) traffic_policy: TrafficPolicy,
    pub(crate) location: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateVPCAssociationAuthorizationResponse {
    pub(crate) hosted_zone_id: String,
    pub(crate) vpc: VPC,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeactivateKeySigningKeyResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteCidrCollectionResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteHealthCheckResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteHostedZoneResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteKeySigningKeyResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteQueryLoggingConfigResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteReusableDelegationSetResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteTrafficPolicyResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteTrafficPolicyInstanceResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeleteVPCAssociationAuthorizationResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DisableHostedZoneDNSSECResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DisassociateVPCFromHostedZoneResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EnableHostedZoneDNSSECResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetAccountLimitResponse {
    pub(crate) limit: AccountLimit,
    pub(crate) count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetChangeResponse {
    pub(crate) change_info: ChangeInfo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetCheckerIpRangesResponse {
    pub(crate) checker_ip_ranges: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetDNSSECResponse {
    pub(crate) status: DNSSECStatus,
    pub(crate) key_signing_keys: Vec<KeySigningKey>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetGeoLocationResponse {
    pub(crate) geo_location_details: GeoLocationDetails,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckResponse {
    pub(crate) health_check: HealthCheck,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckCountResponse {
    pub(crate) health_check_count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckLastFailureReasonResponse {
    pub(crate) health_check_observations: Vec<HealthCheckObservation>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHealthCheckStatusResponse {
    pub(crate) health_check_observations: Vec<HealthCheckObservation>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHostedZoneResponse {
    pub(crate) hosted_zone: HostedZone,
    pub(crate) delegation_set: Option<DelegationSet>,
    pub(crate) vpcs: Option<Vec<VPC>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHostedZoneCountResponse {
    pub(crate) hosted_zone_count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetHostedZoneLimitResponse {
    pub(crate) limit: HostedZoneLimit,
    pub(crate) count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetQueryLoggingConfigResponse {
    pub(crate) query_logging_config: QueryLoggingConfig,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetReusableDelegationSetResponse {
    pub(crate) delegation_set: DelegationSet,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetReusableDelegationSetLimitResponse {
    pub(crate) limit: ReusableDelegationSetLimit,
    pub(crate) count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetTrafficPolicyResponse {
    pub(crate) traffic_policy: TrafficPolicy,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetTrafficPolicyInstanceResponse {
    pub(crate) traffic_policy_instance: TrafficPolicyInstance,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GetTrafficPolicyInstanceCountResponse {
    pub(crate) traffic_policy_instance_count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCidrBlocksResponse {
    pub(crate) next_token: Option<String>,
    pub(crate) cidr_blocks: Option<Vec<CidrBlockSummary>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCidrCollectionsResponse {
    pub(crate) next_token: Option<String>,
    pub(crate) cidr_collections: Option<Vec<CollectionSummary>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCidrLocationsResponse {
    pub(crate) next_token: Option<String>,
    pub(crate) cidr_locations: Option<Vec<LocationSummary>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListGeoLocationsResponse {
    pub(crate) geo_location_details_list: Vec<GeoLocationDetails>,
    pub(crate) is_truncated: bool,
    pub(crate) next_continent_code: Option<String>,
    pub(crate) next_country_code: Option<String>,
    pub(crate) next_subdivision_code: Option<String>,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHealthChecksResponse {
    pub(crate) health_checks: Vec<HealthCheck>,
    pub(crate) marker: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) next_marker: Option<String>,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHostedZonesResponse {
    pub(crate) hosted_zones: Vec<HostedZone>,
    pub(crate) marker: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) next_marker: Option<String>,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHostedZonesByNameResponse {
    pub(crate) hosted_zones: Vec<HostedZone>,
    pub(crate) dns_name: Option<String>,
    pub(crate) hosted_zone_id: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) next_dns_name: Option<String>,
    pub(crate) next_hosted_zone_id: Option<String>,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListHostedZonesByVPCResponse {
    pub(crate) hosted_zone_summaries: Vec<HostedZoneSummary>,
    pub(crate) max_items: String,
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListQueryLoggingConfigsResponse {
    pub(crate) query_logging_configs: Vec<QueryLoggingConfig>,
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListResourceRecordSetsResponse {
    pub(crate) resource_record_sets: Vec<ResourceRecordSet>,
    pub(crate) is_truncated: bool,
    pub(crate) next_record_name: Option<String>,
    pub(crate) next_record_type: Option<String>,
    pub(crate) next_record_identifier: Option<String>,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListReusableDelegationSetsResponse {
    pub(crate) delegation_sets: Vec<DelegationSet>,
    pub(crate) marker: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) next_marker: Option<String>,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTagsForResourceResponse {
    pub(crate) resource_tag_set: ResourceTagSet,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTagsForResourcesResponse {
    pub(crate) resource_tag_sets: Vec<ResourceTagSet>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPoliciesResponse {
    pub(crate) traffic_policy_summaries: Vec<TrafficPolicySummary>,
    pub(crate) is_truncated: bool,
    pub(crate) traffic_policy_id_marker: String,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyInstancesResponse {
    pub(crate) traffic_policy_instances: Vec<TrafficPolicyInstance>,
    pub(crate) hosted_zone_id_marker: Option<String>,
    pub(crate) traffic_policy_instance_name_marker: Option<String>,
    pub(crate) traffic_policy_instance_type_marker: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyInstancesByHostedZoneResponse {
    pub(crate) traffic_policy_instances: Vec<TrafficPolicyInstance>,
    pub(crate) traffic_policy_instance_name_marker: Option<String>,
    pub(crate) traffic_policy_instance_type_marker: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyInstancesByPolicyResponse {
    pub(crate) traffic_policy_instances: Vec<TrafficPolicyInstance>,
    pub(crate) hosted_zone_id_marker: Option<String>,
    pub(crate) traffic_policy_instance_name_marker: Option<String>,
    pub(crate) traffic_policy_instance_type_marker: Option<String>,
    pub(crate) is_truncated: bool,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListTrafficPolicyVersionsResponse {
    pub(crate) traffic_policies: Vec<TrafficPolicy>,
    pub(crate) is_truncated: bool,
    pub(crate) traffic_policy_version_marker: String,
    pub(crate) max_items: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListVPCAssociationAuthorizationsResponse {
    pub(crate) hosted_zone_id: String,
    pub(crate) next_token: Option<String>,
    pub(crate) vpcs: Vec<VPC>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TestDNSAnswerResponse {
    pub(crate) nameserver: String,
    pub(crate) record_name: String,
    pub(crate) record_type: String,
    pub(crate) record_data: Vec<String>,
    pub(crate) response_code: String,
    pub(crate) protocol: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateHealthCheckResponse {
    pub(crate) health_check: HealthCheck,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateHostedZoneCommentResponse {
    pub(crate) hosted_zone: HostedZone,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateHostedZoneFeaturesResponse {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateTrafficPolicyCommentResponse {
    pub(crate) traffic_policy: TrafficPolicy,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UpdateTrafficPolicyInstanceResponse {
    pub(crate) traffic_policy_instance: TrafficPolicyInstance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcceleratedRecoveryStatus {
    Enabling,
    EnableFailed,
    EnablingHostedZoneLocked,
    Enabled,
    Disabling,
    DisableFailed,
    Disabled,
    DisablingHostedZoneLocked,
}

impl Choice for AcceleratedRecoveryStatus {
    const ALL: &'static [AcceleratedRecoveryStatus] = &[
        AcceleratedRecoveryStatus::Enabling,
        AcceleratedRecoveryStatus::EnableFailed,
        AcceleratedRecoveryStatus::EnablingHostedZoneLocked,
        AcceleratedRecoveryStatus::Enabled,
        AcceleratedRecoveryStatus::Disabling,
        AcceleratedRecoveryStatus::DisableFailed,
        AcceleratedRecoveryStatus::Disabled,
        AcceleratedRecoveryStatus::DisablingHostedZoneLocked,
    ];
    fn as_str(self) -> &'static str {
        match self {
            AcceleratedRecoveryStatus::Enabling => "ENABLING",
            AcceleratedRecoveryStatus::EnableFailed => "ENABLE_FAILED",
            AcceleratedRecoveryStatus::EnablingHostedZoneLocked => "ENABLING_HOSTED_ZONE_LOCKED",
            AcceleratedRecoveryStatus::Enabled => "ENABLED",
            AcceleratedRecoveryStatus::Disabling => "DISABLING",
            AcceleratedRecoveryStatus::DisableFailed => "DISABLE_FAILED",
            AcceleratedRecoveryStatus::Disabled => "DISABLED",
            AcceleratedRecoveryStatus::DisablingHostedZoneLocked => "DISABLING_HOSTED_ZONE_LOCKED",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AccountLimit {
    pub(crate) r#type: AccountLimitType,
    pub(crate) value: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountLimitType {
    MaxHealthChecksByOwner,
    MaxHostedZonesByOwner,
    MaxTrafficPolicyInstancesByOwner,
    MaxReusableDelegationSetsByOwner,
    MaxTrafficPoliciesByOwner,
}

impl Choice for AccountLimitType {
    const ALL: &'static [AccountLimitType] = &[
        AccountLimitType::MaxHealthChecksByOwner,
        AccountLimitType::MaxHostedZonesByOwner,
        AccountLimitType::MaxTrafficPolicyInstancesByOwner,
        AccountLimitType::MaxReusableDelegationSetsByOwner,
        AccountLimitType::MaxTrafficPoliciesByOwner,
    ];
    fn as_str(self) -> &'static str {
        match self {
            AccountLimitType::MaxHealthChecksByOwner => "MAX_HEALTH_CHECKS_BY_OWNER",
            AccountLimitType::MaxHostedZonesByOwner => "MAX_HOSTED_ZONES_BY_OWNER",
            AccountLimitType::MaxTrafficPolicyInstancesByOwner => "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER",
            AccountLimitType::MaxReusableDelegationSetsByOwner => "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER",
            AccountLimitType::MaxTrafficPoliciesByOwner => "MAX_TRAFFIC_POLICIES_BY_OWNER",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlarmIdentifier {
    pub(crate) region: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AliasTarget {
    pub(crate) hosted_zone_id: String,
    pub(crate) dns_name: String,
    pub(crate) evaluate_target_health: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) action: ChangeAction,
    pub(crate) resource_record_set: ResourceRecordSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeAction {
    Create,
    Delete,
    Upsert,
}

impl Choice for ChangeAction {
    const ALL: &'static [ChangeAction] = &[ChangeAction::Create, ChangeAction::Delete, ChangeAction::Upsert];
    fn as_str(self) -> &'static str {
        match self {
            ChangeAction::Create => "CREATE",
            ChangeAction::Delete => "DELETE",
            ChangeAction::Upsert => "UPSERT",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeBatch {
    pub(crate) comment: Option<String>,
    pub(crate) changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeInfo {
    pub(crate) id: String,
    pub(crate) status: ChangeStatus,
    pub(crate) submitted_at: Timestamp,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeStatus {
    Pending,
    Insync,
}

impl Choice for ChangeStatus {
    const ALL: &'static [ChangeStatus] = &[ChangeStatus::Pending, ChangeStatus::Insync];
    fn as_str(self) -> &'static str {
        match self {
            ChangeStatus::Pending => "PENDING",
            ChangeStatus::Insync => "INSYNC",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CidrBlockSummary {
    pub(crate) cidr_block: Option<String>,
    pub(crate) location_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CidrCollection {
    pub(crate) arn: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) version: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CidrCollectionChange {
    pub(crate) location_name: String,
    pub(crate) action: CidrCollectionChangeAction,
    pub(crate) cidr_list: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CidrCollectionChangeAction {
    Put,
    DeleteIfExists,
}

impl Choice for CidrCollectionChangeAction {
    const ALL: &'static [CidrCollectionChangeAction] =
        &[CidrCollectionChangeAction::Put, CidrCollectionChangeAction::DeleteIfExists];
    fn as_str(self) -> &'static str {
        match self {
            CidrCollectionChangeAction::Put => "PUT",
            CidrCollectionChangeAction::DeleteIfExists => "DELETE_IF_EXISTS",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CidrRoutingConfig {
    pub(crate) collection_id: String,
    pub(crate) location_name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CloudWatchAlarmConfiguration {
    pub(crate) evaluation_periods: i64,
    pub(crate) threshold: f64,
    pub(crate) comparison_operator: ComparisonOperator,
    pub(crate) period: i64,
    pub(crate) metric_name: String,
    pub(crate) namespace: String,
    pub(crate) statistic: Statistic,
    pub(crate) dimensions: Option<Vec<Dimension>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CollectionSummary {
    pub(crate) arn: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) version: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ComparisonOperator {
    GreaterThanOrEqualToThreshold,
    GreaterThanThreshold,
    LessThanThreshold,
    LessThanOrEqualToThreshold,
}

impl Choice for ComparisonOperator {
    const ALL: &'static [ComparisonOperator] = &[
        ComparisonOperator::GreaterThanOrEqualToThreshold,
        ComparisonOperator::GreaterThanThreshold,
        ComparisonOperator::LessThanThreshold,
        ComparisonOperator::LessThanOrEqualToThreshold,
    ];
    fn as_str(self) -> &'static str {
        match self {
            ComparisonOperator::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            ComparisonOperator::GreaterThanThreshold => "GreaterThanThreshold",
            ComparisonOperator::LessThanThreshold => "LessThanThreshold",
            ComparisonOperator::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coordinates {
    pub(crate) latitude: String,
    pub(crate) longitude: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DNSSECStatus {
    pub(crate) serve_signature: Option<String>,
    pub(crate) status_message: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DelegationSet {
    pub(crate) id: Option<String>,
    pub(crate) caller_reference: Option<String>,
    pub(crate) name_servers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dimension {
    pub(crate) name: String,
    pub(crate) value: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GeoLocation {
    pub(crate) continent_code: Option<String>,
    pub(crate) country_code: Option<String>,
    pub(crate) subdivision_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GeoLocationDetails {
    pub(crate) continent_code: Option<String>,
    pub(crate) continent_name: Option<String>,
    pub(crate) country_code: Option<String>,
    pub(crate) country_name: Option<String>,
    pub(crate) subdivision_code: Option<String>,
    pub(crate) subdivision_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GeoProximityLocation {
    pub(crate) aws_region: Option<String>,
    pub(crate) local_zone_group: Option<String>,
    pub(crate) coordinates: Option<Coordinates>,
    pub(crate) bias: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HealthCheck {
    pub(crate) id: String,
    pub(crate) caller_reference: String,
    pub(crate) linked_service: Option<LinkedService>,
    pub(crate) health_check_config: HealthCheckConfig,
    pub(crate) health_check_version: i64,
    pub(crate) cloud_watch_alarm_configuration: Option<CloudWatchAlarmConfiguration>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HealthCheckConfig {
    pub(crate) ip_address: Option<String>,
    pub(crate) port: Option<i64>,
    pub(crate) r#type: HealthCheckType,
    pub(crate) resource_path: Option<String>,
    pub(crate) fully_qualified_domain_name: Option<String>,
    pub(crate) search_string: Option<String>,
    pub(crate) request_interval: Option<i64>,
    pub(crate) failure_threshold: Option<i64>,
    pub(crate) measure_latency: Option<bool>,
    pub(crate) inverted: Option<bool>,
    pub(crate) disabled: Option<bool>,
    pub(crate) health_threshold: Option<i64>,
    pub(crate) child_health_checks: Option<Vec<String>>,
    pub(crate) enable_sni: Option<bool>,
    pub(crate) regions: Option<Vec<String>>,
    pub(crate) alarm_identifier: Option<AlarmIdentifier>,
    pub(crate) insufficient_data_health_status: Option<InsufficientDataHealthStatus>,
    pub(crate) routing_control_arn: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HealthCheckObservation {
    pub(crate) region: Option<String>,
    pub(crate) ip_address: Option<String>,
    pub(crate) status_report: Option<StatusReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HealthCheckType {
    Http,
    Https,
    HttpStrMatch,
    HttpsStrMatch,
    Tcp,
    Calculated,
    CloudwatchMetric,
    RecoveryControl,
}

impl Choice for HealthCheckType {
    const ALL: &'static [HealthCheckType] = &[
        HealthCheckType::Http,
        HealthCheckType::Https,
        HealthCheckType::HttpStrMatch,
        HealthCheckType::HttpsStrMatch,
        HealthCheckType::Tcp,
        HealthCheckType::Calculated,
        HealthCheckType::CloudwatchMetric,
        HealthCheckType::RecoveryControl,
    ];
    fn as_str(self) -> &'static str {
        match self {
            HealthCheckType::Http => "HTTP",
            HealthCheckType::Https => "HTTPS",
            HealthCheckType::HttpStrMatch => "HTTP_STR_MATCH",
            HealthCheckType::HttpsStrMatch => "HTTPS_STR_MATCH",
            HealthCheckType::Tcp => "TCP",
            HealthCheckType::Calculated => "CALCULATED",
            HealthCheckType::CloudwatchMetric => "CLOUDWATCH_METRIC",
            HealthCheckType::RecoveryControl => "RECOVERY_CONTROL",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZone {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) caller_reference: String,
    pub(crate) config: Option<HostedZoneConfig>,
    pub(crate) resource_record_set_count: Option<i64>,
    pub(crate) linked_service: Option<LinkedService>,
    pub(crate) features: Option<HostedZoneFeatures>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZoneConfig {
    pub(crate) comment: Option<String>,
    pub(crate) private_zone: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZoneFailureReasons {
    pub(crate) accelerated_recovery: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZoneFeatures {
    pub(crate) accelerated_recovery_status: Option<AcceleratedRecoveryStatus>,
    pub(crate) failure_reasons: Option<HostedZoneFailureReasons>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZoneLimit {
    pub(crate) r#type: HostedZoneLimitType,
    pub(crate) value: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostedZoneLimitType {
    MaxRrsetsByZone,
    MaxVpcsAssociatedByZone,
}

impl Choice for HostedZoneLimitType {
    const ALL: &'static [HostedZoneLimitType] =
        &[HostedZoneLimitType::MaxRrsetsByZone, HostedZoneLimitType::MaxVpcsAssociatedByZone];
    fn as_str(self) -> &'static str {
        match self {
            HostedZoneLimitType::MaxRrsetsByZone => "MAX_RRSETS_BY_ZONE",
            HostedZoneLimitType::MaxVpcsAssociatedByZone => "MAX_VPCS_ASSOCIATED_BY_ZONE",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZoneOwner {
    pub(crate) owning_account: Option<String>,
    pub(crate) owning_service: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostedZoneSummary {
    pub(crate) hosted_zone_id: String,
    pub(crate) name: String,
    pub(crate) owner: HostedZoneOwner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostedZoneType {
    PrivateHostedZone,
}

impl Choice for HostedZoneType {
    const ALL: &'static [HostedZoneType] = &[HostedZoneType::PrivateHostedZone];
    fn as_str(self) -> &'static str {
        match self {
            HostedZoneType::PrivateHostedZone => "PrivateHostedZone",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InsufficientDataHealthStatus {
    Healthy,
    Unhealthy,
    LastKnownStatus,
}

impl Choice for InsufficientDataHealthStatus {
    const ALL: &'static [InsufficientDataHealthStatus] = &[
        InsufficientDataHealthStatus::Healthy,
        InsufficientDataHealthStatus::Unhealthy,
        InsufficientDataHealthStatus::LastKnownStatus,
    ];
    fn as_str(self) -> &'static str {
        match self {
            InsufficientDataHealthStatus::Healthy => "Healthy",
            InsufficientDataHealthStatus::Unhealthy => "Unhealthy",
            InsufficientDataHealthStatus::LastKnownStatus => "LastKnownStatus",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeySigningKey {
    pub(crate) name: Option<String>,
    pub(crate) kms_arn: Option<String>,
    pub(crate) flag: Option<i64>,
    pub(crate) signing_algorithm_mnemonic: Option<String>,
    pub(crate) signing_algorithm_type: Option<i64>,
    pub(crate) digest_algorithm_mnemonic: Option<String>,
    pub(crate) digest_algorithm_type: Option<i64>,
    pub(crate) key_tag: Option<i64>,
    pub(crate) digest_value: Option<String>,
    pub(crate) public_key: Option<String>,
    pub(crate) ds_record: Option<String>,
    pub(crate) dnskey_record: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) status_message: Option<String>,
    pub(crate) created_date: Option<Timestamp>,
    pub(crate) last_modified_date: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinkedService {
    pub(crate) service_principal: Option<String>,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocationSummary {
    pub(crate) location_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryLoggingConfig {
    pub(crate) id: String,
    pub(crate) hosted_zone_id: String,
    pub(crate) cloud_watch_logs_log_group_arn: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResettableElementName {
    FullyQualifiedDomainName,
    Regions,
    ResourcePath,
    ChildHealthChecks,
}

impl Choice for ResettableElementName {
    const ALL: &'static [ResettableElementName] = &[
        ResettableElementName::FullyQualifiedDomainName,
        ResettableElementName::Regions,
        ResettableElementName::ResourcePath,
        ResettableElementName::ChildHealthChecks,
    ];
    fn as_str(self) -> &'static str {
        match self {
            ResettableElementName::FullyQualifiedDomainName => "FullyQualifiedDomainName",
            ResettableElementName::Regions => "Regions",
            ResettableElementName::ResourcePath => "ResourcePath",
            ResettableElementName::ChildHealthChecks => "ChildHealthChecks",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResourceRecord {
    pub(crate) value: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResourceRecordSet {
    pub(crate) name: String,
    pub(crate) r#type: String,
    pub(crate) set_identifier: Option<String>,
    pub(crate) weight: Option<i64>,
    pub(crate) region: Option<String>,
    pub(crate) geo_location: Option<GeoLocation>,
    pub(crate) failover: Option<ResourceRecordSetFailover>,
    pub(crate) multi_value_answer: Option<bool>,
    pub(crate) ttl: Option<i64>,
    pub(crate) resource_records: Option<Vec<ResourceRecord>>,
    pub(crate) alias_target: Option<AliasTarget>,
    pub(crate) health_check_id: Option<String>,
    pub(crate) traffic_policy_instance_id: Option<String>,
    pub(crate) cidr_routing_config: Option<CidrRoutingConfig>,
    pub(crate) geo_proximity_location: Option<GeoProximityLocation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceRecordSetFailover {
    Primary,
    Secondary,
}

impl Choice for ResourceRecordSetFailover {
    const ALL: &'static [ResourceRecordSetFailover] =
        &[ResourceRecordSetFailover::Primary, ResourceRecordSetFailover::Secondary];
    fn as_str(self) -> &'static str {
        match self {
            ResourceRecordSetFailover::Primary => "PRIMARY",
            ResourceRecordSetFailover::Secondary => "SECONDARY",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResourceTagSet {
    pub(crate) resource_type: Option<TagResourceType>,
    pub(crate) resource_id: Option<String>,
    pub(crate) tags: Option<Vec<Tag>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReusableDelegationSetLimit {
    pub(crate) r#type: ReusableDelegationSetLimitType,
    pub(crate) value: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReusableDelegationSetLimitType {
    MaxZonesByReusableDelegationSet,
}

impl Choice for ReusableDelegationSetLimitType {
    const ALL: &'static [ReusableDelegationSetLimitType] =
        &[ReusableDelegationSetLimitType::MaxZonesByReusableDelegationSet];
    fn as_str(self) -> &'static str {
        match self {
            ReusableDelegationSetLimitType::MaxZonesByReusableDelegationSet => "MAX_ZONES_BY_REUSABLE_DELEGATION_SET",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    Average,
    Sum,
    SampleCount,
    Maximum,
    Minimum,
}

impl Choice for Statistic {
    const ALL: &'static [Statistic] =
        &[Statistic::Average, Statistic::Sum, Statistic::SampleCount, Statistic::Maximum, Statistic::Minimum];
    fn as_str(self) -> &'static str {
        match self {
            Statistic::Average => "Average",
            Statistic::Sum => "Sum",
            Statistic::SampleCount => "SampleCount",
            Statistic::Maximum => "Maximum",
            Statistic::Minimum => "Minimum",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StatusReport {
    pub(crate) status: Option<String>,
    pub(crate) checked_time: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tag {
    pub(crate) key: Option<String>,
    pub(crate) value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagResourceType {
    Healthcheck,
    Hostedzone,
}

impl Choice for TagResourceType {
    const ALL: &'static [TagResourceType] = &[TagResourceType::Healthcheck, TagResourceType::Hostedzone];
    fn as_str(self) -> &'static str {
        match self {
            TagResourceType::Healthcheck => "healthcheck",
            TagResourceType::Hostedzone => "hostedzone",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrafficPolicy {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) name: String,
    pub(crate) r#type: String,
    pub(crate) document: String,
    pub(crate) comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrafficPolicyInstance {
    pub(crate) id: String,
    pub(crate) hosted_zone_id: String,
    pub(crate) name: String,
    pub(crate) ttl: i64,
    pub(crate) state: String,
    pub(crate) message: String,
    pub(crate) traffic_policy_id: String,
    pub(crate) traffic_policy_version: i64,
    pub(crate) traffic_policy_type: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrafficPolicySummary {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) r#type: String,
    pub(crate) latest_version: i64,
    pub(crate) traffic_policy_count: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VPC {
    pub(crate) vpc_region: Option<String>,
    pub(crate) vpc_id: Option<String>,
}
