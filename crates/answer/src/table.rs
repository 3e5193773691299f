//! One piece of a zone: a few hundred names in an open-addressing table over one run of bytes.
//!
//! A change copies the piece that holds the touched name and nothing else. Nodes are packed, so that a million
//! one-address names take a few tens of megabytes; what is rare (groups) lies beside the bytes and is shared.
//! Node: `flags u8 | children u32 LE | relative name: length u8, bytes | sets u16 LE | set…`; set: `type u16 LE |
//! kind u8 | body length u32 LE | body`, the body being [`Records`] or the `u32` index of a group.

use std::sync::Arc;

use model::RecordType;

use crate::group::{Group, Set};
use crate::records::Records;

/// What a node is besides its sets; kept as bits in front of it.
pub(crate) mod flag {
    /// NS record sets below the apex: a zone cut (RFC 1034 §4.2.1).
    pub(crate) const CUT: u8 = 1;
    /// A DNAME (RFC 6672).
    pub(crate) const DNAME: u8 = 2;
    /// The node `*.name` exists (RFC 4592).
    pub(crate) const WILDCARD_CHILD: u8 = 4;
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// Hash tag and place in `bytes` plus one; 0 = never used, `GONE` = removed.
    slots: Vec<(u32, u32)>,
    used: u32,
    live: u32,
    bytes: Vec<u8>,
    garbage: u32,
    groups: Vec<Option<Arc<Group>>>,
}

/// A node found in a table.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    table: &'a Table,
    at: usize,
}

/// What a node is to hold of one type.
pub(crate) enum Contents {
    /// The encoded form of [`Records`].
    Records(Vec<u8>),
    Group(Arc<Group>),
}

const GONE: u32 = u32::MAX;
const CHILDREN: usize = 1;
const NAME: usize = 5;

impl Table {
    /// How many nodes.
    pub(crate) fn len(&self) -> usize {
        self.live as usize
    }

