//! House rules as ordinary tests: what reviewers should not have to look for.
//!
//! Each file holds one rule. All read the same list of files: those of the repository that people write.

mod docs;
mod edges;
mod headers;
mod longest;
mod purity;
mod todo;
mod unsafe_code;
mod words;

use std::path::{Path, PathBuf};

use crate::step::root;

/// A file of the repository: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

/// Folders that hold what programs made.
const MADE: [&str; 4] = ["target", "node_modules", "cutover-data", "__pycache__"];

/// All files with one of these extensions, in order.
fn sources(extensions: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !MADE.contains(&name.as_str()) && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| extensions.iter().any(|want| *want == e)) {
                found.push(Source { path: relative(&path, &root), text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().into_owned()
}

/// The workspace's packages: the name of each folder, and where it is.
fn packages() -> Vec<(String, PathBuf)> {
    let root = root();
    let mut packages: Vec<_> = std::fs::read_dir(root.join("crates")).unwrap().flatten().map(|e| e.path()).collect();
    packages.extend(std::fs::read_dir(root.join("drivers")).unwrap().flatten().map(|e| e.path()));
    packages.extend(["world", "bench", "xtask"].map(|name| root.join(name)));
    packages.retain(|path| path.join("Cargo.toml").is_file());
    packages.sort();
    packages.into_iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect()
}

/// The lines of a Rust file that are code of the product: no comments, nothing from the tests on.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Fails with the list, if there is one.
#[track_caller]
fn none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}
