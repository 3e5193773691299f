//! The command line: one file per noun, one verb per variant. Every verb takes `--json`.

mod ask;
mod audit;
mod change_file;
mod config;
mod deploy;
mod document;
mod explain;
mod freeze;
mod keys;
mod octodns;
mod places;
mod places_update;
mod print;
mod service;
mod simulate;
mod yaml;
mod zone;
mod zone_changes;
mod zone_history;
mod zone_plan;
mod zone_sticky;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{DATA_DEFAULT, Flags};

/// Route 53 that you run yourself, with safe releases built in.
#[derive(Debug, Parser)]
#[command(name = "cutover", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: DNS, Route 53's API, health checks, deployments.
    Serve(Serve),
    /// See it work: three versions of a service, real DNS, a good release and a bad one.
    Demo(crate::demo::Options),
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        verb: config::Verb,
    },
    /// Access keys for Route 53's API and ours.
    Keys {
        #[command(subcommand)]
        verb: keys::Verb,
    },
    /// The audit log: who called the API, what for, and what they were told.
    Audit {
        #[command(subcommand)]
        verb: audit::Verb,
    },
    /// Hosted zones as zone files.
    Zone {
        #[command(subcommand)]
        verb: zone::Verb,
    },
    /// Where clients are, and how far from the regions.
    Places {
        #[command(subcommand)]
        verb: places::Verb,
    },
    /// Why a name is answered as it is, and the exact odds of every other answer.
    Explain(explain::Explain),
    /// Who gets what before and after a change, for the world or for your own clients. Code 2: something would change.
    Simulate(simulate::Simulate),
    /// Services: what deployments release.
    Service {
        #[command(subcommand)]
        verb: service::Verb,
    },
    /// Freezes: times when nothing of some services moves forward.
    Freeze {
        #[command(subcommand)]
        verb: freeze::Verb,
    },
    /// Deployments: plan, start, watch, steer.
    Deploy {
        #[command(subcommand)]
        verb: deploy::Verb,
    },
}

/// Flags of `serve`.
#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    flags: Flags,
    /// Print where it listens as JSON.
    #[arg(long)]
    json: bool,
}

/// Flags that every verb about a data folder has.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The data folder, with or without a server running on it.
    #[arg(long, value_name = "DIR", env = "CUTOVER_DATA", default_value = DATA_DEFAULT)]
    pub(crate) data: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Cli {
    /// Does what was asked; the code is for the shell.
    ///
    /// # Errors
    /// Whatever kept it from being done, in one line.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let done = |()| ExitCode::SUCCESS;
        match self.command {
            Command::Serve(serve) => crate::start::run(&serve.flags.resolve()?, serve.json).map(done),
            Command::Demo(options) => crate::demo::run(&options),
            Command::Config { verb } => verb.run().map(done),
            Command::Keys { verb } => verb.run(),
            Command::Audit { verb } => verb.run(),
            Command::Zone { verb } => verb.run(),
            Command::Places { verb } => verb.run(),
            Command::Explain(explain) => explain.run().map(done),
            Command::Simulate(simulate) => simulate.run(),
            Command::Service { verb } => verb.run(),
            Command::Freeze { verb } => verb.run(),
            Command::Deploy { verb } => verb.run(),
        }
    }
}
