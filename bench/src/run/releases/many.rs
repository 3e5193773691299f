//! Many releases in progress at once: what they cost, and how long orders take meanwhile.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::town::Town;
use crate::cpu::{self, Cores, on_core};
use crate::run::statistics::Series;

/// CPU is counted for so long.
const COUNTED: Duration = Duration::from_secs(20);
/// Releases that do not come to rest in this time never will.
const PATIENCE: Duration = Duration::from_secs(120);
/// Orders to time.
const ORDERS: usize = 500;

/// Prints the table.
pub(super) fn run(town: &mut Town, cores: Cores, count: usize) -> Result<()> {
    town.settle(1..count + 1)?;
    println!("\n### {count} releases in progress, each at its first step of two\n");
    println!("| | server CPU, part of a core | metrics asked a second |\n|---|---|---|");
    let idle = share(town)?;
    println!("| none | {:.2} % | |", idle.0);
    let holding = json!({"steps": [{"weight": "5%"}, {"hold": "10h"}, {"weight": "100%"}]});
    let settle = json!({"ttl_multiple": 1, "min": "0s"});
    let plain = json!({"to": "green", "settle": settle, "strategy": {"canary": holding}});
    let created = all(town, cores, count, &plain)?;
    print(town, "holding", idle.0)?;
    end(town, &created.ids)?;
    let mut watched = plain;
    watched["analysis"] = json!({"errors": town.metric("10s")});
    watched["background"] = json!({"templates": ["errors"]});
    let created = all(town, cores, count, &watched)?;
    print(town, "holding, a metric every 10 s", idle.0)?;

    let mut orders = Series::default();
    on_core(cores.generator, || {
        for number in 0..ORDERS {
            let id = &created.ids[number * 7 % created.ids.len()];
            let start = Instant::now();
            town.order(id, "pause")?;
            orders.push(start.elapsed().as_secs_f64() * 1000.0);
            town.order(id, "resume")?;
        }
        Ok(())
    })?;
    println!("\n| one after another | ms, median (min–max) | p99, ms |\n|---|---|---|");
    println!("| release created, n = {count} | {} | {:.2} |", created.took.summary(2), created.took.quantile(0.99));
    println!("| order durable, n = {ORDERS} | {} | {:.2} |", orders.summary(2), orders.quantile(0.99));
    Ok(())
}

struct Created {
    ids: Vec<String>,
    took: Series,
}

/// Starts a release of every service and waits until all hold.
fn all(town: &mut Town, cores: Cores, count: usize, spec: &Value) -> Result<Created> {
    let mut created = Created { ids: Vec::new(), took: Series::default() };
    on_core(cores.generator, || {
        for number in 1..=count {
            let start = Instant::now();
            created.ids.push(town.release(number, spec)?);
            created.took.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(())
    })?;
    rest(town)?;
    Ok(created)
}

/// Waits until the server does little: the steps have been taken, and what is left is waiting.
fn rest(town: &Town) -> Result<()> {
    let start = Instant::now();
    let mut used = cpu::used_ever(town.server.process())?;
    loop {
        std::thread::sleep(Duration::from_secs(2));
        let now = cpu::used_ever(town.server.process())?;
        if (now - used).as_secs_f64() < 2.0 * 0.25 && start.elapsed() > Duration::from_secs(6) {
            return Ok(());
        }
        used = now;
        if start.elapsed() > PATIENCE {
            bail!("releases do not come to rest within {PATIENCE:?}");
        }
    }
}

fn end(town: &mut Town, ids: &[String]) -> Result<()> {
    ids.iter().try_for_each(|id| town.order(id, "abort"))?;
    let start = Instant::now();
    for id in ids {
        while town.phase(id)? != "RolledBack" {
            if start.elapsed() > PATIENCE {
                bail!("not taken back within {PATIENCE:?}: {id}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    rest(town)
}

fn print(town: &Town, what: &str, idle: f64) -> Result<()> {
    let (used, asked) = share(town)?;
    println!("| {what} | {used:.2} %, {:.2} % more than none | {asked:.0} |", used - idle);
    Ok(())
}

/// The part of a core that the server uses, in percent, and how often metrics are asked a second.
fn share(town: &Town) -> Result<(f64, f64)> {
    let (start, asked) = (Instant::now(), town.endpoint.asked());
    let before = cpu::used_ever(town.server.process())?;
    std::thread::sleep(COUNTED);
    let used = cpu::used_ever(town.server.process())? - before;
    let seconds = start.elapsed().as_secs_f64();
    Ok((100.0 * used.as_secs_f64() / seconds, (town.endpoint.asked() - asked) as f64 / seconds))
}
