//! The three listings of instances, all by zone, name and type, and the rows that they read.
//!
//! Unspecified: AWS tells no order but by zone. A marker is the first instance of the page; one that is complete must
//! exist, as the API says, and one that names only a zone, or a zone and a name, begins there.

use std::fmt;
use std::ops::ControlFlow;

use model::id::{HostedZoneId, TrafficPolicyId, TrafficPolicyInstanceId};
use model::traffic_policy::TrafficPolicyInstance;
use model::{Name, RecordType};
use store::Store;

use crate::keys;
use crate::rows::{NoSuchHostedZone, Page, Rows, StorageError, exists, find, read, scan};
use crate::stored::StoredFault;
use crate::traffic_policies::{NoSuchTrafficPolicy, live_version};

/// Where an instance stands in its listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its zone.
    pub zone: HostedZoneId,
    /// Its name; none is the begin of the zone.
    pub name: Option<Name>,
    /// Its type; none is the begin of the name.
    pub record_type: Option<RecordType>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.zone)?;
        self.name.iter().try_for_each(|name| write!(f, " {name}"))?;
        self.record_type.iter().try_for_each(|record_type| write!(f, " {record_type}"))
    }
}

/// Why instances were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// `NoSuchTrafficPolicyInstance`: the marker.
    #[error("the marker names no traffic policy instance, take the markers of the page before: {0}")]
    Marker(Place),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why the instances of a zone were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListInZoneError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// As for all of them.
    #[error(transparent)]
    List(ListError),
}

/// Why the instances of a version of a policy were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListByPolicyError {
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// As for all of them.
    #[error(transparent)]
    List(ListError),
}

type Listed = Result<Page<TrafficPolicyInstance, Place>, ListError>;

/// Lists all instances, at most `limit`.
///
/// # Errors
/// See [`ListError`].
pub fn list(store: &Store, marker: Option<&Place>, limit: usize) -> Listed {
    read(store, |reader| Ok(below(reader, keys::POLICY_INSTANCES, marker, limit))).map_err(ListError::Storage)?
}

/// Lists the instances of one zone, at most `limit`.
///
/// # Errors
/// See [`ListInZoneError`].
pub fn list_in_zone(
    store: &Store,
    zone: &HostedZoneId,
    marker: Option<&Place>,
    limit: usize,
) -> Result<Page<TrafficPolicyInstance, Place>, ListInZoneError> {
    let found = read(store, |reader| {
        if !exists(reader, &keys::zone(zone))? {
            return Ok(Err(ListInZoneError::NoSuchHostedZone(NoSuchHostedZone(zone.clone()))));
        }
        let begin = Place { zone: zone.clone(), name: None, record_type: None };
        let page = below(reader, keys::POLICY_INSTANCES, Some(marker.unwrap_or(&begin)), limit);
        Ok(page.map_err(ListInZoneError::List))
    });
    let page = found.map_err(|error| ListInZoneError::List(ListError::Storage(error)))??;
    // The zones after it have no part in this listing.
    let items: Vec<_> = page.items.into_iter().filter(|instance| instance.zone == *zone).collect();
    Ok(Page { next: page.next.filter(|next| next.zone == *zone), items })
}

/// Lists the instances of one version of a policy, at most `limit`.
///
/// # Errors
/// See [`ListByPolicyError`].
pub fn list_by_policy(
    store: &Store,
    policy: &TrafficPolicyId,
    version: u16,
    marker: Option<&Place>,
    limit: usize,
) -> Result<Page<TrafficPolicyInstance, Place>, ListByPolicyError> {
    let found = read(store, |reader| {
        if live_version(reader, policy, version)?.is_none() {
            let missing = NoSuchTrafficPolicy { id: policy.clone(), version: Some(version) };
            return Ok(Err(ListByPolicyError::NoSuchTrafficPolicy(missing)));
        }
        let prefix = keys::policy_instances_of(policy, version);
        Ok(below(reader, &prefix, marker, limit).map_err(ListByPolicyError::List))
    });
    found.map_err(|error| ListByPolicyError::List(ListError::Storage(error)))?
}

/// The instances whose rows begin with `prefix`, from the marker on.
fn below(rows: &impl Rows, prefix: &[u8], marker: Option<&Place>, limit: usize) -> Listed {
    let from = match marker {
        None => prefix.to_vec(),
        Some(Place { zone, name: None, record_type: _ }) => [prefix, zone.as_str().as_bytes(), b"\0"].concat(),
        Some(Place { zone, name: Some(name), record_type }) => {
            [prefix, &keys::policy_instance_place(zone, name, *record_type)].concat()
        }
    };
    if let Some(marker) = marker
        && marker.name.is_some()
        && marker.record_type.is_some()
        && !exists(rows, &from).map_err(ListError::Storage)?
    {
        return Err(ListError::Marker(marker.clone()));
    }
    let mut ids = Vec::new();
    scan(rows, prefix, &from, |key, id| {
        ids.push(id_of(key, id)?);
        Ok(if ids.len() <= limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })
    .map_err(ListError::Storage)?;
    let mut found = Vec::new();
    for id in ids {
        // A row without its instance cannot be: both are written by one transaction.
        found.extend(find::<TrafficPolicyInstance>(rows, &keys::policy_instance(&id)).map_err(ListError::Storage)?);
    }
    Ok(Page::of(found, limit, |instance: &TrafficPolicyInstance| Place {
        zone: instance.zone.clone(),
        name: Some(instance.name.clone()),
        record_type: Some(instance.record_type),
    }))
}

/// The instance at a place.
pub(super) fn at(
    rows: &impl Rows,
    zone: &HostedZoneId,
    name: &Name,
    record_type: RecordType,
) -> Result<Option<TrafficPolicyInstanceId>, StorageError> {
    let key = [keys::POLICY_INSTANCES, &keys::policy_instance_place(zone, name, Some(record_type))].concat();
    let found = rows.value(&key).map_err(StorageError::Read)?;
    found.map(|id| id_of(&key, &id)).transpose()
}

/// Whether a zone has any instance.
pub(crate) fn any_in(rows: &impl Rows, zone: &HostedZoneId) -> Result<bool, StorageError> {
    let (prefix, mut found) = (keys::policy_instances_in(zone), false);
    scan(rows, &prefix, &prefix, |_, _| {
        found = true;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

/// The rows by which an instance is listed.
pub(super) fn rows(instance: &TrafficPolicyInstance) -> [Vec<u8>; 2] {
    let TrafficPolicyInstance { zone, name, record_type, policy, version, .. } = instance;
    let place = keys::policy_instance_place(zone, name, Some(*record_type));
    [[keys::POLICY_INSTANCES, &place].concat(), [&*keys::policy_instances_of(policy, *version), &place].concat()]
}

fn id_of(key: &[u8], id: &[u8]) -> Result<TrafficPolicyInstanceId, StorageError> {
    TrafficPolicyInstanceId::parse(&String::from_utf8_lossy(id))
        .map_err(|fault| StorageError::damaged(key, StoredFault::Id(fault)))
}
