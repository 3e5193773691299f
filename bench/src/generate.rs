//! The load generator: one thread, busy polling, a fixed number of queries under way (a closed loop).
//!
//! A closed loop finds the server's capacity without a search, and busy polling keeps the cost of wake-ups out of the server's bill.
//! What it does not give: latency under a given load; its quantiles are those of a saturated server.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cpu;
use crate::histogram::Histogram;
use crate::mail::Mail;
use crate::query::{Queries, first_address};
use crate::random::Random;

/// What to send and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where the server listens.
    pub server: SocketAddr,
    /// Sockets to send from. The kernel spreads clients over workers by socket, and a resolver is one socket to us.
    pub sockets: usize,
    /// Queries under way in all.
    pub outstanding: usize,
    /// Time before counting starts, in which caches fill.
    pub warmup: Duration,
    /// Time that is counted.
    pub duration: Duration,
    /// A query without an answer after this long is lost and another takes its place.
    pub timeout: Duration,
    /// Start of the sequence of random names.
    pub seed: u64,
    /// The server's process, whose CPU time is read.
    pub process: Option<u32>,
    /// Count the first addresses of the answers (shares of weighted records).
    pub addresses: bool,
}

impl Load {
    /// The load of every table we print: 192 queries under way over 16 sockets.
    pub fn new(server: SocketAddr) -> Load {
        Load {
            server,
            sockets: 16,
            outstanding: 192,
            warmup: Duration::from_millis(500),
            duration: Duration::from_secs(2),
            timeout: Duration::from_millis(500),
            seed: 1,
            process: None,
            addresses: false,
        }
    }
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Measurement {
    /// Seconds counted.
    pub seconds: f64,
    /// Replies that matched a query.
    pub answered: u64,
    /// Queries without a reply.
    pub lost: u64,
    /// Datagrams that matched none.
    pub strays: u64,
    /// Replies with the TC bit.
    pub truncated: u64,
    /// Replies by response code.
    pub rcodes: [u64; 16],
    /// Octets of all replies.
    pub octets: u64,
    /// Replies by first address, if wanted.
    pub addresses: BTreeMap<[u8; 4], u64>,
    /// Time from send to receive.
    pub latency: Histogram,
    /// The server's CPU seconds, if its process was named.
    pub server_seconds: Option<f64>,
    /// Share of the time (0–1) in which the generator found nothing to do: with none, it was the limit.
    pub idle: f64,
}

impl Measurement {
    /// Microseconds of the server's CPU per answered query.
    pub fn server_us_per_query(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.server_seconds.map(|seconds| seconds * 1e6 / self.answered as f64)).flatten()
    }
}

/// Sends the load and counts what comes back.
///
/// # Errors
/// Sockets cannot be made, or the server's CPU time cannot be read.
pub fn generate(load: &Load, queries: &Queries) -> Result<Measurement> {
    let sockets = load.sockets.max(1);
    let window = load.outstanding.div_ceil(sockets).clamp(1, SLOTS_MAX);
    let mut lanes: Vec<Lane> = (0..sockets).map(|_| Lane::open(load.server, window)).collect::<Result<_>>()?;
    let mut inbox = Mail::new(64, 4096, false);
    let mut outbox = Mail::new(64, queries.longest(), false);
    let mut random = Random::new(load.seed);

    let clock = Instant::now();
    // 0 marks a free slot, so time starts at 1.
    let now = || clock.elapsed().as_nanos() as u64 + 1;
    let timeout = load.timeout.as_nanos() as u64;
    let start = load.warmup.as_nanos() as u64;
    let end = start + load.duration.as_nanos() as u64;
    let mut counted: Option<(u64, f64)> = None;
    let mut found = Measurement::default();
    let mut idle = 0;
    let mut search = 0;
    let mut time = now();
    while time < end {
        if counted.is_none() && time >= start {
            found = Measurement::default();
            idle = 0;
            let used = server_seconds(load)?;
            time = now();
            counted = Some((time, used));
        }
        let round = time;
        let mut busy = false;
        for lane in &mut lanes {
            busy |= lane.collect(&mut inbox, &mut found, load.addresses, now);
            busy |= lane.fill(&mut outbox, queries, &mut random, now);
        }
        time = now();
        if time > search {
            search = time + 20_000_000;
            found.lost += lanes.iter_mut().map(|lane| lane.give_up(time.saturating_sub(timeout))).sum::<u64>();
        }
        if !busy {
            idle += time - round;
        }
    }
    let used = server_seconds(load)?;
    let (began, before) = counted.context("the run ended before it was warm")?;
    found.seconds = (time - began) as f64 / 1e9;
    found.server_seconds = load.process.map(|_| used - before);
    found.idle = idle as f64 / (time - began) as f64;
    Ok(found)
}

fn server_seconds(load: &Load) -> Result<f64> {
    load.process.map_or(Ok(0.0), |process| Ok(cpu::used_by(process)?.as_secs_f64()))
}

