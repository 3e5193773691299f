//! Where an alias may lead: to an existing record set of the same type in its own zone, and never back to itself; to one
//! in a public zone of this server (Differs: AWS allows only the own zone); or out of this server, to a zone id that is
//! none of ours, which is kept as it is.
//!
//! Left out on purpose: whether aliases of several zones lead in a circle. Answers stop after some aliases.

use std::collections::HashSet;

use super::working::Working;
use super::{ChangeFault, Elsewhere, Records};
use crate::hosted_zone::HostedZone;
use crate::limits::Limits;
use crate::{AliasTarget, Body, Name, RecordSet};

/// The faults of the alias target of `record_set` at this point of the batch.
pub(super) fn check<R: Records>(
    zone: &HostedZone,
    record_set: &RecordSet,
    limits: &Limits,
    working: &mut Working<'_, R>,
) -> Result<Vec<ChangeFault>, R::Error> {
    let Body::Alias(target) = &record_set.body else { return Ok(Vec::new()) };
    let record_type = record_set.record_type;
    let AliasTarget { hosted_zone_id, dns_name, evaluate_target_health: _ } = target;
    let (target, zone_id) = (dns_name.clone(), hosted_zone_id.clone());
    let not_found = |target, zone| ChangeFault::AliasTargetNotFound { target, record_type, zone };
    let outside = |target, zone| ChangeFault::AliasOutsideZone { target, record_type, zone };
    if *hosted_zone_id != zone.id {
        return Ok(match working.records.elsewhere(hosted_zone_id, dns_name, record_type)? {
            Elsewhere::NotOurs | Elsewhere::There => Vec::new(),
            Elsewhere::Private => vec![ChangeFault::AliasToPrivateZone { target, record_type, zone: zone_id }],
            Elsewhere::Outside => vec![outside(target.clone(), zone_id.clone()), not_found(target, zone_id)],
            Elsewhere::Missing => vec![not_found(target, zone_id)],
        });
    }
    if !dns_name.is_in(&zone.name) {
        // Seen on AWS: both messages for the one alias.
        return Ok(vec![outside(target.clone(), zone_id.clone()), not_found(target, zone_id)]);
    }
    if !working.at(dns_name)?.iter().any(|set| set.record_type == record_type) {
        return Ok(vec![not_found(target, zone_id)]);
    }
    Ok(match walk(zone, record_set, dns_name, limits, working)? {
        Walk::Ends => Vec::new(),
        Walk::Loops => vec![ChangeFault::AliasLoop { target, record_type, zone: zone_id }],
        Walk::TooLarge(max) => vec![ChangeFault::AliasTreeTooLarge { target, record_type, zone: zone_id, max }],
    })
}

enum Walk {
    Ends,
    Loops,
    TooLarge(usize),
}

/// Follows every alias below `from` and looks whether one leads to the owner of `record_set`.
fn walk<R: Records>(
    zone: &HostedZone,
    record_set: &RecordSet,
    from: &Name,
    limits: &Limits,
    working: &mut Working<'_, R>,
) -> Result<Walk, R::Error> {
    let mut seen: HashSet<Name> = HashSet::from([from.clone()]);
    let mut open = vec![from.clone()];
    while let Some(name) = open.pop() {
        if name == record_set.name {
            return Ok(Walk::Loops);
        }
        if seen.len() > limits.alias_tree_names_max {
            return Ok(Walk::TooLarge(limits.alias_tree_names_max));
        }
        for set in working.peek(&name)?.iter().filter(|set| set.record_type == record_set.record_type) {
            if let Body::Alias(target) = &set.body
                && target.hosted_zone_id == zone.id
                && seen.insert(target.dns_name.clone())
            {
                open.push(target.dns_name.clone());
            }
        }
    }
    Ok(Walk::Ends)
}
