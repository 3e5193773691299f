//! Revisions and differences as JSON. One place for their shape, which `docs/api-v1.md` describes.

use control::history::{Fact, FieldChange, RecordSetChange, StickinessChange, ZoneChange, ZoneRevision, facts};
use model::{Body, RecordSet, Stickiness};
use serde_json::{Map, Value, json};

use crate::native::stickiness::lengths;

/// One revision of a zone.
pub(in crate::native) fn revision(revision: &ZoneRevision) -> Value {
    let ZoneRevision { revision, at_ms, author, change, comment, change_id, put, deleted, .. } = revision;
    let (word, of) = word(*change);
    json!({
        "revision": revision, "at_ms": at_ms, "by": author, "change": word, "of": of, "comment": comment,
        "change_id": change_id.as_ref().map(model::id::ChangeId::as_str), "put": put, "deleted": deleted,
    })
}

/// A kind of change, and the revision that it speaks of.
fn word(change: ZoneChange) -> (&'static str, Option<u64>) {
    match change {
        ZoneChange::Created => ("created", None),
        ZoneChange::RecordSets => ("record_sets", None),
        ZoneChange::Imported => ("imported", None),
        ZoneChange::RolledBack { to } => ("rolled_back", Some(to)),
        ZoneChange::Undid { revision } => ("undid", Some(revision)),
        ZoneChange::Weights => ("weights", None),
        ZoneChange::Settings => ("settings", None),
        ZoneChange::Deleted => ("deleted", None),
        ZoneChange::TrafficPolicy => ("traffic_policy", None),
    }
}

/// Every name whose stickiness differs.
pub(in crate::native) fn stickiness(changes: &[StickinessChange]) -> Vec<Value> {
    let side = |set: Option<Stickiness>| set.map(lengths);
    let one = |StickinessChange { name, before, after }: &StickinessChange| json!({ "name": name.to_string(), "before": side(*before), "after": side(*after) });
    changes.iter().map(one).collect()
}

/// Everything that differs.
pub(in crate::native) fn changes(changes: &[RecordSetChange]) -> Vec<Value> {
    changes.iter().map(change).collect()
}

fn change(change: &RecordSetChange) -> Value {
    let key = change.key();
    let (removed, added) = change.values();
    let fields = fields(change.fields());
    json!({
        "change": match (&change.before, &change.after) {
            (None, _) => "added",
            (Some(_), None) => "removed",
            (Some(_), Some(_)) => "changed",
        },
        "name": key.name.to_string(), "type": key.record_type.to_string(),
        "set_identifier": key.set_identifier.as_ref().map(ToString::to_string),
        "fields": fields, "values_removed": removed, "values_added": added,
        "before": change.before.as_ref().map(record_set), "after": change.after.as_ref().map(record_set),
    })
}

/// Facts that differ.
pub(in crate::native) fn fields(fields: Vec<FieldChange>) -> Vec<Value> {
    let side = |fact: Option<Fact>| fact.map_or(Value::Null, fact_value);
    let one =
        |FieldChange { field, before, after }| json!({ "field": field, "before": side(before), "after": side(after) });
    fields.into_iter().map(one).collect()
}

/// A record set without what tells it apart.
fn record_set(set: &RecordSet) -> Value {
    let mut view: Map<String, Value> =
        facts(set).into_iter().map(|(field, fact)| (field.to_owned(), fact_value(fact))).collect();
    if let Body::Records { values, ttl: _ } = &set.body {
        view.insert("values".to_owned(), json!(values));
    }
    Value::Object(view)
}

fn fact_value(fact: Fact) -> Value {
    match fact {
        Fact::Number(number) => number.into(),
        Fact::Flag(flag) => flag.into(),
        Fact::Text(text) => text.into(),
    }
}
