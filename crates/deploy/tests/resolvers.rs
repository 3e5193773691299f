//! Releases as the world sees them: the real engine on its virtual clock writes record sets, the real answers of them go
//! to resolvers of very unequal size, some of which keep answers too long or tell networks of their clients, and some
//! clients never ask again. The forecast must hold what is seen as often as it says.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a test may panic, and counts small numbers"
)]

mod world;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use answer::{Client, Health, Outcome, Snapshot, Transport, View, answer, question, read_reply};
use model::deployment::{Affinity, OpKind, OpState, Phase, Resolvers, Share};
use model::hosted_zone::Visibility;
use model::id::HostedZoneId;
use model::{Body, Name, RecordSet, RecordType};
use world::{START_MS, World, order};

const RELEASES: u32 = 1_000;
const RESOLVERS: u32 = 150;
/// Steps that are looked at; at the last one everybody comes in time.
const STEPS: usize = 2;
/// Of the largest resolvers, how many tell their clients' networks, and how many networks each has.
const TELLING: (usize, usize) = (3, 20);
/// What those keep answers for at least that keep them too long.
const KEPT_MS: f64 = 300_000.0;
const EXTENDING: f64 = 0.087;
const PINNED: f64 = 0.02;
/// Queries of all clients in a millisecond.
const QUERIES: f64 = 0.05;

struct Draw(u64);

impl Draw {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// A release that the engine played: who answered when, and when steps had settled.
struct Played {
    views: Vec<(f64, View)>,
    settled_ms: Vec<f64>,
    world: World,
}

const SPEC: &str = r#"{"to": "green", "stage_ttl": "40s", "strategy": {"canary": {"steps": [
    {"weight": "5%"}, {"hold": "1m"}, {"weight": "40%"}, {"hold": "1m"}, {"weight": "100%"}]}}}"#;

fn view(record_sets: &[RecordSet], is_sticky: bool) -> View {
    let zone = HostedZoneId::parse("Z1").unwrap();
    let name = Name::parse("shop.example.com.").unwrap();
    let mut edit = Snapshot::empty().edit();
    if is_sticky {
        edit.set_stickiness(&zone, [(name, model::Stickiness::DEFAULT)].into());
    }
    let apex = Name::parse("example.com").unwrap();
    edit.put_zone(&zone, &apex, 1, &Visibility::PUBLIC, 0, record_sets.to_vec()).unwrap();
    let snapshot = edit.finish(1);
    let health = Health::compile(&snapshot, |_| true);
    View { snapshot: snapshot.into(), health: health.into(), places: Arc::default() }
}

/// Blue answers with .1, green with .2, both types.
fn shop(is_sticky: bool) -> World {
    let mut world = World::new();
    world.set_ttl(120);
    for (_, set) in &mut world.record_sets {
        let last = if set.set_identifier().is_some_and(|id| id.as_str() == "green") { 2 } else { 1 };
        let value =
            if set.record_type == RecordType::A { format!("203.0.113.{last}") } else { format!("2001:db8::{last}") };
        if let Body::Records { values, .. } = &mut set.body {
            *values = vec![value];
        }
    }
    let binding = world.service.traffic[0].records_mut();
    binding.affinity = is_sticky.then_some(Affinity::Resolver);
    world
}

fn played(is_sticky: bool) -> Played {
    let mut world = shop(is_sticky);
    let found: Vec<RecordSet> = world.record_sets.iter().map(|(_, set)| set.clone()).collect();
    let mut views = vec![(0.0, view(&found, false))];
    world.start(SPEC);
    world.pass(3_600_000);
    assert_eq!(world.phase(), Phase::Succeeded, "{}", world.transcript());
    let states = world.states.iter();
    views.extend(states.map(|(at_ms, sets, sticky)| ((*at_ms - START_MS) as f64, view(sets, !sticky.is_empty()))));
    let shifts = world.deployment().record.journal.iter().filter(|op| matches!(op.kind, OpKind::Shift { .. }));
    let done = shifts.map(|op| op.entries.iter().find(|entry| entry.state == OpState::Done).unwrap().at_ms);
    let settled_ms = done.map(|at_ms| (at_ms - START_MS) as f64).collect();
    Played { views, settled_ms, world }
}

/// What a question is answered with: the last number of the address, the TTL in ms, and the scope of the client's network.
fn ask(view: &View, from: u32, subnet: Option<u32>, record_type: RecordType, draw: u64) -> (u8, f64, u8) {
    let name = Name::parse("shop.example.com.").unwrap();
    let subnet = subnet.map(|net| (IpAddr::from(Ipv4Addr::from(net)), 24));
    let query = question(&name, record_type, subnet);
    let mut reply = [0; 512];
    let client = Client::new(Ipv4Addr::from(from).into(), Transport::Udp, draw);
    let Outcome::Answered(length) = answer(view, &query, &client, &mut reply) else { panic!("no answer") };
    let read = read_reply(&reply[..length]).unwrap();
    // RFC 7871 §6: the option ends the message, and its three bytes of address.
    let scope = if subnet.is_some() { reply[length - 4] } else { 0 };
    (*read.answer[0].rdata.last().unwrap(), f64::from(read.answer[0].ttl) * 1_000.0, scope)
}

/// The resolvers: the part of the traffic that comes by each, and by how many networks that it tells.
fn resolvers() -> Vec<(f64, usize)> {
    let raw: Vec<f64> = (1..=RESOLVERS).map(|n| f64::from(n).powf(-1.2)).collect();
    let sum: f64 = raw.iter().sum();
    let networks = |at: usize| if at < TELLING.0 { TELLING.1 } else { 0 };
    raw.iter().enumerate().map(|(at, weight)| (weight / sum, networks(at))).collect()
}

