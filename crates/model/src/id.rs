//! The registry of identifiers: one newtype per thing that has an id, so that no id is ever taken for another.
//!
//! The text forms are Route 53's: hosted zones `Z…`, changes `C…`, health checks a UUID. The prefixes that its API
//! puts before some of them (`/hostedzone/Z…`) are shapes of the API and die there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("{noun} is empty")]
    Empty {
        /// What was to be named.
        noun: &'static str,
    },
    /// The text is longer than the model allows.
    #[error("{noun} is longer than {max} characters: {text}")]
    TooLong {
        /// What was to be named.
        noun: &'static str,
        /// Most characters allowed.
        max: usize,
        /// The text as given.
        text: String,
    },
    /// A character that this kind of identifier never holds.
    #[error("{noun} holds a character that is not allowed: {text}")]
    Character {
        /// What was to be named.
        noun: &'static str,
        /// The text as given.
        text: String,
    },
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $noun:literal, $max:literal, $allowed:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads the bare form (no path prefix).
            ///
            /// # Errors
            /// Empty, too long, or a character outside the alphabet of this kind.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.is_empty() {
                    return Err(IdError::Empty { noun: $noun });
                }
                if text.chars().count() > $max {
                    return Err(IdError::TooLong { noun: $noun, max: $max, text: text.to_owned() });
                }
                let allowed: fn(char) -> bool = $allowed;
                if !text.chars().all(allowed) {
                    return Err(IdError::Character { noun: $noun, text: text.to_owned() });
                }
                Ok(Self(text.into()))
            }

            /// The bare form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "minLength": 1, "maxLength": $max, "description": $noun})
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }
    )*};
}

fn token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

ids! {
    /// A hosted zone: `Z` and upper-case alphanumerics, at most 32 characters (botocore `ResourceId`).
    HostedZoneId, "hosted zone id", 32, |c| c.is_ascii_alphanumeric();
    /// A change batch or another change whose spreading can be followed: `C` and upper-case alphanumerics.
    ChangeId, "change id", 32, |c| c.is_ascii_alphanumeric();
    /// A health check: a UUID on creation, at most 64 characters (botocore `HealthCheckId`).
    HealthCheckId, "health check id", 64, token;
    /// An access key: what SigV4 calls the credential's access key id.
    AccessKeyId, "access key id", 128, |c| c.is_ascii_alphanumeric();
    /// A deployment: 26 characters of Crockford base 32, sortable by time (a ULID).
    DeploymentId, "deployment id", 26, |c| c.is_ascii_alphanumeric();
    /// The name of a service that deployments release.
    ServiceName, "service name", 64, token;
    /// The name of an environment of a service, such as `blue`.
    EnvironmentName, "environment name", 64, token;
    /// An account of Route 53, or another endpoint of its API, as the configuration names it.
    AccountName, "account name", 64, token;
    /// A reusable delegation set: `N` and upper-case alphanumerics (botocore `ResourceId`).
    DelegationSetId, "delegation set id", 32, |c| c.is_ascii_alphanumeric();
    /// A CIDR collection: a UUID.
    CidrCollectionId, "CIDR collection id", 36, token;
    /// A traffic policy: a UUID (botocore `TrafficPolicyId`).
    TrafficPolicyId, "traffic policy id", 36, token;
    /// A traffic policy instance: a UUID (botocore `TrafficPolicyInstanceId`).
    TrafficPolicyInstanceId, "traffic policy instance id", 36, token;
    /// A query logging configuration: a UUID (botocore `QueryLoggingConfigId`).
    QueryLoggingConfigId, "query logging config id", 36, token;
    /// A key-signing key: 3–128 characters (botocore `SigningKeyName`); the API asks for the least.
    KeySigningKeyName, "key-signing key name", 128, |c| c.is_ascii_alphanumeric() || c == '_';
    /// A VPC: `vpc-…` (botocore `VPCId` allows 1024 characters; EC2 gives 12 or 21).
    VpcId, "VPC id", 64, token;
    /// An AWS region, or one of the operator's own, such as `eu-central-1`.
    Region, "region", 64, token;
    /// A Local Zone group, such as `us-east-1-bue-1` (botocore `LocalZoneGroup`).
    LocalZoneGroup, "Local Zone group", 64, token;
    /// A location of a CIDR collection; `*` is the default of a record set (botocore `CidrLocationNameDefaultAllowed`).
    CidrLocation, "CIDR location", 16, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*');
    /// What tells record sets of one name and type apart: 1–128 characters (botocore `ResourceRecordSetIdentifier`).
    SetIdentifier, "set identifier", 128, |c| !c.is_control();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_text_and_refuses_what_its_alphabet_does_not_hold() {
        assert_eq!(HostedZoneId::parse("Z1PA6795UKMFR9").unwrap().as_str(), "Z1PA6795UKMFR9");
        assert_eq!(HostedZoneId::parse(""), Err(IdError::Empty { noun: "hosted zone id" }));
        assert!(matches!(HostedZoneId::parse("/hostedzone/Z1"), Err(IdError::Character { .. })));
        assert!(matches!(SetIdentifier::parse(&"x".repeat(129)), Err(IdError::TooLong { max: 128, .. })));
        assert!(SetIdentifier::parse("eu west (main)").is_ok());
    }
}
