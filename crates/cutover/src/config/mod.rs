//! Configuration: what was typed ([`file::File`], environment, flags) becomes what is meant ([`Config`]).
//!
//! Order, later wins: built-in default, TOML file, `CUTOVER_*` environment, command-line flag. Nothing is required;
//! `cutover config check` prints the result with every default filled in.

pub(crate) mod accounts;
pub(crate) mod edges;
pub(crate) mod file;
pub(crate) mod hooks;
pub(crate) mod limits;
pub(crate) mod notifications;
pub(crate) mod places;
mod query_log;
mod vpcs;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use model::hosted_zone::Delegation;
use model::id::AccountName;
use serde::Serialize;

use file::File;

/// What the server is to do. Nothing optional is left.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Config {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The file with the key that secrets are sealed with.
    pub(crate) master_key: PathBuf,
    /// DNS over UDP and TCP.
    pub(crate) dns: Dns,
    /// The HTTP API: Route 53's, `/v1`, `/healthz`, `/readyz`, `/metrics`.
    pub(crate) api: Api,
    /// What new hosted zones are given.
    pub(crate) route53: Route53,
    /// What customers may write.
    pub(crate) limits: limits::Table,
    /// Probing.
    pub(crate) health: edges::Health,
    /// What deployments may call.
    pub(crate) hooks: hooks::Table,
    /// Whose Route 53 services may name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) accounts: BTreeMap<AccountName, accounts::Table>,
    /// Who is told of releases.
    pub(crate) notifications: notifications::Table,
    /// Where clients are.
    pub(crate) places: places::Table,
    /// Regions of the user's own.
    pub(crate) region: Vec<places::OwnRegionTable>,
    /// Which clients are in which VPC.
    pub(crate) vpc: Vec<vpcs::Table>,
    /// The audit log.
    pub(crate) audit: edges::Audit,
    /// Query logs.
    pub(crate) query_log: query_log::Table,
    /// Logs.
    pub(crate) log: Log,
}

/// DNS over UDP and TCP.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Dns {
    /// Where to listen; port 0 lets the system choose.
    pub(crate) listen: Vec<SocketAddr>,
    /// UDP threads per address, each pinned to a core; 0 is one per core.
    pub(crate) workers: usize,
    /// What replies call this server, to those who ask; nothing if it is empty.
    pub(crate) nsid: String,
    /// What DNS cookies are made with.
    pub(crate) cookies: Cookies,
    /// Limits of TCP.
    pub(crate) tcp: edges::Tcp,
}

/// What DNS cookies are made with.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cookies {
    /// The file with the secret.
    pub(crate) secret: PathBuf,
    /// The file with another one whose cookies count as valid too, while secrets are exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) other_secret: Option<PathBuf>,
}

/// The HTTP API.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Api {
    /// Where to listen; port 0 lets the system choose.
    pub(crate) listen: SocketAddr,
    /// Requests a second of one key on Route 53's API; 0 is without a limit.
    pub(crate) requests_per_second: u32,
    /// How many a key may make at once after a quiet time.
    pub(crate) requests_burst: u32,
    /// Whether a change batch is refused while another one of the same zone is carried out.
    pub(crate) prior_request_not_complete: bool,
    /// Limits of the listener.
    pub(crate) limits: edges::Api,
}

/// What new hosted zones are given.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Route53 {
    /// The names in the NS record set and the delegation set of a new hosted zone.
    pub(crate) name_servers: Vec<String>,
    /// The mailbox in its SOA, as a domain name.
    pub(crate) hostmaster: String,
    /// The account in ARNs: 12 digits.
    pub(crate) account_id: String,
}

/// Logs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Log {
    /// `text` or `json`, one line an event, on standard error.
    pub(crate) format: LogFormat,
    /// A `tracing` filter such as `info` or `warn,control=debug`.
    pub(crate) level: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The data folder if nobody says otherwise.
pub(crate) const DATA_DEFAULT: &str = "cutover-data";
/// DNS if nobody says otherwise: not 53, so that a first start needs no privilege and disturbs no resolver.
const DNS_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5353);
const API_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8053);

