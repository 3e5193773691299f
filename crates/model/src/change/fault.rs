//! What can be wrong with a change batch. The texts are Route 53's, to the blank and the full stop, because clients
//! match on them; where its text is not known the text is ours and the variant says so.

use std::fmt;

use super::RecordSetKey;
use crate::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, TrafficPolicyInstanceId};
use crate::rdata::RdataFault;
use crate::{Name, NameError, RecordType, Routing, RoutingPolicy};

/// Why a batch was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError<E> {
    /// The batch itself is wrong: `InvalidChangeBatch`.
    #[error("{0}")]
    Invalid(Faults),
    /// A record set names a health check that does not exist: `NoSuchHealthCheck`.
    #[error("no health check found with ID: {0}")]
    NoSuchHealthCheck(HealthCheckId),
    /// The batch's comment has more than 256 characters: `InvalidInput`.
    #[error("the comment of a change batch can have at most 256 characters: {0}")]
    CommentTooLong(usize),
    /// The zone could not be read.
    #[error("the hosted zone cannot be read")]
    Records(#[source] E),
}

/// All faults of one batch; shown as Route 53 shows them: `[first, second]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<ChangeFault>);

/// One fault of a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    /// A name that is none; for readers of requests, who report it beside the other faults.
    #[error("FATAL problem: {0}")]
    Name(NameError),
    /// The batch has no change (text ours).
    #[error("The request contains no changes")]
    NoChanges,
    /// CREATE of what exists.
    #[error("Tried to create resource record set {0} but it already exists")]
    CreateExists(RecordSetKey),
    /// DELETE of what does not exist.
    #[error("Tried to delete resource record set {0} but it was not found")]
    DeleteNotFound(RecordSetKey),
    /// DELETE with other values, TTL, weight or whatever.
    #[error("Tried to delete resource record set {0} but the values provided do not match the current values")]
    DeleteDiffers(RecordSetKey),
    /// CREATE or UPSERT of a record set that only a traffic policy instance makes (text ours).
    #[error(
        "Tried to create resource record set {0} of a traffic policy instance, which is only possible by creating or \
         updating the traffic policy instance"
    )]
    MadeByInstance(RecordSetKey),
    /// UPSERT over the record set of a traffic policy instance (text ours).
    #[error(
        "Tried to replace resource record set {key} but it belongs to the traffic policy instance {instance}; update \
         or delete the traffic policy instance"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    BelongsToInstance { key: RecordSetKey, instance: TrafficPolicyInstanceId },
    /// DELETE of the last record set that an alias leads to (text ours).
    #[error(
        "Tried to delete resource record set {key} but it is the target of the alias resource record set '{alias}' \
         with the same type"
    )]
    StillAliased {
        /// What was to be deleted.
        key: RecordSetKey,
        /// The name of one alias that leads there.
        alias: Name,
    },
    /// Two changes of the same kind for one key.
    #[error("The request contains an invalid set of changes for a resource record set '{record_type} {name}'")]
    #[allow(missing_docs, reason = "the key's fields")]
    InvalidSetOfChanges { name: Name, record_type: RecordType },
    /// A health check that is not there any more (text ours; a batch that names one is refused with a code of its own).
    #[error("RRSet with DNS name {name}, type {record_type} uses the health check {id}, which does not exist")]
    #[allow(missing_docs, reason = "the text says it")]
    NoSuchHealthCheck { name: Name, record_type: RecordType, id: HealthCheckId },
    /// A name outside the zone.
    #[error("RRSet with DNS name {name} is not permitted in zone {zone}")]
    #[allow(missing_docs, reason = "the text says it")]
    NotInZone { name: Name, zone: Name },
    /// A CNAME where other record sets are.
    #[error(
        "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same \
         DNS name in zone {zone}"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    CnameBesideOthers { name: Name, zone: Name },
    /// Something where a CNAME is. The two blanks are Route 53's.
    #[error(
        "RRSet of type {record_type} with DNS name {name} is not permitted because a conflicting RRSet of type  CNAME \
         with the same DNS name already exists in zone {zone}"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    OthersBesideCname { name: Name, record_type: RecordType, zone: Name },
    /// A CNAME at the apex.
    #[error("RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {name}")]
    #[allow(missing_docs, reason = "the text says it")]
    CnameAtApex { name: Name },
    /// A type that only a zone file may bring (text ours).
    #[error("RRSet with DNS name {name} has the type {record_type}, which is not supported")]
    #[allow(missing_docs, reason = "the text says it")]
    TypeNotSupported { name: Name, record_type: RecordType },
    /// NS at a wildcard (DG: not allowed; text ours).
    #[error("RRSet of type NS with DNS name {name} is not permitted because NS records cannot be wildcards")]
    #[allow(missing_docs, reason = "the text says it")]
    WildcardNs { name: Name },
    /// A policy that the type does not allow, such as weighted NS (text ours).
    #[error("RRSet of type {record_type} with DNS name {name} does not support {} routing", policy_word(*policy))]
    #[allow(missing_docs, reason = "the text says it")]
    PolicyNotAllowed { name: Name, record_type: RecordType, policy: RoutingPolicy },
    /// A type or policy that cannot be an alias: NS, SOA, multivalue (text ours).
    #[error("RRSet of type {record_type} with DNS name {name} cannot be an alias")]
    #[allow(missing_docs, reason = "the text says it")]
    AliasNotAllowed { name: Name, record_type: RecordType },
    /// A simple record set where a group is.
    #[error(
        "RRSet with DNS name {name}, type {record_type} cannot be created as other RRSets exist with the same name \
         and type."
    )]
    #[allow(missing_docs, reason = "the text says it")]
    SimpleBesideGroup { name: Name, record_type: RecordType },
    /// A record set whose policy differs from that of its group (failover, geoproximity, IP-based: text ours).
    #[error(
        "RRSet with DNS name {name}, type {record_type}{} cannot be created {}.",
        routing_words(routing),
        other_policy_words(routing.policy())
    )]
    #[allow(missing_docs, reason = "the text says it")]
    OtherPolicy { name: Name, record_type: RecordType, routing: Routing },
    /// A policy that private zones do not have (text ours).
    #[error(
        "RRSet of type {record_type} with DNS name {name} is not permitted because private hosted zones do not support \
         {} routing",
        policy_word(*policy)
    )]
    #[allow(missing_docs, reason = "the text says it")]
    PolicyNotPrivate { name: Name, record_type: RecordType, policy: RoutingPolicy },
    /// A second record set of one group for one place (seen for latency; the others: text ours).
    #[error(
        "RRSet with DNS name {name}, type {record_type}{} cannot be created because a {} already exists.",
        routing_words(routing),
        same_place_words(routing.policy())
    )]
    #[allow(missing_docs, reason = "the text says it")]
    PlaceTaken { name: Name, record_type: RecordType, routing: Routing },
    /// A group whose record sets name several CIDR collections (text ours).
    #[error(
        "RRSets with DNS name {name}, type {record_type} must use the same CIDR collection, but found {collections}"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    SeveralCollections { name: Name, record_type: RecordType, collections: String },
    /// A collection that does not exist (text ours).
    #[error(
        "RRSet with DNS name {name}, type {record_type} cannot be created because the CIDR collection {collection} does \
         not exist"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    NoSuchCollection { name: Name, record_type: RecordType, collection: CidrCollectionId },
    /// A location that its collection does not have (text ours).
    #[error(
        "RRSet with DNS name {name}, type {record_type} cannot be created because the CIDR collection {collection} has \
         no location {location}"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    NoSuchCidrLocation { name: Name, record_type: RecordType, collection: CidrCollectionId, location: CidrLocation },
    /// Two primaries or two secondaries (text ours).
    #[error("RRSets with DNS name {name}, type {record_type} can contain only one {role} failover record")]
    #[allow(missing_docs, reason = "the text says it")]
    FailoverRoleTwice { name: Name, record_type: RecordType, role: &'static str },
    /// More record sets with one name and type than allowed (text ours).
    #[error(
        "RRSets with DNS name {name}, type {record_type} exceed the limit of {max} records with the same name and type."
    )]
    #[allow(missing_docs, reason = "the text says it")]
    TooManyInGroup { name: Name, record_type: RecordType, max: usize },
    /// More record sets in the zone than allowed (text ours).
    #[error("The hosted zone exceeds the limit of {max} resource record sets.")]
    #[allow(missing_docs, reason = "the text says it")]
    TooManyInZone { max: u64 },
    /// The alias names this zone and a name outside it.
    #[error(
        "Tried to create an alias that targets {target}, type {record_type} in zone {zone}, but the alias target name \
         does not lie within the target zone"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    AliasOutsideZone { target: Name, record_type: RecordType, zone: HostedZoneId },
    /// The target does not exist at this point of the batch.
    #[error(
        "Tried to create an alias that targets {target}, type {record_type} in zone {zone}, but that target was not found"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    AliasTargetNotFound { target: Name, record_type: RecordType, zone: HostedZoneId },
    /// The target is in another hosted zone of this server, which is private (text ours).
    #[error(
        "Tried to create an alias that targets {target}, type {record_type} in zone {zone}, but that hosted zone \
         is private"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    AliasToPrivateZone { target: Name, record_type: RecordType, zone: HostedZoneId },
    /// The alias would lead back to itself (text ours).
    #[error(
        "Tried to create an alias that targets {target}, type {record_type} in zone {zone}, but that target leads back \
         to the alias"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    AliasLoop { target: Name, record_type: RecordType, zone: HostedZoneId },
    /// The tree under the alias is too large to be checked (text ours).
    #[error(
        "Tried to create an alias that targets {target}, type {record_type} in zone {zone}, but more than {max} names \
         lie behind that target"
    )]
    #[allow(missing_docs, reason = "the text says it")]
    AliasTreeTooLarge { target: Name, record_type: RecordType, zone: HostedZoneId, max: usize },
    /// A value that is not of the type.
    #[error("Invalid Resource Record: 'FATAL problem: {0}'")]
    Rdata(RdataFault),
    /// One value twice in one record set.
    #[error("Duplicate Resource Record: '{0}'")]
    DuplicateValue(String),
    /// No value, or several where the type allows one (text ours).
    #[error("RRSet of type {record_type} with DNS name {name} must contain exactly one resource record")]
    #[allow(missing_docs, reason = "the text says it")]
    OneValueOnly { name: Name, record_type: RecordType },
    /// No value at all (text ours; requests without values do not get this far).
    #[error("RRSet with DNS name {name}, type {record_type} contains no resource records")]
    #[allow(missing_docs, reason = "the text says it")]
    NoValues { name: Name, record_type: RecordType },
    /// More values in one record set than allowed (text ours).
    #[error("RRSet with DNS name {name}, type {record_type} exceeds the limit of {max} resource records.")]
    #[allow(missing_docs, reason = "the text says it")]
    TooManyValues { name: Name, record_type: RecordType, max: usize },
    /// More `ResourceRecord` elements than a batch may have.
    #[error("Number of records limit of {max} exceeded.")]
    #[allow(missing_docs, reason = "the text says it")]
    TooManyRecords { max: usize },
    /// More characters in values than a batch may have.
    #[error("Number of characters limit of {max} exceeded.")]
    #[allow(missing_docs, reason = "the text says it")]
    TooManyCharacters { max: usize },
    /// No SOA at the apex, or one elsewhere.
    #[error("A HostedZone must contain exactly one SOA record.")]
    NotOneSoa,
    /// No NS at the apex.
    #[error("A HostedZone must contain at least one NS record for the zone itself.")]
    NoApexNs,
}

