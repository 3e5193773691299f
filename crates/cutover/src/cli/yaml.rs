//! YAML as a tree of texts with their places. Which texts are numbers is for the reader of a field to say: `ttl` is one,
//! a TXT value of digits is not.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

/// Nodes of one file, aliases counted each time they are used: a file of some lines cannot fill the memory.
pub(super) const NODES_MAX: usize = 5_000_000;
/// Lists and mappings in each other: more are a mistake or an attack.
const DEPTH_MAX: usize = 64;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// From 1.
    pub(super) line: usize,
    /// From 1.
    pub(super) column: usize,
    /// Line and column of its key, if it is a member of a mapping.
    pub(super) key: Option<(usize, usize)>,
    /// A text without quotes and tags, so that it may be a number.
    pub(super) is_plain: bool,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: usize,
    /// From 1.
    pub(super) column: usize,
    pub(super) text: String,
}

/// Reads the first document of a file; none if the file is empty.
pub(super) fn read(text: &str) -> Result<Option<Node>, Fault> {
    documents(text, NODES_MAX).next().transpose()
}

/// Reads the documents of a file one by one, those that are empty left out, to the first fault. All of them together
/// may have so many nodes.
pub(super) fn documents(text: &str, nodes_max: usize) -> impl Iterator<Item = Result<Node, Fault>> {
    let mut tree = Tree { open: Vec::new(), anchors: Vec::new(), nodes: 0, nodes_max, root: None };
    let (mut events, mut is_over) = (Parser::new_from_str(text), false);
    std::iter::from_fn(move || {
        while !is_over {
            let taken = match events.next() {
                None => break,
                Some(Err(fault)) => Err(fault_at(fault.marker(), fault.info().to_owned())),
                Some(Ok((Event::DocumentEnd, _))) => {
                    tree.anchors.clear();
                    match tree.root.take() {
                        Some(root) if !root.is_nothing() => return Some(Ok(root)),
                        Some(_) | None => continue,
                    }
                }
                Some(Ok((event, span))) => tree.take(event, span),
            };
            if let Err(fault) = taken {
                is_over = true;
                return Some(Err(fault));
            }
        }
        None
    })
}

fn fault_at(at: &Marker, text: String) -> Fault {
    // The parser counts columns from 0.
    Fault { line: at.line(), column: at.col() + 1, text }
}

struct Tree {
    open: Vec<Open>,
    anchors: Vec<(usize, Node, usize)>,
    nodes: usize,
    nodes_max: usize,
    root: Option<Node>,
}

/// A list or mapping that has begun.
struct Open {
    anchor: usize,
    node: Node,
    /// The key that waits for its value, and its place.
    key: Option<(String, (usize, usize))>,
    /// Nodes before it.
    before: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        let node = |is_plain, value| Node { line, column, key: None, is_plain, value };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text =
                    is_text(tag.as_deref()).ok_or_else(|| fault_at(&span.start, unknown_tag(tag.as_deref())))?;
                let is_plain = style == ScalarStyle::Plain && !is_text;
                let (node, before) = (node(is_plain, Value::Text(text.into_owned())), self.nodes);
                self.close(Open { anchor, node, key: None, before })
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), node(false, Value::List(Vec::new())), &span)
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), node(false, Value::Map(Vec::new())), &span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop().expect("the parser closes what it has opened");
                self.close(open)
            }
            Event::Alias(anchor) => {
                let found = self.anchors.iter().rev().find(|(other, _, _)| *other == anchor);
                let (_, node, count) = found.ok_or_else(|| fault_at(&span.start, "an alias to nothing".to_owned()))?;
                if self.nodes + count > self.nodes_max {
                    return Err(fault_at(&span.start, too_many(self.nodes_max)));
                }
                let (node, before) = (node.clone(), self.nodes);
                self.nodes += count;
                self.close(Open { anchor: 0, node, key: None, before })
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, node: Node, span: &Span) -> Result<(), Fault> {
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return Err(fault_at(&span.start, unknown_tag(tag)));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(fault_at(&span.start, format!("more than {DEPTH_MAX} lists and mappings in each other")));
        }
        self.open.push(Open { anchor, node, key: None, before: self.nodes });
        Ok(())
    }

    /// Puts a whole node where it belongs.
    fn close(&mut self, closed: Open) -> Result<(), Fault> {
        let Open { anchor, mut node, key: _, before } = closed;
        self.nodes += 1;
        if self.nodes > self.nodes_max {
            return Err(node.fault(too_many(self.nodes_max)));
        }
        if anchor > 0 {
            self.anchors.push((anchor, node.clone(), self.nodes - before));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(members), Some((key, place))) => {
                node.key = Some(place);
                members.push((key, node));
            }
            (Value::Map(members), None) => {
                let place = (node.line, node.column);
                let Value::Text(key) = &node.value else {
                    return Err(node.fault("a key is a text"));
                };
                if members.iter().any(|(other, _)| other == key) {
                    return Err(node.fault(format!("a key that was there before: {key:?}")));
                }
                open.key = Some((key.clone(), place));
            }
            (Value::Text(_), _) => unreachable!("a text is never open"),
        }
        Ok(())
    }
}

