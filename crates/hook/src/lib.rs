//! Calling hooks: other people's programs, by a signed POST or as a command of this host, bounded in time and in bytes.
//!
//! **What it is.** [`Caller::call`] takes a [`HookCall`] with every text filled in and gives a [`HookOutcome`]; it never
//! fails otherwise. `http` posts, tries again and tells answers apart; `connect` opens streams; `sign` makes the
//! signature; `command` runs programs.
//!
//! **What it is not.** It knows no deployments: when to call, and what an answer means to a release, is decided in
//! `deploy`. It remembers nothing: calling twice under one id is the hook's own business, which is why the id goes along.
//!
//! **Invariants.** A call ends: at most [`Config::attempts`] times the time for a connection, once the hook's own
//! timeout, and the waits between. An endpoint that has the request and says nothing is not asked twice, since it may be
//! at work. A command runs only if the configuration allows commands, from one directory, without a shell, in a process
//! group that is ended as a whole.
//!
//! **How it is tested.** `tests` use real sockets on loopback and real processes.
#![forbid(unsafe_code)]

mod command;
mod connect;
mod http;
mod sign;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use model::deployment::{HookCall, HookOutcome, HookTarget};

/// What hooks may do here.
#[derive(Clone)]
pub struct Config {
    /// The directory whose programs may be run; none: no commands.
    pub commands: Option<PathBuf>,
    /// Secrets to sign with, by the name that hooks call them by.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// How often a POST is tried when there is no connection or the answer is 5xx or 429; at least 1.
    pub attempts: u32,
    /// The wait before the second try, doubled for each further one; the real wait is between half of it and all of it.
    pub backoff: Duration,
    /// How long a command that is told to end (SIGTERM) may take before it is killed.
    pub grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            commands: None,
            secrets: BTreeMap::new(),
            // 0.5 + 1 + 2 s: outlasts a restart of a small service, and nobody waits long for a lost one.
            attempts: 4,
            backoff: Duration::from_millis(500),
            grace: Duration::from_secs(5),
        }
    }
}

/// Calls hooks. One for the whole process is enough; it keeps no connections.
pub struct Caller {
    config: Config,
    connector: connect::Connector,
}

impl Caller {
    /// For https the roots are the file named by `SSL_CERT_FILE`, else the system's own.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, connector: connect::Connector::default() }
    }

    /// Calls once, which may be several tries of a POST. Dropping the future ends the command that it runs.
    pub async fn call(&self, call: &HookCall) -> HookOutcome {
        match &call.target {
            HookTarget::Http(hook) => http::call(&self.config, &self.connector, call, hook).await,
            HookTarget::Exec(hook) => command::call(&self.config, call, hook).await,
        }
    }
}

impl std::fmt::Debug for Caller {
    /// Without the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.config.secrets.keys().collect();
        f.debug_struct("Caller").field("commands", &self.config.commands).field("secrets", &names).finish()
    }
}
