//! A bound UDP socket, set up for a DNS worker.
//!
//! First on the walk of a datagram: bind here, then [`crate::Batch::receive`]. Leaves out on purpose: connected sockets, broadcast,
//! multicast, dual-stack sockets (an IPv6 socket takes IPv6 only, so that `0.0.0.0` and `[::]` can share a port), and GSO/GRO (DNS
//! has one datagram a flow, joining them gains nothing).

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use socket2::{Domain, Protocol, Type};

/// How a socket is set up; [`Options::default`] suits a worker with one socket a core.
#[derive(Clone, Debug)]
pub struct Options {
    /// Several sockets share the port and the kernel spreads the clients over them (`SO_REUSEPORT`). Default: yes.
    pub reuse_port: bool,
    /// How long an idle [`crate::Batch::receive`] waits before it returns 0. Default: 50 ms. Zero waits for ever.
    pub receive_timeout: Duration,
    /// Octets of kernel buffer asked for, each way; the kernel may grant less (`net.core.rmem_max`) unless we may override it.
    /// Default: 4 MiB, about 5,000 waiting queries at the 768 octets the kernel bills for a small one.
    pub buffer_octets: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { reuse_port: true, receive_timeout: Duration::from_millis(50), buffer_octets: 4 << 20 }
    }
}

/// A bound UDP socket.
#[derive(Debug)]
pub struct Socket {
    inner: socket2::Socket,
    address: SocketAddr,
    wildcard: bool,
}

impl Socket {
    /// Binds `address`; port 0 lets the kernel choose. On a wildcard address every reply leaves from the address its query came to.
    ///
    /// # Errors
    /// What the kernel says: `AddrInUse`, `PermissionDenied` (a port below 1024), `AddrNotAvailable`.
    pub fn bind(address: SocketAddr, options: &Options) -> io::Result<Socket> {
        let domain = Domain::for_address(address);
        let inner = socket2::Socket::new(domain, Type::DGRAM.cloexec(), Some(Protocol::UDP))?;
        if address.is_ipv6() {
            inner.set_only_v6(true)?;
        }
        if options.reuse_port {
            inner.set_reuse_port(true)?;
        }
        let timeout = (!options.receive_timeout.is_zero()).then_some(options.receive_timeout);
        inner.set_read_timeout(timeout)?;
        // A full send buffer must not stop a worker for good: after this wait the reply is dropped and counted.
        inner.set_write_timeout(timeout)?;
        ask_for_buffers(&inner, options.buffer_octets)?;
        let wildcard = address.ip().is_unspecified();
        if address.is_ipv4() {
            // No DF bit and no trust in ICMP "fragmentation needed", which anybody can forge (RFC 9715 §3.1).
            set(&inner, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_OMIT)?;
            if wildcard {
                set(&inner, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
            }
        } else {
            set(&inner, libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, libc::IPV6_PMTUDISC_OMIT)?;
            if wildcard {
                set(&inner, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)?;
            }
        }
        inner.bind(&address.into())?;
        let address = inner.local_addr()?.as_socket().expect("an IP socket is bound to an IP address");
        Ok(Socket { inner, address, wildcard })
    }

    /// Where the socket is bound, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Whether replies need a control message that names their source address.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.wildcard
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

/// Asks beyond the system's limits first (needs `CAP_NET_ADMIN`), then within them.
fn ask_for_buffers(socket: &socket2::Socket, octets: usize) -> io::Result<()> {
    let value = libc::c_int::try_from(octets).unwrap_or(libc::c_int::MAX);
    if set(socket, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, value).is_err() {
        socket.set_recv_buffer_size(octets)?;
    }
    if set(socket, libc::SOL_SOCKET, libc::SO_SNDBUFFORCE, value).is_err() {
        socket.set_send_buffer_size(octets)?;
    }
    Ok(())
}

fn set(socket: &socket2::Socket, level: libc::c_int, option: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let length = mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` lives through the call and `length` is its size; the descriptor is open as long as `socket`.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), length) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_a_port_and_strangers_do_not() {
        let any = "127.0.0.1:0".parse().unwrap();
        let first = Socket::bind(any, &Options::default()).unwrap();
        assert_ne!(first.local_addr().port(), 0);
        let second = Socket::bind(first.local_addr(), &Options::default()).unwrap();
        assert_eq!(first.local_addr(), second.local_addr());
        let alone = Options { reuse_port: false, ..Options::default() };
        let error = Socket::bind(first.local_addr(), &alone).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn both_wildcards_share_a_port_number() {
        let four = Socket::bind("0.0.0.0:0".parse().unwrap(), &Options::default()).unwrap();
        let six = SocketAddr::new("::".parse().unwrap(), four.local_addr().port());
        assert!(Socket::bind(six, &Options::default()).is_ok());
    }
}
