//! The record sets of each kind, as Route 53 would hold them. Every record set that a policy chooses from has a health check.

use std::sync::Arc;

use anyhow::{Context, Result};
use model::cidr::CidrCollection;
use model::id::{
    CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, Region, SetIdentifier, TrafficPolicyInstanceId,
};
use model::place::{Continent, Geoproximity, Location, Origin};
use model::traffic_policy::Document;
use model::{AliasTarget, Body, FailoverRole, MadeRecords, Name, PolicyRecord, RecordSet, RecordType, Routing, Ttl};

use crate::random::Random;
use crate::routed::kind::{Kind, NAMES, Policy, owner};
use crate::routed::places::{COUNTRIES, Clients, REGIONS};

/// What record sets refer to.
#[derive(Clone, Debug)]
pub struct References {
    /// The zone they are in.
    pub zone: HostedZoneId,
    /// The health check of all of them.
    pub health_check: HealthCheckId,
    /// What IP-based record sets choose by.
    pub collection: CidrCollectionId,
}

/// Locations of the collection, and blocks of each.
const LOCATIONS: usize = 8;
const BLOCKS: usize = 125;

impl References {
    /// For record sets that are compiled here and not by a server.
    ///
    /// # Errors
    /// None.
    pub fn in_process() -> Result<References> {
        Ok(References {
            zone: HostedZoneId::parse("Z00000000000000000001")?,
            health_check: HealthCheckId::parse("7a1c9e2e-0000-4000-8000-000000000001")?,
            collection: CidrCollectionId::parse("c8c02a84-0000-4000-8000-000000000001")?,
        })
    }

    /// The record sets of name `number` of a kind: those of one name and type follow one another. Nothing for kinds without records.
    ///
    /// # Errors
    /// None that the texts here could cause.
    pub fn record_sets(&self, kind: &Kind, number: usize) -> Result<Vec<RecordSet>> {
        let name = kind.owner(number);
        let id = |place: usize| SetIdentifier::parse(&format!("set-{place:02}"));
        let mut sets = Vec::new();
        let mut put = |place: usize, routing: Routing| -> Result<()> {
            sets.push(self.checked(&name, routing, address(number, place))?);
            Ok(())
        };
        match kind.policy {
            Policy::Missing => {}
            Policy::Static(values) => {
                let values = (0..values).map(|place| address(number, place)).collect();
                sets.push(RecordSet::simple(Name::parse(&name)?, RecordType::A, Ttl::new(60)?, values));
            }
            Policy::Weighted => {
                for (place, weight) in [90, 10].into_iter().enumerate() {
                    put(place, Routing::Weighted { set_identifier: id(place)?, weight })?;
                }
            }
            Policy::Multivalue(members) => {
                for place in 0..members {
                    put(place, Routing::Multivalue { set_identifier: id(place)? })?;
                }
            }
            Policy::Failover => {
                for (place, role) in ROLES.into_iter().enumerate() {
                    put(place, Routing::Failover { set_identifier: id(place)?, role })?;
                }
            }
            Policy::Latency => {
                for (place, region) in REGIONS.into_iter().enumerate() {
                    put(place, Routing::Latency { set_identifier: id(place)?, region: Region::parse(region)? })?;
                }
            }
            Policy::Geolocation => {
                for (place, location) in locations()?.into_iter().enumerate() {
                    put(place, Routing::Geolocation { set_identifier: id(place)?, location })?;
                }
            }
            Policy::Geoproximity => {
                for (place, region) in REGIONS.into_iter().enumerate() {
                    let bias = [None, Some(20), Some(-20)].get(place).copied().flatten();
                    let geoproximity = Geoproximity { origin: Origin::Region(Region::parse(region)?), bias };
                    put(place, Routing::Geoproximity { set_identifier: id(place)?, geoproximity })?;
                }
            }
            Policy::IpBased => {
                for place in 0..=LOCATIONS {
                    let (set_identifier, collection) = (id(place)?, self.collection.clone());
                    let location = CidrLocation::parse(&location_name(place))?;
                    put(place, Routing::IpBased { set_identifier, collection, location })?;
                }
            }
            Policy::Aliases => sets = self.alias_tree(number)?,
            Policy::TrafficPolicy => {
                let made = MadeRecords { ttl: Ttl::new(60)?, document: Arc::new(self.document()?) };
                let instance = TrafficPolicyInstanceId::parse("7a1c9e2e-0000-4000-8000-000000000002")?;
                let body = Body::TrafficPolicy(PolicyRecord { instance, made: Some(made) });
                let routing = Routing::Simple;
                sets.push(RecordSet { body, health_check: None, ..self.checked(&name, routing, String::new())? });
            }
        }
        Ok(sets)
    }

    /// All record sets of these kinds, each once, in an order in which they can be created: targets before their aliases.
    ///
    /// # Errors
    /// As [`References::record_sets`].
    pub fn all(&self, kinds: &[Kind]) -> Result<Vec<RecordSet>> {
        let mut all = Vec::new();
        for (place, kind) in kinds.iter().enumerate() {
            if kinds[..place].iter().all(|earlier| earlier.prefix != kind.prefix) {
                for number in 0..NAMES {
                    all.extend(self.record_sets(kind, number)?);
                }
            }
        }
        Ok(all)
    }