/// The flags of `serve` and `config check`, each with its environment variable.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Flags {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "CUTOVER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Data folder; created if missing [default: ./cutover-data].
    #[arg(long, value_name = "DIR", env = "CUTOVER_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The file with the key that secrets are sealed with; made if missing [default: secrets.key in the data folder].
    #[arg(long, value_name = "FILE", env = "CUTOVER_MASTER_KEY")]
    pub(crate) master_key: Option<PathBuf>,
    /// Where to answer DNS, UDP and TCP; may be repeated; port 0 lets the system choose [default: 127.0.0.1:5353].
    #[arg(long, value_name = "ADDR:PORT", env = "CUTOVER_DNS", value_delimiter = ',', value_parser = address)]
    pub(crate) dns: Vec<SocketAddr>,
    /// UDP threads per address; 0 is one per core [default: 0].
    #[arg(long, value_name = "N", env = "CUTOVER_DNS_WORKERS")]
    pub(crate) dns_workers: Option<usize>,
    /// Where the HTTP API listens [default: 127.0.0.1:8053].
    #[arg(long, value_name = "ADDR:PORT", env = "CUTOVER_API", value_parser = address)]
    pub(crate) api: Option<SocketAddr>,
    /// Log lines for people or machines [default: text].
    #[arg(long, value_enum, env = "CUTOVER_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// Log filter, such as `info` or `warn,control=debug` [default: info].
    #[arg(long, value_name = "FILTER", env = "CUTOVER_LOG")]
    pub(crate) log: Option<String>,
}

/// Where to listen, from a flag, a variable or the file.
///
/// # Errors
/// It is no address with a port, in words that tell what to write.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("not an IP address with a port, such as 127.0.0.1:8053 or [::1]:8053; names do not go: {text}")
    })
}

impl Flags {
    /// Reads the file, if one is named, and lays the flags over it.
    ///
    /// # Errors
    /// A file that cannot be read or parsed, with line and column; a value that means nothing.
    pub(crate) fn resolve(self) -> anyhow::Result<Config> {
        let file = match &self.config {
            Some(path) => file::read(path)?,
            None => File::default(),
        };
        let config = self.over(file);
        config.check()?;
        Ok(config)
    }

    fn over(self, file: File) -> Config {
        let (dns, api, route53, log) = (
            file.dns.unwrap_or_default(),
            file.api.unwrap_or_default(),
            file.route53.unwrap_or_default(),
            file.log.unwrap_or_default(),
        );
        let defaults = Delegation::default();
        let data = self.data.or(file.data).unwrap_or_else(|| DATA_DEFAULT.into());
        let master_key = self.master_key.or(file.master_key);
        Config {
            master_key: crate::master_key::path(master_key.as_deref(), &data),
            dns: Dns {
                listen: match dns.listen {
                    _ if !self.dns.is_empty() => self.dns,
                    Some(listen) => listen.into_iter().map(|address| address.0).collect(),
                    None => vec![DNS_DEFAULT],
                },
                workers: self.dns_workers.or(dns.workers).unwrap_or(0),
                nsid: dns.nsid.unwrap_or_default(),
                cookies: Cookies {
                    secret: dns.cookies.secret.unwrap_or_else(|| crate::cookie_secret::path(&data)),
                    other_secret: dns.cookies.other_secret,
                },
                tcp: dns.tcp,
            },
            data,
            api: Api {
                listen: self.api.or(api.listen.map(|address| address.0)).unwrap_or(API_DEFAULT),
                requests_per_second: api.requests_per_second,
                // AWS does not say; twice the rate lets a client list and then change.
                requests_burst: api.requests_burst.unwrap_or_else(|| api.requests_per_second.saturating_mul(2)),
                prior_request_not_complete: api.prior_request_not_complete,
                limits: api.limits,
            },
            route53: Route53 {
                name_servers: route53
                    .name_servers
                    .unwrap_or_else(|| defaults.name_servers.iter().map(ToString::to_string).collect()),
                hostmaster: route53.hostmaster.unwrap_or_else(|| defaults.hostmaster.to_string()),
                account_id: route53.account_id.unwrap_or_else(|| api::ACCOUNT_DEFAULT.to_owned()),
            },
            limits: file.limits,
            health: file.health,
            hooks: file.hooks,
            accounts: file.accounts,
            notifications: file.notifications,
            places: file.places,
            region: file.region,
            vpc: file.vpc,
            audit: file.audit,
            query_log: file.query_log,
            log: Log {
                format: self.log_format.or(log.format).unwrap_or(LogFormat::Text),
                level: self.log.or(log.level).unwrap_or_else(|| "info".to_owned()),
            },
        }
    }
}

