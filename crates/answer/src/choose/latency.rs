//! Latency routing: the region with the lowest latency from the client, of those that the group has; if its record set is
//! unhealthy the next, and so on.
//!
//! R53 latency: a group with a record set for `cn-north-1` answers clients in China with it, whatever was measured.
//! Unspecified: how latency is known. It is the user's measurements, else an estimate from the distance, else the same to
//! everybody, so that the first set identifier answers.

use model::place::Country;

use super::Whereabouts;
use crate::places::{Direction, Latencies, kilometres};
use crate::sites::{RegionSite, RegionSites};

/// Light in fibre goes 200 km in a millisecond, there and back; the rest of the way costs the same everywhere.
const KILOMETRES_A_MILLISECOND: f64 = 100.0;
const MILLISECONDS_LEAST: f64 = 1.0;

/// What is known of a region without trigonometry.
enum Known {
    /// Its cost.
    Cost(f64),
    /// Nothing was measured: the square of the straight line to it.
    Square(f64),
}

/// Milliseconds, or what stands for them; the least answers.
pub(crate) fn cost(site: &RegionSite, client: Whereabouts<'_>) -> f64 {
    if site.is_cn_north_1 && is_in_china(client) {
        return -1.0;
    }
    match known(site.index.map(usize::from), site.direction.as_ref(), client) {
        Known::Cost(cost) => cost,
        Known::Square(square) => estimate(kilometres(square)),
    }
}

/// The first of the least milliseconds, if all were measured and nobody is looked at for being in China: then it does not
/// matter where the client is, and the answer does not depend on it.
pub(super) fn best_measured(sites: &RegionSites, latencies: &Latencies) -> Option<usize> {
    if sites.cn_north_1.is_some() {
        return None;
    }
    let mut least = (f32::INFINITY, None);
    for (i, region) in sites.indexes().enumerate() {
        let milliseconds = *latencies.get(region?)?;
        if milliseconds.is_nan() {
            return None;
        }
        if milliseconds < least.0 {
            least = (milliseconds, Some(i));
        }
    }
    least.1
}

/// The first of the least cost. `directions` are those of the regions by their indexes.
pub(super) fn best(sites: &RegionSites, client: Whereabouts<'_>, directions: &[Option<Direction>]) -> Option<usize> {
    if let Some(member) = sites.cn_north_1.filter(|_| is_in_china(client)) {
        return Some(usize::from(member));
    }
    let mut cheapest: Option<(f64, usize)> = None;
    let mut nearest: Option<(f64, usize)> = None;
    for (i, region) in sites.indexes().enumerate() {
        let direction = region.and_then(|region| directions.get(region)?.as_ref());
        let (value, least) = match known(region, direction, client) {
            Known::Cost(cost) => (cost, &mut cheapest),
            Known::Square(square) => (square, &mut nearest),
        };
        if least.is_none_or(|(least, _)| value < least) {
            *least = Some((value, i));
        }
    }
    match (cheapest, nearest) {
        (Some((cost, cheapest)), Some((square, nearest))) => {
            let estimate = estimate(kilometres(square));
            Some(if estimate < cost || estimate <= cost && nearest < cheapest { nearest } else { cheapest })
        }
        (cheapest, nearest) => cheapest.or(nearest).map(|(_, i)| i),
    }
}

fn is_in_china(client: Whereabouts<'_>) -> bool {
    client.place().country.is_some_and(|country| country == Country::CN)
}

/// A region by its place in measured latencies, and where it is.
fn known(index: Option<usize>, direction: Option<&Direction>, client: Whereabouts<'_>) -> Known {
    let measured = index.zip(client.latencies).map(|(region, latencies)| latencies.get(region));
    if let Some(&milliseconds) = measured.flatten().filter(|milliseconds| !milliseconds.is_nan()) {
        return Known::Cost(f64::from(milliseconds));
    }
    match (client.direction(), direction) {
        (Some(client), Some(region)) => Known::Square(client.square_to(region)),
        // Nothing tells regions apart, but measured ones come first, and a region that nobody knows last.
        (None, Some(_)) => Known::Cost(f64::MAX),
        (_, None) => Known::Cost(f64::INFINITY),
    }
}

