//! Requests into their shapes. Generated from AWS's service model `route53-2013-04-01` by `cargo xtask operations`; do not edit.
#![allow(clippy::wildcard_imports, reason = "a generated file uses nearly all of them")]

use super::shapes::*;
use crate::route53::call::{Call, Members};
use crate::route53::check::*;
use crate::route53::read::{DecodeError, Element, Input, Reader};

const AWS_REGION: Text = Text::ANY.at_least(1).at_most(64);

const ALARM_NAME: Text = Text::ANY.at_least(1).at_most(256);

const ASSOCIATE_VPC_COMMENT: Text = Text::ANY;

const CHANGE_ID: Text = Text::ANY.at_least(1).at_most(6500).in_path_form();

const CIDR: Text = Text::ANY.at_least(1).at_most(50).matching(&pattern::NOT_BLANK);

const CIDR_LOCATION_NAME_DEFAULT_ALLOWED: Text =
    Text::ANY.at_least(1).at_most(16).matching(&pattern::LOCATION_OR_DEFAULT);

const CIDR_LOCATION_NAME_DEFAULT_NOT_ALLOWED: Text = Text::ANY.at_least(1).at_most(16).matching(&pattern::LOCATION);

const CIDR_NONCE: Text = Text::ANY.at_least(1).at_most(64).matching(&pattern::ASCII);

const CLOUD_WATCH_LOGS_LOG_GROUP_ARN: Text = Text::ANY;

const CLOUD_WATCH_REGION: Text = Text::ANY.at_least(1).at_most(64);

const COLLECTION_NAME: Text = Text::ANY.at_least(1).at_most(64).matching(&pattern::LOCATION);

const DNS_NAME: Text = Text::ANY.at_most(1024);

const DISASSOCIATE_VPC_COMMENT: Text = Text::ANY;

const FULLY_QUALIFIED_DOMAIN_NAME: Text = Text::ANY.at_most(255);

const GEO_LOCATION_CONTINENT_CODE: Text = Text::ANY.at_least(2).at_most(2);

const GEO_LOCATION_COUNTRY_CODE: Text = Text::ANY.at_least(1).at_most(2);

const GEO_LOCATION_SUBDIVISION_CODE: Text = Text::ANY.at_least(1).at_most(3);

const HEALTH_CHECK_ID: Text = Text::ANY.at_most(64);

const HEALTH_CHECK_NONCE: Text = Text::ANY.at_least(1).at_most(64);

const HEALTH_CHECK_REGION: Text = Text::ANY.at_least(1).at_most(64);

const IP_ADDRESS: Text = Text::ANY.at_most(45).matching(&pattern::IP_ADDRESS);

const LATITUDE: Text = Text::ANY.at_least(1).at_most(6).matching(&pattern::LATITUDE);

const LISTED_TYPE: Text = Text::ANY;

const LOCAL_ZONE_GROUP: Text = Text::ANY.at_least(1).at_most(64);

const LONGITUDE: Text = Text::ANY.at_least(1).at_most(7).matching(&pattern::LONGITUDE);

const MAX_RESULTS: Text = Text::ANY;

const NONCE: Text = Text::ANY.at_least(1).at_most(128);

const PAGE_MARKER: Text = Text::ANY.at_most(64);

const PAGE_MAX_ITEMS: Text = Text::ANY;

const PAGINATION_TOKEN: Text = Text::ANY.at_most(1024);

const QUERY_LOGGING_CONFIG_ID: Text = Text::ANY.at_least(1).at_most(36);

const R_DATA: Text = Text::ANY.at_most(4000);

const RR_TYPE: Text = Text::ANY.among(&[
    "SOA", "A", "TXT", "NS", "CNAME", "MX", "NAPTR", "PTR", "SRV", "SPF", "AAAA", "CAA", "DS", "TLSA", "SSHFP", "SVCB",
    "HTTPS",
]);

const RESOURCE_DESCRIPTION: Text = Text::ANY.at_most(256);

const RESOURCE_ID: Text = Text::ANY.at_most(32).in_path_form();

const RESOURCE_PATH: Text = Text::ANY.at_most(255);

const RESOURCE_RECORD_SET_IDENTIFIER: Text = Text::ANY.at_least(1).at_most(128);

const RESOURCE_RECORD_SET_REGION: Text = Text::ANY.at_least(1).at_most(64);

const ROUTING_CONTROL_ARN: Text = Text::ANY.at_least(1).at_most(255);

const SEARCH_STRING: Text = Text::ANY.at_most(255);

const SIGNING_KEY_NAME: Text = Text::ANY.at_least(3).at_most(128);

const SIGNING_KEY_STATUS: Text = Text::ANY.at_least(5).at_most(150);

const SIGNING_KEY_STRING: Text = Text::ANY;

const SUBNET_MASK: Text = Text::ANY.at_most(3);

const TAG_KEY: Text = Text::ANY.at_most(128);

const TAG_RESOURCE_ID: Text = Text::ANY.at_most(64);

const TAG_VALUE: Text = Text::ANY.at_most(256);

const TRAFFIC_POLICY_COMMENT: Text = Text::ANY.at_most(1024);

const TRAFFIC_POLICY_DOCUMENT: Text = Text::ANY.at_most(102400);

const TRAFFIC_POLICY_ID: Text = Text::ANY.at_least(1).at_most(36);

const TRAFFIC_POLICY_INSTANCE_ID: Text = Text::ANY.at_least(1).at_most(36);

const TRAFFIC_POLICY_NAME: Text = Text::ANY.at_most(512);

const TRAFFIC_POLICY_VERSION_MARKER: Text = Text::ANY.at_most(4);

const UUID: Text = Text::ANY.matching(&pattern::UUID);

const VPC_ID: Text = Text::ANY.at_most(1024);

const VPC_REGION: Text = Text::ANY.at_least(1).at_most(64);

