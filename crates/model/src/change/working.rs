//! The working copy: the names a batch has touched so far, laid over the stored zone.

use std::collections::{BTreeMap, HashMap};

use super::{RecordSetKey, Records, Touched, set_ttl};
use crate::id::HostedZoneId;
use crate::{Body, Name, RecordSet, RecordType, Routing, Ttl};

/// See the file's header.
pub(super) struct Working<'a, R> {
    zone: &'a HostedZoneId,
    pub(super) records: &'a mut R,
    pub(super) names: BTreeMap<Name, AtName>,
    /// Names read only to follow aliases.
    peeked: HashMap<Name, Vec<RecordSet>>,
}

/// One name of the working copy.
pub(super) struct AtName {
    pub(super) before: Vec<RecordSet>,
    pub(super) after: Vec<RecordSet>,
}

impl<'a, R: Records> Working<'a, R> {
    pub(super) fn new(zone: &'a HostedZoneId, records: &'a mut R) -> Self {
        Self { zone, records, names: BTreeMap::new(), peeked: HashMap::new() }
    }

    /// The record sets at `name` at this point of the batch, to be changed.
    pub(super) fn at(&mut self, name: &Name) -> Result<&mut Vec<RecordSet>, R::Error> {
        if !self.names.contains_key(name) {
            let before = match self.peeked.remove(name) {
                Some(before) => before,
                None => self.records.at(name)?,
            };
            self.names.insert(name.clone(), AtName { after: before.clone(), before });
        }
        Ok(&mut self.names.get_mut(name).expect("inserted above").after)
    }

    /// The record sets at `name` at this point of the batch, to be read.
    pub(super) fn peek(&mut self, name: &Name) -> Result<&[RecordSet], R::Error> {
        if let Some(at_name) = self.names.get(name) {
            return Ok(&at_name.after);
        }
        if !self.peeked.contains_key(name) {
            let read = self.records.at(name)?;
            self.peeked.insert(name.clone(), read);
        }
        Ok(&self.peeked[name])
    }

    /// Puts a record set at its name: in the given place, or as a new one.
    pub(super) fn put(&mut self, place: Option<usize>, record_set: &RecordSet) -> Result<(), R::Error> {
        let at_name = self.at(&record_set.name)?;
        match place {
            Some(place) => at_name[place] = record_set.clone(),
            None => at_name.push(record_set.clone()),
        }
        Ok(())
    }

    /// A name that holds an alias to (target, type) at this point of the batch.
    pub(super) fn alias_to(&mut self, target: &Name, record_type: RecordType) -> Result<Option<Name>, R::Error> {
        for (name, at_name) in &self.names {
            if at_name.after.iter().any(|set| is_alias_to(set, self.zone, target, record_type)) {
                return Ok(Some(name.clone()));
            }
        }
        // Every stored alias that is gone by now is at a touched name: one more than those are enough to ask for.
        let stored = self.records.aliases_to(target, record_type, self.names.len() + 1)?;
        Ok(stored.into_iter().find(|name| !self.names.contains_key(name)))
    }

    /// The TTL with which a record set is stored, if it is.
    pub(super) fn stored_ttl(&self, key: &RecordSetKey) -> Option<Ttl> {
        let stored = self.names.get(&key.name)?.before.iter().find(|set| key.is_key_of(set))?;
        match stored.body {
            Body::Records { ttl, .. } => Some(ttl),
            Body::Alias(_) | Body::TrafficPolicy(_) => None,
        }
    }

    /// Gives one TTL to all weighted record sets of a group.
    pub(super) fn set_weighted_ttl(&mut self, name: &Name, record_type: RecordType, ttl: Ttl) {
        let Some(at_name) = self.names.get_mut(name) else { return };
        for set in &mut at_name.after {
            if set.record_type == record_type && matches!(set.routing, Routing::Weighted { .. }) {
                set_ttl(set, ttl);
            }
        }
    }

    /// What the batch changed; names that came out as they went in are left out.
    pub(super) fn into_touched(self) -> Vec<Touched> {
        self.names
            .into_iter()
            .filter(|(_, AtName { before, after })| before != after)
            .map(|(name, AtName { before, after })| Touched { name, before, after })
            .collect()
    }
}

fn is_alias_to(set: &RecordSet, zone: &HostedZoneId, target: &Name, record_type: RecordType) -> bool {
    set.record_type == record_type
        && matches!(&set.body, Body::Alias(alias) if alias.dns_name == *target && alias.hosted_zone_id == *zone)
}
