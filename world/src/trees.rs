//! Trees of routing policies, grown from a seed: groups of every policy with aliases to further groups, three levels or
//! more, evaluating the health of their targets or not, with health checks on leaves and on aliases, shared branches,
//! branches that lead nowhere or through another zone, CNAMEs in front and traffic policies in between.
//!
//! Every leaf has addresses of its own, so that an answer tells its way. Nothing leads in a circle.

mod document;
mod random;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use answer::Edit;
use model::hosted_zone::Visibility;
use model::id::{CidrCollectionId, HealthCheckId, HostedZoneId, SetIdentifier, TrafficPolicyInstanceId};
use model::place::{Geoproximity, Origin};
use model::prefix::Prefix;
use model::{AliasTarget, Body, FailoverRole, MadeRecords, Name, PolicyRecord, RecordSet, RecordType, Routing, Ttl};

use crate::tables::{BLOCKS, COLLECTION, LOCATIONS, REGIONS, block, location, region};

pub use random::Random;

/// How many health checks a tree has.
const CHECKS: usize = 8;

/// Groups below the first one.
const LEVELS: usize = 3;

/// One tree in two zones.
#[derive(Debug)]
pub struct Tree {
    /// The id and name of each zone, made from one name: that where the tree begins, and another.
    pub zones: [(HostedZoneId, Name); 2],
    /// All record sets of both, NS and SOA among them, in the order of their names.
    pub record_sets: Vec<RecordSet>,
    /// The name to ask, for A.
    pub start: Name,
    /// Its health checks.
    pub checks: Vec<HealthCheckId>,
}

impl Tree {
    /// Grows one in zones with this label; the same seed gives the same tree.
    ///
    /// # Panics
    /// Never: what grows is good.
    #[must_use]
    pub fn grow(label: &str, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let zones = ["example", "other"].map(|parent| {
            let id = HostedZoneId::parse(&format!("Z{label}{parent}").to_uppercase()).expect("an id");
            (id, Name::parse(&format!("{label}.{parent}.")).expect("a zone's name"))
        });
        let check = |n| HealthCheckId::parse(&format!("{label}-{n}")).expect("an id");
        let checks: Vec<_> = (0..CHECKS).map(check).collect();
        let levels = 1 + random.below(LEVELS);
        let mut garden = Garden { random, zones, checks, record_sets: Vec::new(), groups: Vec::new(), leaves: 0 };
        let first = garden.group(levels, 0);
        let start = if garden.random.one_in(6) { garden.cname(&first) } else { first };
        garden.apexes();
        let Garden { zones, checks, mut record_sets, .. } = garden;
        record_sets.sort_by(|a, b| a.name.cmp(&b.name));
        Self { zones, record_sets, start, checks }
    }

    /// Where the tree begins.
    #[must_use]
    pub fn apex(&self) -> &Name {
        &self.zones[0].1
    }

    /// Puts both zones.
    ///
    /// # Panics
    /// Never: they are good.
    pub fn plant(&self, edit: &mut Edit) {
        for (id, apex) in &self.zones {
            let own = self.record_sets.iter().filter(|r| r.name.is_in(apex)).cloned();
            edit.put_zone(id, apex, 1, &Visibility::PUBLIC, 0, own).expect("a good zone");
        }
    }

    /// A state of its health checks, by those that fail: none, all, or some.
    #[must_use]
    pub fn failing(&self, random: &mut Random) -> BTreeSet<HealthCheckId> {
        let of_five = random.below(6);
        self.checks.iter().filter(|_| random.below(5) < of_five).cloned().collect()
    }
}

