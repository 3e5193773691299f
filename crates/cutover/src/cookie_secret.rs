//! The files with the secrets that DNS cookies are made with (RFC 9018): 32 hexadecimal digits each.
//!
//! A server alone makes one in its data folder and keeps it, so that cookies hold over a restart. Servers behind one
//! address must have the same, which no server can make for the others: a file that the configuration names must be
//! there. Both files are read at the start only.

use std::path::{Path, PathBuf};

use answer::{COOKIE_SECRET_BYTES, CookieSecrets};
use anyhow::Context as _;

use crate::key_file;

/// Its name in the data folder.
const FILE: &str = "cookie-secret";
/// In messages.
const WHAT: &str = "cookie secret";

/// Where it is if nobody says otherwise.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Reads the secrets; that of the data folder is made if it is missing.
///
/// # Errors
/// A file that is named is missing, holds no secret, or cannot be read or written.
pub(crate) fn open(data: &Path, secret: &Path, other: Option<&Path>) -> anyhow::Result<CookieSecrets> {
    let current = match key_file::read(secret, WHAT)? {
        None if secret == path(data) => key_file::make(secret, WHAT)?,
        found => found.with_context(|| missing(secret))?,
    };
    Ok(CookieSecrets::new(current, read_other(other)?))
}

/// Checks the files that are named, and makes none.
///
/// # Errors
/// See [`open`].
pub(crate) fn check(data: &Path, secret: &Path, other: Option<&Path>) -> anyhow::Result<()> {
    let found = key_file::read::<COOKIE_SECRET_BYTES>(secret, WHAT)?;
    anyhow::ensure!(found.is_some() || secret == path(data), missing(secret));
    read_other(other)?;
    Ok(())
}

fn read_other(other: Option<&Path>) -> anyhow::Result<Option<[u8; COOKIE_SECRET_BYTES]>> {
    let Some(other) = other else { return Ok(None) };
    key_file::read(other, WHAT)?.with_context(|| missing(other)).map(Some)
}

fn missing(path: &Path) -> String {
    format!(
        "there is no such {WHAT}; servers that share an address share the file: make one with `openssl rand -hex 16` \
         and put it there: {}",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, gone when dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("cutover-cookie-secret-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn that_of_the_data_folder_is_made_once() {
        let folder = Folder::new("made");
        let first = open(&folder.0, &path(&folder.0), None).unwrap();
        assert_eq!(open(&folder.0, &path(&folder.0), None).unwrap(), first);
        assert_eq!(std::fs::read_to_string(path(&folder.0)).unwrap().trim().len(), 32);
    }

    #[test]
    fn one_that_is_named_must_be_there_and_be_one() {
        let folder = Folder::new("named");
        let shared = folder.0.join("shared");
        for (text, says) in [(None, "there is no such cookie secret"), (Some("e5e9"), "is not 32 hexadecimal digits")] {
            if let Some(text) = text {
                std::fs::write(&shared, text).unwrap();
            }
            for fault in [
                open(&folder.0, &shared, None).map(drop),
                open(&folder.0, &path(&folder.0), Some(&shared)).map(drop),
                check(&folder.0, &shared, None),
            ] {
                let fault = fault.unwrap_err().to_string();
                assert!(fault.contains(says) && fault.contains("shared"), "{fault}");
            }
        }
        std::fs::write(&shared, "E5e973e5a6b2a43f48e7dc849e37bfcf\n").unwrap();
        check(&folder.0, &shared, Some(&shared)).unwrap();
        assert_eq!(open(&folder.0, &shared, None).unwrap(), open(&folder.0, &shared, None).unwrap());
    }
}
