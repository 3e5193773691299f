//! The writer thread: the only one that writes, and so the place where every commit happens.
//!
//! Before: `Store::write` queues a write. Here: all that wait become one group, each in a savepoint of its own, then one
//! commit with one sync for all. After: `recent` gets the entries, `watch` the revision, the callers their answers.
//! A lone write finds an empty queue and commits at once; nobody waits for company.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::sync::watch;

use crate::checkpoint::{Checkpoints, Moment};
use crate::lock::FolderLock;
use crate::recent::Recent;
use crate::transaction::Transaction;
use crate::write::{StoreError, Wish, Write};
use crate::{Meta, Revision, open};

/// At 4 ms a sync this allows 64,000 writes a second; more would only make the first of a group wait longer.
const GROUP_WRITES_MAX: usize = 256;
/// A group that has this much to sync (8 MiB) takes nobody else along.
const GROUP_BYTES_MAX: usize = 8 << 20;
/// So long nothing is asked for before the log is moved into the file.
const IDLE: Duration = Duration::from_millis(500);

/// The writer thread's own things.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) queue: Receiver<Box<dyn Write>>,
    pub(crate) recent: Arc<Recent>,
    pub(crate) announce: watch::Sender<Revision>,
    pub(crate) trust: Trust,
    pub(crate) checkpoints: Checkpoints,
    /// Dropped after the connection: nobody else may open the store before.
    pub(crate) _lock: Arc<FolderLock>,
}

/// Whether the connection can be written to as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    Sound,
    /// A commit failed and what it left has not been overwritten yet.
    Suspect,
}

/// The writes of one commit.
#[derive(Default)]
struct Group {
    done: Vec<(Box<dyn Write>, Result<Revision, StoreError>)>,
    entries: Vec<GroupEntry>,
    bytes: usize,
}

/// The stored entry of one write, if it is kept and changed something.
type Kept = Result<Option<Vec<u8>>, StoreError>;

struct GroupEntry {
    revision: Revision,
    /// Which of `done` it belongs to.
    write: usize,
    stored: Vec<u8>,
}

