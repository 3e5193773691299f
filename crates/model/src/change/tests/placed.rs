//! Batches with the policies that ask where the client is.

use super::*;
use crate::id::Region;
use crate::place::{Degrees, Geoproximity, Location, Origin};

fn placed(text: &str, id: &str, routing: impl FnOnce(SetIdentifier) -> Routing) -> RecordSet {
    RecordSet { routing: routing(SetIdentifier::parse(id).unwrap()), ..set(text) }
}

pub(super) fn latency(text: &str, id: &str, region: &str) -> RecordSet {
    let region = Region::parse(region).unwrap();
    placed(text, id, |set_identifier| Routing::Latency { set_identifier, region })
}

fn geolocation(text: &str, id: &str, country: &str) -> RecordSet {
    let location = Location::of_codes(None, Some(country), None).unwrap();
    placed(text, id, |set_identifier| Routing::Geolocation { set_identifier, location })
}

fn near(text: &str, id: &str, latitude: &str) -> RecordSet {
    let (latitude, longitude) = (Degrees::latitude(latitude).unwrap(), Degrees::longitude("10").unwrap());
    let geoproximity = Geoproximity { origin: Origin::Coordinates { latitude, longitude }, bias: None };
    placed(text, id, |set_identifier| Routing::Geoproximity { set_identifier, geoproximity })
}

fn ip_based(text: &str, id: &str, collection: &str, location: &str) -> RecordSet {
    let (collection, location) = (CidrCollectionId::parse(collection).unwrap(), CidrLocation::parse(location).unwrap());
    placed(text, id, |set_identifier| Routing::IpBased { set_identifier, collection, location })
}

#[test]
fn a_record_set_beside_another_policy_is_told_with_its_place() {
    let zone = Zone::new().with(vec![create(weighted("w A 10.0.0.1", "one", 1))]);
    let refuses = |record_set: RecordSet, middle: &str| {
        let start = "RRSet with DNS name w.example.com., type A, SetIdentifier two";
        let message = format!("{start}{middle} RRSet with the same name and type already exists.");
        zone.refuses(vec![create(record_set)], &[&message]);
    };
    refuses(
        latency("w A 10.0.0.2", "two", "eu-west-2"),
        ", and Region Name=eu-west-2 cannot be created because a non-latency",
    );
    refuses(
        geolocation("w A 10.0.0.2", "two", "DE"),
        ", and routing to [country = (DE, Germany)] cannot be created because a non-GEO",
    );
    refuses(near("w A 10.0.0.2", "two", "50"), " cannot be created because a non-geoproximity");
    refuses(ip_based("w A 10.0.0.2", "two", "known", "known"), " cannot be created because a non-CIDR");
}

#[test]
fn a_place_is_taken_once_in_a_group() {
    let zone = Zone::new().with(vec![
        create(latency("l A 10.0.0.1", "a", "eu-west-1")),
        create(geolocation("g A 10.0.0.1", "a", "*")),
        create(near("n A 10.0.0.1", "a", "50.5")),
        create(ip_based("i A 10.0.0.1", "a", "known-1", "known")),
        create(ip_based("i A 10.0.0.2", "b", "known-1", "*")),
    ]);
    for (record_set, start, place) in [
        (
            latency("l A 10.0.0.3", "c", "eu-west-1"),
            ", and Region Name=eu-west-1",
            "a latency RRSet with the same name, type and region",
        ),
        (
            geolocation("g A 10.0.0.3", "c", "*"),
            ", and routing to [country = (*, Default)]",
            "a GEO RRSet with the same name, type and location",
        ),
        (near("n A 10.0.0.3", "c", "+50.50"), "", "a geoproximity RRSet with the same name, type and location"),
        (
            ip_based("i A 10.0.0.3", "c", "known-1", "known"),
            "",
            "a CIDR RRSet with the same name, type and CIDR location",
        ),
    ] {
        let name = record_set.name.clone();
        let message = format!(
            "RRSet with DNS name {name}, type A, SetIdentifier c{start} cannot be created because {place} already exists."
        );
        zone.refuses(vec![create(record_set)], &[&message]);
    }
    // Another one takes the place once it is free.
    zone.with(vec![
        delete(latency("l A 10.0.0.1", "a", "eu-west-1")),
        create(latency("l A 10.0.0.2", "b", "eu-west-1")),
    ]);
}

