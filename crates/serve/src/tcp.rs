//! DNS over TCP: frames queries by their two octets of length and answers them with the same function as UDP (RFC 7766).
//!
//! Queries of one connection are answered in the order they came, many of them in one write when they came together (§6.2.1.1).
//! Before: `bind.rs` made the listener. Leaves out on purpose: out-of-order replies (no answer waits for anything) and TCP Fast
//! Open. The keepalive option of RFC 7828 is in `answer`'s replies, with the idle time that holds here.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use answer::{Client, Identity, Outcome, Transport, View};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::clock::now_seconds;
use crate::count::Cells;
use crate::draw::Draw;
use crate::limit::{Connections, TcpLimits};
use crate::query_log::{QueryLog, answer_noted};

/// Octets of the largest message the length prefix can say.
const MESSAGE_MAX: usize = u16::MAX as usize;
/// Octets of the length prefix.
const PREFIX: usize = 2;
/// Replies gather until less than one largest message has room.
const OUTPUT_OCTETS: usize = 2 * (PREFIX + MESSAGE_MAX);
/// Octets read at once: some sixty pipelined queries.
const READ_OCTETS: usize = 4096;
/// How long a connection listens on for queries that were under way when the order to stop came.
const LAST_WORDS: Duration = Duration::from_millis(50);
/// How long connections may take to write their last replies.
const DRAIN: Duration = Duration::from_secs(5);

/// What the connections of one listener share.
#[derive(Clone)]
pub(crate) struct Tcp {
    pub(crate) view: watch::Receiver<Arc<View>>,
    pub(crate) connections: Connections,
    pub(crate) limits: TcpLimits,
    pub(crate) cells: Arc<Cells>,
    pub(crate) refused: Arc<AtomicU64>,
    pub(crate) query_log: Option<QueryLog>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) stop: watch::Receiver<bool>,
}

impl Tcp {
    /// Accepts until told to stop, then lets connections finish what has arrived.
    pub(crate) async fn listen(mut self, listener: TcpListener) {
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = ordered(&mut self.stop) => break,
                accepted = listener.accept() => accepted,
                Some(ended) = tasks.join_next() => {
                    if ended.is_err_and(|error| error.is_panic()) {
                        self.cells.count_panic();
                    }
                    continue;
                }
            };
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer, &mut tasks),
                Err(error) => {
                    // Out of file descriptors or memory: those come back, and trying at once would only burn the core.
                    tracing::warn!(%error, "a tcp connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(listener);
        let finish = async { while tasks.join_next().await.is_some() {} };
        if timeout(DRAIN, finish).await.is_err() {
            tasks.shutdown().await;
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let Some(place) = self.connections.enter(peer.ip()) else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let mut connection = Connection {
            shared: self.clone(),
            stream,
            source: peer.ip(),
            input: Vec::new(),
            output: Vec::new(),
            ready: 0,
            draw: Draw::new(),
        };
        tasks.spawn(async move {
            // A client that goes away or stalls is its own affair.
            _ = connection.converse().await;
            drop(place);
        });
    }
}

struct Connection {
    shared: Tcp,
    stream: TcpStream,
    source: IpAddr,
    /// Octets read and not yet answered: at most one message that is not whole.
    input: Vec<u8>,
    /// Replies; the first `ready` octets wait to be written.
    output: Vec<u8>,
    ready: usize,
    draw: Draw,
}

/// How the queries read so far ended.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    /// All whole messages are answered.
    Answered { queries: usize },
    /// What came is no query; there is nothing to say to it.
    Nonsense,
}

impl Connection {
    async fn converse(&mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut stop = self.shared.stop.clone();
        let mut deadline = Instant::now() + self.shared.limits.idle_timeout;
        loop {
            self.input.reserve(READ_OCTETS);
            tokio::select! {
                biased;
                () = ordered(&mut stop) => return self.finish().await,
                read = timeout_at(deadline, self.stream.read_buf(&mut self.input)) => match read {
                    Ok(Ok(1..)) => {}
                    // The client is done, or it sent no whole query in time (a prefix alone is none).
                    Ok(Ok(0)) | Err(_) => return Ok(()),
                    Ok(Err(error)) => return Err(error),
                },
            }
            match self.answer_all().await? {
                Progress::Answered { queries: 0 } => {}
                Progress::Answered { .. } => deadline = Instant::now() + self.shared.limits.idle_timeout,
                Progress::Nonsense => return Ok(()),
            }
        }
    }

