//! One log entry: all mutations of one commit, and their form on disk.
//!
//! Before: `transaction` notes each mutation while it runs. After: `log` and `recent` hand entries to whoever follows.
//!
//! The form, version 1: one byte version, four bytes count (little endian), then for each mutation
//! `key length, value length + 1 (0: deleted), key, value`, lengths as LEB128. Everything is checked on reading.
//! Left out on purpose: compression (the file is local, and a publisher must decode in microseconds).

use crate::Revision;

/// Written first in every stored entry; a reader that meets another number stops.
const VERSION: u8 = 1;
/// Version byte and count.
const HEADER: usize = 5;

/// One commit, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log.
    pub revision: Revision,
    /// Milliseconds since 1970-01-01 UTC, as the writer said.
    pub at_ms: u64,
    /// As the writer said.
    pub author: String,
    /// In the order in which they were made; a later one of the same key wins.
    pub mutations: Vec<Mutation>,
}

/// One key set or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// The key.
    pub key: Vec<u8>,
    /// Its new value; `None`: the key was deleted.
    pub value: Option<Vec<u8>>,
}

/// What is wrong with a stored entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// A later program wrote it, or something else did.
    #[error("written in a form that this version does not know: {0}")]
    Version(u8),
    /// It ends in the middle of something, at this byte.
    #[error("cut short at byte {0}")]
    Short(usize),
    /// Bytes are left over, from this one.
    #[error("more bytes than it announces, from byte {0}")]
    Long(usize),
}

/// Mutations being written down in the stored form.
#[derive(Debug)]
pub(crate) struct EntryWriter {
    bytes: Vec<u8>,
    count: u32,
}

impl EntryWriter {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![VERSION, 0, 0, 0, 0], count: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) {
        self.start(key, value.len() + 1);
        self.bytes.extend_from_slice(value);
    }

    pub(crate) fn delete(&mut self, key: &[u8]) {
        self.start(key, 0);
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes[1..HEADER].copy_from_slice(&self.count.to_le_bytes());
        self.bytes
    }

    /// Shows every key written so far and whether it was put (else deleted), in the order of writing. No value is
    /// copied: an import may have written hundreds of megabytes.
    pub(crate) fn keys(&self, mut visit: impl FnMut(&[u8], bool)) {
        let mut cursor = Cursor { stored: &self.bytes, at: HEADER };
        let mut next = || {
            let (key_length, value_tag) = (cursor.length()?, cursor.length()?);
            let key = cursor.take(key_length)?;
            cursor.take(value_tag.saturating_sub(1))?;
            Ok::<_, EntryFault>((key, value_tag > 0))
        };
        for _ in 0..self.count {
            let (key, is_put) = next().expect("written above in this form");
            visit(key, is_put);
        }
    }

    fn start(&mut self, key: &[u8], value_tag: usize) {
        self.count += 1;
        write_length(&mut self.bytes, key.len());
        write_length(&mut self.bytes, value_tag);
        self.bytes.extend_from_slice(key);
    }
}

/// Reads the stored form back.
///
/// # Errors
/// Whatever does not fit the form to the last byte.
pub(crate) fn parse_mutations(stored: &[u8]) -> Result<Vec<Mutation>, EntryFault> {
    let version = *stored.first().ok_or(EntryFault::Short(0))?;
    if version != VERSION {
        return Err(EntryFault::Version(version));
    }
    let mut cursor = Cursor { stored, at: 1 };
    let count = cursor.take(4)?;
    let count = u32::from_le_bytes(count.try_into().expect("took four bytes")) as usize;
    // A mutation takes two bytes at least: a false count cannot make us reserve more than the entry itself.
    let mut mutations = Vec::with_capacity(count.min(stored.len() / 2));
    for _ in 0..count {
        let key_length = cursor.length()?;
        let value_tag = cursor.length()?;
        let key = cursor.take(key_length)?.to_vec();
        let value = match value_tag.checked_sub(1) {
            None => None,
            Some(length) => Some(cursor.take(length)?.to_vec()),
        };
        mutations.push(Mutation { key, value });
    }
    if cursor.at < stored.len() {
        return Err(EntryFault::Long(cursor.at));
    }
    Ok(mutations)
}

