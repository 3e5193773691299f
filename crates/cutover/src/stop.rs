//! The end: what came in is answered, what was begun is finished, and the folder is left closed.
//!
//! The opposite order of `start`: first no new work (API, deployments), then no new questions, then the rest.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::client::LISTENING;
use crate::start::{Parts, Running};

/// Tasks that have nothing left to finish get this long to notice.
const GRACE: Duration = Duration::from_millis(500);

/// The wishes that the process ends: SIGTERM, SIGINT.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on they are kept for [`Self::next`] instead of ending the process. Call it inside a runtime.
    ///
    /// # Errors
    /// Signals cannot be received.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let receive = |kind| signal(kind).context("cannot receive signals");
        Ok(Self { terminate: receive(SignalKind::terminate())?, interrupt: receive(SignalKind::interrupt())? })
    }

    /// Returns when the process is asked to end, or has been since.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Returns when the process is asked to end.
///
/// # Errors
/// Signals cannot be received.
pub(crate) fn wait_for_signal() -> anyhow::Result<()> {
    crate::door::wait(async {
        Signals::listen()?.next().await;
        Ok(())
    })
}

impl Running {
    /// Drains and ends every part.
    ///
    /// # Errors
    /// A part did not end in order; the others have been ended all the same.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        let Parts { data, draining, api, runner, teller, dns, query_log, health, places, publisher, audit, store } =
            self.parts;
        tracing::info!("draining");
        draining.store(true, Ordering::Relaxed);
        let _ = std::fs::remove_file(data.join(LISTENING));
        let (runtime, stop, task) = api;
        drop(stop);
        let api_ended = runtime.block_on(task);
        runtime.shutdown_timeout(GRACE);
        audit.close();
        let (runtime, running) = runner;
        runtime.block_on(running.stop());
        runtime.block_on(teller.stop());
        runtime.shutdown_timeout(GRACE);
        let (runtime, serving) = dns;
        runtime.block_on(serving.stop());
        runtime.shutdown_timeout(GRACE);
        query_log.stop();
        let (runtime, probing) = health;
        drop(probing);
        runtime.shutdown_timeout(GRACE);
        places.stop();
        publisher.stop();
        store.close();
        tracing::info!("stopped");
        api_ended.map_err(|fault| anyhow::anyhow!("the API did not end in order: {fault}"))
    }
}
