//! An answer allocates nothing, whatever the question: counted, not believed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use answer::{
    Client, CookieSecrets, Health, Identity, Noted, Nsid, Outcome, Places, Snapshot, Transport, View, answer,
    answer_noting,
};
use model::cidr::CidrCollection;
use model::hosted_zone::{Visibility, Vpc};
use model::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, Region, SetIdentifier, VpcId};
use model::place::{Continent, Geoproximity, Location, Origin};
use model::vpc::VpcNetworks;
use model::{AliasTarget, Body, FailoverRole, Name, RecordSet, RecordType, Routing, Ttl};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn simple(owner: &str, record_type: RecordType, values: &[&str]) -> RecordSet {
    let values = values.iter().map(|v| (*v).to_owned()).collect();
    RecordSet::simple(name(owner), record_type, Ttl::new(60).unwrap(), values)
}

fn routed(owner: &str, routing: Routing, value: &str, health_check: Option<&str>) -> RecordSet {
    RecordSet {
        routing,
        health_check: health_check.map(|id| HealthCheckId::parse(id).unwrap()),
        ..simple(owner, RecordType::A, &[value])
    }
}

fn set(text: &str) -> SetIdentifier {
    SetIdentifier::parse(text).unwrap()
}

fn zone() -> Vec<RecordSet> {
    let mut zone = vec![
        simple("ex.test", RecordType::SOA, &["ns.ex.test. h.ex.test. 1 7200 900 1209600 86400"]),
        simple("ex.test", RecordType::NS, &["ns.ex.test.", "ns.elsewhere.test."]),
        simple("www.ex.test", RecordType::MX, &["10 wt.ex.test.", "20 www.ex.test.", "30 a.b.w.ex.test."]),
        simple("www.ex.test", RecordType::HTTPS, &["0 svc.ex.test."]),
        simple("svc.ex.test", RecordType::HTTPS, &["1 . alpn=h2", "2 mv.ex.test."]),
        simple("svc.ex.test", RecordType::AAAA, &["2001:db8::1"]),
        simple("www.ex.test", RecordType::A, &["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
        simple("c.ex.test", RecordType::CNAME, &["d.ex.test."]),
        simple("d.ex.test", RecordType::CNAME, &["www.ex.test."]),
        simple("dn.ex.test", RecordType::DNAME, &["www.ex.test."]),
        simple("*.w.ex.test", RecordType::TXT, &["\"wild\""]),
        simple("sub.ex.test", RecordType::NS, &["ns1.sub.ex.test."]),
        simple("ns1.sub.ex.test", RecordType::A, &["192.0.2.9"]),
    ];
    for (i, check) in [Some("up"), Some("down"), None].into_iter().enumerate() {
        let set_identifier = set(&format!("w{i}"));
        zone.push(routed("wt.ex.test", Routing::Weighted { set_identifier, weight: 10 }, "192.0.2.7", check));
        let set_identifier = set(&format!("m{i}"));
        zone.push(routed("mv.ex.test", Routing::Multivalue { set_identifier }, "192.0.2.8", check));
    }
    for (role, check) in [(FailoverRole::Primary, "down"), (FailoverRole::Secondary, "up")] {
        let set_identifier = set(&format!("{role:?}"));
        let mut record_set = routed("fo.ex.test", Routing::Failover { set_identifier, role }, "192.0.2.4", Some(check));
        if role == FailoverRole::Primary {
            record_set.body = Body::Alias(AliasTarget {
                hosted_zone_id: HostedZoneId::parse("Z1").unwrap(),
                dns_name: name("wt.ex.test"),
                evaluate_target_health: true,
            });
        }
        zone.push(record_set);
    }
    let regions = ["us-east-1", "eu-central-1", "cn-north-1"];
    for (i, check) in [Some("down"), Some("up"), None].into_iter().enumerate() {
        let set_identifier = || set(&format!("p{i}"));
        let region = Region::parse(regions[i]).unwrap();
        let origin = Origin::Region(region.clone());
        let location =
            [Location::Country("DE".parse().unwrap()), Location::Continent(Continent::Europe), Location::Default][i];
        let routings = [
            Routing::Latency { set_identifier: set_identifier(), region },
            Routing::Geolocation { set_identifier: set_identifier(), location },
            Routing::Geoproximity {
                set_identifier: set_identifier(),
                geoproximity: Geoproximity { origin, bias: Some(-50) },
            },
            Routing::IpBased {
                set_identifier: set_identifier(),
                collection: CidrCollectionId::parse("c1").unwrap(),
                location: CidrLocation::parse(["here", "there", "*"][i]).unwrap(),
            },
        ];
        for (owner, routing) in ["la", "ge", "gp", "ip"].into_iter().zip(routings) {
            let mut record_set = routed(&format!("{owner}.ex.test"), routing, "192.0.2.5", check);
            // The last of each leads on to the next policy.
            if let (2, Some(target)) = (
                i,
                ["ge.ex.test", "gp.ex.test", "ip.ex.test"]
                    .get(["la", "ge", "gp", "ip"].iter().position(|o| *o == owner).unwrap()),
            ) {
                record_set.body = Body::Alias(AliasTarget {
                    hosted_zone_id: HostedZoneId::parse("Z1").unwrap(),
                    dns_name: name(target),
                    evaluate_target_health: true,
                });
            }
            zone.push(record_set);
        }
    }
    zone.sort_by(|a, b| a.name.cmp(&b.name));
    zone
}

/// The clients of these questions: a resolver in a VPC, and a Client Subnet in Germany.
fn places() -> Places {
    let rows = "prefix,country,latitude,longitude\n198.51.100.0/24,DE,52.5,13.4\n127.0.0.0/8,US,40,-80\n";
    let latencies = "prefix,region,milliseconds\n198.51.100.0/24,us-east-1,1\n";
    let vpc = Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse("vpc-1").unwrap() };
    let networks = vec!["127.0.0.2/32".parse().unwrap()];
    Places::compile(
        answer::read_places(rows).unwrap(),
        answer::read_latencies(latencies).unwrap(),
        &[VpcNetworks { vpc, networks }],
    )
    .unwrap()
}

fn collection() -> CidrCollection {
    let location = |text: &str| CidrLocation::parse(text).unwrap();
    CidrCollection {
        id: CidrCollectionId::parse("c1").unwrap(),
        name: "c1".to_owned(),
        caller_reference: String::new(),
        version: 1,
        blocks: [
            ("198.51.100.0/24".parse().unwrap(), location("here")),
            ("127.0.0.0/8".parse().unwrap(), location("there")),
        ]
        .into(),
    }
}

fn query(owner: &str, record_type: RecordType, edns: bool) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)];
    message.extend_from_slice(name(owner).wire());
    message.extend_from_slice(&record_type.0.to_be_bytes());
    message.extend_from_slice(&[0, 1]);
    if edns {
        // A Client Subnet, a cookie, NSID and keepalive.
        message.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 31, 0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100]);
        message.extend_from_slice(&[0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 3, 0, 0, 0, 11, 0, 0]);
    }
    message
}

