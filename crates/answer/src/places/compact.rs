//! The form of a database of countries that ships inside the binary: a few hundred kilobytes where the file it is made of
//! has eight megabytes.
//!
//! It is coarser: of each IPv4 /24 and each IPv6 /48, which are the smallest prefixes that networks on the Internet tell each
//! other and the longest that resolvers should send (RFC 7871 §11.1), the country of most of its addresses. After a line
//! that names the form come, as varints of seven bits, lowest first: when the database was built (seconds since 1970), how
//! many countries there are, two letters for each, and for IPv4 and then for IPv6 how many runs there are, the blocks from
//! the start of each to that of the next, and an octet for each: 0 for unknown or the country's place from 1. The caller
//! deflates it.

use std::collections::BTreeMap;

use model::place::Country;

use super::Place;
use super::database::Database;
use crate::runs::{Bits, NONE, Runs};

const FORM: &[u8] = b"cutover places 1\n";
/// Bits of an address behind its block: those of an IPv4 /24 and of an IPv6 /48.
const BLOCK_BITS: [u32; 2] = [8, 80];

/// Bytes that are no database in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("octet {0} is not what a compact database of places has there")]
pub struct CompactFault(pub usize);

/// Why a database has no compact form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a compact database has 255 countries at most: {0}")]
pub struct TooManyCountries(pub usize);

/// The compact form of a database's countries, the same for the same database.
///
/// # Errors
/// More countries than an octet can tell apart.
pub fn compact(database: &Database, built: u64) -> Result<Vec<u8>, TooManyCountries> {
    let mut countries: Vec<Country> = database.places.iter().filter_map(|place| place.country).collect();
    countries.sort_unstable();
    countries.dedup();
    if countries.len() > 255 {
        return Err(TooManyCountries(countries.len()));
    }
    let code = |value: u32| {
        let country = if value == NONE { None } else { database.places[value as usize].country };
        country.map_or(0, |country| countries.partition_point(|other| *other < country) + 1)
    };
    let mut out = FORM.to_vec();
    put(&mut out, built.into());
    put(&mut out, countries.len() as u128);
    countries.iter().for_each(|country| out.extend_from_slice(country.code().as_bytes()));
    put_runs(&mut out, &blocks(&database.v4, BLOCK_BITS[0], u32::into, code));
    put_runs(&mut out, &blocks(&database.v6, BLOCK_BITS[1], u128::from, code));
    Ok(out)
}

/// Reads the compact form, and when its database was built.
///
/// # Errors
/// The first octet at fault.
pub fn expand(bytes: &[u8]) -> Result<(Database, u64), CompactFault> {
    let mut rest = Rest { bytes, at: 0 };
    if rest.take(FORM.len())? != FORM {
        return Err(CompactFault(0));
    }
    let built = u64::try_from(rest.number()?).map_err(|_| rest.fault())?;
    let mut places = Vec::new();
    for _ in 0..rest.count(2)? {
        let code = str::from_utf8(rest.take(2)?).ok().and_then(|code| code.parse().ok());
        let place = Place { country: Some(code.ok_or(rest.fault())?), ..Place::default() }.of_database();
        // Each once and in order: runs count in places.
        if places.last().is_some_and(|last: &Place| last.country >= place.country) {
            return Err(rest.fault());
        }
        places.push(place);
    }
    let known = u32::try_from(places.len()).map_err(|_| rest.fault())?;
    let v4 = rest.runs(BLOCK_BITS[0], known, |start| u32::try_from(start).ok())?;
    let v6 = rest.runs(BLOCK_BITS[1], known, Some)?;
    if rest.at < bytes.len() {
        return Err(rest.fault());
    }
    Ok((Database { places, v4, v6 }, built))
}

/// Runs of whole blocks, each by its first: a block in which runs meet has the value of most of its addresses.
fn blocks<B: Bits>(
    runs: &Runs<B>,
    bits: u32,
    number: impl Fn(B) -> u128,
    code: impl Fn(u32) -> usize,
) -> Vec<(u128, usize)> {
    let mut found: Vec<(u128, usize)> = Vec::new();
    let mut push = |block: u128, code: usize| {
        if found.last().is_none_or(|last| last.1 != code) {
            found.push((block, code));
        }
    };
    // Of the block that no run has alone: how many addresses have which value.
    let mut shared: BTreeMap<usize, u128> = BTreeMap::new();
    for i in 0..runs.len() {
        let (first, last, value) = runs.run(i);
        let (mut at, last, code) = (number(first), number(last), code(value));
        while at <= last {
            let block = at >> bits;
            let (begin, end) = (block << bits, (block << bits) + ((1 << bits) - 1));
            if at == begin && end <= last {
                push(block, code);
                let Some(after) = last.checked_add(1) else { break };
                at = after >> bits << bits;
                continue;
            }
            *shared.entry(code).or_default() += end.min(last) - at + 1;
            if end <= last {
                let most = shared.iter().max_by_key(|(code, count)| (**count, std::cmp::Reverse(**code)));
                push(block, *most.expect("one was just put").0);
                shared.clear();
            }
            let Some(next) = end.min(last).checked_add(1) else { break };
            at = next;
        }
    }
    found
}

