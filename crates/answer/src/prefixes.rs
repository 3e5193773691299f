//! A table of prefixes: the longest one around a client, and how wide that finding holds.
//!
//! Immutable and flat: nested prefixes are laid out as ranges side by side, in order of their first address. A look-up
//! searches one sample in sixteen (256 KiB for a million IPv4 prefixes, so in the second-level cache), then one line of
//! sixteen starts, then the entry: two to three cache misses, no allocation.

use std::net::IpAddr;

use model::prefix::Prefix;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Prefixes<V> {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
    entries: Box<[Entry<V>]>,
}

/// A prefix's value, its length, and the next larger prefix around it.
#[derive(Debug, Clone)]
struct Entry<V> {
    value: V,
    parent: u32,
    length: u8,
}

/// Ranges that cover all addresses of a family. Each ends where the next begins.
#[derive(Debug, Clone)]
struct Ranges<B> {
    /// Every sixteenth start.
    samples: Box<[B]>,
    starts: Box<[B]>,
    /// The longest prefix around the range, or `NONE`.
    entries: Box<[u32]>,
}

/// What was found for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matched<'a, V> {
    /// Of the longest prefix that contains the client's whole prefix.
    pub(crate) value: Option<&'a V>,
    /// The shortest prefix length around the client within which every address finds the same: for a prefix with no
    /// other in it its length, for no prefix the shortest length that keeps out all of them. Longer than the client's
    /// prefix if that was too short to tell.
    pub(crate) scope: u8,
}

/// Two entries for one prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Twice {
    /// The places of the two in what was given.
    pub(crate) first: usize,
    pub(crate) second: usize,
}

const NONE: u32 = u32::MAX;
const SAMPLE: usize = 16;

impl<V> Default for Prefixes<V> {
    fn default() -> Self {
        Self { v4: Ranges::build(&[]), v6: Ranges::build(&[]), entries: Box::default() }
    }
}

impl<V> Prefixes<V> {
    /// Lays out prefixes, which may nest but not repeat.
    pub(crate) fn build(given: Vec<(Prefix, V)>) -> Result<Self, Twice> {
        let mut order: Vec<usize> = (0..given.len()).collect();
        // By family, then first address, then the larger around the smaller.
        order.sort_by_key(|&i| given[i].0);
        if let Some(pair) = order.windows(2).find(|pair| given[pair[0]].0 == given[pair[1]].0) {
            return Err(Twice { first: pair[0].min(pair[1]), second: pair[0].max(pair[1]) });
        }
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for &i in &order {
            let (prefix, index) = (given[i].0, index(i));
            let spare = |bits: u32| bits - u32::from(prefix.length());
            match prefix.address() {
                IpAddr::V4(address) => {
                    let first = u32::from(address);
                    v4.push((first, first | 1u32.checked_shl(spare(32)).map_or(u32::MAX, |size| size - 1), index));
                }
                IpAddr::V6(address) => {
                    let first = u128::from(address);
                    v6.push((first, first | 1u128.checked_shl(spare(128)).map_or(u128::MAX, |size| size - 1), index));
                }
            }
        }
        let mut parents = vec![NONE; given.len()];
        note_parents(&v4, &mut parents);
        note_parents(&v6, &mut parents);
        let entry = |((prefix, value), parent): ((Prefix, V), u32)| Entry { value, parent, length: prefix.length() };
        let entries = given.into_iter().zip(parents).map(entry).collect();
        Ok(Self { v4: Ranges::build(&v4), v6: Ranges::build(&v6), entries })
    }

    /// Whether nobody can be found.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The longest prefix around a client.
    pub(crate) fn find(&self, client: Prefix) -> Matched<'_, V> {
        let (mut entry, scope) = match client.address() {
            IpAddr::V4(address) => self.v4.find(u32::from(address)),
            IpAddr::V6(address) => self.v6.find(u128::from(address)),
        };
        while entry != NONE && self.entries[entry as usize].length > client.length() {
            entry = self.entries[entry as usize].parent;
        }
        let value = (entry != NONE).then(|| &self.entries[entry as usize].value);
        Matched { value, scope }
    }
}

fn index(i: usize) -> u32 {
    u32::try_from(i).ok().filter(|i| *i != NONE).expect("fewer than 2³² - 1 prefixes")
}

/// For each of the sorted first and last addresses the one around it.
fn note_parents<B: Bits>(sorted: &[(B, B, u32)], parents: &mut [u32]) {
    let mut around: Vec<(B, u32)> = Vec::new();
    for &(first, last, entry) in sorted {
        while around.last().is_some_and(|(end, _)| *end < first) {
            around.pop();
        }
        parents[entry as usize] = around.last().map_or(NONE, |(_, entry)| *entry);
        around.push((last, entry));
    }
}

impl<B: Bits> Ranges<B> {
    /// From sorted first and last addresses.
    fn build(sorted: &[(B, B, u32)]) -> Self {
        let mut ranges: Vec<(B, u32)> = vec![(B::ZERO, NONE)];
        let mut begin = |start: B, entry: u32| match ranges.last_mut() {
            Some(last) if last.0 == start => last.1 = entry,
            _ => ranges.push((start, entry)),
        };
        let mut around: Vec<(B, u32)> = Vec::new();
        let leave = |around: &mut Vec<(B, u32)>, begin: &mut dyn FnMut(B, u32)| {
            let (last, _) = around.pop().expect("only called inside a prefix");
            if let Some(after) = last.next() {
                begin(after, around.last().map_or(NONE, |(_, entry)| *entry));
            }
        };
        for &(first, last, entry) in sorted {
            while around.last().is_some_and(|(end, _)| *end < first) {
                leave(&mut around, &mut begin);
            }
            begin(first, entry);
            around.push((last, entry));
        }
        while !around.is_empty() {
            leave(&mut around, &mut begin);
        }
        let (starts, entries): (Vec<B>, Vec<u32>) = ranges.into_iter().unzip();
        let samples = starts.iter().step_by(SAMPLE).copied().collect();
        Self { samples, starts: starts.into(), entries: entries.into() }
    }

