//! A bad line between a server and its endpoint: it throttles, loses answers and delays, and counts what comes through.
#![allow(unreachable_pub, reason = "a part of the test beside it")]

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What happens to the next change batch.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// It does not reach the endpoint: `Throttling`.
    Throttle,
    /// It reaches the endpoint, and the answer is lost.
    LoseAnswer,
    /// It takes its time.
    Delay(Duration),
}

#[derive(Debug, Default)]
struct Line {
    faults: VecDeque<Fault>,
    /// Change batches that reached the endpoint.
    batches: usize,
}

/// The line; it goes on for as long as the test.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub address: SocketAddr,
    line: Arc<Mutex<Line>>,
}

const THROTTLING: &str = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\
    <Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>\
    <RequestId>1</RequestId></ErrorResponse>";

impl Proxy {
    pub fn to(endpoint: SocketAddr, faults: &[Fault]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line { faults: faults.iter().copied().collect(), ..Line::default() };
        let proxy = Self { address: listener.local_addr().unwrap(), line: Arc::new(Mutex::new(line)) };
        let own = proxy.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || own.serve(client, endpoint));
            }
        });
        proxy
    }

    /// Change batches that reached the endpoint.
    pub fn batches(&self) -> usize {
        self.line.lock().unwrap().batches
    }

    /// Whether every fault has happened.
    pub fn is_well(&self) -> bool {
        self.line.lock().unwrap().faults.is_empty()
    }

    /// One request after the other, until either side has enough.
    fn serve(&self, mut client: TcpStream, endpoint: SocketAddr) {
        while let Some(request) = message(&mut client) {
            let head = String::from_utf8_lossy(&request).into_owned();
            let is_batch = head.starts_with("POST ");
            let fault = if is_batch { self.line.lock().unwrap().faults.pop_front() } else { None };
            if let Some(Fault::Throttle) = fault {
                let length = THROTTLING.len();
                let head =
                    format!("HTTP/1.1 400 Bad Request\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n");
                if client.write_all((head + THROTTLING).as_bytes()).is_err() {
                    return;
                }
                continue;
            }
            if let Some(Fault::Delay(time)) = fault {
                thread::sleep(time);
            }
            let Ok(mut server) = TcpStream::connect(endpoint) else { return };
            if server.write_all(&request).is_err() {
                return;
            }
            let Some(answer) = message(&mut server) else { return };
            self.line.lock().unwrap().batches += usize::from(is_batch);
            if matches!(fault, Some(Fault::LoseAnswer)) || client.write_all(&answer).is_err() {
                return;
            }
        }
    }
}

/// A whole HTTP/1.1 message with a length; none if the other side is gone.
fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if all.len() >= end + 4 + length {
                return Some(all);
            }
        }
        match from.read(&mut piece) {
            Ok(count) if count > 0 => all.extend(&piece[..count]),
            _ => return None,
        }
    }
}