impl Dns {
    /// What the server says of itself. Of secrets, that of the data folder is made if it is missing.
    ///
    /// # Errors
    /// See [`Self::nsid`] and [`crate::cookie_secret::open`].
    pub(crate) fn identity(&self, data: &Path) -> anyhow::Result<answer::Identity> {
        let Cookies { secret, other_secret } = &self.cookies;
        let cookies = crate::cookie_secret::open(data, secret, other_secret.as_deref())?;
        Ok(answer::Identity { nsid: self.nsid()?, cookies: Some(cookies), ..answer::Identity::default() })
    }

    /// Checks what [`Self::identity`] will read, and makes nothing.
    ///
    /// # Errors
    /// See [`crate::cookie_secret::check`].
    pub(crate) fn check_secrets(&self, data: &Path) -> anyhow::Result<()> {
        crate::cookie_secret::check(data, &self.cookies.secret, self.cookies.other_secret.as_deref())
    }

    /// The server's name in replies.
    ///
    /// # Errors
    /// It is too long.
    fn nsid(&self) -> anyhow::Result<Option<answer::Nsid>> {
        if self.nsid.is_empty() {
            return Ok(None);
        }
        answer::Nsid::new(self.nsid.as_bytes()).map(Some).map_err(|fault| anyhow::anyhow!("dns.nsid: {fault}"))
    }
}

impl Api {
    /// How fast senders may go.
    pub(crate) fn pace(&self) -> api::Pace {
        let rate = api::Rate { per_second: self.requests_per_second, burst: self.requests_burst };
        api::Pace::new((rate.per_second > 0).then_some(rate), self.prior_request_not_complete)
    }
}

