//! Every answer that a test of this crate gets, held against the description: its operation, its status, its media type and
//! its schema. As much of JSON Schema as the description uses; a word that this does not know fails.

use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::super::call::Call;
use super::super::routes;
use crate::message::Response;

/// Panics if an answer is not what `/v1/openapi.json` says.
pub(in super::super) fn answer(call: &Call<'_>, response: &Response) {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let Some(route) = routes::find(&call.request.parts.method, &path) else { return };
    let document = super::document();
    let operation = &document["paths"][format!("/v1/{}", route.path)][route.method.as_str().to_lowercase()];
    let status = response.status().as_u16();
    let mut described = &operation["responses"][status.to_string()];
    if described.is_null() {
        assert!(status >= 400, "{} answers {status}, which is not described", route.operation);
        described = &operation["responses"]["default"];
    }
    let Some(kind) = response.headers().get(CONTENT_TYPE) else {
        assert!(described["content"].is_null(), "{} has no media type", route.operation);
        return;
    };
    let kind = kind.to_str().unwrap().split(';').next().unwrap();
    let content = &described["content"][kind];
    assert!(!content.is_null(), "{} answers {status} with {kind}, which is not described", route.operation);
    if let Some(bytes) = response.body().bytes().filter(|_| kind.ends_with("json")) {
        let value: Value = serde_json::from_slice(bytes).unwrap();
        let faults = faults(&document, &content["schema"], &value, "");
        assert!(faults.is_empty(), "{} answers {status}, but {}: {value:#}", route.operation, faults.join("; "));
    }
}

/// What is wrong with a value, by its place.
fn faults(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let Some(words) = schema.as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (word, rule) in words {
        let list = rule.as_array().map(Vec::as_slice).unwrap_or_default();
        let fits = |schema: &Value| faults(document, schema, value, place).is_empty();
        let is_right = match word.as_str() {
            "$ref" => {
                let target = document.pointer(rule.as_str().unwrap().trim_start_matches('#')).expect("a reference");
                found.extend(faults(document, target, value, place));
                true
            }
            "type" => std::slice::from_ref(rule).iter().chain(list).any(|kind| is_of(kind, value)),
            "required" => {
                let missing = list.iter().find(|name| value.is_object() && value.get(name.as_str().unwrap()).is_none());
                found.extend(missing.map(|name| format!("{place} lacks {name}")));
                true
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(member) = value.get(name) {
                        found.extend(faults(document, schema, member, &format!("{place}.{name}")));
                    }
                }
                true
            }
            "additionalProperties" => match (rule, value.as_object()) {
                (Value::Bool(true), _) | (_, None) => true,
                (rule, Some(members)) => members.iter().all(|(name, member)| {
                    let is_known = words.get("properties").is_some_and(|known| known.get(name).is_some());
                    is_known || (rule.is_object() && faults(document, rule, member, name).is_empty())
                }),
            },
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(faults(document, rule, item, &format!("{place}[{index}]")));
                }
                true
            }
            "allOf" => list.iter().all(fits),
            "anyOf" => list.iter().any(fits),
            "oneOf" => list.iter().filter(|schema| fits(schema)).count() == 1,
            "enum" => list.contains(value),
            "const" => rule == value,
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap()),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap()),
            "minProperties" => value.as_object().is_none_or(|m| m.len() as u64 >= rule.as_u64().unwrap()),
            "maxProperties" => value.as_object().is_none_or(|m| m.len() as u64 <= rule.as_u64().unwrap()),
            // Patterns are for other readers; the types parse their texts themselves.
            "pattern" | "description" | "title" | "default" | "examples" | "format" | "$schema" => true,
            other => panic!("the check does not know this word: {other}"),
        };
        if !is_right {
            found.push(format!("{place} breaks {word}"));
        }
    }
    found
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64() || value.is_i64(),
        _ => false,
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let document = super::document();
    let event = |extra: Value| {
        let mut event = serde_json::json!({"seq": 1, "at_ms": 2, "kind": "shift", "phase": "Baking", "step": null, "text": "", "cause": ""});
        event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        faults(&document, &super::to("Event"), &event, "").len()
    };
    assert_eq!(event(serde_json::json!({})), 0);
    for wrong in
        [serde_json::json!({"phase": "Nowhere"}), serde_json::json!({"seq": "1"}), serde_json::json!({"seq": 0})]
    {
        assert_eq!(event(wrong.clone()), 1, "{wrong}");
    }
}
