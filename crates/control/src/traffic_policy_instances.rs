//! Traffic policy instances: what makes one name of a hosted zone answer as a version of a policy says.
//!
//! Create, find, list, update, delete; each command is one transaction that writes the instance and its record set, so
//! that an update is one replacement that nobody sees half. The record set is judged by the rules of a batch. What they
//! forbid fails the instance, as on AWS, and leaves what was answered before; what is wrong with the request itself is
//! refused. Before: `api`. After: `publish`, as for every record set.

mod list;
mod root;

use model::change::{ChangeFault, Faults};
use model::hosted_zone::HostedZone;
use model::id::{HostedZoneId, TrafficPolicyId, TrafficPolicyInstanceId};
use model::limits::Limits;
use model::traffic_policy::{Stage, TrafficPolicyInstance, TrafficPolicyVersion};
use model::{Name, RecordType, Ttl};
use store::{Meta, Store, Transaction};

use crate::draw::{self, Random};
use crate::history::{ZoneChange, index};
use crate::keys;
use crate::rows::{
    NoSuchHostedZone, StorageError, count as count_row, find as find_row, from_storage, put, read, write,
};
use crate::traffic_policies::{NoSuchTrafficPolicy, live_version};

pub(crate) use list::any_in;
pub use list::{ListByPolicyError, ListError, ListInZoneError, Place, list, list_by_policy, list_in_zone};
pub(crate) use root::in_zone as roots_in_zone;

/// What `CreateTrafficPolicyInstance` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrafficPolicyInstance {
    /// Where.
    pub zone: HostedZoneId,
    /// Whose answers it makes.
    pub name: Name,
    /// Of all records.
    pub ttl: Ttl,
    /// By which policy.
    pub policy: TrafficPolicyId,
    /// By which of its versions.
    pub version: u16,
}

/// The id names no traffic policy instance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no traffic policy instance found with ID: {0}")]
pub struct NoSuchTrafficPolicyInstance(pub TrafficPolicyInstanceId);

/// Why an instance was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `NoSuchHostedZone`.
    #[error(transparent)]
    NoSuchHostedZone(NoSuchHostedZone),
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// `InvalidInput`.
    #[error("traffic policies cannot be used in private hosted zones: {0}")]
    PrivateZone(HostedZoneId),
    /// `InvalidInput`: in Route 53's words for record sets.
    #[error("{0}")]
    NotInZone(ChangeFault),
    /// `TrafficPolicyInstanceAlreadyExists`.
    #[error("a traffic policy instance already makes the records of {name} {record_type} in this hosted zone: {id}")]
    AlreadyExists {
        /// The one that exists.
        id: TrafficPolicyInstanceId,
        /// Its name.
        name: Name,
        /// Its type.
        record_type: RecordType,
    },
    /// `TooManyTrafficPolicyInstances`.
    #[error("limits exceeded, delete a traffic policy instance or raise the limit (instances at most: {0})")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why an instance was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// `NoSuchTrafficPolicyInstance`.
    #[error(transparent)]
    NoSuchTrafficPolicyInstance(NoSuchTrafficPolicyInstance),
    /// `NoSuchTrafficPolicy`.
    #[error(transparent)]
    NoSuchTrafficPolicy(NoSuchTrafficPolicy),
    /// `ConflictingTypes`.
    #[error(
        "the traffic policy version makes records of another type than the instance, which makes {instance}; create \
         another instance for the type: {version}"
    )]
    ConflictingTypes {
        /// The instance's type.
        instance: RecordType,
        /// The version's.
        version: RecordType,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

/// Why an instance was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// `NoSuchTrafficPolicyInstance`.
    #[error(transparent)]
    NoSuchTrafficPolicyInstance(NoSuchTrafficPolicyInstance),
    /// `InvalidInput`: its record set cannot go, because an alias leads there.
    #[error("{0}")]
    InUse(Faults),
    /// The store failed.
    #[error(transparent)]
    Storage(StorageError),
}

from_storage!(CreateError, UpdateError, DeleteError);

/// Creates an instance with its record set. If the record set cannot be made, the instance is there and failed.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    store: &Store,
    meta: Meta,
    random: &Random,
    new: NewTrafficPolicyInstance,
    limits: &Limits,
) -> Result<TrafficPolicyInstance, CreateError> {
    let (id, limits) = (draw::traffic_policy_instance_id(random), limits.clone());
    let committed = write(store, meta, move |transaction| create_in(transaction, id, new, &limits));
    Ok(committed.await?.value)
}

