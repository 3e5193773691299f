//! A UDP worker: one pinned thread, one socket, one walk from datagram to reply without allocation, lock or await.
//!
//! Before: `bind.rs` made the socket. Per batch: receive, look for a newer view, answer each datagram in place, send. Leaves out on
//! purpose: everything about DNS, which is `answer`'s.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ::udp::{Batch, Socket, Wait};
use answer::{Client, Identity, Transport};

use crate::clock::now_seconds;
use crate::count::Cells;
use crate::current::Current;
use crate::draw::Draw;
use crate::query_log::{QueryLog, answer_noted};

/// Datagrams a system call: the gain per call is nearly all there, and the first does not wait long for the last.
const BATCH: usize = 64;

/// Batches answered after the order to stop: more than the socket's buffer can hold, so what had arrived is answered, and a flood
/// cannot keep the worker alive.
const BATCHES_AFTER_STOP: usize = 256;

/// What one worker needs.
pub(crate) struct Worker {
    pub(crate) socket: Socket,
    pub(crate) core: usize,
    pub(crate) current: Current,
    pub(crate) cells: Arc<Cells>,
    pub(crate) query_log: Option<QueryLog>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Worker {
    /// Serves until told to stop.
    pub(crate) fn run(mut self) {
        if let Err(error) = ::udp::pin_to(self.core) {
            tracing::warn!(core = self.core, %error, "a dns worker could not be pinned to its core and runs on any");
        }
        let mut batch = Batch::new(BATCH);
        let mut draw = Draw::new();
        loop {
            // A query that hits a fault of ours costs its batch, not the server. Between batches nothing is half done: the batch
            // forgets its datagrams first, the view is whole, counters are single numbers.
            match catch_unwind(AssertUnwindSafe(|| self.serve(&mut batch, &mut draw))) {
                Ok(Ok(())) => return,
                Ok(Err(error)) => {
                    tracing::error!(address = %self.socket.local_addr(), %error, "a dns worker cannot receive, trying again");
                    if self.stop.load(Ordering::Relaxed) {
                        return;
                    }
                    thread::sleep(Duration::from_millis(100));
                }
                Err(_) => self.cells.count_panic(),
            }
        }
    }

    fn serve(&mut self, batch: &mut Batch, draw: &mut Draw) -> io::Result<()> {
        while !self.stop.load(Ordering::Relaxed) {
            self.exchange(batch, draw, Wait::ForFirst)?;
        }
        for _ in 0..BATCHES_AFTER_STOP {
            if self.exchange(batch, draw, Wait::No)? == 0 {
                break;
            }
        }
        Ok(())
    }

    #[inline]
    fn exchange(&mut self, batch: &mut Batch, draw: &mut Draw, wait: Wait) -> io::Result<usize> {
        let received = batch.receive(&self.socket, wait)?;
        self.current.refresh();
        if received == 0 {
            return Ok(0);
        }
        let (view, cells, log) = (self.current.view(), &*self.cells, self.query_log.as_ref());
        // Once a batch: a look at the clock costs a fraction of the two system calls around it.
        let (identity, now_seconds) = (&*self.identity, now_seconds());
        let sent = batch.reply(&self.socket, |datagram, from, reply| {
            let client =
                Client { address: from.ip(), transport: Transport::Udp, draw: draw.next(), identity, now_seconds };
            let (outcome, slots) = answer_noted(log, view, datagram, &client, reply);
            cells.count_alone(&outcome, slots, reply);
            outcome.len()
        });
        cells.count_losses(sent.oversize, sent.dropped);
        Ok(received)
    }
}
