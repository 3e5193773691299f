//! YAML as a tree of texts with line numbers. Which texts are numbers is for the reader of a field to say: `ttl` is one,
//! a TXT value of digits is not.

use saphyr_parser::{Event, Parser, Span};

/// Nodes of one file, aliases counted each time they are used: a file of some lines cannot fill the memory.
const NODES_MAX: usize = 5_000_000;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// From 1.
    pub(super) line: usize,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What is wrong with a file, and on which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) text: String,
}

/// Reads the first document of a file; none if the file is empty.
pub(super) fn read(text: &str) -> Result<Option<Node>, Fault> {
    let mut tree = Tree { open: Vec::new(), anchors: Vec::new(), nodes: 0, root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|fault| Fault { line: fault.marker().line(), text: fault.info().to_owned() })?;
        if matches!(event, Event::DocumentEnd) && tree.root.is_some() {
            break;
        }
        tree.take(event, span)?;
    }
    Ok(tree.root)
}

struct Tree {
    open: Vec<Open>,
    anchors: Vec<(usize, Node, usize)>,
    nodes: usize,
    root: Option<Node>,
}

/// A list or mapping that has begun.
struct Open {
    anchor: usize,
    node: Node,
    /// The key that waits for its value.
    key: Option<String>,
    /// Nodes before it.
    before: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, _, anchor, _) => {
                let before = self.nodes;
                self.close(Open {
                    anchor,
                    node: Node { line, value: Value::Text(text.into_owned()) },
                    key: None,
                    before,
                })
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(anchor, Node { line, value: Value::List(Vec::new()) });
                Ok(())
            }
            Event::MappingStart(anchor, _) => {
                self.begin(anchor, Node { line, value: Value::Map(Vec::new()) });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop().expect("the parser closes what it has opened");
                self.close(open)
            }
            Event::Alias(anchor) => {
                let found = self.anchors.iter().rev().find(|(other, _, _)| *other == anchor);
                let (_, node, count) = found.ok_or_else(|| Fault { line, text: "an alias to nothing".to_owned() })?;
                let (node, before) = (node.clone(), self.nodes);
                self.nodes += count;
                self.close(Open { anchor: 0, node, key: None, before })
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn begin(&mut self, anchor: usize, node: Node) {
        self.open.push(Open { anchor, node, key: None, before: self.nodes });
    }

    /// Puts a whole node where it belongs.
    fn close(&mut self, closed: Open) -> Result<(), Fault> {
        let Open { anchor, node, key: _, before } = closed;
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(Fault { line: node.line, text: format!("more than {NODES_MAX} values") });
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
            (Value::Map(members), Some(key)) => members.push((key, node)),
            (Value::Map(members), None) => {
                let Value::Text(key) = node.value else {
                    return Err(Fault { line: node.line, text: "a key is a text".to_owned() });
                };
                if members.iter().any(|(other, _)| *other == key) {
                    return Err(Fault { line: node.line, text: format!("a key that was there before: {key:?}") });
                }
                open.key = Some(key);
            }
            (Value::Text(_), _) => unreachable!("a text is never open"),
        }
        Ok(())
    }
}

impl Node {
    /// A member of a mapping.
    pub(super) fn member(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(members) => members.iter().find(|(other, _)| other == key).map(|(_, node)| node),
            Value::Text(_) | Value::List(_) => None,
        }
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
    }
}
