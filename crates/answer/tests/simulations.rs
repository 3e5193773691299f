//! What simulations tell: shares that add up, flows that turn the one side into the other, and the same as asking often.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;

use std::collections::BTreeMap;
use std::sync::Arc;

use answer::{Cohort, Health, Places, Population, Question, Shift, View, Whom, read_places, sample, simulate};
use asking::{alias, name, simple, view};
use model::id::{HealthCheckId, Region, SetIdentifier};
use model::place::Location;
use model::{RecordSet, RecordType, Routing, Stickiness};
use proptest::prelude::*;

const COUNTRIES: [&str; 6] = ["DE", "FR", "US", "BR", "JP", "IN"];

fn places() -> Places {
    let mut rows = "prefix,country,latitude,longitude\n".to_owned();
    let points = ["50,9", "47,2", "39,-95", "-15,-50", "36,138", "22,79"];
    for (i, (country, point)) in COUNTRIES.iter().zip(points).enumerate() {
        rows.push_str(&format!("{}.0.0.0/8,{country},{point}\n{}.64.0.0/10,{country},{point}\n", 20 + i, 60 + i));
    }
    Places::compile(read_places(&rows).unwrap(), Vec::new(), &[]).unwrap()
}

fn id(text: &str) -> SetIdentifier {
    SetIdentifier::parse(text).unwrap()
}

fn set(owner: &str, routing: Routing, value: &str, check: Option<&str>) -> RecordSet {
    let health_check = check.map(|check| HealthCheckId::parse(check).unwrap());
    RecordSet { routing, health_check, ..simple(owner, RecordType::A, &[value]) }
}

fn weighted(owner: &str, n: usize, weight: u8, value: &str) -> RecordSet {
    let routing = Routing::Weighted { set_identifier: id(&format!("w{n}")), weight };
    set(owner, routing, value, Some(&format!("check-{n}")))
}

fn latency(owner: &str, region: &str, target: &str) -> RecordSet {
    let routing = Routing::Latency { set_identifier: id(region), region: Region::parse(region).unwrap() };
    alias(owner, RecordType::A, routing, target)
}

fn geolocation(owner: &str, country: Option<&str>, value: &str) -> RecordSet {
    let location = country.map_or(Location::Default, |code| Location::Country(code.parse().unwrap()));
    set(owner, Routing::Geolocation { set_identifier: id(value), location }, value, None)
}

/// `www` goes by latency to two pools of three by weight; `geo` to three countries and nobody else.
fn zone(weights: &[u8; 6], down: &[bool; 6]) -> View {
    let mut sets = vec![
        latency("www.ex.test", "eu-central-1", "eu.ex.test"),
        latency("www.ex.test", "us-east-1", "us.ex.test"),
        simple("alias.ex.test", RecordType::CNAME, &["www.ex.test."]),
    ];
    for (n, weight) in weights.iter().enumerate() {
        let owner = if n < 3 { "eu.ex.test" } else { "us.ex.test" };
        sets.push(weighted(owner, n, *weight, &format!("10.0.0.{n}")));
    }
    for country in &COUNTRIES[..3] {
        sets.push(geolocation("geo.ex.test", Some(country), &format!("10.1.0.{}", country.as_bytes()[0])));
    }
    let view = view(&[("Z1", "ex.test", &sets)]);
    let is_up = |check: &HealthCheckId| {
        let n: usize = check.as_str().strip_prefix("check-").unwrap().parse().unwrap();
        !down[n]
    };
    let health = Health::compile(&view.snapshot, is_up);
    View { health: Arc::new(health), places: Arc::new(places()), ..view }
}

fn cohort(client: &str, weight: f64) -> Cohort {
    Cohort { client: client.parse().unwrap(), weight, country: None, asked: None }
}

/// Clients of the six countries and of nowhere.
fn clients() -> Vec<Cohort> {
    let of = |i: usize| {
        [
            cohort(&format!("{}.1.2.3/32", 20 + i), 1.0 + i as f64),
            cohort(&format!("{}.9.0.0/16", 20 + i), 0.5),
            cohort(&format!("{}.65.0.0/24", 60 + i), 2.0),
        ]
    };
    (0..6).flat_map(of).chain([cohort("192.0.2.0/24", 1.5)]).collect()
}