    /// The leaves first: four pairs of failover, two of weights, one of latency.
    fn alias_tree(&self, number: usize) -> Result<Vec<RecordSet>> {
        let mut sets = Vec::new();
        let id = |place: usize| SetIdentifier::parse(&format!("set-{place:02}"));
        for leaf in 0..4 {
            for (place, role) in ROLES.into_iter().enumerate() {
                let routing = Routing::Failover { set_identifier: id(place)?, role };
                sets.push(self.checked(&owner("fl", 4 * number + leaf), routing, address(number, 2 * leaf + place))?);
            }
        }
        for middle in 0..2 {
            for (place, weight) in [1, 2].into_iter().enumerate() {
                let routing = Routing::Weighted { set_identifier: id(place)?, weight };
                let target = owner("fl", 4 * number + 2 * middle + place);
                sets.push(self.alias(&owner("wl", 2 * number + middle), routing, &target)?);
            }
        }
        for (place, region) in ["us-east-1", "eu-west-1"].into_iter().enumerate() {
            let routing = Routing::Latency { set_identifier: id(place)?, region: Region::parse(region)? };
            sets.push(self.alias(&owner("al", number), routing, &owner("wl", 2 * number + place))?);
        }
        Ok(sets)
    }

    fn checked(&self, name: &str, routing: Routing, value: String) -> Result<RecordSet> {
        let simple = RecordSet::simple(Name::parse(name)?, RecordType::A, Ttl::new(60)?, vec![value]);
        Ok(RecordSet { routing, health_check: Some(self.health_check.clone()), ..simple })
    }

    fn alias(&self, name: &str, routing: Routing, target: &str) -> Result<RecordSet> {
        let body = Body::Alias(AliasTarget {
            hosted_zone_id: self.zone.clone(),
            dns_name: Name::parse(target)?,
            evaluate_target_health: true,
        });
        Ok(RecordSet { body, health_check: None, ..self.checked(name, routing, String::new())? })
    }

    /// The traffic policy of all names of its kind.
    ///
    /// # Errors
    /// None.
    pub fn document(&self) -> Result<Document> {
        Document::parse(&self.document_text()).context("the traffic policy of the bench")
    }

    /// The same, as its author writes it.
    pub fn document_text(&self) -> String {
        let check = &self.health_check;
        let mut endpoints = String::new();
        let mut rules = String::new();
        let mut locations = String::new();
        let wheres = COUNTRIES[..8].iter().map(|(code, ..)| *code).chain(["*"]);
        for (place, country) in wheres.enumerate() {
            for leaf in 0..3 {
                endpoints +=
                    &format!("\"e{place}{leaf}\":{{\"Type\":\"value\",\"Value\":\"{}\"}},", address(leaf, place));
            }
            rules += &format!(
                "\"f{place}\":{{\"RuleType\":\"failover\",\"Primary\":{{\"RuleReference\":\"w{place}\",\"EvaluateTargetHealth\":true}},\"Secondary\":{{\"EndpointReference\":\"e{place}2\"}}}},\"w{place}\":{{\"RuleType\":\"weighted\",\"Items\":[{{\"EndpointReference\":\"e{place}0\",\"Weight\":\"3\",\"HealthCheck\":\"{check}\"}},{{\"EndpointReference\":\"e{place}1\",\"Weight\":\"1\",\"HealthCheck\":\"{check}\"}}]}},"
            );
            locations += &format!(
                "{}{{\"Country\":\"{country}\",\"RuleReference\":\"f{place}\",\"EvaluateTargetHealth\":true}}",
                if place > 0 { "," } else { "" }
            );
        }
        format!(
            "{{\"AWSPolicyFormatVersion\":\"2015-10-01\",\"RecordType\":\"A\",\"StartRule\":\"g\",\"Endpoints\":{{{}}},\"Rules\":{{{rules}\"g\":{{\"RuleType\":\"geo\",\"Locations\":[{locations}]}}}}}}",
            endpoints.trim_end_matches(',')
        )
    }

    /// What IP-based record sets choose by: a thousand blocks of /12 to /24, of which some lie in others.
    ///
    /// # Errors
    /// None.
    pub fn cidr_collection(&self) -> Result<CidrCollection> {
        let mut blocks = std::collections::BTreeMap::new();
        let mut random = Random::new(3);
        while blocks.len() < LOCATIONS * BLOCKS {
            let [a, b, c] = Clients::Unmeasured.draw(&mut random);
            let length = 12 + random.below(13);
            let address = u32::from_be_bytes([a, b, c, 0]) & (u32::MAX << (32 - length));
            let block = format!("{}/{length}", std::net::Ipv4Addr::from(address)).parse()?;
            let location = CidrLocation::parse(&location_name(blocks.len() % LOCATIONS))?;
            blocks.entry(block).or_insert(location);
        }
        let id = self.collection.clone();
        Ok(CidrCollection { id, name: "bench".to_owned(), caller_reference: "bench".to_owned(), version: 1, blocks })
    }
}

const ROLES: [FailoverRole; 2] = [FailoverRole::Primary, FailoverRole::Secondary];

/// The default behind the others.
fn location_name(place: usize) -> String {
    if place == LOCATIONS { "*".to_owned() } else { format!("office-{place}") }
}

fn locations() -> Result<Vec<Location>> {
    let mut locations = Vec::new();
    for (code, ..) in &COUNTRIES[..8] {
        locations.push(Location::Country(code.parse()?));
    }
    locations.extend([Location::Continent(Continent::Europe), Location::Default]);
    Ok(locations)
}

/// The address of one record set of a name.
fn address(number: usize, place: usize) -> String {
    let [_, _, high, low] = (number as u32).to_be_bytes();
    format!("10.{}.{high}.{low}", 100 + place)
}
