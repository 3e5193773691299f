//! A master file → record sets: no panic; what is read compiles, and exporting and importing it is the identity.
#![no_main]

use std::io::Cursor;

use answer::{CompileFault, Snapshot};
use libfuzzer_sys::fuzz_target;
use model::hosted_zone::Visibility;
use model::id::HostedZoneId;
use model::{Name, RecordSet, zone_file};

fuzz_target!(|text: &[u8]| {
    let origin = Name::parse("z.test").unwrap();
    let read = |text: Vec<u8>| zone_file::read_from(&origin, "zone".as_ref(), Cursor::new(text));
    let Ok(zone) = read(text.to_vec()) else { return };

    let sorted = |mut record_sets: Vec<RecordSet>| {
        let key = |set: &RecordSet| (set.name.clone(), set.record_type, set.set_identifier().cloned());
        record_sets.sort_by_key(key);
        record_sets
    };
    let record_sets = sorted(zone.record_sets);
    let mut edit = Snapshot::empty().edit();
    let id = HostedZoneId::parse("Z1").unwrap();
    match edit.put_zone(&id, &origin, 1, &Visibility::PUBLIC, 0, record_sets.clone()) {
        // An alias may point out of the zone it names; the commands refuse that, the reader cannot know the zone.
        Ok(()) | Err(CompileFault::OutsideZone { .. } | CompileFault::GroupTooLarge { .. }) => {}
        Err(fault) => panic!("read, but not compiled: {fault:?}"),
    }

    let mut written = Vec::new();
    zone_file::write(&origin, record_sets.iter(), &mut written).unwrap();
    let again = read(written.clone()).map(|zone| sorted(zone.record_sets));
    assert_eq!(again, Ok(record_sets), "{}", String::from_utf8_lossy(&written));
});