fn policy_word(policy: RoutingPolicy) -> &'static str {
    match policy {
        RoutingPolicy::Simple => "simple",
        RoutingPolicy::Weighted => "weighted",
        RoutingPolicy::Failover => "failover",
        RoutingPolicy::Multivalue => "multivalue answer",
        RoutingPolicy::Latency => "latency",
        RoutingPolicy::Geolocation => "geolocation",
        RoutingPolicy::Geoproximity => "geoproximity",
        RoutingPolicy::IpBased => "IP-based",
    }
}

/// Seen on AWS for latency and geolocation: the place stands behind the set identifier.
fn routing_words(routing: &Routing) -> String {
    let id = routing.set_identifier().map(|id| format!(", SetIdentifier {id}")).unwrap_or_default();
    match routing {
        Routing::Latency { region, .. } => format!("{id}, and Region Name={region}"),
        Routing::Geolocation { location, .. } => format!("{id}, and routing to {location}"),
        Routing::Simple
        | Routing::Weighted { .. }
        | Routing::Failover { .. }
        | Routing::Multivalue { .. }
        | Routing::Geoproximity { .. }
        | Routing::IpBased { .. } => id,
    }
}

/// What another record set of the group has in common with the new one.
fn same_place_words(policy: RoutingPolicy) -> &'static str {
    match policy {
        RoutingPolicy::Simple => "RRSet with the same name and type",
        RoutingPolicy::Weighted => "weighted RRSet with the same name, type and set identifier",
        RoutingPolicy::Failover => "failover RRSet with the same name, type and failover role",
        RoutingPolicy::Multivalue => "multivalue answer RRSet with the same name, type and set identifier",
        RoutingPolicy::Latency => "latency RRSet with the same name, type and region",
        RoutingPolicy::Geolocation => "GEO RRSet with the same name, type and location",
        RoutingPolicy::Geoproximity => "geoproximity RRSet with the same name, type and location",
        RoutingPolicy::IpBased => "CIDR RRSet with the same name, type and CIDR location",
    }
}

/// Seen on AWS: each policy has a wording of its own.
fn other_policy_words(policy: RoutingPolicy) -> &'static str {
    match policy {
        RoutingPolicy::Simple => "as other RRSets exist with the same name and type",
        RoutingPolicy::Weighted => "as a non-weighted set exists with the same name and type",
        RoutingPolicy::Failover => "as a non-failover set exists with the same name and type",
        RoutingPolicy::Multivalue => "because a non multivalue answer rrset exists with the same name and type",
        RoutingPolicy::Latency => "because a non-latency RRSet with the same name and type already exists",
        RoutingPolicy::Geolocation => "because a non-GEO RRSet with the same name and type already exists",
        RoutingPolicy::Geoproximity => "because a non-geoproximity RRSet with the same name and type already exists",
        RoutingPolicy::IpBased => "because a non-CIDR RRSet with the same name and type already exists",
    }
}

impl fmt::Display for RecordSetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[name='{}', type='{}'", self.name, self.record_type)?;
        if let Some(id) = &self.set_identifier {
            write!(f, ", set-identifier='{id}'")?;
        }
        f.write_str("]")
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}
