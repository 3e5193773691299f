//! AWS's own clients, octoDNS and dnspython in a virtual environment under `target`, at the pinned versions.

use std::ffi::OsString;

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
