//! Every operation of AWS's API is answered for: it is implemented, or a page says why not.

use std::collections::BTreeSet;

use super::sources;
use crate::step::root;

/// The generated list of all operations.
const OPERATIONS: &str = "crates/api/src/route53/generated/operations.rs";
/// Which of them are there, and why the others are not: one table row for each, its name in backticks.
const PAGE: &str = "docs/route53/operations.md";

/// The variants of the generated `Operation`.
fn operations() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(OPERATIONS)).unwrap();
    let (_, body) = text.split_once("enum Operation {").expect("the generated list holds `enum Operation`");
    let (body, _) = body.split_once('}').expect("the enum ends");
    body.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_operation_is_answered_for() {
    let Ok(page) = std::fs::read_to_string(root().join(PAGE)) else {
        println!("{PAGE} is not there yet");
        return;
    };
    let written: String = sources(&["rs"])
        .into_iter()
        .filter(|s| s.path.starts_with("crates/api/src/route53/") && !s.path.contains("/generated/"))
        .flat_map(|s| s.text.lines().map(|line| format!("{line}\n")).collect::<Vec<_>>())
        .collect();
    let missing = operations().into_iter().filter(|name| {
        // `CreateHostedZone` is implemented where our own code names it.
        !page.contains(&format!("`{name}`")) && !written.contains(&format!("Operation::{name}"))
    });
    super::none(
        &missing.collect::<Vec<_>>(),
        "operations that are neither implemented nor on docs/route53/operations.md",
    );
}

#[test]
fn the_list_is_read() {
    let operations = operations();
    assert!(operations.len() >= 71 && operations.contains("TestDNSAnswer"), "{} operations", operations.len());
}
