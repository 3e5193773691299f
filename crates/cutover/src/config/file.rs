//! The TOML file as it is written: every key optional, unknown keys refused, faults told as file:line:column.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use model::id::AccountName;
use serde::Deserialize;

use super::{LogFormat, accounts, edges, hooks, limits, notifications, places, query_log, vpcs};

/// The whole file. See [`super::Config`] for what the keys mean.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) data: Option<PathBuf>,
    pub(crate) master_key: Option<PathBuf>,
    pub(crate) dns: Option<Dns>,
    pub(crate) api: Option<Api>,
    pub(crate) route53: Option<Route53>,
    #[serde(default)]
    pub(crate) limits: limits::Table,
    #[serde(default)]
    pub(crate) health: edges::Health,
    #[serde(default)]
    pub(crate) hooks: hooks::Table,
    #[serde(default)]
    pub(crate) accounts: BTreeMap<AccountName, accounts::Table>,
    #[serde(default)]
    pub(crate) notifications: notifications::Table,
    #[serde(default)]
    pub(crate) places: places::Table,
    #[serde(default)]
    pub(crate) region: Vec<places::OwnRegionTable>,
    #[serde(default)]
    pub(crate) vpc: Vec<vpcs::Table>,
    #[serde(default)]
    pub(crate) audit: edges::Audit,
    #[serde(default)]
    pub(crate) query_log: query_log::Table,
    pub(crate) log: Option<Log>,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Address(pub(crate) SocketAddr);

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        super::address(&text).map(Self)
    }
}

/// `[dns]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dns {
    pub(crate) listen: Option<Vec<Address>>,
    pub(crate) workers: Option<usize>,
    pub(crate) nsid: Option<String>,
    #[serde(default)]
    pub(crate) cookies: Cookies,
    #[serde(default)]
    pub(crate) tcp: edges::Tcp,
}

/// `[dns.cookies]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cookies {
    pub(crate) secret: Option<PathBuf>,
    pub(crate) other_secret: Option<PathBuf>,
}

/// `[api]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    pub(crate) listen: Option<Address>,
    #[serde(default)]
    pub(crate) requests_per_second: u32,
    pub(crate) requests_burst: Option<u32>,
    #[serde(default)]
    pub(crate) prior_request_not_complete: bool,
    #[serde(default)]
    pub(crate) limits: edges::Api,
}

/// `[route53]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route53 {
    pub(crate) name_servers: Option<Vec<String>>,
    pub(crate) hostmaster: Option<String>,
    pub(crate) account_id: Option<String>,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: Option<LogFormat>,
    pub(crate) level: Option<String>,
}

/// Reads a file.
///
/// # Errors
/// It cannot be read, is no TOML, or holds a key or value that is not known.
pub(crate) fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
    parse(&text, path)
}

/// Parses the text of a file; `path` is for messages.
pub(super) fn parse(text: &str, path: &Path) -> anyhow::Result<File> {
    toml::from_str(text).map_err(|fault| {
        let at = fault.span().map_or(0, |span| span.start).min(text.len());
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        anyhow::anyhow!("{}:{line}:{column}: {}", path.display(), fault.message())
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn check(text: &str, start: &str) {
        let fault = parse(text, "c.toml".as_ref()).unwrap_err().to_string();
        assert!(fault.starts_with(start), "{fault}");
    }

    #[test]
    fn faults_are_told_at_line_and_column() {
        check("[dns]\nlisten = [\"127.0.0.1:53\"]\nport = 53\n", "c.toml:3:1: unknown field `port`");
        check("[dns]\nlisten = \"x", "c.toml:2:");
        check("[api]\nlisten = \"localhost\"\n", "c.toml:2:10: not an IP address with a port, such as 127.0.0.1:8053");
    }
}
