//! `answer` against the slow answer on trees of all policies: each reply is one that the documents allow, with a scope
//! that says how much of the client's address it depended on, and explanations tell every answer with its exact chance. What the trees have in them is counted, so that they
//! cannot become dull.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use answer::{Client, Question, Snapshot, Transport, View, answer};
use model::RecordType;
use model::id::HealthCheckId;
use model::prefix::Prefix;
use proptest::prelude::*;
use world::chance::Chance;
use world::explained::compare;
use world::query::{Opt, Query, subnet};
use world::reference::{Possible, Reference};
use world::reply::Reply;
use world::tables::Tables;
use world::trees::{Random, Tree, client};

const POLICIES: [&str; 8] =
    ["simple", "weighted", "failover", "multivalue", "latency", "geolocation", "geoproximity", "IP-based"];
const RULES: [&str; 6] =
    ["failover rule", "weighted rule", "multivalue rule", "geolocation rule", "latency rule", "geoproximity rule"];

fn compile(tree: &Tree) -> Snapshot {
    let mut edit = Snapshot::empty().edit();
    tree.plant(&mut edit);
    edit.finish(1)
}

fn ask(view: &View, query: &Query, draw: u64) -> Reply {
    let mut out = vec![0; 65_535];
    let client = Client::new([127, 0, 0, 1].into(), Transport::Tcp, draw);
    let length = answer(view, &query.to_wire(7), &client, &mut out).len();
    Reply::read(&out[..length]).unwrap()
}

/// Asks a tree in several states of health as several clients; `tell` hears all that was possible each time.
fn check(seed: u64, mut tell: impl FnMut(&[Possible])) {
    let tree = Tree::grow("t", seed);
    let mut random = Random::new(!seed);
    let snapshot = compile(&tree);
    for _ in 0..3 {
        let tables = Tables::of(u32::try_from(random.bits() >> 32).unwrap());
        let failing = tree.failing(&mut random);
        let is_healthy = |id: &HealthCheckId| !failing.contains(id);
        let view = tables.view(&snapshot, &is_healthy);
        for _ in 0..3 {
            let prefix = client(&mut random);
            let possible_to = |prefix: Prefix| {
                let (apex, record_sets, is_healthy) = (tree.apex(), &tree.record_sets[..], &is_healthy);
                Reference { apex, record_sets, is_healthy, asker: tables.asker(prefix) }
                    .possible(&tree.start, RecordType::A)
            };
            let possible = possible_to(prefix);
            let sum: Chance = possible.iter().map(|possible| possible.chance).sum();
            assert_eq!(sum, Chance::ALWAYS, "seed {seed}");
            let asked = Question {
                name: tree.start.clone(),
                record_type: RecordType::A,
                address: [127, 0, 0, 1].into(),
                subnet: Some(prefix),
            };
            let told = answer::possible(&view, &asked);
            // Any address in the scope has the same candidates, each as likely. A scope that is longer than what the client
            // told of itself is for nobody else.
            let is_shared = told.scope <= prefix.length();
            let same = if is_shared { inside(prefix, told.scope, &mut random) } else { prefix };
            for (who, possible) in [(prefix, &possible), (same, &possible_to(same))] {
                if let Err(fault) = compare(possible, &told) {
                    let scope = told.scope;
                    panic!(
                        "seed {seed}, {prefix}/{scope}, {who}: {fault}\nbut\n{possible:#?}\nin\n{:#?}",
                        tree.record_sets
                    );
                }
            }
            let mut query = Query::new(&tree.start.to_string(), "A").unwrap();
            query.edns = Some(Opt { options: subnet(&prefix.to_string()).unwrap(), ..Opt::default() });
            for _ in 0..2 {
                let reply = ask(&view, &query, random.bits());
                assert!(
                    possible.iter().any(|p| p.is(&reply) && p.chance != Chance::NEVER),
                    "seed {seed}, {prefix}:\n{reply}\nis none of\n{possible:#?}\nin\n{:#?}",
                    tree.record_sets
                );
                let scope = scope(&reply);
                if scope <= prefix.length() {
                    // Any address in the scope may be answered from a cache by this reply.
                    let other = inside(prefix, scope, &mut random);
                    assert!(
                        possible_to(other).iter().any(|p| p.is(&reply)),
                        "seed {seed}: {prefix} has scope {scope}, but {other} gets another answer than\n{reply}\nin\n{:#?}",
                        tree.record_sets
                    );
                }
            }
            tell(&possible);
        }
    }
}

/// The scope that came back with the Client Subnet.
fn scope(reply: &Reply) -> u8 {
    let subnet = reply.edns.as_ref().and_then(|edns| edns.subnet.as_ref()).expect("one was sent");
    subnet.rsplit('/').next().unwrap().parse().unwrap()
}

