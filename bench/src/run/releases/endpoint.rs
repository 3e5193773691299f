//! What releases measure: an HTTP endpoint that tells one number, and notes when it told of failures first.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

/// A number over HTTP, 0 while all is well and 1 while it is not.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) address: SocketAddr,
    told: Arc<Told>,
}

#[derive(Debug, Default)]
struct Told {
    is_failing: AtomicBool,
    asked: AtomicU64,
    failed_at: Mutex<Option<Instant>>,
}

impl Endpoint {
    /// Listens until this program ends.
    pub(super) fn open() -> Result<Endpoint> {
        let listener = TcpListener::bind("127.0.0.1:0").context("bind the endpoint of metrics")?;
        let (address, told) = (listener.local_addr()?, Arc::new(Told::default()));
        let telling = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = Arc::clone(&telling);
                thread::spawn(move || tell(&stream, &told));
            }
        });
        Ok(Endpoint { address, told })
    }

    /// From now on it tells of failures, or of none.
    pub(super) fn set_failing(&self, is_failing: bool) {
        *self.failed_at() = None;
        self.told.is_failing.store(is_failing, Ordering::SeqCst);
    }

    /// When it told of a failure first since it was set.
    pub(super) fn first_failure(&self) -> Option<Instant> {
        *self.failed_at()
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> u64 {
        self.told.asked.load(Ordering::Relaxed)
    }

    fn failed_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.told.failed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers the requests of one connection until its end; whatever is wrong with it ends it.
fn tell(stream: &TcpStream, told: &Told) {
    let mut lines = BufReader::new(stream).lines();
    let mut stream = stream;
    while let Some(Ok(line)) = lines.next() {
        if !line.is_empty() {
            continue;
        }
        told.asked.fetch_add(1, Ordering::Relaxed);
        let is_failing = told.is_failing.load(Ordering::SeqCst);
        if is_failing {
            told.failed_at.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        }
        let body = format!("{{\"value\":{}}}", u8::from(is_failing));
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        if write!(stream, "{head} {}\r\n\r\n{body}", body.len()).is_err() {
            return;
        }
    }
}
