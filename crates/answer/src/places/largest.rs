//! The largest prefix of each country: where its one client is in a simulation of the world.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use model::place::Country;
use model::prefix::Prefix;

use super::Places;
use crate::prefixes::Matched;

impl Places {
    /// The largest IPv4 prefix of each country, the first of equals. Every address in it is in the same place. Goes once
    /// through all IPv4 addresses, a run of the table at a step: some tens of milliseconds for a database of the world.
    #[must_use]
    pub fn largest_prefixes(&self) -> BTreeMap<Country, Prefix> {
        let mut largest = BTreeMap::<Country, Prefix>::new();
        let mut next = Some(0u32);
        while let Some(first) = next {
            let client = Prefix::of(Ipv4Addr::from(first).into());
            let Matched { value, scope } = self.locate(client);
            if let Some(country) = value.and_then(|located| located.place.country) {
                let prefix = Prefix::around(client.address(), scope);
                let known = largest.entry(country).or_insert(prefix);
                if prefix.length() < known.length() {
                    *known = prefix;
                }
            }
            // Scopes are as wide as they can be, so that each begins where the one before ended.
            next = 1u32.checked_shl(32 - u32::from(scope)).and_then(|size| first.checked_add(size));
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_places;
    use super::*;

    #[track_caller]
    fn check(rows: &str, expected: &[&str]) {
        let rows = read_places(&format!("prefix,country\n{rows}")).unwrap();
        let largest = Places::compile(rows, Vec::new(), &[]).unwrap().largest_prefixes();
        let told: Vec<String> = largest.iter().map(|(country, prefix)| format!("{country} {prefix}")).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn the_largest_prefix_is_what_others_leave_of_it() {
        check("", &[]);
        check("0.0.0.0/0,DE\n", &["DE 0.0.0.0/0"]);
        check("198.51.100.0/24,FR\n203.0.113.0/25,FR\n2001:db8::/32,IT\n", &["FR 198.51.100.0/24"]);
        // The first half of the network is France's, so that the second is what is left to Germany.
        check("10.0.0.0/8,DE\n10.0.0.0/9,FR\n192.0.2.0/24,DE\n", &["DE 10.128.0.0/9", "FR 10.0.0.0/9"]);
        check("255.255.255.255/32,DE\n255.255.255.254/32,FR\n", &["DE 255.255.255.255/32", "FR 255.255.255.254/32"]);
    }

    #[test]
    fn all_of_it_is_in_the_country() {
        let rows = read_places("prefix,country\n10.0.0.0/8,DE\n10.7.0.0/16,\n10.128.0.0/12,AT\n").unwrap();
        let places = Places::compile(rows, Vec::new(), &[]).unwrap();
        for (country, prefix) in places.largest_prefixes() {
            let found = places.locate(prefix);
            assert_eq!(found.value.and_then(|located| located.place.country), Some(country));
            assert_eq!(found.scope, prefix.length());
        }
    }
}
