//! The folder, and the lock that gives it to one process at a time.
//!
//! Before: nothing. After: `open` opens the file in it. The lock is the kernel's (`flock`), so it goes with the process,
//! however it ends; the number written inside is only for the message to a second one.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::open::OpenError;

/// Held while anything of this process still has the store's file open.
#[derive(Debug)]
pub(crate) struct FolderLock {
    // Closing the file releases the lock.
    _file: File,
}

impl FolderLock {
    /// Creates the folder (0700) if need be, and locks it.
    pub(crate) fn take(folder: &Path) -> Result<Self, OpenError> {
        create_folder(folder)?;
        let path = folder.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| refused(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse { folder: folder.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(OpenError::Io { path, source }),
        }
        note_holder(&mut file).map_err(|source| refused(&path, source))?;
        Ok(Self { _file: file })
    }
}

/// Creates the database file as 0600 before SQLite would with wider rights; its WAL files take the rights from it.
pub(crate) fn create_file(folder: &Path, name: &str) -> Result<PathBuf, OpenError> {
    let path = folder.join(name);
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(file) => {
            file.sync_all().map_err(|source| refused(&path, source))?;
            sync_folder(folder).map_err(|source| refused(folder, source))?;
        }
        // SQLite would only say that it cannot open it. Closing a file drops this process's POSIX locks on it, SQLite's
        // too; but there is no connection yet, since we have just locked the folder.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let file =
                OpenOptions::new().read(true).write(true).open(&path).map_err(|source| refused(&path, source))?;
            keep_to_owner(&path, &file);
        }
        Err(source) => return Err(refused(&path, source)),
    }
    Ok(path)
}

/// A backup that was copied back may have come with wider rights, and secrets stand in it in clear. Not ours to change
/// if the file belongs to somebody else, who then knows why.
fn keep_to_owner(path: &Path, file: &File) {
    let narrowed = file.metadata().and_then(|found| match found.permissions().mode() {
        mode if mode & 0o077 == 0 => Ok(()),
        _ => file.set_permissions(Permissions::from_mode(0o600)),
    });
    if let Err(error) = narrowed {
        tracing::warn!(path = %path.display(), %error, "store: others may read this file, take their rights away");
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // The parent of a relative path with one part is written as the empty path.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// The right fault for what the file system said about `path`.
pub(crate) fn refused(path: &Path, source: io::Error) -> OpenError {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => OpenError::NotWritable { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => OpenError::Full { path },
        ErrorKind::NotADirectory => OpenError::NotAFolder { path },
        _ => OpenError::Io { path, source },
    }
}

fn create_folder(folder: &Path) -> Result<(), OpenError> {
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => return Err(OpenError::NotAFolder { path: folder.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(source) => return Err(refused(folder, source)),
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|source| refused(folder, source))?;
    match folder.parent() {
        // A parent that we may not read was not made by us just now, and is durable already.
        Some(parent) => sync_folder(parent).or_else(|error| match error.kind() {
            ErrorKind::PermissionDenied => Ok(()),
            _ => Err(refused(parent, error)),
        }),
        None => Ok(()),
    }
}

fn note_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_second_learns_who_is_first() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("a/b");
        let first = FolderLock::take(&folder).unwrap();
        match FolderLock::take(&folder) {
            Err(OpenError::InUse { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(first);
        FolderLock::take(&folder).unwrap();
    }

    #[test]
    fn nobody_else_may_look_in() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("new");
        let _lock = FolderLock::take(&folder).unwrap();
        let file = create_file(&folder, "file").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("lock")), mode(&file)), (0o700, 0o600, 0o600));
    }

    #[test]
    fn a_restored_backup_is_not_left_open_to_everyone() {
        let scratch = Scratch::new();
        let path = scratch.path().join("store.db");
        fs::write(&path, b"").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        create_file(scratch.path(), "store.db").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_is_no_folder() {
        let scratch = Scratch::new();
        let file = create_file(scratch.path(), "file").unwrap();
        assert!(matches!(FolderLock::take(&file), Err(OpenError::NotAFolder { .. })));
        assert!(matches!(FolderLock::take(&file.join("below")), Err(OpenError::NotAFolder { .. })));
    }
}
