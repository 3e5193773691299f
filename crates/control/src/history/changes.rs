//! What differs between two states of a zone, record set by record set and field by field.

use std::collections::HashSet;

use model::change::RecordSetKey;
use model::place::{Geoproximity, Location, Origin};
use model::{AliasTarget, Body, FailoverRole, MadeRecords, PolicyRecord, RecordSet, Routing};

use super::past::{Values, decode};
use crate::rows::StorageError;

/// One record set that differs. At least one of both sides is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSetChange {
    /// As it was.
    pub before: Option<RecordSet>,
    /// As it is then.
    pub after: Option<RecordSet>,
}

/// A fact of a record set besides its name, type and values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A number: TTL, weight.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Anything else.
    Text(String),
}

/// A fact that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name, as in [`facts`].
    pub field: &'static str,
    /// None: it was not there.
    pub before: Option<Fact>,
    /// None: it is gone.
    pub after: Option<Fact>,
}

impl RecordSetChange {
    /// Which record set.
    ///
    /// # Panics
    /// Neither side is there, which cannot be made.
    #[must_use]
    pub fn key(&self) -> RecordSetKey {
        RecordSetKey::of(self.after.as_ref().or(self.before.as_ref()).expect("one side is there"))
    }

    /// Every fact that differs, in the order of [`facts`].
    #[must_use]
    pub fn fields(&self) -> Vec<FieldChange> {
        let side = |set: &Option<RecordSet>| set.as_ref().map(facts).unwrap_or_default();
        let (before, after) = (side(&self.before), side(&self.after));
        let mut fields: Vec<&'static str> = before.iter().chain(&after).map(|(field, _)| *field).collect();
        let mut seen = HashSet::new();
        fields.retain(|field| seen.insert(*field));
        let of =
            |facts: &[(&'static str, Fact)], field| facts.iter().find(|(f, _)| *f == field).map(|(_, v)| v.clone());
        let changes =
            fields.into_iter().map(|field| FieldChange { field, before: of(&before, field), after: of(&after, field) });
        changes.filter(|change| change.before != change.after).collect()
    }

    /// The values that only one side has: gone, and new.
    #[must_use]
    pub fn values(&self) -> (Vec<String>, Vec<String>) {
        let (before, after) = (values(self.before.as_ref()), values(self.after.as_ref()));
        let only = |these: &[String], others: &[String]| {
            these.iter().filter(|value| !others.contains(value)).cloned().collect::<Vec<_>>()
        };
        (only(before, after), only(after, before))
    }
}

fn values(set: Option<&RecordSet>) -> &[String] {
    match set.map(|set| &set.body) {
        Some(Body::Records { values, ttl: _ }) => values,
        Some(Body::Alias(_) | Body::TrafficPolicy(_)) | None => &[],
    }
}

/// The facts of a record set besides its name, type and values, in the order in which people read them.
#[must_use]
pub fn facts(set: &RecordSet) -> Vec<(&'static str, Fact)> {
    let RecordSet { name: _, record_type: _, routing, body, health_check } = set;
    let text = |text: &dyn ToString| Fact::Text(text.to_string());
    let mut facts = Vec::new();
    match body {
        Body::Records { ttl, values: _ } => facts.push(("ttl", Fact::Number(ttl.seconds().into()))),
        Body::Alias(AliasTarget { hosted_zone_id, dns_name, evaluate_target_health }) => facts.extend([
            ("alias_target", text(dns_name)),
            ("alias_zone", text(hosted_zone_id)),
            ("evaluate_target_health", Fact::Flag(*evaluate_target_health)),
        ]),
        Body::TrafficPolicy(PolicyRecord { instance, made }) => {
            facts.push(("traffic_policy_instance", text(instance)));
            if let Some(MadeRecords { ttl, document }) = made {
                facts.push(("ttl", Fact::Number(ttl.seconds().into())));
                facts.push(("traffic_policy_document", text(&document.text())));
            }
        }
    }
    match routing {
        Routing::Simple => {}
        Routing::Weighted { set_identifier: _, weight } => facts.push(("weight", Fact::Number((*weight).into()))),
        Routing::Failover { set_identifier: _, role } => facts.push((
            "failover",
            Fact::Text(match role {
                FailoverRole::Primary => "PRIMARY".to_owned(),
                FailoverRole::Secondary => "SECONDARY".to_owned(),
            }),
        )),
        Routing::Multivalue { set_identifier: _ } => facts.push(("multivalue", Fact::Flag(true))),
        Routing::Latency { set_identifier: _, region } => facts.push(("region", text(region))),
        Routing::Geolocation { set_identifier: _, location } => facts.push(("geolocation", place(location))),
        Routing::Geoproximity { set_identifier: _, geoproximity } => {
            let Geoproximity { origin, bias } = geoproximity;
            facts.push(("geoproximity", self::origin(origin)));
            facts.extend(bias.map(|bias| ("bias", Fact::Number(bias.into()))));
        }
        Routing::IpBased { set_identifier: _, collection, location } => {
            facts.push(("cidr_collection", text(collection)));
            facts.push(("cidr_location", text(location)));
        }
    }
    facts.extend(health_check.as_ref().map(|id| ("health_check", text(id))));
    facts
}

fn place(location: &Location) -> Fact {
    Fact::Text(match location {
        Location::Default => "default".to_owned(),
        Location::Continent(continent) => format!("continent {continent}"),
        Location::Country(country) => country.to_string(),
        Location::Subdivision(country, subdivision) => format!("{country}-{subdivision}"),
    })
}

fn origin(origin: &Origin) -> Fact {
    Fact::Text(match origin {
        Origin::Region(region) => region.to_string(),
        Origin::LocalZoneGroup(group) => group.to_string(),
        Origin::Coordinates { latitude, longitude } => format!("{} {}", latitude.as_str(), longitude.as_str()),
    })
}

/// What differs between two states of the same keys, in Route 53's order.
pub(super) fn between(before: &Values, after: &Values) -> Result<Vec<RecordSetChange>, StorageError> {
    let mut changes = Vec::new();
    for (key, before) in before {
        let after = after.get(key).and_then(Option::as_ref);
        if before.as_ref() != after {
            let side = |value: Option<&Vec<u8>>| value.map(|value| decode(key, value)).transpose();
            changes.push(RecordSetChange { before: side(before.as_ref())?, after: side(after)? });
        }
    }
    Ok(changes)
}
