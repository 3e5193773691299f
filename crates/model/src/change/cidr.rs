//! What an IP-based record set names must be there: a CIDR collection, and a location of it.
//!
//! A location goes away with its last block, also while record sets name it; such a record set must stay editable.

use super::{ChangeFault, Records};
use crate::{RecordSet, Routing};

/// The location that stands for everybody whom no block of the collection holds; every collection has it.
const DEFAULT: &str = "*";

/// The fault of naming a collection or a location that is not there; `before` is the routing that is replaced.
pub(super) fn check<R: Records>(
    new: &RecordSet,
    before: Option<&Routing>,
    records: &mut R,
) -> Result<Option<ChangeFault>, R::Error> {
    let Routing::IpBased { collection, location, .. } = &new.routing else { return Ok(None) };
    if before == Some(&new.routing) {
        return Ok(None);
    }
    let (name, record_type, collection, location) =
        (new.name.clone(), new.record_type, collection.clone(), location.clone());
    Ok(match records.cidr_location(&collection, &location)? {
        None => Some(ChangeFault::NoSuchCollection { name, record_type, collection }),
        Some(false) if location.as_str() != DEFAULT => {
            Some(ChangeFault::NoSuchCidrLocation { name, record_type, collection, location })
        }
        Some(_) => None,
    })
}
