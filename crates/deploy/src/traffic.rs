//! What a share means to a traffic driver. For the DNS: integers from 0 to 255 on weighted record sets, whose share is
//! weight / sum of weights of their name and type.
//!
//! Strategies speak only of shares; this is the one place that knows the integers. Pure arithmetic in whole numbers, so
//! that the same plan comes out on every machine.

use model::Weight;
use model::deployment::{RecordSetWeight, Service, Share, Shares};
use model::id::EnvironmentName;

/// Largest weight of a record set (R53 weighted).
const WEIGHT_MAX: u64 = 255;
/// All traffic in parts per million.
const ALL: u64 = 1_000_000;
/// Denominators that are tried. Two members of 255 sum to 510; more members need no finer ones.
const DENOMINATOR_MAX: u64 = 510;

/// A share that weights of 0–255 cannot express.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} cannot be expressed with DNS weights of 0–255; closest is {closest} ({}/{})", of.0, of.1)]
pub struct GranularityError {
    /// As asked for.
    pub wanted: Share,
    /// As it would be.
    pub closest: Share,
    /// The same as weights: of an environment, and of all.
    pub of: (u64, u64),
}

/// What bounds the weights beside the shares.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds<'a> {
    /// Weighted record sets of others in the same groups, which keep their weights and their part of the traffic.
    pub(crate) foreign: &'a [RecordSetWeight],
    /// How far a share may be off; none for the usual.
    pub(crate) tolerance: Option<Share>,
}

/// The weights that give each environment its share, for every record set of the service in the order of its keys.
///
/// `start` are the weights as found: they say how an environment's share is divided among its record sets, and which
/// weight stands for "all". Share 0 is weight 0, any other share is at least 1, and never are all weights zero, which
/// Route 53 would read as "equal".
///
/// # Errors
/// A share that comes out more than a quarter point, and more than a tenth of itself, off.
pub fn weights(
    service: &Service,
    start: &[RecordSetWeight],
    shares: &Shares,
) -> Result<Vec<RecordSetWeight>, GranularityError> {
    bounded_weights(service, start, shares, Bounds::default())
}

/// The same beside weights of others: theirs stay, and so does the sum of ours, so that each keeps its part.
pub(crate) fn bounded_weights(
    service: &Service,
    start: &[RecordSetWeight],
    shares: &Shares,
    bounds: Bounds<'_>,
) -> Result<Vec<RecordSetWeight>, GranularityError> {
    let mut all = Vec::with_capacity(start.len());
    for group in start.chunk_by(|a, b| a.record_set.is_beside(&b.record_set)) {
        let members: Vec<(&EnvironmentName, u64)> = divide(service, group, shares);
        let parts: Vec<u64> = members.iter().map(|(_, ppm)| *ppm).collect();
        let largest = group.iter().map(|m| u64::from(m.weight)).max().unwrap_or(0);
        let sum: u64 = group.iter().map(|m| u64::from(m.weight)).sum();
        let has_others = bounds.foreign.iter().any(|other| other.weight > 0 && is_of(group, other)) && sum > 0;
        let integers = if has_others {
            round(&parts, sum).ok_or_else(|| too_heavy(shares, sum))?
        } else {
            quantise(&parts, if largest == 0 { WEIGHT_MAX } else { largest })
        };
        check(&members, &integers, shares, bounds.tolerance)?;
        for (member, integer) in group.iter().zip(integers) {
            let weight = Weight::try_from(integer).expect("quantise stays within 255");
            all.push(RecordSetWeight { record_set: member.record_set.clone(), weight });
        }
    }
    Ok(all)
}

fn is_of(group: &[RecordSetWeight], other: &RecordSetWeight) -> bool {
    group.first().is_some_and(|first| first.record_set.is_beside(&other.record_set))
}

/// Several record sets weigh more together than one can, and the sum may not fall beside others.
fn too_heavy(shares: &Shares, sum: u64) -> GranularityError {
    let wanted = shares.values().max().copied().unwrap_or(Share::ALL);
    let closest = Share::from_ppm(u32::try_from(WEIGHT_MAX * ALL / sum).unwrap_or(u32::MAX));
    GranularityError { wanted, closest, of: (WEIGHT_MAX, sum) }
}

