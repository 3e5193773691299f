//! A compiled group: all record sets of one name and type that compete under one routing policy.
//!
//! A lone simple record set without health check is no group; its records lie in the node itself.

use std::sync::Arc;

use crate::records::Records;
use crate::view::HealthIndex;

/// See the module.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) policy: Policy,
    /// In policy order: failover's primary first.
    pub(crate) members: Box<[Member]>,
    /// No member can ever be unhealthy, so that the choice need not look.
    pub(crate) always_healthy: bool,
    /// Two members of a multivalue group hold the same rdata.
    pub(crate) repeats: bool,
}

/// How members compete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// One member.
    Simple,
    /// By weight; the sum over all members.
    Weighted { total: u32 },
    /// The first healthy member, else the first.
    Failover,
    /// Up to eight healthy members together.
    Multivalue,
}

/// One record set of a group.
#[derive(Debug)]
pub(crate) struct Member {
    /// Meaningful in weighted groups only.
    pub(crate) weight: u8,
    pub(crate) health: Option<HealthIndex>,
    pub(crate) content: Content,
    /// For explanations.
    pub(crate) set_identifier: Option<Box<str>>,
    /// For explanations.
    pub(crate) health_check: Option<model::id::HealthCheckId>,
}

/// What a member answers.
#[derive(Debug)]
pub(crate) enum Content {
    /// The compiled form of [`Records`].
    Records(Box<[u8]>),
    /// A name and type of the same zone.
    Alias(Alias),
    /// A rule of a traffic policy, within the answer of one name.
    Nested(Nested),
    /// An alias to something outside this server: nothing to answer yet, always healthy.
    Outside,
}

/// An alias within the zone.
#[derive(Debug)]
pub(crate) struct Alias {
    /// The target below the apex, labels in wire format.
    pub(crate) relative: Box<[u8]>,
    /// Its hash.
    pub(crate) hash: u64,
    pub(crate) evaluate_target_health: bool,
}

/// A group below a member of another.
#[derive(Debug)]
pub(crate) struct Nested {
    /// Shared by all members that lead to it.
    pub(crate) group: Arc<Group>,
    /// Whether the group's health decides whether the member may be chosen.
    pub(crate) evaluate_health: bool,
}

/// What a node holds of one type.
#[derive(Clone, Copy)]
pub(crate) enum Set<'a> {
    Records(Records<'a>),
    Group(&'a Arc<Group>),
}
