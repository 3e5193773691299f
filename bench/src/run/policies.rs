//! The row `policies`: CPU time of one answer of every routing policy over UDP, next to a static answer of the same size and EDNS.
//!
//! A thousand names of each kind in one zone, 300,000 prefixes in the table of places, every record set with a health check that
//! passes. gdnsd and PowerDNS join with what they have of it. The number to quote is the ratio within a round.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use model::id::{CidrCollectionId, HealthCheckId, HostedZoneId};

use crate::cpu::Cores;
use crate::query::Queries;
use crate::routed::kind::{KINDS, Kind, NAMES, Policy};
use crate::routed::places::{PREFIXES, Tables};
use crate::routed::records::References;
use crate::routed::xml;
use crate::run::api::{Api, batch_body, between, change_target, request_body};
use crate::run::contender::{Contender, Rounds};
use crate::run::routed_peers;
use crate::run::server::{Programs, Server};
use crate::run::signature::Key;
use crate::run::zone::{self, ZONE};

/// Measures all contenders and prints the tables.
///
/// # Errors
/// A server does not come up, or the machine cannot be measured.
pub fn run(programs: &Programs, cores: Cores, folder: &Path, rounds: &Rounds) -> Result<()> {
    let folder = folder.join("policies");
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let tables = Tables::draw(1);
    let places = written(&folder, "places.csv", &tables.places)?;
    let latencies = written(&folder, "latencies.csv", &tables.latencies)?;
    let (data, zone_file) = (folder.join("data"), folder.join("zone"));
    zone::write(&zone_file, 1)?;
    programs.import(ZONE, &zone_file, &data)?;
    let key = programs.create_key(&data)?;
    let more = format!("\n[places]\nfile = {places:?}\nlatencies = {latencies:?}\n");
    let cutover = programs.start_cutover_with(cores, &data, &zone::name(0), &more)?;
    create(&cutover, &data, key).context("create the names")?;
    let floor = programs.start_floor(cores)?;
    let mut peers = Vec::new();
    for peer in routed_peers::PEERS {
        match routed_peers::start(peer, cores, &folder, &tables) {
            Ok(Some(server)) => peers.push((peer, server)),
            Ok(None) => println!("\n{peer} is not installed."),
            Err(error) => println!("\n{peer} is left out: {error:#}"),
        }
    }

    let queries = KINDS.iter().map(|kind| kind.queries(1)).collect::<Result<Vec<Queries>>>()?;
    let mut contenders = vec![Contender::new("floor: echo", &floor, &queries[0])];
    contenders.extend(KINDS.iter().zip(&queries).map(|(kind, queries)| Contender::new(kind.name, &cutover, queries)));
    // Each peer's place among the contenders is that of its kind among ours, further on.
    let mut compared = Vec::new();
    for (peer, server) in &peers {
        for (place, kind) in KINDS.iter().enumerate().filter(|(_, kind)| routed_peers::answers(peer, kind)) {
            compared.push((contenders.len(), place + 1));
            contenders.push(Contender::new(&format!("{peer}, {}", kind.name), server, &queries[place]));
        }
    }
    for round in 0..rounds.count {
        for contender in &mut contenders {
            contender.measure(cores.generator, round, rounds)?;
        }
        eprintln!("round {} of {}", round + 1, rounds.count);
    }

    println!(
        "\n### Routing policies over UDP, one core, {NAMES} names of each kind, {PREFIXES} prefixes, n = {}, median (min–max)\n",
        rounds.count
    );
    head("to static of its size and EDNS, median of ratios");
    print(&contenders[0], &contenders[0]);
    for (kind, contender) in KINDS.iter().zip(&contenders[1..]) {
        print(contender, &contenders[1 + kind.baseline()]);
    }
    if !compared.is_empty() {
        println!();
        head("to cutover with the same queries, median of ratios");
        for (peer, own) in compared {
            print(&contenders[peer], &contenders[own]);
        }
    }
    Ok(())
}

