//! Runs the rows of docs/performance.md and prints their tables.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use cutover_bench::cpu::Cores;
use cutover_bench::run::contender::Rounds;
use cutover_bench::run::million::Million;
use cutover_bench::run::server::Programs;
use cutover_bench::run::{answers, batches, change, compile, in_process, listings, policies, releases, size};

const USAGE: &str = "usage: bench [answer] [compile] [answers] [policies] [size] [change] [batches] [listings] [releases] [options]     (all if none is named)
  --rounds N      rounds of answer, answers and policies, at least 9 to be quoted (9); compile does a third
  --calls N       calls of each kind in each round of answer (200000)
  --only TEXT     kinds of answer whose name has this in it
  --seconds S     time counted in each run of answers and policies, and five times it in batches (2)
  --tries N       runs of answers and policies for one that no other program disturbs (5)
  --changes N     changes to measure (100)
  --starts N      starts to measure (5)
  --releases N    releases in progress at once (1000)
  --folder DIR    where data is kept meanwhile (target/bench); on the disk that is to be measured";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // One line, with or without RUST_BACKTRACE.
        Err(fault) => {
            eprintln!("bench: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut rows = Vec::new();
    let (mut rounds, mut seconds, mut changes, mut starts) = (9, 2.0, 100, 5);
    let (mut calls, mut only, mut tries, mut in_progress) = (200_000, None, 5, 1000);
    let mut folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench"));
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value\n{USAGE}"));
        match word.as_str() {
            "answer" | "compile" | "answers" | "policies" | "change" | "size" | "batches" | "listings" | "releases" => {
                rows.push(word);
            }
            "--rounds" => rounds = value()?.parse().context("--rounds")?,
            "--calls" => calls = value()?.parse().context("--calls")?,
            "--only" => only = Some(value()?),
            "--seconds" => seconds = value()?.parse().context("--seconds")?,
            "--tries" => tries = value()?.parse().context("--tries")?,
            "--changes" => changes = value()?.parse().context("--changes")?,
            "--releases" => in_progress = value()?.parse().context("--releases")?,
            "--starts" => starts = value()?.parse().context("--starts")?,
            "--folder" => folder = value()?.into(),
            _ => bail!("unknown row or option: {word}\n{USAGE}"),
        }
    }
    let wanted = |row: &str| rows.is_empty() || rows.iter().any(|wanted| wanted == row);

    let cores = Cores::find()?;
    if wanted("answer") {
        in_process::run(cores.server, &in_process::Options { rounds, calls, only })?;
    }
    if wanted("compile") {
        compile::run(cores.server, rounds.div_ceil(3))?;
    }
    if rows.iter().all(|row| row == "answer" || row == "compile") && !rows.is_empty() {
        return Ok(());
    }
    let runs = Rounds { count: rounds, seconds, tries };
    let programs = Programs::build()?;
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    if wanted("answers") {
        answers::run(&programs, cores, &folder, &runs)?;
    }
    if wanted("policies") {
        policies::run(&programs, cores, &folder, &runs)?;
    }
    if wanted("releases") {
        releases::run(&programs, cores, &folder, changes / 5, in_progress)?;
    }
    if ["change", "size", "batches", "listings"].into_iter().any(wanted) {
        let million = Million::import(&programs, &folder)?;
        if wanted("size") {
            size::run(&programs, cores, &million, starts)?;
        }
        if wanted("change") {
            change::run(&programs, cores, &million, changes)?;
        }
        if wanted("batches") {
            batches::run(&programs, cores, &million, 5.0 * seconds, changes / 2)?;
        }
        if wanted("listings") {
            listings::run(&programs, cores, &million)?;
        }
    }
    Ok(())
}
