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
/// Most reads are short; a writer can wait so long once in 64 MiB.
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

/// What is remembered from one checkpoint to the next.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    /// Pages of log between two waits for readers.
    step: i64,
    /// The size of the log, in pages, at which readers are waited for next. A backup reads for minutes, and must not
    /// make every write of these minutes wait.
    wait_from: i64,
}

impl Checkpoints {
    pub(crate) const fn new() -> Self {
        Self { step: PAGES_TOO_MANY, wait_from: PAGES_TOO_MANY }
    }

    /// Does what is due at this moment.
    pub(crate) fn make(&mut self, connection: &Connection, moment: Moment) {
        if let Err(error) = self.try_make(connection, moment) {
            tracing::warn!(%error, "store: checkpoint failed, nothing is lost; make room on the disk or check it");
        }
    }

    fn try_make(&mut self, connection: &Connection, moment: Moment) -> Result<(), rusqlite::Error> {
        let (pages, moved) = log_pages(connection, "PRAGMA wal_checkpoint(NOOP)")?;
        if pages < self.step {
            self.wait_from = self.step;
        }
        let waiting = pages - moved;
        match moment {
            Moment::Busy if waiting < PAGES_DUE.min(self.step) => Ok(()),
            Moment::Idle if waiting == 0 => Ok(()),
            Moment::Busy if pages >= self.wait_from => {
                self.wait_from = pages + self.step;
                truncate(connection, READER_PATIENCE)
            }
            Moment::Busy | Moment::Idle => log_pages(connection, "PRAGMA wal_checkpoint(PASSIVE)").map(|_| ()),
            Moment::Closing => truncate(connection, READER_PATIENCE),
        }
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

    fn waiting(connection: &Connection) -> i64 {
        let (pages, moved) = log_pages(connection, "PRAGMA wal_checkpoint(NOOP)").unwrap();
        pages - moved
    }

    fn grow(connection: &Connection, bytes: i64) {
        connection.execute("INSERT INTO state VALUES (randomblob(8), randomblob(?1), 1)", [bytes]).unwrap();
    }

    #[test]
    fn the_log_is_moved_when_due() {
        let scratch = Scratch::new();
        let path = lock::create_file(scratch.path(), open::FILE).unwrap();
        let connection = open::open_writer(&path).unwrap();
        let mut checkpoints = Checkpoints::new();
        grow(&connection, 10_000);
        checkpoints.make(&connection, Moment::Busy);
        assert!(waiting(&connection) > 0, "too little to bother");
        checkpoints.make(&connection, Moment::Idle);
        assert_eq!(waiting(&connection), 0);
        grow(&connection, 5 << 20);
        assert!(waiting(&connection) > PAGES_DUE);
        checkpoints.make(&connection, Moment::Busy);
        assert_eq!(waiting(&connection), 0);
        grow(&connection, 10_000);
        checkpoints.make(&connection, Moment::Closing);
        assert_eq!(std::fs::metadata(scratch.path().join("store.db-wal")).unwrap().len(), 0);
    }

    #[test]
    fn a_long_reader_is_waited_for_once_in_a_while_and_not_by_every_write() {
        let scratch = Scratch::new();
        let path = lock::create_file(scratch.path(), open::FILE).unwrap();
        let connection = open::open_writer(&path).unwrap();
        let reader = open::open_reader(&path).unwrap();
        let snapshot = reader.unchecked_transaction().unwrap();
        open::last_revision(&reader).unwrap();
        let mut checkpoints = Checkpoints { step: 20, wait_from: 20 };
        let mut waits = 0;
        for _ in 0..24 {
            grow(&connection, 20_000);
            let before = checkpoints.wait_from;
            checkpoints.make(&connection, Moment::Busy);
            waits += usize::from(checkpoints.wait_from != before);
        }
        let (pages, _) = log_pages(&connection, "PRAGMA wal_checkpoint(NOOP)").unwrap();
        assert!(waits >= 1 && waits as i64 <= pages / 20, "{waits} waits for {pages} pages");
        snapshot.finish().unwrap();
        checkpoints.make(&connection, Moment::Idle);
        assert_eq!(waiting(&connection), 0);
        // The log starts over, and so does the patience.
        grow(&connection, 10);
        checkpoints.make(&connection, Moment::Busy);
        assert_eq!(checkpoints.wait_from, 20);
    }
}
