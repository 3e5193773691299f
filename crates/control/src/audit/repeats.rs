//! Refusals of strangers that are alike, so that whoever may send nothing cannot fill the disk either.
//!
//! The first of its kind (address, key that was claimed, operation, status, code) is told at once. Others within the ten
//! seconds after it are counted, and told as one at their end. Addresses beyond the number that is kept apart share one
//! kind without an address, which bounds the lines: 2 × 128 in ten seconds, whoever sends what.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use super::{Entry, Who};

/// How long refusals are gathered.
const WINDOW: Duration = Duration::from_secs(10);

/// Kinds that are kept apart.
const KINDS_MAX: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    source: Option<IpAddr>,
    claimed: Option<String>,
    operation: Option<&'static str>,
    status: u16,
    code: Option<String>,
}

#[derive(Debug)]
struct Gathered {
    since: Instant,
    /// The newest of those that were not told, and how many there are beside it.
    last: Option<(Entry, u64)>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Repeats(HashMap<Kind, Gathered>);

impl Repeats {
    /// Gives the entry back if it is to be told now.
    pub(super) fn pass(&mut self, mut entry: Entry, now: Instant) -> Option<Entry> {
        let Who::Nobody { claimed } = &entry.who else { return Some(entry) };
        let mut kind = Kind {
            source: entry.client.map(|client| source_of(client.ip())),
            claimed: claimed.clone(),
            operation: entry.operation,
            status: entry.status,
            code: entry.code.clone(),
        };
        if self.0.len() >= KINDS_MAX && !self.0.contains_key(&kind) {
            kind = Kind { source: None, claimed: None, operation: None, status: entry.status, code: None };
            // Statuses are few, so this cannot grow.
            entry = Entry { client: None, who: Who::Nobody { claimed: None }, operation: None, ..entry };
        }
        match self.0.get_mut(&kind) {
            None => {
                self.0.insert(kind, Gathered { since: now, last: None });
                Some(entry)
            }
            Some(Gathered { last, .. }) => {
                let more = last.take().map_or(0, |(_, more)| more + 1);
                *last = Some((entry, more));
                None
            }
        }
    }

    /// What was gathered long enough: the newest of each kind, and how many more there were.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<(Entry, u64)> {
        self.take(|since| now.duration_since(since) >= WINDOW)
    }

    /// Everything that was gathered.
    pub(super) fn all(&mut self) -> Vec<(Entry, u64)> {
        self.take(|_| true)
    }

    fn take(&mut self, is_over: impl Fn(Instant) -> bool) -> Vec<(Entry, u64)> {
        let mut over = Vec::new();
        self.0.retain(|_, gathered| {
            let keep = !is_over(gathered.since);
            if !keep {
                over.extend(gathered.last.take());
            }
            keep
        });
        over.sort_by_key(|(entry, _)| entry.at_ms);
        over
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A /64 is what one IPv6 customer has at least.
fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        four @ IpAddr::V4(_) => four,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    fn stranger(client: &str) -> Entry {
        Entry { who: Who::Nobody { claimed: None }, client: client.parse().ok(), status: 403, ..entry() }
    }

    #[test]
    fn the_first_is_told_and_the_others_are_counted() {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        assert!(repeats.pass(entry(), start).is_some() && repeats.is_empty());
        assert!(repeats.pass(stranger("192.0.2.1:1"), start).is_some());
        for port in 2..6 {
            assert_eq!(repeats.pass(stranger(&format!("192.0.2.1:{port}")), start), None);
        }
        assert!(repeats.pass(stranger("192.0.2.2:1"), start).is_some());
        assert!(repeats.expired(start + WINDOW / 2).is_empty());
        assert_eq!(repeats.expired(start + WINDOW), [(stranger("192.0.2.1:5"), 3)]);
        assert!(repeats.is_empty() && repeats.pass(stranger("192.0.2.1:1"), start).is_some());
    }

    #[test]
    fn many_addresses_make_few_lines() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let told =
            (0..10_000_u32).filter_map(|n| repeats.pass(stranger(&format!("[2001:db8:{:x}:{n:x}::1]:1", n >> 8)), now));
        assert_eq!(told.count(), KINDS_MAX + 1);
        let rest = repeats.all();
        assert_eq!(rest.iter().map(|(_, more)| more + 1).sum::<u64>(), 10_000 - KINDS_MAX as u64 - 1);
    }
}
