//! Files of services and releases: YAML 1.2, of which JSON is a part, in one document or several. Whatever is wrong with
//! one is told with file, line and column, whoever finds it: the reader here, the rules of a release, or the server.
//!
//! Before: `deploy plan|create|lint -f` and `service apply -f`. After: the server gets the document as JSON. Left out on
//! purpose: merge keys and the words of YAML 1.1, so that `no` stays a text.

mod place;
mod scalar;

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use control::{deployments, services};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::ask::{INVALID, refuse};
use super::service::read as read_bytes;
use super::yaml::{self, Fault, Node};

/// Values of a file, aliases counted each time they are used; a release of a hundred steps has some hundreds.
const VALUES_MAX: usize = 100_000;

/// One document of a file.
#[derive(Debug)]
pub(super) struct Document {
    /// The file as it was named.
    file: String,
    root: Node,
    json: Value,
}

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `service: shop`, or a service of the API.
    Service,
    /// `deploy: shop`, or a release of the API.
    Release,
}

/// Reads all documents of one kind and checks their fields; what is wrong is told, and becomes the code to leave with.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(file: &Path, kind: Kind) -> anyhow::Result<Result<Vec<Document>, ExitCode>> {
    let (bytes, shown) = (read_bytes(file)?, shown(file));
    let found = documents(&shown, &bytes).and_then(|all| {
        let found: Vec<Document> = all.into_iter().filter(|document| document.kind() == kind).collect();
        if found.is_empty() {
            let (word, other) = match kind {
                Kind::Service => ("service", "`service: NAME`, `environments` and `traffic`"),
                Kind::Release => ("release", "`deploy: SERVICE`, `to` and `strategy`"),
            };
            return Err(format!("{shown} holds no {word}; write {other}"));
        }
        found.iter().try_for_each(Document::check).map(|()| found)
    });
    Ok(found.map_err(|told| refuse(INVALID, &anyhow::anyhow!(told))))
}

/// Reads all documents of a file, whatever they are about.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read_all(file: &Path) -> anyhow::Result<Result<Vec<Document>, ExitCode>> {
    let found = documents(&shown(file), &read_bytes(file)?);
    Ok(found.map_err(|told| refuse(INVALID, &anyhow::anyhow!(told))))
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

fn documents(file: &str, bytes: &[u8]) -> Result<Vec<Document>, String> {
    let at = |fault: &Fault| format!("{file}:{}:{}: {}", fault.line, fault.column, fault.text);
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{file} is not UTF-8"))?;
    let text = whole_characters(text);
    let mut all = Vec::new();
    for root in yaml::documents(&text, VALUES_MAX) {
        let root = root.map_err(|fault| at(&fault))?;
        let json = scalar::json(&root).map_err(|fault| at(&fault))?;
        all.push(Document { file: file.to_owned(), root, json });
    }
    Ok(all)
}

/// JSON writes characters beyond the first 65 536 as two escapes (RFC 8259 §7), which is all that YAML does not know of
/// it: they become one of YAML's.
fn whole_characters(text: &str) -> Cow<'_, str> {
    let is_json = text.contains("\\u") && serde_json::from_str::<IgnoredAny>(text).is_ok();
    if !is_json {
        return text.into();
    }
    let unit = |at: &str| at.strip_prefix("\\u").and_then(|rest| u16::from_str_radix(rest.get(..4)?, 16).ok());
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let pair =
            unit(rest).zip(rest.get(6..).and_then(unit)).map(|(high, low)| char::decode_utf16([high, low]).next());
        if let Some(Some(Ok(character))) =
            pair.filter(|_| unit(rest).is_some_and(|high| (0xd800..0xdc00).contains(&high)))
        {
            whole.push_str(&format!("\\U{:08x}", u32::from(character)));
            rest = &rest[12..];
        } else {
            let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            whole.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    whole.push_str(rest);
    whole.into()
}

impl Document {
    /// Told by its first word, so that a mistake in any other field is told as one.
    pub(super) fn kind(&self) -> Kind {
        let has = |field: &str| self.root.member(field).is_some();
        if has("deploy") || (!has("service") && !has("environments")) { Kind::Release } else { Kind::Service }
    }

    /// The service it is about, if it says so.
    pub(super) fn name(&self) -> Option<&str> {
        ["deploy", "service", "name"].iter().find_map(|field| self.json[field].as_str())
    }

    /// As the API takes it.
    pub(super) fn body(&self) -> Vec<u8> {
        self.json.to_string().into_bytes()
    }

    /// The same with more fields.
    pub(super) fn body_with(&self, more: Map<String, Value>) -> Vec<u8> {
        let mut json = self.json.clone();
        if let Value::Object(fields) = &mut json {
            fields.extend(more);
        }
        json.to_string().into_bytes()
    }

    /// What is wrong with it, with the place of the field.
    pub(super) fn told(&self, field: &str, problem: &str) -> String {
        let (line, column, hint) = place::find(&self.root, field, problem);
        format!("{}:{line}:{column}: {problem}{hint}", self.file)
    }

    fn check(&self) -> Result<(), String> {
        let checked = match self.kind() {
            Kind::Service => services::parse(&self.body_with_ids()).map(drop),
            Kind::Release => self.release().map(drop),
        };
        checked.map_err(|fault| self.told(&fault.field, &fault.to_string()))
    }

    /// All that can be known of it without a server.
    pub(super) fn lint(&self) -> Result<(), String> {
        if self.kind() == Kind::Service {
            return self.check();
        }
        let told = |fault: &services::SpecError| self.told(&fault.field, &fault.to_string());
        let spec = self.release().map_err(|fault| told(&fault))?;
        deployments::lint(&spec)
            .map_err(|fault| self.told(fault.field().unwrap_or_default(), &format!("{}: {fault}", fault.code())))
    }

    /// With something in the form of an id where a zone is named by its name, which only the server can look up.
    fn body_with_ids(&self) -> Vec<u8> {
        let mut json = self.json.clone();
        for binding in json.get_mut("traffic").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(Value::String(zone)) =
                binding.pointer_mut("/dns/zone").filter(|zone| zone.as_str().is_some_and(|zone| zone.contains('.')))
            {
                "Z".clone_into(zone);
            }
        }
        json.to_string().into_bytes()
    }

    fn release(&self) -> Result<model::deployment::Spec, services::SpecError> {
        let mut json = self.json.clone();
        if let Value::Object(fields) = &mut json {
            for beside in ["deploy", "reason"] {
                fields.remove(beside);
            }
        }
        deployments::parse(json.to_string().as_bytes())
    }
}

/// Puts the name of a service where a file left it out.
pub(super) fn named(service: &str) -> Map<String, Value> {
    Map::from_iter([("deploy".to_owned(), json!(service))])
}

#[cfg(test)]
mod tests;
