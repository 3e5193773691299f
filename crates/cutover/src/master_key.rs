//! The file with the master key, under which secrets are sealed in the store.
//!
//! 64 hexadecimal digits, readable by its owner only, beside the store unless the configuration says where: another
//! disk, a tmpfs, a secret that is mounted. It is made once, when nothing is sealed yet; afterwards a missing file is a
//! fault that is told, because a new key would open nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use control::Store;
use control::access_keys::{self, PrepareError};
use control::seal::Seal;

use crate::door::{meta, random};
use crate::key_file;

/// Its name in the data folder.
const FILE: &str = "secrets.key";
/// In messages.
const WHAT: &str = "master key";

/// Where it is: as configured, or in the data folder.
pub(crate) fn path(configured: Option<&Path>, data: &Path) -> PathBuf {
    configured.map_or_else(|| data.join(FILE), Path::to_owned)
}

/// Reads or makes the master key, checks it against the store, and seals what an older version left in clear.
///
/// # Errors
/// The file is missing although something is sealed, holds no key, or holds another; the store failed.
pub(crate) async fn open(path: &Path, store: &Store) -> anyhow::Result<Arc<Seal>> {
    let found = key_file::read(path, WHAT)?;
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
            key_file::make(path, WHAT)?
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
