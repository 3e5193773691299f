//! Lines in files: an append-only list of numbered lines, in files that rotate, which others read while it grows.
//!
//! A tool beside the map and its log, for what must be kept in order and may be lost when it is old: one writer
//! ([`Lines`]), any number of readers ([`LineReader`]). A file is named after the number of its first line, so a line
//! is found without an index. Left out on purpose: what a line says, who waits for which, and durability of every
//! line: [`Lines::sync_handle`] lets somebody else wait for the disk.

mod append;
mod read;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use append::{Lines, LinesError, Rotation};
pub use read::{Line, LineReader};

/// How file names end.
const SUFFIX: &str = ".jsonl";

/// The file whose first line has this number. Twenty digits, so that names sort as numbers do.
fn file_of(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}{SUFFIX}"))
}

/// The first numbers of all files, sorted. What has another name is not ours.
fn files(folder: &Path) -> io::Result<Vec<u64>> {
    let mut firsts = Vec::new();
    for found in fs::read_dir(folder)? {
        let name = found?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)).filter(|digits| digits.len() == 20);
        firsts.extend(number.and_then(|digits| digits.parse::<u64>().ok()));
    }
    firsts.sort_unstable();
    Ok(firsts)
}
