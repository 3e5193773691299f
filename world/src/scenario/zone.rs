//! Zone lines: one record set each, in Route 53's words.
//!
//! `www A ttl=60 weight=10 set=w1 check=h1 192.0.2.1 | 192.0.2.2`, `@ A alias=www evaluate` or, with a document that a
//! `policy` step gave before, `www A ttl=60 policy=p1`. `for n in 1..13:` in front repeats a line with `{n}` replaced;
//! `{1..60}` in a value repeats the value. `www sticky=24/56` makes a name sticky.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use model::hosted_zone::Visibility;
use model::id::{
    CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, LocalZoneGroup, Region, SetIdentifier,
    TrafficPolicyInstanceId,
};
use model::place::{Degrees, Geoproximity, Location, Origin};
use model::traffic_policy::Document;
use model::{
    AliasTarget, Body, FailoverRole, MadeRecords, Name, PolicyRecord, RecordSet, RecordType, Routing, Stickiness, Ttl,
};

/// The traffic policy documents of a scenario, by name.
pub(super) type Policies = BTreeMap<String, Arc<Document>>;

/// A zone as a scenario writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) id: HostedZoneId,
    pub(super) apex: Name,
    pub(super) created: u64,
    pub(super) visibility: Visibility,
    pub(super) record_sets: Vec<RecordSet>,
    /// What lines may name.
    pub(super) policies: Policies,
    pub(super) sticky: HashMap<Name, Stickiness>,
}

impl Zone {
    /// Reads what follows `zone`: `example.com [id=Z1] [created=1] [bare]`. The apex gets the NS and SOA that
    /// Route 53 gives every new zone, unless `bare` says not to; a line of its own replaces either.
    pub(super) fn open(words: &str) -> Result<Self, String> {
        let mut words = words.split_whitespace();
        let apex = Name::parse(words.next().ok_or("a zone needs a name")?).map_err(|e| e.to_string())?;
        let mut zone = Self {
            id: HostedZoneId::parse("Z1").expect("a good id"),
            apex,
            created: 1,
            visibility: Visibility::PUBLIC,
            record_sets: Vec::new(),
            policies: Policies::new(),
            sticky: HashMap::new(),
        };
        let mut bare = false;
        for word in words {
            match word.split_once('=') {
                Some(("id", id)) => zone.id = HostedZoneId::parse(id).map_err(|e| e.to_string())?,
                Some(("created", n)) => zone.created = n.parse().map_err(|_| format!("not a number: {n}"))?,
                Some(("vpcs", list)) => zone.visibility = Visibility::Private { vpcs: super::clients::vpcs(list)? },
                None if word == "bare" => bare = true,
                _ => return Err(format!("a zone has id=, created=, vpcs= and bare, but not: {word}")),
            }
        }
        if !bare {
            zone.add("@ NS ttl=172800 ns-1.example.net. | ns-2.example.net.")?;
            zone.add("@ SOA ttl=900 ns-1.example.net. hostmaster.example.net. 1 7200 900 1209600 86400")?;
        }
        Ok(zone)
    }

    /// Reads one zone line.
    pub(super) fn add(&mut self, line: &str) -> Result<(), String> {
        let Some(rest) = line.strip_prefix("for n in ") else { return self.add_one(line) };
        let (range, line) = rest.split_once(':').ok_or("a `for` line needs a colon")?;
        for n in span(range)? {
            self.add_one(line.trim().replace("{n}", &n.to_string()).as_str())?;
        }
        Ok(())
    }

