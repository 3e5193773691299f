//! How people name a revision: by number, by time, by age, by steps back.

use std::fmt;
use std::ops::ControlFlow;

use model::deployment::Period;
use model::id::HostedZoneId;
use store::Reader;

use super::past;
use crate::rows::StorageError;

/// A revision: a base, and steps of the zone's own revisions back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// From where.
    pub base: Base,
    /// How many of the zone's revisions further back; `now~1` is the state before the last change.
    pub back: u64,
}

/// See [`When`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The state of now.
    Now,
    /// A number of the log, whether or not that revision touched the zone.
    Revision(u64),
    /// The state at a time, in milliseconds since 1970-01-01 UTC.
    At(u64),
    /// The state so long ago.
    Ago(Period),
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Base::Now => f.write_str("now")?,
            Base::Revision(revision) => write!(f, "{revision}")?,
            Base::At(ms) => write!(f, "{ms} ms since 1970")?,
            Base::Ago(period) => write!(f, "{period} ago")?,
        }
        if self.back > 0 {
            write!(f, "~{}", self.back)?;
        }
        Ok(())
    }
}

/// The number, if the zone has a revision so old.
pub(super) fn resolve(
    reader: &Reader<'_>,
    zone: &HostedZoneId,
    when: &When,
    now_ms: u64,
) -> Result<Option<u64>, StorageError> {
    let latest_ms = match when.base {
        // A number says itself what it means; whether the zone existed is asked where its state is needed.
        Base::Revision(revision) if when.back == 0 => return Ok(Some(revision)),
        Base::Now | Base::Revision(_) => u64::MAX,
        Base::At(ms) => ms,
        Base::Ago(period) => now_ms.saturating_sub(period.ms()),
    };
    let from = match when.base {
        Base::Revision(revision) => revision,
        Base::Now | Base::At(_) | Base::Ago(_) => reader.revision().0,
    };
    let (mut left, mut found) = (when.back, None);
    past::revisions(reader, zone, from, |revision| {
        if revision.at_ms > latest_ms {
            return Ok(ControlFlow::Continue(()));
        }
        if left > 0 {
            left -= 1;
            return Ok(ControlFlow::Continue(()));
        }
        found = Some(revision.revision);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}
