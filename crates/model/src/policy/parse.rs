//! A policy document, read: JSON, then its elements, each with a place to name when it is wrong.

use super::condition::{Condition, Key};
use super::fault::{ElementFault, PolicyFault};
use super::json::Json;
use super::operator::Operator;
use super::pattern::{ARN_PARTS, Meaning, Pattern};
use super::{Choice, Effect, Policy, Statement};

/// Most characters of a policy, blanks not counted: AWS's quota for a managed policy.
pub(super) const CHARACTERS_MAX: usize = 6144;

/// Most bytes of a policy with its blanks.
const BYTES_MAX: usize = 8 * CHARACTERS_MAX;

const ELEMENTS: &str = "Version, Id and Statement";
const OF_STATEMENTS: &str = "Sid, Effect, Action, NotAction, Resource, NotResource and Condition";

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// See [`PolicyFault`]; the first fault is told.
    pub fn parse(text: &str) -> Result<Self, PolicyFault> {
        let characters = text.chars().filter(|c| !c.is_whitespace()).count();
        if characters > CHARACTERS_MAX || text.len() > BYTES_MAX {
            return Err(PolicyFault::TooLong { characters, max: CHARACTERS_MAX });
        }
        let json: Json = serde_json::from_str(text).map_err(|fault| PolicyFault::NotJson(fault.to_string()))?;
        document(&json)
    }
}

type Found<T> = Result<T, PolicyFault>;

fn at<T>(path: &str, fault: ElementFault) -> Found<T> {
    Err(PolicyFault::At { path: path.to_owned(), fault })
}

/// What a document's top level is called in messages.
const TOP: &str = "the policy";

fn document(json: &Json) -> Found<Policy> {
    let Json::Object(members) = json else {
        return at(TOP, ElementFault::Kind { expected: "an object", found: json.kind() });
    };
    let (mut variables, mut found) = (None, None);
    for (name, value) in members {
        match name.as_str() {
            "Version" => variables = Some(version(value)?),
            "Id" => drop(text("Id", value)?),
            "Statement" => found = Some(value),
            _ => return at(TOP, unknown(name, ELEMENTS)),
        }
    }
    // AWS: without a version a document is of the older one, which knows no variables.
    let variables = variables.unwrap_or(false);
    let Some(found) = found else { return at(TOP, ElementFault::Missing("Statement")) };
    let items = match found {
        Json::List(items) if items.is_empty() => return at("Statement", ElementFault::Empty),
        Json::List(items) => items.iter().collect(),
        one => vec![one],
    };
    let mut statements: Vec<Statement> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let statement = statement(index, item, variables)?;
        if let Some(sid) = &statement.sid
            && statements.iter().any(|other| other.sid.as_ref() == Some(sid))
        {
            return at(&format!("Statement[{index}].Sid"), ElementFault::SidTaken(sid.clone()));
        }
        statements.push(statement);
    }
    Ok(Policy { statements })
}

fn unknown(element: &str, known: &'static str) -> ElementFault {
    match element {
        "Principal" | "NotPrincipal" => ElementFault::Principal(element.to_owned()),
        _ => ElementFault::Unknown { element: element.to_owned(), known },
    }
}

/// Whether the version knows variables.
fn version(value: &Json) -> Found<bool> {
    match text("Version", value)? {
        "2012-10-17" => Ok(true),
        "2008-10-17" => Ok(false),
        other => at("Version", ElementFault::Version(other.to_owned())),
    }
}

fn text<'j>(path: &str, value: &'j Json) -> Found<&'j str> {
    match value {
        Json::Text(text) => Ok(text),
        other => at(path, ElementFault::Kind { expected: "a text", found: other.kind() }),
    }
}

