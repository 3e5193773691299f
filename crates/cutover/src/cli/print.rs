//! How results are printed: aligned columns for people, JSON for programs.

use std::fmt::Write as _;

/// Rows under a heading, columns as wide as their widest cell.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let heading = heading.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            write!(line, "{cell:width$}  ").expect("a string takes all");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// One object for one document of a file, a list for several.
pub(crate) fn one_or_all(mut all: Vec<serde_json::Value>) -> serde_json::Value {
    if all.len() == 1 { all.remove(0) } else { all.into() }
}

/// JSON, indented.
pub(crate) fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "1".to_owned()], vec!["long".to_owned(), "22".to_owned()]];
        assert_eq!(table(&["name", "n"], &rows), "name  n\na     1\nlong  22\n");
    }
}
