//! What a record set holds: its values one by one, their number, and the size of the whole batch.

use std::collections::HashSet;

use super::{Action, ChangeBatch, ChangeFault, group};
use crate::limits::Limits;
use crate::{Body, RecordSet, RecordType, Routing, rdata};

/// The faults of a batch that is empty or beyond its limits (DG "Quotas": UPSERT counts twice, an alias as one record).
pub(super) fn check_batch_size(batch: &ChangeBatch, limits: &Limits) -> Vec<ChangeFault> {
    let (mut records, mut chars) = (0, 0);
    for change in &batch.changes {
        let times = if change.action == Action::Upsert { 2 } else { 1 };
        match &change.record_set.body {
            Body::Alias(_) | Body::TrafficPolicy(_) => records += times,
            Body::Records { values, .. } => {
                records += times * values.len();
                chars += times * values.iter().map(|value| value.chars().count()).sum::<usize>();
            }
        }
    }
    let mut faults = Vec::new();
    if batch.changes.is_empty() {
        faults.push(ChangeFault::NoChanges);
    }
    if records > limits.batch_records_max {
        faults.push(ChangeFault::TooManyRecords { max: limits.batch_records_max });
    }
    if chars > limits.batch_value_chars_max {
        faults.push(ChangeFault::TooManyCharacters { max: limits.batch_value_chars_max });
    }
    faults
}

/// The faults of the values of one record set.
pub(super) fn check_record_set(record_set: &RecordSet, limits: &Limits) -> Vec<ChangeFault> {
    let RecordSet { name, record_type, body, .. } = record_set;
    let Body::Records { ttl: _, values } = body else { return Vec::new() };
    let (name, record_type) = (name.clone(), *record_type);
    let mut faults: Vec<ChangeFault> =
        values.iter().filter_map(|value| rdata::wire(record_type, value).err()).map(ChangeFault::Rdata).collect();
    if values.is_empty() {
        faults.push(ChangeFault::NoValues { name, record_type });
    } else if values.len() > 1 {
        let mut seen = HashSet::with_capacity(values.len());
        let again = values.iter().filter(|value| !seen.insert(meaning(record_type, value)));
        faults.extend(again.map(|value| ChangeFault::DuplicateValue(value.clone())));
        // API `ResourceRecords`: more than one value for all types but CNAME and SOA.
        if record_type == RecordType::SOA {
            faults.push(ChangeFault::NotOneSoa);
        } else if record_type == RecordType::CNAME {
            faults.push(ChangeFault::OneValueOnly { name, record_type });
        } else if values.len() > limits.values_per_record_set_max {
            let max = limits.values_per_record_set_max;
            faults.push(ChangeFault::TooManyValues { name, record_type, max });
        }
    }
    faults
}

/// Whether DELETE names exactly what is stored: values as a set and by meaning, everything else by equality.
pub(super) fn same_record_set(stored: &RecordSet, given: &RecordSet) -> bool {
    let RecordSet { name, record_type, routing, body, health_check } = stored;
    let bodies = match (body, &given.body) {
        (Body::Alias(stored), Body::Alias(given)) => stored == given,
        (Body::Records { ttl, values }, Body::Records { ttl: given_ttl, values: given }) => {
            ttl == given_ttl
                && values.len() == given.len()
                && (values == given || same_values(*record_type, values, given))
        }
        // A request can only name the instance.
        (Body::TrafficPolicy(stored), Body::TrafficPolicy(given)) => stored.instance == given.instance,
        (Body::Alias(_) | Body::Records { .. } | Body::TrafficPolicy(_), _) => false,
    };
    bodies
        && *name == given.name
        && *record_type == given.record_type
        && same_routing(routing, &given.routing)
        && *health_check == given.health_check
}

/// A bias that is not given is 0, and one point may be written in several ways.
fn same_routing(stored: &Routing, given: &Routing) -> bool {
    let (
        Routing::Geoproximity { set_identifier, geoproximity },
        Routing::Geoproximity { set_identifier: given_id, geoproximity: given_geoproximity },
    ) = (stored, given)
    else {
        return stored == given;
    };
    set_identifier == given_id
        && geoproximity.bias.unwrap_or(0) == given_geoproximity.bias.unwrap_or(0)
        && group::place(stored) == group::place(given)
}

fn same_values(record_type: RecordType, stored: &[String], given: &[String]) -> bool {
    let set: HashSet<_> = stored.iter().map(|value| meaning(record_type, value)).collect();
    set == given.iter().map(|value| meaning(record_type, value)).collect()
}

/// What a value means; a text that is no value means only itself.
fn meaning(record_type: RecordType, value: &str) -> Result<Vec<u8>, &str> {
    rdata::key(record_type, value).ok_or(value)
}
