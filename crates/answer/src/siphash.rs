//! SipHash-2-4 (Aumasson and Bernstein, 2012), the keyed hash of DNS cookies (RFC 9018 §4.4).
//!
//! The standard library has it only in a deprecated type, which the test here is compared with. Left out on purpose:
//! other numbers of rounds, and hashing in pieces: a cookie's input is at most 32 bytes.

/// The hash of `bytes` under `key`, as a number whose little-endian bytes are what protocols write.
pub(crate) fn siphash24(key: &[u8; 16], bytes: &[u8]) -> u64 {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let (k0, k1) = (word(&key[..8]), word(&key[8..]));
    let mut state = State([
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ]);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        state.absorb(word(chunk));
    }
    let mut last = [0; 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    last[7] = bytes.len().to_le_bytes()[0];
    state.absorb(u64::from_le_bytes(last));
    state.finish()
}

struct State([u64; 4]);

impl State {
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }

    fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        for _ in 0..4 {
            self.round();
        }
        self.0.into_iter().fold(0, |all, v| all ^ v)
    }

    fn round(&mut self) {
        let [mut v0, mut v1, mut v2, mut v3] = self.0;
        v0 = v0.wrapping_add(v1);
        v2 = v2.wrapping_add(v3);
        v1 = v1.rotate_left(13) ^ v0;
        v3 = v3.rotate_left(16) ^ v2;
        v0 = v0.rotate_left(32);
        v2 = v2.wrapping_add(v1);
        v0 = v0.wrapping_add(v3);
        v1 = v1.rotate_left(17) ^ v2;
        v3 = v3.rotate_left(21) ^ v0;
        v2 = v2.rotate_left(32);
        self.0 = [v0, v1, v2, v3];
    }
}

#[cfg(test)]
mod tests {
    use super::siphash24;

    #[test]
    fn the_vector_of_the_paper() {
        let key: [u8; 16] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let bytes: Vec<u8> = (0..15).collect();
        assert_eq!(siphash24(&key, &bytes), 0xa129_ca61_49be_45e5);
    }

    #[test]
    #[allow(deprecated, reason = "another implementation to compare with")]
    fn it_is_what_the_standard_library_says() {
        use std::hash::{Hasher as _, SipHasher};
        let key: [u8; 16] = std::array::from_fn(|i| u8::try_from(i * 37 % 251).unwrap());
        let half = |at: usize| u64::from_le_bytes(key[at..at + 8].try_into().unwrap());
        for length in 0..64u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(7)).collect();
            let mut other = SipHasher::new_with_keys(half(0), half(8));
            other.write(&bytes);
            assert_eq!(siphash24(&key, &bytes), other.finish(), "{length} bytes");
        }
    }
}
