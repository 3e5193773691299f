//! Files that others see whole or not at all, and names that nobody has yet.
//!
//! Used for keys and what the start leaves in the data folder, and by `cutover places update`, of which two may run at once.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::door::random;

/// Names that are tried. Two are the same once in 2^64 times; more is somebody who makes them.
const TRIES: usize = 8;

/// Puts a file where it belongs in one step: readers find the old one or the new one, and a crash leaves one of the two.
/// It is durable when this returns. `mode` is as for open(2). What was begun is removed if it cannot be ended.
///
/// # Errors
/// The system gives no randomness, or the file cannot be written.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let beside = |digits: &str| {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{digits}.new"));
        path.with_file_name(name)
    };
    let (aside, mut file) = under_new_name(beside, |aside| {
        std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(aside)
    })?;
    let mut write = || {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)
    };
    write().inspect_err(|_| drop(std::fs::remove_file(&aside)))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Removes what writers of a file left who were killed in the middle. Only for files that nobody else is writing now. What
/// cannot be removed does no harm.
pub(crate) fn sweep(path: &Path) {
    let Some((folder, name)) = path.parent().zip(path.file_name().and_then(|name| name.to_str())) else { return };
    let is_left = |entry: &std::fs::DirEntry| {
        let entry = entry.file_name();
        let digits = entry.to_str().and_then(|entry| entry.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(".new"));
        digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().filter(is_left) {
        let _ = std::fs::remove_file(entry.path());
    }
}

/// Makes something at a path that was free: `path` puts random digits into it, `make` fails if something is there. The path
/// and what was made.
///
/// # Errors
/// The system gives no randomness, what `make` says, or every path is taken.
pub(crate) fn under_new_name<T>(
    path: impl Fn(&str) -> PathBuf,
    make: impl Fn(&Path) -> std::io::Result<T>,
) -> std::io::Result<(PathBuf, T)> {
    for _ in 0..TRIES {
        let mut digits = [0; 8];
        random().fill(&mut digits).map_err(|_| std::io::Error::other("the system gives no randomness"))?;
        let path = path(&format!("{:016x}", u64::from_ne_bytes(digits)));
        match make(&path) {
            Err(fault) if fault.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|made| (path, made)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("cutover-whole-file-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<std::ffi::OsString> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn writers_at_once_do_not_disturb_each_other() {
        let folder = folder("writers");
        let path = folder.join("file");
        std::thread::scope(|scope| {
            for bytes in [[b'a'; 5000], [b'b'; 5000]] {
                let path = &path;
                scope.spawn(move || (0..20).for_each(|_| replace(path, &bytes, 0o666).unwrap()));
            }
        });
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes == [b'a'; 5000] || bytes == [b'b'; 5000]);
        assert_eq!(names(&folder), ["file"]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn nothing_is_left_of_a_file_that_cannot_be_put_there() {
        let folder = folder("left");
        let taken = folder.join("file");
        std::fs::create_dir(&taken).unwrap();
        replace(&taken, b"bytes", 0o666).unwrap_err();
        assert_eq!(names(&folder), ["file"]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_killed_writers_left_is_swept_up_and_nothing_else() {
        let folder = folder("sweep");
        let kept = ["file", "file.new", "file.12.new", "other.0123456789abcdef.new", "file.0123456789abcdeX.new"];
        for name in kept.iter().chain(&["file.0123456789abcdef.new"]) {
            std::fs::write(folder.join(name), "").unwrap();
        }
        sweep(&folder.join("file"));
        let mut left = names(&folder);
        left.sort();
        let mut kept = kept.map(std::ffi::OsString::from);
        kept.sort();
        assert_eq!(left, kept);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let folder = folder("taken");
        std::fs::write(folder.join("0"), "").unwrap();
        let tries = Cell::new(0);
        let next = |_: &str| folder.join((tries.replace(tries.get() + 1) / 2).to_string());
        let make = |path: &Path| std::fs::File::create_new(path).map(drop);
        let (path, ()) = under_new_name(next, make).unwrap();
        assert_eq!((path, tries.get()), (folder.join("1"), 3));
        let always = under_new_name(|_| folder.join("0"), make).unwrap_err();
        assert_eq!(always.kind(), ErrorKind::AlreadyExists);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
