//! How many connections each source has open: one IPv4 address, or one IPv6 /64, which is what one customer has at least.
//!
//! Used by `listen`. Left out on purpose: the number of all connections, which a semaphore keeps there.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Open connections by source.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

/// One connection of a source; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Entered {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    source: IpAddr,
}

impl Sources {
    pub(crate) fn new(most: usize) -> Sources {
        Sources { open: Arc::default(), most }
    }

    /// Counts one more, unless there are too many.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Entered> {
        let source = source_of(address);
        let mut open = lock(&self.open);
        let count = open.entry(source).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Entered { open: Arc::clone(&self.open), source })
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        if let Some(count) = open.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.source);
            }
        }
    }
}

/// Counts are whole after every statement, so a panic elsewhere harms nothing.
fn lock(open: &Mutex<HashMap<IpAddr, usize>>) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
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
        let sources = Sources::new(1);
        let enter = |address: &str| sources.enter(address.parse().unwrap());
        let first = enter("2001:db8::1").unwrap();
        assert!(enter("2001:db8::2").is_none());
        let others = [enter("2001:db8:0:1::1"), enter("192.0.2.1"), enter("192.0.2.2")];
        assert!(others.iter().all(Option::is_some) && enter("::ffff:192.0.2.1").is_none());
        drop((first, others));
        assert!(enter("2001:db8::2").is_some() && lock(&sources.open).is_empty());
    }
}
