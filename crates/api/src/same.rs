//! Comparing what is secret, in a time that tells nothing about it.

use ring::hmac;
use ring::rand::SystemRandom;

/// Whether two texts are the same. Tags under a key of the moment are compared: what can be timed is the comparison of
/// two numbers that nobody can predict. Without randomness nothing is the same.
pub(crate) fn same(given: &[u8], known: &[u8]) -> bool {
    let Ok(key) = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()) else { return false };
    hmac::verify(&key, given, hmac::sign(&key, known).as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn only_the_same_is_the_same() {
        assert!(same(b"token", b"token") && same(b"", b""));
        assert!(!same(b"token", b"tokem") && !same(b"token", b"toke") && !same(b"", b"t"));
    }
}
