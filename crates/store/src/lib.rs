//! Durable, watchable bytes: an ordered map of keys to values, and the log of every commit that changed it.
//!
//! **What it is.** One SQLite file in one folder, owned by one process. Every write is a closure that runs on the one
//! writer thread; all writes that wait are made durable by one sync (group commit). Each that changed something is one
//! [`Revision`] and one log [`Entry`].
//! **What it is not.** It knows no nouns: what keys and values mean is `control`'s business. It is never asked for a
//! DNS answer. It does not compact its log yet.
//! **The walk.** `store` → `write` → `commit` (`transaction`, `entry`) → `recent` → `watch` and [`Store::log_after`].
//! Reading: `store` → `read` → `scan`. Opening: `lock` → `open`.
//! **Invariants.** What is acknowledged is on the disk. A write is there whole or not at all. Revisions have no gaps and
//! come in order. Only the writer thread writes and checkpoints, so the two never meet.
//! **How it is tested.** Examples in each file; `tests/` kills writing processes, fills the disk and opens twice.
//!
//! ```
//! # let folder = std::env::temp_dir().join(format!("cutover-store-doc-{}", std::process::id()));
//! use store::{Meta, Revision, Store};
//!
//! let store = Store::open(&folder)?;
//! let meta = Meta::new("example", 1_700_000_000_000);
//! let committed = store.write_blocking(meta, |transaction| {
//!     transaction.put(b"greeting", b"hello");
//!     Ok::<_, std::convert::Infallible>(())
//! })?;
//! assert_eq!(committed.revision, Revision(1));
//! assert_eq!(store.read(|reader| reader.get(b"greeting"))?.as_deref(), Some(&b"hello"[..]));
//! assert_eq!(store.log_after(Revision(0), 10)?[0].author, "example");
//! # store.close();
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod backup;
mod cause;
mod checkpoint;
mod commit;
mod entry;
mod lines;
mod lock;
mod open;
mod read;
mod recent;
mod revision;
mod scan;
mod store;
mod transaction;
mod write;

pub use backup::BackupError;
pub use cause::Cause;
pub use entry::{Entry, EntryFault, Mutation};
pub use lines::{Line, LineReader, Lines, LinesError, Rotation};
pub use open::OpenError;
pub use read::{ReadError, Reader};
pub use revision::{Committed, Meta, Receipt, Revision};
pub use store::Store;
pub use transaction::Transaction;
pub use write::{StoreError, WriteError};

#[cfg(test)]
#[path = "../tests/scratch/mod.rs"]
mod scratch;
