//! `[query_log]`: where lines of query logs go.

use std::path::{Path, PathBuf};

use control::query_logging::{Rotation, Sink};
use serde::{Deserialize, Serialize};

use super::edges;

/// The folder if nobody says otherwise, in the data folder.
const FOLDER: &str = "query-logs";
/// The word that means standard output.
const STDOUT: &str = "stdout";

/// See [`control::query_logging`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Table {
    /// A folder, or `stdout`; none is `query-logs` in the data folder.
    pub(crate) folder: Option<PathBuf>,
    /// What lines tell as edge location: one word.
    pub(crate) location: String,
    /// A file that has this many bytes is put aside.
    pub(crate) file_bytes: u64,
    /// Files of each log group that are kept.
    pub(crate) files: usize,
}

impl Default for Table {
    fn default() -> Self {
        // 640 MiB for each log group, some six million queries.
        Self { folder: None, location: "CUTOVER".to_owned(), file_bytes: 64 << 20, files: 10 }
    }
}

impl Table {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        edges::check("query_log.file_bytes", self.file_bytes, 1 << 10..=1 << 40)?;
        edges::check("query_log.files", self.files as u64, 1..=10_000)?;
        let is_word = !self.location.is_empty() && self.location.bytes().all(|byte| byte.is_ascii_graphic());
        anyhow::ensure!(is_word, "query_log.location is not one word: {}", self.location);
        Ok(())
    }

    pub(crate) fn sink(&self, data: &Path) -> Sink {
        match &self.folder {
            None => Sink::Folder(data.join(FOLDER)),
            Some(folder) if folder.as_os_str() == STDOUT => Sink::Stdout,
            Some(folder) => Sink::Folder(folder.clone()),
        }
    }

    pub(crate) fn rotation(&self) -> Rotation {
        Rotation { file_bytes_max: self.file_bytes, files_max: self.files }
    }
}
