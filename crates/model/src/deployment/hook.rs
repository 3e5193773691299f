//! Hooks: other people's programs that a deployment calls, over HTTP or as a command of this host.
//!
//! Here is what a user writes ([`Hook`]), what is to be done once ([`HookCall`]) and what came of it ([`HookOutcome`]).
//! When hooks are called and what their answers mean is decided in `deploy`; calling is done by the crate `hook`.
//!
//! Left out on purpose: secrets (a hook names one of the configuration's), shells, redirects, credentials in URLs.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Period;

/// Characters of output that are kept of one call, in bytes: 64 KiB.
pub const HOOK_OUTPUT_MAX: usize = 64 * 1024;

/// What to call, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
pub struct Hook {
    /// The points of a release at which it is called. One without any is called by its name only.
    pub at: Vec<HookPoint>,
    /// What to call.
    pub target: HookTarget,
    /// Handed to it as they are, for what only the user knows.
    pub args: BTreeMap<String, String>,
    /// At the points where a failure is counted: more failures than this fail the release. Default 0.
    pub failure_limit: u32,
    /// How long to wait before a hook that says "not yet", or that is asked again and again, is called once more, unless
    /// it says so itself; default 10 s.
    pub every: Period,
    /// For so long a hook may say "not yet" where its work is waited for; default 1 h.
    pub deadline: Period,
    /// After a crash of the server, and when a connection breaks before the answer, nobody knows whether a hook that was
    /// being called has done its work. It is called again under the same id, or the release pauses for a person if this is
    /// false. Default true.
    pub retry_in_doubt: bool,
}

/// Whom a hook calls. Texts may hold `{{name}}` for what a deployment knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookTarget {
    /// A POST.
    Http(HttpHook),
    /// A program on this host. Off unless the configuration allows it.
    Exec(ExecHook),
}

/// A POST with a JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpHook {
    /// `http://` or `https://`, without credentials.
    pub url: String,
    /// For one answer; default 15 s.
    #[serde(default = "default_timeout")]
    pub timeout: Period,
    /// The name of a secret in the configuration to sign the body with; default: not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A program, run without a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecHook {
    /// A file in the directory that the configuration allows: its name there, or its absolute path.
    pub program: String,
    /// What it gets, one word each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Until it is ended; default 15 s.
    #[serde(default = "default_timeout")]
    pub timeout: Period,
}

/// A point of a release at which hooks are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookPoint {
    /// Before anything is looked at; waited for.
    ConfirmRollout,
    /// After that and before the record sets are looked at. A failure ends the release.
    PrePrepare,
    /// After the new environment is healthy and before anything moves. A failure ends the release.
    PreRollout,
    /// Before each shift that gives the new environment more; waited for.
    ConfirmWeightIncrease,
    /// After each step. Failures are counted.
    PostStep,
    /// Before the shift that gives the new environment everything; waited for.
    ConfirmPromotion,
    /// After that shift has settled. A failure fails the release.
    PostPromotion,
    /// After the end. Only told.
    PostRollout,
    /// Called again and again while traffic is on the new environment, but not in a pause. Failures are counted.
    During,
    /// Asked again and again while traffic is on the new environment: a pass means "roll back".
    RollbackCheck,
    /// At the begin of a rollback. Only told.
    OnRollback,
    /// Before each shift, to give the environments the size that it needs. A failure fails the release.
    Scale,
}

/// Names one call of one deployment; calling twice under the same id is meant to be calling once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HookCallId(pub String);

/// One call, with every text filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookCall {
    /// Its id: the `Idempotency-Key` of a POST and the `CUTOVER_OP_ID` of a command.
    pub id: HookCallId,
    /// For logs.
    pub name: String,
    /// Whom to call.
    pub target: HookTarget,
    /// JSON: the body of a POST, the standard input of a command.
    pub body: String,
    /// The environment of a command besides `PATH`; names begin with `CUTOVER_`.
    pub variables: BTreeMap<String, String>,
    /// Whether it may be sent again when one before may have arrived: the hook's `retry_in_doubt`.
    pub may_repeat: bool,
}

/// What a call was answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookOutcome {
    /// What it means.
    pub answer: HookAnswer,
    /// The HTTP status or the exit code, if it came to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// For people: `status 200`, `exit code 1`, or what went wrong.
    pub text: String,
    /// The first [`HOOK_OUTPUT_MAX`] bytes of the body, or of standard output.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// The same of a command's standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub errors: String,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookAnswer {
    /// Done: a status 2xx, exit code 0.
    Pass,
    /// Not yet: status 202 or `IN_PROGRESS` in the body, exit code 75. Call again under the same id, after this time if
    /// it said one.
    Wait(Option<Period>),
    /// No: a status 4xx, any other exit code.
    Fail,
    /// Nobody said anything that counts: no connection, no answer in time, status 5xx or 429 again and again, a command
    /// that may not or could not be run.
    Error,
    /// It was sent, nobody answered, and it must not be sent twice: whether it did its work is for a person to find out.
    InDoubt,
}

