//! Which record sets' answers are counted, and where: each has a slot of its own as long as the process runs, so that
//! counters go on when the zone is compiled anew. Counting itself is the business of whoever answers.

use std::collections::{HashMap, HashSet};

use model::id::HostedZoneId;
use model::{Name, RecordSet, RecordType};

/// Where the answers of one record set are counted. A place that had another record set before is another slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerSlot {
    place: u16,
    /// How many record sets had the place before.
    owner: u16,
}

impl AnswerSlot {
    /// Slots there are; what has none is not counted.
    pub const COUNT: usize = 1 << 14;

    /// From 0 to below [`Self::COUNT`].
    #[must_use]
    pub fn place(self) -> usize {
        usize::from(self.place)
    }
}

/// Where one answer is counted: where a counted name leads to others, at the first and at the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnswerSlots {
    first: Option<AnswerSlot>,
    last: Option<AnswerSlot>,
}

impl AnswerSlots {
    /// Also here.
    pub(crate) fn note(&mut self, slot: Option<AnswerSlot>) {
        match (slot, self.first) {
            (None, _) => {}
            (_, None) => self.first = slot,
            (Some(_), Some(_)) => self.last = slot,
        }
    }

    /// Each of them.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = AnswerSlot> {
        [self.first, self.last].into_iter().flatten()
    }
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted {
    names: HashMap<HostedZoneId, HashMap<Name, Slots>>,
    /// Slots below this number were given.
    given: usize,
    /// Slots whose record sets are steered no more.
    free: Vec<AnswerSlot>,
    /// Asked for every query.
    is_any: bool,
}

/// The slots of one name, also while it is not counted: it may come back.
#[derive(Debug, Clone, Default)]
struct Slots {
    is_counted: bool,
    slots: Vec<Slot>,
}

/// The slot of one record set.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    record_type: RecordType,
    set_identifier: Box<str>,
    slot: AnswerSlot,
}

impl Slot {
    pub(crate) fn find(slots: &[Self], record_set: &RecordSet) -> Option<AnswerSlot> {
        Self::of(slots, record_set.record_type, record_set.set_identifier()?.as_str())
    }

    pub(crate) fn of(slots: &[Self], record_type: RecordType, set_identifier: &str) -> Option<AnswerSlot> {
        let is_it = |slot: &&Self| slot.record_type == record_type && *slot.set_identifier == *set_identifier;
        slots.iter().find(is_it).map(|slot| slot.slot)
    }
}

impl Counted {
    fn name(&self, zone: &HostedZoneId, name: &Name) -> Option<&Slots> {
        self.names.get(zone).and_then(|names| names.get(name)).filter(|slots| slots.is_counted)
    }

    /// Whether any name is counted.
    pub(crate) fn is_any(&self) -> bool {
        self.is_any
    }

    /// The slots of a name; none if it is not counted.
    pub(crate) fn slots(&self, zone: &HostedZoneId, name: &Name) -> &[Slot] {
        self.name(zone, name).map_or(&[], |slots| &slots.slots)
    }

    /// Whether a record set of this name should have a slot and has none yet.
    pub(crate) fn lacks(&self, zone: &HostedZoneId, record_sets: &[RecordSet]) -> bool {
        let Some(slots) = record_sets.first().and_then(|first| self.name(zone, &first.name)) else { return false };
        let lacks = |set: &RecordSet| set.set_identifier().is_some() && Slot::find(&slots.slots, set).is_none();
        record_sets.iter().any(lacks) && self.has_room()
    }

    /// Gives each of them a slot, as long as there are any.
    pub(crate) fn give(&mut self, zone: &HostedZoneId, record_sets: &[RecordSet]) {
        for set in record_sets {
            let Some(identifier) = set.set_identifier() else { continue };
            let Some(slots) = self.name(zone, &set.name) else { continue };
            if Slot::find(&slots.slots, set).is_some() {
                continue;
            }
            let Some(slot) = self.take() else { return };
            let (record_type, set_identifier) = (set.record_type, identifier.as_str().into());
            if let Some(slots) = self.names.get_mut(zone).and_then(|names| names.get_mut(&set.name)) {
                slots.slots.push(Slot { record_type, set_identifier, slot });
            }
        }
    }

    fn has_room(&self) -> bool {
        let is_forgotten = |slots: &Slots| !slots.is_counted && !slots.slots.is_empty();
        self.given < AnswerSlot::COUNT
            || !self.free.is_empty()
            || self.names.values().flat_map(HashMap::values).any(is_forgotten)
    }

    /// A slot that was never given, or else one of a name that is steered no more: which may come back, but not after this.
    fn take(&mut self) -> Option<AnswerSlot> {
        if let Ok(place) = u16::try_from(self.given)
            && self.given < AnswerSlot::COUNT
        {
            self.given += 1;
            return Some(AnswerSlot { place, owner: 0 });
        }
        if self.free.is_empty() {
            for names in self.names.values_mut() {
                let forgotten = names.extract_if(|_, slots| !slots.is_counted);
                self.free.extend(forgotten.flat_map(|(_, slots)| slots.slots).map(|slot| slot.slot));
            }
            self.names.retain(|_, names| !names.is_empty());
        }
        self.free.pop().map(|slot| AnswerSlot { owner: slot.owner.wrapping_add(1), ..slot })
    }

    /// Counts these names and no others; for which that is new.
    pub(crate) fn set(&mut self, names: &HashSet<(HostedZoneId, Name)>) -> Vec<(HostedZoneId, Name)> {
        let mut changed = Vec::new();
        self.is_any = !names.is_empty();
        for (zone, known) in &mut self.names {
            for (name, slots) in known.iter_mut().filter(|(_, slots)| slots.is_counted) {
                slots.is_counted = names.contains(&(zone.clone(), name.clone()));
                if !slots.is_counted {
                    changed.push((zone.clone(), name.clone()));
                }
            }
        }
        for (zone, name) in names {
            let slots = self.names.entry(zone.clone()).or_default().entry(name.clone()).or_default();
            if !std::mem::replace(&mut slots.is_counted, true) {
                changed.push((zone.clone(), name.clone()));
            }
        }
        changed
    }

    /// Every slot of a counted name: zone, name, type, set identifier.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&HostedZoneId, &Name, RecordType, &str, AnswerSlot)> {
        self.names.iter().flat_map(|(zone, names)| {
            names.iter().filter(|(_, slots)| slots.is_counted).flat_map(move |(name, slots)| {
                slots.slots.iter().map(move |slot| (zone, name, slot.record_type, &*slot.set_identifier, slot.slot))
            })
        })
    }
}
