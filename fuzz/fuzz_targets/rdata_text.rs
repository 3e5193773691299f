//! Value texts and names to the wire and back: no panic, and the way back leads to the same bytes.
//!
//! The first two bytes are the record type, the rest is a text, or RDATA if it is not UTF-8.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{Name, RecordType, rdata};

fuzz_target!(|input: &[u8]| {
    let Some((&[high, low], rest)) = input.split_first_chunk() else { return };
    let record_type = RecordType(u16::from_be_bytes([high & 1, low]));
    if !record_type.is_storable() {
        return;
    }
    _ = rdata::text(record_type, rest);
    let Ok(text) = std::str::from_utf8(rest) else { return };
    if let Ok(wire) = rdata::wire(record_type, text) {
        let shown = rdata::text(record_type, &wire);
        // Shown may be longer than given (escapes), and then longer than the API takes.
        if shown.len() <= rdata::VALUE_CHARACTERS_MAX {
            assert_eq!(rdata::wire(record_type, &shown), Ok(wire), "{record_type} {shown}");
        }
        assert!(rdata::same(record_type, text, &shown) || shown.len() > rdata::VALUE_CHARACTERS_MAX);
    }
    if let Ok(name) = Name::parse(text) {
        assert_eq!(Name::parse(&name.to_string()), Ok(name.clone()));
        assert_eq!(Name::from_wire(name.wire()), Ok(name));
    }
});