impl Writer {
    /// Serves until the last sender is gone and the queue is empty.
    pub(crate) fn run(mut self) {
        loop {
            match self.queue.recv_timeout(IDLE) {
                Ok(first) => self.serve(first),
                Err(RecvTimeoutError::Timeout) => {
                    self.checkpoints.make(&self.connection, Moment::Idle);
                    let Ok(first) = self.queue.recv() else { break };
                    self.serve(first);
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.checkpoints.make(&self.connection, Moment::Closing);
    }

    fn serve(&mut self, first: Box<dyn Write>) {
        let mut group = Group::default();
        if let Err(error) = self.mend() {
            first.answer(Err(error));
            return;
        }
        match self.commit_group(first, &mut group) {
            Ok(()) => {
                let was_large = group.bytes >= GROUP_BYTES_MAX;
                self.publish(group);
                if was_large && let Err(error) = self.connection.execute_batch("PRAGMA shrink_memory") {
                    tracing::warn!(%error, "store: cannot give memory back");
                }
            }
            Err(error) => {
                self.trust = Trust::Suspect;
                // At once, so that a crash cannot find the failed commit; if it fails now, the next write tries again.
                if let Err(error) = self.mend() {
                    tracing::error!(%error, "store: writes are refused until the disk takes them again");
                }
                for (write, _) in group.done {
                    write.answer(Err(error.clone()));
                }
            }
        }
        self.checkpoints.make(&self.connection, Moment::Busy);
    }

    /// Runs `first` and whatever waits behind it. An error means that all of the group is lost.
    fn commit_group(&mut self, first: Box<dyn Write>, group: &mut Group) -> Result<(), StoreError> {
        let begun = self.connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from_sqlite);
        if let Err(error) = begun {
            group.done.push((first, Ok(Revision(0))));
            return Err(error);
        }
        let mut next = Some(first);
        while let Some(write) = next.take() {
            if !write.is_abandoned() {
                self.run_write(write, group)?;
            }
            if group.done.len() < GROUP_WRITES_MAX && group.bytes < GROUP_BYTES_MAX {
                next = self.queue.try_recv().ok();
            }
        }
        self.connection.execute_batch("COMMIT").map_err(StoreError::from_sqlite)
    }

    /// Runs one write and notes what became of it. An error means that all of the group is lost.
    fn run_write(&self, mut write: Box<dyn Write>, group: &mut Group) -> Result<(), StoreError> {
        let seen = group.entries.last().map_or(*self.announce.borrow(), |entry| entry.revision);
        let revision = seen.next();
        let ran = self.run_in_savepoint(write.as_mut(), revision);
        let lost = ran.as_ref().err().cloned();
        let verdict = ran.unwrap_or_else(Err).map(|stored| match stored {
            None => seen,
            Some(stored) => {
                group.bytes += stored.len();
                group.entries.push(GroupEntry { revision, write: group.done.len(), stored });
                revision
            }
        });
        group.done.push((write, verdict));
        lost.map_or(Ok(()), Err)
    }

    /// Inside: the stored entry, if the write is kept and changed something. Outside: the error that costs the group.
    fn run_in_savepoint(&self, write: &mut dyn Write, revision: Revision) -> Result<Kept, StoreError> {
        let batch = |sql| self.connection.execute_batch(sql).map_err(StoreError::from_sqlite);
        batch("SAVEPOINT write")?;
        let mut transaction = Transaction::new(&self.connection, revision);
        let wish = catch_unwind(AssertUnwindSafe(|| write.run(&mut transaction)));
        let kept = match (wish, transaction.finish()) {
            (_, Err(error)) => Err(error),
            (Err(panic), _) => Err(StoreError::Panicked { message: panic_message(panic.as_ref()) }),
            (Ok(Wish::Discard), Ok(_)) => Ok(None),
            (Ok(Wish::Keep), Ok(entry)) if entry.is_empty() => Ok(None),
            (Ok(Wish::Keep), Ok(entry)) => {
                let stored = entry.finish();
                self.add_to_log(write.meta(), revision, &stored).map(|()| Some(stored))
            }
        };
        match &kept {
            Ok(Some(_)) => {}
            // A full disk or a failed read can make SQLite roll back everything on its own.
            Err(error) if self.connection.is_autocommit() => return Err(error.clone()),
            Ok(None) | Err(_) => batch("ROLLBACK TO write")?,
        }
        batch("RELEASE write")?;
        Ok(kept)
    }

    fn add_to_log(&self, meta: &Meta, revision: Revision, stored: &[u8]) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO log (rev, at_ms, author, entry) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut statement| {
                statement.execute(params![revision.stored(), meta.at_ms.cast_signed(), meta.author, stored])
            })
            .map(|_| ())
            .map_err(StoreError::from_sqlite)
    }

    /// The group is durable: say so, first to those who follow the log, then to those who wrote.
    fn publish(&self, group: Group) {
        for entry in &group.entries {
            let meta = group.done[entry.write].0.meta();
            self.recent.add(entry.revision, meta.at_ms, &meta.author, &entry.stored);
        }
        if let Some(last) = group.entries.last() {
            self.announce.send_replace(last.revision);
        }
        for (write, verdict) in group.done {
            write.answer(verdict);
        }
    }

