//! Every key of the store, in one place.
//!
//! | key | value |
//! |---|---|
//! | `zone/<id>` | hosted zone, with the number of its record sets |
//! | `zone-name/<sort key>\0<id>` | nothing: hosted zones in the order of `ListHostedZonesByName` |
//! | `zone-private/<id>` | nothing: private hosted zones |
//! | `zone-ref/<caller reference>` | hosted zone id; stays when the zone is deleted |
//! | `set/<id>` | reusable delegation set, with the number of its zones |
//! | `set-ref/<caller reference>` | delegation set id; stays when the set is deleted |
//! | `set-zone/<set>/<zone>` | nothing: hosted zones by delegation set |
//! | `set-name/<set>/<sort key>\0<zone>` | nothing: the same by name, for what may not share a set |
//! | `vpc-zone/<region>\0<vpc>\0<sort key>\0<zone>` | nothing: private hosted zones by VPC and name |
//! | `vpc-grant/<zone>/<region>\0<vpc>` | nothing: authorizations to associate a VPC |
//! | `ksk/<zone>/<name>` | key-signing key, its private half sealed |
//! | `r/<zone>/<sort key>\0<type>\0<set identifier>` | record set; a scan is the order of `ListResourceRecordSets` |
//! | `foreign/<service>/<account>/<zone>/<sort key>\0<type>\0<set identifier>` | record set of somebody else, as last seen for a service |
//! | `a/<zone>/<sort key of target>\0<type>\0<sort key of owner>` | owner in wire form: aliases by what they lead to |
//! | `check/<id>` | health check |
//! | `check-ref/<caller reference>` | health check id; stays when the check is deleted |
//! | `cidr/<id>` | CIDR collection with all its blocks |
//! | `cidr-name/<name>` | CIDR collection id |
//! | `cidr-use/<zone>/<sort key>\0<collection>` | nothing: names whose record sets use a CIDR collection |
//! | `sticky/<zone>/<sort key>` | what the name has set about its clients' answers |
//! | `query-log/<id>` | query logging configuration |
//! | `query-log-of/<zone>` | query logging configuration id |
//! | `tag/zone/<id>`, `tag/check/<id>` | tags of one resource |
//! | `change/<id>` | submitted change |
//! | `change-age/<milliseconds, 16 hexadecimal digits>/<id>` | nothing: changes by age, so that old ones can go |
//! | `key/<id>` | access key, or a session of one |
//! | `session-age/<expiry in milliseconds, 16 hexadecimal digits>/<id>` | the key it is of: sessions by expiry |
//! | `seal` | a known text under the master key, so that another one is noticed |
//! | `traffic-policy/<id>` | traffic policy; stays when all its versions are deleted |
//! | `traffic-policy-version/<id>/<number, 4 digits>` | version of it; stays when it is deleted |
//! | `traffic-policy-name/<name>` | id of the traffic policy that has this name |
//! | `traffic-policy-age/<revision, 16 hexadecimal digits>/<id>` | nothing: traffic policies that have versions, by age |
//! | `policy-instance/<id>` | traffic policy instance |
//! | `policy-instance-at/<zone>\0<sort key>\0<type>` | its id: instances in the order of their listings |
//! | `policy-instance-of/<policy>/<version, 4 digits>/<zone>\0<sort key>\0<type>` | its id |
//! | `count/zone`, `count/check`, `count/cidr`, `count/set`, `count/traffic-policy`, `count/policy-instance` | how many there are |
//! | `service/<name>` | service |
//! | `deployment/<id>` | deployment |
//! | `deployment-analysis/<id>` | its measurements, if they are newer than that |
//! | `deployment-measurement/<id>/<run, 8 digits>/<template>\0<metric>\0<number, 8 digits>` | one measurement |
//! | `deployment-of/<service>\0<id>` | nothing: deployments by service; ids sort by time |
//! | `deployment-open/<id>` | service name: deployments that have not ended |
//! | `notice/<milliseconds, 16 hexadecimal digits>/<number, 2 digits>/<key>\0<receiver>` | what a receiver is still to be told |
//! | `notice-receivers` | who hears of what, as the configuration says |
//! | `deployment-after/<id>` | service name: deployments that have succeeded and whose old environment is to be torn down |
//! | `deployment-key/<idempotency key>` | what was created under it |
//! | `zone-history/<zone>/<2⁶⁴ − 1 − revision, 16 hexadecimal digits>` | what one revision did to a zone; the newest first |
//! | `zone-past/<sort key>\0<id>` | nothing: every zone there ever was, by name |
//! | `zone-history-indexed` | the log up to this revision is in the index above; 2⁶⁴ − 1: all of it, for ever |
//!
//! `<sort key>` is [`Name::sort_key`]: escaped labels from right to left, each followed by a dot. It holds no byte
//! below `!`, so the zero byte after it sorts a name before everything below it.

