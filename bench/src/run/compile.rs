//! The row `compile`: a million record sets → what answers are made from, in process and on one core.

use std::time::Instant;

use answer::{Edit, Snapshot};
use anyhow::Result;
use model::hosted_zone::Visibility;
use model::{Name, RecordSet, RecordType, Ttl};

use crate::cpu;
use crate::routed::kind::{KINDS, Kind, Policy};
use crate::routed::records::References;
use crate::run::in_process::apex;
use crate::run::statistics::Series;
use crate::run::zone::{self, ZONE};

/// Record sets in the zone.
const RECORD_SETS: usize = 1_000_000;

/// Compiles on `core`, `rounds` times each, and prints the table.
///
/// # Errors
/// The core may not be used.
pub fn run(core: usize, rounds: usize) -> Result<()> {
    println!("\n### {RECORD_SETS} record sets compiled on one core, n = {rounds}, median (min–max)\n");
    println!("| | seconds | memory, MB | names |");
    println!("|---|---|---|---|");
    let mixed: Vec<Kind> = KINDS
        .into_iter()
        .enumerate()
        .filter(|(place, kind)| {
            let repeated = KINDS[..*place].iter().any(|earlier| earlier.prefix == kind.prefix);
            !repeated && !matches!(kind.policy, Policy::Static(_) | Policy::Missing)
        })
        .map(|(_, kind)| kind)
        .collect();
    cpu::on_core(core, || {
        let references = References::in_process()?;
        let rows = [("A records", &[][..]), ("A records, of 10 % a policy of every kind", &mixed)];
        // All snapshots stay until the last is weighed, so that none is made in the memory of another. Record sets are made one by
        // one here, and before the clock starts below.
        let mut weighed = Vec::new();
        for (_, kinds) in rows {
            let before = cpu::memory_of(std::process::id());
            let mut fault = None;
            let made = record_sets(&references, kinds).map_while(|made| made.map_err(|error| fault = Some(error)).ok());
            let snapshot = compile(&references, made)?;
            weighed.push((snapshot, cpu::memory_of(std::process::id()).saturating_sub(before)));
            if let Some(fault) = fault {
                return Err(fault);
            }
        }
        let weighed: Vec<(usize, u64)> =
            weighed.into_iter().map(|(snapshot, octets)| (snapshot.name_count(), octets)).collect();
        for ((name, kinds), (names, octets)) in rows.into_iter().zip(weighed) {
            let mut seconds = Series::default();
            for _ in 0..rounds {
                let record_sets = record_sets(&references, kinds).collect::<Result<Vec<_>>>()?;
                let start = Instant::now();
                let snapshot = compile(&references, record_sets)?;
                seconds.push(start.elapsed().as_secs_f64());
                drop(snapshot);
            }
            println!("| {name} | {} | {:.0} | {names} |", seconds.summary(2), octets as f64 / 1e6);
        }
        Ok(())
    })
}

fn compile(references: &References, record_sets: impl IntoIterator<Item = RecordSet>) -> Result<Snapshot> {
    let mut edit: Edit = Snapshot::empty().edit();
    edit.put_zone(&references.zone, &Name::parse(ZONE)?, 1, &Visibility::PUBLIC, RECORD_SETS, record_sets)?;
    Ok(edit.finish(1))
}

/// The zone in the order of its names' kinds; a tenth of its record sets are those of `kinds` in turn, if there are any.
fn record_sets<'r>(references: &'r References, kinds: &'r [Kind]) -> impl Iterator<Item = Result<RecordSet>> + 'r {
    let plain = |number: usize| -> Result<RecordSet> {
        let value = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
        Ok(RecordSet::simple(Name::parse(&zone::name(number))?, RecordType::A, Ttl::new(300)?, vec![value]))
    };
    let policies = (0..if kinds.is_empty() { 0 } else { usize::MAX })
        .flat_map(move |number| match references.record_sets(&kinds[number % kinds.len()], number / kinds.len()) {
            Ok(sets) => sets.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
        .take(RECORD_SETS / 10);
    let apex = apex().map_or_else(|error| vec![Err(error)], |sets| sets.into_iter().map(Ok).collect::<Vec<_>>());
    let all = apex.into_iter().chain(policies);
    all.chain((0..).map(plain)).take(RECORD_SETS)
}
