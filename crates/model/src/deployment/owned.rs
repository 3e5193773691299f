//! What a release owns of record sets beside their weights: their TTL while it is staged, whether they exist at all while
//! a plain record is adopted, and whether their name is sticky.
//!
//! A write names these fields as it names weights: as they must be for it to be right, and as they shall be; absolute, all
//! or nothing. What is not named is somebody else's and stays.

use serde::{Deserialize, Serialize};

use super::{RecordSetKey, as_text};
use crate::id::{HealthCheckId, HostedZoneId, SetIdentifier};
use crate::{AliasTarget, Body, Name, RecordSet, RecordType, Routing, Stickiness, Ttl, Weight};

/// Fields beside weights, before and after a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// As they must be for the write to be right.
    pub precondition: Owned,
    /// As they shall be.
    pub desired: Owned,
}

/// Fields beside weights, at one moment. Empty lists own nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Owned {
    /// TTLs of weighted record sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ttls: Vec<RecordSetTtl>,
    /// All that the service has at names and types that change between one plain record set and weighted ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordForm>,
    /// Stickiness of names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sticky: Vec<NameStickiness>,
}

/// A TTL for one record set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSetTtl {
    /// Which.
    pub record_set: RecordSetKey,
    /// In seconds.
    pub ttl_seconds: u32,
}

/// Whether a name answers the same client alike, and by how much of its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameStickiness {
    /// Its hosted zone.
    pub zone: HostedZoneId,
    /// The name.
    #[serde(with = "as_text")]
    pub name: Name,
    /// Bits of IPv4 and IPv6 addresses; none: every query is drawn anew.
    pub prefixes: Option<(u8, u8)>,
}

/// A whole record set, plain or weighted, as it is written down here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordForm {
    /// Its hosted zone.
    pub zone: HostedZoneId,
    /// Its name.
    #[serde(with = "as_text")]
    pub name: Name,
    /// Its type.
    #[serde(rename = "type", with = "as_text")]
    pub record_type: RecordType,
    /// Its set identifier and weight; none if it is plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighted: Option<(SetIdentifier, Weight)>,
    /// What it answers.
    pub answer: RecordAnswer,
    /// Its health check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheckId>,
}

/// What a record set answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordAnswer {
    /// Records of its own.
    Records {
        /// In seconds.
        ttl_seconds: u32,
        /// Exactly as written.
        values: Vec<String>,
    },
    /// The answer of another name.
    Alias {
        /// The zone of the target.
        zone: HostedZoneId,
        /// The target.
        #[serde(with = "as_text")]
        name: Name,
        /// Whether the target's health decides.
        evaluate_target_health: bool,
    },
}

impl RecordForm {
    /// A record set as a form; none of one that a traffic policy made, or of another policy than plain and weighted.
    #[must_use]
    pub fn of(zone: &HostedZoneId, set: &RecordSet) -> Option<Self> {
        let weighted = match &set.routing {
            Routing::Simple => None,
            Routing::Weighted { set_identifier, weight } => Some((set_identifier.clone(), *weight)),
            Routing::Failover { .. }
            | Routing::Multivalue { .. }
            | Routing::Latency { .. }
            | Routing::Geolocation { .. }
            | Routing::Geoproximity { .. }
            | Routing::IpBased { .. } => return None,
        };
        let answer = match &set.body {
            Body::Records { ttl, values } => {
                RecordAnswer::Records { ttl_seconds: ttl.seconds(), values: values.clone() }
            }
            Body::Alias(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health }) => RecordAnswer::Alias {
                zone: hosted_zone_id.clone(),
                name: dns_name.clone(),
                evaluate_target_health: *evaluate_target_health,
            },
            Body::TrafficPolicy(_) => return None,
        };
        let (name, record_type, health_check) = (set.name.clone(), set.record_type, set.health_check.clone());
        Some(Self { zone: zone.clone(), name, record_type, weighted, answer, health_check })
    }

    /// The record set that the form describes. A TTL above what the DNS knows becomes the largest.
    #[must_use]
    pub fn record_set(&self) -> RecordSet {
        let routing = match &self.weighted {
            None => Routing::Simple,
            Some((set_identifier, weight)) => {
                Routing::Weighted { set_identifier: set_identifier.clone(), weight: *weight }
            }
        };
        let body = match &self.answer {
            RecordAnswer::Records { ttl_seconds, values } => {
                let ttl = u64::from((*ttl_seconds).min(0x7fff_ffff));
                Body::Records { ttl: Ttl::new(ttl).expect("within the DNS's range"), values: values.clone() }
            }
            RecordAnswer::Alias { zone, name, evaluate_target_health } => Body::Alias(AliasTarget {
                hosted_zone_id: zone.clone(),
                dns_name: name.clone(),
                evaluate_target_health: *evaluate_target_health,
            }),
        };
        RecordSet {
            name: self.name.clone(),
            record_type: self.record_type,
            routing,
            body,
            health_check: self.health_check.clone(),
        }
    }

    /// The key, if it is weighted.
    #[must_use]
    pub fn key(&self) -> Option<RecordSetKey> {
        let (set_identifier, _) = self.weighted.clone()?;
        let (zone, name, record_type) = (self.zone.clone(), self.name.clone(), self.record_type);
        Some(RecordSetKey { zone, name, record_type, set_identifier })
    }

    /// Whether both are of one name and type.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        (&self.zone, &self.name, self.record_type) == (&other.zone, &other.name, other.record_type)
    }

    /// Whether the key is one of its name and type.
    #[must_use]
    pub fn is_at(&self, key: &RecordSetKey) -> bool {
        (&self.zone, &self.name, self.record_type) == (&key.zone, &key.name, key.record_type)
    }

    /// Its TTL in seconds; an alias has none.
    #[must_use]
    pub fn ttl_seconds(&self) -> Option<u32> {
        match &self.answer {
            RecordAnswer::Records { ttl_seconds, .. } => Some(*ttl_seconds),
            RecordAnswer::Alias { .. } => None,
        }
    }

    /// The same with another TTL; an alias has none and stays.
    #[must_use]
    pub fn with_ttl(mut self, to_seconds: u32) -> Self {
        if let RecordAnswer::Records { ttl_seconds, .. } = &mut self.answer {
            *ttl_seconds = to_seconds;
        }
        self
    }

    /// The same in the place of a weighted record set.
    #[must_use]
    pub fn as_member(mut self, set_identifier: SetIdentifier, weight: Weight) -> Self {
        self.weighted = Some((set_identifier, weight));
        self
    }

    /// The same as the only record set of its name and type.
    #[must_use]
    pub fn as_plain(mut self) -> Self {
        self.weighted = None;
        self
    }
}

impl NameStickiness {
    /// What the store keeps of it. Lengths that no store can hold are none.
    #[must_use]
    pub fn stickiness(&self) -> Option<Stickiness> {
        let (ipv4, ipv6) = self.prefixes?;
        Stickiness::new(ipv4.into(), ipv6.into()).ok()
    }
}

impl Owned {
    /// Whether nothing is owned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ttls.is_empty() && self.records.is_empty() && self.sticky.is_empty()
    }
}
