//! `cargo xtask check`: everything that can be said of the sources without starting a server.
//!
//! All of it runs even if an early part fails, so that one call tells everything.

use crate::step::{cargo, run as start, succeeds};

/// Runs the checks.
///
/// # Errors
/// Which of them failed.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut docs = cargo(&["doc", "--workspace", "--no-deps", "--keep-going"]);
    // A link to something private is not broken, only shorter for outsiders.
    docs.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
    let mut parts = vec![
        cargo(&["fmt", "--all", "--", "--check"]),
        cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        docs,
        cargo(&["test", "--package", "xtask", "--", "--show-output"]),
    ];
    let mut skipped = Vec::new();
    if succeeds(&mut cargo(&["deny", "--version"])) {
        parts.push(cargo(&["deny", "check", "bans", "licenses", "sources"]));
        // The list of advisories comes from the network, which may not be there.
        if succeeds(&mut cargo(&["deny", "fetch"])) {
            parts.push(cargo(&["deny", "check", "advisories"]));
        } else {
            skipped.push("advisories: the list cannot be fetched");
        }
    } else {
        skipped.push("cargo deny: it is not installed; `cargo install --locked cargo-deny` brings it");
    }
    let faults: Vec<String> =
        parts.iter_mut().filter_map(|part| start(part).err()).map(|error| error.to_string()).collect();
    eprintln!();
    skipped.iter().for_each(|what| eprintln!("SKIPPED {what}"));
    if !faults.is_empty() {
        anyhow::bail!("{} checks failed:\n  {}", faults.len(), faults.join("\n  "));
    }
    eprintln!("all checks passed");
    Ok(())
}
