//! Record sets of somebody else: what is asked of a Route 53 endpoint that is not this server, and what it answers.
//!
//! Before: a release of a service whose record sets are in such an account. After: a driver, which knows the endpoint and
//! nothing of releases. Every question is one of three, each safe to repeat; how long to leave the endpoint alone after
//! a failure is the driver's to say, because it sees all that is asked of an account.

use std::collections::BTreeSet;

use crate::change::ChangeBatch;
use crate::id::{AccountName, ChangeId, HostedZoneId};
use crate::{Name, RecordSet};

/// So long after a refusal that only another program or configuration can end, the account is left alone, in milliseconds.
pub const UNABLE_REST_MS: u64 = 30_000;

/// A hosted zone of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignZone {
    /// Whose.
    pub account: AccountName,
    /// Which.
    pub zone: HostedZoneId,
}

/// What is asked of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// What some names have.
    Look(ForeignZone, BTreeSet<Name>),
    /// A change batch: all of it or nothing.
    Write(ForeignZone, ChangeBatch),
    /// Whether every server answers by a change.
    Confirm(AccountName, ChangeId),
}

/// What came of an errand; of the same kind as the errand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// Every record set at the names, and at names of the same zone that their aliases lead to.
    Looked(Result<Vec<RecordSet>, Trouble>),
    /// The name by which the endpoint is asked whether every server answers so.
    Written(Result<ChangeId, WriteFault>),
    /// Whether every server does by now.
    Confirmed(Result<bool, Trouble>),
}

/// A request that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Trouble {
    /// What happened, in words that say what to change if anything is to be.
    pub text: String,
    /// Leave the account alone for so long, in milliseconds.
    pub rest_ms: u64,
}

/// Why a change batch was not taken, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteFault {
    /// The record sets are not those that the batch was made for. Nothing was changed.
    #[error("{0}")]
    Stale(Trouble),
    /// It was not taken, and may be by and by: throttled, or another change is not done yet. Nothing was changed.
    #[error("{0}")]
    Untaken(Trouble),
    /// It was refused, or never sent, and will be again until somebody changes something else. Nothing was changed.
    #[error("{0}")]
    Refused(Trouble),
    /// No answer came, and it may have been taken: only a look can tell.
    #[error("{0}")]
    Unknown(Trouble),
}

impl Errand {
    /// Whose endpoint is asked.
    #[must_use]
    pub fn account(&self) -> &AccountName {
        match self {
            Self::Look(zone, _) | Self::Write(zone, _) => &zone.account,
            Self::Confirm(account, _) => account,
        }
    }

    /// That it came to nothing.
    #[must_use]
    pub fn failed(&self, trouble: Trouble) -> Report {
        match self {
            Self::Look(..) => Report::Looked(Err(trouble)),
            Self::Write(..) => Report::Written(Err(WriteFault::Refused(trouble))),
            Self::Confirm(..) => Report::Confirmed(Err(trouble)),
        }
    }
}

impl WriteFault {
    /// What happened.
    #[must_use]
    pub fn trouble(&self) -> &Trouble {
        match self {
            Self::Stale(trouble) | Self::Untaken(trouble) | Self::Refused(trouble) | Self::Unknown(trouble) => trouble,
        }
    }
}

impl Report {
    /// What went wrong, if something did.
    #[must_use]
    pub fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Looked(looked) => looked.as_ref().err(),
            Self::Written(written) => written.as_ref().err().map(WriteFault::trouble),
            Self::Confirmed(confirmed) => confirmed.as_ref().err(),
        }
    }
}
