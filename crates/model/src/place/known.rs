//! Which locations there are, what they are called, and how one is named by its codes.
//!
//! The table is `table.rs`. Sources: API `GeoLocation`, `ListGeoLocations`; DG `values-geo`.

use std::fmt;

use super::table::{COUNTRIES, US_STATES};
use super::{Continent, Country, Location, Subdivision};

/// The code and the name of the default location.
const DEFAULT: (&str, &str) = ("*", "Default");

/// Why three codes name no location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// No code at all.
    #[error("a location needs a ContinentCode or a CountryCode")]
    Empty,
    /// A continent together with a country or a subdivision.
    #[error("a ContinentCode cannot stand beside a CountryCode or a SubdivisionCode: {0}")]
    ContinentBesideOthers(String),
    /// A subdivision without its country.
    #[error("a SubdivisionCode needs the CountryCode US: {0}")]
    SubdivisionAlone(String),
    /// A code that Route 53 does not know.
    #[error("no location is known with {0}")]
    Unknown(Codes),
}

/// Codes as they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// Of the continent.
    pub continent: Option<String>,
    /// Of the country.
    pub country: Option<String>,
    /// Of the subdivision.
    pub subdivision: Option<String>,
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { continent, country, subdivision } = self;
        let parts = [("ContinentCode", continent), ("CountryCode", country), ("SubdivisionCode", subdivision)];
        let mut separator = "";
        for (name, code) in parts {
            if let Some(code) = code {
                write!(f, "{separator}{name} {code}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

impl Location {
    /// The location with these codes, if Route 53 knows it: a continent alone, `*`, a country, or a state of the US.
    ///
    /// # Errors
    /// See [`LocationError`].
    pub fn of_codes(
        continent: Option<&str>,
        country: Option<&str>,
        subdivision: Option<&str>,
    ) -> Result<Self, LocationError> {
        let unknown = || {
            let [continent, country, subdivision] = [continent, country, subdivision].map(|c| c.map(str::to_owned));
            LocationError::Unknown(Codes { continent, country, subdivision })
        };
        let found = match (continent, country, subdivision) {
            (None, None, None) => return Err(LocationError::Empty),
            (Some(code), Some(_), _) | (Some(code), _, Some(_)) => {
                return Err(LocationError::ContinentBesideOthers(code.to_owned()));
            }
            (None, country, Some(code)) if country != Some(Country::US.code()) => {
                return Err(LocationError::SubdivisionAlone(code.to_owned()));
            }
            (Some(code), None, None) => code.parse().map(Self::Continent),
            (None, Some("*"), None) => Ok(Self::Default),
            (None, Some(code), None) => code.parse().map(Self::Country),
            (None, _, Some(code)) => code.parse().map(|state| Self::Subdivision(Country::US, state)),
        };
        found.ok().filter(Self::is_known).ok_or_else(unknown)
    }

    /// Whether Route 53 knows it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match self {
            Self::Default | Self::Continent(_) => true,
            Self::Country(country) => country.name().is_some(),
            Self::Subdivision(country, part) => *country == Country::US && part.us_state().is_some(),
        }
    }

    /// All of them as ListGeoLocations orders them: the default, countries by code with their subdivisions right after
    /// each, continents.
    pub fn all() -> impl Iterator<Item = Self> {
        let countries = COUNTRIES.iter().flat_map(|(code, ..)| {
            let country = Country(*code);
            let states = if country == Country::US { &US_STATES[..] } else { &[] };
            let states =
                states.iter().filter_map(move |(state, _)| Some(Self::Subdivision(country, state.parse().ok()?)));
            std::iter::once(Self::Country(country)).chain(states)
        });
        std::iter::once(Self::Default).chain(countries).chain(Continent::ALL.map(Self::Continent))
    }
}

/// As Route 53's messages write a location: `[continent = (NA, North America)]`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "[country = ({}, {})]", DEFAULT.0, DEFAULT.1),
            Self::Continent(continent) => write!(f, "[continent = ({continent}, {})]", continent.name()),
            Self::Country(country) => write!(f, "[country = ({country}, {})]", country.shown_name()),
            Self::Subdivision(country, part) => {
                let state = part.us_state().unwrap_or(part.code());
                write!(f, "[country = ({country}, {}), subdivision = ({part}, {state})]", country.shown_name())
            }
        }
    }
}

impl Continent {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Africa => "Africa",
            Self::Antarctica => "Antarctica",
            Self::Asia => "Asia",
            Self::Europe => "Europe",
            Self::NorthAmerica => "North America",
            Self::Oceania => "Oceania",
            Self::SouthAmerica => "South America",
        }
    }
}

impl Country {
    /// The name of the default location, which stands among the countries.
    pub const DEFAULT_NAME: &'static str = DEFAULT.1;

