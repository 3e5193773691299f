//! Real answers against their exact chances: fifty generated trees of all policies, each asked 100 000 times over UDP,
//! with health checks that fail and clients that Client Subnets name. The slow answerer and the explanation promise the
//! same chances to the last digit, and what comes by the sockets is counted against both.
//!
//! Trees, health and clients are the same in every run; the draws are the server's own and are not. So the level is set
//! by the false alarms that it allows, see [`LEVEL`].
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use answer::{Possibilities, Question, Snapshot, View};
use model::RecordType;
use model::id::HealthCheckId;
use model::prefix::Prefix;
use serve::{Config, TcpLimits};
use tokio::sync::watch;
use world::chance::Chance;
use world::chi_square::ChiSquare;
use world::exchange::many;
use world::explained::{Said, compare};
use world::query::{Opt, Query, subnet};
use world::reference::{Possible, Reference};
use world::reply::Reply;
use world::tables::Tables;
use world::trees::{Random, Tree, client};

const TREES: usize = 50;
const TIMES: usize = 100_000;

/// Counts that are as far off as this by chance are a fault. A run makes some two hundred tests, so that one run in
/// 5 × 10⁷ would be a false alarm if χ² were exact. It is too hopeful about small cells: of one with [`LEAST`] expected
/// counts the Poisson tail beyond the same 6.5 standard deviations is 9 × 10⁻¹⁰, which makes it one run in 5 × 10⁶; we
/// allow one in a million. What is found all the same: a share that is wrong by 2 % of all answers is more than 12 standard deviations
/// off.
const LEVEL: f64 = 1e-10;

/// Expected counts of a cell at the least; rarer answers are counted together.
const LEAST: f64 = 200.0;

/// A tree, who asks, and all that may be answered.
struct Case {
    tree: Tree,
    failing: BTreeSet<HealthCheckId>,
    prefix: Prefix,
    possible: Vec<Possible>,
}

impl Case {
    /// Every fifth as it comes; the others so that there is something to draw, if a few tries find it.
    fn find(n: usize, tables: &Tables) -> Self {
        let mut random = Random::new(0x4c75_7473_0000 + n as u64);
        let mut tries = if n.is_multiple_of(5) { 1 } else { 20 };
        loop {
            let tree = Tree::grow(&format!("t{n}"), random.bits());
            let failing = tree.failing(&mut random);
            let prefix = client(&mut random);
            let is_healthy = |id: &HealthCheckId| !failing.contains(id);
            let (apex, record_sets, asker) = (tree.apex(), &tree.record_sets[..], tables.asker(prefix));
            let reference = Reference { apex, record_sets, is_healthy: &is_healthy, asker };
            let possible = distinct(reference.possible(&tree.start, RecordType::A));
            tries -= 1;
            if possible.len() > 3 || tries == 0 {
                return Self { tree, failing, prefix, possible };
            }
        }
    }

    fn query(&self) -> Query {
        let mut query = Query::new(&self.tree.start.to_string(), "A").unwrap();
        query.edns = Some(Opt { options: subnet(&self.prefix.to_string()).unwrap(), ..Opt::default() });
        query
    }

    /// What the product says of the question.
    fn told(&self, view: &View) -> Possibilities {
        let (name, record_type) = (self.tree.start.clone(), RecordType::A);
        let asked = Question { name, record_type, address: [127, 0, 0, 1].into(), subnet: Some(self.prefix) };
        answer::possible(view, &asked)
    }

    /// Asks and compares; what is wrong.
    fn check(&self, server: SocketAddr, told: &Possibilities) -> Result<ChiSquare, String> {
        compare(&self.possible, told)?;
        let mut counts = vec![0; self.possible.len()];
        let mut replies = Vec::new();
        for counted in many(server, &self.query(), TIMES)? {
            let reply = Reply::read(&counted.sample)?;
            let which = self.possible.iter().position(|possible| possible.is(&reply));
            counts[which.ok_or_else(|| format!("{} times came\n{reply}", counted.times))?] += counted.times;
            replies.push((counted.times, reply));
        }
        let cells: Vec<(u64, f64)> =
            counts.iter().zip(&self.possible).map(|(count, possible)| (*count, possible.chance.as_f64())).collect();
        for cells in told_cells(told, &replies)? {
            judge(&cells).map_err(|fault| format!("not as explained: {fault}"))?;
        }
        judge(&cells)
    }
}

