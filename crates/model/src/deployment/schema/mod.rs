//! JSON Schemas (draft 2020-12) of what users write: a service and a release. They are generated from the types, with
//! the types' own comments as descriptions, so a field cannot be there and be missing here.
//!
//! Here are only the schemas of what is written as a text or in two forms; everything else is derived beside its type.
//! Left out on purpose: rules between fields, which `deploy::plan` checks.

mod document;

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

pub use document::{declaration, fields_inside, release};

use super::{Comparison, Condition, Hold, OnBusy, Period, Queue, Service, Share, Spec, TimeRange};

/// The schema of a [`Service`].
#[must_use]
pub fn service() -> Value {
    of::<Service>()
}

/// The schema of a [`Spec`].
#[must_use]
pub fn spec() -> Value {
    of::<Spec>()
}

/// The fields of a release.
#[must_use]
pub fn fields() -> Vec<String> {
    spec()["properties"].as_object().into_iter().flatten().map(|(field, _)| field.clone()).collect()
}

/// The fields of a strategy by the word users write, such as `canary`; none of one that does not exist.
#[must_use]
pub fn fields_of_strategy(word: &str) -> Vec<String> {
    let schema = spec();
    let found = document::strategies(&schema).into_iter().find(|(known, _)| known == word);
    let definition = found.map(|(_, definition)| schema["$defs"][&definition].clone()).unwrap_or_default();
    document::properties(&definition).keys().cloned().collect()
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// A type that is written as one text.
macro_rules! text {
    ($($name:ident: $description:literal, $pattern:literal, $example:literal;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string", "description": $description, "pattern": $pattern, "minLength": 1,
                    "examples": [$example],
                })
            }
        }
    )*};
}

text! {
    Period: "A length of time: numbers with units from the longest to the shortest, of d, h, m, s and ms.",
        r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "1h30m";
    Share: "A share of the traffic, from 0% to 100%, with at most four decimals.",
        r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)%$", "5%";
    TimeRange: "A range of local time with its IANA zone: weekly, on some days, or once.",
        r"^\S+( \S+){1,3}$", "Fri 16:00-Mon 07:00 Europe/Prague";
    Comparison: "A comparison of the measured value with a number.",
        r"^\s*value\s*(<=|>=|==|!=|<|>)\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*$", "value <= 0.01";
}

impl JsonSchema for Hold {
    fn schema_name() -> Cow<'static, str> {
        "Hold".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let period = generator.subschema_for::<Period>();
        json_schema!({
            "description": "How long to wait; {} waits until a person resumes or promotes.",
            "anyOf": [period, {"type": "object", "maxProperties": 0}],
        })
    }
}

impl JsonSchema for OnBusy {
    fn schema_name() -> Cow<'static, str> {
        "OnBusy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let queue = generator.subschema_for::<Queue>();
        json_schema!({
            "description": "When a release is created while another of the service runs: it is refused (the default), waits in line, or takes its place.",
            "anyOf": [{"enum": ["reject", "queue", "supersede"]}, {
                "type": "object",
                "properties": {"queue": queue},
                "required": ["queue"],
                "additionalProperties": false,
            }],
        })
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let comparison = generator.subschema_for::<Comparison>();
        json_schema!({
            "description": "When a value passes, fails, or neither. A bare text is what passes; everything else fails.",
            "anyOf": [comparison, {
                "type": "object",
                "properties": {"pass": comparison, "fail": comparison},
                "additionalProperties": false,
                "minProperties": 1,
            }],
        })
    }
}

/// The schema of texts that only their own type can judge.
pub(crate) fn name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "description": "A domain name.", "examples": ["shop.example.com"]})
}

/// The same for a list of record types.
pub(crate) fn record_types(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "minItems": 1, "items": {"type": "string"}, "examples": [["A", "AAAA"]]})
}

/// The same for values by record types.
pub(crate) fn values(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "examples": [{"A": ["203.0.113.20"], "AAAA": ["2001:db8::20"]}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that the schema at a path of the document allows.
    fn fields(schema: &Value, path: &str) -> Vec<String> {
        let object = schema.pointer(path).unwrap_or_else(|| panic!("nothing at {path}"));
        assert_eq!(object["additionalProperties"], false, "{path}");
        object["properties"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn what_users_write_is_what_the_schema_knows() {
        let written: Spec = serde_json::from_str(
            r#"{"to": "green", "version": "2.1", "strategy": {"canary": {"preset": "95-5"}}, "bake": "1m"}"#,
        )
        .unwrap();
        let known = fields(&spec(), "");
        for (field, _) in serde_json::to_value(written).unwrap().as_object().unwrap() {
            assert!(known.contains(field), "{field} is not in {known:?}");
        }
        assert_eq!(spec()["required"], serde_json::json!(["strategy"]));
        assert_eq!(
            fields(&service(), "/$defs/DnsBinding"),
            ["adopt", "affinity", "foreign", "name", "release", "types", "zone"]
        );
    }

    #[test]
    fn what_is_said_of_the_whole_release_may_stand_inside_its_strategy() {
        let release = release();
        let inside = fields(&release, "/$defs/Canary");
        for field in ["steps", "preset", "background", "bake", "on_failure"] {
            assert!(inside.contains(&field.to_owned()), "{field} is not in {inside:?}");
        }
        assert!(!inside.contains(&"to".to_owned()));
        assert_eq!(release["$defs"]["Canary"]["oneOf"][0], serde_json::json!({"required": ["steps"]}));
        // `gate` and `analyse` are blue-green's own.
        let moved = fields_inside("blue_green");
        assert!(moved.contains(&"bake".to_owned()) && !moved.contains(&"analyse".to_owned()), "{moved:?}");
        assert!(fields(&release, "").contains(&"deploy".to_owned()));
        assert_eq!(declaration()["required"], serde_json::json!(["environments", "traffic"]), "`active` comes later");
    }

    #[test]
    fn a_field_is_described_in_the_words_of_its_type() {
        let bake = &spec()["properties"]["bake"];
        assert_eq!((bake["default"].as_str(), bake["$ref"].as_str()), (Some("0s"), Some("#/$defs/Period")));
        assert!(bake["description"].as_str().unwrap().contains("hold all traffic"));
    }
}
