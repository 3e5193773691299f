//! The comments in which a master file keeps what RFC 1035 cannot say: attributes as `key=value`.
//!
//! `set` names the set identifier; `weight`, `failover`, `multivalue`, `region`, `location`, `near` (with `bias`) or
//! `cidr` the routing policy; `health-check` its id;
//! `value` the value as it was once written, if it differs from how Cutover writes it. An alias also has `zone`,
//! `target` and `evaluate-target-health`. A sticky name has `ipv4-prefix` and `ipv6-prefix` and nothing else.

use super::Problem;
use crate::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, LocalZoneGroup, Region, SetIdentifier};
use crate::place::{Degrees, Geoproximity, Location, Origin};
use crate::rdata::Dialect;
use crate::rdata::token::{Token, push_quoted, unescape};
use crate::stickiness::StickinessFault;
use crate::{AliasTarget, FailoverRole, Name, RecordSet, Routing, Stickiness, Weight};

/// The attributes of one comment.
#[derive(Debug, Default)]
pub(super) struct Remark {
    set: Option<SetIdentifier>,
    policies: Vec<Policy>,
    bias: Option<i8>,
    zone: Option<HostedZoneId>,
    target: Option<Name>,
    evaluate_target_health: Option<bool>,
    /// See the head of this file.
    pub(super) health_check: Option<HealthCheckId>,
    /// See the head of this file.
    pub(super) value: Option<String>,
    ipv4_prefix: Option<i64>,
    ipv6_prefix: Option<i64>,
}

/// What a policy attribute tells; a record set has one at most.
#[derive(Debug)]
enum Policy {
    Weighted(Weight),
    Failover(FailoverRole),
    Multivalue,
    Latency(Region),
    Geolocation(Location),
    Geoproximity(Origin),
    IpBased(CidrCollectionId, CidrLocation),
}

/// The origin does not matter: nothing in a remark is relative.
const DIALECT: Dialect<'_> = Dialect::MasterFile { origin: b"\0" };

