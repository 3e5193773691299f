//! Version 1 of everything stored.
//!
//! Never change a type here: what it wrote is on disks. A new field means `v2.rs`, and this file still reads the old; a
//! new variant at the end of an enum changes nothing that was written.
//! postcard writes integers as LEB128, texts and lists with their length before them, enums as the number of the variant.

mod cidr;
mod query_logging;
mod routing;

use std::sync::Arc;

use model::health_check::{HealthCheck, HealthCheckConfig, RawHealthCheckConfig};
use model::hosted_zone::{HostedZone, Visibility};
use model::id::{ChangeId, HealthCheckId, HostedZoneId, TrafficPolicyInstanceId};
use model::tag::Tags;
use model::traffic_policy::Document;
use model::{AliasTarget, Body, MadeRecords, Name, PolicyRecord, RecordSet, RecordType, Ttl};
use serde::{Deserialize, Serialize};

use super::{Stored, StoredFault};
use crate::changes::SubmittedChange;
use routing::{RoutingV1, routing_of, routing_v1};

pub(super) const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct RecordSetV1<'a> {
    #[serde(borrow)]
    name: &'a [u8],
    record_type: u16,
    routing: RoutingV1<'a>,
    body: BodyV1<'a>,
    health_check: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
enum BodyV1<'a> {
    Records {
        ttl: u32,
        #[serde(borrow)]
        values: Vec<&'a str>,
    },
    Alias {
        hosted_zone_id: &'a str,
        dns_name: &'a [u8],
        evaluate_target_health: bool,
    },
    TrafficPolicy {
        instance: &'a str,
        /// TTL and document.
        made: Option<(u32, &'a str)>,
    },
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub(super) struct HostedZoneV1<'a> {
    id: &'a str,
    #[serde(borrow)]
    name: &'a [u8],
    caller_reference: &'a str,
    comment: Option<&'a str>,
    name_servers: Vec<&'a [u8]>,
    record_set_count: u64,
    created: u64,
}

#[derive(Serialize, Deserialize)]
struct HealthCheckV1<'a> {
    id: &'a str,
    caller_reference: &'a str,
    version: u64,
    #[serde(borrow)]
    config: HealthCheckConfigV1<'a>,
}

/// Route 53's own fields, with the defaults written in.
#[derive(Serialize, Deserialize)]
struct HealthCheckConfigV1<'a> {
    kind: &'a str,
    ip_address: Option<&'a str>,
    port: Option<i64>,
    resource_path: Option<&'a str>,
    fully_qualified_domain_name: Option<&'a str>,
    search_string: Option<&'a str>,
    request_interval: Option<i64>,
    failure_threshold: Option<i64>,
    measure_latency: Option<bool>,
    inverted: Option<bool>,
    disabled: Option<bool>,
    health_threshold: Option<i64>,
    #[serde(borrow)]
    child_health_checks: Option<Vec<&'a str>>,
    enable_sni: Option<bool>,
    regions: Option<Vec<&'a str>>,
    alarm_identifier: bool,
    insufficient_data_health_status: Option<&'a str>,
    routing_control_arn: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct ChangeV1<'a> {
    id: &'a str,
    revision: u64,
    submitted_at_ms: u64,
    comment: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AccessKeyV1<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    pub(super) comment: &'a str,
    pub(super) created_ms: u64,
}

pub(super) fn encode(twin: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(twin, vec![VERSION]).expect("a vector takes everything")
}

pub(super) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, StoredFault> {
    match bytes.split_first() {
        None => Err(StoredFault::Empty),
        Some((&VERSION, twin)) => {
            let (twin, rest) = postcard::take_from_bytes(twin).map_err(StoredFault::Form)?;
            if rest.is_empty() { Ok(twin) } else { Err(StoredFault::Long(rest.len())) }
        }
        Some((&version, _)) => Err(StoredFault::Version(version)),
    }
}

