//! A data folder with a million records, made once for all rows that need it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::run::server::Programs;
use crate::run::signature::Key;
use crate::run::zone;

/// Records in the zone.
pub const RECORDS: usize = 1_000_000;

/// An imported zone of [`RECORDS`] A records.
#[derive(Debug)]
pub struct Million {
    /// The data folder.
    pub data: PathBuf,
    /// An access key of it.
    pub key: Key,
    /// How long the import took.
    pub imported: Duration,
}

impl Million {
    /// Writes the zone and imports it below `folder`.
    ///
    /// # Errors
    /// The disk is full or the import fails.
    pub fn import(programs: &Programs, folder: &std::path::Path) -> Result<Million> {
        let data = folder.join("million");
        _ = fs::remove_dir_all(&data);
        let file = folder.join("million.zone");
        zone::write(&file, RECORDS)?;
        let imported = programs.import(zone::ZONE, &file, &data)?;
        fs::remove_file(&file).context("remove the zone file")?;
        let key = programs.create_key(&data)?;
        Ok(Million { data, key, imported })
    }
}
