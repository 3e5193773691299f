//! Shapes into responses. Generated from AWS's service model `route53-2013-04-01` by `cargo xtask operations`; do not edit.
#![allow(clippy::wildcard_imports, reason = "a generated file uses nearly all of them")]

use super::shapes::*;
use crate::route53::write::{Content, Output, Writer};

impl Content for AccountLimit {
    fn write(&self, out: &mut Writer) {
        out.element("Type", &self.r#type);
        out.element("Value", &self.value);
    }
}

impl Content for AlarmIdentifier {
    fn write(&self, out: &mut Writer) {
        out.element("Region", &self.region);
        out.element("Name", &self.name);
    }
}

impl Content for AliasTarget {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZoneId", &self.hosted_zone_id);
        out.element("DNSName", &self.dns_name);
        out.element("EvaluateTargetHealth", &self.evaluate_target_health);
    }
}

impl Content for ChangeInfo {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("Status", &self.status);
        out.element("SubmittedAt", &self.submitted_at);
        out.optional("Comment", self.comment.as_ref());
    }
}

impl Content for CidrBlockSummary {
    fn write(&self, out: &mut Writer) {
        out.optional("CidrBlock", self.cidr_block.as_ref());
        out.optional("LocationName", self.location_name.as_ref());
    }
}

impl Content for CidrCollection {
    fn write(&self, out: &mut Writer) {
        out.optional("Arn", self.arn.as_ref());
        out.optional("Id", self.id.as_ref());
        out.optional("Name", self.name.as_ref());
        out.optional("Version", self.version.as_ref());
    }
}

impl Content for CidrRoutingConfig {
    fn write(&self, out: &mut Writer) {
        out.element("CollectionId", &self.collection_id);
        out.element("LocationName", &self.location_name);
    }
}

impl Content for CloudWatchAlarmConfiguration {
    fn write(&self, out: &mut Writer) {
        out.element("EvaluationPeriods", &self.evaluation_periods);
        out.element("Threshold", &self.threshold);
        out.element("ComparisonOperator", &self.comparison_operator);
        out.element("Period", &self.period);
        out.element("MetricName", &self.metric_name);
        out.element("Namespace", &self.namespace);
        out.element("Statistic", &self.statistic);
        out.optional_list("Dimensions", "Dimension", self.dimensions.as_deref());
    }
}

impl Content for CollectionSummary {
    fn write(&self, out: &mut Writer) {
        out.optional("Arn", self.arn.as_ref());
        out.optional("Id", self.id.as_ref());
        out.optional("Name", self.name.as_ref());
        out.optional("Version", self.version.as_ref());
    }
}

impl Content for Coordinates {
    fn write(&self, out: &mut Writer) {
        out.element("Latitude", &self.latitude);
        out.element("Longitude", &self.longitude);
    }
}

impl Content for DNSSECStatus {
    fn write(&self, out: &mut Writer) {
        out.optional("ServeSignature", self.serve_signature.as_ref());
        out.optional("StatusMessage", self.status_message.as_ref());
    }
}

impl Content for DelegationSet {
    fn write(&self, out: &mut Writer) {
        out.optional("Id", self.id.as_ref());
        out.optional("CallerReference", self.caller_reference.as_ref());
        out.list("NameServers", "NameServer", &self.name_servers);
    }
}

impl Content for Dimension {
    fn write(&self, out: &mut Writer) {
        out.element("Name", &self.name);
        out.element("Value", &self.value);
    }
}

impl Content for GeoLocation {
    fn write(&self, out: &mut Writer) {
        out.optional("ContinentCode", self.continent_code.as_ref());
        out.optional("CountryCode", self.country_code.as_ref());
        out.optional("SubdivisionCode", self.subdivision_code.as_ref());
    }
}

impl Content for GeoLocationDetails {
    fn write(&self, out: &mut Writer) {
        out.optional("ContinentCode", self.continent_code.as_ref());
        out.optional("ContinentName", self.continent_name.as_ref());
        out.optional("CountryCode", self.country_code.as_ref());
        out.optional("CountryName", self.country_name.as_ref());
        out.optional("SubdivisionCode", self.subdivision_code.as_ref());
        out.optional("SubdivisionName", self.subdivision_name.as_ref());
    }
}

impl Content for GeoProximityLocation {
    fn write(&self, out: &mut Writer) {
        out.optional("AWSRegion", self.aws_region.as_ref());
        out.optional("LocalZoneGroup", self.local_zone_group.as_ref());
        out.optional("Coordinates", self.coordinates.as_ref());
        out.optional("Bias", self.bias.as_ref());
    }
}

