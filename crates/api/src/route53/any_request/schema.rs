//! What bodies are made of, read from the generated code: names, kinds and lists, as far as growing needs them.

use std::collections::HashMap;

/// What stands in an element.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    /// One of the words of an enumeration.
    Word,
    Structure(String),
    List(String, Box<Kind>),
}

/// A structure: its children in order, and for a request the root and what travels in the query.
#[derive(Debug, Clone, Default)]
pub(super) struct Structure {
    pub(super) root: Option<String>,
    pub(super) children: Vec<(String, Kind)>,
    /// Names of those that must be there.
    pub(super) required: Vec<String>,
    pub(super) query: Vec<String>,
}

/// All structures by their type's name.
pub(super) fn read() -> HashMap<String, Structure> {
    let code = include_str!("../generated/decode.rs");
    let mut all = HashMap::new();
    for part in code.split("\nimpl ").skip(1) {
        let Some((_, rest)) = part.split_once(" for ") else { continue };
        let name = rest.split([' ', '{']).next().unwrap().to_owned();
        let root = part.split_once("Reader::open(call.body, \"").map(|(_, rest)| quoted(rest));
        let names = part.split_once("reader.child(&[").map(|(_, rest)| rest.split_once("])").unwrap().0).unwrap_or("");
        let names: Vec<&str> = names.split('"').skip(1).step_by(2).collect();
        let child = |child: &&str| {
            let arm = part.split_once(&format!("\"{child}\" =>")).unwrap().1;
            let end = arm.find("\" =>").or_else(|| arm.find("other =>")).unwrap();
            ((*child).to_owned(), kind(&arm[..end]))
        };
        let required = part.split("reader.required(").skip(1).map(|rest| rest.split('"').nth(1).unwrap().to_owned());
        let required = required.collect();
        let query = part.split("call.query(\"").skip(1).map(quoted).collect();
        all.insert(name, Structure { root, children: names.iter().map(child).collect(), required, query });
    }
    assert!(all.len() > 80, "the generated code has another form now");
    all
}

fn quoted(rest: &str) -> String {
    rest.split('"').next().unwrap().to_owned()
}

fn kind(code: &str) -> Kind {
    if let Some((_, rest)) = code.split_once("reader.list(") {
        let item = rest.split('"').nth(1).unwrap().to_owned();
        return Kind::List(item, Box::new(kind(rest)));
    }
    let has = |word: &str| code.contains(word);
    match code.split_once("::read") {
        Some((before, _)) => {
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
            Kind::Structure(before[start..].to_owned())
        }
        None if has(".integer(") => Kind::Number,
        None if has(".boolean(") || has("Reader::boolean") => Kind::Flag,
        None if has(".choice(") || has("Reader::choice") => Kind::Word,
        None => Kind::Text,
    }
}

#[test]
fn the_deepest_request_is_understood() {
    let all = read();
    let Some((_, Kind::Structure(batch))) = all["ChangeResourceRecordSetsRequest"].children.first() else { panic!() };
    let (changes, kind) = &all[batch].children[1];
    assert!(
        changes == "Changes"
            && matches!(kind, Kind::List(item, of) if item == "Change" && matches!(&**of, Kind::Structure(_)))
    );
    let set = &all["ResourceRecordSet"].children;
    assert!(set.iter().any(|(name, kind)| name == "Weight" && matches!(kind, Kind::Number)));
    assert!(all["ListResourceRecordSetsRequest"].query.contains(&"maxitems".to_owned()));
}
