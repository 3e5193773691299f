//! The writing end. Whole lines or nothing: what a crash or a full disk left of a line is cut off again.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{file_of, files};
use crate::lock::sync_folder;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// A file that has this many bytes gets no further line.
    pub file_bytes_max: u64,
    /// Files that are kept, the one that is written included; the oldest go first. At least one.
    pub files_max: usize,
}

/// Why lines cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the lines in {}", .folder.display())]
pub struct LinesError {
    /// The folder.
    pub folder: PathBuf,
    /// What the file system said.
    #[source]
    pub source: io::Error,
}

/// The one writer. Whoever opens it makes sure that there is no second one.
#[derive(Debug)]
pub struct Lines {
    folder: PathBuf,
    rotation: Rotation,
    current: Current,
    next: u64,
}

/// The file that is written.
#[derive(Debug)]
struct Current {
    file: File,
    bytes: u64,
}

impl Lines {
    /// Opens the lines in a folder, which is made (0700) if it is not there. A last line without its end is cut off:
    /// nobody was told of it.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn open(folder: &Path, rotation: Rotation) -> Result<Self, LinesError> {
        let open = || {
            match DirBuilder::new().mode(0o700).create(folder) {
                Ok(()) => sync_folder(folder.parent().unwrap_or(folder))?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let (current, next) = match files(folder)?.last() {
                Some(&first) => {
                    let mut file = OpenOptions::new().read(true).write(true).open(file_of(folder, first))?;
                    let (lines, bytes) = repair(&mut file)?;
                    (Current { file, bytes }, first + lines)
                }
                None => (Current::create(folder, 1)?, 1),
            };
            Ok(Self { folder: folder.to_owned(), rotation, current, next })
        };
        open().map_err(|source| LinesError { folder: folder.to_owned(), source })
    }

    /// The number that the next line will have; the first has 1.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Whether the next line will be the first of its file.
    #[must_use]
    pub fn begins_file(&self) -> bool {
        self.current.bytes == 0
    }

    /// Whether a file of this many bytes takes no further line.
    #[must_use]
    pub fn is_full(&self, more_bytes: u64) -> bool {
        self.current.bytes + more_bytes >= self.rotation.file_bytes_max
    }

    /// The last line of the current file, without its end; nothing in a new file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn last(&self) -> io::Result<Option<Vec<u8>>> {
        // In pieces from the end, since a line may be of any length.
        let (mut tail, mut at) = (Vec::new(), self.current.bytes);
        while at > 0 {
            let size = at.min(4096);
            at -= size;
            let mut piece = vec![0; usize::try_from(size).expect("a piece is small")];
            self.current.file.read_exact_at(&mut piece, at)?;
            piece.append(&mut tail);
            tail = piece;
            let line = tail.strip_suffix(b"\n").unwrap_or(&tail);
            if let Some(end) = line.iter().rposition(|byte| *byte == b'\n') {
                return Ok(Some(line[end + 1..].to_vec()));
            }
        }
        Ok(tail.strip_suffix(b"\n").map(<[u8]>::to_vec))
    }

    /// Appends `count` whole lines, each with its end, by one write: all of them or none.
    ///
    /// # Errors
    /// The file system refuses, as a full disk does. Nothing is appended then, and it may be tried again.
    pub fn append(&mut self, text: &[u8], count: u64) -> io::Result<()> {
        debug_assert!(text.is_empty() || text.ends_with(b"\n"), "lines are whole");
        if let Err(error) = self.current.file.write_all(text) {
            // Should this fail too, what is left is overwritten by the next line, or cut off at the next start.
            let _ = self.current.file.set_len(self.current.bytes);
            self.current.file.seek(SeekFrom::Start(self.current.bytes))?;
            return Err(error);
        }
        self.current.bytes += text.len() as u64;
        self.next += count;
        Ok(())
    }

    /// Begins a new file, whose first line has the number `from`, at least [`Lines::next`]; the oldest files beyond
    /// what is kept are removed.
    ///
    /// # Errors
    /// The file system refuses; lines go on in the old file.
    pub fn rotate(&mut self, from: u64) -> io::Result<()> {
        let from = from.max(self.next);
        self.current.file.sync_data()?;
        let next = Current::create(&self.folder, from)?;
        (self.current, self.next) = (next, from);
        let all = files(&self.folder)?;
        for first in &all[..all.len().saturating_sub(self.rotation.files_max.max(1))] {
            fs::remove_file(file_of(&self.folder, *first))?;
        }
        Ok(())
    }

    /// A second handle of the current file, with which a thread can wait for the disk while lines go on.
    ///
    /// # Errors
    /// The process has no descriptor left.
    pub fn sync_handle(&self) -> io::Result<File> {
        self.current.file.try_clone()
    }
}

