//! All compiled zones at one revision of the log.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::id::{CidrCollectionId, HealthCheckId, HostedZoneId};
use model::place::Regions;
use model::{Name, RecordType, Stickiness};

use crate::collections::Collections;
use crate::compile::Edit;
use crate::counted::{AnswerSlot, Counted, Slot};
use crate::target::Target;
use crate::view::HealthIndex;
use crate::zone::Zone;

/// An immutable set of zones. Made by [`Snapshot::edit`] from the one before; what did not change is shared.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) revision: u64,
    pub(crate) seed: u64,
    /// Zones that everybody may ask.
    pub(crate) public: ByName,
    /// Zones for clients in VPCs.
    pub(crate) private: ByName,
    /// All of both, by hash of the id.
    pub(crate) by_id: Buckets,
    pub(crate) health_checks: Arc<HashMap<HealthCheckId, HealthIndex>>,
    pub(crate) collections: Arc<Collections>,
    /// Where regions are.
    pub(crate) regions: Arc<Regions>,
    /// The zones whose queries are logged.
    pub(crate) logged: Arc<HashSet<HostedZoneId>>,
    /// The record sets whose answers are counted.
    pub(crate) counted: Arc<Counted>,
    /// The names whose clients keep their answers, of zones that have such.
    pub(crate) stickiness: Arc<HashMap<HostedZoneId, Arc<HashMap<Name, Stickiness>>>>,
}

/// Zones by name, for the longest match.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByName {
    /// By hash of the apex; several zones of one name stand in order of age.
    buckets: Buckets,
    /// How many zones have an apex of n labels, and the same as bits: where to look.
    depth_counts: Vec<u32>,
    depths: u128,
}

/// Zones by a hash, in buckets, so that a change copies one bucket and the row of pointers.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    rows: Vec<Arc<Row>>,
    len: usize,
}

/// Zones whose hashes share their low bits.
type Row = Vec<(u64, Arc<Zone>)>;

impl Snapshot {
    /// No zones, and a fixed hash seed: for tests and tools.
    #[must_use]
    pub fn empty() -> Self {
        Self::seeded(0)
    }

    /// No zones. Names are hashed under `seed`, which a server draws at random when it starts: customers choose the
    /// names and must not be able to choose collisions.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            revision: 0,
            seed,
            public: ByName::default(),
            private: ByName::default(),
            by_id: Buckets::default(),
            health_checks: Arc::default(),
            collections: Arc::default(),
            regions: Arc::default(),
            logged: Arc::default(),
            counted: Arc::default(),
            stickiness: Arc::default(),
        }
    }

    /// The same with other regions than AWS's. Zones that it has already stay compiled with the ones from before.
    #[must_use]
    pub fn with_regions(self, regions: Arc<Regions>) -> Self {
        Self { regions, ..self }
    }

    /// The revision of the log it was compiled from.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many zones.
    #[must_use]
    pub fn zone_count(&self) -> usize {
        self.by_id.len
    }

    /// How many names in all zones, empty non-terminals included.
    #[must_use]
    pub fn name_count(&self) -> usize {
        self.by_id.iter().map(|zone| zone.names).sum()
    }

    /// Whether any record set has ever named this health check here.
    #[must_use]
    pub fn has_health_check(&self, id: &HealthCheckId) -> bool {
        self.health_checks.contains_key(id)
    }

    /// Begins the next snapshot.
    #[must_use]
    pub fn edit(&self) -> Edit {
        Edit::new(self.clone())
    }

    /// The health checks that record sets name.
    pub(crate) fn health_checks(&self) -> &HashMap<HealthCheckId, HealthIndex> {
        &self.health_checks
    }

    /// The zone with this id.
    pub(crate) fn zone(&self, id: &HostedZoneId) -> Option<&Arc<Zone>> {
        self.by_id.find(id_hash(id), |zone| zone.id == *id)
    }

    /// The zones of one kind.
    pub(crate) fn by_name(&mut self, is_private: bool) -> &mut ByName {
        if is_private { &mut self.private } else { &mut self.public }
    }

    /// Whether any zone's queries are logged.
    #[must_use]
    pub fn logs_queries(&self) -> bool {
        !self.logged.is_empty()
    }

    /// Whether any record set's answers are counted.
    #[must_use]
    pub fn counts_answers(&self) -> bool {
        self.counted.is_any()
    }

    /// Where the answers of this record set are counted; none if they are not.
    #[must_use]
    pub fn answer_slot(
        &self,
        zone: &HostedZoneId,
        name: &Name,
        record_type: RecordType,
        set_identifier: &str,
    ) -> Option<AnswerSlot> {
        Slot::of(self.counted.slots(zone, name), record_type, set_identifier)
    }

    /// Every record set whose answers are counted, by zone, name, type and set identifier, and where; in no order.
    pub fn answer_slots(&self) -> impl Iterator<Item = (&HostedZoneId, &Name, RecordType, &str, AnswerSlot)> {
        self.counted.all()
    }

    /// The CIDR collections that it has, in no order.
    pub fn cidr_collections(&self) -> impl Iterator<Item = &CidrCollectionId> {
        self.collections.ids()
    }
}