impl Content for HealthCheck {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("CallerReference", &self.caller_reference);
        out.optional("LinkedService", self.linked_service.as_ref());
        out.element("HealthCheckConfig", &self.health_check_config);
        out.element("HealthCheckVersion", &self.health_check_version);
        out.optional("CloudWatchAlarmConfiguration", self.cloud_watch_alarm_configuration.as_ref());
    }
}

impl Content for HealthCheckConfig {
    fn write(&self, out: &mut Writer) {
        out.optional("IPAddress", self.ip_address.as_ref());
        out.optional("Port", self.port.as_ref());
        out.element("Type", &self.r#type);
        out.optional("ResourcePath", self.resource_path.as_ref());
        out.optional("FullyQualifiedDomainName", self.fully_qualified_domain_name.as_ref());
        out.optional("SearchString", self.search_string.as_ref());
        out.optional("RequestInterval", self.request_interval.as_ref());
        out.optional("FailureThreshold", self.failure_threshold.as_ref());
        out.optional("MeasureLatency", self.measure_latency.as_ref());
        out.optional("Inverted", self.inverted.as_ref());
        out.optional("Disabled", self.disabled.as_ref());
        out.optional("HealthThreshold", self.health_threshold.as_ref());
        out.optional_list("ChildHealthChecks", "ChildHealthCheck", self.child_health_checks.as_deref());
        out.optional("EnableSNI", self.enable_sni.as_ref());
        out.optional_list("Regions", "Region", self.regions.as_deref());
        out.optional("AlarmIdentifier", self.alarm_identifier.as_ref());
        out.optional("InsufficientDataHealthStatus", self.insufficient_data_health_status.as_ref());
        out.optional("RoutingControlArn", self.routing_control_arn.as_ref());
    }
}

impl Content for HealthCheckObservation {
    fn write(&self, out: &mut Writer) {
        out.optional("Region", self.region.as_ref());
        out.optional("IPAddress", self.ip_address.as_ref());
        out.optional("StatusReport", self.status_report.as_ref());
    }
}

impl Content for HostedZone {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("Name", &self.name);
        out.element("CallerReference", &self.caller_reference);
        out.optional("Config", self.config.as_ref());
        out.optional("ResourceRecordSetCount", self.resource_record_set_count.as_ref());
        out.optional("LinkedService", self.linked_service.as_ref());
        out.optional("Features", self.features.as_ref());
    }
}

impl Content for HostedZoneConfig {
    fn write(&self, out: &mut Writer) {
        out.optional("Comment", self.comment.as_ref());
        out.optional("PrivateZone", self.private_zone.as_ref());
    }
}

impl Content for HostedZoneFailureReasons {
    fn write(&self, out: &mut Writer) {
        out.optional("AcceleratedRecovery", self.accelerated_recovery.as_ref());
    }
}

impl Content for HostedZoneFeatures {
    fn write(&self, out: &mut Writer) {
        out.optional("AcceleratedRecoveryStatus", self.accelerated_recovery_status.as_ref());
        out.optional("FailureReasons", self.failure_reasons.as_ref());
    }
}

impl Content for HostedZoneLimit {
    fn write(&self, out: &mut Writer) {
        out.element("Type", &self.r#type);
        out.element("Value", &self.value);
    }
}

impl Content for HostedZoneOwner {
    fn write(&self, out: &mut Writer) {
        out.optional("OwningAccount", self.owning_account.as_ref());
        out.optional("OwningService", self.owning_service.as_ref());
    }
}

impl Content for HostedZoneSummary {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZoneId", &self.hosted_zone_id);
        out.element("Name", &self.name);
        out.element("Owner", &self.owner);
    }
}

impl Content for KeySigningKey {
    fn write(&self, out: &mut Writer) {
        out.optional("Name", self.name.as_ref());
        out.optional("KmsArn", self.kms_arn.as_ref());
        out.optional("Flag", self.flag.as_ref());
        out.optional("SigningAlgorithmMnemonic", self.signing_algorithm_mnemonic.as_ref());
        out.optional("SigningAlgorithmType", self.signing_algorithm_type.as_ref());
        out.optional("DigestAlgorithmMnemonic", self.digest_algorithm_mnemonic.as_ref());
        out.optional("DigestAlgorithmType", self.digest_algorithm_type.as_ref());
        out.optional("KeyTag", self.key_tag.as_ref());
        out.optional("DigestValue", self.digest_value.as_ref());
        out.optional("PublicKey", self.public_key.as_ref());
        out.optional("DSRecord", self.ds_record.as_ref());
        out.optional("DNSKEYRecord", self.dnskey_record.as_ref());
        out.optional("Status", self.status.as_ref());
        out.optional("StatusMessage", self.status_message.as_ref());
        out.optional("CreatedDate", self.created_date.as_ref());
        out.optional("LastModifiedDate", self.last_modified_date.as_ref());
    }
}

