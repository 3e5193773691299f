//! From a failing metric to the weights before in answers. The new environment has all traffic and bakes, so the first
//! answer of the old one is the proof.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;

use super::town::{BLUE, GREEN, Town, name};
use crate::cpu::{Cores, on_core};
use crate::run::change::Prober;
use crate::run::statistics::Series;

/// How often the metric is asked.
const INTERVAL: &str = "500ms";
/// Releases that do not move in this time never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// Prints the table.
pub(super) fn run(town: &mut Town, cores: Cores, rounds: usize) -> Result<()> {
    town.settle(0..1)?;
    let (mut from_set, mut from_told) = (Series::default(), Series::default());
    for _ in 0..rounds {
        let (set, told) = one(town, cores)?;
        from_set.push(set.as_secs_f64() * 1000.0);
        from_told.push(told.as_secs_f64() * 1000.0);
    }
    println!("\n### From a failing metric to the weights before in answers, ms, n = {rounds}\n");
    println!("| | median (min–max) | p99 |\n|---|---|---|");
    println!(
        "| from the reply that told of the failure | {} | {:.1} |",
        from_told.summary(1),
        from_told.quantile(0.99)
    );
    println!("| from the failure, asked every {INTERVAL} | {} | {:.1} |", from_set.summary(1), from_set.quantile(0.99));
    Ok(())
}

/// One release that bakes, fails and is taken back: times from the failure, and from when it was told.
fn one(town: &mut Town, cores: Cores) -> Result<(Duration, Duration)> {
    let mut prober = Prober::new(town.server.address, &name(0))?;
    town.endpoint.set_failing(false);
    let release = town.release(
        0,
        &json!({
        "to": "green", "bake": "1h", "settle": {"ttl_multiple": 1, "min": "0s"},
        "strategy": {"canary": {"steps": [{"weight": "100%"}]}},
        "analysis": {"errors": town.metric(INTERVAL)}, "background": {"templates": ["errors"]}}),
    )?;
    on_core(cores.generator, || wait_for(&mut prober, GREEN).map(drop))?;
    let start = Instant::now();
    let before = town.endpoint.asked();
    // Baking, and asked some times since.
    while town.phase(&release)? != "Baking" || town.endpoint.asked() < before + 2 {
        if start.elapsed() > PATIENCE {
            bail!("a release does not bake: {release}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let endpoint = &town.endpoint;
    let (set, told) = on_core(cores.generator, || {
        let failed = Instant::now();
        endpoint.set_failing(true);
        let restored = wait_for(&mut prober, BLUE)?;
        let told = endpoint.first_failure().unwrap_or(failed);
        Ok((restored - failed, restored - told))
    })?;
    town.endpoint.set_failing(false);
    let start = Instant::now();
    while town.phase(&release)? != "RolledBack" {
        if start.elapsed() > PATIENCE {
            bail!("a release is not taken back: {release}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((set, told))
}

fn wait_for(prober: &mut Prober, address: [u8; 4]) -> Result<Instant> {
    let start = Instant::now();
    while !prober.sees(address)? {
        if start.elapsed() > PATIENCE {
            bail!("no answer has {address:?} within {PATIENCE:?}");
        }
    }
    Ok(Instant::now())
}
