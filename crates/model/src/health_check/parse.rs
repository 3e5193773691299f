//! From the fields a caller wrote to a config that can exist, and back.
//!
//! Before: the API's XML, already taken apart. After: [`HealthCheckConfig`], or every fault found, not only the first.
//! `raw` writes the defaults in, which is how Route 53 echoes a config; reading that echo gives the same config again.

use std::collections::HashSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    Calculated, DomainName, Endpoint, FailureThreshold, HealthCheckConfig, HealthCheckFault, HealthCheckType,
    HttpRequest, Protocol, Region, RequestInterval, ResourcePath, SearchString, Subject, Target,
};
use crate::id::HealthCheckId;

/// Longest FQDN, path and search string, in characters (botocore `FullyQualifiedDomainName`, `ResourcePath`, `SearchString`).
const TEXT_MAX: usize = 255;
/// Most children of a calculated check. The quota says 255, the shape 256; the smaller one wins.
const CHILDREN_MAX: usize = 255;
/// Fewest regions that may be named.
const REGIONS_MIN: usize = 3;

/// The fields of Route 53's `HealthCheckConfig`, unjudged. Wide on purpose: it is that shape, one field for each.
///
/// An empty text counts as a field left away, because clients send both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "each field is the one of the same name in Route 53's HealthCheckConfig")]
pub struct RawHealthCheckConfig {
    /// `Type`.
    pub kind: String,
    pub ip_address: Option<String>,
    pub port: Option<i64>,
    pub resource_path: Option<String>,
    pub fully_qualified_domain_name: Option<String>,
    pub search_string: Option<String>,
    pub request_interval: Option<i64>,
    pub failure_threshold: Option<i64>,
    pub measure_latency: Option<bool>,
    pub inverted: Option<bool>,
    pub disabled: Option<bool>,
    pub health_threshold: Option<i64>,
    pub child_health_checks: Option<Vec<String>>,
    pub enable_sni: Option<bool>,
    pub regions: Option<Vec<String>>,
    /// Whether `AlarmIdentifier` was there at all.
    pub alarm_identifier: bool,
    pub insufficient_data_health_status: Option<String>,
    pub routing_control_arn: Option<String>,
}

impl HealthCheckConfig {
    /// Reads the fields of a create request, with Route 53's defaults for those left away.
    ///
    /// # Errors
    /// Every fault found. An unknown or unsupported type is reported alone: without it no other field can be judged.
    pub fn parse(raw: &RawHealthCheckConfig) -> Result<Self, Vec<HealthCheckFault>> {
        let Some(kind) = HealthCheckType::parse(&raw.kind) else {
            return Err(vec![HealthCheckFault::UnknownType { text: raw.kind.clone() }]);
        };
        let mut faults = Vec::new();
        let subject = match kind {
            HealthCheckType::Http
            | HealthCheckType::Https
            | HealthCheckType::HttpStrMatch
            | HealthCheckType::HttpsStrMatch
            | HealthCheckType::Tcp => endpoint(kind, raw, &mut faults).map(Subject::Endpoint),
            HealthCheckType::Calculated => calculated(kind, raw, &mut faults).map(Subject::Calculated),
            HealthCheckType::CloudwatchMetric | HealthCheckType::RecoveryControl => {
                return Err(vec![HealthCheckFault::NotSupportedYet { kind }]);
            }
        };
        forbid(
            kind,
            &mut faults,
            &[
                ("AlarmIdentifier", raw.alarm_identifier),
                ("InsufficientDataHealthStatus", is_given(raw.insufficient_data_health_status.as_ref())),
                ("RoutingControlArn", is_given(raw.routing_control_arn.as_ref())),
            ],
        );
        match subject {
            Some(subject) if faults.is_empty() => {
                Ok(Self { subject, inverted: raw.inverted.unwrap_or(false), disabled: raw.disabled.unwrap_or(false) })
            }
            _ => Err(faults),
        }
    }