impl Element for AlarmIdentifier {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut region = None;
        let mut name = None;
        while let Some(child) = reader.child(&["Region", "Name"])? {
            match child {
                "Region" => region = Some(reader.string(&CLOUD_WATCH_REGION)?),
                "Name" => name = Some(reader.string(&ALARM_NAME)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(AlarmIdentifier { region: reader.required(region, "Region")?, name: reader.required(name, "Name")? })
    }
}

impl Element for AliasTarget {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut hosted_zone_id = None;
        let mut dns_name = None;
        let mut evaluate_target_health = None;
        while let Some(child) = reader.child(&["HostedZoneId", "DNSName", "EvaluateTargetHealth"])? {
            match child {
                "HostedZoneId" => hosted_zone_id = Some(reader.string(&RESOURCE_ID)?),
                "DNSName" => dns_name = Some(reader.string(&DNS_NAME)?),
                "EvaluateTargetHealth" => evaluate_target_health = Some(reader.boolean()?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(AliasTarget {
            hosted_zone_id: reader.required(hosted_zone_id, "HostedZoneId")?,
            dns_name: reader.required(dns_name, "DNSName")?,
            evaluate_target_health: reader.required(evaluate_target_health, "EvaluateTargetHealth")?,
        })
    }
}

impl Element for Change {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut action = None;
        let mut resource_record_set = None;
        while let Some(child) = reader.child(&["Action", "ResourceRecordSet"])? {
            match child {
                "Action" => action = Some(reader.choice()?),
                "ResourceRecordSet" => resource_record_set = Some(ResourceRecordSet::read(reader)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(Change {
            action: reader.required(action, "Action")?,
            resource_record_set: reader.required(resource_record_set, "ResourceRecordSet")?,
        })
    }
}

impl Element for ChangeBatch {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut comment = None;
        let mut changes = None;
        while let Some(child) = reader.child(&["Comment", "Changes"])? {
            match child {
                "Comment" => comment = Some(reader.string(&RESOURCE_DESCRIPTION)?),
                "Changes" => changes = Some(reader.list("Change", 1..=usize::MAX, Change::read)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(ChangeBatch { comment, changes: reader.required(changes, "Changes")? })
    }
}

impl Element for CidrCollectionChange {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut location_name = None;
        let mut action = None;
        let mut cidr_list = None;
        while let Some(child) = reader.child(&["LocationName", "Action", "CidrList"])? {
            match child {
                "LocationName" => location_name = Some(reader.string(&CIDR_LOCATION_NAME_DEFAULT_NOT_ALLOWED)?),
                "Action" => action = Some(reader.choice()?),
                "CidrList" => cidr_list = Some(reader.list("Cidr", 1..=1000, |reader| reader.string(&CIDR))?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(CidrCollectionChange {
            location_name: reader.required(location_name, "LocationName")?,
            action: reader.required(action, "Action")?,
            cidr_list: reader.required(cidr_list, "CidrList")?,
        })
    }
}

impl Element for CidrRoutingConfig {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut collection_id = None;
        let mut location_name = None;
        while let Some(child) = reader.child(&["CollectionId", "LocationName"])? {
            match child {
                "CollectionId" => collection_id = Some(reader.string(&UUID)?),
                "LocationName" => location_name = Some(reader.string(&CIDR_LOCATION_NAME_DEFAULT_ALLOWED)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(CidrRoutingConfig {
            collection_id: reader.required(collection_id, "CollectionId")?,
            location_name: reader.required(location_name, "LocationName")?,
        })
    }
}

impl Element for Coordinates {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut latitude = None;
        let mut longitude = None;
        while let Some(child) = reader.child(&["Latitude", "Longitude"])? {
            match child {
                "Latitude" => latitude = Some(reader.string(&LATITUDE)?),
                "Longitude" => longitude = Some(reader.string(&LONGITUDE)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(Coordinates {
            latitude: reader.required(latitude, "Latitude")?,
            longitude: reader.required(longitude, "Longitude")?,
        })
    }
}

impl Element for GeoLocation {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut continent_code = None;
        let mut country_code = None;
        let mut subdivision_code = None;
        while let Some(child) = reader.child(&["ContinentCode", "CountryCode", "SubdivisionCode"])? {
            match child {
                "ContinentCode" => continent_code = Some(reader.string(&GEO_LOCATION_CONTINENT_CODE)?),
                "CountryCode" => country_code = Some(reader.string(&GEO_LOCATION_COUNTRY_CODE)?),
                "SubdivisionCode" => subdivision_code = Some(reader.string(&GEO_LOCATION_SUBDIVISION_CODE)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(GeoLocation { continent_code, country_code, subdivision_code })
    }
}

impl Element for GeoProximityLocation {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut aws_region = None;
        let mut local_zone_group = None;
        let mut coordinates = None;
        let mut bias = None;
        while let Some(child) = reader.child(&["AWSRegion", "LocalZoneGroup", "Coordinates", "Bias"])? {
            match child {
                "AWSRegion" => aws_region = Some(reader.string(&AWS_REGION)?),
                "LocalZoneGroup" => local_zone_group = Some(reader.string(&LOCAL_ZONE_GROUP)?),
                "Coordinates" => coordinates = Some(Coordinates::read(reader)?),
                "Bias" => bias = Some(reader.integer(-99..=99)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(GeoProximityLocation { aws_region, local_zone_group, coordinates, bias })
    }
}

impl Element for HealthCheckConfig {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut ip_address = None;
        let mut port = None;
        let mut r#type = None;
        let mut resource_path = None;
        let mut fully_qualified_domain_name = None;
        let mut search_string = None;
        let mut request_interval = None;
        let mut failure_threshold = None;
        let mut measure_latency = None;
        let mut inverted = None;
        let mut disabled = None;
        let mut health_threshold = None;
        let mut child_health_checks = None;
        let mut enable_sni = None;
        let mut regions = None;
        let mut alarm_identifier = None;
        let mut insufficient_data_health_status = None;
        let mut routing_control_arn = None;
        while let Some(child) = reader.child(&[
            "IPAddress",
            "Port",
            "Type",
            "ResourcePath",
            "FullyQualifiedDomainName",
            "SearchString",
            "RequestInterval",
            "FailureThreshold",
            "MeasureLatency",
            "Inverted",
            "Disabled",
            "HealthThreshold",
            "ChildHealthChecks",
            "EnableSNI",
            "Regions",
            "AlarmIdentifier",
            "InsufficientDataHealthStatus",
            "RoutingControlArn",
        ])? {
            match child {
                "IPAddress" => ip_address = Some(reader.string(&IP_ADDRESS)?),
                "Port" => port = Some(reader.integer(1..=65535)?),
                "Type" => r#type = Some(reader.choice()?),
                "ResourcePath" => resource_path = Some(reader.string(&RESOURCE_PATH)?),
                "FullyQualifiedDomainName" => {
                    fully_qualified_domain_name = Some(reader.string(&FULLY_QUALIFIED_DOMAIN_NAME)?)
                }
                "SearchString" => search_string = Some(reader.string(&SEARCH_STRING)?),
                "RequestInterval" => request_interval = Some(reader.integer(1..=30)?),
                "FailureThreshold" => failure_threshold = Some(reader.integer(1..=10)?),
                "MeasureLatency" => measure_latency = Some(reader.boolean()?),
                "Inverted" => inverted = Some(reader.boolean()?),
                "Disabled" => disabled = Some(reader.boolean()?),
                "HealthThreshold" => health_threshold = Some(reader.integer(0..=256)?),
                "ChildHealthChecks" => {
                    child_health_checks =
                        Some(reader.list("ChildHealthCheck", 0..=256, |reader| reader.string(&HEALTH_CHECK_ID))?)
                }
                "EnableSNI" => enable_sni = Some(reader.boolean()?),
                "Regions" => {
                    regions = Some(reader.list("Region", 3..=64, |reader| reader.string(&HEALTH_CHECK_REGION))?)
                }
                "AlarmIdentifier" => alarm_identifier = Some(AlarmIdentifier::read(reader)?),
                "InsufficientDataHealthStatus" => insufficient_data_health_status = Some(reader.choice()?),
                "RoutingControlArn" => routing_control_arn = Some(reader.string(&ROUTING_CONTROL_ARN)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(HealthCheckConfig {
            ip_address,
            port,
            r#type: reader.required(r#type, "Type")?,
            resource_path,
            fully_qualified_domain_name,
            search_string,
            request_interval,
            failure_threshold,
            measure_latency,
            inverted,
            disabled,
            health_threshold,
            child_health_checks,
            enable_sni,
            regions,
            alarm_identifier,
            insufficient_data_health_status,
            routing_control_arn,
        })
    }
}

impl Element for HostedZoneConfig {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut comment = None;
        let mut private_zone = None;
        while let Some(child) = reader.child(&["Comment", "PrivateZone"])? {
            match child {
                "Comment" => comment = Some(reader.string(&RESOURCE_DESCRIPTION)?),
                "PrivateZone" => private_zone = Some(reader.boolean()?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(HostedZoneConfig { comment, private_zone })
    }
}

impl Element for ResourceRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut value = None;
        while let Some(child) = reader.child(&["Value"])? {
            match child {
                "Value" => value = Some(reader.string(&R_DATA)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(ResourceRecord { value: reader.required(value, "Value")? })
    }
}

impl Element for ResourceRecordSet {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut name = None;
        let mut r#type = None;
        let mut set_identifier = None;
        let mut weight = None;
        let mut region = None;
        let mut geo_location = None;
        let mut failover = None;
        let mut multi_value_answer = None;
        let mut ttl = None;
        let mut resource_records = None;
        let mut alias_target = None;
        let mut health_check_id = None;
        let mut traffic_policy_instance_id = None;
        let mut cidr_routing_config = None;
        let mut geo_proximity_location = None;
        while let Some(child) = reader.child(&[
            "Name",
            "Type",
            "SetIdentifier",
            "Weight",
            "Region",
            "GeoLocation",
            "Failover",
            "MultiValueAnswer",
            "TTL",
            "ResourceRecords",
            "AliasTarget",
            "HealthCheckId",
            "TrafficPolicyInstanceId",
            "CidrRoutingConfig",
            "GeoProximityLocation",
        ])? {
            match child {
                "Name" => name = Some(reader.string(&DNS_NAME)?),
                "Type" => r#type = Some(reader.string(&RR_TYPE)?),
                "SetIdentifier" => set_identifier = Some(reader.string(&RESOURCE_RECORD_SET_IDENTIFIER)?),
                "Weight" => weight = Some(reader.integer(0..=255)?),
                "Region" => region = Some(reader.string(&RESOURCE_RECORD_SET_REGION)?),
                "GeoLocation" => geo_location = Some(GeoLocation::read(reader)?),
                "Failover" => failover = Some(reader.choice()?),
                "MultiValueAnswer" => multi_value_answer = Some(reader.boolean()?),
                "TTL" => ttl = Some(reader.integer(0..=2147483647)?),
                "ResourceRecords" => {
                    resource_records = Some(reader.list("ResourceRecord", 1..=usize::MAX, ResourceRecord::read)?)
                }
                "AliasTarget" => alias_target = Some(AliasTarget::read(reader)?),
                "HealthCheckId" => health_check_id = Some(reader.string(&HEALTH_CHECK_ID)?),
                "TrafficPolicyInstanceId" => {
                    traffic_policy_instance_id = Some(reader.string(&TRAFFIC_POLICY_INSTANCE_ID)?)
                }
                "CidrRoutingConfig" => cidr_routing_config = Some(CidrRoutingConfig::read(reader)?),
                "GeoProximityLocation" => geo_proximity_location = Some(GeoProximityLocation::read(reader)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(ResourceRecordSet {
            name: reader.required(name, "Name")?,
            r#type: reader.required(r#type, "Type")?,
            set_identifier,
            weight,
            region,
            geo_location,
            failover,
            multi_value_answer,
            ttl,
            resource_records,
            alias_target,
            health_check_id,
            traffic_policy_instance_id,
            cidr_routing_config,
            geo_proximity_location,
        })
    }
}

impl Element for Tag {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut key = None;
        let mut value = None;
        while let Some(child) = reader.child(&["Key", "Value"])? {
            match child {
                "Key" => key = Some(reader.string(&TAG_KEY)?),
                "Value" => value = Some(reader.string(&TAG_VALUE)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(Tag { key, value })
    }
}

impl Element for VPC {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut vpc_region = None;
        let mut vpc_id = None;
        while let Some(child) = reader.child(&["VPCRegion", "VPCId"])? {
            match child {
                "VPCRegion" => vpc_region = Some(reader.string(&VPC_REGION)?),
                "VPCId" => vpc_id = Some(reader.string(&VPC_ID)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        Ok(VPC { vpc_region, vpc_id })
    }
}

impl Input for ActivateKeySigningKeyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("HostedZoneId"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let name = members.string("name", call.label("Name"), &SIGNING_KEY_NAME);
        let name = members.required("name", name)?;
        let read = ActivateKeySigningKeyRequest { hosted_zone_id, name };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for AssociateVPCWithHostedZoneRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "AssociateVPCWithHostedZoneRequest")?;
        let mut vpc = None;
        let mut comment = None;
        while let Some(child) = reader.child(&["VPC", "Comment"])? {
            match child {
                "VPC" => vpc = Some(VPC::read(reader)?),
                "Comment" => comment = Some(reader.string(&ASSOCIATE_VPC_COMMENT)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = AssociateVPCWithHostedZoneRequest { hosted_zone_id, vpc: reader.required(vpc, "VPC")?, comment };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for ChangeCidrCollectionRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "ChangeCidrCollectionRequest")?;
        let mut collection_version = None;
        let mut changes = None;
        while let Some(child) = reader.child(&["CollectionVersion", "Changes"])? {
            match child {
                "CollectionVersion" => collection_version = Some(reader.integer(1..=i64::MAX)?),
                "Changes" => changes = Some(reader.list("member", 1..=1000, CidrCollectionChange::read)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let id = members.string("id", call.label("CidrCollectionId"), &UUID);
        let id = members.required("id", id)?;
        let read =
            ChangeCidrCollectionRequest { id, collection_version, changes: reader.required(changes, "Changes")? };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for ChangeResourceRecordSetsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "ChangeResourceRecordSetsRequest")?;
        let mut change_batch = None;
        while let Some(child) = reader.child(&["ChangeBatch"])? {
            match child {
                "ChangeBatch" => change_batch = Some(ChangeBatch::read(reader)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = ChangeResourceRecordSetsRequest {
            hosted_zone_id,
            change_batch: reader.required(change_batch, "ChangeBatch")?,
        };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for ChangeTagsForResourceRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "ChangeTagsForResourceRequest")?;
        let mut add_tags = None;
        let mut remove_tag_keys = None;
        while let Some(child) = reader.child(&["AddTags", "RemoveTagKeys"])? {
            match child {
                "AddTags" => add_tags = Some(reader.list("Tag", 1..=10, Tag::read)?),
                "RemoveTagKeys" => {
                    remove_tag_keys = Some(reader.list("Key", 1..=10, |reader| reader.string(&TAG_KEY))?)
                }
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let resource_type = members.choice("resourceType", call.label("ResourceType"))?;
        let resource_type = members.required("resourceType", resource_type)?;
        let resource_id = members.string("resourceId", call.label("ResourceId"), &TAG_RESOURCE_ID);
        let resource_id = members.required("resourceId", resource_id)?;
        let read = ChangeTagsForResourceRequest { resource_type, resource_id, add_tags, remove_tag_keys };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for CreateCidrCollectionRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateCidrCollectionRequest")?;
        let mut name = None;
        let mut caller_reference = None;
        while let Some(child) = reader.child(&["Name", "CallerReference"])? {
            match child {
                "Name" => name = Some(reader.string(&COLLECTION_NAME)?),
                "CallerReference" => caller_reference = Some(reader.string(&CIDR_NONCE)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateCidrCollectionRequest {
            name: reader.required(name, "Name")?,
            caller_reference: reader.required(caller_reference, "CallerReference")?,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateHealthCheckRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateHealthCheckRequest")?;
        let mut caller_reference = None;
        let mut health_check_config = None;
        while let Some(child) = reader.child(&["CallerReference", "HealthCheckConfig"])? {
            match child {
                "CallerReference" => caller_reference = Some(reader.string(&HEALTH_CHECK_NONCE)?),
                "HealthCheckConfig" => health_check_config = Some(HealthCheckConfig::read(reader)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateHealthCheckRequest {
            caller_reference: reader.required(caller_reference, "CallerReference")?,
            health_check_config: reader.required(health_check_config, "HealthCheckConfig")?,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateHostedZoneRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateHostedZoneRequest")?;
        let mut name = None;
        let mut vpc = None;
        let mut caller_reference = None;
        let mut hosted_zone_config = None;
        let mut delegation_set_id = None;
        while let Some(child) =
            reader.child(&["Name", "VPC", "CallerReference", "HostedZoneConfig", "DelegationSetId"])?
        {
            match child {
                "Name" => name = Some(reader.string(&DNS_NAME)?),
                "VPC" => vpc = Some(VPC::read(reader)?),
                "CallerReference" => caller_reference = Some(reader.string(&NONCE)?),
                "HostedZoneConfig" => hosted_zone_config = Some(HostedZoneConfig::read(reader)?),
                "DelegationSetId" => delegation_set_id = Some(reader.string(&RESOURCE_ID)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateHostedZoneRequest {
            name: reader.required(name, "Name")?,
            vpc,
            caller_reference: reader.required(caller_reference, "CallerReference")?,
            hosted_zone_config,
            delegation_set_id,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateKeySigningKeyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateKeySigningKeyRequest")?;
        let mut caller_reference = None;
        let mut hosted_zone_id = None;
        let mut key_management_service_arn = None;
        let mut name = None;
        let mut status = None;
        while let Some(child) =
            reader.child(&["CallerReference", "HostedZoneId", "KeyManagementServiceArn", "Name", "Status"])?
        {
            match child {
                "CallerReference" => caller_reference = Some(reader.string(&NONCE)?),
                "HostedZoneId" => hosted_zone_id = Some(reader.string(&RESOURCE_ID)?),
                "KeyManagementServiceArn" => key_management_service_arn = Some(reader.string(&SIGNING_KEY_STRING)?),
                "Name" => name = Some(reader.string(&SIGNING_KEY_NAME)?),
                "Status" => status = Some(reader.string(&SIGNING_KEY_STATUS)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateKeySigningKeyRequest {
            caller_reference: reader.required(caller_reference, "CallerReference")?,
            hosted_zone_id: reader.required(hosted_zone_id, "HostedZoneId")?,
            key_management_service_arn: reader.required(key_management_service_arn, "KeyManagementServiceArn")?,
            name: reader.required(name, "Name")?,
            status: reader.required(status, "Status")?,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateQueryLoggingConfigRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateQueryLoggingConfigRequest")?;
        let mut hosted_zone_id = None;
        let mut cloud_watch_logs_log_group_arn = None;
        while let Some(child) = reader.child(&["HostedZoneId", "CloudWatchLogsLogGroupArn"])? {
            match child {
                "HostedZoneId" => hosted_zone_id = Some(reader.string(&RESOURCE_ID)?),
                "CloudWatchLogsLogGroupArn" => {
                    cloud_watch_logs_log_group_arn = Some(reader.string(&CLOUD_WATCH_LOGS_LOG_GROUP_ARN)?)
                }
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateQueryLoggingConfigRequest {
            hosted_zone_id: reader.required(hosted_zone_id, "HostedZoneId")?,
            cloud_watch_logs_log_group_arn: reader
                .required(cloud_watch_logs_log_group_arn, "CloudWatchLogsLogGroupArn")?,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateReusableDelegationSetRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateReusableDelegationSetRequest")?;
        let mut caller_reference = None;
        let mut hosted_zone_id = None;
        while let Some(child) = reader.child(&["CallerReference", "HostedZoneId"])? {
            match child {
                "CallerReference" => caller_reference = Some(reader.string(&NONCE)?),
                "HostedZoneId" => hosted_zone_id = Some(reader.string(&RESOURCE_ID)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateReusableDelegationSetRequest {
            caller_reference: reader.required(caller_reference, "CallerReference")?,
            hosted_zone_id,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateTrafficPolicyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateTrafficPolicyRequest")?;
        let mut name = None;
        let mut document = None;
        let mut comment = None;
        while let Some(child) = reader.child(&["Name", "Document", "Comment"])? {
            match child {
                "Name" => name = Some(reader.string(&TRAFFIC_POLICY_NAME)?),
                "Document" => document = Some(reader.string(&TRAFFIC_POLICY_DOCUMENT)?),
                "Comment" => comment = Some(reader.string(&TRAFFIC_POLICY_COMMENT)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateTrafficPolicyRequest {
            name: reader.required(name, "Name")?,
            document: reader.required(document, "Document")?,
            comment,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateTrafficPolicyInstanceRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateTrafficPolicyInstanceRequest")?;
        let mut hosted_zone_id = None;
        let mut name = None;
        let mut ttl = None;
        let mut traffic_policy_id = None;
        let mut traffic_policy_version = None;
        while let Some(child) =
            reader.child(&["HostedZoneId", "Name", "TTL", "TrafficPolicyId", "TrafficPolicyVersion"])?
        {
            match child {
                "HostedZoneId" => hosted_zone_id = Some(reader.string(&RESOURCE_ID)?),
                "Name" => name = Some(reader.string(&DNS_NAME)?),
                "TTL" => ttl = Some(reader.integer(0..=2147483647)?),
                "TrafficPolicyId" => traffic_policy_id = Some(reader.string(&TRAFFIC_POLICY_ID)?),
                "TrafficPolicyVersion" => traffic_policy_version = Some(reader.integer(1..=1000)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let read = CreateTrafficPolicyInstanceRequest {
            hosted_zone_id: reader.required(hosted_zone_id, "HostedZoneId")?,
            name: reader.required(name, "Name")?,
            ttl: reader.required(ttl, "TTL")?,
            traffic_policy_id: reader.required(traffic_policy_id, "TrafficPolicyId")?,
            traffic_policy_version: reader.required(traffic_policy_version, "TrafficPolicyVersion")?,
        };
        reader.finish()?.finish()?;
        Ok(read)
    }
}

impl Input for CreateTrafficPolicyVersionRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateTrafficPolicyVersionRequest")?;
        let mut document = None;
        let mut comment = None;
        while let Some(child) = reader.child(&["Document", "Comment"])? {
            match child {
                "Document" => document = Some(reader.string(&TRAFFIC_POLICY_DOCUMENT)?),
                "Comment" => comment = Some(reader.string(&TRAFFIC_POLICY_COMMENT)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_ID);
        let id = members.required("id", id)?;
        let read = CreateTrafficPolicyVersionRequest { id, document: reader.required(document, "Document")?, comment };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for CreateVPCAssociationAuthorizationRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "CreateVPCAssociationAuthorizationRequest")?;
        let mut vpc = None;
        while let Some(child) = reader.child(&["VPC"])? {
            match child {
                "VPC" => vpc = Some(VPC::read(reader)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = CreateVPCAssociationAuthorizationRequest { hosted_zone_id, vpc: reader.required(vpc, "VPC")? };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for DeactivateKeySigningKeyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("HostedZoneId"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let name = members.string("name", call.label("Name"), &SIGNING_KEY_NAME);
        let name = members.required("name", name)?;
        let read = DeactivateKeySigningKeyRequest { hosted_zone_id, name };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteCidrCollectionRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("CidrCollectionId"), &UUID);
        let id = members.required("id", id)?;
        let read = DeleteCidrCollectionRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteHealthCheckRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let health_check_id = members.string("healthCheckId", call.label("HealthCheckId"), &HEALTH_CHECK_ID);
        let health_check_id = members.required("healthCheckId", health_check_id)?;
        let read = DeleteHealthCheckRequest { health_check_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteHostedZoneRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &RESOURCE_ID);
        let id = members.required("id", id)?;
        let read = DeleteHostedZoneRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteKeySigningKeyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("HostedZoneId"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let name = members.string("name", call.label("Name"), &SIGNING_KEY_NAME);
        let name = members.required("name", name)?;
        let read = DeleteKeySigningKeyRequest { hosted_zone_id, name };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteQueryLoggingConfigRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &QUERY_LOGGING_CONFIG_ID);
        let id = members.required("id", id)?;
        let read = DeleteQueryLoggingConfigRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteReusableDelegationSetRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &RESOURCE_ID);
        let id = members.required("id", id)?;
        let read = DeleteReusableDelegationSetRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteTrafficPolicyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_ID);
        let id = members.required("id", id)?;
        let version = members.integer("version", call.label("Version"), 1..=1000)?;
        let version = members.required("version", version)?;
        let read = DeleteTrafficPolicyRequest { id, version };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteTrafficPolicyInstanceRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_INSTANCE_ID);
        let id = members.required("id", id)?;
        let read = DeleteTrafficPolicyInstanceRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DeleteVPCAssociationAuthorizationRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "DeleteVPCAssociationAuthorizationRequest")?;
        let mut vpc = None;
        while let Some(child) = reader.child(&["VPC"])? {
            match child {
                "VPC" => vpc = Some(VPC::read(reader)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = DeleteVPCAssociationAuthorizationRequest { hosted_zone_id, vpc: reader.required(vpc, "VPC")? };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for DisableHostedZoneDNSSECRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = DisableHostedZoneDNSSECRequest { hosted_zone_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for DisassociateVPCFromHostedZoneRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "DisassociateVPCFromHostedZoneRequest")?;
        let mut vpc = None;
        let mut comment = None;
        while let Some(child) = reader.child(&["VPC", "Comment"])? {
            match child {
                "VPC" => vpc = Some(VPC::read(reader)?),
                "Comment" => comment = Some(reader.string(&DISASSOCIATE_VPC_COMMENT)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = DisassociateVPCFromHostedZoneRequest { hosted_zone_id, vpc: reader.required(vpc, "VPC")?, comment };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for EnableHostedZoneDNSSECRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = EnableHostedZoneDNSSECRequest { hosted_zone_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetAccountLimitRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let r#type = members.choice("type", call.label("Type"))?;
        let r#type = members.required("type", r#type)?;
        let read = GetAccountLimitRequest { r#type };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetChangeRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &CHANGE_ID);
        let id = members.required("id", id)?;
        let read = GetChangeRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetCheckerIpRangesRequest {
    fn decode(_call: &Call<'_>) -> Result<Self, DecodeError> {
        Ok(GetCheckerIpRangesRequest {})
    }
}

impl Input for GetDNSSECRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = GetDNSSECRequest { hosted_zone_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetGeoLocationRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let continent_code = members.string("continentCode", call.query("continentcode"), &GEO_LOCATION_CONTINENT_CODE);
        let country_code = members.string("countryCode", call.query("countrycode"), &GEO_LOCATION_COUNTRY_CODE);
        let subdivision_code =
            members.string("subdivisionCode", call.query("subdivisioncode"), &GEO_LOCATION_SUBDIVISION_CODE);
        let read = GetGeoLocationRequest { continent_code, country_code, subdivision_code };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetHealthCheckRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let health_check_id = members.string("healthCheckId", call.label("HealthCheckId"), &HEALTH_CHECK_ID);
        let health_check_id = members.required("healthCheckId", health_check_id)?;
        let read = GetHealthCheckRequest { health_check_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetHealthCheckCountRequest {
    fn decode(_call: &Call<'_>) -> Result<Self, DecodeError> {
        Ok(GetHealthCheckCountRequest {})
    }
}

impl Input for GetHealthCheckLastFailureReasonRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let health_check_id = members.string("healthCheckId", call.label("HealthCheckId"), &HEALTH_CHECK_ID);
        let health_check_id = members.required("healthCheckId", health_check_id)?;
        let read = GetHealthCheckLastFailureReasonRequest { health_check_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetHealthCheckStatusRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let health_check_id = members.string("healthCheckId", call.label("HealthCheckId"), &HEALTH_CHECK_ID);
        let health_check_id = members.required("healthCheckId", health_check_id)?;
        let read = GetHealthCheckStatusRequest { health_check_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetHostedZoneRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &RESOURCE_ID);
        let id = members.required("id", id)?;
        let read = GetHostedZoneRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetHostedZoneCountRequest {
    fn decode(_call: &Call<'_>) -> Result<Self, DecodeError> {
        Ok(GetHostedZoneCountRequest {})
    }
}

impl Input for GetHostedZoneLimitRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let r#type = members.choice("type", call.label("Type"))?;
        let r#type = members.required("type", r#type)?;
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = GetHostedZoneLimitRequest { r#type, hosted_zone_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetQueryLoggingConfigRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &QUERY_LOGGING_CONFIG_ID);
        let id = members.required("id", id)?;
        let read = GetQueryLoggingConfigRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetReusableDelegationSetRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &RESOURCE_ID);
        let id = members.required("id", id)?;
        let read = GetReusableDelegationSetRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetReusableDelegationSetLimitRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let r#type = members.choice("type", call.label("Type"))?;
        let r#type = members.required("type", r#type)?;
        let delegation_set_id = members.string("delegationSetId", call.label("Id"), &RESOURCE_ID);
        let delegation_set_id = members.required("delegationSetId", delegation_set_id)?;
        let read = GetReusableDelegationSetLimitRequest { r#type, delegation_set_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetTrafficPolicyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_ID);
        let id = members.required("id", id)?;
        let version = members.integer("version", call.label("Version"), 1..=1000)?;
        let version = members.required("version", version)?;
        let read = GetTrafficPolicyRequest { id, version };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetTrafficPolicyInstanceRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_INSTANCE_ID);
        let id = members.required("id", id)?;
        let read = GetTrafficPolicyInstanceRequest { id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for GetTrafficPolicyInstanceCountRequest {
    fn decode(_call: &Call<'_>) -> Result<Self, DecodeError> {
        Ok(GetTrafficPolicyInstanceCountRequest {})
    }
}

impl Input for ListCidrBlocksRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let collection_id = members.string("collectionId", call.label("CidrCollectionId"), &UUID);
        let collection_id = members.required("collectionId", collection_id)?;
        let location_name =
            members.string("locationName", call.query("location"), &CIDR_LOCATION_NAME_DEFAULT_NOT_ALLOWED);
        let next_token = members.string("nextToken", call.query("nexttoken"), &PAGINATION_TOKEN);
        let max_results = members.string("maxResults", call.query("maxresults"), &MAX_RESULTS);
        let read = ListCidrBlocksRequest { collection_id, location_name, next_token, max_results };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListCidrCollectionsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let next_token = members.string("nextToken", call.query("nexttoken"), &PAGINATION_TOKEN);
        let max_results = members.string("maxResults", call.query("maxresults"), &MAX_RESULTS);
        let read = ListCidrCollectionsRequest { next_token, max_results };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListCidrLocationsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let collection_id = members.string("collectionId", call.label("CidrCollectionId"), &UUID);
        let collection_id = members.required("collectionId", collection_id)?;
        let next_token = members.string("nextToken", call.query("nexttoken"), &PAGINATION_TOKEN);
        let max_results = members.string("maxResults", call.query("maxresults"), &MAX_RESULTS);
        let read = ListCidrLocationsRequest { collection_id, next_token, max_results };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListGeoLocationsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let start_continent_code =
            members.string("startContinentCode", call.query("startcontinentcode"), &GEO_LOCATION_CONTINENT_CODE);
        let start_country_code =
            members.string("startCountryCode", call.query("startcountrycode"), &GEO_LOCATION_COUNTRY_CODE);
        let start_subdivision_code =
            members.string("startSubdivisionCode", call.query("startsubdivisioncode"), &GEO_LOCATION_SUBDIVISION_CODE);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read =
            ListGeoLocationsRequest { start_continent_code, start_country_code, start_subdivision_code, max_items };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListHealthChecksRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let marker = members.string("marker", call.query("marker"), &PAGE_MARKER);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListHealthChecksRequest { marker, max_items };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListHostedZonesRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let marker = members.string("marker", call.query("marker"), &PAGE_MARKER);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let delegation_set_id = members.string("delegationSetId", call.query("delegationsetid"), &RESOURCE_ID);
        let hosted_zone_type = members.choice("hostedZoneType", call.query("hostedzonetype"))?;
        let read = ListHostedZonesRequest { marker, max_items, delegation_set_id, hosted_zone_type };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListHostedZonesByNameRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let dns_name = members.string("dNSName", call.query("dnsname"), &DNS_NAME);
        let hosted_zone_id = members.string("hostedZoneId", call.query("hostedzoneid"), &RESOURCE_ID);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListHostedZonesByNameRequest { dns_name, hosted_zone_id, max_items };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListHostedZonesByVPCRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let vpc_id = members.string("vPCId", call.query("vpcid"), &VPC_ID);
        let vpc_id = members.required("vPCId", vpc_id)?;
        let vpc_region = members.string("vPCRegion", call.query("vpcregion"), &VPC_REGION);
        let vpc_region = members.required("vPCRegion", vpc_region)?;
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let next_token = members.string("nextToken", call.query("nexttoken"), &PAGINATION_TOKEN);
        let read = ListHostedZonesByVPCRequest { vpc_id, vpc_region, max_items, next_token };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListQueryLoggingConfigsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.query("hostedzoneid"), &RESOURCE_ID);
        let next_token = members.string("nextToken", call.query("nexttoken"), &PAGINATION_TOKEN);
        let max_results = members.string("maxResults", call.query("maxresults"), &MAX_RESULTS);
        let read = ListQueryLoggingConfigsRequest { hosted_zone_id, next_token, max_results };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListResourceRecordSetsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let start_record_name = members.string("startRecordName", call.query("name"), &DNS_NAME);
        let start_record_type = members.string("startRecordType", call.query("type"), &LISTED_TYPE);
        let start_record_identifier =
            members.string("startRecordIdentifier", call.query("identifier"), &RESOURCE_RECORD_SET_IDENTIFIER);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListResourceRecordSetsRequest {
            hosted_zone_id,
            start_record_name,
            start_record_type,
            start_record_identifier,
            max_items,
        };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListReusableDelegationSetsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let marker = members.string("marker", call.query("marker"), &PAGE_MARKER);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListReusableDelegationSetsRequest { marker, max_items };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListTagsForResourceRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let resource_type = members.choice("resourceType", call.label("ResourceType"))?;
        let resource_type = members.required("resourceType", resource_type)?;
        let resource_id = members.string("resourceId", call.label("ResourceId"), &TAG_RESOURCE_ID);
        let resource_id = members.required("resourceId", resource_id)?;
        let read = ListTagsForResourceRequest { resource_type, resource_id };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListTagsForResourcesRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "ListTagsForResourcesRequest")?;
        let mut resource_ids = None;
        while let Some(child) = reader.child(&["ResourceIds"])? {
            match child {
                "ResourceIds" => {
                    resource_ids = Some(reader.list("ResourceId", 1..=10, |reader| reader.string(&TAG_RESOURCE_ID))?)
                }
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let resource_type = members.choice("resourceType", call.label("ResourceType"))?;
        let resource_type = members.required("resourceType", resource_type)?;
        let read =
            ListTagsForResourcesRequest { resource_type, resource_ids: reader.required(resource_ids, "ResourceIds")? };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for ListTrafficPoliciesRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let traffic_policy_id_marker =
            members.string("trafficPolicyIdMarker", call.query("trafficpolicyid"), &TRAFFIC_POLICY_ID);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListTrafficPoliciesRequest { traffic_policy_id_marker, max_items };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListTrafficPolicyInstancesRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id_marker = members.string("hostedZoneIdMarker", call.query("hostedzoneid"), &RESOURCE_ID);
        let traffic_policy_instance_name_marker =
            members.string("trafficPolicyInstanceNameMarker", call.query("trafficpolicyinstancename"), &DNS_NAME);
        let traffic_policy_instance_type_marker =
            members.string("trafficPolicyInstanceTypeMarker", call.query("trafficpolicyinstancetype"), &RR_TYPE);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListTrafficPolicyInstancesRequest {
            hosted_zone_id_marker,
            traffic_policy_instance_name_marker,
            traffic_policy_instance_type_marker,
            max_items,
        };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListTrafficPolicyInstancesByHostedZoneRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.query("id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let traffic_policy_instance_name_marker =
            members.string("trafficPolicyInstanceNameMarker", call.query("trafficpolicyinstancename"), &DNS_NAME);
        let traffic_policy_instance_type_marker =
            members.string("trafficPolicyInstanceTypeMarker", call.query("trafficpolicyinstancetype"), &RR_TYPE);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListTrafficPolicyInstancesByHostedZoneRequest {
            hosted_zone_id,
            traffic_policy_instance_name_marker,
            traffic_policy_instance_type_marker,
            max_items,
        };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListTrafficPolicyInstancesByPolicyRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let traffic_policy_id = members.string("trafficPolicyId", call.query("id"), &TRAFFIC_POLICY_ID);
        let traffic_policy_id = members.required("trafficPolicyId", traffic_policy_id)?;
        let traffic_policy_version = members.integer("trafficPolicyVersion", call.query("version"), 1..=1000)?;
        let traffic_policy_version = members.required("trafficPolicyVersion", traffic_policy_version)?;
        let hosted_zone_id_marker = members.string("hostedZoneIdMarker", call.query("hostedzoneid"), &RESOURCE_ID);
        let traffic_policy_instance_name_marker =
            members.string("trafficPolicyInstanceNameMarker", call.query("trafficpolicyinstancename"), &DNS_NAME);
        let traffic_policy_instance_type_marker =
            members.string("trafficPolicyInstanceTypeMarker", call.query("trafficpolicyinstancetype"), &RR_TYPE);
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListTrafficPolicyInstancesByPolicyRequest {
            traffic_policy_id,
            traffic_policy_version,
            hosted_zone_id_marker,
            traffic_policy_instance_name_marker,
            traffic_policy_instance_type_marker,
            max_items,
        };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListTrafficPolicyVersionsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_ID);
        let id = members.required("id", id)?;
        let traffic_policy_version_marker = members.string(
            "trafficPolicyVersionMarker",
            call.query("trafficpolicyversion"),
            &TRAFFIC_POLICY_VERSION_MARKER,
        );
        let max_items = members.string("maxItems", call.query("maxitems"), &PAGE_MAX_ITEMS);
        let read = ListTrafficPolicyVersionsRequest { id, traffic_policy_version_marker, max_items };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for ListVPCAssociationAuthorizationsRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let next_token = members.string("nextToken", call.query("nexttoken"), &PAGINATION_TOKEN);
        let max_results = members.string("maxResults", call.query("maxresults"), &MAX_RESULTS);
        let read = ListVPCAssociationAuthorizationsRequest { hosted_zone_id, next_token, max_results };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for TestDNSAnswerRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.query("hostedzoneid"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let record_name = members.string("recordName", call.query("recordname"), &DNS_NAME);
        let record_name = members.required("recordName", record_name)?;
        let record_type = members.string("recordType", call.query("recordtype"), &RR_TYPE);
        let record_type = members.required("recordType", record_type)?;
        let resolver_ip = members.string("resolverIP", call.query("resolverip"), &IP_ADDRESS);
        let edns0_client_subnet_ip =
            members.string("eDNS0ClientSubnetIP", call.query("edns0clientsubnetip"), &IP_ADDRESS);
        let edns0_client_subnet_mask =
            members.string("eDNS0ClientSubnetMask", call.query("edns0clientsubnetmask"), &SUBNET_MASK);
        let read = TestDNSAnswerRequest {
            hosted_zone_id,
            record_name,
            record_type,
            resolver_ip,
            edns0_client_subnet_ip,
            edns0_client_subnet_mask,
        };
        members.finish(Violations::default())?;
        Ok(read)
    }
}

impl Input for UpdateHealthCheckRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "UpdateHealthCheckRequest")?;
        let mut health_check_version = None;
        let mut ip_address = None;
        let mut port = None;
        let mut resource_path = None;
        let mut fully_qualified_domain_name = None;
        let mut search_string = None;
        let mut failure_threshold = None;
        let mut inverted = None;
        let mut disabled = None;
        let mut health_threshold = None;
        let mut child_health_checks = None;
        let mut enable_sni = None;
        let mut regions = None;
        let mut alarm_identifier = None;
        let mut insufficient_data_health_status = None;
        let mut reset_elements = None;
        while let Some(child) = reader.child(&[
            "HealthCheckVersion",
            "IPAddress",
            "Port",
            "ResourcePath",
            "FullyQualifiedDomainName",
            "SearchString",
            "FailureThreshold",
            "Inverted",
            "Disabled",
            "HealthThreshold",
            "ChildHealthChecks",
            "EnableSNI",
            "Regions",
            "AlarmIdentifier",
            "InsufficientDataHealthStatus",
            "ResetElements",
        ])? {
            match child {
                "HealthCheckVersion" => health_check_version = Some(reader.integer(1..=i64::MAX)?),
                "IPAddress" => ip_address = Some(reader.string(&IP_ADDRESS)?),
                "Port" => port = Some(reader.integer(1..=65535)?),
                "ResourcePath" => resource_path = Some(reader.string(&RESOURCE_PATH)?),
                "FullyQualifiedDomainName" => {
                    fully_qualified_domain_name = Some(reader.string(&FULLY_QUALIFIED_DOMAIN_NAME)?)
                }
                "SearchString" => search_string = Some(reader.string(&SEARCH_STRING)?),
                "FailureThreshold" => failure_threshold = Some(reader.integer(1..=10)?),
                "Inverted" => inverted = Some(reader.boolean()?),
                "Disabled" => disabled = Some(reader.boolean()?),
                "HealthThreshold" => health_threshold = Some(reader.integer(0..=256)?),
                "ChildHealthChecks" => {
                    child_health_checks =
                        Some(reader.list("ChildHealthCheck", 0..=256, |reader| reader.string(&HEALTH_CHECK_ID))?)
                }
                "EnableSNI" => enable_sni = Some(reader.boolean()?),
                "Regions" => {
                    regions = Some(reader.list("Region", 3..=64, |reader| reader.string(&HEALTH_CHECK_REGION))?)
                }
                "AlarmIdentifier" => alarm_identifier = Some(AlarmIdentifier::read(reader)?),
                "InsufficientDataHealthStatus" => insufficient_data_health_status = Some(reader.choice()?),
                "ResetElements" => {
                    reset_elements = Some(reader.list("ResettableElementName", 0..=64, Reader::choice)?)
                }
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let health_check_id = members.string("healthCheckId", call.label("HealthCheckId"), &HEALTH_CHECK_ID);
        let health_check_id = members.required("healthCheckId", health_check_id)?;
        let read = UpdateHealthCheckRequest {
            health_check_id,
            health_check_version,
            ip_address,
            port,
            resource_path,
            fully_qualified_domain_name,
            search_string,
            failure_threshold,
            inverted,
            disabled,
            health_threshold,
            child_health_checks,
            enable_sni,
            regions,
            alarm_identifier,
            insufficient_data_health_status,
            reset_elements,
        };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for UpdateHostedZoneCommentRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "UpdateHostedZoneCommentRequest")?;
        let mut comment = None;
        while let Some(child) = reader.child(&["Comment"])? {
            match child {
                "Comment" => comment = Some(reader.string(&RESOURCE_DESCRIPTION)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &RESOURCE_ID);
        let id = members.required("id", id)?;
        let read = UpdateHostedZoneCommentRequest { id, comment };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for UpdateHostedZoneFeaturesRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "UpdateHostedZoneFeaturesRequest")?;
        let mut enable_accelerated_recovery = None;
        while let Some(child) = reader.child(&["EnableAcceleratedRecovery"])? {
            match child {
                "EnableAcceleratedRecovery" => enable_accelerated_recovery = Some(reader.boolean()?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let hosted_zone_id = members.string("hostedZoneId", call.label("Id"), &RESOURCE_ID);
        let hosted_zone_id = members.required("hostedZoneId", hosted_zone_id)?;
        let read = UpdateHostedZoneFeaturesRequest { hosted_zone_id, enable_accelerated_recovery };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for UpdateTrafficPolicyCommentRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "UpdateTrafficPolicyCommentRequest")?;
        let mut comment = None;
        while let Some(child) = reader.child(&["Comment"])? {
            match child {
                "Comment" => comment = Some(reader.string(&TRAFFIC_POLICY_COMMENT)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_ID);
        let id = members.required("id", id)?;
        let version = members.integer("version", call.label("Version"), 1..=1000)?;
        let version = members.required("version", version)?;
        let read = UpdateTrafficPolicyCommentRequest { id, version, comment: reader.required(comment, "Comment")? };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

impl Input for UpdateTrafficPolicyInstanceRequest {
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError> {
        let reader = &mut Reader::open(call.body, "UpdateTrafficPolicyInstanceRequest")?;
        let mut ttl = None;
        let mut traffic_policy_id = None;
        let mut traffic_policy_version = None;
        while let Some(child) = reader.child(&["TTL", "TrafficPolicyId", "TrafficPolicyVersion"])? {
            match child {
                "TTL" => ttl = Some(reader.integer(0..=2147483647)?),
                "TrafficPolicyId" => traffic_policy_id = Some(reader.string(&TRAFFIC_POLICY_ID)?),
                "TrafficPolicyVersion" => traffic_policy_version = Some(reader.integer(1..=1000)?),
                other => return Err(reader.unexpected(other)),
            }
        }
        let mut members = Members::new();
        let id = members.string("id", call.label("Id"), &TRAFFIC_POLICY_INSTANCE_ID);
        let id = members.required("id", id)?;
        let read = UpdateTrafficPolicyInstanceRequest {
            id,
            ttl: reader.required(ttl, "TTL")?,
            traffic_policy_id: reader.required(traffic_policy_id, "TrafficPolicyId")?,
            traffic_policy_version: reader.required(traffic_policy_version, "TrafficPolicyVersion")?,
        };
        members.finish(reader.finish()?)?;
        Ok(read)
    }
}

/// The request of whatever operation, as `Debug` shows it.
#[cfg(test)]
pub(crate) fn read_any(call: &Call<'_>) -> Result<String, DecodeError> {
    use super::operations::Operation;
    Ok(match call.row.operation {
        Operation::ActivateKeySigningKey => format!("{:?}", ActivateKeySigningKeyRequest::decode(call)?),
        Operation::AssociateVPCWithHostedZone => format!("{:?}", AssociateVPCWithHostedZoneRequest::decode(call)?),
        Operation::ChangeCidrCollection => format!("{:?}", ChangeCidrCollectionRequest::decode(call)?),
        Operation::ChangeResourceRecordSets => format!("{:?}", ChangeResourceRecordSetsRequest::decode(call)?),
        Operation::ChangeTagsForResource => format!("{:?}", ChangeTagsForResourceRequest::decode(call)?),
        Operation::CreateCidrCollection => format!("{:?}", CreateCidrCollectionRequest::decode(call)?),
        Operation::CreateHealthCheck => format!("{:?}", CreateHealthCheckRequest::decode(call)?),
        Operation::CreateHostedZone => format!("{:?}", CreateHostedZoneRequest::decode(call)?),
        Operation::CreateKeySigningKey => format!("{:?}", CreateKeySigningKeyRequest::decode(call)?),
        Operation::CreateQueryLoggingConfig => format!("{:?}", CreateQueryLoggingConfigRequest::decode(call)?),
        Operation::CreateReusableDelegationSet => format!("{:?}", CreateReusableDelegationSetRequest::decode(call)?),
        Operation::CreateTrafficPolicy => format!("{:?}", CreateTrafficPolicyRequest::decode(call)?),
        Operation::CreateTrafficPolicyInstance => format!("{:?}", CreateTrafficPolicyInstanceRequest::decode(call)?),
        Operation::CreateTrafficPolicyVersion => format!("{:?}", CreateTrafficPolicyVersionRequest::decode(call)?),
        Operation::CreateVPCAssociationAuthorization => {
            format!("{:?}", CreateVPCAssociationAuthorizationRequest::decode(call)?)
        }
        Operation::DeactivateKeySigningKey => format!("{:?}", DeactivateKeySigningKeyRequest::decode(call)?),
        Operation::DeleteCidrCollection => format!("{:?}", DeleteCidrCollectionRequest::decode(call)?),
        Operation::DeleteHealthCheck => format!("{:?}", DeleteHealthCheckRequest::decode(call)?),
        Operation::DeleteHostedZone => format!("{:?}", DeleteHostedZoneRequest::decode(call)?),
        Operation::DeleteKeySigningKey => format!("{:?}", DeleteKeySigningKeyRequest::decode(call)?),
        Operation::DeleteQueryLoggingConfig => format!("{:?}", DeleteQueryLoggingConfigRequest::decode(call)?),
        Operation::DeleteReusableDelegationSet => format!("{:?}", DeleteReusableDelegationSetRequest::decode(call)?),
        Operation::DeleteTrafficPolicy => format!("{:?}", DeleteTrafficPolicyRequest::decode(call)?),
        Operation::DeleteTrafficPolicyInstance => format!("{:?}", DeleteTrafficPolicyInstanceRequest::decode(call)?),
        Operation::DeleteVPCAssociationAuthorization => {
            format!("{:?}", DeleteVPCAssociationAuthorizationRequest::decode(call)?)
        }
        Operation::DisableHostedZoneDNSSEC => format!("{:?}", DisableHostedZoneDNSSECRequest::decode(call)?),
        Operation::DisassociateVPCFromHostedZone => {
            format!("{:?}", DisassociateVPCFromHostedZoneRequest::decode(call)?)
        }
        Operation::EnableHostedZoneDNSSEC => format!("{:?}", EnableHostedZoneDNSSECRequest::decode(call)?),
        Operation::GetAccountLimit => format!("{:?}", GetAccountLimitRequest::decode(call)?),
        Operation::GetChange => format!("{:?}", GetChangeRequest::decode(call)?),
        Operation::GetCheckerIpRanges => format!("{:?}", GetCheckerIpRangesRequest::decode(call)?),
        Operation::GetDNSSEC => format!("{:?}", GetDNSSECRequest::decode(call)?),
        Operation::GetGeoLocation => format!("{:?}", GetGeoLocationRequest::decode(call)?),
        Operation::GetHealthCheck => format!("{:?}", GetHealthCheckRequest::decode(call)?),
        Operation::GetHealthCheckCount => format!("{:?}", GetHealthCheckCountRequest::decode(call)?),
        Operation::GetHealthCheckLastFailureReason => {
            format!("{:?}", GetHealthCheckLastFailureReasonRequest::decode(call)?)
        }
        Operation::GetHealthCheckStatus => format!("{:?}", GetHealthCheckStatusRequest::decode(call)?),
        Operation::GetHostedZone => format!("{:?}", GetHostedZoneRequest::decode(call)?),
        Operation::GetHostedZoneCount => format!("{:?}", GetHostedZoneCountRequest::decode(call)?),
        Operation::GetHostedZoneLimit => format!("{:?}", GetHostedZoneLimitRequest::decode(call)?),
        Operation::GetQueryLoggingConfig => format!("{:?}", GetQueryLoggingConfigRequest::decode(call)?),
        Operation::GetReusableDelegationSet => format!("{:?}", GetReusableDelegationSetRequest::decode(call)?),
        Operation::GetReusableDelegationSetLimit => {
            format!("{:?}", GetReusableDelegationSetLimitRequest::decode(call)?)
        }
        Operation::GetTrafficPolicy => format!("{:?}", GetTrafficPolicyRequest::decode(call)?),
        Operation::GetTrafficPolicyInstance => format!("{:?}", GetTrafficPolicyInstanceRequest::decode(call)?),
        Operation::GetTrafficPolicyInstanceCount => {
            format!("{:?}", GetTrafficPolicyInstanceCountRequest::decode(call)?)
        }
        Operation::ListCidrBlocks => format!("{:?}", ListCidrBlocksRequest::decode(call)?),
        Operation::ListCidrCollections => format!("{:?}", ListCidrCollectionsRequest::decode(call)?),
        Operation::ListCidrLocations => format!("{:?}", ListCidrLocationsRequest::decode(call)?),
        Operation::ListGeoLocations => format!("{:?}", ListGeoLocationsRequest::decode(call)?),
        Operation::ListHealthChecks => format!("{:?}", ListHealthChecksRequest::decode(call)?),
        Operation::ListHostedZones => format!("{:?}", ListHostedZonesRequest::decode(call)?),
        Operation::ListHostedZonesByName => format!("{:?}", ListHostedZonesByNameRequest::decode(call)?),
        Operation::ListHostedZonesByVPC => format!("{:?}", ListHostedZonesByVPCRequest::decode(call)?),
        Operation::ListQueryLoggingConfigs => format!("{:?}", ListQueryLoggingConfigsRequest::decode(call)?),
        Operation::ListResourceRecordSets => format!("{:?}", ListResourceRecordSetsRequest::decode(call)?),
        Operation::ListReusableDelegationSets => format!("{:?}", ListReusableDelegationSetsRequest::decode(call)?),
        Operation::ListTagsForResource => format!("{:?}", ListTagsForResourceRequest::decode(call)?),
        Operation::ListTagsForResources => format!("{:?}", ListTagsForResourcesRequest::decode(call)?),
        Operation::ListTrafficPolicies => format!("{:?}", ListTrafficPoliciesRequest::decode(call)?),
        Operation::ListTrafficPolicyInstances => format!("{:?}", ListTrafficPolicyInstancesRequest::decode(call)?),
        Operation::ListTrafficPolicyInstancesByHostedZone => {
            format!("{:?}", ListTrafficPolicyInstancesByHostedZoneRequest::decode(call)?)
        }
        Operation::ListTrafficPolicyInstancesByPolicy => {
            format!("{:?}", ListTrafficPolicyInstancesByPolicyRequest::decode(call)?)
        }
        Operation::ListTrafficPolicyVersions => format!("{:?}", ListTrafficPolicyVersionsRequest::decode(call)?),
        Operation::ListVPCAssociationAuthorizations => {
            format!("{:?}", ListVPCAssociationAuthorizationsRequest::decode(call)?)
        }
        Operation::TestDNSAnswer => format!("{:?}", TestDNSAnswerRequest::decode(call)?),
        Operation::UpdateHealthCheck => format!("{:?}", UpdateHealthCheckRequest::decode(call)?),
        Operation::UpdateHostedZoneComment => format!("{:?}", UpdateHostedZoneCommentRequest::decode(call)?),
        Operation::UpdateHostedZoneFeatures => format!("{:?}", UpdateHostedZoneFeaturesRequest::decode(call)?),
        Operation::UpdateTrafficPolicyComment => format!("{:?}", UpdateTrafficPolicyCommentRequest::decode(call)?),
        Operation::UpdateTrafficPolicyInstance => format!("{:?}", UpdateTrafficPolicyInstanceRequest::decode(call)?),
    })
}
