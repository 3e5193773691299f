//! Condition operators by name, and the values they compare with.

use super::condition::{Condition, Key, Order, Over, Test};
use super::fault::ElementFault;
use super::moment;
use super::network::Network;
use super::pattern::{ARN_PARTS, Meaning, Pattern};

/// An operator as its name tells it.
pub(super) struct Operator<'t> {
    written: &'t str,
    over: Over,
    if_exists: bool,
    negated: bool,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text { wildcards: bool },
    TextIgnoringCase,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Address,
    Null,
}

impl<'t> Operator<'t> {
    /// Reads `[ForAllValues:|ForAnyValue:]Name[IfExists]`; names are the same in either case.
    pub(super) fn parse(written: &'t str) -> Option<Self> {
        let lower = written.to_ascii_lowercase();
        let (over, name) = match lower.split_once(':') {
            Some(("forallvalues", name)) => (Over::All, name),
            Some(("foranyvalue", name)) => (Over::Any, name),
            Some(_) => return None,
            None => (Over::One, lower.as_str()),
        };
        let (name, if_exists) = name.strip_suffix("ifexists").map_or((name, false), |name| (name, true));
        let (kind, negated) = named(name)?;
        // AWS: Null asks for existence itself.
        if kind == Kind::Null && (if_exists || over != Over::One) {
            return None;
        }
        Some(Self { written, over, if_exists, negated, kind })
    }

    /// The condition on one key.
    pub(super) fn on(&self, key: Key, values: &[String], variables: bool) -> Result<Condition, ElementFault> {
        let Self { written, over, if_exists, negated, kind } = *self;
        if key.needs_set() && over == Over::One && kind != Kind::Null {
            return Err(ElementFault::Several { key, operator: written.to_owned() });
        }
        let wrong = |expected: &'static str, value: &String| ElementFault::Value {
            operator: written.to_owned(),
            expected,
            value: value.clone(),
        };
        let patterns = |wildcards: bool| -> Result<Vec<Pattern>, ElementFault> {
            values.iter().map(|value| Pattern::parse(value, Meaning { wildcards, variables })).collect()
        };
        let test = match kind {
            Kind::Text { wildcards } => Test::Text(patterns(wildcards)?),
            Kind::TextIgnoringCase => Test::TextIgnoringCase(patterns(false)?),
            Kind::Arn => {
                let is_arn = |value: &&String| value.starts_with("arn:") && value.splitn(ARN_PARTS, ':').count() == 6;
                match values.iter().find(|value| !is_arn(value) && *value != "*") {
                    Some(value) => return Err(wrong("ARNs such as arn:aws:iam::000000000000:user/ci", value)),
                    None => Test::Arn(patterns(true)?),
                }
            }
            Kind::Number(order) => {
                let read = |value: &String| {
                    value.parse().ok().filter(|n: &f64| n.is_finite()).ok_or_else(|| wrong("numbers", value))
                };
                Test::Number(order, values.iter().map(read).collect::<Result<_, _>>()?)
            }
            Kind::Date(order) => {
                let read = |value: &String| {
                    moment::parse(value).ok_or_else(|| wrong("dates such as 2026-11-23T07:00:00Z", value))
                };
                Test::Date(order, values.iter().map(read).collect::<Result<_, _>>()?)
            }
            Kind::Address => {
                let read = |value: &String| {
                    Network::parse(value).ok_or_else(|| wrong("addresses and networks such as 203.0.113.0/24", value))
                };
                Test::Address(values.iter().map(read).collect::<Result<_, _>>()?)
            }
            Kind::Bool | Kind::Null => {
                let read = |value: &String| match value.to_ascii_lowercase().as_str() {
                    "true" => Ok(true),
                    "false" => Ok(false),
                    _ => Err(wrong("true and false", value)),
                };
                let values = values.iter().map(read).collect::<Result<_, _>>()?;
                if kind == Kind::Null { Test::Null(values) } else { Test::Bool(values) }
            }
        };
        Ok(Condition { key, over, if_exists, negated, test })
    }
}

/// The kind of an operator, and whether it is a negated one.
fn named(name: &str) -> Option<(Kind, bool)> {
    Some(match name {
        "stringequals" => (Kind::Text { wildcards: false }, false),
        "stringnotequals" => (Kind::Text { wildcards: false }, true),
        "stringequalsignorecase" => (Kind::TextIgnoringCase, false),
        "stringnotequalsignorecase" => (Kind::TextIgnoringCase, true),
        "stringlike" => (Kind::Text { wildcards: true }, false),
        "stringnotlike" => (Kind::Text { wildcards: true }, true),
        // AWS: the two do the same.
        "arnequals" | "arnlike" => (Kind::Arn, false),
        "arnnotequals" | "arnnotlike" => (Kind::Arn, true),
        "bool" => (Kind::Bool, false),
        "null" => (Kind::Null, false),
        "ipaddress" => (Kind::Address, false),
        "notipaddress" => (Kind::Address, true),
        name => {
            let (order, kind): (&str, fn(Order) -> Kind) = match name.strip_prefix("numeric") {
                Some(order) => (order, Kind::Number),
                None => (name.strip_prefix("date")?, Kind::Date),
            };
            match order {
                "equals" => (kind(Order::Same), false),
                "notequals" => (kind(Order::Same), true),
                "lessthan" => (kind(Order::Below), false),
                "lessthanequals" => (kind(Order::AtMost), false),
                "greaterthan" => (kind(Order::Above), false),
                "greaterthanequals" => (kind(Order::AtLeast), false),
                _ => return None,
            }
        }
    })
}