    fn add_one(&mut self, line: &str) -> Result<(), String> {
        let (name, rest) = word(line);
        if let Some(lengths) = rest.strip_prefix("sticky=") {
            let lengths = lengths.split_once('/').and_then(|(v4, v6)| Some((v4.parse().ok()?, v6.parse().ok()?)));
            let (ipv4, ipv6) = lengths.ok_or("a sticky name has lengths, such as sticky=24/56")?;
            self.sticky.insert(self.name(name)?, Stickiness::new(ipv4, ipv6).map_err(|e| e.to_string())?);
            return Ok(());
        }
        let (record_type, rest) = word(rest);
        let record_type = RecordType::parse(record_type).map_err(|e| e.to_string())?;
        let name = self.name(name)?;
        let (options, values) = Options::read(rest)?;
        let body = match &options.alias {
            Some(target) if values.is_empty() => Body::Alias(AliasTarget {
                hosted_zone_id: options.zone.clone().unwrap_or_else(|| self.id.clone()),
                dns_name: self.name(target)?,
                evaluate_target_health: options.evaluate,
            }),
            Some(_) => return Err("an alias has no values".to_owned()),
            None if options.document.is_some() && values.is_empty() => {
                let named = options.document.as_deref().unwrap_or_default();
                let document = self.policies.get(named).cloned().ok_or_else(|| format!("no policy before: {named}"))?;
                let instance = TrafficPolicyInstanceId::parse(named).map_err(|e| e.to_string())?;
                Body::TrafficPolicy(PolicyRecord { instance, made: Some(MadeRecords { ttl: options.ttl, document }) })
            }
            None if values.is_empty() => return Err("no values".to_owned()),
            None => {
                let values = values.split(" | ").map(|v| repeat(v.trim())).collect::<Result<Vec<_>, _>>()?.concat();
                Body::Records { ttl: options.ttl, values }
            }
        };
        let set_identifier = options.set.unwrap_or_else(|| format!("set-{}", self.record_sets.len()));
        let set_identifier = SetIdentifier::parse(&set_identifier).map_err(|e| e.to_string())?;
        let routing = match options.policy {
            None => Routing::Simple,
            Some(Policy::Weighted(weight)) => Routing::Weighted { set_identifier, weight },
            Some(Policy::Failover(role)) => Routing::Failover { set_identifier, role },
            Some(Policy::Multivalue) => Routing::Multivalue { set_identifier },
            Some(Policy::Latency(region)) => Routing::Latency { set_identifier, region },
            Some(Policy::Geolocation(location)) => Routing::Geolocation { set_identifier, location },
            Some(Policy::Geoproximity(origin)) => {
                Routing::Geoproximity { set_identifier, geoproximity: Geoproximity { origin, bias: options.bias } }
            }
            Some(Policy::IpBased(collection, location)) => Routing::IpBased { set_identifier, collection, location },
        };
        // A line of the scenario replaces the record set that the zone was born with.
        if routing == Routing::Simple {
            self.record_sets.retain(|r| (&r.name, r.record_type) != (&name, record_type));
        }
        self.record_sets.push(RecordSet { name, record_type, routing, body, health_check: options.check });
        Ok(())
    }

    /// `@` is the apex; a name without a final dot is below it.
    fn name(&self, text: &str) -> Result<Name, String> {
        let text = match text {
            "@" => self.apex.to_string(),
            absolute if absolute.ends_with('.') => absolute.to_owned(),
            relative => format!("{relative}.{}", self.apex),
        };
        Name::parse(&text).map_err(|e| e.to_string())
    }
}

enum Policy {
    Weighted(u8),
    Failover(FailoverRole),
    Multivalue,
    Latency(Region),
    Geolocation(Location),
    Geoproximity(Origin),
    IpBased(CidrCollectionId, CidrLocation),
}

impl Policy {
    /// `region=us-east-1`, `location=US-CA`, `location=DE`, `location=*`, `continent=EU`, `near=us-east-1`,
    /// `near=52.5:13.4`, `near=us-east-1-bue-1`, `block=c1/tokyo`.
    fn placed(key: &str, value: &str) -> Result<Option<Self>, String> {
        let told = |error: &dyn std::fmt::Display| format!("{error}");
        Ok(Some(match key {
            "region" => Self::Latency(Region::parse(value).map_err(|e| told(&e))?),
            "continent" => Self::Geolocation(Location::of_codes(Some(value), None, None).map_err(|e| told(&e))?),
            "location" => {
                let (country, state) = value.split_once('-').map_or((value, None), |(c, s)| (c, Some(s)));
                Self::Geolocation(Location::of_codes(None, Some(country), state).map_err(|e| told(&e))?)
            }
            "near" => Self::Geoproximity(match value.split_once(':') {
                Some((latitude, longitude)) => Origin::Coordinates {
                    latitude: Degrees::latitude(latitude).map_err(|e| told(&e))?,
                    longitude: Degrees::longitude(longitude).map_err(|e| told(&e))?,
                },
                None if value.split('-').count() > 3 => {
                    Origin::LocalZoneGroup(LocalZoneGroup::parse(value).map_err(|e| told(&e))?)
                }
                None => Origin::Region(Region::parse(value).map_err(|e| told(&e))?),
            }),
            "block" => {
                let (collection, location) = value.split_once('/').ok_or_else(|| format!("no location: {value}"))?;
                let collection = CidrCollectionId::parse(collection).map_err(|e| told(&e))?;
                Self::IpBased(collection, CidrLocation::parse(location).map_err(|e| told(&e))?)
            }
            _ => return Ok(None),
        }))
    }
}

