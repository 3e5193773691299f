//! Listing and following: lines after a number that a filter lets pass, oldest first.

use std::io;
use std::path::Path;

use model::Name;
use model::id::HostedZoneId;
use store::{LineReader, Store};

use super::line::{NOBODY, Seen};
use super::{FOLDER, Who};
use crate::hosted_zones;
use crate::rows::StorageError;

/// Lines that one listing looks at; a rare call is found by asking again from where it stopped. They are read and
/// parsed in about a quarter of a second.
const SCANNED_MAX: usize = 50_000;

/// Lines and bytes that are read at a time.
const PIECE_LINES: usize = 1024;
const PIECE_BYTES: usize = 1 << 20;

/// Which lines are wanted: those that pass all of it. A line that tells of lost calls passes all but `who`, `zones` and
/// `operation`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this sender: the id or name of a key (also one that was only claimed), `operator`, `anyone`, `nobody`.
    pub who: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Not of this operation.
    pub except: Option<&'static str>,
    /// That name or created one of these, each an id or a name; all if there are none.
    pub zones: Vec<String>,
    /// That changed something.
    pub only_changes: bool,
    /// That were refused, or failed.
    pub only_refused: bool,
    /// That came at this time or later, in milliseconds since 1970.
    pub since_ms: Option<u64>,
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Lines as they are written, each a JSON object.
    pub lines: Vec<String>,
    /// After which number to go on.
    pub next: u64,
    /// Whether there was nothing more when it was read.
    pub is_end: bool,
}

/// A reader of an audit log, also of one that another process writes.
#[derive(Debug)]
pub struct AuditReader(LineReader);

impl AuditReader {
    /// Reads the audit log of a data folder.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self(LineReader::new(&data.join(FOLDER)))
    }

    /// At most `limit` lines after a number. Blocks on disk reads.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn list(&self, filter: &Filter, after: u64, limit: usize) -> io::Result<Listed> {
        let start = filter.since_ms.map_or(Ok(0), |since_ms| self.before(since_ms))?;
        let mut listed = Listed { lines: Vec::new(), next: after.max(start), is_end: false };
        let mut scanned = 0;
        while listed.lines.len() < limit && scanned < SCANNED_MAX {
            let piece = self.0.read(listed.next + 1, PIECE_LINES, PIECE_BYTES)?;
            if piece.is_empty() {
                listed.is_end = true;
                break;
            }
            for line in piece {
                if listed.lines.len() >= limit {
                    break;
                }
                (scanned, listed.next) = (scanned + 1, line.number);
                // What is no line of ours cannot be shown as one; proving tells of it.
                if Seen::parse(&line.text).is_some_and(|seen| filter.passes(&seen)) {
                    listed.lines.extend(String::from_utf8(line.text));
                }
            }
        }
        Ok(listed)
    }

    /// A number before all lines that came since a time: the beginning of the last file that began earlier. Calls are
    /// written as they end, so one that came a little earlier may stand after one that came later.
    fn before(&self, since_ms: u64) -> io::Result<u64> {
        for first in self.0.files()?.into_iter().rev() {
            let line = self.0.read(first, 1, 1)?.pop();
            let at_ms = line.as_ref().and_then(|line| Seen::parse(&line.text)).map_or(u64::MAX, |seen| seen.at_ms);
            if at_ms < since_ms {
                return Ok(first - 1);
            }
        }
        Ok(0)
    }
}

/// Every word that calls may have named a zone by: its name, and the ids of all zones of that name. None if no zone that
/// exists has such a name or id.
///
/// # Errors
/// The store cannot be read.
pub fn zone_spellings(store: &Store, zone: &str) -> Result<Vec<String>, StorageError> {
    let by_id = HostedZoneId::parse(zone).ok().map(|id| hosted_zones::find(store, &id)).transpose()?.flatten();
    let name = by_id.map(|zone| zone.name).or_else(|| Name::parse(zone).ok());
    let Some(name) = name else { return Ok(Vec::new()) };
    let zones = hosted_zones::named(store, &name)?;
    let mut spellings: Vec<String> = zones.iter().map(|zone| zone.id.to_string()).collect();
    if !spellings.is_empty() {
        spellings.push(name.to_string());
    }
    Ok(spellings)
}

impl Filter {
    fn passes(&self, seen: &Seen<'_>) -> bool {
        let is =
            |wanted: &str, found: &str| found.trim_end_matches('.').eq_ignore_ascii_case(wanted.trim_end_matches('.'));
        let who = |wanted: &String| {
            [Some(&seen.by), seen.name.as_ref(), seen.claimed.as_ref()].into_iter().flatten().any(|who| *who == *wanted)
        };
        let zone = |zone: &String| {
            let created = seen.created.iter().filter_map(|path| path.rsplit('/').next());
            seen.resources.iter().map(AsRef::as_ref).chain(created).any(|found| is(zone, found))
        };
        self.who.as_ref().is_none_or(who)
            && self.operation.as_ref().is_none_or(|name| seen.operation.as_deref().is_some_and(|found| is(name, found)))
            && (self.except.is_none() || self.except != seen.operation.as_deref())
            && (self.zones.is_empty() || self.zones.iter().any(zone))
            && (!self.only_changes || seen.revision.is_some() || seen.lost.is_some())
            && (!self.only_refused || seen.status >= 400 || seen.lost.is_some())
            && self.since_ms.is_none_or(|since_ms| seen.at_ms >= since_ms)
    }
}

impl Who {
    /// The word for it in listings.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Who::Known { by, .. } => by,
            Who::Nobody { .. } => NOBODY,
        }
    }
}
