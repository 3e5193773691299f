//! The reading end: lines from a number on, while somebody appends. What has no end yet is not there yet.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{file_of, files};

/// Every so many lines a reader remembers where it was; and how many such places it keeps.
const MARK_EVERY: u64 = 1024;
const MARKS_MAX: usize = 4096;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// Its text, without its end.
    pub text: Vec<u8>,
    /// Whether it is the first line of its file.
    pub begins_file: bool,
}

/// A reader. It may be shared, and remembers places, so that whoever follows the end need not pass the beginning.
#[derive(Debug)]
pub struct LineReader {
    folder: PathBuf,
    /// Where a line begins: its number to the first number of its file and the offset there.
    marks: Mutex<BTreeMap<u64, (u64, u64)>>,
}

impl LineReader {
    /// Reads the lines of a folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), marks: Mutex::default() }
    }

    /// The numbers of the first lines of all files, oldest first; none if there is no folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn files(&self) -> io::Result<Vec<u64>> {
        match files(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            found => found,
        }
    }

    /// Lines from a number on, or from the oldest that is left: at most `lines_max`, and no further one after
    /// `bytes_max` bytes. None means that there are none yet.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(&self, from: u64, lines_max: usize, bytes_max: usize) -> io::Result<Vec<Line>> {
        let (mut found, mut bytes) = (Vec::new(), 0);
        let all = self.files()?;
        let start = all.partition_point(|first| *first <= from).saturating_sub(1);
        for &first in &all[start.min(all.len())..] {
            if found.len() >= lines_max || bytes >= bytes_max {
                break;
            }
            match self.read_file(first, from, lines_max, bytes_max, &mut found, &mut bytes) {
                // Rotation took it away meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                read => read?,
            }
        }
        Ok(found)
    }

    fn read_file(
        &self,
        first: u64,
        from: u64,
        lines_max: usize,
        bytes_max: usize,
        found: &mut Vec<Line>,
        bytes: &mut usize,
    ) -> io::Result<()> {
        let mut file = File::open(file_of(&self.folder, first))?;
        let (mut number, mut offset) = self.nearest(first, from.max(first));
        file.seek(SeekFrom::Start(offset))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        while found.len() < lines_max && *bytes < bytes_max {
            let mut text = Vec::new();
            let read = reader.read_until(b'\n', &mut text)?;
            if text.pop() != Some(b'\n') {
                break;
            }
            if number >= from {
                *bytes += text.len();
                found.push(Line { number, text, begins_file: number == first });
            }
            number += 1;
            offset += read as u64;
            if number.is_multiple_of(MARK_EVERY) {
                self.mark(number, first, offset);
            }
        }
        self.mark(number, first, offset);
        Ok(())
    }

    /// The last place before or at a line in its file.
    fn nearest(&self, first: u64, number: u64) -> (u64, u64) {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let nearest = marks.range(first..=number).rev().find(|(_, (file, _))| *file == first);
        nearest.map_or((first, 0), |(number, (_, offset))| (*number, *offset))
    }

    fn mark(&self, number: u64, file: u64, offset: u64) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.insert(number, (file, offset));
        if marks.len() > MARKS_MAX {
            marks.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::{Lines, Rotation};
    use crate::scratch::Scratch;

    #[test]
    fn a_follower_sees_every_line_once() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("lines");
        let reader = LineReader::new(&folder);
        assert!(reader.read(1, 10, 10).unwrap().is_empty());
        let mut lines = Lines::open(&folder, Rotation { file_bytes_max: 10_000, files_max: 100 }).unwrap();
        let (mut next, mut seen) = (1, Vec::new());
        for round in 0..300 {
            for i in 0..round % 40 {
                if lines.is_full(0) {
                    lines.rotate(0).unwrap();
                }
                lines.append(format!("{round} {i}\n").as_bytes(), 1).unwrap();
            }
            for line in reader.read(next, 17, 1 << 20).unwrap() {
                assert_eq!(line.number, next);
                next += 1;
                seen.push(line);
            }
        }
        while let Some(line) = reader.read(next, 1, 1).unwrap().pop() {
            assert_eq!(line.number, next);
            next += 1;
            seen.push(line);
        }
        assert_eq!(next, lines.next());
        // Another reader, without places to remember, from the middle and the beginning.
        for from in [1, 1023, 1024, 1025, 3000, next - 1] {
            let again = LineReader::new(&folder).read(from, usize::MAX, usize::MAX).unwrap();
            assert_eq!(again, seen[usize::try_from(from).unwrap() - 1..]);
        }
    }
}
