//! GetGeoLocation and ListGeoLocations: the places that geolocation routing knows, with their names. Nothing is stored.

use model::limits::GEO_LOCATIONS_PER_PAGE_MAX;
use model::place::{Country, Location, LocationError};

use super::error::Fault;
use super::generated::shapes::{
    GeoLocationDetails, GetGeoLocationRequest, GetGeoLocationResponse, ListGeoLocationsRequest,
    ListGeoLocationsResponse,
};
use super::page;

/// GetGeoLocation. Unspecified: without any code it is `InvalidInput`.
pub(super) fn get(request: &GetGeoLocationRequest) -> Result<GetGeoLocationResponse, Fault> {
    let GetGeoLocationRequest { continent_code, country_code, subdivision_code } = request;
    let found = Location::of_codes(continent_code.as_deref(), country_code.as_deref(), subdivision_code.as_deref());
    match found {
        Ok(location) => Ok(GetGeoLocationResponse { geo_location_details: shown(location) }),
        Err(fault) => {
            let message = fault.to_string();
            Err(match fault {
                LocationError::Unknown(_) => Fault::NoSuchGeoLocation { message },
                LocationError::Empty | LocationError::ContinentBesideOthers(_) | LocationError::SubdivisionAlone(_) => {
                    Fault::InvalidInput { message }
                }
            })
        }
    }
}

/// ListGeoLocations: the default, countries with their subdivisions behind them, continents.
pub(super) fn list(request: ListGeoLocationsRequest) -> Result<ListGeoLocationsResponse, Fault> {
    let ListGeoLocationsRequest { start_continent_code, start_country_code, start_subdivision_code, max_items } =
        request;
    let size = page::size(max_items.as_deref(), GEO_LOCATIONS_PER_PAGE_MAX)?;
    let start = start(start_continent_code, start_country_code, start_subdivision_code)?;
    let mut places = Location::all().filter(|place| start.as_ref().is_none_or(|start| order(place) >= *start));
    let shown_places = places.by_ref().take(size).map(shown).collect();
    let next = places.next().map(shown);
    Ok(ListGeoLocationsResponse {
        geo_location_details_list: shown_places,
        is_truncated: next.is_some(),
        next_continent_code: next.as_ref().and_then(|next| next.continent_code.clone()),
        next_country_code: next.as_ref().and_then(|next| next.country_code.clone()),
        next_subdivision_code: next.and_then(|next| next.subdivision_code),
        max_items: size.to_string(),
    })
}

/// Where a place stands in the list: countries before continents, then by codes. `*` is below every letter.
type Order = (bool, String, String);

fn order(place: &Location) -> Order {
    match place {
        Location::Default => (false, "*".to_owned(), String::new()),
        Location::Country(country) => (false, country.to_string(), String::new()),
        Location::Subdivision(country, part) => (false, country.to_string(), part.to_string()),
        Location::Continent(continent) => (true, continent.to_string(), String::new()),
    }
}

/// The listing starts at the first place not before this one, which need not exist.
fn start(
    continent: Option<String>,
    country: Option<String>,
    subdivision: Option<String>,
) -> Result<Option<Order>, Fault> {
    let invalid = |message: &str| Fault::InvalidInput { message: message.to_owned() };
    match (continent, country, subdivision) {
        (None, None, None) => Ok(None),
        (Some(continent), None, None) => Ok(Some((true, continent, String::new()))),
        (Some(_), _, _) => {
            Err(invalid("StartContinentCode cannot stand beside StartCountryCode or StartSubdivisionCode"))
        }
        (None, None, Some(_)) => Err(invalid("StartSubdivisionCode needs StartCountryCode, name it too")),
        (None, Some(country), subdivision) => Ok(Some((false, country, subdivision.unwrap_or_default()))),
    }
}

fn shown(location: Location) -> GeoLocationDetails {
    let none = GeoLocationDetails {
        continent_code: None,
        continent_name: None,
        country_code: None,
        country_name: None,
        subdivision_code: None,
        subdivision_name: None,
    };
    let of_country = |country: Country| GeoLocationDetails {
        country_code: Some(country.to_string()),
        country_name: country.name().map(str::to_owned),
        ..none.clone()
    };
    match location {
        Location::Default => GeoLocationDetails {
            country_code: Some("*".to_owned()),
            country_name: Some(Country::DEFAULT_NAME.to_owned()),
            ..none
        },
        Location::Continent(continent) => GeoLocationDetails {
            continent_code: Some(continent.to_string()),
            continent_name: Some(continent.name().to_owned()),
            ..none
        },
        Location::Country(country) => of_country(country),
        Location::Subdivision(country, part) => GeoLocationDetails {
            subdivision_code: Some(part.to_string()),
            subdivision_name: part.us_state().map(str::to_owned),
            ..of_country(country)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(start: [Option<&str>; 3], max_items: &str) -> Result<ListGeoLocationsResponse, Fault> {
        let [start_continent_code, start_country_code, start_subdivision_code] =
            start.map(|code| code.map(str::to_owned));
        let max_items = Some(max_items.to_owned());
        list(ListGeoLocationsRequest { start_continent_code, start_country_code, start_subdivision_code, max_items })
    }

    #[test]
    fn pages_of_every_size_give_every_place_once() {
        for size in ["1", "7", "100"] {
            let (mut start, mut seen): ([Option<String>; 3], usize) = (Default::default(), 0);
            loop {
                let page = page([0, 1, 2].map(|i| start[i].as_deref()), size).unwrap();
                seen += page.geo_location_details_list.len();
                start = [page.next_continent_code, page.next_country_code, page.next_subdivision_code];
                if !page.is_truncated {
                    break;
                }
            }
            assert_eq!(seen, Location::all().count());
        }
    }

    #[test]
    fn a_start_need_not_exist_and_must_make_sense() {
        let first = |start| page(start, "1").unwrap().geo_location_details_list.remove(0);
        assert_eq!(first([Some("OC"), None, None]).continent_name.as_deref(), Some("Oceania"));
        assert_eq!(first([None, Some("LH"), None]).country_code.as_deref(), Some("LI"));
        assert_eq!(first([None, Some("US"), Some("CB")]).subdivision_name.as_deref(), Some("Colorado"));
        for start in [[Some("EU"), Some("DE"), None], [None, None, Some("CA")]] {
            assert_eq!(page(start, "1").unwrap_err().code(), "InvalidInput");
        }
    }
}