impl Content for LinkedService {
    fn write(&self, out: &mut Writer) {
        out.optional("ServicePrincipal", self.service_principal.as_ref());
        out.optional("Description", self.description.as_ref());
    }
}

impl Content for LocationSummary {
    fn write(&self, out: &mut Writer) {
        out.optional("LocationName", self.location_name.as_ref());
    }
}

impl Content for QueryLoggingConfig {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("HostedZoneId", &self.hosted_zone_id);
        out.element("CloudWatchLogsLogGroupArn", &self.cloud_watch_logs_log_group_arn);
    }
}

impl Content for ResourceRecord {
    fn write(&self, out: &mut Writer) {
        out.element("Value", &self.value);
    }
}

impl Content for ResourceRecordSet {
    fn write(&self, out: &mut Writer) {
        out.element("Name", &self.name);
        out.element("Type", &self.r#type);
        out.optional("SetIdentifier", self.set_identifier.as_ref());
        out.optional("Weight", self.weight.as_ref());
        out.optional("Region", self.region.as_ref());
        out.optional("GeoLocation", self.geo_location.as_ref());
        out.optional("Failover", self.failover.as_ref());
        out.optional("MultiValueAnswer", self.multi_value_answer.as_ref());
        out.optional("TTL", self.ttl.as_ref());
        out.optional_list("ResourceRecords", "ResourceRecord", self.resource_records.as_deref());
        out.optional("AliasTarget", self.alias_target.as_ref());
        out.optional("HealthCheckId", self.health_check_id.as_ref());
        out.optional("TrafficPolicyInstanceId", self.traffic_policy_instance_id.as_ref());
        out.optional("CidrRoutingConfig", self.cidr_routing_config.as_ref());
        out.optional("GeoProximityLocation", self.geo_proximity_location.as_ref());
    }
}

impl Content for ResourceTagSet {
    fn write(&self, out: &mut Writer) {
        out.optional("ResourceType", self.resource_type.as_ref());
        out.optional("ResourceId", self.resource_id.as_ref());
        out.optional_list("Tags", "Tag", self.tags.as_deref());
    }
}

impl Content for ReusableDelegationSetLimit {
    fn write(&self, out: &mut Writer) {
        out.element("Type", &self.r#type);
        out.element("Value", &self.value);
    }
}

impl Content for StatusReport {
    fn write(&self, out: &mut Writer) {
        out.optional("Status", self.status.as_ref());
        out.optional("CheckedTime", self.checked_time.as_ref());
    }
}

impl Content for Tag {
    fn write(&self, out: &mut Writer) {
        out.optional("Key", self.key.as_ref());
        out.optional("Value", self.value.as_ref());
    }
}

impl Content for TrafficPolicy {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("Version", &self.version);
        out.element("Name", &self.name);
        out.element("Type", &self.r#type);
        out.element("Document", &self.document);
        out.optional("Comment", self.comment.as_ref());
    }
}

impl Content for TrafficPolicyInstance {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("HostedZoneId", &self.hosted_zone_id);
        out.element("Name", &self.name);
        out.element("TTL", &self.ttl);
        out.element("State", &self.state);
        out.element("Message", &self.message);
        out.element("TrafficPolicyId", &self.traffic_policy_id);
        out.element("TrafficPolicyVersion", &self.traffic_policy_version);
        out.element("TrafficPolicyType", &self.traffic_policy_type);
    }
}

impl Content for TrafficPolicySummary {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
        out.element("Name", &self.name);
        out.element("Type", &self.r#type);
        out.element("LatestVersion", &self.latest_version);
        out.element("TrafficPolicyCount", &self.traffic_policy_count);
    }
}

impl Content for VPC {
    fn write(&self, out: &mut Writer) {
        out.optional("VPCRegion", self.vpc_region.as_ref());
        out.optional("VPCId", self.vpc_id.as_ref());
    }
}

impl Content for ActivateKeySigningKeyResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for ActivateKeySigningKeyResponse {
    const ROOT: &'static str = "ActivateKeySigningKeyResponse";
}

impl Content for AssociateVPCWithHostedZoneResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for AssociateVPCWithHostedZoneResponse {
    const ROOT: &'static str = "AssociateVPCWithHostedZoneResponse";
}

impl Content for ChangeCidrCollectionResponse {
    fn write(&self, out: &mut Writer) {
        out.element("Id", &self.id);
    }
}

impl Output for ChangeCidrCollectionResponse {
    const ROOT: &'static str = "ChangeCidrCollectionResponse";
}

impl Content for ChangeResourceRecordSetsResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for ChangeResourceRecordSetsResponse {
    const ROOT: &'static str = "ChangeResourceRecordSetsResponse";
}

impl Content for ChangeTagsForResourceResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for ChangeTagsForResourceResponse {
    const ROOT: &'static str = "ChangeTagsForResourceResponse";
}

impl Content for CreateCidrCollectionResponse {
    fn write(&self, out: &mut Writer) {
        out.optional("Collection", self.collection.as_ref());
    }
}

impl Output for CreateCidrCollectionResponse {
    const ROOT: &'static str = "CreateCidrCollectionResponse";
    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

impl Content for CreateHealthCheckResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HealthCheck", &self.health_check);
    }
}

