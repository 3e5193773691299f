//! A traffic policy document → rules and endpoints: no panic, a fault has words, and what is read compiles.
#![no_main]

use std::sync::Arc;

use answer::Snapshot;
use libfuzzer_sys::fuzz_target;
use model::hosted_zone::Visibility;
use model::id::{HostedZoneId, TrafficPolicyInstanceId};
use model::traffic_policy::Document;
use model::{Body, MadeRecords, Name, PolicyRecord, RecordSet, Routing, Ttl};

fuzz_target!(|text: &str| {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(faults) => {
            assert!(!faults.0.is_empty() && !faults.to_string().is_empty());
            return;
        }
    };
    assert_eq!(document.text(), text);
    let apex = Name::parse("z.test").unwrap();
    let root = RecordSet {
        name: Name::parse("www.z.test").unwrap(),
        record_type: document.record_type(),
        routing: Routing::Simple,
        body: Body::TrafficPolicy(PolicyRecord {
            instance: TrafficPolicyInstanceId::parse("i").unwrap(),
            made: Some(MadeRecords { ttl: Ttl::new(60).unwrap(), document: Arc::new(document) }),
        }),
        health_check: None,
    };
    let mut edit = Snapshot::empty().edit();
    edit.put_zone(&HostedZoneId::parse("Z1").unwrap(), &apex, 1, &Visibility::PUBLIC, 0, [root]).unwrap();
});
