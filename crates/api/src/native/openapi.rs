//! What the native API is, for programs: OpenAPI 3.1 written from the table of routes, and the JSON Schemas of the
//! documents that it takes.
//!
//! What deployments take is described by their types (`model::deployment::schema`), what they look like by `schemas.json`;
//! of other answers the members are told that are always there. A test holds every answer that a test of this crate
//! gets against it.

#[cfg(test)]
pub(super) mod check;

use http::StatusCode;
use model::deployment::schema;
use serde_json::{Map, Value, json};

use super::problem::{self, Problem};
use super::routes::{Gives, ROUTES, Route, Takes};
use super::streams::EVENT_STREAM;
use crate::message::Response;

const SCHEMAS: &str = include_str!("openapi/schemas.json");
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// `GET /v1/openapi.json`
pub(super) fn show() -> Response {
    problem::json(StatusCode::OK, &document())
}

/// `GET /v1/schema/release|service`
pub(super) fn schema(document: &str) -> Result<Response, Problem> {
    let schema = match document {
        "release" => schema::release(),
        "service" => schema::declaration(),
        other => {
            return Err(Problem::not_found(format!("there is no schema of this document: {other}"))
                .hint("there are release and service"));
        }
    };
    Ok(problem::json(StatusCode::OK, &schema))
}

/// The description of every route.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(format!("/v1/{}", route.path)).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cutover",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The native API. Route 53's own API is beside it, under /2013-04-01.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "operator": {"type": "http", "scheme": "bearer", "description": "The content of operator-token in the data folder."},
                "key": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "AWS Signature Version 4 with service name `cutover`.",
                },
            },
        },
        "security": [{"operator": []}, {"key": []}],
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters = Vec::new();
    for name in route.path.split(['/', ':']).filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    }
    for (place, words) in [("query", route.query), ("header", route.headers)] {
        for (name, description) in words {
            let schema = json!({"type": "string"});
            parameters.push(json!({"name": name, "in": place, "description": description, "schema": schema}));
        }
    }
    let refused =
        json!({"description": "Refused; nothing was changed.", "content": {PROBLEM: {"schema": to("Problem")}}});
    let mut responses = Map::from_iter([("default".to_owned(), refused)]);
    for (status, gives) in route.gives {
        responses.insert(status.to_string(), response(*status, *gives));
    }
    let mut operation = json!({
        "operationId": route.operation, "summary": route.summary, "parameters": parameters, "responses": responses,
    });
    let body = match route.takes {
        Takes::Nothing => None,
        Takes::Json(name) => Some((true, json!({JSON: {"schema": to(name)}}))),
        Takes::Perhaps(name) => Some((false, json!({JSON: {"schema": to(name)}}))),
        Takes::Text(kinds) => {
            let kinds = kinds.iter().map(|kind| ((*kind).to_owned(), json!({})));
            Some((true, Value::Object(kinds.collect())))
        }
    };
    if let Some((required, content)) = body {
        operation["requestBody"] = json!({ "required": required, "content": content });
    }
    operation
}

fn response(status: u16, gives: Gives) -> Value {
    let described = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("done");
    let with = |members: &[&str]| json!({"schema": {"type": "object", "required": members}});
    let content = match gives {
        Gives::Nothing => return json!({ "description": described }),
        Gives::Json(name) => json!({JSON: {"schema": to(name)}}),
        Gives::With(members) => json!({JSON: with(members)}),
        Gives::OrEvents(members) => json!({JSON: with(members), EVENT_STREAM: {"schema": {"type": "string"}}}),
        Gives::Text(kind) => json!({kind: {"schema": {"type": "string"}}}),
    };
    json!({ "description": described, "content": content })
}

/// All schemas by name: ours, and those of the documents with the types that they are made of.
fn schemas() -> Value {
    let mut all: Map<String, Value> = serde_json::from_str(SCHEMAS).expect("a test reads the file");
    let mut release = schema::release();
    let mut simulated = release.clone();
    simulated["properties"]["population"] = json!({"description": "Whose answers are counted."});
    simulated["properties"]["clients"] = json!({"type": "integer", "description": "Clients to tell one by one."});
    let mut service = schema::declaration();
    for document in [&mut release, &mut service] {
        let Some(parts) = document["$defs"].as_object() else { continue };
        all.extend(parts.clone());
    }
    for (name, mut document) in [("Release", release), ("SimulatedRelease", simulated), ("Service", service)] {
        if let Some(fields) = document.as_object_mut() {
            fields.retain(|field, _| field != "$defs" && field != "$schema");
        }
        all.insert(name.to_owned(), document);
    }
    let mut all = Value::Object(all);
    redirect(&mut all);
    all
}

/// References within a document become references within the description.
fn redirect(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(path) if name == "$ref" => {
                        *path = path.replace("#/$defs/", "#/components/schemas/");
                    }
                    _ => redirect(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redirect),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn to(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere_and_no_name_is_taken_twice() {
        let document = document();
        let text = document.to_string();
        for path in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(path).is_some(), "{path}");
        }
        assert!(!text.contains("#/$defs/"));
        let own: Map<String, Value> = serde_json::from_str(SCHEMAS).unwrap();
        for types in [schema::release(), schema::declaration()] {
            for (name, _) in types["$defs"].as_object().unwrap() {
                assert!(!own.contains_key(name), "{name} is a type and a schema of ours");
            }
        }
    }

    #[test]
    fn every_route_is_described() {
        let document = document();
        for route in ROUTES {
            let described = &document["paths"][format!("/v1/{}", route.path)][route.method.as_str().to_lowercase()];
            assert_eq!(described["operationId"], route.operation);
        }
        assert_eq!(document["paths"]["/v1/deployments/{deployment}:{order}"]["post"]["parameters"][1]["name"], "order");
    }
}