use model::endpoint::ForeignZone;
use model::hosted_zone::Vpc;
use model::id::{
    AccessKeyId, ChangeId, CidrCollectionId, DelegationSetId, DeploymentId, HealthCheckId, HostedZoneId,
    KeySigningKeyName, QueryLoggingConfigId, ServiceName, SetIdentifier, TrafficPolicyId, TrafficPolicyInstanceId,
};
use model::tag::Taggable;
use model::{Name, RecordSet, RecordType};

/// All hosted zones.
pub(crate) const ZONES: &[u8] = b"zone/";
/// All hosted zones by name.
pub(crate) const ZONE_NAMES: &[u8] = b"zone-name/";
/// All private hosted zones.
pub(crate) const PRIVATE_ZONES: &[u8] = b"zone-private/";
/// All reusable delegation sets.
pub(crate) const DELEGATION_SETS: &[u8] = b"set/";
/// How many reusable delegation sets there are.
pub(crate) const DELEGATION_SET_COUNT: &[u8] = b"count/set";
/// All record sets of all zones.
pub(crate) const RECORD_SETS: &[u8] = b"r/";
/// All sticky names of all zones.
pub(crate) const STICKY_NAMES: &[u8] = b"sticky/";
/// All health checks.
pub(crate) const HEALTH_CHECKS: &[u8] = b"check/";
/// All access keys.
pub(crate) const ACCESS_KEYS: &[u8] = b"key/";
/// All sessions by expiry.
pub(crate) const SESSION_AGES: &[u8] = b"session-age/";
/// What only the right master key opens.
pub(crate) const SEAL: &[u8] = b"seal";
/// All changes by age.
pub(crate) const CHANGE_AGES: &[u8] = b"change-age/";
/// All query logging configurations.
pub(crate) const QUERY_LOGGING_CONFIGS: &[u8] = b"query-log/";
/// All CIDR collections.
pub(crate) const CIDR_COLLECTIONS: &[u8] = b"cidr/";
/// All names of all zones that use CIDR collections.
pub(crate) const CIDR_USES: &[u8] = b"cidr-use/";
/// How many CIDR collections there are.
pub(crate) const CIDR_COLLECTION_COUNT: &[u8] = b"count/cidr";
/// How many hosted zones there are.
pub(crate) const ZONE_COUNT: &[u8] = b"count/zone";
/// How many health checks there are.
pub(crate) const HEALTH_CHECK_COUNT: &[u8] = b"count/check";
/// Every submitted change.
pub(crate) const CHANGES: &[u8] = b"change/";
/// How far the index of zones' histories reaches.
pub(crate) const ZONE_HISTORY_INDEXED: &[u8] = b"zone-history-indexed";
/// All traffic policies that have versions, by age.
pub(crate) const TRAFFIC_POLICY_AGES: &[u8] = b"traffic-policy-age/";
/// All traffic policy instances in the order of their listing.
pub(crate) const POLICY_INSTANCES: &[u8] = b"policy-instance-at/";
/// How many traffic policies have versions.
pub(crate) const TRAFFIC_POLICY_COUNT: &[u8] = b"count/traffic-policy";
/// How many traffic policy instances there are.
pub(crate) const POLICY_INSTANCE_COUNT: &[u8] = b"count/policy-instance";
/// Deployments that have succeeded and whose old environment is to be torn down.
pub(crate) const AFTERLIVES: &[u8] = b"deployment-after/";
/// Everything that is still to be told.
pub(crate) const NOTICES: &[u8] = b"notice/";
/// Who hears of what, as the configuration says.
pub(crate) const NOTICE_RECEIVERS: &[u8] = b"notice-receivers";
/// All services.
pub(crate) const SERVICES: &[u8] = b"service/";
/// All deployments.
pub(crate) const DEPLOYMENTS: &[u8] = b"deployment/";
/// All deployments that have not ended.
pub(crate) const OPEN_DEPLOYMENTS: &[u8] = b"deployment-open/";
/// The epoch of the newest deployment runner.
pub(crate) const ENGINE_EPOCH: &[u8] = b"deployment-engine-epoch";
/// All freezes.
pub(crate) const FREEZES: &[u8] = b"deployment-freeze/";

