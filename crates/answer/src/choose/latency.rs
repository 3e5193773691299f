//! Latency routing: the region with the lowest latency from the client, of those that the group has; if its record set is
//! unhealthy the next, and so on.
//!
//! R53 latency: a group with a record set for `cn-north-1` answers clients in China with it, whatever was measured.
//! Unspecified: how latency is known. It is the user's measurements, else an estimate from the distance, else the same to
//! everybody, so that the first set identifier answers.

use model::place::Country;

use super::Whereabouts;
use crate::group::RegionSite;

/// Light in fibre goes 200 km in a millisecond, there and back; the rest of the way costs the same everywhere.
const KILOMETRES_A_MILLISECOND: f64 = 100.0;
const MILLISECONDS_LEAST: f64 = 1.0;

/// Milliseconds, or what stands for them; the least answers.
pub(crate) fn cost(site: &RegionSite, client: Whereabouts<'_>) -> f64 {
    if site.is_cn_north_1 && client.place().country.is_some_and(|country| country == Country::CN) {
        return -1.0;
    }
    let measured = site.index.zip(client.latencies).map(|(region, latencies)| latencies.get(usize::from(region)));
    if let Some(&milliseconds) = measured.flatten().filter(|milliseconds| !milliseconds.is_nan()) {
        return f64::from(milliseconds);
    }
    match (client.direction(), &site.direction) {
        (Some(client), Some(region)) => estimate(client.kilometres_to(region)),
        // Nothing tells regions apart, but measured ones come first, and a region that nobody knows last.
        (None, Some(_)) => f64::MAX,
        (_, None) => f64::INFINITY,
    }
}

/// Milliseconds for a distance.
pub(crate) fn estimate(kilometres: f64) -> f64 {
    MILLISECONDS_LEAST + kilometres / KILOMETRES_A_MILLISECOND
}

/// Whether somebody measured it, for explanations.
pub(crate) fn is_measured(site: &RegionSite, client: Whereabouts<'_>) -> bool {
    let measured = site.index.zip(client.latencies).map(|(region, latencies)| latencies.get(usize::from(region)));
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
}
