//! How many TCP connections there may be, in all and from one source (RFC 7766 §6.2.2, §6.2.3).
//!
//! Leaves out on purpose: closing idle connections to make room for new ones; the idle timeout does that within seconds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bounds of the TCP side. The defaults cost at most about 200 MB of memory in the worst case (1,024 connections that all send and
/// fetch messages of 64 KiB) and a few megabytes in practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpLimits {
    /// Connections in all; a further one is closed at once. Default 1,024: with the usual limit of 1,024 open files raised by the
    /// service manager there is room left for the API.
    pub connections_max: usize,
    /// Connections from one IPv4 address or one IPv6 /64. Default 64: enough for a big resolver farm behind one address, and no one
    /// source can take more than a sixteenth of the room.
    pub connections_per_source_max: usize,
    /// Time a connection may go without a whole query, or leave a reply unread. Default 10 s. RFC 7766 §6.2.3 leaves the length to
    /// the server; a query that trickles in does not extend it.
    pub idle_timeout: Duration,
}

impl Default for TcpLimits {
    fn default() -> Self {
        TcpLimits { connections_max: 1024, connections_per_source_max: 64, idle_timeout: Duration::from_secs(10) }
    }
}

/// The connections there are now.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    open: Arc<Mutex<Open>>,
    limits: TcpLimits,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_source: HashMap<IpAddr, usize>,
}

/// One connection's place; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Place {
    open: Arc<Mutex<Open>>,
    source: IpAddr,
}

impl Connections {
    pub(crate) fn new(limits: TcpLimits) -> Connections {
        Connections { open: Arc::default(), limits }
    }

    /// A place for a connection from `address`, unless there are too many.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Place> {
        let source = source_of(address);
        let mut open = lock(&self.open);
        if open.all >= self.limits.connections_max {
            return None;
        }
        let count = open.by_source.get(&source).copied().unwrap_or(0);
        if count >= self.limits.connections_per_source_max {
            return None;
        }
        open.by_source.insert(source, count + 1);
        open.all += 1;
        Some(Place { open: Arc::clone(&self.open), source })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        lock(&self.open).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.all -= 1;
        if let Some(count) = open.by_source.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                open.by_source.remove(&self.source);
            }
        }
    }
}

/// Numbers are consistent after every statement, so a panic elsewhere while the lock was held harms nothing.
fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A /64 is what one IPv6 customer has at the least.
fn source_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: usize, per_source: usize) -> Connections {
        Connections::new(TcpLimits {
            connections_max: all,
            connections_per_source_max: per_source,
            ..TcpLimits::default()
        })
    }

    #[test]
    fn both_limits_hold_and_places_come_back() {
        let connections = connections(3, 2);
        let [a, b]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let first = connections.enter(a).unwrap();
        let _second = connections.enter(a).unwrap();
        assert!(connections.enter(a).is_none(), "one source has two");
        let _third = connections.enter(b).unwrap();
        assert!(connections.enter(b).is_none(), "three in all");
        drop(first);
        assert!(connections.enter(a).is_some());
        assert_eq!(connections.count(), 2);
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let connections = connections(10, 1);
        let _place = connections.enter("2001:db8::1".parse().unwrap()).unwrap();
        assert!(connections.enter("2001:db8::2".parse().unwrap()).is_none());
        assert!(connections.enter("2001:db8:0:1::1".parse().unwrap()).is_some());
    }
}
