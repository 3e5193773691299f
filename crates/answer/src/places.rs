//! Where clients are: the user's table of prefixes over a database of places, what was measured, and the networks of VPCs.
//!
//! Before: `csv` reads the user's tables, `mmdb` and `compact` databases. After: `choose` asks once for each query, and only
//! if a policy on the way wants to know. Left out on purpose: where files come from and when they are read anew.

mod compact;
mod csv;
mod database;
mod largest;
mod mmdb;
mod tell;

use std::collections::HashMap;
use std::sync::Arc;

use model::hosted_zone::Vpc;
use model::place::region::region_location;
use model::place::{Continent, Country, Location, Point, Regions, Subdivision};
use model::prefix::Prefix;
use model::vpc::VpcNetworks;

use crate::prefixes::{Matched, Prefixes, Twice};
use database::Interned;

pub use compact::{CompactFault, TooManyCountries, compact, expand};
pub(crate) use csv::read as read_rows;
pub use csv::{CsvFault, CsvProblem, LatencyRow, PlaceRow, read_latencies, read_latencies_of, read_places};
pub use database::{Database, Placed};
pub use mmdb::{Mmdb, MmdbFault, read_mmdb};
pub use tell::RegionLatency;

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
#[derive(Debug)]
pub struct Places {
    located: Prefixes<Located>,
    measured: Measured,
    networks: Prefixes<u32>,
    vpcs: Box<[(Vpc, Located)]>,
    regions: Arc<Regions>,
    /// Where the regions are, by [`Regions::index`].
    directions: Box<[Option<Direction>]>,
}

/// What [`Places`] are compiled from.
#[derive(Debug, Clone, Default)]
pub struct Tables<'a> {
    /// The user's places. Where one of these prefixes is, no database counts.
    pub rows: Vec<PlaceRow>,
    /// What says where everybody else is; see [`Database::over`].
    pub database: Option<&'a Database>,
    /// What the user measured, by these regions. Of several rows of one prefix and region the last counts.
    pub latencies: Vec<LatencyRow>,
    /// The networks of VPCs.
    pub vpcs: &'a [VpcNetworks],
    /// All regions. The same must be given to [`crate::Snapshot::with_regions`].
    pub regions: Arc<Regions>,
}

/// A place with what distances are computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Located {
    pub(crate) place: Place,
    pub(crate) direction: Option<Direction>,
}

/// Measured milliseconds to each region, by [`Regions::index`]; NaN where nothing was measured.
pub(crate) type Latencies = [f32];

