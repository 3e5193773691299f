//! Pages name what exists: every crate stands in ARCHITECTURE.md, every path in a page leads somewhere.

use super::{packages, sources};
use crate::step::root;

/// A word that begins with one of these is meant as a path from the root.
const FOLDERS: [&str; 9] = ["crates/", "drivers/", "world/", "xtask/", "bench/", "docs/", "fuzz/", ".ci/", ".cargo/"];

#[test]
fn architecture_names_every_crate() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let missing = packages().into_iter().map(|(name, _)| name).filter(|name| !text.contains(&format!("`{name}`")));
    super::none(&missing.collect::<Vec<_>>(), "ARCHITECTURE.md does not name");
}

#[test]
fn paths_in_pages_exist() {
    let mut faults = Vec::new();
    for source in sources(&["md"]) {
        let folder = root().join(&source.path).parent().unwrap().to_owned();
        for (i, line) in source.text.lines().enumerate() {
            let quoted = line.split('`').skip(1).step_by(2).filter_map(path_in).map(|path| root().join(path));
            let linked = links(line).map(|path| folder.join(path));
            for path in quoted.chain(linked).filter(|path| !path.exists()) {
                faults.push(format!("{}:{}: {}", source.path, i + 1, path.display()));
            }
        }
    }
    super::none(&faults, "paths that lead nowhere");
}

#[test]
fn every_rfc_has_a_test_or_a_reason() {
    let text = std::fs::read_to_string(root().join("docs/rfcs.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|') && !line.contains("---")).collect();
    assert!(rows.len() > 40, "docs/rfcs.md has lost its tables");
    let is_whole = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty())
    };
    let faults: Vec<String> = rows.into_iter().filter(|row| !is_whole(row)).map(str::to_owned).collect();
    super::none(&faults, "lines of docs/rfcs.md without a test or a reason");
}

/// The path that a quoted word names, if it names one: no blanks, no placeholders, without a line number.
fn path_in(word: &str) -> Option<&str> {
    let is_path = FOLDERS.iter().any(|folder| word.starts_with(folder));
    let has_gaps = word.contains(|c: char| c.is_whitespace() || "<>*{}…$|".contains(c));
    let (path, line) = word.rsplit_once(':').unwrap_or((word, ""));
    let path = if line.bytes().all(|b| b.is_ascii_digit()) { path } else { word };
    (is_path && !has_gaps).then_some(path)
}

/// The targets of Markdown links to files.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()).filter(|target| {
        !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") && !target.contains(['<', '{'])
    })
}

#[test]
fn paths_are_told_from_other_words() {
    assert_eq!(path_in("crates/model/src/name.rs:12"), Some("crates/model/src/name.rs"));
    assert_eq!(path_in("docs/route53/<noun>.md"), None);
    assert_eq!(path_in("GET /v1/zones"), None);
    assert_eq!(links("see [a](b.md#c) and [d](https://e/f) or [g](../h.md)").collect::<Vec<_>>(), ["b.md", "../h.md"]);
}