    /// The fields as Route 53 echoes them: the defaults written in, what was left away and has none left away.
    #[must_use]
    pub fn raw(&self) -> RawHealthCheckConfig {
        let mut raw = RawHealthCheckConfig {
            kind: self.kind().as_str().to_owned(),
            inverted: Some(self.inverted),
            disabled: Some(self.disabled),
            ..RawHealthCheckConfig::default()
        };
        match &self.subject {
            Subject::Endpoint(endpoint) => write_endpoint(endpoint, &mut raw),
            Subject::Calculated(Calculated { children, threshold }) => {
                raw.child_health_checks = Some(children.iter().map(ToString::to_string).collect());
                raw.health_threshold = Some(i64::from(*threshold));
            }
        }
        raw
    }
}

fn endpoint(kind: HealthCheckType, raw: &RawHealthCheckConfig, faults: &mut Vec<HealthCheckFault>) -> Option<Endpoint> {
    forbid(
        kind,
        faults,
        &[
            ("ChildHealthChecks", raw.child_health_checks.as_ref().is_some_and(|children| !children.is_empty())),
            ("HealthThreshold", raw.health_threshold.is_some()),
        ],
    );
    let target = target(kind, raw, faults);
    let protocol = protocol(kind, raw, faults);
    let port = raw.port.or(match kind {
        HealthCheckType::Http | HealthCheckType::HttpStrMatch => Some(80),
        HealthCheckType::Https | HealthCheckType::HttpsStrMatch => Some(443),
        _ => None,
    });
    if port.is_none() {
        faults.push(HealthCheckFault::Missing { kind, field: "Port" });
    }
    let port = port.and_then(|port| within("Port", 1, 65535, port, faults));
    let seconds = raw.request_interval.unwrap_or(30);
    // Differs: 1–9 s probe faster than Route 53 does.
    let interval = match u8::try_from(seconds) {
        Ok(seconds @ (1..=10 | 30)) => Some(RequestInterval(seconds)),
        _ => {
            faults.push(HealthCheckFault::RequestInterval { value: seconds });
            None
        }
    };
    let threshold = within("FailureThreshold", 1, 10, raw.failure_threshold.unwrap_or(3), faults);
    let regions = regions(raw.regions.as_deref().unwrap_or_default(), faults);
    Some(Endpoint {
        target: target?,
        port: port?,
        protocol: protocol?,
        request_interval: interval?,
        failure_threshold: FailureThreshold(threshold?),
        measure_latency: raw.measure_latency.unwrap_or(false),
        regions,
    })
}

fn target(kind: HealthCheckType, raw: &RawHealthCheckConfig, faults: &mut Vec<HealthCheckFault>) -> Option<Target> {
    let address = text(raw.ip_address.as_ref()).map(|text| (text, host_address(text)));
    let name = text(raw.fully_qualified_domain_name.as_ref()).map(|text| (text, domain_name(text, faults)));
    match (address, name) {
        (Some((text, None)), _) => {
            faults.push(HealthCheckFault::Address { text: text.to_owned() });
            None
        }
        (Some((_, Some(address))), None) => Some(Target::Address { address, name: None }),
        (Some((_, Some(address))), Some((_, name))) => Some(Target::Address { address, name: Some(name?) }),
        (None, Some((_, name))) => Some(Target::Name(name?)),
        (None, None) => {
            faults.push(HealthCheckFault::Missing { kind, field: "IPAddress or FullyQualifiedDomainName" });
            None
        }
    }
}

/// Differs: private, loopback and other special ranges are allowed; only what no single host can have is not.
fn host_address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    let one_host = match address {
        IpAddr::V4(v4) => !v4.is_unspecified() && !v4.is_multicast() && !v4.is_broadcast(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !v6.is_multicast(),
    };
    one_host.then_some(address)
}

