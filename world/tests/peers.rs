//! Thousands of questions about generated zones to NSD, Knot, BIND, PowerDNS and Cutover: wherever the four agree, so do
//! we, but for differences that are listed with their reason here and in `docs/conformance.md`.
//!
//! The walk: `garden` and `questions` draw from fixed seeds → `servers` serve the zones → `case` asks them → `view` leaves
//! out what the standards leave open → `judged` names what is left. A case that fails is printed with its zone, so that
//! it can be replayed; `CUTOVER_PEERS_SEED` draws other zones.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "peers/case.rs"]
mod case;
#[path = "peers/draw.rs"]
mod draw;
#[path = "peers/garden.rs"]
mod garden;
#[path = "peers/judged.rs"]
mod judged;
#[path = "peers/questions.rs"]
mod questions;
#[path = "peers/rdata.rs"]
mod rdata;
#[path = "peers/rules.rs"]
mod rules;
#[path = "peers/servers.rs"]
mod servers;
#[path = "peers/view.rs"]
mod view;
#[path = "peers/zone.rs"]
mod zone;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use world::place::{Folder, is_installed, repository, skip};

use case::Case;
use judged::{Judged, OURS, OUTVOTED, THEIRS, VERSIONS};
use servers::{KINDS, Served};
use view::{Counts, FIELDS, Field, TOLERATED};
use zone::Zone;

const SEED: u64 = 2;
const ZONES: usize = 48;
const QUESTIONS: usize = 100;
/// Of the zone that is written by hand.
const QUESTIONS_OF_RULES: usize = 1_000;