/// One list of milliseconds for each prefix, all in one run of memory.
#[derive(Debug)]
struct Measured {
    prefixes: Prefixes<()>,
    milliseconds: Box<Latencies>,
    /// How long each list is.
    regions: usize,
}

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
    /// Compiles tables without a database and with AWS's regions.
    ///
    /// # Errors
    /// See [`PlacesFault`].
    pub fn compile(rows: Vec<PlaceRow>, latencies: Vec<LatencyRow>, vpcs: &[VpcNetworks]) -> Result<Self, PlacesFault> {
        Self::of(Tables { rows, latencies, vpcs, ..Tables::default() })
    }

    /// Compiles tables.
    ///
    /// # Errors
    /// See [`PlacesFault`].
    pub fn of(tables: Tables<'_>) -> Result<Self, PlacesFault> {
        let Tables { rows, database, latencies, vpcs, regions } = tables;
        let nothing = Database::default();
        let database = database.unwrap_or(&nothing);
        let mut places = Interned::default();
        database.places().iter().for_each(|place| {
            places.index(*place);
        });
        let rows: Vec<(Prefix, u32)> =
            rows.into_iter().map(|row| (row.prefix, places.index(row.place.completed()))).collect();
        let located = places.items.into_iter().map(Located::new).collect();
        let located = Prefixes::over(&rows, located, (&database.v4, &database.v6))
            .map_err(|twice| PlacesFault::PlaceTwice(rows[twice.second].0))?;

        let networks: Vec<(Prefix, u32)> =
            vpcs.iter().zip(0..).flat_map(|(vpc, index)| vpc.networks.iter().map(move |n| (*n, index))).collect();
        let networks = Prefixes::build(networks.clone())
            .map_err(|Twice { second, .. }| PlacesFault::NetworkTwice(networks[second].0))?;
        let vpcs = vpcs.iter().map(|of| (of.vpc.clone(), Located::new(Place::of_region(&of.vpc, &regions)))).collect();
        let directions = regions.iter().map(|region| regions.point(&region).map(Direction::of)).collect();
        Ok(Self { located, measured: Measured::of(latencies, &regions), networks, vpcs, regions, directions })
    }

    /// The place of a client.
    pub(crate) fn locate(&self, client: Prefix) -> Matched<'_, Located> {
        self.located.find(client)
    }

    /// What was measured from a client.
    pub(crate) fn latencies(&self, client: Prefix) -> Matched<'_, Latencies> {
        self.measured.find(client)
    }

    /// Where the regions are, by [`Regions::index`].
    pub(crate) fn directions(&self) -> &[Option<Direction>] {
        &self.directions
    }

    /// The place of a client, and the prefix length around it within which everybody has the same.
    #[must_use]
    pub fn find(&self, client: Prefix) -> (Place, u8) {
        let Matched { value, scope } = self.locate(client);
        (value.map(|located| located.place).unwrap_or_default(), scope)
    }

    /// The regions that it was compiled with.
    #[must_use]
    pub fn regions(&self) -> &Arc<Regions> {
        &self.regions
    }

    /// How many ranges of addresses the places are, of both families.
    #[must_use]
    pub fn ranges(&self) -> usize {
        self.located.ranges()
    }

    /// Whether the place of anybody is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.located.is_empty()
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
    fn of_region(vpc: &Vpc, regions: &Regions) -> Self {
        let mut place = Self { point: regions.point(&vpc.region), ..Self::default() };
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

    /// The square of the straight line through the globe, whose radius is 1: it orders points as distances along the
    /// surface do, without trigonometry.
    pub(crate) fn square_to(&self, other: &Self) -> f64 {
        self.0.iter().zip(other.0).map(|(a, b)| (a - b) * (a - b)).sum()
    }

    /// Along the great circle, on a sphere of 6371 km.
    pub(crate) fn kilometres_to(&self, other: &Self) -> f64 {
        kilometres(self.square_to(other))
    }
}

/// How long the great circle is above a straight line of this square.
pub(crate) fn kilometres(square: f64) -> f64 {
    2.0 * 6371.0 * (square.sqrt() / 2.0).min(1.0).asin()
}

impl Measured {
    fn of(rows: Vec<LatencyRow>, regions: &Regions) -> Self {
        let regions = regions.count();
        let mut prefixes: HashMap<Prefix, usize> = HashMap::new();
        let mut milliseconds = Vec::new();
        for row in rows {
            let next = prefixes.len();
            let own = *prefixes.entry(row.prefix).or_insert(next);
            milliseconds.resize(prefixes.len() * regions, f32::NAN);
            // A row of a region that is not among these says nothing.
            if row.region < regions {
                milliseconds[own * regions + row.region] = row.milliseconds;
            }
        }
        let mut prefixes: Vec<(Prefix, usize)> = prefixes.into_iter().collect();
        prefixes.sort_unstable_by_key(|(_, own)| *own);
        let prefixes = prefixes.into_iter().map(|(prefix, _)| (prefix, ())).collect();
        let prefixes = Prefixes::build(prefixes).expect("a map has each prefix once");
        Self { prefixes, milliseconds: milliseconds.into(), regions }
    }

    fn find(&self, client: Prefix) -> Matched<'_, Latencies> {
        let (own, scope) = self.prefixes.place(client);
        Matched { value: own.map(|own| &self.milliseconds[own * self.regions..][..self.regions]), scope }
    }
}

impl Default for Places {
    /// Nothing but AWS's regions is known.
    fn default() -> Self {
        Self::of(Tables::default()).expect("no row is there twice")
    }
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
        let place = Place::of_region(&vpc, &Regions::default());
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
