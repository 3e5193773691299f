//! The HTTP probe: a status from 200 to 399, and a text in the body if one is looked for.
//!
//! A redirect is such a status and is not followed. `https` calls [`answer`] on its own stream.

use std::net::{IpAddr, SocketAddr};

use http::{Request, header};
use http_body_util::Empty;
use hyper::body::Bytes;
use model::health_check::{Endpoint, HttpRequest, Protocol, SearchString};
use model::id::HealthCheckId;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::exchange::{exchange, percent_encode};
use super::{Cause, Deadlines, Success, string_match, tcp};

/// What is asked, in the words of HTTP.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    host: String,
    path: String,
    agent: String,
    search: Option<&'a SearchString>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(id: &HealthCheckId, endpoint: &Endpoint, address: IpAddr, request: &'a HttpRequest) -> Self {
        let path = request.path.as_ref().map_or("/", |path| path.as_str());
        Self {
            host: host(endpoint, address),
            path: percent_encode(path, |c| c.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&c)),
            // Servers let Route 53's checkers in by the beginning of this line. Differs: theirs goes on with Amazon's
            // address for complaints, which would reach people who cannot stop these probes.
            agent: format!("Amazon-Route53-Health-Check-Service (ref {id}; cutover)"),
            search: request.search.as_ref(),
        }
    }

    fn request(&self) -> Result<Request<Empty<Bytes>>, http::Error> {
        Request::get(&self.path)
            .header(header::HOST, &self.host)
            .header(header::USER_AGENT, &self.agent)
            .header(header::CONNECTION, "close")
            .body(Empty::new())
    }
}

/// The `Host` header.
// R53 health-checks-creating-values: the name, else the address; the port follows unless it is the protocol's own.
pub(crate) fn host(endpoint: &Endpoint, address: IpAddr) -> String {
    let host = match (endpoint.target.name(), address) {
        (Some(name), _) => name.to_string(),
        (None, IpAddr::V4(v4)) => v4.to_string(),
        (None, IpAddr::V6(v6)) => format!("[{v6}]"),
    };
    match (&endpoint.protocol, endpoint.port) {
        (Protocol::Http(_), 80) | (Protocol::Https(_), 443) => host,
        (_, port) => format!("{host}:{port}"),
    }
}

/// Connects and asks.
pub(super) async fn probe(socket: SocketAddr, ask: &Ask<'_>, deadlines: &Deadlines) -> Result<Success, Cause> {
    let stream = tcp::connect(socket, deadlines.connect).await?;
    answer(stream, ask, deadlines).await
}

/// Asks over a stream that is connected already.
pub(super) async fn answer<S>(stream: S, ask: &Ask<'_>, deadlines: &Deadlines) -> Result<Success, Cause>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let request = ask.request().map_err(|error| Cause::OwnFault { text: error.to_string() })?;
    let (response, _connection) = match timeout(deadlines.response, exchange(stream, request)).await {
        Err(_) => return Err(Cause::ResponseTimeout),
        Ok(exchanged) => exchanged.map_err(|error| broken(&error))?,
    };
    let status = response.status();
    if !(status.is_success() || status.is_redirection()) {
        return Err(Cause::Status(status));
    }
    if let Some(search) = ask.search {
        match timeout(deadlines.body, string_match::find(response, search)).await {
            Err(_) => return Err(Cause::BodyTimeout),
            Ok(Err(error)) => return Err(broken(&error)),
            Ok(Ok(false)) => return Err(Cause::SearchStringMissing),
            Ok(Ok(true)) => {}
        }
    }
    Ok(Success::Status(status))
}

fn broken(error: &hyper::Error) -> Cause {
    if error.is_parse_too_large() {
        Cause::HeadersTooLong
    } else if error.is_parse() {
        Cause::Malformed
    } else {
        Cause::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::health_check::{HealthCheckConfig, RawHealthCheckConfig, Subject};

    fn check(kind: &str, name: Option<&str>, address: &str, port: i64, expect: &str) {
        let config = HealthCheckConfig::parse(&RawHealthCheckConfig {
            kind: kind.to_owned(),
            ip_address: Some(address.to_owned()),
            fully_qualified_domain_name: name.map(str::to_owned),
            port: Some(port),
            ..RawHealthCheckConfig::default()
        })
        .unwrap();
        let Subject::Endpoint(endpoint) = config.subject else { panic!("{kind} is an endpoint") };
        assert_eq!(host(&endpoint, address.parse().unwrap()), expect);
    }

    #[test]
    fn the_host_header_is_the_name_or_the_address_with_the_port_unless_it_is_the_usual_one() {
        check("HTTP", Some("w.test"), "192.0.2.10", 80, "w.test");
        check("HTTP", Some("w.test"), "192.0.2.10", 8080, "w.test:8080");
        check("HTTPS", Some("w.test"), "192.0.2.10", 443, "w.test");
        check("HTTPS", Some("w.test"), "192.0.2.10", 80, "w.test:80");
        check("HTTP", None, "192.0.2.10", 80, "192.0.2.10");
        check("HTTP", None, "192.0.2.10", 8080, "192.0.2.10:8080");
        check("HTTP", None, "2001:db8::1", 8080, "[2001:db8::1]:8080");
    }
}
