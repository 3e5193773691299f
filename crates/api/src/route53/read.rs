//! Request bodies: XML events into values, element by element.
//!
//! Before: `call` has matched the operation. The generated `decode.rs` asks for the children it knows and gets them in
//! whatever order they come, with or without a namespace prefix. Every element is known or refused; a document type,
//! an entity of one's own and deep nesting are refused. Left out on purpose: a tree; nothing is kept but the values.

use std::ops::RangeInclusive;

use quick_xml::events::{BytesRef, Event};

use super::call::Call;
use super::check::{Choice, Text, Violations};

/// Deepest nesting accepted. The deepest request of the model (coordinates of a record set in a batch) has 8.
const DEPTH_MAX: usize = 16;

/// A request made from a call.
pub(crate) trait Input: Sized {
    /// # Errors
    /// The body is not the document the operation wants, or a value breaks the model's limits.
    fn decode(call: &Call<'_>) -> Result<Self, DecodeError>;
}

/// A structure inside a body.
pub(crate) trait Element: Sized {
    /// Reads the children of the element that was just opened, and its end.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Why a request could not be read. The messages follow those of Xerces, which AWS hands through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("Invalid XML ; {message}")]
    NotXml { message: String },
    #[error(
        "Invalid XML ; An invalid XML character (Unicode: {character:#x}) was found in the element content of the document."
    )]
    Character { character: u32 },
    #[error("Invalid XML ; DOCTYPE is disallowed")]
    DocumentType,
    #[error("Invalid XML ; elements are nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("Invalid XML ; cvc-elt.1: Cannot find the declaration of element '{element}'.")]
    WrongRoot { element: String },
    #[error(
        "Invalid XML ; cvc-complex-type.2.4.a: Invalid content was found starting with element '{element}'. One of '{expected}' is expected."
    )]
    Unexpected { element: String, expected: String },
    #[error(
        "Invalid XML ; cvc-complex-type.2.4.d: Invalid content was found starting with element '{element}'. No child element is expected at this point."
    )]
    NothingExpected { element: String },
    #[error(
        "Invalid XML ; cvc-complex-type.2.4.b: The content of element '{element}' is not complete. One of '{missing}' is expected."
    )]
    Incomplete { element: &'static str, missing: String },
    #[error(
        "Invalid XML ; cvc-complex-type.2.3: Element '{element}' cannot have character [children], because the type's content type is element-only."
    )]
    TextBetween { element: &'static str },
    #[error("Invalid XML ; cvc-datatype-valid.1.2.1: '{value}' is not a valid value for '{kind}'.")]
    Datatype { value: String, kind: &'static str },
    #[error("{0}")]
    Constraints(Violations),
}

/// An open body.
pub(crate) struct Reader<'x> {
    events: quick_xml::Reader<&'x [u8]>,
    open: Vec<Frame>,
    closed: &'static str,
    violations: Violations,
    /// There is no body at all. SDKs send none when no member of it is set, which counts as an empty root.
    absent: bool,
}

/// An element whose end has not come yet.
struct Frame {
    name: &'static str,
    /// Its place in a list, from 1.
    item: Option<usize>,
    /// Which of the known children have come, by their place among the names given.
    seen: u64,
}

enum Token {
    Start(String),
    Text(String),
    End,
    Done,
}

