//! The row `size`: what a million records cost to import, to start from, and to hold.

use anyhow::Result;

use crate::cpu::{self, Cores};
use crate::run::million::{Million, RECORDS};
use crate::run::server::Programs;
use crate::run::statistics::Series;
use crate::run::zone;

/// Starts the server `rounds` times from the same folder and prints the table.
///
/// # Errors
/// The server does not come up.
pub fn run(programs: &Programs, cores: Cores, million: &Million, rounds: usize) -> Result<()> {
    let (mut ready, mut used) = (Series::default(), Series::default());
    let (mut megabytes, mut each) = (Series::default(), Series::default());
    for _ in 0..rounds {
        let server = programs.start_cutover(cores, &million.data, &zone::name(RECORDS - 1))?;
        ready.push(server.ready.as_secs_f64());
        used.push(cpu::used_by(server.process())?.as_secs_f64());
        let octets = cpu::memory_of(server.process()) as f64;
        megabytes.push(octets / 1e6);
        each.push(octets / RECORDS as f64);
    }
    println!("\n### {RECORDS} A records in one zone, n = {rounds}, median (min–max)\n");
    println!("| import, s | start to first answer, s | CPU until then, s | memory (Pss), MB | octets a record |");
    println!("|---|---|---|---|---|");
    println!(
        "| {:.1} | {} | {} | {} | {} |",
        million.imported.as_secs_f64(),
        ready.summary(2),
        used.summary(2),
        megabytes.summary(0),
        each.summary(0)
    );
    Ok(())
}