const fn default_timeout() -> Period {
    Period::from_seconds(15)
}

const fn default_every() -> Period {
    Period::from_seconds(10)
}

const fn default_deadline() -> Period {
    Period::from_seconds(3_600)
}

const fn default_true() -> bool {
    true
}

/// A hook as users write it: `http` or `exec` beside the rest.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    at: Vec<HookPoint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http: Option<HttpHook>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exec: Option<ExecHook>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    args: BTreeMap<String, String>,
    #[serde(default)]
    failure_limit: u32,
    #[serde(default = "default_every")]
    every: Period,
    #[serde(default = "default_deadline")]
    deadline: Period,
    #[serde(default = "default_true")]
    retry_in_doubt: bool,
}

impl TryFrom<Written> for Hook {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { at, http, exec, args, failure_limit, every, deadline, retry_in_doubt } = written;
        let target = match (http, exec) {
            (Some(http), None) => HookTarget::Http(http),
            (None, Some(exec)) => HookTarget::Exec(exec),
            (None, None) => return Err("a hook needs `http` or `exec`"),
            (Some(_), Some(_)) => return Err("a hook has `http` or `exec`, not both"),
        };
        Ok(Self { at, target, args, failure_limit, every, deadline, retry_in_doubt })
    }
}

impl From<Hook> for Written {
    fn from(hook: Hook) -> Self {
        let Hook { at, target, args, failure_limit, every, deadline, retry_in_doubt } = hook;
        let (http, exec) = match target {
            HookTarget::Http(http) => (Some(http), None),
            HookTarget::Exec(exec) => (None, Some(exec)),
        };
        Self { at, http, exec, args, failure_limit, every, deadline, retry_in_doubt }
    }
}

impl Hook {
    /// A hook with every default, called where it stands.
    #[must_use]
    pub fn of(target: HookTarget) -> Self {
        Self {
            at: Vec::new(),
            target,
            args: BTreeMap::new(),
            failure_limit: 0,
            every: default_every(),
            deadline: default_deadline(),
            retry_in_doubt: true,
        }
    }
}

impl HookTarget {
    /// The time for one answer.
    #[must_use]
    pub const fn timeout(&self) -> Period {
        match self {
            Self::Http(http) => http.timeout,
            Self::Exec(exec) => exec.timeout,
        }
    }
}

impl HookOutcome {
    /// An outcome without output.
    #[must_use]
    pub fn new(answer: HookAnswer, text: impl Into<String>) -> Self {
        Self { answer, code: None, text: text.into(), output: String::new(), errors: String::new() }
    }
}

impl HookPoint {
    /// Its name as users write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConfirmRollout => "confirm_rollout",
            Self::PreRollout => "pre_rollout",
            Self::ConfirmWeightIncrease => "confirm_weight_increase",
            Self::PrePrepare => "pre_prepare",
            Self::During => "during",
            Self::PostStep => "post_step",
            Self::ConfirmPromotion => "confirm_promotion",
            Self::PostPromotion => "post_promotion",
            Self::PostRollout => "post_rollout",
            Self::RollbackCheck => "rollback_check",
            Self::OnRollback => "on_rollback",
            Self::Scale => "scale",
        }
    }
}

impl fmt::Display for HookPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for HookCallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_calls_one_thing_and_has_defaults() {
        let read = |text: &str| serde_json::from_str::<Hook>(text).map_err(|error| error.to_string());
        let hook = read(r#"{"http":{"url":"http://ci/{{service}}"},"at":["post_step"]}"#).unwrap();
        assert_eq!((hook.target.timeout(), hook.every), (Period::from_seconds(15), Period::from_seconds(10)));
        assert!(hook.retry_in_doubt);
        assert_eq!(hook, read(&serde_json::to_string(&hook).unwrap()).unwrap());
        assert!(read(r#"{"at":["post_step"]}"#).unwrap_err().contains("needs `http` or `exec`"));
        let both = r#"{"http":{"url":"http://ci/"},"exec":{"program":"smoke"}}"#;
        assert!(read(both).unwrap_err().contains("not both"));
        assert!(read(r#"{"exec":{"program":"smoke","shell":true}}"#).unwrap_err().contains("unknown field `shell`"));
    }

    #[test]
    fn points_have_one_name() {
        for point in [HookPoint::PreRollout, HookPoint::ConfirmWeightIncrease, HookPoint::OnRollback] {
            assert_eq!(serde_json::to_string(&point).unwrap(), format!("\"{point}\""));
        }
    }
}