impl Output for CreateHealthCheckResponse {
    const ROOT: &'static str = "CreateHealthCheckResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateHostedZoneResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZone", &self.hosted_zone);
        out.element("ChangeInfo", &self.change_info);
        out.optional("DelegationSet", self.delegation_set.as_ref());
        out.optional("VPC", self.vpc.as_ref());
    }
}

impl Output for CreateHostedZoneResponse {
    const ROOT: &'static str = "CreateHostedZoneResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateKeySigningKeyResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
        out.element("KeySigningKey", &self.key_signing_key);
    }
}

impl Output for CreateKeySigningKeyResponse {
    const ROOT: &'static str = "CreateKeySigningKeyResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateQueryLoggingConfigResponse {
    fn write(&self, out: &mut Writer) {
        out.element("QueryLoggingConfig", &self.query_logging_config);
    }
}

impl Output for CreateQueryLoggingConfigResponse {
    const ROOT: &'static str = "CreateQueryLoggingConfigResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateReusableDelegationSetResponse {
    fn write(&self, out: &mut Writer) {
        out.element("DelegationSet", &self.delegation_set);
    }
}

impl Output for CreateReusableDelegationSetResponse {
    const ROOT: &'static str = "CreateReusableDelegationSetResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateTrafficPolicyResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicy", &self.traffic_policy);
    }
}

impl Output for CreateTrafficPolicyResponse {
    const ROOT: &'static str = "CreateTrafficPolicyResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateTrafficPolicyInstanceResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicyInstance", &self.traffic_policy_instance);
    }
}

impl Output for CreateTrafficPolicyInstanceResponse {
    const ROOT: &'static str = "CreateTrafficPolicyInstanceResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateTrafficPolicyVersionResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicy", &self.traffic_policy);
    }
}

impl Output for CreateTrafficPolicyVersionResponse {
    const ROOT: &'static str = "CreateTrafficPolicyVersionResponse";
    fn location(&self) -> Option<&str> {
        Some(&self.location)
    }
}

impl Content for CreateVPCAssociationAuthorizationResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZoneId", &self.hosted_zone_id);
        out.element("VPC", &self.vpc);
    }
}

impl Output for CreateVPCAssociationAuthorizationResponse {
    const ROOT: &'static str = "CreateVPCAssociationAuthorizationResponse";
}

impl Content for DeactivateKeySigningKeyResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for DeactivateKeySigningKeyResponse {
    const ROOT: &'static str = "DeactivateKeySigningKeyResponse";
}

impl Content for DeleteCidrCollectionResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteCidrCollectionResponse {
    const ROOT: &'static str = "DeleteCidrCollectionResponse";
}

impl Content for DeleteHealthCheckResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteHealthCheckResponse {
    const ROOT: &'static str = "DeleteHealthCheckResponse";
}

impl Content for DeleteHostedZoneResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for DeleteHostedZoneResponse {
    const ROOT: &'static str = "DeleteHostedZoneResponse";
}

impl Content for DeleteKeySigningKeyResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for DeleteKeySigningKeyResponse {
    const ROOT: &'static str = "DeleteKeySigningKeyResponse";
}

impl Content for DeleteQueryLoggingConfigResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteQueryLoggingConfigResponse {
    const ROOT: &'static str = "DeleteQueryLoggingConfigResponse";
}

impl Content for DeleteReusableDelegationSetResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteReusableDelegationSetResponse {
    const ROOT: &'static str = "DeleteReusableDelegationSetResponse";
}

impl Content for DeleteTrafficPolicyResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteTrafficPolicyResponse {
    const ROOT: &'static str = "DeleteTrafficPolicyResponse";
}

impl Content for DeleteTrafficPolicyInstanceResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteTrafficPolicyInstanceResponse {
    const ROOT: &'static str = "DeleteTrafficPolicyInstanceResponse";
}

impl Content for DeleteVPCAssociationAuthorizationResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for DeleteVPCAssociationAuthorizationResponse {
    const ROOT: &'static str = "DeleteVPCAssociationAuthorizationResponse";
}

impl Content for DisableHostedZoneDNSSECResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for DisableHostedZoneDNSSECResponse {
    const ROOT: &'static str = "DisableHostedZoneDNSSECResponse";
}

impl Content for DisassociateVPCFromHostedZoneResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for DisassociateVPCFromHostedZoneResponse {
    const ROOT: &'static str = "DisassociateVPCFromHostedZoneResponse";
}

impl Content for EnableHostedZoneDNSSECResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for EnableHostedZoneDNSSECResponse {
    const ROOT: &'static str = "EnableHostedZoneDNSSECResponse";
}

impl Content for GetAccountLimitResponse {
    fn write(&self, out: &mut Writer) {
        out.element("Limit", &self.limit);
        out.element("Count", &self.count);
    }
}

impl Output for GetAccountLimitResponse {
    const ROOT: &'static str = "GetAccountLimitResponse";
}

impl Content for GetChangeResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ChangeInfo", &self.change_info);
    }
}

impl Output for GetChangeResponse {
    const ROOT: &'static str = "GetChangeResponse";
}

impl Content for GetCheckerIpRangesResponse {
    fn write(&self, out: &mut Writer) {
        out.list("CheckerIpRanges", "member", &self.checker_ip_ranges);
    }
}

impl Output for GetCheckerIpRangesResponse {
    const ROOT: &'static str = "GetCheckerIpRangesResponse";
}

impl Content for GetDNSSECResponse {
    fn write(&self, out: &mut Writer) {
        out.element("Status", &self.status);
        out.list("KeySigningKeys", "member", &self.key_signing_keys);
    }
}

impl Output for GetDNSSECResponse {
    const ROOT: &'static str = "GetDNSSECResponse";
}

impl Content for GetGeoLocationResponse {
    fn write(&self, out: &mut Writer) {
        out.element("GeoLocationDetails", &self.geo_location_details);
    }
}

impl Output for GetGeoLocationResponse {
    const ROOT: &'static str = "GetGeoLocationResponse";
}

impl Content for GetHealthCheckResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HealthCheck", &self.health_check);
    }
}

impl Output for GetHealthCheckResponse {
    const ROOT: &'static str = "GetHealthCheckResponse";
}

impl Content for GetHealthCheckCountResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HealthCheckCount", &self.health_check_count);
    }
}

impl Output for GetHealthCheckCountResponse {
    const ROOT: &'static str = "GetHealthCheckCountResponse";
}

impl Content for GetHealthCheckLastFailureReasonResponse {
    fn write(&self, out: &mut Writer) {
        out.list("HealthCheckObservations", "HealthCheckObservation", &self.health_check_observations);
    }
}

impl Output for GetHealthCheckLastFailureReasonResponse {
    const ROOT: &'static str = "GetHealthCheckLastFailureReasonResponse";
}

impl Content for GetHealthCheckStatusResponse {
    fn write(&self, out: &mut Writer) {
        out.list("HealthCheckObservations", "HealthCheckObservation", &self.health_check_observations);
    }
}

impl Output for GetHealthCheckStatusResponse {
    const ROOT: &'static str = "GetHealthCheckStatusResponse";
}

impl Content for GetHostedZoneResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZone", &self.hosted_zone);
        out.optional("DelegationSet", self.delegation_set.as_ref());
        out.optional_list("VPCs", "VPC", self.vpcs.as_deref());
    }
}

