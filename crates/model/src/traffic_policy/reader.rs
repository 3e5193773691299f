//! The JSON of a document, looked at with a note of everything that is not as expected: objects and their members,
//! texts, numbers, booleans, words. `read.rs` and `places.rs` say what is expected.

use std::collections::HashMap;

use super::{DocumentFault, Wrong};
use crate::RecordType;
use crate::policy::Json;

/// So much of a word is shown in a fault.
const SHOWN_CHARS_MAX: usize = 100;

/// What was found so far.
#[derive(Default)]
pub(super) struct Reader<'j> {
    pub(super) faults: Vec<DocumentFault>,
    pub(super) record_type: Option<RecordType>,
    /// Places by key; whether an endpoint is a `value`.
    pub(super) endpoints: HashMap<&'j str, (usize, bool)>,
    pub(super) rules: HashMap<&'j str, usize>,
}

/// An object and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Object<'j, 'p> {
    pub(super) path: &'p str,
    pub(super) members: &'j [(String, Json)],
}

impl<'j> Object<'j, '_> {
    pub(super) fn member(&self, name: &str) -> Option<&'j Json> {
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value).filter(|value| **value != Json::Null)
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// What JSON holds, and the faults of that.
impl<'j> Reader<'j> {
    pub(super) fn fault<T>(&mut self, path: &str, wrong: Wrong) -> Option<T> {
        self.faults.push(DocumentFault { path: path.to_owned(), wrong });
        None
    }

    pub(super) fn object<'p>(&mut self, json: &'j Json, path: &'p str) -> Option<Object<'j, 'p>> {
        match json {
            Json::Object(members) => Some(Object { path, members }),
            _ => self.fault(path, Wrong::Kind { expected: "an object", found: json.kind() }),
        }
    }

    pub(super) fn allow(&mut self, object: Object<'j, '_>, names: &'static [&'static str]) {
        for (name, _) in object.members {
            if !names.contains(&name.as_str()) {
                self.fault::<()>(&object.path_of(&clipped(name)), Wrong::UnknownMember(names));
            }
        }
    }

    pub(super) fn required(&mut self, object: Object<'j, '_>, name: &str, write: &'static str) -> Option<&'j Json> {
        object.member(name).or_else(|| self.fault(&object.path_of(name), Wrong::Missing(write)))
    }

    /// A text; a number is one too.
    pub(super) fn text(&mut self, json: &'j Json, path: &str) -> Option<&'j str> {
        match json {
            Json::Text(text) | Json::Number(text) => Some(text),
            _ => self.fault(path, Wrong::Kind { expected: "a text", found: json.kind() }),
        }
    }

    pub(super) fn boolean(&mut self, json: &'j Json, path: &str) -> Option<bool> {
        match json {
            Json::Bool(value) => Some(*value),
            _ => self.word(json, path, &[("true", true), ("false", false)]),
        }
    }

    pub(super) fn number(&mut self, json: &'j Json, path: &str, min: i64, max: i64) -> Option<i64> {
        let text = self.text(json, path)?;
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        number.or_else(|| self.fault(path, Wrong::Number { min, max, text: clipped(text) }))
    }

    pub(super) fn word<T: Copy>(&mut self, json: &'j Json, path: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(json, path)?;
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meant);
        }
        let allowed = words.iter().map(|(word, _)| *word).collect();
        self.fault(path, Wrong::Word { allowed, word: clipped(text) })
    }

    /// What another part of the model read, or its words for why not.
    pub(super) fn parsed<T, E: std::fmt::Display>(&mut self, read: Result<T, E>, path: &str) -> Option<T> {
        read.map_err(|fault| self.fault::<()>(path, Wrong::Text(clipped(&fault.to_string())))).ok()
    }
}

/// As much of a text as a fault shows.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
