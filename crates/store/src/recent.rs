//! The newest log entries, kept in memory, so that a publisher gets what was just committed in microseconds.
//!
//! Before: `commit` adds each entry once it is durable. After: `Store::log_after` looks here first, then in SQLite.
//! What is here has no gap and always reaches to the last commit; an entry too large to keep empties the ring.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Revision;

/// A publisher is at most a few groups of 256 behind; 4,096 is sixteen groups.
const ENTRIES_MAX: usize = 4_096;
/// 16 MiB: 4 KiB for each entry, more than a batch of ten record sets takes.
const BYTES_MAX: usize = 16 << 20;
/// An entry above 1 MiB is an import; reading it back from disk is small beside compiling it.
const ENTRY_BYTES_MAX: usize = 1 << 20;

/// A log entry whose mutations are still in the stored form; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct StoredEntry {
    pub(crate) revision: Revision,
    pub(crate) at_ms: u64,
    pub(crate) author: Arc<str>,
    pub(crate) stored: Arc<[u8]>,
}

#[derive(Debug)]
pub(crate) struct Recent {
    ring: Mutex<Ring>,
}

#[derive(Debug)]
struct Ring {
    entries: VecDeque<StoredEntry>,
    bytes: usize,
    /// The last commit, whether its entry is here or not.
    last: Revision,
}

impl Recent {
    pub(crate) fn new(last: Revision) -> Self {
        Self { ring: Mutex::new(Ring { entries: VecDeque::new(), bytes: 0, last }) }
    }

    pub(crate) fn add(&self, revision: Revision, at_ms: u64, author: &str, stored: &[u8]) {
        let entry = (stored.len() <= ENTRY_BYTES_MAX).then(|| StoredEntry {
            revision,
            at_ms,
            author: author.into(),
            stored: stored.into(),
        });
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.last = revision;
        let Some(entry) = entry else {
            *ring = Ring { entries: VecDeque::new(), bytes: 0, last: revision };
            return;
        };
        ring.bytes += entry.stored.len();
        ring.entries.push_back(entry);
        while ring.entries.len() > ENTRIES_MAX || ring.bytes > BYTES_MAX {
            let dropped = ring.entries.pop_front().expect("one entry alone is within both limits");
            ring.bytes -= dropped.stored.len();
        }
    }

    /// Forgets everything: `last` is the truth.
    pub(crate) fn restart(&self, last: Revision) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        *ring = Ring { entries: VecDeque::new(), bytes: 0, last };
    }

    /// Up to `limit` entries after `after`; `None` if the ring does not reach back so far.
    pub(crate) fn after(&self, after: Revision, limit: usize) -> Option<Vec<StoredEntry>> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if after >= ring.last {
            return Some(Vec::new());
        }
        let first = ring.entries.front()?.revision;
        let skip = after.next().0.checked_sub(first.0)?;
        let skip = usize::try_from(skip).expect("below the length of the ring, since `after` is below `last`");
        Some(ring.entries.iter().skip(skip).take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revisions(entries: Option<Vec<StoredEntry>>) -> Option<Vec<u64>> {
        entries.map(|entries| entries.iter().map(|entry| entry.revision.0).collect())
    }

    #[test]
    fn answers_what_it_has_and_says_what_it_lacks() {
        let recent = Recent::new(Revision(10));
        assert_eq!(revisions(recent.after(Revision(10), 9)), Some(vec![]));
        assert_eq!(revisions(recent.after(Revision(9), 9)), None, "10 was committed before we were here");
        for revision in 11..=14 {
            recent.add(Revision(revision), 0, "", b"x");
        }
        assert_eq!(revisions(recent.after(Revision(10), 9)), Some(vec![11, 12, 13, 14]));
        assert_eq!(revisions(recent.after(Revision(11), 2)), Some(vec![12, 13]));
        assert_eq!(revisions(recent.after(Revision(14), 2)), Some(vec![]));
        assert_eq!(revisions(recent.after(Revision(8), 2)), None);
    }

    #[test]
    fn a_large_entry_leaves_no_gap() {
        let recent = Recent::new(Revision(0));
        recent.add(Revision(1), 0, "", b"x");
        recent.add(Revision(2), 0, "", &vec![0; ENTRY_BYTES_MAX + 1]);
        assert_eq!(revisions(recent.after(Revision(0), 9)), None);
        assert_eq!(revisions(recent.after(Revision(1), 9)), None);
        recent.add(Revision(3), 0, "", b"x");
        assert_eq!(revisions(recent.after(Revision(1), 9)), None);
        assert_eq!(revisions(recent.after(Revision(2), 9)), Some(vec![3]));
    }

    #[test]
    fn stays_small() {
        let recent = Recent::new(Revision(0));
        for revision in 1..=100 {
            recent.add(Revision(revision), 0, "", &vec![0; ENTRY_BYTES_MAX]);
        }
        assert!(recent.ring.lock().unwrap().bytes <= BYTES_MAX);
        assert_eq!(revisions(recent.after(Revision(84), 1)), Some(vec![85]));
        assert_eq!(revisions(recent.after(Revision(83), 1)), None);
        for revision in 101..=10_000 {
            recent.add(Revision(revision), 0, "", b"x");
        }
        assert_eq!(recent.ring.lock().unwrap().entries.len(), ENTRIES_MAX);
    }
}
