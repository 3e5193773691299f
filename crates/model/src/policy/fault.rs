//! Why a text is no policy: where in the document, what stands there, and what to write instead.

use super::condition::Key;

/// A policy document that cannot be obeyed, and so is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// The text is no JSON, or names a member twice.
    #[error("the policy is no JSON: {0}")]
    NotJson(String),
    /// Longer than any policy may be.
    #[error("the policy has more than {max} characters (blanks not counted): {characters}")]
    TooLong {
        /// As written, without blanks.
        characters: usize,
        /// Most allowed.
        max: usize,
    },
    /// Something in the document.
    #[error("{path}: {fault}")]
    At {
        /// Where, such as `Statement[0].Action[1]`.
        path: String,
        /// What.
        fault: ElementFault,
    },
}

/// What is wrong with one element of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElementFault {
    /// An element that must be there is not.
    #[error("lacks {0}")]
    Missing(&'static str),
    /// An element that policies do not have.
    #[error("no element of a policy, use {known}: {element}")]
    Unknown {
        /// As written.
        element: String,
        /// What may stand here.
        known: &'static str,
    },
    /// An element that belongs to policies of resources.
    #[error("a policy of a key speaks for the key, leave this out: {0}")]
    Principal(String),
    /// Both `X` and `NotX`.
    #[error("says {0} and Not{0}, keep one")]
    Both(&'static str),
    /// A value of another kind.
    #[error("must be {expected}, not {found}")]
    Kind {
        /// What is wanted.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A list without anything.
    #[error("is empty, name at least one")]
    Empty,
    /// A version of the language that does not exist.
    #[error("no version of the policy language, write 2012-10-17: {0}")]
    Version(String),
    /// An effect that is none.
    #[error("no effect, write Allow or Deny: {0}")]
    Effect(String),
    /// A statement id with other characters.
    #[error("a Sid has letters and digits only: {0}")]
    Sid(String),
    /// Two statements of one id.
    #[error("another statement has this Sid: {0}")]
    SidTaken(String),
    /// An action that is none.
    #[error("no action, write one such as route53:ListHostedZones, or *: {0}")]
    Action(String),
    /// A resource that is none.
    #[error("no resource, write an ARN such as arn:aws:route53:::hostedzone/Z1, or *: {0}")]
    Resource(String),
    /// An operator that is none.
    #[error("no condition operator, such as StringEquals or ForAllValues:StringLike: {0}")]
    Operator(String),
    /// A key that no request here has.
    #[error("no request to this server has this condition key; {known} are there: {key}")]
    Key {
        /// As written.
        key: String,
        /// Those that requests have.
        known: String,
    },
    /// A key of several values under an operator for one.
    #[error("{} holds several values, write ForAllValues: or ForAnyValue: before the operator: {operator}", key.name())]
    Several {
        /// The key.
        key: Key,
        /// The operator as written.
        operator: String,
    },
    /// A value that the operator cannot compare with.
    #[error("{operator} compares with {expected}, which this is not: {value}")]
    Value {
        /// The operator as written.
        operator: String,
        /// What it compares with.
        expected: &'static str,
        /// As written.
        value: String,
    },
    /// `${…}` with something unknown in it.
    #[error("no policy variable; {known} are there: {variable}")]
    Variable {
        /// As written.
        variable: String,
        /// Those that are.
        known: &'static str,
    },
}
