//! The row `batches`: how many change batches the API accepts, and how long a large one takes, each durable before its reply.
//!
//! The server runs on its core as in the other rows; the clients share the generator's. What the disk itself can do is
//! measured just before, so that a number says how far from it we are.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cpu::{self, Cores, on_core};
use crate::run::api::{Action, Api, Change, change_body, change_target};
use crate::run::million::{Million, RECORDS};
use crate::run::server::Programs;
use crate::run::statistics::Series;
use crate::run::zone;

/// Clients at once.
const CLIENTS: usize = 32;
/// Records of a large batch: the most that one may have.
const LARGE: usize = 1000;

/// Writes for `seconds` with 32 clients, then `rounds` large batches, and prints the tables.
///
/// # Errors
/// The server does not come up or refuses a change.
pub fn run(programs: &Programs, cores: Cores, million: &Million, seconds: f64, rounds: usize) -> Result<()> {
    let disk = syncs(&million.data)?;
    let server = programs.start_cutover(cores, &million.data, &zone::name(RECORDS - 1))?;
    let id = server.api(&million.data, million.key.clone())?.hosted_zone(zone::ZONE)?;

    let apis: Vec<Api> = (0..CLIENTS).map(|_| server.api(&million.data, million.key.clone())).collect::<Result<_>>()?;
    let before = cpu::used_by(server.process())?;
    let (single, elapsed) = on_core(cores.generator, || many(apis, &id, Duration::from_secs_f64(seconds)))?;
    let used = cpu::used_by(server.process())? - before;

    let mut api = server.api(&million.data, million.key.clone())?;
    let (mut create, mut delete) = (Series::default(), Series::default());
    for _ in 0..rounds {
        for (action, series) in [(Action::Create, &mut create), (Action::Delete, &mut delete)] {
            let names: Vec<String> = (0..LARGE).map(|n| format!("large{n:04}.{}", zone::ZONE)).collect();
            let changes: Vec<Change<'_>> =
                names.iter().map(|name| Change { action, name, address: [10, 9, 8, 7], weighted: None }).collect();
            let body = change_body(&changes);
            let start = Instant::now();
            api.call("POST", &change_target(&id), &body)?;
            series.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }

    println!("\n### Change batches into a zone of {RECORDS} records, durable before the reply\n");
    println!("| | batches/s | ms, median (min–max) | p99, ms | server CPU, µs a batch |\n|---|---|---|---|---|");
    println!(
        "| the disk alone: write 4 KiB, fdatasync | {:.0} | {} | {:.2} | |",
        1000.0 / disk.median(),
        disk.summary(2),
        disk.quantile(0.99)
    );
    println!(
        "| one change a batch, {CLIENTS} clients, {seconds} s | {:.0} | {} | {:.2} | {:.0} |",
        single.count() as f64 / elapsed.as_secs_f64(),
        single.summary(2),
        single.quantile(0.99),
        used.as_secs_f64() * 1e6 / single.count() as f64
    );
    for (what, series) in [("CREATE", create), ("DELETE", delete)] {
        println!(
            "| {LARGE} {what} in a batch, one client, n = {rounds} | {:.0} | {} | {:.2} | |",
            1000.0 / series.median(),
            series.summary(1),
            series.quantile(0.99)
        );
    }
    Ok(())
}

/// Every client changes names of its own, one after another, until the time is over: how long each batch took, in ms.
fn many(apis: Vec<Api>, zone: &str, time: Duration) -> Result<(Series, Duration)> {
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let times = thread::scope(|scope| {
        let clients: Vec<_> = apis
            .into_iter()
            .enumerate()
            .map(|(client, api)| {
                let stop = &stop;
                scope.spawn(move || one(api, zone, client, stop))
            })
            .collect();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().expect("a client does not panic")).collect::<Result<Vec<_>>>()
    })?;
    let elapsed = start.elapsed();
    Ok((Series::of(times.into_iter().flatten().collect()), elapsed))
}

fn one(mut api: Api, zone: &str, client: usize, stop: &AtomicBool) -> Result<Vec<f64>> {
    let target = change_target(zone);
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let name = zone::name((times.len() * CLIENTS + client) % RECORDS);
        let [_, b, c, d] = u32::try_from(times.len())?.to_be_bytes();
        let change = Change { action: Action::Upsert, name: &name, address: [172, b, c, d], weighted: None };
        let body = change_body(std::slice::from_ref(&change));
        let start = Instant::now();
        api.call("POST", &target, &body)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}

/// What one small durable write costs where the data lies, in ms.
fn syncs(folder: &Path) -> Result<Series> {
    let path = folder.join("floor");
    let mut file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
    let mut times = Vec::new();
    for _ in 0..500 {
        let start = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    std::fs::remove_file(&path)?;
    Ok(Series::of(times))
}