fn statement(index: usize, json: &Json, variables: bool) -> Found<Statement> {
    let path = format!("Statement[{index}]");
    let Json::Object(members) = json else {
        return at(&path, ElementFault::Kind { expected: "an object", found: json.kind() });
    };
    let (mut sid, mut effect, mut actions, mut resources, mut conditions) = (None, None, None, None, Vec::new());
    for (name, value) in members {
        let inner = format!("{path}.{name}");
        match name.as_str() {
            // Terraform writes an empty one where nobody gave any.
            "Sid" => sid = Some(sid_of(&inner, value)?).filter(|sid| !sid.is_empty()),
            "Effect" => {
                effect = Some(match text(&inner, value)? {
                    "Allow" => Effect::Allow,
                    "Deny" => Effect::Deny,
                    other => return at(&inner, ElementFault::Effect(other.to_owned())),
                });
            }
            "Action" | "NotAction" if actions.is_some() => return at(&path, ElementFault::Both("Action")),
            "Action" | "NotAction" => actions = Some(choice(&inner, value, name.starts_with("Not"), action)?),
            "Resource" | "NotResource" if resources.is_some() => return at(&path, ElementFault::Both("Resource")),
            "Resource" | "NotResource" => {
                let read = |text: &str| resource(text, variables);
                resources = Some(choice(&inner, value, name.starts_with("Not"), read)?);
            }
            "Condition" => conditions = block(&inner, value, variables)?,
            _ => return at(&path, unknown(name, OF_STATEMENTS)),
        }
    }
    let Some(effect) = effect else { return at(&path, ElementFault::Missing("Effect")) };
    let Some(actions) = actions else { return at(&path, ElementFault::Missing("Action")) };
    let Some(resources) = resources else { return at(&path, ElementFault::Missing("Resource")) };
    Ok(Statement { index, sid, effect, actions, resources, conditions })
}

fn sid_of(path: &str, value: &Json) -> Found<String> {
    let sid = text(path, value)?;
    if !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
        return at(path, ElementFault::Sid(sid.to_owned()));
    }
    Ok(sid.to_owned())
}

/// A text or a list of them, with the place of each.
fn several<'j>(path: &str, value: &'j Json) -> Found<Vec<(String, &'j Json)>> {
    match value {
        Json::List(items) if items.is_empty() => at(path, ElementFault::Empty),
        Json::List(items) => {
            Ok(items.iter().enumerate().map(|(index, item)| (format!("{path}[{index}]"), item)).collect())
        }
        one => Ok(vec![(path.to_owned(), one)]),
    }
}

fn choice(path: &str, value: &Json, not: bool, read: impl Fn(&str) -> Result<Pattern, ElementFault>) -> Found<Choice> {
    let mut patterns = Vec::new();
    for (path, item) in several(path, value)? {
        patterns.push(read(text(&path, item)?).or_else(|fault| at(&path, fault))?);
    }
    Ok(Choice { not, patterns })
}

/// `*` or `service:Name`, with wildcards in either.
fn action(text: &str) -> Result<Pattern, ElementFault> {
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '-' | '_'))
    };
    let well = text == "*" || text.split_once(':').is_some_and(|(service, name)| word(service) && word(name));
    if !well {
        return Err(ElementFault::Action(text.to_owned()));
    }
    Ok(Pattern::parse(text, Meaning { wildcards: true, variables: false })?.lower())
}

/// `*` or an ARN, with wildcards.
fn resource(text: &str, variables: bool) -> Result<Pattern, ElementFault> {
    let well = text == "*" || text.starts_with("arn:") && text.splitn(ARN_PARTS, ':').count() == ARN_PARTS;
    if !well {
        return Err(ElementFault::Resource(text.to_owned()));
    }
    Pattern::parse(text, Meaning { wildcards: true, variables })
}

fn block(path: &str, value: &Json, variables: bool) -> Found<Vec<Condition>> {
    let expect = |path: &str, value: &Json| -> Found<Vec<(String, Json)>> {
        match value {
            Json::Object(members) => Ok(members.clone()),
            other => at(path, ElementFault::Kind { expected: "an object", found: other.kind() }),
        }
    };
    let mut conditions = Vec::new();
    for (written, keys) in expect(path, value)? {
        let path = format!("{path}.{written}");
        let Some(operator) = Operator::parse(&written) else { return at(&path, ElementFault::Operator(written)) };
        for (name, values) in expect(&path, &keys)? {
            let path = format!("{path}.{name}");
            let Some(key) = Key::parse(&name) else {
                let known = Key::ALL.map(Key::name).join(", ");
                return at(&path, ElementFault::Key { key: name, known });
            };
            let mut texts = Vec::new();
            for (path, value) in several(&path, &values)? {
                texts.push(match value {
                    Json::Text(text) | Json::Number(text) => text.clone(),
                    Json::Bool(value) => value.to_string(),
                    other => return at(&path, ElementFault::Kind { expected: "a text", found: other.kind() }),
                });
            }
            conditions.push(operator.on(key, &texts, variables).or_else(|fault| at(&path, fault))?);
        }
    }
    Ok(conditions)
}
