//! One probe: from an endpoint to what was seen there.
//!
//! Before: `rounds` decides when. After: `verdict` decides what it means; a probe never decides. The walk is
//! `resolve` → `tcp::connect` → (`https::handshake`) → `http::answer` → (`string_match`), each with its own deadline.

mod exchange;
mod http;
mod https;
pub(crate) mod metric;
mod outcome;
mod string_match;
mod tcp;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::health_check::{DomainName, Endpoint, Protocol, Target};
use model::id::HealthCheckId;
use tokio::time::timeout;

#[cfg(test)]
pub(crate) use http::host;
pub(crate) use https::Tls;
pub(crate) use outcome::{Cause, Failure, Success};

/// How long each part of a probe may take.
#[derive(Debug, Clone)]
pub struct Deadlines {
    /// Finding an address for a name. Unspecified by Route 53; ours is the time to connect.
    pub resolve: Duration,
    /// Connecting, for `TCP` checks.
    pub tcp_connect: Duration,
    /// Connecting, for HTTP and HTTPS checks; the TLS handshake is part of it.
    pub connect: Duration,
    /// From being connected to the end of the response's headers.
    pub response: Duration,
    /// From there to the end of the body that is searched.
    pub body: Duration,
}

impl Default for Deadlines {
    // R53 health-checks: TCP connects within 10 s; HTTP within 4 s, answers within 2 s, its body within another 2 s.
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(4),
            tcp_connect: Duration::from_secs(10),
            connect: Duration::from_secs(4),
            response: Duration::from_secs(2),
            body: Duration::from_secs(2),
        }
    }
}

/// Probes once. `id` is told to the endpoint in the user agent.
pub(crate) async fn probe(
    id: &HealthCheckId,
    endpoint: &Endpoint,
    deadlines: &Deadlines,
    tls: &Tls,
) -> Result<Success, Failure> {
    let (address, resolved) = match &endpoint.target {
        Target::Address { address, .. } => (*address, None),
        Target::Name(name) => match resolve(name, endpoint.port, deadlines.resolve).await {
            Ok(address) => (address, Some(address)),
            Err(cause) => return Err(Failure { cause, resolved: None }),
        },
    };
    let socket = SocketAddr::new(address, endpoint.port);
    let seen = match &endpoint.protocol {
        Protocol::Tcp => tcp::probe(socket, deadlines).await,
        Protocol::Http(request) => {
            let ask = http::Ask::new(id, endpoint, address, request);
            http::probe(socket, &ask, deadlines).await
        }
        Protocol::Https(request) => {
            let ask = http::Ask::new(id, endpoint, address, request);
            let name = endpoint.target.name().filter(|_| request.sni);
            https::probe(socket, name, tls, &ask, deadlines).await
        }
    };
    seen.map_err(|cause| Failure { cause, resolved })
}

/// The first IPv4 address of a name. Resolvers turn the order themselves, so this is one of all.
// R53 health-checks: A records only, looked up anew for every probe.
async fn resolve(name: &DomainName, port: u16, within: Duration) -> Result<IpAddr, Cause> {
    let addresses = timeout(within, tokio::net::lookup_host((name.as_str(), port))).await;
    let mut addresses = match addresses {
        Err(_) => return Err(Cause::ResolutionTimeout),
        Ok(Err(error)) => return Err(Cause::from_io(&error, |text| Cause::Resolution { text })),
        Ok(Ok(addresses)) => addresses,
    };
    addresses.find_map(|address| Some(address.ip()).filter(IpAddr::is_ipv4)).ok_or(Cause::NoAddress)
}

#[cfg(test)]
pub(crate) mod tests;
