//! The schemas as documents: what stands in a file, and what the API takes. Before: the schemas of the types. After:
//! editors, and whoever wants to check a file before it is sent.
//!
//! A document says a little more than its type: `deploy: shop` or `service: shop` names what it is about, a `reason`
//! may stand beside a release, and what is said of the whole release may stand inside its strategy, where people who
//! come from other tools write it (`deploy::parse_spec` takes it out of there).

use serde_json::{Map, Value, json};

use super::{fields, fields_of_strategy, service, spec};

/// Fields of a release that name it rather than say how it goes; they stay outside the strategy.
const OUTSIDE: [&str; 2] = ["to", "strategy"];

/// A release, as `deploy create -f` and `POST /v1/services/NAME/deployments` take it.
#[must_use]
pub fn release() -> Value {
    let mut schema = spec();
    let common = properties(&schema);
    let strategies: Vec<String> = strategies(&schema).iter().map(|(_, definition)| definition.clone()).collect();
    for definition in strategies {
        let own = &mut schema["$defs"][&definition];
        *own = with_common(own, &common);
    }
    let properties = &mut schema["properties"];
    properties["deploy"] = json!({"type": "string", "description": "The service that is released."});
    properties["reason"] = json!({"type": "string", "description": "Why; kept with the deployment."});
    schema["title"] = json!("Release");
    schema
}

/// A service, as `service apply -f` and `PUT /v1/services/NAME` take it.
#[must_use]
pub fn declaration() -> Value {
    let mut schema = service();
    schema["properties"]["service"] = schema["properties"]["name"].clone();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    schema["required"] = required.into_iter().filter(|field| field != "name").collect();
    schema["oneOf"] = json!([{"required": ["name"]}, {"required": ["service"]}]);
    schema["title"] = json!("Service");
    schema
}

/// Which fields of a release a strategy does not have itself, so that they may stand inside it.
#[must_use]
pub fn fields_inside(strategy: &str) -> Vec<String> {
    let own = fields_of_strategy(strategy);
    fields().into_iter().filter(|field| !OUTSIDE.contains(&&**field) && !own.contains(field)).collect()
}

/// The strategies of a schema: the word users write, and the name of its definition.
pub(super) fn strategies(schema: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for variant in schema["$defs"]["Strategy"]["oneOf"].as_array().into_iter().flatten() {
        for (word, target) in variant["properties"].as_object().into_iter().flatten() {
            let definition = target["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
            found.push((word.clone(), definition.to_owned()));
        }
    }
    found
}

/// The properties of an object, or those of all forms that it may have.
pub(super) fn properties(definition: &Value) -> Map<String, Value> {
    let mut all = definition["properties"].as_object().cloned().unwrap_or_default();
    for form in definition["oneOf"].as_array().into_iter().flatten() {
        all.extend(form["properties"].as_object().cloned().unwrap_or_default());
    }
    all
}

/// One object out of a strategy's forms, with the fields that may stand inside it.
fn with_common(definition: &Value, common: &Map<String, Value>) -> Value {
    let mut all = properties(definition);
    for (field, schema) in common {
        if !OUTSIDE.contains(&field.as_str()) && !all.contains_key(field) {
            all.insert(field.clone(), schema.clone());
        }
    }
    let mut object = json!({"type": "object", "properties": all, "additionalProperties": false});
    for kept in ["description", "required"] {
        if !definition[kept].is_null() {
            object[kept] = definition[kept].clone();
        }
    }
    if let Some(forms) = definition["oneOf"].as_array() {
        object["oneOf"] = forms.iter().map(|form| json!({ "required": form["required"] })).collect();
    }
    object
}