impl Stored for RecordSet {
    fn encode(&self) -> Vec<u8> {
        let Self { name, record_type, routing, body, health_check } = self;
        encode(&RecordSetV1 {
            name: name.wire(),
            record_type: record_type.0,
            routing: routing_v1(routing),
            body: match body {
                Body::Records { ttl, values } => {
                    BodyV1::Records { ttl: ttl.seconds(), values: values.iter().map(String::as_str).collect() }
                }
                Body::Alias(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health }) => BodyV1::Alias {
                    hosted_zone_id: hosted_zone_id.as_str(),
                    dns_name: dns_name.wire(),
                    evaluate_target_health: *evaluate_target_health,
                },
                Body::TrafficPolicy(PolicyRecord { instance, made }) => BodyV1::TrafficPolicy {
                    instance: instance.as_str(),
                    made: made.as_ref().map(|MadeRecords { ttl, document }| (ttl.seconds(), document.text())),
                },
            },
            health_check: health_check.as_ref().map(HealthCheckId::as_str),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let RecordSetV1 { name, record_type, routing, body, health_check } = decode(bytes)?;
        Ok(Self {
            name: self::name(name)?,
            record_type: RecordType(record_type),
            routing: routing_of(routing)?,
            body: match body {
                BodyV1::Records { ttl, values } => Body::Records {
                    ttl: Ttl::new(ttl.into()).map_err(|fault| StoredFault::Number(fault.0))?,
                    values: values.into_iter().map(str::to_owned).collect(),
                },
                BodyV1::Alias { hosted_zone_id, dns_name, evaluate_target_health } => Body::Alias(AliasTarget {
                    hosted_zone_id: HostedZoneId::parse(hosted_zone_id).map_err(StoredFault::Id)?,
                    dns_name: self::name(dns_name)?,
                    evaluate_target_health,
                }),
                BodyV1::TrafficPolicy { instance, made } => Body::TrafficPolicy(PolicyRecord {
                    instance: TrafficPolicyInstanceId::parse(instance).map_err(StoredFault::Id)?,
                    made: made.map(made_records).transpose()?,
                }),
            },
            health_check: health_check.map(HealthCheckId::parse).transpose().map_err(StoredFault::Id)?,
        })
    }
}

fn made_records((ttl, document): (u32, &str)) -> Result<MadeRecords, StoredFault> {
    Ok(MadeRecords {
        ttl: Ttl::new(ttl.into()).map_err(|fault| StoredFault::Number(fault.0))?,
        document: Arc::new(Document::parse(document).map_err(StoredFault::TrafficPolicy)?),
    })
}

impl HostedZoneV1<'_> {
    /// Zones of this version were all public.
    pub(super) fn decode(bytes: &[u8]) -> Result<HostedZone, StoredFault> {
        let HostedZoneV1 { id, name, caller_reference, comment, name_servers, record_set_count, created } =
            decode(bytes)?;
        Ok(HostedZone {
            id: HostedZoneId::parse(id).map_err(StoredFault::Id)?,
            name: self::name(name)?,
            caller_reference: caller_reference.to_owned(),
            comment: comment.map(str::to_owned),
            name_servers: name_servers.into_iter().map(self::name).collect::<Result<_, _>>()?,
            record_set_count,
            created,
            visibility: Visibility::PUBLIC,
        })
    }
}

impl Stored for HealthCheck {
    fn encode(&self) -> Vec<u8> {
        let Self { id, caller_reference, config, version } = self;
        let RawHealthCheckConfig {
            kind,
            ip_address,
            port,
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
        } = config.raw();
        encode(&HealthCheckV1 {
            id: id.as_str(),
            caller_reference,
            version: *version,
            config: HealthCheckConfigV1 {
                kind: &kind,
                ip_address: ip_address.as_deref(),
                port,
                resource_path: resource_path.as_deref(),
                fully_qualified_domain_name: fully_qualified_domain_name.as_deref(),
                search_string: search_string.as_deref(),
                request_interval,
                failure_threshold,
                measure_latency,
                inverted,
                disabled,
                health_threshold,
                child_health_checks: texts(child_health_checks.as_ref()),
                enable_sni,
                regions: texts(regions.as_ref()),
                alarm_identifier,
                insufficient_data_health_status: insufficient_data_health_status.as_deref(),
                routing_control_arn: routing_control_arn.as_deref(),
            },
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let HealthCheckV1 { id, caller_reference, version, config } = decode(bytes)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let list = |texts: Option<Vec<&str>>| texts.map(|texts| texts.into_iter().map(str::to_owned).collect());
        let HealthCheckConfigV1 {
            kind,
            ip_address,
            port,
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
        } = config;
        let raw = RawHealthCheckConfig {
            kind: kind.to_owned(),
            ip_address: owned(ip_address),
            port,
            resource_path: owned(resource_path),
            fully_qualified_domain_name: owned(fully_qualified_domain_name),
            search_string: owned(search_string),
            request_interval,
            failure_threshold,
            measure_latency,
            inverted,
            disabled,
            health_threshold,
            child_health_checks: list(child_health_checks),
            enable_sni,
            regions: list(regions),
            alarm_identifier,
            insufficient_data_health_status: owned(insufficient_data_health_status),
            routing_control_arn: owned(routing_control_arn),
        };
        let config = HealthCheckConfig::parse(&raw)
            .map_err(|faults| StoredFault::HealthCheck(faults.first().map(ToString::to_string).unwrap_or_default()))?;
        Ok(Self {
            id: HealthCheckId::parse(id).map_err(StoredFault::Id)?,
            caller_reference: caller_reference.to_owned(),
            config,
            version,
        })
    }
}

impl Stored for SubmittedChange {
    fn encode(&self) -> Vec<u8> {
        let Self { id, revision, submitted_at_ms, comment } = self;
        encode(&ChangeV1 {
            id: id.as_str(),
            revision: *revision,
            submitted_at_ms: *submitted_at_ms,
            comment: comment.as_deref(),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let ChangeV1 { id, revision, submitted_at_ms, comment } = decode(bytes)?;
        let id = ChangeId::parse(id).map_err(StoredFault::Id)?;
        Ok(Self { id, revision, submitted_at_ms, comment: comment.map(str::to_owned) })
    }
}

/// Keys and values, in the order of the keys.
impl Stored for Tags {
    fn encode(&self) -> Vec<u8> {
        encode(&self.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>())
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let tags: Vec<(&str, &str)> = decode(bytes)?;
        Ok(tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }
}

/// A count.
impl Stored for u64 {
    fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        decode(bytes)
    }
}

pub(super) fn name(wire: &[u8]) -> Result<Name, StoredFault> {
    Name::from_wire(wire).map_err(StoredFault::Name)
}

fn texts(list: Option<&Vec<String>>) -> Option<Vec<&str>> {
    list.map(|list| list.iter().map(String::as_str).collect())
}

#[cfg(test)]
mod tests;