/// What is counted against an explanation: first its answers; then, of more multivalue records than an answer holds, each
/// record by itself.
fn told_cells(told: &Possibilities, replies: &[(u64, Reply)]) -> Result<Vec<Vec<(u64, f64)>>, String> {
    let is = |answer: &answer::Possible, reply: &Reply| Said::by(reply).is(answer);
    for (times, reply) in replies {
        if told.answers.iter().filter(|answer| is(answer, reply)).count() != 1 {
            return Err(format!("{times} times came, but is not explained once\n{reply}"));
        }
    }
    let count = |answer: &answer::Possible, value: Option<&str>| -> u64 {
        let holding = replies.iter().filter(|(_, reply)| is(answer, reply));
        holding.filter(|(_, reply)| value.is_none_or(|value| reply.values().any(|v| v == value))).map(|(n, _)| n).sum()
    };
    let mut all = vec![told.answers.iter().map(|answer| (count(answer, None), answer.odds)).collect::<Vec<_>>()];
    for answer in &told.answers {
        let times = count(answer, None);
        let lengths: BTreeSet<usize> =
            replies.iter().filter(|(_, reply)| is(answer, reply)).map(|(_, reply)| reply.values().count()).collect();
        // Record sets of several values are not told one by one.
        let Some(some) = answer.some.filter(|_| lengths.len() == 1) else { continue };
        for value in &answer.values {
            #[allow(clippy::cast_precision_loss, reason = "at most 128 record sets")]
            let chance = some as f64 / answer.values.len() as f64;
            let with = count(answer, Some(value));
            all.push(vec![(with, chance), (times - with, 1.0 - chance)]);
        }
    }
    Ok(all)
}

fn judge(cells: &[(u64, f64)]) -> Result<ChiSquare, String> {
    let found = ChiSquare::of(cells, LEAST);
    let p = found.p_value();
    if p >= LEVEL {
        Ok(found)
    } else {
        Err(format!("{found:?} would be so far off by chance with p = {p:.1e}: {cells:?}"))
    }
}

/// Ways that come to the same reply, together.
fn distinct(all: Vec<Possible>) -> Vec<Possible> {
    let mut distinct: Vec<Possible> = Vec::new();
    for possible in all.into_iter().filter(|possible| possible.chance != Chance::NEVER) {
        match distinct.iter_mut().find(|other| other.is_same(&possible)) {
            Some(other) => other.chance = other.chance + possible.chance,
            None => distinct.push(possible),
        }
    }
    distinct
}

fn view(cases: &[Case], tables: &Tables) -> View {
    let mut edit = Snapshot::empty().edit();
    cases.iter().for_each(|case| case.tree.plant(&mut edit));
    tables.view(&edit.finish(1), &|id| !cases.iter().any(|case| case.failing.contains(id)))
}

#[test]
fn a_hundred_thousand_answers_are_spread_as_their_chances_say() {
    // Every row there is, and the collection.
    let tables = Tables::of(u32::MAX >> 1);
    let cases: Vec<Case> = (0..TREES).map(|n| Case::find(n, &tables)).collect();
    let several = cases.iter().filter(|case| case.possible.len() > 1).count();
    assert!(several >= TREES / 2, "only {several} trees have something to draw");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let view = Arc::new(view(&cases, &tables));
    let (_publish, current) = watch::channel(Arc::clone(&view));
    let config = Config {
        dns: vec!["127.0.0.1:0".parse().unwrap()],
        workers: Some(2),
        tcp: TcpLimits::default(),
        query_log: None,
        identity: answer::Identity::default(),
    };
    let serving = {
        let _inside = runtime.enter();
        serve::start(&config, &current).unwrap()
    };
    let server = serving.addresses()[0];
    let (next, began) = (AtomicUsize::new(0), Instant::now());
    let faults: Vec<String> = std::thread::scope(|scope| {
        let ask = || {
            let mut faults = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(n) else { return faults };
                match case.check(server, &case.told(&view)) {
                    Ok(found) => println!("tree {n}: {} answers, p = {:.3}", case.possible.len(), found.p_value()),
                    Err(fault) => faults.push(format!("tree {n}, {}: {fault}", case.prefix)),
                }
            }
        };
        let askers: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect()
    });
    println!("{} answers in {:.1?}; {several} trees draw", TREES * TIMES, began.elapsed());
    runtime.block_on(serving.stop());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
