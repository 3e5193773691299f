//! Query logging configurations: which zone's queries are written down, and under which log group.
//!
//! AWS names a log group of CloudWatch Logs by its ARN. Here the group's name becomes the name of a file; the rest of
//! the ARN is kept and shown as it came. Sources: API `CreateQueryLoggingConfig`; CloudWatch Logs API `CreateLogGroup`.

use std::fmt;

use crate::id::{HostedZoneId, QueryLoggingConfigId};

/// Characters of the name of a log group (CloudWatch Logs `LogGroupName`).
const NAME_CHARS_MAX: usize = 512;

/// The logging of one zone's queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryLoggingConfig {
    /// A UUID.
    pub id: QueryLoggingConfigId,
    /// The zone; one configuration each.
    pub zone: HostedZoneId,
    /// Where its lines go.
    pub log_group: LogGroupArn,
}

/// `arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com`, perhaps with `:*` behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroupArn {
    text: Box<str>,
    name: Box<str>,
}

/// A text that names no log group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogGroupError {
    /// Not an ARN of a log group.
    #[error(
        "a log group is named by its ARN, such as \
         arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com: {0}"
    )]
    Form(String),
    /// A name that CloudWatch Logs would not take.
    #[error("the name of a log group has 1 to 512 letters, digits and characters of -_/#.: {0}")]
    Name(String),
}

impl LogGroupArn {
    /// Reads an ARN. Any partition, region and account will do: no call goes there.
    ///
    /// # Errors
    /// See [`LogGroupError`].
    pub fn parse(text: &str) -> Result<Self, LogGroupError> {
        let form = || LogGroupError::Form(text.to_owned());
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        let [arn, partition, service, region, account, kind, name] = parts[..] else { return Err(form()) };
        let token = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
        let is_account = account.len() == 12 && account.bytes().all(|c| c.is_ascii_digit());
        if (arn, service, kind) != ("arn", "logs", "log-group") || !token(partition) || !token(region) || !is_account {
            return Err(form());
        }
        let name = name.strip_suffix(":*").unwrap_or(name);
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '#' | '.');
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(allowed) {
            return Err(LogGroupError::Name(name.to_owned()));
        }
        Ok(Self { text: text.into(), name: name.into() })
    }

    /// The ARN as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the group: `/aws/route53/example.com`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for LogGroupArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_kept_and_its_group_known() {
        for (text, name) in [
            ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com", "/aws/route53/example.com"),
            ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com:*", "/aws/route53/example.com"),
            ("arn:aws-cn:logs:cn-north-1:000000000000:log-group:q#1", "q#1"),
        ] {
            let arn = LogGroupArn::parse(text).unwrap();
            assert_eq!((arn.as_str(), arn.name()), (text, name));
        }
    }

    #[test]
    fn what_names_no_group_says_why() {
        for text in [
            "",
            "/aws/route53/example.com",
            "arn:aws:logs:us-east-1:123456789012:log-group",
            "arn:aws:s3:us-east-1:123456789012:log-group:x",
            "arn:aws:logs:us-east-1:1234:log-group:x",
            "arn:aws:logs::123456789012:log-group:x",
            "arn:aws:logs:us-east-1:123456789012:log-stream:x",
        ] {
            assert!(matches!(LogGroupArn::parse(text), Err(LogGroupError::Form(_))), "{text}");
        }
        let long = "x".repeat(513);
        for name in ["", ":*", "a b", "a:b", "a\\b", "é", &long] {
            let text = format!("arn:aws:logs:us-east-1:123456789012:log-group:{name}");
            assert!(matches!(LogGroupArn::parse(&text), Err(LogGroupError::Name(_))), "{text}");
        }
    }
}
