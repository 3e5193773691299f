//! Access keys: who may call the API, in the form that SigV4 signs with.

use std::fmt;

use crate::id::AccessKeyId;

/// An access key.
///
/// SigV4 proves knowledge of the secret by a keyed hash over it, so the server must hold the secret itself and cannot
/// keep a hash instead. It is therefore stored in clear, in a folder that only the server's user can open.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `CUTO` and 16 upper-case letters and digits.
    pub id: AccessKeyId,
    /// 40 characters; never shown by `Debug`.
    pub secret: String,
    /// What the operator wrote beside it, such as `terraform`.
    pub comment: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub created_ms: u64,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).field("comment", &self.comment).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_secret() {
        let id = AccessKeyId::parse("CUTOAAAAAAAAAAAAAAAA").unwrap();
        let key = AccessKey { id, secret: "hush".into(), comment: "ci".into(), created_ms: 0 };
        assert!(!format!("{key:?}").contains("hush"));
    }
}
