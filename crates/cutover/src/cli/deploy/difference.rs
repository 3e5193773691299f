//! `deploy diff`: what a deployment found, wants, wrote last and what is there, one record set a line.

use std::process::ExitCode;

use hyper::Method;
use serde_json::Value;

use super::{picture, resolve, show as print};
use crate::cli::Target;
use crate::cli::ask::{Said, ask};
use crate::cli::print::table;
use crate::client::encode;
use crate::door::Door;

pub(super) async fn show(target: &Target, deployment: &str) -> anyhow::Result<ExitCode> {
    let client = Door::server(&target.data)?;
    let id = match resolve(&client, deployment, false).await? {
        Ok(id) => id,
        Err(code) => return Ok(code),
    };
    match ask(&client, Method::GET, &format!("/v1/deployments/{}/diff", encode(&id)), Vec::new()).await? {
        Said::Yes(found) => print(target, &found, || print!("{}", text(&found))),
        Said::No(code) => Ok(code),
    }
}

fn text(found: &Value) -> String {
    let rows = found["differences"].as_array().into_iter().flatten().map(|of| {
        let weight = |field: &str| of["weight"][field].as_u64().map_or("-".to_owned(), |weight| weight.to_string());
        let name = format!(
            "{} {} {}",
            picture::text(of, "name"),
            picture::text(of, "type"),
            picture::text(of, "set_identifier")
        );
        vec![name, weight("snapshot"), weight("wanted"), weight("written"), weight("live"), others(of)]
    });
    table(&["RECORD SET", "FOUND", "WANTED", "WRITTEN", "LIVE", "CHANGED BY OTHERS"], &rows.collect::<Vec<_>>())
}

/// What is not as the deployment left it.
fn others(of: &Value) -> String {
    if of["missing"] == true {
        return "it is gone, or not weighted".to_owned();
    }
    let weight = &of["weight"];
    let left = if weight["written"].is_null() { &weight["snapshot"] } else { &weight["written"] };
    let mut changed = Vec::new();
    if !left.is_null() && *left != weight["live"] {
        changed.push(format!("weight {left} → {}", weight["live"]));
    }
    for field in of["changed"].as_array().into_iter().flatten() {
        changed.push(format!(
            "{} {} → {}",
            picture::text(field, "field"),
            shown(&field["snapshot"]),
            shown(&field["live"])
        ));
    }
    changed.join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_changed_stands_beside_the_weights() {
        let found = json!({"differences": [
            {"name": "shop.x.", "type": "A", "set_identifier": "blue", "missing": false, "changed": [],
             "weight": {"snapshot": 200, "wanted": 95, "written": 95, "live": 95}},
            {"name": "shop.x.", "type": "A", "set_identifier": "green", "missing": false,
             "changed": [{"field": "values", "snapshot": ["192.0.2.1"], "live": ["192.0.2.9"]}],
             "weight": {"snapshot": 0, "wanted": 5, "written": 5, "live": 77}},
            {"name": "shop.x.", "type": "AAAA", "set_identifier": "green", "missing": true, "changed": [],
             "weight": {"snapshot": 0, "wanted": 5, "written": null, "live": null}},
        ]});
        assert_eq!(
            text(&found),
            "RECORD SET          FOUND  WANTED  WRITTEN  LIVE  CHANGED BY OTHERS\n\
             shop.x. A blue      200    95      95       95\n\
             shop.x. A green     0      5       5        77    weight 5 → 77, values 192.0.2.1 → 192.0.2.9\n\
             shop.x. AAAA green  0      5       -        -     it is gone, or not weighted\n"
        );
    }
}