fn domain_name(text: &str, faults: &mut Vec<HealthCheckFault>) -> Option<DomainName> {
    if !is_short("FullyQualifiedDomainName", text, faults) {
        return None;
    }
    let labels = text.strip_suffix('.').unwrap_or(text).split('.');
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    if labels.into_iter().all(|label| (1..=63).contains(&label.len()) && label.bytes().all(allowed)) {
        return Some(DomainName(text.into()));
    }
    faults.push(HealthCheckFault::DomainName { text: text.to_owned() });
    None
}

fn protocol(kind: HealthCheckType, raw: &RawHealthCheckConfig, faults: &mut Vec<HealthCheckFault>) -> Option<Protocol> {
    if kind == HealthCheckType::Tcp {
        forbid(
            kind,
            faults,
            &[
                ("ResourcePath", is_given(raw.resource_path.as_ref())),
                ("SearchString", is_given(raw.search_string.as_ref())),
                ("EnableSNI", raw.enable_sni == Some(true)),
            ],
        );
        return Some(Protocol::Tcp);
    }
    let secure = matches!(kind, HealthCheckType::Https | HealthCheckType::HttpsStrMatch);
    let matching = matches!(kind, HealthCheckType::HttpStrMatch | HealthCheckType::HttpsStrMatch);
    let search = text(raw.search_string.as_ref());
    match search {
        None if matching => faults.push(HealthCheckFault::Missing { kind, field: "SearchString" }),
        Some(_) if !matching => faults.push(HealthCheckFault::Forbidden { kind, field: "SearchString" }),
        Some(text) => _ = is_short("SearchString", text, faults),
        None => {}
    }
    let request = HttpRequest {
        path: text(raw.resource_path.as_ref()).and_then(|text| resource_path(text, faults)),
        search: search.map(|text| SearchString(text.into())),
        sni: raw.enable_sni.unwrap_or(secure),
    };
    Some(if secure { Protocol::Https(request) } else { Protocol::Http(request) })
}

fn resource_path(text: &str, faults: &mut Vec<HealthCheckFault>) -> Option<ResourcePath> {
    if !is_short("ResourcePath", text, faults) {
        return None;
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        faults.push(HealthCheckFault::ResourcePath { text: text.to_owned() });
        return None;
    }
    let slash = if text.starts_with('/') { "" } else { "/" };
    Some(ResourcePath(format!("{slash}{text}").into()))
}

fn regions(texts: &[String], faults: &mut Vec<HealthCheckFault>) -> Vec<Region> {
    let mut regions = Vec::with_capacity(texts.len());
    for text in texts {
        match Region::parse(text) {
            None => faults.push(HealthCheckFault::UnknownRegion { text: text.clone() }),
            Some(region) if regions.contains(&region) => faults.push(HealthCheckFault::RegionTwice { region }),
            Some(region) => regions.push(region),
        }
    }
    if !texts.is_empty() && texts.len() < REGIONS_MIN {
        faults.push(HealthCheckFault::TooFewRegions { count: texts.len() });
    }
    regions
}

fn calculated(
    kind: HealthCheckType,
    raw: &RawHealthCheckConfig,
    faults: &mut Vec<HealthCheckFault>,
) -> Option<Calculated> {
    forbid(
        kind,
        faults,
        &[
            ("IPAddress", is_given(raw.ip_address.as_ref())),
            ("Port", raw.port.is_some()),
            ("ResourcePath", is_given(raw.resource_path.as_ref())),
            ("FullyQualifiedDomainName", is_given(raw.fully_qualified_domain_name.as_ref())),
            ("SearchString", is_given(raw.search_string.as_ref())),
            ("RequestInterval", raw.request_interval.is_some()),
            ("FailureThreshold", raw.failure_threshold.is_some()),
            ("MeasureLatency", raw.measure_latency == Some(true)),
            ("EnableSNI", raw.enable_sni == Some(true)),
            ("Regions", raw.regions.as_ref().is_some_and(|regions| !regions.is_empty())),
        ],
    );
    let texts = raw.child_health_checks.as_deref().unwrap_or_default();
    if texts.len() > CHILDREN_MAX {
        faults.push(HealthCheckFault::TooManyChildren { max: CHILDREN_MAX, count: texts.len() });
        return None;
    }
    let mut seen = HashSet::with_capacity(texts.len());
    let mut children = Vec::with_capacity(texts.len());
    for text in texts {
        match HealthCheckId::parse(text) {
            Err(error) => faults.push(HealthCheckFault::Child(error)),
            Ok(id) if !seen.insert(id.clone()) => faults.push(HealthCheckFault::ChildTwice { id }),
            Ok(id) => children.push(id),
        }
    }
    let Some(threshold) = raw.health_threshold else {
        faults.push(HealthCheckFault::Missing { kind, field: "HealthThreshold" });
        return None;
    };
    Some(Calculated { children, threshold: within("HealthThreshold", 0, 256, threshold, faults)? })
}