impl Remark {
    /// Reads the attributes of a comment.
    pub(super) fn parse<'t>(tokens: impl Iterator<Item = Token<'t>>) -> Result<Self, Problem> {
        let mut remark = Self::default();
        for token in tokens {
            let at = token.raw.iter().position(|byte| *byte == b'=').filter(|_| !token.quoted);
            let at = at.ok_or(Problem::Remark("attributes are written key=value"))?;
            let value = &token.raw[at + 1..];
            let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
            let value = unescape(value, DIALECT).and_then(|value| String::from_utf8(value.into_owned()).ok());
            let value = value.ok_or(Problem::Remark("a value is not UTF-8"))?;
            remark.set(&token.raw[..at], value)?;
        }
        Ok(remark)
    }

    fn set(&mut self, key: &[u8], value: String) -> Result<(), Problem> {
        let truth = |value: &str| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::Remark("an attribute must be true or false")),
        };
        match key {
            b"set" => {
                let set = SetIdentifier::parse(&value).map_err(|_| Problem::Remark("set is no set identifier"))?;
                self.set = Some(set);
            }
            b"weight" => {
                let weight = value.parse().map_err(|_| Problem::Remark("weight must be 0 to 255"))?;
                self.policies.push(Policy::Weighted(weight));
            }
            b"failover" => {
                self.policies.push(Policy::Failover(match value.as_str() {
                    "primary" => FailoverRole::Primary,
                    "secondary" => FailoverRole::Secondary,
                    _ => return Err(Problem::Remark("failover must be primary or secondary")),
                }));
            }
            b"multivalue" => self.policies.extend(truth(&value)?.then_some(Policy::Multivalue)),
            b"region" => {
                let region = Region::parse(&value).map_err(|_| Problem::Remark("region is no region"))?;
                self.policies.push(Policy::Latency(region));
            }
            b"location" => {
                let location =
                    location(&value).ok_or(Problem::Remark("location is *, EU, country:DE or country:US-CA"))?;
                self.policies.push(Policy::Geolocation(location));
            }
            b"near" => {
                let origin = origin(&value);
                let origin = origin.ok_or(Problem::Remark("near is region:NAME, group:NAME or LATITUDE/LONGITUDE"))?;
                self.policies.push(Policy::Geoproximity(origin));
            }
            b"bias" => {
                let bias = value.parse().ok().filter(|bias| (-99..=99).contains(bias));
                self.bias = Some(bias.ok_or(Problem::Remark("bias must be -99 to 99"))?);
            }
            b"cidr" => {
                let parts = value.split_once('/');
                let parsed =
                    parts.and_then(|(id, at)| Some((CidrCollectionId::parse(id).ok()?, CidrLocation::parse(at).ok()?)));
                let (id, at) = parsed.ok_or(Problem::Remark("cidr is COLLECTION/LOCATION"))?;
                self.policies.push(Policy::IpBased(id, at));
            }
            b"health-check" => {
                let id = HealthCheckId::parse(&value).map_err(|_| Problem::Remark("health-check is no id"))?;
                self.health_check = Some(id);
            }
            b"value" => self.value = Some(value),
            b"zone" => {
                let id = HostedZoneId::parse(&value).map_err(|_| Problem::Remark("zone is no hosted zone id"))?;
                self.zone = Some(id);
            }
            b"target" => {
                let name = Name::parse(&value).map_err(|_| Problem::Remark("target is no domain name"))?;
                self.target = Some(name);
            }
            b"ipv4-prefix" | b"ipv6-prefix" => {
                let length = value.parse().map_err(|_| Problem::Remark("a prefix length must be a number"))?;
                *(if key == b"ipv4-prefix" { &mut self.ipv4_prefix } else { &mut self.ipv6_prefix }) = Some(length);
            }
            b"evaluate-target-health" => self.evaluate_target_health = Some(truth(&value)?),
            _ => return Err(Problem::Remark("attribute is not known")),
        }
        Ok(())
    }

    /// What a sticky name is told apart by.
    pub(super) fn stickiness(&self) -> Result<Stickiness, Problem> {
        let (Some(ipv4), Some(ipv6)) = (self.ipv4_prefix, self.ipv6_prefix) else {
            return Err(Problem::Remark("a sticky name needs ipv4-prefix and ipv6-prefix"));
        };
        Stickiness::new(ipv4, ipv6).map_err(|fault| match fault {
            StickinessFault::Ipv4(_) => Problem::Remark("ipv4-prefix must be 8 to 32"),
            StickinessFault::Ipv6(_) => Problem::Remark("ipv6-prefix must be 16 to 128"),
        })
    }

    /// The routing policy the attributes tell.
    pub(super) fn routing(&self) -> Result<Routing, Problem> {
        if self.ipv4_prefix.is_some() || self.ipv6_prefix.is_some() {
            return Err(Problem::Remark("prefix lengths are a name's; write a cutover-sticky line"));
        }
        let [policy] = self.policies.as_slice() else {
            return match (self.policies.len(), &self.set) {
                (0, None) => Ok(Routing::Simple),
                (0, Some(_)) => Err(Problem::Remark("set needs a routing policy")),
                _ => Err(Problem::Remark("routing policies exclude each other")),
            };
        };
        let set_identifier = self.set.clone().ok_or(Problem::Remark("a routing policy needs set"))?;
        Ok(match policy {
            Policy::Weighted(weight) => Routing::Weighted { set_identifier, weight: *weight },
            Policy::Failover(role) => Routing::Failover { set_identifier, role: *role },
            Policy::Multivalue => Routing::Multivalue { set_identifier },
            Policy::Latency(region) => Routing::Latency { set_identifier, region: region.clone() },
            Policy::Geolocation(location) => Routing::Geolocation { set_identifier, location: *location },
            Policy::Geoproximity(origin) => {
                let geoproximity = Geoproximity { origin: origin.clone(), bias: self.bias };
                Routing::Geoproximity { set_identifier, geoproximity }
            }
            Policy::IpBased(collection, location) => {
                Routing::IpBased { set_identifier, collection: collection.clone(), location: location.clone() }
            }
        })
    }

    /// The target of an alias.
    pub(super) fn alias_target(self) -> Result<AliasTarget, Problem> {
        match (self.zone, self.target, self.evaluate_target_health) {
            (Some(hosted_zone_id), Some(dns_name), Some(evaluate_target_health)) => {
                Ok(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health })
            }
            _ => Err(Problem::Remark("an alias needs zone, target and evaluate-target-health")),
        }
    }
}

