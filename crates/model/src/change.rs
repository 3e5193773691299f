//! A change batch and its transaction: the pure half of `ChangeResourceRecordSets`.
//!
//! [`apply`] runs the changes in the listed order against a working copy of the names they touch, finds every fault
//! of the batch, and gives back either what to write or all the faults: never a part. Its cost depends on the batch,
//! not on the zone. Before: `api` made the types. After: `control` writes what was touched in one store transaction.
//!
//! What is judged after each change: existence, CNAME rules, policies of a group, aliases. What is judged once at the
//! end, so that a batch may pass through it: SOA and NS of the apex, the roles of a failover group, sizes of groups,
//! and the one TTL of a weighted group.

mod alias;
mod cidr;
mod fault;
mod group;
mod place;
mod replace;
mod values;
mod whole;
mod working;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::hosted_zone::HostedZone;
use crate::id::{CidrCollectionId, CidrLocation, HealthCheckId, HostedZoneId, SetIdentifier};
use crate::limits::{COMMENT_CHARS_MAX, Limits};
use crate::{Body, Name, PolicyRecord, RecordSet, RecordType, Routing, Ttl};

pub use fault::{ApplyError, ChangeFault, Faults};
pub use replace::replace;
pub use whole::{ZoneRecordSets, check_zone};
use working::Working;

/// Several changes that happen together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeBatch {
    /// At most 256 characters; comes back with the change.
    pub comment: Option<String>,
    /// In the order in which they take effect.
    pub changes: Vec<Change>,
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// To which record set; complete, also for DELETE.
    pub record_set: RecordSet,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Adds a record set whose key does not exist yet.
    Create,
    /// Adds it, or replaces the one with the same key.
    Upsert,
    /// Removes exactly this record set.
    Delete,
}

/// What tells record sets of one zone apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordSetKey {
    /// The owner name.
    pub name: Name,
    /// The type.
    pub record_type: RecordType,
    /// Present unless the policy is simple.
    pub set_identifier: Option<SetIdentifier>,
}

impl RecordSetKey {
    /// The key of a record set.
    #[must_use]
    pub fn of(record_set: &RecordSet) -> Self {
        Self {
            name: record_set.name.clone(),
            record_type: record_set.record_type,
            set_identifier: record_set.set_identifier().cloned(),
        }
    }

    fn is_key_of(&self, record_set: &RecordSet) -> bool {
        self.record_type == record_set.record_type
            && self.set_identifier.as_ref() == record_set.set_identifier()
            && self.name == record_set.name
    }
}

/// The stored zone, as far as a batch must look at it.
pub trait Records {
    /// Why it could not be read.
    type Error;
    /// All record sets of this zone at one name.
    ///
    /// # Errors
    /// The store cannot be read.
    fn at(&mut self, name: &Name) -> Result<Vec<RecordSet>, Self::Error>;
    /// Distinct names at which record sets of this zone are aliases to (target, type), at most `limit` of them.
    ///
    /// # Errors
    /// The store cannot be read.
    fn aliases_to(&mut self, target: &Name, record_type: RecordType, limit: usize) -> Result<Vec<Name>, Self::Error>;
    /// Whether the health check exists.
    ///
    /// # Errors
    /// The store cannot be read.
    fn has_health_check(&mut self, id: &HealthCheckId) -> Result<bool, Self::Error>;
    /// Whether the CIDR collection exists, and if it does, whether it has the location.
    ///
    /// # Errors
    /// The store cannot be read.
    fn cidr_location(&mut self, id: &CidrCollectionId, location: &CidrLocation) -> Result<Option<bool>, Self::Error>;
    /// What stands at a name and type of another hosted zone.
    ///
    /// # Errors
    /// The store cannot be read.
    fn elsewhere(
        &mut self,
        zone: &HostedZoneId,
        name: &Name,
        record_type: RecordType,
    ) -> Result<Elsewhere, Self::Error>;
}

/// What an alias into another hosted zone would find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// No hosted zone of this server has the id.
    NotOurs,
    /// The zone is private: what it holds is for its VPCs only.
    Private,
    /// The name does not lie in the zone.
    Outside,
    /// The zone has no record set of this name and type.
    Missing,
    /// It has.
    There,
}

/// A name that a batch touched, with all its record sets before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The owner name.
    pub name: Name,
    /// As stored.
    pub before: Vec<RecordSet>,
    /// As it shall be stored; empty when nothing is left.
    pub after: Vec<RecordSet>,
}

