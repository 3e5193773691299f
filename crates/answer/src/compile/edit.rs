//! The next snapshot in the making. Nobody sees it before [`Edit::finish`], so a batch appears whole or not at all.

use std::sync::Arc;

use model::id::HostedZoneId;
use model::{Name, RecordSet};

use super::record_sets::{HealthIndexes, apex_name, compile};
use super::{CompileFault, names};
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
    /// names, 0 if unknown.
    ///
    /// # Errors
    /// A record set that cannot be compiled; the zone then stays as it was.
    pub fn put_zone(
        &mut self,
        id: &HostedZoneId,
        apex: &Name,
        created: u64,
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
        self.remove_zone(id);
        self.link(zone, true);
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
        self.link(zone, false);
        Ok(())
    }

    /// Takes a zone away; nothing happens if there is none.
    pub fn remove_zone(&mut self, id: &HostedZoneId) {
        let Some(zone) = self.next.zone(id).cloned() else { return };
        self.next.by_name.remove(zone.apex_hash, id);
        self.next.by_id.remove(id_hash(id), id);
        self.count_depth(zone.apex_labels, false);
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
        let sets = compile(zone, record_sets, &mut HealthIndexes(&mut self.next.health_checks))?;
        names::put(zone, relative, sets);
        Ok(())
    }

    fn link(&mut self, mut zone: Zone, is_new: bool) {
        names::tidy(&mut zone);
        if is_new {
            self.count_depth(zone.apex_labels, true);
        }
        let zone = Arc::new(zone);
        self.next.by_name.put(zone.apex_hash, &zone);
        self.next.by_id.put(id_hash(&zone.id), &zone);
    }

    fn count_depth(&mut self, labels: usize, more: bool) {
        let counts = &mut self.next.depth_counts;
        if counts.len() <= labels {
            counts.resize(labels + 1, 0);
        }
        counts[labels] = if more { counts[labels] + 1 } else { counts[labels] - 1 };
        if counts[labels] > 0 {
            self.next.depths |= 1 << labels;
        } else {
            self.next.depths &= !(1 << labels);
        }
    }
}
