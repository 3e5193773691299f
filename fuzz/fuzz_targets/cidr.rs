//! CIDR collections, as ChangeCidrCollection's XML or as lines of blocks and locations → a collection → compiled → asked: no
//! panic, and the location found is that of the longest block around the client.
#![no_main]

use std::sync::Arc;

use answer::{Client, Health, Outcome, Snapshot, Transport, View, answer};
use libfuzzer_sys::fuzz_target;
use model::cidr::{CidrAction, CidrCollection, LocationChange};
use model::hosted_zone::Visibility;
use model::id::{CidrCollectionId, CidrLocation, HostedZoneId, SetIdentifier};
use model::prefix::Prefix;
use model::{Name, RecordSet, RecordType, Routing, Ttl};

fuzz_target!(|input: &[u8]| {
    let xml = api::read_location_changes(input);
    let Some(changes) = xml.or_else(|| read_lines(str::from_utf8(input).ok()?)) else { return };
    let collection = CidrCollection {
        id: CidrCollectionId::parse("c").unwrap(),
        name: "c".to_owned(),
        caller_reference: String::new(),
        version: 1,
        blocks: Default::default(),
    };
    let Ok(collection) = collection.apply(None, changes, Some(1000)) else { return };
    for (block, _) in &collection.blocks {
        assert_eq!(block.to_string().parse(), Ok(*block));
    }
    let first = collection.blocks.keys().next().map(|block| block.network());
    let mut clients = vec![[192, 0, 2, 1].into(), [0, 0, 0, 0].into(), [255; 4].into()];
    clients.extend(first.filter(|address| address.is_ipv4()));
    // The record set of the location that the slow way finds is the one that must answer.
    for client in clients {
        let around = |block: &model::cidr::Block| Prefix::around(block.network(), block.length());
        let holds = collection.blocks.iter().filter(|(block, _)| around(block).contains(&Prefix::of(client)));
        let own = holds.max_by_key(|(block, _)| block.length()).map(|(_, location)| location.clone());
        let default = CidrLocation::parse("*").unwrap();
        let own = own.unwrap_or_else(|| default.clone());
        let mut sets = vec![set("own", &own, "192.0.2.1")];
        if own != default {
            sets.push(set("rest", &default, "192.0.2.2"));
        }
        let mut edit = Snapshot::empty().edit();
        edit.put_cidr_collection(&collection);
        let apex = Name::parse("z").unwrap();
        edit.put_zone(&HostedZoneId::parse("Z1").unwrap(), &apex, 1, &Visibility::PUBLIC, 0, sets).unwrap();
        let snapshot = edit.finish(1);
        let health = Health::compile(&snapshot, |_| true);
        let view = View { snapshot: snapshot.into(), health: health.into(), places: Arc::default() };
        let mut out = [0; 512];
        let query = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x01w\x01z\0\0\x01\0\x01";
        let client = Client::new(client, Transport::Udp, 0);
        let Outcome::Answered(length) = answer(&view, query, &client, &mut out) else { panic!("an answer fits") };
        assert_eq!(out[length - 4..length], [192, 0, 2, 1], "{own} in {:?}", collection.blocks);
    }
});

fn set(id: &str, location: &CidrLocation, address: &str) -> RecordSet {
    let ttl = Ttl::new(60).unwrap();
    let collection = CidrCollectionId::parse("c").unwrap();
    let set_identifier = SetIdentifier::parse(id).unwrap();
    RecordSet {
        routing: Routing::IpBased { set_identifier, collection, location: location.clone() },
        ..RecordSet::simple(Name::parse("w.z").unwrap(), RecordType::A, ttl, vec![address.to_owned()])
    }
}

/// Lines such as `office 192.0.2.0/24`; one that begins with `-` takes the block away.
fn read_lines(text: &str) -> Option<Vec<LocationChange>> {
    let change = |line: &str| {
        let (action, line) = match line.strip_prefix('-') {
            Some(line) => (CidrAction::DeleteIfExists, line),
            None => (CidrAction::Put, line),
        };
        let (location, block) = line.split_once(' ')?;
        let (location, block) = (CidrLocation::parse(location).ok()?, block.parse().ok()?);
        Some(LocationChange { location, action, blocks: vec![block] })
    };
    text.lines().map(change).collect()
}