fn head(ratio: &str) {
    println!(
        "| | server CPU, µs/query | {ratio} | q/s | octets a reply | lost | not NOERROR | other programs, % of a core |"
    );
    println!("|---|---|---|---|---|---|---|---|");
}

fn print(contender: &Contender<'_>, other: &Contender<'_>) {
    println!(
        "| {} | {} | {} | {:.0} | {:.0} | {} | {} | {:.0} |",
        contender.name,
        contender.costs().summary(2),
        contender.ratios_to(other).summary(2),
        contender.rate.median(),
        contender.octets.median(),
        contender.lost,
        contender.wrong,
        100.0 * contender.foreign.median()
    );
}

fn written(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    Ok(path)
}

/// Creates all kinds through the API.
fn create(server: &Server, data: &Path, key: Key) -> Result<()> {
    let mut api = server.api(data, key)?;
    let zone = api.hosted_zone(ZONE)?;
    let collection = create_collection(&mut api)?;
    let references = References {
        zone: HostedZoneId::parse(&zone)?,
        health_check: HealthCheckId::parse(&api.create_health_check("bench")?)?,
        collection: CidrCollectionId::parse(&collection)?,
    };
    let kinds: Vec<Kind> = KINDS.into_iter().filter(|kind| kind.policy != Policy::TrafficPolicy).collect();
    // R53 limits: at most 1,000 records and 32,000 characters of values a request; our largest record sets have eight.
    for record_sets in references.all(&kinds)?.chunks(120) {
        let changes = record_sets.iter().map(xml::create).collect::<Result<String>>()?;
        api.call("POST", &change_target(&zone), &batch_body(&changes))?;
    }
    create_instances(&mut api, &references)
}

/// The collection's id.
fn create_collection(api: &mut Api) -> Result<String> {
    let members = "<Name>bench</Name><CallerReference>bench</CallerReference>";
    let reply =
        api.call("POST", "/2013-04-01/cidrcollection", &request_body("CreateCidrCollectionRequest", members))?;
    let id = between(&reply, "<Id>", "</Id>").with_context(|| format!("a collection without id: {reply}"))?;
    let references = References { collection: CidrCollectionId::parse(id)?, ..References::in_process()? };
    let changes: String = references
        .cidr_collection()?
        .blocks
        .iter()
        .map(|(block, location)| {
            format!(
                "<member><LocationName>{location}</LocationName><Action>PUT</Action><CidrList><Cidr>{block}</Cidr></CidrList></member>"
            )
        })
        .collect();
    let body = request_body("ChangeCidrCollectionRequest", &format!("<Changes>{changes}</Changes>"));
    api.call("POST", &format!("/2013-04-01/cidrcollection/{id}"), &body)?;
    Ok(id.to_owned())
}

/// One traffic policy, and an instance of it for each name of its kind.
fn create_instances(api: &mut Api, references: &References) -> Result<()> {
    let members = format!("<Name>bench</Name><Document>{}</Document>", references.document_text());
    let reply = api.call("POST", "/2013-04-01/trafficpolicy", &request_body("CreateTrafficPolicyRequest", &members))?;
    let id = between(&reply, "<Id>", "</Id>").with_context(|| format!("a traffic policy without id: {reply}"))?;
    for kind in KINDS.into_iter().filter(|kind| kind.policy == Policy::TrafficPolicy) {
        for number in 0..NAMES {
            let members = format!(
                "<HostedZoneId>{}</HostedZoneId><Name>{}</Name><TTL>60</TTL><TrafficPolicyId>{id}</TrafficPolicyId><TrafficPolicyVersion>1</TrafficPolicyVersion>",
                references.zone,
                kind.owner(number)
            );
            let body = request_body("CreateTrafficPolicyInstanceRequest", &members);
            api.call("POST", "/2013-04-01/trafficpolicyinstance", &body)?;
        }
    }
    Ok(())
}
