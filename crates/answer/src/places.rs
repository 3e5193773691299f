//! Where clients are: the user's table of prefixes, and the networks of VPCs.
//!
//! Before: `csv` reads the user's file. After: `choose` asks once for each query, and only if a policy on the way wants
//! to know. Left out on purpose: where tables come from, and reading them anew while serving.

mod csv;

use std::collections::HashMap;
use std::hash::Hash;

use model::hosted_zone::Vpc;
use model::place::region::{REGIONS, region_index, region_location, region_point};
use model::place::{Continent, Country, Location, Point, Subdivision};
use model::prefix::Prefix;
use model::vpc::VpcNetworks;

use crate::prefixes::{Matched, Prefixes, Twice};

pub use csv::{CsvFault, CsvProblem, LatencyRow, PlaceRow, read_latencies, read_places};

/// What is known of a client's place; nothing of it need be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// The continent; that of the country if only that is given.
    pub continent: Option<Continent>,
    /// The country.
    pub country: Option<Country>,
    /// The state, of clients in the United States.
    pub subdivision: Option<Subdivision>,
    /// The point that distances are measured from.
    pub point: Option<Point>,
}

/// Where clients are and who is in which VPC. Immutable; a new one is made of new tables.
#[derive(Debug, Default)]
pub struct Places {
    prefixes: Prefixes<u32>,
    located: Box<[Located]>,
    measured: Prefixes<u32>,
    latencies: Box<[Latencies]>,
    networks: Prefixes<u32>,
    vpcs: Box<[(Vpc, Located)]>,
}

/// A place with what distances are computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Located {
    pub(crate) place: Place,
    pub(crate) direction: Option<Direction>,
}

/// Measured milliseconds to each region; NaN where nothing was measured.
pub(crate) type Latencies = [f32; REGIONS];

/// A point as a vector of length 1 from the middle of the globe: distances between such cost no trigonometry but one
/// arc sine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Direction([f64; 3]);

/// Why tables cannot be used together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlacesFault {
    /// One prefix has two rows.
    #[error("the places have two rows for {0}")]
    PlaceTwice(Prefix),
    /// One network is of two VPCs.
    #[error("two VPCs have the network {0}")]
    NetworkTwice(Prefix),
}

impl Places {
    /// Compiles tables. Of several latencies between one prefix and one region the last counts.
    ///
    /// # Errors
    /// See [`PlacesFault`].
    pub fn compile(
        places: Vec<PlaceRow>,
        latencies: Vec<LatencyRow>,
        vpcs: &[VpcNetworks],
    ) -> Result<Self, PlacesFault> {
        let mut located = Interned::default();
        let rows: Vec<(Prefix, u32)> =
            places.into_iter().map(|row| (row.prefix, located.index(row.place.completed()))).collect();
        let fault = |rows: &[(Prefix, u32)], twice: Twice| rows[twice.second].0;
        let prefixes = Prefixes::build(rows.clone()).map_err(|twice| PlacesFault::PlaceTwice(fault(&rows, twice)))?;
        let located = located.items.into_iter().map(Located::new).collect();

        let mut order: Vec<Prefix> = Vec::new();
        let mut measured: HashMap<Prefix, Latencies> = HashMap::new();
        for row in latencies {
            let of_prefix = measured.entry(row.prefix).or_insert_with(|| {
                order.push(row.prefix);
                [f32::NAN; REGIONS]
            });
            of_prefix[row.region] = row.milliseconds;
        }
        let latencies = order.iter().map(|prefix| measured[prefix]).collect();
        let measured = Prefixes::build(order.into_iter().zip(0..).collect()).expect("each prefix was put once");

        let of_vpc = |(vpc, index): (&VpcNetworks, u32)| vpc.networks.iter().map(|n| (*n, index)).collect::<Vec<_>>();
        let networks: Vec<(Prefix, u32)> = vpcs.iter().zip(0..).flat_map(of_vpc).collect();
        let networks =
            Prefixes::build(networks.clone()).map_err(|twice| PlacesFault::NetworkTwice(fault(&networks, twice)))?;
        let vpcs = vpcs.iter().map(|of| (of.vpc.clone(), Located::new(Place::of_region(&of.vpc)))).collect();
        Ok(Self { prefixes, located, measured, latencies, networks, vpcs })
    }

    /// The place of a client.
    pub(crate) fn locate(&self, client: Prefix) -> Matched<'_, Located> {
        let Matched { value, scope } = self.prefixes.find(client);
        Matched { value: value.map(|index| &self.located[*index as usize]), scope }
    }

    /// What was measured from a client.
    pub(crate) fn latencies(&self, client: Prefix) -> Matched<'_, Latencies> {
        let Matched { value, scope } = self.measured.find(client);
        Matched { value: value.map(|index| &self.latencies[*index as usize]), scope }
    }

    /// The VPC that an address is in.
    pub(crate) fn vpc(&self, address: Prefix) -> Option<&(Vpc, Located)> {
        if self.networks.is_empty() {
            return None;
        }
        self.networks.find(address).value.map(|index| &self.vpcs[*index as usize])
    }
}

