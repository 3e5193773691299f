//! A file that holds a key: hexadecimal digits, readable by its owner only.
//!
//! Used by `master_key` and `cookie_secret`, which say when one is made and what a missing one means.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;

use crate::door::random;
use crate::whole_file::replace;

/// The key; none if there is no file. `what` is its name in messages.
///
/// # Errors
/// The file cannot be read, or holds something else.
pub(crate) fn read<const BYTES: usize>(path: &Path, what: &str) -> anyhow::Result<Option<[u8; BYTES]>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault).with_context(|| format!("cannot read the {what} {}", path.display())),
    };
    let mode = std::fs::metadata(path).map(|file| file.permissions().mode() & 0o077).unwrap_or(0);
    if mode != 0 {
        tracing::warn!(path = %path.display(), "others than its owner may read the {what}; chmod 600 it");
    }
    let digits = text.trim();
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    let key = bytes.and_then(|bytes| bytes.try_into().ok());
    key.map(Some).with_context(|| {
        format!("the {what} is not {} hexadecimal digits; put the right file there: {}", 2 * BYTES, path.display())
    })
}

/// Draws a key and writes the file. It is durable when this returns.
///
/// # Errors
/// The system gives no randomness, or the file cannot be written.
pub(crate) fn make<const BYTES: usize>(path: &Path, what: &str) -> anyhow::Result<[u8; BYTES]> {
    let mut key = [0; BYTES];
    random().fill(&mut key).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    replace(path, format!("{digits}\n").as_bytes(), 0o600)
        .with_context(|| format!("cannot write the {what} {}", path.display()))?;
    Ok(key)
}
