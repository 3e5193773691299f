//! Clients of the service: they ask the DNS over UDP where it is, and then the server that it names over HTTP. Half of them
//! keep an answer for its TTL. Where the DNS is silent, they stay with the last answer, as resolvers do (RFC 8767).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use world::exchange::{Transport, ask};
use world::query::Query;

use crate::servers::get;

const CLIENTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(8);

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) server: Ipv4Addr,
    pub(crate) is_fine: bool,
}

/// Clients that ask until they are stopped.
pub(crate) struct Clients {
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    pub(crate) fn start(dns: SocketAddr, name: &'static str, port: u16) -> Self {
        let (asked, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let threads = (0..CLIENTS).map(|number| {
            let (asked, stop) = (Arc::clone(&asked), Arc::clone(&stop));
            thread::spawn(move || {
                let (mut known, mut until) = (None, Instant::now());
                while !stop.load(Ordering::SeqCst) {
                    let is_old = known.is_none() || Instant::now() >= until;
                    if let Some((address, ttl)) = is_old.then(|| resolve(dns, name)).flatten() {
                        known = Some(address);
                        until = Instant::now() + ttl * (number % 2);
                    }
                    if let Some(server) = known {
                        let at = Instant::now();
                        let is_fine = get((server, port).into(), "/") == Some(200);
                        asked.lock().unwrap().push(Asked { at, server, is_fine });
                    }
                    thread::sleep(PAUSE);
                }
            })
        });
        let threads = threads.collect();
        Self { asked, stop, threads }
    }

    /// Waits until somebody was answered by this server after a moment.
    pub(crate) fn reach(&self, server: &str, since: Instant) {
        let server: Ipv4Addr = server.parse().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        let reached = || self.asked.lock().unwrap().iter().any(|asked| asked.server == server && asked.at >= since);
        while !reached() {
            assert!(Instant::now() < deadline, "nobody comes to {server}");
            thread::sleep(PAUSE);
        }
    }

    /// Everything that was asked.
    pub(crate) fn stop(self) -> Vec<Asked> {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.threads {
            client.join().unwrap();
        }
        Arc::try_unwrap(self.asked).unwrap().into_inner().unwrap()
    }
}

fn resolve(dns: SocketAddr, name: &str) -> Option<(Ipv4Addr, Duration)> {
    let reply = ask(dns, &Query::new(name, "A").unwrap(), Transport::Udp).ok()?;
    let record = reply.answer.first()?;
    Some((record.text.parse().ok()?, Duration::from_secs(u64::from(record.ttl))))
}