impl Config {
    /// What only makes sense together or has a range.
    fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(!self.dns.listen.is_empty(), "dns.listen is empty; name at least one address");
        anyhow::ensure!(self.dns.workers <= 1024, "dns.workers is above 1024: {}", self.dns.workers);
        self.dns.nsid()?;
        self.dns.tcp.check()?;
        edges::check("api.requests_per_second", self.api.requests_per_second.into(), 0..=1_000_000)?;
        let least = u64::from(self.api.requests_per_second.min(1));
        edges::check("api.requests_burst", self.api.requests_burst.into(), least..=2_000_000)?;
        self.api.limits.check()?;
        self.health.check()?;
        self.hooks.check()?;
        self.accounts.iter().try_for_each(|(name, account)| account.check(name))?;
        self.notifications.check(&self.hooks.secrets)?;
        self.audit.check()?;
        self.query_log.check()?;
        self.zone_defaults()?;
        let account = &self.route53.account_id;
        anyhow::ensure!(
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()),
            "route53.account_id is not 12 digits: {account}"
        );
        self.vpcs()?;
        places::regions(&self.region)?;
        tracing_subscriber::EnvFilter::try_new(&self.log.level)
            .map_err(|fault| anyhow::anyhow!("log.level is no filter ({fault}): {}", self.log.level))?;
        // A word alone that is no level would be the name of a part of the program, and silence all others.
        let mut words = self.log.level.split(',').map(str::trim).filter(|word| !word.contains(['=', '[']));
        let is_level = |word: &str| word.is_empty() || word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
        if let Some(word) = words.find(|word| !is_level(word)) {
            anyhow::bail!(
                "log.level has a word that is no level; write off, error, warn, info, debug, trace, or control=debug for one part: {word}"
            );
        }
        Ok(())
    }

    /// The VPCs that private hosted zones can be associated with.
    ///
    /// # Errors
    /// See [`vpcs::parse`].
    pub(crate) fn vpcs(&self) -> anyhow::Result<Vec<model::vpc::VpcNetworks>> {
        vpcs::parse(&self.vpc)
    }

    /// The files that say where clients are.
    ///
    /// # Errors
    /// See [`vpcs::parse`] and [`places::regions`].
    pub(crate) fn place_sources(&self) -> anyhow::Result<crate::places::Sources> {
        let regions = std::sync::Arc::new(places::regions(&self.region)?);
        Ok(self.places.sources(&self.data, regions, self.vpcs()?))
    }

    /// What new hosted zones are given, parsed.
    ///
    /// # Errors
    /// Names that are none, or too few name servers.
    pub(crate) fn zone_defaults(&self) -> anyhow::Result<Delegation> {
        let name_servers = self
            .route53
            .name_servers
            .iter()
            .map(|text| model::Name::parse(text).map_err(|fault| anyhow::anyhow!("route53.name_servers: {fault}")))
            .collect::<anyhow::Result<Vec<_>>>()?;
        anyhow::ensure!(!name_servers.is_empty(), "route53.name_servers is empty; name at least one");
        let hostmaster = model::Name::parse(&self.route53.hostmaster)
            .map_err(|fault| anyhow::anyhow!("route53.hostmaster: {fault}"))?;
        Ok(Delegation { name_servers, hostmaster })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str, flags: Flags) -> Config {
        flags.over(file::parse(text, "test.toml".as_ref()).unwrap())
    }

    #[test]
    fn nothing_is_required_and_a_flag_beats_the_file() {
        let config_of_nothing = config("", Flags::default());
        assert_eq!(config_of_nothing.dns.listen, [DNS_DEFAULT]);
        assert!(config_of_nothing.check().is_ok());
        let text = "data = \"/srv/dns\"\n[dns]\nlisten = [\"127.0.0.1:1053\"]\nworkers = 3\n";
        let flags = Flags { dns: vec!["127.0.0.1:2053".parse().unwrap()], ..Flags::default() };
        let config = config(text, flags);
        assert_eq!(config.data, PathBuf::from("/srv/dns"));
        assert_eq!((config.dns.listen[0].port(), config.dns.workers), (2053, 3));
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        let config = config("[route53]\nhostmaster = \"a..b\"\n", Flags::default());
        assert!(config.check().unwrap_err().to_string().contains("route53.hostmaster"));
    }

    #[test]
    fn a_log_level_that_would_silence_everything_is_refused() {
        for (level, is_good) in [
            ("info", true),
            ("warn,control=debug", true),
            ("off", true),
            ("", true),
            ("warning", false),
            ("info,api", false),
        ] {
            let checked = config(&format!("[log]\nlevel = {level:?}\n"), Flags::default()).check();
            assert_eq!(checked.is_ok(), is_good, "{level}: {checked:?}");
        }
    }

    /// A name of 129 bytes.
    const LONG_NSID: &str = concat!(
        "[dns]\nnsid = \"",
        "0123456789012345678901234567890123456789012345678901234567890123",
        "0123456789012345678901234567890123456789012345678901234567890123x\"\n"
    );

    #[test]
    fn a_number_outside_its_range_is_told_by_its_key() {
        for (text, fault) in [
            ("[dns.tcp]\nidle_seconds = 0\n", "dns.tcp.idle_seconds must be from 1 to 3600: 0"),
            ("[api.limits]\nconnections = 0\n", "api.limits.connections must be from 1 to 1000000: 0"),
            ("[api]\nrequests_per_second = 5\nrequests_burst = 0\n", "api.requests_burst must be from 1 to 2000000: 0"),
            (LONG_NSID, "dns.nsid: it has more than 128 bytes: 129"),
            (
                "[hooks]\ncommands = true\n",
                "hooks.commands needs hooks.directory, the directory whose programs may be run",
            ),
            ("[notifications.to.ops]\n", "notifications.to.ops needs either url or url_file"),
            (
                "[notifications.to.ops]\nurl = \"ftp://x\"\n",
                "notifications.to.ops.url is no http:// or https:// URL: ftp://x",
            ),
            (
                "[notifications.to.ops]\nurl = \"http://x\"\nsecret = \"ops\"\n",
                "notifications.to.ops.secret is not in [hooks.secrets]: ops",
            ),
            (
                "[notifications]\nlink = \"https://x/{{id}}\"\n",
                "notifications.link is no URL; it may name {{deployment}} and {{service}}: https://x/{{id}}",
            ),
            ("[health]\nprobes_at_once = 0\n", "health.probes_at_once must be from 1 to 1000000: 0"),
        ] {
            assert_eq!(config(text, Flags::default()).check().unwrap_err().to_string(), fault);
        }
    }
}
