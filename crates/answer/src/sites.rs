//! What policies go by: where the members of a group are, and their weights, laid out so that a choice reads few cache lines.

use model::id::Region;
use model::place::{Geoproximity, Location, Origin, Regions};

use crate::choose::geolocation::Locations;
use crate::choose::ip_based::{Blocks, LocationKey};
use crate::few::Bytes;
use crate::group::{Member, Policy};
use crate::places::Direction;

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

/// What a policy goes by, of all members of a group.
#[derive(Debug)]
pub(crate) enum Sites {
    /// Nothing but their order and health.
    Nowhere,
    /// Weighted, in order of members.
    Weights(Bytes),
    /// Latency, in order of members.
    Regions(RegionSites),
    /// Geolocation.
    Locations(Locations),
    /// Geoproximity.
    Points(Box<PointSites>),
    /// IP-based.
    Blocks(Blocks),
}

impl Sites {
    /// Of all members, whose sites are of one kind.
    pub(crate) fn of(policy: Policy, members: &[Member]) -> Self {
        if let Policy::Weighted { .. } = policy {
            return Self::Weights(members.iter().map(|member| member.weight).collect::<Vec<u8>>().into());
        }
        let sites = || members.iter().map(|member| &member.aside.site);
        macro_rules! all {
            ($kind:ident) => {
                sites().filter_map(|site| if let Site::$kind(site) = site { Some(*site) } else { None })
            };
        }
        match sites().next() {
            Some(Site::Region(_)) => Self::Regions(RegionSites::of(all!(Region))),
            Some(Site::Location(_)) => Self::Locations(Locations::of(all!(Location))),
            Some(Site::Point(_)) => Self::Points(Box::new(PointSites::of(all!(Point)))),
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

/// The sites of a latency group.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct RegionSites {
    /// The member that clients in China get.
    pub(crate) cn_north_1: Option<u8>,
    /// [`RegionSite::index`] of each, or [`Self::UNKNOWN`].
    regions: Bytes,
}

impl RegionSites {
    /// More than any index.
    const UNKNOWN: u8 = u8::MAX;

    pub(crate) fn of(sites: impl Iterator<Item = RegionSite>) -> Self {
        let sites: Vec<RegionSite> = sites.collect();
        let cn_north_1 = sites.iter().position(|site| site.is_cn_north_1);
        Self {
            cn_north_1: cn_north_1.map(|i| u8::try_from(i).expect("at most 128 members")),
            regions: sites.iter().map(|site| site.index.unwrap_or(Self::UNKNOWN)).collect::<Vec<u8>>().into(),
        }
    }

    /// The index of each member's region; none for one that is not known.
    pub(crate) fn indexes(&self) -> impl ExactSizeIterator<Item = Option<usize>> {
        self.regions.iter().map(|index| (*index != Self::UNKNOWN).then_some(usize::from(*index)))
    }
}

/// The site of a geoproximity record set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PointSite {
    /// As of [`RegionSite`], if it is at a region.
    index: Option<u8>,
    pub(crate) direction: Option<Direction>,
    /// From -99 to 99.
    pub(crate) bias: i8,
}

/// The sites of a geoproximity group, in order of members.
#[derive(Debug)]
pub(crate) struct PointSites {
    /// [`PointSite::index`] of each, or [`RegionSites::UNKNOWN`].
    regions: Bytes,
    biases: Bytes,
    /// Of each, if some are at no region.
    directions: Box<[Option<Direction>]>,
}

impl PointSites {
    pub(crate) fn of(sites: impl Iterator<Item = PointSite>) -> Self {
        let sites: Vec<PointSite> = sites.collect();
        let regions: Vec<u8> = sites.iter().map(|site| site.index.unwrap_or(RegionSites::UNKNOWN)).collect();
        let has_others = regions.contains(&RegionSites::UNKNOWN);
        let directions = sites.iter().filter(|_| has_others).map(|site| site.direction).collect();
        let biases: Vec<u8> = sites.iter().map(|site| site.bias.cast_unsigned()).collect();
        Self { regions: regions.into(), biases: biases.into(), directions }
    }

    /// Where each member is, and its bias. `regions` are the directions of the regions by their indexes.
    pub(crate) fn iter<'s>(
        &'s self,
        regions: &'s [Option<Direction>],
    ) -> impl Iterator<Item = (Option<&'s Direction>, i8)> {
        let here = |(i, &region): (usize, &u8)| match region {
            RegionSites::UNKNOWN => self.directions[i].as_ref(),
            region => regions.get(usize::from(region)).and_then(Option::as_ref),
        };
        let directions = self.regions.iter().enumerate().map(here);
        directions.zip(self.biases.iter().map(|bias| bias.cast_signed()))
    }
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
        let index = match &geoproximity.origin {
            Origin::Region(region) => RegionSite::of(region, regions).index,
            Origin::LocalZoneGroup(_) | Origin::Coordinates { .. } => None,
        };
        let direction = regions.origin(&geoproximity.origin).map(Direction::of);
        Self { index, direction, bias: geoproximity.bias.unwrap_or(0) }
    }
}