    /// Answers what had arrived before the order to stop, then says goodbye. What the kernel has is known here only a moment later,
    /// so that moment is waited for.
    async fn finish(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + LAST_WORDS;
        loop {
            self.input.reserve(READ_OCTETS);
            let Ok(read) = timeout_at(deadline, self.stream.read_buf(&mut self.input)).await else { break };
            if read? == 0 || self.answer_all().await? == Progress::Nonsense {
                break;
            }
        }
        self.stream.shutdown().await
    }

    /// Answers every whole message of the input and writes the replies.
    async fn answer_all(&mut self) -> io::Result<Progress> {
        let mut start = 0;
        let mut queries = 0;
        let mut nonsense = false;
        while let Some(length) = message_at(&self.input[start..]) {
            if self.output.len() - self.ready < PREFIX + MESSAGE_MAX {
                self.flush().await?;
                if self.output.is_empty() {
                    // Made on first use, and zeroed by the system: the pages that no reply reaches are never touched.
                    self.output = vec![0; OUTPUT_OCTETS];
                }
            }
            let query = start + PREFIX;
            if !self.answer(query, length) {
                nonsense = true;
                break;
            }
            queries += 1;
            start = query + length;
        }
        self.input.drain(..start);
        self.flush().await?;
        Ok(if nonsense { Progress::Nonsense } else { Progress::Answered { queries } })
    }

    /// Writes the reply to the message at `query` behind the ones that are ready; false if there is none.
    fn answer(&mut self, query: usize, length: usize) -> bool {
        let message = &self.input[query..query + length];
        let reply = &mut self.output[self.ready + PREFIX..][..MESSAGE_MAX];
        let client = Client {
            address: self.source,
            transport: Transport::Tcp,
            draw: self.draw.next(),
            identity: &self.shared.identity,
            now_seconds: now_seconds(),
        };
        // The newest view for every query; the reference is held only while the answer is made, and publishing waits no longer.
        let log = self.shared.query_log.as_ref();
        let (outcome, slots) = answer_noted(log, &self.shared.view.borrow(), message, &client, reply);
        self.shared.cells.count_shared(&outcome, slots, reply);
        if outcome == Outcome::Dropped {
            return false;
        }
        let length = u16::try_from(outcome.len()).expect("a reply fits the buffer it was given");
        self.output[self.ready..][..PREFIX].copy_from_slice(&length.to_be_bytes());
        self.ready += PREFIX + usize::from(length);
        true
    }

    async fn flush(&mut self) -> io::Result<()> {
        let ready = std::mem::take(&mut self.ready);
        if ready == 0 {
            return Ok(());
        }
        timeout(self.shared.limits.idle_timeout, self.stream.write_all(&self.output[..ready])).await?
    }
}

/// Waits for the order to stop; the giver going away is one.
async fn ordered(stop: &mut watch::Receiver<bool>) {
    _ = stop.wait_for(|stop| *stop).await;
}

/// The length of the message that starts the input, if it is all there.
fn message_at(input: &[u8]) -> Option<usize> {
    let (prefix, rest) = input.split_first_chunk::<PREFIX>()?;
    let length = usize::from(u16::from_be_bytes(*prefix));
    (rest.len() >= length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_when_it_is_whole() {
        assert_eq!(message_at(&[]), None);
        assert_eq!(message_at(&[0]), None);
        assert_eq!(message_at(&[0, 3, 1, 2]), None);
        assert_eq!(message_at(&[0, 3, 1, 2, 3, 0]), Some(3));
        assert_eq!(message_at(&[0, 0]), Some(0));
    }
}
