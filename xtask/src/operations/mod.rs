//! `cargo xtask operations [--model FILE] [--check]`: writes the wire code of Route 53's API from AWS's service model.
//!
//! The walk: [`model`] is read, [`differs`] makes our exceptions, [`reach`] finds the shapes in use, [`shapes`],
//! [`decode`], [`encode`] and [`table`] write a file each, rustfmt makes them readable, and they are committed.
//! At the end `api` writes its table of what becomes of each operation into `docs/route53/operations.md`.
//! `--check` writes nothing and fails where the committed files differ. Left out on purpose: AWS's documentation texts, and everything that decides (see `crates/api/src/route53`).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use self::model::Model;
use self::reach::Reach;
use crate::step::{cargo, run as start};

mod decode;
mod differs;
mod encode;
mod model;
mod names;
mod reach;
mod shapes;
mod table;
mod types;

/// Where every operation of the service lives.
const PREFIX: &str = "/2013-04-01/";

/// Names the version of botocore whose model counts.
const REQUIREMENTS: &str = include_str!("../../../world/tests/clients/requirements.txt");

/// Runs the command with what follows its name.
pub(crate) fn run(mut args: impl Iterator<Item = String>) -> Result<()> {
    let mut file = None;
    let mut check = false;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--model" => file = Some(PathBuf::from(args.next().context("--model wants a file")?)),
            "--check" => check = true,
            other => bail!("unknown option; known are --model FILE and --check: {other}"),
        }
    }
    let file = match file {
        Some(file) => file,
        None => botocore_model().context(
            "no model found; give one with --model FILE, or install the botocore of world/tests/clients/requirements.txt",
        )?,
    };
    let folder = output_folder();
    for (name, text) in generate(&Model::open(&file)?)? {
        let path = folder.join(name);
        if !check {
            std::fs::write(&path, text).with_context(|| format!("cannot write: {}", path.display()))?;
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            bail!("not what the generator writes; run `cargo xtask operations`: {}", path.display());
        }
    }
    if check { Ok(()) } else { write_page() }
}

/// The table on the page is of what the code does, so a test of the code writes it; it compares when it is not told to.
fn write_page() -> Result<()> {
    let mut test =
        cargo(&["test", "--quiet", "--package", "cutover-api", "--lib", "the_page_of_operations_is_the_table"]);
    start(test.env("CUTOVER_WRITE_PAGES", "1"))
}

/// Every generated file: its name and its formatted text.
fn generate(model: &Model) -> Result<Vec<(&'static str, String)>> {
    let reach = Reach::of(model)?;
    let wildcards = "#![allow(clippy::wildcard_imports, reason = \"a generated file uses nearly all of them\")]";
    let files = [
        ("shapes.rs", "The shapes of requests and responses.", "", shapes::file(model, &reach)?),
        ("decode.rs", "Requests into their shapes.", wildcards, decode::file(model, &reach)?),
        ("encode.rs", "Shapes into responses.", wildcards, encode::file(model, &reach)?),
        ("operations.rs", "Every operation: its name and where it is reached.", "", table::file(model, PREFIX)?),
    ];
    files
        .into_iter()
        .map(|(name, about, attributes, body)| {
            let uid = &model.metadata.uid;
            let header = format!(
                "//! {about} Generated from AWS's service model `{uid}` by `cargo xtask operations`; do not edit.\n\
                 {attributes}\n\n"
            );
            Ok((name, format(&(header + &body)).with_context(|| format!("rustfmt refused {name}"))?))
        })
        .collect()
}

fn output_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/api/src/route53/generated")
}

/// The model inside botocore, if Python finds the version that the tests pin: AWS adds to its model from time to time,
/// and what is generated must not depend on who generates it.
fn botocore_model() -> Option<PathBuf> {
    let script = "import botocore, os; print(botocore.__version__); print(os.path.dirname(botocore.__file__))";
    let found = Command::new("python3").args(["-c", script]).stderr(Stdio::null()).output().ok()?;
    let found = String::from_utf8(found.stdout).ok()?;
    let (version, package) = found.trim().split_once('\n')?;
    if REQUIREMENTS.lines().all(|line| line != format!("botocore=={version}")) {
        return None;
    }
    let folder = Path::new(package).join("data/route53/2013-04-01");
    ["service-2.json.gz", "service-2.json"].iter().map(|name| folder.join(name)).find(|file| file.is_file())
}

fn format(text: &str) -> Result<String> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt does not start; install it with `rustup component add rustfmt`")?;
    let mut stdin = rustfmt.stdin.take().expect("stdin is piped above");
    stdin.write_all(text.as_bytes())?;
    drop(stdin);
    let out = rustfmt.wait_with_output()?;
    anyhow::ensure!(out.status.success(), "rustfmt ended with {}", out.status);
    Ok(String::from_utf8(out.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs the pinned botocore; without it there is nothing to compare with, and the test says so.
    #[test]
    fn committed_files_are_what_the_generator_writes() {
        let Some(file) = botocore_model() else {
            eprintln!("skipped: the pinned botocore is not on this machine");
            return;
        };
        for (name, text) in generate(&Model::open(&file).unwrap()).unwrap() {
            let committed = std::fs::read_to_string(output_folder().join(name)).unwrap();
            assert!(committed == text, "{name} differs; run `cargo xtask operations`");
        }
    }
}