fn shift(before: &View, after: &View, owner: &str, clients: &[Cohort]) -> Shift {
    let question = (&name(owner), RecordType::A);
    simulate((before, after), question, clients.iter(), 5, &[], || true).unwrap().unwrap()
}

fn answered(shift: &Shift) -> Vec<String> {
    let share = |share: &answer::Share| {
        let what = share.possible.as_ref().unwrap().what();
        format!("{} {what} {:.4}>{:.4}", share.labels.join(" "), share.before, share.after)
    };
    shift.answers.iter().map(share).collect()
}

#[track_caller]
fn adds_up(shift: &Shift) {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    let sum = |side: fn(&answer::Share) -> f64| shift.answers.iter().map(side).sum::<f64>();
    assert!(near(sum(|share| share.before), 1.0) && near(sum(|share| share.after), 1.0), "{shift:?}");
    for (place, share) in shift.answers.iter().enumerate() {
        let flow = |is_it: &dyn Fn(&answer::Flow) -> bool| -> f64 {
            shift.flows.iter().filter(|flow| is_it(flow)).map(|flow| flow.share).sum()
        };
        let (out, into) = (flow(&|flow| flow.from == place), flow(&|flow| flow.to == place));
        assert!(out <= share.before + 1e-6 && into <= share.after + 1e-6, "{share:?}");
        assert!(near(share.before - out + into, share.after), "{share:?}: {out} out, {into} in");
    }
    assert!(near(shift.countries.iter().map(|part| part.share).sum(), 1.0));
    assert!(near(shift.countries.iter().map(|part| part.share * part.moved).sum(), shift.moved));
    for part in shift.countries.iter().chain(&shift.clients) {
        for side in [&part.before, &part.after] {
            assert!(near(side.iter().map(|(_, share)| share).sum(), 1.0), "{part:?}");
        }
    }
    for (place, share) in shift.answers.iter().enumerate() {
        let of =
            |part: &answer::Part| part.share * part.after.iter().find(|(p, _)| *p == place).map_or(0.0, |(_, s)| *s);
        assert!(near(shift.countries.iter().map(of).sum(), share.after), "{share:?}");
    }
}

#[test]
fn a_pool_that_goes_down_sends_its_clients_to_the_other() {
    let weights = [90, 10, 0, 50, 50, 0];
    let (before, after) = (zone(&weights, &[false; 6]), zone(&weights, &[true, true, true, false, false, false]));
    let clients = [cohort("20.1.2.3/32", 3.0), cohort("22.1.2.3/32", 1.0)];
    let shift = shift(&before, &after, "www.ex.test", &clients);
    adds_up(&shift);
    assert_eq!(
        answered(&shift),
        [
            "eu-central-1/w0 10.0.0.0 0.6750>0.0000",
            "us-east-1/w3 10.0.0.3 0.1250>0.5000",
            "us-east-1/w4 10.0.0.4 0.1250>0.5000",
            "eu-central-1/w1 10.0.0.1 0.0750>0.0000",
        ]
    );
    assert!((shift.moved - 0.75).abs() < 1e-9);
    let moved: Vec<(Whom, f64)> = shift.countries.iter().map(|part| (part.of, part.moved)).collect();
    let country = |code: &str| Whom::Country(code.parse().unwrap());
    assert_eq!(moved, [(country("DE"), 1.0), (country("US"), 0.0)]);
    let (near, far) = (shift.before.milliseconds.unwrap(), shift.after.milliseconds.unwrap());
    assert!(near < 20.0 && far > 40.0, "{near} {far}");
    // With the other down too, the near one answers again, since nobody is healthy.
    let dark = zone(&weights, &[true; 6]);
    let open = self::shift(&before, &dark, "www.ex.test", &clients);
    assert!(open.flows.is_empty() && open.is_change(), "{open:?}");
    assert_eq!((open.before.fails_open, open.after.fails_open), (0.0, 1.0));
}

#[test]
fn whom_nothing_is_for_is_counted() {
    let view = zone(&[1; 6], &[false; 6]);
    let shift = shift(&view, &view, "geo.ex.test", &clients());
    adds_up(&shift);
    assert!(!shift.is_change());
    let nothing: f64 = shift
        .answers
        .iter()
        .filter(|share| share.possible.as_ref().unwrap().ending.is_nothing())
        .map(|share| share.after)
        .sum();
    assert!((shift.after.nothing - nothing).abs() < 1e-9 && nothing > 0.5, "{nothing}");
    let unknown = shift.countries.iter().find(|part| part.of == Whom::Unknown).unwrap();
    assert_eq!(unknown.after.len(), 1);
}

