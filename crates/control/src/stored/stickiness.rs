//! What a name has set about its clients' answers, version 1. See `v1` for the rules: never change a type here.

use model::Stickiness;
use model::stickiness::StickinessFault;
use serde::{Deserialize, Serialize};

use super::v1::{decode, encode};
use super::{Stored, StoredFault};

#[derive(Serialize, Deserialize)]
struct StickinessV1 {
    ipv4_prefix: u8,
    ipv6_prefix: u8,
}

impl Stored for Stickiness {
    fn encode(&self) -> Vec<u8> {
        encode(&StickinessV1 { ipv4_prefix: self.ipv4_prefix(), ipv6_prefix: self.ipv6_prefix() })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let StickinessV1 { ipv4_prefix, ipv6_prefix } = decode(bytes)?;
        Self::new(ipv4_prefix.into(), ipv6_prefix.into()).map_err(|fault| match fault {
            StickinessFault::Ipv4(_) => StoredFault::Number(ipv4_prefix.into()),
            StickinessFault::Ipv6(_) => StoredFault::Number(ipv6_prefix.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden bytes: if this fails, the form has changed: make a v2.
    #[test]
    fn a_stickiness() {
        let noun = Stickiness::new(24, 128).unwrap();
        assert_eq!(noun.encode(), [0x01, 24, 128]);
        assert_eq!(Stickiness::decode(&[0x01, 24, 128]).unwrap(), noun);
        assert_eq!(Stickiness::decode(&[0x01, 33, 56]), Err(StoredFault::Number(33)));
        assert_eq!(Stickiness::decode(&[0x02, 24, 56]), Err(StoredFault::Version(2)));
    }
}
