//! `[accounts.NAME]`: accounts of Amazon Route 53, or other servers that speak its API, whose record sets services may name.
//!
//! Who may declare a service may release what is in every account named here. Credentials are never in the file, only
//! where they are.

use std::path::PathBuf;

use model::id::AccountName;
use serde::{Deserialize, Serialize};

/// One account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Table {
    /// The endpoint's URL; none: Amazon's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// The region that requests are signed for.
    pub(crate) region: String,
    /// A file in the form of `~/.aws/credentials`; none: where AWS's tools look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credentials_file: Option<PathBuf>,
    /// The profile there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
}

impl Default for Table {
    fn default() -> Self {
        // R53 endpoints: the service is global, and signed for this region.
        Self { endpoint: None, region: "us-east-1".to_owned(), credentials_file: None, profile: None }
    }
}

impl Table {
    pub(crate) fn check(&self, name: &AccountName) -> anyhow::Result<()> {
        let is_url = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if let Some(endpoint) = self.endpoint.as_ref().filter(|endpoint| !is_url(endpoint)) {
            anyhow::bail!("accounts.{name}.endpoint must begin with https:// or http://: {endpoint}");
        }
        anyhow::ensure!(!self.region.is_empty(), "accounts.{name}.region is empty; leave it out for us-east-1");
        Ok(())
    }
}
