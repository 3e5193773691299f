//! What is left to do has an issue; what is half done is not there.

use super::sources;

#[test]
fn a_todo_names_its_issue() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let macros = [concat!("to", "do!("), concat!("unimpl", "emented!("), concat!("db", "g!(")];
    let mut faults = Vec::new();
    for source in sources(&["rs", "py", "md", "toml"]) {
        for (i, line) in source.text.lines().enumerate() {
            let mark = marks.iter().find_map(|mark| line.split_once(mark)).map(|(_, after)| after);
            let without_issue = mark.is_some_and(|after| {
                let number = after.split('#').nth(1).unwrap_or("");
                !number.starts_with(|c: char| c.is_ascii_digit())
            });
            if without_issue || macros.iter().any(|unfinished| line.contains(unfinished)) {
                faults.push(format!("{}:{}: {}", source.path, i + 1, line.trim()));
            }
        }
    }
    super::none(&faults, "left to do without an issue (#123)");
}
