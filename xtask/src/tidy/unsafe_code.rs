//! `unsafe` lives in `udp` (and in `bench`, which measures sockets), each block with its reason; everyone else forbids it.

use super::sources;

/// The only crates without `#![forbid(unsafe_code)]`.
const MAY: [&str; 2] = ["crates/udp/", "bench/"];

#[test]
fn every_root_forbids_unsafe_code() {
    let mut faults = Vec::new();
    for source in sources(&["rs"]) {
        let root = source.path.ends_with("src/lib.rs")
            || source.path.ends_with("src/main.rs")
            || source.path.contains("/src/bin/");
        if root && !MAY.iter().any(|folder| source.path.starts_with(folder)) {
            let forbids = source.text.lines().any(|line| line == "#![forbid(unsafe_code)]");
            faults.extend((!forbids).then_some(source.path));
        }
    }
    super::none(&faults, "#![forbid(unsafe_code)] is missing in");
}

#[test]
fn every_unsafe_block_has_its_reason() {
    let mut faults = Vec::new();
    for source in sources(&["rs"]).into_iter().filter(|s| MAY.iter().any(|folder| s.path.starts_with(folder))) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            let block = code.contains("unsafe {") || code.contains("unsafe impl");
            let reason = lines[i.saturating_sub(8)..=i].iter().any(|l| l.contains("SAFETY:"));
            if block && !reason {
                faults.push(format!("{}:{}", source.path, i + 1));
            }
        }
    }
    super::none(&faults, "unsafe without `// SAFETY:` above it");
}