struct Cursor<'a> {
    stored: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], EntryFault> {
        let end = self.at.checked_add(length).ok_or(EntryFault::Short(self.at))?;
        let taken = self.stored.get(self.at..end).ok_or(EntryFault::Short(self.at))?;
        self.at = end;
        Ok(taken)
    }

    fn length(&mut self) -> Result<usize, EntryFault> {
        let mut length = 0_usize;
        // SQLite keeps no blob of 2^31 bytes or more, so five groups of seven bits hold every length.
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.take(1)?[0];
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(length);
            }
        }
        Err(EntryFault::Short(self.at))
    }
}

fn write_length(bytes: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<u8>, Vec<Mutation>) {
        let long = vec![b'x'; 40_000];
        let mut writer = EntryWriter::new();
        writer.put(b"zone/1", b"one");
        writer.delete(b"zone/2");
        writer.put(b"", b"");
        writer.put(b"long", &long);
        let mutation =
            |key: &[u8], value: Option<&[u8]>| Mutation { key: key.to_vec(), value: value.map(<[u8]>::to_vec) };
        let mutations = vec![
            mutation(b"zone/1", Some(b"one")),
            mutation(b"zone/2", None),
            mutation(b"", Some(b"")),
            mutation(b"long", Some(&long)),
        ];
        (writer.finish(), mutations)
    }

    #[test]
    fn what_is_written_is_read() {
        let (stored, mutations) = sample();
        assert_eq!(parse_mutations(&stored), Ok(mutations));
        assert_eq!(parse_mutations(&EntryWriter::new().finish()), Ok(vec![]));
    }

    #[test]
    fn keys_are_shown_before_the_entry_is_finished() {
        let mut writer = EntryWriter::new();
        writer.put(b"zone/1", b"one");
        writer.delete(b"zone/2");
        writer.put(b"zone/2", &[b'x'; 200]);
        let mut seen = Vec::new();
        writer.keys(|key, is_put| seen.push((key.to_vec(), is_put)));
        let expected = [(&b"zone/1"[..], true), (b"zone/2", false), (b"zone/2", true)];
        assert_eq!(seen, expected.map(|(key, is_put)| (key.to_vec(), is_put)));
    }

    /// Written by the first version; every later one must read it.
    #[test]
    fn golden_version_1() {
        let stored = b"\x01\x02\0\0\0\x01\x03kvv\x02\0ab";
        let expect = vec![
            Mutation { key: b"k".to_vec(), value: Some(b"vv".to_vec()) },
            Mutation { key: b"ab".to_vec(), value: None },
        ];
        assert_eq!(parse_mutations(stored), Ok(expect));
    }

    #[test]
    fn every_cut_is_noticed() {
        let (stored, _) = sample();
        for end in (0..stored.len()).filter(|end| *end < 200 || end % 997 == 0) {
            assert!(matches!(parse_mutations(&stored[..end]), Err(EntryFault::Short(_))), "cut at {end}");
        }
        let mut long = stored.clone();
        long.push(0);
        assert_eq!(parse_mutations(&long), Err(EntryFault::Long(stored.len())));
        long[0] = 9;
        assert_eq!(parse_mutations(&long), Err(EntryFault::Version(9)));
    }

    #[test]
    fn false_counts_and_lengths_do_no_harm() {
        assert!(parse_mutations(b"\x01\xff\xff\xff\xff").is_err());
        assert!(parse_mutations(b"\x01\x01\0\0\0\xff\xff\xff\xff\x7f\x01k").is_err());
        assert!(parse_mutations(b"\x01\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff").is_err());
    }
}