fn write_endpoint(endpoint: &Endpoint, raw: &mut RawHealthCheckConfig) {
    let Endpoint { target, port, protocol, request_interval, failure_threshold, measure_latency, regions } = endpoint;
    if let Target::Address { address, .. } = target {
        raw.ip_address = Some(address.to_string());
    }
    raw.fully_qualified_domain_name = target.name().map(ToString::to_string);
    raw.port = Some(i64::from(*port));
    raw.request_interval = Some(i64::from(request_interval.0));
    raw.failure_threshold = Some(i64::from(failure_threshold.0));
    raw.measure_latency = Some(*measure_latency);
    raw.enable_sni = Some(false);
    if !regions.is_empty() {
        raw.regions = Some(regions.iter().map(ToString::to_string).collect());
    }
    if let Protocol::Http(HttpRequest { path, search, sni }) | Protocol::Https(HttpRequest { path, search, sni }) =
        protocol
    {
        raw.resource_path = path.as_ref().map(ToString::to_string);
        raw.search_string = search.as_ref().map(ToString::to_string);
        raw.enable_sni = Some(*sni);
    }
}

fn text(field: Option<&String>) -> Option<&str> {
    field.map(String::as_str).filter(|text| !text.is_empty())
}

fn is_given(field: Option<&String>) -> bool {
    text(field).is_some()
}

