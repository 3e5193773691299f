//! The next snapshot in the making. Nobody sees it before [`Edit::finish`], so a batch appears whole or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::cidr::CidrCollection;
use model::hosted_zone::Visibility;
use model::id::{CidrCollectionId, HostedZoneId};
use model::{Name, RecordSet, Stickiness};

use super::record_sets::{Indexes, apex_name, compile};
use super::{CompileFault, names};
use crate::collections::Collections;
use crate::snapshot::{Snapshot, id_hash};
use crate::target::Target;
use crate::zone::Zone;

/// Changes to a [`Snapshot`].
pub struct Edit {
    next: Snapshot,
}

impl Edit {
    pub(crate) fn new(next: Snapshot) -> Self {
        Self { next }
    }

    /// Adds a zone or replaces all of it. Record sets of one name must follow one another. `created` is the revision
    /// of its creation: of several zones with one name the oldest answers. `size_hint` is the expected number of
    /// names, 0 if unknown. A private zone answers the clients of its VPCs and nobody else.
    ///
    /// # Errors
    /// A record set that cannot be compiled; the zone then stays as it was.
    pub fn put_zone(
        &mut self,
        id: &HostedZoneId,
        apex: &Name,
        created: u64,
        visibility: &Visibility,
        size_hint: usize,
        record_sets: impl IntoIterator<Item = RecordSet>,
    ) -> Result<(), CompileFault> {
        let target = Target::new(apex.wire(), self.next.seed);
        let zone = Zone {
            id: id.clone(),
            apex: apex.wire().into(),
            apex_labels: target.labels(),
            apex_hash: target.hash(0),
            created,
            visibility: visibility.clone(),
            is_logged: false,
            pieces: Vec::new(),
            names: 0,
            cut_depths: 0,
            cut_counts: Vec::new(),
        };
        let mut zone = names::empty(zone, size_hint);
        let mut of_name: Vec<RecordSet> = Vec::new();
        for record_set in record_sets {
            if of_name.first().is_some_and(|first| first.name != record_set.name) {
                self.put_name(&mut zone, &of_name)?;
                of_name.clear();
            }
            of_name.push(record_set);
        }
        self.put_name(&mut zone, &of_name)?;
        self.unlink(id);
        self.link(zone);
        Ok(())
    }

    /// Makes the given record sets all that each name holds; an empty list takes the name away.
    ///
    /// # Errors
    /// No such zone, or a record set that cannot be compiled; nothing of this call is then kept.
    pub fn put_names(&mut self, id: &HostedZoneId, names: Vec<(Name, Vec<RecordSet>)>) -> Result<(), CompileFault> {
        let zone = self.next.zone(id).ok_or_else(|| CompileFault::NoSuchZone(id.clone()))?;
        let mut zone = Zone::clone(zone);
        for (name, record_sets) in names {
            if record_sets.is_empty() {
                let relative = names::relative(&zone, &name)
                    .ok_or_else(|| CompileFault::OutsideZone { name: name.clone(), apex: apex_name(&zone) })?;
                names::put(&mut zone, relative, Vec::new());
            } else {
                self.put_name(&mut zone, &record_sets)?;
            }
        }
        self.link(zone);
        Ok(())
    }

    /// Says anew who may ask a zone, without compiling it; nothing happens if there is none.
    pub fn set_visibility(&mut self, id: &HostedZoneId, visibility: &Visibility) {
        let Some(zone) = self.next.zone(id).cloned() else { return };
        if zone.visibility != *visibility {
            self.unlink(id);
            self.link(Zone { visibility: visibility.clone(), ..Zone::clone(&zone) });
        }
    }

    /// Takes a zone away; nothing happens if there is none.
    pub fn remove_zone(&mut self, id: &HostedZoneId) {
        self.unlink(id);
        self.set_stickiness(id, HashMap::new());
    }

    /// Says which names of a zone keep their clients' answers: these and no others. It holds for names that are put
    /// after this. The zone need not be there yet.
    pub fn set_stickiness(&mut self, id: &HostedZoneId, names: HashMap<Name, Stickiness>) {
        let known = &mut self.next.stickiness;
        if names.is_empty() {
            if known.contains_key(id) {
                Arc::make_mut(known).remove(id);
            }
        } else if known.get(id).is_none_or(|before| **before != names) {
            Arc::make_mut(known).insert(id.clone(), Arc::new(names));
        }
    }