/// What stands between type and values.
struct Options {
    ttl: Ttl,
    policy: Option<Policy>,
    bias: Option<i8>,
    set: Option<String>,
    check: Option<HealthCheckId>,
    alias: Option<String>,
    document: Option<String>,
    zone: Option<HostedZoneId>,
    evaluate: bool,
}

impl Options {
    /// The options, and the values after them.
    fn read(line: &str) -> Result<(Self, &str), String> {
        let mut options = Self {
            ttl: Ttl::new(60).expect("a good TTL"),
            policy: None,
            bias: None,
            set: None,
            check: None,
            alias: None,
            document: None,
            zone: None,
            evaluate: false,
        };
        let mut rest = line;
        loop {
            let (option, after) = word(rest);
            match option.split_once('=') {
                Some(("ttl", n)) => {
                    let seconds = n.parse().map_err(|_| format!("not a TTL: {n}"))?;
                    options.ttl = Ttl::new(seconds).map_err(|e| e.to_string())?;
                }
                Some(("weight", n)) => {
                    options.policy = Some(Policy::Weighted(n.parse().map_err(|_| format!("not a weight: {n}"))?));
                }
                Some(("bias", n)) => options.bias = Some(n.parse().map_err(|_| format!("not a bias: {n}"))?),
                Some((key @ ("region" | "location" | "continent" | "near" | "block"), value)) => {
                    options.policy = Policy::placed(key, value)?;
                }
                Some(("set", id)) => options.set = Some(id.to_owned()),
                Some(("check", id)) => options.check = Some(HealthCheckId::parse(id).map_err(|e| e.to_string())?),
                Some(("policy", name)) => options.document = Some(name.to_owned()),
                Some(("alias", name)) => options.alias = Some(name.to_owned()),
                Some(("zone", id)) => options.zone = Some(HostedZoneId::parse(id).map_err(|e| e.to_string())?),
                _ => match option {
                    "evaluate" => options.evaluate = true,
                    // Weighted and failover say so by weight and role; the words may stand there all the same.
                    "weighted" | "failover" => {}
                    "multivalue" => options.policy = Some(Policy::Multivalue),
                    "primary" => options.policy = Some(Policy::Failover(FailoverRole::Primary)),
                    "secondary" => options.policy = Some(Policy::Failover(FailoverRole::Secondary)),
                    _ => return Ok((options, rest)),
                },
            }
            rest = after;
        }
    }
}

/// The first word, and what follows it.
pub(super) fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(first, rest)| (first, rest.trim_start()))
}

/// A value, or as many as its `{1..60}` says.
fn repeat(value: &str) -> Result<Vec<String>, String> {
    let Some((before, rest)) = value.split_once('{') else { return Ok(vec![value.to_owned()]) };
    let (range, after) = rest.split_once('}').ok_or_else(|| format!("no closing brace: {value}"))?;
    Ok(span(range)?.map(|n| format!("{before}{n}{after}")).collect())
}

fn span(text: &str) -> Result<RangeInclusive<usize>, String> {
    let fault = || format!("not a range such as 1..60: {text}");
    let (first, last) = text.trim().split_once("..").ok_or_else(fault)?;
    Ok(first.parse().map_err(|_| fault())?..=last.parse().map_err(|_| fault())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_sets_are_read() {
        let mut zone = Zone::open("example.com id=Z9 bare").unwrap();
        zone.add("www A ttl=30 weighted weight=10 set=w1 check=h1 192.0.2.1 | 192.0.2.{2..3}").unwrap();
        zone.add("@ A alias=www evaluate").unwrap();
        zone.add("for n in 1..2: h{n} A 192.0.2.{n}").unwrap();
        let [www, apex, _, h2] = &zone.record_sets[..] else { panic!("{zone:?}") };
        let values = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(String::from).to_vec();
        assert_eq!(www.body, Body::Records { ttl: Ttl::new(30).unwrap(), values });
        assert!(
            matches!(&www.routing, Routing::Weighted { weight: 10, set_identifier } if set_identifier.as_str() == "w1")
        );
        assert!(matches!(&apex.body, Body::Alias(alias) if alias.evaluate_target_health && alias.dns_name == www.name));
        assert_eq!(h2.name.to_string(), "h2.example.com.");
    }

    #[test]
    fn the_apex_is_as_route_53_makes_it_until_a_line_says_otherwise() {
        let mut zone = Zone::open("example.com").unwrap();
        assert_eq!(zone.record_sets.len(), 2);
        zone.add("@ NS ns1.example.com.").unwrap();
        assert_eq!(zone.record_sets.len(), 2);
        assert!(zone.add("www BOGUS 1").is_err() && zone.add("www A ttl=x 1").is_err() && zone.add("www A").is_err());
    }
}
