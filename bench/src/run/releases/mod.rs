//! The row `releases`: what a failing metric costs until the old weights answer again, what a thousand releases in
//! progress cost, and how long an order takes until it is durable.
//!
//! Services, record sets and releases are made through the APIs, answers are asked over UDP, and the metric is an HTTP
//! endpoint of this program, which knows to the microsecond when it began to tell of failures.

mod back;
mod endpoint;
mod many;
mod town;

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::cpu::Cores;
use crate::run::server::Programs;
use crate::run::zone;
use town::Town;

/// Takes back `rounds` releases one after another, then runs `count` at once, and prints the tables.
///
/// # Errors
/// The server does not come up, refuses something, or a release does not go where it should.
pub fn run(programs: &Programs, cores: Cores, folder: &Path, rounds: usize, count: usize) -> Result<()> {
    let data = folder.join("releases");
    _ = fs::remove_dir_all(&data);
    fs::create_dir_all(&data)?;
    let file = folder.join("releases.zone");
    zone::write(&file, 1)?;
    programs.import(zone::ZONE, &file, &data)?;
    let key = programs.create_key(&data)?;
    let mut town = Town::found(programs, cores, &data, key)?;
    back::run(&mut town, cores, rounds)?;
    many::run(&mut town, cores, count)
}
