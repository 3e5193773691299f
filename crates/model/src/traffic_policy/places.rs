//! The places of geolocation and geoproximity rules, as documents write them.

use super::Wrong;
use super::reader::{Object, Reader, clipped};
use crate::id::{LocalZoneGroup, Region};
use crate::place::{Degrees, Location, Origin};
use crate::policy::Json;

/// Before the name of a region or Local Zone in a geoproximity rule.
const PLACE_PREFIX: &str = "aws:route53:";

/// The two shapes of geoproximity.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Format {
    Of2015,
    Of2023,
}

impl<'j> Reader<'j> {
    /// API `GeoLocation`: a continent, a country, a country with its subdivision, or everybody else.
    pub(super) fn location(&mut self, branch: Object<'j, '_>) -> Option<Location> {
        let mut text = |name: &str| {
            let json = branch.member(name)?;
            Some(self.text(json, &branch.path_of(name))).map(|text| text.filter(|text| !text.is_empty()))
        };
        let (continent, country, part) = (text("Continent"), text("Country"), text("Subdivision"));
        let is_default = match branch.member("IsDefault") {
            None => false,
            Some(json) => self.boolean(json, &branch.path_of("IsDefault"))?,
        };
        let codes = (continent.flatten(), country.flatten(), part.flatten());
        match (is_default, codes) {
            (true, (None, None | Some("*"), None)) => Some(Location::Default),
            (true, _) | (false, (None, None, None)) => self.fault(branch.path, Wrong::Location),
            (false, (continent, country, part)) => {
                self.parsed(Location::of_codes(continent, country, part), branch.path)
            }
        }
    }

    pub(super) fn origin_of_2015(&mut self, branch: Object<'j, '_>) -> Option<Origin> {
        match (branch.member("Region"), branch.member("Latitude"), branch.member("Longitude")) {
            (Some(region), None, None) => {
                self.region(region, &branch.path_of("Region"), PLACE_PREFIX).map(Origin::Region)
            }
            (None, Some(latitude), Some(longitude)) => self.coordinates(branch, latitude, longitude),
            _ => self.fault(branch.path, Wrong::NotOneOf("Region", "Latitude with Longitude")),
        }
    }

    pub(super) fn origin_of_2023(&mut self, branch: Object<'j, '_>) -> Option<Origin> {
        let json = self.required(branch, "Location", "an object with a Type")?;
        let path = branch.path_of("Location");
        let location = Object { path: &path, members: self.object(json, &path)?.members };
        let kinds = [("Region", 0), ("LocalZone", 1), ("Coordinate", 2)];
        let kind = self.required(location, "Type", "\"Region\", \"LocalZone\" or \"Coordinate\"")?;
        let kind = self.word(kind, &location.path_of("Type"), &kinds)?;
        if kind == 2 {
            self.allow(location, &["Type", "Latitude", "Longitude"]);
            let latitude = self.required(location, "Latitude", "degrees from -90 to 90");
            let longitude = self.required(location, "Longitude", "degrees from -180 to 180");
            return self.coordinates(location, latitude?, longitude?);
        }
        self.allow(location, &["Type", "LocationName"]);
        let json = self.required(location, "LocationName", "a place, such as \"aws:route53:us-east-1\"")?;
        let path = location.path_of("LocationName");
        if kind == 0 {
            return self.region(json, &path, PLACE_PREFIX).map(Origin::Region);
        }
        let name = self.place_name(json, &path, PLACE_PREFIX)?;
        self.parsed(LocalZoneGroup::parse(name), &path).map(Origin::LocalZoneGroup)
    }

    fn coordinates(&mut self, from: Object<'j, '_>, latitude: &'j Json, longitude: &'j Json) -> Option<Origin> {
        let (latitude_path, longitude_path) = (from.path_of("Latitude"), from.path_of("Longitude"));
        let latitude = self.text(latitude, &latitude_path).map(Degrees::latitude);
        let latitude = latitude.and_then(|read| self.parsed(read, &latitude_path));
        let longitude = self.text(longitude, &longitude_path).map(Degrees::longitude);
        let longitude = longitude.and_then(|read| self.parsed(read, &longitude_path));
        Some(Origin::Coordinates { latitude: latitude?, longitude: longitude? })
    }

    pub(super) fn region(&mut self, json: &'j Json, path: &str, prefix: &str) -> Option<Region> {
        let name = self.place_name(json, path, prefix)?;
        self.parsed(Region::parse(name), path)
    }

    fn place_name(&mut self, json: &'j Json, path: &str, prefix: &str) -> Option<&'j str> {
        let text = self.text(json, path)?;
        let message = || Wrong::Text(format!("must begin with {prefix}, write {prefix}{}", clipped(text)));
        text.strip_prefix(prefix).or_else(|| self.fault(path, message()))
    }
}
