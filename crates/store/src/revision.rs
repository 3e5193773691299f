//! The store's clock: every commit that changed something has the next [`Revision`].
//!
//! Here are also the two small values around a write: [`Meta`] goes in, [`Committed`] comes back.
//! Left out on purpose: wall time. It is an argument, and only noted down.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of a commit. The first is 1; 0 stands for the empty store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As SQLite keeps it. Counting one by one, 2^63 is out of reach, so the sign never matters.
    pub(crate) const fn stored(self) -> i64 {
        self.0.cast_signed()
    }

    pub(crate) const fn from_stored(stored: i64) -> Self {
        Self(stored.cast_unsigned())
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who writes, and when: kept with the log entry, never looked at by the store.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Whoever asked for the change, in the caller's words.
    pub author: String,
    /// Milliseconds since 1970-01-01 UTC, by the caller's clock.
    pub at_ms: u64,
    /// Where the revision is noted that the change made. It is not kept with the entry.
    pub receipt: Receipt,
}

impl Meta {
    /// With a receipt that nobody looks at.
    #[must_use]
    pub fn new(author: impl Into<String>, at_ms: u64) -> Self {
        Self { author: author.into(), at_ms, receipt: Receipt::default() }
    }
}

/// The last revision that was committed on somebody's behalf; all clones are one. It tells those who did not make the
/// change themselves, such as an audit log, what came of it.
#[derive(Clone, Debug, Default)]
pub struct Receipt(Arc<AtomicU64>);

impl Receipt {
    /// Notes a commit.
    pub fn note(&self, revision: Revision) {
        self.0.fetch_max(revision.0, Ordering::Relaxed);
    }

    /// The last commit, if there was one.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        Some(Revision(self.0.load(Ordering::Relaxed))).filter(|revision| *revision > Revision::default())
    }
}

/// A write that is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed<T> {
    /// What the closure returned.
    pub value: T,
    /// The revision of this write; if it changed nothing, the revision that it saw.
    pub revision: Revision,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_count_and_sort() {
        assert_eq!(Revision::default().next(), Revision(1));
        assert!(Revision(9) < Revision(10));
        assert_eq!(Revision(42).to_string(), "42");
        assert_eq!(Revision::from_stored(Revision(7).stored()), Revision(7));
    }
}