pub(crate) fn zone(id: &HostedZoneId) -> Vec<u8> {
    key(&[ZONES, id.as_str().as_bytes()])
}

pub(crate) fn zone_name(name: &Name, id: Option<&HostedZoneId>) -> Vec<u8> {
    let id = id.map_or("", HostedZoneId::as_str);
    key(&[ZONE_NAMES, name.sort_key().as_bytes(), b"\0", id.as_bytes()])
}

pub(crate) fn zone_reference(reference: &str) -> Vec<u8> {
    key(&[b"zone-ref/", reference.as_bytes()])
}

pub(crate) fn private_zone(id: &HostedZoneId) -> Vec<u8> {
    key(&[PRIVATE_ZONES, id.as_str().as_bytes()])
}

pub(crate) fn delegation_set(id: &DelegationSetId) -> Vec<u8> {
    key(&[DELEGATION_SETS, id.as_str().as_bytes()])
}

pub(crate) fn delegation_set_reference(reference: &str) -> Vec<u8> {
    key(&[b"set-ref/", reference.as_bytes()])
}

/// One zone of a delegation set, or all of them.
pub(crate) fn zone_in_set(set: &DelegationSetId, zone: Option<&HostedZoneId>) -> Vec<u8> {
    let zone = zone.map_or("", HostedZoneId::as_str);
    key(&[b"set-zone/", set.as_str().as_bytes(), b"/", zone.as_bytes()])
}

/// All zones of a delegation set whose names are this one or below it.
pub(crate) fn names_in_set_below(set: &DelegationSetId, name: &Name) -> Vec<u8> {
    key(&[b"set-name/", set.as_str().as_bytes(), b"/", name.sort_key().as_bytes()])
}

/// One zone of a delegation set by its name, or all that have exactly this name.
pub(crate) fn name_in_set(set: &DelegationSetId, name: &Name, zone: Option<&HostedZoneId>) -> Vec<u8> {
    let zone = zone.map_or("", HostedZoneId::as_str);
    key(&[&names_in_set_below(set, name), b"\0", zone.as_bytes()])
}

/// All private zones of a VPC.
pub(crate) fn zones_of_vpc(vpc: &Vpc) -> Vec<u8> {
    key(&[b"vpc-zone/", vpc.region.as_str().as_bytes(), b"\0", vpc.id.as_str().as_bytes(), b"\0"])
}

/// One private zone of a VPC, or all that have exactly this name.
pub(crate) fn zone_of_vpc(vpc: &Vpc, name: &Name, zone: Option<&HostedZoneId>) -> Vec<u8> {
    let zone = zone.map_or("", HostedZoneId::as_str);
    key(&[&zones_of_vpc(vpc), name.sort_key().as_bytes(), b"\0", zone.as_bytes()])
}

