//! Every operation of AWS's API is answered for: the page says which are carried out, and the code agrees.

use std::collections::BTreeSet;

use crate::step::root;

/// The generated list of all operations.
const OPERATIONS: &str = "crates/api/src/route53/generated/operations.rs";
/// The one table from operation to code; the compiler sees to it that none is forgotten there.
const TABLE: &str = "crates/api/src/route53/operations.rs";
/// `| Operation | yes |` for what is carried out, `no` for what is refused.
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
    let table = std::fs::read_to_string(root().join(TABLE)).unwrap();
    let row = |name: &str, offered: &str| page.lines().any(|line| line.starts_with(&format!("| {name} | {offered} |")));
    let mut faults = Vec::new();
    for name in operations() {
        let carried_out = table.lines().any(|line| line.trim().starts_with(&format!("Operation::{name} => reply(")));
        match (row(&name, "yes"), row(&name, "no"), carried_out) {
            (true, false, true) | (false, true, false) => {}
            (true, false, false) => faults.push(format!("{name}: the page says yes, the code refuses it")),
            (false, true, true) => faults.push(format!("{name}: the page says no, the code carries it out")),
            (_, _, _) => faults.push(format!("{name}: must stand on the page once, with yes or no")),
        }
    }
    super::none(&faults, "docs/route53/operations.md and the API disagree");
}

#[test]
fn the_list_is_read() {
    let operations = operations();
    assert!(operations.len() >= 71 && operations.contains("TestDNSAnswer"), "{} operations", operations.len());
}
