//! Reusable delegation sets as stored: version 1.
//!
//! As in [`v1`]: never change a type here; a new field means a second version beside it.

use model::Name;
use model::delegation_set::DelegationSet;
use model::id::DelegationSetId;
use serde::{Deserialize, Serialize};

use super::v1::{self, name};
use super::{Stored, StoredFault};

#[derive(Serialize, Deserialize)]
struct DelegationSetV1<'a> {
    id: &'a str,
    caller_reference: &'a str,
    #[serde(borrow)]
    name_servers: Vec<&'a [u8]>,
    zone_count: u64,
}

impl Stored for DelegationSet {
    fn encode(&self) -> Vec<u8> {
        let Self { id, caller_reference, name_servers, zone_count } = self;
        v1::encode(&DelegationSetV1 {
            id: id.as_str(),
            caller_reference,
            name_servers: name_servers.iter().map(Name::wire).collect(),
            zone_count: *zone_count,
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let DelegationSetV1 { id, caller_reference, name_servers, zone_count } = v1::decode(bytes)?;
        Ok(Self {
            id: DelegationSetId::parse(id).map_err(StoredFault::Id)?,
            caller_reference: caller_reference.to_owned(),
            name_servers: name_servers.into_iter().map(name).collect::<Result<_, _>>()?,
            zone_count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let set = DelegationSet {
            id: DelegationSetId::parse("N1").unwrap(),
            caller_reference: "ref".into(),
            name_servers: vec![Name::parse("ns.a").unwrap()],
            zone_count: 300,
        };
        let golden = [1, 2, b'N', b'1', 3, b'r', b'e', b'f', 1, 6, 2, b'n', b's', 1, b'a', 0, 0xac, 2];
        assert_eq!(set.encode(), golden);
        assert_eq!(DelegationSet::decode(&golden).unwrap(), set);
    }
}
