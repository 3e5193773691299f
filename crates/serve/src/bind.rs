//! Opens the sockets of one address: a TCP listener, and a UDP socket for each worker on the same port.
//!
//! `SO_REUSEPORT` would let a second server of the same user share the port in silence, so the port is first taken alone. TCP goes
//! first because it can choose a free port (port 0) and because two listeners never share one.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Type};
use thiserror::Error;
use udp::{Options, Socket};

/// Why an address cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// No address was given.
    #[error("nothing to listen on, name an address to answer dns on")]
    NoAddress,
    /// Somebody else has the port.
    #[error("another program uses the port, stop it or choose another address: {address} ({protocol})")]
    InUse {
        /// The address asked for.
        address: SocketAddr,
        /// `udp` or `tcp`.
        protocol: &'static str,
    },
    /// A port below 1024 without the right to it.
    #[error(
        "ports below 1024 need the capability CAP_NET_BIND_SERVICE, grant it (systemd: AmbientCapabilities) or choose a higher port: {address}"
    )]
    NotPermitted {
        /// The address asked for.
        address: SocketAddr,
    },
    /// No interface has the address.
    #[error("no interface of this machine has the address, choose one of its own: {address}")]
    NotLocal {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Anything else the system says.
    #[error("cannot listen on this address: {address}")]
    System {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A worker's thread could not be started.
    #[error("cannot start a thread for dns answers")]
    Thread(#[source] io::Error),
}

/// The sockets of one address.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) address: SocketAddr,
    pub(crate) listener: TcpListener,
    pub(crate) workers: Vec<Socket>,
}

/// Ports tried when the system chooses: one that is free for TCP is rarely taken for UDP.
const TRIES: usize = 16;

/// Binds TCP and `workers` UDP sockets to `wanted`; port 0 finds a port free for both.
pub(crate) fn bind(wanted: SocketAddr, workers: usize) -> Result<Bound, BindError> {
    let mut tries = if wanted.port() == 0 { TRIES } else { 1 };
    loop {
        tries -= 1;
        let listener = listen(wanted).map_err(|error| fault(wanted, "tcp", error))?;
        let address = listener.local_addr().map_err(|error| fault(wanted, "tcp", error))?;
        match bind_workers(address, workers) {
            Ok(workers) => return Ok(Bound { address, listener, workers }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => {}
            Err(error) => return Err(fault(address, "udp", error)),
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM.cloexec(), Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A restart must not wait for old connections to time out.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn bind_workers(address: SocketAddr, workers: usize) -> io::Result<Vec<Socket>> {
    drop(Socket::bind(address, &Options { reuse_port: false, ..Options::default() })?);
    (0..workers).map(|_| Socket::bind(address, &Options::default())).collect()
}

fn fault(address: SocketAddr, protocol: &'static str, source: io::Error) -> BindError {
    match source.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse { address, protocol },
        io::ErrorKind::PermissionDenied => BindError::NotPermitted { address },
        io::ErrorKind::AddrNotAvailable => BindError::NotLocal { address },
        _ => BindError::System { address, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_0_gives_both_transports_one_port() {
        let bound = bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        assert_ne!(bound.address.port(), 0);
        assert!(bound.workers.iter().all(|socket| socket.local_addr() == bound.address));
    }

    #[test]
    fn a_second_server_is_told_what_to_do() {
        // An address of its own: no other test takes the port in between.
        let first = bind("127.0.0.4:0".parse().unwrap(), 1).unwrap();
        let error = bind(first.address, 1).unwrap_err();
        let expected = "another program uses the port, stop it or choose another address";
        assert_eq!(error.to_string(), format!("{expected}: {} (tcp)", first.address));
        drop(first.listener);
        let error = bind(first.address, 1).unwrap_err();
        assert!(matches!(error, BindError::InUse { protocol: "udp", .. }), "{error}");
    }

    #[test]
    fn an_address_of_somebody_else_is_told_apart() {
        let error = bind("192.0.2.1:5300".parse().unwrap(), 1).unwrap_err();
        assert!(matches!(error, BindError::NotLocal { .. }), "{error}");
    }

    #[test]
    fn a_missing_capability_is_named() {
        let denied = fault("127.0.0.1:53".parse().unwrap(), "udp", io::ErrorKind::PermissionDenied.into());
        assert!(denied.to_string().contains("CAP_NET_BIND_SERVICE"));
    }
}