#[test]
fn an_ip_based_group_has_one_collection_that_exists() {
    let mut zone = Zone::new().with(vec![create(ip_based("i A 10.0.0.1", "a", "known-1", "known"))]);
    zone.refuses(
        vec![create(ip_based("i A 10.0.0.2", "b", "known-2", "known"))],
        &["RRSets with DNS name i.example.com., type A must use the same CIDR collection, but found known-1, known-2"],
    );
    zone.refuses(
        vec![create(ip_based("j A 10.0.0.2", "b", "nope", "*"))],
        &["RRSet with DNS name j.example.com., type A cannot be created because the CIDR collection nope does not exist"],
    );
    zone.refuses(
        vec![create(ip_based("j A 10.0.0.2", "b", "known", "nope"))],
        &["RRSet with DNS name j.example.com., type A cannot be created because the CIDR collection known has no \
           location nope"],
    );
    let (region, id) = (Region::parse("eu-west-1").unwrap(), crate::id::VpcId::parse("vpc-1").unwrap());
    zone.facts.visibility =
        crate::hosted_zone::Visibility::Private { vpcs: vec![crate::hosted_zone::Vpc { region, id }] };
    zone.refuses(
        vec![create(ip_based("j A 10.0.0.2", "b", "known", "*"))],
        &["RRSet of type A with DNS name j.example.com. is not permitted because private hosted zones do not support \
           IP-based routing"],
    );
    assert!(zone.apply(vec![create(near("n A 10.0.0.1", "a", "50"))]).is_ok());
}

#[test]
fn a_record_set_stays_editable_when_its_location_is_gone() {
    let mut zone = Zone::new();
    let gone = ip_based("i A 10.0.0.1", "a", "known", "gone");
    zone.names.insert(gone.name.clone(), vec![gone.clone()]);
    assert!(zone.apply(vec![upsert(RecordSet { body: set("i A 10.0.0.9").body, ..gone.clone() })]).is_ok());
    assert!(zone.apply(vec![delete(gone)]).is_ok());
}

#[test]
fn a_geoproximity_group_has_a_limit_of_its_own() {
    let latitudes: Vec<String> = (0..31).map(|latitude| latitude.to_string()).collect();
    let group = || latitudes.iter().map(|latitude| create(near("n A 10.0.0.1", latitude, latitude)));
    Zone::new().with(group().take(30).collect());
    Zone::new().refuses(
        group().collect(),
        &["RRSets with DNS name n.example.com., type A exceed the limit of 30 records with the same name and type."],
    );
}

#[test]
fn delete_compares_the_place_too() {
    let zone = Zone::new().with(vec![
        create(latency("l A 10.0.0.1", "a", "eu-west-1")),
        create(geolocation("g A 10.0.0.1", "a", "*")),
        create(near("n A 10.0.0.1", "a", "50")),
        create(ip_based("i A 10.0.0.1", "a", "known", "known")),
    ]);
    for (record_set, name) in [
        (latency("l A 10.0.0.1", "a", "eu-west-2"), "l"),
        (geolocation("g A 10.0.0.1", "a", "DE"), "g"),
        (near("n A 10.0.0.1", "a", "51"), "n"),
        (ip_based("i A 10.0.0.1", "a", "known", "*"), "i"),
    ] {
        let message = format!(
            "Tried to delete resource record set [name='{name}.example.com.', type='A', set-identifier='a'] but the \
             values provided do not match the current values"
        );
        zone.refuses(vec![delete(record_set)], &[&message]);
    }
}
