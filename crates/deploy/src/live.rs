//! The record sets of a service as they are: weights in the order of the service's keys, and what is wrong with them.
//! Read by `plan` before anything exists, and by `step` again and again to notice what others do. On the way forward
//! any fault stops; on the way back what is there is enough.

use model::deployment::{
    DnsBinding, Foreign, RecordAnswer, RecordForm, RecordSetKey, RecordSetWeight, Service, SnapshotMember,
};
use model::health_status::{HealthStatus, Verdicts};
use model::id::{EnvironmentName, HealthCheckId, HostedZoneId, SetIdentifier};
use model::{Body, RecordSet, Routing, RoutingPolicy};

use crate::ttl;

/// The weight of what serves when a plain record becomes weighted ones, so that weights read as percentages.
const ADOPTED_WEIGHT: u8 = 100;

/// The record sets of a service as found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Live {
    /// Those that are there and weighted, and those that a plain record would become, in the order of
    /// [`Service::record_set_keys`].
    pub(crate) members: Vec<SnapshotMember>,
    /// What is wrong; empty when all are there, all weighted, and no others beside them.
    pub(crate) faults: Vec<LiveFault>,
    /// Those whose answers depend on the health of an alias target.
    pub(crate) evaluated: Vec<RecordSetKey>,
    /// The largest TTL of their answers in seconds, wherever their aliases and CNAMEs lead.
    pub(crate) ttl_seconds: u32,
    /// The same for each member.
    pub(crate) answer_ttls: Vec<u32>,
    /// The record sets are not ours, nor are their health checks: what those say is not known here.
    pub(crate) is_elsewhere: bool,
    /// What is there: the members, or plain records in their place.
    pub(crate) records: Vec<RecordForm>,
    /// Weighted record sets of the same names that the service leaves alone.
    pub(crate) foreign: Vec<RecordSetWeight>,
}

/// Why record sets cannot be steered by weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LiveFault {
    /// The service names a record set that is not there.
    #[error("there is no record set {0}; create it with weight 0, or take it out of the service")]
    Missing(RecordSetKey),
    /// The name has another routing policy.
    #[error("{name} {record_type} uses {policy} routing; weighted record sets are needed")]
    NotWeighted {
        /// The name.
        name: model::Name,
        /// The type.
        record_type: model::RecordType,
        /// What it uses, in lower case.
        policy: &'static str,
    },
    /// A record set of the same name and type that the service does not name.
    #[error(
        "record set {record_set} (weight {weight}) shares this name and is not part of the service; add it, delete it, or set foreign: keep"
    )]
    Foreign {
        /// Which.
        record_set: RecordSetKey,
        /// Its weight.
        weight: u8,
    },
    /// A plain record of somebody else's that a health check of theirs decides about. A record set made beside it would need
    /// one too, of the same account, which nobody here knows.
    #[error(
        "the plain record {name} {record_type} has a health check of its account, and what is made beside it would have none; take it off, or make weighted record sets there, each with a health check"
    )]
    CheckedElsewhere {
        /// The name.
        name: model::Name,
        /// The type.
        record_type: model::RecordType,
    },
}

/// The weights of a service as they are, in the order of [`Service::record_set_keys`].
///
/// # Errors
/// The first reason why weights cannot steer these record sets.
pub fn live_weights(
    service: &Service,
    record_sets: &[(HostedZoneId, RecordSet)],
) -> Result<Vec<RecordSetWeight>, LiveFault> {
    Live::read(service, record_sets).whole().map(Live::weights).map_err(Clone::clone)
}

/// The record sets of a service that are there and weighted, in the order of its keys, whatever else is wrong.
#[must_use]
pub fn live_members(service: &Service, record_sets: &[(HostedZoneId, RecordSet)]) -> Vec<SnapshotMember> {
    Live::read(service, record_sets).members
}

/// What health checks say of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EnvironmentHealth {
    /// Nothing checks it.
    Unchecked,
    /// All its checks are healthy.
    Healthy,
    /// This check is unhealthy.
    Unhealthy(HealthCheckId),
    /// This check does not exist or has not spoken.
    Unknown(HealthCheckId),
}

impl Live {
    /// Reads the record sets of the service.
    pub(crate) fn read(service: &Service, record_sets: &[(HostedZoneId, RecordSet)]) -> Self {
        let mut live = Self { is_elsewhere: service.account().is_some(), ..Self::default() };
        let keys = service.record_set_keys();
        for found in record_sets {
            live.read_neighbour(service, &keys, found, record_sets);
        }
        for group in keys.chunk_by(RecordSetKey::is_beside) {
            if !live.read_plain(service, group, record_sets) {
                group.iter().for_each(|key| live.read_member(key, record_sets));
            }
        }
        live
    }

