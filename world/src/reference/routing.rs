//! The routing policies, slowly: what the Route 53 Developer Guide says under "How Route 53 chooses records".

use model::{Body, FailoverRole, Name, RecordSet, RecordType, Routing};

use super::way::{Step, Way, eight, one_by_weight};
use super::{Reference, text, wire};
use crate::reply::Record;

impl Reference<'_> {
    /// All ways that a group may choose, each with its chance; none if there is no such group.
    pub(super) fn pick(&self, name: &Name, record_type: RecordType) -> Vec<Way> {
        let mut group: Vec<&RecordSet> = self.group(name, record_type);
        let cost = |r: &RecordSet| self.asker.cost(&r.routing);
        let Some(policy) = group.first().map(|r| word(&r.routing)) else { return Vec::new() };
        group.retain(|r| cost(r).is_some());
        if let [only] = group[..]
            && matches!(only.body, Body::TrafficPolicy(_))
        {
            return self.resolve(only); // Its first rule is the group.
        }
        let mut able: Vec<&RecordSet> = group.iter().copied().filter(|r| self.healthy(r)).collect();
        let step = Step {
            policy,
            fails_open: able.is_empty(),
            backs_out: !able.is_empty() && group.iter().any(|r| self.checked(r) && !self.healthy(r)),
            abroad: !name.is_in(self.apex),
            evaluates: None,
        };
        if group.is_empty() {
            // Nothing is for this client: no answer.
            return vec![Way::of(Vec::new()).after(Step { fails_open: false, ..step })];
        }
        if able.is_empty() {
            able = group; // Nobody is healthy, so everybody is.
        }
        let weight = |r: &RecordSet| if let Routing::Weighted { weight, .. } = r.routing { weight } else { 0 };
        let role = |r: &RecordSet| matches!(r.routing, Routing::Failover { role: FailoverRole::Secondary, .. });
        let ways = match &able[0].routing {
            Routing::Multivalue { .. } => eight(&able.iter().map(|r| own(r)).collect::<Vec<_>>()),
            Routing::Simple => self.resolve(able[0]),
            Routing::Failover { .. } => self.resolve(able.iter().min_by_key(|r| role(r)).expect("there is one")),
            Routing::Latency { .. }
            | Routing::Geolocation { .. }
            | Routing::Geoproximity { .. }
            | Routing::IpBased { .. } => {
                let dearness = |r: &RecordSet| cost(r).expect("the others are out");
                let order = |a: &&&RecordSet, b: &&&RecordSet| {
                    dearness(a).total_cmp(&dearness(b)).then_with(|| a.set_identifier().cmp(&b.set_identifier()))
                };
                self.resolve(able.iter().min_by(order).expect("there is one"))
            }
            Routing::Weighted { .. } => one_by_weight(able.iter().map(|r| (weight(r), self.resolve(r))).collect()),
        };
        ways.into_iter().map(|way| way.after(step)).collect()
    }

    fn resolve(&self, record_set: &RecordSet) -> Vec<Way> {
        match &record_set.body {
            Body::Records { .. } => vec![Way::of(own(record_set))],
            Body::TrafficPolicy(record) => {
                record.made.as_ref().map_or(vec![Way::of(Vec::new())], |made| self.tree(record_set, made))
            }
            Body::Alias(alias) => match self.pick(&alias.dns_name, record_set.record_type) {
                ways if ways.is_empty() => vec![Way::of(Vec::new())],
                ways => {
                    let owned = |way: &Way| way.records.iter().map(|r| r.at(&wire(&record_set.name))).collect();
                    let seen =
                        |way: Way| Way { records: owned(&way), evaluates: Some(alias.evaluate_target_health), ..way };
                    ways.into_iter().map(seen).collect()
                }
            },
        }
    }

    fn healthy(&self, record_set: &RecordSet) -> bool {
        self.checked(record_set)
            && match &record_set.body {
                Body::Alias(alias) if alias.evaluate_target_health => {
                    let group = self.group(&alias.dns_name, record_set.record_type);
                    group.iter().any(|r| self.asker.cost(&r.routing).is_some() && self.healthy(r))
                }
                // What a traffic policy makes stands at its name: the record sets of its first rule.
                Body::TrafficPolicy(record) => record.made.as_ref().is_none_or(|made| self.alive(made)),
                Body::Alias(_) | Body::Records { .. } => true,
            }
    }

    /// Whether its own health check has nothing against it.
    fn checked(&self, record_set: &RecordSet) -> bool {
        record_set.health_check.as_ref().is_none_or(|id| (self.is_healthy)(id))
    }
}

/// The records of a record set that is no alias, read by the `domain` crate.
pub(super) fn own(record_set: &RecordSet) -> Vec<Record> {
    let Body::Records { ttl, values } = &record_set.body else { return Vec::new() };
    let line = |v: &String| format!("{} {} IN {} {v}", text(&record_set.name), ttl.seconds(), record_set.record_type);
    values.iter().map(|v| Record::parse(&line(v)).expect("the tests use plain values")).collect()
}

fn word(routing: &Routing) -> &'static str {
    match routing {
        Routing::Simple => "simple",
        Routing::Weighted { .. } => "weighted",
        Routing::Failover { .. } => "failover",
        Routing::Multivalue { .. } => "multivalue",
        Routing::Latency { .. } => "latency",
        Routing::Geolocation { .. } => "geolocation",
        Routing::Geoproximity { .. } => "geoproximity",
        Routing::IpBased { .. } => "IP-based",
    }
}
