//! How long an answer may be kept: the largest TTL of all records that it consists of.
//!
//! An alias answers with its target's records and TTL, and a CNAME's answer is followed by its target's. Both are
//! looked for among the record sets that the caller has read; how many those are is the caller's business.

use model::id::HostedZoneId;
use model::{Body, Name, RecordSet, RecordType};

/// What AWS gives its own alias targets, and the guess for any target that this server does not have.
pub(crate) const ALIAS_SECONDS: u32 = 60;
/// Longer chains are cut: answers follow no more either.
const CHAIN_MAX: usize = 8;

/// The largest TTL in seconds of an answer with this record set, by `all` the record sets that are known.
pub(crate) fn of_answer(of: &RecordSet, all: &[(HostedZoneId, RecordSet)]) -> u32 {
    follow(of, all, CHAIN_MAX)
}

fn follow(of: &RecordSet, all: &[(HostedZoneId, RecordSet)], left: usize) -> u32 {
    let Some(left) = left.checked_sub(1) else { return 0 };
    match &of.body {
        Body::Records { ttl, values } if of.record_type == RecordType::CNAME => {
            // In whatever zone of ours the target is; the type is the asker's choice.
            let at = |target: &Name| largest(all.iter().filter(|(_, set)| set.name == *target), all, left);
            let beyond = values.iter().filter_map(|value| Name::parse(value).ok()).filter_map(|target| at(&target));
            beyond.fold(ttl.seconds(), u32::max)
        }
        Body::Records { ttl, values: _ } => ttl.seconds(),
        Body::Alias(target) => {
            let is_target = |(in_zone, set): &&(HostedZoneId, RecordSet)| {
                let answers = set.record_type == of.record_type || set.record_type == RecordType::CNAME;
                *in_zone == target.hosted_zone_id && set.name == target.dns_name && answers
            };
            largest(all.iter().filter(is_target), all, left).unwrap_or(ALIAS_SECONDS)
        }
        // The leaves of its tree may be aliases.
        Body::TrafficPolicy(policy) => {
            policy.made.as_ref().map_or(ALIAS_SECONDS, |made| made.ttl.seconds().max(ALIAS_SECONDS))
        }
    }
}

fn largest<'a>(
    sets: impl Iterator<Item = &'a (HostedZoneId, RecordSet)>,
    all: &[(HostedZoneId, RecordSet)],
    left: usize,
) -> Option<u32> {
    sets.map(|(_, set)| follow(set, all, left)).max()
}
