//! A compiled group: all record sets of one name and type that compete under one routing policy.
//!
//! A lone simple record set without health check is no group; its records lie in the node itself.

use std::sync::Arc;

use model::id::HostedZoneId;
use model::place::Location;

use crate::choose::ip_based::DEFAULT;
use crate::choose::sticky::Sticky;
use crate::counted::AnswerSlot;
use crate::few::{Bytes, Few};
use crate::records::Records;
use crate::sites::{Site, Sites};
use crate::view::HealthIndex;

/// See the module. What a location policy reads first stands in one cache line, the rest in the next.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Group {
    pub(crate) policy: Policy,
    /// No member can ever be unhealthy, so that the choice need not look.
    pub(crate) always_healthy: bool,
    /// Two members of a multivalue group hold the same rdata.
    pub(crate) repeats: bool,
    /// Its answers are counted, each in its member's slot.
    pub(crate) is_counted: bool,
    /// In policy order: failover's primary first; where the client's place decides, by set identifier, so that of equals
    /// the first one answers.
    pub(crate) members: Box<[Member]>,
    /// What the policy goes by once more, laid out for the choice.
    pub(crate) sites: Sites,
    /// The members' health checks once more, if nothing else says who is healthy: no alias or rule is evaluated.
    pub(crate) checks: Option<Checks>,
    /// A weighted group whose clients keep their answers.
    pub(crate) sticky: Option<Sticky>,
}

impl Group {
    /// The [`Self::checks`] of these members.
    pub(crate) fn checks_of(members: &[Member]) -> Option<Checks> {
        let checks = members.iter().map(|member| (!member.content.is_evaluated()).then_some(member.health));
        checks.collect::<Option<Vec<_>>>().map(Into::into)
    }

    /// The members' weights; none of a group that is not weighted.
    pub(crate) fn weights(&self) -> &[u8] {
        if let Sites::Weights(weights) = &self.sites { weights } else { &[] }
    }

    /// Whether it has a healthy member for every client at all times.
    pub(crate) fn is_healthy_for_all(&self) -> bool {
        let is_for_all = match self.policy {
            Policy::Geolocation | Policy::IpBased(_) => self.members.iter().any(|member| match member.aside.site {
                Site::Location(location) => location == Location::Default,
                Site::Blocks(location) => location == DEFAULT,
                Site::Nowhere | Site::Region(_) | Site::Point(_) => false,
            }),
            Policy::Simple
            | Policy::Weighted { .. }
            | Policy::Failover
            | Policy::Multivalue
            | Policy::Latency
            | Policy::Geoproximity => true,
        };
        self.always_healthy && is_for_all
    }
}

/// One health check for each member, or none.
pub(crate) type Checks = Few<Option<HealthIndex>, 7>;

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
    /// The least latency from the client.
    Latency,
    /// The smallest location around the client.
    Geolocation,
    /// The least biased distance from the client.
    Geoproximity,
    /// The location of the longest block around the client.
    IpBased(CollectionIndex),
}

/// The place of a CIDR collection in [`crate::collections::Collections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CollectionIndex(pub(crate) u32);

/// One record set of a group. What a choice reads of it, and mostly its records too, stand in one cache line.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Member {
    pub(crate) content: Content,
    pub(crate) health: Option<HealthIndex>,
    /// Meaningful in weighted groups only, which choose by [`Sites::Weights`].
    pub(crate) weight: u8,
    pub(crate) aside: Box<Aside>,
}

const _: () = assert!(size_of::<Member>() == 64, "a member is one cache line");
const _: () = assert!(size_of::<Group>() == 128, "a group is two");

/// What is seldom read of a member.
#[derive(Debug)]
pub(crate) struct Aside {
    /// For the order of those who come after the best one.
    pub(crate) site: Site,
    /// For explanations.
    pub(crate) set_identifier: Option<Box<str>>,
    /// What the policy goes by, in words; for explanations.
    pub(crate) rule: Option<Box<str>>,
    /// For explanations.
    pub(crate) health_check: Option<model::id::HealthCheckId>,
    /// Where its answers are counted, if they are.
    pub(crate) slot: Option<AnswerSlot>,
}

/// What a member answers.
#[derive(Debug)]
pub(crate) enum Content {
    /// The compiled form of [`crate::records::Records`].
    Records(Bytes),
    /// A name and type of the same zone.
    Alias(Alias),
    /// A rule of a traffic policy, within the answer of one name.
    Nested(Nested),
    /// A name and type of another zone, if that is one of this server's.
    Elsewhere(Box<Elsewhere>),
    /// An alias to something outside this server: nothing to answer yet, always healthy.
    Outside,
}

impl Content {
    /// Whether the health of what it leads to has a say.
    pub(crate) fn is_evaluated(&self) -> bool {
        match self {
            Self::Alias(alias) => alias.evaluate_target_health,
            Self::Elsewhere(elsewhere) => elsewhere.evaluate_target_health,
            Self::Nested(nested) => nested.evaluate_health,
            Self::Records(_) | Self::Outside => false,
        }
    }
}

/// An alias within the zone.
#[derive(Debug)]
pub(crate) struct Alias {
    /// The target below the apex, labels in wire format.
    pub(crate) relative: Bytes,
    /// Its hash.
    pub(crate) hash: u64,
    pub(crate) evaluate_target_health: bool,
}

/// An alias into another zone. Whether that is here is seen when it is asked for: zones come and go by themselves.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    pub(crate) zone: HostedZoneId,
    /// The target in wire format, lower case.
    pub(crate) name: Box<[u8]>,
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