/// Whether a tag makes a text of what would be a number; nothing for a tag that nobody here knows.
fn is_text(tag: Option<&Tag>) -> Option<bool> {
    match tag {
        None => Some(false),
        Some(tag) if !tag.is_yaml_core_schema() => (tag.handle == "!" && tag.suffix.is_empty()).then_some(true),
        Some(tag) => Some(tag.suffix == "str"),
    }
}

fn unknown_tag(tag: Option<&Tag>) -> String {
    tag.map_or_else(String::new, |tag| format!("a tag that is not known here: {}{}", tag.handle, tag.suffix))
}

fn too_many(nodes_max: usize) -> String {
    format!("more than {nodes_max} values")
}

impl Node {
    /// A fault at this place.
    pub(super) fn fault(&self, text: impl Into<String>) -> Fault {
        Fault { line: self.line, column: self.column, text: text.into() }
    }

    /// A member of a mapping.
    pub(super) fn member(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(members) => members.iter().find(|(other, _)| other == key).map(|(_, node)| node),
            Value::Text(_) | Value::List(_) => None,
        }
    }

    /// Whether nothing is written there.
    fn is_nothing(&self) -> bool {
        self.is_plain && self.text() == Some("")
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The items of a list, or the one node.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Text(_) | Value::Map(_) => std::slice::from_ref(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_lines_and_their_writing() {
        let node = read("---\n# comment\nwww:\n  ttl: 0060\n  values: &v\n    - \"1\"\n    - yes\nother: *v\n")
            .unwrap()
            .unwrap();
        let www = node.member("www").unwrap();
        assert_eq!((www.line, www.member("ttl").unwrap().text()), (4, Some("0060")));
        let values: Vec<_> =
            node.member("other").unwrap().items().iter().map(|item| (item.line, item.text())).collect();
        assert_eq!(values, [(6, Some("1")), (7, Some("yes"))]);
        assert_eq!(read("# nothing\n"), Ok(None));
        let places: Vec<_> = documents("a: 1\n---\n---\nb:   \"2\"\n", 9).map(|node| node.unwrap()).collect();
        let b = places[1].member("b").unwrap();
        assert_eq!((places.len(), b.key, b.column, b.is_plain), (2, Some((4, 1)), 6, false));
    }

    #[test]
    fn faults_have_lines() {
        for (text, line, word) in [
            ("a: 1\nb: 2\na: 3\n", 3, "a key that was there before: \"a\""),
            ("a: [1\nb: 2", 2, ""),
            ("? [a]\n: 1\n", 1, "a key is a text"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.line == line && fault.text.contains(word), "{text}: {fault:?}");
        }
        // Nine levels of nine would be 387 million values.
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(read(&bomb).unwrap_err().text.contains("more than"));
        assert!(read(&"[".repeat(100)).unwrap_err().text.contains("in each other"));
        assert!(read("a: !secret x\n").unwrap_err().text.contains("!secret"));
    }
}
