//! The users: resolver-like clients that look the name up over UDP, keep the answer for its TTL and call the service
//! at the address they were given. They know nothing of the release.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::service;
use super::timeline::Timeline;

/// How many resolvers with users behind them.
pub(crate) const RESOLVERS: usize = 160;
/// Each asks the service every 150–450 ms: some 500 requests a second in all.
const PAUSE_MS: (u64, u64) = (150, 450);
/// A resolver asks again after this long without an answer, twice.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(800);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// What all users share.
#[derive(Debug)]
pub(crate) struct World {
    /// The DNS server.
    pub(crate) dns: SocketAddr,
    /// The name they know.
    pub(crate) name: model::Name,
    /// The service's port.
    pub(crate) port: u16,
    /// Where they report.
    pub(crate) timeline: Arc<Timeline>,
}

/// The running population; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Population {
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Population {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// Starts the users.
pub(crate) fn start(world: World) -> Population {
    let world = Arc::new(world);
    let tasks = (0..RESOLVERS).map(|seed| tokio::spawn(user(Arc::clone(&world), seed as u64))).collect();
    Population { tasks }
}

async fn user(world: Arc<World>, seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut cached: Option<(Ipv4Addr, Instant)> = None;
    // They did not all arrive at the same moment.
    tokio::time::sleep(Duration::from_millis(random.between((0, PAUSE_MS.1)))).await;
    loop {
        let address = match cached {
            Some((address, until)) if Instant::now() < until => Some(address),
            _ => {
                let found = look_up(&world, &mut random).await;
                cached = found.map(|(address, ttl)| (address, Instant::now() + ttl));
                found.map(|(address, _)| address)
            }
        };
        match address {
            None => world.timeline.count(None, false),
            Some(address) => {
                let succeeded = tokio::time::timeout(REQUEST_TIMEOUT, call(&world, address)).await;
                let version = service::version_of(address);
                match succeeded {
                    Ok(Ok(succeeded)) => world.timeline.count(version, succeeded),
                    Ok(Err(_)) | Err(_) => world.timeline.count(None, false),
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(random.between(PAUSE_MS))).await;
    }
}

/// One look-up as a resolver does it: a datagram, a time-out, another try.
async fn look_up(world: &World, random: &mut Random) -> Option<(Ipv4Addr, Duration)> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.ok()?;
    socket.connect(world.dns).await.ok()?;
    for _ in 0..3 {
        let id = u16::try_from(random.between((0, 65_535))).expect("16 bits");
        let query = question(&world.name, id);
        socket.send(&query).await.ok()?;
        let mut reply = [0; 1232];
        if let Ok(Ok(length)) = tokio::time::timeout(LOOKUP_TIMEOUT, socket.recv(&mut reply)).await
            && reply[..2] == id.to_be_bytes()
        {
            return first_address(&reply[..length], query.len());
        }
    }
    None
}

fn question(name: &model::Name, id: u16) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    // RD set, as resolvers' stubs do; one question of type A, class IN.
    let mut query = vec![high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend_from_slice(name.wire());
    query.extend_from_slice(&[0, 1, 0, 1]);
    query
}

/// The first A record behind the question: pointer, type, class, TTL, length, address.
fn first_address(reply: &[u8], question_end: usize) -> Option<(Ipv4Addr, Duration)> {
    let record = reply.get(question_end..question_end + 16)?;
    if record[2..4] != [0, 1] || record[10..12] != [0, 4] {
        return None;
    }
    let ttl = u32::from_be_bytes([record[6], record[7], record[8], record[9]]);
    Some((Ipv4Addr::new(record[12], record[13], record[14], record[15]), Duration::from_secs(u64::from(ttl))))
}

/// One request; whether the answer is a success.
async fn call(world: &World, address: Ipv4Addr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((address, world.port)).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n").await?;
    let mut reply = Vec::with_capacity(256);
    stream.read_to_end(&mut reply).await?;
    Ok(reply.starts_with(b"HTTP/1.1 200"))
}

/// Xorshift: enough to spread users over time.
struct Random(u64);

impl Random {
    fn between(&mut self, (low, high): (u64, u64)) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low + 1)
    }
}