fn forbid(kind: HealthCheckType, faults: &mut Vec<HealthCheckFault>, fields: &[(&'static str, bool)]) {
    let given = fields.iter().filter(|(_, given)| *given);
    faults.extend(given.map(|&(field, _)| HealthCheckFault::Forbidden { kind, field }));
}

fn is_short(field: &'static str, text: &str, faults: &mut Vec<HealthCheckFault>) -> bool {
    let length = text.chars().count();
    if length > TEXT_MAX {
        faults.push(HealthCheckFault::TooLong { field, max: TEXT_MAX, length });
    }
    length <= TEXT_MAX
}

fn within<T: TryFrom<i64>>(
    field: &'static str,
    min: i64,
    max: i64,
    value: i64,
    faults: &mut Vec<HealthCheckFault>,
) -> Option<T> {
    let fits = if (min..=max).contains(&value) { T::try_from(value).ok() } else { None };
    if fits.is_none() {
        faults.push(HealthCheckFault::OutOfRange { field, min, max, value });
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(kind: &str) -> RawHealthCheckConfig {
        RawHealthCheckConfig {
            kind: kind.to_owned(),
            ip_address: Some("127.0.0.1".to_owned()),
            ..RawHealthCheckConfig::default()
        }
    }

    #[test]
    fn defaults_are_written_into_the_echo_and_the_echo_reads_as_the_same_config() {
        let https = HealthCheckConfig::parse(&raw("HTTPS")).unwrap();
        let echo = https.raw();
        assert_eq!(
            (echo.port, echo.request_interval, echo.failure_threshold, echo.enable_sni),
            (Some(443), Some(30), Some(3), Some(true))
        );
        assert_eq!(echo.resource_path, None);
        assert_eq!(HealthCheckConfig::parse(&echo).unwrap(), https);

        let tcp = HealthCheckConfig::parse(&RawHealthCheckConfig { port: Some(25), ..raw("TCP") }).unwrap();
        assert_eq!(HealthCheckConfig::parse(&tcp.raw()).unwrap(), tcp);
        let calculated = HealthCheckConfig::parse(&RawHealthCheckConfig {
            kind: "CALCULATED".to_owned(),
            child_health_checks: Some(vec!["a".to_owned(), "b".to_owned()]),
            health_threshold: Some(0),
            ..RawHealthCheckConfig::default()
        })
        .unwrap();
        assert_eq!(HealthCheckConfig::parse(&calculated.raw()).unwrap(), calculated);
        assert_eq!(calculated.children().len(), 2);
    }

    #[test]
    fn intervals_are_route_53s_or_faster() {
        for (seconds, fits) in [(0, false), (1, true), (9, true), (10, true), (11, false), (20, false), (30, true)] {
            let config =
                HealthCheckConfig::parse(&RawHealthCheckConfig { request_interval: Some(seconds), ..raw("HTTP") });
            assert_eq!(config.is_ok(), fits, "{seconds}");
        }
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = HealthCheckConfig::parse(&RawHealthCheckConfig {
            ip_address: Some("224.0.0.1".to_owned()),
            failure_threshold: Some(11),
            search_string: Some("OK".to_owned()),
            regions: Some(vec!["us-east-1".to_owned(), "mars-1".to_owned()]),
            ..raw("HTTP")
        });
        assert_eq!(
            faults,
            Err(vec![
                HealthCheckFault::Address { text: "224.0.0.1".to_owned() },
                HealthCheckFault::Forbidden { kind: HealthCheckType::Http, field: "SearchString" },
                HealthCheckFault::OutOfRange { field: "FailureThreshold", min: 1, max: 10, value: 11 },
                HealthCheckFault::UnknownRegion { text: "mars-1".to_owned() },
                HealthCheckFault::TooFewRegions { count: 2 },
            ])
        );
    }

    #[test]
    fn a_type_needs_its_fields() {
        let missing = |kind: &str| match HealthCheckConfig::parse(&raw(kind)).unwrap_err().as_slice() {
            [HealthCheckFault::Missing { field, .. }] => *field,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing("TCP"), "Port");
        assert_eq!(missing("HTTPS_STR_MATCH"), "SearchString");
        let nowhere = RawHealthCheckConfig { ip_address: Some(String::new()), ..raw("HTTP") };
        assert!(matches!(
            HealthCheckConfig::parse(&nowhere).unwrap_err().as_slice(),
            [HealthCheckFault::Missing { .. }]
        ));
        assert!(matches!(
            HealthCheckConfig::parse(&raw("CLOUDWATCH_METRIC")).unwrap_err().as_slice(),
            [HealthCheckFault::NotSupportedYet { kind: HealthCheckType::CloudwatchMetric }]
        ));
    }

    #[test]
    fn a_path_begins_with_a_slash_and_a_name_is_a_name() {
        let config = RawHealthCheckConfig {
            resource_path: Some("live?deep=1".to_owned()),
            fully_qualified_domain_name: Some("w_1.test.".to_owned()),
            ..raw("HTTP")
        };
        assert_eq!(HealthCheckConfig::parse(&config).unwrap().raw().resource_path.as_deref(), Some("/live?deep=1"));
        for bad in ["w..test", "w test", "http://w.test"] {
            let config = RawHealthCheckConfig { fully_qualified_domain_name: Some(bad.to_owned()), ..raw("HTTP") };
            assert!(matches!(
                HealthCheckConfig::parse(&config).unwrap_err().as_slice(),
                [HealthCheckFault::DomainName { .. }]
            ));
        }
    }
}
