//! What SQLite said, as the cause of an error of ours.
//!
//! One failed commit answers many requests, so a cause can be cloned. Left out on purpose: SQLite's types, which nobody
//! outside this crate should need.

use std::fmt;
use std::sync::Arc;

use rusqlite::ErrorCode;

/// A failure reported by SQLite.
#[derive(Clone)]
pub struct Cause(Arc<rusqlite::Error>);

impl Cause {
    pub(crate) fn new(error: rusqlite::Error) -> Self {
        Self(Arc::new(error))
    }

    /// The disk or quota is full.
    pub(crate) fn is_full(&self) -> bool {
        self.code() == Some(ErrorCode::DiskFull)
    }

    /// The file's content cannot be right.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    }

    /// The file system refuses us.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly))
    }

    fn code(&self) -> Option<ErrorCode> {
        self.0.sqlite_error_code()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.sqlite_extended_error_code() {
            Some(code) => write!(f, "sqlite error {code}: {}", self.0),
            None => write!(f, "sqlite: {}", self.0),
        }
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

// The message holds all there is: no deeper source, so that nothing is printed twice.
impl std::error::Error for Cause {}
