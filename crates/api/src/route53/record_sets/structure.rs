//! What a record set of a request must be made of, before it can be one: one body, and one routing policy with a set
//! identifier or neither, and a place where its policy wants one. Told as `InvalidInput` in AWS's words, all changes together.
//!
//! Before: `read`. After: `shape`, which makes record sets of what is left.

use model::place::{Degrees, Location};

use super::super::check::Choice as _;
use super::super::generated::shapes::{Change, Coordinates, GeoLocation, GeoProximityLocation, ResourceRecordSet};

/// What is wrong with the structure of a change, each ending in which change it is.
pub(super) fn faults(change: &Change) -> Vec<String> {
    let set = &change.resource_record_set;
    [body(set), policy(set), geo_location(set), geo_proximity_location(set)]
        .into_iter()
        .flatten()
        .map(|fault| format!("{fault} in {}", named(change)))
        .collect()
}

/// A change in the words that AWS's messages end with.
fn named(change: &Change) -> String {
    let ResourceRecordSet { name, r#type, set_identifier, .. } = &change.resource_record_set;
    let (action, record_type) = (change.action.as_str(), r#type);
    let set_identifier = set_identifier.as_deref().unwrap_or("null");
    format!("Change with [Action={action}, Name={name}, Type={record_type}, SetIdentifier={set_identifier}]")
}

fn body(set: &ResourceRecordSet) -> Option<String> {
    const BODIES: &str = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]";
    let values = set.resource_records.as_ref().is_some_and(|values| !values.is_empty());
    let whole = set.ttl.is_some() && values;
    let begun = [set.alias_target.is_some(), set.ttl.is_some() || values, set.traffic_policy_instance_id.is_some()];
    let found = match begun.iter().filter(|begun| **begun).count() {
        1 if begun[0] || begun[2] || whole => return None,
        0 | 1 => "none",
        _ => "more than one",
    };
    Some(format!("Expected exactly one of {BODIES}, but found {found}"))
}

fn policy(set: &ResourceRecordSet) -> Option<String> {
    // Seen on AWS, in 2025 with all seven, and for a set identifier without any of them.
    const POLICIES: &str =
        "[Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig]";
    let given: Vec<&str> = [
        ("Weight", set.weight.is_some()),
        ("Region", set.region.is_some()),
        ("Failover", set.failover.is_some()),
        ("GeoLocation", set.geo_location.is_some()),
        // Seen on AWS: `false` counts as given.
        ("MultiValueAnswer", set.multi_value_answer.is_some()),
        ("GeoProximityLocation", set.geo_proximity_location.is_some()),
        ("CidrRoutingConfig", set.cidr_routing_config.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, given)| given.then_some(name))
    .collect();
    match (&given[..], &set.set_identifier) {
        ([], Some(_)) => Some(format!("Expected exactly one of {POLICIES}, but found none")),
        ([_, _, ..], _) => Some(format!("Expected exactly one of {POLICIES}, but found more than one")),
        ([_], None) => Some("Missing field 'SetIdentifier'".to_owned()),
        // Unspecified: what AWS does with it once there is a set identifier.
        (["MultiValueAnswer"], Some(_)) if set.multi_value_answer == Some(false) => {
            Some("Field 'MultiValueAnswer' must be true or left out, but found false".to_owned())
        }
        ([], None) | ([_], Some(_)) => None,
    }
}

fn geo_location(set: &ResourceRecordSet) -> Option<String> {
    let GeoLocation { continent_code, country_code, subdivision_code } = set.geo_location.as_ref()?;
    let codes = [continent_code, country_code, subdivision_code].map(Option::as_deref);
    Location::of_codes(codes[0], codes[1], codes[2]).err().map(|fault| format!("Invalid GeoLocation: {fault}"))
}

fn geo_proximity_location(set: &ResourceRecordSet) -> Option<String> {
    const ORIGINS: &str = "[AWSRegion, LocalZoneGroup, or Coordinates]";
    let GeoProximityLocation { aws_region, local_zone_group, coordinates, bias: _ } =
        set.geo_proximity_location.as_ref()?;
    let given = [aws_region.is_some(), local_zone_group.is_some(), coordinates.is_some()];
    match given.iter().filter(|given| **given).count() {
        0 => return Some(format!("Expected exactly one of {ORIGINS}, but found none")),
        1 => {}
        _ => return Some(format!("Expected exactly one of {ORIGINS}, but found more than one")),
    }
    let Coordinates { latitude, longitude } = coordinates.as_ref()?;
    let fault = Degrees::latitude(latitude).err().or(Degrees::longitude(longitude).err())?;
    Some(format!("Invalid Coordinates: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::super::super::generated::shapes::{
        AliasTarget, ChangeAction, GeoLocation, ResourceRecord, ResourceRecordSetFailover,
    };
    use super::*;

    fn set() -> ResourceRecordSet {
        ResourceRecordSet {
            name: "x".to_owned(),
            r#type: "A".to_owned(),
            set_identifier: None,
            weight: None,
            region: None,
            geo_location: None,
            failover: None,
            multi_value_answer: None,
            ttl: Some(60),
            resource_records: Some(vec![ResourceRecord { value: "192.0.2.1".to_owned() }]),
            alias_target: None,
            health_check_id: None,
            traffic_policy_instance_id: None,
            cidr_routing_config: None,
            geo_proximity_location: None,
        }
    }

    fn alias() -> Option<AliasTarget> {
        let (hosted_zone_id, dns_name) = ("Z1".to_owned(), "y".to_owned());
        Some(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health: true })
    }

    fn check(set: ResourceRecordSet, expect: &[&str]) {
        let set_identifier = set.set_identifier.clone().unwrap_or("null".to_owned());
        let tail = format!(" in Change with [Action=CREATE, Name=x, Type=A, SetIdentifier={set_identifier}]");
        let expect: Vec<String> = expect.iter().map(|text| format!("{text}{tail}")).collect();
        assert_eq!(faults(&Change { action: ChangeAction::Create, resource_record_set: set }), expect);
    }

    #[test]
    fn a_record_set_has_one_body() {
        let none = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none";
        let more = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one";
        check(set(), &[]);
        check(ResourceRecordSet { ttl: None, resource_records: None, alias_target: alias(), ..set() }, &[]);
        check(ResourceRecordSet { ttl: None, ..set() }, &[none]);
        check(ResourceRecordSet { resource_records: Some(vec![]), ..set() }, &[none]);
        check(ResourceRecordSet { ttl: None, resource_records: None, ..set() }, &[none]);
        check(ResourceRecordSet { resource_records: None, alias_target: alias(), ..set() }, &[more]);
        check(ResourceRecordSet { traffic_policy_instance_id: Some("t".to_owned()), ..set() }, &[more]);
        let instance = Some("t".to_owned());
        let bare = ResourceRecordSet { ttl: None, resource_records: None, ..set() };
        check(ResourceRecordSet { traffic_policy_instance_id: instance, ..bare }, &[]);
    }

    #[test]
    fn a_policy_and_a_set_identifier_come_together() {
        let id = || Some("a".to_owned());
        let list = "Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig], but found";
        check(ResourceRecordSet { set_identifier: id(), weight: Some(0), ..set() }, &[]);
        check(ResourceRecordSet { set_identifier: id(), ..set() }, &[&format!("{list} none")]);
        check(ResourceRecordSet { weight: Some(1), ..set() }, &["Missing field 'SetIdentifier'"]);
        check(ResourceRecordSet { multi_value_answer: Some(false), ..set() }, &["Missing field 'SetIdentifier'"]);
        let failover = Some(ResourceRecordSetFailover::Primary);
        let two = ResourceRecordSet { set_identifier: id(), weight: Some(1), failover, ttl: None, ..set() };
        check(
            two,
            &[
                "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none",
                &format!("{list} more than one"),
            ],
        );
    }

    #[test]
    fn a_location_is_one_that_route_53_knows() {
        let geo = |continent: Option<&str>, country: Option<&str>, subdivision: Option<&str>| {
            let [continent_code, country_code, subdivision_code] =
                [continent, country, subdivision].map(|code| code.map(str::to_owned));
            let geo_location = Some(GeoLocation { continent_code, country_code, subdivision_code });
            ResourceRecordSet { set_identifier: Some("a".to_owned()), geo_location, ..set() }
        };
        check(geo(Some("EU"), None, None), &[]);
        check(geo(None, Some("*"), None), &[]);
        check(geo(None, Some("US"), Some("DC")), &[]);
        for (shape, fault) in [
            (geo(None, None, None), "a location needs a ContinentCode or a CountryCode"),
            (
                geo(Some("EU"), Some("DE"), None),
                "a ContinentCode cannot stand beside a CountryCode or a SubdivisionCode: EU",
            ),
            (geo(None, Some("DE"), Some("BE")), "a SubdivisionCode needs the CountryCode US: BE"),
            (geo(None, Some("EH"), None), "no location is known with CountryCode EH"),
        ] {
            check(shape, &[&format!("Invalid GeoLocation: {fault}")]);
        }
    }

    #[test]
    fn a_geoproximity_location_has_one_origin_on_the_map() {
        let near = |aws_region: Option<&str>, at: Option<(&str, &str)>| {
            let coordinates = at.map(|(latitude, longitude)| Coordinates {
                latitude: latitude.to_owned(),
                longitude: longitude.to_owned(),
            });
            let (aws_region, local_zone_group) = (aws_region.map(str::to_owned), None);
            let location = GeoProximityLocation { aws_region, local_zone_group, coordinates, bias: Some(-99) };
            let (set_identifier, geo_proximity_location) = (Some("a".to_owned()), Some(location));
            ResourceRecordSet { set_identifier, geo_proximity_location, ..set() }
        };
        let list = "Expected exactly one of [AWSRegion, LocalZoneGroup, or Coordinates], but found";
        check(near(Some("eu-west-1"), None), &[]);
        check(near(None, Some(("-33.87", "151.2"))), &[]);
        check(near(None, None), &[&format!("{list} none")]);
        check(near(Some("eu-west-1"), Some(("1", "1"))), &[&format!("{list} more than one")]);
        let range = "Invalid Coordinates: degrees are a number with at most two decimals from";
        check(near(None, Some(("91", "0"))), &[&format!("{range} -90 to 90: 91")]);
        check(near(None, Some(("0", "180.01"))), &[&format!("{range} -180 to 180: 180.01")]);
    }
}
