//! The end: what came in is answered, what was begun is finished, and the folder is left closed.
//!
//! The opposite order of `start`: first no new work (API, deployments), then no new questions, then the rest.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::client::LISTENING;
use crate::start::{Parts, Running};

/// Tasks that have nothing left to finish get this long to notice.
const GRACE: Duration = Duration::from_millis(500);

/// Returns when the process is asked to end: SIGTERM, SIGINT.
///
/// # Errors
/// Signals cannot be received.
pub(crate) fn wait_for_signal() -> anyhow::Result<()> {
    crate::door::wait(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        Ok(())
    })
}

impl Running {
    /// Drains and ends every part.
    ///
    /// # Errors
    /// A part did not end in order; the others have been ended all the same.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        let Parts { data, draining, api, runner, dns, health, publisher, store } = self.parts;
        tracing::info!("draining");
        draining.store(true, Ordering::Relaxed);
        let _ = std::fs::remove_file(data.join(LISTENING));
        let (runtime, stop, task) = api;
        drop(stop);
        let api_ended = runtime.block_on(task);
        runtime.shutdown_timeout(GRACE);
        let (runtime, running) = runner;
        runtime.block_on(running.stop());
        runtime.shutdown_timeout(GRACE);
        let (runtime, serving) = dns;
        runtime.block_on(serving.stop());
        runtime.shutdown_timeout(GRACE);
        let (runtime, probing) = health;
        drop(probing);
        runtime.shutdown_timeout(GRACE);
        publisher.stop();
        store.close();
        tracing::info!("stopped");
        api_ended.map_err(|fault| anyhow::anyhow!("the API did not end in order: {fault}"))
    }
}
