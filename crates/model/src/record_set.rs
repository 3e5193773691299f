//! A record set as Route 53 knows it: identity (name, type, set identifier), routing policy, and a body that is
//! records with a TTL, an alias target, or what a traffic policy makes. One of them, never several, never none: that is
//! the type's business.

use std::sync::Arc;

use crate::id::{
    CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, Region, SetIdentifier, TrafficPolicyInstanceId,
};
use crate::place::{Geoproximity, Location};
use crate::traffic_policy::Document;
use crate::{Name, RecordType};

/// One `ResourceRecordSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// The owner name.
    pub name: Name,
    /// The type of its records.
    pub record_type: RecordType,
    /// How it competes with its neighbours of the same name and type.
    pub routing: Routing,
    /// What it answers.
    pub body: Body,
    /// The health check that decides whether it may be chosen; none means always healthy.
    pub health_check: Option<HealthCheckId>,
}

/// Seconds a resolver may keep an answer: 0–2147483647 (RFC 2181 §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(u32);

/// A weight of weighted routing: 0–255; the share is weight / sum of weights.
pub type Weight = u8;

/// The routing policy of one record set, with what tells it apart from its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// The only record set of its name and type.
    Simple,
    /// Chosen in proportion to its weight.
    Weighted {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
        /// 0–255.
        weight: Weight,
    },
    /// Primary while healthy, otherwise secondary.
    Failover {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
        /// At most one of each in a group.
        role: FailoverRole,
    },
    /// Up to eight healthy record sets of the group together.
    Multivalue {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
    },
    /// The one whose region is nearest to the client, by latency.
    Latency {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
        /// Once in a group.
        region: Region,
    },
    /// The one with the most specific location that the client is in.
    Geolocation {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
        /// Once in a group.
        location: Location,
    },
    /// The one nearest to the client, distances stretched or shrunk by a bias.
    Geoproximity {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
        /// Where its resource is, and how far its reach is to grow.
        geoproximity: Geoproximity,
    },
    /// The one whose location holds the longest block around the client's address.
    IpBased {
        /// Tells it apart in its group.
        set_identifier: SetIdentifier,
        /// One for the whole group.
        collection: CidrCollectionId,
        /// Once in a group; `*` is the default.
        location: CidrLocation,
    },
}

/// The two places of a failover group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailoverRole {
    /// Answers while healthy, and when both are unhealthy.
    Primary,
    /// Answers while the primary is unhealthy.
    Secondary,
}

/// A policy without its details: what all record sets of one name and type must share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoutingPolicy {
    /// See [`Routing::Simple`].
    Simple,
    /// See [`Routing::Weighted`].
    Weighted,
    /// See [`Routing::Failover`].
    Failover,
    /// See [`Routing::Multivalue`].
    Multivalue,
    /// See [`Routing::Latency`].
    Latency,
    /// See [`Routing::Geolocation`].
    Geolocation,
    /// See [`Routing::Geoproximity`].
    Geoproximity,
    /// See [`Routing::IpBased`].
    IpBased,
}

/// What a record set answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Records of its own.
    Records {
        /// Seconds.
        ttl: Ttl,
        /// Route 53's value texts, kept exactly as the client sent them; at least one.
        values: Vec<String>,
    },
    /// The answer of another name.
    Alias(AliasTarget),
    /// What a traffic policy makes: the root of a tree that has no other record sets.
    TrafficPolicy(PolicyRecord),
}

/// The record set of a traffic policy instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRecord {
    /// The instance that made it.
    pub instance: TrafficPolicyInstanceId,
    /// What it answers; none where a request only names the instance, and such a record set answers nothing.
    pub made: Option<MadeRecords>,
}

/// What a traffic policy instance answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeRecords {
    /// Seconds, for all records of the tree.
    pub ttl: Ttl,
    /// The version of the policy, as it was when the instance was made.
    pub document: Arc<Document>,
}

/// Where an alias points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasTarget {
    /// The zone of the target; another than the record set's own means a target outside this server.
    pub hosted_zone_id: HostedZoneId,
    /// The target name.
    pub dns_name: Name,
    /// Whether the target's health decides whether this record set may be chosen.
    pub evaluate_target_health: bool,
}

/// A TTL above 2147483647.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("TTL is above 2147483647: {0}")]
pub struct TtlError(pub u64);

impl Ttl {
    /// Takes seconds.
    ///
    /// # Errors
    /// More than 2147483647.
    pub fn new(seconds: u64) -> Result<Self, TtlError> {
        match u32::try_from(seconds) {
            Ok(seconds) if seconds <= 0x7fff_ffff => Ok(Self(seconds)),
            _ => Err(TtlError(seconds)),
        }
    }

    /// The seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl Routing {
    /// The policy without its details.
    #[must_use]
    pub fn policy(&self) -> RoutingPolicy {
        match self {
            Self::Simple => RoutingPolicy::Simple,
            Self::Weighted { .. } => RoutingPolicy::Weighted,
            Self::Failover { .. } => RoutingPolicy::Failover,
            Self::Multivalue { .. } => RoutingPolicy::Multivalue,
            Self::Latency { .. } => RoutingPolicy::Latency,
            Self::Geolocation { .. } => RoutingPolicy::Geolocation,
            Self::Geoproximity { .. } => RoutingPolicy::Geoproximity,
            Self::IpBased { .. } => RoutingPolicy::IpBased,
        }
    }

    /// What tells the record set apart in its group; a simple one has nothing to tell apart.
    #[must_use]
    pub fn set_identifier(&self) -> Option<&SetIdentifier> {
        match self {
            Self::Simple => None,
            Self::Weighted { set_identifier, .. }
            | Self::Failover { set_identifier, .. }
            | Self::Multivalue { set_identifier }
            | Self::Latency { set_identifier, .. }
            | Self::Geolocation { set_identifier, .. }
            | Self::Geoproximity { set_identifier, .. }
            | Self::IpBased { set_identifier, .. } => Some(set_identifier),
        }
    }
}

impl RecordSet {
    /// A simple record set, for the many places that need no more.
    #[must_use]
    pub fn simple(name: Name, record_type: RecordType, ttl: Ttl, values: Vec<String>) -> Self {
        Self { name, record_type, routing: Routing::Simple, body: Body::Records { ttl, values }, health_check: None }
    }

    /// What tells it apart in its group.
    #[must_use]
    pub fn set_identifier(&self) -> Option<&SetIdentifier> {
        self.routing.set_identifier()
    }
}
