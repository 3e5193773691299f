//! Crates use each other as `crates/edges.txt` says, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use super::packages;
use crate::step::root;

type Edges = BTreeMap<String, BTreeSet<String>>;

/// The file's lines: `crate: other other`.
fn written() -> Edges {
    let text = std::fs::read_to_string(root().join("crates/edges.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (from, to) = line.split_once(':').unwrap_or_else(|| panic!("crates/edges.txt: no colon: {line}"));
            (from.trim().to_owned(), to.split_whitespace().map(str::to_owned).collect())
        })
        .collect()
}

/// What the Cargo.toml files say.
fn real() -> Edges {
    let ours: BTreeSet<String> = packages().into_iter().map(|(name, _)| name).collect();
    let mut edges = Edges::new();
    for (name, path) in packages() {
        let text = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let uses = |section: &str| -> BTreeSet<String> {
            let table = manifest.get(section).and_then(toml::Value::as_table);
            table.into_iter().flat_map(toml::Table::keys).filter(|key| ours.contains(*key)).cloned().collect()
        };
        let (normal, mut tests) = (uses("dependencies"), uses("dev-dependencies"));
        assert!(!manifest.contains_key("target"), "{name}: dependencies by platform are not looked at");
        tests.retain(|other| !normal.contains(other));
        if !tests.is_empty() {
            edges.insert(format!("{name}+tests"), tests);
        }
        edges.insert(name, normal);
    }
    edges
}

#[test]
fn crates_use_each_other_as_drawn() {
    let (written, real) = (written(), real());
    let mut faults = Vec::new();
    for from in written.keys().chain(real.keys()).collect::<BTreeSet<_>>() {
        match (written.get(from), real.get(from)) {
            (Some(drawn), Some(used)) if drawn == used => {}
            (Some(drawn), Some(used)) => faults.push(format!("{from}: drawn {drawn:?}, used {used:?}")),
            (None, Some(used)) => faults.push(format!("{from}: not drawn, uses {used:?}")),
            (Some(_), None) => faults.push(format!("{from}: drawn, but there is no such crate or edge")),
            (None, None) => {}
        }
    }
    super::none(&faults, "crates/edges.txt is not what the Cargo.toml files say");
}

#[test]
fn arrows_point_down_only() {
    let written = written();
    // A crate whose every use is already placed can be placed; what is left over stands in a circle.
    let mut left: BTreeSet<&String> = written.keys().filter(|name| !name.contains('+')).collect();
    loop {
        let free: Vec<&String> =
            left.iter().copied().filter(|name| written[*name].iter().all(|other| !left.contains(other))).collect();
        if free.is_empty() {
            break;
        }
        free.iter().for_each(|name| {
            left.remove(*name);
        });
    }
    assert!(left.is_empty(), "crates in a circle: {left:?}");
}
