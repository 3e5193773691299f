//! Tags: short texts that customers hang on hosted zones and health checks, and the rules of changing them.

use std::collections::BTreeMap;

use crate::id::{HealthCheckId, HostedZoneId};
use crate::limits::{TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_PER_CALL_MAX, TAGS_PER_RESOURCE_MAX};

/// What can carry tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taggable {
    /// `hostedzone`.
    HostedZone(HostedZoneId),
    /// `healthcheck`.
    HealthCheck(HealthCheckId),
}

/// The tags of one resource, by key.
pub type Tags = BTreeMap<String, String>;

/// One request to change tags: removals first, then additions; an added key replaces the old value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Keys and values to set, at most ten.
    pub add: Vec<(String, String)>,
    /// Keys to remove, at most ten; unknown keys are no fault.
    pub remove: Vec<String>,
}

/// Why tags cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagFault {
    /// Neither additions nor removals.
    #[error("name at least one tag to add or remove")]
    Nothing,
    /// More than ten in one call.
    #[error("at most {TAGS_PER_CALL_MAX} tags can be added or removed in one call: {0}")]
    TooManyInCall(usize),
    /// The resource would carry more than fifty.
    #[error("a resource can carry at most {TAGS_PER_RESOURCE_MAX} tags: {0}")]
    TooManyOnResource(usize),
    /// The key is empty or longer than 128 characters.
    #[error("a tag key must have 1 to {TAG_KEY_CHARS_MAX} characters: {0}")]
    Key(String),
    /// The value is longer than 256 characters.
    #[error("a tag value can have at most {TAG_VALUE_CHARS_MAX} characters: {0}")]
    Value(String),
}

impl TagChange {
    /// The tags after the change.
    ///
    /// # Errors
    /// The first [`TagFault`] found.
    pub fn apply(&self, tags: &Tags) -> Result<Tags, TagFault> {
        if self.add.is_empty() && self.remove.is_empty() {
            return Err(TagFault::Nothing);
        }
        let most = self.add.len().max(self.remove.len());
        if most > TAGS_PER_CALL_MAX {
            return Err(TagFault::TooManyInCall(most));
        }
        for key in self.add.iter().map(|(key, _)| key).chain(&self.remove) {
            if key.is_empty() || key.chars().count() > TAG_KEY_CHARS_MAX {
                return Err(TagFault::Key(key.clone()));
            }
        }
        let mut after = tags.clone();
        for key in &self.remove {
            after.remove(key);
        }
        for (key, value) in &self.add {
            if value.chars().count() > TAG_VALUE_CHARS_MAX {
                return Err(TagFault::Value(value.clone()));
            }
            after.insert(key.clone(), value.clone());
        }
        if after.len() > TAGS_PER_RESOURCE_MAX {
            return Err(TagFault::TooManyOnResource(after.len()));
        }
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(add: &[(&str, &str)], remove: &[&str]) -> TagChange {
        TagChange {
            add: add.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect(),
            remove: remove.iter().map(|&k| k.to_owned()).collect(),
        }
    }

    #[test]
    fn adding_a_known_key_replaces_its_value() {
        let before = change(&[("a", "1"), ("b", "2")], &[]).apply(&Tags::new()).unwrap();
        let after = change(&[("b", "3")], &["a", "unknown"]).apply(&before).unwrap();
        assert_eq!(after.into_iter().collect::<Vec<_>>(), [("b".to_owned(), "3".to_owned())]);
    }

    #[test]
    fn limits_are_told() {
        let eleven: Vec<(String, &str)> = (0..11).map(|i| (format!("k{i}"), "")).collect();
        let eleven: Vec<(&str, &str)> = eleven.iter().map(|(k, v)| (k.as_str(), *v)).collect();
        assert_eq!(change(&eleven, &[]).apply(&Tags::new()), Err(TagFault::TooManyInCall(11)));
        assert_eq!(change(&[], &[]).apply(&Tags::new()), Err(TagFault::Nothing));
        assert!(matches!(change(&[("", "")], &[]).apply(&Tags::new()), Err(TagFault::Key(_))));
        assert!(matches!(change(&[("k", &"v".repeat(257))], &[]).apply(&Tags::new()), Err(TagFault::Value(_))));
        let fifty: Tags = (0..50).map(|i| (format!("k{i}"), String::new())).collect();
        assert_eq!(change(&[("new", "")], &[]).apply(&fifty), Err(TagFault::TooManyOnResource(51)));
    }
}