    /// After a failed commit: a small commit of our own, which overwrites what the failed one may have left at the end
    /// of the write-ahead log. Only then is it certain that a crash does not bring the refused writes back.
    fn mend(&mut self) -> Result<(), StoreError> {
        if self.trust == Trust::Sound {
            return Ok(());
        }
        if !self.connection.is_autocommit() && self.connection.execute_batch("ROLLBACK").is_err() {
            self.connection =
                open::open_writer(&self.path).map_err(|error| StoreError::Reopen { source: Arc::new(error) })?;
        }
        let sql = "BEGIN IMMEDIATE;
            INSERT INTO meta (name, value) VALUES ('mended', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
            COMMIT";
        if let Err(error) = self.connection.execute_batch(sql) {
            if !self.connection.is_autocommit() {
                // If even this fails, the next attempt opens the file anew.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            return Err(StoreError::from_sqlite(error));
        }
        // The log is the truth, should a commit have gone through after all.
        let last = open::last_revision(&self.connection).map_err(StoreError::from_sqlite)?;
        if last != *self.announce.borrow() {
            self.recent.restart(last);
            self.announce.send_replace(last);
        }
        self.trust = Trust::Sound;
        Ok(())
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use crate::scratch::Scratch;
    use crate::{Meta, Revision, Store, StoreError, WriteError};

    fn meta() -> Meta {
        Meta::new("test", 1)
    }

    /// SQLite stops at a number of pages as it does at a full disk, and may roll back the whole group.
    #[test]
    fn full_and_then_not_any_more() {
        let scratch = Scratch::new();
        let store = Store::open(scratch.path()).unwrap();
        let limit = |pages: i64| {
            let set = move |t: &mut crate::Transaction<'_>| {
                t.connection().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            };
            store.write_blocking(meta(), set).unwrap();
        };
        let fill = |key: &'static str, bytes: usize| {
            store.write_blocking(meta(), move |t| {
                t.put(b"first", b"x");
                t.put(key.as_bytes(), &vec![7; bytes]);
                t.put(b"last", b"x");
                Ok::<_, ()>(())
            })
        };
        fill("a", 10).unwrap();
        limit(50);
        let error = fill("b", 1_000_000).unwrap_err();
        assert!(matches!(error, WriteError::Store(StoreError::Full { .. })), "{error:?}");
        assert_eq!(store.revision(), Revision(1));
        assert_eq!(store.read(|r| r.get(b"b")).unwrap(), None);
        // What the failed commit may have left behind is overwritten, so that no crash can bring it back.
        let mended = store.write_blocking(meta(), |t| {
            t.connection().query_row("SELECT value FROM meta WHERE name = 'mended'", [], |row| row.get::<_, i64>(0))
        });
        assert_eq!(mended.unwrap().value, 1);
        // A small one still fits, and a large one does once there is room.
        assert_eq!(fill("c", 10).unwrap().revision, Revision(2));
        limit(1_000_000);
        assert_eq!(fill("b", 1_000_000).unwrap().revision, Revision(3));
        assert_eq!(store.log_after(Revision(0), 9).unwrap().len(), 3);
    }

    #[test]
    fn whatever_waits_shares_one_commit() {
        let scratch = Scratch::new();
        let store = Store::open(scratch.path()).unwrap();
        let wal_bytes = || std::fs::metadata(scratch.path().join("store.db-wal")).unwrap().len();
        let before = wal_bytes();
        let (go, wait_go) = mpsc::channel::<()>();
        let first = store.write(meta(), move |_| wait_go.recv());
        let put = |number: u8| {
            store.write(meta(), move |t| {
                t.put(&[number], b"x");
                Ok::<_, ()>(())
            })
        };
        let mut rest: Vec<_> = (0..100).map(put).map(Box::pin).collect();
        let mut first = Box::pin(first);
        // The first poll puts a write into the queue.
        let mut context = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut context).is_pending());
        for write in &mut rest {
            assert!(write.as_mut().poll(&mut context).is_pending());
        }
        go.send(()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (number, write) in rest.into_iter().enumerate() {
            assert_eq!(runtime.block_on(write).unwrap().revision, Revision(number as u64 + 1));
        }
        // Each commit writes two pages of 4 KiB or more.
        assert!(wal_bytes() - before < 100 * 2 * 4_096, "{} bytes", wal_bytes() - before);
    }
}
