//! Publishing: from the log to the one view that DNS servers answer from, and the list of checks that the prober runs.
//!
//! Before: commands commit. Here, two threads, so that compiling a large zone never holds up a health flip:
//! `publish-zones` follows the log and compiles what was touched (`touched.rs`, `compile.rs`); `publish-view` puts the
//! newest snapshot, the newest verdicts and the newest tables of places together. After: `serve` swaps one pointer.
//!
//! Each snapshot is the state of exactly one revision, so a batch appears whole or not at all; a burst of commits
//! becomes one snapshot. A zone that cannot be compiled keeps its last good form, is logged and counted, and is tried
//! again whole with its next change. If the store fails, the last view stays and the store is asked again.

mod compile;
mod steered;
mod touched;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use answer::{Health, Places, Snapshot, View};
use model::health_check::HealthCheck;
use model::health_status::Verdicts;
use store::{Revision, Store};
use tokio::sync::watch;

use crate::rows::StorageError;
use compile::Compiler;

/// So long after a failure of the store it is asked again.
const RETRY: Duration = Duration::from_millis(500);

/// Why publishing did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The stored zones could not be read.
    #[error(transparent)]
    Storage(StorageError),
    /// A thread could not be started.
    #[error("cannot start a thread for publishing")]
    Thread(#[source] io::Error),
}

/// What publishing has counted since it started.
#[derive(Debug, Default)]
pub struct PublishCounts {
    /// Snapshots compiled from the log.
    pub snapshots: AtomicU64,
    /// Zones compiled whole: at the start, when new, and when much of one changed; other changes go name by name.
    pub zones: AtomicU64,
    /// Times that a zone could not be compiled and kept its last good form.
    pub compile_faults: AtomicU64,
    /// Times that the store could not be read.
    pub store_faults: AtomicU64,
}

/// Publishing under way; dropping it ends it, and the last view stays.
pub struct Publisher {
    view: watch::Receiver<Arc<View>>,
    health_checks: watch::Receiver<Arc<Vec<HealthCheck>>>,
    counts: Arc<PublishCounts>,
    places: watch::Sender<Arc<Places>>,
    stop: Option<watch::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

/// Compiles all zones, then follows the log and the verdicts. Blocks until the first view is there: 1.3–1.9 s for a
/// million record sets (release build on two busy cores; `a_million_record_sets` in the tests measures it).
///
/// `places` says where clients are, until [`Publisher::places`] says it anew, and which regions there are. `seed` is under what names are hashed: drawn at random
/// by a server, so that nobody can choose collisions.
///
/// # Errors
/// See [`StartError`].
pub fn start(
    store: &Store,
    verdicts: watch::Receiver<Arc<Verdicts>>,
    places: Arc<Places>,
    seed: u64,
) -> Result<Publisher, StartError> {
    let revisions = store.watch();
    let counts = Arc::<PublishCounts>::default();
    let mut compiler = Compiler::new(store.clone(), seed, Arc::clone(&counts)).with_regions(places.regions());
    compiler.compile_all().map_err(StartError::Storage)?;

    let (stop, stopped) = watch::channel(());
    let (snapshots, snapshot) = watch::channel(Arc::clone(compiler.snapshot()));
    let (checks, health_checks) = watch::channel(Arc::clone(compiler.health_checks()));
    let (places, newest_places) = watch::channel(places);
    let first = join(compiler.snapshot(), &mut verdicts.clone(), &newest_places.borrow());
    let (views, view) = watch::channel(Arc::new(first));

    let zones = Following { compiler, revisions, snapshots, checks, stopped: stopped.clone() };
    let viewing = Viewing { snapshot, verdicts, places: newest_places, views, stopped };
    let threads = vec![
        spawn("publish-zones", async move { zones.run().await }).map_err(StartError::Thread)?,
        spawn("publish-view", async move { viewing.run().await }).map_err(StartError::Thread)?,
    ];
    Ok(Publisher { view, health_checks, counts, places, stop: Some(stop), threads })
}

impl Publisher {
    /// The view to answer from.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<Arc<View>> {
        self.view.clone()
    }

