//! A server on loopback that sends given bytes to everybody and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Certificates made once for these tests; their key guards nothing.
pub(crate) mod certificate {
    /// A root, valid until 2126.
    pub(crate) const ROOT: &[u8] = include_bytes!("../../../fixtures/root.der");
    /// `localhost` and 127.0.0.1 by that root, valid until 2126.
    pub(crate) const LOCALHOST: &[u8] = include_bytes!("../../../fixtures/localhost.der");
    /// `w.test` by that root, expired in 2001.
    pub(crate) const EXPIRED: &[u8] = include_bytes!("../../../fixtures/expired.der");
    pub(super) const KEY: &[u8] = include_bytes!("../../../fixtures/leaf.key.der");
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    answer: Mutex<Vec<u8>>,
    requests: Mutex<Vec<String>>,
    names: Mutex<Vec<Option<String>>>,
    hold: AtomicBool,
    silent: bool,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Sends `answer` and hangs up.
    pub(crate) async fn http(answer: &str) -> Self {
        Self::bytes(answer.as_bytes()).await
    }

    /// The same for what is no text.
    pub(crate) async fn bytes(answer: &[u8]) -> Self {
        Self::start(answer, false, None).await
    }

    /// Accepts and says nothing.
    pub(crate) async fn silent() -> Self {
        Self::start(b"", true, None).await
    }

    /// The same over TLS, with one certificate for everybody.
    pub(crate) async fn https(answer: &str, certificate: &'static [u8]) -> Self {
        Self::start(answer.as_bytes(), false, Some((certificate, false))).await
    }

    /// The same, and no certificate for who names no server.
    pub(crate) async fn https_for_names_only(answer: &str, certificate: &'static [u8]) -> Self {
        Self::start(answer.as_bytes(), false, Some((certificate, true))).await
    }

    /// Sends something else from now on.
    pub(crate) fn answer(&self, answer: &str) {
        *self.shared.answer.lock().unwrap() = answer.as_bytes().to_vec();
    }

    /// Does not hang up after an answer.
    pub(crate) fn hold(&self) {
        self.shared.hold.store(true, Ordering::Relaxed);
    }

    /// The first request.
    pub(crate) async fn request(&self) -> String {
        self.shared.requests.lock().unwrap().first().cloned().expect("a request was answered")
    }

    /// The names in the handshakes since the last look.
    pub(crate) fn names(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.shared.names.lock().unwrap())
    }

    async fn start(answer: &[u8], silent: bool, tls: Option<(&'static [u8], bool)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Mutex::new(answer.to_vec());
        let shared = Arc::new(Shared { answer, silent, ..Shared::default() });
        let tls = tls.map(|(certificate, names_only)| acceptor(certificate, names_only, Arc::clone(&shared)));
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (shared, tls) = (Arc::clone(&serving), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => shared.serve(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                shared.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, shared, task }
    }
}

impl Shared {
    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut piece = [0; 1024];
            match stream.read(&mut piece).await {
                Ok(length @ 1..) => request.extend_from_slice(&piece[..length]),
                _ => return,
            }
        }
        self.requests.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
        if self.silent {
            return std::future::pending().await;
        }
        let answer = self.answer.lock().unwrap().clone();
        _ = stream.write_all(&answer).await;
        _ = stream.flush().await;
        if self.hold.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        _ = stream.shutdown().await;
    }
}

struct OneCertificate {
    key: Arc<CertifiedKey>,
    names_only: bool,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for OneCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneCertificate")
    }
}

impl ResolvesServerCert for OneCertificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        let known = name.is_some() || !self.names_only;
        self.shared.names.lock().unwrap().push(name);
        known.then(|| Arc::clone(&self.key))
    }
}

fn acceptor(certificate: &'static [u8], names_only: bool, shared: Arc<Shared>) -> TlsAcceptor {
    let provider = ring::default_provider();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certificate::KEY));
    let key = provider.key_provider.load_private_key(key).unwrap();
    let key = Arc::new(CertifiedKey::new(vec![CertificateDer::from_slice(certificate)], key));
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(OneCertificate { key, names_only, shared }));
    Arc::new(config).into()
}
