//! The small web service that the demo releases: one real HTTP server per version, all on one port of different
//! loopback addresses, as hosts would be. Version 3 is faulty: it fails a third of its requests, though its health
//! endpoint says that all is well. That is what a metric gate is for.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::timeline::VERSIONS;

/// Every third request to version 3 fails.
const FAULT_EVERY: u64 = 3;
const FAULTY: usize = 2;

/// The running versions.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// The one port of all.
    pub(crate) port: u16,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// The address of a version: 127.0.0.11, .12, .13.
pub(crate) fn address(version: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, 11 + u8::try_from(version).expect("three versions"))
}

/// The version that listens on an address.
pub(crate) fn version_of(address: Ipv4Addr) -> Option<usize> {
    (0..VERSIONS).find(|&version| self::address(version) == address)
}

/// Starts all versions.
///
/// # Errors
/// No port is free on all addresses.
pub(crate) async fn start() -> anyhow::Result<Fleet> {
    // A port that is free on the first address is nearly always free on the others; if not, another is tried.
    for _ in 0..20 {
        let first = TcpListener::bind((address(0), 0)).await.context("cannot listen on 127.0.0.11")?;
        let port = first.local_addr()?.port();
        let mut listeners = vec![first];
        for version in 1..VERSIONS {
            match TcpListener::bind((address(version), port)).await {
                Ok(listener) => listeners.push(listener),
                Err(_) => break,
            }
        }
        if listeners.len() == VERSIONS {
            let tasks = listeners.into_iter().enumerate().map(|(v, l)| tokio::spawn(serve(l, v))).collect();
            return Ok(Fleet { port, tasks });
        }
    }
    anyhow::bail!("found no port that is free on 127.0.0.11, .12 and .13")
}

impl Fleet {
    /// Where a version listens.
    pub(crate) fn socket(&self, version: usize) -> SocketAddr {
        (IpAddr::from(address(version)), self.port).into()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn serve(listener: TcpListener, version: usize) {
    let requests = Arc::new(AtomicU64::new(0));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let requests = Arc::clone(&requests);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let response = respond(&request, version, &requests);
                async move { Ok::<_, std::convert::Infallible>(response) }
            });
            // A client that hangs up is no concern of a demo.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn respond(request: &Request<Incoming>, version: usize, requests: &AtomicU64) -> Response<Full<Bytes>> {
    let (status, text) = if request.uri().path() == "/healthz" {
        (StatusCode::OK, "ok\n".to_owned())
    } else if version == FAULTY && requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(FAULT_EVERY) {
        (StatusCode::INTERNAL_SERVER_ERROR, "the new cart code divides by zero\n".to_owned())
    } else {
        (StatusCode::OK, format!("hello from v{}\n", version + 1))
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}
