//! Routing policies in version 1. As in all of it: never change a type here.

use model::id::{CidrCollectionId, CidrLocation, LocalZoneGroup, Region, SetIdentifier};
use model::place::{Degrees, Geoproximity, Location, Origin, PlaceError};
use model::{FailoverRole, Routing};
use serde::{Deserialize, Serialize};

use super::StoredFault;

#[derive(Serialize, Deserialize)]
pub(super) enum RoutingV1<'a> {
    Simple,
    Weighted { set_identifier: &'a str, weight: u8 },
    Failover { set_identifier: &'a str, primary: bool },
    Multivalue { set_identifier: &'a str },
    Latency { set_identifier: &'a str, region: &'a str },
    Geolocation { set_identifier: &'a str, location: LocationV1<'a> },
    Geoproximity { set_identifier: &'a str, origin: OriginV1<'a>, bias: Option<i8> },
    IpBased { set_identifier: &'a str, collection: &'a str, location: &'a str },
}

#[derive(Serialize, Deserialize)]
pub(super) enum LocationV1<'a> {
    Default,
    Continent(&'a str),
    Country(&'a str),
    Subdivision(&'a str, &'a str),
}

#[derive(Serialize, Deserialize)]
pub(super) enum OriginV1<'a> {
    Region(&'a str),
    LocalZoneGroup(&'a str),
    Coordinates { latitude: &'a str, longitude: &'a str },
}

/// The twin of a policy.
pub(super) fn routing_v1(routing: &Routing) -> RoutingV1<'_> {
    match routing {
        Routing::Simple => RoutingV1::Simple,
        Routing::Weighted { set_identifier, weight } => {
            RoutingV1::Weighted { set_identifier: set_identifier.as_str(), weight: *weight }
        }
        Routing::Failover { set_identifier, role } => RoutingV1::Failover {
            set_identifier: set_identifier.as_str(),
            primary: match role {
                FailoverRole::Primary => true,
                FailoverRole::Secondary => false,
            },
        },
        Routing::Multivalue { set_identifier } => RoutingV1::Multivalue { set_identifier: set_identifier.as_str() },
        Routing::Latency { set_identifier, region } => {
            RoutingV1::Latency { set_identifier: set_identifier.as_str(), region: region.as_str() }
        }
        Routing::Geolocation { set_identifier, location } => RoutingV1::Geolocation {
            set_identifier: set_identifier.as_str(),
            location: match location {
                Location::Default => LocationV1::Default,
                Location::Continent(continent) => LocationV1::Continent(continent.code()),
                Location::Country(country) => LocationV1::Country(country.code()),
                Location::Subdivision(country, part) => LocationV1::Subdivision(country.code(), part.code()),
            },
        },
        Routing::Geoproximity { set_identifier, geoproximity: Geoproximity { origin, bias } } => {
            RoutingV1::Geoproximity {
                set_identifier: set_identifier.as_str(),
                origin: match origin {
                    Origin::Region(region) => OriginV1::Region(region.as_str()),
                    Origin::LocalZoneGroup(group) => OriginV1::LocalZoneGroup(group.as_str()),
                    Origin::Coordinates { latitude, longitude } => {
                        OriginV1::Coordinates { latitude: latitude.as_str(), longitude: longitude.as_str() }
                    }
                },
                bias: *bias,
            }
        }
        Routing::IpBased { set_identifier, collection, location } => RoutingV1::IpBased {
            set_identifier: set_identifier.as_str(),
            collection: collection.as_str(),
            location: location.as_str(),
        },
    }
}

/// The policy of a twin.
pub(super) fn routing_of(twin: RoutingV1<'_>) -> Result<Routing, StoredFault> {
    let set_identifier = |text| SetIdentifier::parse(text).map_err(StoredFault::Id);
    Ok(match twin {
        RoutingV1::Simple => Routing::Simple,
        RoutingV1::Weighted { set_identifier: id, weight } => {
            Routing::Weighted { set_identifier: set_identifier(id)?, weight }
        }
        RoutingV1::Failover { set_identifier: id, primary } => {
            let role = if primary { FailoverRole::Primary } else { FailoverRole::Secondary };
            Routing::Failover { set_identifier: set_identifier(id)?, role }
        }
        RoutingV1::Multivalue { set_identifier: id } => Routing::Multivalue { set_identifier: set_identifier(id)? },
        RoutingV1::Latency { set_identifier: id, region } => Routing::Latency {
            set_identifier: set_identifier(id)?,
            region: Region::parse(region).map_err(StoredFault::Id)?,
        },
        RoutingV1::Geolocation { set_identifier: id, location } => Routing::Geolocation {
            set_identifier: set_identifier(id)?,
            location: location_of(&location).map_err(StoredFault::Place)?,
        },
        RoutingV1::Geoproximity { set_identifier: id, origin, bias } => Routing::Geoproximity {
            set_identifier: set_identifier(id)?,
            geoproximity: Geoproximity { origin: origin_of(&origin)?, bias },
        },
        RoutingV1::IpBased { set_identifier: id, collection, location } => Routing::IpBased {
            set_identifier: set_identifier(id)?,
            collection: CidrCollectionId::parse(collection).map_err(StoredFault::Id)?,
            location: CidrLocation::parse(location).map_err(StoredFault::Id)?,
        },
    })
}

fn location_of(twin: &LocationV1<'_>) -> Result<Location, PlaceError> {
    Ok(match twin {
        LocationV1::Default => Location::Default,
        LocationV1::Continent(continent) => Location::Continent(continent.parse()?),
        LocationV1::Country(country) => Location::Country(country.parse()?),
        LocationV1::Subdivision(country, part) => Location::Subdivision(country.parse()?, part.parse()?),
    })
}

fn origin_of(twin: &OriginV1<'_>) -> Result<Origin, StoredFault> {
    Ok(match twin {
        OriginV1::Region(region) => Origin::Region(Region::parse(region).map_err(StoredFault::Id)?),
        OriginV1::LocalZoneGroup(group) => {
            Origin::LocalZoneGroup(LocalZoneGroup::parse(group).map_err(StoredFault::Id)?)
        }
        OriginV1::Coordinates { latitude, longitude } => Origin::Coordinates {
            latitude: Degrees::latitude(latitude).map_err(StoredFault::Place)?,
            longitude: Degrees::longitude(longitude).map_err(StoredFault::Place)?,
        },
    })
}
