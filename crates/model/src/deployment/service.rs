//! A service: what deployments release. Its environments are symmetric and keep their identity for life; which of
//! them serves is a pointer, so nothing is renamed or swapped at the end of a release.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::as_text;
use crate::id::{EnvironmentName, HealthCheckId, HostedZoneId, ServiceName, SetIdentifier};
use crate::{Name, RecordType, Weight};

/// A named thing that runs in environments and gets its traffic by weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name; deployments are listed by it.
    pub name: ServiceName,
    /// Where it runs, such as `blue` and `green`.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// The environment that serves. A release moves the traffic away from it and, at the end, this pointer.
    pub active: EnvironmentName,
    /// What steers its traffic. One binding for now; a list, because a load balancer's rules will join the DNS.
    pub traffic: Vec<Binding>,
}

/// One place where a version of the service runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The label of what runs there now; opaque to us.
    pub version: String,
    /// The set identifiers of its weighted record sets, at least one; the same for every type of the binding.
    pub set_identifiers: Vec<SetIdentifier>,
    /// The health check that must be healthy before it gets traffic, beside those of its record sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheckId>,
}

/// What steers the traffic of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// The weighted record sets of one name in a hosted zone of this server.
    Dns(DnsBinding),
}

/// Weighted record sets of one name. All types move together, in one change batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsBinding {
    /// The hosted zone.
    pub zone: HostedZoneId,
    /// The name that clients ask for.
    #[serde(with = "as_text")]
    pub name: Name,
    /// The types that move together, such as `A` and `AAAA`.
    #[serde(with = "as_text::list")]
    pub types: Vec<RecordType>,
}

/// One weighted record set, named so that it is found again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSetKey {
    /// Its hosted zone.
    pub zone: HostedZoneId,
    /// Its name.
    #[serde(with = "as_text")]
    pub name: Name,
    /// Its type.
    #[serde(rename = "type", with = "as_text")]
    pub record_type: RecordType,
    /// What tells it apart from the others of this name and type.
    pub set_identifier: SetIdentifier,
}

/// A weight for one record set; absolute, never a difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSetWeight {
    /// Which.
    pub record_set: RecordSetKey,
    /// 0–255.
    pub weight: Weight,
}

impl Service {
    /// The environment that a set identifier belongs to.
    #[must_use]
    pub fn environment_of(&self, set_identifier: &SetIdentifier) -> Option<&EnvironmentName> {
        self.environments.iter().find(|(_, e)| e.set_identifiers.contains(set_identifier)).map(|(name, _)| name)
    }

    /// The keys of all record sets that belong to the service, in a fixed order.
    #[must_use]
    pub fn record_set_keys(&self) -> Vec<RecordSetKey> {
        let mut keys = Vec::new();
        for Binding::Dns(binding) in &self.traffic {
            for record_type in &binding.types {
                for environment in self.environments.values() {
                    for set_identifier in &environment.set_identifiers {
                        keys.push(RecordSetKey {
                            zone: binding.zone.clone(),
                            name: binding.name.clone(),
                            record_type: *record_type,
                            set_identifier: set_identifier.clone(),
                        });
                    }
                }
            }
        }
        keys
    }
}

impl fmt::Display for RecordSetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} \"{}\"", self.name, self.record_type, self.set_identifier)
    }
}

/// Weights in one line, grouped by type: `A blue=95 green=5, AAAA blue=95 green=5`.
pub struct WeightsLine<'a>(pub &'a [RecordSetWeight]);

impl fmt::Display for WeightsLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for RecordSetWeight { record_set, weight } in self.0 {
            let group = (&record_set.zone, &record_set.name, record_set.record_type);
            if last != Some(group) {
                let comma = if last.is_some() { ", " } else { "" };
                write!(f, "{comma}{}", record_set.record_type)?;
                last = Some(group);
            }
            write!(f, " {}={weight}", record_set.set_identifier)?;
        }
        Ok(())
    }
}
