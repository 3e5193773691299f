//! The queue from those who answer to whoever writes query logs.
//!
//! Before: `udp` and `tcp` answer. A worker never waits: what finds the queue full is dropped and counted. While no zone's
//! queries are logged and no record set's answers counted, this costs one look at the view a query. Leaves out on purpose: writing, and which zones are logged,
//! which the snapshot says.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::SystemTime;

use answer::{AnswerSlots, Asked, Client, Outcome, Transport, View, answer, answer_noting};

/// One query to a zone whose queries are logged. The edge that answered is this server's, and so not in it.
#[derive(Clone, Copy, Debug)]
pub struct QueryRecord {
    /// When it was answered.
    pub at: SystemTime,
    /// What was asked, of which zone.
    pub asked: Asked,
    /// The response code in the reply's header.
    pub rcode: u8,
    /// How it came.
    pub transport: Transport,
    /// Where it came from.
    pub resolver: IpAddr,
}

/// Where workers put queries; a cheap handle.
#[derive(Clone, Debug)]
pub struct QueryLog {
    queue: SyncSender<QueryRecord>,
    dropped: Arc<AtomicU64>,
}

impl QueryLog {
    /// A queue with room for `capacity` queries (some 350 bytes each, taken at once), and its other end.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, Receiver<QueryRecord>) {
        let (queue, records) = sync_channel(capacity);
        (Self { queue, dropped: Arc::default() }, records)
    }

    /// How many queries were not put into the queue because it was full, or nobody reads it any more.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    #[cold]
    fn put(&self, asked: Asked, client: &Client<'_>, reply: &[u8]) {
        let rcode = reply.get(3).map_or(0, |flags| flags & 15);
        let Client { address: resolver, transport, draw: _, identity: _, now_seconds: _ } = *client;
        let record = QueryRecord { at: SystemTime::now(), asked, rcode, transport, resolver };
        if self.queue.try_send(record).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Answers; tells the log if there is one and the view says that it wants to know, and says where the answer is counted.
#[inline]
pub(crate) fn answer_noted(
    log: Option<&QueryLog>,
    view: &View,
    message: &[u8],
    client: &Client<'_>,
    reply: &mut [u8],
) -> (Outcome, AnswerSlots) {
    if !view.snapshot.logs_queries() && !view.snapshot.counts_answers() {
        return (answer(view, message, client, reply), AnswerSlots::default());
    }
    let (outcome, noted) = answer_noting(view, message, client, reply);
    if let (Some(log), Some(asked)) = (log, noted.asked) {
        log.put(asked, client, reply);
    }
    (outcome, noted.slots)
}
