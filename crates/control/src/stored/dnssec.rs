//! Key-signing keys as stored: version 1. The private key is sealed before it comes here.
//!
//! As in [`v1`]: never change a type here; a new field means a second version beside it.

use model::dnssec::{KeySigningKey, KeyStatus, KmsArn};
use model::id::KeySigningKeyName;
use serde::{Deserialize, Serialize};

use super::v1;
use super::{Stored, StoredFault};

/// A key and its sealed private half.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoredKeySigningKey {
    pub(crate) key: KeySigningKey,
    /// PKCS #8 under the seal.
    pub(crate) sealed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct KeySigningKeyV1<'a> {
    name: &'a str,
    kms_arn: &'a str,
    caller_reference: &'a str,
    public_key: &'a [u8],
    status: KeyStatusV1,
    created_ms: u64,
    modified_ms: u64,
    sealed: &'a [u8],
}

#[derive(Serialize, Deserialize)]
enum KeyStatusV1 {
    Active,
    Inactive,
}

impl Stored for StoredKeySigningKey {
    fn encode(&self) -> Vec<u8> {
        let KeySigningKey { name, kms_arn, caller_reference, public_key, status, created_ms, modified_ms } = &self.key;
        v1::encode(&KeySigningKeyV1 {
            name: name.as_str(),
            kms_arn: kms_arn.as_str(),
            caller_reference,
            public_key,
            status: match status {
                KeyStatus::Active => KeyStatusV1::Active,
                KeyStatus::Inactive => KeyStatusV1::Inactive,
            },
            created_ms: *created_ms,
            modified_ms: *modified_ms,
            sealed: &self.sealed,
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let KeySigningKeyV1 { name, kms_arn, caller_reference, public_key, status, created_ms, modified_ms, sealed } =
            v1::decode(bytes)?;
        let key = KeySigningKey {
            name: KeySigningKeyName::parse(name).map_err(StoredFault::Id)?,
            kms_arn: KmsArn::parse(kms_arn).map_err(StoredFault::KmsArn)?,
            caller_reference: caller_reference.to_owned(),
            public_key: public_key.try_into().map_err(|_| StoredFault::Number(public_key.len() as u64))?,
            status: match status {
                KeyStatusV1::Active => KeyStatus::Active,
                KeyStatusV1::Inactive => KeyStatus::Inactive,
            },
            created_ms,
            modified_ms,
        };
        Ok(Self { key, sealed: sealed.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let mut stored = StoredKeySigningKey {
            key: KeySigningKey {
                name: KeySigningKeyName::parse("ksk").unwrap(),
                kms_arn: KmsArn::parse("arn:a:kms:r:1:key/k").unwrap(),
                caller_reference: "ref".into(),
                public_key: [7; 64],
                status: KeyStatus::Active,
                created_ms: 1000,
                modified_ms: 1001,
            },
            sealed: vec![9, 8],
        };
        let golden = |status| {
            let head = b"\x01\x03ksk\x13arn:a:kms:r:1:key/k\x03ref\x40";
            [&head[..], &[7; 64], &[status, 0xe8, 7, 0xe9, 7, 2, 9, 8]].concat()
        };
        assert_eq!(stored.encode(), golden(0));
        assert!(StoredKeySigningKey::decode(&golden(0)).unwrap() == stored);
        stored.key.status = KeyStatus::Inactive;
        assert_eq!(stored.encode(), golden(1));
        assert!(StoredKeySigningKey::decode(&golden(1)).unwrap() == stored);
    }
}
