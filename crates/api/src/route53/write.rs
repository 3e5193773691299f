//! Response documents: values into XML on one line, as AWS prints it and shell clients search it.
//!
//! The generated `encode.rs` names the members in the model's order. After: `respond`. An absent optional is left out;
//! an empty list is an empty wrapper. Left out on purpose: indentation, prefixes, attributes other than the namespace.

use super::check::Choice;
use crate::time::Timestamp;

/// Something an element can hold.
pub(crate) trait Content {
    /// Writes what stands between the tags.
    fn write(&self, out: &mut Writer);
}

/// The document of a response.
pub(crate) trait Output: Content {
    /// The root element.
    const ROOT: &'static str;
    /// The path of what was created, for the `Location` header.
    fn location(&self) -> Option<&str> {
        None
    }
}

/// A document being written.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
}

/// The whole document of a response.
pub(crate) fn document(root: &str, content: &impl Content) -> String {
    let mut inner = Writer::default();
    content.write(&mut inner);
    let namespace = super::NAMESPACE;
    if inner.text.is_empty() {
        return format!("<?xml version=\"1.0\"?>\n<{root} xmlns=\"{namespace}\"/>");
    }
    format!("<?xml version=\"1.0\"?>\n<{root} xmlns=\"{namespace}\">{}</{root}>", inner.text)
}

impl Writer {
    /// One element.
    pub(crate) fn element(&mut self, name: &str, value: &impl Content) {
        self.tag("<", name);
        value.write(self);
        self.tag("</", name);
    }

    /// One element, if there is a value.
    pub(crate) fn optional(&mut self, name: &str, value: Option<&impl Content>) {
        if let Some(value) = value {
            self.element(name, value);
        }
    }

    /// A wrapper with an element for each item.
    pub(crate) fn list(&mut self, name: &str, item: &str, values: &[impl Content]) {
        self.tag("<", name);
        for value in values {
            self.element(item, value);
        }
        self.tag("</", name);
    }

    /// The same, if there is a list.
    pub(crate) fn optional_list(&mut self, name: &str, item: &str, values: Option<&[impl Content]>) {
        if let Some(values) = values {
            self.list(name, item, values);
        }
    }

    /// Character data. Quotation marks are escaped as AWS does: acme.sh cuts answers at bare ones.
    pub(crate) fn characters(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\r' => self.text.push_str("&#13;"),
                '\t' | '\n' => self.text.push(c),
                // XML 1.0 §2.2 has no way to write these; they can only come from a message that repeats bad input.
                '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                c => self.text.push(c),
            }
        }
    }

    fn tag(&mut self, open: &str, name: &str) {
        self.text.push_str(open);
        self.text.push_str(name);
        self.text.push('>');
    }
}

impl Content for String {
    fn write(&self, out: &mut Writer) {
        out.characters(self);
    }
}

impl Content for &str {
    fn write(&self, out: &mut Writer) {
        out.characters(self);
    }
}

impl Content for i64 {
    fn write(&self, out: &mut Writer) {
        out.text.push_str(&self.to_string());
    }
}

impl Content for f64 {
    fn write(&self, out: &mut Writer) {
        out.text.push_str(&self.to_string());
    }
}

impl Content for bool {
    fn write(&self, out: &mut Writer) {
        out.text.push_str(if *self { "true" } else { "false" });
    }
}

impl Content for Timestamp {
    fn write(&self, out: &mut Writer) {
        out.text.push_str(&self.to_string());
    }
}

impl<T: Choice> Content for T {
    fn write(&self, out: &mut Writer) {
        out.characters(self.as_str());
    }
}
