//! Golden bytes: what version 1 wrote must be read for ever. If one of these fails, the form has changed: make a v2.

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
fn hosted_zones() {
    let zone = HostedZone {
        id: HostedZoneId::parse("Z1").unwrap(),
        name: name_of("a.b"),
        caller_reference: "ref".into(),
        comment: Some("c".into()),
        name_servers: vec![name_of("ns.a")],
        record_set_count: 300,
        created: 7,
    };
    check(&zone, "01025a31050161016200037265660101630106026e73016100ac0207");
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
    let key = AccessKey {
        id: AccessKeyId::parse("CUTO1").unwrap(),
        secret: "s".into(),
        comment: "ci".into(),
        created_ms: 1000,
    };
    check(&key, "01054355544f310173026369e807");
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
