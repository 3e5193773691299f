//! What a write's closure holds in its hands.
//!
//! Before: `commit` has set a savepoint. After: `commit` adds one log entry with everything noted here, or rolls back.
//! Reads see the writes of this closure and of the earlier ones of the same group. A mutation that SQLite refuses is
//! remembered instead of returned: nothing of the write is kept then, and no caller can forget to look.

use std::cell::OnceCell;
use std::fmt;
use std::ops::{ControlFlow, RangeBounds};

use rusqlite::{Connection, params};

use crate::entry::EntryWriter;
use crate::read::ReadError;
use crate::write::StoreError;
use crate::{Revision, scan};

/// SQLite keeps no blob above 1,000,000,000 bytes; half of it is a dozen million record sets in one commit.
const ENTRY_BYTES_MAX: usize = 500_000_000;

/// One write under way.
pub struct Transaction<'a> {
    connection: &'a Connection,
    revision: Revision,
    entry: EntryWriter,
    /// The first failure, of reads too: SQLite may have rolled everything back, so that nothing more may be written.
    fault: OnceCell<StoreError>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(connection: &'a Connection, revision: Revision) -> Self {
        Self { connection, revision, entry: EntryWriter::new(), fault: OnceCell::new() }
    }

    /// The value of one key.
    ///
    /// # Errors
    /// [`ReadError::Database`] if SQLite cannot read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.noted(scan::get(self.connection, key))
    }

    /// Shows `visit` every key of `range` with its value, in byte order, until it breaks off. Nothing is collected.
    ///
    /// # Errors
    /// [`ReadError::Database`] if SQLite cannot read.
    #[allow(clippy::needless_pass_by_value, reason = "`transaction.scan(start..end, …)` reads as it should")]
    pub fn scan<'k>(
        &self,
        range: impl RangeBounds<&'k [u8]>,
        visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.noted(scan::scan(self.connection, &range, visit))
    }

    /// Shows `visit` every key that begins with `prefix`, in byte order, until it breaks off.
    ///
    /// # Errors
    /// [`ReadError::Database`] if SQLite cannot read.
    pub fn scan_prefix(
        &self,
        prefix: &[u8],
        visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.noted(scan::scan_prefix(self.connection, prefix, visit))
    }

    /// Sets a key. A bulk import in key order is twice as fast as one in random order. Should it fail, the whole write
    /// fails with [`StoreError`].
    pub fn put(&mut self, key: &[u8], value: &[u8]) {
        if self.takes(key.len() + value.len()) {
            let sql = "INSERT OR REPLACE INTO state (key, value, rev) VALUES (?1, ?2, ?3)";
            if self.execute(sql, params![key, value, self.revision.stored()]) > 0 {
                self.entry.put(key, value);
            }
        }
    }

    /// Removes a key; no change at all if there is none. Should it fail, the whole write fails with [`StoreError`].
    pub fn delete(&mut self, key: &[u8]) {
        if self.takes(key.len()) && self.execute("DELETE FROM state WHERE key = ?1", params![key]) > 0 {
            self.entry.delete(key);
        }
    }

    /// Shows every key that this write has changed so far and whether it was put (else deleted), in order.
    pub fn written(&self, visit: impl FnMut(&[u8], bool)) {
        self.entry.keys(visit);
    }

    /// The revision that this write will have if it changes something.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// What was noted, or why the write failed.
    pub(crate) fn finish(self) -> Result<EntryWriter, StoreError> {
        self.fault.into_inner().map_or(Ok(self.entry), Err)
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        self.connection
    }

    /// Whether a mutation of so many bytes can still be taken.
    fn takes(&self, bytes: usize) -> bool {
        if self.entry.len() + bytes > ENTRY_BYTES_MAX {
            self.fail(StoreError::TooLarge { bytes_max: ENTRY_BYTES_MAX });
        }
        self.fault.get().is_none()
    }

    /// The number of rows changed; none if SQLite refused.
    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> usize {
        match self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values)) {
            Ok(changed) => changed,
            Err(error) => {
                self.fail(StoreError::from_sqlite(error));
                0
            }
        }
    }

    fn noted<T>(&self, read: Result<T, ReadError>) -> Result<T, ReadError> {
        if let Err(ReadError::Database { cause }) = &read {
            self.fail(StoreError::from_cause(cause.clone()));
        }
        read
    }

    /// Only the first failure tells the reason.
    fn fail(&self, error: StoreError) {
        let _ = self.fault.set(error);
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("revision", &self.revision).finish_non_exhaustive()
    }
}
