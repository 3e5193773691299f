//! Query logs: the thread between the queue of those who answer and the writer of `control`.
//!
//! It starts before the DNS servers and ends after them, so that what they answered last is written too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use answer::Transport;
use anyhow::Context as _;
use control::Store;
use control::query_logging::{Counts, Protocol, Query, QueryLogs};
use serve::{QueryLog, QueryRecord};

use crate::config::Config;

/// Queries that may wait to be written, some 350 bytes each: 23 MB, a third of a second of 200 000 a second.
const WAITING_MAX: usize = 65_536;
/// Queries that are written at once.
const AT_ONCE: usize = 4096;
/// How often the thread looks whether it is to end.
const TICK: Duration = Duration::from_millis(100);

/// The thread, and what it counts.
pub(crate) struct Writing {
    pub(crate) log: QueryLog,
    pub(crate) counts: Arc<Counts>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts the thread.
///
/// # Errors
/// The folder cannot be made, or no thread be started.
pub(crate) fn start(config: &Config, store: &Store) -> anyhow::Result<Writing> {
    let (sink, table) = (config.query_log.sink(&config.data), &config.query_log);
    let logs = QueryLogs::new(store, sink, table.location.clone(), table.rotation());
    let mut logs = logs.context("cannot make the folder of query logs (query_log.folder)")?;
    let (log, records) = QueryLog::new(WAITING_MAX);
    let (counts, stop) = (logs.counts(), Arc::<AtomicBool>::default());
    let stopping = Arc::clone(&stop);
    let thread = thread::Builder::new().name("query-log".to_owned());
    let thread = thread.spawn(move || {
        while let Some(queries) = next(&records, &stopping) {
            logs.write(&queries);
        }
    })?;
    Ok(Writing { log, counts, stop, thread })
}

/// All that waits, up to a number; nothing once there is nothing left to wait for.
fn next(records: &Receiver<QueryRecord>, stopping: &AtomicBool) -> Option<Vec<Query>> {
    loop {
        // Read before the queue is looked at: what was put in before the order is found.
        let is_last = stopping.load(Ordering::Acquire);
        match records.recv_timeout(TICK) {
            Ok(first) => {
                let rest = records.try_iter().take(AT_ONCE - 1);
                return Some(std::iter::once(first).chain(rest).map(query).collect());
            }
            Err(RecvTimeoutError::Timeout) if !is_last => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn query(record: QueryRecord) -> Query {
    let QueryRecord { at, asked, rcode, transport, resolver } = record;
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Query {
        at_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        zone: asked.zone(),
        qname: asked.name(),
        qtype: asked.record_type(),
        rcode,
        protocol: match transport {
            Transport::Udp => Protocol::Udp,
            Transport::Tcp => Protocol::Tcp,
        },
        resolver,
        subnet: asked.client_subnet().map(|prefix| prefix.to_string()),
    }
}

impl Writing {
    /// Writes what waits and ends. Nobody must put more into the queue.
    pub(crate) fn stop(self) {
        self.stop.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!("the thread of query logs had panicked");
        }
    }
}
