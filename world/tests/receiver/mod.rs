//! Programs of the user's, as far as these tests need them: they keep what they are sent, and answer.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use world::process::{cutover, text};

/// Far longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(120);

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn key(&self) -> &str {
        &self.headers["idempotency-key"]
    }
}

/// A receiver that keeps every request, and answers it.
#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// One that takes everything, after a while.
    pub fn start(address: &str, pause: Duration) -> Self {
        Self::answering(address, move |_| {
            thread::sleep(pause);
            "200 OK".to_owned()
        })
    }

    /// One that answers with these status lines; more lines of them are headers.
    pub fn answering(address: &str, answer: impl Fn(usize) -> String + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        let listener = TcpListener::bind(address).unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), got: Arc::default() };
        let got = Arc::clone(&receiver.got);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (got, answer) = (Arc::clone(&got), Arc::clone(&answer));
                thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    let nth = {
                        let mut got = got.lock().unwrap();
                        got.push(request);
                        got.len()
                    };
                    let head = format!("HTTP/1.1 {}\r\ncontent-length: 2\r\n\r\nok", answer(nth));
                    let _ = (&stream).write_all(head.as_bytes());
                });
            }
        });
        receiver
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let (mut headers, mut line) = (BTreeMap::new(), String::new());
    reader.read_line(&mut line).ok()?;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Got { headers, body: String::from_utf8(body).ok()? })
}

/// A command that must succeed; its JSON.
pub fn told(args: &[&str]) -> Value {
    let output = cutover(args);
    assert!(output.status.success(), "cutover {args:?}: {}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", text(&output)))
}

/// Waits until something is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < DEADLINE, "{what} does not happen");
        thread::sleep(Duration::from_millis(20));
    }
}
