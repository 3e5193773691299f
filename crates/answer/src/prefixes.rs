//! A table of prefixes: the longest one around a client, and how wide that finding holds.
//!
//! Immutable and flat: nested prefixes are laid out as ranges side by side, in order of their first address, over runs of
//! a database if there is one; neighbours of one value become one range. The leading bits of an address tell between which two
//! ranges it is (an index of 256 KiB at most, so in the second-level cache), and a search among those which one: two cache
//! misses, no allocation. IPv6 prefixes crowd under few leading bits, so that the search is longer there. A range costs 8
//! bytes, one of IPv6 20, another 4 where prefixes nest, and the index 4 at most.

mod lay;

use std::net::IpAddr;

use model::prefix::Prefix;

use crate::runs::{Bits, NONE, Runs, scope};
use lay::Row;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Prefixes<V> {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
    around: Box<[Around]>,
    values: Box<[V]>,
}

/// Where a range begins, and what it has: a place in `values`, or `NONE`. Packed, so that both are in one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(4))]
struct Range<B: Copy> {
    start: B,
    value: u32,
}

/// A prefix with others in it.
#[derive(Debug, Clone)]
struct Around {
    value: u32,
    /// The next larger one, or `NONE`.
    parent: u32,
    length: u8,
}

/// Ranges that cover all addresses of a family. Each ends where the next begins.
#[derive(Debug, Clone)]
struct Ranges<B: Copy> {
    /// How many leading bits choose from the index.
    bits: u32,
    /// For each value of those bits the range that its first address is in; at the end the last range.
    index: Box<[u32]>,
    ranges: Box<[Range<B>]>,
    /// Who is around a range: the longest prefix with others in it that its last address is in. A client's prefix that
    /// begins in a range and ends behind it has that address, so it is in all of these that are not longer than it. A place
    /// in `around`, or `NONE`, as it is for the ranges that are missing at the end.
    around: Box<[u32]>,
}

/// What was found for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matched<'a, V: ?Sized> {
    /// Of the client's whole prefix, if all of it has one value; else of the longest prefix that contains all of it.
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

/// More would not fit into the second-level cache.
const INDEX_BITS_MAX: u32 = 16;

impl<V> Default for Prefixes<V> {
    fn default() -> Self {
        Self::build(Vec::new()).expect("no prefix is there twice")
    }
}

impl<V> Prefixes<V> {
    /// Lays out prefixes, which may nest but not repeat. Each keeps a value of its own, so that none becomes one with its
    /// neighbour.
    pub(crate) fn build(given: Vec<(Prefix, V)>) -> Result<Self, Twice> {
        let (prefixes, values): (Vec<Prefix>, Vec<V>) = given.into_iter().unzip();
        let rows: Vec<(Prefix, u32)> = prefixes.into_iter().zip(0..).collect();
        Self::over(&rows, values, (&Runs::default(), &Runs::default()))
    }

    /// Lays prefixes, which may nest but not repeat, over runs. Both have places in `values`.
    pub(crate) fn over(
        rows: &[(Prefix, u32)],
        values: Vec<V>,
        (v4, v6): (&Runs<u32>, &Runs<u128>),
    ) -> Result<Self, Twice> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        // By family, then first address, then the larger around the smaller.
        order.sort_by_key(|&i| rows[i].0);
        if let Some(pair) = order.windows(2).find(|pair| rows[pair[0]].0 == rows[pair[1]].0) {
            return Err(Twice { first: pair[0].min(pair[1]), second: pair[0].max(pair[1]) });
        }
        let (mut rows4, mut rows6) = (Vec::new(), Vec::new());
        for &i in &order {
            let (prefix, value) = rows[i];
            let length = prefix.length();
            match prefix.address() {
                IpAddr::V4(address) => rows4.push(Row::new(u32::from(address), length, value)),
                IpAddr::V6(address) => rows6.push(Row::new(u128::from(address), length, value)),
            }
        }
        let mut around = Vec::new();
        let (v4, v6) = (Ranges::lay(&mut rows4, v4, &mut around), Ranges::lay(&mut rows6, v6, &mut around));
        Ok(Self { v4, v6, around: around.into(), values: values.into() })
    }

    /// Whether nobody can be found.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many ranges of both families there are.
    pub(crate) fn ranges(&self) -> usize {
        self.v4.ranges.len() + self.v6.ranges.len()
    }

    /// The longest prefix around a client.
    pub(crate) fn find(&self, client: Prefix) -> Matched<'_, V> {
        let (place, scope) = self.place(client);
        Matched { value: place.map(|place| &self.values[place]), scope }
    }

    /// Its place in what was given, and the scope of [`Matched`].
    pub(crate) fn place(&self, client: Prefix) -> (Option<usize>, u8) {
        let Found { mut value, scope, split } = match client.address() {
            IpAddr::V4(address) => self.v4.find(u32::from(address), client.length()),
            IpAddr::V6(address) => self.v6.find(u128::from(address), client.length()),
        };
        if let Some(around) = split {
            value = self.whole(around, client.length());
        }
        ((value != NONE).then_some(value as usize), scope)
    }

    /// The value of the smallest prefix, of these around a client, that is not smaller than it.
    fn whole(&self, mut around: u32, length: u8) -> u32 {
        while around != NONE {
            let prefix = &self.around[around as usize];
            if prefix.length <= length {
                return prefix.value;
            }
            around = prefix.parent;
        }
        NONE
    }
}

