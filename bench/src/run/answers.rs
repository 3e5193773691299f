//! The row `answers`: CPU time of one answer, next to the echo that no server can beat.
//!
//! All contenders run from the start and are loaded one after another, round by round, so that what slows the machine for a minute
//! slows them all. The number to quote is the ratio to the floor of the same round.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cpu::Cores;
use crate::query::Queries;
use crate::run::api::{Action, Change, change_body, change_target};
use crate::run::contender::{Contender, Rounds};
use crate::run::peers::{self, PEERS};
use crate::run::server::{Programs, Server};
use crate::run::signature::Key;
use crate::run::zone;

/// Static names in the zone.
const NAMES: usize = 100_000;
/// Weighted names beside them.
const WEIGHTED: usize = 1000;
/// Measures all contenders and prints the table.
///
/// # Errors
/// A server does not come up, or the machine cannot be measured.
pub fn run(programs: &Programs, cores: Cores, folder: &Path, rounds: &Rounds) -> Result<()> {
    let data = folder.join("answers");
    _ = fs::remove_dir_all(&data);
    let zone_file = folder.join("answers.zone");
    zone::write(&zone_file, NAMES)?;
    programs.import(zone::ZONE, &zone_file, &data)?;
    let key = programs.create_key(&data)?;
    let floor = programs.start_floor(cores)?;
    let cutover = programs.start_cutover(cores, &data, &zone::name(NAMES - 1))?;
    create_weighted(&cutover, &data, key)?;
    let mut others = Vec::new();
    for peer in PEERS {
        match peers::start(peer, cores, folder, &zone_file) {
            Ok(Some(server)) => others.push((peer, server)),
            Ok(None) => {}
            Err(error) => eprintln!("{peer} is left out: {error:#}"),
        }
    }

    let names: Vec<String> = (0..NAMES).map(zone::name).collect();
    let fixed = Queries::new(names.iter().map(|name| (name.as_str(), 1)), false)?;
    let names: Vec<String> = (0..WEIGHTED).map(zone::weighted_name).collect();
    let weighted = Queries::new(names.iter().map(|name| (name.as_str(), 1)), false)?;
    let mut contenders = vec![
        Contender::new("floor: echo", &floor, &fixed),
        Contender::new("cutover, static", &cutover, &fixed),
        Contender::new("cutover, weighted 90/10 with health", &cutover, &weighted),
    ];
    contenders.extend(others.iter().map(|(name, server)| Contender::new(&format!("{name}, static"), server, &fixed)));
    let mut shares = (0, 0);
    for round in 0..rounds.count {
        for contender in &mut contenders {
            let found = contender.measure(cores.generator, round, rounds)?;
            shares.0 += found.addresses.get(&HEAVY).copied().unwrap_or(0);
            shares.1 += found.addresses.get(&LIGHT).copied().unwrap_or(0);
        }
        eprintln!("round {} of {}", round + 1, rounds.count);
    }

    println!("\n### Answers over UDP, one core, {NAMES} names, n = {}, median (min–max)\n", rounds.count);
    println!(
        "| | server CPU, µs/query | to the floor, median of ratios | q/s | lost | not NOERROR | other programs, % of a core |"
    );
    println!("|---|---|---|---|---|---|---|");
    for contender in &contenders {
        println!(
            "| {} | {} | {} | {:.0} | {} | {} | {:.0} |",
            contender.name,
            contender.costs().summary(2),
            contender.ratios_to(&contenders[0]).summary(2),
            contender.rate.median(),
            contender.lost,
            contender.wrong,
            100.0 * contender.foreign.median()
        );
    }
    println!(
        "\nWeighted answers: {:.2} % on the side of weight 90.",
        100.0 * shares.0 as f64 / (shares.0 + shares.1).max(1) as f64
    );
    Ok(())
}

/// The address of the side with weight 90, and of the one with weight 10.
const HEAVY: [u8; 4] = [203, 0, 113, 90];
const LIGHT: [u8; 4] = [203, 0, 113, 10];

/// Creates the weighted record sets through the API, both sides with a health check, and waits until the last is answered.
fn create_weighted(server: &Server, data: &Path, key: Key) -> Result<()> {
    let mut api = server.api(data, key)?;
    let id = api.hosted_zone(zone::ZONE)?;
    let check = api.create_health_check("bench")?;
    let names: Vec<String> = (0..WEIGHTED).map(zone::weighted_name).collect();
    // R53 limits: at most 1,000 records a request, and UPSERT counts twice.
    for names in names.chunks(250) {
        let changes: Vec<Change<'_>> = names
            .iter()
            .flat_map(|name| {
                [("heavy", 90, HEAVY), ("light", 10, LIGHT)].map(|(identifier, weight, address)| Change {
                    action: Action::Upsert,
                    name,
                    address,
                    weighted: Some((identifier, weight, &*check)),
                })
            })
            .collect();
        api.call("POST", &change_target(&id), &change_body(&changes)).context("create weighted records")?;
    }
    Ok(())
}
