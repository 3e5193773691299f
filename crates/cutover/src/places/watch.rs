//! Reads the files of places anew when they change, while the server runs.
//!
//! A thread of its own looks at their time and length every few seconds. What changed and then stood still from one look to
//! the next is read and compiled aside, and the publisher makes it part of the next view. A file at fault changes nothing:
//! the last good tables stay, the log tells why, and `/metrics` counts it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use answer::Places;
use anyhow::Context as _;
use tokio::sync::watch;

use super::{Sources, Told};

/// Between two looks. A file is so read at most twice this time after it was written, and not before it has stood still for
/// once this time, since half a table may look like a whole one.
const LOOK: Duration = Duration::from_secs(2);

/// What was done since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Times that changed files were read and used.
    pub(crate) reloads: AtomicU64,
    /// Times that they could not be.
    pub(crate) faults: AtomicU64,
    /// When the default database was built, in seconds since 1970.
    pub(crate) built: AtomicU64,
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
    let counts = Arc::new(Counts { built: AtomicU64::new(told.built), ..Counts::default() });
    let (stop, stopped) = mpsc::channel();
    let mut watcher = Watcher { sources, used: seen.clone(), last: seen, places, counts: Arc::clone(&counts) };
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

/// Time and length of each file; none for one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamps(Vec<Option<(SystemTime, u64)>>);

impl Stamps {
    /// How the files stand now.
    pub(crate) fn of(sources: &Sources) -> Self {
        let stamp = |path: &Path| {
            let about = std::fs::metadata(path).ok()?;
            Some((about.modified().ok()?, about.len()))
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
    places: watch::Sender<Arc<Places>>,
    counts: Arc<Counts>,
}

impl Watcher {
    fn look(&mut self) {
        let now = Stamps::of(&self.sources);
        let stands_still = now == self.last;
        self.last = now.clone();
        if !stands_still || now == self.used {
            return;
        }
        self.used = now;
        match self.sources.compile() {
            Ok((places, told)) => {
                tracing::info!(ranges = places.ranges(), "read the files of places anew");
                self.counts.reloads.fetch_add(1, Ordering::Relaxed);
                self.counts.built.store(told.built, Ordering::Relaxed);
                self.places.send_replace(places);
            }
            Err(fault) => {
                self.counts.faults.fetch_add(1, Ordering::Relaxed);
                tracing::error!(
                    fault = format!("{fault:#}"),
                    "cannot use the files of places, the last good tables stay"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::prefix::Prefix;

    #[test]
    fn changed_files_are_used_once_they_stand_still_and_faults_keep_the_last_good_tables() {
        let folder = std::env::temp_dir().join(format!("cutover-watch-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("places.csv");
        let write = |rows: &str| std::fs::write(&file, format!("prefix,country\n{rows}")).unwrap();
        write("192.0.2.0/24,DE\n");
        let sources = Sources {
            file: Some(file.clone()),
            latencies: None,
            mmdb: Vec::new(),
            updated: None,
            regions: Arc::default(),
            vpcs: Vec::new(),
        };
        let seen = Stamps::of(&sources);
        let (places, newest) = watch::channel(sources.compile().unwrap().0);
        let counts = Arc::<Counts>::default();
        let mut watcher = Watcher { sources, used: seen.clone(), last: seen, places, counts: Arc::clone(&counts) };
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
        std::fs::remove_dir_all(folder).unwrap();
    }
}