#[test]
fn cutover_answers_like_four_others() {
    let missing: Vec<&str> = KINDS.iter().filter(|kind| !is_installed(kind.program)).map(|kind| kind.name).collect();
    if !missing.is_empty() {
        return skip("peers", &format!("not installed: {}", missing.join(", ")));
    }
    let seed = std::env::var("CUTOVER_PEERS_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let mut zones: Vec<Zone> = (0..ZONES).map(|number| garden::generate(seed, number)).collect();
    zones.push(garden::renamed("elsewhere.example."));
    zones.extend(rules::zones());
    let mut tally = Tally::default();
    tally.run(&zones, seed);
    // All other zones lie below it, so it has its own servers.
    tally.run(&[garden::root(seed)], seed);
    tally.show();
    let known = KINDS.iter().map(servers::Kind::version).eq(VERSIONS.map(|(_, version)| version.to_owned()));
    assert!(tally.cases >= 5_000, "{} cases", tally.cases);
    assert!(tally.faults.is_empty(), "{} faults, the first of them:\n{}", tally.faults.len(), tally.faults[0]);
    if known && seed == SEED {
        let open = &tally.open;
        assert!(open.is_empty(), "{} disagreements that nobody judged, the first of them:\n{}", open.len(), open[0]);
    }
}

#[test]
fn the_page_tells_what_is_judged() {
    let page = std::fs::read_to_string(repository().join("docs/conformance.md")).unwrap();
    let rows = |heading: &str| -> Vec<(String, String)> {
        let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap_or_default();
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
        lines.map(cells).map(|cells| (cells[1].clone(), cells[2].clone())).collect()
    };
    let owned = |(name, rule): (&str, &str)| (name.to_owned(), rule.to_owned());
    let judged = |list: &[Judged]| list.iter().map(|kind| owned((kind.name, kind.rule))).collect::<Vec<_>>();
    assert_eq!(rows("Who was asked"), VERSIONS.map(owned));
    assert_eq!(rows("What is not compared"), TOLERATED.map(|(_, what, rule)| owned((what, rule))));
    assert_eq!(rows("Where all four agree and we differ"), judged(&OURS));
    assert_eq!(rows("Where they disagree"), judged(&THEIRS));
}

/// What came out.
#[derive(Default)]
struct Tally {
    cases: usize,
    /// Cases in which the four agree in everything.
    agreed: usize,
    counts: Counts,
    /// By list and name: how often, and which parties.
    judged: BTreeMap<(&'static str, &'static str), BTreeMap<String, usize>>,
    /// We are wrong, or may be.
    faults: Vec<String>,
    /// They disagree in a way that no line is for.
    open: Vec<String>,
}

/// What the lists make of a case.
struct Struck {
    /// Fields that no kind explains.
    left: Vec<Field>,
    /// All fields of the kinds that do.
    explained: Vec<Field>,
    /// The kinds that hold.
    kinds: Vec<&'static str>,
}

impl Tally {
    /// Serves the zones and asks.
    fn run(&mut self, zones: &[Zone], seed: u64) {
        let folder = Folder::new("peers");
        let served = written(folder.path(), zones);
        let peers: Vec<_> = KINDS.iter().map(|kind| kind.start(folder.path(), &served)).collect();
        let cutover = servers::cutover(folder.path(), &served);
        let servers: Vec<SocketAddr> = std::iter::once(cutover.dns).chain(peers.iter().map(|p| p.address)).collect();
        let servers: [SocketAddr; 5] = servers.try_into().unwrap();
        for (number, zone) in zones.iter().enumerate() {
            let count = if zone.origin == rules::ORIGIN { QUESTIONS_OF_RULES } else { QUESTIONS };
            for question in questions::questions(zone, count, seed + number as u64) {
                self.cases += 1;
                // A question about a name may be one to another zone.
                let zone = Zone::around(zones, &question.name).unwrap_or(zone);
                match Case::ask(servers, zones, zone, &question, &mut self.counts) {
                    Ok(case) => self.judge(&case),
                    Err(fault) => self.faults.push(format!("{question}: {fault}\n{}", zone.text)),
                }
            }
        }
    }

    fn judge(&mut self, case: &Case<'_>) {
        if let Some(fault) = case.ours().fault(case.question, case.zones) {
            self.faults.push(format!("{fault}\n{case}{}", case.zone.text));
        }
        let differs = |field: &Field| case.views[2..].iter().any(|view| case.views[1].differs(view, *field));
        let disputed: Vec<Field> = FIELDS.into_iter().filter(differs).collect();
        self.agreed += usize::from(disputed.is_empty());
        let struck = self.strike(case, "theirs", &THEIRS, &disputed);
        if !struck.left.is_empty() {
            let (left, parties) = (&struck.left, case.parties(&struck.left));
            self.open.push(format!("{left:?}, {parties}: {case}{}", case.zone.text));
        }
        let outvoted: Vec<Field> = disputed.iter().filter(|field| case.is_outvoted(**field)).copied().collect();
        if !outvoted.is_empty() && !struck.kinds.iter().any(|kind| OUTVOTED.contains(kind)) {
            self.faults.push(format!("most disagree with us in {outvoted:?}: {case}{}", case.zone.text));
        }
        // What follows from a disagreement is not agreed on, even if it happens to be alike.
        let agreed = FIELDS.into_iter().filter(|field| !disputed.contains(field) && !struck.explained.contains(field));
        let lonely: Vec<Field> = agreed.filter(|field| case.ours().differs(&case.views[1], *field)).collect();
        let struck = self.strike(case, "ours", &OURS, &lonely);
        if !struck.left.is_empty() {
            self.faults.push(format!("all agree and we differ in {:?}: {case}{}", struck.left, case.zone.text));
        }
    }

    /// Counts the kinds of difference that hold, and takes what they explain from the fields.
    fn strike(&mut self, case: &Case<'_>, list: &'static str, kinds: &[Judged], fields: &[Field]) -> Struck {
        let mut struck = Struck { left: fields.to_vec(), explained: Vec::new(), kinds: Vec::new() };
        for kind in kinds.iter().filter(|kind| (kind.holds)(case)) {
            if fields.iter().any(|field| kind.fields.contains(field)) {
                struck.kinds.push(kind.name);
            }
            if struck.left.iter().any(|field| kind.fields.contains(field)) {
                let parties = self.judged.entry((list, kind.name)).or_default();
                *parties.entry(case.parties(kind.fields)).or_default() += 1;
                struck.left.retain(|field| !kind.fields.contains(field));
                struck.explained.extend(kind.fields);
            }
        }
        struck
    }

    fn show(&self) {
        println!("{} cases; in {} of them the four agree in everything", self.cases, self.agreed);
        for (tolerated, name, _) in TOLERATED {
            println!("{:6} {name}", self.counts.get(&tolerated).copied().unwrap_or_default());
        }
        for ((list, name), parties) in &self.judged {
            println!("{:6} {list}: {name}", parties.values().sum::<usize>());
            let mut parties: Vec<_> = parties.iter().collect();
            parties.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            parties.iter().for_each(|(parties, count)| println!("         {count:6} {parties}"));
        }
        let of = std::env::var("CUTOVER_PEERS_SHOW").unwrap_or_default();
        for text in self.faults.iter().chain(&self.open).filter(|_| !of.is_empty()) {
            println!("-- {}", text.split("$ORIGIN").next().unwrap());
        }
    }
}

fn written(folder: &Path, zones: &[Zone]) -> Vec<Served> {
    let file = |number: usize| folder.join(format!("{number}.zone"));
    zones.iter().enumerate().for_each(|(number, zone)| std::fs::write(file(number), &zone.text).unwrap());
    zones.iter().enumerate().map(|(number, zone)| (zone.origin.clone(), file(number))).collect()
}