impl ByName {
    pub(crate) fn is_empty(&self) -> bool {
        self.depths == 0
    }

    /// Of the zones that may be seen, the one with the longest apex that the target's name from label `from` on is or
    /// lies in.
    pub(crate) fn closest(&self, target: &Target, from: usize, sees: impl Fn(&Zone) -> bool) -> Option<&Zone> {
        (from..=target.labels())
            .filter(|&i| self.depths & (1 << (target.labels() - i)) != 0)
            .find_map(|i| self.buckets.find(target.hash(i), |zone| *zone.apex == *target.suffix(i) && sees(zone)))
            .map(|zone| &**zone)
    }

    /// Puts the zone in place of the one with its id, or adds it.
    pub(crate) fn put(&mut self, zone: &Arc<Zone>) {
        if self.buckets.put(zone.apex_hash, zone) {
            self.count(zone.apex_labels, true);
        }
    }

    /// Takes a zone that is there away.
    pub(crate) fn remove(&mut self, zone: &Zone) {
        if self.buckets.remove(zone.apex_hash, &zone.id) {
            self.count(zone.apex_labels, false);
        }
    }

    fn count(&mut self, labels: usize, more: bool) {
        let counts = &mut self.depth_counts;
        if counts.len() <= labels {
            counts.resize(labels + 1, 0);
        }
        counts[labels] = if more { counts[labels] + 1 } else { counts[labels] - 1 };
        if counts[labels] > 0 {
            self.depths |= 1 << labels;
        } else {
            self.depths &= !(1 << labels);
        }
    }
}

/// Ids are the server's own draws, so their hash needs no seed.
pub(crate) fn id_hash(id: &HostedZoneId) -> u64 {
    crate::target::chain(0, id.as_str().as_bytes())
}

impl Default for Buckets {
    fn default() -> Self {
        Self { rows: vec![Arc::default()], len: 0 }
    }
}

impl Buckets {
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(&Zone) -> bool) -> Option<&Arc<Zone>> {
        self.rows[self.row(hash)].iter().find(|(h, zone)| *h == hash && is_it(zone)).map(|(_, zone)| zone)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Zone>> {
        self.rows.iter().flat_map(|row| row.iter().map(|(_, zone)| zone))
    }

    fn row(&self, hash: u64) -> usize {
        usize::try_from(hash & 0xffff_ffff).expect("32 bits") & (self.rows.len() - 1)
    }

    /// Puts the zone in place of the one with its id, or adds it behind older zones of the same hash; whether it was
    /// added.
    pub(crate) fn put(&mut self, hash: u64, zone: &Arc<Zone>) -> bool {
        if self.len >= self.rows.len() * 8 {
            self.spread();
        }
        let row = self.row(hash);
        let row = Arc::make_mut(&mut self.rows[row]);
        if let Some(place) = row.iter_mut().find(|(_, other)| other.id == zone.id) {
            place.1 = Arc::clone(zone);
            false
        } else {
            let at = row.partition_point(|(_, other)| (other.created, &other.id) <= (zone.created, &zone.id));
            row.insert(at, (hash, Arc::clone(zone)));
            self.len += 1;
            true
        }
    }

    /// Takes the zone away; whether it was there.
    pub(crate) fn remove(&mut self, hash: u64, id: &HostedZoneId) -> bool {
        let row = self.row(hash);
        let row = Arc::make_mut(&mut self.rows[row]);
        let before = row.len();
        row.retain(|(_, zone)| zone.id != *id);
        self.len -= before - row.len();
        before > row.len()
    }

    fn spread(&mut self) {
        let rows = self.rows.len() * 8;
        let old = std::mem::replace(&mut self.rows, vec![Arc::default(); rows]);
        for (hash, zone) in old.iter().flat_map(|row| row.iter()) {
            let row = self.row(*hash);
            Arc::make_mut(&mut self.rows[row]).push((*hash, Arc::clone(zone)));
        }
    }
}
