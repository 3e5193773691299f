//! A database of places: one place for each address of both families, as runs. [`super::mmdb`] and [`super::compact`] read
//! one; [`super::Places`] lays the user's rows over it.
//!
//! Of several databases the first that knows anything of an address counts, with all it says of it and nothing else.

use std::collections::HashMap;
use std::net::IpAddr;

use model::prefix::Prefix;

use super::Place;
use crate::runs::{Bits, NONE, Runs};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Database {
    pub(super) places: Vec<Place>,
    pub(super) v4: Runs<u32>,
    pub(super) v6: Runs<u128>,
}

/// What a database says of an address.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// The place; nothing of it is known where the database has none.
    pub place: Place,
    /// The largest prefix around the address in which all have this place.
    pub prefix: Prefix,
}

impl Database {
    /// This one, and where it knows nothing the one below.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let mut places = Interned::default();
        let above: Vec<u32> = self.places.iter().map(|place| places.index(*place)).collect();
        let beneath: Vec<u32> = below.places.iter().map(|place| places.index(*place)).collect();
        let of = |indexes: &[u32], index: u32| indexes[index as usize];
        Self {
            v4: self.v4.map(|i| of(&above, i)).over(&below.v4.map(|i| of(&beneath, i))),
            v6: self.v6.map(|i| of(&above, i)).over(&below.v6.map(|i| of(&beneath, i))),
            places: places.items,
        }
    }

    /// This one without places for addresses that are nobody's on the Internet: private, local, shared, reserved and
    /// documentation ones (IANA's registries of special-purpose addresses, RFC 6890), of IPv6 all that is no global unicast.
    /// Databases made of registries' statistics may put them anywhere.
    #[must_use]
    pub fn of_public_addresses(&self) -> Self {
        let (mut v4, mut v6) = (Runs::default(), Runs::default());
        for text in SPECIAL {
            let prefix: Prefix = text.parse().expect("a constant prefix");
            match prefix.address() {
                IpAddr::V4(first) => put(&mut v4, first.into(), prefix.length()),
                IpAddr::V6(first) => put(&mut v6, first.into(), prefix.length()),
            }
        }
        Self { places: self.places.clone(), v4: self.v4.outside(&v4), v6: self.v6.outside(&v6) }
    }

    /// What it says of an address.
    #[must_use]
    pub fn find(&self, address: IpAddr) -> Placed {
        let address = address.to_canonical();
        let (value, length) = match address {
            IpAddr::V4(v4) => {
                let i = self.v4.at(v4.into());
                (self.v4.run(i).2, self.v4.scope(i, v4.into()))
            }
            IpAddr::V6(v6) => {
                let i = self.v6.at(v6.into());
                (self.v6.run(i).2, self.v6.scope(i, v6.into()))
            }
        };
        let place = if value == NONE { Place::default() } else { self.places[value as usize] };
        Placed { place, prefix: Prefix::around(address, length) }
    }

    /// How many runs of IPv4 and of IPv6 addresses it has, unknown ones between them included.
    #[must_use]
    pub fn runs(&self) -> (usize, usize) {
        (self.v4.len(), self.v6.len())
    }

    /// Its places, each once.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }
}

/// Special-purpose addresses, in order.
const SPECIAL: [&str; 21] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/3",
    // Teredo, documentation and 6to4 stand in the part for global unicast.
    "2001::/32",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "4000::/2",
    "8000::/2",
    "c000::/2",
];

fn put<B: Bits>(runs: &mut Runs<B>, first: B, length: u8) {
    runs.push(first, 0);
    if let Some(behind) = first.last(length).next() {
        runs.push(behind, NONE);
    }
}

impl Place {
    /// As databases mean it: a country says its continent, and if there are no coordinates about where its people are. A
    /// state is one of the United States, which are the only ones that Route 53 knows.
    pub(super) fn of_database(self) -> Self {
        let subdivision = self.subdivision.filter(|state| {
            self.country.is_some_and(|country| country == model::place::Country::US) && state.us_state().is_some()
        });
        let point = self.point.or_else(|| self.country?.point());
        Self { subdivision, point, ..self }.completed()
    }
}

/// Things that much else shares, each once.
pub(super) struct Interned<T> {
    pub(super) items: Vec<T>,
    index: HashMap<T, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: HashMap::new() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Interned<T> {
    pub(super) fn index(&mut self, item: T) -> u32 {
        *self.index.entry(item).or_insert_with(|| {
            self.items.push(item);
            u32::try_from(self.items.len() - 1).expect("fewer than 2³² places")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(country: &str) -> Place {
        Place { country: Some(country.parse().unwrap()), ..Place::default() }.of_database()
    }

    #[test]
    fn the_first_database_that_knows_an_address_counts() {
        let mut above = Database { places: vec![place("DE")], ..Database::default() };
        above.v4.push(0x0a00_0000, 0);
        above.v4.push(0x0b00_0000, NONE);
        let mut below = Database { places: vec![place("FR"), place("DE")], ..Database::default() };
        below.v4.push(0x0a80_0000, 0);
        below.v4.push(0x0b80_0000, 1);
        below.v4.push(0x0c00_0000, NONE);
        let both = above.over(&below);
        let of = |address: &str| {
            let Placed { place, prefix } = both.find(address.parse().unwrap());
            (place.country.map(|country| country.code().to_owned()).unwrap_or_default(), prefix.to_string())
        };
        assert_eq!(of("10.200.0.1"), ("DE".to_owned(), "10.0.0.0/8".to_owned()));
        assert_eq!(of("11.0.0.1"), ("FR".to_owned(), "11.0.0.0/9".to_owned()));
        assert_eq!(of("::ffff:11.200.0.1"), ("DE".to_owned(), "11.128.0.0/9".to_owned()));
        assert_eq!(of("12.0.0.1"), (String::new(), "12.0.0.0/6".to_owned()));
        assert_eq!(of("2001:db8::1"), (String::new(), "::/0".to_owned()));
        assert_eq!(both.places().len(), 2);
    }

    #[test]
    fn addresses_that_are_nobodys_are_nowhere() {
        let mut everywhere = Database { places: vec![place("AU")], ..Database::default() };
        everywhere.v4.push(0, 0);
        everywhere.v6.push(0, 0);
        let public = everywhere.of_public_addresses();
        let is_known = |address: &str| public.find(address.parse().unwrap()).place != Place::default();
        for address in ["1.0.0.0", "9.255.255.255", "11.0.0.0", "172.32.0.0", "192.167.255.255", "223.255.255.255"] {
            assert!(is_known(address), "{address}");
        }
        for address in ["2000::", "2001:1::", "2003::1", "3ffe:ffff::1", "2a01::1"] {
            assert!(is_known(address), "{address}");
        }
        for address in
            ["0.1.2.3", "10.0.0.1", "127.0.0.1", "192.168.1.1", "203.0.113.9", "224.0.0.1", "255.255.255.255"]
        {
            assert!(!is_known(address), "{address}");
        }
        for address in ["::1", "64:ff9b::1", "2001:db8::1", "2002::1", "fd00::1", "fe80::1", "ffff::"] {
            assert!(!is_known(address), "{address}");
        }
    }

    #[test]
    fn a_country_stands_for_what_a_database_leaves_open() {
        let germany = place("DE");
        assert_eq!(germany.continent.map(model::place::Continent::code), Some("EU"));
        assert_eq!(germany.point, "DE".parse::<model::place::Country>().unwrap().point());
        let bavaria = Place { subdivision: Some("BY".parse().unwrap()), ..germany }.of_database();
        assert_eq!(bavaria.subdivision, None);
    }
}
