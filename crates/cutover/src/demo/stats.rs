//! The demo's metrics page: the share of failed requests per version over the last seconds, as the users measured it.
//! The release's metric gate asks it over HTTP, as it would ask anybody's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::timeline::{Timeline, VERSIONS};

/// What a share is taken over.
const WINDOW: Duration = Duration::from_millis(2_000);
/// Fewer requests than this say nothing.
const REQUESTS_MIN: u32 = 10;

/// The running page.
#[derive(Debug)]
pub(crate) struct Stats {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Stats {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts the page on a free port.
///
/// # Errors
/// No port to be had.
pub(crate) async fn start(timeline: Arc<Timeline>) -> anyhow::Result<Stats> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let timeline = Arc::clone(&timeline);
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let page = page(request.uri().path(), &timeline);
                    async move { Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(page)))) }
                });
                // A prober that hangs up is no concern of a demo.
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(Stats { address, task })
}

/// `/v2` → `{"requests": 31, "error_ratio": 0.0}`; the ratio is null while there is too little to judge by.
fn page(path: &str, timeline: &Timeline) -> String {
    let version = (0..VERSIONS).find(|v| path == format!("/v{}", v + 1));
    let Some(version) = version else { return "{}".to_owned() };
    let recent = timeline.recent(WINDOW);
    let (served, failed) = (recent.served[version], recent.failed[version]);
    let ratio = (served >= REQUESTS_MIN).then(|| f64::from(failed) / f64::from(served));
    serde_json::json!({ "requests": served, "error_ratio": ratio }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_requests_are_no_data() {
        let timeline = Timeline::new();
        for i in 0..REQUESTS_MIN {
            assert!(page("/v3", &timeline).contains("null"), "{i}");
            timeline.count(Some(2), i % 2 == 0);
        }
        assert_eq!(page("/v3", &timeline), "{\"error_ratio\":0.5,\"requests\":10}");
        assert_eq!(page("/v9", &timeline), "{}");
    }
}
