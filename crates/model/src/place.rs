//! Places as routing policies name them: continents, countries, US states, coordinates.
//!
//! Here is only what a code looks like; which of them Route 53 knows, and their names, is in `place/known.rs`. Sources:
//! API `GeoLocation`, `GeoProximityLocation`, `Coordinates`.

mod country_points;
mod internet_users;
mod known;
mod own_regions;
pub mod region;
mod table;

use std::fmt;
use std::str::FromStr;

use crate::id::{LocalZoneGroup, Region};

pub use internet_users::internet_users;
pub use known::{Codes, LocationError};
pub use own_regions::{OwnRegion, RegionFault, Regions};
pub use region::Point;

/// What a geolocation record set is for (API `GeoLocation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// Everybody whom no other record set of the group is for, also clients whose place nobody knows: country `*`.
    Default,
    /// A whole continent.
    Continent(Continent),
    /// A whole country.
    Country(Country),
    /// A part of a country; Route 53 knows those of the United States and of no other.
    Subdivision(Country, Subdivision),
}

/// The seven continents of Route 53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Continent {
    /// `AF`.
    Africa,
    /// `AN`.
    Antarctica,
    /// `AS`.
    Asia,
    /// `EU`.
    Europe,
    /// `NA`.
    NorthAmerica,
    /// `OC`.
    Oceania,
    /// `SA`.
    SouthAmerica,
}

/// A country by its two letters of ISO 3166-1, in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// A part of a country by one to three letters and digits of ISO 3166-2, in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subdivision([u8; 3]);

/// Where the resource of a geoproximity record set is (API `GeoProximityLocation`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geoproximity {
    /// Where.
    pub origin: Origin,
    /// -99 to 99; none was given, which means 0, and is shown as none again.
    pub bias: Option<i8>,
}

/// A point on the map, by name or by coordinates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The place of an AWS region.
    Region(Region),
    /// The place of a Local Zone group.
    LocalZoneGroup(LocalZoneGroup),
    /// A point.
    Coordinates {
        /// -90 to 90.
        latitude: Degrees,
        /// -180 to 180.
        longitude: Degrees,
    },
}

/// An angle with at most two decimals, as it was written: listings show it so again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degrees {
    text: Box<str>,
    hundredths: i16,
}

/// A text that is no place of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No continent.
    #[error("a continent is one of AF, AN, AS, EU, NA, OC, SA: {0}")]
    Continent(String),
    /// No country code.
    #[error("a country is two upper-case letters of ISO 3166-1: {0}")]
    Country(String),
    /// No subdivision code.
    #[error("a subdivision is one to three upper-case letters and digits of ISO 3166-2: {0}")]
    Subdivision(String),
    /// No angle with at most two decimals within its range.
    #[error("degrees are a number with at most two decimals from -{max} to {max}: {text}")]
    Degrees {
        /// 90 for latitudes, 180 for longitudes.
        max: u8,
        /// As given.
        text: String,
    },
}

impl Continent {
    /// All of them, by code.
    pub const ALL: [Self; 7] = [
        Self::Africa,
        Self::Antarctica,
        Self::Asia,
        Self::Europe,
        Self::NorthAmerica,
        Self::Oceania,
        Self::SouthAmerica,
    ];

    /// Its two letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Africa => "AF",
            Self::Antarctica => "AN",
            Self::Asia => "AS",
            Self::Europe => "EU",
            Self::NorthAmerica => "NA",
            Self::Oceania => "OC",
            Self::SouthAmerica => "SA",
        }
    }
}

impl FromStr for Continent {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let found = Self::ALL.into_iter().find(|continent| continent.code() == text);
        found.ok_or_else(|| PlaceError::Continent(text.to_owned()))
    }
}

impl fmt::Display for Continent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Country {
    /// The United States, the one country whose subdivisions Route 53 knows.
    pub const US: Self = Self(*b"US");
    /// China, whose clients latency routing treats apart.
    pub const CN: Self = Self(*b"CN");

    /// Its two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).expect("a country code is ASCII")
    }
}

impl FromStr for Country {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(PlaceError::Country(text.to_owned())),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Subdivision {
    /// Its one to three letters and digits.
    #[must_use]
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).expect("a subdivision code is ASCII").trim_end_matches('\0')
    }
}

impl FromStr for Subdivision {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let is_code = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        if !(1..=3).contains(&bytes.len()) || !bytes.iter().all(is_code) {
            return Err(PlaceError::Subdivision(text.to_owned()));
        }
        let mut code = [0; 3];
        code[..bytes.len()].copy_from_slice(bytes);
        Ok(Self(code))
    }
}

impl fmt::Display for Subdivision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Degrees {
    /// Reads a latitude: `[-+]?\d{1,2}(\.\d{0,2})?`, -90 to 90.
    ///
    /// # Errors
    /// Another form, or out of range.
    pub fn latitude(text: &str) -> Result<Self, PlaceError> {
        Self::parse(text, 90)
    }

    /// Reads a longitude: `[-+]?\d{1,3}(\.\d{0,2})?`, -180 to 180.
    ///
    /// # Errors
    /// Another form, or out of range.
    pub fn longitude(text: &str) -> Result<Self, PlaceError> {
        Self::parse(text, 180)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// In hundredths of a degree.
    #[must_use]
    pub fn hundredths(&self) -> i16 {
        self.hundredths
    }

    fn parse(text: &str, max: u8) -> Result<Self, PlaceError> {
        let fault = || PlaceError::Degrees { max, text: text.to_owned() };
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = |part: &str, most: usize| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole, if max == 90 { 2 } else { 3 }) || !digits(decimals, 2) {
            return Err(fault());
        }
        let hundredths: i16 = format!("{whole}{decimals:0<2}").parse().map_err(|_| fault())?;
        if hundredths > i16::from(max) * 100 {
            return Err(fault());
        }
        let hundredths = if text.starts_with('-') { -hundredths } else { hundredths };
        Ok(Self { text: text.into(), hundredths })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_shown() {
        assert_eq!("EU".parse(), Ok(Continent::Europe));
        assert_eq!("US".parse(), Ok(Country::US));
        for code in ["C", "CA", "32", "BCN"] {
            assert_eq!(code.parse::<Subdivision>().unwrap().code(), code);
        }
        for (continent, country, subdivision) in [("XX", "us", ""), ("eu", "USA", "ABCD"), ("", "*", "ca")] {
            assert!(continent.parse::<Continent>().is_err(), "{continent}");
            assert!(country.parse::<Country>().is_err(), "{country}");
            assert!(subdivision.parse::<Subdivision>().is_err(), "{subdivision}");
        }
    }

    #[test]
    fn degrees_have_two_decimals_and_a_range() {
        let hundredths = |text| Degrees::latitude(text).map(|degrees| degrees.hundredths());
        assert_eq!(hundredths("-33.87"), Ok(-3387));
        assert_eq!(hundredths("+9."), Ok(900));
        assert_eq!(hundredths("90.00"), Ok(9000));
        assert_eq!(hundredths("0.5"), Ok(50));
        for text in ["90.01", "100", "1.234", "", "-", ".5", "1e2", "--1"] {
            assert!(Degrees::latitude(text).is_err(), "{text}");
        }
        assert_eq!(Degrees::longitude("-180").unwrap().hundredths(), -18000);
        assert!(Degrees::longitude("180.01").is_err());
        assert_eq!(Degrees::longitude("+007.50").unwrap().as_str(), "+007.50");
    }
}
