//! Every way in which the fields of a health check can be wrong, as facts.
//!
//! Fields are named in Route 53's words, because those are what the caller wrote. The API turns all of them into its
//! `InvalidInput`; nothing here knows about that.

use super::{HealthCheckType, Region, ResettableElement};
use crate::id::{HealthCheckId, IdError};

/// One thing that is wrong with a health check's fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HealthCheckFault {
    /// The type is no word of Route 53.
    #[error("Type is not a health check type: {text}")]
    UnknownType {
        /// As given.
        text: String,
    },
    /// The type is Route 53's, and this program does not have it.
    #[error("health checks of this type are not supported yet: {kind}")]
    NotSupportedYet {
        /// The type asked for.
        kind: HealthCheckType,
    },
    /// A field that this type cannot do without.
    #[error("a health check of type {kind} needs {field}")]
    Missing {
        /// The type asked for.
        kind: HealthCheckType,
        /// The field, or the fields of which one is needed.
        field: &'static str,
    },
    /// A field that this type does not have.
    #[error("a health check of type {kind} cannot have {field}")]
    Forbidden {
        /// The type asked for.
        kind: HealthCheckType,
        /// The field to leave away.
        field: &'static str,
    },
    /// A number outside its range.
    #[error("{field} must be from {min} to {max}, not {value}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// Smallest value allowed.
        min: i64,
        /// Largest value allowed.
        max: i64,
        /// As given.
        value: i64,
    },
    /// An interval that is neither Route 53's nor ours.
    #[error("RequestInterval must be 10 or 30 seconds, or from 1 to 9 to probe faster than Route 53, not {value}")]
    RequestInterval {
        /// As given, in seconds.
        value: i64,
    },
    /// A text longer than the model allows.
    #[error("{field} may have at most {max} characters, not {length}")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Most characters allowed.
        max: usize,
        /// Characters given.
        length: usize,
    },
    /// Not an address of one host.
    #[error("IPAddress must be the IPv4 or IPv6 address of one host: {text}")]
    Address {
        /// As given.
        text: String,
    },
    /// Not a domain name.
    #[error("FullyQualifiedDomainName must be labels of letters, digits, - and _ between dots: {text}")]
    DomainName {
        /// As given.
        text: String,
    },
    /// A blank or a control character in the path.
    #[error("ResourcePath must not hold blanks or control characters, write them as %20 and the like: {text}")]
    ResourcePath {
        /// As given.
        text: String,
    },
    /// Not a region that has checkers.
    #[error("Regions holds a region without health checkers: {text}")]
    UnknownRegion {
        /// As given.
        text: String,
    },
    /// One region twice.
    #[error("Regions holds a region twice: {region}")]
    RegionTwice {
        /// The region.
        region: Region,
    },
    /// Regions are all, or three and more.
    #[error("Regions must name at least 3 regions or be left away, not {count}")]
    TooFewRegions {
        /// Regions given.
        count: usize,
    },
    /// A child is not an id.
    #[error("ChildHealthChecks holds something that is not a health check id")]
    Child(#[source] IdError),
    /// One child twice.
    #[error("ChildHealthChecks holds a health check twice: {id}")]
    ChildTwice {
        /// The child.
        id: HealthCheckId,
    },
    /// More children than a calculated check may have.
    #[error("ChildHealthChecks may hold at most {max} health checks, not {count}")]
    TooManyChildren {
        /// Most children allowed.
        max: usize,
        /// Children given.
        count: usize,
    },
    /// An address can be changed, never added or removed.
    #[error("IPAddress can be changed only where there is one already, create a new health check instead")]
    AddressFixed,
    /// A field is set and reset at once.
    #[error("{element} is both set and named in ResetElements")]
    SetAndReset {
        /// The field.
        element: ResettableElement,
    },
}
