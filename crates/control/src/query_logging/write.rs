//! The writer of query logs: from queries to lines in the file of each log group, or on standard output.
//!
//! Before: the DNS servers hand over the queries of logged zones through a queue that drops rather than waits. Here, on
//! a thread that the caller owns: all that waits becomes one write for each file. A file that is full is renamed to
//! `….log.1`, that one to `….log.2`, and the oldest goes. What cannot be written is counted and not kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::id::HostedZoneId;
use store::{Revision, Store};

pub use store::Rotation;

use super::line::{self, Query};
use super::{all_sound, file_name};
use crate::rows::read;

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// A file for each log group in this folder.
    Folder(PathBuf),
    /// Standard output, all groups together; lines tell their zone.
    Stdout,
}

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Lines that were written.
    pub written: AtomicU64,
    /// Lines that could not be written.
    pub lost: AtomicU64,
}

/// The writer; one for a server.
#[derive(Debug)]
pub struct QueryLogs {
    store: Store,
    sink: Sink,
    location: String,
    rotation: Rotation,
    /// The file of each logged zone, as of this revision.
    groups: HashMap<HostedZoneId, String>,
    revision: Option<Revision>,
    open: HashMap<String, OpenFile>,
    counts: Arc<Counts>,
    is_failing: bool,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    bytes: u64,
}

impl QueryLogs {
    /// A writer that has opened nothing yet. `location` is what lines tell as edge location: a word.
    ///
    /// # Errors
    /// The folder is not there and cannot be made.
    pub fn new(store: &Store, sink: Sink, location: String, rotation: Rotation) -> io::Result<Self> {
        if let Sink::Folder(folder) = &sink {
            fs::create_dir_all(folder)?;
        }
        Ok(Self {
            store: store.clone(),
            sink,
            location,
            rotation,
            groups: HashMap::new(),
            revision: None,
            open: HashMap::new(),
            counts: Arc::default(),
            is_failing: false,
        })
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// Writes the lines of these queries. Queries of a zone that is not logged any more are left out.
    pub fn write(&mut self, queries: &[Query]) {
        self.follow();
        let mut texts: BTreeMap<&str, (String, u64)> = BTreeMap::new();
        for query in queries {
            let Some(file) = self.groups.get(&query.zone) else { continue };
            let (text, lines) = texts.entry(file).or_default();
            line::push(text, query, &self.location);
            *lines += 1;
        }
        let texts: Vec<(String, String, u64)> =
            texts.into_iter().map(|(file, (text, lines))| (file.to_owned(), text, lines)).collect();
        for (file, text, lines) in texts {
            let written = match &self.sink {
                Sink::Stdout => io::stdout().lock().write_all(text.as_bytes()),
                Sink::Folder(folder) => append(&mut self.open, folder, &file, &text, self.rotation),
            };
            self.note(written, &file, lines);
        }
    }

    /// Learns the log groups of zones anew if anything was committed.
    fn follow(&mut self) {
        let revision = self.store.revision();
        if self.revision == Some(revision) {
            return;
        }
        match read(&self.store, |reader| all_sound(reader)) {
            Ok(configs) => {
                let group = |config: model::query_logging::QueryLoggingConfig| {
                    (config.zone, file_name::of(config.log_group.name()))
                };
                self.groups = configs.into_iter().map(group).collect();
                self.revision = Some(revision);
                let kept: HashSet<&String> = self.groups.values().collect();
                self.open.retain(|file, _| kept.contains(file));
            }
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "cannot read whose queries to log"),
        }
    }

    /// Counts, and says once that writing fails.
    fn note(&mut self, written: io::Result<()>, file: &str, lines: u64) {
        match written {
            Ok(()) => {
                self.counts.written.fetch_add(lines, Ordering::Relaxed);
                self.is_failing = false;
            }
            Err(error) => {
                self.counts.lost.fetch_add(lines, Ordering::Relaxed);
                self.open.remove(file);
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(error = &error as &dyn std::error::Error, file, "cannot write the query log");
                }
            }
        }
    }
}

fn append(
    open: &mut HashMap<String, OpenFile>,
    folder: &Path,
    name: &str,
    text: &str,
    rotation: Rotation,
) -> io::Result<()> {
    let path = folder.join(name);
    if open.get(name).is_some_and(|file| file.bytes >= rotation.file_bytes_max) {
        open.remove(name);
        rotate(&path, rotation.files_max)?;
    }
    if !open.contains_key(name) {
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        let bytes = file.metadata()?.len();
        open.insert(name.to_owned(), OpenFile { file, bytes });
    }
    let file = open.get_mut(name).expect("opened above");
    file.file.write_all(text.as_bytes())?;
    file.bytes += text.len() as u64;
    Ok(())
}

/// Makes room: every file gets the next number, and what is beyond the last goes.
fn rotate(path: &Path, files_max: usize) -> io::Result<()> {
    let numbered = |number: usize| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    if files_max <= 1 {
        return fs::remove_file(path);
    }
    for number in (1..files_max - 1).rev() {
        match fs::rename(numbered(number), numbered(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(path, numbered(1))
}