/// Runs the batch against the zone and tells what to write.
///
/// # Errors
/// All faults of the batch together, an unknown health check, a comment that is too long, or the store's error.
pub fn apply<R: Records>(
    zone: &HostedZone,
    batch: &ChangeBatch,
    limits: &Limits,
    records: &mut R,
) -> Result<Vec<Touched>, ApplyError<R::Error>> {
    if let Some(comment) = &batch.comment
        && comment.chars().count() > COMMENT_CHARS_MAX
    {
        return Err(ApplyError::CommentTooLong(comment.chars().count()));
    }
    // A batch beyond its limits is refused unread: the limits are there to bound the work below.
    let mut faults = values::check_batch_size(batch, limits);
    if !faults.is_empty() {
        return Err(ApplyError::Invalid(Faults(faults)));
    }
    let mut run =
        Run { zone, limits, working: Working::new(&zone.id, records), put: HashSet::new(), deleted: HashSet::new() };
    for change in &batch.changes {
        run.step(change, &mut faults)?;
    }
    run.equalize_weighted_ttls(batch);
    run.check_end(&mut faults);
    if faults.is_empty() { Ok(run.working.into_touched()) } else { Err(ApplyError::Invalid(Faults(faults))) }
}

struct Run<'a, R> {
    zone: &'a HostedZone,
    limits: &'a Limits,
    working: Working<'a, R>,
    put: HashSet<RecordSetKey>,
    deleted: HashSet<RecordSetKey>,
}

