//! Routing policies on the wire and in the model. Before: `structure` judged that there is exactly one.

use model::id::{CidrCollectionId, CidrLocation, IdError, LocalZoneGroup, Region, SetIdentifier};
use model::place::{Degrees, Geoproximity, Location, Origin};
use model::{FailoverRole, Routing, Weight};

use super::super::generated::shapes::{
    CidrRoutingConfig, Coordinates, GeoLocation, GeoProximityLocation, ResourceRecordSet, ResourceRecordSetFailover,
};

/// The fields of a record set of which one tells its policy.
pub(super) struct Policy {
    pub(super) weight: Option<i64>,
    pub(super) region: Option<String>,
    pub(super) geo_location: Option<GeoLocation>,
    pub(super) failover: Option<ResourceRecordSetFailover>,
    pub(super) multi_value_answer: Option<bool>,
    pub(super) cidr_routing_config: Option<CidrRoutingConfig>,
    pub(super) geo_proximity_location: Option<GeoProximityLocation>,
}

/// The policy of a record set that has a set identifier.
///
/// # Errors
/// A region, a Local Zone group, a CIDR collection or a location with a character that none of its kind holds.
pub(super) fn read(set_identifier: SetIdentifier, policy: Policy) -> Result<Routing, IdError> {
    const JUDGED: &str = "the structure of the record set was judged";
    Ok(match policy {
        Policy { weight: Some(weight), .. } => {
            let weight = Weight::try_from(weight).expect("the model's limits were checked");
            Routing::Weighted { set_identifier, weight }
        }
        Policy { region: Some(region), .. } => Routing::Latency { set_identifier, region: Region::parse(&region)? },
        Policy { failover: Some(role), .. } => {
            let role = match role {
                ResourceRecordSetFailover::Primary => FailoverRole::Primary,
                ResourceRecordSetFailover::Secondary => FailoverRole::Secondary,
            };
            Routing::Failover { set_identifier, role }
        }
        Policy { geo_location: Some(GeoLocation { continent_code, country_code, subdivision_code }), .. } => {
            let codes = [continent_code, country_code, subdivision_code];
            let [continent, country, subdivision] = [&codes[0], &codes[1], &codes[2]].map(Option::as_deref);
            let location = Location::of_codes(continent, country, subdivision).expect(JUDGED);
            Routing::Geolocation { set_identifier, location }
        }
        Policy { geo_proximity_location: Some(location), .. } => {
            let GeoProximityLocation { aws_region, local_zone_group, coordinates, bias } = location;
            let origin = match (aws_region, local_zone_group, coordinates) {
                (Some(region), ..) => Origin::Region(Region::parse(&region)?),
                (None, Some(group), _) => Origin::LocalZoneGroup(LocalZoneGroup::parse(&group)?),
                (None, None, coordinates) => {
                    let Coordinates { latitude, longitude } = coordinates.expect(JUDGED);
                    let latitude = Degrees::latitude(&latitude).expect(JUDGED);
                    Origin::Coordinates { latitude, longitude: Degrees::longitude(&longitude).expect(JUDGED) }
                }
            };
            let bias = bias.map(|bias| i8::try_from(bias).expect("the model's limits were checked"));
            Routing::Geoproximity { set_identifier, geoproximity: Geoproximity { origin, bias } }
        }
        Policy { cidr_routing_config: Some(CidrRoutingConfig { collection_id, location_name }), .. } => {
            Routing::IpBased {
                set_identifier,
                collection: CidrCollectionId::parse(&collection_id)?,
                location: CidrLocation::parse(&location_name)?,
            }
        }
        Policy { multi_value_answer, .. } => {
            debug_assert!(multi_value_answer == Some(true), "{JUDGED}");
            Routing::Multivalue { set_identifier }
        }
    })
}

/// Writes a policy into the record set that a listing shows.
pub(super) fn show(routing: Routing, shape: &mut ResourceRecordSet) {
    shape.set_identifier = routing.set_identifier().map(ToString::to_string);
    match routing {
        Routing::Simple => {}
        Routing::Weighted { weight, .. } => shape.weight = Some(i64::from(weight)),
        Routing::Failover { role, .. } => {
            shape.failover = Some(match role {
                FailoverRole::Primary => ResourceRecordSetFailover::Primary,
                FailoverRole::Secondary => ResourceRecordSetFailover::Secondary,
            });
        }
        Routing::Multivalue { .. } => shape.multi_value_answer = Some(true),
        Routing::Latency { region, .. } => shape.region = Some(region.to_string()),
        Routing::Geolocation { location, .. } => shape.geo_location = Some(geo_location(location)),
        Routing::Geoproximity { geoproximity, .. } => {
            shape.geo_proximity_location = Some(geo_proximity_location(geoproximity));
        }
        Routing::IpBased { collection, location, .. } => {
            let (collection_id, location_name) = (collection.to_string(), location.to_string());
            shape.cidr_routing_config = Some(CidrRoutingConfig { collection_id, location_name });
        }
    }
}

fn geo_location(location: Location) -> GeoLocation {
    let shape = GeoLocation { continent_code: None, country_code: None, subdivision_code: None };
    match location {
        Location::Default => GeoLocation { country_code: Some("*".to_owned()), ..shape },
        Location::Continent(continent) => GeoLocation { continent_code: Some(continent.to_string()), ..shape },
        Location::Country(country) => GeoLocation { country_code: Some(country.to_string()), ..shape },
        Location::Subdivision(country, part) => {
            GeoLocation { country_code: Some(country.to_string()), subdivision_code: Some(part.to_string()), ..shape }
        }
    }
}

fn geo_proximity_location(geoproximity: Geoproximity) -> GeoProximityLocation {
    let Geoproximity { origin, bias } = geoproximity;
    let shape =
        GeoProximityLocation { aws_region: None, local_zone_group: None, coordinates: None, bias: bias.map(i64::from) };
    match origin {
        Origin::Region(region) => GeoProximityLocation { aws_region: Some(region.to_string()), ..shape },
        Origin::LocalZoneGroup(group) => GeoProximityLocation { local_zone_group: Some(group.to_string()), ..shape },
        Origin::Coordinates { latitude, longitude } => {
            let (latitude, longitude) = (latitude.as_str().to_owned(), longitude.as_str().to_owned());
            let coordinates = Some(Coordinates { latitude, longitude });
            GeoProximityLocation { coordinates, ..shape }
        }
    }
}