impl<'x> Reader<'x> {
    /// Opens a body whose root element must be `root`.
    pub(crate) fn open(body: &'x [u8], root: &'static str) -> Result<Reader<'x>, DecodeError> {
        let text = std::str::from_utf8(body).map_err(|_| not_xml("the body is not UTF-8"))?;
        let mut events = quick_xml::Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        events.config_mut().expand_empty_elements = true;
        let mut reader = Reader {
            events,
            open: Vec::new(),
            closed: root,
            violations: Violations::default(),
            absent: body.is_empty(),
        };
        while !reader.absent {
            match reader.token()? {
                Token::Start(name) if name == root => break,
                Token::Start(element) => return Err(DecodeError::WrongRoot { element }),
                Token::Text(text) if blank(&text) => {}
                Token::Text(_) => return Err(not_xml("Content is not allowed in prolog.")),
                Token::End | Token::Done => return Err(not_xml("Premature end of file.")),
            }
        }
        reader.push(root, None)?;
        Ok(reader)
    }

    /// The next child of the open element, or `None` after its end. Each of `names` may come once.
    pub(crate) fn child(&mut self, names: &[&'static str]) -> Result<Option<&'static str>, DecodeError> {
        let Some(element) = self.start()? else { return Ok(None) };
        let frame = self.top();
        let fresh = |at: &usize| frame.seen & (1 << at) == 0;
        let Some(at) = names.iter().position(|name| *name == element).filter(fresh) else {
            let left: Vec<&str> = names.iter().enumerate().filter(|(at, _)| fresh(at)).map(|(_, name)| *name).collect();
            return Err(match left.is_empty() {
                true => DecodeError::NothingExpected { element },
                false => DecodeError::Unexpected { element, expected: qualified(&left) },
            });
        };
        self.top().seen |= 1 << at;
        self.push(names[at], None)?;
        Ok(Some(names[at]))
    }

    /// Items of the list that was just opened, up to its end.
    pub(crate) fn list<T>(
        &mut self,
        item: &'static str,
        limits: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut items = Vec::new();
        let path = self.path();
        while let Some(element) = self.start()? {
            if element != item {
                return Err(DecodeError::Unexpected { element, expected: qualified(&[item]) });
            }
            self.push(item, Some(items.len() + 1))?;
            items.push(read(self)?);
        }
        self.violations.count(|| path.clone(), items.len(), &limits);
        Ok(items)
    }

    /// The text of the element that was just opened.
    pub(crate) fn string(&mut self, limits: &Text) -> Result<String, DecodeError> {
        let text = self.text()?;
        let open = &self.open;
        let checked = self.violations.text(|| path(open), text, limits);
        self.pop();
        Ok(checked)
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, limits: RangeInclusive<i64>) -> Result<i64, DecodeError> {
        let text = self.text()?;
        let value = parse_integer(&text)?;
        let open = &self.open;
        self.violations.integer(|| path(open), value, &limits);
        self.pop();
        Ok(value)
    }

    /// `true` or `false`, or XML Schema's other spelling of them.
    pub(crate) fn boolean(&mut self) -> Result<bool, DecodeError> {
        let text = self.text()?;
        self.pop();
        match text.trim() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(DecodeError::Datatype { value: shortened(text), kind: "boolean" }),
        }
    }

    /// A value of an enumeration. An unknown one ends the reading, as nothing can stand in its place.
    pub(crate) fn choice<T: Choice>(&mut self) -> Result<T, DecodeError> {
        let text = self.text()?;
        let found = T::parse(text.trim());
        if found.is_none() {
            let path = self.path();
            self.violations.not_a_choice::<T>(&path, &text);
        }
        self.pop();
        found.ok_or_else(|| DecodeError::Constraints(std::mem::take(&mut self.violations)))
    }

    /// A required child, after the end of its parent.
    pub(crate) fn required<T>(&self, value: Option<T>, name: &'static str) -> Result<T, DecodeError> {
        value.ok_or_else(|| match self.absent {
            true => not_xml("Premature end of file."),
            false => DecodeError::Incomplete { element: self.closed, missing: qualified(&[name]) },
        })
    }

    /// The refusal of a child that the caller did not expect.
    pub(crate) fn unexpected(&self, element: &str) -> DecodeError {
        DecodeError::NothingExpected { element: element.to_owned() }
    }

    /// Ends the document and hands over what its values violate.
    pub(crate) fn finish(&mut self) -> Result<Violations, DecodeError> {
        loop {
            match self.token()? {
                Token::Done => return Ok(std::mem::take(&mut self.violations)),
                Token::Text(text) if blank(&text) => {}
                Token::Start(_) | Token::Text(_) | Token::End => {
                    return Err(not_xml("The markup in the document following the root element must be well-formed."));
                }
            }
        }
    }

    /// The next child's name, or `None` after the end of the open element.
    fn start(&mut self) -> Result<Option<String>, DecodeError> {
        if self.absent {
            self.pop();
            return Ok(None);
        }
        loop {
            match self.token()? {
                Token::Start(name) => return Ok(Some(name)),
                Token::Text(text) if blank(&text) => {}
                Token::Text(_) => return Err(DecodeError::TextBetween { element: self.top().name }),
                Token::End => {
                    self.pop();
                    return Ok(None);
                }
                Token::Done => return Err(not_xml("Premature end of file.")),
            }
        }
    }

    /// The text up to the end of the open element, which stays on the stack so that its path can still be told.
    fn text(&mut self) -> Result<String, DecodeError> {
        let mut all = String::new();
        loop {
            match self.token()? {
                Token::Text(text) => all.push_str(&text),
                Token::End => break,
                Token::Start(element) => return Err(DecodeError::NothingExpected { element }),
                Token::Done => return Err(not_xml("Premature end of file.")),
            }
        }
        // XML 1.0 §2.2, however the character was written; what could not be sent back is not taken in.
        let illegal =
            |c: &char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
        match all.chars().find(illegal) {
            Some(c) => Err(DecodeError::Character { character: u32::from(c) }),
            None => Ok(all),
        }
    }

    fn token(&mut self) -> Result<Token, DecodeError> {
        loop {
            return Ok(match self.events.read_event().map_err(|error| not_xml(&error.to_string()))? {
                Event::Start(tag) | Event::Empty(tag) => Token::Start(tag.local_name().as_ref().to_owned()),
                Event::End(_) => Token::End,
                Event::Text(text) => Token::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Token::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Token::Text(resolve(&reference)?.to_string()),
                Event::DocType(_) => return Err(DecodeError::DocumentType),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
                Event::Eof => Token::Done,
            });
        }
    }

    fn push(&mut self, name: &'static str, item: Option<usize>) -> Result<(), DecodeError> {
        if self.open.len() == DEPTH_MAX {
            return Err(DecodeError::TooDeep);
        }
        self.open.push(Frame { name, item, seen: 0 });
        Ok(())
    }

    fn pop(&mut self) {
        self.closed = self.open.pop().expect("quick-xml pairs every end with a start").name;
    }

    fn top(&mut self) -> &mut Frame {
        self.open.last_mut().expect("children are asked for inside an open element")
    }

    fn path(&self) -> String {
        path(&self.open)
    }
}

