//! Files that are damaged or made to harm, octet by octet. Sound ones of every layout are read in `world/tests/places.rs`,
//! which writes them itself.

use super::*;

/// A file with 24-bit branches.
fn file(ip_version: u8, nodes: &[(u32, u32)], data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    for branch in nodes.iter().flat_map(|(left, right)| [left, right]) {
        file.extend_from_slice(&branch.to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; SEPARATOR]);
    file.extend_from_slice(data);
    file.extend_from_slice(MARKER);
    file.push(0xe4);
    let mut field = |key: &str, number: u32| {
        file.push(0x40 | u8::try_from(key.len()).unwrap());
        file.extend_from_slice(key.as_bytes());
        file.push(0xc4);
        file.extend_from_slice(&number.to_be_bytes());
    };
    field("node_count", u32::try_from(nodes.len()).unwrap());
    field("record_size", 24);
    field("ip_version", ip_version.into());
    field("binary_format_major_version", 2);
    file
}

/// `{country_code: "DE"}`.
const GERMANY: &[u8] = b"\xe1\x4ccountry_code\x42DE";

#[track_caller]
fn check(file: &[u8], fault: &str) {
    assert_eq!(read_mmdb(file).unwrap_err().to_string(), fault);
}

#[test]
fn the_smallest_file_says_where_half_of_the_internet_is() {
    let file = file(4, &[(1, 1 + 16)], GERMANY);
    let (database, about) = read_mmdb(&file).unwrap();
    assert_eq!((about.nodes, about.ip_version, about.built), (1, 4, 0));
    assert_eq!(database.find([200, 0, 0, 1].into()).place.country.unwrap().code(), "DE");
    assert_eq!(database.find([100, 0, 0, 1].into()).place, crate::Place::default());
}

#[test]
fn files_that_are_none_are_told_what_they_lack() {
    check(b"prefix,country\n", "this is no MaxMind DB file, or it was cut off: it has no description at its end");
    let sound = file(4, &[(1, 1 + 16)], GERMANY);
    let description = sound.windows(MARKER.len()).position(|window| window == MARKER).unwrap();
    check(&sound[description - 20..], "the file is shorter than its description says; download it again");
    check(&sound[..description + MARKER.len()], "the description of the file has no sound map of fields");
    check(&file(5, &[(1, 17)], GERMANY), "the description of the file has no sound ip_version, which is 4 or 6");
    check(&file(4, &[(1, 1000)], GERMANY), "node 0 of the tree leads to 1000, which is neither a node nor a record");
    check(&file(4, &[(1, 5)], GERMANY), "node 0 of the tree leads to 5, which is neither a node nor a record");
    let no_places = "no record of the file has a country, a continent or coordinates; fields looked for: country, country_code, continent, location, latitude";
    check(&file(4, &[(1, 17)], b"\xe1\x43asn\x42DE"), no_places);
    check(&file(4, &[(1, 17)], b"\xe1\x43asn"), "the record at octet 0 of the data cannot be read");
}

#[test]
fn a_tree_that_never_ends_ends() {
    check(
        &file(4, &[(0, 0)], GERMANY),
        "the tree of addresses has circles or is deeper than an address is long: node 0",
    );
    // 2³² ways through 32 nodes.
    let nodes: Vec<(u32, u32)> = (1..=40).map(|next| (next, next)).collect();
    let error = read_mmdb(&file(6, &nodes, GERMANY)).unwrap_err();
    assert!(matches!(error, MmdbFault::Circle(_)), "{error}");
}

#[test]
fn records_that_lead_to_themselves_or_are_endless_are_refused() {
    // A pointer to itself; a map of 16 million pairs; a pointer to a pointer.
    for record in [&b"\x20\x00"[..], b"\xff\xff\xff\xff\x41a\x41b", b"\x20\x02\x20\x00"] {
        check(&file(4, &[(1, 17)], record), "the record at octet 0 of the data cannot be read");
    }
    // Arrays in arrays: one octet each, and no recursion.
    let nested = [b"\xe1\x41a", [1, 4].repeat(100_000).as_slice()].concat();
    check(&file(4, &[(1, 17)], &nested), "the record at octet 0 of the data cannot be read");
}

#[test]
fn no_damage_panics() {
    let sound = file(6, &[(1, 2), (2, 2 + 16), (0, 2 + 16)], GERMANY);
    for i in 0..sound.len() {
        let _ = read_mmdb(&sound[..i]);
        for bits in [1, 0x80, 0xff] {
            let mut damaged = sound.clone();
            damaged[i] ^= bits;
            let _ = read_mmdb(&damaged);
        }
    }
}