impl Place {
    /// A country says its continent.
    fn completed(self) -> Self {
        Self { continent: self.continent.or_else(|| self.country?.continent()), ..self }
    }

    /// What the clients of a VPC count as (R53 private zones: the region of the VPC).
    fn of_region(vpc: &Vpc) -> Self {
        let mut place = Self { point: region_point(&vpc.region), ..Self::default() };
        match region_location(&vpc.region) {
            Some(Location::Subdivision(country, state)) => {
                (place.country, place.subdivision) = (Some(country), Some(state));
            }
            Some(Location::Country(country)) => place.country = Some(country),
            Some(Location::Continent(_) | Location::Default) | None => {}
        }
        place.completed()
    }
}

impl Located {
    fn new(place: Place) -> Self {
        Self { place, direction: place.point.map(Direction::of) }
    }
}

impl Direction {
    pub(crate) fn of(point: Point) -> Self {
        let radians = |hundredths: i16| (f64::from(hundredths) / 100.0).to_radians();
        let (latitude, longitude) = (radians(point.latitude), radians(point.longitude));
        Self([latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()])
    }

    /// Along the great circle, on a sphere of 6371 km.
    pub(crate) fn kilometres_to(&self, other: &Self) -> f64 {
        let square: f64 = self.0.iter().zip(other.0).map(|(a, b)| (a - b) * (a - b)).sum();
        2.0 * 6371.0 * (square.sqrt() / 2.0).min(1.0).asin()
    }
}

/// Places that many prefixes share, each once.
struct Interned<T> {
    items: Vec<T>,
    index: HashMap<T, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> Interned<T> {
    fn index(&mut self, item: T) -> u32 {
        *self.index.entry(item).or_insert_with(|| {
            self.items.push(item);
            u32::try_from(self.items.len() - 1).expect("fewer than 2³² places")
        })
    }
}

/// The place of a region in [`Latencies`].
pub(crate) fn latency_index(region: &model::id::Region) -> Option<u8> {
    region_index(region).map(|index| u8::try_from(index).expect("39 regions"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::{Region, VpcId};

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn a_country_says_its_continent_and_a_region_its_place() {
        let place = Place { country: Some("DE".parse().unwrap()), ..Place::default() };
        let places = Places::compile(vec![PlaceRow { prefix: prefix("10.0.0.0/8"), place }], Vec::new(), &[]).unwrap();
        let found = places.locate(prefix("10.1.1.1/32"));
        assert_eq!(found.value.unwrap().place.continent, Some(Continent::Europe));
        assert_eq!(found.scope, 8);
        let vpc = Vpc { region: Region::parse("us-west-2").unwrap(), id: VpcId::parse("vpc-1").unwrap() };
        let place = Place::of_region(&vpc);
        assert_eq!(place.subdivision.map(|state| state.to_string()).as_deref(), Some("OR"));
        assert_eq!(place.continent, Some(Continent::NorthAmerica));
    }

    #[test]
    fn the_longest_network_says_whose_a_client_is() {
        let vpc = |id: &str, network: &str| VpcNetworks {
            vpc: Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse(id).unwrap() },
            networks: vec![prefix(network)],
        };
        let vpcs = [vpc("vpc-1", "10.0.0.0/8"), vpc("vpc-2", "10.1.0.0/16")];
        let places = Places::compile(Vec::new(), Vec::new(), &vpcs).unwrap();
        let of = |address: &str| places.vpc(prefix(address)).map(|(vpc, _)| vpc.id.as_str());
        assert_eq!([of("10.2.0.1/32"), of("10.1.0.1/32"), of("192.0.2.1/32")], [Some("vpc-1"), Some("vpc-2"), None]);
        let twice = [vpc("vpc-1", "10.0.0.0/8"), vpc("vpc-2", "10.0.0.0/8")];
        assert!(matches!(Places::compile(Vec::new(), Vec::new(), &twice), Err(PlacesFault::NetworkTwice(_))));
    }

    #[test]
    fn directions_measure_as_the_globe_does() {
        let points = [(5252, 1340), (3895, -7745), (-3387, 15121), (0, 18000), (0, -18000), (9000, 0)];
        for a in points.map(|(latitude, longitude)| Point { latitude, longitude }) {
            for b in points.map(|(latitude, longitude)| Point { latitude, longitude }) {
                let fast = Direction::of(a).kilometres_to(&Direction::of(b));
                assert!((fast - a.kilometres_to(&b)).abs() < 0.01, "{a:?} {b:?}");
            }
        }
    }
}
