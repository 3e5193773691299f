//! `[notifications]`: who is told of releases, and where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context as _;
use control::notices::{Hears, Receivers};
use model::deployment::{NoticeEvent, fill};
use model::id::ServiceName;
use serde::{Deserialize, Serialize};

/// The whole table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Table {
    /// The page of a release for people, with `{{deployment}}` and `{{service}}` in it; there is none here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// Receivers by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) to: BTreeMap<String, Receiver>,
}

/// One receiver.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receiver {
    /// What it reads.
    #[serde(default)]
    pub(crate) format: Format,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// A file that says where it is, for those whose address is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url_file: Option<PathBuf>,
    /// The name of a secret of `[hooks.secrets]` to sign with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
    /// It hears of these services, and of those that name it; without it, of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) services: Option<BTreeSet<ServiceName>>,
    /// It hears of these events; without any, of all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) events: BTreeSet<NoticeEvent>,
}

/// What a receiver reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// JSON with every fact.
    #[default]
    Webhook,
    /// What an incoming webhook of Slack takes.
    Slack,
}

/// Where a receiver is, and what it reads.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) format: Format,
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
}

impl Table {
    pub(crate) fn check(&self, secrets: &BTreeMap<String, PathBuf>) -> anyhow::Result<()> {
        if let Some(link) = &self.link {
            let known = |name: &str| matches!(name, "deployment" | "service").then(|| "x".to_owned());
            let filled = fill(link, &known);
            anyhow::ensure!(
                filled.is_ok_and(|link| is_url(&link)),
                "notifications.link is no URL; it may name {{{{deployment}}}} and {{{{service}}}}: {link}"
            );
        }
        for (name, receiver) in &self.to {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            anyhow::ensure!(
                (1..=64).contains(&name.len()) && name.bytes().all(is_word),
                "notifications.to: a name is 1 to 64 letters, digits, hyphens and underscores: {name}"
            );
            anyhow::ensure!(
                receiver.url.is_some() != receiver.url_file.is_some(),
                "notifications.to.{name} needs either url or url_file"
            );
            if let Some(url) = &receiver.url {
                check_url(name, url)?;
            }
            if let Some(secret) = &receiver.secret {
                anyhow::ensure!(
                    secrets.contains_key(secret),
                    "notifications.to.{name}.secret is not in [hooks.secrets]: {secret}"
                );
            }
        }
        Ok(())
    }

    /// Who hears of what.
    pub(crate) fn receivers(&self) -> Receivers {
        let hears =
            |receiver: &Receiver| Hears { services: receiver.services.clone(), events: receiver.events.clone() };
        Receivers(self.to.iter().map(|(name, receiver)| (name.clone(), hears(receiver))).collect())
    }

    /// Where they are; reads the files that say so.
    ///
    /// # Errors
    /// A file that cannot be read, or has no URL.
    pub(crate) fn addresses(&self) -> anyhow::Result<BTreeMap<String, Address>> {
        let mut addresses = BTreeMap::new();
        for (name, Receiver { format, url, url_file, secret, .. }) in &self.to {
            let url = match (url, url_file) {
                (Some(url), _) => url.clone(),
                (None, Some(path)) => {
                    let text = std::fs::read_to_string(path).with_context(|| {
                        format!("cannot read notifications.to.{name}.url_file from {}", path.display())
                    })?;
                    let url = text.trim_end().to_owned();
                    // The address may be a secret: it is not shown.
                    anyhow::ensure!(
                        is_url(&url),
                        "notifications.to.{name}.url_file has no http:// or https:// URL: {}",
                        path.display()
                    );
                    url
                }
                (None, None) => anyhow::bail!("notifications.to.{name} needs either url or url_file"),
            };
            addresses.insert(name.clone(), Address { format: *format, url, secret: secret.clone() });
        }
        Ok(addresses)
    }
}

fn check_url(name: &str, url: &str) -> anyhow::Result<()> {
    anyhow::ensure!(is_url(url), "notifications.to.{name}.url is no http:// or https:// URL: {url}");
    Ok(())
}

fn is_url(text: &str) -> bool {
    let uri = text.parse::<hyper::Uri>();
    uri.is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
}