fn put(out: &mut Vec<u8>, mut number: u128) {
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        out.push(low | if number > 0 { 0x80 } else { 0 });
        if number == 0 {
            return;
        }
    }
}

fn put_runs(out: &mut Vec<u8>, blocks: &[(u128, usize)]) {
    put(out, blocks.len() as u128);
    let mut before = 0;
    for (block, _) in blocks {
        put(out, block - before);
        before = *block;
    }
    out.extend(blocks.iter().map(|(_, code)| u8::try_from(*code).expect("at most 255 countries")));
}

/// What is still to be read.
struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn fault(&self) -> CompactFault {
        CompactFault(self.at)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], CompactFault> {
        let end = self.at.checked_add(length).ok_or(self.fault())?;
        let taken = self.bytes.get(self.at..end).ok_or(self.fault())?;
        self.at = end;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u128, CompactFault> {
        let mut number = 0u128;
        for shift in (0..126).step_by(7) {
            let octet = self.take(1)?[0];
            number |= u128::from(octet & 0x7f) << shift;
            if octet < 0x80 {
                return Ok(number);
            }
        }
        Err(self.fault())
    }

    /// A number of things that have at least so many octets each.
    fn count(&mut self, octets: usize) -> Result<usize, CompactFault> {
        let most = (self.bytes.len() - self.at) / octets;
        usize::try_from(self.number()?).ok().filter(|count| *count <= most).ok_or(self.fault())
    }

    fn runs<B: Bits>(
        &mut self,
        bits: u32,
        known: u32,
        number: impl Fn(u128) -> Option<B>,
    ) -> Result<Runs<B>, CompactFault> {
        let count = self.count(2)?;
        // The starts are read where the octets are known, so that nothing is kept twice.
        let mut starts = Rest { bytes: self.bytes, at: self.at };
        for _ in 0..count {
            self.number()?;
        }
        let mut runs = Runs::with_capacity(count + 1);
        let mut block = 0u128;
        for (i, code) in self.take(count)?.iter().enumerate() {
            let more = starts.number()?;
            block = block.checked_add(more).filter(|_| i == 0 || more > 0).ok_or(starts.fault())?;
            let start = block.checked_mul(1 << bits).and_then(&number).ok_or(starts.fault())?;
            let value = u32::from(*code).checked_sub(1);
            if value.is_some_and(|value| value >= known) {
                return Err(self.fault());
            }
            runs.push(start, value.unwrap_or(NONE));
        }
        Ok(runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Place {
        Place { country: Some(code.parse().unwrap()), ..Place::default() }.of_database()
    }

    fn database(v4: &[(u32, u32)], v6: &[(u128, u32)]) -> Database {
        let mut made = Database { places: vec![country("FR"), country("DE")], ..Database::default() };
        v4.iter().for_each(|(start, value)| made.v4.push(*start, *value));
        v6.iter().for_each(|(start, value)| made.v6.push(*start, *value));
        made
    }

    fn there_and_back(given: &Database) -> Database {
        expand(&compact(given, 7).unwrap()).unwrap().0
    }

    #[test]
    fn whole_blocks_come_back_as_they_were() {
        let block = |n: u128| n << 80;
        let given = database(
            &[(0x0100_0000, 0), (0x0200_0000, 1), (0x0200_0100, NONE), (0xffff_ff00, 0)],
            &[(block(5), 0), (block(6), NONE), (u128::MAX << 80, 1)],
        );
        let back = there_and_back(&given);
        for address in ["1.2.3.4", "2.0.0.255", "2.0.1.0", "255.255.255.255", "::", "ffff:ffff:ffff::1"] {
            let address = address.parse().unwrap();
            assert_eq!(back.find(address), given.find(address), "{address}");
        }
        assert_eq!(expand(&compact(&given, 1_781_725_900).unwrap()).unwrap().1, 1_781_725_900);
        assert_eq!(there_and_back(&back), back);
    }

    #[test]
    fn a_block_has_the_country_of_most_of_its_addresses() {
        let given = database(&[(0x0100_0010, 0), (0x0100_0080, 1), (0x0100_0140, NONE)], &[]);
        let back = there_and_back(&given);
        let of = |address: &str| back.find(address.parse().unwrap()).place.country.map(|c| c.to_string());
        assert_eq!(of("1.0.0.17").as_deref(), Some("DE"));
        assert_eq!(of("1.0.1.1"), None);
        assert_eq!(of("1.0.2.1"), None);
    }

    #[test]
    fn bytes_that_are_damaged_are_refused() {
        let sound = compact(&database(&[(0x0100_0000, 0), (0x0200_0000, 1)], &[]), 7).unwrap();
        for end in 0..sound.len() {
            assert!(expand(&sound[..end]).is_err(), "{end}");
        }
        let longer = [&sound[..], &[0]].concat();
        assert_eq!(expand(&longer), Err(CompactFault(sound.len())));
        for i in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[i] ^= 0xff;
            // Some of it is still a database; none of it may panic or ask for memory without end.
            let _ = expand(&damaged);
        }
    }
}
