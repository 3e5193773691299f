//! The record sets of a service as they are: weights in the order of the service's keys, and what is wrong with them.
//! Read by `plan` before anything exists, and by `step` again and again to notice what others do. On the way forward
//! any fault stops; on the way back what is there is enough.

use model::deployment::{Binding, RecordSetKey, RecordSetWeight, Service, SnapshotMember};
use model::health_status::{HealthStatus, Verdicts};
use model::id::{EnvironmentName, HealthCheckId, HostedZoneId};
use model::{Body, RecordSet, Routing, RoutingPolicy};

/// The record sets of a service as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Live {
    /// Those that are there and weighted, in the order of [`Service::record_set_keys`].
    pub(crate) members: Vec<SnapshotMember>,
    /// What is wrong; empty when all are there, all weighted, and no others beside them.
    pub(crate) faults: Vec<LiveFault>,
    /// Those whose answers depend on the health of an alias target.
    pub(crate) evaluated: Vec<RecordSetKey>,
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
        "record set {record_set} (weight {weight}) shares this name and is not part of the service; add it or delete it"
    )]
    Foreign {
        /// Which.
        record_set: RecordSetKey,
        /// Its weight.
        weight: u8,
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
        let keys = service.record_set_keys();
        let neighbours = record_sets.iter().filter_map(|(zone, found)| neighbour_fault(service, &keys, zone, found));
        let mut live =
            Self { members: Vec::with_capacity(keys.len()), faults: neighbours.collect(), evaluated: Vec::new() };
        for key in keys {
            let found = record_sets.iter().find(|(zone, found)| is_named(&key, zone, found));
            let Some((_, found)) = found else {
                live.faults.push(LiveFault::Missing(key));
                continue;
            };
            let Routing::Weighted { weight, .. } = found.routing else {
                live.faults.push(not_weighted(found));
                continue;
            };
            if let Body::Alias(target) = &found.body
                && target.evaluate_target_health
            {
                live.evaluated.push(key.clone());
            }
            live.members.push(member(key, weight, found));
        }
        live
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

    /// The largest TTL in seconds. An alias answers with its target's, which is not known here; 60 is what AWS gives
    /// its own targets.
    pub(crate) fn ttl_seconds(&self) -> u32 {
        self.members.iter().map(|m| m.ttl_seconds.unwrap_or(60)).max().unwrap_or(0)
    }

    /// The health checks that speak for an environment.
    pub(crate) fn checks_of<'a>(&'a self, service: &'a Service, name: &EnvironmentName) -> Vec<&'a HealthCheckId> {
        let Some(environment) = service.environments.get(name) else { return Vec::new() };
        let own = environment.health_check.iter();
        let of_sets =
            self.members.iter().filter(|m| environment.set_identifiers.contains(&m.record_set.set_identifier));
        own.chain(of_sets.filter_map(|m| m.health_check.as_ref())).collect()
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

/// What is wrong with a record set that shares a managed name and type and is not ours.
fn neighbour_fault(
    service: &Service,
    keys: &[RecordSetKey],
    zone: &HostedZoneId,
    found: &RecordSet,
) -> Option<LiveFault> {
    let shares_a_name = service.traffic.iter().any(|Binding::Dns(binding)| {
        binding.zone == *zone && binding.name == found.name && binding.types.contains(&found.record_type)
    });
    if !shares_a_name || keys.iter().any(|key| is_named(key, zone, found)) {
        return None;
    }
    let Routing::Weighted { set_identifier, weight } = &found.routing else { return Some(not_weighted(found)) };
    let record_set = RecordSetKey {
        zone: zone.clone(),
        name: found.name.clone(),
        record_type: found.record_type,
        set_identifier: set_identifier.clone(),
    };
    Some(LiveFault::Foreign { record_set, weight: *weight })
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
