//! The view a worker answers from.
//!
//! Each worker holds its own `Arc` and looks at one generation counter a batch, so publishing costs readers nothing and never waits
//! for them. What it serves is written where control can see it: a change is INSYNC when every worker has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use answer::View;
use tokio::sync::watch;

/// The revision one worker serves, on a cache line pair of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Served(AtomicU64);

impl Served {
    pub(crate) fn revision(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// One worker's view and where it finds the next.
pub(crate) struct Current {
    view: Arc<View>,
    next: watch::Receiver<Arc<View>>,
    served: Arc<Served>,
    /// The publisher is gone: serve on from the last view.
    last: bool,
}

impl Current {
    pub(crate) fn new(mut next: watch::Receiver<Arc<View>>, served: Arc<Served>) -> Current {
        let view = Arc::clone(&next.borrow_and_update());
        served.0.store(view.revision(), Ordering::Release);
        Current { view, next, served, last: false }
    }

    /// Takes the newest view if there is one. Called after each wake, before the batch is answered.
    #[inline]
    pub(crate) fn refresh(&mut self) {
        match self.next.has_changed() {
            Ok(false) => {}
            Ok(true) => self.take(),
            Err(_) if self.last => {}
            Err(_) => {
                // It may have published once more just before it went.
                self.last = true;
                self.take();
            }
        }
    }

    /// The view to answer this batch from.
    #[inline]
    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    #[cold]
    fn take(&mut self) {
        self.view = Arc::clone(&self.next.borrow_and_update());
        self.served.0.store(self.view.revision(), Ordering::Release);
    }
}
