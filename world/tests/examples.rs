//! `examples.txt` cannot lie: every number has its files, every file its marks, and every mark its line.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use world::place::repository;

/// How many examples there are.
const EXAMPLES: usize = 74;

/// Where marks may stand: each folder's text files are all played by a test.
const PLAYED: [&str; 3] = ["world/tests/answers", "crates/api/tests/route53", "crates/health/fixtures"];

/// The numbers in the `# example 25, example 26` lines of a file.
fn marks(text: &str) -> BTreeSet<usize> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# example "));
    lines.flat_map(|line| line.split(", ").map(|word| word.trim_start_matches("example ").parse().unwrap())).collect()
}

/// Every file with marks, by its path from the root.
fn marked() -> BTreeMap<String, BTreeSet<usize>> {
    let mut all = BTreeMap::new();
    for folder in PLAYED {
        for entry in std::fs::read_dir(repository().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let file = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                all.insert(file, marks(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    all
}

#[test]
fn every_example_is_where_the_index_says() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples.txt")).unwrap();
    let mut index: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut numbers = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(file) => _ = index.entry(file.to_owned()).or_default().insert(*numbers.last().unwrap()),
            None => {
                let (number, title) = line.split_once(": ").unwrap_or_else(|| panic!("no title: {line}"));
                assert!(!title.is_empty(), "no title: {line}");
                numbers.push(number.trim_end_matches(" inferred").parse().unwrap());
            }
        }
    }
    assert_eq!(numbers, (1..=EXAMPLES).collect::<Vec<_>>(), "a number is missing, or twice, or out of order");
    let found: BTreeSet<usize> = index.values().flatten().copied().collect();
    assert_eq!(found.len(), EXAMPLES, "without a file: {:?}", (1..=EXAMPLES).filter(|n| !found.contains(n)));

    let mut marked = marked();
    for (file, numbers) in &index {
        let marks = marked.get(file).unwrap_or_else(|| panic!("{file} is not there, or nobody plays it"));
        assert_eq!(marks, numbers, "the marks in {file} and the index");
    }
    marked.retain(|file, marks| !marks.is_empty() && !index.contains_key(file));
    assert!(marked.is_empty(), "marks that the index does not know: {marked:?}");
}

#[test]
fn every_conversation_is_played() {
    // The scenarios of `answers` are found by their folder; conversations are named one by one.
    let player = std::fs::read_to_string(repository().join("crates/api/tests/route53.rs")).unwrap();
    let played = |file: &&String| {
        file.strip_prefix("crates/api/tests/").is_none_or(|file| player.contains(&format!("include_str!(\"{file}\")")))
    };
    let marked = marked();
    let idle: Vec<_> = marked.keys().filter(|file| !played(file)).collect();
    assert!(idle.is_empty(), "nobody plays {idle:?}");
}

#[test]
fn marks_are_read() {
    assert_eq!(marks("# example 1\nask\n# example 25, example 3\n# an example 9"), BTreeSet::from([1, 3, 25]));
}
