//! The comments in which a master file keeps what RFC 1035 cannot say: attributes as `key=value`.
//!
//! `set` names the set identifier; `weight`, `failover` or `multivalue` the routing policy; `health-check` its id;
//! `value` the value as it was once written, if it differs from how Cutover writes it. An alias also has `zone`,
//! `target` and `evaluate-target-health`.

use super::Problem;
use crate::id::{HealthCheckId, HostedZoneId, SetIdentifier};
use crate::rdata::Dialect;
use crate::rdata::token::{Token, push_quoted, unescape};
use crate::{AliasTarget, FailoverRole, Name, RecordSet, Routing, Weight};

/// The attributes of one comment.
#[derive(Debug, Default)]
pub(super) struct Remark {
    set: Option<SetIdentifier>,
    weight: Option<Weight>,
    failover: Option<FailoverRole>,
    multivalue: bool,
    zone: Option<HostedZoneId>,
    target: Option<Name>,
    evaluate_target_health: Option<bool>,
    /// See the head of this file.
    pub(super) health_check: Option<HealthCheckId>,
    /// See the head of this file.
    pub(super) value: Option<String>,
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
                self.weight = Some(weight);
            }
            b"failover" => {
                self.failover = Some(match value.as_str() {
                    "primary" => FailoverRole::Primary,
                    "secondary" => FailoverRole::Secondary,
                    _ => return Err(Problem::Remark("failover must be primary or secondary")),
                });
            }
            b"multivalue" => self.multivalue = truth(&value)?,
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
            b"evaluate-target-health" => self.evaluate_target_health = Some(truth(&value)?),
            _ => return Err(Problem::Remark("attribute is not known")),
        }
        Ok(())
    }

    /// The routing policy the attributes tell.
    pub(super) fn routing(&self) -> Result<Routing, Problem> {
        let set = || self.set.clone().ok_or(Problem::Remark("a routing policy needs set"));
        match (self.weight, self.failover, self.multivalue) {
            (None, None, false) if self.set.is_some() => {
                Err(Problem::Remark("set needs weight, failover or multivalue"))
            }
            (None, None, false) => Ok(Routing::Simple),
            (Some(weight), None, false) => Ok(Routing::Weighted { set_identifier: set()?, weight }),
            (None, Some(role), false) => Ok(Routing::Failover { set_identifier: set()?, role }),
            (None, None, true) => Ok(Routing::Multivalue { set_identifier: set()? }),
            _ => Err(Problem::Remark("weight, failover and multivalue exclude each other")),
        }
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
    }
    if let Some(id) = &set.health_check {
        text.extend([" health-check=", id.as_str()]);
    }
    if let Some(value) = value {
        text.push_str(" value=");
        push_quoted(value.as_bytes(), DIALECT, text);
    }
}
