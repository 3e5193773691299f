//! Golden bytes: what version 1 wrote must be read for ever. If one of these fails, the form has changed: make a v2.

use model::cidr::CidrCollection;
use model::id::{CidrCollectionId, CidrLocation, LocalZoneGroup, QueryLoggingConfigId, Region, SetIdentifier};
use model::place::{Continent, Country, Degrees, Geoproximity, Location, Origin};
use model::query_logging::{LogGroupArn, QueryLoggingConfig};
use model::{FailoverRole, Routing};

use super::*;

fn name_of(text: &str) -> Name {
    Name::parse(text).unwrap()
}

#[track_caller]
fn check<T: Stored + PartialEq + std::fmt::Debug>(noun: &T, golden: &str) {
    let hex: String = noun.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, golden);
    assert_eq!(T::decode(&noun.encode()).unwrap(), *noun);
}

fn weighted() -> RecordSet {
    RecordSet {
        name: name_of("w.example.com"),
        record_type: RecordType::A,
        routing: Routing::Weighted { set_identifier: SetIdentifier::parse("one").unwrap(), weight: 200 },
        body: Body::Records { ttl: Ttl::new(300).unwrap(), values: vec!["10.0.0.1".into(), "10.0.0.2".into()] },
        health_check: Some(HealthCheckId::parse("h1").unwrap()),
    }
}

#[test]
fn record_sets() {
    check(
        &weighted(),
        "010f0177076578616d706c6503636f6d000101036f6e65c800ac02020831302e302e302e310831302e302e302e3201026831",
    );
    let alias = AliasTarget {
        hosted_zone_id: HostedZoneId::parse("Z1").unwrap(),
        dns_name: name_of("a.b"),
        evaluate_target_health: true,
    };
    let aliased = |routing| RecordSet { routing, body: Body::Alias(alias.clone()), health_check: None, ..weighted() };
    let set_identifier = SetIdentifier::parse("s").unwrap();
    check(&aliased(Routing::Simple), "010f0177076578616d706c6503636f6d00010001025a310501610162000100");
    let primary = Routing::Failover { set_identifier: set_identifier.clone(), role: FailoverRole::Primary };
    check(&aliased(primary), "010f0177076578616d706c6503636f6d00010201730101025a310501610162000100");
    let secondary = Routing::Failover { set_identifier: set_identifier.clone(), role: FailoverRole::Secondary };
    check(&aliased(secondary), "010f0177076578616d706c6503636f6d00010201730001025a310501610162000100");
    check(
        &aliased(Routing::Multivalue { set_identifier }),
        "010f0177076578616d706c6503636f6d000103017301025a310501610162000100",
    );
}

#[test]
fn record_sets_that_look_at_the_client() {
    let routed = |routing| RecordSet { routing, health_check: None, ..weighted() };
    let set_identifier = SetIdentifier::parse("s").unwrap();
    let region = Region::parse("eu-west-1").unwrap();
    check(
        &routed(Routing::Latency { set_identifier: set_identifier.clone(), region: region.clone() }),
        "010f0177076578616d706c6503636f6d00010401730965752d776573742d3100ac02020831302e302e302e310831302e302e302e3200",
    );
    let locations = [
        (
            Location::Default,
            "010f0177076578616d706c6503636f6d00010501730000ac02020831302e302e302e310831302e302e302e3200",
        ),
        (
            Location::Continent(Continent::Europe),
            "010f0177076578616d706c6503636f6d00010501730102455500ac02020831302e302e302e310831302e302e302e3200",
        ),
        (
            Location::Country(Country::US),
            "010f0177076578616d706c6503636f6d00010501730202555300ac02020831302e302e302e310831302e302e302e3200",
        ),
        (
            Location::Subdivision(Country::US, "CA".parse().unwrap()),
            "010f0177076578616d706c6503636f6d00010501730302555302434100ac02020831302e302e302e310831302e302e302e3200",
        ),
    ];
    for (location, golden) in locations {
        check(&routed(Routing::Geolocation { set_identifier: set_identifier.clone(), location }), golden);
    }
    let coordinates = Origin::Coordinates {
        latitude: Degrees::latitude("-1.50").unwrap(),
        longitude: Degrees::longitude("20").unwrap(),
    };
    let origins = [
        (
            Origin::Region(region),
            Some(-99),
            "010f0177076578616d706c6503636f6d0001060173000965752d776573742d31019d00ac02020831302e302e302e310831302e302e302e3200",
        ),
        (
            Origin::LocalZoneGroup(LocalZoneGroup::parse("lzg").unwrap()),
            Some(99),
            "010f0177076578616d706c6503636f6d000106017301036c7a67016300ac02020831302e302e302e310831302e302e302e3200",
        ),
        (
            coordinates,
            None,
            "010f0177076578616d706c6503636f6d000106017302052d312e35300232300000ac02020831302e302e302e310831302e302e302e3200",
        ),
    ];
    for (origin, bias, golden) in origins {
        let geoproximity = Geoproximity { origin, bias };
        check(&routed(Routing::Geoproximity { set_identifier: set_identifier.clone(), geoproximity }), golden);
    }
    let (collection, location) = (CidrCollectionId::parse("c1").unwrap(), CidrLocation::parse("*").unwrap());
    check(
        &routed(Routing::IpBased { set_identifier, collection, location }),
        "010f0177076578616d706c6503636f6d0001070173026331012a00ac02020831302e302e302e310831302e302e302e3200",
    );
}

