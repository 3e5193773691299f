//! File names say what a file holds; these words say nothing.

use super::sources;

const AVOIDED: [&str; 13] = [
    "manager",
    "handler",
    "helper",
    "helpers",
    "util",
    "utils",
    "common",
    "misc",
    "core",
    "base",
    "processor",
    "data",
    "info",
];

#[test]
fn file_names_say_what_is_inside() {
    let mut faults = Vec::new();
    for source in sources(&["rs", "py", "md"]) {
        let parts = source.path.split(['/', '_', '-', '.']);
        let word = parts.into_iter().find(|part| AVOIDED.contains(part));
        faults.extend(word.map(|word| format!("{}: {word}", source.path)));
    }
    super::none(&faults, "words that say nothing");
}