/// A client near the edges of the tables' prefixes, at least a bit of whose address is known; one in eight has IPv6.
#[must_use]
pub fn client(random: &mut Random) -> Prefix {
    let any = random.below(256);
    let known = random.below(128);
    let length = |usual: usize, most: usize| if known < 32 { 1 + known * 7 % most } else { usual };
    let (address, length): (IpAddr, usize) = if random.one_in(8) {
        let third = [0, 1, 2, 0x8000][random.below(4)];
        let fourth = [0, 0x7f, 0x80, 0xffff][random.below(4)];
        let address = Ipv6Addr::new(0x2001, 0xdb8, third, fourth, 0, 0, 0, u16::try_from(any).expect("a byte"));
        (address.into(), length([48, 56, 64, 128][random.below(4)], 128))
    } else {
        let first = if random.one_in(9) { [192, 203][random.below(2)] } else { 10 };
        let second = [0, 1, 2, 3, 4, 77][random.below(6)];
        let third = [0, 1, 127, 128, 144, 255][random.below(6)];
        let address = Ipv4Addr::new(first, second, third, u8::try_from(any).expect("a byte"));
        (address.into(), length([32, 24, 16][random.below(3)], 32))
    };
    Prefix::around(address, u8::try_from(length).expect("at most 128"))
}

struct Garden {
    random: Random,
    zones: [(HostedZoneId, Name); 2],
    checks: Vec<HealthCheckId>,
    record_sets: Vec<RecordSet>,
    /// Of each group that is done: its name, and how many levels may be below it.
    groups: Vec<(Name, usize)>,
    leaves: usize,
}

impl Garden {
    fn name(&self, relative: &str, zone: usize) -> Name {
        Name::parse(&format!("{relative}.{}", self.zones[zone].1)).expect("a name")
    }

    /// A group with that many levels below it; its name.
    fn group(&mut self, levels: usize, zone: usize) -> Name {
        if self.random.one_in(6) {
            return self.instance(levels, zone);
        }
        let policy = if levels > 0 {
            [0, 1, 1, 2, 4, 5, 6, 7][self.random.below(8)]
        } else {
            [0, 1, 2, 3, 3, 4, 5, 6, 7][self.random.below(9)]
        };
        let count = match policy {
            0 => 1,
            2 => 1 + self.random.below(8).min(1),
            3 if self.random.one_in(2) => 9 + self.random.below(3),
            3 => 2 + self.random.below(5),
            _ => 2 + self.random.below(3),
        };
        // Where a policy's places begin; each member has the next, so that none is there twice.
        let first = self.random.below(LOCATIONS);
        let mut members = Vec::new();
        for i in 0..count {
            let set_identifier = SetIdentifier::parse(&format!("s{i}")).expect("an identifier");
            let routing = match policy {
                0 => Routing::Simple,
                1 => Routing::Weighted { set_identifier, weight: [0, 1, 1, 2, 5, 40][self.random.below(6)] },
                2 => {
                    let role = [FailoverRole::Primary, FailoverRole::Secondary][(i + first) % 2];
                    Routing::Failover { set_identifier, role }
                }
                3 => Routing::Multivalue { set_identifier },
                4 => Routing::Latency { set_identifier, region: region(first + i) },
                5 => Routing::Geolocation { set_identifier, location: location(first * 3 + i * 3) },
                6 => {
                    let bias = [None, Some(50), Some(10), Some(-10), Some(-50), Some(-90)][self.random.below(6)];
                    let origin = Origin::Region(region(first + i));
                    Routing::Geoproximity { set_identifier, geoproximity: Geoproximity { origin, bias } }
                }
                _ => Routing::IpBased {
                    set_identifier,
                    collection: CidrCollectionId::parse(COLLECTION).expect("an id"),
                    location: block(first + i),
                },
            };
            let deep = levels > 0 && (i == 0 || !self.random.one_in(3));
            let body = if deep { self.branch(levels - 1) } else { self.leaf() };
            let checked = !self.random.one_in(3);
            let health_check = checked.then(|| self.checks[self.random.below(CHECKS)].clone());
            members.push((routing, body, health_check));
        }
        debug_assert!(count <= REGIONS.min(BLOCKS.len()) || policy == 3, "no place twice");
        let name = self.name(&format!("g{}", self.groups.len()), zone);
        self.groups.push((name.clone(), levels));
        for (routing, body, health_check) in members {
            self.record_sets.push(RecordSet {
                name: name.clone(),
                record_type: RecordType::A,
                routing,
                body,
                health_check,
            });
        }
        name
    }

