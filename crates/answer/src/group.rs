//! A compiled group: all record sets of one name and type that compete under one routing policy.
//!
//! A lone simple record set without health check is no group; its records lie in the node itself.

use std::sync::Arc;

use model::id::{HostedZoneId, Region};
use model::place::{Geoproximity, Location, Regions};

use crate::choose::geolocation::Locations;
use crate::choose::geoproximity::factor;
use crate::choose::ip_based::{Blocks, DEFAULT, LocationKey};
use crate::choose::sticky::Sticky;
use crate::places::Direction;
use crate::records::Records;
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
    /// In policy order: failover's primary first; where the client's place decides, by set identifier, so that of equals
    /// the first one answers.
    pub(crate) members: Box<[Member]>,
    /// The members' sites once more, laid out for the choice.
    pub(crate) sites: Sites,
    /// The members' health checks once more, if there are many and nothing else says who is healthy: no alias or rule is
    /// evaluated.
    pub(crate) checks: Option<Box<[Option<HealthIndex>]>>,
    /// A weighted group whose clients keep their answers.
    pub(crate) sticky: Option<Sticky>,
}

impl Group {
    /// The [`Self::checks`] of these members.
    pub(crate) fn checks_of(members: &[Member]) -> Option<Box<[Option<HealthIndex>]>> {
        // A few members say it themselves as fast.
        if members.len() < 4 {
            return None;
        }
        members.iter().map(|member| (!member.content.is_evaluated()).then_some(member.health)).collect()
    }

    /// Whether it has a healthy member for every client at all times.
    pub(crate) fn is_healthy_for_all(&self) -> bool {
        let is_for_all = match self.policy {
            Policy::Geolocation | Policy::IpBased(_) => self.members.iter().any(|member| match member.site {
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

/// Where a member is, for the policies that ask where the client is.
#[derive(Debug)]
pub(crate) enum Site {
    /// Nowhere: the policy does not ask.
    Nowhere,
    /// Latency.
    Region(RegionSite),
    /// Geolocation.
    Location(Location),
    /// Geoproximity.
    Point(PointSite),
    /// IP-based: the location's name.
    Blocks(LocationKey),
}

/// The sites of a group's members, by the policies that ask for them.
#[derive(Debug)]
pub(crate) enum Sites {
    /// The policy does not ask.
    Nowhere,
    /// Latency, in order of members.
    Regions(RegionSites),
    /// Geolocation.
    Locations(Locations),
    /// Geoproximity, in order of members.
    Points(Box<[PointSite]>),
    /// IP-based.
    Blocks(Blocks),
}

impl Sites {
    /// Of all members, whose sites are of one kind.
    pub(crate) fn of(members: &[Member]) -> Self {
        let sites = || members.iter().map(|member| &member.site);
        macro_rules! all {
            ($kind:ident) => {
                sites().filter_map(|site| if let Site::$kind(site) = site { Some(*site) } else { None })
            };
        }
        match sites().next() {
            Some(Site::Region(_)) => Self::Regions(RegionSites::of(all!(Region))),
            Some(Site::Location(_)) => Self::Locations(Locations::of(all!(Location))),
            Some(Site::Point(_)) => Self::Points(all!(Point).collect()),
            Some(Site::Blocks(_)) => Self::Blocks(Blocks::of(all!(Blocks))),
            Some(Site::Nowhere) | None => Self::Nowhere,
        }
    }
}

/// The site of a latency record set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RegionSite {
    /// In measured latencies; none for a region that is not known.
    pub(crate) index: Option<u8>,
    /// Clients in China get it.
    pub(crate) is_cn_north_1: bool,
    pub(crate) direction: Option<Direction>,
}

/// The sites of a latency group, what measurements need apart from what distances need.
#[derive(Debug)]
pub(crate) struct RegionSites {
    /// See [`RegionSite::index`] and [`RegionSite::is_cn_north_1`].
    pub(crate) regions: Box<[(Option<u8>, bool)]>,
    directions: Box<[Option<Direction>]>,
}

impl RegionSites {
    pub(crate) fn of(sites: impl Iterator<Item = RegionSite>) -> Self {
        let (regions, directions): (Vec<_>, Vec<_>) =
            sites.map(|site| ((site.index, site.is_cn_north_1), site.direction)).unzip();
        Self { regions: regions.into(), directions: directions.into() }
    }

    /// Where a region is.
    pub(crate) fn direction(&self, i: usize) -> Option<&Direction> {
        self.directions[i].as_ref()
    }
}

/// The site of a geoproximity record set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PointSite {
    pub(crate) direction: Option<Direction>,
    /// What distances to it are multiplied by.
    pub(crate) factor: f64,
}

impl RegionSite {
    pub(crate) fn of(region: &Region, regions: &Regions) -> Self {
        Self {
            index: regions.index(region).map(|index| u8::try_from(index).expect("at most 239 regions")),
            is_cn_north_1: region.as_str() == "cn-north-1",
            direction: regions.point(region).map(Direction::of),
        }
    }
}

impl PointSite {
    pub(crate) fn of(geoproximity: &Geoproximity, regions: &Regions) -> Self {
        Self {
            direction: regions.origin(&geoproximity.origin).map(Direction::of),
            factor: factor(geoproximity.bias.unwrap_or(0)),
        }
    }
}

/// One record set of a group. What a choice reads stands in one cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Member {
    pub(crate) content: Content,
    pub(crate) health: Option<HealthIndex>,
    /// Meaningful in weighted groups only.
    pub(crate) weight: u8,
    pub(crate) site: Site,
    /// For explanations.
    pub(crate) set_identifier: Option<Box<str>>,
    /// What the policy goes by, in words; for explanations.
    pub(crate) rule: Option<Box<str>>,
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
    pub(crate) relative: Box<[u8]>,
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
