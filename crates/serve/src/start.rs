//! Starts the workers and listeners, and stops them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use answer::{AnswerSlot, Identity, View};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::bind::{BindError, bind};
use crate::count::{Cells, Counters, Counts};
use crate::current::{Current, Served};
use crate::limit::{Connections, TcpLimits};
use crate::query_log::QueryLog;
use crate::tcp::Tcp;
use crate::udp::Worker;

/// Where and how to answer.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses to answer on, over UDP and TCP; port 0 lets the system choose one port for both.
    pub dns: Vec<SocketAddr>,
    /// UDP workers of each address; none means one for each core we may use. At least 1.
    pub workers: Option<usize>,
    /// Bounds of the TCP side.
    pub tcp: TcpLimits,
    /// Where queries to zones that log them go; none drops them.
    pub query_log: Option<QueryLog>,
    /// What the server says of itself. Its idle time is that of `tcp`, whatever it says here.
    pub identity: Identity,
}

/// Answers being given. Dropping it stops at once; [`Serving::stop`] lets what has arrived be answered first.
#[derive(Debug)]
pub struct Serving {
    addresses: Vec<SocketAddr>,
    status: Status,
    stop: Stop,
    workers: Vec<JoinHandle<()>>,
    listeners: Vec<tokio::task::JoinHandle<()>>,
}

/// What is served and how much; a cheap handle that others may keep.
#[derive(Clone, Debug)]
pub struct Status(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    served: Vec<Arc<Served>>,
    udp: Vec<Arc<Cells>>,
    tcp: Arc<Cells>,
    connections: Connections,
    refused: Arc<AtomicU64>,
}

/// The order to stop; dropping it gives it too.
#[derive(Debug)]
struct Stop {
    workers: Arc<AtomicBool>,
    listeners: watch::Sender<bool>,
}

/// Binds every address, then starts answering from `view` and every later one. Must be called inside a tokio runtime, which carries
/// the TCP side; UDP has threads of its own.
///
/// # Errors
/// The first address that cannot be bound; nothing is served then.
pub fn start(config: &Config, view: &watch::Receiver<Arc<View>>) -> Result<Serving, BindError> {
    if config.dns.is_empty() {
        return Err(BindError::NoAddress);
    }
    let cores = udp::cores().map_err(BindError::Thread)?;
    let count = config.workers.unwrap_or(cores.len()).max(1);
    let bound = config.dns.iter().map(|&address| bind(address, count)).collect::<Result<Vec<_>, _>>()?;
    let addresses = bound.iter().map(|bound| bound.address).collect();

    let tenths = config.tcp.idle_timeout.as_millis() / 100;
    let identity = Identity { tcp_idle_tenths: u16::try_from(tenths).ok(), ..config.identity.clone() };
    let identity = Arc::new(identity);
    let stop = Stop { workers: Arc::default(), listeners: watch::Sender::new(false) };
    let mut shared = Shared {
        served: Vec::new(),
        udp: Vec::new(),
        tcp: Arc::default(),
        connections: Connections::new(config.tcp),
        refused: Arc::default(),
    };
    let mut workers = Vec::new();
    let mut listeners = Vec::new();
    for bound in bound {
        let address = bound.address;
        let listener = TcpListener::from_std(bound.listener).map_err(|source| BindError::System { address, source })?;
        let tcp = Tcp {
            view: view.clone(),
            connections: shared.connections.clone(),
            limits: config.tcp,
            cells: Arc::clone(&shared.tcp),
            refused: Arc::clone(&shared.refused),
            query_log: config.query_log.clone(),
            identity: Arc::clone(&identity),
            stop: stop.listeners.subscribe(),
        };
        listeners.push(tokio::spawn(tcp.listen(listener)));
        for (index, socket) in bound.workers.into_iter().enumerate() {
            let (served, cells) = (Arc::<Served>::default(), Arc::<Cells>::default());
            let worker = Worker {
                socket,
                core: cores[index % cores.len()],
                current: Current::new(view.clone(), Arc::clone(&served)),
                cells: Arc::clone(&cells),
                query_log: config.query_log.clone(),
                identity: Arc::clone(&identity),
                stop: Arc::clone(&stop.workers),
            };
            workers.push(spawn(index, worker).map_err(BindError::Thread)?);
            shared.served.push(served);
            shared.udp.push(cells);
        }
    }
    Ok(Serving { addresses, status: Status(Arc::new(shared)), stop, workers, listeners })
}

fn spawn(index: usize, worker: Worker) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(format!("dns-udp-{index}")).spawn(move || worker.run())
}

impl Serving {
    /// Where we answer, with the real ports, in the order of the configuration.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A handle to ask what is served, for control and metrics.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// See [`Status::served_revision`].
    pub fn served_revision(&self) -> u64 {
        self.status.served_revision()
    }

    /// See [`Status::counters`].
    pub fn counters(&self) -> Counters {
        self.status.counters()
    }

    /// Takes no more queries, answers those that have arrived, and returns when all threads and connections are gone: at most about
    /// five seconds, usually a twentieth of one.
    pub async fn stop(mut self) {
        self.stop.order();
        let workers = std::mem::take(&mut self.workers);
        let joined = tokio::task::spawn_blocking(move || {
            for worker in workers {
                // A worker catches its own panics; one that got through was printed by its thread.
                _ = worker.join();
            }
        });
        for listener in std::mem::take(&mut self.listeners) {
            _ = listener.await;
        }
        _ = joined.await;
    }
}

impl Status {
    /// The oldest revision that any answer may still be given from. TCP always reads the newest view, so the UDP workers decide.
    pub fn served_revision(&self) -> u64 {
        self.0.served.iter().map(|served| served.revision()).min().unwrap_or(0)
    }

    /// Answers given since the start from the record set that is counted there.
    pub fn answers(&self, slot: AnswerSlot) -> u64 {
        self.0.udp.iter().chain([&self.0.tcp]).map(|cells| cells.answers(slot)).sum()
    }

    /// Everything counted since the start.
    pub fn counters(&self) -> Counters {
        let mut udp = Counts::default();
        for cells in &self.0.udp {
            udp.add(cells.read());
        }
        Counters {
            udp,
            tcp: self.0.tcp.read(),
            tcp_connections: self.0.connections.count() as u64,
            tcp_connections_refused: self.0.refused.load(Ordering::Relaxed),
        }
    }
}

impl Stop {
    fn order(&self) {
        self.workers.store(true, Ordering::Relaxed);
        self.listeners.send_replace(true);
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.order();
    }
}