/// Where the innermost open element is, as AWS writes it: `changeBatch.changes.1.member.resourceRecordSet.tTL`.
fn path(open: &[Frame]) -> String {
    let steps: Vec<String> = open[1..]
        .iter()
        .map(|frame| match frame.item {
            Some(item) => format!("{item}.member"),
            None => frame.name[..1].to_lowercase() + &frame.name[1..],
        })
        .collect();
    steps.join(".")
}

/// A number from an element or from a path or query.
pub(crate) fn parse_integer(text: &str) -> Result<i64, DecodeError> {
    let trimmed = text.trim();
    trimmed.parse().map_err(|_| DecodeError::Datatype { value: shortened(text.to_owned()), kind: "integer" })
}

/// Characters by number and XML's own five names; there is no document type to declare others.
fn resolve(reference: &BytesRef<'_>) -> Result<char, DecodeError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|error| not_xml(&error.to_string()))? {
        return Ok(c);
    }
    match reference.xml10_content().as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        name => Err(not_xml(&format!("The entity \"{name}\" was referenced, but not declared."))),
    }
}

fn qualified(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{}\":{name}", super::NAMESPACE)).collect();
    format!("{{{}}}", names.join(", "))
}

fn blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn not_xml(message: &str) -> DecodeError {
    DecodeError::NotXml { message: message.to_owned() }
}

fn shortened(text: String) -> String {
    if text.chars().count() > 256 { text.chars().take(256).collect() } else { text }
}