    pub(crate) fn find(&self, hash: u64, relative: &[u8]) -> Option<Node<'_>> {
        self.slot(hash, relative).map(|slot| Node { table: self, at: self.slots[slot].1 as usize - 1 })
    }

    fn slot(&self, hash: u64, relative: &[u8]) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let tag = tag(hash);
        let mut i = first_slot(hash) & mask;
        loop {
            let (slot_tag, place) = self.slots[i];
            if place == 0 {
                return None;
            }
            if slot_tag == tag && place != GONE && name_at(&self.bytes, place as usize - 1) == relative {
                return Some(i);
            }
            i = (i + 1) & mask;
        }
    }

    /// Puts a node in the place of the one with this name, or adds it. Children and the wildcard flag are the
    /// caller's to say.
    pub(crate) fn put(
        &mut self,
        hash: u64,
        relative: &[u8],
        flags: u8,
        children: u32,
        sets: Vec<(RecordType, Contents)>,
    ) {
        self.remove(hash, relative);
        if (self.used as usize + 1) * 8 > self.slots.len() * 6 {
            self.grow();
        }
        let place = u32::try_from(self.bytes.len() + 1).expect("a table stays far below 4 GiB");
        self.bytes.push(flags);
        self.bytes.extend_from_slice(&children.to_le_bytes());
        self.bytes.push(u8::try_from(relative.len()).expect("a name has at most 255 bytes"));
        self.bytes.extend_from_slice(relative);
        self.bytes.extend_from_slice(&u16::try_from(sets.len()).expect("there are 65536 types").to_le_bytes());
        for (record_type, contents) in sets {
            self.bytes.extend_from_slice(&record_type.0.to_le_bytes());
            match contents {
                Contents::Records(body) => {
                    self.bytes.push(0);
                    self.bytes.extend_from_slice(&u32::try_from(body.len()).expect("below 4 GiB").to_le_bytes());
                    self.bytes.extend_from_slice(&body);
                }
                Contents::Group(group) => {
                    let index = self.add_group(group);
                    self.bytes.push(1);
                    self.bytes.extend_from_slice(&4u32.to_le_bytes());
                    self.bytes.extend_from_slice(&index.to_le_bytes());
                }
            }
        }
        self.occupy(hash, place);
        self.live += 1;
    }

    /// Takes a node away; nothing happens if there is none.
    pub(crate) fn remove(&mut self, hash: u64, relative: &[u8]) {
        let Some(slot) = self.slot(hash, relative) else { return };
        let at = self.slots[slot].1 as usize - 1;
        let node = Node { table: self, at };
        let end = node.end();
        let groups: Vec<u32> = node.group_indexes().collect();
        for index in groups {
            self.groups[index as usize] = None;
        }
        self.garbage += u32::try_from(end - at).expect("a node is below 4 GiB");
        self.slots[slot].1 = GONE;
        self.live -= 1;
    }

    /// Changes a node's child count and flags in place.
    pub(crate) fn adjust(&mut self, hash: u64, relative: &[u8], change: impl FnOnce(&mut u8, &mut u32)) {
        let Some(slot) = self.slot(hash, relative) else { return };
        let at = self.slots[slot].1 as usize - 1;
        let mut children = read_u32(&self.bytes, at + CHILDREN);
        change(&mut self.bytes[at], &mut children);
        self.bytes[at + CHILDREN..at + NAME].copy_from_slice(&children.to_le_bytes());
    }

    /// Every node, in no order.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.slots
            .iter()
            .filter(|(_, place)| *place != 0 && *place != GONE)
            .map(|&(_, place)| Node { table: self, at: place as usize - 1 })
    }

    /// Copies a node of another table as it stands.
    pub(crate) fn adopt(&mut self, hash: u64, node: Node<'_>) {
        if (self.used as usize + 1) * 8 > self.slots.len() * 6 {
            self.grow();
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&node.table.bytes[node.at..node.end()]);
        // Group indexes are this table's own: rewrite them where they stand.
        let places: Vec<(usize, u32)> = node.group_places().collect();
        for (place, index) in places {
            let group = node.table.groups[index as usize].clone().expect("a live node's groups are live");
            let index = self.add_group(group);
            let place = start + place - node.at;
            self.bytes[place..place + 4].copy_from_slice(&index.to_le_bytes());
        }
        self.occupy(hash, u32::try_from(start + 1).expect("a table stays far below 4 GiB"));
        self.live += 1;
    }

    /// Gives back what removed nodes and growth left over. Called once when a changed piece is finished.
    pub(crate) fn tidy(&mut self, hash_of: impl Fn(&[u8]) -> u64) {
        if self.garbage as usize * 2 > self.bytes.len() {
            let mut fresh = Self::default();
            for node in self.nodes() {
                fresh.adopt(hash_of(node.relative()), node);
            }
            *self = fresh;
        }
        self.bytes.shrink_to_fit();
        self.groups.shrink_to_fit();
    }

    fn occupy(&mut self, hash: u64, place: u32) {
        let mask = self.slots.len() - 1;
        let mut i = first_slot(hash) & mask;
        while self.slots[i].1 != 0 && self.slots[i].1 != GONE {
            i = (i + 1) & mask;
        }
        if self.slots[i].1 == 0 {
            self.used += 1;
        }
        self.slots[i] = (tag(hash), place);
    }

    fn grow(&mut self) {
        // The first slot of a hash is taken from its tag, so growing needs no names.
        let capacity = (self.live as usize * 2).next_power_of_two().max(4);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); capacity]);
        self.used = 0;
        let mask = capacity - 1;
        for (tag, place) in old.into_iter().filter(|(_, place)| *place != 0 && *place != GONE) {
            let mut i = tag as usize & mask;
            while self.slots[i].1 != 0 {
                i = (i + 1) & mask;
            }
            self.slots[i] = (tag, place);
            self.used += 1;
        }
    }

    fn add_group(&mut self, group: Arc<Group>) -> u32 {
        let index = self.groups.iter().position(Option::is_none).unwrap_or_else(|| {
            self.groups.push(None);
            self.groups.len() - 1
        });
        self.groups[index] = Some(group);
        u32::try_from(index).expect("fewer than 2³² groups")
    }
}

/// The upper half of the hash; the lower half chooses the piece of the zone.
fn tag(hash: u64) -> u32 {
    u32::try_from(hash >> 32).expect("the upper half")
}

fn first_slot(hash: u64) -> usize {
    tag(hash) as usize
}

