//! The HTTPS probe: the HTTP probe inside TLS, with a certificate that nobody checks.
//!
//! Route 53 asks whether the endpoint works, not whether it is who it says: expired, foreign and self-made certificates
//! all pass. That is the one place in this program where a certificate is not validated; `metric` has its own TLS.
//! Differs: TLS 1.2 and 1.3 only; Route 53 still accepts 1.0 and 1.1, rustls never did.

use std::net::SocketAddr;
use std::sync::Arc;

use model::health_check::DomainName;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::http::{Ask, answer};
use super::{Cause, Deadlines, Success, tcp};

/// The TLS settings of all probes; made once.
#[derive(Clone)]
pub(crate) struct Tls {
    with_sni: TlsConnector,
    without_sni: TlsConnector,
}

impl Tls {
    pub(crate) fn new() -> Self {
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        // Each probe is a whole handshake: it must notice that handshakes no longer work.
        config.resumption = Resumption::disabled();
        let mut without = config.clone();
        without.enable_sni = false;
        Self { with_sni: Arc::new(config).into(), without_sni: Arc::new(without).into() }
    }
}

/// Connects, shakes hands and asks. `name` goes into the handshake (SNI); none when that is switched off or there is none.
pub(super) async fn probe(
    socket: SocketAddr,
    name: Option<&DomainName>,
    tls: &Tls,
    ask: &Ask<'_>,
    deadlines: &Deadlines,
) -> Result<Success, Cause> {
    let name = name.and_then(|name| {
        let text = name.as_str();
        let dns = ServerName::try_from(text.strip_suffix('.').unwrap_or(text)).ok()?;
        matches!(dns, ServerName::DnsName(_)).then(|| dns.to_owned())
    });
    let nameless = ServerName::from(socket.ip());
    let stream = match name {
        None => handshake(socket, &tls.without_sni, nameless, deadlines).await?,
        Some(name) => {
            let stream = handshake(socket, &tls.with_sni, name.clone(), deadlines).await?;
            // R53 EnableSNI: a certificate without the name means one more try, without SNI, and that one counts.
            if is_named(&stream, &name) {
                stream
            } else {
                handshake(socket, &tls.without_sni, nameless, deadlines).await?
            }
        }
    };
    answer(stream, ask, deadlines).await
}

/// TCP and TLS together within the time for connecting.
async fn handshake(
    socket: SocketAddr,
    connector: &TlsConnector,
    name: ServerName<'static>,
    deadlines: &Deadlines,
) -> Result<TlsStream<TcpStream>, Cause> {
    let shake = async {
        let stream = tcp::connect(socket, deadlines.connect).await?;
        connector.connect(name, stream).await.map_err(|error| broken(&error))
    };
    timeout(deadlines.connect, shake).await.unwrap_or(Err(Cause::ConnectTimeout))
}

fn is_named(stream: &TlsStream<TcpStream>, name: &ServerName<'_>) -> bool {
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let parsed = certificate.and_then(|certificate| ParsedCertificate::try_from(certificate).ok());
    parsed.is_some_and(|certificate| verify_server_name(&certificate, name).is_ok())
}

fn broken(error: &std::io::Error) -> Cause {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => Cause::Alert { alert: snake_case(&format!("{alert:?}")) },
        Some(other) => Cause::Handshake { text: other.to_string() },
        None => Cause::from_io(error, |text| Cause::Handshake { text }),
    }
}

/// `HandshakeFailure` → `handshake_failure`, the word of RFC 8446 §6 that Route 53 shows.
fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Takes every certificate and every proof of its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_told_in_the_words_of_the_rfc() {
        let alert = Error::AlertReceived(rustls::AlertDescription::HandshakeFailure);
        assert_eq!(broken(&std::io::Error::other(alert)).to_string(), "SSL alert handshake_failure");
    }
}
