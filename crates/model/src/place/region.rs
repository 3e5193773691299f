//! Where AWS's regions and Local Zones are, roughly: for distances, and for what a VPC's clients count as. The user's own
//! regions are in `place/own_regions.rs`.
//!
//! Data. Unspecified: AWS publishes no coordinates; these are those of the cities or counties that the regions are named
//! after, which is exact enough to tell which of two regions is nearer. Names: API `ResourceRecordSetRegion`, `VPCRegion`.

use super::{Country, Location, Origin, Subdivision};
use crate::id::{LocalZoneGroup, Region};

/// A point on the globe in hundredths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// -9000 to 9000.
    pub latitude: i16,
    /// -18000 to 18000.
    pub longitude: i16,
}

/// How many regions there are.
pub const REGIONS: usize = 39;

/// Name, latitude, longitude, country, state of the US; in order of the names.
type Row = (&'static str, i16, i16, [u8; 2], &'static str);

const TABLE: [Row; REGIONS] = [
    ("af-south-1", -3392, 1842, *b"ZA", ""),
    ("ap-east-1", 2232, 11417, *b"HK", ""),
    ("ap-east-2", 2503, 12157, *b"TW", ""),
    ("ap-northeast-1", 3568, 13969, *b"JP", ""),
    ("ap-northeast-2", 3757, 12698, *b"KR", ""),
    ("ap-northeast-3", 3469, 13550, *b"JP", ""),
    ("ap-south-1", 1908, 7288, *b"IN", ""),
    ("ap-south-2", 1739, 7849, *b"IN", ""),
    ("ap-southeast-1", 135, 10382, *b"SG", ""),
    ("ap-southeast-2", -3387, 15121, *b"AU", ""),
    ("ap-southeast-3", -621, 10685, *b"ID", ""),
    ("ap-southeast-4", -3781, 14496, *b"AU", ""),
    ("ap-southeast-5", 314, 10169, *b"MY", ""),
    ("ap-southeast-6", -3685, 17476, *b"NZ", ""),
    ("ap-southeast-7", 1376, 10050, *b"TH", ""),
    ("ca-central-1", 4550, -7357, *b"CA", ""),
    ("ca-west-1", 5105, -11407, *b"CA", ""),
    ("cn-north-1", 3990, 11641, *b"CN", ""),
    ("cn-northwest-1", 3847, 10627, *b"CN", ""),
    ("eu-central-1", 5011, 868, *b"DE", ""),
    ("eu-central-2", 4738, 854, *b"CH", ""),
    ("eu-north-1", 5933, 1807, *b"SE", ""),
    ("eu-south-1", 4546, 919, *b"IT", ""),
    ("eu-south-2", 4165, -88, *b"ES", ""),
    ("eu-west-1", 5335, -626, *b"IE", ""),
    ("eu-west-2", 5151, -13, *b"GB", ""),
    ("eu-west-3", 4886, 235, *b"FR", ""),
    ("eusc-de-east-1", 5241, 1253, *b"DE", ""),
    ("il-central-1", 3209, 3478, *b"IL", ""),
    ("me-central-1", 2445, 5438, *b"AE", ""),
    ("me-south-1", 2607, 5056, *b"BH", ""),
    ("mx-central-1", 2059, -10039, *b"MX", ""),
    ("sa-east-1", -2355, -4663, *b"BR", ""),
    ("us-east-1", 3895, -7745, *b"US", "VA"),
    ("us-east-2", 4000, -8300, *b"US", "OH"),
    ("us-gov-east-1", 3996, -8300, *b"US", "OH"),
    ("us-gov-west-1", 4552, -12268, *b"US", "OR"),
    ("us-west-1", 3735, -12196, *b"US", "CA"),
    ("us-west-2", 4584, -11970, *b"US", "OR"),
];

/// The code of a Local Zone's city, as it stands in the group's name (`us-east-1-bue-1`), latitude, longitude.
const CITIES: [(&str, i16, i16); 36] = [
    ("akl", -3685, 17476),
    ("atl", 3375, -8439),
    ("bkk", 1376, 10050),
    ("bna", 3616, -8678),
    ("bos", 4236, -7106),
    ("bue", -3460, -5838),
    ("ccu", 2257, 8836),
    ("chi", 4188, -8763),
    ("cph", 5568, 1257),
    ("del", 2861, 7721),
    ("den", 3974, -10499),
    ("dfw", 3278, -9680),
    ("ham", 5355, 999),
    ("han", 2103, 10585),
    ("hel", 6017, 2494),
    ("hnl", 2131, -15786),
    ("iah", 2976, -9537),
    ("las", 3617, -11514),
    ("lax", 3405, -11824),
    ("lim", -1205, -7704),
    ("los", 652, 338),
    ("mci", 3910, -9458),
    ("mct", 2359, 5841),
    ("mia", 2576, -8019),
    ("mnl", 1460, 12098),
    ("msp", 4498, -9327),
    ("nyc", 4071, -7401),
    ("pdx", 4552, -12268),
    ("per", -3195, 11586),
    ("phl", 3995, -7517),
    ("phx", 3345, -11207),
    ("qro", 2059, -10039),
    ("scl", -3345, -7067),
    ("sea", 4761, -12233),
    ("tpe", 2503, 12157),
    ("waw", 5223, 2101),
];