impl<'a> Node<'a> {
    pub(crate) fn flags(self) -> u8 {
        self.table.bytes[self.at]
    }

    /// How many nodes lie directly below.
    pub(crate) fn children(self) -> u32 {
        read_u32(&self.table.bytes, self.at + CHILDREN)
    }

    /// The name below the apex, labels in wire format.
    pub(crate) fn relative(self) -> &'a [u8] {
        name_at(&self.table.bytes, self.at)
    }

    /// Whether it holds records: an empty non-terminal does not.
    pub(crate) fn has_sets(self) -> bool {
        let sets = self.sets_at();
        self.table.bytes[sets] != 0 || self.table.bytes[sets + 1] != 0
    }

    /// What it holds of one type.
    pub(crate) fn set(self, record_type: RecordType) -> Option<Set<'a>> {
        self.sets().find(|(t, _)| *t == record_type).map(|(_, set)| set)
    }

    /// All it holds.
    pub(crate) fn sets(self) -> impl Iterator<Item = (RecordType, Set<'a>)> {
        self.bodies().map(move |(record_type, kind, start, end)| {
            let body = &self.table.bytes[start..end];
            let set = match kind {
                0 => Set::Records(Records::new(body)),
                _ => Set::Group(
                    self.table.groups[read_u32(body, 0) as usize].as_ref().expect("a live node's groups are live"),
                ),
            };
            (record_type, set)
        })
    }

    fn sets_at(self) -> usize {
        self.at + NAME + 1 + usize::from(self.table.bytes[self.at + NAME])
    }

    fn bodies(self) -> impl Iterator<Item = (RecordType, u8, usize, usize)> + 'a {
        let bytes = &self.table.bytes[..];
        let sets = self.sets_at();
        let mut left = u16::from_le_bytes([bytes[sets], bytes[sets + 1]]);
        let mut at = sets + 2;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let record_type = RecordType(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
            let kind = bytes[at + 2];
            let start = at + 7;
            at = start + read_u32(bytes, at + 3) as usize;
            Some((record_type, kind, start, at))
        })
    }

    fn end(self) -> usize {
        self.bodies().last().map_or(self.sets_at() + 2, |(_, _, _, end)| end)
    }

    fn group_places(self) -> impl Iterator<Item = (usize, u32)> + 'a {
        self.bodies()
            .filter(|(_, kind, _, _)| *kind == 1)
            .map(move |(_, _, start, _)| (start, read_u32(&self.table.bytes, start)))
    }

    fn group_indexes(self) -> impl Iterator<Item = u32> + 'a {
        self.group_places().map(|(_, index)| index)
    }
}

fn name_at(bytes: &[u8], at: usize) -> &[u8] {
    let length = usize::from(bytes[at + NAME]);
    &bytes[at + NAME + 1..at + NAME + 1 + length]
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::relative_hash;

    fn name(n: u32) -> Vec<u8> {
        let text = format!("h{n}");
        let mut wire = vec![u8::try_from(text.len()).unwrap()];
        wire.extend_from_slice(text.as_bytes());
        wire
    }

    #[test]
    fn names_are_found_until_they_are_removed() {
        let mut table = Table::default();
        let hash = |n: u32| relative_hash(1, &name(n));
        for round in 0..3 {
            for n in 0..500 {
                let body = vec![0, 0, 0, 60, 0, 1, 0, 0, 4, 10, 0, round, 1];
                table.put(hash(n), &name(n), 0, n, vec![(RecordType::A, Contents::Records(body))]);
            }
            for n in (0..500).step_by(2) {
                table.remove(hash(n), &name(n));
            }
            table.tidy(|relative| relative_hash(1, relative));
        }
        assert_eq!(table.len(), 250);
        for n in 0..500 {
            let found = table.find(hash(n), &name(n));
            assert_eq!(found.is_some(), n % 2 == 1, "{n}");
            if let Some(node) = found {
                assert_eq!(node.children(), n);
                let Some(Set::Records(records)) = node.set(RecordType::A) else { panic!() };
                assert_eq!(records.first().bytes, [10, 0, 2, 1]);
            }
        }
        assert_eq!(table.nodes().count(), 250);
    }
}
