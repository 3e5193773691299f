//! HTTP/1.1 on a listener that the binary opened: connections, limits, and an orderly end.
//!
//! After: `route`. Left out on purpose: TLS and HTTP/2, which belong to a balancer in front; and routing.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::message::{Client, Response, plain};
use crate::route::{Body, Refusal, Routes};
use crate::sources::Sources;

/// In what pieces memory for bodies is shared out, in bytes.
const PIECE: usize = 4096;

/// Most bytes of headers, and what a connection may buffer: with every connection at it, 64 MiB. Names are short and
/// identifiers shorter; the longest query of an SDK stays below 4 KiB.
const BUFFER: usize = 64 << 10;

/// Limits of the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest body, in bytes. A batch of 1000 changes with 32 000 characters of values stays below 1 MiB.
    pub body_bytes: usize,
    /// Longest body of the operator, who is proven by the headers alone and imports whole zones: a million records
    /// are some 50 MB.
    pub operator_body_bytes: usize,
    /// Most memory for bodies that are being read or worked on, in bytes; more wait. A sender is proven only when the
    /// whole body is there, so without this bound whoever knows the id of a key could fill the memory. One source takes
    /// half of it at most, or one body.
    pub bodies_bytes: usize,
    /// Most open connections; more wait in the kernel's queue.
    pub connections: usize,
    /// Most open connections from one IPv4 address or one IPv6 /64; more are closed at once. Half of all, so that one
    /// machine cannot shut the others out, and a proxy in front, behind which all have one address, still gets far.
    pub connections_per_source: usize,
    /// Longest wait for a request's headers, also between two requests of a connection.
    pub header_wait: Duration,
    /// Longest wait for a request's body.
    pub body_wait: Duration,
    /// How long requests under way may take after the stop.
    pub stop_wait: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 8 << 20,
            operator_body_bytes: 512 << 20,
            bodies_bytes: 64 << 20,
            connections: 1024,
            connections_per_source: 512,
            header_wait: Duration::from_secs(60),
            body_wait: Duration::from_secs(30),
            stop_wait: Duration::from_secs(10),
        }
    }
}

/// Tells by the loss of its sender that the server stops; carried in the extensions of a request's parts, for responses
/// that have no end of their own.
#[derive(Debug, Clone)]
pub(crate) struct Stopped(pub(crate) watch::Receiver<()>);

/// The memory for bodies: of all, and of the connection's own source.
struct Memory {
    all: Arc<Semaphore>,
    own: Arc<Semaphore>,
}

/// A part of both; dropping it gives it back.
struct Share(#[expect(dead_code, reason = "held, not read")] [OwnedSemaphorePermit; 2]);

impl Memory {
    /// Waits for its own source first, so that nobody who waits for that keeps anything from others.
    async fn share(&self, pieces: u32) -> Option<Share> {
        let own = Arc::clone(&self.own).acquire_many_owned(pieces).await.ok()?;
        let all = Arc::clone(&self.all).acquire_many_owned(pieces).await.ok()?;
        Some(Share([own, all]))
    }
}

/// Serves until `stop` is ready, then lets requests under way finish.
pub async fn listen(listener: TcpListener, routes: Routes, limits: Limits, stop: impl Future<Output = ()>) {
    let routes = Arc::new(routes);
    let room = Arc::new(Semaphore::new(limits.connections));
    let pieces = |bytes: usize| bytes.max(limits.body_bytes).div_ceil(PIECE);
    let memory = Arc::new(Semaphore::new(pieces(limits.bodies_bytes)));
    let sources = Sources::new(limits.connections_per_source, pieces(limits.bodies_bytes / 2));
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let place = tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            place = Arc::clone(&room).acquire_owned() => place.expect("the semaphore is never closed"),
        };
        let (stream, client) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, or a connection that was gone before it was taken: let others end first.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let Some(source) = sources.enter(client.ip()) else {
            tracing::debug!(%client, "too many connections from one address");
            continue;
        };
        let (routes, memory, stopped) = (Arc::clone(&routes), Arc::clone(&memory), stopped.clone());
        connections.spawn(async move {
            let memory = Memory { all: memory, own: Arc::clone(&source.memory) };
            serve(stream, client, &routes, &memory, limits, stopped).await;
            drop((place, source));
        });
    }
    drop(listener);
    drop(stopping);
    let _ = timeout(limits.stop_wait, async { while connections.join_next().await.is_some() {} }).await;
}

/// One connection, to its end. `stopped` tells by the loss of its sender.
async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    routes: &Arc<Routes>,
    memory: &Memory,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) {
    // Responses are written whole, so waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let told = Stopped(stopped.clone());
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Client(client));
        request.extensions_mut().insert(told.clone());
        answer(routes, memory, limits, request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_wait)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection broke");
        if error.is_parse() {
            // Answered by hyper itself; there is no request to speak of.
            routes.note_malformed(client, if error.is_parse_too_large() { 431 } else { 400 }).await;
        }
    }
}

async fn answer(
    routes: &Arc<Routes>,
    memory: &Memory,
    limits: Limits,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let (parts, incoming) = request.into_parts();
    if routes.is_operator(&parts.headers) {
        let body = read(incoming, limits.operator_body_bytes, limits.body_wait).await;
        return Ok(carry_out(routes, parts, body, None).await);
    }
    if incoming.size_hint().lower() > limits.body_bytes as u64 {
        let body = Err(Refusal::TooLarge { limit_bytes: limits.body_bytes });
        return Ok(carry_out(routes, parts, body, None).await);
    }
    if !incoming.is_end_stream()
        && let Err(refusal) = routes.wants_body(&parts)
    {
        // Read to its end all the same, since a client that is cut off while it sends does not look for the answer.
        discard(incoming, limits).await;
        return Ok(carry_out(routes, parts, Err(refusal), None).await);
    }
    // A body of unknown length may become as long as any may.
    let most = incoming.size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
    let pieces = u32::try_from(most.min(limits.body_bytes).div_ceil(PIECE)).unwrap_or(u32::MAX);
    let share = memory.share(pieces).await;
    let body = read(incoming, limits.body_bytes, limits.body_wait).await;
    Ok(carry_out(routes, parts, body, share).await)
}

/// Answers a request that is there, in a task of its own: a client that leaves does not stop it half-way, so what it
/// did is recorded like everything else. The share of the memory is kept until the response is made.
async fn carry_out(routes: &Arc<Routes>, parts: Parts, body: Body, share: Option<Share>) -> Response {
    let routes = Arc::clone(routes);
    let task = tokio::spawn(async move {
        let response = routes.answer(parts, body).await;
        drop(share);
        response
    });
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request was not carried out, report this");
        plain(500, "a fault of the server; its log has the cause\n")
    })
}

async fn discard(incoming: Incoming, limits: Limits) {
    let mut frames = pin!(Limited::new(incoming, limits.body_bytes));
    let _ = timeout(limits.body_wait, async { while let Some(Ok(_)) = frames.frame().await {} }).await;
}

async fn read(incoming: Incoming, limit_bytes: usize, wait: Duration) -> Body {
    match timeout(wait, Limited::new(incoming, limit_bytes).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge { limit_bytes }),
        Ok(Err(_)) | Err(_) => Err(Refusal::Broken),
    }
}

#[cfg(test)]
mod tests;
