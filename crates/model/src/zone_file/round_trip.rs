//! Export then import is the identity, and what others see of an export.

use super::tests::{apex, parse};
use super::*;
use crate::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, LocalZoneGroup, Region, SetIdentifier};
use crate::place::{Continent, Country, Degrees, Geoproximity, Location, Origin};
use crate::{AliasTarget, Body, FailoverRole, RecordType, Routing, Ttl, rdata};

#[track_caller]
fn export(sets: &[RecordSet]) -> String {
    let mut out = Vec::new();
    write(&apex(), sets.iter(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn records(name: &str, record_type: RecordType, values: &[&str]) -> RecordSet {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    RecordSet::simple(Name::parse(name).unwrap(), record_type, Ttl::new(300).unwrap(), values)
}

#[test]
fn what_master_files_cannot_say_goes_into_comments() {
    let set = |identifier: &str| SetIdentifier::parse(identifier).unwrap();
    let weighted = |identifier: &str, weight| Routing::Weighted { set_identifier: set(identifier), weight };
    let mut blue = records("www.example.com", RecordType::CNAME, &["b.example.com"]);
    blue.routing = weighted("blue", 10);
    blue.health_check = Some(HealthCheckId::parse("abc-1").unwrap());
    let mut green = records("www.example.com", RecordType::CNAME, &["g.example.com."]);
    green.routing = weighted("green \"2\" ü", 90);
    let alias = RecordSet {
        name: Name::parse("*.example.com").unwrap(),
        record_type: RecordType::A,
        routing: Routing::Failover { set_identifier: set("one"), role: FailoverRole::Primary },
        body: Body::Alias(AliasTarget {
            hosted_zone_id: HostedZoneId::parse("Z35SXDOTRQ7X7K").unwrap(),
            dns_name: Name::parse("lb.elb.amazonaws.com").unwrap(),
            evaluate_target_health: true,
        }),
        health_check: None,
    };
    let sets = [
        records("example.com", RecordType::NS, &["ns.example.net."]),
        records("example.com", RecordType::SOA, &["a. b. 1 2 3 4 5"]),
        alias,
        blue,
        green,
    ];
    let text = export(&sets);
    assert_eq!(
        text,
        r#"; zone example.com., exported by cutover; comments that begin with "cutover" are read back
example.com. 300 IN SOA a. b. 1 2 3 4 5
example.com. 300 IN NS ns.example.net.
; cutover-alias: *.example.com. A zone=Z35SXDOTRQ7X7K target="lb.elb.amazonaws.com." evaluate-target-health=true set="one" failover=primary
www.example.com. 300 IN CNAME b.example.com. ; cutover: set="blue" weight=10 health-check=abc-1 value="b.example.com"
; cutover-record: www.example.com. 300 IN CNAME g.example.com. ; cutover: set="green \"2\" \195\188" weight=90
"#
    );
    let mut again = parse(&text).unwrap().record_sets;
    again.swap(0, 1);
    assert_eq!(again, sets);

    // Who edits the record by hand is believed, not the text in the comment.
    let edited = text.replace("CNAME b.example.com. ;", "CNAME c.example.com. ;");
    let zone = parse(&edited).unwrap();
    let Body::Records { values, .. } = &zone.record_sets[3].body else { panic!("www is no alias") };
    assert_eq!(values, &["c.example.com."]);
}

#[test]
fn sticky_names_go_into_comments_of_their_own() {
    let sets = [
        records("example.com", RecordType::SOA, &["a. b. 1 2 3 4 5"]),
        records("example.com", RecordType::NS, &["n."]),
    ];
    let name = |text: &str| Name::parse(text).unwrap();
    let by = |ipv4| crate::Stickiness::new(ipv4, 56).unwrap();
    let sticky = [(name("*.example.com"), by(24)), (name("a\\073b.example.com"), by(32))];
    let mut out = Vec::new();
    write_sticky(&apex(), sets.iter(), sticky.iter().map(|(name, set)| (name, set)), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = text.lines().skip(3).collect();
    assert_eq!(
        lines,
        [
            "; cutover-sticky: *.example.com. ipv4-prefix=24 ipv6-prefix=56",
            "; cutover-sticky: a\\;b.example.com. ipv4-prefix=32 ipv6-prefix=56"
        ]
    );
    let again = parse(&text).unwrap();
    assert_eq!((again.sticky, again.record_sets.len()), (sticky.into_iter().collect(), 2));
}

/// Numbers that look random and are the same in every run (a linear congruential generator).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// The `number`th value of a record set, unlike those before it.
    fn value(&mut self, record_type: RecordType, number: u8) -> String {
        match record_type {
            RecordType::A => format!("192.0.2.{number}"),
            RecordType::AAAA => format!("2001:DB8::{number}"),
            RecordType::CNAME => self.pick(&["t.example.com", "T\\040.example.com.", "."]).to_owned(),
            RecordType::MX => format!("{number} {}", self.pick(&["mail", "a\\073b.example.", "MX.example.com"])),
            RecordType::TXT => {
                let length = u8::try_from(self.below(256)).unwrap();
                let mut wire = vec![1, number, length];
                wire.extend((0..length).map(|_| self.byte()));
                rdata::text(record_type, &wire)
            }
            RecordType::CAA => format!("0 issue \"ca{number}.example; a=\\344\""),
            RecordType::HTTPS => format!("{} . alpn=h2 port=\"{number}\"", number + 1),
            _ => format!("\\# 2 0{number} {:02X}", self.byte()),
        }
    }

    fn routing(&mut self, policy: usize, member: usize) -> Routing {
        let text: String = (0..self.below(4)).map(|_| self.pick(&['x', ' ', '"', '\\', 'ü', ';', '('])).collect();
        let set_identifier = SetIdentifier::parse(&format!("{member}{text}")).unwrap();
        match policy {
            0 => Routing::Simple,
            1 => Routing::Weighted { set_identifier, weight: self.byte() },
            2 if member == 0 => Routing::Failover { set_identifier, role: FailoverRole::Primary },
            2 => Routing::Failover { set_identifier, role: FailoverRole::Secondary },
            3 => Routing::Multivalue { set_identifier },
            4 => Routing::Latency { set_identifier, region: Region::parse("eu-central-1").unwrap() },
            5 => {
                let location = self.pick(&[
                    Location::Default,
                    Location::Continent(Continent::Asia),
                    Location::Country("DE".parse().unwrap()),
                    Location::Subdivision(Country::US, "CA".parse().unwrap()),
                ]);
                Routing::Geolocation { set_identifier, location }
            }
            6 => {
                let origin = match self.below(3) {
                    0 => Origin::Region(Region::parse("us-east-1").unwrap()),
                    1 => Origin::LocalZoneGroup(LocalZoneGroup::parse("us-east-1-bue-1").unwrap()),
                    _ => Origin::Coordinates {
                        latitude: Degrees::latitude("-33.8").unwrap(),
                        longitude: Degrees::longitude("+151.21").unwrap(),
                    },
                };
                let bias = self.pick(&[None, Some(0), Some(-99)]);
                Routing::Geoproximity { set_identifier, geoproximity: Geoproximity { origin, bias } }
            }
            _ => Routing::IpBased {
                set_identifier,
                collection: CidrCollectionId::parse("0b4f-1").unwrap(),
                location: CidrLocation::parse(self.pick(&["*", "office"])).unwrap(),
            },
        }
    }

    fn body(&mut self, record_type: RecordType) -> Body {
        if self.below(3) == 0 {
            let dns_name = Name::parse(self.pick(&["t.example.com", "\\344\\042.elb.example."])).unwrap();
            let hosted_zone_id = HostedZoneId::parse("Z35SXDOTRQ7X7K").unwrap();
            return Body::Alias(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health: self.below(2) == 0 });
        }
        let count = if record_type == RecordType::CNAME { 1 } else { 1 + self.below(4) };
        let values = (0..u8::try_from(count).unwrap()).map(|number| self.value(record_type, number)).collect();
        Body::Records { ttl: Ttl::new(self.below(1 << 31) as u64).unwrap(), values }
    }

    /// The record sets of one name and type.
    fn group(&mut self, number: u8) -> Vec<RecordSet> {
        // A first byte of its own keeps names apart; the rest is anything.
        let mut label = vec![b'a' + number];
        label.extend((0..self.below(4)).map(|_| self.byte()));
        let name = apex().child(&label).unwrap();
        use RecordType as T;
        let record_type = self.pick(&[T::A, T::AAAA, T::CNAME, T::MX, T::TXT, T::CAA, T::HTTPS, RecordType(65400)]);
        let policy = self.below(8);
        let members = if policy == 0 { 1 } else { 1 + self.below(2) };
        (0..members)
            .map(|member| RecordSet {
                name: name.clone(),
                record_type,
                routing: self.routing(policy, member),
                body: self.body(record_type),
                health_check: (self.below(2) == 0).then(|| HealthCheckId::parse("0a-1").unwrap()),
            })
            .collect()
    }
}

#[test]
fn exporting_and_importing_is_the_identity() {
    let mut draw = Draw(1);
    for _ in 0..200 {
        let mut sets = vec![
            records("example.com", RecordType::SOA, &["a b. 1 2 3 4 5"]),
            records("example.com", RecordType::NS, &["ns.example.net", "NS2.example.net."]),
        ];
        for number in 0..u8::try_from(draw.below(12)).unwrap() {
            sets.extend(draw.group(number));
        }
        let text = export(&sets);
        let again = parse(&text).unwrap_or_else(|faults| panic!("{}\n{text}", faults[0]));
        assert_eq!(again.warnings, [], "{text}");
        let key = |set: &RecordSet| (set.name.sort_key(), set.record_type, set.set_identifier().cloned());
        let mut record_sets = again.record_sets;
        record_sets.sort_by_key(key);
        sets.sort_by_key(key);
        assert_eq!(record_sets, sets, "{text}");
        assert_eq!(export(&record_sets), text);
    }
}
