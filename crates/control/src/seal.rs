//! The seal on secrets: AES-256-GCM under a master key that is kept beside the store, not in it.
//!
//! So neither the database, nor its log, nor a backup of either tells a secret. What a secret is for is authenticated
//! with it: the sealed secret of one key is none under another id. Left out on purpose: where the master key is kept,
//! which is the binary's affair.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::draw::{self, Random};

/// Bytes of a master key.
pub const MASTER_KEY_BYTES: usize = 32;

/// Seals and opens. Nonces are random: 96 bits are enough for some billion secrets.
pub struct Seal(LessSafeKey);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// Under this master key.
    #[must_use]
    pub fn new(master: &[u8; MASTER_KEY_BYTES]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, master).expect("AES-256 has keys of 32 bytes")))
    }

    /// Nonce, sealed bytes and tag. Only the same purpose opens them.
    pub(crate) fn seal(&self, random: &Random, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = draw::bytes(random);
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut sealed)
            .expect("secrets are short");
        [&nonce[..], &sealed].concat()
    }

    /// What was sealed; none if the master key or the purpose is another, or the bytes were altered.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let mut bytes = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.0.open_in_place(nonce, Aad::from(purpose), &mut bytes).ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::random;

    #[test]
    fn only_the_same_key_and_purpose_open() {
        let (seal, other) = (Seal::new(&[1; 32]), Seal::new(&[2; 32]));
        let sealed = seal.seal(&random(), "key/A", b"hush");
        assert_eq!(seal.open("key/A", &sealed).as_deref(), Some(&b"hush"[..]));
        assert_eq!(seal.open("key/B", &sealed), None);
        assert_eq!(other.open("key/A", &sealed), None);
        assert!(!sealed.windows(4).any(|window| window == b"hush"));
        assert_ne!(sealed, seal.seal(&random(), "key/A", b"hush"));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(seal.open("key/A", &altered), None);
        }
        assert_eq!(seal.open("key/A", &sealed[..8]), None);
    }
}
