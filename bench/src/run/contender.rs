//! A server and the queries it is loaded with, measured once in each round of a row.
//!
//! All contenders of a row run from the start and are loaded one after another, round by round, so that what slows the machine for a
//! minute slows them all. What is compared are costs of the same round.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cpu;
use crate::generate::{Load, Measurement, generate};
use crate::query::Queries;
use crate::run::server::Server;
use crate::run::statistics::Series;

/// A run is repeated if other programs used more than this share of a core meanwhile; the quietest counts.
const FOREIGN_MAX: f64 = 0.08;

/// How often and how long contenders are loaded.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// Through all contenders.
    pub count: usize,
    /// Counted in each run.
    pub seconds: f64,
    /// Most runs for one that is not disturbed: with 1 a busy machine is not waited for.
    pub tries: usize,
}

/// See the module.
#[derive(Debug)]
pub struct Contender<'a> {
    /// As tables print it.
    pub name: String,
    server: &'a Server,
    queries: &'a Queries,
    /// Microseconds of the server's CPU for a query, by round.
    costs: Vec<f64>,
    /// Queries a second.
    pub rate: Series,
    /// Queries without a reply.
    pub lost: u64,
    /// Replies with a code other than NOERROR.
    pub wrong: u64,
    /// Share of a core that other programs used.
    pub foreign: Series,
    /// Octets of a reply.
    pub octets: Series,
}

impl<'a> Contender<'a> {
    /// Nothing is measured yet.
    pub fn new(name: &str, server: &'a Server, queries: &'a Queries) -> Contender<'a> {
        Contender {
            name: name.to_owned(),
            server,
            queries,
            costs: Vec::new(),
            rate: Series::default(),
            lost: 0,
            wrong: 0,
            foreign: Series::default(),
            octets: Series::default(),
        }
    }

    /// One run from `core`, repeated while the machine is disturbed.
    ///
    /// # Errors
    /// Not one query is answered, or the machine cannot be measured.
    pub fn measure(&mut self, core: usize, round: usize, rounds: &Rounds) -> Result<Measurement> {
        let load = Load {
            seed: round as u64 + 1,
            process: Some(self.server.process()),
            duration: Duration::from_secs_f64(rounds.seconds),
            addresses: true,
            ..Load::new(self.server.address)
        };
        let mut best: Option<(f64, Measurement)> = None;
        for run in 1..=rounds.tries.max(1) {
            let (found, foreign) = cpu::on_core(core, || watched(&load, self.queries))?;
            if best.as_ref().is_none_or(|(least, _)| foreign < *least) {
                best = Some((foreign, found));
            }
            if foreign < FOREIGN_MAX || run == rounds.tries.max(1) {
                break;
            }
            cpu::wait_for_quiet(FOREIGN_MAX)?;
        }
        let (foreign, found) = best.context("at least one run was made")?;
        let cost = found.server_us_per_query().with_context(|| format!("no answer at all: {}", self.name))?;
        self.costs.push(cost);
        self.rate.push(found.answered as f64 / found.seconds);
        self.foreign.push(foreign);
        self.octets.push(found.octets as f64 / found.answered as f64);
        self.lost += found.lost;
        self.wrong += found.answered - found.rcodes[0];
        Ok(found)
    }

    /// Of all rounds.
    pub fn costs(&self) -> Series {
        Series::of(self.costs.clone())
    }

    /// Round by round, to what another cost in the same one.
    pub fn ratios_to(&self, other: &Contender<'_>) -> Series {
        Series::of(self.costs.iter().zip(&other.costs).map(|(own, other)| own / other).collect())
    }
}

/// A run, and the share of a core that neither the server nor we used meanwhile.
fn watched(load: &Load, queries: &Queries) -> Result<(Measurement, f64)> {
    let ours = || -> Result<Duration> {
        let server = load.process.map_or(Ok(Duration::ZERO), cpu::used_by)?;
        // Our other servers are children too, and idle.
        Ok(server + cpu::used_by_threads(std::process::id())?)
    };
    let start = Instant::now();
    let (busy, own) = (cpu::machine_busy()?, ours()?);
    let found = generate(load, queries)?;
    let (busy, own) = (cpu::machine_busy()? - busy, ours()? - own);
    Ok((found, busy.saturating_sub(own).as_secs_f64() / start.elapsed().as_secs_f64()))
}