/// Appends the attributes of a sticky name, each with a blank before it.
pub(super) fn push_stickiness(set: Stickiness, text: &mut String) {
    let (ipv4, ipv6) = (set.ipv4_prefix(), set.ipv6_prefix());
    text.push_str(&format!(" ipv4-prefix={ipv4} ipv6-prefix={ipv6}"));
}

/// Appends the attributes of a target, each with a blank before it.
pub(super) fn push_target(target: &AliasTarget, text: &mut String) {
    text.push_str(" zone=");
    text.push_str(target.hosted_zone_id.as_str());
    text.push_str(" target=");
    push_quoted(target.dns_name.to_string().as_bytes(), DIALECT, text);
    text.push_str(" evaluate-target-health=");
    text.push_str(if target.evaluate_target_health { "true" } else { "false" });
}

/// Appends the attributes of a record set, each with a blank before it.
pub(super) fn push_attributes(set: &RecordSet, value: Option<&str>, text: &mut String) {
    if let Some(identifier) = set.set_identifier() {
        text.push_str(" set=");
        push_quoted(identifier.as_str().as_bytes(), DIALECT, text);
    }
    match &set.routing {
        Routing::Simple => {}
        Routing::Weighted { weight, .. } => text.extend([" weight=", &weight.to_string()]),
        Routing::Failover { role: FailoverRole::Primary, .. } => text.push_str(" failover=primary"),
        Routing::Failover { role: FailoverRole::Secondary, .. } => text.push_str(" failover=secondary"),
        Routing::Multivalue { .. } => text.push_str(" multivalue=true"),
        Routing::Latency { region, .. } => text.extend([" region=", region.as_str()]),
        Routing::Geolocation { location, .. } => text.extend([" location=", &location_text(location)]),
        Routing::Geoproximity { geoproximity: Geoproximity { origin, bias }, .. } => {
            text.extend([" near=", &origin_text(origin)]);
            if let Some(bias) = bias {
                text.extend([" bias=", &bias.to_string()]);
            }
        }
        Routing::IpBased { collection, location, .. } => {
            text.extend([" cidr=", collection.as_str(), "/", location.as_str()]);
        }
    }
    if let Some(id) = &set.health_check {
        text.extend([" health-check=", id.as_str()]);
    }
    if let Some(value) = value {
        text.push_str(" value=");
        push_quoted(value.as_bytes(), DIALECT, text);
    }
}

fn location(text: &str) -> Option<Location> {
    let Some(country) = text.strip_prefix("country:") else {
        return if text == "*" { Some(Location::Default) } else { text.parse().ok().map(Location::Continent) };
    };
    match country.split_once('-') {
        None => country.parse().ok().map(Location::Country),
        Some((country, part)) => Some(Location::Subdivision(country.parse().ok()?, part.parse().ok()?)),
    }
}

fn location_text(location: &Location) -> String {
    match location {
        Location::Default => "*".to_owned(),
        Location::Continent(continent) => continent.to_string(),
        Location::Country(country) => format!("country:{country}"),
        Location::Subdivision(country, part) => format!("country:{country}-{part}"),
    }
}

fn origin(text: &str) -> Option<Origin> {
    if let Some(region) = text.strip_prefix("region:") {
        return Region::parse(region).ok().map(Origin::Region);
    }
    if let Some(group) = text.strip_prefix("group:") {
        return LocalZoneGroup::parse(group).ok().map(Origin::LocalZoneGroup);
    }
    let (latitude, longitude) = text.split_once('/')?;
    let (latitude, longitude) = (Degrees::latitude(latitude).ok()?, Degrees::longitude(longitude).ok()?);
    Some(Origin::Coordinates { latitude, longitude })
}

fn origin_text(origin: &Origin) -> String {
    match origin {
        Origin::Region(region) => format!("region:{region}"),
        Origin::LocalZoneGroup(group) => format!("group:{group}"),
        Origin::Coordinates { latitude, longitude } => format!("{}/{}", latitude.as_str(), longitude.as_str()),
    }
}
