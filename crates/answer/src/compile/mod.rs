//! From record sets to what answers are copied from. All checking and linking happens here, so that the query path
//! only reads.

mod edit;
mod names;
mod record_sets;
mod traffic_policy;

pub use edit::Edit;

use model::id::HostedZoneId;
use model::rdata::RdataFault;
use model::{Name, RecordType};

/// Why a zone or name cannot be compiled. The commands refuse all of this before it is stored, so that a fault here
/// means a stored zone from elsewhere; its last good form stays.
#[derive(Debug, thiserror::Error)]
pub enum CompileFault {
    /// No zone with this id.
    #[error("no hosted zone to change: {0}")]
    NoSuchZone(HostedZoneId),
    /// A name outside the zone.
    #[error("{name} is not in zone {apex}")]
    OutsideZone {
        /// The owner name.
        name: Name,
        /// The zone's name.
        apex: Name,
    },
    /// A value text that is no rdata of its type.
    #[error("value of {name} {record_type}")]
    Value {
        /// The owner name.
        name: Name,
        /// The type.
        record_type: RecordType,
        /// What is wrong with it.
        #[source]
        fault: RdataFault,
    },
    /// More competing record sets than a group can hold.
    #[error("{name} {record_type} has more than 128 record sets: {count}")]
    GroupTooLarge {
        /// The owner name.
        name: Name,
        /// The type.
        record_type: RecordType,
        /// How many.
        count: usize,
    },
    /// A record set without records, where "at least one" is what answers rely on.
    #[error("{name} {record_type} has no records")]
    NoRecords {
        /// The owner name.
        name: Name,
        /// The type.
        record_type: RecordType,
    },
    /// One record set with more than 65535 records.
    #[error("{name} {record_type} has more than 65535 records")]
    TooManyRecords {
        /// The owner name.
        name: Name,
        /// The type.
        record_type: RecordType,
    },
}
