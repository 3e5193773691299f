//! What the tests of this crate share: a store in a folder of its own, and short words for nouns.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use model::change::{Action, Change, ChangeBatch};
use model::hosted_zone::{Delegation, HostedZone, Visibility};
use model::id::{HostedZoneId, SetIdentifier};
use model::limits::Limits;
use model::{AliasTarget, Body, Name, RecordSet, RecordType, Routing, Ttl};
use ring::rand::SystemRandom;
use store::{Meta, Store};

use crate::{hosted_zones, record_sets};

/// A folder that goes away with the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cutover-control-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.0
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }

    /// Opens the store in it.
    pub(crate) fn store(&self) -> Store {
        Store::open(&self.0).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn meta() -> Meta {
    meta_at(1_700_000_000_000)
}

pub(crate) fn meta_at(at_ms: u64) -> Meta {
    Meta::new("test", at_ms)
}

pub(crate) fn random() -> SystemRandom {
    SystemRandom::new()
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// `www.example.com A 10.0.0.1,10.0.0.2` with TTL 60.
pub(crate) fn set(text: &str) -> RecordSet {
    let mut parts = text.splitn(3, ' ');
    let mut part = || parts.next().unwrap_or_default();
    let (owner, record_type, values) = (name(part()), RecordType::parse(part()).unwrap(), part());
    RecordSet::simple(owner, record_type, Ttl::new(60).unwrap(), values.split(',').map(str::to_owned).collect())
}

pub(crate) fn weighted(text: &str, id: &str, weight: u8) -> RecordSet {
    RecordSet { routing: Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight }, ..set(text) }
}

pub(crate) fn alias(text: &str, zone: &HostedZoneId, target: &str) -> RecordSet {
    let target = AliasTarget { hosted_zone_id: zone.clone(), dns_name: name(target), evaluate_target_health: true };
    RecordSet { body: Body::Alias(target), ..set(text) }
}

pub(crate) fn batch(action: Action, sets: impl IntoIterator<Item = RecordSet>) -> ChangeBatch {
    let changes = sets.into_iter().map(|record_set| Change { action, record_set }).collect();
    ChangeBatch { comment: None, changes }
}

pub(crate) async fn zone(store: &Store, text: &str) -> HostedZone {
    let caller_reference = format!("{text} {}", store.revision());
    let new = hosted_zones::NewHostedZone {
        name: name(text),
        caller_reference,
        comment: None,
        visibility: Visibility::PUBLIC,
    };
    let created = hosted_zones::create(store, meta(), &random(), new, &Delegation::default(), &Limits::default()).await;
    created.unwrap().0
}

/// Applies a batch.
pub(crate) async fn change(
    store: &Store,
    zone: &HostedZoneId,
    batch: ChangeBatch,
) -> Result<crate::changes::SubmittedChange, record_sets::ChangeError> {
    record_sets::change(store, meta(), &random(), zone, batch, &Limits::default()).await
}

/// Every record set of a zone, through pages of `limit`.
pub(crate) fn listed(store: &Store, zone: &HostedZoneId, limit: usize) -> Vec<RecordSet> {
    let (mut all, mut start) = (Vec::new(), None);
    loop {
        let page = record_sets::list(store, zone, start.as_ref(), limit).unwrap();
        all.extend(page.items);
        match page.next {
            Some(next) => start = Some(record_sets::ListStart::at(&next)),
            None => return all,
        }
    }
}
