//! What each source has: connections, and memory for bodies. A source is one IPv4 address, or one IPv6 /64, which is
//! what one customer has at least.
//!
//! Used by `listen`. Left out on purpose: the number of all connections and the memory for all bodies, which semaphores
//! keep there.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

/// Sources that have connections.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    open: Arc<Mutex<HashMap<IpAddr, Source>>>,
    /// Connections of one source.
    most: usize,
    /// Pieces of memory for the bodies of one source.
    pieces: usize,
}

#[derive(Debug)]
struct Source {
    connections: usize,
    memory: Arc<Semaphore>,
}

/// One connection of a source; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Entered {
    open: Arc<Mutex<HashMap<IpAddr, Source>>>,
    source: IpAddr,
    /// Shared by all connections of the source.
    pub(crate) memory: Arc<Semaphore>,
}

impl Sources {
    pub(crate) fn new(most: usize, pieces: usize) -> Sources {
        Sources { open: Arc::default(), most, pieces }
    }

    /// Counts one more, unless there are too many.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Entered> {
        let source = source_of(address);
        let mut open = lock(&self.open);
        let fresh = || Source { connections: 0, memory: Arc::new(Semaphore::new(self.pieces)) };
        let Source { connections, memory } = open.entry(source).or_insert_with(fresh);
        if *connections >= self.most {
            return None;
        }
        *connections += 1;
        Some(Entered { open: Arc::clone(&self.open), source, memory: Arc::clone(memory) })
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        if let Some(Source { connections, memory: _ }) = open.get_mut(&self.source) {
            *connections -= 1;
            if *connections == 0 {
                open.remove(&self.source);
            }
        }
    }
}

/// Counts are whole after every statement, so a panic elsewhere harms nothing.
fn lock(open: &Mutex<HashMap<IpAddr, Source>>) -> MutexGuard<'_, HashMap<IpAddr, Source>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        four @ IpAddr::V4(_) => four,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_its_share_and_gets_it_back() {
        let sources = Sources::new(1, 7);
        let enter = |address: &str| sources.enter(address.parse().unwrap());
        let first = enter("2001:db8::1").unwrap();
        assert!(enter("2001:db8::2").is_none());
        let others = [enter("2001:db8:0:1::1"), enter("192.0.2.1"), enter("192.0.2.2")];
        assert!(others.iter().all(Option::is_some) && enter("::ffff:192.0.2.1").is_none());
        let [Some(one), _, Some(other)] = &others else { panic!("three sources") };
        let taken = one.memory.try_acquire_many(7).unwrap();
        assert!(one.memory.try_acquire().is_err() && other.memory.try_acquire_many(7).is_ok());
        drop(taken);
        drop((first, others));
        assert!(enter("2001:db8::2").is_some() && lock(&sources.open).is_empty());
    }
}
