//! Reads the files of places anew when they change, while the server runs.
//!
//! A thread of its own looks every few seconds which files they are, and when they changed. What changed and then stood still
//! from one look to the next is read and compiled aside, and the publisher makes it part of the next view. A file at fault
//! changes nothing: the last good tables stay, the log tells why, and `/metrics` counts it. It is tried again, also if it
//! looks the same: what was mended may be a folder above it, or the disk.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use answer::Places;
use anyhow::Context as _;
use tokio::sync::watch;

use super::{Sources, Told};

/// Between two looks. A file is so read at most twice this time after it was written, and not before it has stood still for
/// once this time, since half a table may look like a whole one.
const LOOK: Duration = Duration::from_secs(2);
/// Looks from one try to the next while a fault stays: 1, 2, 4, … up to this, a minute, since a large file takes seconds to
/// read.
const LOOKS_MAX: u32 = 32;

/// What was done since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Times that changed files were read and used.
    pub(crate) reloads: AtomicU64,
    /// Times that they could not be.
    pub(crate) faults: AtomicU64,
    built: Mutex<Vec<(String, u64)>>,
}

impl Counts {
    /// The databases in use, as in [`Told::built`]. The list is whole after every statement, so a panic elsewhere harms
    /// nothing.
    pub(crate) fn built(&self) -> MutexGuard<'_, Vec<(String, u64)>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The watcher under way.
pub(crate) struct Watching {
    pub(crate) counts: Arc<Counts>,
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

/// Starts watching. `seen` is how the files stood before they were read for the first time.
///
/// # Errors
/// The thread could not be started.
pub(crate) fn start(
    sources: Sources,
    seen: Stamps,
    told: Told,
    places: watch::Sender<Arc<Places>>,
) -> anyhow::Result<Watching> {
    let counts = Arc::new(Counts { built: Mutex::new(told.built), ..Counts::default() });
    let (stop, stopped) = mpsc::channel();
    let mut watcher = Watcher::new(sources, seen, places, Arc::clone(&counts));
    let work = move || {
        while stopped.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
            watcher.look();
        }
    };
    let thread = std::thread::Builder::new().name("places".to_owned()).spawn(work);
    Ok(Watching { counts, stop, thread: thread.context("cannot start the thread that watches the files of places")? })
}

impl Watching {
    /// Ends it and waits until it has.
    pub(crate) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread that watches the files of places had panicked");
        }
    }
}

/// How each file stands; none for one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamps(Vec<Option<Stamp>>);

/// What is another one when a file was written, replaced, or given other permissions. The time of change does most: unlike
/// that of writing, nobody can set it back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    inode: (u64, u64),
    length: u64,
    /// Seconds and nanoseconds.
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamps {
    /// How the files stand now.
    pub(crate) fn of(sources: &Sources) -> Self {
        let stamp = |path: &Path| {
            let about = std::fs::metadata(path).ok()?;
            Some(Stamp {
                inode: (about.dev(), about.ino()),
                length: about.len(),
                written: (about.mtime(), about.mtime_nsec()),
                changed: (about.ctime(), about.ctime_nsec()),
            })
        };
        Self(sources.files().into_iter().map(stamp).collect())
    }
}

/// What the thread knows.
struct Watcher {
    sources: Sources,
    /// The files as they were last read, with or without success.
    used: Stamps,
    /// As they stood at the last look.
    last: Stamps,
    fault: Option<Fault>,
    places: watch::Sender<Arc<Places>>,
    counts: Arc<Counts>,
}

/// Why the files could not be used when they were last read.
struct Fault {
    text: String,
    /// Looks from that try to the next.
    pause: u32,
    /// How many of them are still to come.
    left: u32,
}

impl Watcher {
    fn new(sources: Sources, seen: Stamps, places: watch::Sender<Arc<Places>>, counts: Arc<Counts>) -> Self {
        Self { sources, used: seen.clone(), last: seen, fault: None, places, counts }
    }

