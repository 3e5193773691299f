//! Scenarios: text files that say a zone in Route 53's words, the health of checks, and questions with the replies
//! they must get in dig's words. `tests/answers/*.txt` holds them, one file per rule; the format is told in
//! `tests/answers/README.md`.
//!
//! The walk: `read` makes steps of the text → `play` asks `answer` and hands what comes back to `expect` or `shares`.

mod chances;
mod clients;
mod expect;
mod play;
mod read;
mod shares;
mod zone;

pub use play::{Exchange, Played, play, play_over, zones};

use std::fmt;

/// What is wrong at one line of a scenario: the text itself, or a reply that is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}
