//! Gates: who must agree, or how long to wait, before a release goes on.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hook, HookTarget, HttpHook, Period};

/// What opens a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// People.
    Manual(ManualGate),
    /// Time, unless a person opens it before or shuts it.
    AutoAfter(Period),
    /// Another program, which is asked until it says yes or no.
    Webhook(WebhookGate),
}

/// A gate that people open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ManualGate {
    /// Names or ids of access keys (`*` stands for any text), or `operator`; empty: whoever may order deployments.
    pub approvers: Vec<String>,
    /// How many different ones must agree; default 1.
    pub count: usize,
    /// Whoever created the deployment may not agree to it.
    pub deny_self: bool,
    /// So long is waited; default: without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
    /// What happens then.
    pub on_timeout: OnTimeout,
}

/// A gate that another program opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookGate {
    /// `http://` or `https://`, without credentials; texts in it are filled in as those of hooks.
    pub url: String,
    /// The name of a secret in the configuration to sign with; default: not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How long to wait before it is asked once more, unless it says so itself; default 10 s.
    #[serde(default = "ten_seconds", skip_serializing_if = "is_ten_seconds")]
    pub every: Period,
    /// So long is waited; default: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Period>,
    /// What happens then.
    #[serde(default)]
    pub on_timeout: OnTimeout,
}

const fn ten_seconds() -> Period {
    Period::from_seconds(10)
}

fn is_ten_seconds(period: &Period) -> bool {
    *period == ten_seconds()
}

impl WebhookGate {
    /// The hook that is called to ask it.
    #[must_use]
    pub fn hook(&self) -> Hook {
        let Self { url, secret, every, timeout: _, on_timeout: _ } = self.clone();
        Hook {
            every,
            // The gate's own time ends the asking.
            deadline: Period::from_ms(u64::MAX),
            ..Hook::of(HookTarget::Http(HttpHook { url, timeout: Period::from_seconds(15), secret }))
        }
    }
}

/// What happens when nobody has opened a gate in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnTimeout {
    /// Back.
    #[default]
    Abort,
    /// On, as if it had been opened.
    Continue,
    /// Pause.
    Hold,
}

/// What somebody said at a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The gate.
    pub gate: String,
    /// The step it is; 0 before the first.
    pub step: usize,
    /// Who: the id of their key, or the author as the log has it.
    pub by: String,
    /// The name of their key, if it has one.
    pub name: Option<String>,
    /// When, in ms since 1970.
    pub at_ms: u64,
    /// In their words; may be empty.
    pub comment: String,
    /// What.
    pub decision: Decision,
    /// Taken back by a resume after it had shut the gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_void: bool,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Go on.
    Approve,
    /// Do not.
    Deny,
}

impl Default for ManualGate {
    fn default() -> Self {
        Self { approvers: Vec::new(), count: 1, deny_self: false, timeout: None, on_timeout: OnTimeout::Abort }
    }
}

impl ManualGate {
    /// Whether somebody is among those who may open it.
    #[must_use]
    pub fn admits(&self, by: &str, name: Option<&str>) -> bool {
        let is = |text: &str| self.approvers.iter().any(|approver| matches(approver, text));
        self.approvers.is_empty() || is(by) || name.is_some_and(is)
    }
}

/// Whether a text has the form of a pattern, in which `*` stands for any text. The first place where a part fits is as good
/// as any later one, so that nothing is tried twice.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    true
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual(manual) => manual.fmt(f),
            Self::AutoAfter(period) => write!(f, "opens after {period}"),
            Self::Webhook(webhook) => webhook.fmt(f),
        }
    }
}

impl fmt::Display for ManualGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.approvers.is_empty() { "anybody".to_owned() } else { self.approvers.join(", ") };
        write!(f, "{} of {who}", self.count)?;
        if self.deny_self {
            f.write_str(", not the creator")?;
        }
        match self.timeout {
            Some(timeout) => write!(f, ", within {timeout}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for WebhookGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "opened by {}", self.url)?;
        match self.timeout {
            Some(timeout) => write!(f, ", within {timeout}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvers_are_ids_names_or_patterns() {
        let gate = |approvers: &[&str]| ManualGate {
            approvers: approvers.iter().map(|text| (*text).to_owned()).collect(),
            ..ManualGate::default()
        };
        for (approvers, by, name, admits) in [
            (&[][..], "anyone", None, true),
            (&["AKIA1"][..], "AKIA1", None, true),
            (&["alice"][..], "AKIA1", Some("alice"), true),
            (&["alice"][..], "AKIA1", Some("alice2"), false),
            (&["sre-*"][..], "AKIA1", Some("sre-bob"), true),
            (&["*-sre-*x"][..], "AKIA1", Some("a-sre-bx"), true),
            (&["sre-*"][..], "AKIA1", Some("dev-bob"), false),
            (&["operator"][..], "operator", None, true),
            (&["operator"][..], "anyone", None, false),
        ] {
            assert_eq!(gate(approvers).admits(by, name), admits, "{approvers:?} {by} {name:?}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_costs_no_more_than_its_length() {
        let stars = format!("{}z", "*".repeat(60));
        assert!(!matches(&stars, &"a".repeat(64)));
        assert!(matches(&stars, &format!("{}z", "a".repeat(64))));
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*ab*ab", "ab", false),
            ("*ab*ab", "abxab", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_gate_is_read_as_people_write_it() {
        let text =
            r#"{"manual":{"approvers":["sre-*"],"count":2,"deny_self":true,"timeout":"4h","on_timeout":"hold"}}"#;
        let gate: Gate = serde_json::from_str(text).unwrap();
        assert_eq!(gate.to_string(), "2 of sre-*, not the creator, within 4h");
        assert_eq!(serde_json::to_string(&gate).unwrap(), text);
        let gate: Gate = serde_json::from_str(r#"{"auto_after":"10m"}"#).unwrap();
        assert_eq!(gate.to_string(), "opens after 10m");
        let text = r#"{"webhook":{"url":"https://ci/{{service}}","secret":"ci","timeout":"4h","on_timeout":"hold"}}"#;
        let gate: Gate = serde_json::from_str(text).unwrap();
        assert_eq!(gate.to_string(), "opened by https://ci/{{service}}, within 4h");
        assert_eq!(serde_json::to_string(&gate).unwrap(), text);
        assert!(serde_json::from_str::<Gate>(r#"{"manual":{"who":["a"]}}"#).is_err());
        assert!(serde_json::from_str::<Gate>(r#"{"webhook":{"secret":"ci"}}"#).is_err());
    }
}
