//! Access keys: who may call the API, and what each may do. Secrets are not part of the noun: they are sealed in the
//! store and seen only by whoever checks a signature.

use crate::id::AccessKeyId;
use crate::policy::{Json, Policy, PolicyFault, named};

/// Longest name of a key, in characters.
pub const NAME_CHARS_MAX: usize = 128;

/// Most policies of a key: AWS's quota for a user.
pub const POLICIES_MAX: usize = 10;

/// Sessions of one key that have not ended. Ours: a row each is kept until a day after its end, and a key that may open
/// sessions must not fill the store with them; a pipeline that opens one a minute for an hour each holds 60.
pub const SESSIONS_PER_KEY_MAX: usize = 1000;

/// Shortest life of a session, in seconds. AWS: 15 minutes; ours may be shorter, as a job in a pipeline is.
pub const SESSION_SECONDS_MIN: u64 = 60;

/// Longest life of a session, in seconds. AWS: 36 hours.
pub const SESSION_SECONDS_MAX: u64 = 36 * 3600;

/// An access key, or a session of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `CUTO`, or `CUTS` for a session, and 16 upper-case letters and digits.
    pub id: AccessKeyId,
    /// Whose it is, such as `terraform`; what policies call `aws:username`. Several keys may have one name.
    pub name: String,
    /// What it may do: what any of them allows and none denies. For a session, what it may do at most; with none it may
    /// do what its key may.
    pub policies: Vec<KeyPolicy>,
    /// Milliseconds since 1970-01-01 UTC.
    pub created_ms: u64,
    /// What makes it a session.
    pub session: Option<Session>,
}

/// Temporary credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The key that it stands for; when that is deleted, the session ends.
    pub of: AccessKeyId,
    /// Milliseconds since 1970-01-01 UTC.
    pub expires_ms: u64,
}

/// A policy as a key holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPolicy {
    /// Everything.
    FullAccess,
    /// All reading but of keys.
    ReadOnly,
    /// A document, in compact JSON. It was understood when it was attached.
    Document(String),
}

/// Why a policy is not attached to a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyPolicyFault {
    /// No policy has this name.
    #[error("no policy has this name; there are full-access, read-only and acme:NAME, or give a document: {0}")]
    Name(String),
    /// The document is no policy.
    #[error(transparent)]
    Document(#[from] PolicyFault),
}

/// Why a text is no name of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key's name has 1 to {NAME_CHARS_MAX} characters and no control characters: {0:?}")]
pub struct KeyNameFault(pub String);

impl AccessKey {
    /// Judges a name.
    ///
    /// # Errors
    /// It is empty, too long, or would break a line of the log.
    pub fn check_name(name: &str) -> Result<(), KeyNameFault> {
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(KeyNameFault(name.to_owned()));
        }
        Ok(())
    }
}

impl KeyPolicy {
    /// Reads a name (`full-access`, `read-only`) or a document.
    ///
    /// # Errors
    /// See [`KeyPolicyFault`].
    pub fn parse(text: &str) -> Result<Self, KeyPolicyFault> {
        match text {
            "full-access" => Ok(Self::FullAccess),
            "read-only" => Ok(Self::ReadOnly),
            text if text.trim_start().starts_with('{') => {
                Policy::parse(text)?;
                let json: Json = serde_json::from_str(text).expect("a policy is JSON");
                let compact = json.to_string();
                // A number may be longer now, and what is kept must be a policy when it is read again.
                Policy::parse(&compact)?;
                Ok(Self::Document(compact))
            }
            other => Err(KeyPolicyFault::Name(other.to_owned())),
        }
    }

    /// Its name; a document has none.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::FullAccess => Some("full-access"),
            Self::ReadOnly => Some("read-only"),
            Self::Document(_) => None,
        }
    }

    /// Its document.
    #[must_use]
    pub fn document(&self) -> &str {
        match self {
            Self::FullAccess => named::FULL_ACCESS,
            Self::ReadOnly => named::READ_ONLY,
            Self::Document(text) => text,
        }
    }

    /// What it says.
    ///
    /// # Errors
    /// The document is one that this program does not understand.
    pub fn policy(&self) -> Result<Policy, PolicyFault> {
        Policy::parse(self.document())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_a_name_or_a_document() {
        assert_eq!(KeyPolicy::parse("full-access"), Ok(KeyPolicy::FullAccess));
        let text = " {\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}\n";
        let document = KeyPolicy::parse(text).unwrap();
        assert_eq!(document.document(), r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
        assert!(document.policy().is_ok() && document.name().is_none());
        assert!(matches!(KeyPolicy::parse("fullaccess"), Err(KeyPolicyFault::Name(_))));
        assert!(matches!(KeyPolicy::parse("{}"), Err(KeyPolicyFault::Document(_))));
    }

    #[test]
    fn what_is_kept_can_be_read_again() {
        // Six characters become 302 in compact JSON, which is what would be stored.
        let numbers = vec!["1e300"; 30].join(",");
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"NumericEquals":{{"aws:EpochTime":[{numbers}]}}}}}}}}"#
        );
        assert!(Policy::parse(&text).is_ok());
        assert!(matches!(KeyPolicy::parse(&text), Err(KeyPolicyFault::Document(PolicyFault::TooLong { .. }))));
    }

    #[test]
    fn a_name_fits_into_a_line() {
        assert!(AccessKey::check_name("CI of shop (eu)").is_ok());
        for name in ["", "a\nb", &"x".repeat(129)] {
            assert!(AccessKey::check_name(name).is_err(), "{name}");
        }
    }
}