#[test]
fn no_kind_of_answer_allocates() {
    let mut edit = Snapshot::empty().edit();
    // The draw is left to the other zone.
    let sticky = [(name("wt.ex.test"), model::Stickiness::DEFAULT)].into();
    edit.set_stickiness(&HostedZoneId::parse("Z1").unwrap(), sticky);
    edit.put_zone(&HostedZoneId::parse("Z1").unwrap(), &name("ex.test"), 1, &Visibility::PUBLIC, 0, zone()).unwrap();
    let vpcs = vec![Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse("vpc-1").unwrap() }];
    let private = Visibility::Private { vpcs };
    edit.put_zone(&HostedZoneId::parse("Z2").unwrap(), &name("ex.test"), 2, &private, 0, zone()).unwrap();
    edit.put_cidr_collection(&collection());
    edit.log_queries([HostedZoneId::parse("Z2").unwrap()].into());
    let snapshot = edit.finish(1);
    let health = Health::compile(&snapshot, |id| id.as_str() == "up");
    let view = View { snapshot: snapshot.into(), health: health.into(), places: Arc::new(places()) };
    let owners = [
        "ex.test",
        "www.ex.test",
        "c.ex.test",
        "x.dn.ex.test",
        "a.b.w.ex.test",
        "host.sub.ex.test",
        "wt.ex.test",
        "mv.ex.test",
        "fo.ex.test",
        "la.ex.test",
        "ge.ex.test",
        "gp.ex.test",
        "ip.ex.test",
        "missing.ex.test",
        "other.test",
    ];
    let types = [
        RecordType::A,
        RecordType::TXT,
        RecordType::ANY,
        RecordType::SOA,
        RecordType::MX,
        RecordType::HTTPS,
        RecordType::NS,
        RecordType::AXFR,
    ];
    let identity = Identity {
        nsid: Some(Nsid::new(b"fra-1").unwrap()),
        cookies: Some(CookieSecrets::new([1; 16], Some([2; 16]))),
        tcp_idle_tenths: Some(100),
    };
    let mut out = vec![0; 65535];
    let mut answered = 0;
    for owner in owners {
        for record_type in types {
            for (host, transport, edns) in [
                (1, Transport::Udp, false),
                (1, Transport::Udp, true),
                (1, Transport::Tcp, true),
                (2, Transport::Udp, true),
            ] {
                let message = query(owner, record_type, edns);
                let client = Client { identity: &identity, ..Client::new([127, 0, 0, host].into(), transport, 99) };
                let (mut outcome, mut noted) = (Outcome::Dropped, Noted::default());
                let counted = allocation_counter::measure(|| {
                    outcome = answer(&view, &message, &client, &mut out);
                    (_, noted) = answer_noting(&view, &message, &client, &mut out);
                });
                let is_logged = host == 2 && matches!(outcome, Outcome::Answered(_));
                assert_eq!(noted.asked.is_some(), is_logged, "{owner} {record_type}");
                assert_eq!(counted.count_total, 0, "{owner} {record_type}");
                assert!(
                    outcome.len() >= message.len() - if edns { 42 } else { 0 },
                    "{owner} {record_type}: {outcome:?}"
                );
                answered += u32::from(matches!(outcome, Outcome::Answered(_)));
            }
        }
    }
    assert_eq!(answered, 14 * 7 * 4, "all but the other zone and the transfers are answered");
}