/// Parts per million for each member: its environment's share, divided as the weights were found, or equally when they
/// were all zero. Remainders go to the first members, so that the sum stays exact.
fn divide<'a>(service: &'a Service, group: &[RecordSetWeight], shares: &Shares) -> Vec<(&'a EnvironmentName, u64)> {
    let environment = |m: &RecordSetWeight| {
        service.environment_of(&m.record_set.set_identifier).expect("weights are those of the service's keys")
    };
    let mut members: Vec<_> = group.iter().map(|m| (environment(m), 0)).collect();
    for (name, share) in shares {
        let own: Vec<usize> = (0..group.len()).filter(|at| members[*at].0 == name).collect();
        let found: u64 = own.iter().map(|at| u64::from(group[*at].weight)).sum();
        let mut left = u64::from(share.ppm());
        for (place, at) in own.iter().enumerate().rev() {
            let (part, of) = if found == 0 { (1, own.len() as u64) } else { (u64::from(group[*at].weight), found) };
            let ppm = if place == 0 { left } else { u64::from(share.ppm()) * part / of };
            members[*at].1 = ppm;
            left -= ppm;
        }
    }
    members
}

/// Integers in proportion to `parts`, which sum to a million: percentages if they are exact, otherwise the closest
/// that any sum up to 510 allows.
fn quantise(parts: &[u64], all: u64) -> Vec<u64> {
    if parts.contains(&ALL) {
        return parts.iter().map(|part| if *part == ALL { all } else { 0 }).collect();
    }
    let mut best: Option<(u64, u64, Vec<u64>)> = None;
    for denominator in std::iter::once(100).chain(parts.len() as u64..=DENOMINATOR_MAX) {
        let Some(integers) = round(parts, denominator) else { continue };
        let error = parts.iter().zip(&integers).map(|(part, i)| (part * denominator).abs_diff(i * ALL)).max();
        let error = error.expect("a group has a member");
        // error / denominator is the error in ppm; compare without dividing. The first of equals stays, so 100 wins.
        if best.as_ref().is_none_or(|(e, d, _)| error * d < e * denominator) {
            best = Some((error, denominator, integers));
        }
    }
    best.map(|(_, _, integers)| integers).expect("parts are at most 100 members, whose least denominator fits")
}

/// Rounds so that the sum is the denominator and no part that is not zero vanishes; none if a weight is too large.
fn round(parts: &[u64], denominator: u64) -> Option<Vec<u64>> {
    let floor = |part: &u64| if *part == 0 { 0 } else { (part * denominator / ALL).max(1) };
    let mut integers: Vec<u64> = parts.iter().map(floor).collect();
    while integers.iter().sum::<u64>() != denominator {
        let too_many = integers.iter().sum::<u64>() > denominator;
        // The one that is furthest off in the direction that must change; the first of equals.
        let off = |at: usize| i128::from(parts[at] * denominator) - i128::from(integers[at] * ALL);
        let changeable = (0..parts.len()).filter(|at| if too_many { integers[*at] > 1 } else { parts[*at] > 0 });
        if too_many {
            let at = changeable.min_by_key(|at| (off(*at), *at))?;
            integers[at] -= 1;
        } else {
            let at = changeable.max_by_key(|at| (off(*at), std::cmp::Reverse(*at)))?;
            integers[at] += 1;
        }
    }
    integers.iter().all(|integer| *integer <= WEIGHT_MAX).then_some(integers)
}

