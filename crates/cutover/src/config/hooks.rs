//! `[hooks]`: what deployments may call on this host, and the secrets that their POSTs are signed with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// Shortest secret, in bytes: a word that is guessed signs nothing.
const SECRET_MIN: usize = 16;

/// See [`hook::Config`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Table {
    /// Whether hooks may be commands. Off, because whoever may create a deployment could run them.
    pub(crate) commands: bool,
    /// The directory whose programs may be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) directory: Option<PathBuf>,
    /// Files with secrets, by the name that hooks call them by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) secrets: BTreeMap<String, PathBuf>,
}

impl Table {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.commands || self.directory.is_some(),
            "hooks.commands needs hooks.directory, the directory whose programs may be run"
        );
        Ok(())
    }

    /// Reads the secrets; the end of the last line is not part of one.
    ///
    /// # Errors
    /// A file that cannot be read, or a secret that is too short.
    pub(crate) fn config(&self) -> anyhow::Result<hook::Config> {
        let mut secrets = BTreeMap::new();
        for (name, path) in &self.secrets {
            let text = std::fs::read(path)
                .with_context(|| format!("cannot read hooks.secrets.{name} from {}", path.display()))?;
            let secret = text.trim_ascii_end().to_vec();
            anyhow::ensure!(
                secret.len() >= SECRET_MIN,
                "hooks.secrets.{name} has less than {SECRET_MIN} bytes: {}",
                path.display()
            );
            secrets.insert(name.clone(), secret);
        }
        let commands = self.directory.clone().filter(|_| self.commands);
        Ok(hook::Config { commands, secrets, ..hook::Config::default() })
    }
}