#[test]
fn record_sets_of_traffic_policies() {
    let instance = TrafficPolicyInstanceId::parse("i1").unwrap();
    let of = |made| RecordSet {
        routing: Routing::Simple,
        body: Body::TrafficPolicy(PolicyRecord { instance: instance.clone(), made }),
        health_check: None,
        ..weighted()
    };
    let text = r#"{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartEndpoint":"e","Endpoints":{"e":{"Type":"value","Value":"10.0.0.1"}}}"#;
    let document = Arc::new(Document::parse(text).unwrap());
    let text: String = text.bytes().skip(1).map(|byte| format!("{byte:02x}")).collect();
    check(
        &of(Some(MadeRecords { ttl: Ttl::new(300).unwrap(), document })),
        &format!("010f0177076578616d706c6503636f6d0001000202693101ac0282017b{text}00"),
    );
    check(&of(None), "010f0177076578616d706c6503636f6d000100020269310000");
}

#[test]
fn health_checks() {
    let parse = |raw| HealthCheckConfig::parse(&raw).unwrap();
    let check_of = |config| HealthCheck {
        id: HealthCheckId::parse("h1").unwrap(),
        caller_reference: "ref".into(),
        config,
        version: 2,
    };
    let https = RawHealthCheckConfig {
        kind: "HTTPS_STR_MATCH".into(),
        fully_qualified_domain_name: Some("a.example".into()),
        resource_path: Some("/up".into()),
        search_string: Some("ok".into()),
        ..RawHealthCheckConfig::default()
    };
    check(
        &check_of(parse(https)),
        "0102683103726566020f48545450535f5354525f4d415443480001f60601032f75700109612e6578616d706c6501026f6b013c01060100010001000000010100000000",
    );
    let calculated = RawHealthCheckConfig {
        kind: "CALCULATED".into(),
        health_threshold: Some(1),
        child_health_checks: Some(vec!["c1".into(), "c2".into()]),
        ..RawHealthCheckConfig::default()
    };
    check(
        &check_of(parse(calculated)),
        "0102683103726566020a43414c43554c41544544000000000000000001000100010201020263310263320000000000",
    );
}

#[test]
fn the_rest() {
    let change = SubmittedChange {
        id: ChangeId::parse("C1").unwrap(),
        revision: 9,
        submitted_at_ms: 1000,
        comment: Some("why".into()),
    };
    check(&change, "0102433109e8070103776879");
    check(&Tags::from([("k".to_owned(), "v".to_owned())]), "0101016b0176");
    check(&300u64, "01ac02");
}

#[test]
fn what_is_not_ours_is_refused() {
    let good = weighted().encode();
    assert_eq!(RecordSet::decode(&[]), Err(StoredFault::Empty));
    assert_eq!(RecordSet::decode(&[&[2], &good[1..]].concat()), Err(StoredFault::Version(2)));
    assert_eq!(RecordSet::decode(&[&good[..], &[0]].concat()), Err(StoredFault::Long(1)));
    assert!(matches!(RecordSet::decode(&good[..good.len() - 1]), Err(StoredFault::Form(_))));
    let mut bad_name = good.clone();
    bad_name[2] = 63;
    assert!(matches!(RecordSet::decode(&bad_name), Err(StoredFault::Name(_))));
}

#[test]
fn cidr_collections() {
    let location = |text: &str| CidrLocation::parse(text).unwrap();
    let collection = CidrCollection {
        id: CidrCollectionId::parse("c1").unwrap(),
        name: "offices".to_owned(),
        caller_reference: "r".to_owned(),
        version: 300,
        blocks: [("192.0.2.0/24", "berlin"), ("2001:db8::/32", "paris")]
            .into_iter()
            .map(|(block, at)| (block.parse().unwrap(), location(at)))
            .collect(),
    };
    check(
        &collection,
        "01026331076f6666696365730172ac02020c3139322e302e322e302f3234066265726c696e0d323030313a6462383a3a2f3332057061726973",
    );
}

#[test]
fn query_logging_configs() {
    let config = QueryLoggingConfig {
        id: QueryLoggingConfigId::parse("q1").unwrap(),
        zone: HostedZoneId::parse("Z1").unwrap(),
        log_group: LogGroupArn::parse("arn:aws:logs:us-east-1:123456789012:log-group:/q:*").unwrap(),
    };
    check(
        &config,
        "01027131025a313261726e3a6177733a6c6f67733a75732d656173742d313a3132333435363738393031323a6c6f672d67726f75703a2f713a2a",
    );
}
