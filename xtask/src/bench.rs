//! `cargo xtask bench`: the measurements of `docs/performance.md`, made by the `bench` program in release form. What it
//! measures and how is its own affair; this only starts it.

use crate::step::{cargo, run as start};

/// Passes all arguments on.
pub(crate) fn run(args: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut command = cargo(&["run", "--release", "--quiet", "--package", "cutover-bench", "--bin", "bench", "--"]);
    start(command.args(args))
}
