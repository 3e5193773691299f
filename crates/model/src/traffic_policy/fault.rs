//! What can be wrong with a traffic policy document, and where. The words are ours: AWS's are not known.

use std::fmt;

use crate::RecordType;
use crate::limits::{TRAFFIC_POLICY_DEPTH_MAX, TRAFFIC_POLICY_DOCUMENT_CHARS_MAX};

/// So many faults are told at once; more help nobody.
const TOLD_MAX: usize = 20;

/// Everything wrong with one document, in its order; shown one after the other, the first twenty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DocumentFaults(pub Vec<DocumentFault>);

/// One thing wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFault {
    /// Where, such as `Rules.start.Items[0].Weight`; empty for the document itself.
    pub path: String,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// More characters than a document may have.
    #[error("a document can have at most {TRAFFIC_POLICY_DOCUMENT_CHARS_MAX} characters: {0}")]
    TooLong(usize),
    /// No JSON, or a member that occurs twice.
    #[error("the document is not JSON: {0}")]
    NotJson(String),
    /// JSON of another kind.
    #[error("write {expected} here, not {found}")]
    Kind {
        /// With its article.
        expected: &'static str,
        /// With its article.
        found: &'static str,
    },
    /// A member that must be there.
    #[error("is missing, write {0}")]
    Missing(&'static str),
    /// A member that has no meaning here.
    #[error("has no meaning here, write one of: {}", .0.join(", "))]
    UnknownMember(&'static [&'static str]),
    /// A word that is none of those allowed.
    #[error("must be one of {}: {word}", .allowed.join(", "))]
    Word {
        /// Those allowed.
        allowed: Vec<&'static str>,
        /// As written.
        word: String,
    },
    /// A type that no policy can have.
    #[error("a traffic policy cannot make records of this type: {0}")]
    RecordType(String),
    /// Two members of which there must be one, or none of them.
    #[error("needs exactly one of {0} and {1}")]
    NotOneOf(&'static str, &'static str),
    /// A reference to nothing.
    #[error("there is no such entry in {list}: {id}")]
    NoSuchEntry {
        /// `Endpoints` or `Rules`.
        list: &'static str,
        /// As written.
        id: String,
    },
    /// Rules that lead back to themselves.
    #[error("rules must not lead back to themselves: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// A tree with more rules on one way than are followed.
    #[error("at most {TRAFFIC_POLICY_DEPTH_MAX} rules can follow one another, found: {0}")]
    TooDeep(usize),
    /// A list without anything in it.
    #[error("needs at least one branch")]
    NoBranches,
    /// More branches than a rule may have.
    #[error("a rule of this type can have at most {max} branches: {count}")]
    TooManyBranches {
        /// So many.
        max: usize,
        /// As counted.
        count: usize,
    },
    /// A number that is none, or outside its range.
    #[error("must be a whole number from {min} to {max}: {text}")]
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
        /// As written.
        text: String,
    },
    /// A value, name, place or id that is none; in the words of what could not read it.
    #[error("{0}")]
    Text(String),
    /// The place or region of another branch of the rule.
    #[error("stands for the same as {0}, each can be there once")]
    Twice(String),
    /// A subdivision alone, or a continent and a country at once.
    #[error("name a Continent, a Country, a Country with its Subdivision, or IsDefault")]
    Location,
    /// A multivalue rule whose endpoint has no values here.
    #[error("a multivalue rule can only lead to endpoints of the type value: {0}")]
    NotAValue(String),
    /// A resource of AWS where only addresses can be answered for.
    #[error("an endpoint of this type needs the RecordType A, AAAA or HTTPS, not {0}")]
    NoAddresses(RecordType),
    /// Multivalue answers with CNAME.
    #[error("a policy of the RecordType CNAME cannot have multivalue rules")]
    SeveralCnames,
}

impl fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.wrong)
    }
}

impl fmt::Display for DocumentFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().take(TOLD_MAX).enumerate() {
            write!(f, "{}{fault}", if i == 0 { "" } else { "; " })?;
        }
        match self.0.len().saturating_sub(TOLD_MAX) {
            0 => Ok(()),
            more => write!(f, "; faults not told: {more}"),
        }
    }
}