#[test]
fn few_questions_do_for_many_clients() {
    let view = zone(&[3, 2, 1, 1, 2, 3], &[false; 6]);
    let many: Vec<Cohort> = (0..5_000u32).map(|n| cohort(&format!("20.{}.{}.0/24", n / 256, n % 256), 1.0)).collect();
    let mut asked = 0;
    let count = || {
        asked += 1;
        true
    };
    let question = (&name("www.ex.test"), RecordType::A);
    let all = simulate((&view, &view), question, many.iter(), 0, &[], count).unwrap().unwrap();
    assert_eq!(asked, 3, "one place: one question for each view, and all move alike");
    let one = shift(&view, &view, "www.ex.test", &many[..1]);
    assert_eq!(answered(&all), answered(&one));
    assert_eq!(simulate((&view, &view), question, many.iter(), 0, &[], || false), Err(answer::Stopped));
    assert_eq!(simulate((&view, &view), question, [].iter(), 0, &[], || true), Ok(None));
}

#[test]
fn shares_are_those_of_asking_often() {
    const DRAWS: u64 = 300;
    let before = zone(&[90, 10, 0, 50, 50, 0], &[false, true, false, false, false, false]);
    let after = zone(&[60, 40, 5, 0, 0, 255], &[false; 6]);
    for owner in ["www.ex.test", "alias.ex.test", "geo.ex.test"] {
        let clients = clients();
        let shift = shift(&before, &after, owner, &clients);
        adds_up(&shift);
        let total: f64 = clients.iter().map(|cohort| cohort.weight).sum();
        let mut variance = 0.0;
        let mut drawn = [BTreeMap::<String, f64>::new(), BTreeMap::new()];
        for (n, cohort) in (0u64..).zip(&clients) {
            let share = cohort.weight / total;
            variance += share * share / (4.0 * DRAWS as f64);
            let (address, whole) = (cohort.client.address(), cohort.client.length() == 32);
            let subnet = (!whole).then_some(cohort.client);
            let asked = Question { name: name(owner), record_type: RecordType::A, address, subnet };
            for (side, view) in drawn.iter_mut().zip([&before, &after]) {
                for draw in 0..DRAWS {
                    let got = sample(view, &asked, (n << 32 | draw).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                    *side.entry(got.what()).or_default() += share / DRAWS as f64;
                }
            }
        }
        // Five times the standard deviation: one run in a million would fail by chance, and the draws are fixed.
        let tolerance = 5.0 * variance.sqrt();
        for share in &shift.answers {
            let what = share.possible.as_ref().unwrap().what();
            for (side, told) in drawn.iter().zip([share.before, share.after]) {
                let seen = side.get(&what).copied().unwrap_or(0.0);
                assert!((seen - told).abs() < tolerance, "{owner} {what}: {seen} drawn, {told} told, {tolerance}");
            }
        }
        let kinds = drawn[0].keys().chain(drawn[1].keys()).collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(kinds, shift.answers.len(), "{owner}");
    }
}

#[test]
fn a_tree_of_ten_thousand_answers_is_told_in_five_hundred() {
    let mut leaves = Vec::new();
    for n in 0..100 {
        for k in 0..100 {
            leaves.push(weighted(&format!("pool-{n}.ex.test"), k, 100, &format!("10.1.{n}.{k}")));
        }
    }
    let tree = |weight: &dyn Fn(usize) -> u8| {
        let branch = |n: usize| {
            let routing = Routing::Weighted { set_identifier: id(&format!("p{n}")), weight: weight(n) };
            alias("www.ex.test", RecordType::A, routing, &format!("pool-{n}.ex.test"))
        };
        let sets: Vec<RecordSet> = leaves.iter().cloned().chain((0..100).map(branch)).collect();
        View { places: Arc::new(places()), ..view(&[("Z1", "ex.test", &sets)]) }
    };
    // Half the pools give a third of what they have to the other half. An explanation tells ten of the hundred.
    let (before, after) = (tree(&|_| 30), tree(&|n| if n % 2 == 0 { 20 } else { 40 }));
    let clients = [cohort("20.1.2.3/32", 3.0), cohort("22.1.2.3/32", 1.0)];
    let shift = shift(&before, &after, "www.ex.test", &clients);
    assert!((shift.moved - 1.0 / 60.0).abs() < 1e-6, "also among the others: {}", shift.moved);
    let sum = |side: fn(&answer::Share) -> f64| shift.answers.iter().map(side).sum::<f64>();
    assert!((sum(|share| share.before) - 1.0).abs() < 1e-6 && (sum(|share| share.after) - 1.0).abs() < 1e-6);
    let others: Vec<&answer::Share> = shift.answers.iter().filter(|share| share.possible.is_none()).collect();
    assert!(others.len() == 1 && others[0].before > 0.9, "{others:?}");
    assert!(shift.answers.len() == 500 && shift.flows.len() <= 1_000, "{} flows", shift.flows.len());
    for part in shift.countries.iter().chain(&shift.clients) {
        assert!(part.before.len() == 100 && part.after.len() == 100 && part.before[0].1 > 0.9);
        assert!((part.moved - 1.0 / 60.0).abs() < 1e-6);
    }
    // Whoever has no time is not kept by counting either.
    let (mut left, question) = (2, (&name("www.ex.test"), RecordType::A));
    let two = || {
        left -= 1;
        left >= 0
    };
    assert_eq!(simulate((&before, &after), question, clients.iter().take(1), 0, &[], two), Err(answer::Stopped));
}

#[test]
fn a_world_is_asked_country_by_country() {
    let before = zone(&[1, 0, 0, 1, 0, 0], &[false; 6]);
    let after = zone(&[0, 1, 0, 1, 0, 0], &[false; 6]);
    let world = Population::world(&before.places);
    assert_eq!(world.cohorts.len(), 6);
    let shift = shift(&before, &after, "www.ex.test", &world.cohorts);
    adds_up(&shift);
    let moved: Vec<String> =
        shift.countries.iter().filter(|part| part.moved > 0.5).map(|part| format!("{:?}", part.of)).collect();
    assert!(moved.len() == 4 && !moved.iter().any(|of| of.contains("85, 83")), "Europe, India and Japan: {moved:?}");
}

#[test]
fn stickiness_binds_a_client_but_spreads_a_country_by_weights() {
    let plain = zone(&[75, 25, 0, 1, 0, 0], &[false; 6]);
    let mut edit = plain.snapshot.edit();
    let zone_id = asking::id("Z1");
    edit.put_stickiness(&zone_id, &name("eu.ex.test"), Some(Stickiness::DEFAULT));
    let sets = [75, 25, 0].iter().enumerate();
    let sets = sets.map(|(n, weight)| weighted("eu.ex.test", n, *weight, &format!("10.0.0.{n}"))).collect();
    edit.put_names(&zone_id, vec![(name("eu.ex.test"), sets)]).unwrap();
    let sticky = View { snapshot: Arc::new(edit.finish(2)), ..plain.clone() };
    let of = |country: Option<&str>| Cohort {
        country: country.map(|code| code.parse().unwrap()),
        ..cohort("20.1.2.3/32", 1.0)
    };
    let country = shift(&plain, &sticky, "www.ex.test", &[of(Some("DE"))]);
    assert!(!country.is_change() && country.answers.len() == 2, "{country:?}");
    let client = shift(&plain, &sticky, "www.ex.test", &[of(None)]);
    adds_up(&client);
    assert_eq!(client.answers.iter().filter(|share| share.after > 0.0).count(), 1, "{client:?}");
    // Together they are not taken for each other.
    let both = shift(&plain, &sticky, "www.ex.test", &[of(Some("DE")), of(None)]);
    assert!((both.moved - client.moved / 2.0).abs() < 1e-9 && client.moved > 0.2, "{both:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_change_adds_up(
        (before, down) in (any::<[u8; 6]>(), any::<[bool; 6]>()), (after, dead) in (any::<[u8; 6]>(), any::<[bool; 6]>()),
    ) {
        let (before, after) = (zone(&before, &down), zone(&after, &dead));
        for owner in ["www.ex.test", "geo.ex.test", "none.ex.test"] {
            let shift = shift(&before, &after, owner, &clients());
            adds_up(&shift);
            let same = self::shift(&after, &after, owner, &clients());
            adds_up(&same);
            prop_assert!(same.flows.is_empty() && !same.is_change());
        }
    }
}
