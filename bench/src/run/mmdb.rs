//! The table of countries as a MaxMind DB file in GeoLite2's layout, which is what the peers read.
//!
//! Leaves out on purpose: everything but IPv4 and country codes. Source: the MaxMind DB file format, version 2.0.

use crate::routed::places::{COUNTRIES, Placed};

/// A record that leads nowhere; the root is nobody's child.
const NOTHING: u32 = 0;
/// A record that is a country: its place in [`COUNTRIES`] follows.
const COUNTRY: u32 = 1 << 31;
/// IPv4 addresses are the last 32 of 128 bits.
const BITS_BEFORE: u32 = 96;

/// Writes a database.
pub fn write(countries: &[Placed]) -> Vec<u8> {
    let nodes = tree(countries);
    let mut data = Vec::new();
    let places: Vec<usize> = COUNTRIES
        .iter()
        .map(|(code, continent, ..)| {
            let place = data.len();
            map(&mut data, 2);
            text(&mut data, "continent");
            map(&mut data, 1);
            text(&mut data, "code");
            text(&mut data, continent);
            text(&mut data, "country");
            map(&mut data, 1);
            text(&mut data, "iso_code");
            text(&mut data, code);
            place
        })
        .collect();
    let mut file = Vec::with_capacity(nodes.len() * 6 + data.len() + 512);
    for record in nodes.iter().flatten() {
        let value = match *record {
            NOTHING => nodes.len(),
            // Data begin 16 octets behind the tree, and count from there.
            country if country & COUNTRY != 0 => nodes.len() + 16 + places[(country ^ COUNTRY) as usize],
            node => node as usize,
        };
        file.extend_from_slice(&(value as u32).to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; 16]);
    file.extend_from_slice(&data);
    metadata(&mut file, nodes.len() as u32);
    file
}

/// Two records a node, for the next bit 0 and 1.
fn tree(countries: &[Placed]) -> Vec<[u32; 2]> {
    let mut nodes = vec![[NOTHING; 2]];
    for placed in countries {
        let bits = BITS_BEFORE + u32::from(placed.length);
        let bit = |depth: u32| match depth.checked_sub(BITS_BEFORE) {
            Some(depth) => (placed.network >> (31 - depth) & 1) as usize,
            None => 0,
        };
        let mut node = 0;
        for depth in 0..bits - 1 {
            if nodes[node][bit(depth)] == NOTHING {
                nodes[node][bit(depth)] = nodes.len() as u32;
                nodes.push([NOTHING; 2]);
            }
            node = nodes[node][bit(depth)] as usize;
        }
        nodes[node][bit(bits - 1)] = COUNTRY | placed.country as u32;
    }
    nodes
}

fn metadata(out: &mut Vec<u8>, nodes: u32) {
    out.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    map(out, 9);
    for (key, size, value) in [
        ("node_count", 0xc4, nodes),
        ("record_size", 0xa2, 24),
        ("ip_version", 0xa2, 6),
        ("binary_format_major_version", 0xa2, 2),
        ("binary_format_minor_version", 0xa2, 0),
    ] {
        text(out, key);
        // Types 6 and 5: numbers of four and two octets.
        out.push(size);
        out.extend_from_slice(&value.to_be_bytes()[4 - usize::from(size & 7)..]);
    }
    text(out, "database_type");
    text(out, "GeoLite2-Country");
    text(out, "languages");
    // Type 11, a list of one.
    out.extend_from_slice(&[1, 4]);
    text(out, "en");
    text(out, "build_epoch");
    // Type 9, a number of eight octets.
    out.extend_from_slice(&[8, 2]);
    out.extend_from_slice(&1_780_000_000_u64.to_be_bytes());
    text(out, "description");
    map(out, 1);
    text(out, "en");
    text(out, "country");
}

/// The head of a map; its keys and values follow.
fn map(out: &mut Vec<u8>, pairs: u8) {
    out.push(0xe0 | pairs);
}

/// A text of fewer than 29 octets.
fn text(out: &mut Vec<u8>, text: &str) {
    debug_assert!(text.len() < 29, "longer ones are written otherwise: {text}");
    out.push(0x40 | text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows an address to the octets of its data.
    fn find(file: &[u8], nodes: usize, address: u32) -> Option<&[u8]> {
        let mut node = 0;
        for depth in 0..128 {
            let bit = if depth < 96 { 0 } else { (address >> (127 - depth) & 1) as usize };
            let at = node * 6 + bit * 3;
            node = u32::from_be_bytes([0, file[at], file[at + 1], file[at + 2]]) as usize;
            if node >= nodes {
                return (node > nodes).then(|| &file[nodes * 6 + node - nodes..]);
            }
        }
        None
    }

    #[test]
    fn every_prefix_leads_to_its_country() {
        let placed = [
            Placed { network: 0x0100_0000, length: 8, country: 2 },
            Placed { network: 0x0200_0100, length: 24, country: 0 },
        ];
        let file = write(&placed);
        let nodes = tree(&placed).len();
        assert!(
            find(&file, nodes, 0x01ff_0001)
                .unwrap()
                .starts_with(b"\xe2\x49continent\xe1\x44code\x42EU\x47country\xe1\x48iso_code\x42DE")
        );
        assert!(find(&file, nodes, 0x0200_01ff).unwrap().starts_with(b"\xe2\x49continent\xe1\x44code\x42NA"));
        assert!(find(&file, nodes, 0x0200_0201).is_none());
        assert!(find(&file, nodes, 0x0300_0201).is_none());
    }
}
