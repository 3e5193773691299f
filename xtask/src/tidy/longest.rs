//! Not a rule but a look: which files grow.

use super::sources;

/// 400 lines ask "is this two things?", 800 ask for a reason at the top.
const LINES_MAX: usize = 800;

#[test]
fn the_ten_longest_files() {
    let mut files: Vec<(usize, String)> =
        sources(&["rs"]).into_iter().map(|s| (s.text.lines().count(), s.path)).collect();
    files.retain(|(_, path)| !path.contains("/generated/"));
    files.sort();
    println!("the ten longest of {} Rust files:", files.len());
    files.iter().rev().take(10).for_each(|(lines, path)| println!("{lines:6}  {path}"));
    let faults: Vec<String> =
        files.iter().filter(|(n, _)| *n > LINES_MAX).map(|(n, path)| format!("{path}: {n}")).collect();
    super::none(&faults, "files of more than 800 lines are more than one thing");
}
