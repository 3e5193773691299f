//! AWS's SDK for JavaScript in `target/javascript`, at the versions of our `package-lock.json`.

use anyhow::Context;

use crate::step::{command, root, run, target};

/// Where `package.json` and `package-lock.json` lie.
const FOLDER: &str = "world/tests/clients/javascript";
const LOCK: &str = "package-lock.json";

/// Installs it, if it is not there as locked.
pub(super) fn install() -> anyhow::Result<()> {
    let from = root().join(FOLDER);
    let wanted = std::fs::read_to_string(from.join(LOCK)).with_context(|| format!("cannot read {FOLDER}/{LOCK}"))?;
    let to = target().join("javascript");
    let stamp = to.join("installed.json");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        eprintln!("JavaScript packages are there: {}", to.display());
        return Ok(());
    }
    std::fs::create_dir_all(&to).with_context(|| format!("cannot create {}", to.display()))?;
    for file in ["package.json", LOCK] {
        std::fs::copy(from.join(file), to.join(file)).with_context(|| format!("cannot copy {FOLDER}/{file}"))?;
    }
    let folder = to.to_str().context("the path of target is not UTF-8")?;
    // Nothing that a package brings is run while it is installed.
    run(&mut command("npm", &["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]))
        .context("cannot install the JavaScript packages; the test of AWS's SDK needs them once, then no network")?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}