impl Output for GetHostedZoneResponse {
    const ROOT: &'static str = "GetHostedZoneResponse";
}

impl Content for GetHostedZoneCountResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZoneCount", &self.hosted_zone_count);
    }
}

impl Output for GetHostedZoneCountResponse {
    const ROOT: &'static str = "GetHostedZoneCountResponse";
}

impl Content for GetHostedZoneLimitResponse {
    fn write(&self, out: &mut Writer) {
        out.element("Limit", &self.limit);
        out.element("Count", &self.count);
    }
}

impl Output for GetHostedZoneLimitResponse {
    const ROOT: &'static str = "GetHostedZoneLimitResponse";
}

impl Content for GetQueryLoggingConfigResponse {
    fn write(&self, out: &mut Writer) {
        out.element("QueryLoggingConfig", &self.query_logging_config);
    }
}

impl Output for GetQueryLoggingConfigResponse {
    const ROOT: &'static str = "GetQueryLoggingConfigResponse";
}

impl Content for GetReusableDelegationSetResponse {
    fn write(&self, out: &mut Writer) {
        out.element("DelegationSet", &self.delegation_set);
    }
}

impl Output for GetReusableDelegationSetResponse {
    const ROOT: &'static str = "GetReusableDelegationSetResponse";
}

impl Content for GetReusableDelegationSetLimitResponse {
    fn write(&self, out: &mut Writer) {
        out.element("Limit", &self.limit);
        out.element("Count", &self.count);
    }
}

impl Output for GetReusableDelegationSetLimitResponse {
    const ROOT: &'static str = "GetReusableDelegationSetLimitResponse";
}

impl Content for GetTrafficPolicyResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicy", &self.traffic_policy);
    }
}

impl Output for GetTrafficPolicyResponse {
    const ROOT: &'static str = "GetTrafficPolicyResponse";
}

impl Content for GetTrafficPolicyInstanceResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicyInstance", &self.traffic_policy_instance);
    }
}

impl Output for GetTrafficPolicyInstanceResponse {
    const ROOT: &'static str = "GetTrafficPolicyInstanceResponse";
}

impl Content for GetTrafficPolicyInstanceCountResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicyInstanceCount", &self.traffic_policy_instance_count);
    }
}

impl Output for GetTrafficPolicyInstanceCountResponse {
    const ROOT: &'static str = "GetTrafficPolicyInstanceCountResponse";
}

impl Content for ListCidrBlocksResponse {
    fn write(&self, out: &mut Writer) {
        out.optional("NextToken", self.next_token.as_ref());
        out.optional_list("CidrBlocks", "member", self.cidr_blocks.as_deref());
    }
}

impl Output for ListCidrBlocksResponse {
    const ROOT: &'static str = "ListCidrBlocksResponse";
}

impl Content for ListCidrCollectionsResponse {
    fn write(&self, out: &mut Writer) {
        out.optional("NextToken", self.next_token.as_ref());
        out.optional_list("CidrCollections", "member", self.cidr_collections.as_deref());
    }
}

impl Output for ListCidrCollectionsResponse {
    const ROOT: &'static str = "ListCidrCollectionsResponse";
}

impl Content for ListCidrLocationsResponse {
    fn write(&self, out: &mut Writer) {
        out.optional("NextToken", self.next_token.as_ref());
        out.optional_list("CidrLocations", "member", self.cidr_locations.as_deref());
    }
}

impl Output for ListCidrLocationsResponse {
    const ROOT: &'static str = "ListCidrLocationsResponse";
}

