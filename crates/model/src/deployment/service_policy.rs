//! What holds for every release of a service: what others may do meanwhile, what happens when it is busy, when it may
//! move, and who must agree before it begins.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{DriftPolicy, ManualGate, Notify, Period, Window};

/// The rules for every release of a service. A deployment keeps them as they were when it was created.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServicePolicy {
    /// When others change weights that a deployment owns.
    #[serde(skip_serializing_if = "is_default")]
    pub drift: DriftPolicy,
    /// When a release is created while another runs.
    #[serde(skip_serializing_if = "is_default")]
    pub on_busy: OnBusy,
    /// When traffic may move forward. Freezes that are stored apart come on top.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// Who must agree before a release begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals: Option<ManualGate>,
    /// What may be written to the weights by others while a deployment runs.
    #[serde(skip_serializing_if = "is_default")]
    pub locking: Locking,
    /// When the environment that serves is unhealthy at the start of a release.
    #[serde(skip_serializing_if = "is_default")]
    pub stable_unhealthy: StableUnhealthy,
    /// Who hears of its releases, beside those that the server's configuration has hear of all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Notify>,
}

/// When a release is created while another of the service runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBusy {
    /// It is refused.
    #[default]
    Reject,
    /// It waits for its turn, first come, first served.
    Queue(Queue),
    /// The running one goes back, those that wait are cancelled, then the new one starts.
    Supersede,
}

/// How many may wait, and how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Releases that may wait; default 5.
    pub max: usize,
    /// One that has waited so long is cancelled; default 24 h.
    pub ttl: Period,
}

/// What others may write to the weights while a deployment runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Locking {
    /// Anything; it is noticed as drift.
    #[default]
    Advisory,
    /// Nothing: a change batch that touches the name and type is refused.
    Hard,
}

/// When the environment that serves is unhealthy at the start of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StableUnhealthy {
    /// The plan is kept; a person may promote.
    #[default]
    Keep,
    /// Holds are skipped: the release may be the cure. Health, analyses and gates are still asked.
    FastForward,
}

impl ServicePolicy {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        is_default(self)
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { max: 5, ttl: Period::from_seconds(86_400) }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// `"reject"`, `"queue"`, `"supersede"`, or `{"queue": {"max": 3, "ttl": "1h"}}`.
impl<'de> Deserialize<'de> for OnBusy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Word {
            Reject,
            Queue,
            Supersede,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Full {
            Queue(Queue),
        }
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected reject, queue, supersede, or {\"queue\": {\"max\": 5, \"ttl\": \"24h\"}}"
        )]
        enum Form {
            Word(Word),
            Full(Full),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Word(Word::Reject) => Self::Reject,
            Form::Word(Word::Queue) => Self::Queue(Queue::default()),
            Form::Word(Word::Supersede) => Self::Supersede,
            Form::Full(Full::Queue(queue)) => Self::Queue(queue),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_and_written_in_the_same_words() {
        for text in [
            "{}",
            r#"{"drift":"reassert","on_busy":"supersede","locking":"hard","stable_unhealthy":"fast_forward"}"#,
            r#"{"notify":[{"to":"ops"},{"to":"desk","events":["paused","rollback_blocked"]}]}"#,
            r#"{"on_busy":{"queue":{"max":2,"ttl":"1h"}},"windows":[{"deny":"Fri 16:00-Mon 07:00 Europe/Prague"}]}"#,
        ] {
            let policy: ServicePolicy = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&policy).unwrap(), text);
        }
        let queued: ServicePolicy = serde_json::from_str(r#"{"on_busy":"queue"}"#).unwrap();
        assert_eq!(queued.on_busy, OnBusy::Queue(Queue { max: 5, ttl: Period::from_seconds(86_400) }));
        for wrong in [r#"{"on_busy":"wait"}"#, r#"{"drift":"ignore"}"#, r#"{"window":[]}"#] {
            assert!(serde_json::from_str::<ServicePolicy>(wrong).is_err(), "{wrong}");
        }
    }
}
