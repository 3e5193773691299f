//! The story of a deployment as a stream of server-sent events (WHATWG HTML §9.2): what was told, then what happens, to
//! its end. A reader that was cut off goes on where it was by `Last-Event-ID`.
//!
//! Before: `deployments::part` found that the request accepts `text/event-stream`. After: a task of its own writes until
//! the deployment has ended, the reader has left or does not read, its session or an hour is over, or the server stops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use control::Store;
use control::deployments::{self, Found};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use hyper::body::Bytes;
use model::id::DeploymentId;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{Instant, timeout};

use super::deployment_view as view;
use super::problem::Problem;
use crate::content::Content;
use crate::listen::Stopped;
use crate::message::{Response, Sender};

/// The media type of server-sent events.
pub(super) const EVENT_STREAM: &str = "text/event-stream";
/// Streams at once, over all readers: each holds one of 1024 connections and reads its deployment after commits.
const STREAMS_MAX: usize = 64;
/// Streams of one key at once, so that one cannot take the places of all.
const STREAMS_OF_ONE_MAX: usize = 16;
/// A stream ends after this at the latest, and with the session of its reader: who comes back is asked anew who they are.
const LIFE_MAX: Duration = Duration::from_secs(3_600);
/// Pieces that wait for a slow reader before it is waited for.
const PIECES_MAX: usize = 16;
/// A reader that takes nothing for so long is cut off; it can go on where it was.
const READ_WAIT_MAX: Duration = Duration::from_secs(30);
/// So often something is written even if nothing happens, so that proxies keep the connection and a lost reader is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Commits come in bursts; the deployment is read this often at most.
const READ_PAUSE: Duration = Duration::from_millis(50);
/// When readers come back after they were cut off.
const RETRY: &str = "retry: 2000\n\n";
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// How many streams there are, shared by all requests.
#[derive(Debug, Clone)]
pub struct Streams {
    free: Arc<Semaphore>,
    /// Of each key that has some.
    own: Arc<Mutex<HashMap<String, usize>>>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(STREAMS_MAX)), own: Arc::default() }
    }
}

/// Who reads, and for how long at most.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// The id of the key, of a session its key's; none: the operator, or anybody.
    pub(super) key: Option<String>,
    /// Until the session ends, or an hour.
    pub(super) life: Duration,
}

impl Reader {
    /// Whoever sent a request that arrived at this time.
    pub(super) fn of(sender: &Sender, at_ms: u64) -> Self {
        let Sender::Signed(identity) = sender else { return Self { key: None, life: LIFE_MAX } };
        let ends_ms = identity.credential.session.as_ref().map_or(u64::MAX, |session| session.expires_ms);
        let life = Duration::from_millis(ends_ms.saturating_sub(at_ms)).min(LIFE_MAX);
        Self { key: Some(identity.credential.key().to_string()), life }
    }
}

/// A place among the streams, free again when it goes.
#[derive(Debug)]
struct Place {
    key: Option<String>,
    own: Arc<Mutex<HashMap<String, usize>>>,
    _free: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(key) = &self.key else { return };
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = own.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                own.remove(key);
            }
        }
    }
}

/// Where to begin: after the event that the reader knows.
pub(super) fn known(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let text = String::from_utf8_lossy(value.as_bytes());
    let number = text.trim().parse().map(Some);
    number.map_err(|_| Problem::invalid(format!("Last-Event-ID must be the number of an event: {text}")))
}

/// Whether the request prefers a stream to a document.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(http::header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|range| range.trim().starts_with(EVENT_STREAM))
}

impl Streams {
    /// A place for a reader; else how many there may be.
    fn place(&self, key: Option<String>) -> Result<Place, usize> {
        let free = Arc::clone(&self.free).try_acquire_owned().map_err(|_| STREAMS_MAX)?;
        if let Some(key) = &key {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let count = own.entry(key.clone()).or_default();
            if *count == STREAMS_OF_ONE_MAX {
                return Err(STREAMS_OF_ONE_MAX);
            }
            *count += 1;
        }
        Ok(Place { key, own: Arc::clone(&self.own), _free: free })
    }

