//! A service: what deployments release. Its environments are symmetric and keep their identity for life; which of
//! them serves is a pointer, so nothing is renamed or swapped at the end of a release.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ServicePolicy, Share, as_text, schema};
use crate::id::{AccountName, EnvironmentName, HealthCheckId, HostedZoneId, ServiceName, SetIdentifier};
use crate::{Name, RecordType, Weight};

/// A named thing that runs in environments and gets its traffic by weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name; deployments are listed by it. In files it may be called `service`, so that they say what they are.
    #[serde(alias = "service")]
    pub name: ServiceName,
    /// Where it runs, such as `blue` and `green`.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// The environment that serves. A release moves the traffic away from it and, at the end, this pointer. None before the
    /// first release; one that is declared anew without it keeps the one it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<EnvironmentName>,
    /// What steers its traffic: one name or several, which move together in one change.
    pub traffic: Vec<Binding>,
    /// What holds for every release of it.
    #[serde(default, skip_serializing_if = "ServicePolicy::is_empty")]
    pub policy: ServicePolicy,
}

/// One place where a version of the service runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The label of what runs there now; opaque to us.
    pub version: String,
    /// The set identifiers of its weighted record sets, at least one; the same for every type of the binding.
    pub set_identifiers: Vec<SetIdentifier>,
    /// The health check that must be healthy before it gets traffic, beside those of its record sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheckId>,
    /// What its record sets answer where a plain record is adopted, such as `{"A": ["203.0.113.20"]}`: a release makes
    /// them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "as_text::values")]
    #[schemars(schema_with = "schema::values")]
    pub dns: BTreeMap<RecordType, Vec<String>>,
    /// How much of the full load it can carry; none: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Share>,
    /// What is known of single instances, which are set identifiers: for rolling releases.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instances: BTreeMap<SetIdentifier, Placed>,
}

/// What is known of one instance of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Placed {
    /// Where it stands; any word. A rolling release can take its batches from several zones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What it runs, if that is not the version of its environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What steers the traffic of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// The weighted record sets of one name in a hosted zone of this server.
    Dns(DnsBinding),
    /// The same in somebody else's Route 53: Amazon's, or any server that speaks its API.
    Route53(Route53Binding),
}

/// Weighted record sets of one name in an account of Route 53. All types move together, in one change batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Route53Fields", into = "Route53Fields")]
#[schemars(with = "Route53Fields")]
pub struct Route53Binding {
    /// Whose zone it is, by the name that the server's configuration gives the account.
    pub account: AccountName,
    /// The record sets.
    pub records: DnsBinding,
}

/// [`Route53Binding`] as it is written down.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Route53Binding")]
struct Route53Fields {
    /// The account, as the server's configuration names it.
    account: AccountName,
    /// The hosted zone, by its id.
    zone: HostedZoneId,
    /// The name that clients ask for.
    #[serde(with = "as_text")]
    #[schemars(schema_with = "schema::name")]
    name: Name,
    /// The types that move together, such as `A` and `AAAA`.
    #[serde(with = "as_text::list")]
    #[schemars(schema_with = "schema::record_types")]
    types: Vec<RecordType>,
    /// A plain record of the name is replaced by weighted ones when a release begins, in one change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    adopt: bool,
    /// At the end of a release the weighted record sets are replaced by one plain record of what serves, in one change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    release: bool,
    // Read so that it can be refused with a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    affinity: Option<Affinity>,
    /// Weighted record sets of the name that the service does not know.
    #[serde(default, skip_serializing_if = "Foreign::is_refuse")]
    foreign: Foreign,
}

impl From<Route53Fields> for Route53Binding {
    fn from(fields: Route53Fields) -> Self {
        let Route53Fields { account, zone, name, types, adopt, release, affinity, foreign } = fields;
        Self { account, records: DnsBinding { zone, name, types, adopt, release, affinity, foreign } }
    }
}

impl From<Route53Binding> for Route53Fields {
    fn from(binding: Route53Binding) -> Self {
        let Route53Binding { account, records } = binding;
        let DnsBinding { zone, name, types, adopt, release, affinity, foreign } = records;
        Self { account, zone, name, types, adopt, release, affinity, foreign }
    }
}

