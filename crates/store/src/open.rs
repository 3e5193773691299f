//! Opening the database file: the one writing connection, and reading ones as needed.
//!
//! Before: `lock` holds the folder. After: `commit` owns the writing connection, `read` the others.
//! Tables: `log` holds every commit, `state` the latest value of each key, `meta` the format and nothing else of note.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::Revision;
use crate::cause::Cause;

/// The file in the store's folder; SQLite keeps `-wal` and `-shm` beside it while it is open.
pub(crate) const FILE: &str = "store.db";
/// SQLite before 3.51.3 can lose commits when a checkpoint and a write meet: <https://sqlite.org/wal.html#walresetbug>.
const SQLITE_MIN: i32 = 3_051_003;
/// Marks the file as ours in SQLite's header: "CUTV".
const APPLICATION_ID: i32 = 0x4355_5456;
/// Raised when the tables or stored entries change in a way that this program could not read.
const FORMAT: i64 = 1;
/// Only a tool of the operator can hold a lock that we wait for; five seconds outlast a `sqlite3` command.
pub(crate) const BUSY_PATIENCE: Duration = Duration::from_secs(5);
/// The page caches. A million keys in random order import in 10 s with 64 MiB and in 14 s with 8 MiB (debug build, two
/// shared cores); `commit` gives the memory back afterwards. A reader finds what it lacks in the kernel's cache.
const WRITER_CACHE_KIB: i64 = 64 << 10;
const READER_CACHE_KIB: i64 = 2 << 10;
/// A WAL that an import has blown up is cut back to 64 MiB when it starts over.
const WAL_BYTES_KEPT: i64 = 64 << 20;

const SCHEMA: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
    CREATE TABLE log (rev INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, author TEXT NOT NULL, entry BLOB NOT NULL) STRICT;
    CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL, rev INTEGER NOT NULL) WITHOUT ROWID, STRICT;
";

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder, or one above it, is a file.
    #[error("the store needs a folder but this is a file; move it away or choose another folder: {}", .path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// No right to create or write.
    #[error("no right to write here; give it to this user or choose another folder: {}", .path.display())]
    NotWritable {
        /// What could not be written.
        path: PathBuf,
    },
    /// A store has one process at a time.
    #[error("the store is open in {}; stop that or choose another folder: {}", Holder(*.holder), .folder.display())]
    InUse {
        /// The store's folder.
        folder: PathBuf,
        /// The process that has it, if it has written its number down yet.
        holder: Option<u32>,
    },
    /// No space, or the quota is used up.
    #[error("the disk or quota is full; make room and start again: {}", .path.display())]
    Full {
        /// What could not be written.
        path: PathBuf,
    },
    /// The file's content cannot be right.
    #[error("the file is damaged or no database; move it away and restore a backup: {}", .path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite found.
        #[source]
        cause: Cause,
    },
    /// A database, but not one of ours.
    #[error("the database belongs to another program; choose another folder: {}", .path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error("the store was written by a later version; use that one (format known here: {known}, found: {found})")]
    Newer {
        /// The store's format.
        found: i64,
        /// The latest format that this program knows.
        known: i64,
    },
    /// The program was linked against a system library.
    #[error("linked with an SQLite that can lose commits; build with the bundled one, not: {found}")]
    OldSqlite {
        /// The version found.
        found: &'static str,
    },
    /// Network file systems cannot share memory between connections.
    #[error("the file system cannot hold a write-ahead log; put the store on a local disk, not: {}", .path.display())]
    NoWal {
        /// The database file.
        path: PathBuf,
    },
    /// Anything else from the file system.
    #[error("cannot use this path; see the cause, then start again: {}", .path.display())]
    Io {
        /// What was being used.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: io::Error,
    },
    /// Anything else from SQLite.
    #[error("cannot open the database; see the cause, then start again: {}", .path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        cause: Cause,
    },
}

