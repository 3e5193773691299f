//! Moving the write-ahead log into the database file.
//!
//! Only the writer thread does this, between two groups, and SQLite's own checkpoints are off: a checkpoint never meets
//! a write. A failed one loses nothing (the log still has it all) and is tried again.

use std::time::Duration;

use rusqlite::Connection;

use crate::open::BUSY_PATIENCE;

/// 4 MiB of 4 KiB pages: some 10 ms of work, so that no write waits long behind it.
const PAGES_DUE: i64 = 1_024;
/// From 64 MiB on, readers that follow each other without a gap are holding the log open: wait for them a moment.
const PAGES_TOO_MANY: i64 = 16_384;
/// Reads are short; a writer can wait so long once in 64 MiB.
const READER_PATIENCE: Duration = Duration::from_millis(100);

/// When the checkpoint is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// After a group, with more perhaps waiting.
    Busy,
    /// Nothing to do.
    Idle,
    /// For the last time.
    Closing,
}

/// Does what is due at this moment.
pub(crate) fn checkpoint(connection: &Connection, moment: Moment) {
    if let Err(error) = try_checkpoint(connection, moment) {
        tracing::warn!(%error, "store: checkpoint failed, nothing is lost; make room on the disk or check it");
    }
}

fn try_checkpoint(connection: &Connection, moment: Moment) -> Result<(), rusqlite::Error> {
    let (pages, moved) = log_pages(connection, "PRAGMA wal_checkpoint(NOOP)")?;
    let waiting = pages - moved;
    match moment {
        Moment::Busy if waiting < PAGES_DUE => Ok(()),
        Moment::Idle if waiting == 0 => Ok(()),
        Moment::Busy if pages >= PAGES_TOO_MANY => truncate(connection, READER_PATIENCE),
        Moment::Busy | Moment::Idle => log_pages(connection, "PRAGMA wal_checkpoint(PASSIVE)").map(|_| ()),
        Moment::Closing => truncate(connection, READER_PATIENCE),
    }
}

fn truncate(connection: &Connection, patience: Duration) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(patience)?;
    let done = log_pages(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    connection.busy_timeout(BUSY_PATIENCE)?;
    done.map(|_| ())
}

/// Pages in the log, and how many of them the database file has already.
fn log_pages(connection: &Connection, sql: &str) -> Result<(i64, i64), rusqlite::Error> {
    connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lock, open, scratch::Scratch};

    #[test]
    fn the_log_is_moved_when_due() {
        let scratch = Scratch::new();
        let path = lock::create_file(scratch.path(), open::FILE).unwrap();
        let connection = open::open_writer(&path).unwrap();
        let waiting = || {
            let (pages, moved) = log_pages(&connection, "PRAGMA wal_checkpoint(NOOP)").unwrap();
            pages - moved
        };
        let grow = |bytes: i64| {
            connection.execute("INSERT INTO state VALUES (randomblob(8), randomblob(?1), 1)", [bytes]).unwrap();
        };
        grow(10_000);
        checkpoint(&connection, Moment::Busy);
        assert!(waiting() > 0, "too little to bother");
        checkpoint(&connection, Moment::Idle);
        assert_eq!(waiting(), 0);
        grow(5 << 20);
        assert!(waiting() > PAGES_DUE);
        checkpoint(&connection, Moment::Busy);
        assert_eq!(waiting(), 0);
        grow(10_000);
        checkpoint(&connection, Moment::Closing);
        assert_eq!(std::fs::metadata(scratch.path().join("store.db-wal")).unwrap().len(), 0);
    }
}