    /// The response that tells the events after `since`, and all that follow.
    pub(super) fn open(
        &self,
        store: &Store,
        found: &Found,
        since: u64,
        stopped: Option<Stopped>,
        reader: Reader,
    ) -> Result<Response, Problem> {
        let last = found.deployment.record.events.last().map_or(0, |event| event.number);
        if found.deployment.status.phase.is_terminal() && since >= last {
            // §9.2.3: tells a reader to come back no more.
            let mut response = Response::new(Content::whole(""));
            *response.status_mut() = StatusCode::NO_CONTENT;
            return Ok(response);
        }
        let place = self.place(reader.key).map_err(|most| {
            let detail = format!("streams of events being read, as many as may be: {most}");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
                .hint("ask with ?wait=30s&since=SEQ instead, or come back later")
                .retry_after(RETRY_AFTER)
        })?;
        let (sender, receiver) = mpsc::channel(PIECES_MAX);
        let id = found.deployment.id.clone();
        let stream = Stream { store: store.clone(), id, since, sender, _place: place };
        tokio::spawn(stream.run(stopped, reader.life));
        let mut response = Response::new(Content::pieces(receiver));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

struct Stream {
    store: Store,
    id: DeploymentId,
    since: u64,
    sender: mpsc::Sender<Bytes>,
    _place: Place,
}

impl Stream {
    async fn run(mut self, stopped: Option<Stopped>, life: Duration) {
        // In tests there is no listener that could stop.
        let (_never, fallback) = watch::channel(());
        let mut stopped = stopped.map_or(fallback, |Stopped(stopped)| stopped);
        tokio::select! {
            () = self.tell() => {}
            () = tokio::time::sleep(life) => {}
            _ = stopped.changed() => {}
        }
    }

    async fn tell(&mut self) {
        let mut revisions = self.store.watch();
        let mut written = Instant::now();
        if !self.send(RETRY.to_owned()).await {
            return;
        }
        loop {
            revisions.mark_unchanged();
            // A store that cannot be read is in the log; the reader comes back.
            let Ok(Some(found)) = deployments::find(&self.store, &self.id) else { return };
            let news = view::events(&found.deployment, self.since);
            if let Some(last) = news.last().and_then(|event| event["seq"].as_u64()) {
                if !self.send(news.iter().map(frame).collect()).await {
                    return;
                }
                (self.since, written) = (last, Instant::now());
            }
            if found.deployment.status.phase.is_terminal() {
                return;
            }
            tokio::select! {
                changed = revisions.changed() => match changed {
                    Ok(()) => tokio::time::sleep(READ_PAUSE).await,
                    Err(_) => return, // the store was closed
                },
                () = tokio::time::sleep_until(written + HEARTBEAT) => {}
                () = self.sender.closed() => return,
            }
            if written.elapsed() >= HEARTBEAT {
                if !self.send(":\n\n".to_owned()).await {
                    return;
                }
                written = Instant::now();
            }
        }
    }

    /// Whether the reader is there and reads.
    async fn send(&self, text: String) -> bool {
        matches!(timeout(READ_WAIT_MAX, self.sender.send(text.into())).await, Ok(Ok(())))
    }
}

/// One event. JSON has no line breaks of its own, so its text is one line.
fn frame(event: &Value) -> String {
    let kind = event["kind"].as_str().unwrap_or("message");
    format!("id: {}\nevent: {kind}\ndata: {event}\n\n", event["seq"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_takes_no_more_than_its_part() {
        let streams = Streams::default();
        let key = || Some("CUTO1".to_owned());
        let mut places: Vec<Place> = (0..STREAMS_OF_ONE_MAX).map(|_| streams.place(key()).unwrap()).collect();
        assert_eq!(streams.place(key()).unwrap_err(), STREAMS_OF_ONE_MAX);
        assert!(streams.place(Some("CUTO2".to_owned())).is_ok() && streams.place(None).is_ok());
        places.pop();
        assert!(streams.place(key()).is_ok());
        drop(places);
        assert!(streams.own.lock().unwrap().is_empty(), "nothing is kept of who has left");
    }
}