    /// Says whether one name of a zone keeps its clients' answers, as [`Self::set_stickiness`] does for all.
    pub fn put_stickiness(&mut self, id: &HostedZoneId, name: &Name, stickiness: Option<Stickiness>) {
        let before = self.next.stickiness.get(id);
        if before.and_then(|names| names.get(name)).copied() == stickiness {
            return;
        }
        // Copied once by the first name of an edit, while the snapshot before shares it.
        let known = Arc::make_mut(&mut self.next.stickiness);
        let names = Arc::make_mut(known.entry(id.clone()).or_default());
        match stickiness {
            Some(stickiness) => names.insert(name.clone(), stickiness),
            None => names.remove(name),
        };
        if names.is_empty() {
            known.remove(id);
        }
    }

    fn unlink(&mut self, id: &HostedZoneId) {
        let Some(zone) = self.next.zone(id).cloned() else { return };
        self.next.by_name(zone.is_private()).remove(&zone);
        self.next.by_id.remove(id_hash(id), id);
    }

    /// Adds a CIDR collection or replaces all of it. Every record set that uses it answers by it at once.
    pub fn put_cidr_collection(&mut self, collection: &CidrCollection) {
        Collections::put(&mut self.next.collections, collection);
    }

    /// Takes a CIDR collection away; nothing happens if there is none. Record sets that use it match by `*` only.
    pub fn remove_cidr_collection(&mut self, id: &CidrCollectionId) {
        Collections::remove(&mut self.next.collections, id);
    }

    /// Says the answers of which names are counted: those of these names and no others. A name need not be there yet.
    /// Returned are the names for which that is new; they must be put again.
    pub fn count_answers(&mut self, names: &HashSet<(HostedZoneId, Name)>) -> Vec<(HostedZoneId, Name)> {
        Arc::make_mut(&mut self.next.counted).set(names)
    }

    /// Says whose queries are logged: those of these zones and no others. A zone need not be there yet.
    pub fn log_queries(&mut self, zones: HashSet<HostedZoneId>) {
        let before = std::mem::replace(&mut self.next.logged, Arc::new(zones));
        let now = Arc::clone(&self.next.logged);
        for id in before.symmetric_difference(&now) {
            if let Some(zone) = self.next.zone(id).cloned() {
                self.link(Zone::clone(&zone));
            }
        }
    }

    /// The snapshot, compiled from the log up to `revision`.
    #[must_use]
    pub fn finish(mut self, revision: u64) -> Snapshot {
        self.next.revision = revision;
        self.next
    }

    /// Puts the record sets of one name; they are all of it.
    fn put_name(&mut self, zone: &mut Zone, record_sets: &[RecordSet]) -> Result<(), CompileFault> {
        let Some(first) = record_sets.first() else { return Ok(()) };
        let relative = names::relative(zone, &first.name)
            .ok_or_else(|| CompileFault::OutsideZone { name: first.name.clone(), apex: apex_name(zone) })?;
        let Snapshot { health_checks, collections, regions, stickiness, counted, .. } = &mut self.next;
        if counted.lacks(&zone.id, record_sets) {
            Arc::make_mut(counted).give(&zone.id, record_sets);
        }
        let slots = counted.slots(&zone.id, &first.name);
        let stickiness = stickiness.get(&zone.id).and_then(|names| names.get(&first.name)).copied();
        let mut indexes = Indexes { health: health_checks, collections, regions, stickiness, slots };
        let sets = compile(zone, record_sets, &mut indexes)?;
        names::put(zone, relative, sets);
        Ok(())
    }

    fn link(&mut self, mut zone: Zone) {
        names::tidy(&mut zone);
        zone.is_logged = self.next.logged.contains(&zone.id);
        let zone = Arc::new(zone);
        self.next.by_name(zone.is_private()).put(&zone);
        self.next.by_id.put(id_hash(&zone.id), &zone);
    }
}