/// Slots a socket can have: the slot's number is the low part of the ID.
const SLOTS_MAX: usize = 256;

/// One socket and its queries under way. A query's ID is its slot's number plus 256 times the slot's round, so a late reply to an
/// earlier query of the slot is told apart.
struct Lane {
    socket: UdpSocket,
    slots: Vec<Slot>,
    free: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    sent: u64,
    round: u8,
}

impl Lane {
    fn open(server: SocketAddr, window: usize) -> Result<Lane> {
        let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any).context("bind a client socket")?;
        socket.connect(server).with_context(|| format!("connect to {server}"))?;
        Ok(Lane { socket, slots: vec![Slot::default(); window], free: (0..window).map(|slot| slot as u8).collect() })
    }

    /// Takes replies from the socket; true if there were any.
    #[inline]
    fn collect(&mut self, inbox: &mut Mail, found: &mut Measurement, addresses: bool, now: impl Fn() -> u64) -> bool {
        let Ok(count @ 1..) = usize::try_from(inbox.receive(self.socket.as_raw_fd(), libc::MSG_DONTWAIT)) else {
            return false;
        };
        let time = now();
        for index in 0..count {
            let reply = inbox.received(index);
            let Some(slot) = self.slot_of(reply) else {
                found.strays += 1;
                continue;
            };
            let sent = std::mem::take(&mut self.slots[usize::from(slot)].sent);
            self.free.push(slot);
            found.latency.add(time.saturating_sub(sent));
            found.answered += 1;
            found.octets += reply.len() as u64;
            found.truncated += u64::from(reply[2] >> 1 & 1);
            found.rcodes[usize::from(reply[3] & 15)] += 1;
            if addresses && let Some(address) = first_address(reply) {
                *found.addresses.entry(address).or_default() += 1;
            }
        }
        true
    }

    /// The slot whose query under way this replies to.
    #[inline]
    fn slot_of(&self, reply: &[u8]) -> Option<u8> {
        let &[round, number, flags, ..] = reply else { return None };
        let slot = self.slots.get(usize::from(number))?;
        (reply.len() >= 12 && flags & 0x80 != 0 && slot.sent != 0 && slot.round == round).then_some(number)
    }

    /// Sends a query for every free slot, a batch at most; true if any went out.
    #[inline]
    fn fill(&mut self, outbox: &mut Mail, queries: &Queries, random: &mut Random, now: impl Fn() -> u64) -> bool {
        let count = self.free.len().min(outbox.count());
        if count == 0 {
            return false;
        }
        let first = self.free.len() - count;
        for (index, &number) in self.free[first..].iter().enumerate() {
            let slot = &mut self.slots[usize::from(number)];
            slot.round = slot.round.wrapping_add(1);
            let query = queries.pick(random);
            let place = outbox.write(index, query.len());
            place.copy_from_slice(query);
            place[..2].copy_from_slice(&[slot.round, number]);
        }
        let time = now();
        let sent = usize::try_from(outbox.send(self.socket.as_raw_fd(), count, libc::MSG_DONTWAIT)).unwrap_or(0);
        for number in self.free.drain(first..first + sent) {
            self.slots[usize::from(number)].sent = time;
        }
        sent > 0
    }

    /// Frees the slots of queries sent before `limit` and says how many.
    fn give_up(&mut self, limit: u64) -> u64 {
        let mut lost = 0;
        for (number, slot) in self.slots.iter_mut().enumerate() {
            if slot.sent != 0 && slot.sent < limit {
                slot.sent = 0;
                self.free.push(number as u8);
                lost += 1;
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    /// A server that answers 3 of 4 queries with NXDOMAIN and forgets the fourth.
    #[test]
    fn answers_and_losses_are_told_apart() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let load = Load {
            sockets: 2,
            outstanding: 8,
            warmup: Duration::ZERO,
            duration: Duration::from_millis(300),
            timeout: Duration::from_millis(20),
            ..Load::new(server.local_addr().unwrap())
        };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let answering = thread::spawn(move || {
            let mut buffer = [0; 512];
            let mut count = 0;
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, from)) = server.recv_from(&mut buffer) else { continue };
                count += 1;
                if count % 4 != 0 {
                    buffer[2] |= 0x80;
                    buffer[3] = 3;
                    server.send_to(&buffer[..length], from).unwrap();
                }
            }
        });
        let queries = Queries::parse("a.test\nb.test A", false).unwrap();
        let found = generate(&load, &queries).unwrap();
        stop.store(true, Ordering::Relaxed);
        answering.join().unwrap();
        assert!(found.answered > 0 && found.lost > 0, "{found:?}");
        assert_eq!(found.rcodes[3], found.answered);
        assert_eq!(found.octets, 24 * found.answered);
        // On a busy machine a reply may come after its query was given up.
        assert!(found.strays <= found.lost, "{found:?}");
        assert_eq!(found.server_us_per_query(), None);
    }
}
