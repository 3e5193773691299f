//! `cargo xtask test`: all tests, from a clean clone, on a machine that has Rust and little else.
//!
//! The walk: `packages` (name servers, dig, Pebble) → `python` (AWS's own clients in `target/venv`) → `ansible` (its AWS
//! modules beside them) → `javascript` (AWS's SDK in `target/javascript`) → `places` (a database of countries) → build →
//! `cargo test`.
//! What is there already is not fetched, so that it works without a network too. Tests that leave something out say so
//! in `target/skipped`, and it is repeated at the end, where it is read.

mod ansible;
mod javascript;
mod packages;
mod places;
mod python;

use std::time::Instant;

use anyhow::Context;

use crate::step::{cargo, run as start, target};

/// What the default build leaves out.
const DRIVERS: &str = "cutover/route53";

/// Runs everything; further arguments go to `cargo test`. `--prepare` stops before the build.
///
/// # Errors
/// A tool that is missing and cannot be installed, or a failing test.
pub(crate) fn run(args: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let began = Instant::now();
    let args: Vec<String> = args.collect();
    packages::install()?;
    let python = python::install()?;
    ansible::install(&python)?;
    javascript::install()?;
    let places = places::install();
    if args.iter().any(|arg| arg == "--prepare") {
        return Ok(());
    }
    let skipped = target().join("skipped");
    match std::fs::remove_dir_all(&skipped) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot empty {}", skipped.display()));
        }
        _ => {}
    }
    // The process tests run this binary.
    start(&mut cargo(&["build", "--package", "cutover", "--features", DRIVERS]))?;
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--features", DRIVERS]);
    if let Some(file) = places {
        tests.env("CUTOVER_PLACES_MMDB", file);
    }
    let passed = start(tests.args(args).env("CUTOVER_PYTHON", &python).env("PATH", python::path(&python)?));
    let mut notes: Vec<String> = std::fs::read_dir(&skipped)
        .map(|folder| folder.flatten().filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect())
        .unwrap_or_default();
    notes.sort();
    eprintln!();
    notes.iter().for_each(|note| eprintln!("SKIPPED {}", note.trim_end()));
    passed.context("tests failed")?;
    eprintln!("all tests passed in {} s", began.elapsed().as_secs());
    Ok(())
}
