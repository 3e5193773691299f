//! CIDR collections: named locations, each a set of blocks of addresses, for IP-based routing.
//!
//! A collection changes as a whole: [`CidrCollection::apply`] takes all changes of one call in their order, or none. A
//! location is there while it has a block. Sources: API `ChangeCidrCollection`; DG `routing-policy-ipbased`.

mod block;

use std::collections::BTreeMap;

use crate::id::{CidrCollectionId, CidrLocation};

pub use block::{Block, BlockError};

/// A collection with all it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CidrCollection {
    /// A UUID.
    pub id: CidrCollectionId,
    /// 1 to 64 letters, digits, `-` and `_`; no two collections have one name.
    pub name: String,
    /// What the caller chose on creation: creating it again with the same one is no fault.
    pub caller_reference: String,
    /// 1 on creation, one more with every change.
    pub version: u64,
    /// Every block and the location it belongs to. A block belongs to one location.
    pub blocks: BTreeMap<Block, CidrLocation>,
}

/// One change of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationChange {
    /// The location.
    pub location: CidrLocation,
    /// What happens to it.
    pub action: CidrAction,
    /// The blocks that are put or deleted.
    pub blocks: Vec<Block>,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CidrAction {
    /// Adds the blocks to the location; those that it has already stay.
    Put,
    /// Removes the blocks from the location; those that it does not have are no fault.
    DeleteIfExists,
}

/// Why a collection was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectionFault {
    /// `CidrCollectionVersionMismatchException`: somebody else changed it meanwhile.
    #[error("The CIDR collection version you provided, {given}, is not the current version: {current}")]
    Version {
        /// As the caller has it.
        given: u64,
        /// As it is.
        current: u64,
    },
    /// `CidrBlockInUseException`.
    #[error("The CIDR block {block} is already in use by the location {location}")]
    BlockInUse {
        /// The block.
        block: Block,
        /// Where it is.
        location: CidrLocation,
    },
    /// `LimitsExceeded`: too many blocks in the collection.
    #[error("A CIDR collection can have at most {0} CIDR blocks")]
    TooManyBlocks(u64),
}

impl CidrCollection {
    /// The collection after these changes, in their order: a block moves by being deleted here and put there.
    ///
    /// `version` is what the caller has seen; API: it must not be older than the collection's, so it is not newer either.
    ///
    /// # Errors
    /// See [`CollectionFault`]; nothing is changed then.
    pub fn apply(
        &self,
        version: Option<u64>,
        changes: Vec<LocationChange>,
        blocks_max: Option<u64>,
    ) -> Result<Self, CollectionFault> {
        if let Some(given) = version.filter(|given| *given != self.version) {
            return Err(CollectionFault::Version { given, current: self.version });
        }
        let mut blocks = self.blocks.clone();
        for LocationChange { location, action, blocks: named } in changes {
            for block in named {
                let holder = blocks.get(&block);
                match action {
                    CidrAction::Put => match holder {
                        Some(holder) if *holder != location => {
                            return Err(CollectionFault::BlockInUse { block, location: holder.clone() });
                        }
                        Some(_) => {}
                        None => drop(blocks.insert(block, location.clone())),
                    },
                    CidrAction::DeleteIfExists if holder == Some(&location) => drop(blocks.remove(&block)),
                    CidrAction::DeleteIfExists => {}
                }
            }
        }
        // One that is beyond a lowered limit may still shrink.
        if let Some(max) = blocks_max
            && blocks.len() as u64 > max
            && blocks.len() > self.blocks.len()
        {
            return Err(CollectionFault::TooManyBlocks(max));
        }
        Ok(Self { version: self.version + 1, blocks, ..self.clone() })
    }

    /// Whether any block belongs to the location.
    #[must_use]
    pub fn has_location(&self, location: &CidrLocation) -> bool {
        self.blocks.values().any(|holder| holder == location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(blocks: &[(&str, &str)]) -> CidrCollection {
        CidrCollection {
            id: CidrCollectionId::parse("c").unwrap(),
            name: "offices".to_owned(),
            caller_reference: "r".to_owned(),
            version: 3,
            blocks: blocks.iter().map(|(block, location)| (block.parse().unwrap(), at(location))).collect(),
        }
    }

    fn at(location: &str) -> CidrLocation {
        CidrLocation::parse(location).unwrap()
    }

    fn change(action: CidrAction, location: &str, blocks: &[&str]) -> LocationChange {
        let blocks = blocks.iter().map(|block| block.parse().unwrap()).collect();
        LocationChange { location: at(location), action, blocks }
    }

    #[test]
    fn a_block_moves_by_being_deleted_and_put_in_that_order() {
        use CidrAction::{DeleteIfExists, Put};
        let before = collection(&[("192.0.2.0/24", "berlin")]);
        let (delete, put) =
            (change(DeleteIfExists, "berlin", &["192.0.2.0/24"]), change(Put, "paris", &["192.0.2.0/24"]));
        let after = before.apply(Some(3), vec![delete.clone(), put.clone()], None).unwrap();
        assert_eq!(after, CidrCollection { version: 4, ..collection(&[("192.0.2.0/24", "paris")]) });
        assert!(!after.has_location(&at("berlin")) && after.has_location(&at("paris")));
        let fault = before.apply(None, vec![put, delete], None).unwrap_err();
        assert_eq!(fault.to_string(), "The CIDR block 192.0.2.0/24 is already in use by the location berlin");
    }

    #[test]
    fn what_is_there_or_gone_already_is_no_fault_and_counts_as_a_change() {
        use CidrAction::{DeleteIfExists, Put};
        let before = collection(&[("192.0.2.0/24", "berlin")]);
        let same = vec![change(Put, "berlin", &["192.0.2.0/24"]), change(DeleteIfExists, "rome", &["192.0.2.0/24"])];
        let after = before.apply(None, same, Some(1)).unwrap();
        assert_eq!((after.version, &after.blocks), (4, &before.blocks));
    }

    #[test]
    fn versions_and_limits_are_kept() {
        let before = collection(&[("192.0.2.0/24", "berlin"), ("2001:db8::/48", "berlin")]);
        let put = || vec![change(CidrAction::Put, "rome", &["198.51.100.0/24"])];
        for given in [1, 2, 4] {
            let fault = before.apply(Some(given), put(), None).unwrap_err();
            assert_eq!(fault, CollectionFault::Version { given, current: 3 });
        }
        assert_eq!(before.apply(None, put(), Some(2)).unwrap_err(), CollectionFault::TooManyBlocks(2));
        assert!(before.apply(None, put(), Some(3)).is_ok());
        let delete = change(CidrAction::DeleteIfExists, "berlin", &["192.0.2.0/24"]);
        assert!(before.apply(None, vec![delete], Some(0)).is_ok(), "a lowered limit lets it shrink");
    }
}