    fn look(&mut self) {
        let now = Stamps::of(&self.sources);
        let stands_still = now == self.last;
        self.last = now.clone();
        let is_due = self.fault.as_mut().is_some_and(|fault| {
            fault.left = fault.left.saturating_sub(1);
            fault.left == 0
        });
        if !stands_still || now == self.used && !is_due {
            return;
        }
        let is_changed = now != self.used;
        self.used = now;
        match self.sources.compile() {
            Ok((places, told)) => {
                tracing::info!(ranges = places.ranges(), "read the files of places anew");
                self.counts.reloads.fetch_add(1, Ordering::Relaxed);
                *self.counts.built() = told.built;
                self.places.send_replace(places);
                self.fault = None;
            }
            Err(fault) => {
                self.counts.faults.fetch_add(1, Ordering::Relaxed);
                let text = format!("{fault:#}");
                let last = self.fault.take();
                if last.as_ref().is_none_or(|last| last.text != text) {
                    tracing::error!(fault = text, "cannot use the files of places, the last good tables stay");
                }
                let pause = match last {
                    Some(last) if !is_changed => (last.pause * 2).min(LOOKS_MAX),
                    _ => 1,
                };
                self.fault = Some(Fault { text, pause, left: pause });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::prefix::Prefix;

    /// A watcher of a table that is there, and what it sends.
    fn watch_file(file: &Path) -> (Watcher, watch::Receiver<Arc<Places>>) {
        let sources = Sources {
            file: Some(file.to_owned()),
            latencies: None,
            mmdb: Vec::new(),
            updated: None,
            regions: Arc::default(),
            vpcs: Vec::new(),
        };
        let seen = Stamps::of(&sources);
        let (places, newest) = watch::channel(sources.compile().unwrap().0);
        (Watcher::new(sources, seen, places, Arc::default()), newest)
    }

    #[test]
    fn changed_files_are_used_once_they_stand_still_and_faults_keep_the_last_good_tables() {
        let folder = std::env::temp_dir().join(format!("cutover-watch-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("places.csv");
        let write = |rows: &str| std::fs::write(&file, format!("prefix,country\n{rows}")).unwrap();
        write("192.0.2.0/24,DE\n");
        let (mut watcher, newest) = watch_file(&file);
        let counts = Arc::clone(&watcher.counts);
        let client = Prefix::of([192, 0, 2, 1].into());
        let country = || newest.borrow().find(client).0.country.map(|country| country.to_string());
        let counted = || [&counts.reloads, &counts.faults].map(|count| count.load(Ordering::Relaxed));

        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("DE"), [0, 0]));
        write("192.0.2.0/24,FR\n192.0.3.0/24,FR\n");
        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("DE"), [0, 0]));
        watcher.look();
        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("FR"), [1, 0]));
        write("192.0.2.0/24,Mars\n");
        watcher.look();
        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("FR"), [1, 1]));
        std::fs::remove_file(&file).unwrap();
        watcher.look();
        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("FR"), [1, 2]));
        write("192.0.2.0/24,JP\n192.0.4.0/22,JP\n");
        watcher.look();
        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("JP"), [2, 2]));

        // As long, and by its time of writing as old: chmod, and cp --preserve, change a file so.
        let written = std::fs::metadata(&file).unwrap().modified().unwrap();
        // Longer than a tick of the clock that the system takes times of change from.
        std::thread::sleep(Duration::from_millis(50));
        write("192.0.2.0/24,DE\n192.0.4.0/22,JP\n");
        std::fs::File::open(&file).unwrap().set_modified(written).unwrap();
        watcher.look();
        watcher.look();
        assert_eq!((country().as_deref(), counted()), (Some("DE"), [3, 2]));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_fault_that_stays_is_told_once_and_tried_again_less_and_less_often() {
        let folder = std::env::temp_dir().join(format!("cutover-watch-fault-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("places.csv");
        let write = |country: &str| std::fs::write(&file, format!("prefix,country\n192.0.2.0/24,{country}\n")).unwrap();
        write("DE");
        let (mut watcher, _newest) = watch_file(&file);
        let log = folder.join("log");
        let subscriber =
            tracing_subscriber::fmt().with_writer(Mutex::new(std::fs::File::create(&log).unwrap())).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let told = || std::fs::read_to_string(&log).unwrap().matches("the last good tables stay").count();

        write("Mars");
        let mut tries = Vec::new();
        for look in 0..100 {
            let before = watcher.counts.faults.load(Ordering::Relaxed);
            watcher.look();
            if watcher.counts.faults.load(Ordering::Relaxed) > before {
                tries.push(look);
            }
        }
        assert_eq!((&tries[..], told()), (&[1, 2, 4, 8, 16, 32, 64, 96][..], 1));
        // Another fault is told at once, and the pauses begin anew.
        write("Venus");
        (0..3).for_each(|_| watcher.look());
        assert_eq!((watcher.counts.faults.load(Ordering::Relaxed), told()), (10, 2));

        // It is mended in a way that no stamp shows.
        write("FR");
        watcher.used = Stamps::of(&watcher.sources);
        watcher.last = watcher.used.clone();
        (0..2).for_each(|_| watcher.look());
        assert_eq!(watcher.counts.reloads.load(Ordering::Relaxed), 1);
        (0..40).for_each(|_| watcher.look());
        assert_eq!((watcher.counts.reloads.load(Ordering::Relaxed), told()), (1, 2));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
