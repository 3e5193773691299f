//! The database of countries in this binary, so that geolocation works without any configuration.
//!
//! `places/countries.z` is made by `cargo xtask places` of the database that [`PACKAGE`] holds, in the form of
//! [`answer::compact`], deflated. Sizes and the licence are told in `docs/operating/places.md`.

use std::io::Read as _;

use answer::Database;

/// What the database is from; `cutover places update` fetches the newest.
pub(crate) const PACKAGE: &str = "@ip-location-db/geo-whois-asn-country-mmdb";
/// The version that is in here.
pub(crate) const VERSION: &str = "2.3.2026061719";
/// What its licence wants to be told (`docs/operating/places.md`).
pub(crate) const ATTRIBUTION: &str = "made from ip-location-db's geo-whois-asn-country, with statistics of the Number \
    Resource Organization (nro.net), licensed under CC BY 4.0; simplified to countries of /24 and /48";

const DEFLATED: &[u8] = include_bytes!("../../places/countries.z");

/// The database, and when it was built, in seconds since 1970.
pub(crate) fn database() -> (Database, u64) {
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(DEFLATED).read_to_end(&mut bytes).expect("a test inflates what is built in");
    answer::expand(&bytes).expect("a test reads what is built in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_database_knows_most_countries_and_where_large_networks_are() {
        let (database, built) = database();
        assert!(built > 1_750_000_000, "{built}");
        let countries: std::collections::HashSet<_> =
            database.places().iter().filter_map(|place| place.country).collect();
        assert!(countries.len() > 230, "{}", countries.len());
        // Networks that have been of one country for decades: Deutsche Telekom, Orange, NTT, Comcast, Telstra.
        for (address, country) in [
            ("84.128.0.1", "DE"),
            ("90.0.0.1", "FR"),
            ("61.112.0.1", "JP"),
            ("73.0.0.1", "US"),
            ("1.128.0.1", "AU"),
            ("2003::1", "DE"),
            ("2a01:c000::1", "FR"),
        ] {
            let found = database.find(address.parse().unwrap()).place;
            assert_eq!(found.country.map(|country| country.to_string()).as_deref(), Some(country), "{address}");
            assert!(found.point.is_some() && found.continent.is_some(), "{address}");
        }
        for nowhere in ["10.0.0.1", "127.0.0.1", "192.168.1.1", "fd00::1", "::1"] {
            assert_eq!(database.find(nowhere.parse().unwrap()).place, answer::Place::default(), "{nowhere}");
        }
    }

    #[test]
    fn it_is_small() {
        assert!(DEFLATED.len() < 400_000, "{}", DEFLATED.len());
    }
}
