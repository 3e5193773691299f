//! A database file → places: no panic, work and memory in proportion to the file, and what is read can be laid under a
//! table, found in, and made compact and back.
#![no_main]

use std::net::IpAddr;

use answer::{Database, Places, Tables, compact, expand, read_mmdb};
use libfuzzer_sys::fuzz_target;
use model::prefix::Prefix;

fuzz_target!(|file: &[u8]| {
    if let Ok((database, _)) = expand(file) {
        check(&database);
    }
    match read_mmdb(file) {
        Ok((database, about)) => {
            let (v4, v6) = database.runs();
            assert!(v4 + v6 <= 2 + 8 * (about.nodes as usize + 64), "memory is bounded by the file");
            check(&database);
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
});

fn check(database: &Database) {
    let rows = answer::read_places("prefix,country\n10.0.0.0/8,DE\n10.1.0.0/16,FR\n2001:db8::/32,DE\n").unwrap();
    let places = Places::of(Tables { rows: rows.clone(), database: Some(database), ..Tables::default() }).unwrap();
    let coarse = compact(database, 7).ok().map(|bytes| expand(&bytes).unwrap().0);
    for address in [
        "0.0.0.0",
        "9.255.255.255",
        "10.0.0.1",
        "10.1.2.3",
        "128.0.0.1",
        "255.255.255.255",
        "::",
        "2001:db8::1",
        "ffff::",
    ] {
        let address: IpAddr = address.parse().unwrap();
        let found = database.find(address);
        assert!(found.prefix.contains(&Prefix::of(address)));
        let (place, scope) = places.find(Prefix::of(address));
        let row =
            rows.iter().filter(|row| row.prefix.contains(&Prefix::of(address))).max_by_key(|row| row.prefix.length());
        match row {
            Some(row) => assert_eq!(place.country, row.place.country),
            None => assert_eq!(place, found.place),
        }
        // All in the scope have the same place; its ends are the likeliest to differ.
        let around = Prefix::around(address, scope);
        assert_eq!(places.find(Prefix::of(around.address())).0, place);
        if let Some(coarse) = &coarse {
            coarse.find(address);
        }
    }
}
