//! Every Rust file opens by saying what it is.

use super::sources;

#[test]
fn every_file_has_a_header() {
    let files = sources(&["rs"]).into_iter();
    let faults: Vec<String> = files.filter(|s| !s.text.starts_with("//!")).map(|s| s.path).collect();
    super::none(&faults, "no `//!` at the top of");
}
