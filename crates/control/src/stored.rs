//! Stored values: a version byte, then the twin of that version in postcard.
//!
//! The nouns of `model` never meet a byte: [`v1`] holds types of their own, converted by taking everything apart, so
//! that a forgotten field does not compile. Services and deployments ([`deployments`]) are JSON. Reading checks again
//! what `model` checks, because disks and people err.

pub(crate) mod access_keys;
mod delegation_sets;
mod deployments;
mod dnssec;
mod stickiness;
mod traffic_policies;
pub(crate) mod v1;
mod v2;
mod zone_history;

use model::cidr::BlockError;
use model::id::IdError;
use model::place::PlaceError;
use model::query_logging::LogGroupError;
use model::traffic_policy::DocumentFaults;
use model::{NameError, RecordSet};

pub(crate) use dnssec::StoredKeySigningKey;

/// A noun that can be stored.
pub(crate) trait Stored: Sized {
    /// The bytes of the current version.
    fn encode(&self) -> Vec<u8>;
    /// Reads the bytes of any known version.
    fn decode(bytes: &[u8]) -> Result<Self, StoredFault>;
}

/// Why stored bytes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredFault {
    /// Written by a later program, or by something else.
    #[error("written in a version that this program does not know: {0}")]
    Version(u8),
    /// Nothing where a value should be.
    #[error("the value is empty")]
    Empty,
    /// The bytes do not have the form of their version.
    #[error("the bytes have another form than they announce: {0}")]
    Form(postcard::Error),
    /// Bytes are left over.
    #[error("more bytes than the value has: {0}")]
    Long(usize),
    /// A name that is none.
    #[error("a stored name is no name: {0}")]
    Name(NameError),
    /// An identifier that is none.
    #[error("a stored identifier is none: {0}")]
    Id(IdError),
    /// A place that is none.
    #[error("a stored place is none: {0}")]
    Place(PlaceError),
    /// A CIDR block that is none.
    #[error("a stored CIDR block is none: {0}")]
    Block(BlockError),
    /// The ARN of a key that is none.
    #[error("a stored ARN is none: {0}")]
    KmsArn(model::dnssec::KmsArnFault),
    /// A log group that is none.
    #[error("a stored log group is none: {0}")]
    LogGroup(LogGroupError),
    /// A number outside its range.
    #[error("a stored number is out of range: {0}")]
    Number(u64),
    /// A service or deployment that this program cannot read.
    #[error("stored JSON cannot be read: {0}")]
    Json(String),
    /// A policy that this program does not understand.
    #[error("a stored policy is none: {0}")]
    Policy(String),
    /// A traffic policy document that this program would not accept.
    #[error("a stored traffic policy document is not valid: {0}")]
    TrafficPolicy(DocumentFaults),
    /// A health check that this program would not accept.
    #[error("a stored health check is not valid: {0}")]
    HealthCheck(String),
}

/// Record sets are read by the million; this name keeps the call sites short.
pub(crate) fn record_set(bytes: &[u8]) -> Result<RecordSet, StoredFault> {
    RecordSet::decode(bytes)
}