/// All authorizations of a zone.
pub(crate) fn vpc_grants(zone: &HostedZoneId) -> Vec<u8> {
    key(&[b"vpc-grant/", zone.as_str().as_bytes(), b"/"])
}

pub(crate) fn vpc_grant(zone: &HostedZoneId, vpc: &Vpc) -> Vec<u8> {
    key(&[&vpc_grants(zone), vpc.region.as_str().as_bytes(), b"\0", vpc.id.as_str().as_bytes()])
}

/// All key-signing keys of a zone.
pub(crate) fn key_signing_keys(zone: &HostedZoneId) -> Vec<u8> {
    key(&[b"ksk/", zone.as_str().as_bytes(), b"/"])
}

pub(crate) fn key_signing_key(zone: &HostedZoneId, name: &KeySigningKeyName) -> Vec<u8> {
    key(&[&key_signing_keys(zone), name.as_str().as_bytes()])
}

/// All record sets of a zone.
pub(crate) fn record_sets(zone: &HostedZoneId) -> Vec<u8> {
    key(&[RECORD_SETS, zone.as_str().as_bytes(), b"/"])
}

/// All record sets of a zone at the name with this sort key.
pub(crate) fn record_sets_at(zone: &HostedZoneId, sort_key: &str) -> Vec<u8> {
    key(&[RECORD_SETS, zone.as_str().as_bytes(), b"/", sort_key.as_bytes(), b"\0"])
}

/// One record set, or where a listing that starts there begins.
pub(crate) fn record_set(zone: &HostedZoneId, sort_key: &str, record_type: RecordType, id: Option<&str>) -> Vec<u8> {
    let record_type = record_type.to_string();
    let at = record_sets_at(zone, sort_key);
    key(&[&at, record_type.as_bytes(), b"\0", id.unwrap_or_default().as_bytes()])
}

/// All record sets of somebody else's zone at one name, as last seen for a service.
pub(crate) fn foreign_sets_at(service: &ServiceName, zone: &ForeignZone, sort_key: &str) -> Vec<u8> {
    let (account, zone) = (zone.account.as_str(), zone.zone.as_str());
    key(&[&foreign_sets_of(service), account.as_bytes(), b"/", zone.as_bytes(), b"/", sort_key.as_bytes(), b"\0"])
}

/// One of them.
pub(crate) fn foreign_set(service: &ServiceName, zone: &ForeignZone, set: &RecordSet) -> Vec<u8> {
    let (at, record_type) = (foreign_sets_at(service, zone, &set.name.sort_key()), set.record_type.to_string());
    let id = set.set_identifier().map_or("", SetIdentifier::as_str);
    key(&[&at, record_type.as_bytes(), b"\0", id.as_bytes()])
}

/// All of them, of every zone that was ever looked at for a service.
pub(crate) fn foreign_sets_of(service: &ServiceName) -> Vec<u8> {
    key(&[b"foreign/", service.as_str().as_bytes(), b"/"])
}

/// All entries of the alias index of a zone.
pub(crate) fn aliases(zone: &HostedZoneId) -> Vec<u8> {
    key(&[b"a/", zone.as_str().as_bytes(), b"/"])
}

/// All aliases that lead to (target, type).
pub(crate) fn aliases_to(zone: &HostedZoneId, target: &Name, record_type: RecordType) -> Vec<u8> {
    let record_type = record_type.to_string();
    key(&[&aliases(zone), target.sort_key().as_bytes(), b"\0", record_type.as_bytes(), b"\0"])
}

/// One alias.
pub(crate) fn alias(zone: &HostedZoneId, target: &Name, record_type: RecordType, owner: &Name) -> Vec<u8> {
    key(&[&aliases_to(zone, target, record_type), owner.sort_key().as_bytes()])
}

pub(crate) fn health_check(id: &HealthCheckId) -> Vec<u8> {
    key(&[HEALTH_CHECKS, id.as_str().as_bytes()])
}

