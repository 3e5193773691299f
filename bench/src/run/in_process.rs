//! The row `answer`: one call of [`answer::answer`] without sockets, for each policy, on one core.
//!
//! The floor is a loop that only copies each query's header and question. Rounds go through all kinds, so that what slows the machine
//! for a while slows them all; the least of the rounds is the one that was disturbed the least. Under
//! `valgrind --tool=callgrind --toggle-collect='*in_process::ask*'` with `--only` it counts instructions, which no neighbour disturbs.

use std::hint::black_box;
use std::time::Instant;

use answer::{Client, Health, Outcome, Places, Snapshot, Transport, View, answer, read_latencies, read_places};
use anyhow::{Result, bail};
use model::hosted_zone::Visibility;
use model::{Name, RecordSet, RecordType, Ttl};

use crate::cpu::on_core;
use crate::random::Random;
use crate::routed::kind::{KINDS, Kind, Policy};
use crate::routed::places::Tables;
use crate::routed::records::References;
use crate::run::statistics::Series;
use crate::run::zone::ZONE;

/// What a round does of each kind, and which kinds.
#[derive(Clone, Debug)]
pub struct Options {
    /// Through all kinds.
    pub rounds: usize,
    /// Of each kind in each round.
    pub calls: usize,
    /// A part of the names of the kinds that are wanted.
    pub only: Option<String>,
}

/// Measures on `core` and prints the table.
///
/// # Errors
/// A query that is not answered as its kind is, or a core that may not be used.
pub fn run(core: usize, options: &Options) -> Result<()> {
    let wanted = |kind: &Kind| options.only.as_ref().is_none_or(|part| kind.name.contains(part));
    let kinds: Vec<Kind> = KINDS.into_iter().filter(wanted).collect();
    if kinds.is_empty() {
        let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        bail!("--only is a part of one of these: {}", names.join("; "));
    }
    let view = view()?;
    let messages = kinds.iter().map(|kind| kind.messages(1)).collect::<Result<Vec<_>>>()?;
    for (kind, messages) in kinds.iter().zip(&messages) {
        check(kind, &view, messages)?;
    }
    let mut costs = vec![(Series::default(), Series::default()); kinds.len()];
    on_core(core, || {
        for round in 0..options.rounds {
            for (messages, (floors, answers)) in messages.iter().zip(&mut costs) {
                floors.push(timed(messages, options.calls, copy));
                answers.push(timed(messages, options.calls, |messages| ask(&view, messages, round as u64)));
            }
        }
        Ok(())
    })?;
    println!("\n### One answer in process, {} calls a round, n = {}, nanoseconds\n", options.calls, options.rounds);
    println!("| | least | median (min–max) | copying the question, least | to static of its size and EDNS, least |");
    println!("|---|---|---|---|---|");
    for (kind, (floors, answers)) in kinds.iter().zip(&costs) {
        let baseline = kinds.iter().position(|other| other.name == KINDS[kind.baseline()].name);
        let ratio = baseline.map(|place| answers.quantile(0.0) / costs[place].1.quantile(0.0));
        println!(
            "| {} | {:.0} | {} | {:.0} | {} |",
            kind.name,
            answers.quantile(0.0),
            answers.summary(0),
            floors.quantile(0.0),
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
        );
    }
    Ok(())
}

/// All kinds in one zone, all health checks passing, and the tables of places.
///
/// # Errors
/// None that our own texts could cause.
pub fn view() -> Result<View> {
    let references = References::in_process()?;
    let mut record_sets = apex()?;
    record_sets.extend(references.all(&KINDS)?);
    let mut edit = Snapshot::empty().edit();
    let names = record_sets.len();
    edit.put_zone(&references.zone, &Name::parse(ZONE)?, 1, &Visibility::PUBLIC, names, record_sets)?;
    edit.put_cidr_collection(&references.cidr_collection()?);
    let snapshot = edit.finish(1);
    let health = Health::compile(&snapshot, |_| true);
    let tables = Tables::draw(1);
    let places = Places::compile(read_places(&tables.places)?, read_latencies(&tables.latencies)?, &[])?;
    Ok(View { snapshot: snapshot.into(), health: health.into(), places: places.into() })
}

/// SOA and NS of the zone.
///
/// # Errors
/// None.
pub fn apex() -> Result<Vec<RecordSet>> {
    let set = |record_type, value: &str| -> Result<RecordSet> {
        Ok(RecordSet::simple(Name::parse(ZONE)?, record_type, Ttl::new(300)?, vec![value.to_owned()]))
    };
    let soa = set(RecordType::SOA, "ns1.bench.test. admin.bench.test. 1 3600 600 604800 300")?;
    Ok(vec![soa, set(RecordType::NS, "ns1.bench.test.")?])
}

const REPLY: usize = 4096;

fn client(draw: u64) -> Client<'static> {
    Client::new([127, 0, 0, 1].into(), Transport::Udp, draw)
}

/// Every message gets the answer of its kind: records, or none.
fn check(kind: &Kind, view: &View, messages: &[Vec<u8>]) -> Result<()> {
    let mut reply = [0; REPLY];
    for (draw, message) in messages.iter().enumerate() {
        let Outcome::Answered(_) = answer(view, message, &client(draw as u64), &mut reply) else {
            bail!("not answered: {}", kind.name)
        };
        let (rcode, answers) = (reply[3] & 15, reply[7]);
        let right = match kind.policy {
            Policy::Missing => rcode == 3 && answers == 0,
            Policy::Static(values) => rcode == 0 && usize::from(answers) == values,
            Policy::Multivalue(members) => rcode == 0 && usize::from(answers) == members.min(8),
            _ => rcode == 0 && answers == 1,
        };
        if !right {
            bail!("code {rcode} with {answers} records: {}", kind.name);
        }
    }
    Ok(())
}

/// Calls that are timed together: short enough that few of them are interrupted.
const CHUNK: usize = 2048;

/// Nanoseconds a call: the median of chunks, so that what interrupts some of them does not count.
fn timed(messages: &[Vec<u8>], calls: usize, work: impl Fn(&[Vec<u8>]) -> usize) -> f64 {
    let mut chunks = Series::default();
    for messages in messages.chunks(CHUNK).cycle().take(calls.div_ceil(CHUNK).max(1)) {
        let start = Instant::now();
        black_box(work(messages));
        chunks.push(start.elapsed().as_secs_f64() * 1e9 / messages.len() as f64);
    }
    chunks.median()
}

/// The octets of all replies, so that none can be left out. By itself, so that a profiler finds it.
#[inline(never)]
fn ask(view: &View, messages: &[Vec<u8>], seed: u64) -> usize {
    let mut reply = [0; REPLY];
    let mut random = Random::new(seed);
    let mut octets = 0;
    for message in messages {
        octets += answer(view, message, &client(random.bits()), &mut reply).len();
        black_box(&reply);
    }
    octets
}

/// The same loop with the least that a reply needs.
#[inline(never)]
fn copy(messages: &[Vec<u8>]) -> usize {
    let mut reply = [0_u8; REPLY];
    let mut random = Random::new(1);
    let mut octets = 0;
    for message in messages {
        black_box(client(random.bits()));
        reply[..message.len()].copy_from_slice(message);
        reply[2] |= 0x80;
        octets += message.len();
        black_box(&reply);
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_answered_as_it_should_be() {
        let view = view().unwrap();
        for kind in KINDS {
            let messages = kind.messages(1).unwrap();
            check(&kind, &view, &messages[..500]).unwrap();
        }
    }
}