/// The share of the traffic on green when each step has settled, in one world.
fn observed(played: &Played, resolvers: &[(f64, usize)], draw: &mut Draw) -> Vec<f64> {
    let mut shares = vec![0.0; STEPS];
    for (part, networks) in resolvers {
        let address = (draw.bits() >> 32) as u32 | 1;
        // A resolver keeps an answer for everybody, or for the network that it told, as the reply's scope says.
        let mut nets: Vec<Option<u32>> = (0..*networks).map(|_| Some((draw.bits() >> 32) as u32)).collect();
        if nets.is_empty() || ask(&played.views[2].1, address, nets[0], RecordType::A, 1).2 == 0 {
            nets = vec![None];
        }
        let part = part / nets.len() as f64;
        for net in nets {
            // Networks are served by sites of their own, each with its own ways.
            let extends = draw.unit() < EXTENDING;
            let life = |ttl_ms: f64| if extends { ttl_ms.max(KEPT_MS) } else { ttl_ms };
            // In the middle of an answer's life when all begins.
            let mut at_ms = -draw.unit() * life(120_000.0);
            let (mut holds, mut until_ms) = (1, at_ms);
            for (number, settled_ms) in played.settled_ms.iter().enumerate().take(STEPS) {
                while until_ms <= *settled_ms {
                    // The next client that asks after the end of the answer's life.
                    let wait = -(1.0 - draw.unit()).ln() / (QUERIES * part);
                    // Whoever comes at the moment that is looked at asks then at the latest.
                    at_ms = (until_ms + wait).min(*settled_ms);
                    let view = &played.views.iter().rev().find(|(since, _)| *since <= at_ms.max(0.0)).unwrap().1;
                    let (answered, ttl_ms, _) = ask(view, address, net, RecordType::A, draw.bits());
                    holds = answered;
                    until_ms = at_ms + life(ttl_ms).max(1.0);
                }
                if holds == 2 {
                    shares[number] += part * (1.0 - PINNED);
                }
            }
        }
    }
    shares
}

/// How often what is seen lies in, below and above the forecast, for each step that is not the last.
fn covered(is_sticky: bool) -> Vec<(f64, f64, f64)> {
    let (played, resolvers) = (played(is_sticky), resolvers());
    let asked = Resolvers {
        // Networks that are told apart are resolvers of their own where the answer depends on them.
        weights: resolvers
            .iter()
            .flat_map(|(part, networks)| {
                let apart = if is_sticky { (*networks).max(1) } else { 1 };
                vec![part / apart as f64; apart]
            })
            .collect(),
        pinned: Share::from_ppm(20_000),
        ..Resolvers::default()
    };
    let deployment = played.world.deployment();
    let forecast = deploy::forecast(&deployment.plan, &deployment.spec, &asked);
    let mut counts = vec![(0.0, 0.0, 0.0); STEPS];
    let mut draw = Draw(42);
    for _ in 0..RELEASES {
        let shares = observed(&played, &resolvers, &mut draw);
        for ((inside, below, above), (share, step)) in counts.iter_mut().zip(shares.iter().zip(&forecast.steps)) {
            let one = 1.0 / f64::from(RELEASES);
            if *share < step.low {
                *below += one;
            } else if *share > step.high {
                *above += one;
            } else {
                *inside += one;
            }
        }
    }
    println!("{counts:.3?} of {:.3?}", forecast.steps);
    counts
}

fn check(counts: &[(f64, f64, f64)]) {
    for (inside, below, above) in counts {
        assert!((0.93..=0.97).contains(inside) && *below <= 0.04 && *above <= 0.04, "{counts:?}");
    }
}

#[test]
fn the_forecast_holds_95_of_100_releases() {
    check(&covered(false));
}

#[test]
fn the_forecast_holds_95_of_100_sticky_releases_of_clients_told_apart() {
    check(&covered(true));
}

#[test]
fn raising_the_share_moves_clients_forward_only_and_types_agree() {
    let clients: Vec<u32> = (0..1_500u32).map(|n| n << 12 | 0x0a00_0001).collect();
    let on_green = |view: &View, record_type| -> HashSet<u32> {
        let asks = |client: &&u32| ask(view, **client, Some(**client), record_type, u64::from(**client)).0 == 2;
        clients.iter().filter(asks).copied().collect()
    };
    let mut world = shop(true);
    world.start(SPEC);
    world.pass(330_000);
    world.command(|d, now| deploy::abort(d, &order("bob", "back"), now));
    world.pass(1_000_000);
    assert_eq!(world.phase(), Phase::RolledBack, "{}", world.transcript());
    let mut seen: Vec<HashSet<u32>> = Vec::new();
    for (_, sets, sticky) in &world.states {
        let view = view(sets, !sticky.is_empty());
        let now = on_green(&view, RecordType::A);
        assert_eq!(now, on_green(&view, RecordType::AAAA), "no client has one version for A and another for AAAA");
        seen.push(now);
    }
    let sizes: Vec<usize> = seen.iter().map(HashSet::len).collect();
    assert!(seen.len() == 4 && sizes[0] == 0 && sizes[1] > 30 && sizes[2] > 500 && sizes[3] == 0, "{sizes:?}");
    assert!(seen[1].is_subset(&seen[2]), "I-MONO: who has the new version keeps it");
    // The same clients again in another release: who is early is always early.
    let again = played(true);
    assert_eq!(on_green(&again.views[2].1, RecordType::A), seen[1]);
}