pub(crate) fn health_check_reference(reference: &str) -> Vec<u8> {
    key(&[b"check-ref/", reference.as_bytes()])
}

pub(crate) fn cidr_collection(id: &CidrCollectionId) -> Vec<u8> {
    key(&[CIDR_COLLECTIONS, id.as_str().as_bytes()])
}

pub(crate) fn cidr_collection_name(name: &str) -> Vec<u8> {
    key(&[b"cidr-name/", name.as_bytes()])
}

/// All names of a zone that use CIDR collections.
pub(crate) fn cidr_uses(zone: &HostedZoneId) -> Vec<u8> {
    key(&[CIDR_USES, zone.as_str().as_bytes(), b"/"])
}

/// One name that uses a CIDR collection.
pub(crate) fn cidr_use(zone: &HostedZoneId, owner: &Name, collection: &CidrCollectionId) -> Vec<u8> {
    key(&[&cidr_uses(zone), owner.sort_key().as_bytes(), b"\0", collection.as_str().as_bytes()])
}

/// All sticky names of a zone.
pub(crate) fn stickiness_of(zone: &HostedZoneId) -> Vec<u8> {
    key(&[STICKY_NAMES, zone.as_str().as_bytes(), b"/"])
}

/// One of them.
pub(crate) fn stickiness(zone: &HostedZoneId, sort_key: &str) -> Vec<u8> {
    key(&[&stickiness_of(zone), sort_key.as_bytes()])
}

/// What a key of `sticky/` speaks of: the zone and the sort key of the name.
pub(crate) fn split_stickiness(key: &[u8]) -> Option<(&str, &str)> {
    let text = str::from_utf8(key.strip_prefix(STICKY_NAMES)?).ok()?;
    text.split_once('/')
}

pub(crate) fn query_logging_config(id: &QueryLoggingConfigId) -> Vec<u8> {
    key(&[QUERY_LOGGING_CONFIGS, id.as_str().as_bytes()])
}

/// The query logging configuration of a zone.
pub(crate) fn query_logging_of(zone: &HostedZoneId) -> Vec<u8> {
    key(&[b"query-log-of/", zone.as_str().as_bytes()])
}

pub(crate) fn tags(of: &Taggable) -> Vec<u8> {
    match of {
        Taggable::HostedZone(id) => key(&[b"tag/zone/", id.as_str().as_bytes()]),
        Taggable::HealthCheck(id) => key(&[b"tag/check/", id.as_str().as_bytes()]),
    }
}

pub(crate) fn change(id: &ChangeId) -> Vec<u8> {
    key(&[CHANGES, id.as_str().as_bytes()])
}

pub(crate) fn change_age(submitted_at_ms: u64, id: &str) -> Vec<u8> {
    key(&[CHANGE_AGES, format!("{submitted_at_ms:016x}/{id}").as_bytes()])
}

pub(crate) fn access_key(id: &AccessKeyId) -> Vec<u8> {
    key(&[ACCESS_KEYS, id.as_str().as_bytes()])
}

pub(crate) fn session_age(expires_ms: u64, id: &str) -> Vec<u8> {
    key(&[SESSION_AGES, format!("{expires_ms:016x}/{id}").as_bytes()])
}

pub(crate) fn service(name: &ServiceName) -> Vec<u8> {
    key(&[SERVICES, name.as_str().as_bytes()])
}

pub(crate) fn deployment(id: &DeploymentId) -> Vec<u8> {
    key(&[DEPLOYMENTS, id.as_str().as_bytes()])
}

const ANALYSES: &[u8] = b"deployment-analysis/";
const MEASUREMENTS: &[u8] = b"deployment-measurement/";

/// Whether a row holds what was measured, which nobody but its own deployment looks at.
pub(crate) fn is_measured(key: &[u8]) -> bool {
    key.starts_with(ANALYSES) || key.starts_with(MEASUREMENTS)
}

