//! A copy of the whole store at one revision, made while it is in use.
//!
//! SQLite writes a compact database file of its own; put it into an empty folder as `store.db` and open that.
//! Left out on purpose: increments. The log after the backup's revision is one already.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::lock::sync_folder;
use crate::read::{ReadError, Readers};

/// Why there is no backup. Nothing is left at its path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Something is there already; a backup overwrites nothing.
    #[error("there is a file already; choose another name: {}", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file system refuses.
    #[error("cannot write the backup; see the cause, then repeat: {}", .path.display())]
    Io {
        /// The backup's path.
        path: PathBuf,
        /// What the file system said.
        #[source]
        source: io::Error,
    },
    /// SQLite could not read the store or not write the copy.
    #[error("cannot copy the store; see the cause, then repeat: {}", .path.display())]
    Copy {
        /// The backup's path.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: ReadError,
    },
}

/// Writes the backup (0600) and makes it durable.
pub(crate) fn backup(readers: &Readers, to: &Path) -> Result<(), BackupError> {
    let io_fault = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: to.to_owned() },
        _ => BackupError::Io { path: to.to_owned(), source },
    };
    // SQLite takes an empty file for a new one, and keeps the rights that it has.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(io_fault)?;
    let name = std::str::from_utf8(to.as_os_str().as_bytes())
        .map_err(|_| io_fault(io::Error::new(io::ErrorKind::InvalidFilename, "the path must be valid UTF-8")));
    let written = name.and_then(|name| {
        readers
            .with_connection(|connection| connection.execute("VACUUM INTO ?1", [name]))
            .map_err(|source| BackupError::Copy { path: to.to_owned(), source })?;
        file.sync_all().and_then(|()| to.parent().map_or(Ok(()), sync_folder)).map_err(io_fault)
    });
    if written.is_err() {
        // Half a backup is worse than none; if it cannot be removed either, the error tells enough.
        let _ = fs::remove_file(to);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use crate::{Meta, Store, Transaction};

    fn put(value: &'static [u8]) -> impl FnOnce(&mut Transaction<'_>) -> Result<(), ()> {
        move |t| {
            t.put(b"key", value);
            Ok(())
        }
    }

    #[test]
    fn a_backup_opens_as_a_store() {
        let scratch = Scratch::new();
        let store = Store::open(&scratch.path().join("live")).unwrap();
        let meta = Meta::new("me", 5);
        for value in [b"1", b"2"] {
            store.write_blocking(meta.clone(), put(value)).unwrap();
        }
        let folder = scratch.path().join("restored");
        fs::create_dir(&folder).unwrap();
        store.backup(&folder.join("store.db")).unwrap();
        assert!(matches!(store.backup(&folder.join("store.db")), Err(BackupError::Exists { .. })));
        store.write_blocking(meta, put(b"3")).unwrap();

        let restored = Store::open(&folder).unwrap();
        assert_eq!(restored.read(|r| r.get(b"key")).unwrap().as_deref(), Some(&b"2"[..]));
        assert_eq!(restored.log_after(crate::Revision(0), 9).unwrap().len(), 2);
    }

    #[test]
    fn a_failed_backup_leaves_nothing() {
        let scratch = Scratch::new();
        let store = Store::open(&scratch.path().join("live")).unwrap();
        let to = scratch.path().join("backup.db");
        store.close();
        assert!(matches!(store.backup(&to), Err(BackupError::Copy { source: ReadError::Closed, .. })));
        assert!(!to.exists());
        assert!(matches!(store.backup(&scratch.path().join("no/such")), Err(BackupError::Io { .. })));
    }
}
