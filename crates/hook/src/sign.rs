//! The signature of a POST, by which a hook knows that the body is ours and new.
//!
//! HMAC-SHA256 over the time, a full stop and the body. The time is inside, so that an old request cannot be sent again
//! with a new time beside it.

use std::fmt::Write as _;

use ring::hmac;

/// `sha256=` and 64 hexadecimal digits.
pub(crate) fn signature(secret: &[u8], timestamp: u64, body: &str) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(timestamp.to_string().as_bytes());
    context.update(b".");
    context.update(body.as_bytes());
    let mut text = "sha256=".to_owned();
    for byte in context.sign().as_ref() {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret`
    #[test]
    fn it_is_what_others_compute() {
        let expected = "sha256=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686";
        assert_eq!(signature(b"secret", 1_700_000_000, r#"{"a":1}"#), expected);
    }
}