    /// What shares a managed name and type and is not ours.
    fn read_neighbour(
        &mut self,
        service: &Service,
        keys: &[RecordSetKey],
        (zone, found): &(HostedZoneId, RecordSet),
        record_sets: &[(HostedZoneId, RecordSet)],
    ) {
        let shares_a_name = |binding: &&DnsBinding| {
            binding.zone == *zone && binding.name == found.name && binding.types.contains(&found.record_type)
        };
        let Some(binding) = service.records().find(shares_a_name) else {
            return;
        };
        if keys.iter().any(|key| is_named(key, zone, found)) || adoptable(binding, zone, found).is_some() {
            return;
        }
        let Routing::Weighted { set_identifier, weight } = &found.routing else {
            self.faults.push(not_weighted(found));
            // No release begins from it, but one that ends in it must see that it is there, and how long it is cached.
            if let Some(plain) = RecordForm::of(zone, found).filter(|form| binding.release && form.weighted.is_none()) {
                self.ttl_seconds = self.ttl_seconds.max(ttl::of_answer(found, record_sets));
                self.records.push(plain);
            }
            return;
        };
        let (zone, name, set_identifier) = (zone.clone(), found.name.clone(), set_identifier.clone());
        let record_set = RecordSetKey { zone, name, record_type: found.record_type, set_identifier };
        match binding.foreign {
            Foreign::Refuse => self.faults.push(LiveFault::Foreign { record_set, weight: *weight }),
            Foreign::Keep => self.foreign.push(RecordSetWeight { record_set, weight: *weight }),
        }
    }

    /// A plain record that is to be adopted stands for its members as they will be; whether there is one.
    fn read_plain(
        &mut self,
        service: &Service,
        group: &[RecordSetKey],
        record_sets: &[(HostedZoneId, RecordSet)],
    ) -> bool {
        let Some(first) = group.first() else { return false };
        let Some(binding) = service.records().find(|b| b.zone == first.zone && b.name == first.name) else {
            return false;
        };
        let is_here = |zone: &HostedZoneId, set: &RecordSet| {
            first.zone == *zone && first.name == set.name && first.record_type == set.record_type
        };
        let found = record_sets.iter().filter(|(zone, set)| is_here(zone, set));
        let plain = found.into_iter().find_map(|(zone, set)| Some((adoptable(binding, zone, set)?, set)));
        let Some((plain, set)) = plain else { return false };
        if self.is_elsewhere && plain.health_check.is_some() {
            let (name, record_type) = (plain.name.clone(), plain.record_type);
            self.faults.push(LiveFault::CheckedElsewhere { name, record_type });
        }
        let ttl_seconds = ttl::of_answer(set, record_sets);
        let members = adopted(service, &plain);
        for key in group {
            let Some(form) = members.iter().find(|form| form.key().as_ref() == Some(key)) else {
                self.faults.push(LiveFault::Missing(key.clone()));
                continue;
            };
            let set = form.record_set();
            let weight = form.weighted.as_ref().map_or(0, |(_, weight)| *weight);
            self.take(key.clone(), weight, &set, ttl_seconds);
        }
        self.records.push(plain);
        true
    }

    fn read_member(&mut self, key: &RecordSetKey, record_sets: &[(HostedZoneId, RecordSet)]) {
        let found = record_sets.iter().find(|(zone, found)| is_named(key, zone, found));
        let Some((zone, found)) = found else {
            self.faults.push(LiveFault::Missing(key.clone()));
            return;
        };
        let Routing::Weighted { weight, .. } = found.routing else {
            self.faults.push(not_weighted(found));
            return;
        };
        self.take(key.clone(), weight, found, ttl::of_answer(found, record_sets));
        self.records.extend(RecordForm::of(zone, found));
    }

    fn take(&mut self, key: RecordSetKey, weight: u8, found: &RecordSet, ttl_seconds: u32) {
        if let Body::Alias(target) = &found.body
            && target.evaluate_target_health
        {
            self.evaluated.push(key.clone());
        }
        self.ttl_seconds = self.ttl_seconds.max(ttl_seconds);
        self.answer_ttls.push(ttl_seconds);
        self.members.push(member(key, weight, found));
    }

    /// The same, if nothing is wrong.
    pub(crate) fn whole(&self) -> Result<&Self, &LiveFault> {
        self.faults.first().map_or(Ok(self), Err)
    }

    /// The weights, in the order of the service's keys.
    pub(crate) fn weights(&self) -> Vec<RecordSetWeight> {
        let weight = |m: &SnapshotMember| RecordSetWeight { record_set: m.record_set.clone(), weight: m.weight };
        self.members.iter().map(weight).collect()
    }

