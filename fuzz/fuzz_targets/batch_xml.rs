//! The body of a ChangeResourceRecordSets, the deepest document that strangers send: no panic and no endless reading.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    _ = api::reads_batch(input);
});