impl Current {
    fn create(folder: &Path, first: u64) -> io::Result<Self> {
        let path = file_of(folder, first);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
        sync_folder(folder)?;
        Ok(Self { file, bytes: 0 })
    }
}

/// Cuts off what follows the last end of a line; the number of lines and bytes that are left. Leaves the file at its end.
fn repair(file: &mut File) -> io::Result<(u64, u64)> {
    let (mut lines, mut whole, mut read) = (0, 0, 0_u64);
    let mut piece = vec![0; 1 << 16];
    loop {
        let got = file.read(&mut piece)?;
        if got == 0 {
            break;
        }
        for (i, _) in piece[..got].iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            lines += 1;
            whole = read + i as u64 + 1;
        }
        read += got as u64;
    }
    if read > whole {
        tracing::warn!(bytes = read - whole, "store: a line that was not written to its end is cut off");
        file.set_len(whole)?;
    }
    file.seek(SeekFrom::Start(whole))?;
    Ok((lines, whole))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::lines::LineReader;
    use crate::scratch::Scratch;

    const SMALL: Rotation = Rotation { file_bytes_max: 8, files_max: 2 };

    fn open(folder: &Path) -> Lines {
        Lines::open(folder, SMALL).unwrap()
    }

    fn add(lines: &mut Lines, text: &str) {
        if lines.is_full(0) {
            lines.rotate(0).unwrap();
        }
        lines.append(format!("{text}\n").as_bytes(), 1).unwrap();
    }

    fn all(folder: &Path) -> Vec<(u64, String)> {
        let lines = LineReader::new(folder).read(1, 100, 1 << 20).unwrap();
        lines.into_iter().map(|line| (line.number, String::from_utf8(line.text).unwrap())).collect()
    }

    #[test]
    fn lines_are_numbered_through_files_and_the_oldest_go() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("lines");
        let mut lines = open(&folder);
        assert!(lines.begins_file() && lines.last().unwrap().is_none());
        for text in ["one", "two", "three", "four", "five"] {
            add(&mut lines, text);
        }
        assert_eq!(lines.next(), 6);
        // Each file took two lines: it was full at eight bytes.
        assert_eq!(files(&folder).unwrap(), [3, 5]);
        assert_eq!(all(&folder), [(3, "three".to_owned()), (4, "four".to_owned()), (5, "five".to_owned())]);
        drop(lines);
        let mut lines = open(&folder);
        assert_eq!((lines.next(), lines.last().unwrap()), (6, Some(b"five".to_vec())));
        add(&mut lines, "six");
        assert_eq!(all(&folder).last(), Some(&(6, "six".to_owned())));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&file_of(&folder, 5))), (0o700, 0o600));
    }

    #[test]
    fn half_a_line_is_cut_off() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("lines");
        add(&mut open(&folder), "one");
        for torn in ["t", "two but no end", "\0\0\0"] {
            OpenOptions::new().append(true).open(file_of(&folder, 1)).unwrap().write_all(torn.as_bytes()).unwrap();
            assert_eq!(all(&folder), [(1, "one".to_owned())]);
            assert_eq!(open(&folder).next(), 2);
        }
        assert_eq!(fs::read(file_of(&folder, 1)).unwrap(), b"one\n");
        let long = "x".repeat(10_000);
        add(&mut open(&folder), &long);
        assert_eq!(open(&folder).last().unwrap(), Some(long.into_bytes()));
    }

    #[test]
    fn a_full_disk_leaves_no_half_line() {
        let scratch = Scratch::new();
        let mut lines = open(&scratch.path().join("lines"));
        add(&mut lines, "one");
        // Every write to this file fails with "no space left on device".
        let good =
            std::mem::replace(&mut lines.current.file, OpenOptions::new().write(true).open("/dev/full").unwrap());
        assert_eq!(lines.append(b"two\n", 1).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(lines.next(), 2);
        lines.current.file = good;
        add(&mut lines, "three");
        assert_eq!(all(&scratch.path().join("lines")), [(1, "one".to_owned()), (2, "three".to_owned())]);
    }
}