    /// The continent that Route 53 counts it to; none for a country that it does not know.
    #[must_use]
    pub fn continent(&self) -> Option<Continent> {
        self.row().map(|(_, continent, _)| *continent)
    }

    /// Its name; none for a country that Route 53 does not know.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.row().map(|(_, _, name)| *name)
    }

    fn row(&self) -> Option<&'static ([u8; 2], Continent, &'static str)> {
        COUNTRIES.binary_search_by(|(code, ..)| code.cmp(&self.0)).ok().map(|at| &COUNTRIES[at])
    }

    fn shown_name(&self) -> &str {
        self.name().unwrap_or(self.code())
    }
}

impl Subdivision {
    /// The state of the United States with this name, as English has it; databases that have no codes have names.
    #[must_use]
    pub fn us_state_named(name: &str) -> Option<Self> {
        let (code, _) = US_STATES.iter().find(|(_, state)| state.eq_ignore_ascii_case(name))?;
        code.parse().ok()
    }

    /// The name of the state of the United States with this code.
    #[must_use]
    pub fn us_state(&self) -> Option<&'static str> {
        US_STATES.binary_search_by(|(code, _)| (*code).cmp(self.code())).ok().map(|at| US_STATES[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(continent: &str, country: &str, subdivision: &str) -> Result<Location, LocationError> {
        let given = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let [continent, country, subdivision] = [continent, country, subdivision].map(str::to_owned).map(String::leak);
        Location::of_codes(given(continent), given(country), given(subdivision))
    }

    #[test]
    fn codes_name_a_location_or_say_why_not() {
        assert_eq!(read("EU", "", ""), Ok(Location::Continent(Continent::Europe)));
        assert_eq!(read("", "*", ""), Ok(Location::Default));
        assert_eq!(read("", "DE", ""), Ok(Location::Country("DE".parse().unwrap())));
        assert_eq!(read("", "US", "CA"), Ok(Location::Subdivision(Country::US, "CA".parse().unwrap())));
        assert_eq!(read("", "", ""), Err(LocationError::Empty));
        assert!(matches!(read("EU", "DE", ""), Err(LocationError::ContinentBesideOthers(_))));
        assert!(matches!(read("NA", "", "CA"), Err(LocationError::ContinentBesideOthers(_))));
        assert!(matches!(read("", "", "CA"), Err(LocationError::SubdivisionAlone(_))));
        assert!(matches!(read("", "DE", "BE"), Err(LocationError::SubdivisionAlone(_))));
        for (continent, country, subdivision) in
            [("XX", "", ""), ("", "UK", ""), ("", "us", ""), ("", "BV", ""), ("", "CX", ""), ("", "EH", "")]
                .into_iter()
                .chain([("", "HM", ""), ("", "US", "PR"), ("", "US", "XX"), ("", "US", "ca")])
        {
            let refused = read(continent, country, subdivision);
            assert!(matches!(refused, Err(LocationError::Unknown(_))), "{continent} {country} {subdivision}");
        }
        let message = read("", "US", "PR").unwrap_err().to_string();
        assert_eq!(message, "no location is known with CountryCode US, SubdivisionCode PR");
    }

    #[test]
    fn states_are_found_by_their_names() {
        assert_eq!(Subdivision::us_state_named("new york").map(|state| state.to_string()).as_deref(), Some("NY"));
        assert_eq!(Subdivision::us_state_named("Bavaria"), None);
    }

    #[test]
    fn countries_know_their_continent() {
        for (country, continent) in [("TR", "EU"), ("CY", "EU"), ("GE", "AS"), ("GL", "NA"), ("MX", "NA"), ("RU", "EU")]
        {
            assert_eq!(country.parse::<Country>().unwrap().continent(), Some(continent.parse().unwrap()));
        }
        assert_eq!("BV".parse::<Country>().unwrap().continent(), None);
    }

    #[test]
    fn all_locations_are_known_and_in_order() {
        let all: Vec<Location> = Location::all().collect();
        assert_eq!(all.len(), 1 + 246 + 51 + 7);
        assert!(COUNTRIES.is_sorted_by_key(|(code, ..)| code) && US_STATES.is_sorted_by_key(|(code, _)| code));
        assert!(all.iter().all(Location::is_known));
        let place = |text: &str| all.iter().position(|location| location.to_string() == text).unwrap();
        assert_eq!(place("[country = (*, Default)]"), 0);
        let first_state = place("[country = (US, United States), subdivision = (AK, Alaska)]");
        assert_eq!(first_state, place("[country = (US, United States)]") + 1);
        assert_eq!(place("[continent = (SA, South America)]"), all.len() - 1);
    }
}
