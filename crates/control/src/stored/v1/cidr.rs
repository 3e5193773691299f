//! CIDR collections in version 1. As in all of it: never change a type here.

use model::cidr::CidrCollection;
use model::id::{CidrCollectionId, CidrLocation};
use serde::{Deserialize, Serialize};

use super::{Stored, StoredFault, decode, encode};

#[derive(Serialize, Deserialize)]
struct CidrCollectionV1<'a> {
    id: &'a str,
    name: &'a str,
    caller_reference: &'a str,
    version: u64,
    /// Blocks as texts, and the location of each.
    #[serde(borrow)]
    blocks: Vec<(String, &'a str)>,
}

impl Stored for CidrCollection {
    fn encode(&self) -> Vec<u8> {
        let Self { id, name, caller_reference, version, blocks } = self;
        let blocks = blocks.iter().map(|(block, location)| (block.to_string(), location.as_str())).collect();
        encode(&CidrCollectionV1 { id: id.as_str(), name, caller_reference, version: *version, blocks })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let CidrCollectionV1 { id, name, caller_reference, version, blocks } = decode(bytes)?;
        let blocks = blocks.into_iter().map(|(block, location)| {
            let block = block.parse().map_err(StoredFault::Block)?;
            Ok((block, CidrLocation::parse(location).map_err(StoredFault::Id)?))
        });
        Ok(Self {
            id: CidrCollectionId::parse(id).map_err(StoredFault::Id)?,
            name: name.to_owned(),
            caller_reference: caller_reference.to_owned(),
            version,
            blocks: blocks.collect::<Result<_, _>>()?,
        })
    }
}
