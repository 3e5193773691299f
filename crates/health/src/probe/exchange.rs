//! One GET and its response over a connection that is used once. For probes and for metrics.
//!
//! Left out on purpose: redirects, proxies, cookies, connection reuse. A probe asks one question of one endpoint.

use http::Request;
use http_body_util::Empty;
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;

/// Longest response headers with the status line, in bytes (R53 limits: response headers 16 384 bytes).
const HEADERS_MAX: usize = 16 * 1024;
/// Most header lines. hyper's default of 100 would be a limit that Route 53 does not have; the bytes bound it anyway.
const HEADER_LINES_MAX: usize = 1024;

/// Keeps a connection going for as long as it is held; hangs up when dropped.
#[derive(Debug)]
pub(super) struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends `request` and waits for the response's headers. The body can be read while the connection is held.
pub(super) async fn exchange<S>(
    stream: S,
    request: Request<Empty<Bytes>>,
) -> hyper::Result<(Response<Incoming>, Connection)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .max_headers(HEADER_LINES_MAX)
        .max_header_size(HEADERS_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    // Its error reaches us through the response or the body.
    let connection = Connection(tokio::spawn(async move { _ = connection.await }));
    let response = sender.send_request(request).await?;
    Ok((response, connection))
}

/// Writes `text` for a URL: what `keep` does not hold becomes `%XX`, byte by byte.
pub(super) fn percent_encode(text: &str, keep: impl Fn(u8) -> bool) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keep(byte) {
            encoded.push(char::from(byte));
        } else {
            _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
