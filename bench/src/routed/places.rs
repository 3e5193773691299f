//! Tables of where clients are, drawn from a seed: as large as a real one and of the same shape, so that look-ups miss the caches as
//! they do in production. Leaves out on purpose: the truth.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::random::Random;

/// Prefixes with a place: what a country database has.
pub const PREFIXES: usize = 300_000;
/// Distinct points they lie at.
const CITIES: usize = 20_000;
/// Regions that latencies were measured to: all that the records of [`super::records`] name.
pub const REGIONS: [&str; 8] = [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-northeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "sa-east-1",
];

/// Countries and where they are, in degrees; the first eight have record sets of their own.
pub const COUNTRIES: [(&str, &str, i32, i32); 30] = [
    ("US", "NA", 39, -98),
    ("GB", "EU", 52, -1),
    ("DE", "EU", 51, 10),
    ("FR", "EU", 46, 2),
    ("JP", "AS", 36, 138),
    ("BR", "SA", -10, -55),
    ("IN", "AS", 22, 79),
    ("AU", "OC", -25, 134),
    ("CA", "NA", 56, -106),
    ("CN", "AS", 35, 105),
    ("RU", "EU", 60, 90),
    ("KR", "AS", 36, 128),
    ("IT", "EU", 42, 12),
    ("ES", "EU", 40, -4),
    ("NL", "EU", 52, 5),
    ("SE", "EU", 62, 15),
    ("PL", "EU", 52, 19),
    ("MX", "NA", 23, -102),
    ("ZA", "AF", -29, 24),
    ("NG", "AF", 9, 8),
    ("EG", "AF", 26, 30),
    ("KE", "AF", 0, 38),
    ("AR", "SA", -34, -64),
    ("CL", "SA", -33, -70),
    ("ID", "AS", -2, 118),
    ("TH", "AS", 15, 101),
    ("VN", "AS", 16, 106),
    ("TR", "AS", 39, 35),
    ("SA", "AS", 24, 45),
    ("SG", "AS", 1, 104),
];

/// A prefix and its country, by its place in [`COUNTRIES`]; prefixes do not overlap and stand in order.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// The first address.
    pub network: u32,
    /// Bits of the prefix.
    pub length: u8,
    /// Where its country stands.
    pub country: usize,
}

/// The tables as the server reads them, and the countries alone for peers.
#[derive(Clone, Debug)]
pub struct Tables {
    /// CSV of prefixes with country, state and point.
    pub places: String,
    /// CSV of measured latencies, for addresses from 128.0.0.0 on.
    pub latencies: String,
    /// What [`Tables::places`] says of countries.
    pub countries: Vec<Placed>,
}

/// Which clients ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// Below 128.0.0.0, where no latency was measured.
    Unmeasured,
    /// From 128.0.0.0 on.
    Measured,
}

impl Clients {
    /// A random /24 of them.
    pub fn draw(self, random: &mut Random) -> [u8; 3] {
        let first = match self {
            Clients::Unmeasured => 1 + random.below(126),
            Clients::Measured => 128 + random.below(96),
        };
        [first as u8, random.below(256) as u8, random.below(256) as u8]
    }
}

impl Tables {
    /// The same tables for the same seed.
    pub fn draw(seed: u64) -> Tables {
        let random = &mut Random::new(seed);
        let cities: Vec<(usize, String)> = (0..CITIES).map(|_| city(random)).collect();
        let mut places = String::from("prefix,country,subdivision,latitude,longitude\n");
        let mut countries = Vec::with_capacity(PREFIXES);
        let mut next = u64::from(u32::from(Ipv4Addr::new(1, 0, 0, 0)));
        while countries.len() < PREFIXES {
            let length = length(random);
            let size = 1_u64 << (32 - length);
            let network = next.next_multiple_of(size) as u32;
            let (country, city) = &cities[random.below(CITIES)];
            writeln!(places, "{}/{length},{city}", Ipv4Addr::from(network)).expect("a string takes any text");
            countries.push(Placed { network, length, country: *country });
            next = u64::from(network) + size;
        }
        Tables { places, latencies: latencies(random), countries }
    }
}

/// Of country, state, latitude and longitude the country's place, and all as CSV. A third are in the United States.
fn city(random: &mut Random) -> (usize, String) {
    let country = if random.below(3) == 0 { 0 } else { random.below(COUNTRIES.len()) };
    let (code, _, latitude, longitude) = COUNTRIES[country];
    let state = if code == "US" { ["CA", "NY", "TX", "WA", "FL"][random.below(5)] } else { "" };
    let near = |degrees: i32, by: usize, random: &mut Random| {
        f64::from(degrees) + (random.below(200 * by) as f64 / 100.0) - by as f64
    };
    let (latitude, longitude) = (near(latitude, 5, random), near(longitude, 8, random));
    (country, format!("{code},{state},{latitude:.2},{longitude:.2}"))
}

/// Most prefixes are /24, most addresses are in few large ones.
fn length(random: &mut Random) -> u8 {
    let mut left = random.below(1000);
    for (length, share) in [(24, 505), (22, 200), (20, 120), (19, 80), (18, 50), (16, 30)] {
        match left.checked_sub(share) {
            Some(rest) => left = rest,
            None => return length,
        }
    }
    14
}

/// Every /16 from 128.0.0.0 to 223.255.255.255, each region at 1 to 300 ms.
fn latencies(random: &mut Random) -> String {
    let mut text = String::from("prefix,region,milliseconds\n");
    let networks: BTreeSet<(usize, usize)> = (128..224).flat_map(|a| (0..256).map(move |b| (a, b))).collect();
    for (a, b) in networks {
        for region in REGIONS {
            writeln!(text, "{a}.{b}.0.0/16,{region},{}", 1 + random.below(300)).expect("a string takes any text");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_what_the_server_reads() {
        let tables = Tables::draw(1);
        assert_eq!(answer::read_places(&tables.places).unwrap().len(), PREFIXES);
        assert_eq!(answer::read_latencies(&tables.latencies).unwrap().len(), 96 * 256 * REGIONS.len());
        let last = tables.countries.last().unwrap();
        assert!(Ipv4Addr::from(last.network).octets()[0] > 150, "{last:?}");
        assert!(tables.countries.windows(2).all(|two| two[0].network < two[1].network));
        let covered: u64 = tables.countries.iter().map(|placed| 1 << (32 - placed.length)).sum();
        assert!(covered > 2_000_000_000, "{covered}");
    }
}
