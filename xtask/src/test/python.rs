//! AWS's own clients, octoDNS and dnspython in a virtual environment under `target`, at the pinned versions.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::Context;

use crate::step::{command, root, run, succeeds, target};

/// One `name==version` a line.
const REQUIREMENTS: &str = "world/tests/clients/requirements.txt";

/// Makes the environment if it is not there as pinned; its Python.
pub(super) fn install() -> anyhow::Result<OsString> {
    let wanted =
        std::fs::read_to_string(root().join(REQUIREMENTS)).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let venv = target().join("venv");
    let python = venv.join("bin/python");
    let stamp = venv.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && succeeds(&mut command(&python, &["-c", "0"]))
    {
        eprintln!("Python packages are there: {}", venv.display());
        return Ok(python.into());
    }
    let path = venv.to_str().context("the path of target is not UTF-8")?;
    run(&mut command("python3", &["-m", "venv", "--clear", path]))?;
    run(&mut command(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]))
        .context("cannot install the Python packages; the tests of AWS's clients and octoDNS need them once, then no network")?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python.into())
}

/// The search path with the environment's programs in front: `python3` and `aws` are then those we installed.
pub(super) fn path(python: &OsStr) -> anyhow::Result<OsString> {
    let bin = Path::new(python).parent().context("Python lies in a folder")?.to_owned();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&rest)))?)
}
