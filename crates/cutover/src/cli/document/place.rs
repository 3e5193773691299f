//! Where a field of a release or a service stands in the file it came from.
//!
//! Fields are named by the paths that messages have, such as `strategy.canary.steps[4].weight`. A path that leads
//! further than the file does ends at the last part that is there.

use super::super::yaml::{Node, Value};

/// Line and column of the field, and a hint if the way it is written is the mistake.
pub(super) fn find(root: &Node, field: &str, problem: &str) -> (usize, usize, String) {
    let (node, rest) = walk(root, field);
    // What is said of a whole release may stand inside its strategy; a service's name may be its first line.
    let (node, rest) = if node == root && !rest.is_empty() {
        let inside = root.member("strategy").and_then(|strategy| match &strategy.value {
            Value::Map(members) => members.first().map(|(_, own)| own),
            Value::Text(_) | Value::List(_) => None,
        });
        let inside = inside.map(|own| walk(own, field)).filter(|(_, inside)| inside.len() < rest.len());
        let named = root.member("service").filter(|_| field == "name").map(|name| (name, ""));
        inside.or(named).unwrap_or((node, rest))
    } else {
        (node, rest)
    };
    if let Some((line, column)) = unknown(problem).and_then(|name| key(node, rest, name, problem)) {
        return (line, column, String::new());
    }
    (node.line, node.column, hint(node, problem))
}

/// Follows a path as far as it goes; what is left of it.
fn walk<'n, 'p>(node: &'n Node, path: &'p str) -> (&'n Node, &'p str) {
    let path = path.strip_prefix('.').unwrap_or(path);
    let next = match &node.value {
        Value::Text(_) => None,
        Value::List(items) => match path.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((index, rest)) => index.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (item, rest)),
            // Some messages name a metric by its name.
            None => items.iter().find_map(|item| Some((item, begins(path, item.member("name")?.text()?)?))),
        },
        // A name may have dots in it; the longest that is there is meant.
        Value::Map(members) => {
            let of = members.iter().filter_map(|(name, value)| Some((name.len(), value, begins(path, name)?)));
            of.max_by_key(|(length, _, _)| *length).map(|(_, value, rest)| (value, rest))
        }
    };
    next.map_or((node, path), |(node, rest)| walk(node, rest))
}

/// The rest of a path that begins with this name.
fn begins<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}

/// The name that a message says is not known.
fn unknown(problem: &str) -> Option<&str> {
    let (_, rest) = problem.split_once("unknown field `").or_else(|| problem.split_once("unknown variant `"))?;
    rest.split('`').next()
}

/// Where the unknown name is written: as a key below the node, or as the node's own.
fn key(node: &Node, rest: &str, name: &str, problem: &str) -> Option<(usize, usize)> {
    match node.member(name) {
        Some(member) => member.key,
        None if rest.is_empty() && problem.contains("unknown field") => node.key,
        None => None,
    }
}

fn hint(node: &Node, problem: &str) -> String {
    match node.text() {
        Some(text) if node.is_plain && !text.is_empty() && problem.contains("expected a string") => {
            format!("; it is a text, so write it in quotes: \"{text}\"")
        }
        _ => String::new(),
    }
}
