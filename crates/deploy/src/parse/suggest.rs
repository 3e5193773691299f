//! What is wrong with a text, in words that tell what would be right: the known name that is nearest to an unknown one.

use serde_json::error::{Category, Error};

/// What a reader is told. `is_json`: the document as a whole is JSON, so a fault of syntax is one of shape.
pub(super) fn told(error: &Error, is_json: bool) -> String {
    let text = error.to_string();
    if error.classify() != Category::Data && !is_json {
        return text;
    }
    // Where it is in the text is known by the field; the text may have been made from another one.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if is_json && error.classify() == Category::Syntax {
        return "write exactly one of its forms".to_owned();
    }
    nearest(text).unwrap_or_else(|| text.to_owned())
}

/// `unknown field` and `unknown variant`, rewritten with the nearest of those that are expected.
fn nearest(text: &str) -> Option<String> {
    let (what, known) = text.split_once(", expected ")?;
    let mut quoted = what.starts_with("unknown ").then(|| what.split('`'))?;
    let unknown = quoted.nth(1)?;
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let distances = known.iter().map(|name| (distance(unknown, name), *name));
    let near = distances.min().filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3));
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let list = format!("(known: {})", list.join(", "));
    Some(match near {
        Some((_, name)) => format!("{what}, did you mean `{name}`? {list}"),
        None => format!("{what} {list}"),
    })
}

/// How many letters must be changed, put in, taken out or swapped with their neighbour; case counts for nothing.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.to_lowercase().chars().filter(|c| *c != '-' && *c != '_').collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_name_is_offered_and_a_far_one_is_not() {
        let told =
            |unknown: &str| nearest(&format!("unknown field `{unknown}`, expected one of `weight`, `on_failure`"));
        for (unknown, near) in [("wieght", "weight"), ("onFailure", "on_failure"), ("on-failure", "on_failure")] {
            assert!(told(unknown).unwrap().contains(&format!("did you mean `{near}`?")), "{unknown}");
        }
        assert_eq!(told("bake").unwrap(), "unknown field `bake` (known: `weight`, `on_failure`)");
        assert_eq!(nearest("invalid type: map, expected a string"), None);
    }
}