    /// The health checks that speak for an environment: its own, and those of its record sets if they are of this server.
    pub(crate) fn checks_of<'a>(&'a self, service: &'a Service, name: &EnvironmentName) -> Vec<&'a HealthCheckId> {
        let Some(environment) = service.environments.get(name) else { return Vec::new() };
        let own = environment.health_check.iter();
        let of_sets = self
            .members
            .iter()
            .filter(|m| !self.is_elsewhere && environment.set_identifiers.contains(&m.record_set.set_identifier));
        own.chain(of_sets.filter_map(|m| m.health_check.as_ref())).collect()
    }
}

impl Live {
    /// The health checks that speak for one instance: those of its record sets.
    pub(crate) fn checks_of_instance(&self, instance: &SetIdentifier) -> Vec<&HealthCheckId> {
        let own = self.members.iter().filter(|m| m.record_set.set_identifier == *instance);
        own.filter_map(|m| m.health_check.as_ref()).collect()
    }
}

/// What the checks say together: the worst word counts.
pub(crate) fn environment_health(checks: &[&HealthCheckId], verdicts: &Verdicts) -> EnvironmentHealth {
    let with = |status| checks.iter().find(|id| verdicts.status(id) == status).map(|id| (*id).clone());
    if checks.is_empty() {
        EnvironmentHealth::Unchecked
    } else if let Some(id) = with(Some(HealthStatus::Unhealthy)) {
        EnvironmentHealth::Unhealthy(id)
    } else if let Some(id) = with(None) {
        EnvironmentHealth::Unknown(id)
    } else {
        EnvironmentHealth::Healthy
    }
}

fn is_named(key: &RecordSetKey, zone: &HostedZoneId, found: &RecordSet) -> bool {
    key.zone == *zone
        && key.name == found.name
        && key.record_type == found.record_type
        && found.set_identifier() == Some(&key.set_identifier)
}

/// A plain record that the binding would adopt.
fn adoptable(binding: &DnsBinding, zone: &HostedZoneId, found: &RecordSet) -> Option<RecordForm> {
    RecordForm::of(zone, found).filter(|form| binding.adopt && form.weighted.is_none())
}

/// The weighted record sets that take the place of a plain one: what serves keeps what it answers, the others answer
/// what the service says. An environment of which it says nothing has none.
pub(crate) fn adopted(service: &Service, plain: &RecordForm) -> Vec<RecordForm> {
    let values_of = |name: &EnvironmentName| service.environments.get(name)?.dns.get(&plain.record_type);
    let answers = |name: &&EnvironmentName| matches!(&plain.answer, RecordAnswer::Records { values, .. } if values_of(name) == Some(values));
    let serving = service.environments.keys().find(answers).or(service.active.as_ref());
    let mut members = Vec::new();
    for (name, environment) in &service.environments {
        let Some(set_identifier) = environment.set_identifiers.first() else { continue };
        if Some(name) == serving {
            members.push(plain.clone().as_member(set_identifier.clone(), ADOPTED_WEIGHT));
        } else if let Some(values) = values_of(name) {
            let ttl_seconds = plain.ttl_seconds().unwrap_or(ttl::ALIAS_SECONDS);
            let answer = RecordAnswer::Records { ttl_seconds, values: values.clone() };
            // One side checked and the other not would be a coupling of health, and is refused as one. Ids of ours are
            // written into no account of somebody else's.
            let is_ours = service.account().is_none();
            let health_check = environment.health_check.clone().filter(|_| is_ours && plain.health_check.is_some());
            let form = RecordForm { answer, health_check, ..plain.clone() };
            members.push(form.as_member(set_identifier.clone(), 0));
        }
    }
    members
}

fn not_weighted(found: &RecordSet) -> LiveFault {
    let policy = match found.routing.policy() {
        RoutingPolicy::Simple => "simple",
        RoutingPolicy::Weighted => "weighted",
        RoutingPolicy::Failover => "failover",
        RoutingPolicy::Multivalue => "multivalue",
        RoutingPolicy::Latency => "latency",
        RoutingPolicy::Geolocation => "geolocation",
        RoutingPolicy::Geoproximity => "geoproximity",
        RoutingPolicy::IpBased => "IP-based",
    };
    LiveFault::NotWeighted { name: found.name.clone(), record_type: found.record_type, policy }
}

fn member(record_set: RecordSetKey, weight: u8, found: &RecordSet) -> SnapshotMember {
    let (ttl_seconds, values) = match &found.body {
        Body::Records { ttl, values } => (Some(ttl.seconds()), values.clone()),
        Body::Alias(target) => (None, vec![format!("alias {} {}", target.hosted_zone_id, target.dns_name)]),
        Body::TrafficPolicy(record) => (None, vec![format!("traffic policy instance {}", record.instance)]),
    };
    SnapshotMember { record_set, weight, ttl_seconds, values, health_check: found.health_check.clone() }
}