    /// An alias: to a group of its own, to one that is there, or to nothing.
    fn branch(&mut self, levels: usize) -> Body {
        let there: Vec<Name> = self.groups.iter().filter(|(_, l)| *l <= levels).map(|(name, _)| name.clone()).collect();
        let target = match self.random.below(16) {
            0 => self.name("nowhere", 0),
            1 | 2 if !there.is_empty() => there[self.random.below(there.len())].clone(),
            _ => {
                let zone = usize::from(self.random.one_in(4));
                self.group(levels, zone)
            }
        };
        let zone = self.zones.iter().find(|(_, apex)| target.is_in(apex)).expect("it is in one of them");
        Body::Alias(AliasTarget {
            hosted_zone_id: zone.0.clone(),
            dns_name: target,
            evaluate_target_health: !self.random.one_in(4),
        })
    }

    fn leaf(&mut self) -> Body {
        let ttl = Ttl::new([20, 60, 300][self.random.below(3)]).expect("a TTL");
        let values = (0..1 + self.random.below(4) / 3).map(|_| self.address()).collect();
        Body::Records { ttl, values }
    }

    /// One that nobody else has.
    fn address(&mut self) -> String {
        self.leaves += 1;
        format!("198.18.{}.{}", self.leaves / 256, self.leaves % 256)
    }

    /// A traffic policy instance; it answers at a name of its own, like a group.
    fn instance(&mut self, levels: usize, zone: usize) -> Name {
        let text = self.document(levels);
        let document = model::traffic_policy::Document::parse(&text).expect("a good document");
        let name = self.name(&format!("g{}", self.groups.len()), zone);
        self.groups.push((name.clone(), levels));
        let ttl = Ttl::new(60).expect("a TTL");
        let record = PolicyRecord {
            instance: TrafficPolicyInstanceId::parse(&format!("i{}", self.groups.len())).expect("an id"),
            made: Some(MadeRecords { ttl, document: Arc::new(document) }),
        };
        self.record_sets.push(RecordSet {
            body: Body::TrafficPolicy(record),
            ..RecordSet::simple(name.clone(), RecordType::A, ttl, Vec::new())
        });
        name
    }

    /// A name whose CNAMEs, chosen by a policy, lead to the tree or to a leaf beside it.
    fn cname(&mut self, first: &Name) -> Name {
        let (name, beside) = (self.name("www", 0), self.name("beside", 0));
        let body = self.leaf();
        self.record_sets.push(RecordSet {
            body,
            ..RecordSet::simple(beside.clone(), RecordType::A, Ttl::new(60).expect("a TTL"), Vec::new())
        });
        let geolocation = self.random.one_in(3);
        for (i, target) in [first, &beside].into_iter().enumerate() {
            let set_identifier = SetIdentifier::parse(&format!("s{i}")).expect("an identifier");
            self.record_sets.push(RecordSet {
                name: name.clone(),
                record_type: RecordType::CNAME,
                routing: if geolocation {
                    Routing::Geolocation { set_identifier, location: location([5, 7][i]) }
                } else {
                    Routing::Weighted { set_identifier, weight: [3, 1][i] }
                },
                body: Body::Records { ttl: Ttl::new(60).expect("a TTL"), values: vec![target.to_string()] },
                health_check: (i == 0).then(|| self.checks[0].clone()),
            });
        }
        name
    }

    /// What Route 53 gives every zone.
    fn apexes(&mut self) {
        let ttl = Ttl::new(900).expect("a TTL");
        let soa = "ns.other.test. hostmaster.other.test. 1 7200 900 1209600 300".to_owned();
        for (_, apex) in &self.zones {
            for (record_type, value) in [(RecordType::NS, "ns.other.test."), (RecordType::SOA, &soa)] {
                self.record_sets.push(RecordSet::simple(apex.clone(), record_type, ttl, vec![value.to_owned()]));
            }
        }
    }
}