/// What a deployment measured since its row was written.
pub(crate) fn deployment_analysis(id: &DeploymentId) -> Vec<u8> {
    key(&[ANALYSES, id.as_str().as_bytes()])
}

/// Everything that is kept of what a deployment measured.
pub(crate) fn deployment_measurements(id: &DeploymentId) -> Vec<u8> {
    key(&[MEASUREMENTS, id.as_str().as_bytes(), b"/"])
}

/// One measurement of a metric of a run.
pub(crate) fn deployment_measurement(
    id: &DeploymentId,
    run: u32,
    template: &str,
    metric: &str,
    number: u32,
) -> Vec<u8> {
    let [run, number] = [run, number].map(|number| format!("{number:08}"));
    let name = format!("{run}/{template}\0{metric}\0{number}");
    key(&[&deployment_measurements(id), name.as_bytes()])
}

/// All deployments of a service.
pub(crate) fn deployments_of(service: &ServiceName) -> Vec<u8> {
    key(&[b"deployment-of/", service.as_str().as_bytes(), b"\0"])
}

/// One deployment among those of its service.
pub(crate) fn deployment_of(service: &ServiceName, id: &DeploymentId) -> Vec<u8> {
    key(&[&deployments_of(service), id.as_str().as_bytes()])
}

pub(crate) fn open_deployment(id: &DeploymentId) -> Vec<u8> {
    key(&[OPEN_DEPLOYMENTS, id.as_str().as_bytes()])
}

pub(crate) fn afterlife(id: &DeploymentId) -> Vec<u8> {
    key(&[AFTERLIVES, id.as_str().as_bytes()])
}

/// One notice for one receiver; a change may have several.
pub(crate) fn notice(at_ms: u64, nth: usize, id: &str, receiver: &str) -> Vec<u8> {
    key(&[NOTICES, format!("{at_ms:016x}/{nth:02}/{id}\0{receiver}").as_bytes()])
}

pub(crate) fn freeze(name: &str) -> Vec<u8> {
    key(&[FREEZES, name.as_bytes()])
}

/// The same key may stand for a release of each service.
pub(crate) fn idempotency_key(service: &ServiceName, text: &str) -> Vec<u8> {
    key(&[b"deployment-key/", service.as_str().as_bytes(), b"/", text.as_bytes()])
}

pub(crate) fn traffic_policy(id: &TrafficPolicyId) -> Vec<u8> {
    key(&[b"traffic-policy/", id.as_str().as_bytes()])
}

pub(crate) fn traffic_policy_version(id: &TrafficPolicyId, number: u16) -> Vec<u8> {
    key(&[b"traffic-policy-version/", id.as_str().as_bytes(), format!("/{number:04}").as_bytes()])
}

pub(crate) fn traffic_policy_name(name: &str) -> Vec<u8> {
    key(&[b"traffic-policy-name/", name.as_bytes()])
}

pub(crate) fn traffic_policy_age(created: u64, id: &TrafficPolicyId) -> Vec<u8> {
    key(&[TRAFFIC_POLICY_AGES, format!("{created:016x}/{id}").as_bytes()])
}

pub(crate) fn policy_instance(id: &TrafficPolicyInstanceId) -> Vec<u8> {
    key(&[b"policy-instance/", id.as_str().as_bytes()])
}

/// All instances of a zone.
pub(crate) fn policy_instances_in(zone: &HostedZoneId) -> Vec<u8> {
    key(&[POLICY_INSTANCES, zone.as_str().as_bytes(), b"\0"])
}

/// All instances of one version of a policy.
pub(crate) fn policy_instances_of(policy: &TrafficPolicyId, version: u16) -> Vec<u8> {
    key(&[b"policy-instance-of/", policy.as_str().as_bytes(), format!("/{version:04}/").as_bytes()])
}

/// Where among instances one stands, below the prefix of a listing.
pub(crate) fn policy_instance_place(zone: &HostedZoneId, name: &Name, record_type: Option<RecordType>) -> Vec<u8> {
    let record_type = record_type.map_or_else(String::new, |record_type| record_type.to_string());
    key(&[zone.as_str().as_bytes(), b"\0", name.sort_key().as_bytes(), b"\0", record_type.as_bytes()])
}

