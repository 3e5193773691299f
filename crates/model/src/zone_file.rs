//! Master files (RFC 1035 §5, BIND's dialect): how a zone comes in from another name server and goes out again.
//!
//! Reading walks down: `lex` makes entries of tokens that know their line and column, `records` follows directives
//! and makes one-record sets of entries, `gather` groups and checks them. Writing ([`write()`]) is the inverse:
//! what a master file cannot say (routing policies, aliases, health checks, stickiness, values as once written) goes into comments
//! that `remark` reads back, so exporting and importing is the identity, and other servers still read the file.
//!
//! Read: `$ORIGIN`, `$TTL`, `$INCLUDE` (only below the folder of the first file), parentheses, blank owners, TTL and
//! class in either order, units in TTLs (`1h30m`), every record type, RFC 3597. Left out on purpose: `$GENERATE` and
//! classes other than IN, which are refused.

mod fault;
mod gather;
mod lex;
mod parts;
mod records;
mod remark;
mod write;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

pub use fault::{Problem, ZoneFileFault};
pub use records::{Place, Records};
pub use write::{WriteFault, write, write_sticky};

use crate::{Name, RecordSet, Stickiness};

/// Most faults reported of one zone: who has more has another problem than typing.
pub const FAULTS_MAX: usize = 100;
/// Most bytes of one entry, which bounds the memory an unclosed parenthesis can take.
pub const ENTRY_BYTES_MAX: usize = 1 << 20;
/// How deep files may include files.
pub const INCLUDE_DEPTH_MAX: usize = 8;
/// How many files may be included in all: ten that include ten each would otherwise be a hundred million.
pub const INCLUDES_MAX: usize = 1000;

/// A zone as its file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFile {
    /// The apex.
    pub origin: Name,
    /// In the order in which their first records stand in the file.
    pub record_sets: Vec<RecordSet>,
    /// The names whose weighted record sets are sticky.
    pub sticky: BTreeMap<Name, Stickiness>,
    /// What was put right in reading, at most [`FAULTS_MAX`]: records given twice, unequal TTLs in one record set.
    pub warnings: Vec<ZoneFileFault>,
}

/// Reads the zone `origin` from a file and the files it includes.
///
/// # Errors
/// Everything that is wrong with the file, at most [`FAULTS_MAX`], each with its line and column.
pub fn read(origin: &Name, path: &Path) -> Result<ZoneFile, Vec<ZoneFileFault>> {
    gather::gather(records(origin, path).map_err(|fault| vec![fault])?)
}

/// Reads the zone `origin` from text that is called `name` in faults; it cannot include files.
///
/// # Errors
/// As [`read`].
pub fn read_from(
    origin: &Name,
    name: &Path,
    text: impl BufRead + Send + 'static,
) -> Result<ZoneFile, Vec<ZoneFileFault>> {
    gather::gather(Records::from_text(origin, name, Box::new(text)))
}

/// Streams a file record by record, without grouping and without the checks that need the whole zone.
///
/// # Errors
/// The file cannot be opened.
pub fn records(origin: &Name, path: &Path) -> Result<Records, ZoneFileFault> {
    Records::open(origin, path)
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;
