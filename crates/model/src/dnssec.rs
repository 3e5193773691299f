//! Key-signing keys: the public half of one, and what DNS and the parent zone are told of it.
//!
//! Always ECDSA with P-256 and SHA-256, as Route 53's. Left out on purpose: private keys, which `control` seals; hashing,
//! which it does; signing, which nobody does yet.

use domain::utils::base64;

use crate::Name;
use crate::id::KeySigningKeyName;

/// Flags of a key-signing key: zone key and secure entry point (RFC 4034 §2.1.1).
pub const FLAGS: u16 = 257;
/// Protocol of every DNSKEY record (RFC 4034 §2.1.2).
pub const PROTOCOL: u8 = 3;
/// ECDSAP256SHA256 (RFC 6605).
pub const ALGORITHM: u8 = 13;
/// SHA-256 digests in DS records (RFC 4509).
pub const DIGEST: u8 = 2;
/// Both coordinates of a point (RFC 6605 §4).
pub const PUBLIC_KEY_BYTES: usize = 64;

/// A key-signing key of a hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySigningKey {
    /// Unique in its zone.
    pub name: KeySigningKeyName,
    /// What the caller named as its key; unique in the zone.
    pub kms_arn: KmsArn,
    /// What the caller chose to make its request unrepeatable; unique among the keys of the zone.
    pub caller_reference: String,
    /// X and Y, as in the DNSKEY record.
    pub public_key: [u8; PUBLIC_KEY_BYTES],
    /// Whether it is to sign.
    pub status: KeyStatus,
    /// Milliseconds since 1970-01-01 UTC.
    pub created_ms: u64,
    /// Milliseconds since 1970-01-01 UTC: when its status was set.
    pub modified_ms: u64,
}

/// What a key-signing key is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStatus {
    /// Sign, once its zone is signed.
    Active,
    /// Nothing; it can be deleted.
    Inactive,
}

/// Why a status is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the status of a new key-signing key is ACTIVE or INACTIVE: {0}")]
pub struct KeyStatusFault(String);

impl KeyStatus {
    /// Reads Route 53's word.
    ///
    /// # Errors
    /// It is neither of the two that a caller can ask for.
    pub fn parse(text: &str) -> Result<Self, KeyStatusFault> {
        match text {
            "ACTIVE" => Ok(Self::Active),
            "INACTIVE" => Ok(Self::Inactive),
            other => Err(KeyStatusFault(other.to_owned())),
        }
    }

    /// Route 53's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }
}

/// The ARN of a key in AWS's Key Management Service. Here it is a name for a key that is made and kept locally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsArn(String);

/// Why a text is no ARN of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the ARN of a key, such as arn:aws:kms:us-east-1:111122223333:key/ksk: {0}")]
pub struct KmsArnFault(String);

impl KmsArn {
    /// `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`; which of them does not matter.
    ///
    /// # Errors
    /// The text has another form.
    pub fn parse(text: &str) -> Result<Self, KmsArnFault> {
        let fault = || KmsArnFault(text.chars().take(256).collect());
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "kms", region, account, resource] = parts[..] else { return Err(fault()) };
        let id = resource.strip_prefix("key/").unwrap_or_default();
        let word =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        let known = [partition, region, id].into_iter().all(word) && account.bytes().all(|b| b.is_ascii_digit());
        if !known || account.is_empty() || text.len() > 2048 {
            return Err(fault());
        }
        Ok(Self(text.to_owned()))
    }

    /// As the caller wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KeySigningKey {
    /// The RDATA of its DNSKEY record (RFC 4034 §2.1).
    #[must_use]
    pub fn rdata(&self) -> Vec<u8> {
        [&FLAGS.to_be_bytes()[..], &[PROTOCOL, ALGORITHM], &self.public_key].concat()
    }

    /// What tells it apart from the other keys of its zone, mostly (RFC 4034 appendix B).
    #[must_use]
    pub fn tag(&self) -> u16 {
        let sum: u32 = self.rdata().as_chunks().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
        // 34 pairs stay below 2^22: folding once loses nothing, the second carry is cut off as RFC 4034 has it.
        u16::try_from((sum + (sum >> 16)) & 0xffff).expect("16 bits")
    }

    /// What the digest of its DS record is of (RFC 4034 §5.1.4).
    #[must_use]
    pub fn digest_input(&self, zone: &Name) -> Vec<u8> {
        [zone.wire(), &self.rdata()].concat()
    }

    /// The public key in base 64.
    #[must_use]
    pub fn public_key_text(&self) -> String {
        base64::encode_string(&self.public_key)
    }

    /// The RDATA of its DNSKEY record as text.
    #[must_use]
    pub fn dnskey(&self) -> String {
        format!("{FLAGS} {PROTOCOL} {ALGORITHM} {}", self.public_key_text())
    }

    /// The RDATA of its DS record as text, from the digest in hexadecimal digits.
    #[must_use]
    pub fn ds(&self, digest: &str) -> String {
        format!("{} {ALGORITHM} {DIGEST} {digest}", self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6605 §6.1.
    #[test]
    fn the_key_of_the_rfc_has_its_tag_and_records() {
        let text = "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
        let public_key: Vec<u8> = base64::decode(text).unwrap();
        let key = KeySigningKey {
            name: KeySigningKeyName::parse("ksk").unwrap(),
            kms_arn: KmsArn::parse("arn:aws:kms:us-east-1:111122223333:key/k").unwrap(),
            caller_reference: "r".into(),
            public_key: public_key.try_into().unwrap(),
            status: KeyStatus::Active,
            created_ms: 0,
            modified_ms: 0,
        };
        assert_eq!(key.tag(), 55648);
        assert_eq!(key.dnskey(), format!("257 3 13 {text}"));
        assert_eq!(key.ds("B4C8"), "55648 13 2 B4C8");
        assert!(
            key.digest_input(&Name::parse("example.net").unwrap()).starts_with(b"\x07example\x03net\0\x01\x01\x03\x0d")
        );
    }

    #[test]
    fn what_names_no_key_is_no_arn() {
        for good in ["arn:aws:kms:us-east-1:1:key/k", "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd"] {
            assert_eq!(KmsArn::parse(good).unwrap().as_str(), good);
        }
        let id = "k".repeat(2048);
        for bad in [
            "",
            "k",
            "arn:aws:kms:us-east-1:1:alias/k",
            "arn:aws:kms:us-east-1:1:key/",
            "arn:aws:kms:us-east-1::key/k",
            "arn:aws:kms::1:key/k",
            "arn:aws:s3:us-east-1:1:key/k",
            "arn:aws:kms:us-east-1:one:key/k",
            "arn:aws:kms:us-east-1:1:key/k k",
            &format!("arn:aws:kms:us-east-1:1:key/{id}"),
        ] {
            assert!(KmsArn::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(KeyStatus::parse("INACTIVE").unwrap().as_str(), "INACTIVE");
        assert!(KeyStatus::parse("DELETING").is_err());
    }
}