/// An address in the first `length` bits of a prefix.
fn inside(prefix: Prefix, length: u8, random: &mut Random) -> Prefix {
    let bits = u128::from(random.bits()) << 64 | u128::from(random.bits());
    Prefix::of(match prefix.address() {
        IpAddr::V4(address) => {
            let below = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            let bits = u32::try_from(bits >> 96).unwrap();
            IpAddr::V4((u32::from(address) & !below | bits & below).into())
        }
        IpAddr::V6(address) => {
            let below = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            IpAddr::V6((u128::from(address) & !below | bits & below).into())
        }
    })
}

/// How often the cases had what.
#[derive(Default)]
struct Counts {
    of: BTreeMap<&'static str, usize>,
    /// Which policy was met below which.
    pairs: BTreeSet<(&'static str, &'static str)>,
}

impl Counts {
    fn take(&mut self, possible: &[Possible]) {
        let ways = || possible.iter().filter(|way| way.chance != Chance::NEVER);
        let mut note = |what, is_there: bool| *self.of.entry(what).or_default() += usize::from(is_there);
        let answers: BTreeSet<_> = ways().map(|way| way.answer().len()).collect();
        let policies = |way: &Possible| way.steps.iter().map(|step| step.policy).collect::<BTreeSet<_>>().len();
        note("cases", true);
        note("two policies or more on one way", ways().any(|way| policies(way) >= 2));
        note("three policies or more on one way", ways().any(|way| policies(way) >= 3));
        note("four groups on one way", ways().any(|way| way.steps.len() >= 4));
        note("several answers", ways().count() > 1);
        note("no answer", answers.contains(&0));
        note("more than eight of a multivalue group", ways().count() >= 9 && answers.iter().any(|n| *n >= 8));
        let inner = |way: &Possible| way.steps.first().is_some_and(|s| !s.fails_open) && open(way, 1);
        note("fails open at an inner level only", ways().any(inner));
        note("fails open at two levels", ways().any(|way| way.steps.iter().filter(|s| s.fails_open).count() >= 2));
        note("backs out of the first group", ways().any(|way| way.steps.first().is_some_and(|s| s.backs_out)));
        note("backs out further down", ways().any(|way| way.steps.iter().skip(1).any(|s| s.backs_out)));
        note("through another zone", ways().any(|way| way.steps.iter().any(|s| s.abroad)));
        let there_and_back = |way: &Possible| way.steps.iter().skip_while(|s| !s.abroad).any(|s| !s.abroad);
        note("through another zone and back", ways().any(there_and_back));
        let left = |n: usize, how| ways().any(|way| way.steps.get(n).is_some_and(|s| s.evaluates == Some(how)));
        note("the first alias evaluates its target", left(0, true));
        note("the first alias does not evaluate its target", left(0, false));
        note("the second alias evaluates its target", left(1, true));
        note("the second alias does not evaluate its target", left(1, false));
        note("the third alias evaluates its target", left(2, true));
        note("the third alias does not evaluate its target", left(2, false));
        for way in ways() {
            self.pairs.extend(way.steps.windows(2).map(|pair| (pair[0].policy, pair[1].policy)));
        }
    }
}

fn open(way: &Possible, from: usize) -> bool {
    way.steps.iter().skip(from).any(|step| step.fails_open)
}

#[test]
fn trees_of_all_policies_answer_as_the_documents_say() {
    let mut counts = Counts::default();
    (0..300).for_each(|seed| check(seed, |possible| counts.take(possible)));
    println!("{:#?}", counts.of);
    let missing = |outer: &[&'static str], inner: &[&'static str]| {
        let all = outer.iter().flat_map(|o| inner.iter().map(move |i| (*o, *i)));
        all.filter(|pair| !counts.pairs.contains(pair)).collect::<Vec<_>>()
    };
    // A multivalue group has no aliases, and a multivalue rule no rules below it.
    let outer: Vec<_> = POLICIES.into_iter().filter(|policy| *policy != "multivalue").collect();
    let rules: Vec<_> = RULES.into_iter().filter(|rule| *rule != "multivalue rule").collect();
    let none: Vec<(&str, &str)> = Vec::new();
    assert_eq!(missing(&outer, &POLICIES), none, "policies that never met");
    assert_eq!(missing(&rules, &RULES), none, "rules that never met");
    for policy in outer {
        assert!(RULES.iter().any(|rule| counts.pairs.contains(&(policy, rule))), "no traffic policy below {policy}");
    }
    for rule in RULES {
        let above = POLICIES.iter().any(|policy| counts.pairs.contains(&(policy, rule)));
        assert!(above, "{rule} is nowhere the first of a traffic policy below another group");
    }
    let few: Vec<_> = counts.of.iter().filter(|(_, count)| **count * 100 < counts.of["cases"]).collect();
    assert!(few.is_empty(), "the trees have become dull: {few:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_do_trees_that_nobody_has_seen(seed in any::<u64>()) {
        check(seed, |_| {});
    }
}