impl<R: Records> Run<'_, R> {
    /// One change: collects its faults; a change that has no place in the zone does not take effect, so that the
    /// changes after it are judged by what they say themselves.
    fn step(&mut self, change: &Change, faults: &mut Vec<ChangeFault>) -> Result<(), ApplyError<R::Error>> {
        let record_set = &change.record_set;
        let key = RecordSetKey::of(record_set);
        let seen = if change.action == Action::Delete { &mut self.deleted } else { &mut self.put };
        if !seen.insert(key.clone()) {
            faults.push(ChangeFault::InvalidSetOfChanges { name: key.name, record_type: key.record_type });
            return Ok(());
        }
        if !record_set.name.is_in(&self.zone.name) {
            faults.push(ChangeFault::NotInZone { name: key.name, zone: self.zone.name.clone() });
            return Ok(());
        }
        match change.action {
            Action::Delete => self.delete(&key, record_set, faults).map_err(ApplyError::Records),
            Action::Create | Action::Upsert => self.put(change.action, &key, record_set, faults),
        }
    }

    fn delete(
        &mut self,
        key: &RecordSetKey,
        record_set: &RecordSet,
        faults: &mut Vec<ChangeFault>,
    ) -> Result<(), R::Error> {
        let at_name = self.working.at(&key.name)?;
        let Some(place) = at_name.iter().position(|other| key.is_key_of(other)) else {
            faults.push(ChangeFault::DeleteNotFound(key.clone()));
            return Ok(());
        };
        if !values::same_record_set(&at_name[place], record_set) {
            faults.push(ChangeFault::DeleteDiffers(key.clone()));
            return Ok(());
        }
        at_name.remove(place);
        if !at_name.iter().any(|other| other.record_type == key.record_type)
            && let Some(alias) = self.working.alias_to(&key.name, key.record_type)?
        {
            faults.push(ChangeFault::StillAliased { key: key.clone(), alias });
        }
        Ok(())
    }

    fn put(
        &mut self,
        action: Action,
        key: &RecordSetKey,
        record_set: &RecordSet,
        faults: &mut Vec<ChangeFault>,
    ) -> Result<(), ApplyError<R::Error>> {
        faults.extend(values::check_record_set(record_set, self.limits));
        if !record_set.record_type.is_route53() {
            faults.push(ChangeFault::TypeNotSupported { name: key.name.clone(), record_type: key.record_type });
        }
        let at_name = self.working.at(&key.name).map_err(ApplyError::Records)?;
        let place = at_name.iter().position(|other| key.is_key_of(other));
        if action == Action::Create && place.is_some() {
            faults.push(ChangeFault::CreateExists(key.clone()));
            return Ok(());
        }
        if let Some(fault) = instance_fault(key, record_set, place.map(|place| &at_name[place])) {
            faults.push(fault);
            return Ok(());
        }
        let known_health_check = place.and_then(|place| at_name[place].health_check.clone());
        let known_routing = place.map(|place| at_name[place].routing.clone());
        let others = at_name.iter().enumerate().filter(|(i, _)| Some(*i) != place).map(|(_, other)| other);
        let misplaced = place::check(self.zone, record_set, others);
        if !misplaced.is_empty() {
            faults.extend(misplaced);
            return Ok(());
        }
        // A health check may be deleted while record sets name it; such a record set must stay editable.
        if let Some(id) = &record_set.health_check
            && known_health_check.as_ref() != Some(id)
            && !self.working.records.has_health_check(id).map_err(ApplyError::Records)?
        {
            return Err(ApplyError::NoSuchHealthCheck(id.clone()));
        }
        let unknown =
            cidr::check(record_set, known_routing.as_ref(), self.working.records).map_err(ApplyError::Records)?;
        if let Some(fault) = unknown {
            faults.push(fault);
            return Ok(());
        }
        let astray =
            alias::check(self.zone, record_set, self.limits, &mut self.working).map_err(ApplyError::Records)?;
        if !astray.is_empty() {
            faults.extend(astray);
            return Ok(());
        }
        self.working.put(place, record_set).map_err(ApplyError::Records)
    }

    /// DG "Values specific for weighted records": writing another TTL changes the whole group to the last one written.
    /// A batch that writes no other TTL leaves all of them: an imported group may have several, and whoever only moves
    /// weights must find them again on the way back.
    fn equalize_weighted_ttls(&mut self, batch: &ChangeBatch) {
        let mut groups: HashMap<(&Name, RecordType), (Ttl, bool)> = HashMap::new();
        for Change { record_set, .. } in batch.changes.iter().filter(|change| change.action != Action::Delete) {
            let RecordSet { name, record_type, routing: Routing::Weighted { .. }, body, .. } = record_set else {
                continue;
            };
            let Body::Records { ttl, .. } = body else { continue };
            let is_other = self.working.stored_ttl(&RecordSetKey::of(record_set)) != Some(*ttl);
            let group = groups.entry((name, *record_type)).or_insert((*ttl, false));
            *group = (*ttl, group.1 || is_other);
        }
        for ((name, record_type), (last, _)) in groups.into_iter().filter(|(_, (_, is_other))| *is_other) {
            self.working.set_weighted_ttl(name, record_type, last);
        }
    }

    fn check_end(&self, faults: &mut Vec<ChangeFault>) {
        let mut count = self.zone.record_set_count;
        for (name, touched) in &self.working.names {
            count = (count + touched.after.len() as u64).saturating_sub(touched.before.len() as u64);
            faults.extend(place::check_name_at_end(
                &self.zone.name,
                name,
                &touched.before,
                &touched.after,
                self.limits,
            ));
        }
        if let Some(max) = self.limits.record_sets_per_zone_max
            && count > max
            && count > self.zone.record_set_count
        {
            faults.push(ChangeFault::TooManyInZone { max });
        }
        // One fault told once: two changes may break the same rule of the same name.
        let mut told = BTreeSet::new();
        faults.retain(|fault| told.insert(fault.to_string()));
    }
}

/// The record set of a traffic policy instance is made and replaced by the instance alone, and replaces no other; only
/// its deletion is left to everybody (API `Change.Action`).
fn instance_fault(key: &RecordSetKey, new: &RecordSet, old: Option<&RecordSet>) -> Option<ChangeFault> {
    let of = |set: &RecordSet| match &set.body {
        Body::TrafficPolicy(PolicyRecord { instance, .. }) => Some(instance.clone()),
        Body::Records { .. } | Body::Alias(_) => None,
    };
    if matches!(&new.body, Body::TrafficPolicy(record) if record.made.is_none()) {
        return Some(ChangeFault::MadeByInstance(key.clone()));
    }
    let old = old?;
    match (of(old), of(new)) {
        (None, None) => None,
        (Some(old), Some(new)) if old == new => None,
        (None, Some(_)) => Some(ChangeFault::CreateExists(key.clone())),
        (Some(instance), _) => Some(ChangeFault::BelongsToInstance { key: key.clone(), instance }),
    }
}

fn set_ttl(record_set: &mut RecordSet, to: Ttl) {
    if let Body::Records { ttl, .. } = &mut record_set.body {
        *ttl = to;
    }
}

#[cfg(test)]
mod tests;
