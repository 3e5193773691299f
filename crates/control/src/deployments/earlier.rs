//! What caches may hold of a service's names from before a release: the TTLs that were in force until lately.
//!
//! Whoever lowers a TTL from a day to a minute and releases at once has caches that keep the old answer for a day. The
//! past of the zone knows: every value that was written over within the last week, and when. After: `deploy::step` waits
//! for the longest of them. Left out on purpose: that a name or type did not exist, since whoever remembers that goes
//! to no environment at all.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use model::deployment::{DnsBinding, Service};
use model::{Body, RecordSet, RecordType};
use store::Reader;

use crate::history::past;
use crate::keys;
use crate::rows::StorageError;
use crate::stored;

/// No cache is known to keep an answer longer: a week is the largest default of the common resolvers.
const WINDOW_MS: u64 = 7 * 24 * 3_600_000;
/// Revisions of a zone that are looked through, some tens of milliseconds; a value that was written before them is not
/// found.
const REVISIONS_MAX: usize = 20_000;
/// An alias answers with its target's TTL; 60 s is what AWS gives its own.
const ALIAS_SECONDS: u32 = 60;

/// When each earlier TTL of the service's names was given last, in ms since 1970, and its seconds.
pub(crate) fn ttls(reader: &Reader<'_>, service: &Service, now_ms: u64) -> Result<Vec<(u64, u32)>, StorageError> {
    let mut found = Vec::new();
    // The past of others' zones is not known.
    for binding in service.records().filter(|_| service.account().is_none()) {
        found.extend(of_name(reader, binding, now_ms.saturating_sub(WINDOW_MS))?);
    }
    Ok(found)
}

fn of_name(reader: &Reader<'_>, binding: &DnsBinding, since_ms: u64) -> Result<Vec<(u64, u32)>, StorageError> {
    let sort_key = binding.name.sort_key();
    let prefix = keys::record_sets_at(&binding.zone, &sort_key);
    // Rows that were written over since, and when; what they held before is to be met further back.
    let mut ended = BTreeMap::<Vec<u8>, u64>::new();
    let (mut found, mut left) = (Vec::new(), REVISIONS_MAX);
    past::revisions(reader, &binding.zone, u64::MAX, |revision| {
        let is_early = revision.at_ms < since_ms;
        if left == 0 || (is_early && ended.is_empty()) {
            return Ok(ControlFlow::Break(()));
        }
        left -= 1;
        if revision.names.as_ref().is_some_and(|names| !names.contains(&sort_key)) {
            return Ok(ControlFlow::Continue(()));
        }
        let mut met = BTreeSet::new();
        for mutation in past::entry(reader, revision.revision)?.into_iter().rev() {
            if !mutation.key.starts_with(&prefix) || !met.insert(mutation.key.clone()) {
                continue;
            }
            let ended_ms = ended.remove(&mutation.key);
            if let (Some(ended_ms), Some(value)) = (ended_ms, &mutation.value) {
                let (record_type, seconds) = held(&mutation.key, value)?;
                found.extend(binding.types.contains(&record_type).then_some((ended_ms, seconds)));
            }
            if !is_early {
                ended.insert(mutation.key, revision.at_ms);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn held(key: &[u8], value: &[u8]) -> Result<(RecordType, u32), StorageError> {
    let set: RecordSet = stored::record_set(value).map_err(|fault| StorageError::damaged(key, fault))?;
    let seconds = match &set.body {
        Body::Records { ttl, .. } => ttl.seconds(),
        Body::Alias(_) => ALIAS_SECONDS,
        Body::TrafficPolicy(policy) => policy.made.as_ref().map_or(ALIAS_SECONDS, |made| made.ttl.seconds()),
    };
    Ok((set.record_type, seconds))
}

#[cfg(test)]
mod tests {
    use model::Ttl;
    use model::change::Action;
    use model::limits::Limits;

    use super::*;
    use crate::deployments::tests::Shop;
    use crate::record_sets;
    use crate::rows::read;
    use crate::testing::{Scratch, batch, meta_at, random, weighted};

    #[tokio::test]
    async fn a_ttl_that_was_lowered_lately_is_known_with_its_last_moment() {
        let scratch = Scratch::new();
        let store = scratch.store();
        let shop = Shop::open(&store).await;
        let at = |days: u64| 1_700_000_000_000 + days * 86_400_000;
        let with = |ttl: u64| {
            let mut set = weighted("shop.example.com A 10.0.0.9", "blue", 200);
            if let Body::Records { ttl: of, .. } = &mut set.body {
                *of = Ttl::new(ttl).unwrap();
            }
            batch(Action::Upsert, [set])
        };
        for (day, ttl) in [(1, 86_400), (20, 3_600), (21, 60), (22, 60)] {
            let (meta, limits) = (meta_at(at(day)), Limits::default());
            record_sets::change(&store, meta, &random(), &shop.zone, with(ttl), &limits).await.unwrap();
        }
        let service = crate::services::find(&store, &crate::deployments::tests::shop_name()).unwrap().unwrap().service;
        let known = |days| {
            let mut known = read(&store, |reader| ttls(reader, &service, at(days))).unwrap();
            known.retain(|(_, ttl)| *ttl > 60);
            known.sort_unstable();
            known.dedup();
            known
        };
        assert_eq!(known(23), [(at(20), 86_400), (at(21), 3_600)]);
        assert_eq!(known(40), []);
    }
}