/// Milliseconds for a distance.
pub(crate) fn estimate(kilometres: f64) -> f64 {
    MILLISECONDS_LEAST + kilometres / KILOMETRES_A_MILLISECOND
}

/// Whether somebody measured it, for explanations.
pub(crate) fn is_measured(site: &RegionSite, latencies: Option<&Latencies>) -> bool {
    let measured = site.index.zip(latencies).map(|(region, latencies)| latencies.get(usize::from(region)));
    measured.flatten().is_some_and(|milliseconds| !milliseconds.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::Located;
    use model::id::Region;
    use model::place::Regions;

    fn site(region: &str) -> RegionSite {
        RegionSite::of(&Region::parse(region).unwrap(), &Regions::default())
    }

    fn located(country: &str, latitude: i16, longitude: i16) -> Located {
        crate::choose::tests::located(None, Some(country), None, Some((latitude, longitude)))
    }

    #[track_caller]
    fn check(client: Whereabouts<'_>, regions_in_order: &[&str]) {
        let costs: Vec<f64> = regions_in_order.iter().map(|region| cost(&site(region), client)).collect();
        assert!(costs.is_sorted(), "{costs:?}");
    }

    #[test]
    fn near_regions_come_first_and_measurements_before_distances() {
        let berlin = located("DE", 5252, 1340);
        let mut client = Whereabouts { located: Some(&berlin), latencies: None };
        check(client, &["eu-central-1", "eu-west-1", "us-east-1", "ap-northeast-1", "mars-1"]);
        let mut latencies = [f32::NAN; model::place::region::REGIONS];
        latencies[usize::from(site("us-east-1").index.unwrap())] = 0.5;
        client.latencies = Some(&latencies);
        check(client, &["us-east-1", "eu-central-1", "ap-northeast-1"]);
    }

    #[test]
    fn clients_in_china_get_cn_north_1() {
        let urumqi = located("CN", 4380, 8760);
        let client = Whereabouts { located: Some(&urumqi), latencies: None };
        check(client, &["cn-north-1", "cn-northwest-1"]);
        let almaty = located("KZ", 4322, 7685);
        check(Whereabouts { located: Some(&almaty), latencies: None }, &["cn-northwest-1", "cn-north-1"]);
    }

    #[test]
    fn to_a_client_of_unknown_place_all_known_regions_are_the_same() {
        let unknown = Whereabouts { located: None, latencies: None };
        assert_eq!(cost(&site("us-east-1"), unknown).to_bits(), cost(&site("cn-north-1"), unknown).to_bits());
        check(unknown, &["us-east-1", "mars-1"]);
    }

    #[test]
    fn the_best_is_the_first_of_the_least_cost() {
        let regions = ["eu-west-1", "us-east-1", "cn-north-1", "mars-1", "ap-south-1", "sa-east-1"].map(site);
        let sites = RegionSites::of(regions.iter().copied());
        let directions: Vec<_> = Regions::default().iter().map(|region| site(region.as_str()).direction).collect();
        let mut draw = crate::draw::Draw::Random(5);
        for _ in 0..2_000 {
            let mut below = |n: u32| i16::try_from(draw.first(n)).unwrap();
            let country = if below(3) == 0 { "CN" } else { "DE" };
            let berlin = located(country, below(18_000) - 9_000, below(30_000) - 15_000);
            let mut latencies = [f32::NAN; model::place::region::REGIONS];
            for region in &regions {
                if let (Some(index), 0) = (region.index, below(2)) {
                    latencies[usize::from(index)] = f32::from(below(40)) * 5.0;
                }
            }
            let client = Whereabouts {
                located: (below(5) > 0).then_some(&berlin),
                latencies: (below(4) > 0).then_some(&latencies),
            };
            let costs = regions.each_ref().map(|region| cost(region, client));
            let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
            let expected = costs.iter().position(|cost| *cost <= least);
            assert_eq!(best(&sites, client, &directions), expected, "{costs:?}");
            if let Some(measured) = client.latencies.and_then(|latencies| best_measured(&sites, latencies)) {
                assert_eq!(Some(measured), expected, "{costs:?}");
            }
        }
        let nobody = RegionSites::of(std::iter::empty());
        assert_eq!(best(&nobody, Whereabouts { located: None, latencies: None }, &[]), None);
    }
}
