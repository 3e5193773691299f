//! `cargo xtask check`: everything that can be said of the sources without starting a server.
//!
//! All of it runs even if an early part fails, so that one call tells everything.

use crate::step::{cargo, run as start, succeeds};

/// Runs the checks.
///
/// # Errors
/// Which of them failed.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut docs = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--keep-going"]);
    docs.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
    let mut parts = vec![
        cargo(&["fmt", "--all", "--", "--check"]),
        cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        docs,
        cargo(&["test", "--package", "xtask", "--", "--show-output"]),
    ];
    let deny = succeeds(&mut cargo(&["deny", "--version"]));
    if deny {
        parts.push(cargo(&["deny", "check"]));
    }
    let faults: Vec<String> =
        parts.iter_mut().filter_map(|part| start(part).err()).map(|error| error.to_string()).collect();
    if !deny {
        eprintln!("\nSKIPPED cargo deny: it is not installed; `cargo install --locked cargo-deny` brings it");
    }
    if !faults.is_empty() {
        anyhow::bail!("{} checks failed:\n  {}", faults.len(), faults.join("\n  "));
    }
    eprintln!("\nall checks passed");
    Ok(())
}