impl Point {
    /// Kilometres to another point along the great circle, on a sphere of 6371 km.
    #[must_use]
    pub fn kilometres_to(&self, other: &Self) -> f64 {
        let radians = |hundredths: i16| (f64::from(hundredths) / 100.0).to_radians();
        let (a, b) = (radians(self.latitude), radians(other.latitude));
        let half = |x: f64| (x / 2.0).sin().powi(2);
        let h = half(b - a) + a.cos() * b.cos() * half(radians(other.longitude) - radians(self.longitude));
        2.0 * 6371.0 * h.sqrt().min(1.0).asin()
    }
}

/// The place of a region in lists of [`REGIONS`] entries; none for a region that AWS does not have.
#[must_use]
pub fn region_index(region: &Region) -> Option<usize> {
    TABLE.binary_search_by(|row| row.0.cmp(region.as_str())).ok()
}

/// All regions, in the order of [`region_index`].
pub fn regions() -> impl Iterator<Item = Region> {
    TABLE.iter().map(|row| Region::parse(row.0).expect("a constant name"))
}

/// Where a region is; none for a region that AWS does not have.
#[must_use]
pub fn region_point(region: &Region) -> Option<Point> {
    region_index(region).map(|i| Point { latitude: TABLE[i].1, longitude: TABLE[i].2 })
}

/// The country a region is in, of the United States the state; none for a region that AWS does not have.
#[must_use]
pub fn region_location(region: &Region) -> Option<Location> {
    let (.., country, state) = TABLE[region_index(region)?];
    let country = Country(country);
    Some(match state.parse::<Subdivision>() {
        Ok(state) => Location::Subdivision(country, state),
        Err(_) => Location::Country(country),
    })
}

/// Where a Local Zone group is: in its city, or where its region is if the city is not known.
#[must_use]
pub fn local_zone_point(group: &LocalZoneGroup) -> Option<Point> {
    let (zone, _) = group.as_str().rsplit_once('-')?;
    let (region, city) = zone.rsplit_once('-')?;
    let region = region_point(&Region::parse(region).ok()?)?;
    let city = CITIES.binary_search_by(|row| row.0.cmp(city)).ok();
    Some(city.map_or(region, |i| Point { latitude: CITIES[i].1, longitude: CITIES[i].2 }))
}

impl Origin {
    /// Its point; none for a region or Local Zone that is not known.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        match self {
            Self::Region(region) => region_point(region),
            Self::LocalZoneGroup(group) => local_zone_point(group),
            Self::Coordinates { latitude, longitude } => {
                Some(Point { latitude: latitude.hundredths(), longitude: longitude.hundredths() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        Region::parse(text).unwrap()
    }

    #[test]
    fn tables_are_in_order_and_countries_known() {
        assert!(TABLE.is_sorted_by_key(|row| row.0) && CITIES.is_sorted_by_key(|row| row.0));
        assert_eq!(regions().count(), REGIONS);
        assert!(regions().all(|region| region_location(&region).is_some_and(|location| location.is_known())));
        assert_eq!(region_index(&region("mars-1")), None);
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let point = |text| region_point(&region(text)).unwrap();
        let check = |a, b, kilometres: f64| {
            let found = point(a).kilometres_to(&point(b));
            assert!((found - kilometres).abs() < 60.0, "{a} {b} {found}");
        };
        check("us-east-1", "us-east-1", 0.0);
        check("eu-west-2", "eu-west-3", 344.0);
        check("ap-southeast-2", "ap-southeast-6", 2155.0);
        check("ap-southeast-1", "ap-southeast-2", 6300.0);
    }

    #[test]
    fn local_zones_are_in_their_city() {
        let point = |text| local_zone_point(&LocalZoneGroup::parse(text).unwrap());
        assert_eq!(point("us-east-1-bue-1"), Some(Point { latitude: -3460, longitude: -5838 }));
        assert_eq!(point("us-east-1-xyz-1"), region_point(&region("us-east-1")));
        assert_eq!((point("mars-1-bue-1"), point("us-east-1")), (None, None));
    }
}
