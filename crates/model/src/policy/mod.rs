//! Policies: what a key may do, in the language of AWS's IAM.
//!
//! A document ([`Policy::parse`]) becomes statements; [`judge`] asks them about one action on one resource: an explicit
//! Deny wins, then an Allow is needed, else it is not allowed. Pure: time, addresses and names are in the [`Context`].
//! What cannot be obeyed is no policy: an unknown element, operator or condition key is refused, as ignoring it would
//! allow more, or less, than somebody wrote. Left out on purpose: principals, because a policy belongs to a key; tag
//! keys, which Route 53 has none of; `BinaryEquals`, as no key here holds bytes.
//!
//! ```
//! use model::policy::{Context, Judgement, Policy, Question, judge};
//!
//! let policy = Policy::parse(
//!     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "route53:List*", "Resource": "*"}}"#,
//! )?;
//! let context = Context::default();
//! let ask = |action| judge(std::slice::from_ref(&policy), &Question { action, resource: "*", context: &context });
//! assert!(matches!(ask("route53:ListHostedZones"), Judgement::Allowed(_)));
//! assert!(matches!(ask("route53:CreateHostedZone"), Judgement::Silent));
//! # Ok::<(), model::policy::PolicyFault>(())
//! ```

mod condition;
mod fault;
mod json;
mod moment;
pub mod named;
mod network;
mod operator;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

pub use condition::{Context, Key};
pub use fault::{ElementFault, PolicyFault};
pub use json::Json;

use condition::Condition;
use pattern::Pattern;

/// A policy document that was understood whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its place in the document, from 0.
    index: usize,
    sid: Option<String>,
    effect: Effect,
    actions: Choice,
    resources: Choice,
    conditions: Vec<Condition>,
}

/// What a statement does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// `X` means one of these, `NotX` anything but these.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    not: bool,
    patterns: Vec<Pattern>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// Such as `route53:ListHostedZones`.
    pub action: &'q str,
    /// An ARN, or `*` where an action is on none.
    pub resource: &'q str,
    /// What conditions are judged by.
    pub context: &'q Context,
}

/// What policies say to a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement<'p> {
    /// A statement allows it and none denies it.
    Allowed(Place<'p>),
    /// A statement denies it.
    Denied(Place<'p>),
    /// No statement speaks of it: not allowed.
    Silent,
}

/// The statement that decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place<'p> {
    /// Which of the policies, from 0.
    pub policy: usize,
    /// Which statement.
    pub statement: &'p Statement,
}

impl Statement {
    /// How a person finds it: `Statement[0]`, and its Sid if it has one.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.sid {
            Some(sid) => format!("Statement[{}] ({sid})", self.index),
            None => format!("Statement[{}]", self.index),
        }
    }

    /// `action` in lower case, as the patterns are.
    fn applies(&self, action: &str, question: &Question<'_>) -> bool {
        let Question { action: _, resource, context } = question;
        self.actions.holds(|pattern| pattern.matches(action, context))
            && self.resources.holds(|pattern| pattern.matches_arn(resource, context))
            && self.conditions.iter().all(|condition| condition.holds(context))
    }
}

impl Choice {
    fn holds(&self, matches: impl Fn(&Pattern) -> bool) -> bool {
        self.patterns.iter().any(matches) != self.not
    }
}

/// What all these policies together say. The order of policies and statements decides nothing.
#[must_use]
pub fn judge<'p>(policies: &'p [Policy], question: &Question<'_>) -> Judgement<'p> {
    let action = question.action.to_ascii_lowercase();
    let mut judgement = Judgement::Silent;
    for (at, policy) in policies.iter().enumerate() {
        for statement in policy.statements.iter().filter(|statement| statement.applies(&action, question)) {
            let place = Place { policy: at, statement };
            match statement.effect {
                Effect::Deny => return Judgement::Denied(place),
                Effect::Allow if judgement == Judgement::Silent => judgement = Judgement::Allowed(place),
                Effect::Allow => {}
            }
        }
    }
    judgement
}