    /// The entry of the range around an address, and the shortest prefix of the address that lies in the range.
    fn find(&self, address: B) -> (u32, u8) {
        let sample = self.samples.partition_point(|start| *start <= address) - 1;
        let line = &self.starts[sample * SAMPLE..self.starts.len().min((sample + 1) * SAMPLE)];
        let i = sample * SAMPLE + line.partition_point(|start| *start <= address) - 1;
        let keeps_out = |other: B| address.common(other) + 1;
        let below = self.starts[i].previous().map_or(0, keeps_out);
        let above = self.starts.get(i + 1).map_or(0, |next| keeps_out(*next));
        (self.entries[i], below.max(above))
    }
}

/// Addresses of one family as numbers.
trait Bits: Copy + Ord {
    const ZERO: Self;
    /// The number before; none before 0.
    fn previous(self) -> Option<Self>;
    /// The number after; none after the last.
    fn next(self) -> Option<Self>;
    /// How many leading bits of different numbers are the same.
    fn common(self, other: Self) -> u8;
}

impl Bits for u32 {
    const ZERO: Self = 0;
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn common(self, other: Self) -> u8 {
        u8::try_from((self ^ other).leading_zeros()).expect("at most 32")
    }
}

impl Bits for u128 {
    const ZERO: Self = 0;
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn common(self, other: Self) -> u8 {
        u8::try_from((self ^ other).leading_zeros()).expect("at most 128")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    fn table(prefixes: &[&str]) -> Prefixes<String> {
        Prefixes::build(prefixes.iter().map(|text| (prefix(text), (*text).to_owned())).collect()).unwrap()
    }

    #[track_caller]
    fn check(table: &Prefixes<String>, client: &str, value: &str, scope: u8) {
        let found = table.find(prefix(client));
        assert_eq!((found.value.map_or("", String::as_str), found.scope), (value, scope), "{client}");
    }

    #[test]
    fn the_longest_prefix_around_a_client_is_found_with_its_scope() {
        let table = table(&["198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "10.1.0.0/16", "2001:db8:1::/48"]);
        check(&table, "198.51.100.200/32", "198.51.100.0/24", 24);
        check(&table, "203.0.113.0/25", "203.0.113.0/24", 24);
        check(&table, "203.0.113.0/24", "203.0.113.0/24", 24);
        check(&table, "10.1.2.0/24", "10.1.0.0/16", 16);
        check(&table, "10.2.3.0/24", "10.0.0.0/8", 15);
        check(&table, "10.128.3.0/24", "10.0.0.0/8", 9);
        check(&table, "2001:db8:1:2::/64", "2001:db8:1::/48", 48);
        check(&table, "192.0.2.1/32", "", 6);
        check(&table, "128.0.0.1/32", "", 2);
    }

    #[test]
    fn a_client_prefix_that_is_too_short_is_told_by_a_longer_scope() {
        let table = table(&["203.0.113.0/24", "10.0.0.0/8", "10.0.0.0/16"]);
        check(&table, "203.0.0.0/16", "", 18);
        check(&table, "10.0.0.0/12", "10.0.0.0/8", 16);
    }

    #[test]
    fn an_empty_table_and_one_of_everything_say_the_same_to_all() {
        check(&table(&[]), "192.0.2.1/32", "", 0);
        check(&table(&["0.0.0.0/0"]), "192.0.2.1/32", "0.0.0.0/0", 0);
        check(&table(&["255.255.255.255/32"]), "255.255.255.255/32", "255.255.255.255/32", 32);
        let twice = Prefixes::build(vec![(prefix("::/0"), 1), (prefix("10.0.0.0/8"), 2), (prefix("::/0"), 3)]);
        assert_eq!(twice.unwrap_err(), Twice { first: 0, second: 2 });
    }

    proptest! {
        #[test]
        fn all_addresses_in_the_scope_find_the_same_as_by_looking_at_every_prefix(
            given in prop::collection::btree_set((any::<u8>(), 0..=8u8), 0..40),
            client in any::<u8>(), length in 0..=8u8,
        ) {
            // Addresses of eight bits, so that all can be tried.
            let prefix = |bits: u8, length: u8| Prefix::around([bits, 0, 0, 0].into(), length);
            let given: std::collections::BTreeSet<Prefix> = given.into_iter().map(|(b, l)| prefix(b, l)).collect();
            let table = Prefixes::build(given.iter().map(|p| (*p, *p)).collect()).unwrap();
            let slow = |client: Prefix| given.iter().filter(|p| p.contains(&client)).max_by_key(|p| p.length()).copied();
            let asked = prefix(client, length);
            let found = table.find(asked);
            prop_assert_eq!(found.value.copied(), slow(asked));
            if found.scope <= length {
                let scope = Prefix::around(asked.address(), found.scope);
                for other in (0..=255).map(|bits| prefix(bits, 32)).filter(|other| scope.contains(other)) {
                    prop_assert_eq!(slow(other), slow(asked), "{} in {}", other, scope);
                }
                // And no wider one would do.
                if found.scope > 0 {
                    let wider = Prefix::around(asked.address(), found.scope - 1);
                    let mut all = (0..=255).map(|bits| prefix(bits, 8)).filter(|other| wider.contains(other));
                    prop_assert!(all.any(|other| slow(other) != slow(asked)), "{} would do", wider);
                }
            }
        }
    }
}
