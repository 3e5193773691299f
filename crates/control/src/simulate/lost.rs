//! A place that is lost, and what stands there: the regions that record sets and rules of traffic policies name.

use std::fmt;
use std::str::FromStr;

use model::id::Region;
use model::place::region::region_location;
use model::place::{Continent, Country, Geoproximity, Location, Origin, PlaceError};
use model::traffic_policy::{Branch, Branches, Document};
use model::{Body, RecordSet, Routing};

/// A place that is lost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// A region, of AWS or of one's own.
    Region(Region),
    /// All of AWS's regions in a country.
    Country(Country),
    /// All of AWS's regions on a continent.
    Continent(Continent),
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LostError {
    /// No region can be called so.
    #[error("a place is a region such as eu-west-1, country:DE or continent:EU: {0}")]
    Form(String),
    /// Both countries and continents have two letters.
    #[error("say country:{0} or continent:{0}")]
    Which(String),
    /// No such code.
    #[error(transparent)]
    Code(PlaceError),
}

impl FromStr for Lost {
    type Err = LostError;

    fn from_str(text: &str) -> Result<Self, LostError> {
        if let Some(code) = text.strip_prefix("country:") {
            return code.parse().map(Self::Country).map_err(LostError::Code);
        }
        if let Some(code) = text.strip_prefix("continent:") {
            return code.parse().map(Self::Continent).map_err(LostError::Code);
        }
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(LostError::Which(text.to_owned()));
        }
        Region::parse(text).map(Self::Region).map_err(|_| LostError::Form(text.to_owned()))
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(region) => write!(f, "{region}"),
            Self::Country(country) => write!(f, "country:{country}"),
            Self::Continent(continent) => write!(f, "continent:{continent}"),
        }
    }
}

impl Lost {
    /// Whether a region is there.
    pub(super) fn holds(&self, region: &Region) -> bool {
        let country = match region_location(region) {
            Some(Location::Country(country) | Location::Subdivision(country, _)) => Some(country),
            Some(Location::Continent(_) | Location::Default) | None => None,
        };
        match self {
            Self::Region(lost) => lost == region,
            Self::Country(lost) => country == Some(*lost),
            Self::Continent(lost) => country.and_then(|country| country.continent()) == Some(*lost),
        }
    }
}

pub(super) fn document(set: &RecordSet) -> Option<&Document> {
    match &set.body {
        Body::TrafficPolicy(record) => record.made.as_ref().map(|made| &*made.document),
        Body::Records { .. } | Body::Alias(_) => None,
    }
}

pub(super) fn region(routing: &Routing) -> Option<Region> {
    match routing {
        Routing::Latency { region, .. } => Some(region.clone()),
        Routing::Geoproximity { geoproximity, .. } => of_geoproximity(geoproximity),
        Routing::Simple
        | Routing::Weighted { .. }
        | Routing::Failover { .. }
        | Routing::Multivalue { .. }
        | Routing::Geolocation { .. }
        | Routing::IpBased { .. } => None,
    }
}

fn of_geoproximity(geoproximity: &Geoproximity) -> Option<Region> {
    match &geoproximity.origin {
        Origin::Region(region) => Some(region.clone()),
        // `us-east-1-bue-1` is of `us-east-1`.
        Origin::LocalZoneGroup(group) => {
            let (zone, _) = group.as_str().rsplit_once('-')?;
            Region::parse(zone.rsplit_once('-')?.0).ok()
        }
        Origin::Coordinates { .. } => None,
    }
}

/// The branches that stand in a region.
pub(super) fn regional(branches: &Branches) -> Vec<(Region, &Branch)> {
    match branches {
        Branches::Latency(branches) => branches.iter().map(|(region, branch)| (region.clone(), branch)).collect(),
        Branches::Geoproximity(branches) => {
            branches.iter().filter_map(|(place, branch)| Some((of_geoproximity(place)?, branch))).collect()
        }
        Branches::Failover { .. } | Branches::Geolocation(_) | Branches::Multivalue(_) | Branches::Weighted(_) => {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_hold_their_regions() {
        let holds = |text: &str, region: &str| text.parse::<Lost>().unwrap().holds(&Region::parse(region).unwrap());
        assert!(holds("eu-west-1", "eu-west-1") && !holds("eu-west-1", "eu-west-2"));
        assert!(holds("country:US", "us-east-1") && holds("country:DE", "eu-central-1"));
        assert!(holds("continent:EU", "eu-west-2") && !holds("continent:EU", "us-west-2"));
        assert!(holds("rack-7", "rack-7") && !holds("continent:EU", "rack-7"), "a region of one's own");
        for (text, fault) in [
            ("NA", "say country:NA or continent:NA"),
            ("country:usa", "a country is two upper-case letters of ISO 3166-1: usa"),
            ("continent:DE", "a continent is one of AF, AN, AS, EU, NA, OC, SA: DE"),
            ("", "a place is a region such as eu-west-1, country:DE or continent:EU: "),
        ] {
            assert_eq!(text.parse::<Lost>().unwrap_err().to_string(), fault);
        }
    }
}
