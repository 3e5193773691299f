//! `cutover config check`: what the server would run with, every default filled in.

use clap::Subcommand;

use crate::config::Flags;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Read file, environment and flags, and print the result as TOML.
    Check {
        #[command(flatten)]
        flags: Flags,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Verb {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self::Check { flags, json } = self;
        let config = flags.resolve()?;
        config.place_sources()?.compile()?;
        config.dns.check_secrets(&config.data)?;
        if json {
            println!("{}", serde_json::to_string_pretty(&config)?);
        } else {
            print!("{}", toml::to_string_pretty(&config)?);
        }
        Ok(())
    }
}