impl Content for ListGeoLocationsResponse {
    fn write(&self, out: &mut Writer) {
        out.list("GeoLocationDetailsList", "GeoLocationDetails", &self.geo_location_details_list);
        out.element("IsTruncated", &self.is_truncated);
        out.optional("NextContinentCode", self.next_continent_code.as_ref());
        out.optional("NextCountryCode", self.next_country_code.as_ref());
        out.optional("NextSubdivisionCode", self.next_subdivision_code.as_ref());
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListGeoLocationsResponse {
    const ROOT: &'static str = "ListGeoLocationsResponse";
}

impl Content for ListHealthChecksResponse {
    fn write(&self, out: &mut Writer) {
        out.list("HealthChecks", "HealthCheck", &self.health_checks);
        out.optional("Marker", self.marker.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.optional("NextMarker", self.next_marker.as_ref());
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListHealthChecksResponse {
    const ROOT: &'static str = "ListHealthChecksResponse";
}

impl Content for ListHostedZonesResponse {
    fn write(&self, out: &mut Writer) {
        out.list("HostedZones", "HostedZone", &self.hosted_zones);
        out.optional("Marker", self.marker.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.optional("NextMarker", self.next_marker.as_ref());
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListHostedZonesResponse {
    const ROOT: &'static str = "ListHostedZonesResponse";
}

impl Content for ListHostedZonesByNameResponse {
    fn write(&self, out: &mut Writer) {
        out.list("HostedZones", "HostedZone", &self.hosted_zones);
        out.optional("DNSName", self.dns_name.as_ref());
        out.optional("HostedZoneId", self.hosted_zone_id.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.optional("NextDNSName", self.next_dns_name.as_ref());
        out.optional("NextHostedZoneId", self.next_hosted_zone_id.as_ref());
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListHostedZonesByNameResponse {
    const ROOT: &'static str = "ListHostedZonesByNameResponse";
}

impl Content for ListHostedZonesByVPCResponse {
    fn write(&self, out: &mut Writer) {
        out.list("HostedZoneSummaries", "HostedZoneSummary", &self.hosted_zone_summaries);
        out.element("MaxItems", &self.max_items);
        out.optional("NextToken", self.next_token.as_ref());
    }
}

impl Output for ListHostedZonesByVPCResponse {
    const ROOT: &'static str = "ListHostedZonesByVPCResponse";
}

impl Content for ListQueryLoggingConfigsResponse {
    fn write(&self, out: &mut Writer) {
        out.list("QueryLoggingConfigs", "QueryLoggingConfig", &self.query_logging_configs);
        out.optional("NextToken", self.next_token.as_ref());
    }
}

impl Output for ListQueryLoggingConfigsResponse {
    const ROOT: &'static str = "ListQueryLoggingConfigsResponse";
}

impl Content for ListResourceRecordSetsResponse {
    fn write(&self, out: &mut Writer) {
        out.list("ResourceRecordSets", "ResourceRecordSet", &self.resource_record_sets);
        out.element("IsTruncated", &self.is_truncated);
        out.optional("NextRecordName", self.next_record_name.as_ref());
        out.optional("NextRecordType", self.next_record_type.as_ref());
        out.optional("NextRecordIdentifier", self.next_record_identifier.as_ref());
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListResourceRecordSetsResponse {
    const ROOT: &'static str = "ListResourceRecordSetsResponse";
}

impl Content for ListReusableDelegationSetsResponse {
    fn write(&self, out: &mut Writer) {
        out.list("DelegationSets", "DelegationSet", &self.delegation_sets);
        out.optional("Marker", self.marker.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.optional("NextMarker", self.next_marker.as_ref());
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListReusableDelegationSetsResponse {
    const ROOT: &'static str = "ListReusableDelegationSetsResponse";
}

impl Content for ListTagsForResourceResponse {
    fn write(&self, out: &mut Writer) {
        out.element("ResourceTagSet", &self.resource_tag_set);
    }
}

impl Output for ListTagsForResourceResponse {
    const ROOT: &'static str = "ListTagsForResourceResponse";
}

impl Content for ListTagsForResourcesResponse {
    fn write(&self, out: &mut Writer) {
        out.list("ResourceTagSets", "ResourceTagSet", &self.resource_tag_sets);
    }
}

impl Output for ListTagsForResourcesResponse {
    const ROOT: &'static str = "ListTagsForResourcesResponse";
}

impl Content for ListTrafficPoliciesResponse {
    fn write(&self, out: &mut Writer) {
        out.list("TrafficPolicySummaries", "TrafficPolicySummary", &self.traffic_policy_summaries);
        out.element("IsTruncated", &self.is_truncated);
        out.element("TrafficPolicyIdMarker", &self.traffic_policy_id_marker);
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListTrafficPoliciesResponse {
    const ROOT: &'static str = "ListTrafficPoliciesResponse";
}

impl Content for ListTrafficPolicyInstancesResponse {
    fn write(&self, out: &mut Writer) {
        out.list("TrafficPolicyInstances", "TrafficPolicyInstance", &self.traffic_policy_instances);
        out.optional("HostedZoneIdMarker", self.hosted_zone_id_marker.as_ref());
        out.optional("TrafficPolicyInstanceNameMarker", self.traffic_policy_instance_name_marker.as_ref());
        out.optional("TrafficPolicyInstanceTypeMarker", self.traffic_policy_instance_type_marker.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListTrafficPolicyInstancesResponse {
    const ROOT: &'static str = "ListTrafficPolicyInstancesResponse";
}

impl Content for ListTrafficPolicyInstancesByHostedZoneResponse {
    fn write(&self, out: &mut Writer) {
        out.list("TrafficPolicyInstances", "TrafficPolicyInstance", &self.traffic_policy_instances);
        out.optional("TrafficPolicyInstanceNameMarker", self.traffic_policy_instance_name_marker.as_ref());
        out.optional("TrafficPolicyInstanceTypeMarker", self.traffic_policy_instance_type_marker.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListTrafficPolicyInstancesByHostedZoneResponse {
    const ROOT: &'static str = "ListTrafficPolicyInstancesByHostedZoneResponse";
}

impl Content for ListTrafficPolicyInstancesByPolicyResponse {
    fn write(&self, out: &mut Writer) {
        out.list("TrafficPolicyInstances", "TrafficPolicyInstance", &self.traffic_policy_instances);
        out.optional("HostedZoneIdMarker", self.hosted_zone_id_marker.as_ref());
        out.optional("TrafficPolicyInstanceNameMarker", self.traffic_policy_instance_name_marker.as_ref());
        out.optional("TrafficPolicyInstanceTypeMarker", self.traffic_policy_instance_type_marker.as_ref());
        out.element("IsTruncated", &self.is_truncated);
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListTrafficPolicyInstancesByPolicyResponse {
    const ROOT: &'static str = "ListTrafficPolicyInstancesByPolicyResponse";
}

impl Content for ListTrafficPolicyVersionsResponse {
    fn write(&self, out: &mut Writer) {
        out.list("TrafficPolicies", "TrafficPolicy", &self.traffic_policies);
        out.element("IsTruncated", &self.is_truncated);
        out.element("TrafficPolicyVersionMarker", &self.traffic_policy_version_marker);
        out.element("MaxItems", &self.max_items);
    }
}

impl Output for ListTrafficPolicyVersionsResponse {
    const ROOT: &'static str = "ListTrafficPolicyVersionsResponse";
}

impl Content for ListVPCAssociationAuthorizationsResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZoneId", &self.hosted_zone_id);
        out.optional("NextToken", self.next_token.as_ref());
        out.list("VPCs", "VPC", &self.vpcs);
    }
}

impl Output for ListVPCAssociationAuthorizationsResponse {
    const ROOT: &'static str = "ListVPCAssociationAuthorizationsResponse";
}

impl Content for TestDNSAnswerResponse {
    fn write(&self, out: &mut Writer) {
        out.element("Nameserver", &self.nameserver);
        out.element("RecordName", &self.record_name);
        out.element("RecordType", &self.record_type);
        out.list("RecordData", "RecordDataEntry", &self.record_data);
        out.element("ResponseCode", &self.response_code);
        out.element("Protocol", &self.protocol);
    }
}

impl Output for TestDNSAnswerResponse {
    const ROOT: &'static str = "TestDNSAnswerResponse";
}

impl Content for UpdateHealthCheckResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HealthCheck", &self.health_check);
    }
}

impl Output for UpdateHealthCheckResponse {
    const ROOT: &'static str = "UpdateHealthCheckResponse";
}

impl Content for UpdateHostedZoneCommentResponse {
    fn write(&self, out: &mut Writer) {
        out.element("HostedZone", &self.hosted_zone);
    }
}

impl Output for UpdateHostedZoneCommentResponse {
    const ROOT: &'static str = "UpdateHostedZoneCommentResponse";
}

impl Content for UpdateHostedZoneFeaturesResponse {
    fn write(&self, _out: &mut Writer) {}
}

impl Output for UpdateHostedZoneFeaturesResponse {
    const ROOT: &'static str = "UpdateHostedZoneFeaturesResponse";
}

impl Content for UpdateTrafficPolicyCommentResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicy", &self.traffic_policy);
    }
}

impl Output for UpdateTrafficPolicyCommentResponse {
    const ROOT: &'static str = "UpdateTrafficPolicyCommentResponse";
}

impl Content for UpdateTrafficPolicyInstanceResponse {
    fn write(&self, out: &mut Writer) {
        out.element("TrafficPolicyInstance", &self.traffic_policy_instance);
    }
}

impl Output for UpdateTrafficPolicyInstanceResponse {
    const ROOT: &'static str = "UpdateTrafficPolicyInstanceResponse";
}
