//! `[places]`: the files that say where clients are.
//!
//! Their columns are told in `docs/route53/geolocation.md`; reading them is [`answer`]'s. They are read when the server
//! starts and not again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use answer::{CsvFault, Places};
use anyhow::Context as _;
use model::vpc::VpcNetworks;
use serde::{Deserialize, Serialize};

/// `[places]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Table {
    /// CSV of prefixes and where they are; without it the place of every client is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// CSV of prefixes and measured milliseconds to regions; without it distances stand for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latencies: Option<PathBuf>,
}

impl Table {
    /// Reads and compiles the files.
    ///
    /// # Errors
    /// A file that cannot be read, or a fault in it, told as file:line:column.
    pub(crate) fn compile(&self, vpcs: &[VpcNetworks]) -> anyhow::Result<Arc<Places>> {
        let places = read(self.file.as_deref(), "places.file", answer::read_places)?;
        let latencies = read(self.latencies.as_deref(), "places.latencies", answer::read_latencies)?;
        Ok(Arc::new(Places::compile(places, latencies, vpcs)?))
    }
}

fn read<T>(path: Option<&Path>, key: &str, rows: impl Fn(&str) -> Result<Vec<T>, CsvFault>) -> anyhow::Result<Vec<T>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {key}, {}", path.display()))?;
    rows(&text).map_err(|fault| anyhow::anyhow!("{}:{fault}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_a_file_is_told_with_its_place() {
        let folder = std::env::temp_dir().join(format!("cutover-places-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("places.csv");
        std::fs::write(&file, "prefix,country\n192.0.2.0/24,DE\n192.0.2.0/33,FR\n").unwrap();
        let table = Table { file: Some(file.clone()), latencies: None };
        let fault = table.compile(&[]).unwrap_err().to_string();
        assert_eq!(fault, format!("{}:3:1: a prefix length is from 0 to 32: 192.0.2.0/33", file.display()));
        std::fs::write(&file, "prefix,country\n192.0.2.0/24,DE\n").unwrap();
        assert!(table.compile(&[]).is_ok());
        let missing = Table { latencies: Some("no such file".into()), ..table };
        assert_eq!(missing.compile(&[]).unwrap_err().to_string(), "cannot read places.latencies, no such file");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