/// The connection that writes and checkpoints. The file must exist; an empty one is given its tables.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    check_version(rusqlite::version_number())?;
    let fault = |error| open_fault(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.busy_timeout(BUSY_PATIENCE).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(32);
    // Ask whose file it is before anything is changed in it.
    let is_new = check_owner(&connection, path)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(fault)?;
    if mode != "wal" {
        return Err(OpenError::NoWal { path: path.to_owned() });
    }
    // FULL syncs the log at each commit: NORMAL would lose acknowledged commits with the power.
    connection.pragma_update(None, "synchronous", "FULL").map_err(fault)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(())).map_err(fault)?;
    connection.pragma_update_and_check(None, "journal_size_limit", WAL_BYTES_KEPT, |_| Ok(())).map_err(fault)?;
    bound_memory(&connection, WRITER_CACHE_KIB).map_err(fault)?;
    if is_new {
        create_tables(&mut connection).map_err(fault)?;
    }
    Ok(connection)
}

/// A connection that can only read.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_PATIENCE)?;
    bound_memory(&connection, READER_CACHE_KIB)?;
    Ok(connection)
}

/// The last revision in the log, as this connection sees it.
pub(crate) fn last_revision(connection: &Connection) -> Result<Revision, rusqlite::Error> {
    let last: Option<i64> = connection.prepare_cached("SELECT max(rev) FROM log")?.query_row([], |row| row.get(0))?;
    Ok(last.map_or(Revision(0), Revision::from_stored))
}

pub(crate) fn open_fault(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    let cause = Cause::new(error);
    if cause.is_full() {
        OpenError::Full { path }
    } else if cause.is_damage() {
        OpenError::Damaged { path, cause }
    } else if cause.is_denied() {
        OpenError::NotWritable { path }
    } else {
        OpenError::Database { path, cause }
    }
}

fn check_version(found: i32) -> Result<(), OpenError> {
    if found < SQLITE_MIN { Err(OpenError::OldSqlite { found: rusqlite::version() }) } else { Ok(()) }
}

/// Whether the file is still empty; refuses what is not ours or newer than us.
fn check_owner(connection: &Connection, path: &Path) -> Result<bool, OpenError> {
    let fault = |error| open_fault(path, error);
    let owner: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(fault)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fault)?;
    match (owner, tables) {
        (0, 0) => return Ok(true),
        (APPLICATION_ID, _) => {}
        _ => return Err(OpenError::Foreign { path: path.to_owned() }),
    }
    let found: i64 =
        connection.query_row("SELECT value FROM meta WHERE name = 'format'", [], |row| row.get(0)).map_err(fault)?;
    if found > FORMAT { Err(OpenError::Newer { found, known: FORMAT }) } else { Ok(false) }
}

fn create_tables(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    // One transaction: a crash leaves either an empty file or a whole one.
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.execute("INSERT INTO meta (name, value) VALUES ('format', ?1)", [FORMAT])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()
}

fn bound_memory(connection: &Connection, cache_kib: i64) -> Result<(), rusqlite::Error> {
    // Negative means KiB instead of pages.
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    // Without mmap a read error is an error, not a signal.
    connection.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(()))?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

struct Holder(Option<u32>);

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(pid) if pid == std::process::id() => f.write_str("this process already"),
            Some(pid) => write!(f, "process {pid}"),
            None => f.write_str("another process"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::create_file;
    use crate::scratch::Scratch;

    #[test]
    fn durable_from_the_first_commit() {
        let scratch = Scratch::new();
        let path = create_file(scratch.path(), FILE).unwrap();
        let connection = open_writer(&path).unwrap();
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("synchronous"), 2);
        assert_eq!(number("wal_autocheckpoint"), 0);
        assert_eq!(number("mmap_size"), 0);
        assert_eq!(last_revision(&connection).unwrap(), Revision(0));
    }

    #[test]
    fn refuses_an_sqlite_that_loses_commits() {
        assert!(check_version(3_051_002).is_err());
        assert!(check_version(3_051_003).is_ok());
    }

    #[test]
    fn refuses_what_a_later_version_wrote() {
        let scratch = Scratch::new();
        let path = create_file(scratch.path(), FILE).unwrap();
        open_writer(&path).unwrap().execute("UPDATE meta SET value = 2 WHERE name = 'format'", []).unwrap();
        let error = open_writer(&path).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 2, known: 1 }), "{error}");
    }

    #[test]
    fn leaves_the_files_of_others_alone() {
        let scratch = Scratch::new();
        let path = create_file(scratch.path(), FILE).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open_writer(&path), Err(OpenError::Foreign { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        std::fs::write(&path, "not a database at all, but long enough to be taken for one".repeat(40)).unwrap();
        let error = open_writer(&path).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        assert!(error.to_string().ends_with("store.db"));
    }
}