fn check(
    members: &[(&EnvironmentName, u64)],
    integers: &[u64],
    shares: &Shares,
    tolerance: Option<Share>,
) -> Result<(), GranularityError> {
    let sum: u64 = integers.iter().sum();
    for (name, wanted) in shares {
        let own: u64 = members.iter().zip(integers).filter(|((n, _), _)| n == &name).map(|(_, i)| i).sum();
        let realised = own * ALL / sum;
        let usual = u64::from(wanted.ppm() / 10).max(2_500);
        let tolerance = tolerance.map_or(usual, |tolerance| tolerance.ppm().into());
        if realised.abs_diff(u64::from(wanted.ppm())) > tolerance {
            let closest = Share::from_ppm(u32::try_from(realised).expect("at most a million"));
            return Err(GranularityError { wanted: *wanted, closest, of: (own, sum) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn two(ppm: u32) -> Vec<u64> {
        quantise(&[u64::from(1_000_000 - ppm), u64::from(ppm)], 200)
    }

    #[test]
    fn percentages_stay_readable_and_odd_shares_get_the_closest_weights() {
        for (ppm, weights) in [
            (50_000, [95, 5]),
            (500_000, [50, 50]),
            (5_000, [199, 1]),
            (125_000, [7, 1]),
            (333_333, [2, 1]),
            (1_000_000, [0, 200]),
            (0, [200, 0]),
            (1, [255, 1]),
        ] {
            assert_eq!(two(ppm), weights, "{ppm}");
        }
        assert_eq!(quantise(&[0, 0, 1_000_000], 255), [0, 0, 255]);
        assert_eq!(quantise(&[475_000, 475_000, 25_000, 25_000], 255), [19, 19, 1, 1]);
    }

    /// `blue` 150 and 50, green nothing, others 100; what green and the sum of ours become.
    fn beside_others(share: &str, tolerance: Option<&str>) -> Result<(u64, u64), String> {
        let json = r#"{"name":"shop","active":"blue","environments":{"blue":{"version":"1","set_identifiers":["b1","b2"]},
            "green":{"version":"2","set_identifiers":["g"]}},
            "traffic":[{"dns":{"zone":"Z1","name":"shop.example.com","types":["A"],"foreign":"keep"}}]}"#;
        let service = crate::parse_service(json.as_bytes()).unwrap();
        let weight = |(record_set, weight)| RecordSetWeight { record_set, weight };
        let start: Vec<_> = service.record_set_keys().into_iter().zip([150, 50, 0]).map(weight).collect();
        let mut other = start[0].clone();
        (other.record_set.set_identifier, other.weight) = (model::id::SetIdentifier::parse("other").unwrap(), 100);
        let share = Share::parse(share).unwrap();
        let name = |name| EnvironmentName::parse(name).unwrap();
        let shares = Shares::from([(name("blue"), share.rest()), (name("green"), share)]);
        let tolerance = tolerance.map(|text| Share::parse(text).unwrap());
        let found = bounded_weights(&service, &start, &shares, Bounds { foreign: &[other], tolerance });
        let found = found.map_err(|error| error.to_string())?;
        Ok((found[2].weight.into(), found.iter().map(|m| u64::from(m.weight)).sum()))
    }

    #[test]
    fn beside_others_the_sum_of_ours_stays() {
        assert_eq!(beside_others("5%", None), Ok((10, 200)));
        assert_eq!(beside_others("12.25%", None), Ok((24, 200)), "a quarter point off is near enough");
        assert_eq!(beside_others("100%", None), Ok((200, 200)));
        assert_eq!(
            beside_others("12.25%", Some("0.1%")),
            Err("87.75% cannot be expressed with DNS weights of 0–255; closest is 88% (176/200)".to_owned())
        );
        assert_eq!(
            beside_others("0.2%", None),
            Err("0.2% cannot be expressed with DNS weights of 0–255; closest is 0.5% (1/200)".to_owned())
        );
    }

    proptest! {
        #[test]
        fn weights_never_vanish_never_overflow_and_stay_close(parts in proptest::collection::vec(0u64..1000, 2..6)) {
            let sum: u64 = parts.iter().sum();
            prop_assume!(sum > 0);
            let mut parts: Vec<u64> = parts.iter().map(|p| p * ALL / sum).collect();
            let rest = ALL - parts.iter().sum::<u64>();
            let largest = (0..parts.len()).max_by_key(|at| parts[*at]).unwrap();
            parts[largest] += rest;
            let integers = quantise(&parts, 255);
            let total: u64 = integers.iter().sum();
            prop_assert!(total > 0);
            for (part, integer) in parts.iter().zip(&integers) {
                prop_assert!(*integer <= 255);
                prop_assert_eq!(*part == 0, *integer == 0);
                if *part > 4_000 {
                    prop_assert!((integer * ALL / total).abs_diff(*part) < 5_000, "{:?} {:?}", parts, integers);
                }
            }
        }
    }
}