/// Weighted record sets of one name. All types move together, in one change batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsBinding {
    /// The hosted zone, by its id; what declares a service may give its name instead.
    pub zone: HostedZoneId,
    /// The name that clients ask for.
    #[serde(with = "as_text")]
    #[schemars(schema_with = "schema::name")]
    pub name: Name,
    /// The types that move together, such as `A` and `AAAA`.
    #[serde(with = "as_text::list")]
    #[schemars(schema_with = "schema::record_types")]
    pub types: Vec<RecordType>,
    /// A plain record of the name is replaced by weighted ones when a release begins, in one change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopt: bool,
    /// At the end of a release the weighted record sets are replaced by one plain record of what serves, in one change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub release: bool,
    /// Who is given the new version during a release; default: every query is drawn anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Weighted record sets of the name that the service does not know.
    #[serde(default, skip_serializing_if = "Foreign::is_refuse")]
    pub foreign: Foreign,
}

/// Who is given the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Affinity {
    /// The same resolvers, or clients where resolvers tell their networks, and more of them with each step: nobody goes
    /// back and forth.
    Resolver,
}

/// What to do about weighted record sets that share a name with the service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Foreign {
    /// No release.
    #[default]
    Refuse,
    /// They keep their weights, and shares are shares of what is left.
    Keep,
}

impl Foreign {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_refuse(&self) -> bool {
        *self == Self::Refuse
    }
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

impl Environment {
    /// What an instance runs.
    #[must_use]
    pub fn version_of(&self, instance: &SetIdentifier) -> &str {
        self.instances.get(instance).and_then(|placed| placed.version.as_ref()).unwrap_or(&self.version)
    }
}

impl Binding {
    /// The record sets that it steers, wherever they are.
    #[must_use]
    pub fn records(&self) -> &DnsBinding {
        match self {
            Self::Dns(records) | Self::Route53(Route53Binding { account: _, records }) => records,
        }
    }

    /// The same, to be changed.
    pub fn records_mut(&mut self) -> &mut DnsBinding {
        match self {
            Self::Dns(records) | Self::Route53(Route53Binding { account: _, records }) => records,
        }
    }

    /// Whose they are; none: this server's own.
    #[must_use]
    pub fn account(&self) -> Option<&AccountName> {
        match self {
            Self::Dns(_) => None,
            Self::Route53(Route53Binding { account, records: _ }) => Some(account),
        }
    }

    /// Its kind, as it is written down.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "dns",
            Self::Route53(_) => "route53",
        }
    }
}

impl Service {
    /// The record sets of each binding, wherever they are.
    pub fn records(&self) -> impl Iterator<Item = &DnsBinding> {
        self.traffic.iter().map(Binding::records)
    }

    /// Whose record sets it steers; none: this server's own. All its bindings are of one account.
    #[must_use]
    pub fn account(&self) -> Option<&AccountName> {
        self.traffic.first().and_then(Binding::account)
    }

    /// The environment that a set identifier belongs to.
    #[must_use]
    pub fn environment_of(&self, set_identifier: &SetIdentifier) -> Option<&EnvironmentName> {
        self.environments.iter().find(|(_, e)| e.set_identifiers.contains(set_identifier)).map(|(name, _)| name)
    }

    /// The keys of all record sets that belong to the service, in a fixed order.
    #[must_use]
    pub fn record_set_keys(&self) -> Vec<RecordSetKey> {
        let mut keys = Vec::new();
        for binding in self.records() {
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

impl RecordSetKey {
    /// Whether both are of one name and type, which share their traffic.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        (&self.zone, &self.name, self.record_type) == (&other.zone, &other.name, other.record_type)
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
        let names: std::collections::BTreeSet<_> =
            self.0.iter().map(|m| (&m.record_set.zone, &m.record_set.name)).collect();
        for RecordSetWeight { record_set, weight } in self.0 {
            let group = (&record_set.zone, &record_set.name, record_set.record_type);
            if last != Some(group) {
                let comma = if last.is_some() { ", " } else { "" };
                f.write_str(comma)?;
                if names.len() > 1 {
                    write!(f, "{} ", record_set.name)?;
                }
                write!(f, "{}", record_set.record_type)?;
                last = Some(group);
            }
            write!(f, " {}={weight}", record_set.set_identifier)?;
        }
        Ok(())
    }
}
