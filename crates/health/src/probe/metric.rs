//! Measuring a metric: one GET to Prometheus or to any JSON, a number or numbers out.
//!
//! Before: a deployment's analysis asks. After: `deploy` judges the [`Measurement`]. Unlike a probe this trusts nobody
//! it should not: over https the certificate is validated against the system's roots. `read.rs` reads the answers.
//!
//! Left out on purpose: redirects, proxies, credentials, compression (none is asked for).

mod read;

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use model::metric::{Measurement, MetricQuery, Read};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::exchange::{exchange, percent_encode};

/// Longest answer read, in bytes.
const BODY_MAX: usize = 1024 * 1024;
/// Where systems keep their roots in one file: Debian and Alpine, Fedora, OpenSUSE, BSD and macOS.
const ROOT_FILES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Asks for metrics. One for the whole process is enough; it keeps the roots, not the connections.
pub struct Meter {
    within: Duration,
    /// Read when https is asked for the first time; the text says why there are none.
    tls: OnceLock<Result<TlsConnector, String>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new(Duration::from_secs(5))
    }
}

impl Meter {
    /// `within` is the time for a whole measurement, from finding the address to the last byte.
    ///
    /// For https the roots are the file named by `SSL_CERT_FILE`, else the system's own.
    #[must_use]
    pub fn new(within: Duration) -> Self {
        Self { within, tls: OnceLock::new() }
    }

    /// Asks once. What goes wrong is part of the answer. What is not asked over HTTP is somebody else's business, and an
    /// error here.
    pub async fn measure(&self, query: &MetricQuery) -> Measurement {
        let (url, measured) = match query {
            MetricQuery::Prometheus { base_url, query } => {
                let url = instant_query(base_url.as_str(), query);
                let measured = timeout(self.within, self.fetch(&url)).await;
                (url, measured.map(|answer| answer.and_then(|(status, body)| read::prometheus(status, &body))))
            }
            MetricQuery::PrometheusRange { base_url, query, start_ms, end_ms, step_ms } => {
                let url = range_query(base_url.as_str(), query, (*start_ms, *end_ms, *step_ms));
                let measured = timeout(self.within, self.fetch(&url)).await;
                (url, measured.map(|answer| answer.and_then(|(status, body)| read::prometheus(status, &body))))
            }
            MetricQuery::HttpJson { url, read } => {
                let measured = timeout(self.within, self.fetch(url.as_str())).await;
                let read = |(status, body): (StatusCode, Bytes)| read::json(status, &body, read);
                (url.as_str().to_owned(), measured.map(|answer| answer.and_then(read)))
            }
            MetricQuery::Exec { .. }
            | MetricQuery::Health { .. }
            | MetricQuery::Dns { .. }
            | MetricQuery::Several(_) => {
                return Measurement::Error("not asked over http".to_owned());
            }
        };
        match measured {
            Err(_) => Measurement::Error(format!("no answer within {} ms from {url}", self.within.as_millis())),
            Ok(Err(text)) => Measurement::Error(text),
            Ok(Ok(measurement)) => measurement,
        }
    }

    async fn fetch(&self, url: &str) -> Result<(StatusCode, Bytes), String> {
        let uri: Uri = url.parse().map_err(|error| format!("{error}: {url}"))?;
        let authority = uri.authority().ok_or_else(|| format!("no host in the url: {url}"))?;
        let secure = uri.scheme_str() == Some("https");
        let host = authority.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let stream = TcpStream::connect((bare, port))
            .await
            .map_err(|error| format!("cannot connect to {host}:{port}: {error}"))?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path)
            .header(header::HOST, authority.as_str())
            .header(header::USER_AGENT, concat!("cutover/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "close")
            .body(Empty::new())
            .map_err(|error| format!("{error}: {url}"))?;
        if !secure {
            return receive(stream, request).await;
        }
        let tls =
            self.tls.get_or_init(|| system_roots().map(|roots| connector(&roots))).as_ref().map_err(Clone::clone)?;
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| format!("{error}: {bare}"))?;
        let stream =
            tls.connect(name, stream).await.map_err(|error| format!("tls with {host}:{port} failed: {error}"))?;
        receive(stream, request).await
    }
}

/// Asks once, with 5 seconds and the system's roots.
pub async fn measure(query: &MetricQuery) -> Measurement {
    static METER: OnceLock<Meter> = OnceLock::new();
    METER.get_or_init(Meter::default).measure(query).await
}

/// What is read of a JSON text that did not come over HTTP, such as what a program has printed.
#[must_use]
pub fn read_json(text: &str, read: &Read) -> Measurement {
    read::json(StatusCode::OK, text.as_bytes(), read).unwrap_or_else(Measurement::Error)
}

/// The URL of an instant query below `base`, whatever path and parameters that has already.
fn instant_query(base: &str, query: &str) -> String {
    below(base, "query", query)
}

/// The same for a range query; times are in ms.
fn range_query(base: &str, query: &str, (start, end, step): (u64, u64, u64)) -> String {
    let seconds = |ms: u64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let url = below(base, "query_range", query);
    format!("{url}&start={}&end={}&step={}", seconds(start), seconds(end), seconds(step))
}

