//! The audit log: one line for each call of the API, chained by hashes, in files that rotate.
//!
//! Beside the store, not in it: the store's log says what was changed, this one who asked for what and what they were
//! told, reads and refusals included. Before: `api` answered a call. Here: [`Audit::record`] hands an [`Entry`] to one
//! thread (`write`), which makes lines (`line`) in batches; repeated refusals of strangers become one (`repeats`).
//! [`AuditReader`] lists and follows (`list`), [`verify()`] proves that no line was changed or taken out.
//! Left out on purpose: durability of every line before the answer (the system writes within a second), secrets,
//! signatures and bodies.

mod line;
mod list;
mod repeats;
mod verify;
mod write;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use store::{Lines, LinesError, Revision};
use tokio::sync::{oneshot, watch};

pub use list::{AuditReader, Filter, Listed, zone_spellings};
pub use store::Rotation;
pub use verify::{Checked, Head, verify};

/// The folder of the audit log in a data folder.
pub const FOLDER: &str = "audit";

/// Calls that may wait to be written. With a disk that stands still for ten seconds that is ten thousand a second;
/// beyond it calls go on and are counted as lost.
const WAITING_MAX: usize = 100_000;

/// One call, as it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it came, in milliseconds since 1970.
    pub at_ms: u64,
    /// Its own id, which the caller was told too.
    pub request: String,
    /// Who called.
    pub who: Who,
    /// The other end of the connection.
    pub client: Option<SocketAddr>,
    /// `route53` or `cutover`, as signatures name the two APIs; `http` for what was no request.
    pub service: &'static str,
    /// The operation, if it is one.
    pub operation: Option<&'static str>,
    /// The path of a call that is no operation, cut to a length.
    pub path: Option<String>,
    /// What the path names: ids and names, in its order.
    pub resources: Vec<String>,
    /// The path of what was created.
    pub created: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// The code of the error.
    pub code: Option<String>,
    /// The revision that the call committed.
    pub revision: Option<Revision>,
    /// How long it took, in microseconds.
    pub micros: u64,
}

/// Who called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// A proven sender, in the words that the store's log has for the same one.
    Known {
        /// The id of a key, `operator`, or `anyone` on a server without keys.
        by: String,
        /// The name of the key.
        name: Option<String>,
    },
    /// Nobody proven.
    Nobody {
        /// The key whose signature it should have been.
        claimed: Option<String>,
    },
}

/// What became of calls since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Lines written.
    pub lines: AtomicU64,
    /// Calls that could not be written.
    pub lost: AtomicU64,
    /// Refusals of strangers that share a line with others.
    pub repeated: AtomicU64,
}

/// The audit log of a running server. Cheap to clone; [`Audit::close`] ends it.
#[derive(Debug, Clone)]
pub struct Audit {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    reader: Arc<AuditReader>,
    head: watch::Receiver<u64>,
}

/// Between callers and the thread.
#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Calls that found no place.
    dropped: u64,
    closed: bool,
}

/// A call on its way to the disk.
#[derive(Debug)]
struct Waiting {
    entry: Entry,
    written: Option<oneshot::Sender<()>>,
}

/// Why there is no audit log.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The files cannot be used.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The thread cannot be started.
    #[error("cannot start the thread of the audit log in {}", .folder.display())]
    Thread {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

impl Audit {
    /// Opens the audit log of a data folder, whose store this process holds.
    ///
    /// # Errors
    /// See [`AuditError`].
    pub fn open(data: &Path, rotation: Rotation) -> Result<Self, AuditError> {
        let folder = data.join(FOLDER);
        let lines = Lines::open(&folder, rotation)?;
        let shared = Arc::new(Shared::default());
        let (announce, head) = watch::channel(lines.next().saturating_sub(1));
        let thread = write::start(lines, &folder, Arc::clone(&shared), announce)
            .map_err(|source| AuditError::Thread { folder, source })?;
        let reader = Arc::new(AuditReader::new(data));
        Ok(Self { inner: Arc::new(Inner { shared, thread: Mutex::new(Some(thread)), reader, head }) })
    }

    /// Records a call. For one that changed something it returns when the line is written, so that whoever was told of
    /// a change finds it here; others are written soon after. A log that cannot be written holds nobody up: the call is
    /// counted as lost.
    pub async fn record(&self, entry: Entry) {
        let (written, wait) = match entry.revision {
            Some(_) => {
                let (written, wait) = oneshot::channel();
                (Some(written), Some(wait))
            }
            None => (None, None),
        };
        self.inner.shared.push(Waiting { entry, written });
        if let Some(wait) = wait {
            // Its loss says the same: there is nothing to wait for any more.
            let _ = wait.await;
        }
    }

    /// Lists and follows what is written.
    #[must_use]
    pub fn reader(&self) -> Arc<AuditReader> {
        Arc::clone(&self.inner.reader)
    }

    /// The number of the last line that is written, to wait for the next.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<u64> {
        self.inner.head.clone()
    }

    /// What became of calls since the start.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.inner.shared.counts
    }

    /// Writes what waits, and ends. Blocks until then; all clones are closed by it.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Shared {
    fn push(&self, waiting: Waiting) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed || queue.waiting.len() >= WAITING_MAX {
            queue.dropped += 1;
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        queue.waiting.push(waiting);
        self.wake.notify_one();
    }
}

impl Inner {
    fn close(&self) {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.shared.wake.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the audit log panicked, report this");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