/// The deployment that the last part of a key names, after `prefix`.
pub(crate) fn deployment_after(key: &[u8], prefix: &[u8]) -> Option<DeploymentId> {
    DeploymentId::parse(str::from_utf8(key.strip_prefix(prefix)?).ok()?).ok()
}

/// What a key of `r/` speaks of: the zone and the sort key of the name.
pub(crate) fn split_record_set(key: &[u8]) -> Option<(&str, &str)> {
    let text = key.strip_prefix(RECORD_SETS)?;
    let slash = text.iter().position(|byte| *byte == b'/')?;
    let end = text.iter().position(|byte| *byte == 0)?;
    Some((str::from_utf8(&text[..slash]).ok()?, str::from_utf8(text.get(slash + 1..end)?).ok()?))
}

/// The name with this sort key.
pub(crate) fn name_of(sort_key: &str) -> Option<Name> {
    if sort_key.is_empty() {
        return Some(Name::root());
    }
    // A dot inside a label is written `\056`, so every dot ends a label.
    let labels: Vec<&str> = sort_key.strip_suffix('.')?.split('.').rev().collect();
    Name::parse(&labels.join(".")).ok()
}

/// The index of a zone's history.
pub(crate) fn zone_history(zone: &HostedZoneId) -> Vec<u8> {
    key(&[b"zone-history/", zone.as_str().as_bytes(), b"/"])
}

/// One revision of a zone. A scan from here shows this one and older ones.
pub(crate) fn zone_revision(zone: &HostedZoneId, revision: u64) -> Vec<u8> {
    key(&[&zone_history(zone), format!("{:016x}", u64::MAX - revision).as_bytes()])
}

/// All zones there ever were with this name, or one of them.
pub(crate) fn zone_past(name: &Name, id: Option<&HostedZoneId>) -> Vec<u8> {
    let id = id.map_or("", HostedZoneId::as_str);
    key(&[b"zone-past/", name.sort_key().as_bytes(), b"\0", id.as_bytes()])
}

fn key(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_sets_sort_as_route_53_lists_them() {
        // Scenario 62, and the types of one name.
        let zone = HostedZoneId::parse("Z1").unwrap();
        let listed = [
            ("example.com", "NS", None),
            ("example.com", "SOA", None),
            ("*.example.com", "A", None),
            ("a-b.example.com", "A", None),
            ("a.example.com", "A", None),
            ("a.example.com", "AAAA", None),
            ("x.a.example.com", "A", Some("1")),
            ("x.a.example.com", "A", Some("10")),
            ("x.a.example.com", "A", Some("2")),
        ];
        let keys = listed.map(|(name, record_type, id)| {
            let sort_key = Name::parse(name).unwrap().sort_key();
            record_set(&zone, &sort_key, RecordType::parse(record_type).unwrap(), id)
        });
        assert!(keys.is_sorted());
    }

    #[test]
    fn a_record_set_key_tells_its_zone_and_name() {
        let zone = HostedZoneId::parse("Z1").unwrap();
        for text in ["*.example.com", "a\\056b.example.com", "\\344.\\000.com", "."] {
            let name = Name::parse(text).unwrap();
            let key = record_set(&zone, &name.sort_key(), RecordType::A, Some("we/st"));
            let (found, sort_key) = split_record_set(&key).unwrap();
            assert_eq!((found, name_of(sort_key)), ("Z1", Some(name)));
        }
        assert_eq!(split_record_set(b"zone/Z1"), None);
        let name = Name::parse("a/b.example.com").unwrap();
        let key = stickiness(&zone, &name.sort_key());
        let (found, sort_key) = split_stickiness(&key).unwrap();
        assert_eq!((found, name_of(sort_key)), ("Z1", Some(name)));
    }
}