fn create_in(
    transaction: &mut Transaction<'_>,
    id: TrafficPolicyInstanceId,
    new: NewTrafficPolicyInstance,
    limits: &Limits,
) -> Result<TrafficPolicyInstance, CreateError> {
    let NewTrafficPolicyInstance { zone, name, ttl, policy, version: number } = new;
    let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&zone))? else {
        return Err(CreateError::NoSuchHostedZone(NoSuchHostedZone(zone)));
    };
    if zone.is_private() {
        return Err(CreateError::PrivateZone(zone.id));
    }
    let Some((_, version)) = live_version(transaction, &policy, number)? else {
        let missing = NoSuchTrafficPolicy { id: policy, version: Some(number) };
        return Err(CreateError::NoSuchTrafficPolicy(missing));
    };
    if !name.is_in(&zone.name) {
        return Err(CreateError::NotInZone(ChangeFault::NotInZone { name, zone: zone.name }));
    }
    let record_type = version.record_type;
    if let Some(id) = list::at(transaction, &zone.id, &name, record_type)? {
        return Err(CreateError::AlreadyExists { id, name, record_type });
    }
    if let Some(most) = limits.traffic_policy_instances_max
        && find_row::<u64>(transaction, keys::POLICY_INSTANCE_COUNT)?.unwrap_or(0) >= most
    {
        return Err(CreateError::TooMany(most));
    }
    let stage = Stage::Created(transaction.revision().0);
    let zone_id = zone.id.clone();
    let instance = TrafficPolicyInstance { id, zone: zone_id, name, record_type, ttl, policy, version: number, stage };
    count_row(transaction, keys::POLICY_INSTANCE_COUNT, true)?;
    Ok(make(transaction, &zone, instance, &version, limits)?)
}

/// Replaces the record set of an instance by that of another version, at once.
///
/// # Errors
/// See [`UpdateError`].
pub async fn update(
    store: &Store,
    meta: Meta,
    id: &TrafficPolicyInstanceId,
    ttl: Ttl,
    policy: &TrafficPolicyId,
    number: u16,
    limits: &Limits,
) -> Result<TrafficPolicyInstance, UpdateError> {
    let (id, policy, limits) = (id.clone(), policy.clone(), limits.clone());
    let committed = write(store, meta, move |transaction| {
        let Some(old) = find_row::<TrafficPolicyInstance>(transaction, &keys::policy_instance(&id))? else {
            return Err(UpdateError::NoSuchTrafficPolicyInstance(NoSuchTrafficPolicyInstance(id)));
        };
        let Some((_, version)) = live_version(transaction, &policy, number)? else {
            let missing = NoSuchTrafficPolicy { id: policy, version: Some(number) };
            return Err(UpdateError::NoSuchTrafficPolicy(missing));
        };
        if version.record_type != old.record_type {
            let (instance, version) = (old.record_type, version.record_type);
            return Err(UpdateError::ConflictingTypes { instance, version });
        }
        // A zone is not deleted while it has instances.
        let zone: Option<HostedZone> = find_row(transaction, &keys::zone(&old.zone))?;
        let zone = zone.ok_or(UpdateError::NoSuchTrafficPolicyInstance(NoSuchTrafficPolicyInstance(id)))?;
        remove_rows(transaction, &old);
        let stage = Stage::Updated(transaction.revision().0);
        let new = TrafficPolicyInstance { ttl, policy, version: number, stage, ..old };
        Ok(make(transaction, &zone, new, &version, &limits)?)
    });
    Ok(committed.await?.value)
}

/// Writes an instance and what it makes.
fn make(
    transaction: &mut Transaction<'_>,
    zone: &HostedZone,
    mut instance: TrafficPolicyInstance,
    version: &TrafficPolicyVersion,
    limits: &Limits,
) -> Result<TrafficPolicyInstance, StorageError> {
    match root::put(transaction, zone, &instance, version, limits)? {
        Ok(()) => index::note(transaction, &zone.id, ZoneChange::TrafficPolicy),
        Err(message) => instance.stage = Stage::Failed(message),
    }
    put(transaction, &keys::policy_instance(&instance.id), &instance);
    for key in list::rows(&instance) {
        transaction.put(&key, instance.id.as_str().as_bytes());
    }
    Ok(instance)
}

fn remove_rows(transaction: &mut Transaction<'_>, instance: &TrafficPolicyInstance) {
    transaction.delete(&keys::policy_instance(&instance.id));
    for key in list::rows(instance) {
        transaction.delete(&key);
    }
}

/// Deletes an instance and its record set.
///
/// # Errors
/// See [`DeleteError`].
pub async fn delete(store: &Store, meta: Meta, id: &TrafficPolicyInstanceId) -> Result<(), DeleteError> {
    let id = id.clone();
    let committed = write(store, meta, move |transaction| {
        let Some(instance) = find_row::<TrafficPolicyInstance>(transaction, &keys::policy_instance(&id))? else {
            return Err(DeleteError::NoSuchTrafficPolicyInstance(NoSuchTrafficPolicyInstance(id)));
        };
        if let Some(zone) = find_row::<HostedZone>(transaction, &keys::zone(&instance.zone))?
            && root::remove(transaction, &zone, &instance)?.map_err(DeleteError::InUse)?
        {
            index::note(transaction, &zone.id, ZoneChange::TrafficPolicy);
        }
        remove_rows(transaction, &instance);
        Ok(count_row(transaction, keys::POLICY_INSTANCE_COUNT, false)?)
    });
    committed.await?;
    Ok(())
}

/// Finds an instance.
///
/// # Errors
/// The store cannot be read.
pub fn find(store: &Store, id: &TrafficPolicyInstanceId) -> Result<Option<TrafficPolicyInstance>, StorageError> {
    read(store, |reader| find_row(reader, &keys::policy_instance(id)))
}

/// How many instances there are.
///
/// # Errors
/// The store cannot be read.
pub fn count(store: &Store) -> Result<u64, StorageError> {
    read(store, |reader| Ok(find_row(reader, keys::POLICY_INSTANCE_COUNT)?.unwrap_or(0)))
}

#[cfg(test)]
mod tests;
