//! Consistent snapshots for readers.
//!
//! Each `Store::read` borrows a read-only connection and holds one deferred transaction for as long as its closure runs.
//! Keep closures short: while one runs, the write-ahead log cannot start over. Answers to DNS queries never come here.

use std::fmt;
use std::ops::{ControlFlow, RangeBounds};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Row, params};

use crate::cause::Cause;
use crate::entry::{EntryFault, parse_mutations};
use crate::lock::FolderLock;
use crate::{Entry, Revision, open, scan};

/// Connections kept for the next reader. More may be open at once, so that a read inside a read cannot wait for itself.
const IDLE_MAX: usize = 4;
/// `log_after` reads no further once it holds this much, so that a run of imports does not fill the memory: 64 MiB.
const LOG_BYTES_MAX: usize = 64 << 20;

/// Why something could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The store was closed.
    #[error("the store is closed; open it again")]
    Closed,
    /// SQLite could not read.
    #[error("cannot read the store; check the disk, restore a backup if the file is damaged")]
    Database {
        /// What SQLite said.
        #[source]
        cause: Cause,
    },
    /// A log entry is not what was written.
    #[error("the log is damaged; restore a backup (entry: {revision})")]
    Damaged {
        /// The entry.
        revision: Revision,
        /// What is wrong with it.
        #[source]
        fault: EntryFault,
    },
}

/// The store as it was at one revision, whatever is written meanwhile.
pub struct Reader<'a> {
    connection: &'a Connection,
    revision: Revision,
}

impl Reader<'_> {
    /// The value of one key.
    ///
    /// # Errors
    /// [`ReadError::Database`] if SQLite cannot read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        scan::get(self.connection, key)
    }

    /// Shows `visit` every key of `range` with its value, in byte order, until it breaks off. Nothing is collected.
    ///
    /// # Errors
    /// [`ReadError::Database`] if SQLite cannot read.
    #[allow(clippy::needless_pass_by_value, reason = "`reader.scan(start..end, …)` reads as it should")]
    pub fn scan<'k>(
        &self,
        range: impl RangeBounds<&'k [u8]>,
        visit: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        scan::scan(self.connection, &range, visit)
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
        scan::scan_prefix(self.connection, prefix, visit)
    }

    /// The revision that this snapshot shows.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The log after a revision up to this snapshot's, oldest first and without gaps: at most `limit` entries, fewer
    /// if they are large. [`Store::log_after`](crate::Store::log_after) is quicker but may be a commit behind a snapshot.
    ///
    /// # Errors
    /// [`ReadError`] if the log cannot be read.
    pub fn log_after(&self, after: Revision, limit: usize) -> Result<Vec<Entry>, ReadError> {
        let fault = |error| ReadError::Database { cause: Cause::new(error) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT rev, at_ms, author, entry FROM log WHERE rev > ?1 ORDER BY rev LIMIT ?2")
            .map_err(fault)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![after.stored(), limit]).map_err(fault)?;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        while bytes < LOG_BYTES_MAX
            && let Some(row) = rows.next().map_err(fault)?
        {
            let (entry, length) = entry_of(row)?;
            bytes += length;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// One entry of the log, if this snapshot has it.
    ///
    /// # Errors
    /// [`ReadError`] if the log cannot be read.
    pub fn log_entry(&self, revision: Revision) -> Result<Option<Entry>, ReadError> {
        let fault = |error| ReadError::Database { cause: Cause::new(error) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT rev, at_ms, author, entry FROM log WHERE rev = ?1")
            .map_err(fault)?;
        let mut rows = statement.query(params![revision.stored()]).map_err(fault)?;
        let row = rows.next().map_err(fault)?;
        row.map(|row| entry_of(row).map(|(entry, _)| entry)).transpose()
    }
}

/// A row of the log, and the length of its stored form.
fn entry_of(row: &Row<'_>) -> Result<(Entry, usize), ReadError> {
    let fault = |error| ReadError::Database { cause: Cause::new(error) };
    let revision = Revision::from_stored(row.get(0).map_err(fault)?);
    let at_ms = row.get::<_, i64>(1).map_err(fault)?.cast_unsigned();
    let author = row.get(2).map_err(fault)?;
    let stored = row.get_ref(3).and_then(|stored| Ok(stored.as_blob()?)).map_err(fault)?;
    let mutations = parse_mutations(stored).map_err(|fault| ReadError::Damaged { revision, fault })?;
    Ok((Entry { revision, at_ms, author, mutations }, stored.len()))
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("revision", &self.revision).finish_non_exhaustive()
    }
}

/// The reading connections of one store.
pub(crate) struct Readers {
    path: PathBuf,
    /// `None` once the store is closed.
    idle: Mutex<Option<Idle>>,
}

struct Idle {
    connections: Vec<Connection>,
    lock: Arc<FolderLock>,
}

/// A connection on loan. It holds the folder's lock too: nobody else may open the store while we still read it.
struct Loan {
    connection: Connection,
    _lock: Arc<FolderLock>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, lock: Arc<FolderLock>) -> Self {
        Self { path, idle: Mutex::new(Some(Idle { connections: Vec::new(), lock })) }
    }

    /// Runs `f` in one snapshot.
    pub(crate) fn read<T>(&self, f: impl FnOnce(&Reader<'_>) -> Result<T, ReadError>) -> Result<T, ReadError> {
        let fault = |error| ReadError::Database { cause: Cause::new(error) };
        let loan = self.borrow()?;
        // Rolled back when dropped, be it by a panic in `f`.
        let snapshot = loan.connection.unchecked_transaction().map_err(fault)?;
        // The first read is what fixes the snapshot.
        let revision = open::last_revision(&loan.connection).map_err(fault)?;
        let value = f(&Reader { connection: &loan.connection, revision });
        snapshot.finish().map_err(fault)?;
        self.give_back(loan);
        value
    }

    /// Runs `f` outside any transaction.
    pub(crate) fn with_connection<T>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, ReadError> {
        let loan = self.borrow()?;
        let value = f(&loan.connection).map_err(|error| ReadError::Database { cause: Cause::new(error) })?;
        self.give_back(loan);
        Ok(value)
    }

    /// Lets go of the idle connections and of the lock. Reads under way end undisturbed; later ones are refused.
    pub(crate) fn close(&self) {
        let closed = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(closed);
    }

    fn borrow(&self) -> Result<Loan, ReadError> {
        let (idle, lock) = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = idle.as_mut().ok_or(ReadError::Closed)?;
            (idle.connections.pop(), Arc::clone(&idle.lock))
        };
        let connection = match idle {
            Some(connection) => connection,
            None => open::open_reader(&self.path).map_err(|error| ReadError::Database { cause: Cause::new(error) })?,
        };
        Ok(Loan { connection, _lock: lock })
    }

    fn give_back(&self, loan: Loan) {
        if let Some(idle) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
            && idle.connections.len() < IDLE_MAX
        {
            idle.connections.push(loan.connection);
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("path", &self.path).finish_non_exhaustive()
    }
}
