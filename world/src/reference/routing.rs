//! The routing policies, slowly: what the Route 53 Developer Guide says under "How Route 53 chooses records".

use model::{Body, FailoverRole, Name, RecordSet, RecordType, Routing};

use super::{Reference, text, wire};
use crate::reply::Record;

impl Reference<'_> {
    /// The choices of a group: each the records of one answer.
    pub(super) fn pick(&self, name: &Name, record_type: RecordType) -> Vec<Vec<Record>> {
        let mut group: Vec<&RecordSet> = self.group(name, record_type);
        let cost = |r: &RecordSet| self.asker.cost(&r.routing);
        let is_there = !group.is_empty();
        group.retain(|r| cost(r).is_some());
        if is_there && group.is_empty() {
            return vec![Vec::new()]; // Nothing is for this client: no answer.
        }
        let mut able: Vec<&RecordSet> = group.iter().copied().filter(|r| self.healthy(r)).collect();
        if able.is_empty() {
            able = group; // Nobody is healthy, so everybody is.
        }
        let weight = |r: &RecordSet| if let Routing::Weighted { weight, .. } = r.routing { weight } else { 0 };
        let role = |r: &RecordSet| matches!(r.routing, Routing::Failover { role: FailoverRole::Secondary, .. });
        match able.first().map(|r| &r.routing) {
            None => Vec::new(),
            Some(Routing::Multivalue { .. }) => vec![with_one_ttl(able.iter().flat_map(|r| own(r)).collect())],
            Some(Routing::Simple) => self.resolve(able[0]),
            Some(Routing::Failover { .. }) => self.resolve(able.iter().min_by_key(|r| role(r)).expect("there is one")),
            Some(
                Routing::Latency { .. }
                | Routing::Geolocation { .. }
                | Routing::Geoproximity { .. }
                | Routing::IpBased { .. },
            ) => {
                let dearness = |r: &RecordSet| cost(r).expect("the others are out");
                let order = |a: &&&RecordSet, b: &&&RecordSet| {
                    dearness(a).total_cmp(&dearness(b)).then_with(|| a.set_identifier().cmp(&b.set_identifier()))
                };
                self.resolve(able.iter().min_by(order).expect("there is one"))
            }
            Some(Routing::Weighted { .. }) => {
                let positive = able.iter().any(|r| weight(r) > 0);
                able.retain(|r| !positive || weight(r) > 0);
                able.iter().flat_map(|r| self.resolve(r)).collect()
            }
        }
    }

    fn resolve(&self, record_set: &RecordSet) -> Vec<Vec<Record>> {
        match &record_set.body {
            Body::Records { .. } => vec![own(record_set)],
            Body::TrafficPolicy(record) => {
                record.made.as_ref().map_or(vec![Vec::new()], |made| self.tree(record_set, made))
            }
            Body::Alias(alias) => match self.pick(&alias.dns_name, record_set.record_type) {
                choices if choices.is_empty() => vec![Vec::new()],
                choices => choices.iter().map(|c| c.iter().map(|r| r.at(&wire(&record_set.name))).collect()).collect(),
            },
        }
    }

    fn healthy(&self, record_set: &RecordSet) -> bool {
        record_set.health_check.as_ref().is_none_or(|id| (self.is_healthy)(id))
            && match &record_set.body {
                Body::Alias(alias) if alias.evaluate_target_health => {
                    let group = self.group(&alias.dns_name, record_set.record_type);
                    group.iter().any(|r| self.asker.cost(&r.routing).is_some() && self.healthy(r))
                }
                Body::Alias(_) | Body::Records { .. } | Body::TrafficPolicy(_) => true,
            }
    }
}

/// The records of a record set that is no alias, read by the `domain` crate.
pub(super) fn own(record_set: &RecordSet) -> Vec<Record> {
    let Body::Records { ttl, values } = &record_set.body else { return Vec::new() };
    let line = |v: &String| format!("{} {} IN {} {v}", text(&record_set.name), ttl.seconds(), record_set.record_type);
    values.iter().map(|v| Record::parse(&line(v)).expect("the tests use plain values")).collect()
}

/// RFC 2181 §5.2: one RRset, one TTL.
pub(super) fn with_one_ttl(mut records: Vec<Record>) -> Vec<Record> {
    let ttl = records.iter().map(|r| r.ttl).min().unwrap_or(0);
    for record in &mut records {
        record.ttl = ttl;
    }
    records
}
