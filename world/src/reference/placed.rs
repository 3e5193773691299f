//! Where a client is and what that makes of a record set, slowly: every row of every table is looked at.

use std::net::IpAddr;

use answer::{LatencyRow, Place, PlaceRow};
use model::Routing;
use model::cidr::CidrCollection;
use model::place::region::{region_index, region_point};
use model::place::{Country, Geoproximity, Location};
use model::prefix::Prefix;

/// Who asks, and the tables that say where that is.
#[derive(Debug, Clone)]
pub struct Asker<'a> {
    /// The client: a Client Subnet, or the address of the query.
    pub prefix: Prefix,
    /// Where clients are, as the user says.
    pub places: &'a [PlaceRow],
    /// Where they are as databases say, the most trusted first. Prefixes of one database do not lie in each other.
    pub databases: &'a [Vec<PlaceRow>],
    /// What was measured.
    pub latencies: &'a [LatencyRow],
    /// All CIDR collections.
    pub collections: &'a [CidrCollection],
}

impl Asker<'_> {
    /// The place that all addresses of the prefix have. If they differ: of the user's prefixes the longest that all of it
    /// is in; else the place that all of it has by the databases alone; else none.
    #[must_use]
    pub fn place(&self) -> Place {
        let by_user = |prefix: Prefix| {
            let around = self.places.iter().filter(|row| row.prefix.contains(&prefix));
            around.max_by_key(|row| row.prefix.length()).map(|row| with_continent(row.place))
        };
        let by_databases = |address: Prefix| {
            let mut rows = self.databases.iter().flatten();
            rows.find(|row| row.prefix.contains(&address)).map(|row| as_in_database(row.place)).unwrap_or_default()
        };
        let of_all = |of: &dyn Fn(Prefix) -> Place| {
            let addresses = self.telling_addresses();
            let first = of(addresses[0]);
            addresses.iter().all(|address| of(*address) == first).then_some(first)
        };
        of_all(&|address| by_user(address).unwrap_or_else(|| by_databases(address)))
            .or_else(|| by_user(self.prefix))
            .or_else(|| of_all(&by_databases))
            .unwrap_or_default()
    }

    /// The first address of the prefix, and those in it at which any row begins or behind which one ends: between them
    /// nothing changes.
    fn telling_addresses(&self) -> Vec<Prefix> {
        let mut addresses = vec![Prefix::of(self.prefix.address())];
        for row in self.places.iter().chain(self.databases.iter().flatten()) {
            let first = Prefix::of(row.prefix.address());
            addresses.extend([Some(first), behind(row.prefix)].into_iter().flatten());
        }
        addresses.retain(|address| self.prefix.contains(address));
        addresses
    }

    /// What a record set costs the client; the cheapest able one answers. None if it is not for the client at all.
    /// Policies that do not ask where the client is cost nothing.
    pub(super) fn cost(&self, routing: &Routing) -> Option<f64> {
        match routing {
            Routing::Simple | Routing::Weighted { .. } | Routing::Failover { .. } | Routing::Multivalue { .. } => {
                Some(0.0)
            }
            Routing::Latency { region, .. } => Some(self.milliseconds(region)),
            Routing::Geolocation { location, .. } => self.size(*location),
            Routing::Geoproximity { geoproximity, .. } => Some(self.biased(geoproximity)),
            Routing::IpBased { collection, location, .. } => {
                let collection = self.collections.iter().find(|held| held.id == *collection);
                let blocks = collection.iter().flat_map(|held| &held.blocks);
                let around = blocks
                    .map(|(block, of)| (Prefix::around(block.network(), block.length()), of))
                    .filter(|(block, _)| block.contains(&self.prefix));
                let own = around.max_by_key(|(block, _)| block.length()).map(|(_, of)| of);
                if own == Some(location) { Some(0.0) } else { (location.as_str() == "*").then_some(1.0) }
            }
        }
    }

    fn milliseconds(&self, region: &model::id::Region) -> f64 {
        let place = self.place();
        if region.as_str() == "cn-north-1" && place.country.is_some_and(|country| country == Country::CN) {
            return -1.0;
        }
        let mut around = self.latencies.iter().filter(|row| row.prefix.contains(&self.prefix));
        let longest = around.clone().map(|row| row.prefix.length()).max();
        let of_region =
            around.rfind(|row| Some(row.prefix.length()) == longest && region_index(region) == Some(row.region));
        if let Some(row) = of_region {
            return row.milliseconds.into();
        }
        match (place.point, region_point(region)) {
            (Some(client), Some(region)) => 1.0 + client.kilometres_to(&region) / 100.0,
            (None, Some(_)) => f64::MAX,
            (_, None) => f64::INFINITY,
        }
    }

    fn size(&self, location: Location) -> Option<f64> {
        let place = self.place();
        let (is_in, size) = match location {
            Location::Subdivision(country, part) => {
                (place.country == Some(country) && place.subdivision == Some(part), 0.0)
            }
            Location::Country(country) => (place.country == Some(country), 1.0),
            Location::Continent(continent) => (place.continent == Some(continent), 2.0),
            Location::Default => (true, 3.0),
        };
        is_in.then_some(size)
    }

    fn biased(&self, geoproximity: &Geoproximity) -> f64 {
        let Some(here) = geoproximity.origin.point() else { return f64::INFINITY };
        let distance = self.place().point.map_or(1.0, |client| client.kilometres_to(&here));
        let bias = f64::from(geoproximity.bias.unwrap_or(0));
        if bias >= 0.0 { distance * (1.0 - bias / 100.0) } else { distance / (1.0 + bias / 100.0) }
    }
}

/// A country says its continent.
fn with_continent(place: Place) -> Place {
    Place { continent: place.continent.or_else(|| place.country?.continent()), ..place }
}

/// In a database it also says about where its people are.
fn as_in_database(place: Place) -> Place {
    with_continent(Place { point: place.point.or_else(|| place.country?.point()), ..place })
}

/// The address behind the last one of a prefix; none behind the last of all.
fn behind(prefix: Prefix) -> Option<Prefix> {
    let spare = |bits: u8| u32::from(bits - prefix.length());
    let next: IpAddr = match prefix.address() {
        IpAddr::V4(first) => u32::from(first).checked_add(1u32.checked_shl(spare(32))?)?.to_be_bytes().into(),
        IpAddr::V6(first) => u128::from(first).checked_add(1u128.checked_shl(spare(128))?)?.to_be_bytes().into(),
    };
    Some(Prefix::of(next))
}