fn below(base: &str, what: &str, query: &str) -> String {
    let (path, parameters) = base.split_once('?').unwrap_or((base, ""));
    let and = if parameters.is_empty() { "" } else { "&" };
    // RFC 3986 §2.3: unreserved characters.
    let query = percent_encode(query, |c| c.is_ascii_alphanumeric() || b"-._~".contains(&c));
    format!("{}/api/v1/{what}?{parameters}{and}query={query}", path.trim_end_matches('/'))
}

async fn receive<S>(stream: S, request: Request<Empty<Bytes>>) -> Result<(StatusCode, Bytes), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (response, _connection) =
        exchange(stream, request).await.map_err(|error| format!("no http answer: {error}"))?;
    let status = response.status();
    match Limited::new(response.into_body(), BODY_MAX).collect().await {
        Ok(body) => Ok((status, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(format!("the answer is longer than {BODY_MAX} bytes")),
        Err(error) => Err(format!("the answer broke off: {error}")),
    }
}

fn connector(roots: &RootCertStore) -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    Arc::new(config).into()
}

fn system_roots() -> Result<RootCertStore, String> {
    let named = std::env::var_os("SSL_CERT_FILE");
    let file = named.as_deref().map(Path::new).or_else(|| ROOT_FILES.iter().map(Path::new).find(|file| file.is_file()));
    let Some(file) = file else {
        return Err(
            "https needs the system's root certificates: none found, name a PEM file in SSL_CERT_FILE".to_owned()
        );
    };
    roots_of(file)
}

fn roots_of(file: &Path) -> Result<RootCertStore, String> {
    let unreadable = |error| format!("cannot read root certificates: {error}: {}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    // One broken root among many is no reason to trust none of the others.
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    if roots.is_empty() {
        return Err(format!("no root certificates in this file: {}", file.display()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tests::server::{Server, certificate};

    async fn check(answer: &str, query: impl FnOnce(&str) -> MetricQuery, expect: Measurement) -> String {
        let server = Server::http(answer).await;
        let base = format!("http://{}/prom", server.address);
        assert_eq!(measure(&query(&base)).await, expect);
        server.request().await
    }

    fn ok(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn prometheus_is_asked_and_its_one_series_read() {
        let body = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0.25"]}]}}"#;
        let query = |base: &str| MetricQuery::prometheus(base, r#"sum(rate(x{env="a b"}[1m]))"#).unwrap();
        let request = check(&ok(body), query, Measurement::Value(0.25)).await;
        let line = "GET /prom/api/v1/query?query=sum%28rate%28x%7Benv%3D%22a%20b%22%7D%5B1m%5D%29%29 HTTP/1.1\r\n";
        assert!(request.starts_with(line), "{request}");
    }

    #[tokio::test]
    async fn a_number_is_found_in_any_json() {
        let query = |base: &str| MetricQuery::http_json(base, "/errors/0/ratio").unwrap();
        check(&ok(r#"{"errors":[{"ratio":1.5}]}"#), query, Measurement::Value(1.5)).await;
        let query = |base: &str| MetricQuery::http_json(base, "").unwrap();
        let text = "status 302 Found, wanted 200".to_owned();
        check("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", query, Measurement::Error(text)).await;
    }

    #[tokio::test]
    async fn silence_and_floods_are_errors() {
        let silent = Server::silent().await;
        let query = MetricQuery::http_json(&format!("http://{}/", silent.address), "").unwrap();
        let measured = Meter::new(Duration::from_millis(20)).measure(&query).await;
        assert!(
            matches!(&measured, Measurement::Error(text) if text.starts_with("no answer within 20 ms")),
            "{measured:?}"
        );
        let query = |base: &str| MetricQuery::http_json(base, "").unwrap();
        let text = "the answer is longer than 1048576 bytes".to_owned();
        check(&ok(&"1".repeat(BODY_MAX + 1)), query, Measurement::Error(text)).await;
    }

    #[tokio::test]
    async fn https_needs_a_certificate_that_a_root_stands_for() {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_slice(certificate::ROOT)).unwrap();
        let trusting = || {
            let meter = Meter::default();
            assert!(meter.tls.set(Ok(connector(&roots))).is_ok());
            meter
        };
        for (file, trusted) in [(certificate::LOCALHOST, true), (certificate::EXPIRED, false)] {
            let server = Server::https(&ok("2"), file).await;
            let query = MetricQuery::http_json(&format!("https://localhost:{}/", server.address.port()), "").unwrap();
            let measured = trusting().measure(&query).await;
            assert_eq!(measured == Measurement::Value(2.0), trusted, "{measured:?}");
        }
    }

    #[test]
    fn roots_are_read_from_a_pem_file_and_a_file_without_any_is_told() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        assert_eq!(roots_of(&fixtures.join("root.pem")).unwrap().len(), 1);
        assert!(roots_of(&fixtures.join("root.der")).unwrap_err().starts_with("no root certificates in this file: "));
        assert!(roots_of(&fixtures.join("gone.pem")).unwrap_err().starts_with("cannot read root certificates: "));
    }

    #[test]
    fn a_base_url_may_have_its_own_parameters() {
        assert_eq!(instant_query("http://m/p/?tenant=a", "up"), "http://m/p/api/v1/query?tenant=a&query=up");
        assert_eq!(
            range_query("http://m", "up", (1_000, 61_500, 15_000)),
            "http://m/api/v1/query_range?query=up&start=1.000&end=61.500&step=15.000"
        );
    }
}
