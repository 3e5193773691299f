//! A name being looked up: folded to lower case once, with the start of each label and the hash of each suffix.
//!
//! Before: `query` (the question) or a CNAME's rdata. After: `find`, which probes tables by these hashes.
//! The hash is chained from the root, label by label, so that one pass gives the hash of the name and of all its
//! ancestors, and a name below an apex can be hashed without the apex's bytes. It is keyed by a seed against
//! crafted collisions; customers choose the names.

use crate::zone::Zone;

/// Most labels a name of 255 bytes can hold, the root not counted.
pub(crate) const LABELS_MAX: usize = 127;

/// See the module.
pub(crate) struct Target {
    wire: [u8; 256],
    len: usize,
    labels: usize,
    starts: [u8; LABELS_MAX + 1],
    hashes: [u64; LABELS_MAX + 1],
}

impl Target {
    /// Takes a complete uncompressed name; the caller has checked its form and length (≤ 255 bytes).
    pub(crate) fn new(name: &[u8], seed: u64) -> Self {
        let mut target = Self::blank();
        target.set(&[name], seed);
        target
    }

    /// A place for names of a chain.
    pub(crate) fn blank() -> Self {
        Self { wire: [0; 256], len: 1, labels: 0, starts: [0; LABELS_MAX + 1], hashes: [0; LABELS_MAX + 1] }
    }

    /// Takes the name whose parts follow one another in `parts`; `false` (and the root) if it is over 255 bytes.
    pub(crate) fn set(&mut self, parts: &[&[u8]], seed: u64) -> bool {
        let mut len = 0;
        for part in parts {
            if len + part.len() > 255 {
                self.len = 1;
                self.wire[0] = 0;
                self.labels = 0;
                self.starts[0] = 0;
                self.hashes[0] = seed;
                return false;
            }
            self.wire[len..len + part.len()].copy_from_slice(part);
            len += part.len();
        }
        // Length bytes are below 64 and so are no letters.
        self.wire[..len].make_ascii_lowercase();
        self.len = len;
        let mut at = 0;
        let mut labels = 0;
        while self.wire[at] != 0 {
            self.starts[labels] = u8::try_from(at).expect("a name has at most 255 bytes");
            labels += 1;
            at += 1 + usize::from(self.wire[at]);
        }
        self.starts[labels] = u8::try_from(at).expect("a name has at most 255 bytes");
        self.labels = labels;
        self.hashes[labels] = seed;
        for i in (0..labels).rev() {
            let start = usize::from(self.starts[i]);
            let end = usize::from(self.starts[i + 1]);
            self.hashes[i] = chain(self.hashes[i + 1], &self.wire[start + 1..end]);
        }
        true
    }

    /// The whole name, lower case.
    pub(crate) fn wire(&self) -> &[u8] {
        &self.wire[..self.len]
    }

    /// How many labels, the root not counted.
    pub(crate) fn labels(&self) -> usize {
        self.labels
    }

    /// Whether the name is the zone's apex or below it.
    pub(crate) fn lies_in(&self, zone: &Zone) -> bool {
        self.labels >= zone.apex_labels && *self.suffix(self.labels - zone.apex_labels) == *zone.apex
    }

    /// Where label `i` begins; `i == labels()` is the root's zero.
    pub(crate) fn start(&self, i: usize) -> usize {
        usize::from(self.starts[i])
    }

    /// The name from label `i` on.
    pub(crate) fn suffix(&self, i: usize) -> &[u8] {
        &self.wire[self.start(i)..self.len]
    }

    /// The hash of the name from label `i` on.
    pub(crate) fn hash(&self, i: usize) -> u64 {
        self.hashes[i]
    }

    /// The labels from `i` up to but not including those of an apex with `apex_labels` labels.
    pub(crate) fn relative(&self, i: usize, apex_labels: usize) -> &[u8] {
        &self.wire[self.start(i)..self.start(self.labels - apex_labels)]
    }
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of `label.parent`, given that of `parent`. `label` is lower case and has no length byte.
pub(crate) fn chain(parent: u64, label: &[u8]) -> u64 {
    let mut hash = parent ^ (label.len() as u64).wrapping_mul(MULTIPLIER);
    let mut chunks = label.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("chunks of eight"));
        hash = fold(hash ^ word);
    }
    let mut last = 0;
    for (i, &byte) in chunks.remainder().iter().enumerate() {
        last |= u64::from(byte) << (8 * i);
    }
    fold(hash ^ last)
}

/// Both halves of a 128-bit product, so that every input bit reaches every output bit.
fn fold(x: u64) -> u64 {
    let product = u128::from(x ^ 0xa076_1d64_78bd_642f) * u128::from(MULTIPLIER ^ x.rotate_left(32));
    #[allow(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// The hash of a relative name (labels in wire format, no root) below an apex of the given hash.
pub(crate) fn relative_hash(apex: u64, relative: &[u8]) -> u64 {
    let mut starts = [0u8; LABELS_MAX];
    let mut labels = 0;
    let mut at = 0;
    while at < relative.len() {
        starts[labels] = u8::try_from(at).expect("a name has at most 255 bytes");
        labels += 1;
        at += 1 + usize::from(relative[at]);
    }
    starts[..labels].iter().rev().fold(apex, |hash, &start| {
        let start = usize::from(start);
        chain(hash, &relative[start + 1..start + 1 + usize::from(relative[start])])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_and_relative_names_hash_alike_however_they_are_reached() {
        let target = Target::new(b"\x01a\x03BcD\x07example\x03org\x00", 7);
        assert_eq!(target.wire(), b"\x01a\x03bcd\x07example\x03org\x00");
        assert_eq!(target.labels(), 4);
        assert_eq!(target.suffix(2), b"\x07example\x03org\x00");
        assert_eq!(target.relative(0, 2), b"\x01a\x03bcd");
        let apex = Target::new(b"\x07example\x03org\x00", 7);
        assert_eq!(target.hash(2), apex.hash(0));
        assert_eq!(target.hash(0), relative_hash(apex.hash(0), b"\x01a\x03bcd"));
        assert_ne!(target.hash(0), target.hash(1));
        assert_ne!(Target::new(b"\x01a\x00", 1).hash(0), Target::new(b"\x01a\x00", 2).hash(0));
    }

    #[test]
    fn a_name_over_255_bytes_is_not_taken() {
        let mut target = Target::blank();
        assert!(!target.set(&[&[1; 200], &[1; 60]], 0));
        assert_eq!(target.wire(), b"\0");
    }
}
