//! The service that is released: small web servers on addresses of loopback, all on one port, as a name has addresses only.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// One server: what it answers, and what it has answered.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    /// Every n-th request fails; 0: none.
    pub(crate) fails_every: AtomicU32,
    requests: AtomicU32,
    failures: AtomicU32,
}

/// Servers by their address.
pub(crate) struct Service {
    pub(crate) port: u16,
    pub(crate) instances: BTreeMap<Ipv4Addr, Arc<Instance>>,
}

impl Service {
    /// Starts one on each address; they live as long as the test.
    pub(crate) fn start(addresses: &[&str]) -> Self {
        let addresses: Vec<Ipv4Addr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        for _ in 0..100 {
            let first = TcpListener::bind((addresses[0], 0)).unwrap();
            let port = first.local_addr().unwrap().port();
            let others = addresses[1..].iter().map(|address| TcpListener::bind((*address, port)));
            // The port may be taken on another address; then another port is tried.
            let Ok(others) = others.collect::<Result<Vec<_>, _>>() else { continue };
            let listeners = addresses.iter().zip(std::iter::once(first).chain(others));
            let instances = listeners.map(|(address, listener)| {
                let instance = Arc::new(Instance::default());
                let own = Arc::clone(&instance);
                thread::spawn(move || serve(&listener, &own));
                (*address, instance)
            });
            return Self { port, instances: instances.collect() };
        }
        panic!("no port is free on all of {addresses:?}");
    }

    pub(crate) fn at(&self, address: &str) -> &Instance {
        &self.instances[&address.parse::<Ipv4Addr>().unwrap()]
    }
}

fn serve(listener: &TcpListener, instance: &Arc<Instance>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let instance = Arc::clone(instance);
        thread::spawn(move || answer(stream, &instance));
    }
}

fn answer(mut stream: TcpStream, instance: &Instance) {
    let mut request = [0; 1024];
    let length = stream.read(&mut request).unwrap_or(0);
    let path = std::str::from_utf8(&request[..length]).unwrap_or_default().split(' ').nth(1).unwrap_or_default();
    let (status, body) = if path == "/errors" {
        let (all, failed) = (instance.requests.load(Ordering::SeqCst), instance.failures.load(Ordering::SeqCst));
        let ratio = if all == 0 { "null".to_owned() } else { (f64::from(failed) / f64::from(all)).to_string() };
        (200, format!("{{\"errors\": {ratio}}}"))
    } else {
        let number = instance.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let every = instance.fails_every.load(Ordering::SeqCst);
        if every > 0 && number.is_multiple_of(every) {
            instance.failures.fetch_add(1, Ordering::SeqCst);
            (500, "sorry".to_owned())
        } else {
            (200, "hello".to_owned())
        }
    };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all((head + &body).as_bytes());
}

/// The status of a page; none if there was no answer.
pub(crate) fn get(server: SocketAddr, path: &str) -> Option<u16> {
    let patience = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&server, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: shop\r\n\r\n").as_bytes()).ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    reply.split(' ').nth(1)?.parse().ok()
}