    /// All health checks, by id.
    #[must_use]
    pub fn health_checks(&self) -> watch::Receiver<Arc<Vec<HealthCheck>>> {
        self.health_checks.clone()
    }

    /// Takes new tables of places, with the same regions as the first: the next view has them, and no zone is compiled
    /// for it.
    #[must_use]
    pub fn places(&self) -> watch::Sender<Arc<Places>> {
        self.places.clone()
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> &Arc<PublishCounts> {
        &self.counts
    }

    /// Ends publishing and waits until nothing of it touches the store any more.
    pub fn stop(mut self) {
        self.stop = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a publishing thread had panicked");
            }
        }
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revision = self.view.borrow().revision();
        f.debug_struct("Publisher").field("revision", &revision).field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// A thread of its own with a runtime of its own: the API's work cannot delay it.
fn spawn(name: &str, work: impl Future<Output = ()> + Send + 'static) -> Result<JoinHandle<()>, io::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    thread::Builder::new().name(name.to_owned()).spawn(move || runtime.block_on(work))
}

/// From the log to snapshots.
struct Following {
    compiler: Compiler,
    revisions: watch::Receiver<Revision>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    checks: watch::Sender<Arc<Vec<HealthCheck>>>,
    stopped: watch::Receiver<()>,
}

impl Following {
    async fn run(mut self) {
        loop {
            let behind = !self.follow();
            tokio::select! {
                biased;
                _ = self.stopped.changed() => return,
                changed = self.revisions.changed() => if changed.is_err() { return }, // the store was closed
                () = tokio::time::sleep(RETRY), if behind => {}
            }
        }
    }

    /// Publishes up to the last commit; whether the store could be read.
    fn follow(&mut self) -> bool {
        self.revisions.mark_unchanged();
        match self.compiler.compile_changes() {
            Ok(news) => {
                if news.health_checks {
                    self.checks.send_replace(Arc::clone(self.compiler.health_checks()));
                }
                if news.snapshot {
                    self.snapshots.send_replace(Arc::clone(self.compiler.snapshot()));
                }
                true
            }
            Err(error) => {
                self.compiler.counts.store_faults.fetch_add(1, Ordering::Relaxed);
                let revision = self.compiler.snapshot().revision();
                tracing::error!(
                    revision,
                    error = &error as &dyn std::error::Error,
                    "cannot follow the log, trying again"
                );
                false
            }
        }
    }
}

/// From snapshots, verdicts and places to views.
struct Viewing {
    snapshot: watch::Receiver<Arc<Snapshot>>,
    verdicts: watch::Receiver<Arc<Verdicts>>,
    places: watch::Receiver<Arc<Places>>,
    views: watch::Sender<Arc<View>>,
    stopped: watch::Receiver<()>,
}

impl Viewing {
    async fn run(mut self) {
        let (mut has_prober, mut has_places) = (true, true);
        loop {
            let snapshot = Arc::clone(&self.snapshot.borrow_and_update());
            let places = Arc::clone(&self.places.borrow_and_update());
            self.views.send_replace(Arc::new(join(&snapshot, &mut self.verdicts, &places)));
            tokio::select! {
                biased;
                _ = self.stopped.changed() => return,
                changed = self.verdicts.changed(), if has_prober => has_prober = changed.is_ok(),
                changed = self.places.changed(), if has_places => has_places = changed.is_ok(),
                changed = self.snapshot.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// Asks the newest verdicts about every check that the snapshot names.
fn join(snapshot: &Arc<Snapshot>, verdicts: &mut watch::Receiver<Arc<Verdicts>>, places: &Arc<Places>) -> View {
    let verdicts = Arc::clone(&verdicts.borrow_and_update());
    let health = Health::compile(snapshot, |id| verdicts.is_healthy(id));
    View { snapshot: Arc::clone(snapshot), health: Arc::new(health), places: Arc::clone(places) }
}

#[cfg(test)]
mod tests;
