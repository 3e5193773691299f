//! The file with the master key, under which secrets are sealed in the store.
//!
//! 64 hexadecimal digits, readable by its owner only, beside the store unless the configuration says where: another
//! disk, a tmpfs, a secret that is mounted. It is made once, when nothing is sealed yet; afterwards a missing file is a
//! fault that is told, because a new key would open nothing.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use control::Store;
use control::access_keys::{self, PrepareError};
use control::seal::{MASTER_KEY_BYTES, Seal};

use crate::door::{meta, random};

/// Its name in the data folder.
const FILE: &str = "secrets.key";

/// Where it is: as configured, or in the data folder.
pub(crate) fn path(configured: Option<&Path>, data: &Path) -> PathBuf {
    configured.map_or_else(|| data.join(FILE), Path::to_owned)
}

/// Reads or makes the master key, checks it against the store, and seals what an older version left in clear.
///
/// # Errors
/// The file is missing although something is sealed, holds no key, or holds another; the store failed.
pub(crate) async fn open(path: &Path, store: &Store) -> anyhow::Result<Arc<Seal>> {
    let found = read(path)?;
    let master = match found {
        Some(master) => master,
        None => {
            let sealed = access_keys::sealed(store)?;
            anyhow::ensure!(
                sealed == 0,
                "the master key is missing, and the secrets of {sealed} access keys are sealed with it: put the file back, \
                 or delete those keys (cutover keys list, cutover keys delete ID) and make new ones: {}",
                path.display()
            );
            make(path)?
        }
    };
    let seal = Seal::new(&master);
    match access_keys::prepare(store, meta(), random(), &seal).await {
        Ok(0) => Ok(Arc::new(seal)),
        Ok(count) => {
            tracing::warn!(
                count,
                "sealed the secrets of access keys that an older version kept in clear; the store's log and old backups \
                 still tell them, so replace those keys"
            );
            Ok(Arc::new(seal))
        }
        Err(PrepareError::OtherMasterKey { keys }) => anyhow::bail!(
            "this is not the master key that the secrets of {keys} access keys are sealed with: put the right file there, \
             or delete those keys (cutover keys list, cutover keys delete ID): {}",
            path.display()
        ),
        Err(error @ PrepareError::Storage(_)) => Err(error.into()),
    }
}

fn read(path: &Path) -> anyhow::Result<Option<[u8; MASTER_KEY_BYTES]>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault).with_context(|| format!("cannot read the master key {}", path.display())),
    };
    let mode = std::fs::metadata(path).map(|file| file.permissions().mode() & 0o077).unwrap_or(0);
    if mode != 0 {
        tracing::warn!(path = %path.display(), "others than its owner may read the master key; chmod 600 it");
    }
    let digits = text.trim();
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    let master = bytes.and_then(|bytes| bytes.try_into().ok());
    master.map(Some).with_context(|| {
        format!(
            "the master key is not {} hexadecimal digits; put the right file there: {}",
            2 * MASTER_KEY_BYTES,
            path.display()
        )
    })
}

/// Durable before anything is sealed with it.
fn make(path: &Path) -> anyhow::Result<[u8; MASTER_KEY_BYTES]> {
    let mut master = [0; MASTER_KEY_BYTES];
    random().fill(&mut master).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
    let digits: String = master.iter().map(|byte| format!("{byte:02x}")).collect();
    let write = || {
        let aside = path.with_extension("new");
        let _ = std::fs::remove_file(&aside);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        writeln!(file, "{digits}")?;
        file.sync_all()?;
        std::fs::rename(&aside, path)?;
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().with_context(|| format!("cannot write the master key {}", path.display()))?;
    Ok(master)
}
