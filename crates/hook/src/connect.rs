//! A stream to the host of a URL: TCP, and TLS over it for https, with a certificate that the system's roots stand for.

use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::Uri;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Time for a connection with its handshake: 5 s, as for metrics. A host that is there answers within one.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Where systems keep their roots in one file: Debian and Alpine, Fedora, OpenSUSE, BSD and macOS.
const ROOT_FILES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What HTTP is spoken over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// Opens streams. Keeps the roots, which are read when https is asked for the first time.
#[derive(Default)]
pub(crate) struct Connector {
    tls: OnceLock<Result<TlsConnector, String>>,
}

impl Connector {
    /// Connects to the host of a URL.
    pub(crate) async fn connect(&self, uri: &Uri) -> Result<Pin<Box<dyn Stream>>, String> {
        let authority = uri.authority().ok_or("no host in the url")?;
        let secure = uri.scheme_str() == Some("https");
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let opening = async {
            let stream = TcpStream::connect((host, port))
                .await
                .map_err(|error| format!("cannot connect to {host}:{port}: {error}"))?;
            if !secure {
                return Ok(Box::pin(stream) as Pin<Box<dyn Stream>>);
            }
            let tls = self.tls.get_or_init(connector).as_ref().map_err(Clone::clone)?;
            let name = ServerName::try_from(host.to_owned()).map_err(|error| format!("{error}: {host}"))?;
            let stream =
                tls.connect(name, stream).await.map_err(|error| format!("tls with {host}:{port} failed: {error}"))?;
            Ok(Box::pin(stream) as Pin<Box<dyn Stream>>)
        };
        let late = |_| Err(format!("no connection to {host}:{port} within {} s", CONNECT_MAX.as_secs()));
        timeout(CONNECT_MAX, opening).await.unwrap_or_else(late)
    }
}

fn connector() -> Result<TlsConnector, String> {
    let named = std::env::var_os("SSL_CERT_FILE");
    let file = named.as_deref().map(Path::new).or_else(|| ROOT_FILES.iter().map(Path::new).find(|file| file.is_file()));
    let file =
        file.ok_or("https needs the system's root certificates: none found, name a PEM file in SSL_CERT_FILE")?;
    let unreadable = |error| format!("cannot read root certificates: {error}: {}", file.display());
    let mut roots = RootCertStore::empty();
    // One broken root among many is no reason to trust none of the others.
    roots.add_parsable_certificates(CertificateDer::pem_file_iter(file).map_err(unreadable)?.filter_map(Result::ok));
    if roots.is_empty() {
        return Err(format!("no root certificates in this file: {}", file.display()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}