impl<B: Bits> Ranges<B> {
    fn find(&self, address: B, length: u8) -> Found {
        let value = address.leading(self.bits);
        let (first, last) = (self.index[value] as usize, self.index[value + 1] as usize);
        let i = first + self.ranges[first..=last].partition_point(|range| { range.start } <= address) - 1;
        let Range { start, value } = self.ranges[i];
        let next = self.ranges.get(i + 1).map(|next| next.start);
        let is_whole = next.is_none_or(|next| address.last(length) < next);
        let split = (!is_whole).then(|| self.around.get(i).copied().unwrap_or(NONE));
        Found { value, scope: scope(start, next, address), split }
    }
}

/// The range around an address.
struct Found {
    value: u32,
    /// The shortest prefix of the address that lies in the range.
    scope: u8,
    /// Who is around it, if the prefix that begins at the address ends behind it.
    split: Option<u32>,
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

    #[test]
    fn neighbours_of_one_value_are_one_and_runs_show_where_no_prefix_is() {
        // 0 and 1 are a database's, 2 a row's.
        let mut runs = Runs::<u32>::default();
        runs.push(0x0a00_0000, 0);
        runs.push(0x0a80_0000, 1);
        runs.push(0x0b00_0000, NONE);
        let rows = [(prefix("10.0.64.0/18"), 2), (prefix("10.0.128.0/17"), 2), (prefix("11.0.0.0/8"), 1)];
        let table = Prefixes::over(&rows, vec!["a", "b", "c"], (&runs, &Runs::default())).unwrap();
        assert_eq!(table.ranges(), 6 + 1);
        let check = |client: &str, value: Option<&str>, scope: u8| {
            let found = table.find(prefix(client));
            assert_eq!((found.value.copied(), found.scope), (value, scope), "{client}");
        };
        check("10.0.0.1/32", Some("a"), 18);
        check("10.0.65.0/24", Some("c"), 18);
        check("10.0.64.0/18", Some("c"), 18);
        // Not all of it is in one place, but all of it is in the database's first run.
        check("10.0.0.0/16", Some("a"), 18);
        check("10.0.0.0/8", None, 18);
        check("10.128.0.0/9", Some("b"), 9);
        check("11.0.0.0/8", Some("b"), 8);
        check("10.200.0.0/16", Some("b"), 9);
    }

    proptest! {
        #[test]
        fn rows_over_runs_are_found_as_by_looking_at_every_address(
            given in prop::collection::btree_map((any::<u8>(), 0..=8u8), 0..4u32, 0..24),
            starts in prop::collection::btree_map(any::<u8>(), prop_oneof![0..4u32, Just(NONE)], 0..12),
            client in any::<u8>(), length in 0..=8u8,
        ) {
            let prefix = |bits: u8, length: u8| Prefix::around([bits, 0, 0, 0].into(), length);
            let rows: std::collections::BTreeMap<Prefix, u32> =
                given.into_iter().map(|((bits, length), value)| (prefix(bits, length), value)).collect();
            let mut runs = Runs::<u32>::default();
            starts.iter().for_each(|(start, value)| runs.push(u32::from(*start) << 24, *value));
            let listed: Vec<(Prefix, u32)> = rows.iter().map(|(prefix, value)| (*prefix, *value)).collect();
            let table = Prefixes::over(&listed, vec![0, 1, 2, 3], (&runs, &Runs::default())).unwrap();

            let run = |bits: u8| starts.range(..=bits).next_back().map(|(_, value)| *value).filter(|v| *v != NONE);
            let row = |around: Prefix| rows.iter().filter(|(p, _)| p.contains(&around)).max_by_key(|(p, _)| p.length());
            let address = |bits: u8| row(prefix(bits, 8)).map(|(_, value)| *value).or_else(|| run(bits));
            let inside = |around: Prefix| (0..=255u8).filter(move |bits| around.contains(&prefix(*bits, 8)));
            let same = |around: Prefix, of: &dyn Fn(u8) -> Option<u32>| {
                let first = of(inside(around).next().unwrap());
                inside(around).all(|bits| of(bits) == first).then_some(first)
            };
            let slow = |around: Prefix| match same(around, &address) {
                Some(value) => value,
                None => row(around).map(|(_, value)| *value).or_else(|| same(around, &run).flatten()),
            };
            let asked = prefix(client, length);
            let found = table.find(asked);
            prop_assert_eq!(found.value.copied(), slow(asked), "{} in {:?} over {:?}", asked, rows, starts);
            if found.scope <= length {
                let scope = Prefix::around(asked.address(), found.scope);
                prop_assert!(inside(scope).all(|bits| address(bits) == slow(asked)), "{} in {}", asked, scope);
                if found.scope > 0 {
                    let wider = Prefix::around(asked.address(), found.scope - 1);
                    prop_assert!(inside(wider).any(|bits| address(bits) != slow(asked)), "{} would do", wider);
                }
            }
        }

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
