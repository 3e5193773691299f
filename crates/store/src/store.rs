//! The handle that everyone holds: writes go to the writer thread, reads to a snapshot, followers to the log.
//!
//! Before: `lock` and `open` when it is opened. After: `commit` for writes, `read` for reads, `recent` for the log.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::{oneshot, watch};

use crate::backup::{self, BackupError};
use crate::checkpoint::Checkpoints;
use crate::commit::{Trust, Writer};
use crate::entry::parse_mutations;
use crate::lock::{self, FolderLock};
use crate::open::{self, OpenError};
use crate::read::{ReadError, Reader, Readers};
use crate::recent::{Recent, StoredEntry};
use crate::transaction::Transaction;
use crate::write::{Reply, Request, StoreError, Write, WriteError};
use crate::{Committed, Entry, Meta, Revision};

/// A durable map of bytes with a log of its revisions. Cheap to clone; all clones are the same store.
///
/// The last handle to go closes the store: see [`Store::close`].
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writing: Mutex<Option<Writing>>,
    readers: Readers,
    recent: Arc<Recent>,
    revision: watch::Receiver<Revision>,
}

/// There while the store is open.
#[derive(Debug)]
struct Writing {
    queue: mpsc::Sender<Box<dyn Write>>,
    thread: JoinHandle<()>,
}

impl Store {
    /// Opens the store in `folder`, which is created (0700) if it is not there, and locks it for this process.
    ///
    /// # Errors
    /// See [`OpenError`]; each tells what to do.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let lock = Arc::new(FolderLock::take(folder)?);
        let path = lock::create_file(folder, open::FILE)?;
        let connection = open::open_writer(&path)?;
        let last = open::last_revision(&connection).map_err(|error| open::open_fault(&path, error))?;
        let recent = Arc::new(Recent::new(last));
        let readers = Readers::new(path.clone(), Arc::clone(&lock));
        let (announce, revision) = watch::channel(last);
        let (queue, waiting) = mpsc::channel();
        let writer = Writer {
            connection,
            path,
            queue: waiting,
            recent: Arc::clone(&recent),
            announce,
            trust: Trust::Sound,
            checkpoints: Checkpoints::new(),
            _lock: lock,
        };
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| OpenError::Io { path: PathBuf::from(folder), source })?;
        let writing = Mutex::new(Some(Writing { queue, thread }));
        Ok(Self { inner: Arc::new(Inner { writing, readers, recent, revision }) })
    }

    /// Runs `f` on the writer thread and makes what it wrote durable, all of it or nothing.
    ///
    /// `f` sees everything written before it. It must not wait for anything, since all other writes wait for it.
    /// If it returns an error, panics, or the disk fails, nothing of it is kept. Should the caller drop this future,
    /// the write is either made whole or not at all.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with what `f` returned, [`WriteError::Store`] if the store could not keep it.
    pub async fn write<T, E>(
        &self,
        meta: Meta,
        f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<Committed<T>, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.inner.send(Box::new(Request::new(meta, f, Reply::Task(sender)))).map_err(WriteError::Store)?;
        receiver.await.unwrap_or(Err(WriteError::Store(StoreError::Closed)))
    }

    /// [`Store::write`] for callers without a runtime: blocks this thread until the write is durable.
    ///
    /// # Errors
    /// As [`Store::write`], and [`StoreError::Nested`] from inside another write's closure.
    pub fn write_blocking<T, E>(
        &self,
        meta: Meta,
        f: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<Committed<T>, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        if self.inner.is_writer_thread() {
            return Err(WriteError::Store(StoreError::Nested));
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        self.inner.send(Box::new(Request::new(meta, f, Reply::Thread(sender)))).map_err(WriteError::Store)?;
        receiver.recv().unwrap_or(Err(WriteError::Store(StoreError::Closed)))
    }

    /// Runs `f` on a consistent snapshot of the store. Blocks on disk reads, so keep it short and off DNS threads.
    ///
    /// # Errors
    /// [`ReadError`], from the store or from `f`.
    pub fn read<T>(&self, f: impl FnOnce(&Reader<'_>) -> Result<T, ReadError>) -> Result<T, ReadError> {
        self.inner.readers.read(f)
    }

    /// The last committed revision.
    #[must_use]
    pub fn revision(&self) -> Revision {
        *self.inner.revision.borrow()
    }

    /// Follows [`Store::revision`]. The first change it reports is one made after this call; commits that come
    /// together are reported as one. It ends when the store is closed.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Revision> {
        let mut receiver = self.inner.revision.clone();
        receiver.mark_unchanged();
        receiver
    }

    /// The log after a revision, oldest first and without gaps: at most `limit` entries, fewer if they are large.
    /// None means that there are none; so a follower asks again until then.
    ///
    /// # Errors
    /// [`ReadError`] if the log cannot be read.
    pub fn log_after(&self, after: Revision, limit: usize) -> Result<Vec<Entry>, ReadError> {
        match self.inner.recent.after(after, limit) {
            Some(entries) => entries.iter().map(parse_entry).collect(),
            None => self.read(|reader| reader.log_after(after, limit)),
        }
    }

    /// Writes a copy of the store, as of now, to a new file (0600) while the store stays in use. To restore it, put it
    /// into an empty folder as `store.db`.
    ///
    /// # Errors
    /// See [`BackupError`].
    pub fn backup(&self, to: &Path) -> Result<(), BackupError> {
        backup::backup(&self.inner.readers, to)
    }

    /// Finishes the writes that wait, moves the write-ahead log into the file and unlocks the folder. Blocks until
    /// then. All handles are closed by it; the last handle to be dropped does the same.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    fn send(&self, write: Box<dyn Write>) -> Result<(), StoreError> {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let writing = writing.as_ref().ok_or(StoreError::Closed)?;
        writing.queue.send(write).map_err(|_| StoreError::Closed)
    }

    fn is_writer_thread(&self) -> bool {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        writing.as_ref().is_some_and(|writing| writing.thread.thread().id() == thread::current().id())
    }

    fn close(&self) {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.close();
        let Some(Writing { queue, thread }) = writing else { return };
        drop(queue);
        // The last handle may have lived in a write's closure: then this is the writer thread, which ends by itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("store: the writer thread panicked, report this; what was acknowledged is kept");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn parse_entry(entry: &StoredEntry) -> Result<Entry, ReadError> {
    let revision = entry.revision;
    let mutations = parse_mutations(&entry.stored).map_err(|fault| ReadError::Damaged { revision, fault })?;
    Ok(Entry { revision, at_ms: entry.at_ms, author: entry.author.as_ref().to_owned(), mutations })
}
